"""Random stories of vehicles in ISO 15118-20, and a digest of all that a charger did in them.

python -O -m tests.hostile.repeat20
"""

from tests.hostile.peer20 import HostilePeerIn20, HostilePeerIn20OnDc
from tests.hostile.repeat import Told, story


class Told20(HostilePeerIn20, Told):
    """On AC."""


class Told20OnDc(HostilePeerIn20OnDc, Told):
    """On DC."""


def stories():
    """Live several."""
    return [story(kind, seed) for kind in (Told20, Told20OnDc) for seed in range(2)]


if __name__ == "__main__":
    print(__debug__, *stories(), sep="\n")
