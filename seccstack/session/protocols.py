"""Who speaks the protocol that the handshake chose; loaded when it is first spoken."""

from __future__ import annotations

from importlib import import_module
from typing import Any, Protocol, cast

from seccstack.session import plant
from seccstack.session.dialogue import Dialogue
from seccstack.session.opening import Opening

AnyDialogue = Dialogue[Any, Any, Any]


class _Spoken(Protocol):
    """The module of a protocol's sequence."""

    def begin(self, opening: Opening, now: float) -> AnyDialogue:
        """Begin a dialogue after the handshake."""


def begin(protocol: plant.Protocol, opening: Opening, now: float) -> AnyDialogue:
    """Begin a dialogue in this protocol."""
    module = import_module(f"seccstack.session.{protocol.value}.sequence")
    return cast("_Spoken", module).begin(opening, now)
