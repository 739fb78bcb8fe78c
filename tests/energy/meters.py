"""Six meters in the middle of a charge: their registers, as their manuals have them.

Words and addresses are written out here from the sources, not computed from our own table.
"""

from dataclasses import asdict, dataclass

import pytest

from seccstack.energy.reading import Reading


def words(address, text):
    """Registers from an address on, in hexadecimal digits as in a manual's examples."""
    octets = bytes.fromhex(text)
    pairs = zip(octets[::2], octets[1::2], strict=True)
    return {address + place: high << 8 | low for place, (high, low) in enumerate(pairs)}


def assert_reads(reading, wanted):
    """Compare, as far as a float of 32 bits goes."""
    for name, values in asdict(wanted).items():
        assert getattr(reading, name) == pytest.approx(values, rel=1e-6), name


@dataclass(frozen=True)
class Example:
    """What a meter has in its registers, and what that means."""

    model: str
    words: dict[int, int]
    reading: Reading


# IEEE 754, the high word first: 230.2 V is 43 66 33 33, 16 A is 41 80 00 00.
PRO380 = Example(
    "inepro-pro380",
    words(0x5002, "43663333 43660000 4365CCCD")  # 230.2, 230.0, 229.8 V
    | words(0x5008, "42480000")  # 50 Hz
    | words(0x500A, "41800000")  # the average: 16 A
    | words(0x500C, "41800000 41820000 417C0000")  # 16, 16.25, 15.75 A
    | words(0x5012, "41300000 406B851F 406F5C29 40651EB8")  # 11, 3.68, 3.74, 3.58 kW
    | words(0x600C, "42F6E979"),  # 123.456 kWh
    Reading(
        volts=(230.2, 230.0, 229.8),
        amps=(16.0, 16.25, 15.75),
        phase_watts=(3680.0, 3740.0, 3580.0),
        watts=11000.0,
        energy_wh=123456.0,
        hertz=50.0,
    ),
)
PRO2 = Example(
    "inepro-pro2",
    words(0x5002, "43663333")
    | words(0x5008, "42480000")
    | words(0x500C, "41800000")
    | words(0x5012, "406B851F 406B851F")
    | words(0x600C, "42F6E979"),
    Reading(
        volts=(230.2,),
        amps=(16.0,),
        phase_watts=(3680.0,),
        watts=3680.0,
        energy_wh=123456.0,
        hertz=50.0,
    ),
)
# The communication examples of ABB's manual of the A43, sections 9.11.1 and 9.11.2; of the
# voltages to neutral it shows that of L1, in 9.11.2's second example.
ABB_ENERGY = words(0x5000, "00000000000D1290 0000000000031209")  # 8567.20, 2012.25 kWh
ABB_VALUES = words(
    0x5B00,
    "00000905 00000905 00000905 00000FC0 00000FCA 00000FC0"
    "00000065 000000C9 0000012E 00000086"  # 1.01, 2.01, 3.02 A; of neutral: 1.34 A
    "0001E8E4 00005AE2 0000B097 0000DD6B"  # 1251.56 W, 232.66, 452.07, 566.83 W
    "00007541 0000001C FFFFD04A 0000A4DB 000225C3 00005AE2 0000B6DF 00011402"
    "1383",  # 49.95 Hz
)
B23 = Example(
    "janitza-b23",
    ABB_ENERGY | ABB_VALUES,
    Reading(
        volts=(230.9, 230.9, 230.9),
        amps=(1.01, 2.01, 3.02),
        phase_watts=(232.66, 452.07, 566.83),
        watts=1251.56,
        energy_wh=8567200.0,
        hertz=49.95,
    ),
)
B21 = Example(
    "janitza-b21",
    ABB_ENERGY
    | words(0x5B00, "00000905" + 20 * "FFFF" + "FFFF" * 2)  # what it has not: all ones
    | words(0x5B0C, "00000065" + 6 * "FFFF" + "00005AE2 00005AE2" + 20 * "FFFF" + "1383"),
    Reading(
        volts=(230.9,),
        amps=(1.01,),
        phase_watts=(232.66,),
        watts=232.66,
        energy_wh=8567200.0,
        hertz=49.95,
    ),
)
# Its manual counts from 1: I1 is register 3000, which is asked for as 2999 = 0x0BB7.
IEM3150 = Example(
    "schneider-iem3150",
    words(0x0BB7, "41800000 41820000 417C0000")
    | words(0x0BD3, "43663333 43660000 4365CCCD")
    | words(0x0BED, "406B851F 406F5C29 40651EB8 41300000")
    | words(0x0C25, "42480000")
    | words(0x0C83, "000000000001E240"),  # 123456 Wh
    PRO380.reading,
)
# Its manual counts from 1, too: V L1 is 2, I L1 is 8, P L1 is 20, f is 50, energy is 6688.
SIEMENS = Example(
    "siemens-7kt1665",
    words(1, "000059EC 000059D8 000059C4")  # 23020, 23000, 22980 of 0.01 V
    | words(7, "00027100 00027AC4 0002673C")  # 160000, 162500, 157500 of 0.0001 A
    | words(13, "00009C40 00009C40 00009C40")  # between phases
    | words(19, "00059D80 0005B4F0 00057670")  # 368000, 374000, 358000 of 0.01 W
    | words(49, "00001388")
    | words(6687, "0001E240"),
    PRO380.reading,
)
EXAMPLES = (PRO380, PRO2, B23, B21, IEM3150, SIEMENS)
