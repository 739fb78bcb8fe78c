"""TLS before streams: vehicles of every kind at one port, by Python's client and OpenSSL's."""

import asyncio
import contextlib
import ssl

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from seccstack.adapters import tls as tls_module
from seccstack.adapters.tls_chains import Chains
from seccstack.tls.keylog import KeyLog
from tests import lab as labs
from tests.adapters.conftest import until
from tests.adapters.encrypted import OF_ISO_2, V2GTP, client, connect, s_client, said, served
from tests.tls.hello import client_hello, message, record


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    return labs.minted(tmp_path_factory.mktemp("pki") / "lab")


def a(lab):
    return [lab / "chains/v2g-a.secc"]


# What works.


def test_a_vehicle_of_iso_15118_2_says_and_hears_what_it_would_without_tls(lab):
    async def talk(charger):
        reader, writer = await connect(charger, client(lab))
        writer.write(b"request")
        answer = await reader.readexactly(7)
        shown = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
        writer.close()
        await until(lambda: charger.closed)
        return answer, shown, charger

    answer, shown, charger = served(a(lab), talk)
    [(number, agreed)] = charger.opened
    assert (answer, charger.received, charger.closed) == (b"REQUEST", {1: b"request"}, [1])
    assert (agreed.version, agreed.suite, agreed.chain) == ("TLS 1.2", OF_ISO_2, "v2g-a.secc")
    assert shown == (lab / "certificates/v2g-a.secc.der").read_bytes()
    assert (number, agreed.vehicle, charger.failed) == (1, None, [])


def test_a_plain_vehicle_uses_the_same_port(lab):
    async def talk(charger):
        reader, writer = await connect(charger)
        for _ in range(2):
            writer.write(V2GTP)
            answer = await reader.readexactly(len(V2GTP))
        writer.close()
        await until(lambda: charger.closed)
        return answer, charger.opened

    assert served(a(lab), talk) == (V2GTP, [(1, None)])


def test_a_vehicle_that_knows_no_root_of_ours_comes_back_without_tls(lab):
    async def talk(charger):
        words = ("-CAfile", lab / "roots/v2g-b.pem", "-verify_return_error", "-tls1_2")
        assert "unable to get local issuer" in (await s_client(charger, *words))[1]
        await until(lambda: charger.failed)
        reader, writer = await connect(charger)
        writer.write(V2GTP)
        await reader.readexactly(8)
        writer.close()
        return charger

    charger = served(a(lab), talk)
    [failed] = charger.failed
    assert failed.alert == "unknown_ca"
    assert failed.why.startswith("it sent unknown_ca: it knows no root that the other side's")
    assert charger.opened == [(2, None)]


def test_aes_gcm_comes_before_cbc_and_can_be_switched_off(lab):
    suites = f"{OF_ISO_2}:ECDHE-ECDSA-AES128-GCM-SHA256"

    async def talk(charger):
        _, writer = await connect(charger, client(lab, suites=suites))
        writer.transport.abort()
        return charger.opened[0][1].suite

    assert served(a(lab), talk) == "ECDHE-ECDSA-AES128-GCM-SHA256"
    assert served(a(lab), talk, gcm=False) == OF_ISO_2


def test_the_last_response_arrives_before_the_end_and_the_end_is_one_of_tls(lab):
    async def talk(charger):
        reader, writer = await connect(charger, client(lab))
        charger.server.send(1, b"SessionStopRes")
        charger.server.end(1)
        last = await reader.read()  # without a close_notify, this would raise
        writer.close()
        await until(lambda: charger.closed)
        return last

    assert served(a(lab), talk) == b"SessionStopRes"


def test_large_messages_pass_in_both_directions(lab):
    async def talk(charger):
        reader, writer = await connect(charger, client(lab))
        writer.write(b"x" * 200_000)
        answer = await reader.readexactly(200_000)
        writer.close()
        return answer

    assert served(a(lab), talk) == b"X" * 200_000


def test_a_handshake_in_single_octets_is_one_too(lab):
    async def talk(charger):
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        vehicle = client(lab).wrap_bio(incoming, outgoing)
        reader, writer = await connect(charger)
        while not charger.opened:
            with contextlib.suppress(ssl.SSLWantReadError):
                vehicle.do_handshake()
            for octet in outgoing.read():
                writer.write(bytes([octet]))
                await writer.drain()
            await asyncio.sleep(0.002)
            if not charger.opened:
                incoming.write(await reader.read(65536))
        writer.close()
        return charger.opened

    assert served(a(lab), talk)[0][1].version == "TLS 1.2"


# Several roots.


@pytest.mark.parametrize("tree", ["v2g-a", "v2g-b"])
def test_of_several_chains_a_vehicle_is_shown_the_one_whose_root_it_names(lab, tree):
    root = x509.load_pem_x509_certificate((lab / f"roots/{tree}.pem").read_bytes())
    name = root.subject.public_bytes()
    entry = b"\x02" + len(name).to_bytes(2) + name
    trusted = b"\0\3" + (len(entry) + 2).to_bytes(2) + len(entry).to_bytes(2) + entry
    groups, schemes = bytes.fromhex("000A000400020017"), bytes.fromhex("000D000400020403")
    hello = record(22, message(1, client_hello(trusted, groups, schemes)))

    async def talk(charger):
        reader, writer = await connect(charger)
        writer.write(hello)
        flight = b""
        while b"\x0e\0\0\0" not in flight:  # ServerHelloDone
            flight += await reader.read(65536)
        writer.transport.abort()
        return flight

    chains = [lab / f"chains/{name}.secc" for name in ("v2g-a", "v2g-b")]
    leaf = (lab / f"certificates/{tree}.secc.der").read_bytes()
    assert leaf in served(chains, talk)


def test_by_key_hash_too_as_openssl_makes_them(lab):
    """The hash of RFC 6066 is that of the key's bits alone: OpenSSL's `dgst` of the point."""
    chains = Chains([str(lab / "chains/v2g-a.secc")], lambda: 0.0)
    chains.look()
    [chain] = chains._read.values()
    path = lab / "roots/v2g-a.pem"
    text = labs.openssl("x509", "-in", path, "-noout", "-ext", "subjectKeyIdentifier")[1]
    identifier = bytes.fromhex(text.split("\n")[1].strip().replace(":", ""))
    assert chain.offer.anchor.key_sha1 == identifier  # RFC 5280 hashes the same octets
    text = labs.openssl("x509", "-in", path, "-noout", "-fingerprint", "-sha1")[1]
    print_ = bytes.fromhex(text.split("=")[1].strip().replace(":", ""))
    assert chain.offer.anchor.certificate_sha1 == print_


def test_one_that_names_other_roots_and_refuses_ours_is_said_to_have_said_so(lab):
    trusted = bytes.fromhex("0003 0017 0015 01") + bytes(20)
    groups, schemes = bytes.fromhex("000A000400020017"), bytes.fromhex("000D000400020403")

    async def talk(charger):
        reader, writer = await connect(charger)
        writer.write(record(22, message(1, client_hello(trusted, groups, schemes))))
        await reader.read(65536)
        writer.write(bytes.fromhex("15 0303 0002 0230"))
        await reader.read()
        writer.close()
        return charger.failed

    [failed] = served(a(lab), talk)
    assert failed.alert == "unknown_ca"
    assert failed.why.endswith("; nor did it say to have that of any chain here")


# OCSP.


def test_openssl_sees_the_staple_on_the_wire_and_finds_it_good(lab):
    async def talk(charger):
        _, text = await s_client(
            charger, "-status", "-CAfile", lab / "roots/v2g-a.pem", "-tls1_2"
        )
        return text, charger.opened

    text, [(_, agreed)] = served(a(lab), talk)
    assert "OCSP Response Status: successful" in text
    assert "Cert Status: good" in text
    assert "Verify return code: 0 (ok)" in text
    assert agreed.stapled


def test_a_vehicle_that_does_not_ask_gets_no_staple(lab):
    async def talk(charger):
        _, text = await s_client(charger, "-tls1_2")
        return text, charger.opened[0][1].stapled

    text, stapled = served(a(lab), talk)
    assert "OCSP response" not in text
    assert not stapled


@pytest.mark.parametrize("specimen", ["stale-ocsp", "foreign-ocsp"])
def test_a_response_that_is_no_good_is_not_stapled(lab, specimen):
    async def talk(charger):
        return (await s_client(charger, "-status", "-tls1_2"))[1]

    assert "OCSP response: no response sent" in served([lab / f"specimens/{specimen}"], talk)


def test_openssl_sees_the_staple_of_tls_1_3_too(lab):
    async def talk(charger):
        words = ("-status", "-CAfile", lab / "roots/v2g-20.pem", "-tls1_3")
        return (await s_client(charger, *words))[1]

    text = served([lab / "chains/v2g-20.secc"], talk)
    assert "Cert Status: good" in text
    assert "Verify return code: 0 (ok)" in text


# What cannot work.


def test_tls_1_3_alone_is_refused_where_we_have_no_chain_for_it(lab):
    async def talk(charger):
        code, text = await s_client(charger, "-tls1_3")
        return code, text, charger.failed

    code, text, [failed] = served(a(lab), talk)
    assert code
    assert "alert protocol version" in text
    assert failed.why == "it offers TLS 1.3; we have certificates for TLS 1.2"


@pytest.mark.parametrize("suite", ["AES128-SHA256", "ECDHE-RSA-AES128-GCM-SHA256"])
def test_suites_that_we_do_not_have_are_refused_with_an_alert(lab, suite):
    async def talk(charger):
        _, text = await s_client(charger, "-tls1_2", "-cipher", suite)
        return text, charger.failed

    text, [failed] = served(a(lab), talk)
    assert "alert handshake failure" in text
    assert failed.alert == "handshake_failure"
    assert "it offers the suites TLS_" in failed.why


def test_static_ecdh_alone_is_refused_with_an_alert_and_a_reason(lab):
    hello = record(22, message(1, client_hello(suites=(0xC025, 0x00FF))))

    async def talk(charger):
        return await said(charger, hello), charger.failed

    back, [failed] = served(a(lab), talk)
    assert back == bytes.fromhex("15 0303 0002 0228")
    assert "TLS_ECDH_ECDSA_WITH_AES_128_CBC_SHA256, which no OpenSSL since" in failed.why


@pytest.mark.parametrize(
    "octets",
    [
        bytes.fromhex("16 0303 0004 0200 0000"),
        bytes.fromhex("16 0303 FFFF 01"),
        bytes.fromhex("16 4444 0004"),
        record(22, message(1, client_hello()[:30])),
        record(22, b"\1\0\xff\xff" + bytes(16000)) + record(22, bytes(16000)),
        record(22, b"\1\0\x60\0" + bytes(16000)) + record(22, bytes(1000)),
    ],
)
def test_what_begins_like_tls_and_is_none_is_refused_with_an_alert(lab, octets):
    async def talk(charger):
        return await said(charger, octets), charger

    back, charger = served(a(lab), talk)
    assert back == bytes.fromhex("15 0303 0002 0232")
    assert [failed.alert for failed in charger.failed] == ["decode_error"]
    assert charger.opened == []


def test_garbage_is_for_the_session_to_judge(lab):
    async def talk(charger):
        await said(charger, b"GET / HTTP/1.0\r\n\r\n", until_closed=False)
        await until(lambda: charger.closed)
        return charger.opened, charger.received

    assert served(a(lab), talk) == ([(1, None)], {1: b"GET / HTTP/1.0\r\n\r\n"})


def test_a_broken_record_ends_its_stream_and_no_other(lab):
    async def talk(charger):
        reader, writer = await connect(charger, client(lab))
        raw = writer.get_extra_info("ssl_object")
        assert raw.version() == "TLSv1.2"
        writer.transport._ssl_protocol._transport.write(b"\x17\x03\x03\x00\x10" + bytes(16))
        await until(lambda: charger.closed == [1])
        writer.transport.abort()
        reader, writer = await connect(charger, client(lab))
        writer.write(b"next")
        answer = await reader.readexactly(4)
        writer.close()
        return answer

    assert served(a(lab), talk) == b"NEXT"


def test_renegotiation_is_refused(lab):
    async def talk(charger):
        where = f"[::1]:{charger.server.port}"
        command = ("s_client", "-connect", where, "-tls1_2")
        return await asyncio.to_thread(labs.openssl, *command, input="R\n", timeout=8)

    code, text = served(a(lab), talk)
    assert "RENEGOTIATING" in text
    assert code or "no renegotiation" in text


def test_no_session_ticket_is_given(lab):
    async def talk(charger):
        return (await s_client(charger, "-tls1_2"))[1]

    text = served(a(lab), talk)
    assert "TLS session ticket" not in text
    assert "Session-ID: \n" in text


def test_a_vehicle_that_is_too_slow_is_let_go(lab, monkeypatch):
    monkeypatch.setattr(tls_module, "HANDSHAKE_SECONDS", 0.05)

    async def talk(charger):
        back = await said(charger, record(22, message(1, client_hello()))[:20])
        return back, charger.failed

    back, [failed] = served(a(lab), talk)
    assert back == b""
    assert failed.why == "it has not come to an end of its handshake in 0.05 s"


def test_one_that_says_nothing_at_all_is_let_go_too(lab, monkeypatch):
    monkeypatch.setattr(tls_module, "HANDSHAKE_SECONDS", 0.05)

    async def talk(charger):
        return await said(charger, b""), charger.failed

    back, [failed] = served(a(lab), talk)
    assert (back, failed.why) == (b"", "it has said nothing in 0.05 s")


def test_a_slow_session_is_none_of_a_slow_handshake(lab, monkeypatch):
    monkeypatch.setattr(tls_module, "HANDSHAKE_SECONDS", 0.2)

    async def talk(charger):
        reader, writer = await connect(charger, client(lab))
        plain_reader, plain_writer = await connect(charger)
        plain_writer.write(V2GTP)
        await asyncio.sleep(0.3)
        writer.write(b"late")
        answer = await reader.readexactly(4)
        for each in (writer, plain_writer):
            each.close()
        return answer, await plain_reader.readexactly(8)

    assert served(a(lab), talk) == (b"LATE", V2GTP)


def test_a_vehicle_that_hangs_up_in_between_is_told_of(lab):
    async def talk(charger):
        await said(charger, record(22, message(1, client_hello()))[:20], until_closed=False)
        await until(lambda: charger.failed)
        return charger

    charger = served(a(lab), talk)
    assert charger.failed[0].why == "it hung up in the middle of its handshake"
    assert (charger.opened, charger.closed) == ([], [])


def test_one_that_only_knocks_is_not_worth_a_word(lab):
    async def talk(charger):
        _, writer = await connect(charger)
        writer.close()
        await until(lambda: not charger.server._streams)
        return charger

    charger = served(a(lab), talk)
    assert (charger.failed, charger.opened, charger.closed) == ([], [], [])


def test_where_tls_is_required_a_plain_vehicle_is_turned_away(lab):
    async def talk(charger):
        back = await said(charger, V2GTP)
        reader, writer = await connect(charger, client(lab))
        writer.write(b"request")
        answer = await reader.readexactly(7)
        writer.close()
        return back, answer, charger.failed

    back, answer, [failed] = served(a(lab), talk, required=True)
    assert (back, answer) == (b"", b"REQUEST")
    assert failed.why == "it speaks without TLS, and TLS is required"


def test_without_a_valid_chain_there_is_no_tls_but_plain_vehicles_charge(lab):
    async def talk(charger):
        _, text = await s_client(charger, "-tls1_2")
        reader, writer = await connect(charger)
        writer.write(V2GTP)
        answer = await reader.readexactly(8)
        writer.close()
        return text, answer, charger.failed[0].why

    text, answer, why = served([lab / "specimens/expired"], talk)
    assert "alert protocol version" in text
    assert (answer, why) == (V2GTP, "it offers TLS 1.2; we have certificates for none")


# What a recorder hears.


def test_the_tap_hears_the_wire_and_gets_what_opens_it(lab, tmp_path):
    async def talk(charger):
        reader, writer = await connect(charger, client(lab))
        writer.write(b"request")
        await reader.readexactly(7)
        writer.close()
        await until(lambda: charger.closed)
        return charger.tap.heard

    heard = served(a(lab), talk)
    secrets = b"".join(item for item in heard if isinstance(item, bytes))
    log = KeyLog()
    log.add(secrets, "tap")
    assert len(log.secrets) == 1
    octets = b"".join(item[2] for item in heard if isinstance(item, tuple) and item[1] == "ev"
                      and isinstance(item[2], bytes))  # fmt: skip
    assert octets.startswith(b"\x16\x03")
    assert b"request" not in octets


def test_the_key_of_a_chain_is_in_no_representation_of_it(lab):
    chains = Chains([str(lab / "chains/v2g-a.secc")], lambda: 0.0)
    chains.look()
    assert "PrivateKey" not in repr(chains._read)
    assert chains.problems == [f"{lab / 'chains/v2g-a.secc'} is not valid yet"]
    der = x509.load_pem_x509_certificates((lab / "chains/v2g-a.secc/chain.pem").read_bytes())
    assert [c.public_bytes(Encoding.DER) for c in der]


def test_what_is_said_after_leave_was_taken_comes_too_late(lab):
    async def talk(charger):
        reader, writer = await connect(charger, client(lab))
        writer.write(b"request")
        await reader.readexactly(7)
        ((_, gate),) = charger.server._gates.values()
        gate.end()
        gate.send(b"a response that was owed")
        writer.close()
        await until(lambda: charger.closed)
        return charger.closed

    assert served(a(lab), talk) == [1]
