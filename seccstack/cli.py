"""The command line. Each command imports what it needs when it runs: a charger starts fast."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from seccstack import (
    __version__,
    cli_attack,
    cli_bench,
    cli_demo,
    cli_doctor,
    cli_drive,
    cli_exi,
    cli_replay,
    cli_run,
    cli_vehicles,
    cli_why,
)
from seccstack.config import Config
from seccstack.errors import UsageError

app = typer.Typer(
    name="seccstack",
    help="The charge-point side of ISO 15118.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    epilog="Example: seccstack demo",
)
app.add_typer(cli_vehicles.app, name="vehicles", epilog="Example: seccstack vehicles list")
app.command(epilog="Example: seccstack demo --auth card")(cli_demo.demo)
app.command(epilog="Example: seccstack replay charge.pcapng --json")(cli_replay.replay)
app.command(epilog="Example: seccstack drive charge.pcap")(cli_drive.drive)
app.command(epilog="Example: echo 80400040 | seccstack decode --schema app-protocol")(
    cli_exi.decode
)
app.command(epilog="Example: seccstack encode --schema iso2 < messages.jsonl")(cli_exi.encode)
app.command(epilog="Example: seccstack bench --json")(cli_bench.bench)
app.command(epilog="Example: seccstack attack --config secc.toml")(cli_attack.attack)
app.command(epilog="Example: seccstack doctor --config secc.toml")(cli_doctor.doctor)
app.command(epilog="Example: seccstack why --config secc.toml")(cli_why.why)

STDOUT = 1  # file descriptor

ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", help="TOML file; without it, everything is simulated."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Machine-readable lines on stdout.")]


def fail(message: str, code: int = cli_run.MISUSED) -> typer.Exit:
    """Say on standard error what is wrong; the caller raises what this returns."""
    typer.echo(f"seccstack: {message}", err=True)
    return typer.Exit(code)


def load(path: Path | None) -> Config:
    """Read the configuration, or end with exit code 2 and one line that says what is wrong."""
    try:
        return cli_run.read(path)
    except UsageError as error:
        raise fail(str(error)) from error


@app.command(epilog="Example: seccstack version")
def version() -> None:
    """Print the version."""
    typer.echo(__version__)


@app.command(epilog="Example: seccstack run --config secc.toml")
def run(config: ConfigOption = None) -> None:
    """Be the charger, until Ctrl-C. Logs go to standard error."""
    raise typer.Exit(cli_run.run(config))


@app.command(
    epilog="Example: seccstack tell card 04A2B3C4D5E680",
    context_settings={"ignore_unknown_options": True},  # a limit of -3 is answered as a limit
)
def tell(
    what: Annotated[
        str,
        typer.Argument(
            help="cable, card, discharge, forecast, house, learn, limit, network-limit, pilot, "
            "plug, unplug, unlock, stop, status, temperature"
        ),
    ],
    values: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[VALUE]...",
            help="card: its UID; limit: amperes; pilot: A-F; forecast: now=16 22:00=32; "
            "discharge: watts wanted of a vehicle that gives energy back, 0 for none; "
            "house: amperes of L1 L2 L3; network-limit: amperes, on or off; "
            "of a simulated board: cable: ohms or open; temperature: degrees Celsius",
        ),
    ] = None,
    source: Annotated[str, typer.Option(help="Who sets the limit, or foresees it.")] = "owner",
    seconds: Annotated[
        float | None,
        typer.Option(help="For how long the limit is believed; then a safe one holds."),
    ] = None,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> None:
    """Tell a running charger: a card is held to it, a limit, a plug of the simulated car."""
    import msgspec

    from seccstack.adapters.control import MisusedError
    from seccstack.adapters.control import tell as deliver

    said = values or []
    if len(said) > 1 and what not in ("forecast", "house"):
        raise fail(f"unexpected extra argument {said[1]}")
    path, value = Path(load(config).control.socket), " ".join(said)
    try:
        believed = {} if seconds is None else {"seconds": seconds}
        order = {"do": what, "value": value, "source": source, **believed}
        answer = deliver(path, order)
    except UsageError as error:
        misused = isinstance(error, MisusedError)
        raise fail(str(error), cli_run.MISUSED if misused else cli_run.FAILED) from error
    if json or what == "status":
        typer.echo(msgspec.json.format(msgspec.json.encode(answer), indent=0 if json else 2))


def main() -> None:
    """Run the command line; what cannot be written or read after all is one line, too."""
    try:
        try:
            app()
        finally:
            if sys.stdout is not None:  # as it is where it was closed
                sys.stdout.flush()  # here, where it can still be said that it fails
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), STDOUT)  # for the last flush
        if not isinstance(error, BrokenPipeError):  # who hangs up knows it
            place = "" if error.filename is None else f"{error.filename}: "
            print(f"seccstack: {place}{error.strerror or error}", file=sys.stderr)
        sys.exit(cli_run.FAILED)
