"""Chargers that are crooked in ways that ours cannot be made: each attack sees its own."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from seccstack import sdp
from seccstack.attack import visitor
from seccstack.attack.simulated import SimStream, SimTarget
from seccstack.attack.target import FAMILY_CAR, STRANGER
from seccstack.attack.visitor import Visitor
from seccstack.config import Access, Charger, Config, Contract
from seccstack.config_tls import Tls
from seccstack.homeplug.frame import Frame
from seccstack.homeplug.messages import SlacMatchCnf, SlacMatchReq, SlacParmReq
from seccstack.lifecycle import Lifecycle
from seccstack.messages import iso2
from tests.attack.conftest import play
from tests.attack.test_breaches import breached

OFFER = Tls(mode="offer", chains=["x"])
REQUIRE = Tls(mode="require", chains=["x"])


def happened(name, target, verdict):
    result = play(name, target)
    assert result.verdict.value == verdict, result.happened
    return result.happened


class Cut(SimTarget):
    """One whose power goes off as soon as a stranger speaks to it."""

    cut = False

    @property
    def energised(self):
        return super().energised and not self.cut

    def plug_in(self, mac, slac):
        super().plug_in(mac, slac)
        self.cut = False

    def _mind(self, place):
        self.cut |= place.mac == STRANGER and super().energised

    def ask(self, place, octets):
        self._mind(place)
        super().ask(place, octets)

    def connect(self, place, tls):
        self._mind(place)
        return super().connect(place, tls)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("strange-discovery", "the charge ended"),
        ("second-connection", "connections of other stations ended the charge"),
        ("second-station", "a second station's connection ended the charge"),
    ],
)
def test_who_is_stopped_by_strangers_is_breached(charger, name, said):
    assert breached(name, charger("default", kind=Cut)) == said


class Stuck(SimTarget):
    """One whose contactor stays closed until the plug is pulled."""

    stuck = False

    @property
    def energised(self):
        self.stuck |= super().energised
        return self.stuck

    def unplug(self):
        super().unplug()
        self.stuck = False


def test_whose_power_outlives_the_session_is_breached(charger):
    assert "stayed on between" in breached("second-connection", charger("default", kind=Stuck))
    assert "the power stayed on" in breached(
        "foreign-session-id", charger("default", kind=Stuck)
    )


def test_who_goes_on_in_the_middle_is_breached(charger, monkeypatch):
    real = Visitor.request

    def request(own, body, session_id=None):
        ok = SimpleNamespace(response_code=iso2.ResponseCode.OK)
        return real(own, body) if session_id is None else ok

    monkeypatch.setattr(Visitor, "request", request)
    assert "in the middle of the old" in breached("second-connection", charger("default"))


def test_who_gives_power_for_state_c_is_breached(charger):
    class Eager(SimTarget):
        energised = False

        def ready(self, on):
            super().ready(on)
            self.energised = on

    said = breached("skipped-states", charger("default", kind=Eager))
    assert said == "PowerDelivery first: there was power"


def test_who_serves_no_stranger_at_all_cannot_be_leapt_at(charger):
    class Refusing(SimTarget):
        def connect(self, place, tls):
            stream = super().connect(place, tls)
            if place.mac == STRANGER:
                stream.close()
            return stream

    for name in ("skipped-states", "huge-lengths", "stalled-sender"):
        said = happened(name, charger("default", kind=Refusing), "not applicable")
        assert said == "not tried: the charger took no connection of the attacker's"


def test_who_keeps_silent_connections_of_others_is_breached(charger):
    class Patient(SimTarget):
        def connect(self, place, tls):
            own = place.mac in (STRANGER, FAMILY_CAR)
            return super().connect(place, tls) if own else SimStream(-1, lambda event: None)

    assert "of others stayed open" in breached("stalled-sender", charger(kind=Patient))


# TLS.


def test_where_tls_is_required_nobody_is_served_without(charger):
    target = charger(Config(access=Access(policy="autocharge"), tls=REQUIRE))
    assert happened("tls-strip", target, "held") == "nobody is served without TLS"


def test_who_serves_a_plain_connection_all_the_same_is_breached(charger):
    class Lenient(SimTarget):
        def connect(self, place, tls):
            return super().connect(place, True)

    config = Config(access=Access(policy="autocharge"), tls=REQUIRE)
    assert "though TLS is required" in breached("tls-strip", charger(config, kind=Lenient))


def test_who_answers_with_tls_whom_it_does_not_understand_is_breached(charger, monkeypatch):
    real = sdp.SdpResponse.decode
    encrypted = staticmethod(lambda octets: replace(real(octets), security=0))
    monkeypatch.setattr(sdp.SdpResponse, "decode", encrypted)
    assert "asked for none" in breached("tls-strip", charger("tls"))


def test_where_everybody_may_charge_contracts_are_all_that_is_to_be_had(charger):
    said = happened("tls-strip", charger(Config(tls=OFFER)), "held")
    assert said.startswith("everybody may charge here")
    config = Config(access=Access(contract=True), tls=OFFER, contract=Contract(roots=["x"]))
    happened("bad-contract", charger(config), "not applicable")


# The powerline.


class Generous(SimTarget):
    """One that gives its key away; ``to``: for which message, and when."""

    def say(self, source, message, destination=b"\xff" * 6):
        super().say(source, message, destination)
        if self.gives(message):
            key = SlacMatchCnf(
                ev_mac=source,
                evse_mac=bytes(6),
                run_id=bytes(8),
                network_id=bytes(7),
                network_key=bytes(16),
            )
            self.heard = [*self.heard, Frame(source, bytes(6), key)]


def giving(when):
    return type("Giving", (Generous,), {"gives": when})


def plugged(own):
    return "ev" in own.world.line.modems


@pytest.mark.parametrize(
    ("name", "when", "said"),
    [
        (
            "replayed-slac",
            lambda own, message: not plugged(own),
            "a recording got a key with nothing plugged in",
        ),
        (
            "replayed-slac",
            lambda own, message: (
                isinstance(message, SlacMatchReq) and plugged(own) and not own.energised
            ),
            "the end of a recording alone got a key",
        ),
        (
            "slac-flood",
            lambda own, message: isinstance(message, SlacParmReq),
            "one of the many was given the key",
        ),
    ],
)
def test_who_gives_its_key_away_is_breached(charger, name, when, said):
    assert breached(name, charger("default", kind=giving(when))) == said


def test_who_answers_nothing_or_links_nobody_is_breached_by_forged_frames(charger):
    class Mute(SimTarget):
        heard = property(lambda own: [], lambda own, value: None)

    class Parting(SimTarget):
        plugs = 0

        def plug_in(self, mac, slac):
            super().plug_in(mac, slac)
            self.plugs += 1

        @property
        def linked(self):
            return super().linked and self.plugs == 1

    said = breached("forged-frames", charger("default", kind=Mute))
    assert said == "forged reports kept the owner's vehicle from its match"
    said = breached("forged-frames", charger("default", kind=Parting))
    assert said == "forged messages kept the owner's vehicle from its link"


# What cannot be played, or not judged.


def test_without_a_hand_at_the_plug_only_that_is_said(charger):
    target = charger("default")
    target.setup = replace(target.setup, replugs=False)
    said = happened("replug", target, "not applicable")
    assert said == "nobody can pull the plug here: name the charger's --config"


def test_a_line_that_fails_is_no_verdict(charger):
    class Broken(SimTarget):
        def ask(self, place, octets):
            raise OSError("down")

    with pytest.raises(OSError, match="down"):
        play("strange-discovery", charger("default", kind=Broken))


def test_without_a_card_at_hand_what_was_held_is_held(charger):
    target = charger("card")
    target.setup = replace(target.setup, card=False)
    happened("stalled-sender", target, "held")


class Deaf(SimTarget):
    linked = False


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("skipped-states", "a vehicle that is a stranger is not matched here at all"),
        ("late-revocation", "nobody charges here by registry or card"),
    ],
)
def test_where_nobody_is_matched_there_is_nothing_to_judge(charger, name, why):
    assert happened(name, charger("card", kind=Deaf), "not applicable") == why


COPIES = ["mac-clone", "perfect-clone", "evccid-mismatch"]


@pytest.mark.parametrize("name", [*COPIES, "relay", "enumeration"])
def test_a_copy_that_is_not_matched_has_tried_nothing(charger, name):
    said = happened(name, charger("strict", kind=Deaf), "not applicable")
    assert said == "not tried: what the attacker plugged in was not matched"


class Turning(SimTarget):
    """One that, from when it is told, has no ear for some; ``plain``: for those without TLS."""

    closes = plain = hides = deaf = False

    def connect(self, place, tls):
        stream = super().connect(place, tls)
        if self.closes or (self.plain and not tls):
            stream.close()
        return stream

    def ask(self, place, octets):
        if not self.hides:
            super().ask(place, octets)

    @property
    def linked(self):
        return super().linked and not self.deaf

    def plug_in(self, mac, slac):
        super().plug_in(mac, slac)
        self.deaf |= mac == getattr(self, "deaf_to", None)


def turning(target, **how):
    for name, value in how.items():
        setattr(target, name, value)
    return target


@pytest.mark.parametrize("name", COPIES)
def test_a_copy_that_gets_no_session_has_tried_nothing(charger, name):
    target = turning(charger("strict", kind=Turning), closes=True)
    said = happened(name, target, "not applicable")
    assert said.startswith("not tried: the attacker never came to ask to be let in: it got no")


def test_who_is_not_discovered_cannot_be_connected_to_from_elsewhere(charger):
    target = turning(charger("strict", kind=Turning), hides=True)
    said = happened("relay", target, "not applicable")
    assert said == "not tried: discovery was not answered, so nothing could connect"


def test_contracts_that_are_never_shown_are_not_judged(charger):
    said = happened(
        "bad-contract", turning(charger("pnc", kind=Turning), closes=True), "not applicable"
    )
    assert said.endswith("octets that are no certificate: it never came to show its contract")
    happened("bad-contract", turning(charger("pnc", kind=Turning), deaf=True), "not applicable")


def test_who_is_never_served_in_the_clear_where_tls_is_optional_has_stripped_nothing(charger):
    said = happened(
        "tls-strip", turning(charger("tls", kind=Turning), plain=True), "not applicable"
    )
    assert said == "not tried: without TLS it got no session, though TLS is optional"


def test_another_station_that_never_gets_a_session_is_no_second_one(charger):
    target = turning(charger("strict", kind=Turning), deaf_to=STRANGER)
    why = "a vehicle that is a stranger is not matched here at all"
    assert happened("second-station", target, "not applicable") == why

    class Shy(SimTarget):
        def ask(self, place, octets):
            if place.mac != STRANGER:
                super().ask(place, octets)

    said = happened("second-station", charger("strict", kind=Shy), "not applicable")
    assert said.startswith("not tried: the other station gets no session even if")


def test_who_begins_no_second_session_is_leapt_at_once(charger, monkeypatch):
    monkeypatch.setattr(Visitor, "begin", lambda own: False)
    said = happened("skipped-states", charger("default"), "not applicable")
    assert said == "not tried: after 0 leaps the attacker got no session"


def test_a_vehicle_that_is_not_known_yet_is_copied_whatever_is_wanted(
    charger,
):
    target = charger("autocharge")
    target.setup = replace(target.setup, fingerprint=type(target.setup.fingerprint).REQUIRE)
    result = play("mac-clone", target)
    assert result.remedy.startswith("it is not known yet how the vehicle speaks")


# Other settings, and other answers.


def test_a_charger_of_direct_current_is_played_by_its_alternating_twin(charger):
    dc = Config(charger=Charger(current="dc"))
    assert happened("skipped-states", charger(dc), "held").startswith("5 leaps")


def test_a_list_of_contracts_is_played_with_the_owners_on_it(charger):
    emaids = Contract(roots=["x"], trust="list", emaids=["DE8AAZZZZZZZZZ4"])
    config = Config(access=Access(policy="card", contract=True), tls=OFFER, contract=emaids)
    assert happened("bad-contract", charger(config), "held") == "none of 9 charged"
    without = charger(config)
    without.setup = replace(without.setup, foreign=None)
    assert happened("bad-contract", without, "held") == "none of 7 charged"


def test_an_answer_that_is_none_leads_nowhere(charger):
    class Babbling(SimTarget):
        @property
        def answers(self):
            return [b"?"] * int(self.now * 10)

        @answers.setter
        def answers(self, value):
            pass

    own = Visitor(charger("default", kind=Babbling), FAMILY_CAR)
    own.arrive()
    assert own.discover() is None
    assert not own.connect()


def test_without_a_stream_nothing_is_answered(charger):
    own = Visitor(charger("default"), FAMILY_CAR)
    assert own.request(iso2.ServiceDiscoveryReq()) is None
    assert not own.select()


def test_what_is_no_message_is_passed_over(charger):
    own = Visitor(charger("default"), FAMILY_CAR)
    own.arrive()
    own.open(tls=False)
    own.stream.take(b"\x01\xfe\x00\x00\x00\x00\x00\x00")
    assert own.begin()


def test_parameters_that_are_never_agreed_on_are_given_up(charger, monkeypatch):
    own = Visitor(charger("default"), FAMILY_CAR)
    code, going = SimpleNamespace(value="OK"), iso2.EVSEProcessing.ONGOING
    answers = [SimpleNamespace(response_code=code, evse_processing=going)] * 40
    monkeypatch.setattr(
        Visitor, "request", lambda self, body: answers.pop() if answers else None
    )
    assert not own.negotiate()
    assert not own.negotiate()


def test_a_charger_that_refuses_a_payment_or_a_contract_is_not_asked_on(charger, monkeypatch):
    own = Visitor(charger("pnc"), FAMILY_CAR, wallet=charger("pnc").setup.wallet)
    own.arrive()
    own.set_up()
    monkeypatch.setattr(
        visitor.requests, "payment", lambda found, contract: iso2.AuthorizationReq()
    )
    assert not own.select()
    assert own.refused == "AuthorizationRes: FAILED_SequenceError"


def test_a_copy_that_is_not_matched_may_charge_by_pulses_all_the_same(charger):
    class Open(Deaf):
        energised = True

    assert "MAC address charged" in breached("mac-clone", charger("strict", kind=Open))


def test_connections_from_elsewhere_that_are_turned_away_are_no_relay(charger):
    target = turning(charger("strict", kind=Turning), closes=True)
    said = happened("relay", target, "BREACHED")
    assert said.startswith(
        "connections from elsewhere than the matched vehicle were turned away"
    )


def test_who_lets_another_station_speak_holds_as_long_as_it_grants_nothing(
    charger, monkeypatch
):
    monkeypatch.setattr(Lifecycle, "_stranger", lambda own, mac: None)
    said = happened("relay", charger("strict"), "held")
    assert said.startswith("powerline and network named different vehicles")


def test_the_next_vehicle_may_get_no_connection_in_the_name_of_the_last(charger):
    class Wary(SimTarget):
        def connect(self, place, tls):
            stream = super().connect(place, tls)
            if self.world.car.character.mac == STRANGER:
                stream.close()
            return stream

    said = happened("replug", charger("strict", kind=Wary), "held")
    assert said.endswith("the next vehicle got none in its name")


def test_who_has_no_connection_leaves_all_the_same(charger):
    target = charger("default")
    Visitor(target, FAMILY_CAR).leave()
    assert not target.linked
