"""`seccstack attack`: does this charger hold against what is known to be tried?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from seccstack import cli_run
from seccstack.errors import UsageError

ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", help="Whose settings are attacked; without it, the defaults."),
]
Only = Annotated[
    list[str] | None, typer.Option("--only", help="An attack by name; may be given again.")
]
Accept = Annotated[
    list[str] | None,
    typer.Option("--accept", help="An attack whose breach you know of and accept."),
]
Json = Annotated[bool, typer.Option("--json", help="A JSON object per attack, on stdout.")]


class Against(StrEnum):
    """What is attacked."""

    SIMULATED = "simulated"
    RUNNING = "running"


def attack(
    config: ConfigOption = None,
    against: Annotated[
        Against, typer.Option(help="A simulated charger, or one that runs.")
    ] = Against.SIMULATED,
    interface: Annotated[
        str, typer.Option(help="Of the modem on the vehicle's side; means --against running.")
    ] = "",
    only: Only = None,
    accept: Accept = None,
    names: Annotated[bool, typer.Option("--list", help="Only name the attacks.")] = False,
    json: Json = False,
) -> None:
    """Attack a charger with your settings, in virtual time; or a running one, over its cable.

    Each attack says what it does, what must not happen, what happened, and whether it was held.
    Exit code 1: one was not.
    """
    from seccstack.attack.catalogue import chosen

    try:
        attacks = chosen(only or [])
        accepted = {attack.name for attack in chosen(accept or [])} if accept else set()
        if names:
            for one in attacks:
                typer.echo(f"{one.name:<19} {one.does}; must not happen: {one.must_not}")
            return
        settings = cli_run.read(config)
        running = against is Against.RUNNING or bool(interface)
        with _running(settings, interface) if running else _simulated(settings) as play:
            results = _results(attacks, play, accepted, json)
    except UsageError as error:
        typer.echo(f"seccstack: {error}", err=True)
        raise typer.Exit(cli_run.MISUSED) from error
    from seccstack.attack.verdict import Verdict

    breached = {r.name for r in results if r.verdict is Verdict.BREACHED}
    if not json:
        _print_sum(results, breached & accepted)
    raise typer.Exit(cli_run.FAILED if breached - accepted else 0)


@contextmanager
def _simulated(config: Any) -> Iterator[Callable[[Any], Any]]:
    """Yield what plays an attack against a fresh charger with these settings."""
    import secrets

    from seccstack.adapters.outlet import settings_of
    from seccstack.attack.script import run
    from seccstack.attack.simulated import SimTarget
    from seccstack.sim.demo import WALL_TIME

    settings = settings_of(config)
    paid = foreign = None
    if config.access.contract:
        from seccstack.adapters.paper import paper

        paid, foreign = paper(WALL_TIME), paper(WALL_TIME).wallet
    yield lambda attack: run(attack, SimTarget(settings, secrets.token_bytes, paid, foreign))


@contextmanager
def _running(config: Any, interface: str) -> Iterator[Callable[[Any], Any]]:
    """Yield what plays an attack against the charger that runs by this configuration."""
    if not interface:
        raise UsageError("--against running needs --interface: that of the vehicle's modem")
    from seccstack.adapters.attacker import LiveTarget
    from seccstack.attack.script import run

    target = LiveTarget(config, interface)

    def play(attack: Any) -> Any:
        target.rest()
        return run(attack, target)

    try:
        yield play
    finally:
        target.close()


def _results(
    attacks: Any, play: Callable[[Any], Any], accepted: set[str], json: bool
) -> list[Any]:
    import msgspec
    from rich.console import Console

    console, results = Console(highlight=False), []
    for one in attacks:
        result = play(one)
        results.append(result)
        if json:
            told = {**result.to_json(), "accepted": result.name in accepted}
            typer.echo(msgspec.json.encode(told).decode())
        else:
            _print(console, result, result.name in accepted)
    return results


STYLES = {"held": "green", "BREACHED": "bold red", "not applicable": "dim"}


def _print(console: Any, result: Any, accepted: bool) -> None:
    """Print a row as soon as it is made: all have the same columns."""
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, 2))
    table.add_column(width=14)
    table.add_column(width=19)
    table.add_column(overflow="fold")
    verdict = result.verdict.value
    said = f"{verdict}, as known" if accepted and result.remedy else verdict
    table.add_row(Text(said, STYLES[verdict]), result.name, result.happened)
    if result.remedy:
        table.add_row("", "", Text(result.remedy, "yellow"))
    console.print(table)


def _print_sum(results: list[Any], accepted: set[str]) -> None:
    from collections import Counter

    counts = Counter(result.verdict.value for result in results)
    parts = [f"{count} {verdict}" for verdict, count in counts.items()]
    known = f" ({len(accepted)} of them accepted)" if accepted else ""
    against = results[0].against if results else "nothing"
    typer.echo(f"\nagainst {against}: {', '.join(parts)}{known}")
