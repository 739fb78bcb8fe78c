"""How many sessions at once one process bears, and what each of them costs."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import ceil, isqrt
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from seccstack.bench import certificates
from seccstack.bench.cars import ADDRESS, Car, Fleet, pace, ramp_seconds
from seccstack.bench.client import vehicle_context
from seccstack.bench.figures import Figure, figure_of
from seccstack.bench.network import resident_megabytes, starved, waited_seconds
from seccstack.bench.outlets import raise_open_files
from seccstack.sim.evcc20_requests import Wishes20
from seccstack.sim.evcc_requests import Wishes

BOUND_MS = 100.0  # what the answer time of 99 in 100 may be
WANTED = 100  # sessions at once
MOST = 6400
CLOSE_ENOUGH = 1.2  # between a number that is borne and one that is not
HOLD_SECONDS = 3.0  # for which all of them charge at once
EVCCID = bytes.fromhex("02FEED0000B1")
END_SECONDS = 10.0
FILES = 3  # open ones per session and process; of the rest there are few

AT_ONCE = "sessions at once in one process"
ANSWERS = f"answer time of {WANTED} sessions at once"
IN_TLS = f"{ANSWERS}, in TLS"
TURNING = 50
TURNS = f"charge loop of ISO 15118-20 answered, of {TURNING} sessions at once"
CPU = f"CPU per V2G request, of {WANTED} sessions at once"
CPU_IN_TLS = f"{CPU}, in TLS"
OUTLET = "memory per outlet, idle"
MEMORY = "memory per session, beside its outlet's"
MEMORY_IN_TLS = f"{MEMORY}, in TLS"
UNITS = {
    ANSWERS: "ms",
    IN_TLS: "ms",
    AT_ONCE: "",
    TURNS: "ms",
    CPU: "ms",
    CPU_IN_TLS: "ms",
    OUTLET: "kB",
    MEMORY: "kB",
    MEMORY_IN_TLS: "kB",
}
AIMS = {
    ANSWERS: "p99 under 100 ms",
    IN_TLS: "p99 under 100 ms",
    AT_ONCE: f"{WANTED} with p99 under 100 ms",
    TURNS: "under 2 ms; p99 under 10 ms",
}


@dataclass(frozen=True, slots=True)
class Level:
    """What so many sessions at once were like; memory in kB, time in ms."""

    sessions: int
    answers: Sequence[float]
    cpu: float
    starved: float  # the share of the time in which it was ready, and another had the processor
    outlet_memory: float
    session_memory: float
    turns: Sequence[float] = ()  # of the answers, those in a loop of ISO 15118-20

    @property
    def p99(self) -> float:
        """The answer time that 99 of 100 do not exceed."""
        return figure_of("", "", self.answers).p99 or 0.0

    @property
    def late(self) -> bool:
        """Whether they were too many."""
        return self.p99 > BOUND_MS

    @property
    def odd(self) -> str:
        """What kept it from being better that is not the charger's doing."""
        return starved([self.starved], [1.0])

    @property
    def said(self) -> str:
        """It, in words."""
        return ", ".join(filter(None, (f"p99 {self.p99:.3g} ms", self.odd)))


def figures(wanted: int = WANTED, most: int = MOST) -> Iterator[Figure]:
    """Measure so many at once, and in TLS; then more and more, until they are too many."""
    why = _obstacle()
    if why is not None:
        for name, unit in UNITS.items():
            yield Figure(name, unit, aim=AIMS.get(name, ""), note=why)
        return
    files = raise_open_files()
    first = level(wanted)
    with tempfile.TemporaryDirectory() as place:
        chain, odd = certificates.make(Path(place) / "made")
        in_tls = level(wanted, chain)
    yield figure_of(ANSWERS, UNITS[ANSWERS], first.answers, aim=AIMS[ANSWERS], note=first.odd)
    odd = "; ".join(filter(None, (odd, in_tls.odd)))
    yield figure_of(IN_TLS, UNITS[IN_TLS], in_tls.answers, aim=AIMS[IN_TLS], note=odd)
    best, note = borne(first, min(most, files // FILES), level)
    yield Figure(
        AT_ONCE, UNITS[AT_ONCE], best.sessions if best else 0, None, AIMS[AT_ONCE], note=note
    )
    loop = level(TURNING, newest=True)
    yield figure_of(TURNS, UNITS[TURNS], loop.turns, aim=AIMS[TURNS], note=loop.odd)
    largest = best or first
    values = {
        CPU: first.cpu,
        CPU_IN_TLS: in_tls.cpu,
        OUTLET: largest.outlet_memory,
        MEMORY: largest.session_memory,
        MEMORY_IN_TLS: in_tls.session_memory,
    }
    for name, value in values.items():
        yield Figure(name, UNITS[name], value)


def _obstacle() -> str | None:
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind((ADDRESS, 0))
    except OSError as error:
        return f"needs IPv6 on the loopback interface: {error.strerror}"
    return None


def borne(first: Level, most: int, attempt: Callable[[int], Level]) -> tuple[Level | None, str]:
    """Return the largest level that is borne, and what is known of it and beyond it."""
    best, too_many, why = (None, first.sessions, first.said) if first.late else (first, 0, "")
    while best is not None and best.sessions * CLOSE_ENOUGH < (too_many or most):
        wish = isqrt(best.sessions * too_many) if too_many else min(best.sessions * 2, most)
        try:
            tried = attempt(wish)
        except (TimeoutError, ConnectionError) as error:
            too_many, why = wish, str(error)
            continue
        if tried.late:
            too_many, why = wish, tried.said
        else:
            best = tried
    beyond = f"with {too_many}: {why}" if too_many else "more were not tried"
    return best, beyond if best is None else f"{best.said}; {beyond}"


def level(
    sessions: int, chain: Path | None = None, haste: float = 1.0, newest: bool = False
) -> Level:
    """Let so many cars charge at once; ``haste``: how many times faster than cars they are.

    ``newest``: they speak ISO 15118-20, otherwise ISO 15118-2.
    """
    context = None if chain is None else vehicle_context()
    with Outlets(chain) as outlets:
        warm = Car(0, outlets.open(1)[0], _wishes(0, 0.0, haste, newest), outlets.turn, context)
        Fleet([warm]).charge()
        before = outlets.kilobytes
        ports = outlets.open(sessions)
        idle = outlets.kilobytes
        seconds = ramp_seconds(sessions) + HOLD_SECONDS / haste
        cars = [
            Car(number, port, _wishes(number, seconds, haste, newest), outlets.turn, context)
            for number, port in enumerate(ports, 1)
        ]
        moments: list[Moment] = []

        def note() -> None:
            moments.append(outlets.moment())

        Fleet(cars, all_open=note, first_over=note).charge()
    begun, ended = moments
    answers = [
        wait for car in cars for at, wait in car.answers if begun.time <= at <= ended.time
    ]
    return Level(
        sessions=sessions,
        answers=answers,
        cpu=(ended.cpu - begun.cpu) * 1000 / len(answers),
        starved=(ended.starved - begun.starved) / (ended.time - begun.time),
        outlet_memory=(idle - before) / sessions,
        session_memory=(ended.memory - idle) / sessions,
        turns=[wait for car in cars for wait in car.turns],
    )


def _wishes(number: int, seconds: float, haste: float, newest: bool) -> Wishes:
    """Return what a car wants that charges for so long."""
    wait = pace(number) / haste
    loops = ceil(seconds / wait) or 1
    kind = Wishes20 if newest else Wishes
    return kind(evccid=EVCCID, think_seconds=wait, loop_seconds=wait, loops=loops)


@dataclass(frozen=True, slots=True)
class Moment:
    """How the process was: seconds of the clock, of CPU, and of waiting for one; kB."""

    time: float
    cpu: float
    starved: float
    memory: float


class Outlets:
    """The process with the chargers."""

    def __init__(self, chain: Path | None) -> None:
        module = "seccstack.bench.outlets"
        self._process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", module, *([] if chain is None else [str(chain)])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        """End it; if it does not obey, without asking."""
        try:
            self._process.communicate(timeout=END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()

    def open(self, count: int) -> list[int]:
        """Open so many outlets; return their ports."""
        self._order(f"open {count}")
        assert self._process.stdout is not None  # noqa: S101 - it was asked for
        return msgspec.json.decode(self._process.stdout.readline(), type=list[int])

    def turn(self, number: int, state: str) -> None:
        """Turn the pilot of one."""
        self._order(f"{number} {state}")

    def _order(self, words: str) -> None:
        assert self._process.stdin is not None  # noqa: S101 - it was asked for
        self._process.stdin.write(words.encode() + b"\n")
        self._process.stdin.flush()

    @property
    def kilobytes(self) -> float:
        """Its resident memory."""
        return resident_megabytes(self._process.pid) * 1024

    def moment(self) -> Moment:
        """Look at it, now."""
        place = Path(f"/proc/{self._process.pid}")
        user, system = (place / "stat").read_text().rpartition(")")[2].split()[11:13]
        waited = waited_seconds(self._process.pid)
        cpu = (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")
        return Moment(time.monotonic(), cpu, waited, self.kilobytes)
