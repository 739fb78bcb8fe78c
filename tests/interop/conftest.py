"""A charger, a car of another project, and the line between them, in network namespaces."""

from __future__ import annotations

import json
import os
import shutil
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from seccstack.adapters.control import tell
from seccstack.adapters.powerline import mac_of
from seccstack.adapters.registry import open_registry
from tests.namespaces import cable, namespace, require_namespaces
from tests.prerequisites import missing
from tests.programs import PROJECT, SECCSTACK, Program, seccstack

PEER = Path(os.environ.get("SECCSTACK_PEER_PYTHON", PROJECT / ".venv-peer/bin/python"))
CHARGER, CAR = "plc0", "ev0"
# A JVM that lives for one charge is not worth optimising for: without, a fifth less time.
os.environ.setdefault("JAVA_TOOL_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")
CONFIG = f"""
[powerline]
kind = "ethernet"
interface = "{CHARGER}"
[log]
level = "debug"
[start]
policy = "fixed"  # cars that are processes take their time to begin
[privacy]
macs = "plain"
"""


@pytest.fixture(scope="session")
def peer():
    """The Python that has the other project's car."""
    require_namespaces()
    if shutil.which("java") is None:
        missing("a Java runtime, for the other project's EXI codec")
    if not PEER.is_file():
        missing(f"{PEER}, the environment of tools/peer-requirements.txt")
    return PEER


class Stage:
    """One charger and one car; what is started on it ends with it."""

    def __init__(self, folder, stack, peer=None):
        self.folder, self._stack, self._peer = folder, stack, peer
        self.charger_place = stack.enter_context(namespace())
        self.car_place = stack.enter_context(namespace())
        self.config = folder / "secc.toml"
        self.charger = self.modems = None

    @property
    def car_mac(self):
        with self.car_place.inside():
            return mac_of(CAR)

    def lay_cable(self):
        """Join charger and car directly: there is no modem anywhere."""
        cable(self.charger_place, CHARGER, self.car_place, CAR)

    def lay_powerline(self, *options):
        """Put a modem at each end, and a power line between."""
        line = self._stack.enter_context(namespace())
        cable(self.charger_place, CHARGER, line, "evse")
        cable(self.car_place, CAR, line, "ev")
        module = [sys.executable, "-m", "tools.emulated_modems"]
        command = line.command(*module, "--evse", "evse", "--ev", "ev", *options)
        self.modems = self._start(command)
        self.modems.expect(event="ready")

    def start_charger(self, config="", powerline="", program=SECCSTACK):
        """Start our charger; it is ready when this returns. ``powerline``: more keys of it."""
        self.config.write_text(CONFIG.replace("[log]", f"{powerline}\n[log]") + config)
        run = self.charger_place.command(*program, "run", "--config", self.config)
        self.charger = self._start(run, lines_on="stderr")
        self.charger.expect(event="ready")

    def start_car(self, pki=None, plan=({},), **settings):
        """Start the other project's car; it warms its JVM up and waits to be told to begin.

        ``pki``: where its certificates are; ``plan``: what it wants in each of its sessions.
        """
        own = self.folder / "ev.json"
        own.write_text(json.dumps(settings))
        tool = PROJECT / "tools" / "ev_iso15118.py"
        words = ("--interface", CAR, "--config", own, "--on-line", "--plan", json.dumps(plan))
        env = None if pki is None else {"PKI_PATH": f"{pki}/"}
        return self._start(self.car_place.command(self._peer, "-u", tool, *words), env=env)

    def start_slac(self):
        """Start the car's side of SLAC."""
        module = [sys.executable, "-m", "tools.slac_ev", "--interface", CAR]
        return self._start(self.car_place.command(*module))

    def match(self):
        """Have the car's side of SLAC match."""
        slac = self.start_slac()
        slac.expect(event="link", up=True)
        assert slac.wait() == 0

    def tell(self, *words):
        """Give the charger an order, as its owner does."""
        return seccstack("tell", *words, "--config", str(self.config), folder=self.folder)

    def turn(self, state):
        """Turn the pilot within milliseconds, as a car does; a program takes a second to start.

        A switch on DC that is late by 1.5 s is a failure of the vehicle's.
        """
        tell(self.folder / "seccstack.sock", {"do": "pilot", "value": state})

    def status(self):
        """Return what the charger says of itself."""
        return json.loads(self.tell("status", "--json"))["status"]

    def vehicles(self, *words):
        """Tend the charger's registry."""
        return seccstack("vehicles", *words, folder=self.folder)

    def sightings(self):
        """Return what the charger has kept of its visitors, the latest first."""
        registry = open_registry(self.folder / "seccstack.sqlite", create=False)
        try:
            return registry.sightings()
        finally:
            registry.close()

    def _start(self, command, **how):
        return self._stack.enter_context(Program(command, self.folder, **how))


@pytest.fixture
def stage(peer, tmp_path):
    with ExitStack() as stack:
        yield Stage(tmp_path, stack, peer)


@pytest.fixture
def own_stage(tmp_path):
    """A stage on which the other project's car does not appear."""
    require_namespaces()
    with ExitStack() as stack:
        yield Stage(tmp_path, stack)
