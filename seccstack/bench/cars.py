"""Many simulated cars at once, each with a real connection, at a car's pace.

One thread and one selector, so that the cars are a small load beside what they measure. What
they are late by themselves is not taken off: it counts against the charger.
"""

from __future__ import annotations

import gc
import heapq
import selectors
import socket
import ssl
import time
from collections.abc import Callable, Sequence

from seccstack.sim import evcc, evcc20, evcc20_requests, evcc_requests

FASTEST, SLOWEST = 0.1, 0.25  # seconds from an answer to the next request
SPREAD = 0.618  # of the golden section: paces, and starts, that never fall into step
ARRIVALS = 100  # a second
MATCHING_SECONDS = 0.3  # from plug to connection; SLAC itself is not measured here
GIVE_UP_SECONDS = 60.0  # after the last has come
READ_OCTETS = 1 << 16
ADDRESS = "::1"
NOT_OURS = "PowerDeliveryReq"  # its answer waits for a contactor

Order = Callable[[int, str], None]


class Car:
    """One vehicle and its connection; ``answers``: when each came, and after how many ms."""

    def __init__(
        self,
        number: int,
        port: int,
        wishes: evcc_requests.Wishes,
        order: Order,
        context: ssl.SSLContext | None,
    ) -> None:
        self.answers: list[tuple[float, float]] = []
        self.turns: list[float] = []  # the ms of those in a loop of ISO 15118-20
        self.connected = self.ended = 0.0
        self._evcc = (
            evcc20.Evcc20(wishes)
            if isinstance(wishes, evcc20_requests.Wishes20)
            else evcc.Evcc(wishes)
        )
        self.number, self._port, self._order = number, port, order
        self._context = context
        self._asked_at: float | None = None
        self._shaking = False
        self.plugged = False
        self.stream: socket.socket | None = None

    def plug_in(self) -> None:
        """Be there."""
        self.plugged = True
        self._order(self.number, "B")

    def connect(self, now: float) -> socket.socket:
        """Open the connection; the handshake of TLS is done as its octets come."""
        stream = socket.create_connection((ADDRESS, self._port))
        stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        stream.setblocking(False)
        if self._context is not None:
            stream = self._context.wrap_socket(stream, do_handshake_on_connect=False)
            self._shaking = True
        self.stream = stream
        if self._shaking:
            self.readable(now)
        else:
            self._begin(now)
        return stream

    def readable(self, now: float) -> None:
        """Take what came."""
        try:
            if self._shaking:
                self._shake_hands(now)
                return
            data = self._stream().recv(READ_OCTETS)
        except (BlockingIOError, ssl.SSLWantReadError):
            return
        if self._asked_at is not None:
            wait = (time.perf_counter() - self._asked_at) * 1000
            if self._evcc.asked != NOT_OURS:
                self.answers.append((now, wait))
            if self._evcc.asked.endswith("LoopReq"):
                self.turns.append(wait)
            self._asked_at = None
        if not data:
            raise ConnectionError(f"the charger has hung up on {self._evcc.asked}")
        self._do(self._evcc.receive(data, now), now)

    @property
    def next_at(self) -> float | None:
        """When it asks next; None while it waits for an answer."""
        return None if self._asked_at is not None else self._evcc.deadline

    def close(self) -> None:
        """Hang up."""
        if self.stream is not None:
            self.stream.close()

    def tick(self, now: float) -> None:
        """Ask what is due."""
        self._do(self._evcc.tick(now), now)

    def _shake_hands(self, now: float) -> None:
        stream = self._stream()
        assert isinstance(stream, ssl.SSLSocket)  # noqa: S101 - it was made one
        stream.do_handshake()
        self._shaking = False
        self._begin(now)

    def _begin(self, now: float) -> None:
        self.connected = now
        self._do(self._evcc.start(now), now)

    def _stream(self) -> socket.socket:
        assert self.stream is not None  # noqa: S101 - who is asked has connected
        return self.stream

    def _do(self, actions: Sequence[evcc.Action], now: float) -> None:
        for action in actions:
            match action:
                case evcc.SendBytes(data):
                    self._asked_at = time.perf_counter()
                    self._stream().sendall(data)
                case evcc.GetReady(ready):
                    self._order(self.number, "C" if ready else "B")
                case evcc.HangUp(why):
                    self.ended = now
                    if why != "charged":
                        raise RuntimeError(f"a session did not end well: {why}")
                case _:
                    pass


def pace(number: int) -> float:
    """Return how long a car thinks before it asks."""
    return FASTEST + (SLOWEST - FASTEST) * (number * SPREAD % 1.0)


def ramp_seconds(cars: int) -> float:
    """Return within what time so many connect."""
    return cars / ARRIVALS


class Fleet:
    """All of them, each for one session.

    ``all_open`` is called when the last has connected, ``first_over`` when the first has ended.
    """

    def __init__(
        self,
        cars: Sequence[Car],
        all_open: Callable[[], None] = lambda: None,
        first_over: Callable[[], None] = lambda: None,
    ) -> None:
        self._cars = {car.number: car for car in cars}
        self._all_open, self._first_over = all_open, first_over
        self._connected = self._ended = 0
        now, ramp = time.monotonic(), ramp_seconds(len(cars))
        self._due = [(now + ramp * (n * SPREAD % 1.0), n) for n in self._cars]
        heapq.heapify(self._due)
        self._give_up_at = now + ramp + GIVE_UP_SECONDS

    def charge(self) -> None:
        """Let them charge until all have."""
        gc.collect()
        gc.disable()  # no pause of theirs may look like one of the charger's
        try:
            with selectors.DefaultSelector() as selector:
                while self._ended < len(self._cars):
                    self._turn(selector)
        finally:
            gc.enable()
            for car in self._cars.values():
                car.close()

    def _turn(self, selector: selectors.BaseSelector) -> None:
        now = time.monotonic()
        if now > self._give_up_at:
            missing = len(self._cars) - self._ended
            raise TimeoutError(f"{missing} of {len(self._cars)} cars did not get through")
        while self._due and self._due[0][0] <= now:
            car = self._cars[heapq.heappop(self._due)[1]]
            if not car.plugged:
                car.plug_in()
                heapq.heappush(self._due, (now + MATCHING_SECONDS, car.number))
            elif car.stream is None:
                self._connect(car, selector, now)
            else:
                car.tick(now)
        wait = self._due[0][0] - time.monotonic() if self._due else 1.0
        for key, _ in selector.select(max(wait, 0.0)):
            self._readable(key.data, selector)

    def _connect(self, car: Car, selector: selectors.BaseSelector, now: float) -> None:
        selector.register(car.connect(now), selectors.EVENT_READ, car)
        if car.connected:
            self._has_connected(car)

    def _readable(self, car: Car, selector: selectors.BaseSelector) -> None:
        known = car.connected
        car.readable(time.monotonic())
        if car.connected and not known:
            self._has_connected(car)
        elif car.ended:
            self._ended += 1
            if self._ended == 1:
                self._first_over()
            if car.stream is not None:
                selector.unregister(car.stream)
        elif car.next_at is not None:
            heapq.heappush(self._due, (car.next_at, car.number))

    def _has_connected(self, car: Car) -> None:
        heapq.heappush(self._due, (car.next_at or 0.0, car.number))
        self._connected += 1
        if self._connected == len(self._cars):
            self._all_open()
