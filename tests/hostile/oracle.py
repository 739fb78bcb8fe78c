"""Who may have energy, as a bystander knows it: from what happened, not from what was decided.

It raises where a right is missing, and asserts nothing: it has to see a breach under
`python -O`, too.
"""

from seccstack.auth import events as auth_events
from seccstack.energy import supply
from seccstack.events import Noted
from seccstack.pilot import limits
from seccstack.pilot.port import PilotState
from seccstack.session.events import ContractVerified, Proven, SignatureVerified

AHEAD_SECONDS = 60.0  # for so long before plugging in a card counts
LAPSE_SECONDS = 10.0 + 40.0 + 1.0  # what is taken out is noticed, then there is an orderly end
FIT = {PilotState.READY}  # for a contactor, where there is no ventilation
DRAWING = {PilotState.READY, PilotState.READY_VENTILATED}


class BreachError(Exception):
    """Energy without a right to it."""


class Oracle:
    """An observer; ``challenges``: of every stream, the plug-in that it was opened in.

    ``takes_amps``: what may be drawn out of a vehicle here.
    """

    def __init__(self, takes_amps=0.0):
        self.pilot = None
        self.plug_in = 0  # 0: nobody's
        self.plugged_at = 0.0
        self.last_plug_in = 0
        self.cards = {}  # by plug-in: the cards that grant, each with the time it was held up
        self.held = {}  # cards that the registry is asked about: since when, and for whom
        self.withdrawn = {}  # when cards were taken out of the registry
        self.challenges = {}
        self.chains = set()  # challenges to contracts whose chain is good
        self.contracts = set()  # plug-ins with a contract that is proven
        self.closed = False
        self.volts = 0.0
        self.closings = self.outputs = self.taken = 0
        self.takes_amps = takes_amps

    def __call__(self, now, event, actions):
        if event is not None:
            self.hear(event, now)
        for action in actions:
            self.see(action, now)
        self.check(now)

    def hear(self, event, now):
        match event:
            case limits.PilotChanged(state):
                self.pilot = state
            case auth_events.CardPresented(uid):
                whose = self.plug_in or self.last_plug_in + 1
                self.held.setdefault(uid, []).append((now, whose))
            case auth_events.CardFound(uid, record) if record is not None:
                for at, whose in self.held.pop(uid, []):
                    self.cards.setdefault(whose, []).append((uid, at))
            case ContractVerified(ticket, Proven()):
                self.chains.add(ticket.challenge)
            case SignatureVerified(ticket, True) if ticket.challenge in self.chains:
                self.contracts.add(self.challenges.get(ticket.challenge))

    def see(self, action, now):
        match action:
            case Noted("plugged in", details):
                self.plug_in = self.last_plug_in = details["plug_in"]
                self.plugged_at = now
            case Noted("unplugged"):
                self.plug_in = 0
            case limits.SetContactor(closed):
                self.closings += closed
                self.closed = closed
            case supply.SetOutput(volts, amps):
                self.outputs += volts > 0
                self.volts = volts
                self.taken += amps < 0
                if amps < -self.takes_amps:
                    raise BreachError(f"{-amps} A are drawn out of the vehicle")

    def granted(self, now):
        """Why the present plug-in may have energy, as far as anybody can know."""
        cards = [
            uid for uid, at in self.cards.get(self.plug_in, []) if self.holds(uid, at, now)
        ]
        return [*cards, *(["contract"] if self.plug_in in self.contracts else [])]

    def holds(self, uid, at, now):
        ahead = self.plugged_at - at
        lapsed = uid in self.withdrawn and now > self.withdrawn[uid] + LAPSE_SECONDS
        return ahead <= AHEAD_SECONDS and not lapsed

    def check(self, now):
        if self.pilot is PilotState.NO_VEHICLE and self.plug_in:
            raise BreachError(f"plug-in {self.plug_in} outlives its vehicle")
        live = "the contactor is closed" if self.closed else f"{self.volts} V are at the plug"
        if not self.closed and not self.volts:
            return
        if self.pilot not in (FIT if self.closed else DRAWING):
            raise BreachError(f"{live} in pilot state {self.pilot}")
        if not self.plug_in or not self.granted(now):
            raise BreachError(f"{live} without an authorisation of plug-in {self.plug_in}")
