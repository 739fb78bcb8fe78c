"""Each capture of the folder `captures` that is there: what it holds must come of it.

They are our own recordings, simulated or of another's programs, so they are here where the
recordings of real cars are not. `make captures` makes them anew.
"""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from seccstack.capture.items import V2gMessage
from seccstack.capture.plugins import plug_ins_of
from seccstack.capture.reader import read_capture
from seccstack.capture.trace import read_trace
from seccstack.cli_scenarios import read_card
from seccstack.drive.report import changes
from seccstack.messages import codec
from seccstack.recording.review import review
from tests.prerequisites import missing
from tests.programs import PROJECT
from tools.captures.card import LICENCE, REPLAY, replayed
from tools.captures.ours import WITH_SIDECAR
from tools.record_captures import NAMES

FOLDER = PROJECT / "captures"
OWN = pytest.mark.parametrize("name", NAMES)
WITH_TLS = [name for name in NAMES if name.endswith("-tls")]
MOST = 3_000_000  # octets of the whole folder: it is fetched with every clone


def card_of(name):
    return read_card(FOLDER / f"{name}.toml")


def capture_of(name):
    card = card_of(name)
    assert (FOLDER / card.file).is_file()
    return card.find()


def sessions_of(name):
    return card_of(name).load()[REPLAY]


def messages_of(name):
    capture = capture_of(name)
    plug_ins = plug_ins_of(read_trace(capture.name, read_capture(capture)))
    return [i for plug_in in plug_ins for i in plug_in.items if isinstance(i, V2gMessage)]


@OWN
def test_what_comes_of_it_is_what_must_come_of_it(name):
    found = json.loads(json.dumps(replayed(capture_of(name))))
    changed = changes(sessions_of(name), found)
    how = f"if that is right: python -m tools.record_captures --expect {name}"
    assert not changed, "\n".join([*changed, how])


@OWN
def test_every_message_in_it_is_read_and_written_again_to_the_bit(name):
    for message in messages_of(name):
        assert message.problems == ()
        assert codec.encode(message.schema, message.message) == message.exi


@OWN
def test_its_card_says_how_it_was_made_and_that_all_may_have_it(name):
    card = card_of(name)
    assert f"python -m tools.record_captures {name};" in card.origin
    assert card.licence == LICENCE


def test_none_is_there_that_nobody_can_make_anew():
    files = {path.name.split(".")[0] for path in FOLDER.glob("*.pcapng*")}
    assert files == set(NAMES)


def test_the_folder_is_small():
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < MOST


# What each shows.

ENDINGS = {
    "own-ac-open": "the vehicle stopped the session",
    "own-ac-autocharge": "the vehicle stopped the session",
    "own-ac-card": "the vehicle stopped the session",
    "own-ac-refused": "the charger closed the connection after AuthorizationRes (FAILED)",
    "own-ac-unplugged": "the charger closed the connection after ChargingStatusRes",
    "own-ac-limits": "the vehicle stopped the session",
    "own-ac-pause": "the vehicle stopped the session",
    "own-ac-hung-up": "the vehicle closed the connection after ChargingStatusRes",
    "own-ac-silent": "the charger closed the connection after AuthorizationRes",
    "own-ac-out-of-turn": (
        "the charger closed the connection after SessionSetupRes (FAILED_SequenceError)"
    ),
    "own-ac-beside-others": "the vehicle stopped the session",
    "own-ac-renegotiation": "the vehicle stopped the session",
    "own-ac-pnc": "the vehicle stopped the session",
    "own-dc": "the vehicle stopped the session",
    "own-dc-supply-fails": "the vehicle stopped the session",
    "own-din": "the vehicle stopped the session",
    "own-din-stopped": "the vehicle stopped the session",
    "own-20-ac": "the vehicle stopped the session",
    "own-pulse-width": "matched, and then nothing came from the vehicle",
    "own-no-protocol": "no protocol in common (Failed_NoNegotiation)",
    "own-no-match": (
        "no match: the vehicle did not choose, though it was told its attenuation"
    ),
}


def ended(session):
    """How it ended before, if it did, the plug was pulled."""
    return session["ended"].removesuffix("; unplugged")


@pytest.mark.parametrize("name", ENDINGS)
def test_a_simulated_charge_ends_as_it_was_meant_to(name):
    assert ended(sessions_of(name)[0]) == ENDINGS[name]


@pytest.mark.parametrize(("name", "whose"), [("unplugged", None), ("hung-up", "ev")])
def test_a_plug_that_is_pulled_is_nobodys_failure_and_hanging_up_is(name, whose):
    [session] = sessions_of(f"own-ac-{name}")
    assert (session["failure"] or {}).get("whose") == whose
    assert session["ended"].endswith("; unplugged")


PROTOCOLS = {
    "ours-ac-tls": ("iso2", True, "ChargingStatusRes"),
    "ours-ac-contract-tls": ("iso2", True, "PaymentDetailsRes"),
    "ours-ac-installation-tls": ("iso2", True, "CertificateInstallationRes"),
    "ours-dc": ("iso2", False, "CurrentDemandRes"),
    "ours-20-ac-tls": ("iso20", True, "AC_ChargeLoopRes"),
    "ours-20-dc": ("iso20", False, "DC_ChargeLoopRes"),
    "peer-ac-at-ours": ("iso2", False, "ChargingStatusRes"),
    "peer-din-dc": ("din", False, "CurrentDemandRes"),
    "peer-2-dc": ("iso2", False, "CurrentDemandRes"),
    "peer-2-ac-tls": ("iso2", True, "ChargingStatusRes"),
    "peer-2-ac-contract-tls": ("iso2", True, "PaymentDetailsRes"),
    "peer-2-ac-installation-tls": ("iso2", True, "CertificateInstallationRes"),
    "peer-20-ac-tls": ("iso20", True, "AC_ChargeLoopRes"),
    "peer-20-dc-tls": ("iso20", True, "DC_ChargeLoopRes"),
}


@pytest.mark.parametrize("name", PROTOCOLS)
def test_a_peers_session_is_read_to_its_end_through_tls_too(name):
    [session] = sessions_of(name)
    protocol, tls, message = PROTOCOLS[name]
    assert (session["protocol"], session["tls"]) == (protocol, tls)
    assert message in {one["name"] for one in session["messages"]}
    assert ended(session) == "the vehicle stopped the session"
    assert session["errors"] == []


@pytest.mark.parametrize(
    ("name", "protocol"), [("own-ac-open", "iso2"), ("own-din", "din"), ("own-20-ac", "iso20")]
)
def test_our_charger_and_our_car_speak_each_protocol(name, protocol):
    [session] = sessions_of(name)
    assert (session["protocol"], session["failure"], session["errors"]) == (protocol, None, [])


def test_a_certificate_that_is_refused_is_told_as_that():
    [session] = sessions_of("peer-tls-unknown-ca")
    assert (session["tls"], session["messages"]) == (True, [])
    assert "unknown_ca" in json.dumps(session)


def names_in(name):
    return [one["name"] for one in sessions_of(name)[0]["messages"]]


def test_a_negotiation_anew_is_a_second_one():
    assert names_in("own-ac-renegotiation").count("ChargeParameterDiscoveryReq") == 2


def test_a_contract_s_car_signs_receipts():
    assert {"PaymentDetailsReq", "MeteringReceiptReq"} <= set(names_in("own-ac-pnc"))


def test_on_dc_the_cable_is_checked_before_current_flows_and_welding_after():
    parts = ("CableCheckReq", "PreChargeReq", "CurrentDemandReq", "WeldingDetectionReq")
    assert [name for name in dict.fromkeys(names_in("own-dc")) if name in parts] == [*parts]


def test_a_contract_that_has_expired_is_refused_and_the_session_with_it():
    [session] = sessions_of("ours-ac-expired-tls")
    assert ended(session) == (
        "the charger closed the connection after PaymentDetailsRes (FAILED_CertificateExpired)"
    )


def test_a_car_whose_tls_fails_comes_again_without():
    [session] = sessions_of("ours-tls-unknown-ca")
    assert "ChargingStatusRes" in {one["name"] for one in session["messages"]}
    assert ended(session) == "the vehicle stopped the session"


def test_a_vehicle_without_a_certificate_is_told_that_it_has_to_show_one():
    [session] = sessions_of("ours-20-no-certificate-tls")
    assert (session["tls"], session["messages"]) == (True, [])
    assert "certificate_required" in json.dumps(session)


# Run again.

SIDECARS = [path.stem for path in sorted(FOLDER.glob("*.jsonl"))]


@pytest.mark.parametrize("name", SIDECARS)
def test_our_charger_does_again_what_it_did(name):
    with (FOLDER / f"{name}.jsonl").open("rb") as lines:
        found = review(name, lines)
    how = "another charger since: where that is meant, make captures CAPTURES=" + name
    told = [str(one) for one in found.rerun.differences]
    assert found.rerun.identical is True, "\n".join([*told, *found.rerun.omissions, how])
    assert found.notes == []
    assert found.rerun.steps > 50


def test_some_are_run_again():
    assert set(SIDECARS) == set(WITH_SIDECAR)


def test_its_car_and_our_charger_say_who_they_are():
    [session] = sessions_of("peer-ac-at-ours")
    assert session["identity"]["evccid"] == session["identity"]["slac_mac"] == "02CA50000001"
    assert session["slac"]["evse_mac"] == "02FEED000001"


def test_every_recording_is_of_somebody_who_is_made_up():
    for name in NAMES:
        for session in sessions_of(name):
            for claim in ("slac_mac", "match_mac", "ethernet_mac", "ipv6_mac"):
                mac = session["identity"][claim]
                assert mac is None or mac in {"EC65CC010203", "02AABBCCDD02", "02CA50000001"}


# What others make of them.


@pytest.mark.parametrize("name", WITH_TLS)
def test_wireshark_opens_the_tls_of_it_by_its_own_secrets(name):
    if shutil.which("tshark") is None:
        missing("the command tshark (package tshark)")
    fields = ["-Y", "tls.app_data", "-T", "fields", "-e", "data.data", "-e", "tls.segment.data"]
    command = ["tshark", "-r", str(capture_of(name)), "-o", "tls.desegment_ssl_records:TRUE"]
    done = subprocess.run(  # noqa: S603
        [*command, *fields], capture_output=True, text=True, timeout=60, check=False
    )
    opened = done.stdout.upper()
    expected = sessions_of(name)[0]["messages"]
    assert all(f"01FE{header(one)}{one['exi']}" in opened for one in expected), done.stderr


def header(message):
    number = {"iso20-common": 0x8002, "iso20-ac": 0x8003, "iso20-dc": 0x8004}
    size = len(message["exi"]) // 2
    return f"{number.get(message['schema'], 0x8001):04X}{size:08X}"


PEER = Path(os.environ.get("SECCSTACK_PEER_PYTHON", PROJECT / ".venv-peer/bin/python"))


@pytest.mark.oracle
def test_exificient_reads_every_message_as_we_do():
    if not PEER.is_file() or shutil.which("java") is None:
        missing(f"{PEER} and a Java runtime, for EXIficient")
    messages = {
        (one["schema"], one["exi"]): one["body"]
        for name in NAMES
        for session in sessions_of(name)
        for one in session["messages"]
    }
    asked = [json.dumps({"schema": schema, "exi": exi}) for schema, exi in messages]
    done = subprocess.run(  # noqa: S603 - a script of ours
        [PEER, "-m", "tools.oracle_exificient"],
        input="\n".join(asked),
        capture_output=True,
        text=True,
        cwd=PROJECT,
        timeout=300,
        check=True,
    )
    answered = [json.loads(line).get("message") for line in done.stdout.splitlines()]
    assert answered == list(messages.values())
    assert len(answered) > 200
