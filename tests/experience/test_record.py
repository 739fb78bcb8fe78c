import pytest

from seccstack.errors import UsageError
from seccstack.experience.outcomes import (
    ChargeLooked,
    FaultedAtFive,
    Followed,
    FollowedDownTo,
    ProtocolTried,
    Spoke,
    Started,
    StayedSilent,
    Woken,
    learned,
    visited,
)
from seccstack.experience.record import (
    UNKNOWN,
    Experience,
    Found,
    Spoken,
    Wake,
    Waking,
    dump,
    from_json,
    load,
)

EVERYTHING = (
    Spoke(2.25),
    StayedSilent(),
    FaultedAtFive(replugged=True),
    Started(False),
    Started(False),
    Woken(Wake.FAULT, 1, True),
    Woken(Wake.PULSES, 2, False),
    Followed(4.5),
    FollowedDownTo(2.75, Found.MEASURED),
    ProtocolTried("ISO 15118-2", False, "it ended the session"),
    ChargeLooked(True),
)


def experience_of(*outcomes):
    known = visited(UNKNOWN, 1000.0)
    for outcome in outcomes:
        known = learned(known, outcome, 1000.0)
    return known


def test_everything_that_is_known_comes_back_as_it_was_written():
    known = experience_of(*EVERYTHING)
    assert load(dump(known)) == known


def test_what_is_not_known_is_not_written():
    assert dump(UNKNOWN) == "{}"
    assert from_json({}) == UNKNOWN


def test_an_unknown_word_in_an_experience_is_named():
    with pytest.raises(UsageError, match="no 'patience'"):
        from_json({"patience": 3})


@pytest.mark.parametrize(
    ("value", "where"),
    [
        ({"first_slac": [-1.0]}, r"first_slac"),
        ({"first_slac": [1.0] * 21}, r"first_slac"),
        ({"wakings": [{"way": "shouting"}]}, r"wakings\[0\]"),
        ({"least": {"amps": 99, "found": "said", "at": 1}}, r"least\.amps"),
        ([], "object"),
    ],
)
def test_what_cannot_be_so_is_refused_with_its_place(value, where):
    with pytest.raises(UsageError, match=where):
        from_json(value)


def test_text_that_is_no_json_is_refused():
    with pytest.raises(UsageError, match="JSON"):
        load("{")


def test_a_protocol_that_failed_twice_in_a_row_does_not_work_with_it():
    known = experience_of(*[ProtocolTried("DIN 70121", False)] * 2)
    assert known.fails("DIN 70121")
    assert not known.fails("ISO 15118-2")
    assert known.protocol("ISO 15118-2") == Spoken(protocol="ISO 15118-2")


def test_the_best_way_to_wake_it_is_the_one_that_worked_most_surely():
    ways = (Waking(way=Wake.PULSES, worked=1, failed=3), Waking(way=Wake.FAULT, worked=4))
    assert Experience(wakings=ways).best_waking is Wake.FAULT
    assert Experience(wakings=ways[:1]).best_waking is None


def test_patience_is_the_95th_percentile_and_of_few_visits_the_longest():
    assert UNKNOWN.patience is None
    assert experience_of(Spoke(1.0), Spoke(9.0), Spoke(2.0)).patience == 9.0
    assert experience_of(Spoke(30.0), *[Spoke(1.0)] * 18, Spoke(2.0)).patience == 30.0
    assert experience_of(Spoke(30.0), *[Spoke(1.0)] * 20).patience == 1.0


def test_it_speaks_if_it_ever_did():
    assert experience_of(Spoke(1.0)).speaks
    assert not experience_of(StayedSilent()).speaks
