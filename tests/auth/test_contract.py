"""Who says whether a proven contract may charge here, and what if nobody does."""

import pytest

from seccstack.auth.contract import (
    MAX_LISTED,
    NOT_ALLOWED,
    RECHECK_SECONDS,
    UNANSWERED,
    Arrived,
    ContractAccepted,
    ContractDesk,
    ContractFound,
    ContractRefused,
    ContractWithdrawn,
    Left,
    LookUpContract,
    Proven,
    Settings,
    Trust,
)
from seccstack.errors import UsageError

EMAID = "DE8AA1A2B3C4D5V"
PROVEN = Proven(EMAID, "CN=MO Root CA", (b"leaf", b"sub"))
KNOWN = "contract DE8AA1A2B3C4D5V is proven by a chain to CN=MO Root CA"
REVOKED = "FAILED_CertificateRevoked"


def desk(**settings):
    machine = ContractDesk(Settings(**settings))
    machine.receive(Arrived(7), 0.0)
    return machine


def granted(also):
    return [ContractAccepted(7, (f"{KNOWN}, {also}",))]


def test_a_root_that_is_trusted_is_enough_where_nobody_else_is_asked():
    machine = desk(trust=Trust.CHAIN)
    assert machine.receive(PROVEN, 1.0) == granted("which is trusted")


@pytest.mark.parametrize("listed", ["DE-8AA-1A2B3C4D5-V", "de8aa1a2b3c4d5"])
def test_the_owner_s_list_has_contracts_however_they_are_written(listed):
    machine = desk(trust=Trust.LIST, listed=(listed,))
    assert machine.receive(PROVEN, 1.0) == granted("and it is listed")


def test_what_is_not_listed_is_refused():
    why = "contract DE8AA1A2B3C4D5V is not listed"
    refused = ContractRefused(7, "FAILED_CertificateNotAllowedAtThisEVSE", why)
    assert desk(trust=Trust.LIST, listed=("DE8AA1A2B3C4D6",)).receive(PROVEN, 1.0) == [refused]


def test_where_no_contract_is_taken_a_proof_is_refused():
    [refused] = desk().receive(PROVEN, 1.0)
    assert refused.why == "no contract is taken here"


def office():
    machine = desk(trust=Trust.OFFICE)
    assert machine.receive(PROVEN, 1.0) == [LookUpContract(EMAID, (b"leaf", b"sub"))]
    return machine


def test_a_back_office_may_take_its_time():
    machine = office()
    assert machine.tick(30.0) == []
    assert machine.receive(ContractFound(EMAID, None), 40.0) == granted(
        "and the back office agrees"
    )
    assert machine.deadline is None


@pytest.mark.parametrize(
    ("why", "told"),
    [
        ("stolen", "stolen"),
        ("", "the back office does not want contract DE8AA1A2B3C4D5V"),
    ],
)
def test_a_back_office_says_with_which_code_it_refuses(why, told):
    answer = ContractFound(EMAID, REVOKED, why)
    assert office().receive(answer, 2.0) == [ContractRefused(7, REVOKED, told)]


def test_a_silent_back_office_is_given_up():
    machine = office()
    assert machine.deadline == 58.0
    why = "the back office did not answer in 57 s"
    assert machine.tick(58.0) == [ContractRefused(7, "FAILED", why)]
    assert machine.receive(ContractFound(EMAID, None), 59.0) == []


def registry():
    machine = desk(trust=Trust.LIST, listed=("DE8AA1A2B3C4D6",), registry=True)
    assert machine.receive(PROVEN, 1.0) == [LookUpContract(EMAID, (b"leaf", b"sub"))]
    return machine


REGISTERED = ContractFound(EMAID, None, "and it is registered (fleet)")


def test_the_registry_has_more_of_the_owner_s_list():
    assert registry().receive(REGISTERED, 2.0) == granted("and it is registered (fleet)")
    assert desk(trust=Trust.LIST, listed=(EMAID,), registry=True).receive(
        PROVEN, 1.0
    ) == granted("and it is listed")


def test_what_is_in_neither_is_refused():
    missing = ContractFound(EMAID, NOT_ALLOWED, "it is not registered")
    refused = ContractRefused(7, NOT_ALLOWED, "it is not registered")
    assert registry().receive(missing, 2.0) == [refused]


def test_a_registry_that_is_silent_is_called_that():
    machine = registry()
    [refused] = machine.tick(machine.deadline)
    assert refused.why == "the registry did not answer in 57 s"


def charging():
    machine = registry()
    machine.receive(REGISTERED, 2.0)
    assert machine.tick(2.0 + RECHECK_SECONDS) == [LookUpContract(EMAID, (b"leaf", b"sub"))]
    return machine


def test_what_was_registered_is_asked_about_again_while_it_charges():
    machine = charging()
    for answer in (REGISTERED, ContractFound(EMAID, UNANSWERED, "a disk fails")):
        assert machine.receive(answer, 13.0) == []
    assert machine.deadline == 2.0 + 2 * RECHECK_SECONDS


def test_a_contract_that_its_owner_takes_away_charges_no_more():
    machine = charging()
    gone = ContractFound(EMAID, NOT_ALLOWED, "it is not registered")
    assert machine.receive(gone, 13.0) == [ContractWithdrawn(7, "it is not registered")]
    assert machine.deadline is None
    assert machine.receive(PROVEN, 14.0) == [LookUpContract(EMAID, (b"leaf", b"sub"))]


OTHER = Proven("DE8AA9Z8Y7X6W", "CN=MO Root CA", (b"leaf",))


def test_another_contract_is_judged_for_itself_and_takes_the_place_of_the_first():
    machine = desk(trust=Trust.CHAIN)
    machine.receive(PROVEN, 1.0)
    withdrawn, accepted = machine.receive(OTHER, 2.0)
    assert isinstance(withdrawn, ContractWithdrawn)
    assert OTHER.emaid in accepted.reasons[0]


def test_who_was_let_in_for_one_contract_does_not_charge_on_another():
    machine = desk(trust=Trust.LIST, listed=(EMAID,))
    machine.receive(PROVEN, 1.0)
    withdrawn, refused = machine.receive(OTHER, 2.0)
    why = f"contract {EMAID} is not the one that pays: {OTHER.emaid} is"
    assert withdrawn == ContractWithdrawn(7, why)
    assert refused.code == NOT_ALLOWED


def test_an_answer_about_another_contract_or_to_nobody_counts_for_nothing():
    machine = office()
    assert machine.receive(ContractFound("DE8AA1A2B3C4D6", None), 2.0) == []
    assert desk(trust=Trust.OFFICE).receive(ContractFound(EMAID, None), 2.0) == []


def test_what_is_granted_stays_until_the_vehicle_leaves():
    machine = desk(trust=Trust.CHAIN)
    machine.receive(PROVEN, 1.0)
    assert machine.receive(PROVEN, 2.0) == []
    machine.receive(Left(), 3.0)
    assert machine.receive(PROVEN, 4.0) == []


@pytest.mark.parametrize("listed", [("somebody",), ("DE8AA1A2B3C4D6",) * (MAX_LISTED + 1)])
def test_a_list_that_cannot_be_right_is_refused(listed):
    with pytest.raises(UsageError):
        Settings(trust=Trust.LIST, listed=listed)
