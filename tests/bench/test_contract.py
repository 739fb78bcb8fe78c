"""What the bench measures of contracts has happened."""

import pytest

from seccstack.bench.contract import _check, figures


def test_a_contract_is_verified_each_time_it_is_measured():
    names = [figure.name for figure in figures(2) if figure.median > 0]
    assert names == [
        "PaymentDetails, three certificates",
        "AuthorizationReq, signed",
        "contract, chain and signature",
    ]


def test_a_figure_of_what_did_not_happen_is_none():
    with pytest.raises(RuntimeError, match="was not verified"):
        _check([], [])
