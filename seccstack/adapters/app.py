"""The charger as a process: the outlet's machine, and everything around it that is real."""

from __future__ import annotations

import asyncio
import secrets
import signal
import sys
import time
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import structlog

from seccstack.adapters import log
from seccstack.adapters.contracts import contracts_of
from seccstack.adapters.control import Control
from seccstack.adapters.driver import Driver
from seccstack.adapters.lines import Line, keep_open
from seccstack.adapters.lockout import LockOut
from seccstack.adapters.meter import Meters
from seccstack.adapters.operator import Operator
from seccstack.adapters.outlet import settings_of
from seccstack.adapters.outside import outside
from seccstack.adapters.paused import PausedFile
from seccstack.adapters.power import Power
from seccstack.adapters.power_return import PowerTrace
from seccstack.adapters.privacy import hiding_of
from seccstack.adapters.reader import Cards, SimulatedReader
from seccstack.adapters.registrar import Registrar
from seccstack.adapters.schedule import Planner
from seccstack.adapters.sensing import Senses
from seccstack.adapters.sharing import House
from seccstack.adapters.steps import Steps
from seccstack.adapters.tap import NOBODY, Hearer
from seccstack.adapters.tariffs import Tariffs
from seccstack.adapters.why import Why
from seccstack.auth import contract
from seccstack.auth import events as auth_events
from seccstack.auth.enrolment_events import Beep, Enrol
from seccstack.chargepoint import ChargePoint
from seccstack.config import Config
from seccstack.energy import power_return, supply
from seccstack.energy.floor import FloorChanged
from seccstack.errors import UsageError
from seccstack.events import (
    Action,
    CloseStream,
    Event,
    ForgetPaused,
    Ignored,
    KeepPaused,
    LimitPlanned,
    Noted,
    RecordSighting,
    SendBytes,
    SendDatagram,
    Show,
)
from seccstack.experience.events import KeepExperience, LookUpExperience
from seccstack.indication import words as light_words
from seccstack.outlet import Settings
from seccstack.pilot import limits
from seccstack.pilot.port import ContactorState, Steady
from seccstack.pilot.settings import OPEN_WITHIN
from seccstack.session import events as session_events
from seccstack.session.events import Exchanged
from seccstack.slac import amplitude, modem_events, station
from seccstack.timeline import heard, words

LINES = 2  # the powerline and the network
SWITCH_SECONDS = 0.0005  # for which a thread may keep the event loop waiting; else 5 ms
STANDING = frozenset(
    {"pilot", "contactor", "limit", "forecast", "key", "light", "modem", "registration"}
)  # what outlives a plug-in


def _recorder_of(
    config: Config,
    machine: ChargePoint,
    settings: Settings,
    logger: structlog.typing.FilteringBoundLogger,
) -> Hearer | None:
    if not config.recorder.folder:
        return None
    # A charger that records nothing starts without the recorder's weight.
    from seccstack.adapters.recorder import Recorder

    return Recorder(config.recorder, machine, settings, logger)


class App:
    """One charger; made inside a running event loop."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._started = time.monotonic()
        hiding, trouble = hiding_of(config)
        self._log: structlog.typing.FilteringBoundLogger = log.start(config.log.level, *hiding)
        if trouble is not None:
            self._log.warning("names in the log are as of this run", why=trouble)
        self._tally = log.Tally(self._log, time.monotonic)
        settings = settings_of(config)
        machine = ChargePoint(settings)
        self._recorder = _recorder_of(config, machine, settings, self._log)
        observers = [] if self._recorder is None else [self._recorder.observe]
        self._why = Why(settings, self._log, *observers)
        self._driver: Driver[Event, Action] = Driver(
            machine, self._carry_out, self._why.observe
        )
        self._pilot_orders: asyncio.Queue[limits.Apply | limits.SetContactor] = asyncio.Queue()
        self._registrar = Registrar(config, self._driver.feed, self._log)
        lookups = self._registrar.lookups
        self._lockout = LockOut(lookups, self._driver.feed, self._log, time.time)
        beside = Path(config.registry.path)
        self._paused = PausedFile(beside.with_suffix(".paused.json"), self._log, time.time)
        self._contracts = contracts_of(config, self._driver.feed, self._log)
        self._tariffs = Tariffs(config.tariff.socket, self._log, self._driver.feed)
        tap = NOBODY if self._recorder is None else self._recorder
        share = self._house = House(config, self._driver.feed)
        self._meters = Meters(config, self._driver.feed, self._log, share)
        feed = self._meters.beside(self._driver.feed)
        self._outside = outside(config, feed, self._log, tap)
        self._pilot = self._outside.pilot
        self._powerline, self._network = self._outside.powerline, self._outside.network
        self._senses = Senses(config, self._pilot, self._driver.feed, share, self._log)
        self._trace = PowerTrace(beside.with_suffix(".power.json"), self._log)
        self._indicator = self._outside.indicator
        reader = self._outside.reader
        self._cards = Cards(reader, self._log)
        self._steps = Steps()
        self._planner = Planner(config.schedule, self._driver.feed)
        operator = Operator(
            self._driver.feed,
            self._outside.hand,
            self._outside.surroundings,
            self._tell_status,
            self._plugged_in,
            self._steps,
            reader.hold if isinstance(reader, SimulatedReader) else None,
            why=self._why.answer,
            house=share,
            read_plan=self._planner.read,
            discharges=settings.charger.bidirectional,
        )
        self._power = Power(self._outside.supply, self._driver.feed)
        self._control = Control(operator.obey)
        self._opened: set[str] = set()
        self._stop = asyncio.Event()
        self._fault: str | None = None
        self._status: dict[str, Any] = {}

    async def run(self) -> None:
        """Serve until SIGINT or SIGTERM."""
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(self._on_exception)
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._stop.set)
        await self._control.listen(Path(self._config.control.socket))
        socket, how = self._config.control.socket, self._outside.how
        self._log.info(self._outside.simulated, how=how, control_socket=socket)
        self._withhold()
        self._planner.open()
        if (paused := self._paused.found()) is not None:  # before the pilot says who is there
            self._driver.feed(paused)
        stopped = asyncio.create_task(self._stop.wait())
        tasks = [asyncio.create_task(work) for work in self._work()]
        try:
            done, _ = await asyncio.wait([stopped, *tasks], return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in (*tasks, stopped):
                task.cancel()
            await asyncio.gather(*tasks, stopped, return_exceptions=True)
            await self._close()
        if self._fault is not None:
            raise UsageError(self._fault)

    def _withhold(self) -> None:
        """Give no energy for a while where the power was away."""
        if (seconds := self._trace.begin(self._config.energy)) is not None:
            plan = power_return.plan_of(seconds, asyncio.get_running_loop().time())
            self._driver.feed(LimitPlanned(plan.source, plan.steps, plan.reason))

    def _work(self) -> list[Coroutine[Any, Any, None]]:
        lines: tuple[Line, Line] = (self._powerline, self._network)
        work = [self._follow_pilot(), self._drive_pilot(), *self._power.work()]
        work += [self._follow_cards(), *self._meters.work(), *self._senses.work()]
        work += [keep_open(line, self._driver.feed, self._log, self._on_open) for line in lines]
        surroundings = self._outside.surroundings
        return work if surroundings is None else [*work, surroundings.run()]

    async def _close(self) -> None:
        """Leave nothing energised and nothing behind."""
        self._driver.close()
        await self._power.switch_off()
        await self._open_contactor()
        self._pilot.close()
        parts = (self._powerline, self._network, self._outside.surroundings, self._control)
        for part in parts:
            if part is not None:
                part.close()
        self._indicator.close()
        self._meters.close()
        self._registrar.close()
        self._paused.close()
        self._trace.close()
        if self._contracts is not None:
            self._contracts.close()
        self._tariffs.close()
        self._planner.close()
        if self._recorder is not None:
            self._recorder.close()
        self._log.info("stopped")

    async def _open_contactor(self) -> None:
        await self._pilot.set_contactor(False)
        await self._pilot.apply(Steady())
        try:
            async with asyncio.timeout(OPEN_WITHIN):
                async for state in self._pilot.states():
                    if state is ContactorState.OPEN:
                        self._log.info("contactor", closed=False)
                        return
        except TimeoutError:
            why = self._pilot.problem
            unseen = (
                "does not open"
                if why is None
                else f"is not seen to open (pilot controller: {why})"
            )
            self._fault = f"the contactor {unseen}: the plug may be live"
            self._log.critical("fault", why=self._fault)

    def _on_exception(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """End a charger whose code has failed: its state cannot be trusted with a contactor."""
        error = context.get("exception")
        if error is None or isinstance(error, OSError):
            self._log.error("event loop", why=context["message"], error=str(error))
            return
        self._log.critical("fault", why=context["message"], exc_info=error)
        self._fault = f"stopped by a fault of its own: {error!r}"
        self._stop.set()

    def _on_open(self, line: Line) -> None:
        self._log.info(f"{line.name} open")
        was_ready = len(self._opened) == LINES
        self._opened.add(line.name)
        if len(self._opened) == LINES and not was_ready:
            self._log.info("ready", seconds=round(time.monotonic() - self._started, 3))
            self._registrar.open()
            self._lockout.find()
            if self._contracts is not None:
                self._contracts.open()

    # The card reader.

    async def _follow_cards(self) -> None:
        async for uid in self._cards.cards():
            self._driver.feed(auth_events.CardPresented(uid))

    # The pilot.

    async def _follow_pilot(self) -> None:
        async for state in self._pilot.states():
            if isinstance(state, ContactorState):
                self._driver.feed(limits.ContactorChanged(state is ContactorState.CLOSED))
            else:
                self._driver.feed(limits.PilotChanged(state))

    async def _drive_pilot(self) -> None:
        while True:
            match await self._pilot_orders.get():
                case limits.Apply(pilot_signal):
                    await self._pilot.apply(pilot_signal)
                case limits.SetContactor(closed):
                    await self._pilot.set_contactor(closed)

    # Actions: from the machine to the world.

    def _carry_out(self, action: Action) -> None:
        match action:
            case SendBytes(stream, data):
                self._network.send(stream, data)
            case CloseStream(stream):
                self._network.end(stream)
            case station.SendFrame(octets):
                self._powerline.send(octets)
            case SendDatagram(address, port, octets):
                self._network.send_datagram(address, port, octets)
            case station.DrawKey():
                key, nonce = secrets.token_bytes(16), secrets.token_bytes(4)
                self._driver.feed(station.KeyDrawn(key, nonce))
            case modem_events.ReopenLine():
                self._powerline.reopen()
            case amplitude.SetAmplitudes():  # nobody knows how to tell a modem
                self._driver.feed(amplitude.AmplitudesSet(False))
            case limits.Apply(signal_wanted):
                self._pilot_orders.put_nowait(action)
                self._log.info("signal", says=words(signal_wanted))
            case limits.SetContactor(closed):
                self._pilot_orders.put_nowait(action)
                self._log.info("contactor ordered", closed=closed)
            case supply.SetOutput() | supply.CheckInsulation():
                self._power.order(action)
            case (
                auth_events.LookUpVehicle()
                | auth_events.LookUpCard()
                | contract.LookUpContract()
                | Enrol()
                | RecordSighting()
                | LookUpExperience()
                | KeepExperience()
                | auth_events.Prove()
                | auth_events.Vouch()
            ):
                self._registrar.take(action)
            case auth_events.KeepLockOut():
                self._lockout.keep(action)
            case Beep(pattern):
                self._indicator.beep(pattern)
                self._log.info("beep", says=heard(pattern.value))
            case FloorChanged():
                self._house.take(action)
            case Show(light):
                self._indicator.show(light)
                self._status["light"] = {"says": light_words(light)}
                self._log.info("light", says=light_words(light))
            case session_events.VerifyContract() | session_events.VerifySignature():
                if self._contracts is not None:
                    self._contracts.verify(action)
            case session_events.ProvideContract():
                if self._contracts is not None:
                    self._contracts.provide(action)
            case session_events.ProvideTariffs():
                self._tariffs.ask(action)
            case KeepPaused():
                self._paused.keep(action)
            case ForgetPaused():
                self._paused.forget()
            case Noted(event, details):
                self._note(event, dict(details))
            case Ignored(what, why):
                self._tally.ignored(what, why)
            case Exchanged(direction, schema, name):
                self._status["message"] = {"from": direction, "name": name}
                self._log.debug("message", sender=direction, schema=schema.value, name=name)

    def _tell_status(self) -> dict[str, Any]:
        reader = {"name": self._outside.reader.name, "trouble": self._cards.trouble}
        pilot = {"name": self._pilot.name, "trouble": self._pilot.problem}
        front = {"reader": reader, "indicator": {"troubles": [*self._indicator.troubles]}}
        front["pilot controller"] = pilot
        found = {**self._lockout.status(), **self._meters.status(), **self._senses.status()}
        status = {**self._status, **front, **found}
        return {"status": status, "ignored": dict(self._tally.counts)}

    def _plugged_in(self) -> bool:
        return "plugged in" in self._status and "unplugged" not in self._status

    def _note(self, event: str, details: dict[str, Any]) -> None:
        if event == "plugged in":
            standing = {key: self._status[key] for key in STANDING & self._status.keys()}
            self._status = standing
        if event == "unplugged":
            self._network.forget()
        self._status[event] = details
        if event == "registration":
            self._steps.add(details)
        self._registrar.noted(event, details)
        said = {key: details[key] for key in details if key != "evidence"}
        self._tally.noted(event, said)


async def serve(config: Config) -> None:
    """Be a charger until told to stop."""
    sys.setswitchinterval(SWITCH_SECONDS)
    await App(config).run()
