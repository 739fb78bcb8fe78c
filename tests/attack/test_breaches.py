"""A guard is taken away, one at a time, and the attack that it was for is seen to succeed."""

from dataclasses import replace

import pytest

from seccstack import plugin, sdp, v2gtp
from seccstack.attack.simulated import SimStream, SimTarget
from seccstack.attack.target import FAMILY_CAR
from seccstack.auth import authorisation, claims, limiter
from seccstack.auth.decision import Policy, VehicleRecord
from seccstack.auth.vehicle import Identity
from seccstack.homeplug.messages import AttenProfileInd
from seccstack.lifecycle import Lifecycle
from seccstack.messages import iso2
from seccstack.session import session
from seccstack.session.events import AllowEnergy, ContractVerified, Proven, SignatureVerified
from seccstack.session.iso2 import sequence
from seccstack.session.iso2.loop import delivered
from seccstack.session.iso2.record import Reply, State
from seccstack.sim.demo import PlugAndCharge
from seccstack.slac import evse, timing
from tests.attack.conftest import play
from tests.scenarios.scene import octets_of

REAL_ANSWER = sequence.answer


def breached(name, target):
    result = play(name, target)
    assert result.verdict.value == "BREACHED", result.happened
    return result.happened


def test_who_believes_an_evccid_against_a_mac_is_breached(charger, monkeypatch):
    monkeypatch.setattr(Identity, "conflicts", ())
    assert "with EVCCID EC65CCBADBAD charged" in breached(
        "evccid-mismatch", charger(autocharge_sources=1)
    )


def test_who_counts_no_strangers_is_breached(charger, monkeypatch):
    monkeypatch.setattr(limiter, "MAX_STRANGERS", 100)
    assert "after 12 wrong addresses in " in breached("enumeration", charger())


def test_who_counts_and_says_nothing_is_breached(charger):
    class Silent(SimTarget):
        locked_out = property(lambda own: False, lambda own, value: None)

    assert "uncounted" in breached("enumeration", charger(kind=Silent))


def test_who_lets_a_connection_outlive_the_plug_is_breached(charger, monkeypatch):
    monkeypatch.setattr(Lifecycle, "close_stream", lambda own, reason: None)
    assert "outlived the plug" in breached("replug", charger())


class Sticky(SimTarget):
    """A charger at whose reader a card is always held."""

    def plug_in(self, mac, slac):
        super().plug_in(mac, slac)
        self.hold_card()


def test_who_lets_a_grant_outlive_the_plug_is_breached(charger):
    assert "on the last one's grant" in breached("replug", charger("card", kind=Sticky))


def test_who_has_a_card_at_the_reader_all_the_time_is_breached_by_any_copy(
    charger, monkeypatch
):
    for name in ("mac-clone", "perfect-clone", "evccid-mismatch"):
        breached(name, charger("pnc", kind=Sticky))
    monkeypatch.setattr(Lifecycle, "_stranger", lambda own, mac: None)
    said = "the stranger charged in the name of a vehicle elsewhere"
    assert breached("relay", charger("pnc", kind=Sticky)) == said


def test_who_matches_anybody_at_any_time_is_breached(charger, monkeypatch):
    monkeypatch.setattr(evse, "may_ask", lambda phase, mac: True)
    weak = lambda own, ev, request, now: [  # noqa: E731
        evse.Send(ev.mac, evse._confirmation(request, own._network_key))
    ]
    real = evse.SlacEvse._choose
    monkeypatch.setattr(
        evse.SlacEvse,
        "_choose",
        lambda own, *seen: (weak if isinstance(own._phase, evse.Joined) else real)(own, *seen),
    )
    assert "given the vehicle's key" in breached("second-station", charger())
    assert "key of a vehicle that charges" in breached("replayed-slac", charger())


def test_who_drops_the_matched_vehicle_when_another_asks_is_breached(charger, monkeypatch):
    monkeypatch.setattr(
        Lifecycle, "asked_again", lambda own, now: own.abandon("it asks again", now)
    )
    assert "ended the charge" in breached("second-station", charger())
    assert "ended the charge" in breached("replayed-slac", charger())


def test_who_serves_two_connections_is_breached(charger, monkeypatch):
    monkeypatch.setattr(plugin.PlugIn, "objection", None)
    monkeypatch.setattr(Lifecycle, "_stranger", lambda own, mac: None)
    assert "was served" in breached("second-station", charger())
    target = charger()
    target.setup = replace(target.setup, others=False)  # only those in mid-charge
    assert "was served" in breached("second-connection", target)


def test_who_serves_whoever_comes_first_is_breached(charger, monkeypatch):
    monkeypatch.setattr(Lifecycle, "_stranger", lambda own, mac: None)
    assert "kept the matched vehicle out" in breached("second-connection", charger())


def test_who_lets_an_address_in_that_has_a_certificate_is_breached(charger, monkeypatch):
    monkeypatch.setattr(claims, "proof_obstacles", lambda *told: ())
    assert "with none it charged" in breached("stolen-identity", charger("tls"))


def test_who_believes_any_certificate_is_breached(charger, monkeypatch):
    real = claims.proof_obstacles

    def any_will_do(visit, *told):
        return () if visit.identity.holders else real(visit, *told)

    monkeypatch.setattr(claims, "proof_obstacles", any_will_do)
    assert "another vehicle's it charged" in breached("stolen-identity", charger("tls"))


def test_who_dies_of_noise_is_breached(charger, monkeypatch):
    target = charger("tls")
    monkeypatch.setattr(type(target), "alive", False)
    assert "the charger died" in breached("tls-noise", target)


def test_who_does_not_charge_with_its_certificate_has_shown_nothing(charger, monkeypatch):
    target = charger("tls")
    monkeypatch.setattr(type(target), "enrol", lambda own, on: None)
    target._registry.put([replace(VehicleRecord(mac=FAMILY_CAR), enabled=False)])
    result = play("stolen-identity", target)
    assert (result.verdict.value, "does not charge with its" in result.happened) == (
        "not applicable", True
    )  # fmt: skip


@pytest.mark.parametrize("how", [{"certificates": False}, {"policy": Policy.OPEN}])
def test_where_no_certificate_is_of_use_none_is_copied(charger, how):
    target = charger("tls")
    target.setup = replace(target.setup, **how)
    assert play("stolen-identity", target).verdict.value == "not applicable"


def test_where_a_card_is_wanted_it_is_held_up_for_the_owner_s_vehicle(charger):
    target = charger("card")
    target.setup = replace(target.setup, tls=sdp.Tls.OFFERED)
    assert play("stolen-identity", target).verdict.value == "held"


def test_who_uses_a_key_twice_is_breached(charger):
    octets = octets_of(0)

    def same(n):
        return bytes(range(1, 17)) if n == 16 else octets(n)

    assert "was given out again" in breached("replayed-slac", charger(octets=same))


def test_who_has_room_for_one_is_breached(charger, monkeypatch):
    monkeypatch.setattr(timing, "MAX_ATTEMPTS", 1)
    assert "kept the owner's vehicle from its match" in breached("slac-flood", charger())


def test_who_believes_any_modem_is_breached(charger, monkeypatch):
    monkeypatch.setattr(evse.SlacEvse, "_refusal", lambda own, heard: None)
    assert "answered a foreign modem" in breached("forged-frames", charger())


def test_who_counts_the_reports_of_any_modem_is_breached(charger, monkeypatch):
    real = evse.SlacEvse._refusal

    def refusal(own, heard):
        report = isinstance(heard.message, AttenProfileInd)
        return None if report else real(own, heard)

    monkeypatch.setattr(evse.SlacEvse, "_refusal", refusal)
    said = breached("forged-frames", charger())
    assert said == "forged sounds were counted: 5 dB instead of 20 dB"


def test_who_answers_every_sdp_request_is_breached(charger, monkeypatch):
    monkeypatch.setattr(sdp.SdpServer, "_objection", lambda own, *asked: "")
    assert "with nothing plugged in" in breached("strange-discovery", charger())


def test_who_answers_others_during_a_session_is_breached(charger, monkeypatch):
    monkeypatch.setattr(sdp, "is_link_local", lambda address: True)
    monkeypatch.setattr(sdp.SessionActive, "__init__", lambda own, peer: None)
    monkeypatch.setattr(sdp.SessionActive, "peer", None)
    assert "nobody may make" in breached("strange-discovery", charger())


def test_who_answers_a_flood_is_breached(charger, monkeypatch):
    monkeypatch.setattr(sdp.SdpServer, "_may_answer", lambda own, now: True)
    assert "answered 200 of 200" in breached("strange-discovery", charger())


def test_who_resumes_in_the_middle_is_breached(charger, monkeypatch):
    real = Lifecycle.abandon

    def abandon(own, why, now):
        if "another connection" not in why:
            real(own, why, now)

    monkeypatch.setattr(Lifecycle, "abandon", abandon)
    happened = breached("second-connection", charger())
    assert "two connections were served" in happened


def test_who_only_reports_that_tls_is_gone_is_breached(charger):
    assert "always used TLS charged without" in breached("tls-strip", charger("tls"))
    refusing = charger("tls", downgrade_refused=True)
    assert play("tls-strip", refusing).verdict.value == "held"


def test_who_takes_contracts_in_the_clear_is_breached(charger, monkeypatch):
    real = session.V2gSession.__init__

    def begun(own, opening):
        real(own, replace(opening, tls=True, challenge=bytes(16)))

    monkeypatch.setattr(session.V2gSession, "__init__", begun)
    assert "paid by without TLS" in breached("tls-strip", charger("pnc"))


def test_who_takes_any_session_id_is_breached(charger, monkeypatch):
    def answer(state, request, own):
        own.claimed_id = own.session_id
        return REAL_ANSWER(state, request, own)

    monkeypatch.setattr(sequence, "answer", answer)
    assert breached("foreign-session-id", charger()) == "session id zero: the charge went on"
    assert "in the middle of the old session" not in breached("foreign-session-id", charger())


def test_who_gives_power_in_any_state_is_breached(charger, monkeypatch):
    def answer(state, request, own):
        if isinstance(request, iso2.PowerDeliveryReq):
            return Reply(delivered(own), State.CHARGING, (AllowEnergy(True),))
        return REAL_ANSWER(state, request, own)

    monkeypatch.setattr(sequence, "answer", answer)
    assert "PowerDelivery first: there was power" in breached(
        "skipped-states", charger("default")
    )
    # The contactor has a guard of its own: no vehicle that is not let in.
    assert "and no power" in play("skipped-states", charger()).happened


def test_who_waits_for_4_gigabytes_is_breached(charger, monkeypatch):
    monkeypatch.setattr(v2gtp.Reader, "__init__", limitless)
    assert "ffffffff...: the connection stayed open" in breached("huge-lengths", charger())


def limitless(own, limit=0):
    own.limit, own._buffer, own._skip, own._broken = 1 << 40, bytearray(), 0, False


def test_who_waits_for_half_a_header_is_breached(charger, monkeypatch):
    monkeypatch.setattr(session, "SETUP_TIMEOUT", 1000.0)
    assert "waited for 25 s and more" in breached("stalled-sender", charger())


def test_who_takes_any_contract_is_breached(charger, papers):
    def believes(question):
        if hasattr(question, "leaf"):
            proven = Proven(question.emaid, bytes(65), "CN=Root", 2e9)
            return 0.001, ContractVerified(question.ticket, proven)
        return 0.001, SignatureVerified(question.ticket, True)

    paid = PlugAndCharge(papers[0].wallet, believes)
    assert "no certificate: it charged" in breached("bad-contract", charger("pnc", paid=paid))


def test_who_never_asks_the_owner_again_is_breached(charger, monkeypatch):
    monkeypatch.setattr(authorisation, "RECHECK_SECONDS", 1e6)
    assert "charged on for 7" in breached("late-revocation", charger())


def test_who_remembers_what_was_taken_back_is_breached(charger):
    class Stubborn(SimTarget):
        def unplug(self):
            super().unplug()
            super().enrol(True)

    assert "good for another charge" in breached("late-revocation", charger(kind=Stubborn))


# The charger as a whole.


def test_a_charger_that_raises_is_breached(charger):
    class Raising(SimTarget):
        def ask(self, place, octets):
            raise ValueError("bad octets")

    said = breached("strange-discovery", charger("default", kind=Raising))
    assert said == "the charger's own code failed: ValueError: bad octets"


def test_a_charger_that_is_dead_afterwards_is_breached(charger):
    class Dead(SimTarget):
        alive = False

    assert "then the charger was dead" in breached("stalled-sender", charger(kind=Dead))
    assert "the charger died" in breached("huge-lengths", charger(kind=Dead))
    assert "the charger died" in breached("bad-contract", charger("pnc", kind=Dead))


def test_a_charger_that_serves_its_owner_no_more_is_breached(charger):
    class Sulking(SimTarget):
        def connect(self, place, tls):
            stream = super().connect(place, tls)
            return SimStream(-1, lambda event: None) if self.now > 25 else stream

    said = breached("stalled-sender", charger("default", kind=Sulking))
    assert said.endswith("but then the owner's vehicle charged no more")


def test_what_serves_its_owner_not_even_without_an_attack_is_not_judged(charger):
    class Deaf(SimTarget):
        linked = False

    result = play("replug", charger("default", kind=Deaf))
    assert result.verdict.value == "not applicable"
    assert result.happened == "the owner's vehicle is not matched, without any attack"
