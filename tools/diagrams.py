"""Draw the state chart of an ISO 15118-2 session, from the table that runs it.

    python -m tools.diagrams

prints it as a Mermaid diagram; the README holds a copy, and a test fails when it is stale.
"""

from __future__ import annotations

from collections import defaultdict

from seccstack.session.iso2.record import State
from seccstack.session.iso2.sequence import RELEASED, SEQUENCE

BEFORE = "supportedAppProtocolReq"
AFTER = {  # what releases a response that was owed
    State.CONNECTING: "vehicle ready",
    State.STARTING: "contactor closed",
    State.VERIFYING: "verified",
    State.PARTING: "vehicle not ready",
}


def mermaid() -> str:
    """Return the chart: an arrow per pair of states, with the requests that lead there."""
    arrows: dict[tuple[State, State], list[str]] = defaultdict(list)
    for state, row in SEQUENCE.items():
        for request, step in row.items():
            for target in step.to or (State.ENDED,):
                arrows[state, target].append(request.__name__)
    for state, targets in RELEASED.items():
        for target in targets:
            arrows[state, target].append(AFTER[state])
    drawn = [
        f"    {source.name} --> {target.name}: {', '.join(names)}"
        for (source, target), names in arrows.items()
    ]
    first = f"    [*] --> {State.CONNECTED.name}: {BEFORE}"
    last = f"    {State.ENDED.name} --> [*]"
    return "\n".join(["stateDiagram-v2", first, *drawn, last])


if __name__ == "__main__":
    print(mermaid())
