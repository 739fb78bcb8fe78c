"""`seccstack demo`: a simulated car charges at the real outlet machine, in virtual time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from typing import Annotated, Any

import typer

Observer = Callable[[float, Any, Sequence[Any]], None]


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


WRONG_USAGE = 2
NO_TLS = (
    "pnc       certificates, signatures and receipts are real, made for this run; "
    "TLS is not simulated: the stream only counts as encrypted"
)

LAB = (
    "lab       ISO 15118-20 is spoken in TLS 1.3 alone, except in a lab: TLS is not simulated, "
    "so this is one"
)
UNPAID = {
    Protocol.DIN: "nobody pays by contract in DIN SPEC 70121",
    Protocol.ISO20: "the simulated car has no contract of ISO 15118-20",
}


def demo(
    protocol: Annotated[Protocol, typer.Option(help="What the car speaks.")] = Protocol.ISO2,
    auth: Annotated[Auth, typer.Option(help="How it is let in.")] = Auth.AUTOCHARGE,
    json: Annotated[
        bool, typer.Option("--json", help="A JSON object per event, the session last.")
    ] = False,
) -> None:
    """A simulated car plugs in, is recognised, charges, has its limit changed, unplugs.

    Line, modem, pilot and car are simulated; all else is the product's own code. Time is
    virtual. Exit code 1: it did not charge.
    """
    if protocol is not Protocol.ISO2 and auth is Auth.PNC:
        typer.echo(f"seccstack: {UNPAID[protocol]}; use another --auth", err=True)
        raise typer.Exit(WRONG_USAGE)
    from seccstack.sim.demo import charged

    session = _play(protocol, auth, _print_json if json else _Printer().observe)
    if json:
        _write(session)
    else:
        _print_summary(session)
        if auth is Auth.PNC or protocol is Protocol.ISO20:
            typer.echo(LAB if protocol is Protocol.ISO20 else NO_TLS)
    raise typer.Exit(0 if charged(session) else 1)


def _play(protocol: Protocol, auth: Auth, tell: Observer) -> dict[str, Any]:
    import secrets

    from seccstack.auth.decision import Policy
    from seccstack.chronicle import Chronicle
    from seccstack.session import plant
    from seccstack.sim.demo import END, WALL_TIME, stage

    if auth is Auth.PNC:  # nobody is let in but by contract
        from seccstack.adapters.paper import paper

        world = stage(Policy.CARD, secrets.token_bytes, paper(WALL_TIME))
    else:
        spoken = plant.Protocol(protocol.value)
        world = stage(Policy(auth.value), secrets.token_bytes, protocol=spoken)
    chronicle = Chronicle("demo")
    world.observers += [chronicle.observe, tell]
    world.run(END)
    [session] = chronicle.sessions
    return session


def _write(value: Any) -> None:
    import msgspec

    typer.echo(msgspec.json.encode(value).decode())


def _print_json(now: float, event: Any, actions: Sequence[Any]) -> None:
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
        self._modem = ""  # what was said of it last

    def observe(self, now: float, event: Any, actions: Sequence[Any]) -> None:
        from rich.text import Text

        from seccstack.timeline import happenings, line

        for happening in happenings(now, actions):
            if self._is_repetition(happening):
                continue
            style = STYLES.get(happening["event"], "")
            text = Text(f"{now:9.3f} s  {line(happening)}", style=style)
            self._console.print(text, soft_wrap=True)

    def _is_repetition(self, happening: dict[str, Any]) -> bool:
        from seccstack.timeline import line

        if happening["event"] == "modem":
            said, self._modem = self._modem, line(happening)
            return said == self._modem
        in_loop = str(happening.get("name", "")).startswith(REPEATED)
        if not in_loop:
            self._loops = 0
            return False
        self._loops += 1
        if self._loops == 2 * self.LOOPS + 1:
            self._console.print(
                "             ... and so on, every half second ...", style="dim"
            )
        return self._loops > 2 * self.LOOPS


REPEATED = (
    "ChargingStatus",
    "Authorization",
    "CurrentDemand",
    "ContractAuthentication",
    "PreCharge",
    "CableCheck",
    "AC_ChargeLoop",
    "DC_ChargeLoop",
)
STYLES = {
    "message": "cyan",
    "decision": "bold green",
    "limit": "bold yellow",
    "contactor": "bold magenta",
    "identity": "blue",
    "ignored": "red",
}


def _print_summary(session: dict[str, Any]) -> None:
    from rich.console import Console

    console = Console(highlight=False)
    console.rule("what is kept of it")
    for line in summary(session):
        console.print(line, soft_wrap=True, markup=False)


def summary(session: dict[str, Any]) -> Iterator[str]:
    """Yield what a session object holds in short; it may hold very little."""
    identity, slac, decision = session["identity"], session["slac"], session["decision"]
    yield f"vehicle   {identity['evccid']}, claims consistent: {identity['consistent']}"
    if slac is not None and slac["matched"]:
        yield f"matched   in {slac['seconds']:.3f} s at {slac['attenuation_db']} dB"
    if decision is not None:
        verdict = f"granted by {decision['by']}" if decision["granted"] else "not granted"
        yield f"decision  {verdict}: {'; '.join(decision['reasons'])}"
    yield f"messages  {len(session['messages'])}, ended: {session['ended']}"
    for limit in session["limits"]:
        yield (
            f"limit     {limit['amps']:g} A by {limit['source']} at {limit['t']:.3f} s; "
            f"told the vehicle {_after(limit, 'told')}, obeyed {_after(limit, 'obeyed')}"
        )


def _after(limit: dict[str, Any], what: str) -> str:
    return "never" if limit[what] is None else f"{limit[what] - limit['t']:.3f} s later"
