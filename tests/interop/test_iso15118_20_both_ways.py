"""The EVCC of the package `iso15118`: ISO 15118-20 on DC, and both ways.

One car has two sessions: in the first it decides what flows (scheduled), in the second the
charger does (dynamic). The package's own models judge each of our messages. Both ways it is in
TLS 1.3 with certificates on both sides; one way without, which only a lab's charger allows.
"""

import json

import pytest

from seccstack.adapters.control import tell
from tests import lab as labs
from tests.interop.test_iso15118_20 import response

LAB = """
[charger]
protocols = ["iso20"]
{charger}
[tls]
profile = "lab"
{tls}
{rest}
"""
ON_DC = {"charger": 'current = "dc"'}
DC_ONE_WAY = {**ON_DC, "rest": ""}
DC_BOTH_WAYS = {**ON_DC, "rest": "[supply]\ndischarge_amps = 40\ndischarge_watts = 10_000"}
AC_BOTH_WAYS = {"charger": "discharge_amps = 16", "rest": ""}
IN_TLS = {"useTls": True, "enforceTls": True}
SCHEDULED, DYNAMIC = {"control": 1}, {"control": 2}


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    return labs.minted(tmp_path_factory.mktemp("pki") / "lab")


def trusting(lab):
    """TLS as such a charger has it, that knows the root of this car."""
    chain, root = lab / "chains/v2g-20.secc", lab / "roots/oem-20.pem"
    chains, roots = json.dumps([str(chain)]), json.dumps([str(root)])
    return f'mode = "offer"\nchains = {chains}\nvehicle_roots = {roots}\n'


def start(stage, protocol, service, config, pki=None):
    settings = {"supportedProtocols": [protocol], "supportedEnergyServices": [service]}
    place, tls = (None, "") if pki is None else (pki / "iso15118_20", trusting(pki))
    settings |= {} if pki is None else IN_TLS
    car = stage.start_car(place, (SCHEDULED, DYNAMIC), chargeLoopCycle=5, **settings)
    stage.lay_cable()
    stage.start_charger(LAB.format(**config, tls=tls))
    car.expect(event="warm")
    return car


def in_tls(stage, since=0):
    """Whether the last stream was in TLS, and the vehicle showed its certificate."""
    opened = stage.charger.expect(event="stream opened", after=since)
    tls = stage.charger.lines[opened].get("tls", {})
    return tls.get("version") == "TLS 1.3" and "vehicle" in tls


def turns(car, here, name):
    """The control modes of the loop's responses, each with what it says."""
    for line in car.lines[here:]:
        body = line.get("message", {}).get(name) if line["event"] == "received" else None
        for key, said in (body or {}).items():
            if key.endswith("CLResControlMode"):
                yield key.removesuffix("CLResControlMode"), said


def turn(stage, state):
    """Turn the pilot without starting a program for it: a car does so within 1.5 s."""
    tell(stage.folder / "seccstack.sock", {"do": "pilot", "value": state})


def charge(stage, car, loop):
    """Have it charge and end; return where in its lines this session begins."""
    here, there = len(car.lines), len(stage.charger.lines)
    turn(stage, "B")
    car.begin()
    due = {"sender": "evse", "name": "ServiceSelectionRes"}
    stage.charger.expect(event="message", after=there, **due)
    turn(stage, "C")
    car.expect(response(loop, ResponseCode="OK"), event="received", after=here)
    stopping = car.expect(
        lambda line: "PowerDeliveryReq" in str(line) and "Stop" in str(line),
        event="sent",
        after=here,
    )
    turn(stage, "B")
    car.expect(response("SessionStopRes", ResponseCode="OK"), event="received", after=stopping)
    # not "session ended": of what a peer can make happen at will, one line a second is written
    stage.charger.expect(event="message", sender="evse", name="SessionStopRes", after=there)
    turn(stage, "A")
    return here


@pytest.mark.parametrize(
    ("service", "config", "prefix"),
    [("DC", DC_ONE_WAY, ""), ("DC_BPT", DC_BOTH_WAYS, "BPT_")],
    ids=["DC", "DC_BPT"],
)
def test_it_charges_dc_in_both_control_modes(stage, service, config, prefix, lab, monkeypatch):
    monkeypatch.setenv("ENABLE_TLS_1_3", "True")
    car = start(stage, "ISO_15118_20_DC", service, config, lab if prefix else None)
    for mode in ("Scheduled", "Dynamic"):
        here = charge(stage, car, "DC_ChargeLoopRes")
        car.expect(response("DC_WeldingDetectionRes"), event="received", after=here)
        seen = dict(turns(car, here, "DC_ChargeLoopRes"))
        assert list(seen) == [f"{prefix}{mode}_DC_"]
        said = seen[f"{prefix}{mode}_DC_"]
        assert ("EVSEMaximumDischargePower" in said) is bool(prefix)
    assert in_tls(stage) is bool(prefix)
    on = stage.charger.expect(event="output", on=True)
    stage.charger.expect(event="output", on=False, after=on)


def test_it_charges_ac_both_ways_in_both_control_modes(stage, lab, monkeypatch):
    monkeypatch.setenv("ENABLE_TLS_1_3", "True")
    car = start(stage, "ISO_15118_20_AC", "AC_BPT", AC_BOTH_WAYS, lab)
    for mode in ("Scheduled", "Dynamic"):
        here = charge(stage, car, "AC_ChargeLoopRes")
        assert list(dict(turns(car, here, "AC_ChargeLoopRes"))) == [f"BPT_{mode}_AC_"]
        told = car.expect(
            response("AC_ChargeParameterDiscoveryRes"), event="received", after=here
        )
        assert "EVSEMaximumDischargePower" in str(car.lines[told])
    assert in_tls(stage)
