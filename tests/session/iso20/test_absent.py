"""Ways to charge that this charger does not have: each is refused in the words for it."""

import pytest

from seccstack import v2gtp
from seccstack.session.events import BytesReceived, Ignored, SendBytes
from tests.session.iso20.vehicle import Ev, detail, discovery, selection

WPT, ACDP, DC, DC_BPT, MCS = 3, 4, 2, 6, 8
ABSENT = [WPT, ACDP, DC, DC_BPT, MCS, 5, 65_535]


@pytest.mark.parametrize("service", ABSENT)
def test_nothing_is_told_of_a_service_that_is_not_there(service):
    assert Ev().discover().code(detail(service)) == "FAILED_ServiceIDInvalid"


@pytest.mark.parametrize("service", ABSENT)
def test_nor_can_it_be_selected(service):
    code = Ev().discover().code(selection(service))
    assert code == "FAILED_NoEnergyTransferServiceSelected"


def test_a_vehicle_that_supports_nothing_else_is_shown_what_there_is():
    listed = Ev().authorize().ask(discovery(WPT, ACDP)).energy_transfer_service_list.service
    assert [one.service_id for one in listed] == [1]


@pytest.mark.parametrize("payload", [v2gtp.ACDP_MAINSTREAM, v2gtp.WPT_MAINSTREAM])
def test_messages_of_theirs_are_not_answered(payload):
    ev = Ev().select()
    actions = ev.session.receive(BytesReceived(v2gtp.encode(payload, b"\x80")), ev.now)
    assert isinstance(actions[0], Ignored)
    assert SendBytes not in map(type, actions)
