"""Programs that a test starts, watches and, whatever happens, ends."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

SECCSTACK = (sys.executable, "-m", "seccstack")
PROJECT = Path(__file__).parents[1]
SECONDS = 60.0  # after which what is waited for will not come any more, on a busy machine, too


class Program:
    """A process in a group of its own; its JSON lines, from one of its outputs, are kept."""

    def __init__(self, command, folder, *, lines_on="stdout", env=None):
        self.lines, self.text = [], []
        self._news = threading.Condition()
        self._ended = False
        outputs = dict.fromkeys(("stdout", "stderr"), subprocess.DEVNULL)
        outputs[lines_on] = subprocess.PIPE
        self.process = subprocess.Popen(  # noqa: S603
            [str(word) for word in command],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(PROJECT), **(env or {})},
            stdin=subprocess.PIPE,
            text=True,
            start_new_session=True,
            **outputs,
        )
        self._output = getattr(self.process, lines_on)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(SECONDS)
        self._reader.join(SECONDS)
        self._output.close()
        self.process.stdin.close()

    def expect(self, wanted=None, *, after=0, seconds=SECONDS, **fields):
        """Wait for a line with these fields, of which ``wanted`` is true; return its place."""

        def found():
            for place, line in enumerate(self.lines[after:], start=after):
                if fields.items() <= line.items() and (wanted is None or wanted(line)):
                    return place
            return None

        with self._news:
            self._news.wait_for(lambda: found() is not None or self._ended, seconds)
            place = found()
        if place is None:
            tail = "\n".join(self.text[-40:])
            raise AssertionError(f"{self.process.args} never said {fields}; it said:\n{tail}")
        return place

    def begin(self):
        """Give it a line on standard input."""
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def end(self, number=signal.SIGINT):
        """Ask it to end, and return its exit code."""
        self.process.send_signal(number)
        return self.wait()

    def wait(self):
        """Wait until it ends by itself, and return its exit code."""
        code = self.process.wait(SECONDS)
        self._reader.join(SECONDS)
        return code

    def _read(self):
        for text in self._output:
            try:
                line = json.loads(text)
            except ValueError:
                line = None
            with self._news:
                self.text.append(text.rstrip())
                if isinstance(line, dict):
                    self.lines.append(line)
                self._news.notify_all()
        with self._news:
            self._ended = True
            self._news.notify_all()


def seccstack(*words, folder, code=0):
    """Run a command of ours to its end; return what it printed."""
    done = subprocess.run(  # noqa: S603
        [*SECCSTACK, *words],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == code, done.stderr
    return done.stdout if code == 0 else done.stderr
