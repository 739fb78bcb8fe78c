"""What is right and wrong around a charger, but for the modem."""

import pytest

from seccstack.doctor import judgement
from seccstack.doctor.finding import Verdict
from seccstack.doctor.judgement import (
    DUPLICATE,
    EARLIEST,
    LOOPBACK,
    RUNNING,
    TENTATIVE,
    UP,
    Address,
    Interface,
    address,
    clock,
    control,
    interface,
    pilot,
    port,
    privileges,
    registry,
    simulated,
    simulated_pilot,
)

GOOD = Address("fe80::1", 0)


def verdict_of(finding):
    return finding.verdict.value


def test_without_the_privilege_it_is_said_which_and_how_to_get_it():
    assert verdict_of(privileges(True)) == "ok"
    missing = privileges(False)
    assert (verdict_of(missing), "CAP_NET_RAW" in missing.remedy) == ("fail", True)


@pytest.mark.parametrize(
    ("flags", "verdict", "found"),
    [
        (None, "fail", "there is none 'eth1'"),
        (0, "fail", "eth1 is down"),
        (UP | RUNNING | LOOPBACK, "fail", "eth1 is the loopback"),
        (UP, "warn", "eth1 is up, but has no carrier"),
        (UP | RUNNING, "ok", "eth1 is up, 00:00:00:00:00:00"),
    ],
)
def test_an_interface_is_to_be_there_up_and_wired(flags, verdict, found):
    finding = interface(Interface("eth1", flags))
    assert (verdict_of(finding), finding.found) == (verdict, found)


@pytest.mark.parametrize(
    ("found", "disabled", "verdict", "word"),
    [
        ([GOOD], False, "ok", "fe80::1 on eth1"),
        ([Address("fe80::2", TENTATIVE), GOOD], False, "ok", "fe80::1"),
        ([Address("fe80::2", TENTATIVE)], False, "warn", "tentative"),
        ([Address("fe80::2", TENTATIVE | DUPLICATE)], False, "fail", "another's"),
        ([], True, "fail", "switched off"),
        ([], False, "fail", "no link-local address"),
    ],
)
def test_an_address_is_to_be_there_and_ours_alone(found, disabled, verdict, word):
    finding = address("eth1", found, disabled)
    assert (verdict_of(finding), word in finding.found) == (verdict, True)


def test_a_port_is_free_or_it_is_said_why_not():
    assert verdict_of(port("UDP port 15118", None, "stop it")) == "ok"
    taken = port("UDP port 15118", "Address already in use", "stop it")
    assert (verdict_of(taken), taken.remedy) == ("fail", "stop it")


@pytest.mark.parametrize(
    ("trouble", "present", "verdict", "word"),
    [
        (None, True, "ok", "read and written"),
        (None, False, "ok", "will be made"),
        ("database disk image is malformed", True, "fail", "malformed"),
    ],
)
def test_the_registry_is_to_be_usable(trouble, present, verdict, word):
    finding = registry("reg.sqlite", trouble, present)
    assert (verdict_of(finding), word in finding.found) == (verdict, True)


@pytest.mark.parametrize(
    ("trouble", "running", "verdict", "word"),
    [
        (None, True, "ok", "one is running"),
        ("nothing can be made in /", True, "ok", "one is running"),
        (None, False, "ok", "none is running"),
        ("there is no folder /x", False, "fail", "none could"),
    ],
)
def test_a_charger_runs_or_could(trouble, running, verdict, word):
    finding = control("secc.sock", trouble, running)
    assert (verdict_of(finding), word in finding.found) == (verdict, True)


@pytest.mark.parametrize(
    ("now", "synchronised", "verdict"),
    [
        (0.0, True, "fail"),
        (EARLIEST, True, "ok"),
        (EARLIEST, None, "ok"),
        (EARLIEST, False, "warn"),
    ],
)
def test_a_clock_is_to_be_right_and_kept(now, synchronised, verdict):
    assert verdict_of(clock(now, synchronised)) == verdict


def test_a_simulated_pilot_is_well_only_beside_a_simulated_modem():
    assert verdict_of(simulated_pilot(real_powerline=False)) == "ok"
    assert verdict_of(simulated_pilot(real_powerline=True)) == "warn"


def test_without_its_pilot_controller_nobody_charges():
    assert verdict_of(pilot("board 1 on /dev/ttyACM0", None)) == "ok"
    assert verdict_of(pilot("/dev/ttyACM0", "it was silent for 1 s")) == "fail"


def test_what_is_simulated_is_said_to_be():
    finding = simulated("modem", "it is always there")
    assert (finding.verdict, finding.found) == (Verdict.OK, "simulated: it is always there")


def test_a_chain_without_an_ocsp_response_is_worth_a_warning():
    chains = [judgement.Shown("a", 20 * 86400, True), judgement.Shown("b", 86400, False)]
    good, bare = judgement.certificates(chains, [], "offer", 0)
    assert (good.verdict, good.found.split(",")[0]) == (Verdict.OK, "a is valid for 20 days")
    assert (bare.verdict, "ocsp.der" in bare.remedy) == (Verdict.WARN, True)


@pytest.mark.parametrize(
    ("mode", "verdict"), [("offer", Verdict.WARN), ("require", Verdict.FAIL)]
)
def test_without_any_chain_it_depends_on_whether_tls_is_required(mode, verdict):
    wrong, none = judgement.certificates([], ["x has expired"], mode, 0)
    assert (wrong.found, none.verdict) == ("x has expired", verdict)


# Who else is on the interface.

SSHD = judgement.Listener("TCP", "::", 22, "sshd")
V2G = judgement.Listener("TCP", "fe80::1", 49152, "seccstack")
SDP = judgement.Listener("UDP", "ff02::1", 15118)


def test_sdp_and_v2g_alone_are_well():
    found = judgement.services("eth1", [V2G, SDP])
    assert found.verdict is Verdict.OK
    assert found.found == "nothing but SDP and V2G answers on eth1"


def test_whatever_else_answers_at_the_plug_is_named_with_what_to_do():
    found = judgement.services("eth1", [SSHD, SDP, judgement.Listener("UDP", "::", 5353)])
    assert found.verdict is Verdict.WARN
    said = "TCP port 22 (sshd), UDP port 5353: can be reached by whoever holds the plug"
    assert found.found == said
    assert found.remedy.endswith("on eth1 but UDP 15118, TCP 49152-65535 and ICMPv6")


@pytest.mark.parametrize(
    "other",
    [
        judgement.Listener("TCP", "::", 49152),
        judgement.Listener("TCP", "fe80::1", 8080),
        judgement.Listener("UDP", "::", 15118),
        judgement.Listener("UDP", "ff02::1", 5353),
    ],
)
def test_what_only_resembles_ours_is_another(other):
    assert judgement.services("eth1", [other]).verdict is Verdict.WARN


def test_many_others_are_counted():
    many = [judgement.Listener("TCP", "::", port) for port in range(1, 10)]
    assert "TCP port 6 and 3 more: can be" in judgement.services("eth1", many).found


def test_forwarding_is_a_way_into_the_owners_network():
    assert judgement.forwarding("eth1", False).verdict is Verdict.OK
    found = judgement.forwarding("eth1", True)
    assert found.verdict is Verdict.WARN
    assert "forwarding=0" in found.remedy
