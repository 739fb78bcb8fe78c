"""Whose failure each recorded session was: what a person found who read the dialogues."""

import json

import pytest

from tests.capture.recordings import recordings_in

AMPERA = "opel-ampera-e-2023-01-13-din-spec-70121-session-ampera-dc-din"
MOKKA = "opel-mokka-e"
MODEL_Y = "tesla-model-y-11-1"
VW = "vw-id-4"
OFFERS_AC = "the charger offers only AC_three_phase_core, AC_single_phase_core"
TOO_LONG = "CableCheck took too long"
NOTHING_CAME = "no current came"
NOTHING_IN_COMMON = "no protocol in common: the vehicle offers"
ENDS = "the capture ends"

# By file: each session's verdict, and words of it; None where it ended well.
VERDICTS = {
    "audi-q4-dc-dinspec.pcap": [("capture", "the capture ends 4.7 s after the match")],
    "byd-atto3-2023-04-18-1530-1-config-dc-dinspec.pcap": [("capture", ENDS)],
    # What an earlier session left over, and a file that ends with the first SDP request.
    "byd-atto3-2023-04-18-1533-3-config-ac-iso2-not-supported.pcap": [
        None,
        ("capture", "right after the vehicle asked for the charger's address"),
    ],
    # 25 ms after its own PaymentServiceSelectionReq, without waiting for the answer.
    "citroen-ec4-2024-02-29-1240-2-iso2-ac.pcap": [("ev", OFFERS_AC)],
    # 13 s after the match its link is not up; the charger stays in its matched state, deaf.
    "fiat-scudo-2024-02-20-0937-2-iso2-dc.pcap": [
        ("evse", "no link came of the match: the vehicle asked again 32 times in 4 runs")
    ],
    "hyundai-ioniq5-iso15118-2-ac-2023-04-07-1307-ioniq5-iso15118-ac-not-supported.pcap": [
        ("ev", f"stopped after Authorization, without having asked for energy: {OFFERS_AC}")
    ],
    # Pause after 43 s; the charger knows no pause.
    "mercedes-benz-eqe-2023-04-18-1519-2-config-dc-iso2.pcap": [
        ("evse", "SessionStopReq, which is legal here, with FAILED")
    ],
    "mercedes-benz-eqe-2023-04-18-1520-3-config-ac-iso2.pcap": [("capture", ENDS)],
    # The second vehicle is another one, which does not charge by alternating current so.
    "mercedes-benz-eqe-2023-10-04-iso2-ac.pcap": [
        ("ev", "reset the connection out of the blue, 0.18 s after ChargingStatusRes"),
        ("ev", f"after ServiceDiscovery, without having asked for energy: {OFFERS_AC}"),
    ],
    f"{AMPERA}.pcap": [("evse", TOO_LONG)],
    f"{AMPERA}-1.pcap": [
        ("evse", NOTHING_CAME),
        ("evse", f"{TOO_LONG}: 68 requests in 40.5 s"),
    ],
    f"{AMPERA}-2.pcap": [("evse", "reporting FAILED_EVRESSMalfunction")],
    f"{AMPERA}-3.pcap": [("evse", TOO_LONG), ("evse", NOTHING_CAME)],
    "opel-ampera-e-2023-01-13-iso-15118-2-ac-not-supported-opelampera-ac-iso.pcap": [
        ("unclear", f"{NOTHING_IN_COMMON} urn:din:70121:2012:MsgDef, and none was taken")
    ],
    f"{MOKKA}-din-spec-70121-2023-04-14-1424-8-config-josev-dc-dinspec-failure.pcap": [
        ("evse", "CurrentDemandRes took 355 ms, and the vehicle left 39 ms after it")
    ],
    f"{MOKKA}-iso-15118-2-ac-not-supported-2023-04-14-1421-3-config-ac-iso2.pcap": [
        ("ev", OFFERS_AC)
    ],
    f"{MOKKA}-iso-15118-2-dc-2023-04-14-1426-9-config-josev-dc-iso2-failure.pcap": [
        ("evse", "CurrentDemandRes took 356 ms"),
        ("capture", "the capture ends 1.1 s after the match"),
    ],
    "renault-zoe-z50-r135-din-spec-70121-dc-zoe-z50-r135-dc-charging.pcap": [
        ("evse", "PreChargeReq, which is legal here, with FAILED_SequenceError"),
        ("capture", ENDS),
    ],
    "subaru-solterra-2023-04-18-1521-1-config-dc-dinspec.pcap": [("capture", ENDS)],
    f"{MODEL_Y}-din-spec-70121-2023-01-18-tesla-y-dinspec-infypower-teslay-dc-infy-0.pcap": [
        ("evse", "the vehicle waited 503 ms for CurrentDemandRes, and left")
    ],
    f"{MODEL_Y}-iso15118-2-2023-03-30-1111-tesla-y-iso-not-supported.pcap": [
        ("unclear", NOTHING_IN_COMMON)
    ],
    f"{MODEL_Y}-iso15118-2-ac-iso-1-telsa-model-y.pcap": [("unclear", NOTHING_IN_COMMON)],
    # Both had waited for power since PowerDeliveryRes, and asked for no ChargingStatus.
    f"{VW}-iso-15118-2-ac-2023-04-14-0952-3-config-ac-iso2.pcap": [
        ("evse", "no power came: the vehicle waited for 8.5 s, and ended it")
    ],
    f"{VW}-fw-3-5-2023-04-18-1542-3-config-ac-iso2.pcap": [
        ("evse", "its SessionStop was answered with FAILED_SequenceError")
    ],
    f"{VW}-iso-15118-2-dc-2023-04-14-0951-2-config-dc-iso2.pcap": [("capture", ENDS)],
    # It can't but choose ExternalPayment, for it has no TLS to show a contract in.
    f"{VW}-iso-15118-2-dc-2023-04-14-0953-4-config-dc-iso2-pnc.pcap": [
        ("evse", "the charger offers only Contract, without TLS")
    ],
}


@pytest.fixture(scope="module")
def recordings(shared):
    return recordings_in(shared)


@pytest.mark.parametrize("name", VERDICTS)
def test_a_recorded_failure_is_whose_it_is(recordings, name):
    failures = [session.failure for session in recordings.sessions(name)]
    for failure, expected in zip(failures, VERDICTS[name], strict=True):
        assert (failure is None) is (expected is None)
        if failure is not None:
            assert failure.whose == expected[0]
            assert expected[1] in failure.why


@pytest.mark.parametrize("name", VERDICTS)
def test_its_evidence_are_packets_of_the_session(recordings, name):
    for session in recordings.sessions(name):
        numbers = {item.number for item in session.plug_in.items}
        assert session.failure is None or set(session.failure.evidence) <= numbers


def test_all_other_recordings_ended_well(recordings):
    for name in recordings.index.keys() - VERDICTS.keys():
        told = [session.to_json()["failure"] for session in recordings.sessions(name)]
        assert told
        assert set(map(json.dumps, told)) == {"null"}, name


def test_whatever_the_index_says_has_failed_got_a_verdict(recordings):
    for name, entry in recordings.index.items():
        ends = [session["end"] for session in entry["sessions"]]
        if any("FAILED" in end or "Failed" in end or "closed" in end for end in ends):
            assert any(VERDICTS[name]), name
