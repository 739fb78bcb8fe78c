"""CmAmpMap: sending more quietly, once linked."""

import pytest

from seccstack.homeplug.frame import Frame, encode_frame
from seccstack.homeplug.messages import AmpMapCnf, AmpMapReq
from seccstack.sim.modem import STEP_DB
from seccstack.sim.powerline import FrameSent
from seccstack.sim.world import EVSE_MAC
from tests.slac.suite.tester import case

CMN = "CMN_VTB_CmAmpMap"
MAP = b"\x11" * 459


@pytest.fixture
def linked(make):
    """A tester that is linked with a charger whose modem can be told."""
    return make(slac={"limits_power": True}).pilot("B").link()


@pytest.fixture
def asked(make):
    """A tester that is linked with a charger that wants it to be quieter."""
    tester = make(slac={"amplitudes": MAP}).pilot("B")
    tester.join(tester.match())
    assert tester.answer(AmpMapReq, within=12.0) == AmpMapReq(carriers=917, reductions=MAP)
    return tester


@case(f"{CMN}_001")
@pytest.mark.parametrize("steps", [1, 15])
def test_what_is_asked_for_is_confirmed_and_done(linked, steps):
    """What is measured is the power: how weak the charger's modem is at the tester's."""
    before = linked.world.line.heard_db("evse", "ev")
    asked = AmpMapReq(reductions=bytes([steps << 4 | steps]) * 459)
    assert linked.say(asked, to=EVSE_MAC).answer(AmpMapCnf).result == 0
    after = linked.world.line.heard_db("evse", "ev")
    less = [now - then for then, now in zip(before, after, strict=True)]
    assert less == [steps * STEP_DB] * 58


@case(f"{CMN}_002")
def test_the_charger_asks_as_soon_as_the_link_stands(asked):
    [at] = [now for now, _, actions in asked.steps for a in actions if is_ready(a)]
    assert asked.now - at < 0.1
    asked.say(AmpMapCnf(), to=EVSE_MAC).assert_silence(2, AmpMapReq)


def is_ready(action):
    return getattr(action, "event", None) == "link ready"


def assert_asked_three_times(asked):
    times = [heard.at for heard in asked.wait(2).heard(AmpMapReq)]
    assert [at - times[0] for at in times] == pytest.approx([0, 0.2, 0.4])


@case(f"{CMN}_003")
def test_what_is_not_confirmed_is_asked_again(asked):
    assert_asked_three_times(asked)


@case(f"{CMN}_004")
def test_what_has_failed_is_asked_again(asked):
    asked.say(AmpMapCnf(result=1), to=EVSE_MAC)
    assert_asked_three_times(asked)


@case(f"{CMN}_005")
def test_a_map_of_no_carriers_is_ignored(linked):
    octets = bytearray(encode_frame(Frame(EVSE_MAC, linked.mac, AmpMapReq(reductions=MAP))))
    octets[19:21] = bytes(2)
    linked.world.line.receive(FrameSent("ev", bytes(octets)), linked.now)
    linked.assert_silence(0.5, AmpMapCnf)
    assert linked.world.line.modems["evse"].reductions == b""


@case(f"{CMN}_006")
def test_two_requests_in_a_row_are_confirmed(linked):
    for _ in range(2):
        linked.say(AmpMapReq(reductions=MAP), to=EVSE_MAC).answer(AmpMapCnf)


@case(f"{CMN}_007")
def test_three_requests_at_once_are_confirmed(linked):
    for _ in range(3):
        linked.say(AmpMapReq(reductions=MAP), to=EVSE_MAC)
    linked.wait(0.2)
    assert [heard.message.result for heard in linked.heard(AmpMapCnf)] == [0, 0, 0]


@case(f"{CMN}_008")
def test_sdp_works_after_the_exchange(linked):
    linked.say(AmpMapReq(reductions=MAP), to=EVSE_MAC).answer(AmpMapCnf)
    linked.assert_sdp_works()


def test_a_charger_whose_modem_cannot_be_told_says_so(tester):
    tester.link().say(AmpMapReq(reductions=MAP), to=EVSE_MAC)
    assert tester.answer(AmpMapCnf).result == 1
    assert tester.world.line.modems["evse"].reductions == b""
