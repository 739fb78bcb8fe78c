"""What every meter owes; subclass `MeterContract` per implementation."""

from contextlib import asynccontextmanager

import pytest

from seccstack.adapters.unavailable import UnavailableError
from tests.adapters.conftest import run


class MeterContract:
    """The first methods are the implementation's; hardware needs a load of its own."""

    vanishes = True  # whether it can be switched off

    @asynccontextmanager
    async def new_meter(self):
        """Make one through which 16 A or so flow in each of its phases."""
        raise NotImplementedError
        yield

    async def switch_off(self):
        """Take it away."""

    async def switch_on(self):
        """Bring it back."""

    def run(self, scenario):
        async def whole():
            async with self.new_meter() as meter:
                try:
                    return await scenario(meter)
                finally:
                    meter.close()

        return run(whole())

    def test_a_reading_has_one_value_for_each_phase(self):
        reading = self.run(lambda meter: meter.read())
        assert len(reading.amps) == len(reading.volts) == len(reading.phase_watts)
        assert reading.most_amps == pytest.approx(16, abs=1)
        assert reading.watts == pytest.approx(sum(reading.phase_watts), rel=0.01)

    def test_it_counts_and_never_backwards(self):
        async def scenario(meter):
            return [(await meter.read()).energy_wh for _ in range(3)]

        counts = self.run(scenario)
        assert counts == sorted(counts)
        assert counts[0] >= 0

    def test_one_that_was_closed_is_read_again(self):
        async def scenario(meter):
            for _ in range(3):
                reading = await meter.read()
                meter.close()
            return reading

        assert self.run(scenario).hertz == 50.0

    def test_one_that_is_gone_says_so_and_is_found_again(self):
        if not self.vanishes:
            return  # it is always there

        async def scenario(meter):
            await meter.read()
            await self.switch_off()
            for _ in range(2):
                with pytest.raises(UnavailableError, match="; ") as caught:
                    await meter.read()
                assert caught.value.waiting_helps
            await self.switch_on()
            return await meter.read()

        assert self.run(scenario).hertz == 50.0
