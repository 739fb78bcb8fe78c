"""How full a vehicle says that its battery is."""

from types import SimpleNamespace

import pytest

from seccstack.explain.account import also
from seccstack.explain.battery import said_in
from seccstack.explain.situation import Situation, Visit
from seccstack.messages import iso2
from seccstack.messages.codec import Schema
from seccstack.messages.iso20_types import DisplayParameters
from seccstack.session.events import Exchanged
from seccstack.sim import evcc_din, evcc_requests
from tests.scenarios.test_dc import dc_scene


def saying(percent):
    return SimpleNamespace(display_parameters=DisplayParameters(present_soc=percent))


def told(*percents, after=0.0):
    case = Situation(visit=Visit(1, 0.0))
    for percent in percents:
        said = Exchanged("ev", Schema.ISO20_DC, "DC_ChargeLoopReq", b"", saying(percent))
        case.did(said, 1.0)
    return list(also(case, 1.0 + after))


@pytest.mark.parametrize("status", [evcc_din.status(), evcc_requests.status()])
@pytest.mark.parametrize(
    "wrapped",
    [
        lambda status: SimpleNamespace(dc_ev_status=status),
        lambda status: SimpleNamespace(
            ev_charge_parameter=SimpleNamespace(dc_ev_status=status)
        ),
        lambda status: SimpleNamespace(
            ev_power_delivery_parameter=SimpleNamespace(dc_ev_status=status)
        ),
    ],
)
def test_on_dc_most_requests_tell_it(status, wrapped):
    assert said_in(SimpleNamespace(body=wrapped(status))) == 50


def test_what_does_not_tell_it_tells_nothing():
    assert (
        said_in(SimpleNamespace(body=iso2.SessionStopReq(charging_session="Terminate"))) is None
    )
    assert said_in(None) is None
    assert told(None) == []


def test_it_is_said_with_its_source_and_age():
    assert told(44, after=90.0) == [
        "its battery is at 44 %, as DC_ChargeLoopReq said 1 min ago"
    ]


def test_what_cannot_be_is_said_to_be_so_and_never_put_above_what_can():
    assert told(-1, 101)[0].endswith("101 %, as DC_ChargeLoopReq said 0 s ago, which cannot be")
    assert "at 44 %" in told(101, 44, -1)[0]


def test_a_car_on_dc_tells_it_while_it_charges():
    scene = dc_scene().plug_in().wait(30)
    case = Situation(visit=Visit(1, 0.0), dc=True)
    for now, _, actions in scene.steps:
        for action in actions:
            case.did(action, now)
    assert case.visit.battery.percent == 50
