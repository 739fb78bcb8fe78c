"""A vehicle that does anything in ISO 15118-20, at an outlet that takes energy back, too."""

from dataclasses import replace

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule
from msgspec import structs

from seccstack import v2gtp
from seccstack.auth.decision import Policy
from seccstack.messages.codec import encode
from seccstack.messages.iso20_types import MessageHeader
from seccstack.session.dialogue import PAYLOADS
from seccstack.session.events import DischargeWanted
from seccstack.session.iso20.record import State
from seccstack.session.iso20.requests import SCHEMAS
from tests.hostile.peer import ANSWERS, BY, IDS, STREAMS, HostilePeer, outlet
from tests.session.dc_vehicle import SUPPLY
from tests.session.iso20 import dc_requests
from tests.session.iso20.test_bpt import DYNAMIC_LOOP, SCHEDULED_LOOP, both_ways
from tests.session.iso20.vehicle import (
    SAMPLES,
    SETUP,
    WAYS_IN,
    ac,
    contract,
    detail,
    discovery,
    eim,
    loop,
    power,
    scheduled,
    selection,
    stop,
)
from tests.session.vehicle import offer, sap

BACK_AMPS, BACK_WATTS = 40.0, 10_000.0
BOTH_WAYS = replace(SUPPLY, discharge_amps=BACK_AMPS, discharge_watts=BACK_WATTS)
DC, DC_BPT = 2, 6
ON_AC = {
    State.CONNECTED: SETUP,
    State.SET_UP: WAYS_IN,
    State.AUTHORIZED: discovery(),
    State.SELECTED: ac(),
    State.NEGOTIATING: scheduled(),
    State.AGREED: power("Start"),
    State.CHARGING: loop(),
    State.STOPPED: stop(),
}
ON_DC = {
    **ON_AC,
    State.SELECTED: dc_requests.parameters(both_ways=True),
    State.CHECKING: dc_requests.CABLE_CHECK,
    State.CHECKED: dc_requests.pre_charge(),
    State.PRECHARGED: power("Start"),
    State.DEMANDING: dc_requests.scheduled(400, -60, both_ways=True),
    State.UNLOADING: stop(),
}
REQUESTED = [
    *SAMPLES,
    power("Stop"),
    power("Standby"),
    power("ScheduleRenegotiation"),
    stop("Pause"),
    stop("ServiceRenegotiation"),
    *(detail(service) for service in (DC, 5, DC_BPT)),
    *(selection(service, number) for service in (1, DC, 5, DC_BPT) for number in (1, 2)),
    both_ways(),
    loop(SCHEDULED_LOOP),
    loop(DYNAMIC_LOOP),
    dc_requests.parameters(),
    dc_requests.parameters(both_ways=True),
    dc_requests.dynamic(),
    dc_requests.dynamic(both_ways=True),
    contract(),
]
NUMBERS = st.sampled_from([-1e6, -400, -20, 0, 1, 20, 400, 1e6])
REQUESTS = st.one_of(
    st.sampled_from(REQUESTED),
    st.builds(dc_requests.pre_charge, NUMBERS),
    st.builds(dc_requests.scheduled, NUMBERS, NUMBERS, st.booleans()),
    st.builds(lambda n: dc_requests.dynamic(True, ev_maximum_voltage=n), NUMBERS),
    st.builds(lambda n: dc_requests.dynamic(True, ev_maximum_charge_current=n), NUMBERS),
    st.builds(lambda n: dc_requests.dynamic(True, ev_maximum_discharge_power=n), NUMBERS),
    st.builds(lambda n: dc_requests.parameters(ev_maximum_voltage=n), NUMBERS),
)


def framed(request, session_id):
    header = MessageHeader(session_id=session_id, time_stamp=1_700_000_000)
    message = structs.replace(request, header=header)
    schema = SCHEMAS[type(message)]
    return v2gtp.encode(PAYLOADS[schema], encode(schema, message))


def outlet20(dc, policy):
    """Such an outlet, in a lab: who the vehicle is, its certificate has not shown."""
    settings = outlet(dc, policy)
    charger = replace(
        settings.charger,
        supply=BOTH_WAYS if dc else None,
        discharge_amps=0.0 if dc else 10.0,
        iso20_in_plain=True,
    )
    return replace(settings, charger=charger)


class HostilePeerIn20(HostilePeer):
    """On AC."""

    ways, service, requested = ON_AC, 1, REQUESTED
    greeting = sap(offer("urn:iso:std:iso:15118:-20:AC", major=1))
    framed, outlet = staticmethod(framed), staticmethod(outlet20)

    @precondition(lambda self: self.streams)
    @rule(request=REQUESTS, name=IDS, index=STREAMS)
    def say_anything(self, request, name, index):
        self.say(request, name, index)

    @precondition(lambda self: self.streams)
    @rule(request=st.sampled_from(REQUESTED), name=IDS)
    def say_something(self, request, name):
        self.say(request, name)

    @precondition(lambda self: self.streams)
    @rule(request=st.sampled_from(SAMPLES), at=st.integers(0, 400), flip=st.integers(0, 255))
    def say_it_damaged(self, request, at, flip):
        self.damaged(request, at, flip)

    @precondition(lambda self: self.streams)
    @rule(request=st.sampled_from(SAMPLES), until=st.integers(1, 400))
    def say_it_octet_by_octet(self, request, until):
        self.octet_by_octet(request, until)

    @rule(watts=st.sampled_from([0.0, 3000.0, 1e6]))
    def want_energy(self, watts):
        self.give(DischargeWanted(watts))

    @rule(seconds=st.sampled_from([5, 20, 65]))
    def keep_on(self, seconds):
        """The loop waits for half a second only."""
        self.go_on(3 * seconds, "nothing")

    @rule(by=BY, how=ANSWERS)
    def charge(self, by, how="at once"):
        super().charge(by, how)
        self.go_on(3, by)

    def next_of(self, state, by):
        if state is State.AUTHORIZING:
            return contract(self.streams[-1][1]) if by == "contract" else eim()
        if state is State.DISCOVERED:
            self.detailed = not getattr(self, "detailed", False)
            return detail(self.service) if self.detailed else selection(self.service)
        return self.ways.get(state)


class HostilePeerIn20OnDc(HostilePeerIn20):
    """On DC, both ways: what it demands once it charges is to be drawn out of it."""

    dc, ways, service, takes_amps = True, ON_DC, DC_BPT, BACK_AMPS
    greeting = sap(offer("urn:iso:std:iso:15118:-20:DC", major=1))


def lived(kind, by, policy=Policy.CARD):
    """One that has done all that it takes."""
    peer = kind()
    peer.begin(policy)
    peer.charge(by)
    return peer
