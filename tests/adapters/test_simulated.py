"""A simulated car at a running charger, in process and over real sockets."""

import asyncio
from contextlib import asynccontextmanager

import pytest
import structlog

from seccstack import events
from seccstack.adapters.app import settings_of
from seccstack.adapters.car_sockets import CarSockets
from seccstack.adapters.driver import Driver
from seccstack.adapters.network import LinkLocalNetwork
from seccstack.adapters.powerline import mac_of
from seccstack.adapters.simulated import Simulation
from seccstack.auth import events as auth_events
from seccstack.chargepoint import ChargePoint
from seccstack.config import Config
from seccstack.errors import UsageError
from seccstack.pilot import limits
from seccstack.pilot.port import ContactorState
from seccstack.slac import station
from tests.adapters.conftest import run, until
from tests.adapters.test_addresses import ready


class Charger:
    """A charge point with a simulation around it, as `App` wires it; it keeps what is noted."""

    def __init__(self, interface=""):
        self.noted = []
        self._driver = Driver(ChargePoint(settings_of(Config())), self._carry_out)
        self.feed = self._driver.feed
        log = structlog.get_logger()
        if interface:
            self.simulation = Simulation(
                self.feed,
                log,
                lambda show: CarSockets(interface, show),
                lambda: mac_of(interface),
            )
            self.network = LinkLocalNetwork(interface, 0, self.feed)
        else:
            self.simulation = Simulation(self.feed, log)
            self.network = self.simulation.network
        self.tasks = []

    async def open(self):
        for line in (self.simulation.powerline, self.network):
            self.feed(await line.open())
        for work in (self.simulation.run(), self._follow_pilot()):
            self.tasks.append(asyncio.create_task(work))

    async def close(self):
        self._driver.close()
        self.simulation.close()
        for line in (self.simulation.powerline, self.network):
            line.close()
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    def details(self, event):
        """Return what was last noted of an event, or None."""
        return next((d for what, d in reversed(self.noted) if what == event), None)

    async def _follow_pilot(self):
        async for state in self.simulation.pilot.states():
            if isinstance(state, ContactorState):
                self.feed(limits.ContactorChanged(state is ContactorState.CLOSED))
            else:
                self.feed(limits.PilotChanged(state))

    def _carry_out(self, action):
        match action:
            case events.Noted(event, details):
                self.noted.append((event, details))
            case events.SendBytes(stream, data):
                self.network.send(stream, data)
            case events.CloseStream(stream):
                self.network.end(stream)
            case events.SendDatagram(address, port, octets):
                self.network.send_datagram(address, port, octets)
            case station.SendFrame(octets):
                self.simulation.powerline.send(octets)
            case station.DrawKey():
                self.feed(station.KeyDrawn(bytes(range(16)), b"abcd"))
            case limits.Apply(signal):
                self.tasks.append(asyncio.create_task(self.simulation.pilot.apply(signal)))
            case limits.SetContactor(closed):
                self.tasks.append(
                    asyncio.create_task(self.simulation.pilot.set_contactor(closed))
                )
            case auth_events.LookUpVehicle(mac):
                self.feed(auth_events.VehicleFound(mac, None))


@asynccontextmanager
async def charger(interface=""):
    made = Charger(interface)
    await made.open()
    try:
        yield made
    finally:
        await made.close()


def drawing(made):
    told = made.details("current")
    return told["amps"] if told else 0


def test_a_car_that_is_plugged_in_is_matched_identified_and_charges():
    async def scenario():
        async with charger() as made:
            made.simulation.plug_in()
            await until(lambda: drawing(made) == 32)
            return made

    made = run(scenario())
    identity = made.details("identity")
    assert identity["consistent"] is True
    assert identity["slac_mac"] == identity["evccid"] == identity["ethernet_mac"]
    assert made.details("matched")["sounds"] == 10
    assert made.details("contactor") == {"closed": True}


def test_it_obeys_a_limit_and_stops_when_it_is_told_to():
    async def scenario():
        async with charger() as made:
            made.simulation.plug_in()
            await until(lambda: drawing(made) == 32)
            made.feed(events.LimitOffered("owner", 10))
            await until(lambda: drawing(made) == 10)
            made.feed(limits.StopWanted("dinner"))
            await until(lambda: made.details("session ended") is not None)
            return made

    made = run(scenario())
    assert made.details("session ended") == {"how": "stopped"}
    assert made.details("contactor") == {"closed": False}
    assert drawing(made) == 0


def test_pulling_the_plug_in_the_middle_leaves_everything_ready_for_the_next():
    async def scenario():
        async with charger() as made:
            made.simulation.plug_in()
            await until(lambda: drawing(made) == 32)
            made.simulation.unplug()
            await until(lambda: made.details("unplugged") is not None)
            await until(lambda: made.details("contactor") == {"closed": False})
            assert list(made.simulation._line.modems) == ["evse"]
            made.simulation.plug_in()
            await until(lambda: drawing(made) == 32)
            return made

    made = run(scenario())
    assert made.details("plugged in") == {"plug_in": 2}


def test_the_car_charges_over_real_sockets_of_an_interface(link):
    async def scenario():
        await ready(link.interface)
        async with charger(link.interface) as made:
            made.simulation.plug_in()
            await until(lambda: drawing(made) == 32)
            mac = mac_of(link.interface)
            made.simulation.unplug()
            assert made.simulation._car_network._datagrams is None
            await until(lambda: made.details("unplugged") is not None)
            made.simulation.plug_in()
            await until(lambda: made.noted.count(("current", {"amps": 32.0})) == 2)
            return made.details("identity"), mac.hex().upper()

    identity, mac = run(scenario())
    assert identity["slac_mac"] == identity["ipv6_mac"] == identity["evccid"] == mac
    assert identity["consistent"] is True


def test_a_plug_is_in_once_and_out_once():
    async def scenario():
        async with charger() as made:
            with pytest.raises(UsageError, match="no simulated car is plugged in"):
                made.simulation.unplug()
            made.simulation.plug_in()
            with pytest.raises(UsageError, match="plugged in already"):
                made.simulation.plug_in()

    run(scenario())


def test_a_car_whose_interface_is_missing_is_not_plugged_in(link):
    async def scenario():
        made = Charger("eth9")
        for _ in range(2):  # the first attempt leaves nothing behind
            with pytest.raises(UsageError, match="no network interface 'eth9'"):
                made.simulation.plug_in()
        await made.close()

    run(scenario())
