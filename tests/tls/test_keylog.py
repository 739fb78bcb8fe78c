"""Key logs, whole and damaged."""

import pytest

from seccstack.tls.keylog import DROPPED, MAX_PROBLEMS, MAX_SECRETS, KeyLog
from tests.tls import rfc8448

RANDOM, MASTER = "AB" * 32, "CD" * 48


def log(*lines):
    found = KeyLog()
    found.add("\n".join(lines).encode())
    return found


def test_a_line_gives_a_secret_of_a_connection():
    found = log(f"CLIENT_RANDOM {RANDOM} {MASTER}")
    assert found.secret(b"\xab" * 32, "CLIENT_RANDOM") == b"\xcd" * 48
    assert found.knows(b"\xab" * 32)
    assert not found.knows(b"\xac" * 32)


def test_the_four_secrets_of_tls_1_3_are_kept():
    found = KeyLog()
    found.add(rfc8448.KEY_LOG)
    assert len(found.secrets) == 4
    assert found.problems == []


@pytest.mark.parametrize(
    "line", ["", "  ", "# a comment", f"EXPORTER_SECRET {RANDOM} 00", "RSA 00 00\r"]
)
def test_lines_that_open_nothing_are_no_problem(line):
    assert log(line) == KeyLog()


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("CLIENT_RANDOM", "needs a client random and a secret, both hexadecimal"),
        (f"CLIENT_RANDOM {RANDOM}", "needs a client random and a secret"),
        (f"CLIENT_RANDOM {RANDOM} xyz", "needs a client random and a secret"),
        (f"CLIENT_RANDOM {RANDOM} {MASTER} 00", "needs a client random and a secret"),
        (f"CLIENT_RANDOM {RANDOM} {MASTER[:-2]}", "CLIENT_RANDOM with 32 and 47 octets"),
        (f"SERVER_TRAFFIC_SECRET_0 {RANDOM} 00", "with 32 and 1 octets"),
        ("\x1b[2J" + "x" * 99, f"no label of a TLS secret: '\\x1b[2J{'x' * 36}'"),
    ],
)
def test_a_damaged_line_is_named_and_skipped(line, why):
    found = log(f"CLIENT_RANDOM {'00' * 32} {MASTER}", line)
    [problem] = found.problems
    assert problem.startswith("key log: line 2: ")
    assert why in problem
    assert len(found.secrets) == 1


def test_a_second_secret_for_the_same_is_told_and_the_first_stays():
    line = f"CLIENT_RANDOM {RANDOM} "
    found = log(line + MASTER, line + MASTER, line + "EF" * 48)
    assert found.problems == ["key log: line 3: CLIENT_RANDOM contradicts a line before it"]
    assert set(found.secrets.values()) == {b"\xcd" * 48}


def test_no_more_problems_are_listed_than_are_worth_it():
    assert len(log(*["x"] * 50).problems) == MAX_PROBLEMS


def test_no_more_secrets_are_kept_than_there_is_room_for():
    found = KeyLog(dict.fromkeys(range(MAX_SECRETS), b""))
    found.add(f"CLIENT_RANDOM {RANDOM} {MASTER}".encode())
    assert len(found.secrets) == MAX_SECRETS - DROPPED + 1
    assert found.knows(bytes.fromhex(RANDOM))
    [problem] = found.problems
    assert problem.startswith(f"key log: the oldest {DROPPED} secrets are dropped")


def test_what_is_no_log_is_not_read_on():
    lines = iter([b"x"] * 100)
    KeyLog().read(lines)
    assert len(list(lines)) == 100 - MAX_PROBLEMS


def test_secrets_are_never_printed():
    shown = repr(log(f"CLIENT_RANDOM {RANDOM} {MASTER}"))
    assert shown == "KeyLog(problems=[], dropped=0)"
