"""A parameter block, as those who read it know that they have it whole."""

import functools
import operator

import pytest

from seccstack.sim import parameters
from seccstack.slac.modem_survey import COORDINATION, SLAC_MODE

MAC = bytes.fromhex("c49300564e34")


@pytest.mark.parametrize(
    ("make", "octets"), [(parameters.of_charger, (2, 2)), (parameters.of_vehicle, (1, 1))]
)
def test_a_block_says_its_side_of_the_plug(make, octets):
    block = make(MAC)
    assert (block[SLAC_MODE], block[COORDINATION]) == octets


def test_it_says_its_own_length_and_address():
    block = parameters.of_charger(MAC)
    assert int.from_bytes(block[4:6], "little") == len(block) == 8836
    assert block[0x0C:0x12] == MAC


def test_all_its_words_taken_together_come_to_ones():
    block = parameters.of_charger(MAC)
    words = (block[at : at + 4] for at in range(0, len(block), 4))
    together = functools.reduce(operator.xor, (int.from_bytes(word) for word in words))
    assert together == 0xFFFFFFFF
