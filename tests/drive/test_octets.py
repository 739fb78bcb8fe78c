"""Octets that look random, and are the same in every drive."""

from seccstack.drive.octets import octets_of


def test_one_name_gives_the_same_octets_each_time():
    one, again = octets_of("a"), octets_of("a")
    assert [one(8), one(16)] == [again(8), again(16)]


def test_no_two_draws_are_alike_nor_those_of_two_names():
    octets = octets_of("a")
    drawn = [octets(8) for _ in range(1000)]
    assert len(set(drawn)) == 1000
    assert octets_of("b")(8) not in drawn


def test_they_are_as_many_as_were_asked_for():
    assert [len(octets_of("a")(size)) for size in (0, 1, 8, 300)] == [0, 1, 8, 300]
