"""What the cases need."""

from functools import partial

import pytest

from seccstack.pilot.settings import Current
from tests.slac.suite.tester import Prober


@pytest.fixture(autouse=True)
def case(request):
    """The case that a test is: its id is in the test's name."""
    return getattr(request, "param", None)


@pytest.fixture(params=list(Current), ids=["ac", "dc"])
def make(request):
    """A tester at an outlet of either kind."""
    return partial(Prober, current=request.param)


@pytest.fixture
def ac():
    """A tester at an outlet for AC."""
    return Prober


@pytest.fixture
def tester(make):
    """A tester whose plug is in: state B, 5 %."""
    return make().pilot("B")
