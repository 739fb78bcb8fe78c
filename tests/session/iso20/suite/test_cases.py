"""Every case of the list, in virtual time against the session."""

from dataclasses import replace

import pytest

from seccstack.auth.decision import Denied, Granted
from seccstack.messages import iso20_ac, iso20_dc
from seccstack.session.events import (
    ContactorChanged,
    Decided,
    InsulationChecked,
    LimitChanged,
    OutputMeasured,
    PilotChanged,
)
from tests.session.iso20.dc_requests import SUPPLY, pre_charge, turn
from tests.session.iso20.suite.cases import STEPS
from tests.session.iso20.test_setup import ANOTHER, OLD_ID, paused
from tests.session.iso20.vehicle import (
    ANY,
    CHARGER,
    CHECK_IN,
    CHECK_OUT,
    CONFIRMATION,
    DC,
    DYNAMIC,
    DYNAMIC_LOOP,
    INSTALLATION,
    SETUP,
    WAYS_IN,
    Ev,
    ac,
    contract,
    detail,
    discovery,
    eim,
    loop,
    number,
    power,
    profile,
    scheduled,
    selection,
    stop,
)

FOREIGN = bytes.fromhex("FEDCBA9876543210")
CHECK = iso20_dc.DC_CableCheckReq(header=ANY)
BOTH_WAYS = iso20_ac.AC_ChargeParameterDiscoveryReq(
    header=ANY,
    ac_cpd_req_energy_transfer_mode=iso20_ac.BPT_AC_CPDReqEnergyTransferMode(
        ev_maximum_charge_power=number(11, 3),
        ev_minimum_charge_power=number(0),
        ev_maximum_discharge_power=number(11, 3),
        ev_minimum_discharge_power=number(0),
    ),
)
WELDING = iso20_dc.DC_WeldingDetectionReq(header=ANY, ev_processing=pre_charge().ev_processing)
SCHEDULED = iso20_dc.Scheduled_DC_CLReqControlMode(
    ev_target_current=number(100), ev_target_voltage=number(400)
)
LEAST = {"ev_maximum_charge_power": number(50, 3), "ev_minimum_charge_power": number(0)}
DYNAMIC_MODE = iso20_dc.Dynamic_DC_CLReqControlMode(
    **LEAST,
    ev_target_energy_request=number(1),
    ev_maximum_energy_request=number(1),
    ev_minimum_energy_request=number(0),
    ev_maximum_charge_current=number(100),
    ev_maximum_voltage=number(400),
    ev_minimum_voltage=number(200),
)


class DcEv(Ev):
    """A vehicle on DC."""

    protocol = "urn:iso:std:iso:15118:-20:DC"

    def __init__(self):
        super().__init__(replace(CHARGER, supply=SUPPLY))

    def choose(self):
        return self.select(2)

    def check(self):
        """Come as far as the cable check, with its switch closed."""
        self.tell(LimitChanged(100.0), PilotChanged(True))
        self.choose().ask(DC)
        self.ask(scheduled())
        self.ask(CHECK)
        return self

    def checked(self):
        self.check().tell(InsulationChecked(True))
        self.ask(CHECK)
        return self

    def demand(self):
        self.checked().ask(pre_charge())
        self.tell(OutputMeasured(400.0, 0.0))
        assert self.code(power("Start", profile())) == "OK"
        return self

    def unload(self):
        self.demand().ask(power("Stop"))
        self.tell(PilotChanged(False))
        return self


def told(*events):
    return Ev().told(*events)


def after(ev, *requests):
    for request in requests:
        ev.ask(request)
    return ev


def again(session_id, vehicle=None):
    """Let a vehicle come back to what was paused; return the response."""
    known = {} if vehicle is None else {"vehicle": vehicle}
    ev = Ev(resumable=paused(), **known).connect()
    ev.tell(Decided(Granted("open")))
    if session_id == OLD_ID and vehicle is None:
        ev.session_id = OLD_ID
    return ev, ev.ask(SETUP, session_id)


def anew(ev, request, seconds):
    """Ask a request again and again for so long; return the last response."""
    for _ in range(int(seconds / 5)):
        ev.ask(request)
        ev.wait(5)
    return ev.ask(request)


def waited(ev, *events, seconds=0.0):
    """Return what is said after changes, or after some time."""
    ev.tell(*events)
    if seconds:
        ev.wait(seconds)
    return ev.answer()


def refused_then(*events):
    ev = Ev().challenged()
    ev.tell(Decided(Denied(("no",))))
    first = ev.ask(eim())
    if not events:
        return first
    ev.tell(*events)
    return ev.ask(eim())


def silent():
    ev = after(Ev().charge(), loop())
    ev.wait(0.4)
    assert not ev.session.over
    ev.wait(0.1)
    assert ev.session.over


def negotiating(parameter_set=1):
    return Ev().negotiate(parameter_set).told(LimitChanged(16.0))


def at_agreed(request):
    return told(PilotChanged(True), ContactorChanged(True)).agree().ask(request)


GRANTED = Decided(Granted("card"))
RUN = {
    "E-1.1": lambda: Ev().connect().ask(SETUP, bytes(8)),
    "E-1.2": lambda: again(OLD_ID)[1],
    "E-1.3": lambda: again(OLD_ID, ANOTHER)[1],
    "E-1.4": lambda: again(FOREIGN)[1],
    "E-1.5": lambda: again(OLD_ID)[0].ask(ac()),
    "E-2.1": lambda: Ev().set_up().ask(WAYS_IN),
    "E-2.2": lambda: Ev().set_up().ask(WAYS_IN, FOREIGN),
    "E-3.1": lambda: Ev(replace(CHARGER, provides=False)).challenged().ask(INSTALLATION),
    "E-4.1": lambda: Ev().challenged().ask(eim()),
    "E-4.2": lambda: Ev().challenged().told(GRANTED).ask(eim()),
    "E-4.3": lambda: Ev(challenge=b"").challenged().ask(contract()),
    "E-4.4": refused_then,
    "E-4.5": lambda: refused_then(GRANTED),
    "E-4.6": lambda: Ev().challenged().ask(contract(bytes(16))),
    "E-4.7": lambda: Ev().challenged().ask(contract()),
    "E-5.1": lambda: Ev().authorize().ask(discovery()),
    "E-5.2": lambda: Ev().authorize().ask(discovery(4)),
    "E-6.1": lambda: Ev().discover().ask(detail()),
    "E-6.2": lambda: Ev().discover().ask(detail(4)),
    "E-7.1": lambda: after(Ev().discover(), detail()).ask(selection()),
    "E-7.2": lambda: after(Ev().discover(), detail()).ask(selection(2)),
    "E-7.3": lambda: after(Ev().discover(), detail()).ask(selection(1, 9)),
    "E-7.4": lambda: after(Ev().discover(), detail()).ask(selection(1, 1, (65, 1))),
    "E-8.1": lambda: Ev().select().ask(ac()),
    "E-8.2": lambda: Ev().select().ask(BOTH_WAYS),
    "E-8.3": lambda: Ev().select().ask(ac(ev_minimum_charge_power=number(12, 3))),
    "E-9.1": lambda: DcEv().choose().ask(DC),
    "E-9.2": lambda: Ev().select().ask(DC),
    "E-10.1": lambda: negotiating().ask(scheduled()),
    "E-10.2": lambda: negotiating(2).ask(DYNAMIC),
    "E-10.3": lambda: negotiating().ask(DYNAMIC),
    "E-10.4": lambda: Ev().negotiate().ask(scheduled()),
    "E-10.5": lambda: anew(Ev().negotiate(), scheduled(), 55),
    "E-11.1": lambda: at_agreed(power("Start", profile())),
    "E-11.2": lambda: waited(Ev().start(), PilotChanged(True), seconds=3.0),
    "E-11.3": lambda: waited(Ev().start(), seconds=1.5),
    "E-11.4": lambda: at_agreed(power("Start", profile((60, 12_000)))),
    "E-11.5": lambda: at_agreed(power("Start", profile(tuple_id=7))),
    "E-11.6": lambda: after(Ev().charge(), loop()).ask(power("Standby")),
    "E-11.7": lambda: Ev().charge().ask(power("Stop")),
    "E-11.8": lambda: Ev().charge().ask(power("ScheduleRenegotiation")),
    "E-12.1": lambda: Ev().charge().ask(loop()),
    "E-12.2": lambda: Ev().charge(2).ask(DYNAMIC_LOOP),
    "E-12.3": lambda: Ev().charge().ask(DYNAMIC_LOOP),
    "E-12.4": silent,
    "E-13.1": lambda: DcEv().check().ask(CHECK),
    "E-13.2": lambda: DcEv().check().told(InsulationChecked(True)).ask(CHECK),
    "E-13.3": lambda: DcEv().checked().ask(pre_charge()),
    "E-13.4": lambda: DcEv().demand().ask(turn(SCHEDULED)),
    "E-13.5": lambda: DcEv().demand().ask(turn(DYNAMIC_MODE)),
    "E-13.6": lambda: DcEv().unload().ask(WELDING),
    "E-14.1": lambda: Ev().charge().ask(CONFIRMATION),
    "E-15.1": lambda: Ev().charge().ask(stop()),
    "E-15.2": lambda: Ev().stopped().ask(stop("Pause")),
    "E-15.3": lambda: Ev().stopped().ask(stop("ServiceRenegotiation")),
    "E-15.4": lambda: Ev().challenged().ask(stop("ServiceRenegotiation")),
    "E-15.5": lambda: Ev().set_up().ask(stop()),
    "E-16.1": lambda: Ev().authorize().ask(CHECK_IN),
    "E-16.2": lambda: Ev().stopped().ask(CHECK_OUT),
}


@pytest.mark.parametrize("name", STEPS)
def test_it_is_answered_as_it_has_to_be(name):
    response = RUN[name]()
    if name == "E-12.4":  # it has looked itself
        return
    code, _, processing = STEPS[name][1].partition(", ")
    assert response.response_code.value == code
    assert not processing or response.evse_processing.value == processing


def test_every_case_is_run():
    assert set(RUN) == set(STEPS)
