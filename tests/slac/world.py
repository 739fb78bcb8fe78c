"""Hosts behind simulated modems on a simulated line, in virtual time."""

import random

from seccstack.errors import MalformedError
from seccstack.homeplug.frame import Frame, decode_frame, encode_frame
from seccstack.sim.modem import Role, SimModem
from seccstack.sim.powerline import FrameSent, LineSettings, Powerline
from seccstack.slac.ev import Joined, PluggedIn, SlacEv
from seccstack.slac.events import (
    Heard,
    Ignored,
    KeyInForce,
    KeyLost,
    LinkChanged,
    ModemLearned,
    Send,
)
from seccstack.slac.evse import Matched, SlacEvse, VehicleArrived
from seccstack.slac.modem import ModemHost
from seccstack.slac.modem_events import UseKey, WatchLink

EVSE = bytes.fromhex("021122334401")
EV = bytes.fromhex("02aabbccdd01")
KEY = bytes.fromhex("b59319d7e8157ba001b018669ccee30d")


class Host:
    """Two machines behind one modem: matching, and the modem's own host."""

    def __init__(self, mac, slac):
        self.mac = mac
        self.slac = slac
        self.modem = ModemHost()
        self.log = []

    @property
    def deadline(self):
        deadlines = [self.slac.deadline, self.modem.deadline]
        return min((at for at in deadlines if at is not None), default=None)

    def hear(self, octets, now):
        try:
            frame = decode_frame(octets)
        except MalformedError:
            return []
        heard = Heard(frame.destination, frame.source, frame.message)
        return self.tell(self.modem, heard, now) + self.tell(self.slac, heard, now)

    def tell(self, machine, event, now):
        return self.carry_out(machine.receive(event, now), now)

    def tick(self, now):
        modem = self.carry_out(self.modem.tick(now), now)
        return modem + self.carry_out(self.slac.tick(now), now)

    def carry_out(self, actions, now):
        frames = []
        for action in actions:
            if not isinstance(action, Send | Ignored):
                self.log.append((now, action))
            frames += self.carry_out_one(action, now)
        return frames

    def carry_out_one(self, action, now):
        match action:
            case Send(destination, message):
                return [encode_frame(Frame(destination, self.mac, message))]
            case KeyInForce() | KeyLost() | LinkChanged() | ModemLearned() if isinstance(
                self.slac, SlacEvse
            ):
                return self.tell(self.slac, action, now)
            case Matched():
                return self.tell(self.modem, WatchLink(on=True), now)
            case Joined(network_key, network_id, _):
                return self.tell(self.modem, UseKey(network_key, network_id), now)
            case _:
                return []

    def noted(self, kind):
        return [(at, action) for at, action in self.log if isinstance(action, kind)]


class World:
    def __init__(self, seed=0, **settings):
        self.random = random.Random(seed)  # noqa: S311  # repeatable, not secret
        chance = iter(self.random.random, None)
        self.line = Powerline(LineSettings(**settings), chance)
        self.now = 0.0
        self.hosts = {}
        self.floods = []

    def add(self, port, host, role):
        modem = SimModem(bytes([host.mac[0], 0xFF, *host.mac[2:]]), role)
        self.line.attach(port, modem)
        self.hosts[port] = host
        return host

    def add_evse(self, port="evse", mac=EVSE, key=KEY, **settings):
        host = self.add(port, Host(mac, SlacEvse(mac, **settings)), Role.EVSE)
        self.tell(port, host.modem, UseKey(key))
        self.tell(port, host.slac, VehicleArrived())
        return host

    def add_ev(self, port="ev", mac=EV, character=None):
        host = self.add(port, Host(mac, SlacEv(mac, self.random.randbytes, character)), Role.EV)
        self.tell(port, host.slac, PluggedIn())
        return host

    def tell(self, port, machine, event):
        self.send(port, self.hosts[port].tell(machine, event, self.now))

    def send(self, port, frames):
        for octets in frames:
            self.line.receive(FrameSent(port, octets), self.now)

    def flood(self, port, frames, every):
        """Send these frames, one after the other, beginning now."""
        self.floods = [(self.now + n * every, port, octets) for n, octets in enumerate(frames)]
        self.floods.reverse()

    def run(self, seconds):
        """Let time pass until so many seconds from now, or until nothing is left to happen."""
        end = self.now + seconds
        while (at := self.deadline) is not None and at <= end:
            self.now = at
            while self.floods and self.floods[-1][0] <= at:
                _, port, octets = self.floods.pop()
                self.send(port, [octets])
            for deliver in self.line.tick(at):
                if deliver.port in self.hosts:
                    host = self.hosts[deliver.port]
                    self.send(deliver.port, host.hear(deliver.octets, at))
            for port, host in self.hosts.items():
                if host.deadline is not None and host.deadline <= at:
                    self.send(port, host.tick(at))
        self.now = end

    @property
    def deadline(self):
        deadlines = [host.deadline for host in self.hosts.values()] + [self.line.deadline]
        if self.floods:
            deadlines.append(self.floods[-1][0])
        return min((at for at in deadlines if at is not None), default=None)
