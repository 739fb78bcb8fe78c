"""Judging a modem: as an interview found it, or as a running charger has it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from seccstack.doctor.finding import Finding, fail, ok, warn
from seccstack.doctor.interview import Found
from seccstack.slac.modem_survey import AN_INTERFACE, CHARGER, warnings

FACTORY_NETWORK = bytes.fromhex("b0f2e695666b03")  # of the key "HomePlugAV"
CABLES = (
    "see that it has power and is wired to this interface (`dmesg | grep qca` for one on SPI "
    "or UART), and restart it"
)


def judge(interface: str, found: Found) -> list[Finding]:
    """Judge what an interview has found."""
    if found.mac is None:
        return [fail("modem", f"none answers on {interface}", CABLES)]
    survey = found.survey
    maker = "" if survey.maker is None else f"{survey.maker.name}, "
    findings = [ok("modem", f"{maker}{found.mac.hex(':')}")]
    problems = _for(interface, warnings(survey))
    if survey.is_boot_loader:
        what, _, how = problems[0].partition(": ")
        return [*findings, fail("firmware", what, how)]
    findings.append(ok("firmware", str(survey.firmware)))
    findings.append(_judge_role(found, problems))
    findings += _judge_key(found)
    return [*findings, _judge_link(found)]


def _for(interface: str, warned: Sequence[str]) -> list[str]:
    """Name our own interface in what is to be done."""
    return [warning.replace(AN_INTERFACE, interface) for warning in warned]


def _judge_role(found: Found, problems: Sequence[str]) -> Finding:
    survey = found.survey
    if problems:
        what = "; ".join(problem.partition("; ")[0] for problem in problems)
        how = "; ".join(problem.partition("; ")[2] for problem in problems)
        wrong = survey.slac_mode not in (None, CHARGER)
        return (fail if wrong else warn)("modem role", what, how)
    if survey.slac_mode is None:
        return warn(
            "modem role",
            "the modem does not tell its parameter block, so its role is not known",
            "see in its maker's tool that it is a charger's, and always the coordinator",
        )
    return ok("modem role", f"{survey.role}, coordinates its network {survey.coordinator}")


def _judge_key(found: Found) -> list[Finding]:
    if found.networks is None:
        remedy = "`seccstack run` says whether it keeps the key that it is given"
        return [warn("modem key", "the modem does not tell its networks", remedy)]
    if not found.networks:
        remedy = "none is needed if it has just been started: ask again in 10 s"
        return [warn("modem key", "the modem is in no network yet", remedy)]
    if FACTORY_NETWORK in found.networks:
        return [ok("modem key", "the factory's; a charger that runs sets its own")]
    ids = ", ".join(network.hex() for network in found.networks)
    return [ok("modem key", f"set; network {ids}")]


def _judge_link(found: Found) -> Finding:
    if found.link is None:
        remedy = "restart the modem; if that does not help, its firmware is too old"
        return warn("modem link", "the modem does not tell whether there is a link", remedy)
    if found.link:
        others = "" if found.others is None else f", {found.others} of them"
        return ok("modem link", f"another station is in its network{others}: left alone")
    return ok("modem link", "none: nobody else is in its network")


def judge_running(interface: str, told: Mapping[str, Any] | None) -> list[Finding]:
    """Judge what a running charger tells of its modem in its status."""
    if told is None:
        remedy = "wait until it has looked for it, and ask again"
        return [warn("modem", "the running charger has not told of it yet", remedy)]
    if told["mac"] is None or told["state"] in ("silent", "dead"):
        why = told["trouble"] or f"it is {told['state']}"
        return [fail("modem", f"the running charger has none on {interface}: {why}", CABLES)]
    findings = [ok("modem", f"{told['maker'] or 'maker unknown'}, {told['mac']}")]
    findings.append(ok("firmware", told["firmware"] or "not told"))
    for warning in _for(interface, told["warnings"]):
        what, _, how = warning.partition("; ")
        findings.append(warn("modem role", what, how))
    if not told["warnings"]:
        role = f"{told['role']}, coordinates its network {told['coordinator']}"
        unknown = "the modem does not tell it"
        findings.append(ok("modem role", unknown if told["role"] is None else role))
    key = {"none": "not set", "taken": "taken", "shown": "in use"}[told["key"]]
    findings.append(ok("modem key", f"{key} (asked of the running charger)"))
    return [*findings, ok("modem link", "there is one" if told["link"] else "none")]
