"""Looking at all that a charger needs: one check after the other, in the order of need.

A check is a function from the scene to findings; `CHECKS` is their list, and a further one is
added there. Checks look and change nothing. Where a charger is running, it has the modem and
the ports, so it is asked for what it knows of them instead.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seccstack.adapters import doctor_front, doctor_meter, doctor_modem, doctor_pilot
from seccstack.adapters import doctor_host as host
from seccstack.adapters.control import tell
from seccstack.adapters.registry import box_of
from seccstack.adapters.schedule import place_of
from seccstack.adapters.unavailable import UnavailableError
from seccstack.auth.port import RegistryError
from seccstack.config import Charger, Config
from seccstack.doctor import judgement, modem
from seccstack.doctor.finding import Finding, fail, ok, warn
from seccstack.errors import ConfigError, UsageError


@dataclass(frozen=True, slots=True)
class Scene:
    """A configuration, and the status of a charger that runs by it, if one does."""

    config: Config
    running: dict[str, Any] | None

    @property
    def is_simulated(self) -> bool:
        """Whether there is no real modem."""
        return self.config.powerline.kind == "simulated"

    @property
    def network(self) -> str:
        """The interface that SDP and V2G messages are served on; empty: none real."""
        simulated = "" if self.is_simulated else self.config.powerline.interface
        return self.config.network.interface or simulated


def _charger(scene: Scene) -> Sequence[Finding]:
    path = Path(scene.config.control.socket)
    running = scene.running is not None
    return [judgement.control(str(path), host.socket_trouble(path), running)]


def _privileges(scene: Scene) -> Sequence[Finding]:
    if scene.is_simulated:
        return [judgement.simulated("privileges", "none are needed")]
    return [judgement.privileges(host.may_send_raw())]


def _interface(scene: Scene) -> Sequence[Finding]:
    if scene.is_simulated:
        return [judgement.simulated("interface", "the powerline needs none")]
    return [judgement.interface(host.interface(scene.config.powerline.interface))]


def _modem(scene: Scene) -> Sequence[Finding]:
    if scene.is_simulated:
        return [judgement.simulated("modem", "it is always there")]
    interface = scene.config.powerline.interface
    if scene.running is not None:
        return modem.judge_running(interface, scene.running.get("modem"))
    try:
        return modem.judge(interface, asyncio.run(doctor_modem.interview(interface)))
    except UnavailableError as error:
        why, _, remedy = str(error).partition("; ")
        return [fail("modem", f"cannot be asked: {why}", remedy or "see the lines above")]


def _address(scene: Scene) -> Sequence[Finding]:
    name = scene.network
    if not name:
        return [judgement.simulated("IPv6", "the network needs none")]
    return [judgement.address(name, host.link_local_addresses(name), host.ipv6_disabled(name))]


def _ports(scene: Scene) -> Sequence[Finding]:
    name, port = scene.network, scene.config.network.port
    if not name:
        return [judgement.simulated("ports", "none are used")]
    if scene.running is not None:
        return [ok("ports", "left to the running charger")]
    trouble = host.sdp_trouble(name)
    remedy = "stop the other charger on this interface, or see `ss -ulpn | grep 15118`"
    findings = [judgement.port(judgement.SDP, trouble, remedy)]
    addresses = host.link_local_addresses(name)
    if port and addresses:
        trouble = host.tcp_trouble(name, addresses[0].text, port)
        remedy = "set network.port to 0, or to a port that is free"
        findings.append(judgement.port(f"TCP port {port}", trouble, remedy))
    return findings


def _services(scene: Scene) -> Sequence[Finding]:
    name = scene.network
    if not name:
        return [judgement.simulated("services", "no interface is open to vehicles")]
    return [
        judgement.services(name, host.listeners(name)),
        judgement.forwarding(name, host.forwards_ipv6(name)),
    ]


def _registry(scene: Scene) -> Sequence[Finding]:
    if scene.config.registry.url:
        return [_registry_server(scene.config.registry.url), *_box(scene.config)]
    path = Path(scene.config.registry.path)
    return [judgement.registry(str(path), host.registry_trouble(path), os.path.exists(path))]


def _registry_server(url: str) -> Finding:
    from seccstack.adapters.registry_postgres import PostgresDatabase  # it takes time to load

    try:
        with closing(PostgresDatabase(url)) as database:
            return judgement.registry(database.name, None, database.look())
    except RegistryError as error:
        what, _, advice = str(error).rpartition("; ")
        return fail("registry", what or advice, advice if what else "see the server's log")


def _box(config: Config) -> Sequence[Finding]:
    """Two boxes of one name share what is of each alone, as who was counted as a stranger."""
    if box_of(config) != Charger().evse_id:
        return []
    problem = f"this box goes by {Charger().evse_id} in it, as every box does at first"
    return [warn("registry", problem, "give charger.evse_id, or registry.box")]


def _certificates(scene: Scene) -> Sequence[Finding]:
    tls = scene.config.tls
    if tls.mode == "forbid":
        return [ok("TLS", "is off (tls.mode)")]
    from seccstack.adapters.doctor_vehicles import examine_vehicles
    from seccstack.adapters.tls_chains import Chains  # only with TLS: it takes time to load

    chains = Chains(tls.chains, time.time)
    chains.look()
    shown = [
        judgement.Shown(chain.offer.name, chain.ends, chain.staple is not None)
        for chain in chains.valid
    ]
    found = judgement.certificates(shown, chains.problems, tls.mode, time.time())
    return [*found, *examine_vehicles(tls, chains.valid, time.time())]


def _contracts(scene: Scene) -> Sequence[Finding]:
    if not scene.config.access.contract:
        return [ok("contracts", "are not taken (access.contract)")]
    from seccstack.adapters.doctor_contracts import examine_contracts  # it loads OpenSSL

    return examine_contracts(scene.config.contract, time.time())


def _tariffs(scene: Scene) -> Sequence[Finding]:
    socket = scene.config.tariff.socket
    if not socket:
        return [ok("tariffs", "nobody is named who says what energy costs (tariff.socket)")]
    if Path(socket).is_socket():
        return [ok("tariffs", f"who says what energy costs is asked at {socket}")]
    why = f"there is nobody at {socket} who says what energy costs"
    return [warn("tariffs", why, "start it; until then vehicles are told no price")]


def _clock(scene: Scene) -> Sequence[Finding]:
    try:
        place_of(scene.config.schedule.zone)
    except ConfigError as error:
        return [fail("clock", f"{error.key} {error.problem}", error.right)]
    return [judgement.clock(time.time(), host.is_synchronised())]


def _pilot(scene: Scene) -> Sequence[Finding]:
    if scene.config.pilot.kind == "simulated":
        return [judgement.simulated_pilot(not scene.is_simulated)]
    return [doctor_pilot.pilot(scene.config, scene.running)]


def _meter(scene: Scene) -> Sequence[Finding]:
    return doctor_meter.meters(scene.config, scene.running)


def _reader(scene: Scene) -> Sequence[Finding]:
    return [doctor_front.reader(scene.config.reader, scene.running)]


def _indicator(scene: Scene) -> Sequence[Finding]:
    return doctor_front.indicator(scene.config.indicator, scene.running)


CHECKS: tuple[Callable[[Scene], Sequence[Finding]], ...] = (
    _charger,
    _privileges,
    _interface,
    _modem,
    _address,
    _ports,
    _services,
    _registry,
    _certificates,
    _contracts,
    _tariffs,
    _clock,
    _pilot,
    _meter,
    _reader,
    _indicator,
)


def examine(config: Config) -> Iterator[Finding]:
    """Look at everything, and tell of each thing as soon as it has been looked at."""
    scene = Scene(config, _status_of_running(Path(config.control.socket)))
    for check in CHECKS:
        yield from check(scene)


def _status_of_running(path: Path) -> dict[str, Any] | None:
    try:
        return dict(tell(path, {"do": "status"})["status"])
    except UsageError:
        return None
