"""Everything that can happen to a charge point, in any order, and whole stories of it."""

from hypothesis import strategies as st

from seccstack import events
from seccstack.auth import enrolment_events
from seccstack.auth import events as auth_events
from seccstack.auth.contract import ContractFound
from seccstack.auth.decision import CardRecord, VehicleRecord
from seccstack.auth.port import Enrolled
from seccstack.homeplug.frame import BROADCAST, LOCAL_MODEM, Frame, encode_frame
from seccstack.pilot import limits
from seccstack.pilot.port import PilotState
from seccstack.sdp import SECURITY_NONE, SdpRequest
from seccstack.session.events import (
    ContractProvided,
    ContractVerified,
    Meter,
    MeterRead,
    Paused,
    SignatureVerified,
    Ticket,
    Unproven,
)
from seccstack.slac import station
from tests.homeplug.strategies import any_message
from tests.session.vehicle import (
    AUTHORIZATION,
    CHALLENGE,
    PAUSE,
    PROVEN,
    SAMPLES,
    SERVICE_DISCOVERY,
    SESSION_SETUP,
    STATUS,
    STOP,
    framed,
    parameters,
    power,
    sap,
    selection,
)

OURS, OUR_MODEM = bytes.fromhex("02FEED000001"), bytes.fromhex("02FEED0000A1")
CAR, OTHER = bytes.fromhex("02005E100001"), bytes.fromhex("02AABBCCDD02")
ADDRESS, NEIGHBOUR = "fe80::5eff:fe10:1", "fe80::1234"
SESSION_ID = bytes(range(1, 9))
CARD = "04A2B3C4D5E680"
A, B, C, D, E, F = map(limits.PilotChanged, PilotState)

MACS = st.sampled_from([OURS, OUR_MODEM, CAR, OTHER, BROADCAST, LOCAL_MODEM])
FRAMES = st.builds(Frame, MACS, MACS, any_message()).map(encode_frame) | st.binary(max_size=70)
AMPS = st.sampled_from([None, 0.0, 5.9, 6.0, 10.0, 32.0, -1.0, float("nan")])
PLANS = st.lists(st.tuples(st.floats(0, 4000), AMPS), max_size=4).map(
    lambda steps: tuple(sorted(steps, key=lambda step: step[0]))
)
ADDRESSES = st.sampled_from([ADDRESS, NEIGHBOUR, "2001:db8::1"])
DATAGRAMS = st.just(SdpRequest(SECURITY_NONE).encode()) | st.binary(max_size=20)
STREAMS = st.sampled_from([1, 1, 1, 2])


TICKETS = st.builds(Ticket, st.just(CHALLENGE), st.integers(1, 3))


def opened(stream=1, address=ADDRESS, mac=CAR):
    return events.StreamOpened(stream, address, SESSION_ID, 1_700_000_000, mac)


def said(request, session_id=SESSION_ID, stream=1):
    return events.BytesReceived(stream, framed(request, session_id))


HANDSHAKE = events.BytesReceived(1, sap())
SETUP = said(SESSION_SETUP, bytes(8))
OCTETS = (
    st.sampled_from([*SAMPLES, power("Stop"), PAUSE]).map(lambda m: framed(m, SESSION_ID))
    | st.just(sap())
    | st.binary(max_size=60)
)
EVENTS = st.one_of(
    st.sampled_from([A, B, B, C, C, C, D, E, F]),
    st.builds(limits.ContactorChanged, st.booleans()),
    st.just(limits.StopWanted("enough")),
    st.builds(events.LimitOffered, st.sampled_from(["owner", "grid", "installation"]), AMPS),
    st.builds(events.LimitPlanned, st.sampled_from(["owner", "grid", "installation"]), PLANS),
    st.sampled_from([station.Opened(OURS), station.Lost("down")]),
    st.builds(
        station.KeyDrawn,
        st.binary(min_size=16, max_size=16),
        st.binary(min_size=4, max_size=4),
    ),
    st.builds(station.FrameReceived, FRAMES),
    st.sampled_from([events.NetworkOpened("fe80::1", 49152), events.NetworkLost("down")]),
    st.builds(events.DatagramReceived, ADDRESSES, st.just(50000), DATAGRAMS, st.none() | MACS),
    st.builds(opened, STREAMS, ADDRESSES, st.none() | MACS),
    st.builds(events.BytesReceived, STREAMS, OCTETS),
    st.builds(events.StreamClosed, STREAMS),
    st.sampled_from([events.CertificatesRead(()), events.CertificatesRead(("v2g-a",))]),
    st.builds(events.HandshakeFailed, ADDRESSES, st.just("it hung up")),
    st.builds(auth_events.DowngradeSeen, MACS),
    st.just(auth_events.CardPresented(CARD)),
    st.builds(
        auth_events.CardFound,
        st.just(CARD),
        st.sampled_from([None, CardRecord(uid=CARD), CardRecord(uid=CARD, setup=True)]),
    ),
    st.sampled_from([enrolment_events.BeginWanted(label="i4"), enrolment_events.EndWanted()]),
    st.builds(
        enrolment_events.EnrolAnswered, st.integers(1, 2), st.sampled_from([None, *Enrolled])
    ),
    st.builds(auth_events.VehicleFound, MACS, st.sampled_from([None, VehicleRecord(mac=CAR)])),
    st.builds(events.CurrentMeasured, st.floats(0, 80)),
    st.just(events.CurrentLost()),
    st.just(events.PausedFound(Paused(SESSION_ID, CAR, None), CAR)),
    st.just(MeterRead(Meter("meter", 1))),
    st.builds(ContractVerified, TICKETS, st.sampled_from([PROVEN, Unproven("FAILED", "")])),
    st.builds(SignatureVerified, TICKETS, st.booleans()),
    st.builds(ContractProvided, TICKETS, st.none() | st.binary(max_size=60)),
    st.just(ContractFound(PROVEN.emaid, None)),
)
WAITS = st.sampled_from([0, 0, 0, 0.05, 0.2, 1, 4, 7, 20, 70])

# Stories: what only a car that does everything right comes to.

CARD_HELD = [
    auth_events.CardPresented(CARD),
    auth_events.CardFound(CARD, CardRecord(uid=CARD)),
]
SESSION = [
    opened(), HANDSHAKE, SETUP,
    *map(said, [SERVICE_DISCOVERY, selection(1), AUTHORIZATION, AUTHORIZATION, parameters()]),
]  # fmt: skip
DELIVERY = [C, said(power("Start")), limits.ContactorChanged(True), said(STATUS)]
ARRIVAL = [station.Opened(OURS), A, B]
STORIES = st.sampled_from(
    [
        ARRIVAL,
        [*ARRIVAL, *CARD_HELD],
        SESSION,
        [*ARRIVAL, *CARD_HELD, *SESSION],
        [*ARRIVAL, *CARD_HELD, *SESSION, *DELIVERY],
        [*ARRIVAL, *SESSION, *DELIVERY],
        DELIVERY,
        [said(power("Stop")), B, limits.ContactorChanged(False), said(STOP)],
        [said(power("Stop")), B, limits.ContactorChanged(False), said(PAUSE)],
        [A, limits.ContactorChanged(False)],
    ]
)
SINGLES = st.builds(lambda wait, event: [(wait, event)], WAITS, EVENTS)
TOLD = STORIES.map(lambda story: [(0.11, event) for event in story])
STEPS = st.lists(SINGLES | SINGLES | TOLD, max_size=20).map(
    lambda parts: [step for part in parts for step in part]
)
