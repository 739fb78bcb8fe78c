"""ISO 15118-2, Plug and Charge: the vehicle pays by a contract, and proves that it is its own.

It shows the contract's certificates first (PaymentDetails) and is challenged; then it signs the
challenge (Authorization). Following a chain and checking a signature is work for somebody else:
each is asked for with an action, and the response is owed until the answer is there, or until
V2G_SECC_Msg_Performance_Time is nearly over. Whether a proven contract may charge here is
decided where all else is decided; until then the vehicle is told Ongoing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from seccstack.auth.emaid import misprint
from seccstack.messages import iso2
from seccstack.messages.iso2 import EVSEProcessing, ResponseCode
from seccstack.session.events import (
    Action,
    ContractProven,
    ContractVerified,
    Ignored,
    Proven,
    SignatureVerified,
    Unproven,
    VerifyContract,
    VerifySignature,
)
from seccstack.session.iso2.record import Deferred, Reply, Session, State
from seccstack.session.iso2.refusal import refused
from seccstack.session.iso2.requests import Request
from seccstack.session.signature import SignatureError, statement
from seccstack.session.waiting import ONGOING_LIMIT, over

CHAIN_TIME = 4.0  # of V2G_SECC_Msg_Performance_Time, 4.5 s: PaymentDetails, Certificate*
SIGNATURE_TIME = 1.2  # of 1.5 s: all else
DECISION_TIME = 0.2  # who decides at once spares the vehicle a round of Ongoing

Settle = Callable[[Session], Reply | Deferred]


def payment_details(request: iso2.PaymentDetailsReq, session: Session) -> Deferred:
    """PaymentDetailsReq: these are the certificates of the vehicle's contract."""
    shown = request.contract_signature_cert_chain
    subs = shown.sub_certificates.certificate if shown.sub_certificates else ()
    payment = session.payment
    payment.chain = (shown.certificate, *subs)
    ticket, emaid, at = payment.ask(), request.emaid, session.wall_time
    ask = VerifyContract(ticket, shown.certificate, subs, emaid, at)
    return owe(request, session, CHAIN_TIME, lambda later: identified(request, later), ask)


def identified(request: iso2.PaymentDetailsReq, session: Session) -> Reply:
    """Challenge a vehicle with a good contract; say what is wrong with another."""
    answer = session.payment.answer
    found = answer.found if isinstance(answer, ContractVerified) else None
    if not isinstance(found, Proven):
        return unproven(request, found, session)
    session.payment.contract = found
    soon = ResponseCode.OK_CERTIFICATE_EXPIRES_SOON
    response = iso2.PaymentDetailsRes(
        response_code=soon if found.expires_soon else ResponseCode.OK,
        gen_challenge=session.payment.challenge,
        evse_time_stamp=int(session.wall_time),
    )
    # What is proven is a name, however it was once printed.
    why = misprint(found.emaid)
    actions = () if why is None else (Ignored(f"a misprint in contract {found.emaid}", why),)
    return Reply(response, State.IDENTIFIED, actions)


def unproven(
    request: iso2.PaymentDetailsReq, found: Unproven | None, session: Session
) -> Reply:
    """Refuse a contract; without an answer there is nothing better to say than that."""
    if found is None:
        why = f"nobody has verified the contract within {CHAIN_TIME:g} s"
        return refused(request, ResponseCode.FAILED, session, why)
    return refused(request, ResponseCode(found.code), session, found.why)


def authorization(request: iso2.AuthorizationReq, session: Session) -> Reply | Deferred:
    """AuthorizationReq: the challenge, signed; once that is proven, nothing but a question."""
    payment = session.payment
    if payment.proven:
        return decided(request, session)
    if request.gen_challenge != payment.challenge:
        return refused(request, ResponseCode.FAILED_CHALLENGE_INVALID, session)
    return verify(request, request.id, session, lambda later: proven(request, later))


def verify(
    request: Request, identifier: str | None, session: Session, settle: Settle
) -> Reply | Deferred:
    """Have the signature over a request verified, if it is about that request at all."""
    contract = session.payment.contract
    assert contract is not None  # noqa: S101 - no state before IDENTIFIED has signed requests
    try:
        about = statement(
            session.header.signature, {_named(identifier): (type(request).__name__, request)}
        )
    except SignatureError as error:
        return refused(request, unsigned(request), session, str(error))
    ticket = session.payment.ask()
    ask = VerifySignature(ticket, contract.key, about.signed, about.value)
    return owe(request, session, SIGNATURE_TIME, settle, ask)


def _named(identifier: str | None) -> str:
    if not identifier:  # a reference to "" would be one to the whole message
        raise SignatureError("what is signed has no Id")
    return identifier


def unsigned(request: Request) -> ResponseCode:
    """Return the code for a signature that does not hold."""
    if isinstance(request, iso2.MeteringReceiptReq):
        return ResponseCode.FAILED_METERING_SIGNATURE_NOT_VALID
    return ResponseCode.FAILED_SIGNATURE_ERROR


def disproven(request: Request, session: Session) -> Reply | None:
    """Refuse what a signature does not cover; None: it does."""
    answer = session.payment.answer
    if answer is None:
        why = f"nobody has verified the signature within {SIGNATURE_TIME:g} s"
        return refused(request, ResponseCode.FAILED, session, why)
    if not (isinstance(answer, SignatureVerified) and answer.valid):
        return refused(request, unsigned(request), session, "it is not of the contract's key")
    return None


def proven(request: iso2.AuthorizationReq, session: Session) -> Reply | Deferred:
    """Tell who decides that the contract is the vehicle's; wait for the decision, not long."""
    payment = session.payment
    if (refusal := disproven(request, session)) is not None:
        return refusal
    assert payment.contract is not None  # noqa: S101 - it is what the challenge was for
    payment.proven = True
    outcome = await_decision(request, session, session.now + DECISION_TIME)
    told = ContractProven(payment.contract, payment.chain)
    return replace(outcome, actions=(told, *outcome.actions))


def await_decision(
    request: iso2.AuthorizationReq, session: Session, until: float
) -> Reply | Deferred:
    """Owe the response for a moment: somebody may decide at once.

    That no card came in time, or no claim was known, has nothing to do with a contract.
    """
    plant = session.plant
    settled = plant.granted or plant.stop or session.payment.refused
    if settled or session.now >= until:
        return decided(request, session)
    return Deferred(
        until, lambda later: await_decision(request, later, until), state=State.VERIFYING
    )


def decided(request: iso2.AuthorizationReq, session: Session) -> Reply:
    """Say whether the vehicle may charge, or that it is still being found out."""
    payment, refusal = session.payment, session.payment.refused
    if session.plant.granted:
        return Reply(authorized(EVSEProcessing.FINISHED), State.AUTHORIZED)
    if refusal is not None:
        return refused(request, ResponseCode(refusal.code), session, refusal.why)
    if session.plant.stop is not None:
        return refused(request, ResponseCode.FAILED, session, session.plant.stop.why)
    if payment.since is None:
        payment.since = session.now
    if over(payment.since, session.now):
        why = f"nobody has decided within {ONGOING_LIMIT:g} s"
        return refused(request, ResponseCode.FAILED, session, why)
    return Reply(authorized(EVSEProcessing.ONGOING), State.IDENTIFIED)


def authorized(processing: EVSEProcessing) -> iso2.AuthorizationRes:
    """Answer an AuthorizationReq that went well so far."""
    return iso2.AuthorizationRes(response_code=ResponseCode.OK, evse_processing=processing)


# Responses that are owed.


def owe(
    request: Request, session: Session, seconds: float, settle: Settle, ask: Action
) -> Deferred:
    """Ask for something, and owe the response until it is answered or the time is up."""
    session.payment.owed = request
    return replace(await_answer(session.now + seconds, settle), actions=(ask,))


def await_answer(until: float, settle: Settle) -> Deferred:
    """Owe a response; ``settle`` makes it, with an answer or without."""

    def resume(session: Session) -> Reply | Deferred:
        if session.payment.answer is None and session.now < until:
            return await_answer(until, settle)
        return settle(session)

    return Deferred(until, resume, state=State.VERIFYING)
