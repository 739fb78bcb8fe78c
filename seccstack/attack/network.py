"""Attacks over IPv6: discovery, connections, and encryption that is taken away."""

from __future__ import annotations

from seccstack import sdp, v2gtp
from seccstack.attack.script import (
    NOT_TRIED,
    Attack,
    charging,
    clear,
    heard_out,
    matched,
    owner,
)
from seccstack.attack.target import STRANGER, Place, Target
from seccstack.attack.verdict import OUR_FAULT, Breached, Held, NotApplicable, Outcome
from seccstack.attack.visitor import VEHICLE, Visitor
from seccstack.auth.decision import Policy
from seccstack.errors import UsageError
from seccstack.messages import iso2

REQUEST = sdp.SdpRequest(sdp.SECURITY_NONE).encode()
OUTSIDE = "2001:db8::1"  # an address from beyond the link
ODD = (
    b"",
    REQUEST[:7],
    v2gtp.encode(v2gtp.SDP_REQUEST, b"\x10"),
    v2gtp.encode(v2gtp.SDP_REQUEST, bytes(3)),
    b"\x01\xfe\x90\x00\xff\xff\xff\xff\x10\x00",
    b"\xff\xff" + REQUEST[2:],
    sdp.SdpRequest(0x55, 0x55).encode(),
    sdp.SdpResponse(bytes(16), 49152, sdp.SECURITY_NONE).encode(),
)
ASKED = 200  # requests at once
STRANGERS = 20  # connections of others, more than a charger takes in
DATA = 0x55  # what is sent where anything will do
PLAIN = 'set tls.downgrade = "refuse", or tls.mode = "require"'


def strange_discovery(target: Target) -> Outcome:
    """SDP from beyond the link, from others, in odd shapes, as answers, and in a flood."""
    stranger, asked = Place.of(STRANGER), len(target.answers)
    target.ask(stranger, REQUEST)
    target.wait(0.2)
    if len(target.answers) > asked:
        return Breached("it was answered with nothing plugged in", OUR_FAULT)
    own = charging(target)
    asked = len(target.answers)
    for octets in ODD:
        target.ask(own.place, octets)
    target.ask(Place(STRANGER, OUTSIDE), REQUEST)
    target.ask(stranger, REQUEST)
    target.wait(0.3)
    if len(target.answers) > asked:
        return Breached("it answered a request that nobody may make", OUR_FAULT)
    target.wait(1.0)
    for _ in range(ASKED):
        target.ask(own.place, REQUEST)
    target.wait(0.9)
    answered = len(target.answers) - asked
    if answered > 2 * sdp.MAX_ANSWERS:
        return Breached(f"it answered {answered} of {ASKED} requests at once", OUR_FAULT)
    if not own.loop():
        return Breached("the charge ended", OUR_FAULT)
    return Held(f"nobody else was answered, nor {ASKED} at once; the charge went on")


def _comes_second(target: Target) -> bool:
    """Whether the vehicle is served though another station was there before it."""
    own = owner(target)
    matched(own)
    target.connect(Place.of(STRANGER), own.tls)
    served = own.set_up()
    clear(target)
    return served


def second_connection(target: Target) -> Outcome:
    """Others connect before a charge and in it; then the vehicle does so once more."""
    if target.setup.others and not _comes_second(target):
        return Breached("who connected first kept the matched vehicle out", OUR_FAULT)
    own = charging(target)
    streams = [target.connect(Place.of(STRANGER), own.tls) for _ in range(STRANGERS)]
    target.wait(0.5)
    if not all(stream.closed for stream in streams):
        return Breached("a connection of another station was served", OUR_FAULT)
    if not own.loop():
        return Breached("connections of other stations ended the charge", OUR_FAULT)
    first, session = own.stream, own.session_id
    own.open(tls=own.tls)
    target.wait(1.0)
    if first is not None and not first.closed:
        return Breached("two connections were served at once", OUR_FAULT)
    answer = own.handshake() and own.request(iso2.ChargingStatusReq(), session)
    if answer and answer.response_code is iso2.ResponseCode.OK:
        return Breached("a new connection went on in the middle of the old session", OUR_FAULT)
    if target.energised:
        return Breached("the power stayed on between two sessions", OUR_FAULT)
    return Held("others were turned away; the vehicle's second took the place of its first")


def tls_strip(target: Target) -> Outcome:
    """What looks like a vehicle that uses TLS comes without."""
    setup = target.setup
    if setup.tls is sdp.Tls.FORBIDDEN:
        return NotApplicable('no vehicle is offered TLS here (tls.mode = "forbid")')
    charging(target).end()
    target.wait(6.0)
    plain = Visitor(target, setup.registered, VEHICLE, tls=False)
    matched(plain)
    found = plain.discover()
    if found is not None and found.security == sdp.SECURITY_TLS:
        return Breached("TLS was the answer to a vehicle that asked for none", OUR_FAULT)
    plain.open(tls=False)
    if not plain.begin():
        if setup.tls is sdp.Tls.REQUIRED:
            return Held("nobody is served without TLS")
        raise UsageError(f"{NOT_TRIED}: without TLS it got no session, though TLS is optional")
    if setup.tls is sdp.Tls.REQUIRED:
        return Breached("a plain connection was served, though TLS is required", OUR_FAULT)
    plain.request(iso2.ServiceDiscoveryReq())
    paid = plain.request(
        iso2.PaymentServiceSelectionReq(
            selected_payment_option=iso2.PaymentOption.CONTRACT,
            selected_service_list=iso2.SelectedServiceList(
                selected_service=(iso2.SelectedService(service_id=1),)
            ),
        )
    )
    if paid is not None and not paid.response_code.value.startswith("FAILED"):
        return Breached("a contract may be paid by without TLS", OUR_FAULT)
    return _plain_charge(target, plain)


def _plain_charge(target: Target, plain: Visitor) -> Outcome:
    if target.setup.policy is Policy.OPEN:
        return Held("everybody may charge here, but no contract is taken in the clear")
    clear(target)
    matched(plain)
    if plain.charge():
        return Breached("a vehicle that always used TLS charged without", PLAIN)
    heard_out(plain)
    return Held("without TLS it needed a card, and its contract was not taken")


ATTACKS = (
    Attack(
        "strange-discovery",
        "SDP comes from outside, from others, in odd shapes, as a response, and as a flood",
        "it is answered, or the charge ends",
        strange_discovery,
    ),
    Attack(
        "second-connection",
        f"others connect first, {STRANGERS} in mid-charge, then the vehicle's address again",
        "the vehicle is kept out, two are served, or there is power without a session",
        second_connection,
    ),
    Attack(
        "tls-strip",
        "what looks like a vehicle that always used TLS comes without",
        "it charges for its address, or pays by contract in the clear",
        tls_strip,
    ),
)
