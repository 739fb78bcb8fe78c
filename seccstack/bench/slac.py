"""How soon a charger as a process answers a car that is being matched, over a veth pair."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import msgspec

from seccstack.bench import network
from seccstack.bench.figures import Figure, figure_of
from seccstack.homeplug.messages import AttenCharInd, SlacMatchCnf, SlacParmCnf

MATCHES = 40
WHOLE = "CM_SLAC_PARM.REQ to CM_SLAC_MATCH.CNF, our share"
REPORT = "last CM_ATTEN_PROFILE.IND to CM_ATTEN_CHAR.IND"
AIMS = {WHOLE: "under 10 ms", REPORT: "under 5 ms"}


def figures() -> Iterator[Figure]:
    """Measure, if namespaces can be made here."""
    why = network.obstacle()
    if why is not None:
        for name, aim in AIMS.items():
            yield Figure(name, "ms", aim=aim, note=why)
        return
    with network.namespaces() as (charger, car), ExitStack() as stack:
        took = _match(stack, charger, car)
    ours = (SlacParmCnf.name, AttenCharInd.name, SlacMatchCnf.name)
    whole = [sum(answers[name] for name in ours) for answers in took]
    yield figure_of(WHOLE, "ms", whole, aim=AIMS[WHOLE])
    report = [answers[AttenCharInd.name] for answers in took]
    yield figure_of(REPORT, "ms", report, aim=AIMS[REPORT])


def _match(stack: ExitStack, charger: str, car: str) -> list[dict[str, float]]:
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    config = folder / "secc.toml"
    config.write_text(network.CONFIG.format(folder=folder))
    module, socket = "seccstack.bench.slac_client", str(folder / "control.sock")
    matching = network.start(stack, car, module, "car0", socket, str(MATCHES))
    network.start(stack, charger, "seccstack", "run", "--config", str(config))
    took = [msgspec.json.decode(line, type=dict[str, float]) for line in matching.stdout or ()]
    if matching.wait() or len(took) != MATCHES:
        raise RuntimeError("the car of the measurement was not matched")
    return took
