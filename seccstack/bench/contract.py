"""Plug and Charge: how long a contract of three certificates, and its signature, take us."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator, Sequence
from typing import Any

from seccstack import v2gtp
from seccstack.bench.figures import Figure, figure_of
from seccstack.messages import iso2
from seccstack.messages.codec import Schema, encode
from seccstack.session.events import (
    BytesReceived,
    SendBytes,
    VerifyContract,
    VerifySignature,
)

RUNS = 200
AIM = "under 15 ms"
CHALLENGE = bytes(range(16))
SESSION_ID = bytes(range(1, 9))


def figures(runs: int = RUNS) -> Iterator[Figure]:
    """Measure PaymentDetails and the signed AuthorizationReq, from octets to octets."""
    from seccstack.adapters.paper import paper

    car = paper(int(time.time()))
    details: list[float] = []
    proofs: list[float] = []
    for _ in range(runs):
        for samples, took in zip((details, proofs), _once(car), strict=True):
            samples.append(took)
    both = [sum(pair) for pair in zip(details, proofs, strict=True)]
    note = "certificates of contract and two authorities, a root; no thread's hand-over"
    yield figure_of("PaymentDetails, three certificates", "ms", details)
    yield figure_of("AuthorizationReq, signed", "ms", proofs)
    yield figure_of("contract, chain and signature", "ms", both, aim=AIM, note=note)


def _once(car: Any) -> Iterator[float]:
    """Yield milliseconds of both requests, the verification between included."""
    from seccstack.session.opening import Opening
    from seccstack.session.plant import Charger
    from seccstack.session.session import V2gSession

    opening = Opening(
        charger=Charger(evse_id="DE*SEC*E000001", contracts=True),
        session_id=SESSION_ID,
        timestamp=int(time.time()),
        at=0.0,
        tls=True,
        challenge=CHALLENGE,
    )
    session = V2gSession(opening)
    for data in _before():
        session.receive(BytesReceived(data), 0.0)
    proof = iso2.AuthorizationReq(id="id1", gen_challenge=CHALLENGE)
    for request in (car.wallet.details(), proof):
        data = _framed(request, car.wallet.signature(request))
        begun = time.perf_counter_ns()
        actions = session.receive(BytesReceived(data), 0.0)
        questions = [a for a in actions if isinstance(a, VerifyContract | VerifySignature)]
        for question in questions:
            _, answer = car.contracts(question)
            actions = session.receive(answer, 0.0)
        took = (time.perf_counter_ns() - begun) / 1e6
        _check(actions, questions)
        yield took


def _check(actions: Sequence[Any], questions: Sequence[Any]) -> None:
    """A figure of what did not happen is none."""
    proven = any(type(action).__name__ == "ContractProven" for action in actions)
    if not questions or not (proven or any(isinstance(a, SendBytes) for a in actions)):
        raise RuntimeError("the contract was not verified")


def _before() -> Iterator[bytes]:
    """Yield what a vehicle sends until it shows its contract."""
    from seccstack.sim import evcc_requests

    wishes = evcc_requests.Wishes(evccid=secrets.token_bytes(6))
    yield v2gtp.encode(v2gtp.EXI, encode(Schema.APP_PROTOCOL, evcc_requests.protocol(wishes)))
    yield _framed(iso2.SessionSetupReq(evccid=wishes.evccid), session_id=bytes(8))
    yield _framed(iso2.ServiceDiscoveryReq())
    chosen = iso2.SelectedServiceList(selected_service=(iso2.SelectedService(service_id=1),))
    yield _framed(
        iso2.PaymentServiceSelectionReq(
            selected_payment_option=iso2.PaymentOption.CONTRACT, selected_service_list=chosen
        )
    )


def _framed(request: Any, signature: Any = None, session_id: bytes = SESSION_ID) -> bytes:
    header = iso2.MessageHeader(session_id=session_id, signature=signature)
    message = iso2.V2G_Message(header=header, body=request)
    return v2gtp.encode(v2gtp.EXI, encode(Schema.ISO2, message))
