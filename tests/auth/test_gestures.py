"""A card that is held, and held again."""

from hypothesis import given
from hypothesis import strategies as st

from seccstack.auth.gestures import MAX_CARDS, SAME_SECONDS, Gestures


def news(*seen):
    gestures = Gestures()
    return [gestures.is_new(uid, now) for uid, now in seen]


def test_a_card_that_comes_back_at_once_is_the_same_gesture():
    assert news(("A", 0.0), ("A", SAME_SECONDS - 0.1)) == [True, False]


def test_a_card_that_was_away_for_a_while_is_another():
    assert news(("A", 0.0), ("A", SAME_SECONDS)) == [True, True]


def test_two_cards_are_two_gestures():
    assert news(("A", 0.0), ("B", 0.1), ("A", 0.2)) == [True, True, False]


@given(st.lists(st.floats(0, SAME_SECONDS - 0.01), max_size=50))
def test_a_card_that_stays_counts_once_however_long(pauses):
    gestures, now = Gestures(), 0.0
    assert gestures.is_new("A", now)
    for pause in pauses:
        now += pause
        assert not gestures.is_new("A", now)


def test_not_more_cards_are_remembered_than_a_purse_has():
    gestures = Gestures()
    for number in range(MAX_CARDS + 1):
        assert gestures.is_new(str(number), 0.0)
    assert gestures.is_new("0", 0.1)  # it was forgotten
    assert not gestures.is_new(str(MAX_CARDS), 0.1)
