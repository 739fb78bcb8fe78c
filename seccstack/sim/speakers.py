"""Who speaks the language that a simulated vehicle wants."""

from __future__ import annotations

from seccstack.sim import evcc_din
from seccstack.sim.evcc import Evcc
from seccstack.sim.evcc20 import Evcc20
from seccstack.sim.evcc20_requests import Wishes20
from seccstack.sim.evcc_requests import Wishes


def conversation(wishes: Wishes, session_id: bytes, pauses: bool) -> Evcc:
    """Return its end of a session; ``session_id`` and ``pauses`` as `Evcc` has them."""
    if isinstance(wishes, Wishes20):
        return Evcc20(wishes, session_id=session_id, pauses=pauses)
    return evcc_din.speaker(wishes)(wishes, session_id=session_id, pauses=pauses)
