"""A memory of vehicles' behaviour that forgets it all when the simulation ends."""

from __future__ import annotations

from collections.abc import Sequence

from seccstack.experience.port import MAX_EXPERIENCES, Key
from seccstack.experience.record import Experience


class SimExperiences:
    """What is known, the oldest first."""

    most = MAX_EXPERIENCES

    def __init__(self) -> None:
        self._known: dict[Key, Experience] = {}

    def recall(self, key: Key) -> Experience | None:
        """Return what is known of a vehicle or family."""
        return self._known.get(key)

    def keep(self, key: Key, experience: Experience) -> None:
        """Keep it in the place of what was known."""
        self._known.pop(key, None)
        self._known[key] = experience
        if len(self._known) > self.most:
            del self._known[next(iter(self._known))]

    def forget(self, key: Key | None = None) -> int:
        """Forget a vehicle or family, or everything."""
        gone = list(self._known) if key is None else [key] if key in self._known else []
        for one in gone:
            del self._known[one]
        return len(gone)

    def all(self) -> Sequence[tuple[Key, Experience]]:
        """Return all that is known, the latest first."""
        return list(reversed(self._known.items()))
