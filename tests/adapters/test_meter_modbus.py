"""Meters that speak Modbus, good ones and bad ones."""

import asyncio
import random
from contextlib import AsyncExitStack, asynccontextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymodbus.framer import FramerRTU

from seccstack.adapters.meter_modbus import Lines, _Decoder
from seccstack.adapters.unavailable import UnavailableError
from seccstack.config_meter import Meter
from seccstack.energy.reading import reordered
from seccstack.errors import MalformedError
from tests.adapters.conftest import run
from tests.adapters.meter_contract import MeterContract
from tests.adapters.modbus import UNIT, free_port, liar, on_serial, on_tcp
from tests.energy.meters import B21, B23, EXAMPLES, IEM3150, PRO380, SIEMENS, assert_reads

BY_MODEL = pytest.mark.parametrize("example", EXAMPLES, ids=lambda e: e.model)
SOON = 0.3  # in which a meter on this machine answers, and a silent one is given up


def meter_on(port, example=PRO380, phases=None, **given):
    config = Meter(
        kind="modbus-tcp",
        model=example.model,
        host="127.0.0.1",
        port=port,
        **{"unit": UNIT, "timeout_seconds": SOON, **given},
    )
    return Lines().meter(config, phases or phases_of(example))


def meter_at(cable, example=PRO380, **given):
    settings = {"unit": UNIT, "timeout_seconds": SOON, "baud": 19200, "parity": "none"}
    config = Meter(
        kind="modbus-rtu", model=example.model, device=str(cable.charger), **settings | given
    )
    return Lines().meter(config, phases_of(example))


def phases_of(example):
    return tuple(range(1, len(example.reading.amps) + 1))


class TestTcp(MeterContract):
    @asynccontextmanager
    async def new_meter(self):
        self.port = free_port()
        async with AsyncExitStack() as stack:
            self.stack = stack
            await self.switch_on()
            yield meter_on(self.port)

    async def switch_on(self):
        await self.stack.enter_async_context(on_tcp(PRO380.words, self.port))

    async def switch_off(self):
        await self.stack.aclose()


class TestSerial(MeterContract):
    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path):
        self.folder = tmp_path

    @asynccontextmanager
    async def new_meter(self):
        async with on_serial(PRO380.words, self.folder) as self.cable:
            self.meter = meter_at(self.cable)
            yield self.meter

    async def switch_on(self):
        self.cable.put_back()

    async def switch_off(self):
        self.cable.pull_out()
        self.meter.close()  # a pseudo-terminal stays open for who has it


@BY_MODEL
def test_each_meter_is_read_over_tcp(example):
    async def scenario():
        async with on_tcp(example.words, port := free_port()):
            meter = meter_on(port, example)
            try:
                return await meter.read()
            finally:
                meter.close()

    assert_reads(run(scenario()), example.reading)


@BY_MODEL
def test_each_meter_is_read_on_a_serial_line(example, tmp_path):
    async def scenario():
        async with on_serial(example.words, tmp_path) as cable:
            meter = meter_at(cable, example)
            try:
                return await meter.read()
            finally:
                meter.close()

    assert_reads(run(scenario()), example.reading)


def test_phases_are_told_in_the_charger_s_order():
    async def scenario():
        async with on_tcp(B23.words, port := free_port()):
            meter = meter_on(port, B23, (3, 1, 2))
            try:
                return await meter.read()
            finally:
                meter.close()

    assert run(scenario()) == reordered(B23.reading, (3, 1, 2))


def failing(make_server, **given):
    """Read once from a server; return the error, with the event loop having seen none."""
    unseen = []

    async def scenario():
        asyncio.get_running_loop().set_exception_handler(lambda _, c: unseen.append(c))
        port = free_port()
        async with make_server(port):
            meter = meter_on(port, **given)
            try:
                with pytest.raises((UnavailableError, MalformedError)) as caught:
                    await meter.read()
            finally:
                meter.close()
        return str(caught.value)

    said = run(scenario())
    assert unseen == []
    return said


def test_another_unit_than_the_one_that_is_there():
    said = failing(lambda port: on_tcp(PRO380.words, port), unit=8)
    assert "unit 8 at 127.0.0.1" in said


def test_another_unit_on_a_line_where_nobody_answers_for_it():
    said = failing(lambda port: liar(lambda request: b"", port), unit=8)
    assert "unit 8 does not answer at 127.0.0.1" in said
    assert "; look at its wiring, its address" in said


def test_another_model_than_the_one_that_is_there():
    said = failing(lambda port: on_tcp(PRO380.words, port), example=SIEMENS)
    assert (
        "does not give registers 1 to 24: it has no such registers; compare its model" in said
    )


def test_a_meter_whose_numbers_cannot_be():
    nonsense = dict.fromkeys(PRO380.words, 0x7FC0)
    said = failing(lambda port: on_tcp(nonsense, port))
    assert "inepro-pro380, register" in said
    assert "nan" in said


def answering(pdu):
    """Answer with these octets after the unit, as a request asks."""

    def answer(request):
        length = (len(pdu) + 1).to_bytes(2, "big")
        return request[:2] + b"\0\0" + length + request[6:7] + pdu

    return lambda port: liar(answer, port)


@pytest.mark.parametrize(
    ("pdu", "why"),
    [
        (b"\x03\x04\x43\x66\x33\x33", "it was not answered"),  # two registers of 24
        (b"\x03\x00", "it was not answered"),
        (b"\x03\x30\x43\x66", "what comes is no answer"),  # shorter than it says
        (b"\x03", "what comes is no answer"),
        (b"\x83", "what comes is no answer"),
        (b"\x63\x01\x02", "what comes is no answer"),  # another function
        (b"\x01\x01\x01", "it was not answered"),  # coils
        (b"\x83\x04", "it is broken"),
        (b"\x83\x06", "it is busy"),
        (b"\x83\x0b", "the gateway gets no answer from it"),
        (b"\x83\x63", "exception 99"),
    ],
)
def test_answers_that_are_none(pdu, why):
    assert why in failing(answering(pdu))


@given(st.binary(min_size=1, max_size=60), st.sampled_from([1, 3, 4, 8, 0x2B, 0x80, 0x83]))
def test_no_frame_of_a_serial_line_raises_where_nobody_could_catch_it(octets, function):
    frame = bytes([UNIT, function]) + octets
    checked = frame + FramerRTU.compute_CRC(frame).to_bytes(2, "big")
    for heard in (octets, frame, checked):
        FramerRTU(_Decoder(False)).handleFrame(heard, UNIT, 0)


def test_a_meter_that_hangs_up_at_once():
    assert "does not answer" in failing(lambda port: liar(None, port))


@pytest.mark.parametrize("seed", range(20))
def test_garbage_over_tcp_harms_nobody(seed):
    source = random.Random(seed)  # noqa: S311

    def answer(request):
        octets = source.randbytes(source.randrange(300))
        return octets if seed % 2 else request[:4] + octets[:2] + request[6:7] + octets[2:]

    assert failing(lambda port: liar(answer, port))


def test_garbage_on_a_serial_line_is_a_failure_and_passes(tmp_path):
    unseen = []

    async def scenario():
        asyncio.get_running_loop().set_exception_handler(lambda _, c: unseen.append(c))
        async with on_serial(PRO380.words, tmp_path) as cable:
            meter = meter_at(cable)
            try:
                for seed in range(3):
                    cable.noise(random.Random(seed).randbytes(40))  # noqa: S311
                    with pytest.raises(UnavailableError, match="does not answer"):
                        await meter.read()
                cable.noise(b"")
                return await meter.read()
            finally:
                meter.close()

    assert_reads(run(scenario()), PRO380.reading)
    assert unseen == []


def test_a_port_that_is_not_there(tmp_path):
    class Nowhere:
        charger = tmp_path / "ttyNONE"

    async def scenario():
        with pytest.raises(
            UnavailableError, match="ttyNONE cannot be reached: there is no such"
        ):
            await meter_at(Nowhere).read()

    run(scenario())


def test_a_host_that_does_not_accept():
    async def scenario():
        with pytest.raises(UnavailableError, match="nobody accepts a connection; correct host"):
            await meter_on(free_port()).read()

    run(scenario())


def test_two_meters_share_a_line(tmp_path):
    async def scenario():
        async with on_serial(B23.words, tmp_path) as cable:
            lines = Lines()
            own, house = (
                lines.meter(
                    Meter(
                        kind="modbus-rtu",
                        model=example.model,
                        device=str(cable.charger),
                        unit=UNIT,
                    ),
                    phases_of(example),
                )
                for example in (B21, B23)
            )
            try:
                return await asyncio.gather(own.read(), house.read())
            finally:
                own.close()
                house.close()

    own, house = run(scenario())
    assert own.amps == (1.01,)
    assert house == B23.reading


def test_a_line_is_set_as_the_maker_has_it_unless_told_otherwise():
    lines = Lines()
    made = lines.meter(Meter(kind="modbus-rtu", model="inepro-pro2", device="/dev/x"), (1,))
    told = lines.meter(
        Meter(
            kind="modbus-rtu", model="inepro-pro2", device="/dev/x", baud=115200, parity="odd"
        ),
        (1,),
    )
    assert (made.place.baud, made.place.parity) == (9600, "E")
    assert (told.place.baud, told.place.parity) == (115200, "O")
    assert IEM3150.model not in made.name


def test_a_port_that_is_no_port(tmp_path):
    class Nonsense:
        charger = "nonsense://port"

    async def scenario():
        with pytest.raises(UnavailableError, match="protocol 'nonsense' not known"):
            await meter_at(Nonsense).read()

    run(scenario())


def test_a_file_that_is_no_port(tmp_path):
    class Text:
        charger = tmp_path / "text"

    async def scenario():
        Text.charger.write_text("no port")
        with pytest.raises(UnavailableError, match="it may not be opened, or somebody else"):
            await meter_at(Text).read()

    run(scenario())


def test_a_serial_line_that_breaks_while_it_is_open(tmp_path):
    unseen = []

    async def scenario():
        asyncio.get_running_loop().set_exception_handler(lambda _, c: unseen.append(c))
        async with on_serial(PRO380.words, tmp_path) as cable:
            meter = meter_at(cable)
            await meter.read()
            cable.break_off()
            for _ in range(2):
                with pytest.raises(UnavailableError):
                    await meter.read()
            meter.close()

    run(scenario())
    assert unseen == []


def test_whoever_does_not_wait_for_an_answer_leaves_no_half_of_it_behind():
    async def scenario():
        async with on_tcp(PRO380.words, port := free_port()):
            meter = meter_on(port)
            await meter.read()
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0):
                    await meter.read()
            try:
                return await meter.read()
            finally:
                meter.close()

    assert_reads(run(scenario()), PRO380.reading)
