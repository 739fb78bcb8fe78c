"""Readers behind PC/SC: the real service with a virtual reader and cards, and a double of it.

The outside evidence is Debian's pcscd with vsmartcard's virtual reader (packages pcscd,
vsmartcard-vpcd, python3-pyscard). What that cannot be brought to do (a card that is mute, a
number of odd length, a second service) is played by `Service`, which answers as pyscard does.
"""

import asyncio
import contextlib
import os
import shutil
import socket
import struct
import subprocess
import sys
import threading
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from seccstack.adapters import reader as readers
from seccstack.adapters.reader_pcsc import PcscReader
from seccstack.adapters.unavailable import UnavailableError
from tests.adapters.conftest import run, until
from tests.adapters.reader_contract import FOUR, SEVEN, ReaderContract
from tests.prerequisites import missing

DRIVER = Path("/usr/lib/pcsc/drivers/serial/libifdvpcd.so")
DEBIAN = "/usr/lib/python3/dist-packages"  # where python3-pyscard is
PORT = 35963  # on which the driver waits for its cards
ATR = bytes.fromhex("3B8F8001804F0CA000000306030001000000006A")  # of a MIFARE Classic, PC/SC 3
ASKED_SECONDS = 5.0


@pytest.fixture(autouse=True)
def _impatient(monkeypatch):
    monkeypatch.setattr(readers, "RETRY_SECONDS", 0.05)


def pyscard():
    """Import it from wherever it is."""
    with contextlib.suppress(ImportError):
        from smartcard import scard

        return scard
    sys.path.append(DEBIAN)
    try:
        from smartcard import scard
    except ImportError:
        missing("pyscard; on Debian: apt-get install python3-pyscard")
    finally:
        sys.path.remove(DEBIAN)
    return scard


class Card:
    """A card in the field of the virtual reader, as long as it is not taken away."""

    def __init__(self, uid):
        self.asked = threading.Event()
        self._uid = bytes.fromhex(uid)
        self._line = socket.create_connection(("127.0.0.1", PORT))
        self._thread = threading.Thread(target=self._answer, daemon=True)
        self._thread.start()

    def _answer(self):
        with contextlib.suppress(OSError), self._line.makefile("rb") as orders:
            while len(head := orders.read(2)) == 2:
                order = orders.read(*struct.unpack(">H", head))
                if len(order) > 1:
                    self._say(self._uid + b"\x90\x00")
                    self.asked.set()
                elif order == b"\x04":
                    self._say(ATR)

    def _say(self, octets):
        self._line.sendall(struct.pack(">H", len(octets)) + octets)

    def take_away(self):
        with contextlib.suppress(OSError):
            self._line.shutdown(socket.SHUT_RDWR)
        self._line.close()
        self._thread.join()


class Pcscd:
    """The service, with a virtual reader or with none."""

    def __init__(self, folder, *, plugged_in=True):
        self._folder = folder
        folder.mkdir(exist_ok=True)
        if plugged_in:
            (folder / "vpcd").write_text(
                f'FRIENDLYNAME "Virtual PCD"\nDEVICENAME /dev/null:{PORT:#x}\n'
                f"LIBPATH {DRIVER}\nCHANNELID {PORT:#x}\n"
            )
        self.start()

    def start(self):
        command = ["pcscd", "--foreground", "--config", str(self._folder)]
        self._process = subprocess.Popen(  # noqa: S603 - our own words
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def end(self):
        self._process.terminate()
        self._process.wait()


@pytest.fixture
def scard():
    if os.geteuid() or not shutil.which("pcscd") or not DRIVER.exists():
        missing("root, and Debian's pcscd and vsmartcard-vpcd")
    return pyscard()


async def there(reader):
    """Wait for the service."""
    while True:
        try:
            return await reader.open()
        except UnavailableError:
            await asyncio.sleep(0.02)


class TestVirtual(ReaderContract):
    @pytest.fixture(autouse=True)
    def _service(self, scard, tmp_path):
        self.scard = scard
        self.pcscd = Pcscd(tmp_path / "readers")
        yield
        self.pcscd.end()

    @asynccontextmanager
    async def new_reader(self):
        reader = PcscReader("00 00", self.scard)  # the first of two slots
        await there(reader)
        reader.close()
        yield reader

    async def hold(self, reader, uid):
        card = await asyncio.to_thread(Card, uid)
        asked = await asyncio.to_thread(card.asked.wait, ASKED_SECONDS)
        await asyncio.to_thread(card.take_away)
        assert asked

    async def pull_out(self, reader):
        await asyncio.to_thread(self.pcscd.end)

    async def put_back(self, reader):
        self.pcscd.start()

    def test_a_card_that_stays_is_sighted_once(self):
        async def scenario(reader):
            await reader.open()
            card = await asyncio.to_thread(Card, SEVEN)
            first = await reader.sight()
            await asyncio.to_thread(card.take_away)
            await self.hold(reader, FOUR)
            return first, await reader.sight()

        assert self.run(scenario) == (SEVEN, FOUR)

    def test_a_reader_of_another_name_is_left_alone(self):
        async def scenario(reader):
            with pytest.raises(UnavailableError, match="there are: Virtual PCD 00 00"):
                await PcscReader("ACR122", self.scard).open()

        self.run(scenario)


def test_a_service_without_a_reader_says_so(scard, tmp_path):
    pcscd = Pcscd(tmp_path / "none", plugged_in=False)

    async def scenario():
        why = ""
        while "no card reader is plugged in" not in why:
            with pytest.raises(UnavailableError) as error:
                await PcscReader("", scard).open()
            why = str(error.value)

    try:
        run(scenario())
    finally:
        pcscd.end()


class Service:
    """pyscard's `scard`, with one reader that has what a test says."""

    SCARD_S_SUCCESS, SCARD_SCOPE_USER, SCARD_SHARE_SHARED, SCARD_LEAVE_CARD = 0, 0, 2, 0
    SCARD_PROTOCOL_T0, SCARD_PROTOCOL_T1, SCARD_PCI_T0, SCARD_PCI_T1 = 1, 2, "T0", "T1"
    SCARD_STATE_PRESENT, SCARD_STATE_MUTE = 0x20, 0x200
    SCARD_E_CANCELLED, SCARD_E_TIMEOUT, SCARD_E_UNKNOWN_READER = -2, -10, -9
    SCARD_E_NO_READERS_AVAILABLE, SCARD_E_NO_SERVICE = -46, -29

    def __init__(self, *states, answers=(), protocol=1, connects=True):
        self.states, self.answers, self.asked = list(states), list(answers), []
        self.protocol, self.connects = protocol, connects
        self.running, self.released, self.idle = True, 0, 0
        self._ended = threading.Event()

    def SCardEstablishContext(self, scope):  # noqa: N802 - pyscard's names
        return (0, 1) if self.running else (self.SCARD_E_NO_SERVICE, 0)

    def SCardReleaseContext(self, context):  # noqa: N802
        self.released += 1
        return 0

    def SCardCancel(self, context):  # noqa: N802
        self._ended.set()
        return 0

    def SCardListReaders(self, context, groups):  # noqa: N802
        return 0, ["ACR122U"]

    def SCardGetErrorMessage(self, code):  # noqa: N802
        return f"Error {code}."

    def SCardGetStatusChange(self, context, milliseconds, known):  # noqa: N802
        if not self.states:
            self.idle += 1
            self._ended.wait(0.01)
            return self.SCARD_E_TIMEOUT, []
        state = self.states.pop(0)
        if state < 0:
            return state, []
        [(name, _)] = known
        return 0, [(name, state, [])]

    def SCardConnect(self, context, name, mode, protocols):  # noqa: N802
        return (0, 7, self.protocol) if self.connects else (-1, 0, 0)

    def SCardTransmit(self, card, header, order):  # noqa: N802
        self.asked.append((header, order))
        return self.answers.pop(0) if self.answers else (-1, [])

    def SCardDisconnect(self, card, disposition):  # noqa: N802
        return 0


COME, GONE, COME_AGAIN, MUTE = 0x0001_0022, 0x0002_0012, 0x0003_0022, 0x0001_0222
GOOD = (0, [*bytes.fromhex(FOUR), 0x90, 0x00])


def played(service, cards=1):
    """Return so many cards that are sighted."""

    async def scenario():
        reader = PcscReader("", service)
        await reader.open()
        try:
            return [await reader.sight() for _ in range(cards)]
        finally:
            reader.close()
            await until(lambda: service.released)

    return run(scenario())


def unread(service):
    """Play until all has been told; nothing is sighted."""

    async def scenario():
        reader = PcscReader("", service)
        await reader.open()
        await until(lambda: service.idle)
        seen = [*reader._watch.seen]
        reader.close()
        return seen

    return run(scenario())


@pytest.mark.parametrize(("protocol", "header"), [(1, "T0"), (2, "T1")])
def test_a_card_is_asked_for_its_number_in_its_protocol(protocol, header):
    service = Service(COME, answers=[GOOD], protocol=protocol)
    assert played(service) == [FOUR]
    assert service.asked == [(header, [0xFF, 0xCA, 0, 0, 0])]


def test_a_card_that_comes_again_is_another_time_with_and_without_its_going_seen():
    assert played(Service(COME, GONE, COME_AGAIN, answers=[GOOD, GOOD]), 2) == [FOUR, FOUR]
    assert played(Service(COME, COME_AGAIN, answers=[GOOD, GOOD]), 2) == [FOUR, FOUR]


def test_a_card_that_answers_late_is_asked_again():
    assert played(Service(COME, answers=[(-1, []), GOOD])) == [FOUR]


@pytest.mark.parametrize(
    "service",
    [
        Service(MUTE, answers=[GOOD]),
        Service(COME, answers=[GOOD], connects=False),
        Service(COME, answers=[(0, [0x6A, 0x81])] * 3),  # function not supported
        Service(COME, answers=[(0, [1, 2, 3, 4, 5, 0x90, 0x00])] * 3),
        Service(COME, answers=[(0, [])] * 3),
    ],
)
def test_what_is_no_card_with_a_number_of_use_is_not_seen(service):
    assert unread(service) == []


def test_a_reader_that_has_only_just_gone_is_no_end():
    states = (Service.SCARD_E_UNKNOWN_READER, COME)
    assert played(Service(*states, answers=[GOOD])) == [FOUR]


def test_a_service_that_ends_is_said_with_what_to_do():
    with pytest.raises(UnavailableError, match="start pcscd"):
        played(Service(Service.SCARD_E_NO_SERVICE))


def test_a_service_that_does_not_run_is_said_with_what_to_do():
    service = Service()
    service.running = False
    with pytest.raises(UnavailableError, match=r"Error -29; start pcscd"):
        run(PcscReader("", service).open())
