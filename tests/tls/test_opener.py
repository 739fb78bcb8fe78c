"""Keys and sequence numbers over time."""

from dataclasses import dataclass

from seccstack.tls.opener import MAX_FAILURES, MAX_GUESSES, Opener
from seccstack.tls.protection import Content
from seccstack.tls.records import Record


@dataclass
class Numbered:
    """Opens a record that says these keys and that number."""

    name: str
    tries: int = 0

    def open(self, record, sequence):
        self.tries += 1
        fits = record.fragment == f"{self.name}{sequence}".encode()
        return Content(23, record.fragment) if fits else None


def record(text):
    return Record(23, 0x0303, text.encode())


def opened(opener, *texts):
    return [opener.open(record(text)) is not None for text in texts]


def test_records_are_numbered_from_nought():
    assert opened(Opener([Numbered("a")]), "a0", "a1", "a2") == [True] * 3


def test_the_next_keys_begin_from_nought_again():
    opener = Opener([Numbered("a"), Numbered("b")])
    assert opened(opener, "a0") == [True]
    opener.advance()
    assert opened(opener, "b0", "b1") == [True, True]


def test_behind_a_gap_the_number_is_looked_for():
    opener = Opener([Numbered("a")])
    opener.doubt(3)
    assert opened(opener, "a3", "a4", "a6") == [True, True, False]


def test_without_a_gap_nothing_is_guessed():
    assert opened(Opener([Numbered("a"), Numbered("b")]), "a1") == [False]
    assert opened(Opener([Numbered("a"), Numbered("b")]), "b0") == [False]


def test_behind_a_gap_the_next_keys_are_tried_too():
    opener = Opener([Numbered("a"), Numbered("b"), Numbered("c")])
    opener.doubt(2)
    assert opened(opener, "b1", "b2") == [True, True]
    opener.doubt(1)
    assert opened(opener, "c0") == [True]


def test_keys_that_are_not_known_are_passed_over():
    opener = Opener([None, Numbered("b")])
    assert opened(opener, "a0", "a1", "b0", "b1") == [False, False, True, True]
    assert not opener.failed


def test_after_a_record_that_was_damaged_the_next_ones_open():
    opener = Opener([Numbered("a")])
    assert opened(opener, "damaged", "damaged", "a2") == [False, False, True]
    assert not opener.hopeless


def test_damage_here_and_there_is_no_reason_to_give_up():
    opener = Opener([Numbered("a")])
    found = opened(opener, "?", "?", "?", "a3", "?", "?", "?", "a7")
    assert found == [False, False, False, True] * 2


def test_keys_that_never_fit_are_given_up():
    keys = Numbered("a")
    opener = Opener([keys])
    assert not any(opened(opener, *["b0"] * 100))
    assert opener.hopeless
    assert opener.failed
    assert keys.tries == sum(range(1, MAX_FAILURES + 1))


def test_no_more_numbers_are_guessed_than_make_sense():
    keys = Numbered("a")
    opener = Opener([keys])
    opener.doubt(None)
    opener.doubt(None)
    opened(opener, "b0")
    assert keys.tries == 1 + MAX_GUESSES


def test_without_any_keys_there_is_no_hope_and_no_failure():
    opener = Opener([])
    assert opened(opener, "a0") == [False]
    assert opener.hopeless
    assert not opener.failed
