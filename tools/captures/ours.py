"""Sessions of the package `iso15118` at our charger, as its own flight recorder wrote them.

The charger is `seccstack run` as a process of its own, with SLAC by emulated modems; the
vehicle is the package's EVCC with its own EXI codec, and holds what `python -m pki` has minted.
Every key is of that lab, which is made for the recording. Needs root, a Java runtime, and
SECCSTACK_PEER_PYTHON.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from seccstack.adapters.control import tell as order
from tools.captures.card import Recording
from tools.captures.peers import (
    CAR,
    CAR_MAC,
    CHARGER,
    CHARGER_MAC,
    CONFIG,
    PEER,
    TLS13,
    Stage,
    insistently,
    recording_of,
    require,
    tell,
)
from tools.captures.places import PROJECT, FailedError, Program, cable, place

TLS = {"useTls": True, "enforceTls": True}
DC = {"supportedEnergyServices": ["DC"], "energyTransferMode": "DC_extended"}
AC_20 = {"supportedProtocols": ["ISO_15118_20_AC"], "supportedEnergyServices": ["AC"]}
DC_20 = {"supportedProtocols": ["ISO_15118_20_DC"], "supportedEnergyServices": ["DC"]}
LOOPS = 4  # turns of the charging loop
PORT = 50123  # where the charger is found without SDP
OURS = (sys.executable, "-m", "seccstack", "run", "--config")


@dataclass(slots=True)
class Visit:
    """Our charger, a car of the package's that is matched with it, and their lab."""

    stage: Stage
    lab: Path
    charger: Program
    car: Program
    config: Path

    def pilot(self, state: str) -> None:
        """Turn the pilot line, as the car's resistor would."""
        tell(self.config, "pilot", state)

    def turn(self, state: str) -> None:
        """Turn it within milliseconds: on DC a switch may be 1.5 s late, and no more."""
        order(self.config.with_name("control.sock"), {"do": "pilot", "value": state})

    def waits_for(self, *words: str) -> dict[str, Any]:
        """Wait until the car has received a message in which all this is."""
        while True:
            line = self.car.expect(event="received")
            if all(word in json.dumps(line["message"]) for word in words):
                return line


Play = Callable[[Visit], None]


@dataclass(frozen=True, slots=True)
class Charge:
    """What is recorded: the charger's config and the car's settings, and how they meet."""

    what: str
    settings: dict[str, Any]
    play: Play
    tls: bool = True
    newest: bool = False  # whether they speak ISO 15118-20, in its lab's profile
    current: str = "ac"
    stranger: str = ""  # who comes before the car: it says this in the end
    contract: bool = False
    more: str = ""  # of the charger's config
    wallet: str = ""  # the lab's specimen of a contract that the car holds; else a good one
    provides: bool = False  # whether a provisioning service runs


def charges(visit: Visit) -> None:
    """It charges AC, and stops when it has had enough."""
    _allow(visit)
    visit.waits_for("SessionStopRes")


def charges_dc(visit: Visit) -> None:
    """It charges DC, and opens its switch before it looks for welded contacts."""
    _allow(visit)
    visit.waits_for("CurrentDemandRes")
    while "PowerDeliveryReq" not in json.dumps(visit.car.expect(event="sent")):
        pass
    visit.pilot("B")
    visit.waits_for("SessionStopRes")


def charges_20(visit: Visit) -> None:
    """It charges AC by ISO 15118-20, and stops when it has had enough."""
    visit.charger.expect(event="message", sender="evse", name="ScheduleExchangeRes")
    visit.turn("C")
    visit.waits_for("SessionStopRes")


def charges_dc_20(visit: Visit) -> None:
    """It charges DC by ISO 15118-20, and opens its switch before it looks for welding."""
    visit.charger.expect(event="message", sender="evse", name="ServiceSelectionRes")
    visit.turn("C")
    visit.waits_for("DC_ChargeLoopRes")
    while '"ChargeProgress": "Stop"' not in json.dumps(visit.car.expect(event="sent")):
        pass
    visit.turn("B")
    visit.waits_for("SessionStopRes")


def refused(visit: Visit) -> None:
    """Its contract is refused."""
    visit.waits_for("PaymentDetailsRes", "FAILED_CertificateExpired")
    visit.charger.expect(event="session ended")


def shows_none(visit: Visit) -> None:
    """It has shown no certificate, and is given current without a session."""
    visit.charger.expect(event="pulse width")


def _allow(visit: Visit) -> None:
    visit.charger.expect(event="message", sender="evse", name="ChargeParameterDiscoveryRes")
    visit.pilot("C")


VISITS = {
    "ours-ac-tls": Charge("ISO 15118-2, AC over TLS 1.2, paid elsewhere", TLS, charges),
    "ours-ac-contract-tls": Charge(
        "ISO 15118-2, AC on a contract over TLS 1.2", TLS, charges, contract=True
    ),
    "ours-ac-installation-tls": Charge(
        "ISO 15118-2, AC on a contract that is installed first, over TLS 1.2",
        TLS | {"isCertInstallNeeded": True},
        charges,
        contract=True,
        provides=True,
    ),
    "ours-ac-expired-tls": Charge(
        "ISO 15118-2, a contract that has expired is refused, over TLS 1.2",
        TLS,
        refused,
        contract=True,
        wallet="contract-expired",
    ),
    "ours-dc": Charge("ISO 15118-2, DC without TLS", DC, charges_dc, tls=False, current="dc"),
    "ours-20-ac-tls": Charge(
        "ISO 15118-20, AC over TLS 1.3 with certificates on both sides, paid elsewhere",
        TLS | AC_20,
        charges_20,
        newest=True,
    ),
    "ours-20-dc": Charge(
        "ISO 15118-20, DC without TLS, which only a lab allows",
        DC_20,
        charges_dc_20,
        tls=False,
        newest=True,
        current="dc",
    ),
    "ours-20-no-certificate-tls": Charge(
        "ISO 15118-20: a vehicle that shows no certificate is refused (certificate_required)",
        {},
        shows_none,
        newest=True,
        stranger="required",
    ),
    "ours-tls-unknown-ca": Charge(
        "TLS is refused for a root that the vehicle lacks (unknown_ca); then AC without TLS",
        {"useTls": False, "enforceTls": False},
        charges,
        more=f"[network]\nport = {PORT}\n",
        stranger="refused",
    ),
}
WITH_SIDECAR = ("ours-ac-contract-tls", "ours-dc", "ours-tls-unknown-ca")
NAMES = tuple(VISITS)


def recordings(names: Sequence[str], folder: Path) -> Iterator[Recording]:
    """Record the charges with these names, or all."""
    wanted = [name for name in NAMES if not names or name in names]
    if not wanted:
        return
    require(wanted)
    lab = folder / "own-lab"
    subprocess.run([sys.executable, "-m", "pki", str(lab)], cwd=PROJECT, check=True)  # noqa: S603
    for name in wanted:
        yield insistently(name, folder, partial(_record, name, lab))


def _record(name: str, lab: Path, stage: Stage) -> Recording:
    charge = VISITS[name]
    with ExitStack() as running:
        _play(charge, stage, lab, running)
    [packets] = (stage.folder / "recordings").glob("*.pcapng")
    made = recording_of(name, charge.what, packets.read_bytes())
    if name in WITH_SIDECAR:
        made = replace(made, sidecar=packets.with_suffix(".jsonl").read_bytes())
    return made


def _play(charge: Charge, stage: Stage, lab: Path, running: ExitStack) -> None:
    line = stage.stack.enter_context(place())
    cable(stage.charger, CHARGER, CHARGER_MAC, line, "evse", "02:00:00:00:0e:01")
    cable(stage.car, CAR, CAR_MAC, line, "ev", "02:00:00:00:0e:02")
    modems = (sys.executable, "-m", "tools.emulated_modems", "--evse", "evse", "--ev", "ev")
    stage.start(line, *modems).expect(event="ready")
    config = stage.folder / "secc.toml"
    config.write_text(_config(charge, stage.folder, lab))
    if charge.provides:
        service = (sys.executable, "-m", "pki", "provide", lab, "--socket", _service(stage))
        stage.start(stage.charger, *service)
        _await_file(_service(stage))
    car = _car(charge, stage, lab)
    charger = Program(stage.charger, *OURS, config, told_on="stderr")
    running.enter_context(charger)
    charger.expect(event="ready")
    visit = Visit(stage, lab, charger, car, config)
    visit.pilot("B")
    slac = (sys.executable, "-m", "tools.slac_ev", "--interface", CAR)
    stage.start(stage.car, *slac).expect(event="link", up=True)
    if charge.stranger:
        stranger = (sys.executable, "-m", "tools.captures.stranger", CAR, charge.stranger)
        if stage.start(stage.car, *stranger).next() != f"{charge.stranger}\n":
            raise FailedError(f"no certificate was {charge.stranger}")
    if charge.play is not shows_none:
        car.begin()
    charge.play(visit)
    visit.pilot("A")
    charger.expect(event="unplugged")


def _car(charge: Charge, stage: Stage, lab: Path) -> Program:
    own = stage.folder / "ev.json"
    own.write_text(json.dumps({"chargeLoopCycle": LOOPS, **charge.settings}))
    tool = (PROJECT / "tools" / "ev_iso15118.py", "--interface", CAR, "--on-line")
    wallet = _wallet(charge.wallet, lab, stage.folder / "wallet") if charge.wallet else lab
    environment = {"PKI_PATH": f"{wallet}/iso15118_20/" if charge.newest else f"{wallet}/"}
    environment |= TLS13 if charge.newest else {}
    car = stage.start(stage.car, PEER, "-u", *tool, "--config", own, environment=environment)
    car.expect(event="warm")
    return car


def _wallet(specimen: str, lab: Path, out: Path) -> Path:
    """Copy the car's files with another contract in them."""
    shutil.copytree(lab, out)
    certificates, keys = out / "iso15118_2/certs", out / "iso15118_2/private_keys"
    begin, made = b"-----BEGIN CERTIFICATE-----", lab / "specimens" / specimen
    leaf = begin + (made / "chain.pem").read_bytes().split(begin)[1]
    (certificates / "contractLeafCert.pem").write_bytes(leaf)
    shutil.copy(made / "leaf.der", certificates / "contractLeafCert.der")
    shutil.copy(made / "key.pem", keys / "contractLeaf.key")
    return out


def _service(stage: Stage) -> Path:
    return stage.folder / "contracts.sock"


def _await_file(path: Path) -> None:
    for _ in range(100):
        if path.exists():
            return
        time.sleep(0.1)
    raise FailedError(f"{path.name} never appeared")


def _config(charge: Charge, folder: Path, lab: Path) -> str:
    places: dict[str, dict[str, Any]] = {
        "control": {"socket": f"{folder}/control.sock"},
        "registry": {"path": f"{folder}/registry.sqlite"},
        "recorder": {"folder": f"{folder}/recordings", "secrets": True},
    }
    places["charger"] = {"current": charge.current}
    chain = "v2g-20.secc" if charge.newest else "v2g-a.secc"
    if charge.tls:
        places["tls"] = {"mode": "offer", "chains": [f"{lab}/chains/{chain}"]}
    if charge.newest:
        places["charger"]["protocols"] = ["iso20"]
        places.setdefault("tls", {})["profile"] = "lab"
        if charge.tls:
            places["tls"]["vehicle_roots"] = [f"{lab}/roots/oem-20.pem"]
    if charge.contract:
        places["access"] = {"policy": "card", "card_wait_seconds": 3, "contract": True}
        places["contract"] = {"roots": [f"{lab}/roots/mo.pem"]}
        if charge.provides:
            places["contract"]["provisioning"] = f"{folder}/contracts.sock"
    tables = [
        f"[{table}]\n"
        + "".join(f"{key} = {json.dumps(value)}\n" for key, value in keys.items())
        for table, keys in places.items()
    ]
    return CONFIG + "".join(tables) + charge.more
