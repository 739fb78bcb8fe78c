"""The configuration of a charger: one TOML file, every key typed, every error named.

An empty file is a valid one: it gives a charger in which powerline, modem and pilot are
simulated, and which needs neither hardware nor privileges.
"""

from __future__ import annotations

import re
import tomllib
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from seccstack.auth.emaid import misprint
from seccstack.config_energy import Energy, check_energy
from seccstack.config_errors import explained
from seccstack.config_front import Indicator, Reader, check_front
from seccstack.config_meter import Meter, check_meters
from seccstack.config_pilot import Board, Pilot, Temperature, check_pilot, check_sensors
from seccstack.config_start import Start
from seccstack.config_tls import Tls, check_tls
from seccstack.errors import ConfigError

Amps = Annotated[float, Meta(ge=6, le=80)]
Port = Annotated[int, Meta(ge=49152, le=65535)]
Seconds = Annotated[float, Meta(ge=0, le=86400)]
Folder = Annotated[str, Meta(min_length=1)]
Megabytes = Annotated[float, Meta(ge=1, le=1_000_000)]
Db = Annotated[int, Meta(ge=-40, le=40)]
ParameterTable = Annotated[
    dict[
        Annotated[str, Meta(max_length=64)],
        bool
        | Annotated[int, Meta(ge=-(2**31), lt=2**31)]
        | Annotated[str, Meta(max_length=64)],
    ],
    Meta(min_length=1, max_length=16),
]
# As `seccstack.auth.policies` reads it.
AccessPolicy = Annotated[
    str,
    Meta(
        pattern=r"\A(open|(card|autocharge|contract)"
        r"(( and | or )(card|autocharge|contract)){0,11})\Z"
    ),
]
# What EVSE ids are made of, with the separator * or without; not all text fits a message.
EvseId = Annotated[str, Meta(pattern=r"\A[A-Za-z0-9*+-]{7,37}\Z")]
Emaid = Annotated[
    str, Meta(pattern=r"\A[A-Za-z]{2}-?[A-Za-z0-9]{3}-?[A-Za-z0-9]{9}-?[A-Za-z0-9]?\Z")
]
TIME_OF_DAY = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
PlannedAmps = Annotated[float, Meta(ge=0, le=80)]  # per phase
Uid = Annotated[  # of 4, 7 or 10 octets, with the same separator between them all or none
    str,
    Meta(
        pattern=r"\A[0-9A-Fa-f]{2}([:-]?)[0-9A-Fa-f]{2}(?:\1[0-9A-Fa-f]{2}){2}"
        r"(?:(?:\1[0-9A-Fa-f]{2}){3}){0,2}\Z"
    ),
]


class Charger(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is built into the wall."""

    evse_id: EvseId = "DE*SEC*E000001"
    current: Literal["ac", "dc"] = "ac"  # on DC, [supply] says what there is
    phases: Literal[1, 3] = 3
    voltage: Annotated[int, Meta(ge=100, le=400)] = 230  # volts, phase to neutral
    # per phase; the least of box, breaker and fixed cable, any from 6 A on; 0: it never charges
    rated_amps: Annotated[float, Meta(ge=0, le=80)] = 32.0
    # of a vehicle that charges on one phase of three, where the grid is not to be loaded
    # one-sidedly, as with 20 A in Germany; without it, there is no such bound
    single_phase_amps: Amps | None = None
    safe_amps: Annotated[float, Meta(ge=0, le=6)] = 6.0  # where a source of limits is lost
    # per phase, what a vehicle may feed back on AC (ISO 15118-20), where the grid's operator
    # has agreed; 0: nothing
    discharge_amps: Annotated[float, Meta(ge=0, le=80)] = 0.0
    # what is spoken with vehicles, of which each has its own order; din is of DC alone
    protocols: Annotated[tuple[Literal["iso20", "iso2", "din"], ...], Meta(min_length=1)] = (
        "iso20",
        "iso2",
        "din",
    )


class Supply(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The power supply of a DC charger; its power, not `rated_amps`, bounds what it draws."""

    kind: Literal["simulated"] = "simulated"
    max_volts: Annotated[float, Meta(gt=0, le=1500)] = 500.0
    min_volts: Annotated[float, Meta(ge=0, le=1500)] = 150.0
    max_amps: Annotated[float, Meta(gt=0, le=1000)] = 125.0
    min_amps: Annotated[float, Meta(ge=0, le=1000)] = 0.0
    max_watts: Annotated[float, Meta(gt=0, le=1_500_000)] = 50_000.0
    # what it may draw out of a vehicle that gives energy back (ISO 15118-20); 0: nothing
    discharge_amps: Annotated[float, Meta(ge=0, le=1000)] = 0.0
    discharge_watts: Annotated[float, Meta(ge=0, le=1_500_000)] = 0.0


class OwnService(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A service of one's own; what its parameter sets mean is agreed with the vehicle."""

    id: Annotated[int, Meta(ge=60001, le=65535)]  # those that are anybody's
    name: Annotated[str, Meta(min_length=1, max_length=32)]
    scope: Annotated[str, Meta(max_length=64)] = ""
    free: bool = True
    sets: Annotated[list[ParameterTable], Meta(max_length=255)] = []  # numbered from 1 on


class Services(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What vehicles are told there is beside charging."""

    internet: bool = False  # by HTTP and HTTPS; the way there is not this program's
    own: Annotated[list[OwnService], Meta(max_length=6)] = []


class Powerline(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The Green PHY modem."""

    kind: Literal["simulated", "ethernet"] = "simulated"
    interface: str = ""
    # what the board adds to every attenuation; or to each of the 58 groups, in a list
    attenuation_correction_db: Db | Annotated[list[Db], Meta(min_length=58, max_length=58)] = 0
    # TT_EVSE_SLAC_init: how long a vehicle may take until its first CM_SLAC_PARM.REQ
    slac_init_seconds: Annotated[float, Meta(ge=1, le=600)] = 50.0
    # CM_VALIDATE: count toggles of the pilot; or say that they are not required, or fail
    validation: Literal["on", "off", "unsupported"] = "off"


class Network(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where SDP and V2G messages are served; by default on the powerline's interface."""

    interface: str = ""
    port: Port | Literal[0] = 0  # 0: any of the dynamic ports


class Access(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who may charge."""

    # "open": everybody; "card": a registered card; "autocharge": registered vehicles, by what
    # they say of themselves, and others with a card. Or ways of one's own, of card, autocharge
    # and contract, as in "autocharge and card" or "autocharge and card or contract"
    policy: AccessPolicy = "open"
    card_wait_seconds: Seconds = 57.0  # within the 60 s that vehicles ask on; 0: refuse at once
    contract: bool = False  # whether a vehicle may pay by its contract (Plug and Charge), too
    # how sure it has to be that a registered vehicle is that one: from 0.5, all that it says of
    # itself is one address, over 0.8, it speaks as it always did (`fingerprint`), to 0.95
    autocharge_confidence: Annotated[float, Meta(ge=0, le=1)] = 0.5
    # and if it is less sure: a card is asked for; it charges with `reduced_amps` until there is
    # one; or it is refused without waiting for one
    below: Literal["card", "reduced", "refuse"] = "card"
    reduced_amps: Amps = 6.0  # per phase
    # how a vehicle speaks, against how it always did: not looked at, told among the reasons,
    # counted in the confidence, or demanded, so that who speaks otherwise needs a card
    fingerprint: Literal["off", "explain", "weigh", "require"] = "explain"
    # vehicles that have another address each time, if they are like exactly one that is
    # registered (as others of the same make and software are, too): let in with a card each
    # time; with a card once, which vouches for those that are like it for `vouch_days`; with
    # `reduced_amps`; or as if they were certain
    rotating: Literal["card", "once", "reduced", "fingerprint"] = "once"
    vouch_days: Annotated[float, Meta(ge=0, le=365)] = 7.0  # while that card is registered


class Enrolment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The ritual at the outlet: a setup card, then what is to be registered, the setup card."""

    setup_cards: Annotated[list[Uid], Meta(max_length=8)] = []  # beside those of the registry
    wait_seconds: Annotated[float, Meta(ge=5, le=3600)] = 60.0  # nothing happens: it ends
    # in which a vehicle has to say who it is; the slowest take three times SLAC's 50 s
    identify_seconds: Annotated[float, Meta(ge=10, le=3600)] = 180.0
    most: Annotated[int, Meta(ge=1, le=10_000)] = 32  # vehicles and cards together
    # vehicles that have another address each time: refused, unless one comes twice in a ritual
    # with the same; or registered, to be recognised as access.rotating has it
    rotating: Literal["refuse", "family"] = "refuse"


class Contract(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Plug and Charge, where `access.contract` is on: whose contracts, and how checked.

    No key is here: what signs does not run on a charger.
    """

    # files in PEM: the roots of mobility operators, or V2G roots above them
    roots: Annotated[list[Folder], Meta(max_length=32)] = []
    # files with lists of revoked certificates, in DER or PEM; "hard": a certificate of which no
    # list of today says anything is refused
    lists: Annotated[list[Folder], Meta(max_length=128)] = []
    revocation: Literal["soft", "hard"] = "soft"
    # who says whether a proven contract may charge: its chain alone; or the list of eMAIDs, and
    # those of the registry (`seccstack vehicles contracts add`)
    trust: Literal["chain", "list"] = "chain"
    emaids: Annotated[list[Emaid], Meta(max_length=1000)] = []
    amps: Amps | None = None  # what who pays by contract may draw, if not all there is
    receipt_seconds: Seconds = 0.0  # between signed receipts of the meter; 0: none is wanted
    provisioning: str = ""  # the socket of a provisioning service: `python -m pki provide`


class Tariff(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What vehicles are told that energy costs; nothing, where nobody is named who says it."""

    socket: str = ""  # of a service that signs tariffs: `python -m pki price`, for labs


class Schedule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Limits by the time of day; vehicles are told beforehand what they will be."""

    # from each of these times on, every day, as in {"06:30" = 10, "22:00" = 32}
    times: Annotated[dict[str, PlannedAmps], Meta(max_length=96)] = {}
    zone: str = ""  # whose times, as in "Europe/Berlin"; default: this machine's


class Registry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where vehicles, cards and contracts are kept, who was here, and what was decided."""

    # a file; what is this box's alone (a key, a paused session) is in files beside it
    path: Annotated[str, Meta(min_length=1)] = "seccstack.sqlite"
    # of many boxes: "postgresql://USER@HOST/DATABASE" instead, the password best in ~/.pgpass
    url: str = ""
    box: Annotated[str, Meta(max_length=64)] = ""  # its name there; default: charger.evse_id
    decisions: Annotated[int, Meta(ge=100, le=1_000_000)] = 10_000  # kept of each box

    def __repr__(self) -> str:
        return f"Registry(path={self.path!r})"  # an address may have a password


class Control(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The local socket through which `seccstack tell` reaches a running charger."""

    socket: Annotated[str, Meta(min_length=1)] = "seccstack.sock"


class Recorder(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The flight recorder: a pcapng and a sidecar per plug-in; off without a folder."""

    folder: str = ""
    secrets: bool = False  # whether network keys and TLS secrets are in the files
    max_megabytes: Megabytes = 500.0  # of all recordings; the oldest are deleted
    max_days: Annotated[float, Meta(gt=0, le=36500)] = 90.0
    per_plug_in_megabytes: Megabytes = 20.0  # beyond that, the middle of a charge is left out


class Log(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is written to standard error."""

    level: Literal["debug", "info", "warning", "error"] = "info"


class Privacy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is said of vehicles, cards and contracts where others may read along.

    On standard error and in reports: names that only this box can compare with a MAC, an
    EVCCID, a card's number or an eMAID; or these themselves. Recordings, `seccstack tell` and
    the registry are the owner's own, and always have these themselves.
    """

    macs: Literal["hashed", "plain"] = "hashed"


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file."""

    charger: Charger = Charger()
    supply: Supply = Supply()
    services: Services = Services()
    powerline: Powerline = Powerline()
    network: Network = Network()
    tls: Tls = Tls()
    pilot: Pilot = Pilot()
    start: Start = Start()
    board: Board = Board()
    temperature: Temperature = Temperature()
    access: Access = Access()
    enrolment: Enrolment = Enrolment()
    reader: Reader = Reader()
    indicator: Indicator = Indicator()
    meter: Meter = Meter()  # at the outlet
    house_meter: Meter = Meter()  # at the grid connection point
    energy: Energy = Energy()
    contract: Contract = Contract()
    tariff: Tariff = Tariff()
    schedule: Schedule = Schedule()
    registry: Registry = Registry()
    control: Control = Control()
    recorder: Recorder = Recorder()
    log: Log = Log()
    privacy: Privacy = Privacy()


def parse(text: str) -> Config:
    """Read a TOML text; ConfigError names the key, what is wrong and what would be right."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError("the file", f"is not TOML: {error}", "correct that line") from error
    try:
        config = msgspec.convert(raw, Config)
    except msgspec.ValidationError as error:
        raise explained(str(error), raw, _section) from error
    _check_together(config)
    return config


def _check_together(config: Config) -> None:
    if config.powerline.kind == "ethernet" and not config.powerline.interface:
        raise ConfigError(
            "powerline.interface",
            "is empty",
            'name the network interface of the modem, as in interface = "eth1"',
        )
    networked = config.powerline.kind != "simulated" or config.network.interface != ""
    check_tls(config.tls, networked=networked)
    check_front(config.reader, config.indicator)
    if 0 < config.charger.rated_amps < 6:
        raise ConfigError(
            "charger.rated_amps",
            f"is {config.charger.rated_amps:g}, and pulses say nothing between 0 and 6 A",
            "give 6 A or more, as in 6, 10, 12, 16, 20, 24 or 32; or 0, which never charges",
        )
    check_pilot(config.pilot, config.board)
    check_sensors(config.pilot, config.board, config.temperature, config.energy.contact)
    check_meters(config.meter, config.house_meter, config.charger.phases)
    meters = [each for each in (config.meter, config.house_meter) if each.kind != "none"]
    polls = [each.poll_seconds for each in meters]
    metered = config.meter.kind != "none"
    check_energy(config.energy, config.charger.rated_amps, metered=metered, polls=polls)
    for least, most in (("min_volts", "max_volts"), ("min_amps", "max_amps")):
        if getattr(config.supply, least) >= getattr(config.supply, most):
            raise ConfigError(
                f"supply.{least}", f"is not below supply.{most}", "give what the supply can"
            )
    _check_emaids(config.contract.emaids)
    for time in config.schedule.times:
        if TIME_OF_DAY.fullmatch(time) is None:
            right = "give a time of day, as in 06:30 or 22:00"
            raise ConfigError("schedule.times", f"has {time!r}", right)
    if config.access.contract:
        _check_contract(config)
    elif "contract" in config.access.policy:
        raise ConfigError(
            "access.contract", "is false, and access.policy names it", "set contract = true"
        )
    if config.registry.url and not config.registry.url.startswith("postgresql://"):
        raise ConfigError(  # not what it is: it may have a password
            "registry.url",
            "is no address of a PostgreSQL server",
            'give "postgresql://USER@HOST/DATABASE", or leave it away and give registry.path',
        )
    recorder = config.recorder
    if recorder.per_plug_in_megabytes > recorder.max_megabytes:
        raise ConfigError(
            "recorder.per_plug_in_megabytes",
            f"is more than recorder.max_megabytes, {recorder.max_megabytes:g}",
            "give a tenth of it",
        )


def _check_emaids(emaids: list[str]) -> None:
    for place, emaid in enumerate(emaids):
        if (why := misprint(emaid)) is not None:
            raise ConfigError(
                f"contract.emaids[{place}]",
                f"is {emaid!r}, and {why}",
                "correct it, or leave the check digit away if it is printed so",
            )


def _check_contract(config: Config) -> None:
    if config.tls.mode == "forbid":
        raise ConfigError(
            "access.contract",
            "is true, and no contract is ever paid by without TLS",
            'set tls.mode = "offer", and tls.chains',
        )
    if not config.contract.roots:
        raise ConfigError(
            "contract.roots",
            "is empty",
            "name the file of a mobility operator's root certificate, in PEM",
        )


def _section(name: str) -> type[msgspec.Struct]:
    if name.startswith("services.own"):
        return OwnService
    return type(getattr(Config(), name)) if name else Config
