"""Which protocols are not spoken with a vehicle, because they have not worked with it.

One that failed again and again is left alone only while another works: a vehicle that has
nothing better is spoken to as it wants, or not asked at all (`Experience.hopeless`). And it is
tried again some day, for software changes.
"""

from __future__ import annotations

from seccstack.experience.record import DAY, Experience, Spoken

TRIED_AGAIN = 30 * DAY  # ours: vehicles get new software a few times a year


def failing(known: Experience, at: float) -> frozenset[str]:
    """Return what is better not spoken now; ``at``: seconds since 1970."""
    if not any(_works(one, known) for one in known.protocols):
        return frozenset()
    return frozenset(
        one.protocol
        for one in known.protocols
        if known.fails(one.protocol) and at < one.at + TRIED_AGAIN
    )


def _works(one: Spoken, known: Experience) -> bool:
    return one.worked > 0 and not known.fails(one.protocol)
