"""The modem in the vehicle, as far as it can be known."""

import pytest

from seccstack.homeplug.vendor import (
    JoinedNetwork,
    NetworkStation,
    SwVerCnf,
    SwVerReq,
    VsNwInfoCnf,
)
from seccstack.slac.amplitude import PeerLinked, PeerParted
from seccstack.slac.events import Heard, ModemLearned, Send
from seccstack.slac.vehicle_modem import (
    LONGEST_FIRMWARE,
    MAX_MODEMS,
    SecondModemSeen,
    VehicleModem,
    VehicleModemSeen,
)

OURS, HOST = bytes.fromhex("00B052000001"), bytes.fromhex("00B052000002")
VEHICLE, NEIGHBOUR = bytes.fromhex("EC65CC010203"), bytes.fromhex("EC65CC999999")
MODEM, COPY = bytes.fromhex("00B0520000A1"), bytes.fromhex("00B0520000B2")


def named(*stations, by=OURS):
    """Our modem names stations, each with who is behind it."""
    found = tuple(NetworkStation(mac=mac, bridged_mac=behind) for mac, behind in stations)
    network = JoinedNetwork(network_id=bytes(7), role=2, coordinator_mac=OURS, stations=found)
    return Heard(HOST, by, VsNwInfoCnf(networks=(network,)))


def says(text, by=MODEM, status=0):
    return Heard(HOST, by, SwVerCnf(version=text, status=status))


@pytest.fixture
def modem():
    machine = VehicleModem()
    machine.receive(ModemLearned(OURS))
    machine.receive(PeerLinked(VEHICLE))
    return machine


def test_the_modem_before_the_vehicle_is_its_own_and_is_asked_what_it_runs_once(modem):
    stations = named((COPY, NEIGHBOUR), (MODEM, VEHICLE))
    assert modem.receive(stations) == [VehicleModemSeen(MODEM), Send(MODEM, SwVerReq())]
    assert modem.receive(stations) == []


def test_what_it_runs_is_told_once(modem):
    modem.receive(named((MODEM, VEHICLE)))
    assert modem.receive(says(b"MAC-QCA7000-1.1\0\0")) == [
        VehicleModemSeen(MODEM, "MAC-QCA7000-1.1")
    ]
    assert modem.receive(says(b"another")) == []


@pytest.mark.parametrize("heard", [says(b"x", by=COPY), says(b"x", status=1)])
def test_what_another_says_or_what_is_a_refusal_tells_nothing(modem, heard):
    modem.receive(named((MODEM, VEHICLE)))
    assert modem.receive(heard) == []


def test_before_it_is_known_nobody_is_listened_to(modem):
    assert modem.receive(says(b"x")) == []


def test_a_long_name_is_cut_and_strange_octets_are_shown(modem):
    modem.receive(named((MODEM, VEHICLE)))
    [seen] = modem.receive(says(b"\xff" + b"x" * 200))
    assert seen.firmware == "\ufffd" + "x" * (LONGEST_FIRMWARE - 1)


def test_two_modems_before_one_vehicle_are_one_too_many(modem):
    told = modem.receive(named((MODEM, VEHICLE), (COPY, VEHICLE)))
    assert told[-1] == SecondModemSeen((MODEM, COPY))


def test_also_if_the_second_comes_later(modem):
    modem.receive(named((MODEM, VEHICLE)))
    stations = named((MODEM, VEHICLE), (COPY, VEHICLE))
    assert modem.receive(stations) == [SecondModemSeen((MODEM, COPY))]
    assert modem.receive(stations) == []


def test_of_many_only_some_are_told_apart(modem):
    macs = [bytes([2, 0, 0, 0, 0, number]) for number in range(20)]
    [*_, told] = modem.receive(named(*((mac, VEHICLE) for mac in macs)))
    assert len(told.modem_macs) == MAX_MODEMS
    assert modem.receive(named((COPY, VEHICLE))) == []


def test_only_our_modem_s_word_counts(modem):
    assert modem.receive(named((MODEM, VEHICLE), by=COPY)) == []


def test_of_a_vehicle_that_left_nothing_is_kept(modem):
    modem.receive(named((MODEM, VEHICLE)))
    modem.receive(PeerParted())
    assert modem.receive(named((MODEM, VEHICLE))) == []
    modem.receive(PeerLinked(VEHICLE))
    assert modem.receive(named((MODEM, VEHICLE)))[0] == VehicleModemSeen(MODEM)
