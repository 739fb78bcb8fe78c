"""EXI to JSON and back, on the command line, as scripts rely on it."""

import json
import lzma
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from seccstack.cli import app

SETUP = "809802000000000000000011D01808000000000400"
SETUP_JSON = {
    "V2G_Message": {
        "Header": {"SessionID": "0000000000000000"},
        "Body": {"SessionSetupReq": {"EVCCID": "020000000001"}},
    }
}
# ISO 15118-2, annex J, as quoted in public issues of the iso15118 package
SIGNED = "80040152510C40829B7B6B2902930B73237B6902230BA309E8"
SCHEMAS = {"SAP": "app-protocol", "DIN_70121": "din", "ISO_15118_2": "iso2"}


def run(command, lines, *options):
    return CliRunner().invoke(app, [command, *options], input="\n".join(lines))


def answers(result):
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_a_message_is_decoded_as_the_schema_names_it():
    result = run("decode", [SETUP], "--schema", "iso2")
    assert (answers(result), result.exit_code) == ([SETUP_JSON], 0)


def test_and_encoded_to_the_same_octets():
    result = run("encode", [json.dumps(SETUP_JSON)], "--schema", "iso2")
    assert (result.stdout, result.exit_code) == (SETUP + "\n", 0)


def test_a_fragment_goes_both_ways():
    decoded = run("decode", [SIGNED], "--schema", "iso2", "--fragment")
    assert answers(decoded)[0]["AuthorizationReq"]["Id"] == "ID1"
    encoded = run("encode", [decoded.stdout], "--schema", "iso2", "--fragment")
    assert encoded.stdout == SIGNED + "\n"


def test_a_bad_line_says_where_and_the_others_are_answered():
    result = run("decode", [SETUP[:-8], "", "zz", SETUP], "--schema", "iso2")
    cut, not_hex, good = answers(result)
    assert cut["error"]["kind"] == "malformed"
    assert cut["error"]["path"].startswith("V2G_Message/Body/SessionSetupReq")
    assert cut["error"]["bit"] > 0
    assert not_hex["error"]["path"] == "line"
    assert good == SETUP_JSON
    assert result.exit_code == 1


@pytest.mark.parametrize(
    ("line", "kind", "path"),
    [
        ("{x", "not JSON", ""),
        ("[" * 20_000, "not JSON", ""),
        ('{"V2G_Message":' * 20_000, "not JSON", ""),
        ("[1]", "illegal", ""),
        ('{"Unknown": {}}', "illegal", ""),
        (
            '{"V2G_Message": {"Header": {"SessionID": "00"}, "Body": {"SessionSetupReq": {"EVCCID": 3}}}}',  # noqa: E501
            "illegal",
            "V2G_Message/Body/SessionSetupReq/EVCCID",
        ),
    ],
)
def test_a_line_that_is_no_message_says_why(line, kind, path):
    result = run("encode", [line], "--schema", "iso2")
    [answer] = answers(result)
    assert (answer["error"]["kind"], answer["error"]["path"]) == (kind, path)
    assert result.exit_code == 1


def test_what_was_borne_with_is_said_beside_the_message():
    result = run("decode", [SETUP + "00"], "--schema", "iso2")
    assert (answers(result), result.exit_code) == ([SETUP_JSON], 0)
    assert "surplus" in result.stderr


def test_an_unknown_schema_is_wrong_usage():
    assert run("decode", [], "--schema", "iso3").exit_code == 2


def test_a_line_is_answered_before_the_next_one_comes():
    command = [sys.executable, "-m", "seccstack", "decode", "--schema", "iso2"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:  # noqa: S603
        for _ in range(2):
            process.stdin.write(f"{SETUP}\n".encode())
            process.stdin.flush()
            assert json.loads(process.stdout.readline()) == SETUP_JSON
        process.stdin.close()
        assert process.wait(10) == 0


def test_recorded_messages_come_back_octet_for_octet(shared):
    with lzma.open(shared / "corpus" / "v2g_messages.jsonl.xz", "rt") as corpus:
        known = [json.loads(line) for line in corpus]
    for name, schema in SCHEMAS.items():
        exact = [m for m in known if m["schema"] == name and m["roundtrip_json"] == "identical"]
        lines = [message["exi_hex"].upper() for message in exact[:300]]
        decoded = run("decode", lines, "--schema", schema)
        assert answers(decoded) == [message["decoded_json"] for message in exact[:300]]
        assert run("encode", [decoded.stdout], "--schema", schema).stdout.split() == lines
