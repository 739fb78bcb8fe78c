"""A recorder in memory: it keeps a world's steps as a sidecar has them, and runs them again."""

from seccstack.recording.entries import Step
from seccstack.recording.lines import Leg, leg_line, read_line, step_line
from seccstack.recording.redaction import Redaction
from seccstack.recording.rerun import Rerun
from seccstack.recording.state import UnstorableError, dump
from seccstack.slac import station

FAR = 100  # steps that are run from each state: a whole matching, or a minute of a charge


class Tape:
    """An observer for `seccstack.sim.world.World`; its keys are hidden, as by default."""

    def __init__(self, world):
        self.machine, self.settings = world.charge_point, world.charge_point._settings
        self.redaction = Redaction()
        self.lines, self.legs = [], []
        world.observers.append(self)

    def __call__(self, now, event, actions):
        if isinstance(event, station.KeyDrawn):
            self.redaction.draw(event.network_key)
        step = Step(now, event, actions, self.machine.deadline)
        self.lines.append(step_line(step, self.redaction))
        count = len(self.lines)
        if count & (count - 1) == 0 or count % 211 == 0:
            self.snap(now)

    def leg(self, now=0.0, **about):
        return Leg(
            version="", plug_in=1, part=0, t=now, offset=0, redacted=True,
            settings=self.settings, **about,
        )  # fmt: skip

    def snap(self, now):
        try:
            state = dump(self.machine, self.redaction.text)
        except UnstorableError as error:
            if "resume" not in str(error):  # a response is owed: the one moment when it is so
                raise
            return
        self.legs.append((len(self.lines), leg_line(self.leg(now, state=state))))

    def run_again(self):
        """Run it again from the beginning, and from every state that was kept."""
        steps = [read_line(line) for line in self.lines]
        outcomes = [again(self.leg(), steps)]
        for at, leg in self.legs:
            outcomes.append(again(read_line(leg), steps[at : at + FAR]))
        return outcomes


def again(leg, steps):
    rerun = Rerun()
    rerun.begin(leg)
    for step in steps:
        rerun.follow(step)
    return rerun


def differences(tape):
    """What is done or told differently when it is run again, in words."""
    return [
        str(what)
        for rerun in tape.run_again()
        for what in (*rerun.differences, *rerun.omissions)
    ]
