"""Amplitude maps, beyond what ISO 15118-5 tests."""

import pytest

from seccstack.homeplug.messages import AmpMapCnf, AmpMapReq, SlacParmReq
from seccstack.slac.amplitude import (
    MAX_PENDING,
    AmplitudeMaps,
    AmplitudesSet,
    PeerLinked,
    PeerParted,
    SetAmplitudes,
)
from seccstack.slac.events import Heard, Ignored, Send
from tests.slac.bench import EV, EVSE, OTHER, RUN

MAP = b"\x22" * 459
REQUEST = AmpMapReq(reductions=MAP)
DONE, FAILED = Send(EV, AmpMapCnf(result=0)), Send(EV, AmpMapCnf(result=1))


def from_ev(message, mac=EV):
    return Heard(EVSE, mac, message)


@pytest.fixture
def maps():
    maps = AmplitudeMaps(able=True)
    maps.receive(PeerLinked(EV), 0.0)
    return maps


def test_who_is_not_linked_changes_nothing(maps):
    [ignored] = maps.receive(from_ev(REQUEST, OTHER), 1.0)
    assert ignored == Ignored("CM_AMP_MAP.REQ", "sent by nobody who is linked with us")
    maps.receive(PeerParted(), 2.0)
    assert isinstance(maps.receive(from_ev(REQUEST), 3.0)[0], Ignored)


def test_what_is_not_about_amplitudes_is_no_news(maps):
    assert maps.receive(from_ev(SlacParmReq(run_id=RUN)), 1.0) == []


def test_a_modem_that_does_not_do_it_is_answered_for(maps):
    assert maps.receive(from_ev(REQUEST), 1.0) == [SetAmplitudes(MAP)]
    assert maps.receive(AmplitudesSet(False), 1.05) == [FAILED]


def test_a_modem_that_takes_too_long_has_failed_and_its_answer_comes_too_late(maps):
    maps.receive(from_ev(REQUEST), 1.0)
    assert maps.deadline == pytest.approx(1.1)
    assert maps.tick(1.1) == [FAILED]
    assert maps.receive(AmplitudesSet(True), 1.2) == []


def test_a_flood_of_requests_is_bounded(maps):
    told = [maps.receive(from_ev(REQUEST), 1.0)[0] for _ in range(100)]
    assert told[:MAX_PENDING] == [SetAmplitudes(MAP)] * MAX_PENDING
    assert all(isinstance(action, Ignored) for action in told[MAX_PENDING:])
    assert maps.tick(2.0) == [FAILED] * MAX_PENDING


def test_an_ev_that_parts_is_owed_nothing(maps):
    maps.receive(from_ev(REQUEST), 1.0)
    maps.receive(PeerParted(), 1.01)
    assert maps.deadline is None
    assert maps.receive(AmplitudesSet(True), 1.02) == []


def test_a_confirmation_that_nobody_asked_for_is_ignored(maps):
    assert maps.receive(from_ev(AmpMapCnf()), 1.0) == [
        Ignored("CM_AMP_MAP.CNF", "nobody asked")
    ]


def test_an_ev_that_never_confirms_is_told_of():
    maps = AmplitudeMaps(wanted=MAP)
    assert maps.receive(PeerLinked(EV), 0.0) == [Send(EV, REQUEST)]
    assert [maps.tick(maps.deadline) for _ in range(2)] == [[Send(EV, REQUEST)]] * 2
    assert maps.tick(maps.deadline) == [
        Ignored("our CM_AMP_MAP.REQ", "the EV did not confirm it")
    ]
    assert maps.deadline is None
