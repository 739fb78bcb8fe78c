"""A bystander at connections that OpenSSL makes."""

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given, settings
from hypothesis import strategies as st

from seccstack.tls import handshake
from seccstack.tls.agreed import NO_SECRETS
from seccstack.tls.alerts import Alert
from seccstack.tls.handshake import ClientHello, Other, ServerHello
from seccstack.tls.keylog import KeyLog
from seccstack.tls.observer import (
    AlertSeen,
    DataSeen,
    HandshakeSeen,
    LostData,
    Observer,
    Sealed,
    Unreadable,
)
from tests.tls import rfc8448
from tests.tls.hello import (
    client_hello,
    extension,
    message,
    numbers,
    record,
    server_hello,
    vector,
)
from tests.tls.oracle import MAC_INSIDE, Pair, speak

CBC, GCM, NEW = (
    "ECDHE-ECDSA-AES128-SHA256",
    "ECDHE-ECDSA-AES128-GCM-SHA256",
    "TLS_AES_128_GCM_SHA256",
)
SUITES = [
    (CBC, 0),
    (CBC, MAC_INSIDE),
    ("ECDHE-ECDSA-AES256-SHA384", 0),
    ("ECDHE-ECDSA-AES256-SHA384", MAC_INSIDE),
    ("ECDHE-ECDSA-AES128-SHA", 0),
    ("ECDHE-ECDSA-AES256-SHA", MAC_INSIDE),
    (GCM, 0),
    ("ECDHE-ECDSA-AES256-GCM-SHA384", 0),
    ("ECDHE-ECDSA-CHACHA20-POLY1305", 0),
    ("ECDHE-ECDSA-AES128-CCM", 0),
    ("ECDHE-ECDSA-AES256-CCM", 0),
    ("ECDHE-ECDSA-AES128-CCM8", 0),
    ("ECDHE-ECDSA-AES256-CCM8", 0),
    (NEW, 0),
    ("TLS_AES_256_GCM_SHA384", 0),
    ("TLS_CHACHA20_POLY1305_SHA256", 0),
    ("TLS_AES_128_CCM_SHA256", 0),
    ("TLS_AES_128_CCM_8_SHA256", 0),
]
SAID = [b"request", b"response"]
LONG = [(who, bytes([n]) * 40) for n in range(20) for who in ("client", "server")]


def log(lines):
    found = KeyLog()
    found.add(lines)
    return found


def seen(sent, key_log=b"", lost=()):
    """What a bystander sees, who does not get the pieces that are ``lost``."""
    observer = Observer(log(key_log))
    found = []
    for place, (who, octets) in enumerate(sent):
        size = len(octets)
        found += observer.lose(who, size) if place in lost else observer.receive(who, octets)
    return found


def kinds(found):
    return [item.kind for item in found if isinstance(item, HandshakeSeen)]


def data(found):
    return [item.octets for item in found if isinstance(item, DataSeen)]


def of(found, kind):
    return [item for item in found if isinstance(item, kind)]


@pytest.mark.parametrize(("suite", "options"), SUITES)
def test_with_the_secrets_all_of_a_connection_is_seen(suite, options):
    spoken = speak(suite, options)
    found = seen(spoken.sent, spoken.key_log)
    assert data(found) == SAID
    assert kinds(found)[:2] == [handshake.CLIENT_HELLO, handshake.SERVER_HELLO]
    assert kinds(found).count(handshake.FINISHED) == 2
    assert all(item.message and not item.problem for item in of(found, HandshakeSeen))
    assert of(found, AlertSeen) == [AlertSeen(Alert(1, 0))]
    assert not of(found, (LostData, Unreadable, Sealed))


@pytest.mark.parametrize(("options", "outside"), [(0, True), (MAC_INSIDE, False)])
def test_where_the_mac_of_cbc_is_the_server_hello_tells(options, outside):
    hello = seen(speak(CBC, options).sent)[1].message
    assert isinstance(hello, ServerHello)
    assert (22 in hello.extensions) is outside


def test_the_published_connection_is_seen():
    sent = [
        ("client", record(22, rfc8448.CLIENT_HELLO)),
        ("server", record(22, rfc8448.SERVER_HELLO) + rfc8448.SERVER_FLIGHT),
        ("client", rfc8448.CLIENT_FINISHED),
        ("server", rfc8448.TICKET),
        ("client", rfc8448.CLIENT_DATA),
        ("server", rfc8448.SERVER_DATA),
        ("client", rfc8448.CLIENT_ALERT),
        ("server", rfc8448.SERVER_ALERT),
    ]
    found = seen(sent, rfc8448.KEY_LOG)
    assert kinds(found) == [1, 2, 8, 11, 15, 20, 20, 4]
    assert data(found) == [rfc8448.DATA, rfc8448.DATA]
    assert of(found, AlertSeen) == [AlertSeen(Alert(1, 0))] * 2


@given(st.lists(st.integers(1, 2000), max_size=12))
@settings(deadline=None, max_examples=30)
def test_it_does_not_matter_how_the_streams_are_cut(cuts):
    spoken = speak_once(CBC)
    pieces = []
    for who, octets in spoken.sent:
        at = 0
        for cut in [*cuts, len(octets)]:
            pieces.append((who, octets[at : at + cut]))
            at += cut
    assert seen(pieces, spoken.key_log) == seen(spoken.sent, spoken.key_log)


SPOKEN = {}


def speak_once(suite, options=0):
    if (suite, options) not in SPOKEN:
        SPOKEN[suite, options] = speak(suite, options, LONG)
    return SPOKEN[suite, options]


@pytest.mark.parametrize("suite", [CBC, GCM, NEW])
def test_without_secrets_it_says_so_once_in_each_direction(suite):
    found = seen(speak(suite, said=LONG).sent)
    assert data(found) == []
    assert of(found, Sealed) == [Sealed(NO_SECRETS)] * 2
    assert not of(found, Unreadable)


def test_without_secrets_the_end_of_a_handshake_and_alerts_are_seen_still():
    found = seen(speak(CBC).sent)
    assert HandshakeSeen(handshake.FINISHED, None, True) in found
    assert found[-1] == AlertSeen(None)


@pytest.mark.parametrize("suite", [CBC, GCM, NEW])
def test_a_wrong_secret_is_told_and_given_up(suite):
    right, wrong = speak(suite), speak(suite, said=LONG)
    lines = [line.split() for line in right.key_log.decode().splitlines()]
    random = {line.split()[1] for line in wrong.key_log.decode().splitlines()}.pop()
    swapped = "\n".join(f"{label} {random} {secret}" for label, _, secret in lines)
    found = seen(wrong.sent, swapped.encode())
    assert data(found) == []
    assert "doesn't open with the logged secret" in of(found, Unreadable)[0].why
    assert len(of(found, Unreadable)) == 2 * 4
    assert (
        of(found, Sealed) == [Sealed("the logged secret is wrong, or another connection's")] * 2
    )


def test_a_record_that_was_tampered_with_is_told_and_the_next_ones_open():
    spoken = speak_once(GCM)
    sent = list(spoken.sent)
    who, octets = sent[-6]
    sent[-6] = (who, octets[:-1] + bytes([octets[-1] ^ 1]))
    found = seen(sent, spoken.key_log)
    assert len(data(found)) == len(LONG) - 1
    [trouble] = of(found, Unreadable)
    assert trouble.why == "a record of 64 octets doesn't open with the logged secret"


@pytest.mark.parametrize("suite", [CBC, GCM, NEW])
@pytest.mark.parametrize("missing", [1, 7])
def test_a_gap_costs_only_what_is_in_it(suite, missing):
    spoken = speak_once(suite)
    first = len(spoken.sent) - 30
    found = seen(spoken.sent, spoken.key_log, range(first, first + missing))
    assert len(data(found)) == len(LONG) - missing
    assert len(of(found, LostData)) == missing
    assert not of(found, Unreadable)


@pytest.mark.parametrize("suite", [CBC, GCM, NEW])
def test_the_end_of_the_handshake_may_be_missing(suite):
    spoken = speak_once(suite)
    begin = len(spoken.sent) - 1 - len(LONG)
    found = seen(spoken.sent, spoken.key_log, range(2, begin))
    assert data(found) == [octets for _, octets in LONG]


@pytest.mark.parametrize("suite", [CBC, NEW])
@pytest.mark.parametrize(("lost", "what"), [(0, "ClientHello"), (1, "ServerHello")])
def test_without_a_hello_it_says_what_is_lacking(suite, lost, what):
    spoken = speak(suite)
    found = seen(spoken.sent, spoken.key_log, [lost])
    assert of(found, Sealed) == [Sealed(f"the capture lacks its {what}")] * 2


def test_half_of_the_secrets_opens_half_of_a_connection():
    spoken = speak(NEW)
    half = b"\n".join(line for line in spoken.key_log.splitlines() if b"CLIENT_" in line)
    found = seen(spoken.sent, half)
    assert data(found) == [b"request"]
    assert of(found, Sealed) == [Sealed("the key log lacks some of its secrets")]


def test_without_the_secrets_of_the_handshake_the_messages_open_still():
    spoken = speak(NEW)
    later = b"\n".join(x for x in spoken.key_log.splitlines() if b"HANDSHAKE" not in x)
    assert data(seen(spoken.sent, later)) == SAID


def test_a_second_handshake_within_the_first_takes_new_keys():
    pair = Pair(GCM)
    pair.say("client", b"before")
    pair.ends["server"].renegotiate()
    for _ in range(3):
        for who in ("server", "client"):
            pair._try(pair.ends[who].do_handshake)
            pair.listen(who)
    pair.say("client", b"after")
    found = seen(pair.spoken.sent, pair.spoken.key_log)
    assert data(found) == [b"before", b"after"]
    assert kinds(found).count(handshake.CLIENT_HELLO) == 2


# What no OpenSSL of today would say.


def hellos(client=(), server=(), **chosen):
    return [
        ("client", record(22, message(1, client_hello(*client)))),
        ("server", record(22, message(2, server_hello(*server, **chosen)))),
    ]


SECRET = f"CLIENT_RANDOM {'00' * 32} {'00' * 48}".encode()
TO_1_3 = extension(43, numbers(0x0304))
PROTECTED = ("server", record(23, bytes(64)))


@pytest.mark.parametrize(
    ("chosen", "why"),
    [
        ({"version": 0x0302}, "it is TLS 1.1, or compressed"),
        ({"compression": 1}, "it is TLS 1.2, or compressed"),
        ({"suite": 0xFFFF}, "cipher suite FFFF"),
        ({"suite": 0x1301}, "cipher suite TLS_AES_128_GCM_SHA256"),
        (
            {"suite": 0xC023, "server": [TO_1_3]},
            "cipher suite TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256",
        ),
    ],
)
def test_what_can_not_be_opened_for_what_it_is_says_so(chosen, why):
    assert of(seen([*hellos(**chosen), PROTECTED], SECRET), Sealed) == [Sealed(why)]


def test_after_a_retry_the_second_hello_counts():
    retry = record(22, message(2, server_hello(TO_1_3, suite=0x1301, random=handshake.RETRY)))
    first, _ = hellos()
    sent = [first, ("server", retry), *hellos(server=[TO_1_3], suite=0x1301), PROTECTED]
    found = seen(sent)
    assert kinds(found) == [1, 2, 1, 2]
    assert of(found, Sealed) == [Sealed(NO_SECRETS)]


def test_change_cipher_spec_says_nothing_in_tls_1_3():
    sent = [*hellos(server=[TO_1_3], suite=0x1301), ("server", record(20, b"\1"))]
    assert len(seen(sent)) == 2


def test_who_does_not_understand_a_server_hello_says_so_in_the_clear():
    sent = [*hellos(server=[TO_1_3], suite=0x1301), ("client", record(21, b"\x02\x2f"))]
    assert seen(sent)[-1] == AlertSeen(Alert(2, 47))


def test_an_alert_that_can_not_be_read_is_told():
    [trouble] = seen([("client", record(21, b"\x02"))])
    assert trouble == Unreadable("Alert: 1 octets where 0 are left (octet 1)")


def test_a_message_that_can_not_be_read_is_told():
    [found] = seen([("client", record(22, message(1, b"short")))])
    assert (found.kind, found.message) == (1, None)
    assert found.problem == "ClientHello: 32 octets where 3 are left (octet 2)"


@pytest.mark.parametrize(
    ("octets", "why"),
    [
        (b"\x01\xff\xff\xff", "ClientHello of 16777215 octets is none"),
        (b"\x99\0\0\0", "handshake message 153 of 0 octets is none"),
    ],
)
def test_a_message_that_can_not_be_is_not_waited_for(octets, why):
    sent = [("client", record(22, octets)), *hellos()]
    found = seen(sent)
    assert found[0].problem == why
    assert kinds(found)[1:] == [1, 2]


def test_no_more_of_a_message_is_held_than_it_may_have():
    observer = Observer(KeyLog())
    first = b"\x0b" + handshake.MAX_MESSAGE.to_bytes(3)
    piece = record(22, bytes(16384))
    found = list(observer.receive("server", record(22, first) + piece * 4))
    assert found[0].message is None
    held = observer._direction("server").messages
    assert len(held) < handshake.HEADER_SIZE


def test_a_message_over_several_records_is_one():
    whole = message(1, client_hello())
    sent = [("client", record(22, whole[:20])), ("client", record(22, whole[20:]))]
    [found] = seen(sent)
    assert isinstance(found.message, ClientHello)


def test_several_messages_in_one_record_are_several():
    sent = [*hellos(), ("server", record(22, message(14), message(14)))]
    assert seen(sent)[2:] == [HandshakeSeen(14, Other(14, 0), False)] * 2


def test_behind_a_gap_the_rest_of_a_message_is_no_message():
    sent = [
        *hellos(),
        ("server", bytes(50)),
        ("server", record(22, b"\xab" * 40)),
        ("server", record(22, b"\x0b\xff" + b"\xab" * 40)),
        ("server", record(22, message(14))),
    ]
    assert kinds(seen(sent, lost=[2])) == [1, 2, 14]


def test_behind_a_gap_messages_may_go_over_several_records_again():
    long = message(11, vector(3, vector(3, b"\xab" * 40)))
    sent = [
        *hellos(),
        ("server", bytes(50)),
        ("server", record(22, message(14))),
        ("server", record(22, long[:20])),
        ("server", record(22, long[20:])),
    ]
    assert kinds(seen(sent, lost=[2])) == [1, 2, 14, 11]


def test_a_gap_within_a_message_costs_that_message_only():
    sent = [
        *hellos(),
        ("server", record(22, message(14)[:2])),
        ("server", bytes(50)),
        ("server", record(22, message(14))),
    ]
    assert kinds(seen(sent, lost=[3])) == [1, 2, 14]


def test_what_is_no_tls_is_told_with_its_first_octets():
    found = seen([*hellos(), ("server", bytes.fromhex("01FE800100000004") + bytes(4))])
    assert found[2] == Unreadable("no TLS record, but 01 FE 80 01 00")


def test_the_client_is_who_sends_the_client_hello():
    observer = Observer(KeyLog())
    list(observer.receive("a", hellos()[0][1]))
    assert observer.client == "a"


@pytest.mark.parametrize("inner", [b"\x17", b"\x17\0\0", b"what is this\x19"])
def test_protected_content_that_says_nothing_is_nothing(inner):
    key = bytes.fromhex(rfc8448.CLIENT_APPLICATION_KEY)
    iv = bytes.fromhex(rfc8448.CLIENT_APPLICATION_IV)
    head = b"\x17\x03\x03" + (len(inner) + 16).to_bytes(2)
    sealed = head + AESGCM(key).encrypt(iv, inner, head)
    sent = [
        ("client", record(22, rfc8448.CLIENT_HELLO)),
        ("server", record(22, rfc8448.SERVER_HELLO)),
        ("client", rfc8448.CLIENT_FINISHED + sealed),
    ]
    assert kinds(seen(sent, rfc8448.KEY_LOG)) == [1, 2, 20]
    assert len(seen(sent, rfc8448.KEY_LOG)) == 3


PIECES = st.lists(
    st.tuples(
        st.sampled_from(["client", "server"]),
        st.one_of(
            st.binary(max_size=80),
            st.builds(
                record, st.sampled_from([20, 21, 22, 23]), st.binary(min_size=1, max_size=60)
            ),
            st.sampled_from(
                [octets for _, octets in [*hellos(), *hellos(server=[TO_1_3], suite=0x1301)]]
            ),
        ),
        st.booleans(),
    ),
    max_size=12,
)


@given(PIECES)
def test_whatever_comes_nothing_is_raised(pieces):
    observer = Observer(log(SECRET))
    for who, octets, lost in pieces:
        for item in observer.lose(who, len(octets)) if lost else observer.receive(who, octets):
            assert isinstance(item, HandshakeSeen | AlertSeen | LostData | Unreadable | Sealed)
