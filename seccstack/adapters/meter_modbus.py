"""Meters that speak Modbus, over TCP or on a serial line, through pymodbus.

A connection is opened by the first question, closed after whatever goes wrong on it, and opened
anew by the next one; nothing is tried again in between. Two meters may share a serial line, or
a gateway: their questions take turns.
"""

from __future__ import annotations

import asyncio
import logging
import os
from dataclasses import dataclass

from pymodbus import ModbusException
from pymodbus.client import AsyncModbusSerialClient, AsyncModbusTcpClient
from pymodbus.client.base import ModbusBaseClient
from pymodbus.pdu import DecodePDU, ExceptionResponse, ModbusPDU

from seccstack.adapters.unavailable import UnavailableError
from seccstack.config_meter import Meter as MeterConfig
from seccstack.energy.meter_models import MODELS
from seccstack.energy.reading import Reading, reordered
from seccstack.energy.registers import Block, Function, Model, blocks_of, decode

logging.getLogger("pymodbus").addHandler(logging.NullHandler())  # we say it ourselves, once

NO_ANSWER = 0  # in the place of an exception's number, of which none is 0
EXCEPTIONS = {
    1: "it does not know this function",
    2: "it has no such registers",
    4: "it is broken",
    6: "it is busy",
    10: "the gateway has no way to it",
    11: "the gateway gets no answer from it",
}


class _Decoder(DecodePDU):
    """Makes an error of what cannot be decoded.

    pymodbus would raise out of a callback of the event loop, where nobody can catch it.
    """

    def decode(self, frame: bytes) -> ModbusPDU | None:
        return super().decode(frame) or ExceptionResponse(frame[0] & 0x7F, NO_ANSWER)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a line is, and how it is set; ``device`` empty: over TCP."""

    host: str = ""
    port: int = 502
    device: str = ""
    baud: int = 19200
    parity: str = "N"
    stop_bits: int = 1

    @property
    def name(self) -> str:
        """As people know it."""
        return self.device or f"{self.host}:{self.port}"


class ModbusLine:
    """A connection; whoever asks waits for those before."""

    def __init__(self, place: Place, timeout_seconds: float) -> None:
        self.place = place
        self._timeout = timeout_seconds
        self._client: ModbusBaseClient | None = None
        self._turn = asyncio.Lock()

    async def ask(self, unit: int, function: Function, block: Block) -> list[int]:
        """Return registers, as many as came; UnavailableError if none did."""
        async with self._turn:
            client = self._client or await self._connect()
            try:
                answer = await self._question(client, unit, function, block)
            except (ModbusException, OSError, AttributeError) as error:
                self.close()  # AttributeError: pymodbus, of a serial port that has gone
                raise UnavailableError(
                    f"unit {unit} does not answer at {self.place.name}; look at its wiring, "
                    "its address, and how the line is set",
                    waiting_helps=True,
                ) from error
            except asyncio.CancelledError:
                self.close()
                raise
            if answer.isError():
                self.close()
                raise _refused(unit, self.place.name, block, answer)
            return list(answer.registers)

    def close(self) -> None:
        """Close the connection, if there is one."""
        if self._client is not None:
            self._client.close()
            self._client = None

    async def _question(
        self, client: ModbusBaseClient, unit: int, function: Function, block: Block
    ) -> ModbusPDU:
        ask = (
            client.read_holding_registers
            if function is Function.HOLDING
            else client.read_input_registers
        )
        return await ask(block.address, count=block.count, device_id=unit)

    async def _connect(self) -> ModbusBaseClient:
        client = self._new_client()
        client.ctx.framer.decoder = _Decoder(False)
        try:
            opened = await client.connect()
        except (ValueError, OSError) as error:  # ValueError: pyserial, of a setting
            raise _unreachable(self.place, str(error)) from error
        if not opened:
            client.close()
            raise _unreachable(self.place, _trouble(self.place))
        self._client = client
        return client

    def _new_client(self) -> ModbusBaseClient:
        place = self.place
        if place.device:
            return AsyncModbusSerialClient(
                place.device,
                baudrate=place.baud,
                parity=place.parity,
                stopbits=place.stop_bits,
                timeout=self._timeout,
                retries=0,
                reconnect_delay=0,
            )
        return AsyncModbusTcpClient(
            place.host, port=place.port, timeout=self._timeout, retries=0, reconnect_delay=0
        )


def _refused(unit: int, where: str, block: Block, answer: ModbusPDU) -> UnavailableError:
    asked = f"registers {block.address} to {block.address + block.count - 1}"
    code = getattr(answer, "exception_code", NO_ANSWER)
    why = EXCEPTIONS.get(code, f"exception {code}" if code else "what comes is no answer")
    return UnavailableError(
        f"unit {unit} at {where} does not give {asked}: {why}; compare its model and its "
        "address with the config",
        waiting_helps=True,
    )


def _unreachable(place: Place, why: str) -> UnavailableError:
    remedy = "plug it in, or correct device" if place.device else "correct host and port"
    return UnavailableError(
        f"{place.name} cannot be reached: {why}; {remedy} of the meter", waiting_helps=True
    )


def _trouble(place: Place) -> str:
    if not place.device:
        return "nobody accepts a connection"
    if not os.path.exists(place.device):
        return "there is no such port"
    return "it may not be opened, or somebody else has it"


class ModbusMeter:
    """A meter on a line; see `seccstack.energy.port`."""

    def __init__(
        self, line: ModbusLine, unit: int, model: Model, phases: tuple[int, ...]
    ) -> None:
        self.name = f"{model.title}, unit {unit} at {line.place.name}"
        self.place = line.place
        self._line, self._unit, self._model, self._phases = line, unit, model, phases
        self._blocks = blocks_of(model)

    async def read(self) -> Reading:
        """Ask for all blocks; what one meter says at once may be some answers old."""
        words: dict[int, int] = {}
        for block in self._blocks:
            answer = await self._line.ask(self._unit, self._model.function, block)
            places = range(block.address, block.address + block.count)
            words.update(zip(places, answer, strict=False))
        return reordered(decode(self._model, words), self._phases)

    def close(self) -> None:
        """Let go of the line."""
        self._line.close()


class Lines:
    """Gives those meters the same line that are at the same place."""

    def __init__(self) -> None:
        self._lines: dict[Place, ModbusLine] = {}

    def meter(self, config: MeterConfig, phases: tuple[int, ...]) -> ModbusMeter:
        """Make what is configured."""
        model = MODELS[config.model or ""]
        place = _place_of(config, model)
        line = self._lines.setdefault(place, ModbusLine(place, config.timeout_seconds))
        return ModbusMeter(line, config.unit, model, phases)


def _place_of(config: MeterConfig, model: Model) -> Place:
    if config.kind == "modbus-tcp":
        return Place(host=config.host, port=config.port)
    return Place(
        device=config.device,
        baud=config.baud or model.baud,
        parity=(config.parity or model.parity)[0].upper(),
        stop_bits=config.stop_bits,
    )
