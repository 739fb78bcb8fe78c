"""A whole outlet for the cases, AC or DC, and a vehicle that sleeps at it."""

from seccstack.events import BytesReceived
from seccstack.messages import iso2
from seccstack.pilot.port import Digital, PilotState, Steady
from seccstack.pilot.settings import Current
from tests.scenarios.scene import Scene, character
from tests.session import dc_vehicle
from tests.session.dc_vehicle import EXTENDED
from tests.session.suite.charge import framed, message, read

FAR_AWAY = 100_000.0  # seconds: it does not wake up by itself
ASLEEP = 60.0
LOOPS = ("ChargingStatusRes", "CurrentDemandRes")


def scene_of(dc, wishes=None, prices=None, **changes):
    wishes = {**({"mode": EXTENDED, "max_amps": 100} if dc else {}), **(wishes or {})}
    car = character(wishes=wishes, **changes)
    if not dc:
        return Scene(car=car, prices=prices)
    pilot = {"current": Current.DC}
    return Scene(car=car, pilot=pilot, supply=dc_vehicle.SUPPLY, amps=72.0, prices=prices)


class Sleeper:
    """``by_vehicle``: who wakes whom; ``claimed``: the session it wants back, if not its own.

    A charger wakes whom it has sent to sleep: by a limit of 0 A, and one that is back.
    """

    def __init__(self, dc, by_vehicle, claimed=None, prices=None, **wishes):
        self.dc = dc
        own = {"loops": 5 if by_vehicle else 1000, **wishes}
        self.scene = scene_of(dc, own, prices, pauses=1, pause_seconds=FAR_AWAY)
        self._by_vehicle, self._claimed = by_vehicle, claimed
        self._tell, self.scene.world.tell = self.scene.world.tell, self._telling

    def _telling(self, event):
        said = read(event.data) if isinstance(event, BytesReceived) else None
        begins = said is not None and isinstance(said.body, iso2.SessionSetupReq)
        if self._claimed and begins and self.scene.ended():
            event = BytesReceived(event.stream, framed(message(said.body, self._claimed)))
        self._tell(event)

    def fall_asleep(self):
        """Charge, pause, be left alone: then there are no pulses, and there is no power."""
        scene = self.scene.plug_in()
        if not self._by_vehicle:
            scene.wait_until(lambda: len(scene.exchanged(*LOOPS)) > 1).limit(0).wait(58)
        scene.wait_until(lambda: scene.ended() == ["paused"])
        asleep = len(scene.steps)
        scene.wait(ASLEEP)
        assert scene.signal == Steady()
        assert self._since(asleep) == ([], [])
        assert scene.world.pilot.state is PilotState.CONNECTED
        assert not scene.world.pilot.closed
        assert scene.world.supply.given.volts == 0
        return self

    def wake(self):
        """Toggle B, C, B; or see the charger go from B1 to B2 by itself. Charge again."""
        scene, asleep = self.scene, len(self.scene.steps)
        if self._by_vehicle:
            scene.appetite(True)
        else:
            scene.limit(16)
        scene.wait_until(lambda: scene.signal == Digital(), within=1)
        scene.wait_until(lambda: len(scene.exchanged("SessionSetupReq")) == 2)
        states, closings = self._since(asleep)
        assert states == (["C", "B"] if self._by_vehicle else [])
        assert closings == []
        scene.wait_until(lambda: len(scene.exchanged("PowerDeliveryRes")) == 3)
        return self

    def _since(self, step):
        """The pilot's states, and what closed the contactor, since a step."""
        notes = [a for _, _, done in self.scene.steps[step:] for a in done]
        noted = [a for a in notes if type(a).__name__ == "Noted"]
        states = [a.details["state"] for a in noted if a.event == "pilot"]
        return states, [a for a in noted if a.event == "contactor" and a.details["closed"]]

    @property
    def code(self):
        """What it was told when it came back."""
        return self.both("SessionSetupRes")[1].response_code.value

    def ids(self):
        """The session id of each of its sessions."""
        done = [action for _, action in self.scene.actions]
        said = [a for a in done if getattr(a, "name", "") == "SessionSetupRes"]
        return [action.message.header.session_id for action in said]

    def both(self, name):
        """The last response of this name before it slept, and the last one after."""
        pause = next(now for now, _ in self.scene.exchanged("SessionStopRes"))
        said = self.scene.exchanged(name)
        return (
            [body for now, body in said if now <= pause][-1],
            [body for now, body in said if now > pause][-1],
        )
