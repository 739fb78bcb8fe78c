"""What a plug can reach of the machine behind it: SDP, V2G messages, and nothing else."""

import socket
from pathlib import Path

import pytest

from seccstack.adapters import doctor_host
from tests.interop.conftest import CHARGER
from tests.interop.test_doctor import Patient

KINDS = ("tcp", "tcp6", "udp", "udp6", "udplite", "udplite6", "raw", "raw6")


@pytest.fixture
def charger(own_stage):
    own_stage.lay_powerline()
    own_stage.start_charger()
    return own_stage


def sockets(place):
    """Every socket of a namespace that takes anything from a network, as the kernel has it."""
    with place.inside():
        return [
            (kind, *line.split()[1].split(":"))
            for kind in KINDS
            for line in Path("/proc/thread-self/net", kind).read_text().splitlines()[1:]
        ]


def test_a_running_charger_listens_for_sdp_and_v2g_and_for_nothing_else(charger):
    found = {(kind, int(port, 16)) for kind, _, port in sockets(charger.charger_place)}
    [(_, v2g)] = found - {("udp6", 15118)}
    assert found == {("udp6", 15118), ("tcp6", v2g)}
    assert v2g >= 49152


def test_it_does_so_at_the_interface_of_the_powerline_only(charger):
    addresses = {kind: address for kind, address, _ in sockets(charger.charger_place)}
    group = "000002FF000000000000000001000000"  # ff02::1, in words of this machine's order
    with charger.charger_place.inside():
        [own] = doctor_host.link_local_addresses(CHARGER)
        found = doctor_host.listeners(CHARGER)
    assert addresses["udp6"] == group
    assert [one.address for one in found] == [own.text, "ff02::1"]
    assert all(one.ours for one in found)


def test_its_orders_are_taken_from_this_machine_only(charger):
    control = charger.folder / "seccstack.sock"
    assert control.is_socket()
    assert control.stat().st_mode & 0o077 == 0


def test_the_doctor_is_content_with_that_and_names_whatever_else_answers(charger):
    patient = Patient.__new__(Patient)
    patient.stage = charger
    _, findings = patient.examine()
    assert findings["services"]["verdict"] == findings["forwarding"]["verdict"] == "ok"
    with charger.charger_place.inside():
        other = socket.create_server(("::", 22), family=socket.AF_INET6)
        Path("/proc/sys/net/ipv6/conf/all/forwarding").write_text("1")
    with other:
        _, findings = patient.examine()
    assert findings["services"]["found"].startswith("TCP port 22 (")
    assert findings["services"]["verdict"] == findings["forwarding"]["verdict"] == "warn"
