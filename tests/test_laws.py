"""Every machine of the package is held to the laws of `seccstack.machine`."""

import ast
from collections import deque
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seccstack import admission, discovery, events, sdp
from seccstack.auth import contract, judgement
from seccstack.auth.decision import Policy
from seccstack.auth.enrolment import Enrolment
from seccstack.chargepoint import ChargePoint
from seccstack.doctor.interview import Begun, Interview
from seccstack.energy import household, peak, sharing, solar
from seccstack.energy.arbiter import Arbiter
from seccstack.energy.balance import Balanced, HouseMeasured, OwnMeasured
from seccstack.energy.floor import Floor
from seccstack.energy.freshness import Freshness
from seccstack.energy.output import Output
from seccstack.energy.phases import Phases
from seccstack.energy.schedule import ClockRead, Schedule
from seccstack.energy.supply import CheckInsulation, SetOutput
from seccstack.energy.thermal import Thermal
from seccstack.energy.waking import Waker
from seccstack.energy.watchdog import Watchdog
from seccstack.energy.watchdog_events import Measured, Supplied
from seccstack.experience.course import Course
from seccstack.homeplug.messages import AmpMapCnf, AmpMapReq
from seccstack.pilot import link
from seccstack.pilot.port import Digital, Fault, Limit, Steady
from seccstack.pilot.proximity import Proximity
from seccstack.pilot.sequences import PilotLimits
from seccstack.sim import (
    car,
    evcc,
    evcc20,
    evcc20_requests,
    evcc_requests,
    microcontroller,
    pilot,
)
from seccstack.sim.host import PowerlineHost
from seccstack.sim.supply import Broken, SimSupply
from seccstack.slac import amplitude, ev, evse, station
from seccstack.slac.events import Heard
from tests.auth import test_authorisation as of_auth
from tests.auth import test_enrolment as of_enrolment
from tests.drive import test_car as of_drive
from tests.drive.recording import scene_of_a_charge
from tests.energy import test_arbiter as of_energy
from tests.energy import test_floor as of_floor
from tests.energy import test_freshness as of_meters
from tests.energy import test_output as of_output
from tests.energy import test_peak as of_peak
from tests.energy import test_phases as of_phases
from tests.energy import test_schedule as of_times
from tests.energy import test_thermal as of_heat
from tests.energy import test_waking as of_waking
from tests.energy import test_watchdog as of_watchdog
from tests.experience import test_course as of_course
from tests.pilot import serial_pair as of_serial
from tests.pilot import test_proximity as of_cables
from tests.pilot import test_sequences as of_pilot
from tests.session import test_session as of_session
from tests.session.vehicle import EVCCID, Ev, framed, sap
from tests.slac import test_laws as of_slac
from tests.slac.bench import EV, EVSE
from tests.strategies import (
    ADDRESSES,
    ARRIVAL,
    DATAGRAMS,
    EVENTS,
    FRAMES,
    MACS,
    SESSION,
)
from tests.test_chargepoint import outlet
from tests.test_sdp import OURS

PACKAGE = Path(__file__).parent.parent / "seccstack"
NO_MACHINES = {
    "Machine",  # the shape itself
    "_Stopwatch",  # of the bench: it stands before a machine and reads the clock
    "_Watch",  # of the bench as well
}

# What machines are made of that have no strategies in a test of their own.

SIGNALS = st.one_of(
    st.sampled_from([Steady(), Digital(), Fault()]), st.builds(Limit, st.floats(6, 80))
)
SUPPLY_EVENTS = st.one_of(
    st.builds(SetOutput, st.floats(0, 1000), st.floats(0, 500)),
    st.just(CheckInsulation()),
    st.builds(Broken, st.sampled_from(["", "hot"])),
)
STATION_EVENTS = st.one_of(
    st.builds(station.FrameReceived, FRAMES),
    st.builds(station.KeyDrawn, of_slac.KEYS, st.just(b"once")),
    st.sampled_from([station.Opened(EVSE), station.Lost("down")]),
    st.sampled_from([evse.VehicleArrived(), evse.VehicleLeft()]),
)
PILOT_LINE_EVENTS = st.one_of(
    st.builds(pilot.Applied, SIGNALS),
    st.builds(pilot.ContactorCommanded, st.booleans()),
    st.builds(
        pilot.VehicleConnected, st.sampled_from([0.0, 270.0, 882.0, 2740.0]), st.booleans()
    ),
    st.just(pilot.VehicleDisconnected()),
    st.builds(pilot.DefectInjected, st.sampled_from(pilot.ContactorDefect)),
)
RESPONSES = st.sampled_from(
    [of_drive.exi(of_drive.SETUP), framed(of_session.STATUS, bytes(8)), sap()]
) | st.binary(max_size=60)
CAR_EVENTS = st.one_of(
    st.sampled_from(
        [car.PlugIn(), car.PlugIn(), car.PullPlug(), car.StreamUp(), car.StreamDown()]
    ),
    st.builds(car.Appetite, st.booleans()),
    st.builds(car.SignalSeen, SIGNALS),
    st.builds(car.MainsChanged, st.booleans()),
    st.builds(car.FrameArrived, FRAMES),
    st.builds(car.DatagramArrived, st.just(of_drive.ANSWER) | DATAGRAMS),
    st.builds(car.BytesArrived, RESPONSES),
)
MAP = bytes(459)
AMPLITUDE_EVENTS = st.one_of(
    st.builds(
        Heard,
        st.just(EVSE),
        st.sampled_from([EV, EVSE]),
        st.sampled_from([AmpMapReq(reductions=MAP), AmpMapCnf(result=0), AmpMapCnf(result=1)]),
    ),
    st.builds(amplitude.AmplitudesSet, st.booleans()),
    st.sampled_from([amplitude.PeerLinked(EV), amplitude.PeerParted()]),
)
SDP_EVENTS = st.one_of(
    st.builds(sdp.DatagramReceived, st.just(OURS), st.just(5), st.none(), DATAGRAMS),
    st.sampled_from([sdp.PluggedIn(), sdp.Unplugged(), sdp.SessionActive(None)]),
    st.builds(sdp.CertificateAtHand, st.booleans()),
)
DISCOVERY_EVENTS = st.one_of(
    st.builds(events.DatagramReceived, ADDRESSES, st.just(5), DATAGRAMS),
    st.builds(discovery.Present, st.booleans()),
    st.builds(discovery.InSession, st.none() | ADDRESSES),
    st.builds(discovery.CertificateAtHand, st.booleans()),
    st.sampled_from([events.NetworkOpened("fe80::1", 49152), events.NetworkLost("down")]),
)
CLOCK_EVENTS = st.builds(ClockRead, st.floats(0, 4e9))
ADMISSION_EVENTS = st.one_of(
    of_auth.EVENTS.filter(lambda event: not isinstance(event, of_auth.PluggedIn)),
    st.builds(admission.Arrived, st.integers(1, 3)),
    st.builds(admission.Claimed, st.sampled_from(["slac_mac", "evccid"]), MACS, st.just("")),
    st.builds(admission.AddressSeen, ADDRESSES),
    st.builds(admission.Connected, st.booleans()),
    st.sampled_from([admission.Left(), admission.Wanted()]),
)


AMPS = st.tuples(*[st.floats(-60, 60)] * 3)
BALANCED = st.builds(Balanced, AMPS, AMPS)
ORDERS = st.builds(peak.ContactTurned, st.booleans()) | st.builds(
    peak.NetworkLimited, st.none() | st.floats(0, 80)
)
SHARING_EVENTS = ORDERS | st.builds(HouseMeasured, AMPS) | st.builds(OwnMeasured, AMPS)
FUSE = household.Settings(connection_amps=35.0)
SUN = solar.Settings(mode=solar.Mode.STRICT)
CONTRACT = contract.Proven("DE8AA1A2B3C4D5V", "CN=Root", (b"leaf",))
CONTRACT_EVENTS = st.one_of(
    st.sampled_from([contract.Arrived(2), contract.Left(), CONTRACT, CONTRACT, CONTRACT]),
    st.builds(
        contract.ContractFound,
        st.sampled_from([CONTRACT.emaid, "DE8AA1A2B3C4D6"]),
        st.sampled_from([None, "FAILED_ContractCanceled"]),
    ),
)


def begun(machine, *happened):
    for event in happened:
        machine.receive(event, 0.0)
    return machine


def begun_evcc():
    machine = evcc.Evcc(evcc_requests.Wishes(evccid=EVCCID))
    machine.start(0.0)
    return machine


def begun_evcc20():
    machine = evcc20.Evcc20(evcc20_requests.Wishes20(evccid=EVCCID))
    machine.start(0.0)
    return machine


def begun_host():
    machine = PowerlineHost(EV, bytes, ev.Character())
    machine.match(0.0)
    return machine


def admitting():
    return admission.Admission(judgement.Settings(policy=Policy.CARD, card_wait_seconds=5.0))


MACHINES = {
    "SlacEvse": (of_slac.ready_evse, of_slac.EVSE_EVENTS),
    "ModemHost": (of_slac.ready_modem, of_slac.MODEM_EVENTS),
    "SlacEv": (of_slac.ready_ev, of_slac.EV_EVENTS),
    "Station": (lambda: begun(station.Station(), station.Opened(EVSE)), STATION_EVENTS),
    "AmplitudeMaps": (
        lambda: begun(amplitude.AmplitudeMaps(able=True, wanted=MAP), amplitude.PeerLinked(EV)),
        AMPLITUDE_EVENTS,
    ),
    "SdpServer": (lambda: sdp.SdpServer(OURS, 49152, sdp.Tls.REQUIRED), SDP_EVENTS),
    "Discovery": (discovery.Discovery, DISCOVERY_EVENTS),
    "V2gSession": (lambda: Ev().session, of_session.STEPS),
    "ContractDesk": (
        lambda: begun(
            contract.ContractDesk(contract.Settings(trust=contract.Trust.OFFICE)),
            contract.Arrived(1),
        ),
        CONTRACT_EVENTS,
    ),
    "Authorisation": (lambda: of_auth.Desk().machine, of_auth.EVENTS),
    "Admission": (admitting, ADMISSION_EVENTS),
    "Enrolment": (
        lambda: begun(Enrolment(), of_enrolment.BeginWanted()),
        of_enrolment.EVENTS,
    ),
    "Arbiter": (Arbiter, of_energy.SAID),
    "PilotLimits": (PilotLimits, of_pilot.EVENTS),
    "Watchdog": (
        lambda: begun(Watchdog(limit_amps=10.0), Supplied(True), Measured(16.0)),
        of_watchdog.EVENTS,
    ),
    "Waker": (lambda: begun(Waker(3, True), *of_waking.PAUSED), of_waking.EVENTS),
    "Floor": (lambda: begun(Floor(), *of_floor.SESSION), of_floor.EVENTS),
    "Output": (lambda: Output(of_output.LIMITS), of_output.EVENTS),
    "Schedule": (lambda: Schedule(of_times.BERLIN_NIGHTS), CLOCK_EVENTS),
    "Course": (lambda: begun(Course(), *of_course.BEGUN), of_course.EVENTS),
    "Freshness": (lambda: Freshness(5.0, 0.0), st.sampled_from(of_meters.EVENTS)),
    "Household": (lambda: household.Household(FUSE), BALANCED),
    "Solar": (lambda: solar.Solar(SUN), BALANCED),
    "Peak": (lambda: peak.Peak(6.0), ORDERS),
    "Contact": (peak.Contact, of_peak.READINGS),
    "Thermal": (lambda: Thermal(of_heat.HOT), of_heat.EVENTS),
    "Phases": (Phases, of_phases.EVENTS),
    "Proximity": (Proximity, of_cables.EVENTS),
    "Sharing": (
        lambda: sharing.Sharing(sharing.Settings(house=FUSE, sun=SUN)),
        SHARING_EVENTS,
    ),
    "SimSupply": (SimSupply, SUPPLY_EVENTS),
    "ChargePoint": (lambda: begun(ChargePoint(outlet()), *ARRIVAL, *SESSION), EVENTS),
    "Interview": (lambda: begun(Interview(), Begun()), of_slac.HEARD),
    "Powerline": (of_slac.ready_line, of_slac.LINE_EVENTS),
    "SimPilot": (pilot.SimPilot, PILOT_LINE_EVENTS),
    "HostLink": (
        lambda: begun(link.HostLink(), link.Attached(), of_serial.ANSWERED),
        of_serial.HOST_EVENTS,
    ),
    "Microcontroller": (
        lambda: begun(microcontroller.Microcontroller(), microcontroller.Reset(1)),
        of_serial.MCU_EVENTS | PILOT_LINE_EVENTS.filter(of_serial.is_the_lines),
    ),
    "PowerlineHost": (begun_host, FRAMES),
    "Evcc": (begun_evcc, RESPONSES),
    "Evcc20": (begun_evcc20, RESPONSES),
    "Car": (lambda: begun(car.Car(car.Character(), bytes), car.PlugIn()), CAR_EVENTS),
    "RecordedCar": (lambda: of_drive.Stage(scene_of_a_charge()[0]).car, CAR_EVENTS),
}


def is_machine(node):
    names = {item.name for item in node.body if isinstance(item, ast.FunctionDef)}
    return names >= {"receive", "tick", "deadline"} or (names >= {"receive", "tick"})


def test_no_machine_of_the_package_is_left_out():
    trees = [ast.parse(path.read_text()) for path in PACKAGE.rglob("*.py")]
    classes = [n for tree in trees for n in ast.walk(tree) if isinstance(n, ast.ClassDef)]
    assert {c.name for c in classes if is_machine(c)} - NO_MACHINES == set(MACHINES)


def contents(thing, depth=8):
    """All that a machine holds, as values that compare."""
    if isinstance(thing, dict):
        return [(contents(k, depth), contents(v, depth)) for k, v in thing.items()]
    if isinstance(thing, list | tuple | deque):
        return [contents(item, depth) for item in thing]
    ours = type(thing).__module__.startswith("seccstack")
    if not depth or not ours or callable(thing):
        return thing
    slots = [name for kind in type(thing).__mro__ for name in getattr(kind, "__slots__", ())]
    names = [*getattr(thing, "__dict__", ()), *slots]
    return type(thing), [(name, contents(getattr(thing, name), depth - 1)) for name in names]


WAITS = st.sampled_from([0.0, 0.05, 0.5, 4.0, 20.0, 70.0])


@pytest.mark.parametrize(("make", "happenings"), MACHINES.values(), ids=MACHINES)
@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_whatever_comes_and_whenever_a_machine_keeps_the_laws(make, happenings, data):
    machine, now = make(), 0.0
    for wait, event in data.draw(st.lists(st.tuples(WAITS, happenings), max_size=20)):
        now += wait
        assert list(machine.tick(now)) is not None
        assert list(machine.receive(event, now)) is not None
        machine.tick(now)
        assert machine.deadline is None or machine.deadline > now
        before, deadline = contents(machine), machine.deadline
        halfway = now if deadline is None else (now + deadline) / 2
        early = now if halfway == deadline else halfway  # they may be neighbours
        assert list(machine.tick(early)) == []
        assert contents(machine) == before
        assert machine.deadline == deadline
