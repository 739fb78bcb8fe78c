"""`seccstack doctor` before modems that are well, and before those that are not."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.interop.conftest import CHARGER, CONFIG
from tests.programs import PROJECT, SECCSTACK, SECONDS


class Patient:
    """A charger's place, and what the doctor says of it."""

    def __init__(self, stage):
        self.stage = stage
        stage.config.write_text(CONFIG)

    def examine(self):
        """Return the exit code, and the findings by check."""
        words = ("doctor", "--config", self.stage.config, "--json")
        done = subprocess.run(  # noqa: S603
            self.stage.charger_place.command(*SECCSTACK, *words),
            cwd=self.stage.folder,
            env={**os.environ, "PYTHONPATH": str(PROJECT)},
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        findings = [json.loads(line) for line in done.stdout.splitlines()]
        assert findings, done.stderr
        return done.returncode, {finding["check"]: finding for finding in findings}


@pytest.fixture
def patient(own_stage):
    return Patient(own_stage)


def failures(findings):
    return {name for name, finding in findings.items() if finding["verdict"] == "fail"}


def test_a_good_modem_is_well(patient):
    patient.stage.lay_powerline()
    code, findings = patient.examine()
    assert (code, failures(findings)) == (0, set())
    assert findings["modem"]["found"].startswith("Qualcomm, 02:fe:ed:00:10:01")
    assert findings["firmware"]["found"].startswith("MAC-QCA7000")
    assert findings["modem role"]["found"] == "charger, coordinates its network always"
    assert findings["modem link"]["found"].startswith("none")
    assert findings["ports"]["found"] == "UDP port 15118 is free"


def test_an_absent_modem_fails_and_nothing_waits_long_for_it(patient):
    patient.stage.lay_powerline("--evse-silent")
    code, findings = patient.examine()
    assert (code, failures(findings)) == (1, {"modem"})
    assert findings["modem"]["found"] == f"none answers on {CHARGER}"
    assert "power" in findings["modem"]["remedy"]


def test_a_vehicles_modem_fails_with_what_to_write_where(patient):
    patient.stage.lay_powerline("--evse-slac-mode", "1", "--evse-coordination", "1")
    code, findings = patient.examine()
    assert (code, failures(findings)) == (1, {"modem role"})
    assert "setpib -x modem.pib 1653 byte 2" in findings["modem role"]["remedy"]
    assert "setpib -x modem.pib F4 byte 2" in findings["modem role"]["remedy"]


def test_a_modem_that_is_only_not_always_the_coordinator_is_warned_of(patient):
    patient.stage.lay_powerline("--evse-coordination", "0")
    code, findings = patient.examine()
    assert (code, findings["modem role"]["verdict"]) == (0, "warn")


def test_a_modem_without_firmware_fails(patient):
    patient.stage.lay_powerline("--evse-boot-loader")
    code, findings = patient.examine()
    assert (code, failures(findings)) == (1, {"firmware"})
    assert "boot loader" in findings["firmware"]["found"]
    assert "plchostd" in findings["firmware"]["remedy"]


def test_a_lumissil_is_known_and_its_role_is_not(patient):
    patient.stage.lay_powerline("--evse-maker", "lumissil")
    code, findings = patient.examine()
    assert (code, findings["modem role"]["verdict"]) == (0, "warn")
    assert findings["modem"]["found"].startswith("Lumissil")


def test_without_ipv6_there_is_no_address(patient):
    patient.stage.lay_powerline()
    with patient.stage.charger_place.inside():
        Path(f"/proc/sys/net/ipv6/conf/{CHARGER}/disable_ipv6").write_text("1")
    code, findings = patient.examine()
    assert (code, failures(findings)) == (1, {"IPv6"})
    assert "disable_ipv6=0" in findings["IPv6"]["remedy"]


def test_an_interface_that_is_down_fails_and_what_needs_it(patient):
    patient.stage.lay_powerline()
    patient.stage.charger_place.ip("link", "set", CHARGER, "down")
    code, findings = patient.examine()
    assert (code, failures(findings)) == (1, {"interface", "modem", "IPv6"})
    assert findings["interface"]["remedy"] == f"`ip link set {CHARGER} up`"


def test_an_interface_that_is_not_there_fails(patient):
    code, findings = patient.examine()
    assert code == 1
    assert findings["interface"]["found"] == f"there is none '{CHARGER}'"


def test_a_running_charger_is_asked_and_left_alone(patient):
    stage = patient.stage
    stage.lay_powerline("--log")
    stage.start_charger()
    stage.charger.expect(event="modem", role="charger", coordinator="always")
    before = len(stage.modems.lines)
    code, findings = patient.examine()
    assert (code, failures(findings)) == (0, set())
    assert "one is running" in findings["charger"]["found"]
    assert findings["modem"]["found"] == "Qualcomm, 02FEED001001"
    assert findings["ports"]["found"] == "left to the running charger"
    asked = [line["message"] for line in stage.modems.lines[before:] if line.get("message")]
    assert "VS_OP_ATTRIBUTES.REQ" not in asked
    assert "CM_SET_KEY.REQ" not in asked
