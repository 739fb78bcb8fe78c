"""`seccstack replay` with several processes, and how they end: with the first one, always."""

import array
import fcntl
import os
import select
import signal
import subprocess
import sys
import termios
from pathlib import Path

import pytest

from tests.capture.files import pcap

WAIT = 60  # seconds until a test is given up: a busy machine starts no process fast


@pytest.fixture
def endless(tmp_path):
    """Two captures that never end, and the ends that hold them open."""
    paths = [tmp_path / "a.pcap", tmp_path / "b.pcap"]
    for path in paths:
        os.mkfifo(path)
    ends = [os.open(path, os.O_RDWR) for path in paths]
    for end in ends:
        os.write(end, pcap([bytes(60)]))
    yield paths, ends
    for end in ends:
        os.close(end)


@pytest.fixture
def reading(endless):
    """A replay of them, with its two workers at it."""
    paths, ends = endless
    command = [sys.executable, "-m", "seccstack", "replay", "--jobs", "2", *map(str, paths)]
    process = subprocess.Popen(  # noqa: S603
        command, stderr=subprocess.PIPE, start_new_session=True
    )
    while len(workers := children(process.pid)) < 2 or not all(map(emptied, ends)):
        assert process.poll() is None
    yield process, workers
    process.kill()
    process.communicate()


def children(pid):
    """Return the processes that a process has started."""
    found = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in found.read_text().split()] if found.exists() else []


def emptied(end):
    """Say whether all that was written to a pipe has been read."""
    count = array.array("i", [0])
    fcntl.ioctl(end, termios.FIONREAD, count)
    return count[0] == 0


def ended(pid):
    """Wait for a process that is no child of ours to end."""
    try:
        watched = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    with os.fdopen(watched) as file:
        return bool(select.select([file], [], [], WAIT)[0])


def test_an_interrupt_ends_all_that_is_being_read(reading):
    process, workers = reading
    os.killpg(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=WAIT)
    assert process.returncode == 130
    assert b"Traceback" not in said
    assert all(map(ended, workers))


def test_who_reads_for_a_process_that_is_killed_ends_with_it(reading):
    process, workers = reading
    process.kill()
    assert all(map(ended, workers))


INTERRUPTED = """
import os, signal, sys
class Interrupt:
    def find_spec(self, name, *_):
        if name == "seccstack.cli":
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Interrupt())
from seccstack.__main__ import main
main()
"""


def test_an_interrupt_while_the_command_starts_is_no_traceback():
    command = [sys.executable, "-c", INTERRUPTED, "replay", "--help"]
    done = subprocess.run(  # noqa: S603
        command, capture_output=True, timeout=WAIT, check=False
    )
    assert (done.returncode, done.stderr) == (130, b"")
