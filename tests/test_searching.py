"""What a vehicle declares, and by which message."""

import pytest

from seccstack.energy.floor import Floor
from seccstack.energy.watchdog_events import Means
from seccstack.messages import iso2
from seccstack.messages.codec import Schema
from seccstack.outlet import Settings
from seccstack.parts import Parts
from seccstack.searching import Searching
from seccstack.session.events import Exchanged
from seccstack.session.plant import Charger
from seccstack.sim import evcc_requests as requests
from seccstack.sim.evcc_requests import Wishes

DC = iso2.EnergyTransferMode.DC_EXTENDED


def asked_of_the_search(body):
    """Return the events that come of a message."""
    parts = Parts(Settings(charger=Charger(evse_id="DE*SEC*E000001"), rated_amps=16))
    heard = []
    parts.feed = lambda machine, event, now: heard.append((type(machine), event))
    header = iso2.MessageHeader(session_id=bytes(8))
    message = iso2.V2G_Message(header=header, body=body)
    exchanged = Exchanged("ev", Schema.ISO2, type(body).__name__, b"", message)
    Searching(parts).follow(exchanged, [], Means.MESSAGES, 0.0)
    return [event.amps for kind, event in heard if kind is Floor]


@pytest.mark.parametrize(
    ("wishes", "declared"),
    [({"min_amps": 7}, [7.0]), ({"min_amps": 2}, [2.0]), ({"mode": DC}, [])],
)
def test_what_it_declares_as_its_least_on_ac_is_a_hint(wishes, declared):
    assert asked_of_the_search(requests.parameters(Wishes(evccid=b"", **wishes))) == declared


def test_another_request_declares_nothing():
    assert asked_of_the_search(iso2.ChargingStatusReq()) == []
