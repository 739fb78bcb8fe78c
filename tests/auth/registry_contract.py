"""What every registry does alike.

Subclass with a fixture `registry`, its clock at NOW, and a trail of at most MOST.
"""

from dataclasses import replace

import pytest

from seccstack.auth.audit import MAX_LETTERS, MAX_TEXTS, AuditEntry, AuditKind
from seccstack.auth.decision import CardRecord, ContractRecord, VehicleRecord
from seccstack.auth.fingerprint import MAX_PRINTS, Fingerprint
from seccstack.auth.port import (
    MAX_KEPT,
    MAX_KEPT_OCTETS,
    MAX_SIGHTINGS,
    MAX_TLS_VEHICLES,
    Enrolled,
    sighting_of,
)
from seccstack.auth.vehicle import Identity
from seccstack.errors import UsageError
from seccstack.experience.port import Family, Vehicle
from seccstack.experience.record import Experience

NOW = 1_760_000_000.0
MAC = bytes.fromhex("EC65CC4FC201")
OTHER = bytes.fromhex("DC442711BBAA")
I4 = VehicleRecord(mac=MAC, label="i4", added_at=NOW - 9, note="ours")
SHOWN = Fingerprint(run_id="all zeros")
CARD = CardRecord(uid="04A1B2C3D4E5F6", label="Ada", added_at=NOW - 9)
SETUP = CardRecord(uid="04FFFFFF", setup=True)
CONTRACT = ContractRecord(emaid="DE8AA1A2B3C4D5", label="fleet", added_at=NOW - 9)
MOST = 5
GRANTED = AuditEntry(
    at=NOW,
    kind=AuditKind.GRANTED,
    box="DE*ABC*E1",
    plug_in=7,
    by="autocharge",
    mac=MAC,
    uid=CARD.uid,
    emaid=CONTRACT.emaid,
    reasons=("it is registered", "it speaks as always"),
    evidence=("SLAC", "EVCCID"),
)
HOLDER = "AB" * 32


def seen(at):
    return Identity().learn("slac_mac", MAC, "CM_SLAC_PARM.REQ", at)


KNOWN = Experience(visits=1, at=NOW, first_slac=(0.4,))


class RegistryContract:
    def test_how_a_vehicle_behaves_is_recalled_as_it_was_kept_registered_or_not(self, registry):
        store, family = registry.experiences, Family(MAC[:3], "MAC+0000")
        store.keep(Vehicle(MAC), Experience())
        store.keep(Vehicle(MAC), KNOWN)
        store.keep(family, replace(KNOWN, at=NOW + 1))
        assert store.recall(Vehicle(MAC)) == KNOWN
        assert store.recall(Vehicle(OTHER)) is None
        assert [key for key, _ in store.all()] == [family, Vehicle(MAC)]

    def test_what_is_known_of_its_behaviour_is_forgotten_one_by_one_or_all(self, registry):
        store, others = registry.experiences, [Vehicle(bytes(5) + bytes([n])) for n in range(3)]
        for place, key in enumerate(others):
            store.keep(key, Experience(at=NOW + place))
        assert (store.forget(others[0]), store.forget(others[0])) == (1, 0)
        assert (store.forget(), store.all()) == (2, [])

    def test_of_more_vehicles_than_are_remembered_the_oldest_goes(self, registry, monkeypatch):
        store, others = registry.experiences, [Vehicle(bytes(5) + bytes([n])) for n in range(3)]
        monkeypatch.setattr(type(store), "most", 2)
        for place, key in enumerate(others):
            store.keep(key, Experience(at=NOW + place))
        assert [key for key, _ in store.all()] == [others[2], others[1]]

    def test_a_vehicle_that_was_added_is_found_as_it_was_added(self, registry):
        full = replace(I4, evccid=b"WMIV1234567890ABCDEX", enabled=False, expires=NOW + 1)
        full = replace(full, max_amps=10.5, first_seen=NOW - 8, proven_at=NOW - 7)
        full = replace(full, certificate=HOLDER)
        registry.add_vehicle(full)
        assert registry.vehicle(MAC) == full
        assert registry.vehicle(OTHER) is None

    def test_a_card_that_was_added_is_found_as_it_was_added(self, registry):
        full = replace(CARD, enabled=False, expires=NOW + 1, note="spare", setup=True)
        registry.add_card(full)
        assert registry.card(CARD.uid) == full
        assert registry.card("04A1B2C3") is None

    @pytest.mark.parametrize(
        ("expires", "expired"), [(NOW - 1, True), (NOW, True), (NOW + 1, False)]
    )
    def test_a_record_expires_at_its_second(self, registry, expires, expired):
        registry.put([replace(I4, expires=expires), replace(CARD, expires=expires)])
        assert registry.vehicle(MAC).expired is expired
        assert registry.card(CARD.uid).expired is expired
        assert [r.expired for r in (*registry.vehicles(), *registry.cards())] == [expired] * 2

    def test_vehicles_and_cards_are_listed_in_order(self, registry):
        low = CardRecord(uid="0011AABB")
        registry.put([I4, replace(I4, mac=OTHER), CARD, low])
        assert [record.mac for record in registry.vehicles()] == [OTHER, MAC]
        assert list(registry.cards()) == [low, CARD]

    def test_a_second_vehicle_of_the_same_address_is_refused_and_changes_nothing(
        self, registry
    ):
        registry.add_vehicle(I4)
        with pytest.raises(UsageError, match="EC65CC4FC201 is registered already"):
            registry.add_vehicle(replace(I4, label="thief"))
        assert registry.vehicle(MAC) == I4

    def test_a_second_card_of_the_same_number_is_refused_and_changes_nothing(self, registry):
        registry.add_card(CARD)
        with pytest.raises(UsageError, match="04A1B2C3D4E5F6 is registered already"):
            registry.add_card(replace(CARD, label="thief"))
        assert registry.card(CARD.uid) == CARD

    def test_what_is_put_takes_the_place_of_what_was_there(self, registry):
        registry.put([I4, CARD])
        registry.put([replace(I4, label="i5"), replace(CARD, label="Bob")])
        assert [record.label for record in registry.vehicles()] == ["i5"]
        assert [record.label for record in registry.cards()] == ["Bob"]

    def test_records_are_put_all_or_none(self, registry):
        def records():
            yield I4
            yield CARD
            raise LookupError("the source has failed")

        with pytest.raises(LookupError):
            registry.put(records())
        assert [*registry.vehicles(), *registry.cards()] == []

    def test_what_was_removed_is_gone_and_cannot_be_removed_again(self, registry):
        registry.put([I4, CARD])
        assert registry.remove_vehicle(MAC)
        assert registry.remove_card(CARD.uid)
        assert not registry.remove_vehicle(MAC)
        assert not registry.remove_card(CARD.uid)
        assert registry.vehicle(MAC) is None
        assert registry.card(CARD.uid) is None

    def test_a_sighting_is_kept_as_it_was(self, registry):
        identity = seen(1.0).learn("evccid", b"\1\2\3\4\5\6\7", "SessionSetupReq", 3.0)
        sighting = sighting_of(identity, NOW)
        registry.record_sighting(sighting)
        assert list(registry.sightings()) == [sighting]

    def test_a_registered_vehicle_is_counted_when_it_is_seen(self, registry):
        registry.put([I4, replace(I4, mac=OTHER)])
        registry.record_sighting(sighting_of(seen(1.0), NOW - 2))
        registry.record_sighting(sighting_of(seen(2.0), NOW - 1))
        counted = replace(I4, times_seen=2, first_seen=NOW - 2, last_seen=NOW - 1)
        assert registry.vehicle(MAC) == counted
        assert registry.vehicle(OTHER).times_seen == 0

    def test_what_a_vehicle_says_later_in_the_same_visit_is_the_same_sighting(self, registry):
        registry.add_vehicle(I4)
        registry.record_sighting(sighting_of(seen(1.0), NOW - 2))
        whole = sighting_of(seen(1.0).learn("evccid", MAC, "SessionSetupReq", 2.0), NOW - 1)
        registry.record_sighting(whole)
        assert list(registry.sightings()) == [whole]
        counted = replace(I4, times_seen=1, first_seen=NOW - 2, last_seen=NOW - 1)
        assert registry.vehicle(MAC) == counted

    def test_two_visits_in_which_nothing_was_said_are_two_sightings(self, registry):
        registry.record_sighting(sighting_of(Identity(), NOW - 2))
        registry.record_sighting(sighting_of(Identity(), NOW - 1))
        assert [sighting.at for sighting in registry.sightings()] == [NOW - 1, NOW - 2]

    def test_a_vehicle_whose_claims_contradict_is_seen_as_nobody(self, registry):
        registry.add_vehicle(I4)
        registry.record_sighting(
            sighting_of(seen(1.0).learn("match_mac", OTHER, "MATCH", 2.0), NOW)
        )
        assert registry.vehicle(MAC) == I4
        assert [sighting.mac for sighting in registry.sightings()] == [None]

    def test_the_latest_sightings_come_first_and_the_oldest_are_dropped(self, registry):
        for second in range(MAX_SIGHTINGS + 3):
            registry.record_sighting(sighting_of(seen(float(second)), float(second)))
        kept = [sighting.at for sighting in registry.sightings(2 * MAX_SIGHTINGS)]
        assert kept == [float(second) for second in range(MAX_SIGHTINGS + 2, 2, -1)]
        assert [sighting.at for sighting in registry.sightings(2)] == kept[:2]

    def test_a_vehicle_that_has_used_tls_is_remembered_registered_or_not(self, registry):
        assert not registry.record_sighting(sighting_of(seen(1.0), NOW - 2, tls=True))
        assert registry.used_tls(MAC)
        assert not registry.used_tls(OTHER)
        assert registry.record_sighting(sighting_of(seen(2.0), NOW - 1, tls=False))
        assert not registry.record_sighting(sighting_of(seen(3.0), NOW, tls=True))

    def test_one_that_never_has_is_not(self, registry):
        assert not registry.record_sighting(sighting_of(seen(1.0), NOW, tls=False))
        assert not registry.used_tls(MAC)

    def test_one_that_did_not_connect_has_not_done_without_it(self, registry):
        registry.record_sighting(sighting_of(seen(1.0), NOW - 1, tls=True))
        assert not registry.record_sighting(sighting_of(seen(2.0), NOW))

    def test_nobody_has_used_tls(self, registry):
        assert not registry.record_sighting(sighting_of(Identity(), NOW - 1, tls=True))
        assert not registry.record_sighting(sighting_of(Identity(), NOW, tls=False))

    def test_what_a_registered_vehicle_shows_is_remembered_for_some_visits(self, registry):
        registry.add_vehicle(I4)
        for number in range(MAX_PRINTS + 2):
            registry.learn(MAC, Fingerprint(sdp=float(number), offer=("DIN", "ISO")))
        assert len(registry.prints(MAC)) == MAX_PRINTS
        assert registry.prints(MAC)[-1] == Fingerprint(sdp=13.0, offer=("DIN", "ISO"))

    def test_what_others_show_is_not_and_it_is_forgotten_with_the_vehicle(self, registry):
        registry.learn(MAC, SHOWN)
        assert registry.prints(MAC) == ()
        registry.add_vehicle(I4)
        registry.learn(MAC, SHOWN)
        registry.remove_vehicle(MAC)
        registry.add_vehicle(I4)
        assert registry.prints(MAC) == ()

    def test_a_sighting_keeps_the_fingerprint_and_teaches_it_to_whom_it_is_certain(
        self, registry
    ):
        registry.add_vehicle(replace(I4, mac=OTHER))
        registry.record_sighting(sighting_of(seen(1.0), NOW, None, SHOWN))
        assert registry.prints(OTHER) == ()
        registry.record_sighting(sighting_of(seen(1.0), NOW, None, SHOWN, OTHER))
        assert registry.prints(OTHER) == (SHOWN,)
        [sighting] = registry.sightings()
        assert (sighting.fingerprint, sighting.certain_for) == (SHOWN, None)

    def test_of_those_that_have_used_tls_the_oldest_are_forgotten(self, registry):
        for number in range(MAX_TLS_VEHICLES + 2):
            mac = bytes([2, 0, 0, 0]) + number.to_bytes(2)
            identity = Identity().learn("slac_mac", mac, "SLAC", float(number))
            registry.record_sighting(sighting_of(identity, float(number), tls=True))
        kept = [registry.used_tls(bytes([2, 0, 0, 0, 0, number])) for number in range(4)]
        assert kept == [False, False, True, True]

    def test_a_contract_that_was_added_is_found_however_it_is_written(self, registry):
        full = replace(CONTRACT, enabled=False, expires=NOW, expired=True, note="spare")
        registry.add_contract(full)
        assert registry.contract("de-8aa-1a2b3c4d5-9") == full
        assert registry.contract("DE8AA1A2B3C4D6") is None
        assert registry.contract("no eMAID at all") is None

    def test_contracts_are_listed_in_order_and_removed_once(self, registry):
        first = replace(CONTRACT, emaid="AT8AA1A2B3C4D5")
        registry.put([CONTRACT, first])
        assert list(registry.contracts()) == [first, CONTRACT]
        assert registry.remove_contract("DE-8AA-1A2B3C4D5")
        assert not registry.remove_contract("DE-8AA-1A2B3C4D5")
        assert not registry.remove_contract("no eMAID at all")
        assert list(registry.contracts()) == [first]

    def test_a_second_contract_of_the_same_name_is_refused_and_changes_nothing(self, registry):
        registry.add_contract(CONTRACT)
        with pytest.raises(UsageError, match="DE8AA1A2B3C4D5 is registered already"):
            registry.add_contract(replace(CONTRACT, label="thief"))
        assert registry.contract(CONTRACT.emaid) == CONTRACT

    def test_what_is_enrolled_is_there_and_is_not_enrolled_twice(self, registry):
        for record in (I4, CARD, SETUP):
            assert registry.enrol(record, 2) is Enrolled.ADDED
            assert registry.enrol(replace(record, label="thief"), 2) is Enrolled.KNOWN
        assert [*registry.vehicles(), *registry.cards()] == [I4, CARD, SETUP]

    def test_vehicles_and_cards_are_enrolled_until_there_are_so_many_together(self, registry):
        registry.put([I4, CARD, SETUP])
        assert registry.enrol(replace(I4, mac=OTHER), 2) is Enrolled.FULL
        assert registry.enrol(replace(CARD, uid="0011AABB"), 2) is Enrolled.FULL
        assert registry.enrol(I4, 2) is Enrolled.KNOWN
        assert registry.enrol(replace(I4, mac=OTHER), 3) is Enrolled.ADDED

    def test_setup_cards_are_counted_apart(self, registry):
        registry.put([I4, CARD])
        assert registry.enrol(SETUP, 1) is Enrolled.ADDED
        assert registry.enrol(replace(SETUP, uid="04FFFFFE"), 1) is Enrolled.FULL

    def test_a_registered_vehicle_that_has_proven_itself_is_known_to_have(self, registry):
        registry.add_vehicle(I4)
        registry.prove(MAC, NOW - 3)
        registry.prove(OTHER, NOW - 2)
        assert registry.vehicle(MAC) == replace(I4, proven_at=NOW - 3)
        assert registry.vehicle(OTHER) is None

    def test_the_first_certificate_that_a_vehicle_proves_itself_by_is_its_own(self, registry):
        registry.add_vehicle(I4)
        for at, holder in ((1.0, None), (2.0, HOLDER), (3.0, "CD" * 32), (4.0, None)):
            registry.prove(MAC, at, holder)
        assert registry.vehicle(MAC) == replace(I4, proven_at=4.0, certificate=HOLDER)

    def test_a_certificate_is_of_one_vehicle_alone(self, registry):
        registry.put([replace(I4, certificate=HOLDER), replace(I4, mac=OTHER)])
        registry.prove(OTHER, NOW, HOLDER)
        assert registry.vehicle(OTHER) == replace(I4, mac=OTHER, proven_at=NOW)

    def test_fingerprints_are_put_with_the_vehicles_they_are_of(self, registry):
        registry.put([I4], {MAC: [SHOWN, Fingerprint()]})
        registry.put([], {MAC: [SHOWN]})
        assert registry.prints(MAC) == (SHOWN,)

    def test_of_two_that_are_put_together_the_latter_stays(self, registry):
        registry.put([I4, replace(I4, label="i5"), replace(I4, mac=OTHER)])
        assert [record.label for record in registry.vehicles()] == ["i4", "i5"]

    def test_vehicles_are_found_by_the_range_of_their_addresses(self, registry):
        macs = [bytes.fromhex(mac) for mac in ("007DFA05FFFF", "007DFA060000", "007DFA06FFFF")]
        registry.put([I4, *(replace(I4, mac=mac) for mac in macs), replace(I4, mac=OTHER)])

        def found(most, *prefixes):
            ranges = [bytes.fromhex(prefix) for prefix in prefixes]
            return [record.mac for record in registry.vehicles_of(ranges, most)]

        assert found(9, "007DFA06", "DC4427") == [*macs[1:], OTHER]
        assert found(2, "007DFA06", "DC4427") == macs[1:]
        assert found(9, "007DFA07") == []

    def test_an_entry_of_the_trail_is_kept_as_it_was(self, registry):
        removed = AuditEntry(at=NOW + 1, kind=AuditKind.REMOVED)
        registry.record_decision(GRANTED)
        registry.record_decision(removed)
        assert list(registry.audit()) == [removed, GRANTED]
        assert list(registry.audit(1)) == [removed]

    @pytest.mark.parametrize("name", ["EC65CC4FC201", "04A1B2C3D4E5F6", "DE8AA1A2B3C4D5"])
    def test_the_trail_is_asked_about_one(self, registry, name):
        registry.record_decision(GRANTED)
        registry.record_decision(AuditEntry(at=NOW, kind=AuditKind.DENIED, mac=OTHER))
        assert list(registry.audit(about=name)) == [GRANTED]

    def test_the_oldest_entries_go_of_each_box_for_itself(self, registry):
        registry.record_decision(replace(GRANTED, box="another", at=NOW - 1))
        for number in range(MOST - 1):
            registry.record_decision(replace(GRANTED, at=NOW + number))
        assert len(registry.audit()) == MOST
        registry.record_decision(replace(GRANTED, at=NOW + 10))
        registry.record_decision(replace(GRANTED, at=NOW + 11))
        assert NOW not in [entry.at for entry in registry.audit() if entry.box == GRANTED.box]

    def test_what_a_vehicle_has_its_say_in_is_cut_to_size(self, registry):
        much = ("x" * (MAX_LETTERS + 1),) * (MAX_TEXTS + 1)
        registry.record_decision(replace(GRANTED, reasons=much, evidence=much))
        [entry] = registry.audit()
        assert entry.reasons == entry.evidence == ("x" * MAX_LETTERS,) * MAX_TEXTS

    def test_a_text_is_kept_under_its_name_and_the_last_one_stays(self, registry):
        assert registry.kept("tariff") is None
        registry.keep("tariff", "old")
        registry.keep("tariff", "new")
        assert registry.kept("tariff") == "new"

    def test_a_few_names_are_kept_and_no_more(self, registry):
        for number in range(MAX_KEPT):
            registry.keep(f"name {number}", "")
        registry.keep("name 0", "again")
        with pytest.raises(UsageError, match="16 names are kept already; there is no room"):
            registry.keep("one more", "")
        assert registry.kept("one more") is None

    def test_a_text_that_is_too_long_is_not_kept(self, registry):
        registry.keep("log", "x" * MAX_KEPT_OCTETS)
        with pytest.raises(UsageError, match="log has 65537 octets; 65536 can be kept"):
            registry.keep("log", "y" * (MAX_KEPT_OCTETS - 1) + "\N{LATIN SMALL LETTER SHARP S}")
        assert registry.kept("log") == "x" * MAX_KEPT_OCTETS
