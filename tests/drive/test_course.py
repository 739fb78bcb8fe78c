"""Whole drives of staged recordings: a recorded car at our charger, and what came of it."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seccstack.capture.plugins import PlugIn
from seccstack.capture.sessions import sessions_of
from seccstack.capture.trace import read_trace
from seccstack.drive.course import DriveWorld, drive
from seccstack.drive.script import script_of
from seccstack.errors import MalformedError
from seccstack.homeplug.frame import decode_frame
from seccstack.homeplug.messages import SlacMatchCnf
from seccstack.messages import codec, iso2
from seccstack.messages.codec import Schema
from seccstack.session.plant import DcSupply
from seccstack.slac.station import SendFrame
from tests.capture.scene import (
    EV,
    KEY,
    RUN,
    SET_UP,
    SETUP,
    STOP,
    STOPPED,
    Scene,
    choice,
    exi,
    offer,
)
from tests.drive.recording import (
    charge,
    dice,
    driven,
    names,
    partings,
    plug_in_of,
    recorded,
    scene_of_a_charge,
)

ID = "02AA00000001"


def decoded(index):
    return codec.decode(Schema.ISO2, charge()[index][1]).message


def respoken(name, body):
    """The charge, but the recorded charger answered otherwise."""
    said = []
    for sender, octets in charge():
        schema = Schema.ISO2 if said[1:] else Schema.APP_PROTOCOL
        content = codec.decode(schema, octets).message
        if type(getattr(content, "body", None)).__name__ == name:
            octets = codec.encode(
                Schema.ISO2, iso2.V2G_Message(header=content.header, body=body)
            )
        said.append((sender, octets))
    return said


@pytest.fixture(scope="module")
def session():
    return driven(recorded())


def test_a_car_that_charged_at_our_charger_charges_there_again(session):
    assert session["partings"] == []
    assert session["ended"] == "the vehicle stopped the session; unplugged"
    assert len(session["messages"]) == len(charge())
    assert [change["closed"] for change in session["contactor"]] == [True, False]


def test_it_is_who_it_was(session):
    identity = session["identity"]
    macs = ("slac_mac", "match_mac", "ethernet_mac", "ipv6_mac", "evccid")
    assert {identity[claim] for claim in macs} == {ID}
    assert identity["consistent"] is True


def test_its_times_are_those_of_the_recording(session):
    assert session["started"] == 1000.1
    times = [session["slac"]["seconds"] + 1000.1, *(m["t"] for m in session["messages"])]
    assert times == sorted(times)
    assert all(1000 < evidence["at"] < 1010 for evidence in session["identity"]["evidence"])
    assert session["limits"][0]["told"] > 1000


def test_the_answers_carry_the_session_id_of_our_charger(session):
    theirs = decoded(3).header.session_id.hex().upper()
    ids = {
        m["body"]["V2G_Message"]["Header"]["SessionID"]
        for m in session["messages"]
        if m["schema"] == Schema.ISO2 and m["name"] != "SessionSetupReq"
    }
    assert len(ids) == 1
    assert theirs not in ids


def test_a_limit_was_told_and_nobody_says_that_it_was_obeyed(session):
    [limit] = session["limits"]
    assert (limit["amps"], limit["source"], limit["obeyed"]) == (16.0, "installation", None)


def test_its_form_is_that_of_a_replay_with_what_only_we_know(session):
    [replayed] = sessions_of(recorded().trace())
    ours = ["decision", "limits", "contactor", "partings"]
    assert list(session) == [*replayed.to_json(), *ours]
    assert list(session["slac"]) == list(replayed.to_json()["slac"])


def test_the_car_is_given_a_key_of_ours_and_its_session_object_holds_none():
    world = DriveWorld(script_of(plug_in_of(recorded()), EV), dice(3))
    keys = set()

    def observe(now, event, actions):
        frames = [decode_frame(a.octets) for a in actions if isinstance(a, SendFrame)]
        confirmed = [f.message for f in frames if isinstance(f.message, SlacMatchCnf)]
        keys.update(message.network_key for message in confirmed)

    world.observers.append(observe)
    world.at(1.0, world.plug_in)
    world.run(5.0)
    [key] = keys
    assert key != KEY
    text = str(driven(recorded(), seed=3)).upper()
    assert key.hex().upper() not in text
    assert KEY.hex().upper() not in text


def test_a_parting_is_told_at_the_time_of_the_recording():
    refusal = iso2.SessionStopRes(response_code=iso2.ResponseCode.FAILED_SEQUENCE_ERROR)
    found = driven(recorded(respoken("SessionStopRes", refusal)))
    assert partings(found) == [("SessionStopRes", "OK", "FAILED_SequenceError")]
    assert 1000 < found["partings"][0]["t"] < 1010


def test_a_charger_that_took_longer_to_decide_is_followed():
    body = iso2.AuthorizationRes(
        response_code=iso2.ResponseCode.OK, evse_processing=iso2.EVSEProcessing.ONGOING
    )
    said = charge()
    asked = names(driven(recorded())).index(("ev", "AuthorizationReq"))
    again = [said[asked], ("evse", exi_of(body))]
    found = driven(recorded([*said[:asked], *again, *said[asked:]]))
    assert found["partings"] == []
    assert [n for _, n in names(found)].count("AuthorizationRes") == 2


def exi_of(body):
    return codec.encode(Schema.ISO2, iso2.V2G_Message(header=decoded(3).header, body=body))


@pytest.mark.parametrize("mac", [None, bytes(6), b"\xff" * 6, b"\1\0\0\0\0\1"])
def test_a_car_that_never_says_who_it_is_is_not_driven(mac):
    assert drive(PlugIn("x", mac), dice(1)) is None


DAMAGE = st.tuples(st.integers(0, 70), st.integers(0, 120), st.integers(1, 255))


@settings(max_examples=30, deadline=None)
@given(st.lists(DAMAGE, max_size=30), st.sets(st.integers(0, 70), max_size=10))
def test_whatever_is_damaged_or_lacking_in_a_recording_it_can_be_driven(damage, lost):
    packets = list(recorded().packets)
    for which, place, bits in damage:
        packet = packets[which % len(packets)]
        octets = bytearray(packet.octets)
        octets[place % len(octets)] ^= bits
        packets[which % len(packets)] = replace(packet, octets=bytes(octets))
    trace = read_trace("x", [p for n, p in enumerate(packets) if n not in lost])
    for session in sessions_of(trace):
        found = drive(session.plug_in, dice(1), longest=300.0)
        assert found is None or found["source"] == "x"


def test_a_silence_of_our_charger_is_explained_where_it_had_given_up():
    scene = Scene()
    scene.match()
    scene.packets = [replace(packet, time=packet.time - 30) for packet in scene.packets]
    scene.discover()
    scene.connect().exchange(STOP, STOPPED)
    [silence, *_] = driven(scene)["partings"]
    assert (silence["message"], silence["ours"]) == ("SECC Discovery Response", None)
    assert silence["why"] == (
        "our charger said nothing: by pulse width, because no session within 20 s of the link"
    )


def test_a_car_that_was_only_matched_went_no_further():
    scene = Scene()
    scene.match()
    found = driven(scene)
    assert found["ended"] == "matched, and then nothing came from the vehicle; unplugged"
    assert (found["protocol"], found["tls"], found["messages"]) == (None, None, [])


def test_a_recording_of_the_network_alone_is_driven_as_if_the_car_had_been_matched():
    scene = Scene()
    scene.discover()
    talk = scene.connect()
    for sender, octets in charge():
        talk.say(sender, octets)
    found = driven(scene)
    assert (found["slac"], found["identity"]["slac_mac"]) == (None, None)
    assert names(found)[-1] == ("evse", "SessionStopRes")
    assert found["partings"] == []


def test_a_car_that_cannot_be_recognised_has_a_card_when_the_recorded_charger_authorised_it():
    scene = Scene()
    scene.discover()
    talk = scene.connect()
    for sender, octets in charge():
        talk.say(sender, octets)
    decision = driven(scene)["decision"]
    assert (decision["granted"], decision["by"]) == (True, "card")


def test_a_car_that_the_recorded_charger_refused_is_not_authorised():
    body = iso2.AuthorizationRes(
        response_code=iso2.ResponseCode.FAILED, evse_processing=iso2.EVSEProcessing.FINISHED
    )
    asked = names(driven(recorded())).index(("ev", "AuthorizationReq"))
    found = driven(recorded([*charge()[: asked + 1], ("evse", exi_of(body))]))
    assert found["decision"]["granted"] is None
    [parting] = found["partings"]
    assert (parting["ours"], parting["theirs"]) == ("OK, Ongoing", "FAILED, Finished")
    assert parting["why"].startswith("theirs refused it where ours still waits")


def test_a_car_whose_discovery_the_capture_lacks_has_the_address_it_connected_from():
    scene = Scene()
    scene.match()
    scene.connect().exchange(offer(), choice())
    found = driven(scene)
    assert found["identity"]["ethernet_mac"] == found["identity"]["ipv6_mac"] == "02AA00000001"
    assert found["identity"]["consistent"] is True
    assert len(found["messages"]) == 2


def test_a_car_that_hangs_up_in_a_pause_of_our_pilot_has_left_all_the_same():
    scene, talk = scene_of_a_charge()
    talk.say("ev", offer())
    talk.say("evse", choice())
    talk.close("ev")
    found = driven(scene)
    assert found["ended"].startswith("the vehicle closed the connection after supportedApp")
    assert found["ended"].endswith("unplugged")  # before the charger had given it up


def test_a_recording_that_lasts_for_ever_is_not_driven_for_ever():
    scene = Scene()
    scene.match()
    scene.ask(run=bytes(8))
    *before, last = scene.packets
    scene.packets = [*before, replace(last, time=last.time + 1e9)]
    assert "; still plugged in" in drive(plug_in_of(scene), dice(2), longest=200.0)["ended"]


@pytest.mark.parametrize(
    ("amps", "volts"), [(0, 230), (-5, 230), (32767, 230), (16, 0), (16, -1), (16, 32767)]
)
def test_an_offer_that_no_charger_can_make_is_not_made(amps, volts):
    def value(number, unit):
        return iso2.PhysicalValue(multiplier=0, unit=iso2.UnitSymbol(unit), value=number)

    status = iso2.AC_EVSEStatus(
        notification_max_delay=0, evse_notification=iso2.EVSENotification.NONE, rcd=False
    )
    offered = iso2.AC_EVSEChargeParameter(
        ac_evse_status=status,
        evse_nominal_voltage=value(volts, "V"),
        evse_max_current=value(amps, "A"),
    )
    response = iso2.ChargeParameterDiscoveryRes(
        response_code=iso2.ResponseCode.OK,
        evse_processing=iso2.EVSEProcessing.FINISHED,
        evse_charge_parameter=offered,
    )
    found = driven(recorded(respoken("ChargeParameterDiscoveryRes", response)))
    assert found["partings"] == []
    assert found["limits"][0]["amps"] in (16.0, amps)


def test_the_matching_is_as_good_as_it_was_then():
    scene = Scene()
    for step in (scene.ask, scene.answer, scene.sound, lambda: scene.report(db=33)):
        step()
    assert driven(scene)["slac"]["attenuation_db"] == 33.0


def test_a_matching_whose_loss_nobody_knows_has_that_of_a_usual_line():
    scene = Scene()
    scene.ask()
    found = driven(scene)
    assert found["slac"]["matched"] is False
    assert found["slac"]["run_id"] == RUN.hex().upper()


def test_what_is_not_said_on_the_session_is_not_made_up():
    scene, talk = scene_of_a_charge()
    talk.exchange(offer(), choice(), SETUP, SET_UP, STOP, STOPPED)
    found = driven(scene)
    assert found["messages"][0]["exi"] == exi(offer()).hex().upper()
    assert found["decision"]["granted"] is None
    assert found["contactor"] == []


SUPPLY = DcSupply(max_volts=600, max_amps=50, max_watts=10_000)


def test_a_car_on_dc_is_driven_at_a_charger_like_the_one_it_met():
    found = driven(recorded(charge(supply=SUPPLY)))
    assert partings(found) == []
    assert "WeldingDetectionRes" in str(names(found))
    assert found["limits"][0]["amps"] == 14.5  # 10 kW on three phases


@pytest.mark.parametrize("answered", [True, False])
def test_a_car_that_only_asked_for_dc_is_given_a_charger_for_dc(answered):
    said = charge(supply=SUPPLY)
    kinds = [decode_any(octets) for _, octets in said]
    last = kinds.index("ChargeParameterDiscoveryReq") + 1 + answered
    found = driven(recorded(said[:last]))
    assert ("ev", "ChargeParameterDiscoveryReq") in names(found)
    assert partings(found) == []


def decode_any(octets):
    try:
        return type(codec.decode(Schema.ISO2, octets).message.body).__name__
    except (MalformedError, AttributeError):
        return None
