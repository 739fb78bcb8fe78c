"""The emulated power line between real interfaces: who hears whom, and what passes when."""

import socket
import time
from contextlib import contextmanager

import pytest
from scapy.utils import RawPcapReader

from seccstack.adapters.addresses import link_local
from seccstack.adapters.unavailable import UnavailableError
from seccstack.homeplug.frame import decode_frame
from tests.interop.conftest import CAR, CHARGER
from tests.programs import SECONDS


def address(place, interface):
    """Return an interface's link-local address and index, as soon as it has one."""
    end = time.monotonic() + SECONDS
    with place.inside():
        while True:
            try:
                return link_local(interface), socket.if_nametoindex(interface)
            except UnavailableError:
                assert time.monotonic() < end
                time.sleep(0.01)


@pytest.fixture
def connection(own_stage):
    """A TCP server behind the charger's modem, and how to connect to it from the car's side."""
    own_stage.lay_powerline("--attenuation", "35")
    own_stage.start_charger()
    host, scope = address(own_stage.charger_place, CHARGER)
    _, car_scope = address(own_stage.car_place, CAR)
    with own_stage.charger_place.inside():
        server = socket.create_server((host, 50001, 0, scope), family=socket.AF_INET6)
    server.settimeout(SECONDS)

    @contextmanager
    def connect(seconds=SECONDS):
        with own_stage.car_place.inside():
            client = socket.socket(socket.AF_INET6, socket.SOCK_STREAM)
        with client:
            client.settimeout(seconds)
            client.connect((host, 50001, 0, car_scope))
            yield client

    with server:
        yield server, connect


def refused(connect):
    with pytest.raises(OSError, match=r"timed out|No route"), connect(seconds=1.0):
        pass


def test_ip_passes_from_the_match_until_the_vehicle_leaves(own_stage, connection):
    _, connect = connection
    refused(connect)
    own_stage.turn("B")
    own_stage.match()
    with connect():
        joined = own_stage.modems.expect(event="joined")
    own_stage.turn("A")
    own_stage.modems.expect(event="parted", after=joined)
    refused(connect)


def test_the_charger_is_told_how_far_away_the_car_sounds(own_stage, connection):
    own_stage.turn("B")
    own_stage.match()
    own_stage.charger.expect(event="matched", attenuation_db=35.0, sounds=10)


def test_large_segments_and_unfinished_checksums_pass_whole(own_stage, connection):
    server, connect = connection
    own_stage.turn("B")
    own_stage.match()
    sent = bytes(range(256)) * 1024
    with connect() as client, server.accept()[0] as accepted:
        accepted.settimeout(SECONDS)
        client.sendall(sent)
        client.shutdown(socket.SHUT_WR)
        received = b"".join(iter(lambda: accepted.recv(65536), b""))
    assert received == sent


def test_what_passes_is_kept_and_told(own_stage, tmp_path):
    file = tmp_path / "line.pcap"
    own_stage.lay_powerline("--pcap", str(file), "--log")
    own_stage.start_charger()
    own_stage.charger.expect(event="key", in_force=True)
    own_stage.turn("B")
    own_stage.match()
    own_stage.modems.expect(event="message", sender="modem", message="CM_ATTEN_PROFILE.IND")
    with RawPcapReader(str(file)) as packets:
        kept = [octets for octets, _ in packets]
    assert {"CM_SLAC_PARM.REQ", "CM_SLAC_MATCH.CNF"} <= {
        decode_frame(octets).message.name for octets in kept if octets[12:14] == b"\x88\xe1"
    }
