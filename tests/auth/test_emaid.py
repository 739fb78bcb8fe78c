"""eMAIDs: however they are written, one is one; and the digit that tells a misprint."""

import pytest

from seccstack.auth.emaid import ALPHABET, check_digit, misprint, normal, same

# Where each is published with its digit, or as a vector of an implementation.
PUBLISHED = {
    # eMI3, "Check Digit Calculation for Contract-IDs"; the example that is calculated there
    "DE83DUIEN83QGZ": "D",
    # eMI3 standard 1.0, part 2, 1.2.2.1. (OCHP's text prints N behind the same 14, and N behind
    # others: its own validator does not agree, nor do the implementations below.)
    "DE8AACA2B3C4D5": "L",
    # tests of the library mobilityid of ShellRechargeSolutionsEU, a user of ISO 15118-1
    "NN123ABCDEFGHI": "T",
    "FRXYZ123456789": "2",  # also Gireve's example
    "ITA1B2C3E4F5G6": "4",
    "ESZU8WOX834H1D": "R",
    "PT73902837ABCZ": "Z",
    "DE83DUIEN83ZGQ": "M",
    "DE8AA001234567": "0",
    "NLTNM000122045": "U",
    "NLTNMC00122045": "K",
    # tests of CitrineOS
    "NL123C10028948": "M",
    # tests of satimoto's go-ocpi
    "DE8ACC12E56L89": "4",
    "NLLMSE17093261": "K",
}
NAME = "DE83DUIEN83QGZ"
TYPED = NAME + "D"


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("DE8AA1A2B3C4D5V", "DE-8AA-1A2B3C4D5-V", True),
        ("DE8AA1A2B3C4D5V", "de8aa1a2b3c4d5", True),
        ("DE8AA1A2B3C4D5V", "DE8AA1A2B3C4D6V", False),
        ("DE8AA1A2B3C4D5V", "DE8AB1A2B3C4D5V", False),
        ("somebody", "somebody", False),
        ("DE8AA1A2B3C4D5V", "", False),
    ],
)
def test_an_emaid_is_the_same_however_it_is_written(one, other, is_same):
    assert same(one, other) is is_same
    assert same(other, one) is is_same


def test_what_is_no_emaid_has_no_normal_form():
    assert normal("DE-8AA-1A2B3C4D5-V") == "DE8AA1A2B3C4D5"
    assert normal("somebody") is None
    assert normal("DE8AA1A2B3C4\N{LATIN SMALL LIGATURE FF}") is None


@pytest.mark.parametrize(("name", "digit"), PUBLISHED.items(), ids=PUBLISHED)
def test_a_check_digit_is_the_published_one(name, digit):
    assert check_digit(name) == digit
    assert misprint(name + digit) is None


def test_a_misprint_is_told_with_the_right_digit():
    assert misprint("de-83d-uien83qgz-9") == "its check digit is 9 and should be D"


@pytest.mark.parametrize("text", [NAME, "DE-83D-UIEN83QGZ", "somebody", ""])
def test_where_there_is_no_check_digit_none_is_wrong(text):
    assert misprint(text) is None


def test_any_one_wrong_character_is_found():
    for place in range(2, len(TYPED)):  # the country is of letters
        for other in set(ALPHABET) - {TYPED[place]}:
            assert misprint(TYPED[:place] + other + TYPED[place + 1 :]), (place, other)


def test_any_two_swapped_neighbours_are_found():
    for place in range(3, len(TYPED) - 1):
        one, other = TYPED[place : place + 2]
        swapped = TYPED[:place] + other + one + TYPED[place + 2 :]
        assert one == other or misprint(swapped), place
