"""How like two visits are in what a vehicle shows without meaning to."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seccstack.auth.fingerprint import (
    ALIKE,
    FRESH,
    MAX_PRINTS,
    NOTHING,
    TRAITS,
    Fingerprint,
    candidates,
    from_json,
    likeness,
    raster,
    remembered,
    run_id_style,
)
from seccstack.errors import UsageError

MAC = bytes.fromhex("90125E0140B3")
KIA = Fingerprint(
    run_id="MAC+0000",
    sounds=0.02,
    start=0.21,
    security="none",
    sdp=4.09,
    offer=("DIN 2.0 id 1 priority 1", "ISO 2.0 id 2 priority 2"),
    session_id="8 zeros",
    pace=0.08,
    parameters=("EVMaxCurrent 32x10^0 A", "EVMinCurrent 6x10^0 A"),
    tcp="window 350, hop limit 10, options MSS=1440",
    modem="00B0520000A1",
    firmware="MAC-QCA7000-1.1",
)
LAPTOP = Fingerprint(
    run_id=FRESH,
    run_octets="7AA77BEE973FE92B",
    sounds=0.05,
    start=0.36,
    security="TLS",
    sdp=15.1,
    offer=("ISO 2.0 id 1 priority 1",),
    session_id="1 zeros",
    pace=0.4,
    parameters=("EVMaxCurrent 16x10^0 A",),
    tcp="window 64800, hop limit 128, options MSS=1440",
    modem="00B0520000B2",
    firmware="MAC-QCA7005-2.0",
)


@pytest.mark.parametrize(
    ("octets", "style"),
    [
        ("0000000000000000", "all zeros"),
        ("90125E0140B30000", "MAC+0000"),
        ("90125E0140B30001", "MAC+0001"),
        ("5445534C41204556", 'the text "TESLA EV"'),
        ("0001020304050607", "counting octets"),
        ("5051525354555657", "counting octets"),  # and a text besides
        ("FD3FA6BFF5099E10", FRESH),
    ],
)
def test_a_run_id_tells_how_it_was_made(octets, style):
    assert run_id_style(bytes.fromhex(octets), MAC) == style


def test_a_vehicle_is_wholly_like_itself():
    assert likeness([KIA], KIA).score == pytest.approx(1.0)
    assert likeness([KIA], KIA).high


def test_a_laptop_is_not_and_every_trait_that_differs_is_named():
    like = likeness([KIA], LAPTOP)
    assert like.low
    assert like.score < 0.1
    assert len(like.differing) == len(TRAITS) - 1  # there was one SDP request only
    assert "RunID differs: drawn at random, before MAC+0000" in like.words


def test_the_words_of_a_likeness_begin_with_how_much_and_name_some_traits():
    said = likeness([KIA], replace(KIA, offer=("ISO",))).words
    assert said.startswith("its fingerprint is 46% like before: RunID is MAC+0000, as always")
    assert "SAP offer differs: ISO, before DIN 2.0 id 1 priority 1, ISO 2.0" in said
    assert likeness([KIA], KIA).words.count(";") == 2


@pytest.mark.parametrize("seen", [NOTHING, Fingerprint(run_id="MAC+0000")])
@pytest.mark.parametrize("known", [[], [KIA]])
def test_of_too_little_nothing_is_said(known, seen):
    like = likeness(known, seen)
    assert (like.score, like.high, like.low) == (None, False, False)
    assert like.words == "too little of its fingerprint is known yet to compare it"


@pytest.mark.parametrize("trait", TRAITS, ids=lambda trait: trait.name)
def test_no_trait_decides_alone(trait):
    other = getattr(LAPTOP, trait.name)
    like = likeness([KIA], replace(KIA, **{trait.name: other}))
    assert like.score is not None
    assert like.score > 0.3


def test_a_new_value_is_usual_after_a_quarter_of_the_remembered_visits():
    new = replace(KIA, offer=("ISO",))
    known = [KIA] * MAX_PRINTS
    scores = [likeness([*known, *[new] * times][-MAX_PRINTS:], new).score for times in range(4)]
    assert scores == sorted(scores)
    assert scores[0] < ALIKE + 0.1 < scores[3] == pytest.approx(1.0)


def test_what_has_been_otherwise_before_is_called_so():
    known = [KIA, replace(KIA, session_id="1 zeros")]
    assert "first SessionID is 8 zeros, as before" in likeness(known, KIA).agreeing


# Run ids that are drawn.


def drawing(*octets):
    return [replace(KIA, run_id=FRESH, run_octets=one) for one in octets]


def of_run_id(known, octets):
    like = likeness(known, replace(KIA, run_id=FRESH, run_octets=octets))
    return next(words for words in (*like.agreeing, *like.differing) if words[:5] == "RunID")


def test_one_that_is_new_each_time_is_as_always():
    assert of_run_id(drawing("A1", "A2"), "A3") == f"RunID is {FRESH}, as always"


@pytest.mark.parametrize("known", [["A1"], ["A1", "A2"]])
def test_one_that_comes_again_may_be_replayed(known):
    assert "is it replayed?" in of_run_id(drawing(*known), "A1")


def test_it_is_the_more_suspicious_the_more_was_drawn_anew():
    again = replace(KIA, run_id=FRESH, run_octets="A1")
    assert likeness(drawing("A1"), again).high
    assert likeness(drawing("A1", "A2"), again).low


def test_a_vehicle_that_repeats_itself_may():
    assert "again and again" in of_run_id(drawing("A1", "A2", "A1"), "A2")


# Durations.


def waiting(known, seen):
    like = likeness([replace(KIA, sdp=seconds) for seconds in known], replace(KIA, sdp=seen))
    said = next(words for words in (*like.agreeing, *like.differing) if "to SDP" in words)
    return said.removeprefix("time from match to SDP "), said in like.agreeing


@pytest.mark.parametrize(("seen", "agrees"), [(4.09, True), (4.4, True), (5.9, False)])
def test_a_duration_agrees_within_a_tolerance(seen, agrees):
    assert waiting([4.09], seen)[1] == agrees


def test_one_that_differs_is_told_with_the_usual():
    assert waiting([2.0, 4.0, 4.1], 9.0) == ("is 9.00 s, before 4.00 s", False)


def test_a_vehicle_that_looks_once_in_a_while_may_be_some_steps_later():
    said, agrees = waiting([2.19, 3.39], 4.59)
    assert agrees
    assert said == "is 4.59 s, in steps of 1.20 s from 3.39 s"


@pytest.mark.parametrize("seen", [5.1, 9.39])
def test_but_not_between_the_steps_nor_many_of_them_later(seen):
    assert not waiting([2.19, 3.39], seen)[1]


@pytest.mark.parametrize(
    ("values", "step"),
    [([2.0], None), ([2.0, 2.1], None), ([2.0, 3.2, 5.6], 1.2), ([2.0, 3.2, 4.9], None)],
)
def test_a_raster_is_what_all_differences_are_multiples_of(values, step):
    assert raster(values, 0.2) == (None if step is None else pytest.approx(step))


# Parameters.


def test_of_the_parameters_those_that_are_new_are_named():
    changed = replace(KIA, parameters=("EVMaxCurrent 16x10^0 A", "EVMinCurrent 6x10^0 A"))
    said = likeness([KIA], changed).differing
    assert said == ("charge parameters differ: EVMaxCurrent 16x10^0 A",)


def test_no_parameters_at_all_differ_from_none():
    assert likeness([KIA], replace(KIA, parameters=())).differing == ()


# Memory.


def test_what_is_remembered_is_bounded_and_nothing_is_no_memory():
    known = ()
    for number in range(3 * MAX_PRINTS):
        known = remembered(known, replace(KIA, sdp=float(number)))
    assert len(known) == MAX_PRINTS
    assert known[-1].sdp == 3 * MAX_PRINTS - 1
    assert remembered(known, NOTHING) == known


def test_of_some_vehicles_those_that_are_like_it_are_found_the_most_like_first():
    nearly = replace(KIA, session_id="1 zeros")
    family = [(b"a", [LAPTOP]), (b"b", [nearly]), (b"c", [KIA]), (b"d", [])]
    assert candidates(family, KIA) == [b"c", b"b"]


PRINTS = st.builds(
    Fingerprint,
    run_id=st.none() | st.text(max_size=20),
    sdp=st.none() | st.floats(0, 60),
    pace=st.none() | st.floats(0, 60),
    offer=st.none() | st.tuples(st.text(max_size=9), st.text(max_size=9)),
)


@given(PRINTS)
def test_it_survives_json(shown):
    assert from_json(shown.to_json()) == shown


@given(st.lists(PRINTS, max_size=5), PRINTS)
def test_a_score_is_between_0_and_1_whatever_was_seen(known, seen):
    score = likeness(known, seen).score
    assert score is None or 0 < score <= 1.0000001


@pytest.mark.parametrize(
    "value", [7, [], {"sdp": "soon"}, {"offer": "ISO"}, {"offer": [1]}, {"run_id": 3.0}]
)
def test_what_is_none_is_refused(value):
    with pytest.raises(UsageError, match="fingerprint"):
        from_json(value)


def test_what_a_later_version_has_seen_besides_is_left_out():
    assert from_json({"colour": "red", "sdp": 4}) == Fingerprint(sdp=4.0)
