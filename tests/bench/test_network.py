"""What the bench measures of a running charger has happened."""

import pytest

from seccstack.bench.network import SESSIONS, _check

ONCE = [("PaymentDetailsReq", 1.0), ("AuthorizationReq", 2.0)]


def test_each_contract_is_shown_and_proven_once():
    _check([("SessionSetupReq", 0.1), *ONCE] * SESSIONS)


@pytest.mark.parametrize("asked", [[], ONCE, [*ONCE, ONCE[1]] * SESSIONS, ONCE[:1] * SESSIONS])
def test_a_figure_of_what_did_not_happen_is_none(asked):
    with pytest.raises(RuntimeError, match="not every contract"):
        _check(asked)
