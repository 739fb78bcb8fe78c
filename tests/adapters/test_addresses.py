"""What Linux knows of addresses."""

import asyncio
import ipaddress
import socket
from contextlib import closing
from pathlib import Path

import pytest

from seccstack.adapters.addresses import forget_neighbours, link_local, neighbour_mac
from seccstack.adapters.powerline import mac_of
from seccstack.adapters.unavailable import UnavailableError
from seccstack.auth.vehicle import mac_from_ipv6
from tests.adapters.conftest import run


async def ready(interface):
    while True:
        try:
            return link_local(interface)
        except UnavailableError:
            await asyncio.sleep(0.01)


def test_the_link_local_address_is_the_one_made_of_the_mac(link):
    address = run(ready(link.interface))
    assert ipaddress.IPv6Address(address).is_link_local
    assert mac_from_ipv6(address) == mac_of(link.interface)


def test_an_interface_without_address_says_what_to_do(link):
    link.charger.ip("link", "set", link.interface, "down")
    with pytest.raises(UnavailableError, match="ip link set secc0 up") as caught:
        link_local(link.interface)
    assert caught.value.waiting_helps


def test_an_address_that_is_not_the_interfaces_is_not_taken_for_it(link):
    run(ready(link.interface))
    with pytest.raises(UnavailableError):
        link_local("lo")


def test_an_address_under_detection_of_duplicates_is_not_used_yet(link):
    run(ready(link.interface))
    settings = Path(f"/proc/sys/net/ipv6/conf/{link.interface}")
    (settings / "accept_dad").write_text("1")
    (settings / "dad_transmits").write_text("100")
    link.charger.ip("address", "flush", "dev", link.interface)
    link.charger.ip("address", "add", "fe80::1/64", "dev", link.interface)
    with pytest.raises(UnavailableError):
        link_local(link.interface)
    assert "fe800000000000000000000000000001" in Path("/proc/net/if_inet6").read_text()


def test_the_ethernet_address_of_somebody_who_has_spoken_is_known(link):
    async def scenario():
        address = await ready(link.interface)
        with link.vehicle.inside():
            theirs, mac = await ready(link.vehicle_interface), mac_of(link.vehicle_interface)
            client = socket.socket(socket.AF_INET6, socket.SOCK_STREAM)
            scope = socket.if_nametoindex(link.vehicle_interface)
        index = socket.if_nametoindex(link.interface)
        with (
            closing(client),
            socket.create_server((address, 0, 0, index), family=socket.AF_INET6) as server,
        ):
            client.connect((address, server.getsockname()[1], 0, scope))
            return neighbour_mac(theirs, index), mac

    found, mac = run(scenario())
    assert found == mac


def test_what_the_kernel_only_remembers_is_not_taken_for_heard(link):
    """Or who was here under a vehicle's IPv6 address would spoil that vehicle's next visit."""
    run(ready(link.interface))
    index = socket.if_nametoindex(link.interface)
    entry = ("fe80::5", "lladdr", "02:00:00:00:00:05", "dev", link.interface, "nud")
    for state, verified in (("stale", None), ("reachable", bytes.fromhex("020000000005"))):
        link.charger.ip("neighbour", "replace", *entry, state)
        assert neighbour_mac("fe80::5", index) == bytes.fromhex("020000000005")
        assert neighbour_mac("fe80::5", index, verified=True) == verified


def test_who_was_here_can_be_forgotten_but_not_who_was_set(link):
    run(ready(link.interface))
    index = socket.if_nametoindex(link.interface)
    for number, state in ((5, "reachable"), (6, "stale"), (7, "permanent")):
        mac = f"02:00:00:00:00:0{number}"
        entry = (f"fe80::{number}", "lladdr", mac, "dev", link.interface, "nud", state)
        link.charger.ip("neighbour", "replace", *entry)
    forget_neighbours(index)
    known = [neighbour_mac(f"fe80::{number}", index) for number in (5, 6, 7)]
    assert known == [None, None, bytes.fromhex("020000000007")]


def test_nobody_is_forgotten_at_an_interface_that_is_not_there():
    forget_neighbours(4000)


def test_nothing_is_known_of_somebody_who_was_never_heard(link):
    run(ready(link.interface))
    assert neighbour_mac("fe80::dead", socket.if_nametoindex(link.interface)) is None


def test_nothing_is_known_of_an_interface_that_is_not_there():
    assert neighbour_mac("fe80::1", 2_000_000_000) is None
