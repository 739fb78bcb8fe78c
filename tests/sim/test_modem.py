"""A simulated modem, alone in front of a host."""

import pytest

from seccstack.homeplug.fields import Excerpt
from seccstack.homeplug.frame import BROADCAST, LOCAL_MODEM, Frame
from seccstack.homeplug.lumissil import (
    NscmGetDLinkStatusReq,
    NscmGetVersionReq,
    NscmResetDeviceReq,
)
from seccstack.homeplug.messages import (
    AttenCharInd,
    AttenProfileInd,
    NwInfoCnf,
    NwInfoReq,
    SetKeyCnf,
    SetKeyReq,
    SlacParmReq,
)
from seccstack.homeplug.upkeep import DiscoverListReq, GetKeyReq, NwStatsReq
from seccstack.homeplug.vendor import (
    HostActionInd,
    HostActionRsp,
    ModuleOperationReq,
    OpAttributesReq,
    PlLinkStatusCnf,
    PlLinkStatusReq,
    RdModReq,
    RsDevCnf,
    RsDevReq,
    SwVerReq,
    VsNwInfoCnf,
    VsNwInfoReq,
)
from seccstack.sim.modem import MAX_HOSTS, Role, SimModem
from seccstack.slac.modem_makers import LUMISSIL

HOST = bytes.fromhex("021122334401")
CAR = bytes.fromhex("02aabbccdd01")
NID = bytes.fromhex("026bcba5354e08")
KEY = bytes.fromhex("b59319d7e8157ba001b018669ccee30d")


@pytest.fixture
def modem():
    return SimModem(bytes.fromhex("c49300564e34"), Role.EVSE)


@pytest.fixture
def cars_modem():
    modem = SimModem(bytes.fromhex("c49300564e35"), Role.EV)
    modem.learn_host(CAR)
    return modem


def ask(modem, message, others=()):
    answer = modem.answer(Frame(LOCAL_MODEM, HOST, message), others, 1.0)
    if answer is not None:
        assert (answer.destination, answer.source) == (HOST, modem.mac)
    return answer and answer.message


def set_key(modem):
    request = SetKeyReq(my_nonce=b"\x01\x02\x03\x04", network_id=NID, network_key=KEY)
    return ask(modem, request)


def test_it_takes_a_key_as_real_ones_do(modem):
    answer = set_key(modem)
    assert (answer.result, answer.your_nonce) == (1, b"\x01\x02\x03\x04")
    assert (modem.network_id, modem.network_key, modem.keyed_at) == (NID, KEY, 1.0)


def test_it_can_refuse_keys_for_a_while(modem):
    modem.refusals = 1
    assert set_key(modem).result == 0
    assert modem.network_key is None
    assert set_key(modem).result == 1


def test_it_can_mean_by_0_what_green_phy_says():
    assert set_key(SimModem(bytes(6), Role.EVSE, key_result=0)).result == 0


def test_it_can_be_silent(modem):
    modem.silent = True
    assert set_key(modem) is None


def test_the_link_is_up_when_somebody_else_is_in_the_network(modem, cars_modem):
    assert ask(modem, PlLinkStatusReq()) == PlLinkStatusCnf(link=0)
    assert ask(modem, PlLinkStatusReq(), [cars_modem]) == PlLinkStatusCnf(link=1)


def test_it_says_its_firmware(modem):
    assert ask(modem, SwVerReq()).version.startswith(b"MAC-QCA7000")


def test_it_is_in_no_network_without_a_key(modem):
    assert ask(modem, NwInfoReq()) == NwInfoCnf()
    assert ask(modem, VsNwInfoReq()) == VsNwInfoCnf()


def test_the_chargers_modem_coordinates_the_network(modem, cars_modem):
    set_key(modem)
    set_key(cars_modem)
    [ours] = ask(modem, NwInfoReq(), [cars_modem]).networks
    [theirs] = ask(cars_modem, NwInfoReq(), [modem]).networks
    assert (ours.network_id, ours.role, ours.coordinator_mac) == (NID, 2, modem.mac)
    assert (theirs.role, theirs.coordinator_mac) == (0, modem.mac)


def test_without_a_charger_a_modem_coordinates_itself(cars_modem):
    set_key(cars_modem)
    [network] = ask(cars_modem, NwInfoReq()).networks
    assert network.coordinator_mac == cars_modem.mac


def test_it_says_which_host_is_behind_which_modem(modem, cars_modem):
    set_key(modem)
    nobodys = SimModem(bytes.fromhex("c49300564e36"), Role.EV)
    [network] = ask(modem, VsNwInfoReq(), [cars_modem, nobodys]).networks
    assert [s.mac for s in network.stations] == [cars_modem.mac, nobodys.mac]
    assert [s.bridged_mac for s in network.stations] == [CAR, BROADCAST]


def test_what_it_has_no_answer_to_ends_at_it_all_the_same(modem):
    acknowledgement = Frame(BROADCAST, HOST, HostActionRsp())
    assert modem.is_for_us(acknowledgement)
    assert ask(modem, HostActionRsp()) is None


def test_what_is_for_another_car_goes_out(modem):
    assert modem.is_for_us(Frame(modem.mac, HOST, SlacParmReq(run_id=bytes(8))))
    assert not modem.is_for_us(Frame(CAR, HOST, SlacParmReq(run_id=bytes(8))))


def test_each_side_is_given_only_what_the_other_says(modem, cars_modem):
    from_car = SlacParmReq(run_id=bytes(8))
    from_charger = AttenCharInd(
        source_address=CAR, run_id=bytes(8), num_sounds=1, attenuations=bytes(58)
    )
    assert (modem.passes(from_car), modem.passes(from_charger)) == (True, False)
    assert (cars_modem.passes(from_car), cars_modem.passes(from_charger)) == (False, True)
    assert modem.passes(None)


def test_it_reports_a_sound_by_its_source_address(modem):
    levels = bytes([20]) * 58
    assert modem.profile(CAR, levels) == Frame(
        BROADCAST, modem.mac, AttenProfileInd(ev_mac=CAR, attenuations=levels)
    )


def test_restarted_it_has_no_key_and_says_so(modem):
    set_key(modem)
    assert modem.restart() == Frame(BROADCAST, modem.mac, HostActionInd(action=0))
    assert modem.network_key is None


def test_it_remembers_only_so_many_hosts(modem):
    for n in range(1000):
        modem.learn_host(n.to_bytes(6))
    assert len(modem.hosts) == MAX_HOSTS
    assert modem.hosts[-1] == (999).to_bytes(6)


def test_its_answer_carries_a_nonce_of_its_own(modem):
    assert isinstance(set_key(modem), SetKeyCnf)
    assert set_key(modem).my_nonce != bytes(4)


# What it says of itself.


def test_it_tells_its_key_to_its_own_host(modem):
    assert ask(modem, GetKeyReq()) is None
    set_key(modem)
    answer = ask(modem, GetKeyReq(my_nonce=b"once"))
    assert (answer.network_key, answer.your_nonce) == (KEY, b"once")


def test_it_tells_how_fast_its_network_is_and_whom_it_hears(modem, cars_modem):
    [station] = ask(modem, NwStatsReq(), [cars_modem]).stations
    assert (station.mac, station.send_mbps) == (cars_modem.mac, 9)
    heard = ask(modem, DiscoverListReq(), [cars_modem])
    assert ([s.mac for s in heard.stations], heard.networks) == ([cars_modem.mac], ())
    set_key(modem)
    assert [n.network_id for n in ask(modem, DiscoverListReq()).networks] == [NID]


def test_it_tells_what_it_is(modem):
    assert ask(modem, OpAttributesReq(cookie=b"once")).hardware.startswith(b"QCA7000")


@pytest.mark.parametrize("question", [RdModReq, ModuleOperationReq])
def test_its_block_can_be_read_up_to_its_end(modem, question):
    answer = ask(modem, question(length=4, offset=0x1650))
    assert (answer.status, answer.excerpt) == (0, Excerpt(0x1650, b"\0\0\0\x02"))
    assert len(ask(modem, question(length=1400, offset=8400)).excerpt.data) == 436
    assert ask(modem, question(length=4, offset=9000)).status != 0


@pytest.mark.parametrize("question", [RdModReq(module=1, length=4, offset=0)])
def test_nothing_else_of_it_can_be_read(modem, question):
    assert ask(modem, question).status != 0
    assert ask(modem, ModuleOperationReq(module=0x7001, length=4, offset=0)).status != 0


def test_without_firmware_it_says_only_that(modem):
    modem.boot_loader = True
    assert ask(modem, SwVerReq()).version == b"Bootloader"
    assert ask(modem, NwInfoReq()) is None


def test_it_can_be_mute_on_some_questions(modem):
    modem.mute_on = frozenset({SwVerReq})
    assert ask(modem, SwVerReq()) is None
    assert ask(modem, PlLinkStatusReq()) is not None


def test_it_may_need_time_to_show_a_key(modem):
    modem.shown_seconds = 6.5
    set_key(modem)
    assert ask(modem, NwInfoReq()) == NwInfoCnf()
    modem.keyed_at = -6.0
    assert len(ask(modem, NwInfoReq()).networks) == 1


def test_it_may_be_deaf_after_a_key(modem):
    modem.deaf_seconds = 5.0
    set_key(modem)
    assert ask(modem, SwVerReq()) is None
    modem.keyed_at = -5.0
    assert ask(modem, SwVerReq()) is not None


def test_told_to_restart_it_is_down_for_a_while(modem):
    assert ask(modem, RsDevReq()) == RsDevCnf()
    assert (modem.is_up(3.9), modem.is_up(4.0)) == (False, True)


# A Lumissil.


@pytest.fixture
def lumissil():
    return SimModem(bytes.fromhex("c49300564e37"), Role.EVSE, maker=LUMISSIL)


def test_a_lumissil_answers_its_own_makers_questions_alone(lumissil, cars_modem):
    assert ask(lumissil, NscmGetVersionReq()).major == 1
    assert ask(lumissil, NscmGetDLinkStatusReq(), [cars_modem]).link == 1
    assert ask(lumissil, SwVerReq()) is None
    assert set_key(lumissil).result == 1


def test_a_lumissil_restarts_without_a_word(lumissil):
    assert ask(lumissil, NscmResetDeviceReq()) is None
    assert not lumissil.is_up(3.0)


def test_a_qualcomm_does_not_answer_a_lumissils_questions(modem):
    assert ask(modem, NscmGetVersionReq()) is None
