"""What the doctor sees of this machine."""

import os
import socket
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from seccstack.adapters import doctor_host as host
from seccstack.adapters.doctor import CHECKS, examine
from seccstack.adapters.registry import open_registry
from seccstack.config import (
    Charger,
    Config,
    Control,
    Network,
    Powerline,
    Registry,
    Schedule,
    Tariff,
    Tls,
)
from seccstack.doctor.finding import Verdict
from seccstack.doctor.judgement import RUNNING, TENTATIVE, UP
from tests.lab import minted
from tests.namespaces import cable, namespace

NOBODY = 65534
LAST = ["contracts", "tariffs", "clock", "pilot", "meter", "card reader", "light"]
CHECKED = [
    *("charger", "privileges", "interface", "modem", "IPv6", "ports", "services"),
    *("registry", "TLS"),
]


def config(folder, **parts):
    kept = {
        "registry": Registry(str(folder / "registry.sqlite")),
        "control": Control(str(folder / "control.sock")),
    }
    return Config(**kept | parts)


def test_a_simulated_charger_is_well_and_everything_is_looked_at(tmp_path):
    findings = list(examine(config(tmp_path)))
    assert [f.check for f in findings] == [*CHECKED, *LAST]
    assert len(CHECKS) == len(findings)
    assert Verdict.FAIL not in [f.verdict for f in findings]
    assert sum(f.found.startswith("simulated") for f in findings) == 9


def test_without_the_privilege_that_is_found(link):
    assert host.may_send_raw()
    before = os.geteuid()
    os.seteuid(NOBODY)
    try:
        assert not host.may_send_raw()
    finally:
        os.seteuid(before)


def test_an_interface_is_seen_as_it_is(link):
    found = host.interface(link.interface)
    assert found.flags & UP
    assert found.flags & RUNNING
    link.charger.ip("link", "set", link.interface, "down")
    assert not host.interface(link.interface).flags & UP
    assert host.interface("eth9").flags is None


def test_a_link_local_address_is_seen_even_while_it_is_checked(namespaces):
    with namespace() as charger, namespace() as vehicle:
        cable(charger, "secc0", vehicle, "ev0")
        with charger.inside():
            Path("/proc/sys/net/ipv6/conf/secc0/accept_dad").write_text("1")
            charger.ip("addr", "add", "fe80::77/64", "dev", "secc0")
            found = {a.text: a.flags for a in host.link_local_addresses("secc0")}
            assert not host.ipv6_disabled("secc0")
    assert found["fe80::77"] & TENTATIVE


def test_ipv6_that_is_switched_off_is_seen(link):
    Path(f"/proc/sys/net/ipv6/conf/{link.interface}/disable_ipv6").write_text("1")
    assert host.ipv6_disabled(link.interface)
    assert host.link_local_addresses(link.interface) == []


def test_ports_that_are_taken_are_seen(link):
    [address] = host.link_local_addresses(link.interface)
    assert host.sdp_trouble(link.interface) is None
    index = socket.if_nametoindex(link.interface)
    with (
        socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as sdp,
        socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as tcp,
    ):
        sdp.bind(("ff02::1", 15118, 0, index))
        tcp.bind((address.text, 50000, 0, index))
        tcp.listen()
        assert host.sdp_trouble(link.interface) == "Address already in use"
        taken = host.tcp_trouble(link.interface, address.text, 50000)
        assert taken == "Address already in use"
    assert host.tcp_trouble(link.interface, address.text, 50001) is None


def test_a_fixed_port_is_looked_at_too(link, tmp_path):
    own = Network(interface=link.interface, port=50000)
    findings = [f for f in examine(config(tmp_path, network=own)) if f.check == "ports"]
    assert [f.found for f in findings] == ["UDP port 15118 is free", "TCP port 50000 is free"]


def test_an_interface_that_cannot_be_asked_says_why_and_what_to_do(link, tmp_path):
    real = Powerline(kind="ethernet", interface="eth9")
    findings = {f.check: f for f in examine(config(tmp_path, powerline=real))}
    assert findings["modem"].found.startswith("cannot be asked")
    assert "ip link" in findings["modem"].remedy
    assert findings["pilot"].verdict is Verdict.WARN


# Files.


def test_a_registry_that_is_not_there_yet_will_be_made(tmp_path):
    assert host.registry_trouble(tmp_path / "registry.sqlite") is None
    assert "no folder" in host.registry_trouble(tmp_path / "none" / "registry.sqlite")


def test_a_good_registry_is_read_and_not_changed(tmp_path):
    path = tmp_path / "registry.sqlite"
    open_registry(path).close()
    before = path.read_bytes()
    assert host.registry_trouble(path) is None
    assert path.read_bytes() == before


def registry_at(tmp_path, url):
    findings = examine(config(tmp_path, registry=Registry(url=url)))
    return next(finding for finding in findings if finding.check == "registry")


def test_a_registry_on_a_server_is_looked_at_and_not_made(tmp_path, postgres):
    url = postgres.url(postgres.schema())
    for _ in range(2):
        assert registry_at(tmp_path, url).found.endswith("will be made")
    with closing(open_registry(url)) as registry:
        registry.vehicles()
    assert registry_at(tmp_path, url).found.endswith("can be read and written")


def test_a_server_that_is_not_reached_is_found_and_its_password_is_not_said(tmp_path):
    finding = registry_at(tmp_path, "postgresql://ada:s3cret@/site?host=/nowhere")
    assert finding.verdict is Verdict.FAIL
    assert "cannot be reached" in finding.found
    assert "s3cret" not in f"{finding.found} {finding.remedy}"


@pytest.mark.parametrize(
    ("named", "found"),
    [
        ({}, ["this box goes by DE*SEC*E000001 in it, as every box does at first"]),
        ({"registry": "left"}, []),
        ({"charger": "DE*ABC*E000001"}, []),
    ],
)
def test_a_box_that_shares_a_registry_under_the_name_of_any_box_is_told_so(
    tmp_path, named, found
):
    registry = Registry(
        url="postgresql://ada@/site?host=/nowhere", box=named.get("registry", "")
    )
    charger = Charger(named.get("charger", Charger().evse_id))
    said = examine(config(tmp_path, registry=registry, charger=charger))
    warned = [f.found for f in said if (f.check, f.verdict) == ("registry", Verdict.WARN)]
    assert warned == found


def test_a_file_that_is_no_registry_is_found(tmp_path):
    path = tmp_path / "registry.sqlite"
    path.write_text("This is no database." * 100)
    assert host.registry_trouble(path) == "file is not a database"


def test_a_damaged_registry_is_found(tmp_path):
    path = tmp_path / "registry.sqlite"
    with sqlite3.connect(path) as file:
        file.execute("CREATE TABLE vehicles (mac TEXT PRIMARY KEY, label TEXT)")
        file.executemany(
            "INSERT INTO vehicles VALUES (?, ?)", [(str(n), "x" * 50) for n in range(999)]
        )
    file.close()
    octets = bytearray(path.read_bytes())
    octets[8192:12288] = bytes(4096)
    path.write_bytes(octets)
    assert host.registry_trouble(path) is not None


@pytest.fixture
def unprivileged(namespaces):
    """Be nobody, who may look and not write; only root can become that."""
    os.seteuid(NOBODY)
    yield
    os.seteuid(0)


def test_a_folder_in_which_nothing_can_be_made_is_found(unprivileged):
    assert host.registry_trouble(Path("/usr/registry.sqlite")) == "nothing can be made in /usr"
    assert host.socket_trouble(Path("/usr/control.sock")) == "nothing can be made in /usr"


def test_a_file_that_may_not_be_written_is_found(unprivileged):
    assert host.registry_trouble(Path("/etc/passwd")) == "it may not be read and written"


def test_a_folder_that_cannot_be_seen_is_found(tmp_path, unprivileged):
    assert "cannot be seen" in host.registry_trouble(tmp_path / "registry.sqlite")


def test_a_socket_path_that_is_too_long_is_found(tmp_path):
    assert "too long" in host.socket_trouble(tmp_path / ("x" * 100))


def tariffs(folder, socket):
    findings = examine(config(folder, tariff=Tariff(str(socket))))
    [found] = [finding for finding in findings if finding.check == "tariffs"]
    return found.verdict, found.found


def test_who_says_what_energy_costs_is_there_or_is_not(tmp_path):
    place = tmp_path / "prices"
    absent = f"there is nobody at {place} who says what energy costs"
    assert tariffs(tmp_path, place) == (Verdict.WARN, absent)
    with closing(socket.socket(socket.AF_UNIX)) as listener:
        listener.bind(str(place))
        present = f"who says what energy costs is asked at {place}"
        assert tariffs(tmp_path, place) == (Verdict.OK, present)


def test_a_time_zone_that_nobody_knows_is_found_before_the_charger_starts(tmp_path):
    findings = examine(config(tmp_path, schedule=Schedule(zone="Middle/Earth")))
    [found] = [finding for finding in findings if finding.check == "clock"]
    assert found.verdict is Verdict.FAIL
    assert found.found == "schedule.zone is 'Middle/Earth', which is none here"


def test_the_kernel_says_whether_the_clock_is_kept():
    assert host.is_synchronised() in (True, False, None)


def test_the_chains_for_tls_are_looked_at(tmp_path):
    lab = minted(tmp_path / "lab")
    tls = Tls(mode="offer", chains=[str(lab / "chains" / "v2g-a.secc")])
    [good] = [f for f in examine(config(tmp_path, tls=tls)) if f.check == "TLS"]
    assert (good.verdict, "stapled" in good.found) == (Verdict.OK, True)
    (lab / "chains" / "v2g-a.secc" / "chain.pem").write_text("nothing")
    spoilt = [f for f in examine(config(tmp_path, tls=tls)) if f.check == "TLS"]
    assert [f.verdict for f in spoilt] == [Verdict.WARN, Verdict.WARN]
    assert "chain.pem is no chain of certificates" in spoilt[0].found
