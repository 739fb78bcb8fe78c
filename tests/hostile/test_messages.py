"""Requests that are well framed and hold what none should: at a whole outlet."""

from functools import reduce
from operator import or_

import pytest
from msgspec import structs

from seccstack import events, v2gtp
from seccstack.auth.decision import Policy
from seccstack.messages import app_protocol, iso2
from seccstack.messages.codec import Schema, encode
from seccstack.messages.iso2 import (
    ChargeProgress,
    ChargingSession,
    DC_EVErrorCode,
    EnergyTransferMode,
    UnitSymbol,
)
from tests.hostile.peer import FOREIGN, KNOWN, HostilePeer, HostilePeerOnDc
from tests.session.dc_vehicle import CABLE_CHECK, in_error
from tests.session.vehicle import NAMESPACE, STOP, framed, parameters, power, profile, value
from tests.strategies import B

ID = bytes(range(1, 9))


def charging(kind=HostilePeer):
    peer = kind()
    peer.begin(Policy.CARD, "card")
    assert peer.oracle.closed or peer.oracle.volts
    return peer


def live(peer):
    return peer.oracle.closed or peer.oracle.volts > 0


def say(peer, data):
    """Say this on the vehicle's stream; return whether it was hung up on."""
    done, before = [], peer.step
    peer.step = lambda event, actions: (done.extend(actions), before(event, actions))
    peer.give(events.BytesReceived(peer.stream(0), data))
    peer.pass_time(1.0)
    peer.step = before
    return any(isinstance(action, events.CloseStream) for action in done)


def of_enum(kind, make):
    """Return one request for each value that its code has room for and its type has not.

    The bits that differ between the values are those of the code; its values count from 0.
    """
    octets = [framed(make(one), ID) for one in kind]
    first, *others = frames = [int.from_bytes(one) for one in octets]
    mask = reduce(or_, (frame ^ first for frame in others))
    bits = [at for at in range(mask.bit_length()) if mask >> at & 1]
    assert len(frames) <= 2 ** len(bits)
    length = len(framed(make(next(iter(kind))), ID))
    return [
        (frames[0] + sum(1 << at for n, at in enumerate(bits) if code >> n & 1)).to_bytes(
            length
        )
        for code in range(len(frames), 2 ** len(bits))
    ]


WRONG = [
    *of_enum(ChargeProgress, lambda one: power(one)),
    *of_enum(EnergyTransferMode, lambda one: parameters(one)),
    *of_enum(
        DC_EVErrorCode, lambda one: structs.replace(CABLE_CHECK, dc_ev_status=in_error(one))
    ),
    *of_enum(UnitSymbol, lambda one: parameters(ev_max_voltage=value(400, one))),
]


def test_there_are_codes_without_a_meaning_to_try():
    assert len(WRONG) == 1 + 2 + 4 + 1
    assert (
        of_enum(ChargingSession, lambda one: structs.replace(STOP, charging_session=one)) == []
    )


@pytest.mark.parametrize("data", WRONG)
@pytest.mark.parametrize("kind", [HostilePeer, HostilePeerOnDc])
def test_a_value_that_its_type_does_not_have_ends_the_session_and_the_energy(kind, data):
    peer = charging(kind)
    assert say(peer, data)
    assert not live(peer)
    peer.charge("card")
    assert live(peer)


@pytest.mark.parametrize("session_id", [bytes(8), bytes(1), FOREIGN, FOREIGN[:3]])
@pytest.mark.parametrize("kind", [HostilePeer, HostilePeerOnDc])
def test_a_session_id_that_is_not_its_own_ends_it_too(kind, session_id):
    peer = charging(kind)
    assert say(peer, framed(peer.ways[peer.machine._parts.plug_in.session.state], session_id))
    assert not live(peer)


LONG = iso2.CertificateChain(
    certificate=bytes(800),
    sub_certificates=iso2.SubCertificates(certificate=(bytes(800),) * 4),
)
DETAILS = iso2.PaymentDetailsReq(emaid="DE8AAA1234567A", contract_signature_cert_chain=LONG)
STEPS = profile(*[(n, value(11, "W", 3)) for n in range(24)])


def test_a_profile_as_long_as_it_may_be_is_borne_in_mid_charge():
    peer = charging()
    assert not say(peer, framed(power("Start", 1, STEPS), peer.session_id))
    assert live(peer)


def test_a_chain_as_long_as_it_may_be_is_passed_on_to_who_judges_it():
    peer = HostilePeer()
    peer.begin(Policy.CARD)
    peer.charge("contract", "later")
    assert "ContractVerified" in [type(event).__name__ for event in peer.kept]
    peer.answering = "strange"
    peer.replug()
    peer.opened(*peer.me, tls=True)
    peer.go_on(3, "contract")
    assert say(peer, framed(DETAILS, peer.session_id))
    assert not live(peer)


def named(name, **changes):
    protocol = app_protocol.AppProtocol(
        protocol_namespace=name,
        version_number_major=2,
        version_number_minor=0,
        schema_id=0,
        priority=1,
    )
    return structs.replace(protocol, **changes)


def test_twenty_protocols_with_the_worst_of_names_are_no_trouble():
    worst = named("${jndi:ldap://x}<script>%s{}".ljust(100, "x"))
    many = [structs.replace(worst, schema_id=n, priority=1 + n) for n in range(19)]
    ours = named(NAMESPACE, schema_id=200, priority=20)
    request = app_protocol.SupportedAppProtocolReq(app_protocol=(*many, ours))
    peer = HostilePeer()
    peer.begin(Policy.CARD)
    peer.give(B)
    handshake = v2gtp.encode(v2gtp.EXI, encode(Schema.APP_PROTOCOL, request))
    peer.opened(*peer.me, tls=True, handshake=handshake)
    peer.hold_a_card(KNOWN)
    peer.go_on(14, "card")
    assert live(peer)
