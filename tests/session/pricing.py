"""Who sells energy in tests: the lab's own service, with a key that nobody else has."""

from datetime import datetime

from cryptography.hazmat.primitives.asymmetric import ec

from pki.tariffs import DEFAULT, Pricing
from seccstack.auth import ecdsa
from seccstack.messages.codec import Schema, decode
from seccstack.session.events import TariffsProvided
from seccstack.session.signature import statement
from tests.session.vehicle import EMAID

KEY = ec.generate_private_key(ec.SECP256R1())
NOON = datetime(2026, 11, 25, 12, 0)  # noqa: DTZ001 - prices are of one place
SELLER = Pricing(KEY, EMAID, DEFAULT)


def answered(question, seller=SELLER):
    """What the seller says to a question: the EXI of a response with tariffs."""
    return seller.answer(question.emaid, question.entries, question.response, NOON)


def provided(question):
    return TariffsProvided(question.ticket, answered(question))


def tariffs_of(response):
    return [one.sales_tariff for one in response.sa_schedules.sa_schedule_tuple]


def holds(header, response, key=KEY):
    """Whether the header's signature is the seller's, over all tariffs and nothing else."""
    elements = {tariff.id: ("SalesTariff", tariff) for tariff in tariffs_of(response)}
    about = statement(header.signature, elements)
    return ecdsa.holds(ecdsa.point_of(key.public_key()), about.signed, about.value)


def message_of(octets):
    return decode(Schema.ISO2, octets).message


def holds_all(response):
    """Whether every schedule has a tariff."""
    return None not in tariffs_of(response)
