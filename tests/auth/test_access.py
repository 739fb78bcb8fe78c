"""What follows from who it is while it charges: limits, proofs, vouching, and being stopped."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seccstack.auth.authorisation import RECHECK_SECONDS
from seccstack.auth.decision import Denied, Granted, Pending, Policy
from seccstack.auth.events import (
    AuthorisationWanted,
    CardFound,
    CardPresented,
    ContractVouched,
    FingerprintSeen,
    IdentityLearned,
    LimitAccess,
    LookUpCard,
    LookUpVehicle,
    PluggedIn,
    Prove,
    RegistrationTurned,
    Revoked,
    Stop,
    StreamSeen,
    Unplugged,
    VehicleEnrolled,
    VehicleFound,
    Vouch,
)
from seccstack.auth.judgement import Below, Settings
from seccstack.auth.policies import ways_of
from seccstack.auth.suspicion import FingerprintUse, Relative, RotatingUse
from seccstack.auth.vehicle import Proven
from seccstack.errors import UsageError
from tests.auth.visits import (
    BORN,
    BY_CARD,
    BY_CONTRACT,
    CARD,
    HONEST,
    I4,
    ID4,
    KINDS,
    LIAR,
    MAC,
    REBORN,
    SHOWN,
    UID,
    UNLIKE,
    Desk,
    claiming,
    coming,
    relative,
)

SURE = {"confidence": 0.8, "fingerprint": FingerprintUse.WEIGH, "below": Below.REDUCED}
WITH_CARD = {"ways": ways_of("autocharge and card")}


def amps(desk):
    return [action.amps for action in desk.of(LimitAccess)]


def limited(most, *more):
    found = VehicleFound(MAC, replace(I4, max_amps=most))
    return Desk().tell(*coming(HONEST, found), *more)


# Limits.


def test_one_of_doubtful_identity_draws_less_and_all_once_a_card_is_held_up():
    desk = Desk("unlike before", **SURE)
    assert (desk.by, amps(desk)) == ("autocharge", [6.0])
    desk.tell(*BY_CARD)
    assert (desk.by, amps(desk)) == ("card", [6.0, None])


def test_or_once_it_proves_its_contract():
    assert amps(Desk("unlike before", **SURE).tell(*BY_CONTRACT)) == [6.0, None]


def test_the_limit_is_told_before_the_grant():
    desk = Desk("unlike before", **SURE)
    [limit, decided] = desk.said[-2:]
    assert limit == LimitAccess(1, 6.0, decided.decision.reasons)


def test_a_card_that_is_unknown_lifts_nothing():
    desk = Desk("unlike before", **SURE).tell(CardPresented(UID), CardFound(UID, None))
    assert (desk.by, amps(desk)) == ("autocharge", [6.0])


def test_a_vehicle_draws_what_its_owner_lets_it():
    desk = limited(10.0)
    assert amps(desk) == [10.0]
    assert "it is registered for 10 A at most" in desk.reasons


def test_with_a_card_too():
    assert amps(
        Desk(before=BY_CARD).tell(
            *coming(HONEST, VehicleFound(MAC, replace(I4, max_amps=10.0)))
        )
    ) == [10.0]


@pytest.mark.parametrize(("most", "expected"), [(4.0, 4.0), (6.0, 6.0), (10.0, 6.0)])
def test_of_two_limits_the_lower_counts(most, expected):
    record = replace(I4, max_amps=most)
    desk = Desk(**SURE).tell(*coming(HONEST, VehicleFound(MAC, record)))
    assert amps(desk) == [expected]


@pytest.mark.parametrize("after", [6.0, 16.0, None])
def test_the_owner_can_change_it_while_it_charges(after):
    desk = limited(10.0).wait(RECHECK_SECONDS)
    desk.tell(VehicleFound(MAC, replace(I4, max_amps=after)))
    assert amps(desk) == [10.0, after]
    assert len(desk.decided) == 2  # pending and granted: the limit is no decision


def test_an_open_charger_limits_nobody():
    assert amps(Desk("registered", policy=Policy.OPEN)) == []


# Proofs.


HOLDER = "AB" * 32
OWN = VehicleFound(MAC, replace(I4, certificate=HOLDER))


def certified(identity=HONEST, holder=HOLDER):
    return identity.prove(Proven.CERTIFICATE, holder, "TLS handshake", 1.0)


def test_a_registered_vehicle_that_charges_by_contract_has_proven_itself_once():
    desk = Desk("registered").tell(*BY_CONTRACT).wait(60)
    assert desk.of(Prove) == [Prove(MAC)]


def test_so_has_one_with_a_certificate():
    desk = Desk().tell(*coming(certified(), VehicleFound(MAC, I4)))
    assert desk.of(Prove) == [Prove(MAC, HOLDER)]


def test_nothing_is_bound_where_nobody_asks_who_it_is():
    desk = Desk(policy=Policy.OPEN).tell(*coming(certified(), VehicleFound(MAC, I4)))
    assert (desk.by, desk.of(Prove)) == ("open", [])


def test_nor_where_it_was_not_let_in():
    found = VehicleFound(MAC, replace(I4, proven_at=1.0))
    desk = Desk().tell(*coming(certified(), found))
    assert desk.of(Prove) == []
    assert desk.tell(*BY_CARD).of(Prove) == [Prove(MAC, HOLDER)]


def test_nor_two_certificates_at_once():
    identity = certified().prove(Proven.CERTIFICATE, "CD" * 32, "TLS handshake", 1.0)
    assert Desk().tell(*coming(identity, VehicleFound(MAC, I4))).of(Prove) == []


@pytest.mark.parametrize("kind", ["unknown", "contradicting", "unlike before", "says nothing"])
def test_one_that_is_not_or_not_certainly_registered_has_not(kind):
    assert Desk(kind).tell(*BY_CONTRACT).of(Prove) == []


def test_nor_has_one_that_contradicts_itself_after_it_was_looked_up():
    desk = Desk("registered").tell(IdentityLearned(LIAR), *BY_CONTRACT)
    assert (desk.by, desk.of(Prove)) == ("contract", [])


def test_from_then_on_its_address_is_not_enough():
    assert isinstance(Desk("proven before").decision, Pending)
    assert Desk("proven before").tell(*BY_CONTRACT).by == "contract"
    assert Desk("proven before").tell(*BY_CARD).by == "card"


def test_but_its_certificate_is():
    desk = Desk().tell(*coming(certified(), OWN))
    assert (desk.by, desk.of(Prove)) == ("autocharge", [Prove(MAC, HOLDER)])
    assert "it has shown its certificate, and that it has the key" in desk.reasons


@pytest.mark.parametrize("shown", [None, "CD" * 32])
def test_nobody_without_it_is_let_in_for_the_address_of_one_that_has_one(shown):
    identity = HONEST if shown is None else certified(holder=shown)
    desk = Desk().tell(*coming(identity, OWN))
    assert isinstance(desk.decision, Pending)
    what = "none" if shown is None else "another vehicle's"
    why = f"has shown its certificate here before, and shows {what} now"
    assert why in desk.reasons
    assert desk.tell(*BY_CARD).by == "card"
    assert desk.of(Prove) == []


def test_a_certificate_makes_up_for_a_contract_s_proof_only_once_it_is_bound():
    found = VehicleFound(MAC, replace(I4, proven_at=1.0))
    assert isinstance(Desk().tell(*coming(certified(), found)).decision, Pending)


WMI = b"WMIV1234567890ABCDEX"


def test_its_own_certificate_makes_up_for_an_evccid_that_is_no_address():
    assert Desk().tell(*coming(certified(claiming(evccid=WMI)), OWN)).by == "autocharge"
    desk = Desk().tell(*coming(claiming(evccid=WMI), VehicleFound(MAC, I4)))
    assert isinstance(desk.decision, Pending)


AWAY = {"slac_mac": None, "match_mac": None}


def test_it_does_not_make_up_for_who_speaks_from_another_plug():
    desk = Desk().tell(*coming(certified(claiming(**AWAY)), OWN))
    assert "but not that it is at this plug" in desk.reasons


def strayed(identity, **own):
    """One with another address each time, of the family of one that has a certificate."""
    record = replace(ID4, certificate=HOLDER, max_amps=10.0, **own)
    family = (Relative(record, (SHOWN,), 60.0),)
    return Desk().tell(
        *coming(identity, VehicleFound(REBORN, None, family=family), shown=SHOWN)
    )


def test_one_whose_address_is_new_is_known_by_its_certificate():
    desk = strayed(certified(claiming(REBORN)))
    assert (desk.by, desk.decision.max_amps) == ("autocharge", 10.0)
    assert "it has shown the certificate of vehicle" in desk.reasons


@pytest.mark.parametrize(
    ("identity", "own"),
    [
        (claiming(REBORN), {}),
        (certified(claiming(REBORN), holder="CD" * 32), {}),
        (certified(claiming(REBORN)), {"enabled": False}),
        (certified(claiming(REBORN, **AWAY)), {}),
    ],
)
def test_who_is_only_like_it_is_not_let_in_as_it(identity, own):
    assert isinstance(strayed(identity, **own).decision, Pending)


def test_a_contract_that_was_proven_and_not_accepted_is_no_way_in():
    found = VehicleFound(MAC, replace(I4, proven_at=1.0))
    identity = HONEST.prove(Proven.CONTRACT, "DE8AA1A2B3C4D5", "AuthorizationReq", 1.0)
    assert isinstance(Desk().tell(*coming(identity, found)).decision, Pending)


def test_a_contract_that_is_withdrawn_leaves_no_address_to_fall_back_on():
    desk = Desk("registered").tell(*BY_CONTRACT, ContractVouched(()))
    [stop] = desk.of(Stop)
    assert "has proven itself here before" in stop.why


# Cards that vouch for vehicles with another address each time.


def test_a_card_for_one_that_is_probably_registered_vouches_for_it_once():
    desk = Desk("rotating, like one").tell(*BY_CARD).wait(60)
    assert desk.of(Vouch) == [Vouch(BORN, UID)]


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"rotating, like one"}))
def test_no_card_vouches_for_anybody_else(kind):
    assert Desk(kind).tell(*BY_CARD).of(Vouch) == []


@pytest.mark.parametrize("use", [use for use in RotatingUse if use is not RotatingUse.ONCE])
def test_nor_where_that_is_not_wanted(use):
    assert Desk("rotating, like one", rotating=use).tell(*BY_CARD).of(Vouch) == []


def test_nor_a_card_for_one_that_contradicts_itself():
    found = VehicleFound(REBORN, None, family=(relative(),))
    desk = Desk().tell(*coming(claiming(REBORN), found, shown=SHOWN))
    liar = claiming(REBORN).alarm("it is heard twice")
    assert desk.tell(IdentityLearned(liar), *BY_CARD).of(Vouch) == []


@pytest.mark.parametrize(
    ("age", "granted"), [(0.0, True), (604799.0, True), (604800.0, False), (-1.0, False)]
)
def test_it_lasts_for_a_week(age, granted):
    found = VehicleFound(REBORN, None, family=(relative(vouched=age),))
    desk = Desk().tell(*coming(claiming(REBORN), found, shown=SHOWN))
    assert isinstance(desk.decision, Granted) is granted


def rechecked(vouched):
    desk = Desk("rotating, vouched").wait(RECHECK_SECONDS)
    return desk.tell(VehicleFound(REBORN, None, family=(relative(vouched=vouched),)))


def test_what_runs_out_meanwhile_holds_for_this_charge():
    assert rechecked(604800.0).by == "autocharge"


def test_what_is_withdrawn_does_not():
    assert len(rechecked(None).of(Stop)) == 1


def test_a_vouched_for_vehicle_teaches_nothing():
    assert Desk("rotating, vouched").machine.certain_for is None


def test_another_s_evccid_is_in_the_way_of_a_likeness():
    family = (replace(relative(vouched=1.0), record=replace(ID4, evccid=b"another")),)
    found = VehicleFound(REBORN, None, family=family)
    desk = Desk().tell(*coming(claiming(REBORN), found, shown=SHOWN))
    assert "registered is" in desk.reasons


# Being stopped.


def test_of_two_factors_both_are_asked_about_again():
    desk = Desk("registered", before=BY_CARD, **WITH_CARD)
    desk.said.clear()
    desk.wait(RECHECK_SECONDS)
    assert desk.said == [LookUpCard(UID), LookUpVehicle(MAC)]


@pytest.mark.parametrize(
    "withdrawn",
    [
        VehicleFound(MAC, None),
        CardFound(UID, None),
        CardFound(UID, replace(CARD, expired=True)),
    ],
)
def test_and_either_stops_it(withdrawn):
    desk = Desk("registered", before=BY_CARD, **WITH_CARD).wait(RECHECK_SECONDS)
    assert len(desk.tell(withdrawn).of(Stop)) == 1
    assert isinstance(desk.decision, Denied)


def test_claims_that_come_to_disagree_revoke_both():
    desk = Desk("registered", before=BY_CARD, **WITH_CARD).tell(IdentityLearned(LIAR))
    assert len(desk.of(Revoked)) == 1


def test_the_card_of_two_factors_stops_it_and_is_needed_to_start_it_again():
    desk = Desk("registered", before=BY_CARD, **WITH_CARD).wait(5)
    desk.tell(CardPresented(UID))
    assert len(desk.of(Stop)) == 1
    assert desk.tell(*BY_CARD).by == "card and autocharge"


def test_a_card_ahead_is_not_enough_where_it_needs_a_vehicle_besides():
    desk = Desk(**WITH_CARD)
    desk.tell(Unplugged(), *BY_CARD)
    assert not desk.machine.card_grants(desk.now)
    assert Desk().tell(Unplugged(), *BY_CARD).machine.card_grants(100.0)


@pytest.mark.parametrize("ways", ["contract", "autocharge and contract"])
def test_without_a_contract_it_is_refused_in_the_end(ways):
    desk = Desk("registered", ways=ways_of(ways)).wait(60)
    assert isinstance(desk.decision, Denied)
    assert "no contract was proven in 60 s" in desk.reasons


@pytest.mark.parametrize(
    "wrong",
    [
        {"confidence": 1.1},
        {"confidence": -0.1},
        {"reduced_amps": float("nan")},
        {"vouch_seconds": -1.0},
        {"ways": ((),)},
        {"ways": ways_of("card") * 5},
    ],
)
def test_settings_that_make_no_sense_are_refused(wrong):
    with pytest.raises(UsageError):
        Settings(**wrong)


# Properties.

POLICIES = st.sampled_from(
    [
        {"policy": Policy.AUTOCHARGE},
        {"policy": Policy.CARD},
        WITH_CARD,
        {"ways": ways_of("autocharge and contract or card")},
        {"ways": ways_of("autocharge")},
    ]
)
SETTINGS = st.fixed_dictionaries(
    {
        "confidence": st.sampled_from([0.0, 0.5, 0.65, 0.8]),
        "below": st.sampled_from(Below),
        "fingerprint": st.sampled_from(FingerprintUse),
        "rotating": st.sampled_from(RotatingUse),
        "downgrade_refused": st.booleans(),
    }
)
SHOWS = st.sampled_from([(), BY_CARD, BY_CONTRACT, (*BY_CARD, *BY_CONTRACT)])
SUSPICIONS = st.sampled_from(
    [
        ("alarm", lambda identity: identity.alarm("it is heard twice")),
        ("another EVCCID", lambda identity: identity.learn("evccid", bytes(6), "test", 9.0)),
        (
            "another address",
            lambda identity: identity.learn("match_mac", bytes(6), "test", 9.0),
        ),
    ]
)


def draws(decision):
    """How much it gets, for comparing: nothing, some, all."""
    if not isinstance(decision, Granted):
        return 0.0
    return float("inf") if decision.max_amps is None else decision.max_amps


@given(st.sampled_from(sorted(KINDS)), POLICIES, SETTINGS, SHOWS, SUSPICIONS)
def test_suspicion_never_turns_a_refusal_into_a_grant(kind, policy, settings, shows, suspicion):
    before = Desk(kind, before=shows, **policy, **settings)
    identity = before.machine._visit.identity
    after = Desk(
        kind, before=(IdentityLearned(suspicion[1](identity)), *shows), **policy, **settings
    )
    assert draws(after.decision) <= draws(before.decision)


@given(st.sampled_from(sorted(KINDS)), POLICIES, SETTINGS, SHOWS)
def test_neither_does_doing_without_tls_or_being_unlike_before(kind, policy, settings, shows):
    before = Desk(kind, before=shows, **policy, **settings)
    plain = Desk(kind, before=(StreamSeen(False), *shows), **policy, **settings)
    assert draws(plain.decision) <= draws(before.decision)
    strange = Desk(before=shows, **policy, **settings)
    others = [e for e in KINDS[kind] if not isinstance(e, FingerprintSeen)]
    strange.tell(FingerprintSeen(UNLIKE), *others)
    assert draws(strange.decision) <= draws(before.decision)


@given(st.sampled_from(sorted(KINDS)), POLICIES, SETTINGS, SHOWS)
def test_withdrawing_all_that_was_shown_always_stops(kind, policy, settings, shows):
    desk = Desk(kind, before=shows, **policy, **settings).wait(RECHECK_SECONDS)
    stops = len(desk.of(Stop)) + isinstance(desk.decision, Granted)
    key = getattr(desk.machine._visit.vehicle, "key", MAC)
    desk.tell(CardFound(UID, None), ContractVouched(()), VehicleFound(key, None))
    desk.wait(RECHECK_SECONDS)
    desk.tell(CardFound(UID, None), VehicleFound(key, None))
    assert len(desk.of(Stop)) == stops
    assert not isinstance(desk.decision, Granted)


@given(st.lists(st.sampled_from(sorted(KINDS)), max_size=4), POLICIES, SETTINGS)
def test_nothing_of_one_plug_in_counts_for_the_next(kinds, policy, settings):
    desk = Desk(**policy, **settings)
    for number, kind in enumerate(kinds, 2):
        desk.tell(Unplugged(), PluggedIn(number), *KINDS[kind])
        fresh = Desk(kind, **policy, **settings)
        assert draws(desk.decision) <= draws(fresh.decision)


# While vehicles are registered.


def test_who_comes_while_vehicles_are_registered_waits_without_being_told_of_cards():
    desk = Desk().tell(RegistrationTurned(True), PluggedIn(2), *KINDS["registered"])
    assert desk.reasons == "vehicles and cards are being registered: meanwhile nobody is let in"
    assert isinstance(desk.wait(60).decision, Denied)


def test_and_is_decided_upon_when_that_is_over():
    desk = Desk().tell(RegistrationTurned(True), PluggedIn(2), *KINDS["registered"])
    desk.tell(RegistrationTurned(False), VehicleFound(MAC, I4))
    assert desk.by == "autocharge"


def test_one_that_was_just_registered_is_not_doubted_and_teaches_nothing_more():
    desk = Desk(confidence=0.9, below=Below.REFUSE)  # as nobody has who was never here
    desk.tell(RegistrationTurned(True), PluggedIn(2), VehicleEnrolled(2))
    desk.tell(AuthorisationWanted(HONEST), RegistrationTurned(False), VehicleFound(MAC, I4))
    assert desk.by == "autocharge"
    assert desk.machine.certain_for is None


def test_one_that_asks_only_afterwards_is_looked_up_then():
    desk = Desk().tell(RegistrationTurned(True), PluggedIn(2), IdentityLearned(HONEST))
    assert desk.of(LookUpVehicle) == []
    assert desk.tell(RegistrationTurned(False)).of(LookUpVehicle) == [LookUpVehicle(MAC)]


def test_a_setup_card_charges_nothing_and_says_so():
    desk = Desk("unknown").tell(CardPresented(UID), CardFound(UID, replace(CARD, setup=True)))
    assert f"card {UID} is a setup card, which charges nothing" in desk.reasons
