"""Matching and modem as one: frames in, frames out."""

import pytest

from seccstack.homeplug.frame import LOCAL_MODEM, Frame, decode_frame, encode_frame
from seccstack.homeplug.messages import (
    BROADCAST,
    AttenProfileInd,
    SetKeyReq,
    SlacMatchCnf,
    SlacParmReq,
)
from seccstack.homeplug.vendor import HostActionInd
from seccstack.sim.modem import Role, SimModem
from seccstack.slac import timing
from seccstack.slac.events import Ignored
from seccstack.slac.evse import (
    LinkLost,
    LinkReady,
    Matched,
    MatchingFailed,
    VehicleArrived,
    VehicleLeft,
)
from seccstack.slac.modem_events import ModemReported
from seccstack.slac.station import (
    NOT_OPEN,
    Asked,
    DrawKey,
    FrameReceived,
    KeyChanged,
    KeyDrawn,
    Lost,
    Opened,
    Recovered,
    SendFrame,
    Settings,
    Station,
    Troubled,
)
from tests.slac.bench import (
    EV,
    EVSE,
    KEY,
    KEY_2,
    MODEM,
    OTHER,
    PROFILE,
    RUN,
    choice,
    response,
    start,
)

NONCE = b"once"
EV_MODEM = SimModem(bytes.fromhex("02aabbccdda1"), Role.EV)


class Line:
    """A station, its modem, which answers as long as it lives, and an EV that a test plays."""

    def __init__(self, *happened, lives=True, **settings):
        self.station = Station(Settings(**settings))
        self.modem = SimModem(MODEM, Role.EVSE)
        self.lives = lives
        self.others = []  # modems that are in the network
        self.now = 0.0
        self.done = []
        for event in happened:
            self.tell(event)

    def tell(self, event):
        """Return what it does, but for the frames."""
        return self.keep(self.station.receive(event, self.now))

    def keep(self, actions):
        self.done += actions
        kept = [a for a in actions if not isinstance(a, SendFrame | ModemReported)]
        for action in actions:
            if isinstance(action, SendFrame) and self.lives:
                kept += self.ask_modem(decode_frame(action.octets))
        return kept

    def ask_modem(self, frame):
        """Let the modem answer at once."""
        answer = None
        if self.modem.is_for_us(frame):
            answer = self.modem.answer(frame, self.others, self.now)
        return [] if answer is None else self.tell(FrameReceived(encode_frame(answer)))

    def wait(self, seconds):
        end, told = self.now + seconds, []
        while (deadline := self.station.deadline) is not None and deadline <= end:
            self.now = deadline
            told += self.keep(self.station.tick(self.now))
            assert self.station.deadline is None or self.station.deadline > self.now
        self.now = end
        return told

    def hear(self, message, source=EV, to=EVSE):
        return self.tell(FrameReceived(encode_frame(Frame(to, source, message))))

    @property
    def sent(self):
        frames = [decode_frame(a.octets) for a in self.done if isinstance(a, SendFrame)]
        assert {frame.source for frame in frames} <= {EVSE}
        return [(frame.destination, frame.message) for frame in frames]

    def take_key(self, key=KEY):
        return self.tell(KeyDrawn(key, NONCE))

    def match(self):
        """Be matched with an EV that does everything right."""
        self.hear(SlacParmReq(run_id=RUN), to=BROADCAST)
        self.hear(start(), to=BROADCAST)
        for _ in range(10):
            self.hear(AttenProfileInd(ev_mac=EV, attenuations=PROFILE), MODEM, BROADCAST)
        self.hear(response())
        return self.hear(choice())

    def link(self, up):
        """Have the EV's modem in the network, or not, until that is believed."""
        self.others = [EV_MODEM] if up else []
        return self.wait(4 * timing.POLL_JOINED)


@pytest.fixture
def line():
    """Opened, with its key in force and a vehicle at the outlet."""
    line = Line(Opened(EVSE))
    line.take_key()
    line.tell(VehicleArrived())
    return line


@pytest.fixture
def linked(line):
    line.match()
    line.link(True)
    return line


def test_a_key_is_drawn_as_soon_as_there_is_a_way_to_the_modem():
    assert Line().tell(Opened(EVSE)) == [DrawKey()]


def test_it_is_given_to_our_own_modem_with_its_nonce():
    line = Line(Opened(EVSE))
    assert line.take_key() == [KeyChanged(True)]
    [request] = [m for to, m in line.sent if isinstance(m, SetKeyReq) and to == LOCAL_MODEM]
    assert (request.network_key, request.my_nonce) == (KEY, NONCE)


def test_an_ev_that_is_answered_has_asked(line):
    assert line.hear(SlacParmReq(run_id=RUN), to=BROADCAST) == [Asked()]


def test_an_ev_that_does_everything_right_is_given_the_key(line):
    [matched] = line.match()
    assert isinstance(matched, Matched)
    keys = [m.network_key for _, m in line.sent if isinstance(m, SlacMatchCnf)]
    assert keys == [KEY]


def test_then_the_modem_is_asked_for_the_link_and_tells_of_it(line):
    line.match()
    assert line.link(True) == [LinkReady(EV)]
    assert line.link(False) == [LinkLost()]


def test_an_ev_that_does_not_come_is_told_of(line):
    [failed] = [a for a in line.wait(51) if isinstance(a, MatchingFailed)]
    assert failed.reason == "no CM_SLAC_PARM.REQ came within 50 s"


def test_how_long_it_may_take_is_a_setting():
    line = Line(Opened(EVSE), init_seconds=20)
    line.take_key()
    line.tell(VehicleArrived())
    assert MatchingFailed in map(type, line.wait(20.1))


def test_what_the_board_does_to_attenuation_is_a_setting():
    line = Line(Opened(EVSE), correction_db=-5)
    line.take_key()
    line.tell(VehicleArrived())
    [matched] = line.match()
    assert matched.attenuation_db == sum(PROFILE) / len(PROFILE) - 5


def test_when_the_vehicle_leaves_its_network_is_left_by_taking_a_new_key(linked):
    assert linked.tell(VehicleLeft()) == [DrawKey()]
    linked.take_key(KEY_2)
    assert linked.link(True) == []
    linked.tell(VehicleArrived())
    linked.match()
    assert [m.network_key for _, m in linked.sent if isinstance(m, SlacMatchCnf)][-1] == KEY_2


def test_until_the_new_key_is_in_force_nobody_is_matched(line):
    line.tell(VehicleLeft())
    line.tell(VehicleArrived())
    [ignored] = line.hear(SlacParmReq(run_id=RUN), to=BROADCAST)
    assert ignored == Ignored("CM_SLAC_PARM.REQ", "no key is in force")


def test_a_modem_that_restarts_has_lost_its_key_and_is_given_it_again(linked):
    linked.others = []
    told = linked.hear(HostActionInd(action=0), MODEM, BROADCAST)
    assert told == [LinkLost(), KeyChanged(False), KeyChanged(True)]


# Trouble.


def test_a_modem_that_does_not_answer_is_trouble_until_it_does():
    line = Line(Opened(EVSE), lives=False)
    line.tell(KeyDrawn(KEY, NONCE))
    [trouble, *_] = line.wait(10)
    assert trouble == Troubled("the modem is silent: it does not answer CM_SET_KEY.REQ")
    assert line.station.trouble == trouble.why
    line.lives = True
    told = line.wait(10)
    assert told == [Recovered(), KeyChanged(True)]
    assert line.station.trouble is None


def test_a_vehicle_that_was_there_meanwhile_may_then_be_matched(line):
    line.lives = False
    line.wait(60)
    assert line.station.trouble is not None
    line.lives = True
    while line.station.trouble is not None:
        line.wait(1)
    assert line.hear(SlacParmReq(run_id=RUN), to=BROADCAST) == [Asked()]


def test_an_interface_that_is_lost_takes_the_link_with_it(linked):
    assert linked.tell(Lost("eth1 went down")) == [Troubled("eth1 went down"), LinkLost()]
    assert linked.station.deadline is None
    assert linked.tell(Lost("again")) == [Troubled("again")]


def test_without_an_interface_nothing_is_heard_sent_or_waited_for():
    line = Line()
    assert line.station.trouble == NOT_OPEN
    for event in (VehicleArrived(), KeyDrawn(KEY, NONCE), FrameReceived(b""), VehicleLeft()):
        assert line.tell(event) == []
    assert line.station.tick(1.0) == []
    assert line.sent == []
    assert line.station.deadline is None


def test_an_interface_that_comes_back_is_as_new_and_the_vehicle_still_there(linked):
    linked.tell(Lost("eth1 went down"))
    assert linked.tell(Opened(OTHER)) == [Recovered(), DrawKey()]
    assert linked.station.trouble is None
    assert linked.hear(SlacParmReq(run_id=RUN), to=BROADCAST)[0].why == "no key is in force"


def test_one_that_was_there_all_the_time_has_not_recovered(line):
    assert line.tell(Opened(EVSE)) == [DrawKey()]


def test_a_vehicle_that_came_before_the_interface_is_matched():
    line = Line(VehicleArrived(), Opened(EVSE))
    line.take_key()
    assert isinstance(line.match()[0], Matched)


def test_a_frame_that_cannot_be_read_is_ignored_with_the_place(line):
    [ignored] = line.tell(FrameReceived(bytes(14)))
    assert ignored.what == "powerline frame"


def test_no_key_and_no_frame_is_shown_in_a_log():
    for secret in (KeyDrawn(KEY, NONCE), FrameReceived(KEY), SendFrame(KEY)):
        assert KEY.hex() not in repr(secret)
        assert repr(KEY) not in repr(secret)
