"""The README's state chart is the one that runs."""

import runpy
from pathlib import Path

from seccstack.session.iso2.record import State
from seccstack.session.iso2.sequence import SEQUENCE
from tools.diagrams import mermaid

ROOT = Path(__file__).parents[2]


def test_the_chart_in_the_readme_is_not_stale():
    assert f"```mermaid\n{mermaid()}\n```" in (ROOT / "README.md").read_text()


def test_every_state_and_every_request_that_is_allowed_is_in_the_chart():
    drawn = mermaid()
    for state, row in SEQUENCE.items():
        assert f"    {state.name} --> " in drawn
        for request in row:
            assert request.__name__ in drawn


def test_every_state_can_be_reached_and_left():
    arrows = [line.split(":")[0].split(" --> ") for line in mermaid().splitlines()[1:]]
    sources, targets = ({arrow[side].strip() for arrow in arrows} for side in (0, 1))
    assert sources == targets == {state.name for state in State} | {"[*]"}


def test_the_chart_is_printed(capsys):
    runpy.run_path(str(ROOT / "tools" / "diagrams.py"), run_name="__main__")
    assert capsys.readouterr().out == mermaid() + "\n"
