"""`seccstack demo`: a simulated car charges at the real outlet machine, in virtual time."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Any

import typer

from seccstack.auth.decision import Policy
from seccstack.events import Action, Event


class Protocol(StrEnum):
    """What the simulated car speaks."""

    ISO2 = "iso2"
    DIN = "din"
    ISO20 = "iso20"


class Auth(StrEnum):
    """How it is let in."""

    OPEN = "open"
    AUTOCHARGE = "autocharge"
    CARD = "card"
    PNC = "pnc"


NOT_YET = 2


def demo(
    protocol: Annotated[Protocol, typer.Option(help="What the car speaks.")] = Protocol.ISO2,
    auth: Annotated[Auth, typer.Option(help="How it is let in.")] = Auth.AUTOCHARGE,
    json: Annotated[
        bool, typer.Option("--json", help="A JSON object per event, the session last.")
    ] = False,
) -> None:
    """A simulated car plugs in, is recognised, charges, has its limit changed, unplugs.

    Line, modem, pilot and car are simulated; all else is the product's own code. Time is
    virtual.
    """
    if protocol is not Protocol.ISO2 or auth is Auth.PNC:
        asked = f"--protocol {protocol}" if protocol is not Protocol.ISO2 else "--auth pnc"
        typer.echo(
            f"seccstack: {asked} is not built yet; use --protocol iso2 with --auth open, "
            "autocharge or card",
            err=True,
        )
        raise typer.Exit(NOT_YET)
    from seccstack.chronicle import Chronicle
    from seccstack.sim.demo import END, stage

    world = stage(Policy(auth.value), secrets.token_bytes)
    chronicle = Chronicle("demo")
    world.observers.append(chronicle.observe)
    world.observers.append(_print_json if json else _Printer().observe)
    world.run(END)
    [session] = chronicle.sessions
    if json:
        _write(session)
    else:
        _summary(session)
    if not any(limit["obeyed"] is not None for limit in session["limits"]):
        raise typer.Exit(1)  # it did not charge


def _write(value: Any) -> None:
    import msgspec

    typer.echo(msgspec.json.encode(value).decode())


def _print_json(now: float, event: Event | None, actions: Sequence[Action]) -> None:
    from seccstack.timeline import happenings

    for happening in happenings(now, actions):
        _write(happening)


class _Printer:
    """Prints the timeline for people; a charging loop that only repeats itself is cut short."""

    LOOPS = 3

    def __init__(self) -> None:
        from rich.console import Console

        self._console = Console(highlight=False)
        self._loops = 0

    def observe(self, now: float, event: Event | None, actions: Sequence[Action]) -> None:
        from rich.text import Text

        from seccstack.timeline import happenings, line

        for happening in happenings(now, actions):
            if self._is_repetition(happening):
                continue
            style = STYLES.get(happening["event"], "")
            text = Text(f"{now:9.3f} s  {line(happening)}", style=style)
            self._console.print(text, soft_wrap=True)

    def _is_repetition(self, happening: dict[str, Any]) -> bool:
        in_loop = str(happening.get("name", "")).startswith(("ChargingStatus", "Authorization"))
        if not in_loop:
            self._loops = 0
            return False
        self._loops += 1
        if self._loops == 2 * self.LOOPS + 1:
            self._console.print(
                "             ... and so on, every half second ...", style="dim"
            )
        return self._loops > 2 * self.LOOPS


STYLES = {
    "message": "cyan",
    "decision": "bold green",
    "limit": "bold yellow",
    "contactor": "bold magenta",
    "identity": "blue",
    "ignored": "red",
}


def _summary(session: dict[str, Any]) -> None:
    from rich.console import Console

    identity, slac, decision = session["identity"], session["slac"], session["decision"]
    console = Console(highlight=False)
    console.rule("what is kept of it")
    console.print(
        f"vehicle   {identity['evccid']}, claims consistent: {identity['consistent']}\n"
        f"matched   in {slac['seconds']:.3f} s at {slac['attenuation_db']} dB\n"
        f"decision  {'granted' if decision['granted'] else 'denied'} by {decision['by']}: "
        f"{'; '.join(decision['reasons'])}\n"
        f"messages  {len(session['messages'])}, ended: {session['ended']}",
        soft_wrap=True,
    )
    for limit in session["limits"]:
        console.print(
            f"limit     {limit['amps']:g} A by {limit['source']} at {limit['t']:.3f} s; "
            f"told the vehicle {_after(limit, 'told')}, obeyed {_after(limit, 'obeyed')}",
            soft_wrap=True,
        )


def _after(limit: dict[str, Any], what: str) -> str:
    return "never" if limit[what] is None else f"{limit[what] - limit['t']:.3f} s later"
