import struct
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seccstack.energy.meter_models import (
    INEPRO_PRO380,
    JANITZA_B23,
    MODELS,
    SIEMENS_7KT1665,
)
from seccstack.energy.reading import Reading
from seccstack.energy.registers import (
    MOST_WORDS,
    Block,
    Function,
    Kind,
    Model,
    Register,
    blocks_of,
    decode,
)
from seccstack.errors import MalformedError
from tests.energy.meters import B23, EXAMPLES, PRO380, SIEMENS, assert_reads, words

BY_MODEL = pytest.mark.parametrize("example", EXAMPLES, ids=lambda e: e.model)


@BY_MODEL
def test_each_meter_is_read_as_its_manual_has_it(example):
    assert_reads(decode(MODELS[example.model], example.words), example.reading)


@BY_MODEL
def test_a_meter_is_asked_for_nothing_that_it_may_not_have(example):
    asked = {
        block.address + place
        for block in blocks_of(MODELS[example.model])
        for place in range(block.count)
    }
    assert asked <= set(example.words)


@pytest.mark.parametrize(
    ("model", "blocks"),
    [
        ("inepro-pro380", 2),
        ("inepro-pro2", 5),
        ("janitza-b23", 2),
        ("janitza-b21", 2),
        ("schneider-iem3150", 5),
        ("siemens-7kt1665", 3),
    ],
)
def test_it_takes_few_requests(model, blocks):
    assert len(blocks_of(MODELS[model])) == blocks


def test_the_first_current_of_two_meters_is_where_a_wallbox_asks_for_it():
    # Requests 01 03 50 0C 00 02 and 01 03 5B 0C 00 02, as written down for the emulation of
    # meters at a BMW Wallbox.
    assert MODELS["inepro-pro380"].amps[0].address == 0x500C
    assert MODELS["janitza-b23"].amps[0].address == 0x5B0C
    assert (
        MODELS["inepro-pro380"].function is MODELS["janitza-b23"].function is Function.HOLDING
    )


def test_no_block_is_longer_than_an_answer():
    far = replace(JANITZA_B23, hertz=Register(0x5B00 + MOST_WORDS, Kind.UINT16), gap=1000)
    assert blocks_of(far)[-1] == Block(0x5B00 + MOST_WORDS, 1)


def test_a_phase_that_delivers_has_a_negative_current():
    delivering = PRO380.words | words(0x5014, "C06B851F")  # -3.68 kW on L1
    reading = decode(INEPRO_PRO380, delivering)
    assert reading.amps == (-16.0, 16.25, 15.75)
    assert reading.most_amps == 16.25


def test_a_phase_without_power_keeps_its_current():
    assert decode(INEPRO_PRO380, PRO380.words | words(0x5014, "00000000")).amps[0] == 16.0


def test_all_ones_are_no_value_in_meters_that_say_so():
    silent = B23.words | words(0x5B0E, "FFFFFFFF") | words(0x5B18, "7FFFFFFF")
    reading = decode(JANITZA_B23, silent)
    assert reading.amps == (1.01, None, 3.02)
    assert reading.phase_watts == (232.66, None, 566.83)
    assert reading.most_amps == 3.02


def test_a_meter_without_any_current_has_no_largest():
    dark = B23.words | words(0x5B0C, 3 * "FFFFFFFF")
    assert decode(JANITZA_B23, dark).most_amps is None


def test_a_sum_of_phases_leaves_out_what_is_not_there():
    known = replace(SIEMENS_7KT1665, tells_absence=True)
    some = SIEMENS.words | words(19, "7FFFFFFF")
    assert decode(known, some).watts == 7320.0
    assert decode(known, SIEMENS.words | words(19, 3 * "7FFFFFFF")).watts is None


@pytest.mark.parametrize(
    ("address", "text", "why"),
    [
        (0x500C, "7FC00000", r"inepro-pro380, register 20492 \(0x500C\): nan A cannot be"),
        (0x5002, "7F800000", "inf V cannot be"),
        (0x5002, "C3663333", "-230.2 V cannot be"),
        (0x5008, "00000000", "0 Hz cannot be"),
        (0x600C, "C2F6E979", "-123456 Wh cannot be"),
        (0x5010, "447A8000", "1002 A cannot be"),
    ],
)
def test_what_no_meter_measures_is_named_with_its_register(address, text, why):
    wrong = PRO380.words | words(address, text)
    with pytest.raises(MalformedError, match=why):
        decode(INEPRO_PRO380, wrong)


def test_a_register_that_was_not_answered_is_named():
    short = {place: word for place, word in PRO380.words.items() if place != 0x600D}
    with pytest.raises(MalformedError, match=r"0x600C\): it was not answered"):
        decode(INEPRO_PRO380, short)


@given(st.sampled_from(sorted(MODELS)), st.binary(min_size=400, max_size=400))
def test_whatever_a_meter_says_it_is_a_reading_or_malformed(name, octets):
    model = MODELS[name]
    numbers = struct.unpack(">200H", octets)
    asked = (b.address + n for b in blocks_of(model) for n in range(b.count))
    with suppress(MalformedError):
        assert isinstance(decode(model, dict(zip(asked, numbers, strict=False))), Reading)


@pytest.mark.parametrize("model", MODELS.values(), ids=lambda m: m.name)
def test_a_model_has_each_value_once_for_each_phase(model: Model):
    assert model.phases in (1, 3)
    assert len(model.volts) == len(model.phase_watts) == model.phases
    addresses = [register.address for register in model.registers()]
    assert len(set(addresses)) == len(addresses)
