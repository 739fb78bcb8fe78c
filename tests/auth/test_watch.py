"""A visit, watched for what its fingerprint is made of."""

import pytest

from seccstack.auth.fingerprint import FRESH, MAX_OFFERS, NOTHING
from seccstack.auth.watch import HIGHEST, MAX_STATIONS, MAX_TIMES, Watch
from seccstack.homeplug.messages import MnbcSoundInd, SlacParmReq, StartAttenCharInd
from seccstack.messages import app_protocol, iso2

MAC, OTHER = bytes.fromhex("90125E0140B3"), bytes.fromhex("90125E0140B4")
RUN, LATER = bytes.fromhex("FD3FA6BFF5099E10"), bytes.fromhex("1EAE78130E7676C1")


def sounding(watch, mac=MAC, run=RUN, at=1.0, sounds=10):
    """A vehicle asks, and sounds every 20 ms."""
    watch.frame(mac, SlacParmReq(run_id=run), at)
    watch.frame(mac, StartAttenCharInd(forwarding_station=mac, run_id=run), at + 0.1)
    for number in range(sounds):
        sound = MnbcSoundInd(remaining=9 - number % 10, run_id=run, random=bytes(16))
        watch.frame(mac, sound, at + 0.2 + number / 50)
    return watch


def matched(run=RUN, at=2.0, **other):
    watch = sounding(Watch(), run=run, **other)
    watch.matched(MAC, run, at)
    return watch


@pytest.fixture
def watch():
    return Watch()


def test_at_first_nothing_was_seen(watch):
    assert watch.fingerprint == NOTHING
    assert watch.fingerprint.empty


# Matching.


def test_matching_tells_run_id_and_times():
    shown = matched().fingerprint
    assert (shown.run_id, shown.run_octets) == (FRESH, RUN.hex().upper())
    assert (shown.start, shown.sounds) == (0.1, 0.02)


def test_a_run_id_that_follows_a_rule_is_not_kept_as_it_is():
    shown = matched(run=MAC + bytes(2)).fingerprint
    assert (shown.run_id, shown.run_octets) == ("MAC+0000", None)


def test_who_was_not_heard_before_it_was_matched_has_no_times(watch):
    watch.frame(OTHER, StartAttenCharInd(forwarding_station=OTHER, run_id=RUN), 0.0)
    watch.frame(OTHER, MnbcSoundInd(remaining=9, run_id=RUN, random=bytes(16)), 0.0)
    watch.matched(MAC, RUN, 1.0)
    assert (watch.fingerprint.start, watch.fingerprint.sounds) == (None, None)


def test_a_repeated_start_is_no_later_start():
    watch = sounding(Watch())
    watch.frame(MAC, StartAttenCharInd(forwarding_station=MAC, run_id=RUN), 1.9)
    watch.matched(MAC, RUN, 2.0)
    assert watch.fingerprint.start == 0.1


def test_of_strangers_that_ask_the_first_are_forgotten(watch):
    sounding(watch)
    for number in range(MAX_STATIONS):
        watch.frame(bytes([0x90, 0, 0, 0, 0, number]), SlacParmReq(run_id=RUN), 1.5)
    watch.matched(MAC, RUN, 2.0)
    assert watch.fingerprint.sounds is None


def test_sounds_without_end_are_counted_up_to_a_bound():
    watch = sounding(Watch(), sounds=10 * MAX_TIMES)
    watch.matched(MAC, RUN, 9.0)
    assert watch.fingerprint.sounds == 0.02


# Two stations with one address.


def test_a_vehicle_that_begins_anew_is_one_station():
    watch = sounding(sounding(Watch()), run=LATER, at=3.0)
    watch.matched(MAC, LATER, 4.0)
    sounding(watch, run=RUN, at=5.0)  # once more with the first run id
    assert watch.doubled is None


def test_a_run_that_goes_on_after_another_has_begun_is_a_second_station_s():
    watch = sounding(Watch())
    watch.frame(MAC, SlacParmReq(run_id=LATER), 1.5)
    watch.frame(MAC, MnbcSoundInd(remaining=0, run_id=RUN, random=bytes(16)), 1.6)
    assert watch.doubled is None  # it may be a neighbour's
    watch.frame(MAC, SlacParmReq(run_id=LATER), 1.7)
    watch.matched(MAC, LATER, 2.0)
    assert f"RunID {RUN.hex().upper()} and {LATER.hex().upper()}" in watch.doubled


def test_so_it_is_after_the_match():
    watch = matched()
    watch.frame(MAC, SlacParmReq(run_id=LATER), 3.0)
    watch.frame(MAC, StartAttenCharInd(forwarding_station=MAC, run_id=RUN), 3.1)
    assert watch.doubled is not None


def test_what_two_other_stations_do_is_no_matter_of_the_vehicle():
    watch = matched()
    watch.frame(OTHER, SlacParmReq(run_id=RUN), 3.0)
    watch.frame(OTHER, SlacParmReq(run_id=LATER), 3.1)
    watch.frame(OTHER, StartAttenCharInd(forwarding_station=OTHER, run_id=RUN), 3.2)
    assert watch.doubled is None


# SDP.


@pytest.mark.parametrize(("octet", "word"), [(0, "TLS"), (0x10, "none"), (0x20, "0x20")])
def test_sdp_tells_the_security_and_the_time_since_the_match(octet, word):
    watch = matched(at=2.0)
    watch.asked(octet, 6.09)
    assert (watch.fingerprint.security, watch.fingerprint.sdp) == (word, 4.09)
    assert watch.fingerprint.sdp_again is None


def test_requests_that_are_repeated_tell_how_often():
    watch = matched()
    for number in range(3 * MAX_TIMES):
        watch.asked(0x10, 3.0 + number / 4)
    assert (watch.fingerprint.sdp, watch.fingerprint.sdp_again) == (1.0, 0.25)


@pytest.mark.parametrize("at", [1.5, 2.0 + HIGHEST + 1])
def test_a_time_that_cannot_be_is_not_kept(at):
    watch = matched(at=2.0)
    watch.asked(0x10, at)
    assert watch.fingerprint.sdp is None


def test_without_a_match_there_is_no_time_since_it(watch):
    watch.asked(0x10, 3.0)
    assert watch.fingerprint.sdp is None


def test_an_inquiry_after_a_connection_tells_no_times_of_the_first():
    watch = matched()
    watch.asked(0x10, 3.0)
    watch.connected()
    watch.asked(0x10, 40.0)
    assert (watch.fingerprint.sdp, watch.fingerprint.sdp_again) == (1.0, None)


def test_a_connection_is_kept_as_it_was_first_made(watch):
    watch.connected("window 350")
    watch.connected("window 512")
    assert watch.fingerprint.tcp == "window 350"


# Messages.


def offers(count=2):
    return app_protocol.SupportedAppProtocolReq(
        app_protocol=tuple(
            app_protocol.AppProtocol(
                protocol_namespace="urn:iso:15118:2:2013:MsgDef",
                version_number_major=2,
                version_number_minor=0,
                schema_id=number,
                priority=number + 1,
            )
            for number in range(count)
        )
    )


def enveloped(body, session_id=bytes(1)):
    return iso2.V2G_Message(header=iso2.MessageHeader(session_id=session_id), body=body)


def step(number):
    """Requests, each of another kind than the one before."""
    return enveloped(iso2.AuthorizationReq() if number % 2 else iso2.ServiceDiscoveryReq())


def test_the_offer_is_kept_in_its_order(watch):
    watch.requested(offers(), 0.0)
    assert watch.fingerprint.offer == (
        "urn:iso:15118:2:2013:MsgDef 2.0 id 0 priority 1",
        "urn:iso:15118:2:2013:MsgDef 2.0 id 1 priority 2",
    )


def test_of_an_endless_offer_the_beginning_is(watch):
    watch.requested(offers(5 * MAX_OFFERS), 0.0)
    assert len(watch.fingerprint.offer) == MAX_OFFERS


@pytest.mark.parametrize(
    ("session_id", "words"), [(b"", "0 zeros"), (bytes(8), "8 zeros"), (b"\1" * 6, "6 octets")]
)
def test_the_session_id_of_the_first_session_is_told_by_its_length(watch, session_id, words):
    watch.requested(enveloped(iso2.SessionSetupReq(evccid=MAC), session_id), 0.0)
    watch.requested(enveloped(iso2.SessionSetupReq(evccid=MAC), b"\7" * 8), 9.0)
    assert watch.fingerprint.session_id == words


def test_the_pace_is_the_median_of_the_times_from_response_to_request(watch):
    for number, seconds in enumerate((0.02, 0.5, 0.03)):
        watch.responded(float(number))
        watch.requested(step(number), number + seconds)
    assert watch.fingerprint.pace == 0.03


def test_polls_are_no_pace(watch):
    for number in range(5):
        watch.responded(float(number))
        watch.requested(enveloped(iso2.AuthorizationReq()), number + (0.5 if number else 0.02))
    assert watch.fingerprint.pace == 0.02


def test_only_the_first_paces_count(watch):
    for number in range(3 * MAX_TIMES):
        watch.responded(float(number))
        watch.requested(step(number), number + (0.1 if number < MAX_TIMES else 0.9))
    assert watch.fingerprint.pace == 0.1


def value(number, unit=iso2.UnitSymbol.A, multiplier=0):
    return iso2.PhysicalValue(multiplier=multiplier, unit=unit, value=number)


def wanting(departure_time=None, most=None):
    wanted = iso2.AC_EVChargeParameter(
        departure_time=departure_time,
        e_amount=value(20, iso2.UnitSymbol.WH, 3),
        ev_max_voltage=value(400, iso2.UnitSymbol.V),
        ev_max_current=value(32),
        ev_min_current=value(15, multiplier=-1),
    )
    return enveloped(
        iso2.ChargeParameterDiscoveryReq(
            max_entries_sa_schedule_tuple=most,
            requested_energy_transfer_mode=iso2.EnergyTransferMode.AC_THREE_PHASE_CORE,
            ev_charge_parameter=wanted,
        )
    )


def test_of_the_parameters_what_stays_is_kept(watch):
    watch.requested(wanting(), 0.0)
    assert watch.fingerprint.parameters == (
        "mode AC_three_phase_core",
        "MaxEntries absent",
        "DepartureTime absent",
        "EAmount in 10^3 Wh",
        "EVMaxVoltage 400x10^0 V",
        "EVMaxCurrent 32x10^0 A",
        "EVMinCurrent 15x10^-1 A",
    )


def test_a_departure_is_told_as_such_and_not_when_it_is(watch):
    watch.requested(wanting(3600, 192), 0.0)
    assert {"MaxEntries 192", "DepartureTime given"} <= set(watch.fingerprint.parameters)


def test_other_requests_tell_nothing_but_the_pace(watch):
    watch.requested(enveloped(iso2.ServiceDiscoveryReq()), 0.0)
    assert watch.fingerprint == NOTHING
