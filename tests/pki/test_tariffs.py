"""What a lab's operator says that energy costs: signed, as of now, and for its customers."""

import asyncio
import json
import struct

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils

from pki.errors import PkiError
from pki.providing import listen, prices, service_of
from pki.tariffs import DAY, DEFAULT, Price, bounded, pricing_of, read_prices, stretches
from pki.tariffs20 import pricing20_of
from seccstack.messages import iso2
from seccstack.messages.codec import Schema, encode, encode_fragment
from seccstack.session.iso2.physical import watts
from tests.session.pricing import NOON, message_of, tariffs_of

HOUR = 3600


def offer(seconds=DAY, *, number=1):
    """The EXI of a response with schedules of so many seconds."""
    interval = iso2.RelativeTimeInterval(start=0, duration=seconds)
    entry = iso2.PMaxScheduleEntry(time_interval=interval, p_max=watts(11040))
    tuples = tuple(
        iso2.SAScheduleTuple(
            sa_schedule_tuple_id=n,
            p_max_schedule=iso2.PMaxSchedule(p_max_schedule_entry=(entry,)),
        )
        for n in range(1, number + 1)
    )
    body = iso2.ChargeParameterDiscoveryRes(
        response_code=iso2.ResponseCode.OK,
        evse_processing=iso2.EVSEProcessing.FINISHED,
        sa_schedules=iso2.SAScheduleList(sa_schedule_tuple=tuples),
        evse_charge_parameter=iso2.AC_EVSEChargeParameter(
            ac_evse_status=iso2.AC_EVSEStatus(
                notification_max_delay=0,
                evse_notification=iso2.EVSENotification.NONE,
                rcd=False,
            ),
            evse_nominal_voltage=iso2.PhysicalValue(
                multiplier=0, unit=iso2.UnitSymbol.V, value=230
            ),
            evse_max_current=iso2.PhysicalValue(multiplier=0, unit=iso2.UnitSymbol.A, value=16),
        ),
    )
    header = iso2.MessageHeader(session_id=bytes(8))
    return encode(Schema.ISO2, iso2.V2G_Message(header=header, body=body))


@pytest.fixture(scope="session")
def customer(lab):
    return service_of(lab).emaid


@pytest.fixture(scope="session")
def pricing(lab, customer):
    return pricing_of(lab, customer, DEFAULT)


def intervals(tariff):
    entries = tariff.sales_tariff_entry
    return [(e.time_interval.start, e.time_interval.duration, e.e_price_level) for e in entries]


def test_from_noon_on_a_day_has_three_prices(pricing, customer):
    response = message_of(pricing.answer(customer, 12, offer(), NOON)).body
    [tariff] = tariffs_of(response)
    assert intervals(tariff) == [
        (0, None, 2),
        (10 * HOUR, None, 1),
        (18 * HOUR, 6 * HOUR, 2),
    ]
    costs = [e.consumption_cost[0].cost[0].amount for e in tariff.sales_tariff_entry]
    assert costs == [100, 63, 100]
    assert tariff.num_e_price_levels == 2


def test_the_operator_s_certificate_verifies_the_signature_with_no_code_of_ours(
    lab, pricing, customer
):
    message = message_of(pricing.answer(customer, 12, offer(number=2), NOON))
    info = message.header.signature.signed_info
    digests = [reference.digest_value for reference in info.reference]
    fragments = [
        encode_fragment(Schema.ISO2, tariff, "SalesTariff")
        for tariff in tariffs_of(message.body)
    ]
    digest = hashes.Hash
    assert digests == [hashed(digest, fragment) for fragment in fragments]
    value = message.header.signature.signature_value.value
    r, s = int.from_bytes(value[:32]), int.from_bytes(value[32:])
    pem = (lab / "certificates/mo.mo_sub2.pem").read_bytes()
    x509.load_pem_x509_certificate(pem).public_key().verify(
        utils.encode_dss_signature(r, s),
        encode_fragment(Schema.ISO2, info, "SignedInfo"),
        ec.ECDSA(hashes.SHA256()),
    )


def hashed(digest, octets):
    state = digest(hashes.SHA256())
    state.update(octets)
    return state.finalize()


def test_as_many_entries_as_fit_and_none_is_cheaper_than_it_will_be(pricing, customer):
    [tariff] = tariffs_of(message_of(pricing.answer(customer, 2, offer(), NOON)).body)
    assert intervals(tariff) == [(0, None, 1), (10 * HOUR, 14 * HOUR, 1)]
    assert bounded([(0, 5.0), (10, 1.0), (20, 9.0)], 2) == [(0, 5.0), (10, 9.0)]


def test_a_stay_of_days_is_priced_to_its_end():
    steps = stretches((Price(0, 1.0), Price(12 * HOUR, 2.0)), NOON, 2 * DAY)
    assert [start // HOUR for start, _ in steps] == [0, 12, 24, 36]
    assert stretches((Price(0, 1.0),), NOON, 5 * DAY) == [(0, 1.0)]


def test_the_customer_of_another_is_told_nothing_and_who_pays_otherwise_is(pricing):
    assert pricing.answer("DE8XXFFFFFFFFF", 12, offer(), NOON) == b""
    assert tariffs_of(message_of(pricing.answer("", 12, offer(), NOON)).body) != [None]


def test_energy_that_costs_nothing_is_told_so(lab, customer):
    free = pricing_of(lab, customer, (Price(0, 0.0),))
    [tariff] = tariffs_of(message_of(free.answer(customer, 12, offer(), NOON)).body)
    assert tariff.sales_tariff_entry[0].consumption_cost[0].cost[0].amount == 0


@pytest.mark.parametrize("octets", [b"", b"no message"])
def test_what_is_no_message_is_no_question(pricing, octets):
    with pytest.raises(PkiError, match="is no message"):
        pricing.answer("", 12, octets, NOON)


def test_a_message_without_schedules_is_no_question(pricing):
    stop = iso2.SessionStopRes(response_code=iso2.ResponseCode.OK)
    message = iso2.V2G_Message(header=iso2.MessageHeader(session_id=bytes(8)), body=stop)
    with pytest.raises(PkiError, match="no response with schedules"):
        pricing.answer("", 12, encode(Schema.ISO2, message), NOON)


# A table of prices.

TABLE = '[[price]]\nfrom = "00:00"\ncents = 20.5\n[[price]]\nfrom = "06:30"\ncents = 31\n'


def written(folder, text):
    path = folder / "prices.toml"
    path.write_text(text)
    return path


def test_a_table_is_read(tmp_path):
    found = read_prices(written(tmp_path, TABLE))
    assert found == (Price(0, 20.5), Price(6 * HOUR + 1800, 31.0))


BAD = [
    ("x", "is no table of prices"),
    ("", "give .*price.* tables"),
    ("price = 3", "give .*price.* tables"),
    ("tariff = 3\n" + TABLE, "give .*price.* tables"),
    (TABLE.replace("06:30", "24:00"), "price 2: from is '24:00'; give a time"),
    (TABLE.replace('"06:30"', "6"), "price 2: from is 6; give a time"),
    (TABLE.replace("31", "-1"), "price 2: cents is -1; give cents"),
    (TABLE.replace("31", "true"), "price 2: cents is True; give cents"),
    (TABLE.replace("31", "nan"), "price 2: cents is nan; give cents"),
    (TABLE.replace("cents = 31", ""), "price 2: give from and cents"),
    (TABLE.replace("00:00", "01:00"), "begin with"),
    (TABLE + TABLE, "let the times follow each other"),
    ("price = [1]", "price 1: give from and cents"),
    (TABLE * 49, "98 prices a day; 96 at most"),
]


@pytest.mark.parametrize(("text", "why"), BAD)
def test_a_table_that_is_wrong_is_named(tmp_path, text, why):
    with pytest.raises(PkiError, match=why):
        read_prices(written(tmp_path, text))


def test_a_table_that_is_not_there_is_named(tmp_path):
    with pytest.raises(PkiError, match=r"none\.toml is no table"):
        read_prices(tmp_path / "none.toml")


def test_a_key_that_is_none_is_named(tmp_path, lab):
    with pytest.raises(PkiError, match="is no key of an operator"):
        pricing_of(tmp_path, "DE8XXFFFFFFFFF", DEFAULT)
    (tmp_path / "keys").mkdir()
    other = (lab / "keys/v2g-20-ed448.secc.key").read_bytes()
    (tmp_path / "keys/mo.mo_sub2.key").write_bytes(other)
    with pytest.raises(PkiError, match="is not of a curve"):
        pricing_of(tmp_path, "DE8XXFFFFFFFFF", DEFAULT)


# Over a socket.


@pytest.fixture(scope="session")
def pricing20(lab):
    return pricing20_of(lab, DEFAULT)


async def exchanged(pricing, socket, octets):
    server = await listen(prices(*pricing), socket)
    reader, writer = await asyncio.open_unix_connection(socket)
    writer.write(octets)
    writer.write_eof()
    answer = await reader.read()
    writer.close()
    server.close()
    return answer


def framed(*frames):
    return b"".join(struct.pack(">I", len(frame)) + frame for frame in frames)


def test_over_a_socket_terms_come_first_and_then_the_schedules(
    pricing, pricing20, customer, tmp_path
):
    terms = json.dumps({"emaid": customer, "entries": 3}).encode()
    both, asked = (pricing, pricing20), framed(terms, offer())
    answer = asyncio.run(exchanged(both, tmp_path / "socket", asked))
    assert len(answer) == 4 + int.from_bytes(answer[:4])
    assert tariffs_of(message_of(answer[4:]).body) != [None]


NO_TERMS = [b"", b"{}", b"[]", b"[" * 9000, b"\xff"]
NO_NUMBERS = [b'{"emaid": "", "entries": []}', b'{"emaid": "", "entries": 1e999}']


@pytest.mark.parametrize("terms", NO_TERMS + NO_NUMBERS)
def test_over_a_socket_terms_that_are_none_are_not_answered(
    pricing, pricing20, tmp_path, capsys, terms
):
    both, asked = (pricing, pricing20), framed(terms, offer())
    assert asyncio.run(exchanged(both, tmp_path / "socket", asked)) == b""
    assert capsys.readouterr().err.startswith("pki: ")
