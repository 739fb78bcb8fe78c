"""What speaks against a registered address."""

import pytest

from seccstack.auth.suspicion import advice

ROTATING, INVENTED = bytes.fromhex("007DFA06AB91"), bytes.fromhex("02FEED000001")


@pytest.mark.parametrize(
    ("mac", "words"),
    [(ROTATING, "recognised by its family"), (INVENTED, "will always need a card")],
)
def test_who_registers_an_address_that_is_no_name_is_told_what_it_is_worth(mac, words):
    [said] = advice(mac)
    assert words in said


def test_of_others_there_is_nothing_to_say():
    assert advice(bytes.fromhex("EC65CC4FC201")) == ()
