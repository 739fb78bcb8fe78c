"""All attacks against the usual settings: which are held, which cannot be, which are none."""

import pytest

from seccstack.attack.catalogue import ATTACKS, chosen
from seccstack.attack.script import run
from seccstack.errors import UsageError
from tests.attack.conftest import play

CLAIMS = {"mac-clone", "perfect-clone", "evccid-mismatch", "relay", "enumeration"}
PLAIN = {"tls-strip", "bad-contract", "tls-noise", "stolen-identity"}
# What is breached, and what there is nothing to attack of; everything else is held.
EXPECTED = {
    "default": (set(), CLAIMS | PLAIN | {"late-revocation"}),
    "autocharge": ({"mac-clone", "perfect-clone"}, PLAIN),
    "strict": ({"perfect-clone"}, PLAIN),
    "card": (set(), PLAIN | {"enumeration"}),
    "tls": ({"mac-clone", "perfect-clone", "tls-strip"}, {"bad-contract"}),
    "both": (set(), set()),
    "pnc": (set(), {"enumeration"}),
}


@pytest.mark.parametrize("name", EXPECTED)
@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_each_attack_comes_to_what_these_settings_promise(charger, name, attack):
    breached, nothing = EXPECTED[name]
    result = run(attack, charger(name))
    expected = "BREACHED" if attack.name in breached else "held"
    expected = "not applicable" if attack.name in nothing else expected
    assert result.verdict.value == expected, result.happened


def test_a_breach_says_what_to_do_about_it(charger):
    result = play("mac-clone", charger())
    assert result.happened == "a laptop with the vehicle's MAC address charged"
    assert 'access.fingerprint = "require"' in result.remedy
    assert 'access.policy = "card"' in play("perfect-clone", charger("strict")).remedy


def test_attacks_are_chosen_by_name_and_told_in_their_own_order():
    assert [attack.name for attack in chosen(["replug", "mac-clone"])] == [
        "mac-clone",
        "replug",
    ]
    assert chosen([]) == ATTACKS
    with pytest.raises(UsageError, match="there is no attack 'x'; there are: mac-clone, "):
        chosen(["x"])


def test_names_are_different_and_everything_is_said():
    assert len({attack.name for attack in ATTACKS}) == len(ATTACKS)
    assert all(attack.does and attack.must_not for attack in ATTACKS)


def test_a_result_is_json(charger):
    told = play("stalled-sender", charger("default")).to_json()
    assert told["attack"] == "stalled-sender"
    assert told["against"] == "a simulated charger"
    assert (told["verdict"], told["remedy"]) == ("held", None)
    assert told["happened"] == "given up after 18 s; others were turned away at once"
