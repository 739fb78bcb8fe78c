"""Why vehicle and charger never came to speak, staged."""

import pytest

from seccstack.capture.items import TlsEvent
from seccstack.capture.packets import Packet
from seccstack.capture.plugins import plug_ins_of
from seccstack.capture.trace import read_trace
from seccstack.capture.verdict import failure_of
from seccstack.messages.app_protocol import ResponseCode
from tests.capture.scene import EV, EVSE, SETUP, Scene, address, choice, offer

LATER = 30.0  # s that a capture goes on for, with nothing in it
SECOND = bytes.fromhex("1111111111111111")
OTHER = bytes.fromhex("02BB00000002")


@pytest.fixture
def scene():
    return Scene()


def goes_on(scene, seconds=LATER):
    """Let the capture go on with packets that are nobody's."""
    last = scene.packets[-1]
    scene.packets.append(Packet(last.number + 1, last.time + seconds, 1, bytes(60)))


def failure(scene, seconds=LATER):
    if seconds:
        goes_on(scene, seconds)
    [plug_in] = plug_ins_of(read_trace("scene", scene.packets))
    return failure_of(plug_in)


@pytest.mark.parametrize(
    ("steps", "whose", "words"),
    [
        (["ask", "ask"], "unclear", "asked for a match 2 times in 1 run: nobody answered"),
        (["answer"], "evse", "run id 0102030405060708, which is not the vehicle's"),
        (["ask", "answer"], "ev", "was answered (CM_SLAC_PARM.CNF), and sent no sounds"),
        (["ask", "answer", "sound"], "evse", "no charger told what it heard"),
        (["ask", "answer", "sound", "report"], "ev", "told 20.0 dB to 02BB00000001, and chose"),
        (
            ["ask", "answer", "report", "choose"],
            "evse",
            "chose 02BB00000001 (CM_SLAC_MATCH.REQ)",
        ),
        (["match"], "line", "no link came of the match: nothing from the vehicle in the 30 s"),
    ],
)
def test_a_matching_that_leads_nowhere_has_a_culprit(scene, steps, whose, words):
    for step in steps:
        getattr(scene, step)()
    found = failure(scene)
    assert (found.whose, words in found.why) == (whose, True)
    assert found.evidence


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        (["ask", "answer"], "before the vehicle need have sent sounds"),
        (["ask", "answer", "sound"], "before a charger need have told the attenuation"),
        (["ask", "answer", "sound", "report"], "while the vehicle may still have chosen"),
        (["ask", "answer", "report", "choose"], "right after the vehicle chose 02BB00000001"),
        (["match"], "0.0 s after the match, before anything else"),
    ],
)
def test_a_matching_that_the_capture_cuts_off_is_nobodys_failure(scene, steps, words):
    for step in steps:
        getattr(scene, step)()
    found = failure(scene, seconds=0)
    assert (found.whose, words in found.why) == ("capture", True)


def test_an_answer_to_another_run_than_the_vehicles_is_the_chargers_failure(scene):
    scene.ask()
    scene.answer(run=SECOND)
    found = failure(scene)
    assert (
        found.why
        == "the charger answered with run id 1111111111111111, which is not the vehicle's"
    )


def test_a_report_that_names_no_charger_twice_tells_all_that_answered(scene):
    scene.ask()
    for evse, db in ((EVSE, 30), (OTHER, 40)):
        scene.answer(evse=evse)
        scene.report(evse=evse, db=db)
    scene.answer(evse=bytes.fromhex("02BB00000003"))
    assert "told 30.0 dB to 02BB00000001, 40.0 dB to 02BB00000002, and" in failure(scene).why


def test_sounds_without_any_answer_before_are_answered_by_nobody_either(scene):
    scene.sound()
    assert failure(scene).whose == "evse"


@pytest.mark.parametrize(
    ("answered", "whose", "words"),
    [(False, "evse", "nobody answered"), (True, "line", "no match came of it")],
)
def test_a_match_that_is_asked_for_again_has_had_no_link(scene, answered, whose, words):
    scene.match()
    scene.ask()
    if answered:
        scene.answer()
    found = failure(scene)
    assert (found.whose, words in found.why) == (whose, True)
    assert found.why.startswith("no link came of the match: the vehicle asked again 1 time")


def test_sdp_that_nobody_answers_is_the_chargers_failure(scene):
    for _ in range(3):
        scene.discover(answered=False)
    found = failure(scene)
    assert (found.whose, found.evidence) == ("evse", (1, 2, 3))
    assert found.why == "the charger did not answer SDP, which the vehicle asked 3 times"


def test_sdp_that_was_asked_once_is_told_so(scene):
    scene.discover(answered=False)
    assert failure(scene).why.endswith("asked once")


def test_a_capture_that_ends_with_sdp_shows_no_failure(scene):
    scene.discover(answered=False)
    assert failure(scene, seconds=0).whose == "capture"


def test_a_vehicle_that_gives_up_for_want_of_tls_was_not_offered_any(scene):
    scene.discover(security=0x00)
    found = failure(scene)
    assert found.why == "the vehicle asked for TLS, was told that there is none, and gave up"
    assert found.whose == "evse"


@pytest.mark.parametrize(("seconds", "whose"), [(LATER, "unclear"), (0, "capture")])
def test_a_vehicle_that_does_not_connect_is_unclear(scene, seconds, whose):
    scene.discover()
    assert failure(scene, seconds).whose == whose


def test_without_a_protocol_in_common_all_offers_are_told(scene):
    refusal = choice(None, ResponseCode.FAILED_NO_NEGOTIATION)
    scene.connect().exchange(offer(), refusal)
    found = failure(scene)
    assert (found.whose, found.evidence) == ("unclear", (4, 5))
    assert found.why == (
        "no protocol in common: the vehicle offers urn:iso:15118:2:2013:MsgDef, "
        "and none was taken"
    )


@pytest.mark.parametrize(
    ("closer", "whose", "words"),
    [
        ("ev", "ev", "the vehicle closed the connection without a word on it"),
        ("evse", "evse", "the charger closed the connection without a word on it"),
        (None, "capture", "before a word was said on the connection"),
    ],
)
def test_a_connection_without_a_word_is_whose_who_closes_it(scene, closer, whose, words):
    scene.discover()
    talk = scene.connect()
    if closer:
        talk.close(closer)
    found = failure(scene)
    assert (found.whose, words in found.why) == (whose, True)


# TLS: the items are what the reading of handshakes makes of them.


def alert(plug_in, sender, description, number=50, fatal=True, name="Alert"):
    link = next(item.link for item in plug_in.items if hasattr(item, "link"))
    details = {"level": "fatal", "description": description}
    event = TlsEvent(number, 1005.0, link, sender, name, "in words", details, fatal)
    plug_in.items.append(event)
    return plug_in


@pytest.fixture
def sealed(scene):
    """A connection that went on in TLS, and was closed."""
    scene.discover(security=0x00)
    talk = scene.connect()
    talk.send("ev", b"\x16\x03\x01\x00\x01\x01")
    talk.close("ev")
    [plug_in] = plug_ins_of(scene.trace())
    return plug_in


@pytest.mark.parametrize(
    ("sender", "description", "whose", "words"),
    [
        ("ev", "unknown_ca", "evse", "the vehicle refused the certificate of the other"),
        ("evse", "certificate_expired", "ev", "the charger refused the certificate"),
        (
            "evse",
            "handshake_failure",
            "unclear",
            "the charger ended TLS with handshake_failure",
        ),
        ("ev", "internal_error", "ev", "the vehicle ended TLS with internal_error (in words)"),
        ("ev", "decode_error", "evse", "the vehicle ended TLS with decode_error"),
        (None, "decrypt_error", "unclear", "one side ended TLS with decrypt_error"),
        (None, "internal_error", "unclear", "one side ended TLS with internal_error"),
    ],
)
def test_an_alert_is_the_failure_of_whom_it_complains_of(
    sealed, sender, description, whose, words
):
    found = failure_of(alert(sealed, sender, description))
    assert (found.whose, words in found.why, found.evidence) == (whose, True, (50,))


@pytest.mark.parametrize("how", [{"fatal": False}, {"name": "ServerHello"}])
def test_what_is_no_fatal_alert_is_no_failure(sealed, how):
    assert failure_of(alert(sealed, "ev", "close_notify", **how)) is None


def test_what_tls_hides_is_not_judged(sealed):
    assert failure_of(sealed) is None


def test_an_alert_before_a_second_connection_that_spoke_was_not_the_end(scene):
    talk = scene.connect()
    talk.send("ev", b"\x16\x03\x01\x00\x01\x01")
    scene.connect().exchange(offer(), choice(), SETUP)
    [plug_in] = plug_ins_of(scene.trace())
    found = failure_of(alert(plug_in, "ev", "unknown_ca", number=5))
    assert "certificate" not in found.why


def test_who_can_not_be_told_apart_has_no_culprit(scene):
    hosts = {"ev": "fe80::1", "evse": address(EV)}
    talk = scene.connect(opened=False, hosts=hosts)
    talk.send("ev", b"\x01\xfe")
    talk.close("ev")
    [plug_in] = plug_ins_of(scene.trace())
    assert failure_of(plug_in).whose == "unclear"
