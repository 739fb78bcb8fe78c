"""Real cars' AC sessions, message by message, against our charger.

Each recorded request is sent as it was but for its session id; each answer must be of the
recorded response's kind, and OK where the recorded one was. `PARTINGS` lists where we answer
otherwise, and why.
"""

import json
import lzma
from collections import defaultdict
from functools import cache

import pytest
from msgspec import structs

from seccstack import v2gtp
from seccstack.auth.decision import Granted
from seccstack.messages import iso2
from seccstack.messages.codec import Schema, decode, encode
from seccstack.session import scaled
from seccstack.session.events import (
    AllowEnergy,
    AskAuthorizer,
    ContactorChanged,
    Decided,
    LimitChanged,
    Paused,
    PilotChanged,
    SessionEnded,
)
from tests.session.vehicle import OUR_ID, Ev

WRONG = "FAILED_SequenceError"  # before SessionSetup
CARS = {  # file: how many streams, how many requests of ISO 15118-2
    "audi-q4-ac-iso2-1.pcap": (5, 607),
    "mercedes-benz-eqe-2023-04-18-1520-3-config-ac-iso2.pcap": (1, 15),
    "mercedes-benz-eqe-2023-10-04-iso2-ac.pcap": (2, 51),
    "skoda-enyaq-v3-0-2023-01-16-iso15118-ac-lumissil-enyaq-ac-iso-lumissil.pcap": (1, 47),
    "skoda-enyaq-v3-0-iso15118-ac-josev-enyaq-ac-0.pcap": (1, 106),
    "vw-id-4-fw-3-5-2023-04-18-1542-3-config-ac-iso2.pcap": (1, 8),
    "vw-id-4-iso-15118-2-ac-2023-04-14-0952-3-config-ac-iso2.pcap": (1, 8),
    "hyundai-ioniq5-iso15118-2-ac-2023-04-07-1307-ioniq5-iso15118-ac-not-supported.pcap": (
        1,
        6,
    ),
    "citroen-ec4-2024-02-29-1240-2-iso2-ac.pcap": (1, 3),
    "opel-mokka-e-iso-15118-2-ac-not-supported-2023-04-14-1421-3-config-ac-iso2.pcap": (1, 3),
}

PARTINGS = {
    (
        "SessionStopReq",
        "FAILED_SequenceError",
        "OK",
    ): "a vehicle that gets no power stops; the recorded charger knew no stop out of the loop",
}


def lines(path):
    with lzma.open(path, "rt") as file:
        return [json.loads(line) for line in file]


@cache
def streams(shared):
    """Return every recorded stream as pairs of a request and its response, by file."""
    octets = {
        m["id"]: bytes.fromhex(m["exi_hex"])
        for m in lines(shared / "corpus" / "v2g_messages.jsonl.xz")
    }
    found = defaultdict(lambda: defaultdict(list))
    for step in lines(shared / "corpus" / "v2g_sequence.jsonl.xz"):
        if step["file"] in CARS:
            found[step["file"]][step["conn"]].append((step["direction"], octets[step["id"]]))
    return found


class Replay(Ev):
    """A recorded car, and a plant that does what our session asks for."""

    def __init__(self, theirs, **known):
        super().__init__(**known)
        self.theirs = theirs  # the recorded charger's session id
        self.partings = []

    def step(self, actions):
        response = super().step(actions)
        if AllowEnergy(True) in actions:
            self.tell(PilotChanged(True), ContactorChanged(True))
        if AskAuthorizer() in actions:
            self.tell(Decided(Granted("open")))
        return response

    def exchange(self, asked, answered):
        """Send a recorded request; compare our answer with the recorded one."""
        theirs = decode(Schema.ISO2, answered).message.body
        if isinstance(theirs, iso2.ChargeParameterDiscoveryRes):
            amps = scaled.milli(theirs.evse_charge_parameter.evse_max_current) / 1000
            self.tell(LimitChanged(amps))
        message = decode(Schema.ISO2, asked).message
        if message.header.session_id == self.theirs:
            header = structs.replace(message.header, session_id=OUR_ID)
            message = structs.replace(message, header=header)
        sent = len(self.done)
        self.write(v2gtp.encode(v2gtp.EXI, encode(Schema.ISO2, message)))
        self.last = self.done[sent:]
        ours = self.answer()
        assert type(ours) is type(theirs)
        codes = (theirs.response_code.value, ours.response_code.value)
        if codes[0] != codes[1]:
            self.partings.append((type(message.body).__name__, *codes))


def replay(stream, theirs, paused):
    """Play one stream; return the vehicle, and the session id the recorded charger gave."""
    pairs = list(zip(stream[::2], stream[1::2], strict=False))
    assert all((a, b) == ("ev", "evse") for (a, _), (b, _) in pairs)
    (_, first), (_, answer) = pairs[0]
    setup = decode(Schema.ISO2, pairs[1][1][1]).message
    car = Replay(theirs or setup.header.session_id, resumable=paused)
    response = car.write(v2gtp.encode(v2gtp.EXI, first))
    assert response == decode(Schema.APP_PROTOCOL, answer).message
    for (_, asked), (_, answered) in pairs[1:]:
        car.exchange(asked, answered)
    return car, setup.header.session_id, len(pairs) - 1


@pytest.mark.parametrize("file", CARS)
def test_a_recorded_car_charges_at_our_charger(file, shared):
    recorded = streams(shared)[file]
    theirs, paused, requests, partings = None, None, 0, []
    for stream in recorded.values():
        car, theirs, count = replay(stream, theirs if paused else None, paused)
        how = car.last[-1].how if isinstance(car.last[-1], SessionEnded) else None
        paused = how if isinstance(how, Paused) else None
        requests += count
        partings += car.partings
    assert set(partings) <= set(PARTINGS)
    assert (len(recorded), requests) == CARS[file]


def test_every_parting_is_still_there(shared):
    file = "vw-id-4-iso-15118-2-ac-2023-04-14-0952-3-config-ac-iso2.pcap"
    (stream,) = streams(shared)[file].values()
    car, _, _ = replay(stream, None, None)
    assert set(car.partings) == set(PARTINGS)


def test_every_request_that_any_recorded_vehicle_sent_is_answered_in_kind(shared):
    recorded = [
        m
        for m in lines(shared / "corpus" / "v2g_messages.jsonl.xz")
        if m["schema"] == "ISO_15118_2" and m["direction"] == "ev"
    ]
    for message in recorded:
        ev = Ev().connect()
        ev.write(v2gtp.encode(v2gtp.EXI, bytes.fromhex(message["exi_hex"])))
        code = "OK_NewSessionEstablished" if "SessionSetup" in message["message"] else WRONG
        assert type(ev.answer()).__name__ == message["message"][:-1] + "s"
        assert ev.answer().response_code.value == code
    assert len(recorded) > 900
