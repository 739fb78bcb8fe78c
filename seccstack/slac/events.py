"""What the machines of this folder are told and ask for, where they share it.

`ModemHost` hands out `KeyInForce`, `KeyLost`, `ModemLearned` and `LinkChanged`; `SlacEvse` is
told them as they are.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from seccstack.homeplug.fields import Mme


@dataclass(frozen=True, slots=True)
class Heard:
    """A message came off the powerline, or from our own modem."""

    destination: bytes
    source: bytes
    message: Mme


@dataclass(frozen=True, slots=True)
class Send:
    """Put this message on the powerline, or give it to our own modem."""

    destination: bytes
    message: Mme


@dataclass(frozen=True, slots=True)
class ModemLearned:
    """Our own modem answers under this address."""

    mac: bytes


@dataclass(frozen=True, slots=True)
class KeyInForce:
    """Our modem has taken this key."""

    network_key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class KeyLost:
    """Our modem has forgotten its key; `KeyInForce` follows when it has it again."""


@dataclass(frozen=True, slots=True)
class LinkChanged:
    """Another station is in our network, or none is any more."""

    up: bool


@dataclass(frozen=True, slots=True)
class Ignored:
    """What was heard was not believed, or not due."""

    what: str
    why: str
