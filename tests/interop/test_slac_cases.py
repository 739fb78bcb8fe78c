"""Cases of ISO 15118-5 over real sockets: raw frames, emulated modems, the running charger.

Those that need nothing but messages, in real time. Waits of 10 s and 50 s are not made here,
but in `tests/slac/suite`, in virtual time: here the charger waits 1 s for the first request,
and steps down without state F, in which it would be blind to the next test's plug.
"""

import select
import socket
import time
from contextlib import ExitStack

import pytest

from seccstack.adapters import control
from seccstack.adapters.powerline import mac_of
from seccstack.homeplug.frame import ETHERTYPE, LOCAL_MODEM, Frame, decode_frame, encode_frame
from seccstack.homeplug.keys import network_id
from seccstack.homeplug.messages import (
    BROADCAST,
    AttenCharInd,
    AttenCharRsp,
    MnbcSoundInd,
    SetKeyCnf,
    SetKeyReq,
    SlacMatchCnf,
    SlacMatchReq,
    SlacParmCnf,
    SlacParmReq,
    StartAttenCharInd,
    ValidateCnf,
    ValidateReq,
)
from seccstack.slac.checks import ToAll
from tests.interop.conftest import CAR, CHARGER, Stage
from tests.namespaces import require_namespaces

STATION = b"\xff" * 17
NOBODY = bytes(6)
STRANGER = bytes.fromhex("02AABBCCDD02")
SLAC = SlacParmCnf | AttenCharInd | ValidateCnf | SlacMatchCnf
QUIET = 0.3  # within it every answer has come that will
PILOT = """
[pilot]
fallback = "steady"
"""
POWERLINE = """
slac_init_seconds = 1
validation = "unsupported"
"""


class Wire:
    """The tester's raw socket, in the car's place."""

    def __init__(self, stage):
        self.stage = stage
        with stage.car_place.inside():
            self.mac = mac_of(CAR)
            self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
            self.socket.bind((CAR, ETHERTYPE))
        with stage.charger_place.inside():
            self.evse = mac_of(CHARGER)
        self.run = bytes(8)
        self._runs = 0

    def plug(self, state):
        """Have the pilot in this state."""
        order = {"do": "pilot", "value": state}
        control.tell(self.stage.folder / "seccstack.sock", order)

    def plug_in(self):
        """Begin a plug-in of its own, with a key and a run of its own."""
        charger, before = self.stage.charger, self._runs
        self._runs += 1
        self.run = self._runs.to_bytes(8)
        self.plug("A")
        self.plug("B")
        charger.expect(event="plugged in", plug_in=self._runs)
        if before:
            left = charger.expect(event="unplugged", plug_in=before)
            charger.expect(event="key", in_force=True, after=left)
        self.frames(0.02)
        return self

    def say(self, message, mac=None, to=None):
        destination = to or (BROADCAST if isinstance(message, ToAll) else self.evse)
        self.socket.send(encode_frame(Frame(destination, mac or self.mac, message)))
        return self

    def frames(self, seconds, until=None):
        """What comes within so many seconds, or until something of this kind does."""
        heard, end = [], time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0 and not any(
            isinstance(m, until or ()) for m in heard
        ):
            if select.select([self.socket], [], [], left)[0]:
                octets, (_, _, kind, *_) = self.socket.recvfrom(1518)
                if kind != socket.PACKET_OUTGOING:
                    heard.append(decode_frame(octets).message)
        return heard

    def answer(self, kind, within=1.0):
        """The one message of this kind that comes."""
        [message] = [m for m in self.frames(within, kind) if isinstance(m, kind)]
        return message

    def assert_silence(self, seconds=QUIET):
        assert [m for m in self.frames(seconds) if isinstance(m, SLAC)] == []

    def ask(self, **changes):
        return self.say(SlacParmReq(**{"run_id": self.run} | changes))

    def start(self, **changes):
        fields = {"forwarding_station": self.mac, "run_id": self.run}
        for _ in range(3):
            self.say(StartAttenCharInd(**fields | changes))
        return self

    def sound(self, count=10):
        for left in reversed(range(count)):
            self.say(MnbcSoundInd(remaining=left, run_id=self.run, random=bytes(16)))
            time.sleep(0.005)
        return self

    def get_report(self):
        self.ask().answer(SlacParmCnf)
        return self.start().sound().answer(AttenCharInd)

    def respond(self, **changes):
        fields = {"source_address": self.mac, "run_id": self.run}
        return self.say(AttenCharRsp(**fields | changes))

    def get_chosen(self):
        self.get_report()
        return self.respond()

    def choose(self, mac=None, **changes):
        fields = {"ev_mac": self.mac, "evse_mac": self.evse, "run_id": self.run}
        return self.say(SlacMatchReq(**fields | changes), mac)


@pytest.fixture(scope="module")
def line(tmp_path_factory):
    """A charger that runs behind emulated modems, and the tester's socket."""
    require_namespaces()
    with ExitStack() as stack:
        stage = Stage(tmp_path_factory.mktemp("charger"), stack)
        stage.lay_powerline()
        stage.start_charger(PILOT, POWERLINE)
        wire = Wire(stage)
        with wire.socket:
            yield wire


@pytest.fixture
def wire(line):
    return line.plug_in()


def each(group, variants):
    """Name a test by the cases that it is, each with what is wrong in it."""
    named = [pytest.param(what, id=f"TC_SECC_CMN_VTB_{group}_{n:03}") for n, what in variants]
    return pytest.mark.parametrize("wrong", named)


def case(name):
    """Name a test by the case that it is."""
    return each(name[:-4], [(int(name[-3:]), None)])


@each("CmSlacParm", [(1, "B"), (2, "C"), (3, "D")])
def test_who_asks_is_answered_within_200_ms(wire, wrong):
    wire.plug(wrong)
    for _ in range(3):
        confirmed = wire.ask().answer(SlacParmCnf, within=0.2)
        assert confirmed == SlacParmCnf(forwarding_station=wire.mac, run_id=wire.run)


@case("CmSlacParm_004")
def test_who_asks_too_late_is_not(wire, wrong):
    time.sleep(1.1)
    wire.ask().assert_silence()


@each("CmSlacParm", [(5, {"application_type": 0xFF}), (6, {"security_type": 0xFF})])
def test_who_asks_wrongly_is_not_and_keeps_nothing_open(wire, wrong):
    wire.ask(**wrong).assert_silence(1.1)
    wire.ask().assert_silence()


@case("CmSlacParm_007")
def test_who_is_unplugged_is_not(wire, wrong):
    wire.plug("A")
    wire.ask().assert_silence()


@case("AttenuationCharacterization_001")
def test_ten_sounds_are_reported_with_all_fields(wire, wrong):
    assert wire.get_report() == AttenCharInd(
        source_address=wire.mac, run_id=wire.run, num_sounds=10, attenuations=bytes([20]) * 58
    )


@case("AttenuationCharacterization_003")
def test_nine_sounds_are_reported_when_600_ms_are_over(wire, wrong):
    wire.ask().answer(SlacParmCnf)
    began = time.monotonic()
    assert wire.start().sound(9).answer(AttenCharInd).num_sounds == 9
    assert 0.58 < time.monotonic() - began < 0.9


WRONG_RESPONSES = [
    (4, None),
    (5, {"application_type": 0xFF}),
    (6, {"security_type": 0xFF}),
    (7, {"source_address": NOBODY}),
    (8, {"run_id": STATION[:8]}),
    (9, {"source_id": STATION}),
    (10, {"response_id": STATION}),
    (11, {"result": 0xFF}),
]


@each("AttenuationCharacterization", WRONG_RESPONSES)
def test_a_report_without_a_right_response_is_sent_three_times(wire, wrong):
    wire.get_report()
    if wrong is not None:
        wire.respond(**wrong)
    again = [m for m in wire.frames(0.65) if isinstance(m, AttenCharInd)]
    assert len(again) == 2
    wire.respond().choose().assert_silence(0.1)


@case("AttenuationCharacterization_012")
def test_a_start_that_comes_too_late_is_none(wire, wrong):
    wire.ask().answer(SlacParmCnf)
    time.sleep(0.45)
    wire.start().sound().assert_silence(0.65)


WRONG_STARTS = [
    (13, {"application_type": 0xFF}),
    (14, {"security_type": 0xFF}),
    (15, {"num_sounds": 0}),
    (16, {"timeout": 0}),
    (17, {"response_type": 0}),
    (18, {"run_id": STATION[:8]}),
]


@each("AttenuationCharacterization", WRONG_STARTS)
def test_a_wrong_start_is_none(wire, wrong):
    wire.ask().answer(SlacParmCnf)
    wire.start(**wrong).sound().assert_silence(0.65)


@case("CmValidate_010")
def test_a_charger_that_cannot_validate_says_failure(wire, wrong):
    answer = wire.get_chosen().say(ValidateReq()).answer(ValidateCnf)
    assert answer == ValidateCnf(toggles=0, result=3)


@case("CmSlacMatch_001")
def test_a_choice_is_confirmed_and_again(wire, wrong):
    confirmed = wire.get_chosen().choose().answer(SlacMatchCnf)
    assert confirmed.network_id == network_id(confirmed.network_key)
    assert (confirmed.ev_mac, confirmed.evse_mac) == (wire.mac, wire.evse)
    assert wire.choose().answer(SlacMatchCnf) == confirmed  # CmSlacMatch_003


WRONG_CHOICES = [
    (7, {"application_type": 0xFF}),
    (9, {"security_type": 0xFF}),
    (11, {"length": 0}),
    (13, {"ev_id": STATION}),
    (15, {"ev_mac": NOBODY}),
    (17, {"evse_id": STATION}),
    (19, {"evse_mac": NOBODY}),
    (21, {"run_id": STATION[:8]}),
]


@each("CmSlacMatch", WRONG_CHOICES)
def test_a_wrong_choice_is_none(wire, wrong):
    wire.get_chosen().choose(**wrong).assert_silence(0.1)


@case("CmSlacMatch_023")
def test_who_is_unplugged_is_not_given_the_key(wire, wrong):
    wire.get_chosen().plug("A")
    wire.choose().assert_silence(0.1)


@case("PLCLinkStatus_001")
def test_the_link_stands_within_12_s_and_then_nobody_is_answered(wire, wrong):
    seen = len(wire.stage.charger.lines)
    confirmed = wire.get_chosen().choose().answer(SlacMatchCnf)
    request = SetKeyReq(network_id=confirmed.network_id, network_key=confirmed.network_key)
    assert wire.say(request, to=LOCAL_MODEM).answer(SetKeyCnf).result == 1
    wire.stage.charger.expect(event="link ready", after=seen, seconds=12)
    wire.ask().assert_silence(0.2)  # PLCLinkStatus_003


def test_a_strangers_choice_is_not_confirmed_nor_is_one_in_its_name(wire):
    wire.get_chosen().choose().answer(SlacMatchCnf)
    wire.choose(STRANGER).choose(STRANGER, ev_mac=STRANGER).assert_silence(0.1)


def test_frames_cut_short_do_no_harm(wire):
    octets = encode_frame(
        Frame(
            wire.evse,
            wire.mac,
            SlacMatchReq(ev_mac=wire.mac, evse_mac=wire.evse, run_id=wire.run),
        )
    )
    for length in range(15, len(octets)):
        wire.socket.send(octets[:length])
    assert wire.get_chosen().choose().answer(SlacMatchCnf)
