"""What the commands on vehicles and on cards share: their options, and the registry opened."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from seccstack.adapters.privacy import key_of, key_path
from seccstack.adapters.registry import box_of, open_registry, place_of
from seccstack.auth.addresses import format_mac, parse_mac, parse_uid, unusable
from seccstack.auth.audit import AuditEntry, AuditKind
from seccstack.auth.decision import CardRecord, ContractRecord, Record, VehicleRecord
from seccstack.auth.emaid import normal
from seccstack.auth.limiter import KEPT, limiter_of
from seccstack.auth.port import Registry, Sighting
from seccstack.auth.pseudonyms import NAME, Pseudonyms
from seccstack.auth.vehicle import Proven
from seccstack.cli_records import name_of, parse_emaid, parse_text
from seccstack.config import Config as Settings
from seccstack.config import parse
from seccstack.errors import ConfigError, MalformedError, SeccError, UsageError
from seccstack.experience.keeping import LearningRegistry
from seccstack.sim.registry import SimRegistry

T = TypeVar("T")

DEFAULT = Path("seccstack.sqlite")
TEXT = "text:"
SERVER = "postgresql://"
OWNER = "owner"  # by whom the trail says that these commands change records


def parsed(reader: Callable[[str], T]) -> Callable[[str], T]:
    """Have the command line refuse, with exit code 2, what ``reader`` refuses."""

    def read(text: str) -> T:
        try:
            return reader(text)
        except (UsageError, ValueError, OverflowError) as error:
            raise typer.BadParameter(str(error)) from error

    return read


def parse_evccid(text: str) -> bytes:
    """Read an EVCCID: hexadecimal octets, or ``text:`` and the text it is."""
    if text.startswith(TEXT):
        return text.removeprefix(TEXT).encode("ascii")
    return bytes.fromhex(text)


def parse_expiry(text: str) -> float:
    """Read a date, which is meant to its end, or a time; without a zone, of this machine's."""
    try:
        expiry = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{text!r} is no date; give its last day, as in 2030-12-31") from None
    if len(text) <= len("2030-12-31"):
        expiry += timedelta(days=1)
    return expiry.astimezone().timestamp()


def parse_name(text: str) -> str:
    """Read what vehicles, cards and contracts go by, here or in the log."""
    if NAME.fullmatch(text):
        return text
    for reader in (lambda text: format_mac(parse_station(text)), parse_uid):
        with suppress(UsageError):
            return reader(text)
    if (emaid := normal(text)) is not None:  # some vehicles' have been misprinted
        return emaid
    raise UsageError(f"{text!r} is no MAC address, no card's number and no eMAID")


def parse_station(text: str) -> bytes:
    """Read the MAC address of a station, which not every MAC address can be."""
    mac = parse_mac(text)
    if why := unusable(mac):
        raise UsageError(f"{format_mac(mac)} {why}")
    return mac


Mac = Annotated[
    bytes,
    typer.Argument(
        parser=parsed(parse_station), metavar="MAC", help="As in 00:11:22:AA:BB:CC."
    ),
]
Uid = Annotated[
    str, typer.Argument(parser=parsed(parse_uid), metavar="UID", help="As in 04A1B2C3D4E5F6.")
]
Emaid = Annotated[
    str,
    typer.Argument(
        parser=parsed(parse_emaid), metavar="EMAID", help="As in DE-8AA-1A2B3C4D5-V."
    ),
]
Whom = Annotated[
    str,
    typer.Argument(
        parser=parsed(parse_name),
        metavar="WHOM",
        help="A vehicle's MAC, a UID or an eMAID; or the name that the log has for it.",
    ),
]
Label = Annotated[
    str, typer.Option(parser=parsed(parse_text), metavar="TEXT", help="What you call it.")
]
Note = Annotated[str, typer.Option(parser=parsed(parse_text), metavar="TEXT", help="Anything.")]
Expires = Annotated[
    float | None,
    typer.Option(
        parser=parsed(parse_expiry), metavar="DATE", help="Its last day, as in 2030-12-31."
    ),
]
Evccid = Annotated[
    bytes | None,
    typer.Option(
        parser=parsed(parse_evccid),
        metavar="HEX",
        help="What the vehicle sends, if that is not its MAC; text:... for a text.",
    ),
]
MaxAmps = Annotated[
    float | None,
    typer.Option(
        min=0,
        help="What it may draw per phase, if less than others.",
    ),
]
Disabled = Annotated[
    bool, typer.Option("--disabled", help="Keep it, but let it charge by nothing at all.")
]
Replace = Annotated[bool, typer.Option("--replace", help="Change one that is registered.")]
Config = Annotated[Path | None, typer.Option(help="The charger's TOML file.")]
Db = Annotated[
    str | None,
    typer.Option(
        help=f"The registry: a file, or {SERVER}...; default as in --config, else {DEFAULT}."
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON lines.")]


def registry_place(config: Path | None, db: str | None) -> Path | str:
    """Return where the registry is: where ``db`` says, or the configuration, or here."""
    if db is not None:  # of another address than a server's, opening it says what is wrong
        return db if "://" in db else Path(db)
    return place_of(_settings(config).registry)


def local_path(config: Path | None, db: str | None) -> Path:
    """Return the file that what is this box's alone is kept beside."""
    place = registry_place(config, db)
    return place if isinstance(place, Path) else Path(_settings(config).registry.path)


def hashes(config: Path | None) -> bool:
    """Whether a report has names in the place of vehicles, unless it is asked for otherwise."""
    return _settings(config).privacy.macs == "hashed"


def control_socket(config: Path | None) -> Path:
    """Return where the charger that runs by this configuration is told things."""
    return Path(_settings(config).control.socket)


def charger(config: Path | None) -> Settings:
    """Return how the charger is configured; ConfigError if the file cannot be used."""
    return _settings(config)


def _settings(config: Path | None) -> Settings:
    if config is None:
        return Settings()
    try:
        return parse(config.read_text())
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError("--config", str(error), "name a TOML file") from error


@contextmanager
def registry(
    config: Path | None, db: str | None, *, create: bool = False
) -> Iterator[LearningRegistry]:
    """Open the registry for a command; what goes wrong is said.

    One that does not exist yet is an empty one, unless ``create``.
    """
    with said():
        box = "" if db is not None else box_of(_settings(config))
        with closing(_opened(registry_place(config, db), box, create=create)) as known:
            yield known


@contextmanager
def said() -> Iterator[None]:
    """Make a line and an exit code of what goes wrong."""
    try:
        yield
    except SeccError as error:
        warn([str(error)])
        raise typer.Exit(2 if isinstance(error, ConfigError) else 1) from error


def locked_out(known: Registry) -> list[str]:
    """Say why no vehicle is let in for its address alone now, and what to do, if so."""
    try:
        kept = known.kept(KEPT)
        why = None if kept is None else limiter_of(kept, time.time()).locked(0.0)
    except MalformedError as error:
        return [f"the registry's {error}"]
    return [] if why is None else [f"{why}; `seccstack tell unlock` lifts that"]


def print_lines(lines: Iterable[str]) -> None:
    """Print to standard output."""
    for line in lines:
        typer.echo(line)


def warn(lines: Iterable[str]) -> None:
    """Print to standard error."""
    for line in lines:
        typer.echo(f"seccstack: {line}", err=True)


def warn_of(record: Record) -> None:
    """Say of what was just registered that it does not charge, if it has run out already."""
    if record.expires is not None and record.expires <= time.time():
        warn(["its last day is over, so it does not count"])


def enter(known: Registry, record: Record, before: Record | None, replacing: bool) -> Record:
    """Register something, or change it with what was seen of it so far; return its record."""
    if before is None:
        _add(known, record)
        write_down(known, AuditKind.ENROLLED, record)
        return record
    if not replacing:
        name = name_of(before)
        raise UsageError(f"{name} is registered already; --replace changes it")
    changed: Record = replace(record, added_at=before.added_at)
    if isinstance(record, VehicleRecord) and isinstance(before, VehicleRecord):
        changed = with_history(record, before)
    known.put([changed])
    write_down(known, AuditKind.CHANGED, changed)
    return changed


def _add(known: Registry, record: Record) -> None:
    match record:
        case VehicleRecord():
            known.add_vehicle(record)
        case CardRecord():
            known.add_card(record)
        case ContractRecord():
            known.add_contract(record)


def everything(known: Registry) -> list[Record]:
    """Return all records, vehicles first."""
    return [*known.vehicles(), *known.cards(), *known.contracts()]


def holder_in(sighting: Sighting) -> str | None:
    """Return whose certificate a vehicle has shown in a visit, if it was one vehicle's."""
    proofs = sighting.identity.get("proofs", ())
    shown = [one["value"] for one in proofs if one["kind"] == Proven.CERTIFICATE.value]
    return shown[0] if len(shown) == 1 else None


def with_history(record: VehicleRecord, before: VehicleRecord) -> VehicleRecord:
    """Return a changed record with what has been seen of the vehicle so far."""
    return replace(
        record,
        added_at=before.added_at,
        first_seen=before.first_seen,
        last_seen=before.last_seen,
        times_seen=before.times_seen,
        proven_at=before.proven_at,
        certificate=before.certificate,
    )


def real_name(known: Registry, name: str, local: Path) -> str:
    """Return whom a name in the log stands for, of all that the registry has ever heard of.

    ``local``: what the key of names is kept beside.
    """
    if not NAME.fullmatch(name):
        return name
    names = Pseudonyms(key_of(key_path(local)))
    entries = known.audit()
    macs = [record.mac for record in known.vehicles()]
    macs += [entry.mac for entry in entries if entry.mac is not None]
    macs += [seen.mac for seen in known.sightings() if seen.mac is not None]
    uids = [record.uid for record in known.cards()]
    uids += [entry.uid for entry in entries if entry.uid is not None]
    emaids = [record.emaid for record in known.contracts()]
    found = {names.mac(mac): mac for mac in map(format_mac, macs)}
    found |= {names.uid(uid): uid for uid in uids}
    found |= {names.emaid(emaid): emaid for emaid in emaids}
    if name not in found:
        raise UsageError(f"nobody that this registry knows goes by {name}")
    return found[name]


def write_down(known: Registry, kind: AuditKind, record: Record) -> None:
    """Keep in the trail what the owner has done with a record."""
    entry = AuditEntry(
        at=time.time(),
        kind=kind,
        by=OWNER,
        mac=record.mac if isinstance(record, VehicleRecord) else None,
        uid=record.uid if isinstance(record, CardRecord) else None,
        emaid=record.emaid if isinstance(record, ContractRecord) else None,
        reasons=(record.label,) if record.label else (),
    )
    known.record_decision(entry)


def _opened(place: Path | str, box: str, *, create: bool) -> LearningRegistry:
    if create or isinstance(place, str) or place.exists():
        return open_registry(place, box=box)
    warn([f"there is no registry {place} yet"])
    return SimRegistry()
