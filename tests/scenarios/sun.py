"""A scene with a roof: what the sun leaves over is shared out, second by second."""

from seccstack.energy import solar
from seccstack.energy.balance import HouseMeasured, OwnMeasured
from seccstack.energy.floor import FloorChanged
from seccstack.energy.sharing import Settings, Sharing
from seccstack.events import LimitOffered
from tests.scenarios.scene import Scene

VOLTS, PHASES = 230.0, 3
STRICT = solar.Settings(mode=solar.Mode.STRICT, min_off_seconds=60.0)


class SunnyScene(Scene):
    """``watts``: of sun that others in the house leave over."""

    def __init__(self, settings=STRICT, **others):
        self.watts = 16 * VOLTS * PHASES
        self._sharing = Sharing(Settings(sun=settings))
        super().__init__(**others)
        self.world.observers.append(self._follow)
        self._read()

    def _follow(self, now, event, actions):
        for action in actions:
            if isinstance(action, FloorChanged):
                self._sharing.receive(action, now)

    def _read(self):
        own = self.world.drawn
        others = -self.watts / VOLTS / PHASES
        for event in (HouseMeasured((others + own,) * PHASES), OwnMeasured((own,) * PHASES)):
            for o in self._sharing.receive(event, self.now):
                self.tell(LimitOffered(o.source, o.amps, o.until, o.reason))
        self.world.at(self.now + 1, self._read)

    def shine(self, amps):
        """Let the sun leave so many amperes per phase."""
        self.watts = amps * VOLTS * PHASES
        return self
