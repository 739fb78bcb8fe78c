"""Recordings of real vehicles: messages, identities and ends as others read them."""

import re
from itertools import pairwise

import pytest

from seccstack.capture.items import TlsEvent
from seccstack.capture.reader import read_capture
from seccstack.capture.sessions import message_to_json, sessions_of
from seccstack.capture.trace import read_trace
from seccstack.tls.keylog import KeyLog
from tests.capture.recordings import recordings_in

AC = [
    "audi-q4-ac-iso2-1.pcap",
    "citroen-ec4-2024-02-29-1240-2-iso2-ac.pcap",
    "dspace-iso-2-ac-ds5366.pcapng",
    "mercedes-benz-eqe-2023-04-18-1520-3-config-ac-iso2.pcap",
    "mercedes-benz-eqe-2023-10-04-iso2-ac.pcap",
    "skoda-enyaq-v3-0-2023-01-16-iso15118-ac-lumissil-enyaq-ac-iso-lumissil.pcap",
    "skoda-enyaq-v3-0-iso15118-ac-josev-enyaq-ac-0.pcap",
    "vw-id-4-fw-3-5-2023-04-18-1542-3-config-ac-iso2.pcap",
    "vw-id-4-iso-15118-2-ac-2023-04-14-0952-3-config-ac-iso2.pcap",
]
ZOE = "renault-zoe-z50-r135-din-spec-70121-dc-zoe-z50-r135-dc-charging.pcap"
STALE = "byd-atto3-2023-04-18-1533-3-config-ac-iso2-not-supported.pcap"
ENDS = {
    r"SessionStop OK \(Pause\)": "the vehicle paused the session",
    r"SessionStop OK": "the vehicle stopped the session|SessionStopRes, and nothing before",
    r"SessionStopRes (FAILED\w*)": r"the vehicle's SessionStop was answered with \1",
    r"capture cut at (\w+)": r"the capture ends after \1",
    r"supportedAppProtocolRes (\w+)": r"no protocol in common \(\1\)",
    r"ev closed/RST after (\w+)": r"the vehicle (closed|reset) .* (after|before) \1",
    r"ev\+evse closed/RST after (\w+)": r"the vehicle closed .* (after|before) \1",
}


@pytest.fixture(scope="module")
def recordings(shared):
    return recordings_in(shared)


def messages(sessions):
    found = [item for session in sessions for item in session.messages]
    return sorted(found, key=lambda item: item.number)


def same_messages(recordings, name):
    expected = recordings.sequence()[name]
    octets = recordings.decoded()
    found = [
        (m.number, m.link.index, m.sender, m.name, m.exi.hex())
        for m in before_damage(recordings, name)
    ]
    assert found == [
        (e["frames"][-1], e["conn"], e["direction"], e["message"], octets[e["id"]]["exi_hex"])
        for e in sorted(expected, key=lambda entry: entry["frames"])
    ]


def before_damage(recordings, name):
    """Our messages; of the file with a damaged place, those before it."""
    found = messages(recordings.sessions(name))
    return [m for m in found if name != ZOE or m.number <= recordings.index[ZOE]["packets"]]


@pytest.mark.parametrize("name", AC)
def test_every_message_of_an_ac_recording_is_found_in_order(recordings, name):
    same_messages(recordings, name)


@pytest.mark.parametrize("name", AC)
def test_every_body_of_an_ac_recording_means_what_the_oracle_says(recordings, name):
    meant = recordings.decoded()
    told = [m for session in recordings.sessions(name) for m in session.to_json()["messages"]]
    told.sort(key=lambda message: message["t"])
    sequence = sorted(recordings.sequence()[name], key=lambda entry: entry["ts"])
    assert [m["body"] for m in told] == [meant[e["id"]]["decoded_json"] for e in sequence]


@pytest.mark.parametrize("name", AC)
def test_the_vehicle_of_an_ac_recording_is_who_the_index_says(recordings, name):
    entries = recordings.index[name]["sessions"]
    evccids = dict.fromkeys(entry["evccid"] for entry in entries)
    identities = [s.identity.to_json() for s in recordings.sessions(name)]
    for identity, evccid in zip(identities, evccids, strict=True):
        claims = ("slac_mac", "match_mac", "ethernet_mac", "ipv6_mac", "evccid")
        assert [identity[claim] for claim in claims] == [evccid] * 5
        assert identity["consistent"] is True


@pytest.mark.parametrize("name", AC)
def test_an_ac_recording_speaks_iso2_without_tls(recordings, name):
    for session in recordings.sessions(name):
        assert (session.protocol, session.tls) == ("iso2", False)


def test_every_message_of_every_recording_is_found_in_order(recordings):
    for name in recordings.index:
        same_messages(recordings, name)


def test_every_matching_is_the_one_that_the_index_has(recordings):
    for name, entry in recordings.index.items():
        found = [
            (s.slac.run_id.hex(), s.slac.evse_mac.hex(":"), s.slac.nid.hex())
            for s in recordings.sessions(name)
            if s.slac and s.slac.matched
        ]
        assert found == [(m["run"], m["evse"], m["nid"]) for m in entry["match"]], name


def test_the_duration_of_every_matching_is_that_from_the_answered_request(recordings):
    for name, entry in recordings.index.items():
        found = [s.slac.seconds for s in recordings.sessions(name) if s.slac]
        wanted = [m["t_last_parm_to_match"] for m in entry["match"]]
        assert found == pytest.approx(wanted, abs=0.001), name


def test_every_session_ends_as_the_index_says(recordings):
    for name, entry in recordings.index.items():
        spoken = [s for s in recordings.sessions(name) if s.messages]
        for session in spoken if name != ZOE else []:
            last = session.messages[-1].link.index
            [end] = [e["end"] for e in entry["sessions"] if e["conn"] == last]
            assert any(
                (said := re.fullmatch(theirs, end))
                and re.match(said.expand(ours), session.ended)
                for theirs, ours in ENDS.items()
            ), (name, end, session.ended)


def test_several_connections_over_one_link_are_one_plug_in(recordings):
    [session] = recordings.sessions("audi-q4-ac-iso2-1.pcap")
    assert len({message.link for message in session.messages}) == 5
    assert len(session.messages) == 1224


def test_runs_of_the_same_vehicle_at_another_charger_are_no_plug_ins(recordings):
    first, second = recordings.sessions("mercedes-benz-eqe-2023-10-04-iso2-ac.pcap")
    assert (first.slac.parm_req, second.slac.parm_req) == (1, 1)
    [error] = first.errors
    assert "47 times in 23 runs: it chose D64B4ACC06E8, 0001870C2908" in error.what


def test_a_message_of_the_plug_in_before_makes_no_part_of_this_one(recordings):
    stale, session = recordings.sessions(STALE)
    assert (len(stale.messages), stale.slac, stale.identity.slac_mac) == (1, None, None)
    assert stale.ended == "SessionStopRes, and nothing before it is in the capture"
    assert session.messages == ()


def test_a_recording_that_is_damaged_in_the_middle_goes_on_after_it(recordings):
    trace = recordings.trace(ZOE)
    assert trace.packets == 5710  # 149 after the damaged place, of which 133 came before it too
    assert trace.losses[0].what == "125 damaged octets at 614506"
    assert len(messages(recordings.sessions(ZOE))) == 2183  # six of them new


def tls_recordings(recordings):
    return [(name, e) for name, e in recordings.index.items() if e["tls_connections"]]


def test_tls_recordings_are_opened_with_the_secrets_that_they_hold(recordings):
    found = tls_recordings(recordings)
    assert len(found) == 5
    for name, entry in found:
        [session] = recordings.sessions(name)
        assert (session.tls, session.errors) == (True, ()), name
        assert len(session.messages) == entry["v2gtp_tls_decrypted"], name
        assert b"CLIENT_" in recordings.trace(name).key_log


def test_every_body_of_a_tls_recording_means_what_the_oracle_says(recordings):
    meant = recordings.decoded()
    for name, _ in tls_recordings(recordings):
        told = [message_to_json(m)["body"] for m in messages(recordings.sessions(name))]
        sequence = sorted(recordings.sequence()[name], key=lambda entry: entry["frames"])
        assert told == [meant[e["id"]]["decoded_json"] for e in sequence]


def test_the_handshakes_of_the_tls_recordings_are_seen_to_their_end(recordings):
    for name, _ in tls_recordings(recordings):
        events = [i for i in recordings.trace(name).items if isinstance(i, TlsEvent)]
        names = [(event.sender, event.name) for event in events]
        assert names[:2] == [("ev", "ClientHello"), ("evse", "ServerHello")]
        assert {("ev", "Finished"), ("evse", "Finished"), ("evse", "Certificate")} < set(names)
        assert names[-1] == ("ev", "Alert")
        assert not any(event.fatal for event in events)


def test_a_tls_recording_without_secrets_lacks_them_and_takes_them_from_elsewhere(recordings):
    for name, entry in tls_recordings(recordings):
        records = read_capture(recordings.folder / "captures" / name)
        kept = [record for record in records if not discloses(record)]
        [sealed] = sessions_of(read_trace(name, kept))
        [error] = sealed.errors
        assert (
            error.what
            == "TLS: its messages can't be read: no key log (--keylog) has its secrets"
        )
        secrets = KeyLog()
        secrets.add(recordings.trace(name).key_log)
        [opened] = sessions_of(read_trace(name, kept, secrets))
        assert len(opened.messages) == entry["v2gtp_tls_decrypted"]


def discloses(record):
    """Whether a record is one of the datagrams with secrets."""
    return any(word in getattr(record, "octets", b"") for word in (b"CLIENT_", b"_SECRET"))


def test_every_request_of_every_car_is_followed_by_its_answer(recordings):
    for name in AC:
        for session in recordings.sessions(name):
            pairs = pairwise(m for m in session.messages)
            asked = [(ev.name, evse.name) for ev, evse in pairs if ev.sender == "ev"]
            assert all(answer == request[:-3] + "Res" for request, answer in asked)
