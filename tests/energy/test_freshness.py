import pytest

from seccstack.energy.freshness import Answered, Failed, Found, Freshness, Lost, Timed
from tests.energy.meters import B21, B23

EVENTS = (Answered(B21.reading), Answered(B23.reading), Failed("it is silent"))


@pytest.fixture
def meter():
    return Freshness(5.0, now=100.0)


def test_the_first_reading_is_told_and_the_next_ones_are_not(meter):
    assert meter.receive(Answered(B23.reading), 101.0) == [Found()]
    assert meter.receive(Answered(B23.reading), 102.0) == []
    assert meter.trouble is None


def test_a_reading_is_believed_for_so_long(meter):
    meter.receive(Answered(B23.reading), 101.0)
    assert meter.believed(105.9) == Timed(B23.reading, 101.0)
    assert meter.believed(106.0) is None
    assert meter.deadline == 106.0


def test_nothing_is_believed_of_a_meter_that_was_never_read(meter):
    assert meter.believed(100.0) is None
    assert meter.trouble == "it was not read yet"


def test_some_failures_are_no_loss(meter):
    meter.receive(Answered(B23.reading), 101.0)
    assert meter.receive(Failed("it is silent"), 102.0) == []
    assert meter.trouble == "it is silent"
    assert meter.receive(Answered(B23.reading), 103.0) == []


def test_a_loss_is_told_once_with_its_reason(meter):
    meter.receive(Answered(B23.reading), 101.0)
    assert meter.receive(Failed("it is silent"), 106.0) == [Lost("it is silent")]
    assert meter.receive(Failed("it is silent"), 107.0) == []
    assert meter.tick(200.0) == []
    assert meter.deadline is None


def test_a_meter_that_comes_back_is_told(meter):
    meter.receive(Failed("there is no such port"), 105.0)
    assert meter.receive(Answered(B23.reading), 106.0) == [Found()]


def test_a_meter_that_nobody_reads_any_more_is_lost(meter):
    meter.receive(Answered(B23.reading), 101.0)
    assert meter.tick(106.0) == [Lost("it is silent")]


def test_a_meter_that_never_answered_is_lost_in_the_end(meter):
    assert meter.tick(104.9) == []
    assert meter.tick(105.0) == [Lost("it was not read yet")]
