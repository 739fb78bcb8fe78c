"""What is wrong with a message, in words."""

import pytest

from seccstack.homeplug.messages import (
    BROADCAST,
    MnbcSoundInd,
    SlacParmReq,
    ValidateReq,
)
from seccstack.slac.checks import complaint
from seccstack.slac.events import Heard
from tests.slac.bench import EV, EVSE, OTHER, RUN, choice, response, start


@pytest.mark.parametrize(
    ("message", "destination", "expected"),
    [
        (SlacParmReq(run_id=RUN), BROADCAST, None),
        (SlacParmReq(run_id=RUN), EVSE, None),
        (SlacParmReq(run_id=RUN), OTHER, f"sent to {OTHER.hex()}"),
        (start(), BROADCAST, None),
        (start(num_sounds=0), BROADCAST, "num_sounds is 0"),
        (start(timeout=0), BROADCAST, "timeout is 0"),
        (start(response_type=0), BROADCAST, "response_type is 0, not 1"),
        (
            MnbcSoundInd(security_type=1, remaining=1, run_id=RUN, random=bytes(16)),
            BROADCAST,
            "security_type is 1, not 0",
        ),
        (response(), EVSE, None),
        (response(), BROADCAST, f"sent to {BROADCAST.hex()}"),
        (ValidateReq(), EVSE, None),
        (choice(), EVSE, None),
        (choice(evse_mac=OTHER), EVSE, f"evse_mac is {OTHER.hex()}, not {EVSE.hex()}"),
    ],
)
def test_a_complaint_names_the_field(message, destination, expected):
    assert complaint(Heard(destination, EV, message), EVSE) == expected
