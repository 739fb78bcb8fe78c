"""A journal over a world, with files in memory."""

from seccstack import events
from seccstack.chargepoint import ChargePoint
from seccstack.recording.entries import Closed, Octets, Opened, Step
from seccstack.recording.journal import Begin, Discard, End, Journal, Write
from seccstack.sim.world import ADDRESS, PORT

WALL = 1_700_000_000 * 10**9


def wire_entries(step):
    """What a tap would have heard of a step where there is no TLS."""
    match step.event:
        case events.StreamOpened(stream, address):
            yield Opened(step.now, stream, (address, 50000), (ADDRESS, PORT))
        case events.BytesReceived(stream, data):
            yield Octets(step.now, stream, "ev", data)
        case events.StreamClosed(stream):
            yield Closed(step.now, stream, "ev", False)
    yield step
    for action in step.actions:
        if isinstance(action, events.SendBytes):
            yield Octets(step.now, action.stream, "evse", action.data)
        if isinstance(action, events.CloseStream):
            yield Closed(step.now, action.stream, "evse", False)


class Desk:
    """Recordings are lists of ``[sidecar, packets]`` by part; ``named``: the finished ones."""

    def __init__(self, scene, most_octets=10**7, secrets=False, wall=WALL):
        self.world, self.wall = scene.world, wall
        machine = self.world.charge_point
        self.journal = Journal(
            machine, machine._settings, most_octets=most_octets, secrets=secrets
        )
        self.parts, self.orders, self.done, self.full = {}, [], [], False
        twin = ChargePoint(machine._settings)
        for now, event, actions in scene.steps:  # since the outlet began
            twin.tick(now) if event is None else twin.receive(event, now)
            self.note(Step(now, event, actions, twin.deadline))
        self.world.observers.append(self)

    def __call__(self, now, event, actions):
        self.note(Step(now, event, actions, self.world.charge_point.deadline))
        self.settle()

    def note(self, step):
        for entry in wire_entries(step):
            self.journal.note(entry)

    def settle(self):
        self.obey(self.journal.settle(self.wall, self.world.now))

    def close(self, why="stopped"):
        self.obey(self.journal.close(self.wall, self.world.now, why))
        return self

    def obey(self, orders):
        for order in orders:
            self.orders.append(order)
            match order:
                case Begin():
                    self.parts = {}
                case Write(part, sidecar, packets):
                    if not self.full:
                        files = self.parts.setdefault(part, [b"", b""])
                        files[0] += sidecar
                        files[1] += packets
                case Discard(part):
                    del self.parts[part]
                case End(vehicle):
                    self.done.append((vehicle, self.sidecar, self.packets))

    @property
    def sidecar(self):
        return b"".join(self.parts[part][0] for part in sorted(self.parts))

    @property
    def packets(self):
        return b"".join(self.parts[part][1] for part in sorted(self.parts))

    def of(self, kind):
        return [order for order in self.orders if isinstance(order, kind)]
