"""Findings, as a line and as JSON."""

from seccstack.doctor.finding import all_well, fail, line, ok, warn


def test_a_line_has_the_verdict_the_check_what_was_found_and_what_to_do():
    said = line(fail("interface", "eth1 is down", "`ip link set eth1 up`"))
    assert said == "fail  interface    eth1 is down; `ip link set eth1 up`"


def test_where_all_is_well_there_is_nothing_to_do():
    assert line(ok("clock", "synchronised")) == "ok    clock        synchronised"


def test_in_json_there_is_no_remedy_where_none_is_needed():
    told = {"check": "clock", "verdict": "ok", "found": "synchronised", "remedy": None}
    assert ok("clock", "synchronised").to_json() == told


def test_a_warning_is_no_failure():
    assert all_well([ok("a", "b"), warn("c", "d", "e")])
    assert not all_well([ok("a", "b"), fail("c", "d", "e")])
