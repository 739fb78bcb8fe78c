"""EXI: microseconds per message, ours and the peer's, over the messages of a whole charge."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from seccstack.bench import charge, peer
from seccstack.bench.figures import Figure, figure_of, microseconds
from seccstack.messages import codec
from seccstack.session.events import Exchanged

OURS, PEERS = 2000, 20  # runs; the peer takes a thousand times as long


def figures() -> Iterator[Figure]:
    """Measure decoding and encoding of every message of a charge."""
    other = peer.start()
    try:
        for message in charge.messages():
            yield from _of_message(message, other)
    finally:
        if other is not None:
            other.close()


def _of_message(message: Exchanged, other: peer.Peer | None) -> Iterator[Figure]:
    schema, exi = message.schema, message.exi
    value = codec.decode(schema, exi).message
    work: dict[str, Callable[[], object]] = {
        "decode": lambda: codec.decode(schema, exi),
        "encode": lambda: codec.encode(schema, value),
    }
    theirs = {} if other is None else other.time(schema.value, exi, PEERS)
    for verb, run in work.items():
        run()
        name = f"EXI {verb} {schema.value} {message.name} ({len(exi)} B)"
        ours = figure_of(name, "us", microseconds(run, OURS))
        note = "" if other is not None else "peer not installed"
        yield Figure(name, "us", ours.median, ours.p99, "", theirs.get(verb), note)
