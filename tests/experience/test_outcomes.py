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
    merged,
    visited,
)
from seccstack.experience.record import (
    MAX_PROTOCOLS,
    MAX_TIMES,
    MAX_WHY,
    UNKNOWN,
    Found,
    Look,
    Wake,
)


def experience_of(*outcomes, at=1000.0):
    known = UNKNOWN
    for outcome in outcomes:
        known = learned(known, outcome, at)
    return known


def test_a_visit_counts_and_has_its_time():
    known = visited(visited(UNKNOWN, 10.0), 20.0)
    assert (known.visits, known.at) == (2, 20.0)


def test_the_latest_times_are_remembered():
    known = experience_of(*[Spoke(float(s)) for s in range(30)])
    assert len(known.first_slac) == MAX_TIMES
    assert known.first_slac[-1] == 29.0


def test_a_time_before_the_beginning_is_none_and_a_day_is_the_longest():
    assert experience_of(Followed(-0.1), Followed(1e9)).follows == (0.0, 86_400.0)


def test_silence_in_a_row_ends_with_a_word():
    known = experience_of(StayedSilent(), StayedSilent())
    assert (known.never_spoke, known.since_spoke) == (2, 2)
    assert learned(known, Spoke(1.0), 0.0).since_spoke == 0


def test_that_it_needs_a_replug_is_never_unlearned_by_one_that_was_not_tried():
    known = experience_of(FaultedAtFive(True), FaultedAtFive(False))
    assert (known.faulted_at_five, known.needs_replug) == (2, True)


def test_two_failed_starts_in_a_row_relax_it_by_one_step():
    once = experience_of(Started(False))
    assert (once.failed_starts, once.relaxed) == (1, 0)
    assert learned(once, Started(True), 0.0).failed_starts == 0
    assert learned(once, Started(False), 0.0).relaxed == 1


def test_no_start_is_more_cautious_than_the_full_window():
    assert experience_of(*[Started(False)] * 20).relaxed == 3


def test_wake_ups_are_counted_by_their_way_and_their_place_in_the_plug_in():
    known = experience_of(
        Woken(Wake.FAULT, 1, True), Woken(Wake.FAULT, 3, True), Woken(Wake.FAULT, 5, False)
    )
    assert (known.wakings[0].worked, known.wakings[0].failed) == (2, 1)
    assert (known.wakes_borne, known.wakes_refused) == (3, 5)
    assert learned(known, Woken(Wake.PULSES, 4, False), 0.0).wakes_refused == 4


def test_what_it_refused_once_and_then_followed_it_has_not_refused():
    known = experience_of(Woken(Wake.PULSES, 1, False), Woken(Wake.FAULT, 2, True))
    assert (known.wakes_borne, known.wakes_refused) == (2, None)
    known = learned(known, Woken(Wake.PULSES, 3, False), 0.0)
    assert learned(known, Woken(Wake.FAULT, 1, True), 0.0).wakes_refused == 3


def test_a_measured_least_current_is_not_replaced_by_a_said_one():
    known = experience_of(FollowedDownTo(6.0, Found.SAID))
    known = learned(known, FollowedDownTo(2.75, Found.MEASURED), 1.0)
    assert learned(known, FollowedDownTo(6.0, Found.SAID), 2.0).least.amps == 2.75
    assert learned(known, FollowedDownTo(4.0, Found.MEASURED), 2.0).least.amps == 4.0


def test_why_a_protocol_failed_is_kept_and_is_a_sentence_at_most():
    known = experience_of(ProtocolTried("ISO 15118-2", False, "x" * 500))
    assert known.protocol("ISO 15118-2").why == "x" * MAX_WHY
    known = learned(known, ProtocolTried("ISO 15118-2", True), 0.0)
    assert (known.protocol("ISO 15118-2").worked, known.fails("ISO 15118-2")) == (1, False)


def test_the_protocol_that_was_tried_longest_ago_goes_first():
    known = experience_of(*[ProtocolTried(f"P{n}", True) for n in range(MAX_PROTOCOLS + 1)])
    assert [one.protocol for one in known.protocols] == [f"P{n}" for n in range(1, 9)]


def test_a_look_that_did_harm_is_the_last():
    assert experience_of(ChargeLooked(True)).looks.verdict is Look.WELL
    known = experience_of(ChargeLooked(True), ChargeLooked(False), ChargeLooked(True))
    assert (known.looks.verdict, known.looks.well, known.looks.badly) == (Look.NEVER, 2, 1)


def test_of_what_two_boxes_know_the_worse_counts():
    ours = experience_of(Spoke(1.0), ChargeLooked(True), Woken(Wake.FAULT, 5, False), at=9.0)
    theirs = experience_of(FaultedAtFive(True), ChargeLooked(False), Spoke(30.0), at=5.0)
    for both in (merged(ours, theirs), merged(theirs, ours)):
        assert (both.faulted_at_five, both.needs_replug) == (1, True)
        assert both.looks.verdict is Look.NEVER
        assert both.first_slac == (1.0,)
        assert both.wakes_refused == 5


def test_what_one_box_has_not_seen_it_takes_from_the_other():
    newer = experience_of(Spoke(1.0), at=9.0)
    older = experience_of(ChargeLooked(True), Followed(3.0), at=5.0)
    both = merged(newer, older)
    assert (both.looks.verdict, both.follows, both.at) == (Look.WELL, (3.0,), 9.0)
