"""`seccstack demo`, as people and scripts see it."""

import json
import subprocess
import sys
from itertools import pairwise

import pytest
import typer
from typer.testing import CliRunner

from seccstack.cli_demo import demo, summary
from tests.programs import PROJECT, SECCSTACK, SECONDS

KEYS = [
    *("source", "started", "protocol", "tls", "identity", "slac", "sdp", "offered_protocols"),
    *("messages", "ended", "failure", "pilot", "errors", "decision", "limits", "contactor"),
]
POLICIES = ["open", "autocharge", "card"]


def invoke(*words):
    app = typer.Typer()
    app.command()(demo)
    return CliRunner().invoke(app, words)


@pytest.fixture(scope="module", params=POLICIES)
def told(request):
    """What `--json` prints under a policy: the events, and the session."""
    result = invoke("--auth", request.param, "--json")
    assert (result.exit_code, result.stderr) == (0, "")
    *events, session = [json.loads(line) for line in result.stdout.splitlines()]
    return request.param, events, session


@pytest.fixture(scope="module", params=POLICIES)
def shown(request):
    """What people see under a policy."""
    result = invoke("--auth", request.param)
    assert (result.exit_code, result.stderr) == (0, "")
    return request.param, result.stdout


# For scripts.


def test_every_line_but_the_last_is_an_event_with_its_time(told):
    _, events, _ = told
    assert all(list(event)[:2] == ["t", "event"] for event in events)
    times = [event["t"] for event in events]
    assert times == sorted(times)


def test_the_last_line_is_the_session_object_in_the_agreed_form(told):
    policy, _, session = told
    assert list(session) == KEYS
    assert (session["source"], session["protocol"], session["tls"]) == ("demo", "iso2", False)
    assert session["identity"]["consistent"] is True
    assert session["slac"]["matched"] is True
    assert session["decision"]["granted"] is True
    assert session["decision"]["by"] == policy


def test_a_limit_is_set_then_told_then_obeyed(told):
    _, events, session = told
    assert [limit["amps"] for limit in session["limits"]] == [16, 10, 13]
    for limit in session["limits"]:
        assert limit["t"] < limit["told"] <= limit["obeyed"]
    for limit in session["limits"][1:]:
        later = [e for e in events if e.get("name") == "ChargingStatusRes"]
        following = next(event for event in later if event["t"] > limit["t"])
        assert following["amps"] == limit["amps"]
        assert following["t"] == limit["told"]


def test_digital_communication_is_announced_before_slac(told):
    _, events, _ = told
    names = [e["event"] if e["event"] != "signal" else e["says"][:3] for e in events]
    assert names.index("plugged in") < names.index("5 %") < names.index("matched")


def test_the_contactor_is_closed_only_between_the_grant_and_the_stop(told):
    _, events, session = told
    granted = next(e["t"] for e in events if e["event"] == "decision" and e["granted"])
    ended = next(e["t"] for e in events if e["event"] == "session ended")
    closed, opened = session["contactor"]
    assert (closed["closed"], opened["closed"]) == (True, False)
    assert granted <= closed["t"] < opened["t"] <= ended


# For people.


def test_people_see_a_line_for_each_event_and_what_is_kept(shown):
    policy, text = shown
    assert "GRANTED by" in text
    assert "contactor is CLOSED" in text
    assert "limit 10 A, set by owner" in text
    assert f"granted by {policy}" in text
    assert "10 A by owner at 14.000 s; told the vehicle 0." in text
    assert "=" not in text.replace("==", "")


def test_a_loop_that_only_repeats_itself_is_cut_short(shown):
    _, text = shown
    assert text.count("... and so on") >= 3
    assert len(text.splitlines()) < 130


# Plug and Charge.


def test_a_car_with_a_contract_proves_it_signs_receipts_and_has_its_limit_changed():
    result = invoke("--auth", "pnc", "--json")
    assert (result.exit_code, result.stderr) == (0, "")
    *events, session = [json.loads(line) for line in result.stdout.splitlines()]
    assert session["decision"]["by"] == "contract"
    assert [p["value"] for p in session["identity"]["proofs"]] == ["DE8AA1A2B3C4D5V"]
    assert [limit["amps"] for limit in session["limits"]] == [16, 10]
    assert all(limit["obeyed"] is not None for limit in session["limits"])
    names = [e["name"] for e in events if e["event"] == "message"]
    assert names.count("MeteringReceiptRes") == len(session["receipts"]) > 1
    assert "PaymentDetailsRes" in names


def test_people_are_told_that_tls_is_not_simulated():
    text = invoke("--auth", "pnc").stdout
    assert "PROVEN: contract DE8AA1A2B3C4D5V, by a chain to CN=MO Root CA" in text
    assert "which counts as one in TLS here" in text
    assert text.splitlines()[-1].endswith("the stream only counts as encrypted")


# What did not charge.

NOTHING = {
    "identity": {"evccid": None, "consistent": None},
    "slac": None,
    "decision": None,
    "messages": [],
    "ended": "no ISO 15118; unplugged",
    "limits": [],
}
UNMATCHED = {"matched": False, "seconds": None, "attenuation_db": None}
LIMIT = {"t": 1.0, "amps": 10.0, "source": "owner", "told": None, "obeyed": None}
REFUSED = {"granted": False, "by": "card", "reasons": ["no"]}


def test_a_session_of_which_little_is_known_has_a_short_summary():
    assert list(summary(NOTHING)) == [
        "vehicle   None, claims consistent: None",
        "messages  0, ended: no ISO 15118; unplugged",
    ]


def test_what_did_not_come_to_pass_is_said_as_that():
    session = {**NOTHING, "slac": UNMATCHED, "decision": REFUSED, "limits": [LIMIT]}
    assert list(summary(session))[1:] == [
        "decision  not granted: no",
        "messages  0, ended: no ISO 15118; unplugged",
        "limit     10 A by owner at 1.000 s; told the vehicle never, obeyed never",
    ]


# What is not built, and what ends it early.


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--auth", "pnc", "--protocol", "iso20"), "the simulated car has no contract"),
        (("--auth", "pnc", "--protocol", "din", "--json"), "nobody pays by contract in DIN"),
    ],
)
def test_what_is_not_built_yet_or_cannot_be_is_exit_code_2_and_one_line(words, why):
    result = invoke(*words)
    assert result.exit_code == 2
    assert result.stdout == ""
    [line] = result.stderr.splitlines()
    assert line.startswith(f"seccstack: {why}")


def test_in_din_the_session_object_tells_of_a_charge():
    result = invoke("--protocol", "din", "--auth", "open", "--json")
    assert (result.exit_code, result.stderr) == (0, "")
    session = json.loads(result.stdout.splitlines()[-1])
    assert list(session) == KEYS
    assert (session["protocol"], session["decision"]["by"]) == ("din", "open")
    assert [change["closed"] for change in session["contactor"]] == [True, False]


def test_a_charge_in_iso_15118_20_is_shown_as_one_of_a_lab():
    result = invoke("--protocol", "iso20")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert any(
        line.endswith("they agree; it calls itself WMIV1234567890ABCDEX") for line in lines
    )
    assert any(line.endswith("AC_ChargeLoopRes  OK, 6900 W") for line in lines)
    assert "TLS is not simulated, so this is one" in result.stdout.replace("\n", " ")


def test_a_protocol_or_policy_that_nobody_knows_is_exit_code_2():
    assert invoke("--protocol", "x").exit_code == 2
    assert invoke("--auth", "x").exit_code == 2


@pytest.mark.parametrize("words", [(), ("--json",)])
def test_a_reader_that_has_seen_enough_ends_it_cleanly(words):
    command = [*SECCSTACK, "demo", *words]
    with subprocess.Popen(  # noqa: S603
        command, cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as program:
        assert program.stdout.readline()
        program.stdout.close()
        assert program.stderr.read() == b""
        assert program.wait(30) in (0, 1)


INTERRUPTED = """
import os, signal, sys
from seccstack import cli
from seccstack.sim.world import World
World.run = lambda self, until: os.kill(os.getpid(), signal.SIGINT)
sys.argv = ["seccstack", *sys.argv[1:]]
cli.main()
"""


def test_ctrl_c_ends_it_cleanly():
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", INTERRUPTED, "demo", "--json"],
        cwd=PROJECT,
        capture_output=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 130
    assert b"Traceback" not in done.stderr


def test_what_is_said_of_the_modem_is_said_once():
    lines = invoke("--auth", "open").stdout.splitlines()
    said = [line.partition(" s  ")[2] for line in lines if "modem answers" in line]
    assert said
    assert all(one != other for one, other in pairwise(said))
