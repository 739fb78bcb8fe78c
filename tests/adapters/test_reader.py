"""Readers: simulated, on a serial line, and what is configured."""

import asyncio
import os
import sys
import tty
from contextlib import asynccontextmanager

import pytest

from seccstack.adapters import reader as readers
from seccstack.adapters.reader import MAX_WAITING, SimulatedReader, reader_of
from seccstack.adapters.reader_serial import SerialReader
from seccstack.auth.card_lines import Form
from seccstack.config import parse
from seccstack.errors import ConfigError
from tests.adapters.conftest import run
from tests.adapters.reader_contract import FOUR, SEVEN, ReaderContract
from tests.auth.test_card_lines import framed


@pytest.fixture(autouse=True)
def _impatient(monkeypatch):
    monkeypatch.setattr(readers, "RETRY_SECONDS", 0.01)


class TestSimulated(ReaderContract):
    vanishes = False

    @asynccontextmanager
    async def new_reader(self):
        yield SimulatedReader()

    async def hold(self, reader, uid):
        reader.hold(uid)

    def test_of_more_cards_than_anybody_holds_up_the_first_are_seen(self):
        async def scenario(reader):
            for number in range(MAX_WAITING + 1):
                reader.hold(f"{number:08X}")
            return [await reader.sight() for _ in range(MAX_WAITING)]

        assert self.run(scenario)[-1] == f"{MAX_WAITING - 1:08X}"


class Terminal:
    """A pseudo-terminal in a serial reader's place; its name stays where it is plugged in."""

    def __init__(self, link):
        self.link = link
        self.plug_in()

    def plug_in(self):
        self.end, device = os.openpty()
        tty.setraw(device)
        self.link.unlink(missing_ok=True)
        self.link.symlink_to(os.ttyname(device))
        self.device = device

    def send(self, octets):
        os.write(self.end, octets)

    def pull_out(self):
        self.link.unlink()
        os.close(self.end)
        os.close(self.device)


class SerialContract(ReaderContract):
    form = Form.LINE

    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path):
        self.link = tmp_path / "ttyREADER"

    @asynccontextmanager
    async def new_reader(self):
        self.terminal = Terminal(self.link)
        yield SerialReader(str(self.link), 9600, self.form)

    async def hold(self, reader, uid):
        octets = bytes.fromhex(uid)
        frame = self.form is Form.FRAME
        self.terminal.send(framed(octets, b"\r\n") if frame else uid.encode() + b"\r\n")

    async def pull_out(self, reader):
        self.terminal.pull_out()

    async def put_back(self, reader):
        self.terminal.plug_in()

    def test_hostile_octets_do_no_harm(self):
        async def scenario(reader):
            await reader.open()
            for _ in range(8):
                await asyncio.to_thread(self.terminal.send, bytes(range(256)) * 8)
            self.terminal.send(b"\n")
            await self.hold(reader, SEVEN)
            return await reader.sight()

        assert self.run(scenario) == SEVEN

    def test_nobody_else_has_the_port_at_the_same_time(self):
        async def scenario(reader):
            await reader.open()
            with pytest.raises(Exception, match="cannot be opened"):
                await SerialReader(str(self.link), 9600, self.form).open()
            await self.hold(reader, FOUR)
            return await reader.sight()

        assert self.run(scenario) == FOUR


class TestSerialLines(SerialContract):
    pass


class TestSerialFrames(SerialContract):
    form = Form.FRAME


del SerialContract


def made(text):
    async def scenario():
        return reader_of(parse(text).reader)

    return run(scenario())


def test_the_configuration_says_which_it_is():
    assert made("").name == "simulated"
    serial = made("[reader]\nkind = 'serial'\ndevice = '/dev/ttyUSB7'\nformat = 'frame'")
    assert (serial.name, serial._form) == ("/dev/ttyUSB7", Form.FRAME)


@pytest.mark.parametrize(
    ("kind", "library", "module"),
    [("pcsc", "pyscard", "smartcard"), ("serial", "pyserial", "serial")],
)
def test_a_library_that_is_missing_is_named_with_what_to_do(kind, library, module, monkeypatch):
    monkeypatch.setitem(sys.modules, module, None)
    monkeypatch.delitem(sys.modules, f"seccstack.adapters.reader_{kind}", raising=False)
    with pytest.raises(ConfigError, match=rf"{library} is missing.*pip install"):
        made(f"[reader]\nkind = '{kind}'\ndevice = 'x'")
