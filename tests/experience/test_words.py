from seccstack.experience.outcomes import learned, visited
from seccstack.experience.record import UNKNOWN
from seccstack.experience.words import explained
from tests.experience.test_record import EVERYTHING, experience_of


def test_of_nobody_there_is_little_to_say():
    assert explained(UNKNOWN) == ("has not been here",)


def test_all_that_is_known_is_said_in_plain_words():
    assert explained(experience_of(*EVERYTHING)) == (
        "has been here once",
        "speaks SLAC after 2.2 s, 2.2 s at the latest; once it did not",
        "does not charge after 5 %, until it is plugged in anew (seen once)",
        "starts more cautiously by 1 of 3 steps",
        "wakes up by fault 1 of 1, pulses 0 of 1, bears 1 in one plug-in, not 2",
        "follows down to 2.75 A (measured)",
        "follows a limit after 4.5 s, 4.5 s at the latest",
        "ISO 15118-2 worked 0 of 1 (it ended the session)",
        "a look at its state of charge: went well (1 well, 0 badly)",
    )


def test_one_that_never_spoke_is_said_to_be_silent():
    known = visited(UNKNOWN, 0.0)
    for _ in range(3):
        known = learned(known, EVERYTHING[1], 0.0)
    assert "has been silent at 5 % 3 times" in explained(known)


def test_what_is_not_known_of_what_failed_is_left_out():
    known = learned(UNKNOWN, EVERYTHING[6], 0.0)
    assert explained(known)[-1] == "wakes up by pulses 0 of 1, not 2"
    known = learned(UNKNOWN, EVERYTHING[2].__class__(replugged=False), 0.0)
    assert explained(known)[-1] == "does not charge after 5 % (seen once)"
    known = learned(UNKNOWN, EVERYTHING[5], 0.0)
    assert explained(known)[-1] == "wakes up by fault 1 of 1, bears 1 in one plug-in"
