"""EXI: microseconds per message, ours, libcbv2g's as published, and the peer's in this run."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from statistics import geometric_mean, median

from msgspec import Struct

from seccstack.bench import exi_table, peer
from seccstack.bench.figures import Figure, figure_of, microseconds
from seccstack.messages import codec, infoset
from seccstack.messages.codec import Schema

OURS, PEERS = 2000, 10  # runs; the peer takes a thousand times as long
REFERENCES = 400  # runs of the reference loop before each message
# What `reference` takes, in microseconds, on the machine of libcbv2g's figures: an assumption.
# It was timed later, on a machine of the same kind (two cores of a shared virtual machine), not
# beside them, when the machine was busy with other work too, which may have slowed them up to
# twofold. And scaling takes C and Python to gain alike from a faster processor.
REFERENCE = 51.5
SHORT, LONG = 12, 1024  # entries of a schedule
CERTIFICATE = 1600  # octets: the longest that -20 allows
IMPORT = """
import sys, time
begun = time.perf_counter()
from seccstack.messages import codec
for schema, exi in zip(("app-protocol", "iso2"), sys.argv[1:]):
    codec.encode(schema, codec.decode(schema, bytes.fromhex(exi)).message)
print(1000 * (time.perf_counter() - begun))
"""
IMPORTS = 11  # processes


class Ratios(Struct):
    """How many times a codec's figure ours is, or ours is its, by what was done."""

    libcbv2g: dict[str, float] = {}
    exificient: dict[str, float] = {}


def figures() -> Iterator[Figure]:
    """Measure every message of the table, then what grows with a message, then the import."""
    ratios = Ratios()
    loop: list[float] = []
    other = peer.start()
    try:
        for row in exi_table.rows():
            now = microseconds(reference, REFERENCES)
            loop += now
            yield from _of_row(row, median(now) / REFERENCE, other, ratios)
    finally:
        if other is not None:
            other.close()
    note = f"libcbv2g's figures were scaled by {median(loop) / REFERENCE:.2f}"
    yield figure_of("reference loop, before each of these", "us", loop, note=note)
    yield from _summary(ratios)
    yield from _growth()
    yield from _per_octet()
    yield _import()


def reference() -> int:
    """A fixed piece of work like a codec's: shifts, masks, tests and calls, in pure Python."""
    bits, total = 0x80, 0
    for number in range(400):
        bits = _append(bits, number & 0x7F)
        if bits > 1 << 512:
            total ^= bits & 0xFFFF
            bits = 0x80
    return total


def _append(bits: int, number: int) -> int:
    return bits << 8 | number if number & 1 else bits << 7 | number


def _of_row(
    row: exi_table.Row, scale: float, other: peer.Peer | None, ratios: Ratios
) -> Iterator[Figure]:
    message = row.message
    exi = codec.encode(row.schema, message)
    if len(exi) != row.octets:
        raise ValueError(f"{row.name} has {len(exi)} octets, not {row.octets}")
    theirs = {} if other is None else other.time(row.schema.value, exi, PEERS)
    work: dict[str, tuple[Callable[[], object], float]] = {
        "decode": (partial(codec.decode, row.schema, exi), row.decode * scale),
        "encode": (partial(codec.encode, row.schema, message), row.encode * scale),
    }
    for verb, (run, compiled) in work.items():
        run()
        name = f"EXI {verb} {row.schema} {row.name} ({len(exi)} B)"
        ours = figure_of(name, "us", microseconds(run, OURS))
        assert ours.median is not None  # noqa: S101 - it was measured
        ratios.libcbv2g[name] = ours.median / compiled
        if verb in theirs:
            ratios.exificient[name] = theirs[verb] / ours.median
        note = f"libcbv2g {compiled:.2g}: {ratios.libcbv2g[name]:.1f} x"
        yield Figure(name, "us", ours.median, ours.p99, "", theirs.get(verb), note)


def _summary(ratios: Ratios) -> Iterator[Figure]:
    most = max(ratios.libcbv2g, key=ratios.libcbv2g.__getitem__)
    mean = geometric_mean(ratios.libcbv2g.values())
    what = f"EXI: ours to libcbv2g {exi_table.LIBCBV2G} (measured once, see README)"
    yield Figure(f"{what}, geometric mean", "x", mean, aim="8 at most")
    worst = ratios.libcbv2g[most]
    name = f"EXI: ours to libcbv2g, worst ({most.removeprefix('EXI ')})"
    yield Figure(name, "x", worst, aim="15 at most")
    if ratios.exificient:
        mean = geometric_mean(ratios.exificient.values())
        least = min(ratios.exificient.values())
        name = "EXI: EXIficient through py4j to ours"
        yield Figure(f"{name}, geometric mean", "x", mean, aim="500 at least")
        yield Figure(f"{name}, least", "x", least)


def _growth() -> Iterator[Figure]:
    """What an entry of a long schedule costs, and one of a short."""
    for schema, make in (
        (Schema.ISO2, partial(exi_table.schedules, 1)),
        (Schema.ISO20_COMMON, exi_table.power_schedule),
    ):
        cost: dict[tuple[str, int], Figure] = {}
        for entries in (SHORT, LONG):
            message = infoset.from_json(schema, make(entries))
            for verb, ours in _both(schema, message, OURS * SHORT // entries):
                each = [sample / entries for sample in ours]
                name = f"EXI {verb} {schema}, an entry of a schedule of {entries:,}"
                aim = ""
                if entries == LONG:
                    aim = f"{cost[verb, SHORT].median:.2g} at most"
                cost[verb, entries] = figure_of(name, "us", each, aim=aim)
                yield cost[verb, entries]


def _per_octet() -> Iterator[Figure]:
    """What an octet of long binaries costs."""
    row = next(row for row in exi_table.rows() if "PnC" in str(row.content))
    content = row.content["AuthorizationReq"]
    certificates = exi_table.chain(*[CERTIFICATE] * 4)
    content["PnC_AReqAuthorizationMode"]["ContractCertificateChain"] = certificates
    for verb, ours in _both(row.schema, row.message, OURS):
        each = [1000 * sample / (4 * CERTIFICATE) for sample in ours]
        yield figure_of(f"EXI {verb}, an octet of four certificates", "ns", each)


def _both(schema: Schema, message: Struct, runs: int) -> Iterator[tuple[str, list[float]]]:
    exi = codec.encode(schema, message)
    yield "decode", _of_processor(partial(codec.decode, schema, exi), runs)
    yield "encode", _of_processor(partial(codec.encode, schema, message), runs)


def _of_processor(work: Callable[[], object], times: int) -> list[float]:
    """Like `microseconds`, but of the processor's time: what takes long is interrupted more
    often, on a machine that is busy, and would seem to grow."""
    samples = []
    for _ in range(times):
        begun = time.thread_time_ns()
        work()
        samples.append((time.thread_time_ns() - begun) / 1000)
    return samples


def _import() -> Figure:
    """How soon a new process has decoded and encoded the first messages of -2 AC."""
    wanted = (Schema.APP_PROTOCOL, "supportedAppProtocolReq"), (Schema.ISO2, "SessionSetupReq")
    found = {(row.schema, row.name): row for row in exi_table.rows()}
    first = [codec.encode(key[0], found[key].message).hex() for key in wanted]
    command = [sys.executable, "-c", IMPORT, *first]
    samples = []
    for _ in range(IMPORTS):
        done = subprocess.run(command, capture_output=True, check=True, text=True)  # noqa: S603
        samples.append(float(done.stdout))
    return figure_of("EXI: import for -2 AC, first messages", "ms", samples, aim="under 100 ms")
