"""What every reader owes; subclass `ReaderContract` per implementation."""

import asyncio
from contextlib import aclosing, asynccontextmanager

import pytest
import structlog

from seccstack.adapters.reader import Cards
from seccstack.adapters.unavailable import UnavailableError
from tests.adapters.conftest import run, until

FOUR, SEVEN, TEN = "04A1B2C3", "04A1B2C3D4E5F6", "04A1B2C3D4E5F6A7B8C9"


class ReaderContract:
    """The first methods are the implementation's; hardware needs a hand with cards."""

    vanishes = True  # whether it can be pulled out

    @asynccontextmanager
    async def new_reader(self):
        """Make one that is plugged in; ends with everything put away."""
        raise NotImplementedError
        yield

    async def hold(self, reader, uid):
        """Hold a card to it, and take it away again."""
        raise NotImplementedError

    async def pull_out(self, reader):
        """Take the reader away."""

    async def put_back(self, reader):
        """Bring it back."""

    def run(self, scenario):
        async def whole():
            async with self.new_reader() as reader:
                try:
                    return await scenario(reader)
                finally:
                    reader.close()

        return run(whole())

    def test_cards_of_each_length_are_sighted_in_order(self):
        async def scenario(reader):
            await reader.open()
            seen = []
            for uid in (FOUR, SEVEN, TEN):
                await self.hold(reader, uid)
                seen.append(await reader.sight())
            return seen

        assert self.run(scenario) == [FOUR, SEVEN, TEN]

    def test_one_that_was_closed_is_opened_again(self):
        async def scenario(reader):
            for _ in range(2):
                await reader.open()
                reader.close()
                reader.close()
            await reader.open()
            await self.hold(reader, FOUR)
            return await reader.sight()

        assert self.run(scenario) == FOUR

    def test_one_gesture_is_one_card(self):
        async def scenario(reader):
            cards = Cards(reader, structlog.get_logger())
            async with aclosing(cards.cards()) as seen:
                first = asyncio.ensure_future(anext(seen))
                await until(lambda: cards.trouble is None)
                for uid in (FOUR, FOUR, SEVEN):
                    await self.hold(reader, uid)
                return [await first, await anext(seen)]

        assert self.run(scenario) == [FOUR, SEVEN]

    def test_what_is_pulled_out_says_so_and_serves_again_when_it_is_back(self):
        if not self.vanishes:
            return

        async def scenario(reader):
            cards = Cards(reader, structlog.get_logger())
            async with aclosing(cards.cards()) as seen:
                first = asyncio.ensure_future(anext(seen))
                await until(lambda: cards.trouble is None)
                await self.pull_out(reader)
                await until(lambda: cards.trouble is not None)
                trouble = cards.trouble
                await self.put_back(reader)
                await until(lambda: cards.trouble is None)
                await self.hold(reader, TEN)
                return trouble, await first

        trouble, uid = self.run(scenario)
        assert "; " in trouble  # what to do
        assert uid == TEN

    def test_one_that_is_not_there_is_unavailable(self):
        if not self.vanishes:
            return

        async def scenario(reader):
            await self.pull_out(reader)
            with pytest.raises(UnavailableError) as error:
                await reader.open()
            return error.value.waiting_helps

        assert self.run(scenario) is True
