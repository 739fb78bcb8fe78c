"""The charger's cases of ISO 15118-5 at the data link: every id, once, with its purpose.

The list is that of a public rendering of the suite, whose own text was not at hand. It lacks
the bodies of PLCLinkStatus, but has its fourteen behaviours; what each case does follows from
its conditions, and for the fifth of CMN from being the only one that the ninth is left for. One
case is left for which nothing is: ``unshown`` says so, and it has passed in part. Power is
measured on the simulated line; what a step of it is in dB is that line's. Nobody knows how to
tell a real modem: with one, the charger answers CM_AMP_MAP.REQ with failure, which is true.
"""

from __future__ import annotations

from dataclasses import dataclass

INFERRED = "the case's own text, published nowhere: checked is all that its group can want"


@dataclass(frozen=True)
class Case:
    """What one case wants to see; ``unshown``: what of it is not shown here, and why.

    ``wanting``: why its very point is not.
    """

    purpose: str
    unshown: str = ""
    wanting: str = ""


def _numbered(group: str, *purposes: str | Case) -> dict[str, Case]:
    return {
        f"TC_SECC_{group}_{number:03}": case if isinstance(case, Case) else Case(case)
        for number, case in enumerate(purposes, start=1)
    }


CASES: dict[str, Case] = {
    **_numbered(
        "CMN_VTB_CmSlacParm",
        "asked in state B, answered in 200 ms, and again",
        "asked in state C, answered in 200 ms, and again",
        "asked in state D, answered in 200 ms, and again",
        "asked after TT_EVSE_SLAC_init: no answer, the pilot steps down",
        "application type FF is ignored, and keeps nothing open",
        "security type FF is ignored, and keeps nothing open",
        "asked in state A: no answer",
        "600 s unplugged, then ready in T_conn_max_comm",
        "600 s unplugged, then the first request is answered",
    ),
    **_numbered(
        "CMN_VTB_AttenuationCharacterization",
        "ten sounds are reported, with all fields",
        "a new run after the report is answered",
        "nine sounds are reported when the window is over",
        "no response: reported three times, then no match",
        "response with application type FF counts for none",
        "response with security type FF counts for none",
        "response with source address 0 counts for none",
        "response with another run counts for none",
        "response with a source id counts for none",
        "response with a response id counts for none",
        "response with result FF counts for none",
        "start after TT_match_sequence: no report",
        "start with application type FF: no report",
        "start with security type FF: no report",
        "start with 0 sounds: no report",
        "start with time-out 0: no report",
        "start with response type 0: no report",
        "start with another run: no report",
        "state A while sounding: no report",
        "10 dB less power: 10 dB more attenuation",
    ),
    **_numbered(
        "CMN_VTB_CmValidate",
        "two steps with toggles: success, and their number",
        "second step with timer 0: the first is confirmed again",
        "no second step: confirmed again, then failed",
        "second step with signal type FF counts for none",
        "second step with result not ready: failed",
        "second step with result success: failed",
        "second step with result failure: failed",
        "second step with result not required: failed",
        "a second car meanwhile: not ready, the first succeeds",
        "a charger that cannot validate: failure",
        "not required, toggled all the same: nothing is upset",
        "not required, then matched",
        "state A while toggling: no answer",
    ),
    **_numbered(
        "CMN_VTB_CmSlacMatch",
        "confirmed without validation, all fields",
        "confirmed after validation, all fields",
        "the same request is confirmed again",
        "the same request is confirmed again, after validation",
        "after TT_EVSE_match_session: no confirmation",
        "after validation and TT_match_sequence: none",
        "application type FF is ignored",
        "application type FF is ignored, after validation",
        "security type FF is ignored",
        "security type FF is ignored, after validation",
        "length 0 is ignored",
        "length 0 is ignored, after validation",
        "PEV id is ignored",
        "PEV id is ignored, after validation",
        "PEV MAC 0 is ignored",
        "PEV MAC 0 is ignored, after validation",
        "EVSE id is ignored",
        "EVSE id is ignored, after validation",
        "EVSE MAC 0 is ignored",
        "EVSE MAC 0 is ignored, after validation",
        "another run is ignored",
        "another run is ignored, after validation",
        "state A before the request: no confirmation",
        "state A before the request, after validation: none",
    ),
    **_numbered(
        "CMN_VTB_PLCLinkStatus",
        "link in TT_match_join",
        "state A: the network is left in TP_match_leave",
        "asked while linked: not a word",
        Case("a link stands through state C and back", INFERRED),
        "a link that is lost: the old network is left",
    ),
    **_numbered(
        "CMN_VTB_CmAmpMap",
        "asked to send more quietly: confirmed, and done, by the power that arrives",
        "asks the car to send more quietly",
        "no confirmation: asked again",
        "confirmed with failure: asked again",
        "a map of no carriers is ignored",
        "two requests in a row are both confirmed",
        "three requests at once are all confirmed",
        "SDP works after the exchange",
    ),
    **_numbered(
        "AC_VTB_CmSlacParm",
        "5 %, authorised, nobody speaks: E/F, nominal, SLAC works",
        "5 %, nobody speaks: E/F and 5 % again, twice, then X1",
        "100 %, authorised: nominal, SLAC works",
        "authorised before the plug: nominal at once, SLAC works",
    ),
    **_numbered(
        "AC_VTB_PLCLinkStatus",
        "authorised while matching: X1, nominal, the link is kept",
        "pause, woken by the car: pulses and link in time",
        "pause, woken by the charger: pulses in 5 s, link, SDP",
        "pause, woken by the car, link gone: E/F, answered",
        "link lost at 5 %: X1, E/F, then 5 % or nominal",
        "link lost at nominal, option A: E/F, and all anew",
        "link lost at nominal, option B: stays, matched anew",
        "session terminated: the network is left in 1 s",
        "100 %, authorised while matching: nominal, link kept",
        "pause, woken by toggles: pulses, SDP works",
        "link lost at 100 %: E/F, then 5 % or nominal",
        "woken at once: no pulses before T_step_X1, but in time",
    ),
    **_numbered(
        "DC_VTB_PLCLinkStatus",
        "pause, woken by the car: 5 % and link",
        "pause, woken by the charger: link, SDP",
        "pause, woken, link gone: E/F, matched anew",
        "link lost: X1, E/F, 5 % or X1",
        "session terminated: the network is left in 1 s",
        "pause, woken by toggles: pulses, SDP works",
        "woken at once: no pulses before T_step_X1, but in time",
    ),
}
