"""Questions about a contract: an answer counts if it is to the last one."""

from seccstack.session.events import ContractRefused, SignatureVerified, Ticket
from seccstack.session.payment import Payment

CHALLENGE = bytes(range(16))


def asked(**known):
    payment = Payment(**known)
    return payment, payment.ask(), payment.ask()


def test_questions_are_numbered_and_named_by_the_challenge():
    _, first, second = asked(challenge=CHALLENGE, session_id=b"12345678")
    assert (first, second) == (Ticket(CHALLENGE, 1), Ticket(CHALLENGE, 2))


def test_without_a_challenge_they_are_named_by_the_session():
    assert asked(session_id=b"12345678")[1] == Ticket(b"12345678", 1)


def test_an_answer_to_the_last_question_is_taken_and_goes_with_the_next():
    payment, _, second = asked(challenge=CHALLENGE)
    payment.take(SignatureVerified(second, True))
    assert payment.answer == SignatureVerified(second, True)
    payment.ask()
    assert payment.answer is None


def test_an_answer_to_an_earlier_one_is_not():
    payment, first, _ = asked(challenge=CHALLENGE)
    payment.take(SignatureVerified(first, True))
    assert payment.answer is None


def test_that_a_contract_is_refused_counts_whatever_was_asked():
    payment = asked(challenge=CHALLENGE)[0]
    payment.take(ContractRefused("FAILED", "it is blocked"))
    assert payment.refused == ContractRefused("FAILED", "it is blocked")
    assert payment.answer is None


def test_a_challenge_is_never_shown():
    assert "challenge" not in repr(Payment(challenge=CHALLENGE))
