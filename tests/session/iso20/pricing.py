"""Who sells energy in tests of ISO 15118-20: the lab's own service, with a key of its own."""

from datetime import datetime

from cryptography.hazmat.primitives.asymmetric import ec

from pki.tariffs import DEFAULT
from pki.tariffs20 import Pricing20
from seccstack.auth import ecdsa
from seccstack.messages.codec import Schema, decode
from seccstack.session import signature
from tests.session.iso20.vehicle import PROVEN

KEY = ec.generate_private_key(ec.SECP521R1())
NOON = datetime(2026, 11, 25, 12, 0)  # noqa: DTZ001 - prices are of one place
SELLER = Pricing20(KEY, PROVEN.emaid, DEFAULT)


def answered(question):
    """What the seller says to a question: the EXI of a response with prices."""
    return SELLER.answer(
        question.emaid, question.entries, question.pricing, question.response, NOON
    )


def message_of(octets):
    return decode(Schema.ISO20_COMMON, octets).message


def schedules_of(response):
    return [
        one.charging_schedule for one in response.scheduled_se_res_control_mode.schedule_tuple
    ]


def absolute_of(response):
    return [one.absolute_price_schedule for one in schedules_of(response)]


def levels_of(response):
    return [one.price_level_schedule for one in schedules_of(response)]


def holds(response, key=KEY):
    """Whether the header's signature is the seller's, over all prices and nothing else."""
    prices = [p for p in absolute_of(response) + levels_of(response) if p is not None]
    elements = {one.id: (type(one).__name__, one) for one in prices}
    about = signature.statement(response.header.signature, elements, signature.ISO20)
    return ecdsa.holds(ecdsa.point_of(key.public_key()), about.signed, about.value)
