"""Every attack, in the order in which they are told."""

from __future__ import annotations

from collections.abc import Sequence

from seccstack.attack import certificates, contracts, identity, network, powerline, session
from seccstack.attack.script import Attack
from seccstack.errors import UsageError

ATTACKS: tuple[Attack, ...] = (
    *identity.ATTACKS,
    *powerline.ATTACKS,
    *network.ATTACKS,
    *session.ATTACKS,
    *contracts.ATTACKS,
    *certificates.ATTACKS,
)


def chosen(names: Sequence[str]) -> tuple[Attack, ...]:
    """Return the attacks with these names, or all; UsageError if there is no such attack."""
    known = {attack.name: attack for attack in ATTACKS}
    for name in names:
        if name not in known:
            raise UsageError(f"there is no attack {name!r}; there are: {', '.join(known)}")
    return tuple(attack for attack in ATTACKS if not names or attack.name in names)
