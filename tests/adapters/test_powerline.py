"""Raw frames over one end of a cable."""

import asyncio
import os
import socket
import subprocess

import pytest

from seccstack.adapters.powerline import FRAMES_AT_ONCE, PacketPowerline, mac_of
from seccstack.adapters.unavailable import UnavailableError
from seccstack.homeplug.frame import ETHERTYPE
from seccstack.slac import station
from tests.adapters.conftest import run, until

NOBODY = 65534


def frame(body=b"", kind=b"\x88\xe1"):
    return (b"\xff" * 6 + bytes.fromhex("02EE00000001") + kind + body).ljust(60, b"\0")


@pytest.fixture
def vehicle(link):
    with link.vehicle.inside():
        raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW | socket.SOCK_NONBLOCK, 0)
        raw.bind((link.vehicle_interface, ETHERTYPE))
    with raw:
        yield raw


def with_line(link, talk):
    """Run ``talk(line, heard, opened)`` with an open line."""

    async def scenario():
        heard = []
        line = PacketPowerline(link.interface, heard.append)
        opened = await line.open()
        try:
            return await talk(line, heard, opened)
        finally:
            line.close()

    return run(scenario())


def test_what_the_other_end_sends_is_heard_as_it_is(link, vehicle):
    async def talk(line, heard, opened):
        vehicle.send(frame(b"hello"))
        await until(lambda: heard)
        return heard, opened

    heard, opened = with_line(link, talk)
    assert heard == [frame(b"hello")]
    assert opened == station.Opened(mac_of(link.interface))


def test_what_is_sent_reaches_the_other_end_and_is_not_heard_here(link, vehicle):
    async def talk(line, heard, opened):
        line.send(frame(b"hello"))
        received = await asyncio.get_running_loop().sock_recv(vehicle, 2000)
        vehicle.send(frame(b"back"))
        await until(lambda: heard)
        return received, heard

    assert with_line(link, talk) == (frame(b"hello"), [frame(b"back")])


def test_other_kinds_of_frames_are_not_heard(link, vehicle):
    async def talk(line, heard, opened):
        vehicle.send(frame(b"IPv4", kind=b"\x08\x00"))
        vehicle.send(frame(b"MME"))
        await until(lambda: heard)
        return heard

    assert with_line(link, talk) == [frame(b"MME")]


def test_a_flood_lets_the_event_loop_run_in_between(link, vehicle):
    async def talk(line, heard, opened):
        for number in range(4 * FRAMES_AT_ONCE):
            vehicle.send(frame(bytes([number])))
        seen = []
        while len(heard) < 4 * FRAMES_AT_ONCE:
            seen.append(len(heard))
            await asyncio.sleep(0)
        return seen

    assert len(with_line(link, talk)) >= 4


def test_an_interface_that_is_not_there_is_waited_for(link):
    with pytest.raises(UnavailableError, match="no network interface 'eth9'") as caught:
        run(PacketPowerline("eth9", lambda octets: None).open())
    assert caught.value.waiting_helps


def test_a_name_too_long_is_not_cut_to_one_that_exists(link):
    link.charger.ip("link", "set", link.interface, "name", "fifteen-letters")
    with pytest.raises(UnavailableError, match="no network interface"):
        mac_of("fifteen-letters-and-more")
    assert mac_of("fifteen-letters")


def test_an_interface_that_is_down_is_waited_for(link):
    link.charger.ip("link", "set", link.interface, "down")
    with pytest.raises(UnavailableError, match="ip link set secc0 up") as caught:
        run(PacketPowerline(link.interface, lambda octets: None).open())
    assert caught.value.waiting_helps


def test_an_interface_that_goes_down_is_noticed_and_can_be_opened_again(link, vehicle):
    async def talk(line, heard, opened):
        link.charger.ip("link", "set", link.interface, "down")
        lost = await line.lost()
        line.close()
        link.charger.ip("link", "set", link.interface, "up")
        await line.open()
        losing_again = asyncio.create_task(line.lost())
        vehicle.send(frame(b"again"))
        await until(lambda: heard)
        assert not losing_again.done()
        link.charger.ip("link", "set", link.interface, "down")
        assert await losing_again == lost
        return lost, heard

    lost, heard = with_line(link, talk)
    assert lost == station.Lost("interface secc0 went down")
    assert heard == [frame(b"again")]


def test_an_interface_that_is_unplugged_is_noticed(link, vehicle):
    async def talk(line, heard, opened):
        link.charger.ip("link", "delete", link.interface)
        return await line.lost()

    assert isinstance(with_line(link, talk), station.Lost)


def test_sending_on_an_interface_that_went_away_is_no_error(link):
    async def talk(line, heard, opened):
        link.charger.ip("link", "delete", link.interface)
        line.send(frame())
        await line.lost()
        line.close()
        line.send(frame())

    with_line(link, talk)


def test_an_interface_that_becomes_another_is_lost_and_opened_as_that(link):
    async def talk(line, heard, opened):
        link.charger.ip("link", "set", link.interface, "address", "02:ee:00:00:00:77")
        lost = await line.lost()
        line.close()
        return lost, await line.open()

    lost, opened = with_line(link, talk)
    assert lost == station.Lost("interface secc0 has become 02:ee:00:00:00:77")
    assert opened == station.Opened(bytes.fromhex("02ee00000077"))


def test_an_interface_that_has_another_name_now_is_lost(link):
    async def talk(line, heard, opened):
        link.charger.ip("link", "set", link.interface, "name", "plc7")
        return await line.lost()

    assert "no network interface" in with_line(link, talk).why


def test_opened_anew_it_hears_and_sends_as_before(link, vehicle):
    async def talk(line, heard, opened):
        line.reopen()
        vehicle.send(frame(b"hello"))
        await until(lambda: heard)
        line.send(frame(b"back"))
        return heard, await asyncio.get_running_loop().sock_recv(vehicle, 2000)

    assert with_line(link, talk) == ([frame(b"hello")], frame(b"back"))


def test_opened_anew_where_there_is_no_interface_it_is_lost(link):
    async def talk(line, heard, opened):
        link.charger.ip("link", "delete", link.interface)
        line.reopen()
        return await line.lost()

    assert isinstance(with_line(link, talk), station.Lost)


def test_a_line_that_is_not_open_is_not_opened_by_opening_it_anew(link, vehicle):
    async def talk(line, heard, opened):
        line.close()
        line.reopen()
        vehicle.send(frame(b"hello"))
        await asyncio.sleep(0)
        return heard

    assert with_line(link, talk) == []


def test_what_is_for_others_is_not_heard_though_somebody_here_hears_all(link, vehicle):
    async def talk(line, heard, opened):
        link.charger.ip("link", "set", link.interface, "promisc", "on")
        vehicle.send(bytes.fromhex("02EE000000AA") + frame(b"for another")[6:])
        vehicle.send(frame(b"for all"))
        await until(lambda: heard)
        return heard

    assert with_line(link, talk) == [frame(b"for all")]


def test_what_came_too_fast_is_counted(link, vehicle):
    async def scenario():
        lost = []
        line = PacketPowerline(link.interface, lambda octets: None, lost.append)
        await line.open()
        for number in range(5000):  # before the loop runs again
            vehicle.send(frame(number.to_bytes(2)))
        losing = asyncio.create_task(line.lost())
        await until(lambda: lost)
        losing.cancel()
        line.close()
        return lost

    assert 0 < sum(run(scenario())) < 5000


def fill_up(link):
    """Let the interface take next to nothing, so that sending fails with ENOBUFS."""
    slow = ["tbf", "rate", "8kbit", "burst", "2000", "limit", "3000"]
    tc = ["tc", "qdisc", "replace", "dev", link.interface, "root", *slow]
    done = subprocess.run(link.charger.command(*tc), capture_output=True, check=False)  # noqa: S603
    if done.returncode:
        pytest.skip("this kernel has no token bucket filter (sch_tbf)")


def test_what_there_is_no_room_for_is_dropped_and_the_line_goes_on(link, vehicle):
    async def talk(line, heard, opened):
        fill_up(link)
        losing = asyncio.create_task(line.lost())
        for _ in range(1000):
            line.send(frame())
        vehicle.send(frame(b"hello"))
        await until(lambda: heard)
        return losing.done(), losing.cancel()

    assert with_line(link, talk) == (False, True)


def test_the_line_may_be_closed_by_what_was_heard(link, vehicle):
    async def scenario():
        heard = []

        def hear(octets):
            heard.append(octets)
            line.close()

        line = PacketPowerline(link.interface, hear)
        for _ in range(3):
            vehicle.send(frame())
        await line.open()
        for _ in range(3):
            vehicle.send(frame())
        await until(lambda: heard)
        return heard

    assert len(run(scenario())) == 1


def test_without_the_privilege_the_error_says_which_one(link):
    before = os.geteuid()
    os.seteuid(NOBODY)
    try:
        with pytest.raises(UnavailableError, match=r"CAP_NET_RAW.*setcap") as caught:
            run(PacketPowerline(link.interface, lambda octets: None).open())
    finally:
        os.seteuid(before)
    assert not caught.value.waiting_helps
