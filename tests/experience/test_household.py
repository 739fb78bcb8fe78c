import pytest

from seccstack.errors import MalformedError
from seccstack.experience.household import (
    HALF_LIFE,
    MAX_GUESTS,
    MAX_VISITS,
    NOBODY,
    Guest,
    Visit,
    dump,
    household_of,
    load,
    with_visit,
)
from seccstack.experience.port import SILENT, Vehicle
from seccstack.experience.record import Experience, Spoken

A, B = Vehicle(bytes.fromhex("9012A1000001")), Vehicle(bytes.fromhex("DC4427100002"))
KNOWN = {A: Experience(first_slac=(2.0,)), SILENT: Experience(never_spoke=3)}
NOW = 1e9


def visits(*who, five=True, at=NOW):
    return tuple(Visit(at, str(one), five) for one in who)


def house(*who, known=KNOWN, **visit):
    return household_of(visits(*who, **visit), known.get, NOW, lambda key: f"label of {key}")


def test_somebody_new_is_always_expected():
    assert NOBODY.stranger == 1.0
    assert house(A).stranger == pytest.approx(0.5)


def test_who_came_often_and_lately_is_the_most_probable():
    guests = house(SILENT, A, A).guests
    assert [guest.who for guest in guests] == [str(A), str(SILENT)]
    assert house(SILENT, A).guests[0].who == str(A)


def test_a_visit_of_long_ago_counts_little():
    assert house(A, at=NOW - 10 * HALF_LIFE).guests[0].share < 0.01


def test_what_is_known_of_a_guest_is_what_its_start_needs():
    (guest,) = house(A).guests
    assert guest == Guest(str(A), 0.5, patience=2.0, label=f"label of {A}")
    assert guest.name == guest.label
    assert Guest(str(SILENT), 0.5).name == "a vehicle that says nothing"


@pytest.mark.parametrize(
    ("who", "times", "replug", "spared"),
    [
        (SILENT, 1, False, False),
        (SILENT, 2, False, True),
        (SILENT, 1, True, True),
        (A, 1, False, True),
        (A, 0, False, False),
    ],
)
def test_one_fault_under_somebody_silent_spares_nobody_5_percent(who, times, replug, spared):
    known = Experience(faulted_at_five=times, needs_replug=replug)
    assert house(who, known={who: known}).guests[0].spared is spared


def test_who_speaks_to_no_end_does_not_speak():
    hopeless = Experience(first_slac=(2.0,), protocols=(Spoken(protocol="iso2", in_a_row=2),))
    assert house(A, known={A: hopeless}).guests[0].patience is None


def test_who_was_forgotten_is_nobody():
    assert house(B, B).guests == ()


def test_it_is_counted_for_how_long_nobody_was_asked():
    assert house(A).unasked == 0
    assert house(A, A, five=False).unasked == 2
    assert household_of((*visits(A), *visits(A, five=False)), KNOWN.get, NOW).unasked == 1


def test_only_as_many_guests_are_told_apart_as_a_household_has():
    many = [Vehicle(bytes.fromhex(f"9012A10000{n:02X}")) for n in range(20)]
    known = dict.fromkeys(many, Experience())
    assert len(house(*many, known=known).guests) == MAX_GUESTS


def test_the_oldest_visit_goes():
    kept = visits(*[A] * MAX_VISITS)
    assert with_visit(kept, Visit(1.0, str(B)))[-1].who == str(B)
    assert len(with_visit(kept, Visit(1.0, str(B)))) == MAX_VISITS


def test_visits_come_back_as_they_were_written():
    assert load(dump(visits(A, SILENT))) == visits(A, SILENT)


@pytest.mark.parametrize("text", ["{", "[1]", '[{"at":1,"who":"x"}]', '[{"at":-1,"who":""}]'])
def test_what_is_no_list_of_visits_is_refused(text):
    with pytest.raises(MalformedError):
        load(text)
