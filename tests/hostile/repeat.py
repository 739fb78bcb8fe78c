"""The same long random stories each time, and a digest of all that a charger did in them.

python -O -m tests.hostile.repeat
"""

import hashlib
import random

from seccstack.auth.decision import Policy
from tests.hostile.peer import KNOWN, STRANGE, HostilePeer, HostilePeerOnDc
from tests.strategies import A, B, C, D, E

STEPS = 150
WAYS = ["card", "contract", "nothing"]
IDS = ["own", "zero", "foreign"]


class Told(HostilePeer):
    """Keeps what was done."""

    def step(self, event, actions):
        self.__dict__.setdefault("told", hashlib.sha256()).update(repr(actions).encode())
        super().step(event, actions)


class ToldOnDc(HostilePeerOnDc, Told):
    """On DC."""


def doings(peer, chance):
    """What may happen next, each with its own chances."""
    pick = chance.choice
    return [
        lambda: peer.turn_the_pilot(pick([A, B, C, D, E])),
        lambda: peer.hold_a_card(pick([KNOWN, STRANGE])),
        lambda: peer.change_the_registry(pick([True, True, False])),
        lambda: peer.answer_at_last(),
        lambda: peer.limit(pick([0.0, 6.0, 16.0])),
        lambda: peer.wait(pick([0.1, 1.0, 7.0, 65.0])),
        lambda: peer.connect(pick([True, False]), pick([True, False])),
        lambda: peer.charge(pick(WAYS), pick(["at once", "later", "strange", "forged"])),
        lambda: peer.keep_on(pick([5, 20])),
        lambda: peer.be_followed(pick(WAYS)),
        lambda: peer.streams and peer.say(pick(peer.requested), pick(IDS)),
        lambda: peer.streams and peer.say_nonsense(chance.randbytes(20)),
        lambda: peer.go_on(chance.randrange(9), pick(WAYS)),
    ]


def story(kind, seed):
    """Live one story, and say what came of it."""
    peer, chance = kind(), random.Random(seed)  # noqa: S311 - the same one each time
    peer.begin(chance.choice([Policy.CARD, Policy.AUTOCHARGE]), "card")
    ways = doings(peer, chance)
    for _ in range(STEPS):
        chance.choice(ways)()
    oracle = peer.oracle
    return f"{peer.told.hexdigest()} {oracle.closings} times closed, {oracle.outputs} on"


def stories():
    """Live several."""
    return [story(kind, seed) for kind in (Told, ToldOnDc) for seed in range(3)]


if __name__ == "__main__":
    print(__debug__, *stories(), sep="\n")
