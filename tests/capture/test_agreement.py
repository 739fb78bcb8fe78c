"""All that the index says of the recordings, beside what we read; differences have a reason."""

from itertools import chain

import pytest

from seccstack.capture.items import Discovery, Powerline, TlsEvent
from seccstack.homeplug.frame import Frame
from seccstack.homeplug.messages import SlacParmCnf, SlacParmReq
from seccstack.sdp import SdpRequest, SdpResponse
from tests.capture.recordings import recordings_in

MULTI = "dspace-iso-2-dc-multi-evse-slac-ds5366-josev.pcapng"
AMPERA = "opel-ampera-e-2023-01-13"
ID_4 = "vw-id-4-iso-15118-2-dc"
MOKKA = "opel-mokka-e-iso-15118-2-ac-not-supported"
ZOE = "renault-zoe-z50-r135-din-spec-70121-dc-zoe-z50-r135-dc-charging.pcap"

CUT = "the last one is cut short: ours counts it, and says that it is"
BEHIND = "ours goes on behind the damaged place"
VLANS = "one request, captured behind both chargers, in two VLANs: ours counts it once"

# (file, what): (the index, ours, why)
DIFFERENCES = {
    ("byd-atto3-2023-04-18-1530-1-config-dc-dinspec.pcap", "packets"): (397, 398, CUT),
    ("byd-atto3-2023-04-18-1531-2-config-dc-iso2.pcap", "packets"): (509, 510, CUT),
    ("mercedes-benz-eqe-2023-04-18-1520-3-config-ac-iso2.pcap", "packets"): (122, 123, CUT),
    (f"{AMPERA}-din-spec-70121-session-ampera-dc-din-3.pcap", "packets"): (734, 735, CUT),
    (f"{MOKKA}-2023-04-14-1421-3-config-ac-iso2.pcap", "packets"): (83, 84, CUT),
    ("subaru-solterra-2023-04-18-1521-1-config-dc-dinspec.pcap", "packets"): (758, 759, CUT),
    ("vw-id-4-fw-3-5-2023-04-18-1542-3-config-ac-iso2.pcap", "packets"): (126, 127, CUT),
    (f"{ID_4}-2023-04-14-0951-2-config-dc-iso2.pcap", "packets"): (664, 665, CUT),
    (MULTI, "parm_req"): (2, 1, VLANS),
    (ZOE, "packets"): (5562, 5710, BEHIND),
    (ZOE, "v2gtp_messages"): (2177, 2183, BEHIND),
    (ZOE, "clock_steps_back"): (0, 1, f"{BEHIND}, where packets from before are repeated"),
}


@pytest.fixture(scope="module")
def recordings(shared):
    return recordings_in(shared)


PROTOCOLS = dict.fromkeys(("20C", "20AC", "20DC"), "ISO20")


def plain(mac):
    return mac.replace(":", "").upper()


def colons(mac):
    return mac.hex(":")


def frames(trace, kind):
    powerline = [item.frame for item in trace.items if isinstance(item, Powerline)]
    return [f for f in powerline if isinstance(f, Frame) and isinstance(f.message, kind)]


def asked(trace, kind):
    found = [item.message for item in trace.items if isinstance(item, Discovery)]
    return [message for message in found if isinstance(message, kind)]


def securities(messages):
    return sorted({f"0x{message.security:02x}" for message in messages})


def of_index(entry):
    sessions = entry["sessions"]
    return {
        "packets": entry["packets"],
        "v2gtp_messages": entry["v2gtp_messages"],
        "tls_connections": entry["tls_connections"],
        "v2gtp_tls_decrypted": entry["v2gtp_tls_decrypted"],
        "pev_macs": sorted(entry["pev_macs"]),
        "parm_req": entry["parm_req"],
        "parm_cnf": entry["parm_cnf"],
        "matches": entry["matches"],
        "multi_evse": entry["multi_evse"],
        "clock_steps_back": entry["clock_steps_back"],
        "sdp_req": (entry["sdp"] or {}).get("req", 0),
        "sdp_res": (entry["sdp"] or {}).get("res", 0),
        "sdp_req_sec": sorted((entry["sdp"] or {}).get("req_sec", [])),
        "sdp_res_sec": sorted((entry["sdp"] or {}).get("res_sec", [])),
        "protocols": sorted({PROTOCOLS.get(p, p) for s in sessions for p in s["protocols"]}),
        "evse_slac_macs": sorted(map(plain, entry["evse_slac_macs"])),
        "evccids": sorted({one["evccid"] for one in sessions if one.get("evccid")}),
    }


def of_ours(trace, sessions):
    messages = list(chain.from_iterable(session.messages for session in sessions))
    answers = [{a["evse_mac"] for a in slac(s)["answered_by"]} for s in sessions if s.slac]
    chargers = set().union(*answers)
    return {
        "packets": trace.packets,
        "v2gtp_messages": len(messages),
        "tls_connections": len({i.link.index for i in trace.items if isinstance(i, TlsEvent)}),
        "v2gtp_tls_decrypted": len([m for m in messages if m.link.tls]),
        "pev_macs": sorted({colons(f.source) for f in frames(trace, SlacParmReq)}),
        "parm_req": len(frames(trace, SlacParmReq)),
        "parm_cnf": len(frames(trace, SlacParmCnf)),
        "matches": sum(slac(s)["matched"] for s in sessions if s.slac),
        "multi_evse": any(len(answered) > 1 for answered in answers),
        "clock_steps_back": sum("steps back" in loss.what for loss in trace.losses),
        "sdp_req": len(asked(trace, SdpRequest)),
        "sdp_res": len(asked(trace, SdpResponse)),
        "sdp_req_sec": securities(asked(trace, SdpRequest)),
        "sdp_res_sec": securities(asked(trace, SdpResponse)),
        "protocols": sorted({s.protocol.upper() for s in sessions if s.protocol}),
        "evse_slac_macs": sorted(chargers),
        "evccids": sorted({e for s in sessions if (e := s.identity.to_json()["evccid"])}),
    }


def slac(session):
    return session.to_json()["slac"]


def test_ours_and_the_index_differ_in_nothing_but_what_has_a_reason(recordings):
    found = {}
    for name, entry in recordings.index.items():
        theirs = of_index(entry)
        ours = of_ours(recordings.trace(name), recordings.sessions(name))
        for what, said in theirs.items():
            if ours[what] != said:
                found[name, what] = (said, ours[what])
    assert found == {where: values[:2] for where, values in DIFFERENCES.items()}
