"""The simulated line: who hears what, when, how loud, and who may talk to whom."""

import itertools

import pytest

from seccstack.homeplug.frame import (
    BROADCAST,
    LOCAL_MODEM,
    Frame,
    decode_frame,
    encode_frame,
)
from seccstack.homeplug.keys import network_id
from seccstack.homeplug.messages import (
    AttenProfileInd,
    MnbcSoundInd,
    SetKeyReq,
    SlacParmCnf,
    SlacParmReq,
)
from seccstack.homeplug.vendor import (
    HostActionInd,
    PlLinkStatusCnf,
    PlLinkStatusReq,
    RsDevCnf,
    RsDevReq,
)
from seccstack.sim.modem import Role, SimModem
from seccstack.sim.powerline import (
    MAX_IN_FLIGHT,
    FrameSent,
    LineSettings,
    ModemRestarted,
    Powerline,
)

EVSE = bytes.fromhex("021122334401")
CAR = bytes.fromhex("02aabbccdd01")
OTHER = bytes.fromhex("02aabbccdd02")
KEY = bytes.fromhex("b59319d7e8157ba001b018669ccee30d")
ASK = SlacParmReq(run_id=bytes(8))
SOUND = MnbcSoundInd(remaining=9, run_id=bytes(8), random=bytes(16))
MACS = {"evse": EVSE, "car": CAR, "other": OTHER}


class Lab:
    """A line with one charger and two cars; ``arrived`` keeps (time, port, octets)."""

    def __init__(self, chance=None, **settings):
        self.line = Powerline(LineSettings(**settings), chance)
        self.now = 0.0
        for n, (port, mac) in enumerate(MACS.items()):
            role = Role.EVSE if port == "evse" else Role.EV
            self.line.attach(port, SimModem(bytes([0xC4, 0x93, 0, 0, 0, n]), role))
            self.line.modems[port].learn_host(mac)

    def send(self, port, message, to=BROADCAST):
        self.send_octets(port, encode_frame(Frame(to, MACS[port], message)))

    def send_octets(self, port, octets):
        assert self.line.receive(FrameSent(port, octets), self.now) == []

    def wait(self, seconds):
        """Let time pass; return what arrives, as (time, port, octets)."""
        end, arrived = self.now + seconds, []
        while self.line.deadline is not None and self.line.deadline <= end:
            self.now = self.line.deadline
            arrived += [(self.now, d.port, d.octets) for d in self.line.tick(self.now)]
        self.now = end
        return arrived

    def hear(self, seconds=1):
        """Let time pass; return which messages arrive where."""
        return [(port, decode_frame(octets).message) for _, port, octets in self.wait(seconds)]

    def set_key(self, *ports, key=KEY):
        for port in ports:
            message = SetKeyReq(network_id=network_id(key), network_key=key)
            self.send(port, message, LOCAL_MODEM)


@pytest.fixture
def lab():
    return Lab()


def data(source, destination):
    return destination + source + b"\x86\xdd" + b"an IPv6 packet"


def test_a_cars_question_reaches_the_charger_and_no_car(lab):
    lab.send("car", ASK)
    [(at, port, octets)] = lab.wait(1)
    assert at == pytest.approx(0.0028)
    assert (port, decode_frame(octets)) == ("evse", Frame(BROADCAST, CAR, ASK))


def test_an_answer_reaches_only_the_one_it_is_for(lab):
    answer = SlacParmCnf(forwarding_station=CAR, run_id=bytes(8))
    lab.send("evse", answer, to=CAR)
    assert lab.hear() == [("car", answer)]


def test_what_is_for_a_station_nobody_knows_reaches_everybody(lab):
    answer = SlacParmCnf(forwarding_station=CAR, run_id=bytes(8))
    lab.send("evse", answer, to=bytes.fromhex("02ffffffff01"))
    assert [port for port, _ in lab.hear()] == ["car", "other"]


def test_a_modem_that_sends_more_quietly_is_heard_less_in_those_groups(lab):
    lab.line.attenuate("evse", "car", 30)
    lab.line.modems["car"].reductions = bytes([0x22] * 230 + [0] * 229)
    weaker = lab.line.heard_db("car", "evse")
    assert (weaker[0], weaker[-1]) == (34, 30)
    assert set(lab.line.heard_db("evse", "car")) == {30}
    lab.send("car", SOUND)
    [_, (_, report)] = lab.hear()
    assert list(report.attenuations) == weaker


def test_a_modem_that_restarts_sends_with_all_its_power(lab):
    modem = lab.line.modems["car"]
    modem.reductions = b"\x11" * 459
    lab.line.receive(ModemRestarted("car"), lab.now)
    assert set(modem.quieter_db(58)) == {0}


def test_a_sound_is_followed_by_the_modems_report_of_it(lab):
    lab.line.attenuate("evse", "car", 30, groups=range(58))
    lab.send("car", SOUND)
    (heard, _, _), (reported, port, octets) = lab.wait(1)
    assert reported - heard == pytest.approx(0.0005)
    frame = decode_frame(octets)
    assert (port, frame.source) == ("evse", lab.line.modems["evse"].mac)
    assert frame.message == AttenProfileInd(ev_mac=CAR, attenuations=bytes(range(30, 88)))


def test_attenuation_is_of_a_pair_of_ports(lab):
    lab.line.attenuate("evse", "car", 30)
    for port in ("car", "other"):
        lab.send(port, SOUND)
    levels = [m.attenuations[0] for _, m in lab.hear() if isinstance(m, AttenProfileInd)]
    assert levels == [30, 20]


@pytest.mark.parametrize(("db", "level"), [(-5, 0), (99, 99)])
def test_attenuation_stays_within_an_octet(lab, db, level):
    lab.line.attenuate("evse", "car", db)
    lab.send("car", SOUND)
    assert lab.hear()[1][1].attenuations == bytes([level]) * 58


def test_behind_100_db_nothing_is_heard(lab):
    lab.line.attenuate("evse", "car", 100)
    lab.send("car", ASK)
    assert lab.hear() == []


def test_messages_and_reports_are_lost_by_chance():
    lab = Lab(itertools.cycle([0.04, 0.96]), mme_loss=0.05, profile_loss=0.5)
    lab.send("car", SOUND)  # 0.04: the sound itself is lost
    assert lab.hear() == []
    lab.send("car", SOUND)  # 0.96: heard; 0.04: its report is lost
    assert lab.hear() == [("evse", SOUND)]
    lab.send("car", SOUND)  # 0.96 again
    assert lab.hear() == [("evse", SOUND)]


def test_it_can_be_deaf_to_one_kind_of_message(lab):
    lab.line.deaf = frozenset({SlacParmReq})
    lab.send("car", ASK)
    lab.send("car", SOUND)
    assert ("evse", ASK) not in lab.hear()


def test_what_is_for_the_local_modem_never_goes_out_on_the_line(lab):
    lab.send("car", ASK, to=LOCAL_MODEM)
    assert lab.hear() == []


def test_data_passes_only_a_while_after_both_have_one_key(lab):
    lab.set_key("evse")
    lab.wait(5)
    lab.set_key("car")
    lab.wait(0.9)
    lab.send_octets("car", data(CAR, EVSE))
    assert lab.wait(0.2) == []
    lab.send_octets("car", data(CAR, EVSE))
    lab.send_octets("car", data(CAR, OTHER))
    [(_, port, octets)] = lab.wait(1)
    assert (port, octets) == ("evse", data(CAR, EVSE))


def test_data_to_all_stays_in_its_network(lab):
    lab.set_key("evse", "car")
    lab.set_key("other", key=bytes(16))
    lab.wait(2)
    lab.send_octets("evse", data(EVSE, bytes.fromhex("333300000001")))
    assert [port for _, port, _ in lab.wait(1)] == ["car"]


def test_a_new_key_ends_a_network_at_once(lab):
    lab.set_key("evse", "car")
    lab.wait(2)
    assert lab.line.linked("car", lab.now) == ["evse"]
    lab.set_key("evse", key=bytes(16))
    assert lab.line.linked("car", lab.now) == []


def test_the_link_status_follows_the_network(lab):
    lab.set_key("evse", "car")
    lab.wait(0.5)
    for expected in (0, 1):
        lab.send("evse", PlLinkStatusReq(), LOCAL_MODEM)
        assert lab.hear() == [("evse", PlLinkStatusCnf(link=expected))]


def test_a_restarted_modem_says_so_and_is_out_of_its_network(lab):
    lab.set_key("evse", "car")
    lab.wait(2)
    lab.line.receive(ModemRestarted("evse"), lab.now)
    assert lab.hear() == [("evse", HostActionInd(action=0))]
    assert lab.line.linked("car", lab.now) == []


def test_a_silent_modem_answers_nothing_and_still_carries(lab):
    lab.line.modems["evse"].silent = True
    lab.send("evse", PlLinkStatusReq(), LOCAL_MODEM)
    lab.send("car", ASK)
    assert lab.hear() == [("evse", ASK)]


def test_a_pulled_plug_loses_what_was_under_way(lab):
    lab.send("car", ASK)
    lab.line.detach("evse")
    assert lab.wait(1) == []
    assert lab.line.receive(FrameSent("evse", encode_frame(Frame(CAR, EVSE, ASK))), 1) == []


def test_what_is_no_message_goes_through_as_it_is(lab):
    octets = BROADCAST + CAR + b"\x88\xe1\x01\x64\x60\x11" + bytes(40)
    lab.send_octets("car", octets)
    assert {(port, arrived) for _, port, arrived in lab.wait(1)} == {
        ("evse", octets),
        ("other", octets),
    }


def test_what_is_no_frame_goes_nowhere(lab):
    lab.send_octets("car", b"too short")
    assert lab.wait(1) == []


def test_a_frame_can_be_carried_by_its_senders_address(lab):
    lab.set_key("evse", "car")
    lab.wait(2)
    lab.line.carry(CAR, data(CAR, EVSE), lab.now)
    assert [port for _, port, _ in lab.wait(1)] == ["evse"]
    lab.line.carry(bytes.fromhex("02ffffffff01"), data(CAR, EVSE), lab.now)
    assert lab.wait(1) == []


def test_no_more_is_under_way_than_its_bound(lab):
    for _ in range(MAX_IN_FLIGHT + 100):
        lab.send("car", ASK)
    assert len(lab.wait(1)) == MAX_IN_FLIGHT


def test_frames_arrive_in_the_order_they_were_sent(lab):
    for n in range(5):
        lab.send("car", SlacParmReq(run_id=n.to_bytes(8)))
    assert [m.run_id[-1] for _, m in lab.hear()] == list(range(5))


def test_what_frames_hold_is_in_no_repr():
    assert "secret" not in repr(FrameSent("car", b"secret"))


def test_a_modem_that_is_told_to_restart_is_away_and_then_says_that_it_is_back(lab):
    lab.set_key("evse")
    lab.wait(1)
    lab.send("evse", RsDevReq(), LOCAL_MODEM)
    lab.send("evse", PlLinkStatusReq(), LOCAL_MODEM)
    lab.send("car", ASK)
    heard = [what for what in lab.hear(5) if what[0] == "evse"]
    assert heard == [("evse", RsDevCnf()), ("evse", HostActionInd(action=0))]
    assert lab.line.modems["evse"].network_key is None
    lab.send("car", ASK)
    assert ("evse", ASK) in lab.hear()


def test_a_modem_reports_each_group_with_some_noise():
    lab = Lab(itertools.cycle([0.0, 0.5, 0.999]), noise_db=3)
    lab.send("car", SOUND)
    [(_, report)] = [what for what in lab.hear() if isinstance(what[1], AttenProfileInd)]
    assert set(report.attenuations) == {17, 20, 23}


def test_how_much_may_be_between_them_is_a_setting():
    lab = Lab(attenuation_db=50, hearing_db=50)
    lab.send("car", ASK)
    assert lab.hear() == []


def test_a_sound_that_ends_too_early_is_measured_all_the_same(lab):
    cut = encode_frame(Frame(BROADCAST, CAR, SOUND))[:64]
    lab.send_octets("car", cut)
    arrived = [octets for _, port, octets in lab.wait(1) if port == "evse"]
    assert arrived[0] == cut
    assert decode_frame(arrived[1]).message.ev_mac == CAR
