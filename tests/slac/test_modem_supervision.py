"""What becomes of a modem that restarts, forgets, falls silent, or is not what it should be."""

import itertools

import pytest

from seccstack.homeplug.fields import Excerpt
from seccstack.homeplug.frame import LOCAL_MODEM
from seccstack.homeplug.keys import network_id
from seccstack.homeplug.lumissil import (
    NscmGetDLinkStatusCnf,
    NscmGetDLinkStatusReq,
    NscmGetVersionCnf,
    NscmGetVersionReq,
    NscmResetDeviceReq,
)
from seccstack.homeplug.messages import BROADCAST, NwInfoCnf, NwInfoReq, SetKeyReq
from seccstack.homeplug.vendor import (
    HostActionInd,
    JoinedNetwork,
    ModuleOperationCnf,
    NetworkStation,
    RdModCnf,
    RsDevReq,
    SwVerCnf,
    SwVerReq,
    VsNwInfoCnf,
    VsNwInfoReq,
)
from seccstack.slac import timing
from seccstack.slac.events import KeyInForce, KeyLost, LinkChanged, Send
from seccstack.slac.modem_events import (
    ForeignStationSeen,
    ModemAnswers,
    ModemSilent,
    ReopenLine,
    UseKey,
    WatchLink,
)
from seccstack.slac.modem_states import MAX_FOREIGN
from seccstack.slac.modem_status import Condition, KeyState
from tests.slac.desk import KEY, MODEM, POLL, STRANGER, Desk, in_network_of, set_key

FIRMWARE = SwVerCnf(version=b"MAC-QCA7000-1.1.3\0")
OTHER_FIRMWARE = SwVerCnf(version=b"MAC-QCA7000-1.2.5")
BOOT_LOADER = SwVerCnf(version=b"Bootloader")
LUMISSIL_LINK = Send(LOCAL_MODEM, NscmGetDLinkStatusReq())
CAR = bytes.fromhex("02aabbccdd01")
CAR_MODEM = bytes.fromhex("0001871234ab")
SNIFFER = bytes.fromhex("02ee00000099")


@pytest.fixture
def desk():
    return Desk()


@pytest.fixture
def keyed(desk):
    desk.settle()
    return desk


@pytest.fixture
def linked(keyed):
    keyed.tell(WatchLink(on=True, vehicle=CAR))
    keyed.report(link=1)
    return keyed


def without_polls(done):
    return [(at, action) for at, action in done if action not in (POLL, LUMISSIL_LINK)]


def block_with(at, octet):
    offset = at - at % 4
    data = bytes(octet if offset + n == at else 0 for n in range(4))
    return Excerpt(offset, data)


def surveyed(desk, slac_mode, coordination):
    """Let the modem answer all that it is asked about itself."""
    desk.say(FIRMWARE)
    desk.wait(2, link=0)
    desk.say(ModuleOperationCnf(excerpt=block_with(0x1653, slac_mode)))
    desk.wait(6, link=0)
    desk.say(ModuleOperationCnf(excerpt=block_with(0xF4, coordination)))
    return desk.host.status


def in_our_network(*hosts):
    """Say who is in our network: hosts, each behind a modem of its own."""
    stations = tuple(
        NetworkStation(mac=bytes(5) + bytes([n]), bridged_mac=host)
        for n, host in enumerate(hosts, 1)
    )
    network = JoinedNetwork(
        network_id=network_id(KEY), role=2, coordinator_mac=MODEM, stations=stations
    )
    return VsNwInfoCnf(networks=(network,))


# What it is.


def test_whoever_it_is_it_is_asked_for_its_firmware_in_every_makers_way(desk):
    desk.tell(UseKey(KEY))
    assert desk.asked(SwVerReq) == desk.asked(NscmGetVersionReq) == [0.0]


def test_a_chargers_modem_is_found_to_be_one(keyed):
    status = surveyed(keyed, slac_mode=2, coordination=2)
    assert (status.maker, status.firmware) == ("Qualcomm", "MAC-QCA7000-1.1.3")
    assert (status.role, status.coordinator, status.warnings) == ("charger", "always", ())


def test_a_vehicles_modem_is_warned_of_with_what_to_do(keyed):
    status = surveyed(keyed, slac_mode=1, coordination=1)
    assert (status.role, status.coordinator) == ("vehicle", "never")
    mode, coordination = status.warnings
    assert "it hides vehicles" in mode
    assert "setpib -x modem.pib 1653 byte 2" in mode
    assert "setpib -x modem.pib F4 byte 2" in coordination


def test_a_modem_that_measures_nothing_is_warned_of(keyed):
    [warning] = surveyed(keyed, slac_mode=0, coordination=2).warnings
    assert "it measures no sounds" in warning


def test_a_role_that_has_no_name_is_unknown(keyed):
    assert surveyed(keyed, slac_mode=9, coordination=9).role == "unknown"


def test_what_is_known_is_reported_when_it_changes_and_only_then(keyed):
    surveyed(keyed, slac_mode=2, coordination=2)
    found = [(s.firmware, s.role, s.coordinator) for _, s in keyed.reports()]
    assert found == [
        ("MAC-QCA7000-1.1.3", None, None),
        ("MAC-QCA7000-1.1.3", "charger", None),
        ("MAC-QCA7000-1.1.3", "charger", "always"),
    ]


def test_a_block_that_is_refused_is_asked_for_in_the_older_way(keyed):
    keyed.say(FIRMWARE)
    keyed.wait(6, link=0)
    keyed.say(ModuleOperationCnf(status=0x10, excerpt=Excerpt(0x1650, b"")))
    keyed.wait(6, link=0)
    keyed.say(RdModCnf(excerpt=block_with(0x1653, 2)))
    assert keyed.host.status.role == "charger"


def test_a_block_that_is_refused_in_both_ways_is_left_alone(keyed):
    keyed.say(FIRMWARE)
    for _ in range(2):
        keyed.say(ModuleOperationCnf(status=0x10, excerpt=Excerpt(0, b"")))
        keyed.wait(6, link=0)
        keyed.say(RdModCnf(status=0x10, excerpt=Excerpt(0, b"")))
        keyed.wait(6, link=0)
    assert (keyed.host.status.role, keyed.host.status.warnings) == (None, ())
    before = len(keyed.asides)
    keyed.wait(4, link=0)
    assert len(keyed.asides) == before


def test_a_block_that_is_never_told_is_asked_for_twelve_times(keyed):
    keyed.say(FIRMWARE)
    keyed.wait(120, link=0)
    reads = [a for _, a in keyed.asides if isinstance(a, Send) and hasattr(a.message, "offset")]
    assert len(reads) == 12


@pytest.mark.parametrize(
    "odd",
    [
        ModuleOperationCnf(module=0x7001, excerpt=block_with(0x1653, 1)),
        RdModCnf(module=1, excerpt=block_with(0x1653, 1)),
        ModuleOperationCnf(excerpt=block_with(0x1F00, 1)),
        ModuleOperationCnf(excerpt=Excerpt(0x1650, b"")),
    ],
)
def test_an_answer_about_another_place_is_none(keyed, odd):
    keyed.say(FIRMWARE)
    keyed.say(odd)
    assert keyed.host.status.role is None


def test_a_modem_that_keeps_its_firmware_to_itself_is_not_asked_on_and_on(desk):
    desk.tell(UseKey(KEY))
    desk.confirm()
    desk.wait(20, link=0)
    assert len(desk.asked(NscmGetVersionReq)) == 4


def test_what_a_firmware_calls_itself_may_command_no_terminal(keyed):
    keyed.say(SwVerCnf(version=b"MAC\x1b[2J"))
    assert keyed.host.status.firmware == "MAC?[2J"


def test_a_firmware_told_with_an_error_is_none(keyed):
    keyed.say(SwVerCnf(status=1, version=b"MAC"))
    assert keyed.host.status.firmware is None


def test_a_modem_without_firmware_is_said_to_have_none(desk):
    desk.tell(UseKey(KEY))
    desk.say(BOOT_LOADER)
    silent = [a for _, a in desk.wait(3) if isinstance(a, ModemSilent)]
    assert silent == [ModemSilent("it has no firmware, only its boot loader")]
    assert "plchostd" in desk.host.status.warnings[0]


def test_what_a_stranger_says_of_itself_is_forgotten_when_the_modem_answers(desk):
    desk.tell(UseKey(KEY))
    desk.say(BOOT_LOADER, source=STRANGER)
    desk.confirm()
    assert desk.host.status.firmware is None


def test_what_the_modem_said_before_it_took_the_key_is_kept(desk):
    desk.tell(UseKey(KEY))
    desk.say(FIRMWARE)
    desk.confirm()
    assert desk.host.status.firmware == "MAC-QCA7000-1.1.3"


def test_a_modem_that_is_not_supervised_is_asked_for_nothing_else():
    desk = Desk(supervises=False)
    desk.tell(UseKey(KEY))
    desk.confirm()
    desk.tell(WatchLink(on=True, vehicle=CAR))
    desk.wait(30)
    assert desk.asides == []
    assert ReopenLine() not in [action for _, action in desk.done]


# A Lumissil.


@pytest.fixture
def lumissil(keyed):
    keyed.say(NscmGetVersionCnf(major=1, minor=2, patch=3, build=4))
    keyed.wait(5)
    keyed.say(NscmGetDLinkStatusCnf(link=0))
    return keyed


def test_a_lumissil_is_asked_for_its_link_in_its_own_way(lumissil):
    lumissil.tell(WatchLink(on=True))
    assert lumissil.say(NscmGetDLinkStatusCnf(link=1)) == [LinkChanged(up=True)]
    assert (lumissil.host.status.maker, lumissil.host.status.firmware) == (
        "Lumissil",
        "1.2.3.4",
    )


def test_a_lumissil_is_not_asked_what_is_not_known_of_it(lumissil):
    lumissil.tell(WatchLink(on=True, vehicle=CAR))
    lumissil.say(NscmGetDLinkStatusCnf(link=1))
    lumissil.asides.clear()
    lumissil.wait(20)
    assert lumissil.asked(VsNwInfoReq) == lumissil.asked(SwVerReq) == []


def test_a_lumissil_is_restarted_in_its_own_way(lumissil):
    lumissil.wait(20)
    assert len(lumissil.asked(NscmResetDeviceReq)) == 1
    assert lumissil.asked(RsDevReq) == []


# Whether it uses the key.


def test_a_key_that_is_taken_is_in_force_before_it_is_shown(desk):
    desk.tell(UseKey(KEY))
    assert KeyInForce(KEY) in desk.confirm()
    assert desk.host.status.key is KeyState.TAKEN
    desk.say(in_network_of(KEY))
    assert desk.host.status.key is KeyState.SHOWN


def test_meanwhile_it_is_looked_for_every_second(desk):
    desk.tell(UseKey(KEY))
    desk.confirm()
    desk.report(link=0)
    desk.wait(4.5, link=0)
    assert desk.asked(NwInfoReq) == [0, 1, 2, 3, 4]


def until_late(desk):
    """Let the modem be in no network for longer than any needs."""
    for _ in range(20):
        desk.wait(1, link=0)
        desk.say(NwInfoCnf())
        desk.confirm()


def test_a_key_that_is_taken_but_not_used_is_set_once_more_then_warned_of(desk):
    desk.tell(UseKey(KEY))
    desk.confirm()
    until_late(desk)
    assert desk.asked(SetKeyReq) == [0, timing.KEY_SHOWN]
    until_late(desk)
    assert len(desk.asked(SetKeyReq)) == 2
    assert "not in its network" in desk.host.status.warnings[0]


def test_not_while_a_vehicle_joins(desk):
    desk.tell(UseKey(KEY))
    desk.confirm()
    desk.tell(WatchLink(on=True))
    until_late(desk)
    assert desk.asked(SetKeyReq) == [0]


def test_a_key_that_was_shown_and_is_gone_has_been_forgotten_and_is_set_again(keyed):
    assert keyed.say(NwInfoCnf()) == []
    assert keyed.say(NwInfoCnf()) == [KeyLost(), set_key()]
    assert KeyInForce(KEY) in keyed.confirm()


def test_one_look_that_does_not_find_it_is_none(keyed):
    keyed.say(NwInfoCnf())
    keyed.say(in_network_of(KEY))
    assert keyed.say(NwInfoCnf()) == []


def test_while_a_link_stands_no_key_is_set(linked):
    for _ in range(5):
        assert linked.say(NwInfoCnf()) == []
    linked.wait(30, link=1)
    assert linked.asked(NwInfoReq) == []


def test_a_link_is_proof_of_the_key(desk):
    desk.tell(UseKey(KEY))
    desk.confirm()
    desk.tell(WatchLink(on=True))
    desk.report(link=1)
    assert desk.host.status.key is KeyState.SHOWN


def test_result_0_of_a_modem_that_then_shows_the_key_was_no_refusal(desk):
    desk.tell(UseKey(KEY))
    assert desk.confirm(0) == []
    assert desk.asked(NwInfoReq) == [0.0]
    assert desk.say(in_network_of(KEY), source=STRANGER) == []
    assert KeyInForce(KEY) in desk.say(in_network_of(KEY))


def test_result_0_of_a_modem_that_shows_another_network_was_one(desk):
    desk.tell(UseKey(KEY))
    desk.confirm(0)
    assert desk.say(in_network_of(bytes(16))) == []


def test_another_result_is_a_refusal_whatever_it_shows(desk):
    desk.tell(UseKey(KEY))
    desk.confirm(2)
    assert desk.asked(NwInfoReq) == []


# Whether it has restarted.


def test_a_firmware_that_is_suddenly_another_means_a_restart(linked):
    linked.say(FIRMWARE)
    assert linked.say(OTHER_FIRMWARE) == [LinkChanged(up=False), KeyLost(), set_key()]


def test_the_firmware_is_asked_for_again_and_again(keyed):
    keyed.say(FIRMWARE)
    keyed.wait(61, link=0)
    assert len(keyed.asked(SwVerReq)) >= 2
    assert keyed.say(FIRMWARE) == []


def test_after_a_restart_the_modem_is_surveyed_anew(keyed):
    surveyed(keyed, slac_mode=2, coordination=2)
    keyed.say(HostActionInd(action=0))
    assert keyed.host.status.role is None


# Silence.


def steps(desk):
    return [
        (at, type(a.message if isinstance(a, Send) else a))
        for at, a in desk.done
        if isinstance(a, ReopenLine | ModemSilent)
        or (isinstance(a, Send) and isinstance(a.message, RsDevReq))
    ]


def test_a_silent_modems_line_is_opened_anew_then_it_is_restarted_then_it_is_dead(keyed):
    keyed.say(FIRMWARE)
    keyed.wait(35)
    assert steps(keyed) == [(7, ModemSilent), (10, ReopenLine), (13, RsDevReq)]
    conditions = [(at, status.condition) for at, status in keyed.reports()]
    assert (7, Condition.SILENT) in conditions
    assert (28, Condition.DEAD) in conditions


def test_a_dead_modem_is_tried_again_more_and_more_rarely_and_for_ever(keyed):
    keyed.wait(3600)
    tried = [at for at, kind in steps(keyed) if kind is ReopenLine]
    pauses = [later - at for at, later in itertools.pairwise(tried)]
    assert pauses[:8] == [48, 78, 138, 258, 498, 618, 618, 618]


def test_all_the_time_it_is_asked_and_used_again_when_it_answers(keyed):
    keyed.wait(3600)
    keyed.wait(5)
    back = keyed.confirm()
    assert back[:2] == [ModemAnswers(), KeyInForce(KEY)]
    assert keyed.host.status.condition is Condition.ANSWERS
    assert keyed.host.status.trouble is None


def test_any_answer_of_the_modem_shows_that_it_lives(keyed):
    keyed.wait(8)
    assert keyed.say(FIRMWARE) == [ModemAnswers()]


def test_a_modem_with_a_link_is_not_restarted_because_the_link_may_stand_all_the_same(linked):
    linked.wait(60)
    assert RsDevReq not in [kind for _, kind in steps(linked)]
    assert KeyLost() not in [action for _, action in linked.done]
    assert linked.host.status.condition is Condition.DEAD


def test_a_modem_that_never_answered_is_restarted_in_every_makers_way(desk):
    desk.tell(UseKey(KEY))
    desk.wait(9)
    assert desk.asked(RsDevReq) == desk.asked(NscmResetDeviceReq) == [8.0]


def test_a_modem_that_is_deaf_after_a_key_is_not_silent_for_that(desk):
    desk.tell(UseKey(KEY))
    desk.confirm()
    assert without_polls(desk.wait(7.9)) == []
    assert desk.report(link=0) == []


def test_an_unanswered_question_is_repeated_soon(keyed):
    keyed.tell(WatchLink(on=True))
    keyed.report(link=1)
    keyed.wait(2.4)
    assert keyed.polls() == [0, 1, 1.5, 2]


# Who is in our network.


def test_who_is_in_our_network_is_asked_for_while_there_is_a_link(linked):
    linked.wait(12, link=1)
    assert linked.asked(VsNwInfoReq) == [1, 6, 11]


def test_the_matched_vehicle_alone_is_as_it_should_be(linked):
    assert linked.say(in_our_network(CAR)) == []


def test_a_stranger_in_our_network_is_told_of_once(linked):
    stranger = ForeignStationSeen(bytes(5) + b"\x02", SNIFFER)
    assert linked.say(in_our_network(CAR, SNIFFER)) == [stranger]
    assert linked.say(in_our_network(CAR, SNIFFER)) == []


@pytest.mark.parametrize("nobody", [bytes(6), BROADCAST])
def test_a_modem_that_bridges_to_nobody_yet_may_be_the_vehicles(linked, nobody):
    assert linked.say(in_our_network(nobody)) == []
    assert len(linked.say(in_our_network(nobody, CAR))) == 1


def test_another_vehicle_than_the_matched_one_is_told_of(linked):
    assert linked.say(in_our_network(SNIFFER)) == [
        ForeignStationSeen(bytes(5) + b"\x01", SNIFFER)
    ]


def test_a_crowd_is_told_of_up_to_a_bound(linked):
    crowd = [bytes([2, 0, 0, 0, 0, n]) for n in range(1, 30)]
    assert len(linked.say(in_our_network(CAR, *crowd))) == MAX_FOREIGN
    assert linked.say(in_our_network(CAR, *reversed(crowd))) == []


def test_who_is_in_another_network_is_not_our_concern(linked):
    network = JoinedNetwork(network_id=bytes(7), role=0, coordinator_mac=SNIFFER)
    station = NetworkStation(mac=SNIFFER, bridged_mac=SNIFFER)
    there = JoinedNetwork(
        network_id=bytes(7), role=0, coordinator_mac=SNIFFER, stations=(station,)
    )
    assert linked.say(VsNwInfoCnf(networks=(network, there))) == []


def test_without_a_link_nobody_is_foreign(keyed):
    assert keyed.say(in_our_network(SNIFFER)) == []


@pytest.fixture
def untold(desk):
    """A modem that has never answered when it was asked for its link."""
    desk.tell(UseKey(KEY))
    desk.confirm()
    desk.tell(WatchLink(on=True, vehicle=CAR))
    return desk


def test_a_modem_that_does_not_tell_of_its_link_is_asked_who_is_in_its_network(untold):
    assert untold.say(in_our_network()) == []
    assert untold.say(in_our_network(CAR)) == [LinkChanged(up=True)]
    for _ in range(2):
        assert untold.say(in_our_network()) == []
    assert untold.say(in_our_network()) == [LinkChanged(up=False)]


def test_a_link_that_is_told_is_believed_before_a_list_of_stations(linked):
    for _ in range(5):
        assert linked.say(in_our_network()) == []


def test_a_status_is_told_in_json(keyed):
    surveyed(keyed, slac_mode=2, coordination=2)
    assert keyed.host.status.to_json() == {
        "state": "answers",
        "trouble": None,
        "mac": "C49300564E34",
        "maker": "Qualcomm",
        "firmware": "MAC-QCA7000-1.1.3",
        "role": "charger",
        "coordinator": "always",
        "key": "shown",
        "link": False,
        "warnings": [],
    }
