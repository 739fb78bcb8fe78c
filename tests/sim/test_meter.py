import pytest

from seccstack.sim.meter import SimMeter


def test_nothing_flows_at_first():
    reading = SimMeter(3, 230.0).read(10.0)
    assert (reading.amps, reading.watts, reading.energy_wh) == ((0.0, 0.0, 0.0), 0.0, 0.0)


def test_what_flows_is_counted():
    meter = SimMeter(3, 230.0)
    meter.draw(16.0, 100.0)
    reading = meter.read(100.0 + 1800)
    assert reading.watts == 3 * 230 * 16
    assert reading.energy_wh == pytest.approx(3 * 230 * 16 / 2)


def test_each_current_is_counted_for_its_time():
    meter = SimMeter(1, 230.0)
    meter.draw(10.0, 0.0)
    meter.draw(20.0, 3600.0)
    meter.draw(0.0, 7200.0)
    assert meter.read(100_000.0).energy_wh == pytest.approx(230 * 30)
