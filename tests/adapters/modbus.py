"""Modbus meters: servers of pymodbus, on TCP and on serial lines that are pseudo-terminals."""

import asyncio
import os
import socket
import threading
import tty
from contextlib import asynccontextmanager, contextmanager, suppress

from pymodbus.server import ModbusSerialServer, ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

UNIT = 7


def device(words, unit=UNIT):
    """A device that has these registers and no others; asked for others it refuses."""
    runs = []
    for address in sorted(words):
        if runs and address == runs[-1][0] + len(runs[-1][1]):
            runs[-1][1].append(words[address])
        else:
            runs.append((address, [words[address]]))
    data = [SimData(place, values=row, datatype=DataType.REGISTERS) for place, row in runs]
    return SimDevice(unit, simdata=data)


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@asynccontextmanager
async def on_tcp(words, port, **settings):
    server = ModbusTcpServer(device(words), address=("127.0.0.1", port), **settings)
    await server.serve_forever(background=True)
    try:
        yield server
    finally:
        await server.shutdown()


class SerialCable:
    """Two ports, each of which hears what the other sends; `noise` comes from in between."""

    def __init__(self, folder):
        self.charger, self.meter = folder / "ttyCHARGER", folder / "ttyMETER"
        self._ends = []
        for link in (self.charger, self.meter):
            end, line = os.openpty()
            tty.setraw(line)
            os.set_blocking(end, False)
            link.symlink_to(os.ttyname(line))
            self._ends.append((end, line))
        loop = asyncio.get_running_loop()
        (left, _), (right, _) = self._ends
        self._near = left
        loop.add_reader(left, self._carry, left, right)
        loop.add_reader(right, self._carry, right, left)
        self._noise = b""

    def noise(self, octets):
        """Have this heard by the charger before each thing that the meter says."""
        self._noise = octets

    def _carry(self, source, sink):
        with suppress(OSError):
            octets = os.read(source, 4096)
            os.write(sink, (self._noise if sink == self._near else b"") + octets)

    def pull_out(self):
        """Unplug the charger's end."""
        self.charger.unlink()

    def put_back(self):
        self.charger.symlink_to(os.ttyname(self._ends[0][1]))

    def break_off(self):
        """Have the charger's adapter vanish while its port is open."""
        (end, line), far = self._ends
        asyncio.get_running_loop().remove_reader(end)
        os.close(end)
        os.close(line)
        self.charger.unlink()
        self._ends = [far]

    def close(self):
        for end, line in self._ends:
            asyncio.get_running_loop().remove_reader(end)
            os.close(end)
            os.close(line)


@asynccontextmanager
async def on_serial(words, folder):
    """Yield a cable with a meter at its other end."""
    cable = SerialCable(folder)
    server = ModbusSerialServer(
        device(words), port=str(cable.meter), baudrate=19200, reconnect_delay=0
    )
    await server.serve_forever(background=True)
    try:
        yield cable
    finally:
        await server.shutdown()
        cable.close()


class Liar(asyncio.Protocol):
    """Answers whatever comes with ``answer(request)``; without one, it hangs up."""

    def __init__(self, answer):
        self._answer = answer

    def connection_made(self, transport):
        self._transport = transport

    def data_received(self, data):
        if self._answer is None:
            self._transport.close()
        else:
            self._transport.write(self._answer(data))


@asynccontextmanager
async def liar(answer, port):
    """A TCP server that has no idea of Modbus."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Liar(answer), "127.0.0.1", port)
    try:
        yield
    finally:
        server.close()


@contextmanager
def served(words, port=None):
    """Yield the port of a meter that is served by a thread of its own."""
    ready, over, port = threading.Event(), threading.Event(), port or free_port()

    async def serve():
        async with on_tcp(words, port):
            ready.set()
            await asyncio.to_thread(over.wait)

    thread = threading.Thread(target=asyncio.run, args=[serve()])
    thread.start()
    ready.wait()
    try:
        yield port
    finally:
        over.set()
        thread.join()
