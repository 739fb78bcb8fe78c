"""TLS in captures: OpenSSL at both ends, and its messages on the wire."""

import pytest

from seccstack import v2gtp
from seccstack.capture.conversation import Conversation
from seccstack.capture.frames import Endpoint
from seccstack.capture.items import Connected, Disconnected, TlsEvent, Trouble, V2gMessage
from seccstack.capture.packets import Secrets
from seccstack.capture.protected import ROOM, Held
from seccstack.capture.streams import Connection
from seccstack.capture.trace import KEY_LOG_PORT, TraceReader, read_trace
from seccstack.tls.keylog import KeyLog
from tests.capture.scene import (
    EVSE,
    SET_UP,
    SETUP,
    STOP,
    STOPPED,
    Scene,
    address,
    choice,
    exi,
    offer,
)
from tests.tls.hello import (
    client_hello,
    extension,
    message,
    numbers,
    record,
    server_hello,
    vector,
)
from tests.tls.oracle import speak
from tests.tls.test_certificates import der

CBC, NEW = "ECDHE-ECDSA-AES128-SHA256", "TLS_AES_256_GCM_SHA384"
SIDES = {"client": "ev", "server": "evse"}
CONTENTS = [offer(), choice(), SETUP, SET_UP, STOP, STOPPED]
NAMES = [
    "supportedAppProtocolReq",
    "supportedAppProtocolRes",
    "SessionSetupReq",
    "SessionSetupRes",
    "SessionStopReq",
    "SessionStopRes",
]
SAID = [
    (who, v2gtp.encode(v2gtp.EXI, exi(content)))
    for who, content in zip(["client", "server"] * 3, CONTENTS, strict=True)
]


def on_the_wire(scene, spoken, lost=(), **how):
    """Put what was sent on a connection; the capture lacks the pieces that are ``lost``."""
    talk = scene.connect(**how)
    for place, (who, octets) in enumerate(spoken.sent):
        talk.send(SIDES[who], octets, lost=place in lost)
    talk.send("ev")
    talk.send("evse")
    return talk


@pytest.fixture
def scene():
    return Scene()


@pytest.fixture(params=[CBC, NEW])
def spoken(request):
    return speak(request.param, said=SAID)


def log(lines):
    found = KeyLog()
    found.add(lines)
    return found


def of(trace, kind):
    return [item for item in trace.items if isinstance(item, kind)]


def names(trace):
    return [item.name for item in of(trace, V2gMessage)]


def test_with_a_key_log_the_messages_are_found_with_their_sender(scene, spoken):
    on_the_wire(scene, spoken)
    trace = read_trace("x", scene.packets, log(spoken.key_log))
    assert names(trace) == NAMES
    assert [item.sender for item in of(trace, V2gMessage)] == ["ev", "evse"] * 3
    assert [item.sealed for item in {item.link for item in trace.items}] == [""]


def test_secrets_may_come_after_all_that_they_open(scene, spoken):
    on_the_wire(scene, spoken)
    scene.udp(address(EVSE), "ff02::1", (5000, KEY_LOG_PORT), spoken.key_log)
    assert names(scene.trace()) == NAMES
    assert names(read_trace("x", [*scene.packets[:-1], Secrets(spoken.key_log)])) == NAMES


def test_a_connection_that_was_replaced_is_opened_all_the_same(scene, spoken):
    for first in (1000, 900_000):
        scene._ports = iter([50000])
        on_the_wire(scene, spoken, first=first)
    assert names(read_trace("x", scene.packets, log(spoken.key_log))) == NAMES * 2


def test_items_are_in_the_order_of_the_capture(scene, spoken):
    on_the_wire(scene, spoken).close("ev")
    scene.connect().set_up()
    trace = read_trace("x", scene.packets, log(spoken.key_log))
    numbers = [item.number for item in trace.items]
    assert numbers == sorted(numbers)
    assert isinstance(trace.items[-6], Disconnected)


def test_handshakes_and_alerts_are_items(scene, spoken):
    on_the_wire(scene, spoken)
    events = of(read_trace("x", scene.packets, log(spoken.key_log)), TlsEvent)
    assert [(e.sender, e.name) for e in events[:2]] == [
        ("ev", "ClientHello"),
        ("evse", "ServerHello"),
    ]
    assert events[-1].says == "close_notify: ends TLS in an orderly way"


def test_without_secrets_the_connection_is_sealed(scene, spoken):
    on_the_wire(scene, spoken)
    trace = scene.trace()
    assert names(trace) == []
    assert of(trace, Connected)[0].link.sealed == "no key log (--keylog) has its secrets"


def test_a_gap_costs_only_the_messages_in_it(scene, spoken):
    place = spoken.sent.index(next(s for s in spoken.sent[-6:] if s[0] == "server"))
    on_the_wire(scene, spoken, lost=[place])
    trace = read_trace("x", scene.packets, log(spoken.key_log))
    assert len(names(trace)) == len(NAMES) - 1
    [trouble] = of(trace, Trouble)
    assert trouble.what.startswith("the capture lacks ")


def test_a_gap_within_a_message_says_what_it_cost(scene):
    request = SAID[0][1]
    said = [("client", request[:9]), ("client", request[9:]), ("client", SAID[2][1])]
    spoken = speak(NEW, said=said)
    on_the_wire(scene, spoken, lost=[len(spoken.sent) - 3])
    trace = read_trace("x", scene.packets, log(spoken.key_log))
    assert names(trace) == ["SessionSetupReq"]
    assert [trouble.what for trouble in of(trace, Trouble)] == [
        f"the capture lacks {len(spoken.sent[-3][1])} octets from ev",
        "9 octets of a message whose rest can't be had",
    ]


def test_a_wrong_secret_is_told_in_its_place(scene):
    spoken, other = speak(CBC, said=SAID), speak(CBC)
    random = spoken.key_log.split()[1]
    swapped = b" ".join([b"CLIENT_RANDOM", random, other.key_log.split()[2]])
    on_the_wire(scene, spoken)
    trace = read_trace("x", scene.packets, log(swapped))
    assert of(trace, Trouble)[0].what.startswith("TLS from ev: a record of ")
    assert names(trace) == []


def test_who_is_the_vehicle_the_client_hello_tells(scene, spoken):
    on_the_wire(scene, spoken, opened=False)
    trace = read_trace("x", scene.packets, log(spoken.key_log))
    assert [item.sender for item in of(trace, V2gMessage)] == ["ev", "evse"] * 3


def test_an_alert_of_nobody_knows_whom_is_told(scene):
    scene.connect(opened=False).send("ev", record(21, b"\x02\x28"))
    [event] = of(scene.trace(), TlsEvent)
    assert event.sender is None
    assert "in common with the other side" in event.says


def read_with_room(records, room):
    reader = TraceReader(room=room)
    for item in records:
        reader.receive(item)
    reader.finish()
    return names(reader)


@pytest.mark.parametrize("room", [0, 1500, 4000])
def test_where_room_ends_what_is_known_by_then_has_to_do(scene, spoken, room):
    on_the_wire(scene, spoken)
    assert read_with_room([Secrets(spoken.key_log), *scene.packets], room) == NAMES
    assert read_with_room([*scene.packets, Secrets(spoken.key_log)], room) == []
    assert read_with_room([*scene.packets, Secrets(spoken.key_log)], ROOM) == NAMES


def test_a_connection_that_held_nothing_back_has_nothing_to_finish():
    ends = (Endpoint(bytes(16), 1), Endpoint(bytes(16), 2))
    conversation = Conversation(Connection(0, ends), (), Held(KeyLog(), ROOM))
    assert not conversation.waits
    assert list(conversation.finish()) == []


HASH = bytes(range(20))


def test_a_vehicle_that_trusts_another_root_says_so_and_comes_back_without_tls(scene):
    scene.match()
    scene.discover(security=0x00)
    talk = scene.connect()
    hello = client_hello(
        extension(10, vector(2, numbers(23))),
        extension(3, vector(2, b"\x01" + HASH)),
        extension(5, b"\x01", vector(2), vector(2)),
    )
    chain = vector(
        3, *[vector(3, der(*who)) for who in [("SECC", "Sub 1"), ("Sub 1", "Root B")]]
    )
    talk.send("ev", record(22, message(1, hello)))
    talk.send("evse", record(22, message(2, server_hello()), message(11, chain), message(14)))
    talk.send("ev", record(21, b"\x02\x30"))
    talk.close("ev", flags="RA")
    scene.discover(security=0x10)
    scene.connect().set_up()
    trace = scene.trace()
    assert [event.name for event in of(trace, TlsEvent)] == [
        "ClientHello",
        "ServerHello",
        "Certificate",
        "ServerHelloDone",
        "Alert",
    ]
    alert = of(trace, TlsEvent)[-1]
    assert (alert.sender, alert.fatal) == ("ev", True)
    assert alert.details == {"level": "fatal", "description": "unknown_ca"}
    assert alert.says == (
        "unknown_ca: breaks off, for it knows no root that the charger's certificates lead to; "
        f"they end with Sub 1, issued by Root B; it has named these roots: key_sha1_hash "
        f"{HASH.hex().upper()}"
    )
    assert names(trace) == NAMES[:4]
