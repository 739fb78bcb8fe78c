"""How a simulated vehicle looks for an SECC."""

import pytest

from seccstack import sdp
from seccstack.sim.search import INTERVAL, REQUESTS, Search

RESPONSE = sdp.SdpResponse(bytes.fromhex("fe80" + 13 * "00" + "01"), 49152, sdp.SECURITY_NONE)


@pytest.fixture
def search():
    search = Search()
    search.begin(5.0)
    return search


def test_it_asks_every_250_ms(search):
    assert search.deadline == 5.0
    assert sdp.SdpRequest.decode(search.ask(5.0)).security == sdp.SECURITY_NONE
    assert search.deadline == 5.0 + INTERVAL


def test_it_gives_up_after_50_requests(search):
    asked = [search.ask(5.0 + n * INTERVAL) for n in range(REQUESTS)]
    assert None not in asked
    assert search.ask(20.0) is None
    assert search.deadline is None


def test_an_answer_ends_it(search):
    search.ask(5.0)
    assert search.found(RESPONSE.encode()) == RESPONSE
    assert search.deadline is None
    assert search.found(RESPONSE.encode()) is None


def test_what_is_no_answer_does_not(search):
    assert search.found(b"hello") is None
    assert search.deadline == 5.0


def test_a_new_search_has_its_requests_again(search):
    for n in range(REQUESTS):
        search.ask(float(n))
    search.begin(60.0)
    assert search.ask(60.0) is not None
