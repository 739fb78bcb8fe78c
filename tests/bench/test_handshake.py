"""The cost of a handshake, measured in small."""

from seccstack.bench import handshake


def test_a_handshake_costs_some_time_of_the_processor():
    [figure] = handshake.figures(3)
    assert (figure.name, figure.unit) == (handshake.CPU, "ms")
    assert 0 < figure.median <= figure.p99


def test_it_is_measured_with_the_chain_that_vehicles_meet():
    [figure] = handshake.figures(1)
    assert figure.note == ""
