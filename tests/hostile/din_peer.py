"""A vehicle that does anything, in DIN SPEC 70121."""

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from seccstack.messages import din
from seccstack.session.din.record import State
from tests.hostile.peer import IDS, STREAMS, VICTIM, HostilePeerOnDc
from tests.session.din import vehicle as in_din
from tests.session.vehicle import offer, sap

# What a vehicle that does everything right asks in each state.
IN_DIN = {
    State.CONNECTED: din.SessionSetupReq(evccid=VICTIM),
    State.SET_UP: in_din.SERVICE_DISCOVERY,
    State.DISCOVERED: in_din.selection(1),
    State.SELECTED: in_din.AUTHENTICATION,
    State.AUTHORIZED: in_din.parameters(),
    State.NEGOTIATING: in_din.parameters(),
    State.CHECKING: in_din.CABLE_CHECK,
    State.CHECKED: in_din.pre_charge(),
    State.PRECHARGED: in_din.power(True),
    State.DEMANDING: in_din.demand(),
    State.UNLOADING: in_din.STOP,
}


class HostilePeerInDin(HostilePeerOnDc):
    """On DC, in DIN SPEC 70121, which is spoken in plain."""

    ways, tls = IN_DIN, False
    framed, greeting = staticmethod(in_din.framed), sap(offer(in_din.NAMESPACE))

    @precondition(lambda self: self.streams)
    @rule(request=in_din.REQUESTS, name=IDS, index=STREAMS)
    def say_anything(self, request, name, index):
        self.say(request, name, index)

    @precondition(lambda self: self.streams)
    @rule(request=st.sampled_from(in_din.SAMPLES), name=IDS)
    def say_something(self, request, name):
        self.say(request, name)

    @precondition(lambda self: self.streams)
    @rule(
        request=st.sampled_from(in_din.SAMPLES),
        at=st.integers(0, 400),
        flip=st.integers(0, 255),
    )
    def say_it_damaged(self, request, at, flip):
        self.damaged(request, at, flip)

    @precondition(lambda self: self.streams)
    @rule(request=st.sampled_from(in_din.SAMPLES), until=st.integers(1, 400))
    def say_it_octet_by_octet(self, request, until):
        self.octet_by_octet(request, until)

    def next_of(self, state, by):
        return self.ways.get(state)
