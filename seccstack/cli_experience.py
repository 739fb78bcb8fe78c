"""`seccstack vehicles experience`: what was learned of how vehicles behave, and its use."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from seccstack.adapters.outlet import settings_of
from seccstack.auth.addresses import format_mac
from seccstack.auth.port import Registry
from seccstack.cli_registry import (
    Config,
    Db,
    Json,
    charger,
    local_path,
    print_lines,
    real_name,
    registry,
    warn,
)
from seccstack.errors import UsageError
from seccstack.experience import pack, policy
from seccstack.experience.household import Household
from seccstack.experience.keeping import household_found
from seccstack.experience.outcomes import merged
from seccstack.experience.port import SILENT, Experiences, Family, Key, Vehicle, parse_key
from seccstack.experience.record import Experience
from seccstack.experience.words import explained

Known = tuple[Key, Experience]


def experience(
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="[NAME]",
            help="A vehicle's MAC, its label or its name in the log; or a family, as it is "
            "listed. Default: all.",
        ),
    ] = None,
    export: Annotated[
        Path | None, typer.Option(help="Write it to this file; without --plain, no vehicles.")
    ] = None,
    plain: Annotated[
        bool,
        typer.Option(
            "--plain",
            help="With vehicles by their MACs: a backup. Without, families only: for others.",
        ),
    ] = False,
    import_: Annotated[
        Path | None,
        typer.Option("--import", help="Add what a file knows; the worse counts of the two."),
    ] = None,
    reset: Annotated[
        bool, typer.Option("--reset", help="Forget it: NAME, or everything without.")
    ] = False,
    config: Config = None,
    db: Db = None,
    json: Json = False,
) -> None:
    """Say what was learned of how vehicles behave, and how the next one is greeted."""
    with registry(config, db, create=import_ is not None) as known:
        if sum((export is not None, import_ is not None, reset)) > 1:
            raise UsageError("--export, --import and --reset are one thing each; give one")
        store, key = known.experiences, None
        if name is not None:
            key = _key_of(known, real_name(known, name, local_path(config, db)))
        if import_ is not None:
            typer.echo(_imported(store, import_))
            return
        some = [(one, what) for one, what in store.all() if key in (None, one)]
        if key is not None and not some:
            raise UsageError(f"nothing is known of how {name} behaves")
        if reset:
            typer.echo(f"{store.forget(key)} forgotten")
            warn(["a charger that runs takes note once the next vehicle has left"])
        elif export is not None:
            _exported(some if plain else pack.shared(some), export)
        elif json:
            print_lines(map(_line, some))
        else:
            household = household_found(known, time.time()).household
            expected = [] if key is not None else _expected(household, config)
            print_lines([*expected, *_told(known, some)])


def _key_of(known: Registry, name: str) -> Key:
    labelled = [one.mac for one in known.vehicles() if one.label and one.label == name]
    if labelled:
        return Vehicle(labelled[0])
    return SILENT if name == "silent" else parse_key(name)


def _line(entry: Known) -> str:
    key, known = entry
    told = {"name": str(key), "known": known.to_json(), "says": explained(known)}
    return msgspec.json.encode(told).decode()


def _expected(household: Household, config: Path | None) -> Iterator[str]:
    """Say who comes here, and what follows for whoever comes next."""
    start = settings_of(charger(config)).start
    if start.policy is policy.Policy.FIXED:
        yield "whoever comes is greeted by fixed times (start.policy)"
    else:
        for guest in household.guests:
            yield f"{guest.share:4.0%} {guest.name}"
        yield f"{household.stranger:4.0%} somebody new"
        for authorised, who in ((True, "who may charge"), (False, "who may not yet")):
            plan = policy.planned(start, policy.Arrival(household, authorised=authorised))
            asked = "" if plan.asked_seconds is None else f" for {plan.asked_seconds:g} s"
            yield f"{who} is greeted with {plan.greeting.value}{asked}: {plan.why}"
    yield ""


def _told(known: Registry, some: Sequence[Known]) -> Iterator[str]:
    if not some:
        yield "nothing is known yet of how vehicles behave"
    for key, what in some:
        yield _title(known, key)
        yield from (f"  {sentence}" for sentence in explained(what))


def _title(known: Registry, key: Key) -> str:
    if isinstance(key, Family):
        if key == SILENT:
            return "silent: vehicles that say nothing"
        return f"{key}: the family {key.oui.hex(':').upper()}, RunID {key.run_id}"
    record = known.vehicle(key.mac)
    return f"{format_mac(key.mac)}: {record.label if record else 'not registered'}"


def _exported(some: Sequence[Known], file: Path) -> None:
    try:
        file.write_text("".join(f"{line}\n" for line in pack.written(some)))
    except OSError as error:
        raise UsageError(f"cannot write {file}: {error.strerror}") from error
    warn([f"{len(some)} written to {file}"])


def _imported(store: Experiences, file: Path) -> str:
    try:
        with file.open("rb") as text:
            found = pack.read(text.read(pack.MAX_OCTETS + 1))
    except OSError as error:
        raise UsageError(f"cannot read {file}: {error.strerror}") from error
    except UsageError as error:
        raise UsageError(f"{file}: {error}") from error
    now = time.time()
    for key, told in found:
        # from a clock that is ahead it would outlive all that is learned here
        known = replace(told, at=min(told.at or 0.0, now))
        before = store.recall(key)
        store.keep(key, known if before is None else merged(before, known))
    return f"{len(found)} taken in"
