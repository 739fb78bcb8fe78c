"""ISO 15118-20, Plug and Charge: the vehicle pays by a contract, and proves that it is its own.

It is challenged with AuthorizationSetup, and shows with one request the contract's certificates
and the challenge, signed. What is wrong with that is a warning: the vehicle may show another
contract, or be authorised otherwise. Following the chain and checking the signature are asked
for, one after the other, and the response is owed until both are known.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Literal

from seccstack.auth.emaid import misprint
from seccstack.messages.iso20_common import (
    AuthorizationReq,
    MeteringConfirmationReq,
    PnC_AReqAuthorizationMode,
)
from seccstack.messages.iso20_types import Processing, ResponseCode
from seccstack.session import signature
from seccstack.session.events import (
    Action,
    AskAuthorizer,
    ContractProven,
    ContractVerified,
    Ignored,
    Proven,
    SignatureVerified,
    VerifyContract,
    VerifySignature,
)
from seccstack.session.iso20 import answers
from seccstack.session.iso20.record import Deferred, Reply, Session, State
from seccstack.session.iso20.refusal import refused
from seccstack.session.iso20.requests import Request
from seccstack.session.signature import SignatureError, Statement, statement
from seccstack.session.waiting import ONGOING_LIMIT, over

CHAIN_TIME = SIGNATURE_TIME = 0.6  # of V2G_SECC_Msg_Performance_Time, 1.5 s, each
DECISION_TIME = 0.2  # who decides at once spares the vehicle a round of Ongoing
MOST_ATTEMPTS = 16  # ours: more contracts than a vehicle has, and each is followed to its root
GENERAL = ResponseCode.WARNING_GENERAL_PN_C_AUTHORIZATION_ERROR
INVALID = ResponseCode.WARNING_CERTIFICATE_VALIDATION_ERROR
WARNINGS: Mapping[str, ResponseCode] = {  # for what a chain's faults are called elsewhere
    "FAILED_CertChainError": INVALID,
    "FAILED_CertificateExpired": ResponseCode.WARNING_CERTIFICATE_EXPIRED,
    "FAILED_CertificateRevoked": ResponseCode.WARNING_CERTIFICATE_REVOKED,
}

Settle = Callable[[Session], Reply | Deferred]


def by_contract(
    request: AuthorizationReq, shown: PnC_AReqAuthorizationMode, session: Session
) -> Reply | Deferred:
    """AuthorizationReq with a contract; once that is proven, nothing but a question."""
    payment = session.payment
    about = f"{shown.id}:{shown.gen_challenge.hex()}".encode()
    if payment.proven and payment.signed == about:
        return decided(request, session)
    if (why := exhausted(session)) is not None:
        return refused(request, ResponseCode.FAILED, session, why)
    if shown.gen_challenge != payment.challenge:
        return warned(session, ResponseCode.WARNING_CHALLENGE_INVALID, "another challenge")
    try:
        signed = signed_by(session, "PnC_AReqAuthorizationMode", shown.id, shown)
    except SignatureError as error:
        return warned(session, GENERAL, str(error))
    payment.chosen, payment.proven, payment.since = True, False, None
    payment.refused, payment.signed = None, about
    chain = shown.contract_certificate_chain
    payment.chain = (chain.certificate, *chain.sub_certificates.certificate)
    rules: Literal["iso20", "lab"] = "lab" if session.charger.iso20_in_plain else "iso20"
    ask = VerifyContract(
        payment.ask(), payment.chain[0], payment.chain[1:], "", session.wall_time, rules
    )
    return owe(
        request, session, CHAIN_TIME, lambda later: identified(request, signed, later), ask
    )


def exhausted(session: Session) -> str | None:
    """Count an attempt at a contract; say that there have been too many, if so."""
    session.payment.attempts += 1
    if session.payment.attempts <= MOST_ATTEMPTS:
        return None
    return f"{MOST_ATTEMPTS} attempts at a contract have failed"


def signed_by(session: Session, name: str, identifier: str, element: object) -> Statement:
    """Return what is left to verify of the signature over an element of a request."""
    if not identifier:  # a reference to "" would be one to the whole message
        raise SignatureError("what is signed has no Id")
    rules = signature.LAB20 if session.charger.iso20_in_plain else signature.ISO20
    return statement(session.header.signature, {identifier: (name, element)}, rules)


def identified(
    request: AuthorizationReq, signed: Statement, session: Session
) -> Reply | Deferred:
    """Ask about the signature of a vehicle with a good contract; warn one with another."""
    payment, answer = session.payment, session.payment.answer
    found = answer.found if isinstance(answer, ContractVerified) else None
    if found is None:
        why = f"nobody has verified the contract within {CHAIN_TIME:g} s"
        return warned(session, GENERAL, why)
    if not isinstance(found, Proven):
        early = "not valid yet" in found.why
        code = ResponseCode.WARNING_CERTIFICATE_NOT_YET_VALID if early else None
        return warned(session, code or WARNINGS.get(found.code, GENERAL), found.why)
    payment.contract = found
    ask = VerifySignature(payment.ask(), found.key, signed.signed, signed.value)
    return owe(request, session, SIGNATURE_TIME, lambda later: proven(request, later), ask)


def proven(request: AuthorizationReq, session: Session) -> Reply | Deferred:
    """Tell who decides that the contract is the vehicle's; wait for the decision, not long."""
    payment, answer = session.payment, session.payment.answer
    if answer is None:
        why = f"nobody has verified the signature within {SIGNATURE_TIME:g} s"
        return warned(session, GENERAL, why)
    if not (isinstance(answer, SignatureVerified) and answer.valid):
        return warned(session, GENERAL, "the signature is not of the contract's key")
    assert payment.contract is not None  # noqa: S101 - the signature was asked about with it
    payment.proven = True
    why_not = misprint(payment.contract.emaid)
    told: tuple[Action, ...] = (ContractProven(payment.contract, payment.chain),)
    if why_not is not None:
        told += (Ignored(f"a misprint in contract {payment.contract.emaid}", why_not),)
    if not session.asked:
        session.asked, told = True, (AskAuthorizer(), *told)
    outcome = await_decision(request, session, session.now + DECISION_TIME)
    return replace(outcome, actions=(*told, *outcome.actions))


def await_decision(
    request: AuthorizationReq, session: Session, until: float
) -> Reply | Deferred:
    """Owe the response for a moment: somebody may decide at once.

    That no card came in time, or no claim was known, has nothing to do with a contract.
    """
    plant = session.plant
    settled = plant.granted or plant.stop or session.payment.refused
    if settled or session.now >= until:
        return decided(request, session)
    return Deferred(until, lambda later: await_decision(request, later, until), State.VERIFYING)


def decided(request: AuthorizationReq, session: Session) -> Reply:
    """Say whether the vehicle may charge, or that it is still being found out."""
    payment, plant = session.payment, session.plant
    if plant.granted:
        soon = payment.contract is not None and payment.contract.expires_soon
        code = ResponseCode.OK_CERTIFICATE_EXPIRES_SOON if soon else ResponseCode.OK
        return Reply(answers.authorized(session, code), State.AUTHORIZED)
    if payment.refused is not None:
        refusal = payment.refused
        return warned(session, WARNINGS.get(refusal.code, GENERAL), refusal.why)
    if plant.stop is not None:
        return refused(request, ResponseCode.FAILED, session, plant.stop.why)
    if payment.since is None:
        payment.since = session.now
    if over(payment.since, session.now):
        why = f"nobody has decided within {ONGOING_LIMIT:g} s"
        return refused(request, ResponseCode.FAILED, session, why)
    ongoing = answers.authorized(session, ResponseCode.OK, Processing.ONGOING)
    return Reply(ongoing, State.AUTHORIZING)


def warned(session: Session, code: ResponseCode, why: str) -> Reply:
    """Say that it is not to be so, which ends this attempt and not the session."""
    payment = session.payment
    payment.chosen, payment.proven, payment.since = False, False, None
    actions = (Ignored("contract", why),)
    return Reply(answers.authorized(session, code), State.AUTHORIZING, actions)


# Responses that are owed.


def owe(
    request: Request | MeteringConfirmationReq,
    session: Session,
    seconds: float,
    settle: Settle,
    ask: Action,
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
