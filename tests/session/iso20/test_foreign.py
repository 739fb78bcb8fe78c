"""Messages of services that there are not: they are read, and refused in kind."""

import inspect

import pytest
from msgspec import structs

from seccstack import v2gtp
from seccstack.messages import iso20_acdp, iso20_wpt
from seccstack.messages.codec import decode, encode
from seccstack.session.events import Broken, SessionEnded
from seccstack.session.iso20 import foreign
from tests.session.iso20.vehicle import ANY, OUR_ID, Ev

KINDS = [
    kind
    for module in (iso20_acdp, iso20_wpt)
    for name, kind in inspect.getmembers(module, inspect.isclass)
    if name.endswith("Req") and "header" in getattr(kind, "__struct_fields__", ())
]


def made(kind):
    return structs.replace(foreign._nothing(kind), header=ANY)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_a_request_of_a_service_that_was_not_selected_is_refused_by_its_response(kind):
    """E-16."""
    ev = Ev().charge()
    request = made(kind)
    schema = foreign.schema_of(request)
    types = {schema: number for number, schema in ev.session._dialogue.schemas.items()}
    ev.write(v2gtp.encode(types[schema], encode(schema, request)))
    response = ev.answer()
    assert type(response).__name__ == kind.__name__.removesuffix("Req") + "Res"
    assert response.response_code.value == "FAILED_SequenceError"
    assert response.header.session_id == OUR_ID
    assert isinstance(ev.last[-1], SessionEnded)
    assert isinstance(ev.last[-1].how, Broken)
    assert not ev.energy()
    assert decode(schema, encode(schema, response)).findings == ()


def test_a_response_of_such_a_service_is_no_message_of_ours():
    assert foreign.response_to(made(iso20_acdp.ACDP_ConnectRes)) is None
    assert foreign.response_to(object()) is None
