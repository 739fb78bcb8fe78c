"""TLS 1.3 in which both sides show certificates: OpenSSL's client and Python's are vehicles."""

import asyncio
import contextlib
import datetime
import shutil
import socket
import ssl

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from cryptography.x509.oid import NameOID

from seccstack.adapters import tls_context
from seccstack.adapters.certificate_files import read_lists
from seccstack.adapters.tls_vehicles import (
    FINE,
    MOST_ROOTS,
    MOST_SHOWN,
    Shown,
    Trust,
    TrustFiles,
)
from seccstack.auth.chain import LAB
from seccstack.auth.revocation import RevocationLists
from tests import lab as labs
from tests.adapters.conftest import until
from tests.adapters.encrypted import V2GTP, client, connect, s_client, said, served

FAMILIES = ["20", "20-ed448"]
SPECIMENS = {
    "vehicle-expired": (
        "certificate_expired",
        "it has expired: O=seccstack laboratory,CN=WMIV123",
    ),
    "vehicle-expired-sub-ca": (
        "certificate_expired",
        "expired: C=DE,O=seccstack laboratory,CN=Vehicle Sub-CA 2",
    ),
    "vehicle-not-yet-valid": (
        "bad_certificate",
        "it is not valid yet: O=seccstack laboratory,CN=WMIV",
    ),
    "vehicle-wrong-root": ("unknown_ca", "CN=Vehicle Sub-CA 1"),
    "vehicle-path-too-long": (None, "it has more authorities below it than it allows"),
    "vehicle-is-a-server": ("unsupported_certificate", "it is not for a client of TLS"),
    "vehicle-unknown-critical": (None, "it has a critical extension that nobody here knows"),
    "vehicle-wrong-usage": ("unsupported_certificate", "it is not for a client of TLS"),
    "vehicle-is-an-authority": ("bad_certificate", "is an authority's"),
    "vehicle-too-large": ("bad_certificate", "octets; 1600 at most"),
    "vehicle-is-a-contract": ("unsupported_certificate", "the domain component 'MO'"),
}


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    return labs.minted(tmp_path_factory.mktemp("pki") / "lab")


def trusting(lab, *trees, lists=(), hard=False, **how):
    """Trust in the roots of these trees."""
    paths = [lab / f"roots/{tree}.pem" for tree in trees or ("oem-20", "oem-20-ed448")]
    roots = tuple(x509.load_pem_x509_certificate(path.read_bytes()) for path in paths)
    known = [one for name in lists for one in read_lists((lab / name).read_bytes())]
    return Trust(roots, RevocationLists(known, required=hard), **how)


def vehicle(lab, place="chains/oem-20.vehicle", *, root="v2g-20", key=None):
    """A vehicle of ISO 15118-20 with this chain, or with none."""
    context = client(lab, root=root, newest=True)
    if place:
        folder = lab / place
        context.load_cert_chain(folder / "chain.pem", key or folder / "key.pem")
    return context


def came(lab, context, *, relaxed=False, **how):
    """What becomes of a vehicle, and of the next one, which has done nothing wrong."""

    async def talk(charger):
        with contextlib.suppress(ssl.SSLError, ConnectionError):
            reader, writer = await connect(charger, context)
            writer.write(b"request")
            await reader.read(7)
            writer.close()
        await until(lambda: charger.failed or charger.opened)
        known = vehicle(lab)
        reader, writer = await connect(charger, known)
        writer.write(b"request")
        assert await reader.readexactly(7) == b"REQUEST"
        writer.close()
        return charger

    how.setdefault("vehicle_required", True)
    how.setdefault("trust", trusting(lab))
    charger = served([lab / "chains/v2g-20.secc"], talk, lab=relaxed, **how)
    assert charger.opened[-1][1].vehicle is not None
    return charger


def refused(lab, context, **how):
    """Alert and reason, of a vehicle that gets no session."""
    charger = came(lab, context, **how)
    assert len(charger.opened) == 1
    [failed] = charger.failed
    return failed.alert, failed.why


# A vehicle that shows who it is.


@pytest.mark.parametrize("family", FAMILIES)
def test_a_vehicle_shows_its_certificate_and_is_known_by_it(lab, family):
    chain = lab / f"chains/oem-{family}.vehicle/chain.pem"
    context = vehicle(lab, f"chains/oem-{family}.vehicle", root=f"v2g-{family}")

    async def talk(charger):
        reader, writer = await connect(charger, context)
        writer.write(b"request")
        answer = await reader.readexactly(7)
        writer.close()
        return answer, charger.opened[0][1]

    trust = trusting(lab)
    chains = [lab / f"chains/v2g-{family}.secc"]
    answer, agreed = served(chains, talk, trust=trust, vehicle_required=True)
    assert (answer, agreed.version) == (b"REQUEST", "TLS 1.3")
    assert agreed.vehicle.name == "WMIV1234567890ABCDEX"
    print_ = labs.openssl("x509", "-in", chain, "-noout", "-fingerprint", "-sha512")[1]
    digest = bytes.fromhex(print_.split("=")[1].strip().replace(":", ""))
    assert agreed.vehicle.digest == digest


def test_openssl_s_own_client_is_a_vehicle_too(lab):
    place = lab / "chains/oem-20.vehicle"

    async def talk(charger):
        words = ("-tls1_3", "-cert", place / "chain.pem", "-cert_chain", place / "chain.pem")
        words += ("-key", place / "key.pem", "-CAfile", lab / "roots/v2g-20.pem", "-status")
        text = (await s_client(charger, *words))[1]
        return text, charger.opened[0][1]

    chains = [lab / "chains/v2g-20.secc"]
    text, agreed = served(chains, talk, trust=trusting(lab), vehicle_required=True)
    assert "Verify return code: 0 (ok)" in text
    assert "Cert Status: good" in text
    assert "Server Temp Key: ECDH, secp521r1, 521 bits" in text
    assert "TLS_AES_256_GCM_SHA384" in text
    assert agreed.vehicle.root.endswith("CN=OEM Root CA oem-20")
    assert agreed.stapled


def test_what_a_vehicle_is_asked_for_is_what_iso_15118_20_has(lab):
    async def talk(charger):
        return (await s_client(charger, "-tls1_3"))[1]

    trust = trusting(lab, "oem-20", "oem-20-ed448", "v2g-20")
    text = served([lab / "chains/v2g-20.secc"], talk, trust=trust)
    for root in ("OEM Root CA oem-20", "OEM Root CA oem-20-ed448", "V2G Root CA v2g-20"):
        assert root in text.split("Acceptable client certificate CA names")[1]
    [line] = [line for line in text.splitlines() if line.startswith("Requested Sig")]
    assert line.split(": ")[1].lower() == "ecdsa+sha512:ed448"


def test_it_is_asked_even_where_no_root_of_vehicles_is_known(lab):
    async def talk(charger):
        reader, writer = await connect(charger, vehicle(lab))
        writer.write(b"request")
        await reader.readexactly(7)
        writer.close()
        text = (await s_client(charger, "-tls1_3"))[1]
        return text, charger.opened[0][1].vehicle

    text, shown = served([lab / "chains/v2g-20.secc"], talk)
    assert "Requested Signature Algorithms" in text
    assert shown is None


@pytest.mark.parametrize(
    ("option", "expected"),
    [
        (("-groups", "X448"), "Server Temp Key: X448, 448 bits"),
        (("-groups", "X25519:P-256:P-521"), "ECDH, secp521r1, 521 bits"),
        (("-ciphersuites", "TLS_CHACHA20_POLY1305_SHA256"), "TLS_CHACHA20_POLY1305_SHA256"),
        (("-groups", "X25519:P-256"), "alert handshake failure"),
        (("-ciphersuites", "TLS_AES_128_GCM_SHA256"), "alert handshake failure"),
        (("-sigalgs", "ECDSA+SHA256:ECDSA+SHA384"), "alert handshake failure"),
    ],
)
def test_groups_suites_and_signatures_are_those_of_iso_15118_20_alone(lab, option, expected):
    async def talk(charger):
        return (await s_client(charger, "-tls1_3", *option))[1]

    assert expected in served([lab / "chains/v2g-20.secc"], talk)


@pytest.mark.parametrize("tree", ["v2g-20", "v2g-20-ed448"])
def test_of_several_chains_the_vehicle_s_authorities_choose(lab, tree):
    """OpenSSL's client names authorities of its own in TLS 1.3."""

    async def talk(charger):
        words = ("-tls1_3", "-requestCAfile", lab / f"roots/{tree}.pem")
        words += ("-CAfile", lab / f"roots/{tree}.pem")
        text = (await s_client(charger, *words))[1]
        return text, charger.opened[0][1]

    chains = [lab / f"chains/{name}.secc" for name in ("v2g-20-ed448", "v2g-20")]
    text, agreed = served(chains, talk)
    assert "Verify return code: 0 (ok)" in text
    assert (agreed.chain, agreed.trusted) == (f"{tree}.secc", True)


def test_one_port_serves_vehicles_of_all_standards_side_by_side(lab):
    async def talk(charger):
        for context in (vehicle(lab), client(lab), None):
            reader, writer = await connect(charger, context)
            writer.write(V2GTP)
            await reader.readexactly(len(V2GTP))
            writer.close()
        return [agreed and agreed.version for _, agreed in charger.opened]

    chains = [lab / f"chains/{name}.secc" for name in ("v2g-20", "v2g-a")]
    told = served(chains, talk, trust=trusting(lab), vehicle_required=True)
    assert told == ["TLS 1.3", "TLS 1.2", None]


def again(charger, context, session):
    """Come back with what was given for a session to be resumed; whether it was."""
    wire = socket.create_connection(("::1", charger.server.port))
    with context.wrap_socket(wire, session=session) as vehicle:
        vehicle.sendall(b"request")
        assert vehicle.recv(7) == b"REQUEST"
        return vehicle.session_reused


def test_what_was_proven_once_is_proven_anew_on_each_connection(lab):
    """No session is resumed: there, a vehicle would not be asked for its certificate."""
    context = vehicle(lab)

    async def talk(charger):
        reader, writer = await connect(charger, context)
        writer.write(b"request")
        await reader.readexactly(7)
        session = writer.get_extra_info("ssl_object").session
        writer.close()
        resumed = await asyncio.to_thread(again, charger, context, session)
        return resumed, charger.opened

    chains = [lab / "chains/v2g-20.secc"]
    resumed, opened = served(chains, talk, trust=trusting(lab), vehicle_required=True)
    assert not resumed
    assert [agreed.vehicle is not None for _, agreed in opened] == [True, True]


# One that shows none.


def test_one_without_is_turned_away_where_it_is_required(lab):
    alert, why = refused(lab, vehicle(lab, None))
    assert alert == "certificate_required"
    assert why.startswith("the vehicle shows no certificate of its own, or has none on a")


def test_one_without_is_served_and_has_proven_nothing_where_it_is_not(lab):
    charger = came(lab, vehicle(lab, None), vehicle_required=False)
    assert [agreed.vehicle is None for _, agreed in charger.opened] == [True, False]


def test_where_it_is_required_and_nobody_is_known_there_is_no_tls_1_3(lab):
    async def talk(charger):
        new = (await s_client(charger, "-tls1_3"))[1]
        return new, (await s_client(charger, "-tls1_2"))[1], charger.failed[0].why

    chains = [lab / f"chains/{name}.secc" for name in ("v2g-20", "v2g-a")]
    new, old, why = served(chains, talk, vehicle_required=True)
    assert "alert protocol version" in new
    assert "Cipher is ECDHE-ECDSA-AES128-GCM-SHA256" in old
    assert why == "it offers TLS 1.3; we have certificates for TLS 1.2"


# One that shows what is none of a vehicle's.


@pytest.mark.parametrize("specimen", SPECIMENS)
def test_a_certificate_that_is_wrong_is_refused_by_name_and_the_next_vehicle_served(
    lab, specimen
):
    alert, words = SPECIMENS[specimen]
    said_alert, why = refused(lab, vehicle(lab, f"specimens/{specimen}"))
    assert why.startswith("the vehicle's certificate is refused: ")
    assert words in why
    assert said_alert is not None
    assert alert in (None, said_alert)


@pytest.mark.parametrize("place", ["mo-20.contract", "v2g-20.secc"])
def test_one_of_another_root_is_unknown(lab, place):
    alert, why = refused(lab, vehicle(lab, f"chains/{place}"), trust=trusting(lab, "oem-20"))
    assert alert == "unknown_ca"
    assert "no root of vehicles here has signed" in why


def test_a_provisioning_certificate_of_the_right_root_is_none_of_a_vehicle(lab):
    alert, why = refused(lab, vehicle(lab, "chains/oem-20.oem_provisioning"))
    assert alert == "unsupported_certificate"
    assert "is not one of a vehicle: it has the domain component 'OEM'" in why


def test_a_contract_below_a_v2g_root_that_is_trusted_is_none_either(lab):
    trust = trusting(lab, "oem-20", "mo-20")
    _, why = refused(lab, vehicle(lab, "chains/mo-20.contract"), trust=trust)
    assert "is not one of a vehicle: it has the domain component 'MO'" in why


def test_one_that_was_revoked_is_refused(lab):
    trust = trusting(lab, lists=["revocation/oem-20.vehicle_sub2.crl"])
    alert, why = refused(lab, vehicle(lab, "specimens/vehicle-revoked"), trust=trust)
    assert alert == "certificate_revoked"
    assert why.endswith(": the vehicle's certificate was revoked")


def test_one_of_which_nobody_says_anything_is_refused_only_where_lists_are_needed(lab):
    lists = [f"revocation/oem-20.{name}.crl" for name in ("oem_root", "vehicle_sub1")]
    assert came(lab, vehicle(lab), trust=trusting(lab, lists=lists)).failed == []
    every = [*lists, "revocation/oem-20.vehicle_sub2.crl"]
    assert came(lab, vehicle(lab), trust=trusting(lab, lists=every, hard=True)).failed == []


def test_of_ed448_too_a_list_can_be_read(lab):
    octets = (lab / "certificates/oem-20-ed448.vehicle.der").read_bytes()
    chain = (lab / "chains/oem-20-ed448.vehicle/chain.pem").read_bytes()
    subs = [one.public_bytes(Encoding.DER)
            for one in x509.load_pem_x509_certificates(chain)[1:]]  # fmt: skip
    trust = trusting(lab, lists=["revocation/oem-20-ed448.vehicle_sub2.crl"], hard=True)
    shown = Shown()
    for depth, sub in enumerate(subs, start=1):
        assert shown.weigh(sub, 0, depth, trust, labs.NOW.timestamp()) == FINE
    assert shown.weigh(octets, 0, 0, trust, labs.NOW.timestamp()) != FINE
    assert shown.why.startswith("no list of today says whether the certificate of C=DE")


def test_in_a_lab_a_vehicle_may_have_the_curve_of_iso_15118_2(lab):
    trust = trusting(lab, "oem-20", "oem", rules=LAB)
    place = "chains/oem.oem_provisioning"
    _, why = refused(lab, vehicle(lab, place), trust=trust, relaxed=True)
    assert "the domain component 'OEM'" in why  # and not its curve


@pytest.mark.parametrize(
    "place", ["specimens/vehicle-wrong-curve", "chains/oem.oem_provisioning"]
)
def test_a_vehicle_that_may_not_sign_with_its_curve_shows_none(lab, place):
    """Signatures of ISO 15118-20 are all that it is asked for: an honest client has none."""
    alert, why = refused(lab, vehicle(lab, place))
    assert alert == "certificate_required"
    assert "or has none on a curve of ISO 15118-20" in why


# Who tries to break in.


def pretended(lab, place):
    """A key of one's own that says to be the one in a certificate, so that tools take it."""
    [leaf, *_] = x509.load_pem_x509_certificates((lab / place / "chain.pem").read_bytes())
    own = ec.generate_private_key(ec.SECP521R1())
    octets = own.private_bytes(Encoding.DER, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    points = (
        key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        for key in (own.public_key(), leaf.public_key())
    )
    return octets.replace(*points)


def test_a_stolen_chain_without_its_key_opens_nothing(lab, tmp_path):
    place = lab / "chains/oem-20.vehicle"
    (tmp_path / "key.der").write_bytes(pretended(lab, "chains/oem-20.vehicle"))

    async def talk(charger):
        words = ("-tls1_3", "-cert", place / "chain.pem", "-cert_chain", place / "chain.pem")
        words += ("-key", tmp_path / "key.der", "-keyform", "DER")
        text = (await s_client(charger, *words))[1]
        await until(lambda: charger.failed)
        return text, charger

    chains = [lab / "chains/v2g-20.secc"]
    text, charger = served(chains, talk, trust=trusting(lab), vehicle_required=True)
    assert "Requested Signature Algorithms" in text  # so it did sign
    [failed] = charger.failed
    assert (failed.alert, charger.opened) == ("decrypt_error", [])
    assert "bad signature" in failed.why


@pytest.mark.parametrize(
    "octets",
    [
        bytes.fromhex("16 0303 0001 00"),
        bytes.fromhex("16 0303 0005 01 FFFFFF 00"),
        b"\x16\x03\x01" + bytes(600),
        bytes.fromhex("15 0303 0002 0228"),
    ],
)
def test_noise_instead_of_a_handshake_is_survived(lab, octets):
    async def talk(charger):
        await said(charger, octets, until_closed=False)
        reader, writer = await connect(charger, vehicle(lab))
        writer.write(b"request")
        answer = await reader.readexactly(7)
        writer.close()
        return answer

    chains = [lab / "chains/v2g-20.secc"]
    assert served(chains, talk, trust=trusting(lab), vehicle_required=True) == b"REQUEST"


# The files.


def files(lab, place, **how):
    shutil.copy(lab / "roots/oem-20.pem", place / "root.pem")
    shutil.copy(lab / "revocation/oem-20.vehicle_sub2.crl", place / "list.crl")
    how = {"hard": False, **how}
    return TrustFiles([str(place / "root.pem")], [str(place / "list.crl")], **how)


def test_roots_and_lists_are_read_and_not_again_until_they_change(lab, tmp_path):
    read = files(lab, tmp_path, hard=True)
    first = read.look()
    assert (len(first.roots), first.lists.required, read.problems) == (1, True, ())
    assert read.look() is first
    both = (lab / "roots/oem-20.pem").read_bytes() + (lab / "roots/v2g-20.pem").read_bytes()
    (tmp_path / "root.pem").write_bytes(both)
    assert len(read.look().roots) == 2


def test_a_file_that_changes_for_the_worse_is_told_of_and_stays_as_it_was(lab, tmp_path):
    read = files(lab, tmp_path)
    read.look()
    (tmp_path / "root.pem").write_text("noise")
    (tmp_path / "list.crl").unlink()
    assert len(read.look().roots) == 1
    [noise, gone] = read.problems
    assert f"{tmp_path / 'root.pem'} is of no use: " in noise
    assert gone == f"cannot read {tmp_path / 'list.crl'}: No such file or directory"


def test_an_error_that_has_no_words_is_told_by_its_number():
    shown, trust = Shown(), Trust((None,))
    assert shown.weigh(b"noise", 99, 0, trust, 0.0) == 99
    assert shown.why == "OpenSSL finds error 99 in it: one that cannot be read"


def test_of_a_name_as_long_as_a_book_no_more_is_told_than_its_beginning():
    key = ec.generate_private_key(ec.SECP256R1())
    units = [x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, "x" * 60)] * 500
    octets = self_signed(key, x509.Name(units))
    shown = Shown()
    shown.weigh(octets, 18, 0, Trust((None,)), 0.0)
    assert len(shown.why) < 300


def self_signed(key, name):
    moment = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, moment, moment)
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)


def test_an_openssl_that_cannot_be_kept_to_iso_15118_20_refuses_rather_than_takes_any(
    lab, monkeypatch
):
    monkeypatch.setattr(tls_context, "GROUPS", b"unknown")

    async def talk(charger):
        text = (await s_client(charger, "-tls1_3"))[1]
        return text, charger.failed

    text, (failed,) = served([lab / "chains/v2g-20.secc"], talk)
    assert "internal error" in text
    assert failed.why.startswith("this OpenSSL does not know")


def test_more_authorities_than_there_may_be_are_not_kept():
    shown = Shown()
    assert shown.weigh(b"one too many", FINE, MOST_SHOWN, Trust((None,)), 0.0) == FINE
    assert not shown._path


def test_more_roots_than_can_be_named_are_told_of(tmp_path):
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    root = x509.load_der_x509_certificate(self_signed(key, name))
    (tmp_path / "roots.pem").write_bytes(root.public_bytes(Encoding.PEM) * (MOST_ROOTS + 1))
    files = TrustFiles([str(tmp_path / "roots.pem")], [], hard=False)
    assert len(files.look().roots) == MOST_ROOTS
    assert files.problems == ("there are 65 roots of vehicles; the first 64 count",)
