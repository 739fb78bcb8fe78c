"""Which protocols are not spoken with a vehicle."""

from seccstack.experience.choice import TRIED_AGAIN, failing
from seccstack.experience.outcomes import ProtocolTried, learned
from seccstack.experience.record import UNKNOWN

NOW = 1_700_000_000.0


def known_by(*tried):
    known = UNKNOWN
    for protocol, worked in tried:
        known = learned(known, ProtocolTried(protocol, worked, "it closed"), NOW)
    return known


def test_what_failed_twice_in_a_row_is_left_alone_while_another_works():
    known = known_by(("iso2", False), ("iso2", False), ("din", True))
    assert failing(known, NOW) == {"iso2"}


def test_once_may_be_an_accident_and_what_works_again_is_forgiven():
    assert failing(known_by(("iso2", False), ("din", True)), NOW) == set()
    known = known_by(("iso2", False), ("iso2", False), ("iso2", True), ("din", True))
    assert failing(known, NOW) == set()


def test_who_has_nothing_better_is_spoken_to_as_it_wants():
    assert failing(UNKNOWN, NOW) == set()
    assert failing(known_by(("iso2", False), ("iso2", False)), NOW) == set()
    known = known_by(("iso2", False), ("iso2", False), *[("din", False)] * 2)
    assert failing(known, NOW) == set()


def test_what_used_to_work_and_fails_by_now_is_nothing_better():
    known = known_by(("din", True), *[("din", False)] * 2, *[("iso2", False)] * 2)
    assert failing(known, NOW) == set()


def test_after_a_month_it_is_tried_again():
    known = known_by(("iso2", False), ("iso2", False), ("din", True))
    assert failing(known, NOW + TRIED_AGAIN - 1) == {"iso2"}
    assert failing(known, NOW + TRIED_AGAIN) == set()
