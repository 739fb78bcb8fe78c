"""`seccstack bench`: figures of this installation on this machine, beside the peer's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

import typer

Json = Annotated[bool, typer.Option("--json", help="A JSON object per figure, on stdout.")]


def bench(json: Json = False) -> None:
    """Measure EXI, process start, memory, answer times, sessions at once and capture replay.

    The peer is the iso15118 package in an environment of its own; `make bench` installs it.
    What cannot be measured here says why.
    """
    import msgspec

    from seccstack.bench import peer

    if json:
        for figure in _figures():
            typer.echo(msgspec.json.encode(figure.to_json()).decode())
        return
    table = _table()
    for figure in _figures():
        cells = [_number(figure.median), _number(figure.p99), figure.unit]
        remarks = "; ".join(filter(None, (figure.aim, figure.note)))
        beside = [_number(figure.peer), f"{figure.ratio:,.0f} x" if figure.ratio else ""]
        table.add_row(figure.name, *cells, *beside, remarks)
    from rich.console import Console

    Console(highlight=False).print(table)
    if peer.python() is None:
        typer.echo(peer.ABSENT, err=True)


def _figures() -> Iterator[Any]:
    from seccstack.bench import (
        charge,
        contract,
        exi,
        handshake,
        limits,
        network,
        registry,
        replay,
        sessions,
        slac,
        start,
    )

    yield from charge.our_share()
    yield from limits.figures()
    yield from slac.figures()
    yield from network.figures()
    yield from handshake.figures()
    yield from contract.figures()
    yield from registry.figures()
    yield from sessions.figures()
    yield from replay.figures()
    yield from start.figures()
    yield from exi.figures()


def _table() -> Any:
    from rich.table import Table

    table = Table(box=None, header_style="bold")
    for heading in ("figure", "median", "p99", "unit", "peer", "better by", "aim, note"):
        table.add_column(heading, justify="left" if heading in ("figure", "unit") else "right")
    return table


def _number(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
