"""Each card of the folder `captures`: its cars at our charger, and what was accepted of it.

A capture that only its name stands for is looked for beside the project and in
$SECCSTACK_CAPTURES. A card is made by `seccstack drive CAPTURE --record NAME`.
"""

import pytest

from seccstack.cli_drive import driven
from seccstack.cli_scenarios import DRIVE, read_card
from seccstack.drive.report import changes, report_of
from seccstack.errors import UsageError
from tests.conftest import SHARED
from tests.programs import PROJECT

CARDS = sorted((PROJECT / "captures").glob("*.toml"))
LEAST = 10  # cards that we know to be there


def capture_of(card):
    try:
        return card.find(SHARED / "captures")
    except UsageError as error:
        pytest.skip(str(error))


@pytest.mark.parametrize("path", CARDS, ids=lambda path: path.stem)
def test_what_comes_of_a_recorded_car_is_what_was_accepted(path):
    card = read_card(path)
    sessions, strangers = driven(capture_of(card))
    changed = changes(card.load()[DRIVE], [report_of(session) for session in sessions])
    how = f"if that is right: seccstack drive captures/{path.name} --accept"
    assert not changed, "\n".join([f"{card.what}:", *changed, how])
    assert strangers == 0


def test_there_are_cards_and_each_has_its_results():
    assert len(CARDS) >= LEAST
    assert all(read_card(path).results.is_file() for path in CARDS)


def test_no_card_names_a_recorded_vehicle_or_station(shared):
    index = (shared / "captures" / "index.jsonl").read_text().upper()
    for path in CARDS:
        told = str(read_card(path).load().get(DRIVE)).upper()
        for word in filter(is_mac, told.replace("'", " ").split()):
            assert ":".join(word[i : i + 2] for i in range(0, 12, 2)) not in index


def is_mac(word):
    return len(word) == 12 and all(digit in "0123456789ABCDEF" for digit in word)
