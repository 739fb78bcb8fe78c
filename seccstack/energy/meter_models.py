"""The meters that are known, with where their registers are known from.

Most registers stand in two places that do not depend on each other; where one was found only,
the model says so. "Manual" is the maker's.
"""

from __future__ import annotations

from seccstack.energy.registers import Function, Kind, Model, Register


def _row(first: int, kind: Kind, scale: float, count: int) -> tuple[Register, ...]:
    """Return registers of the same kind, one after the other."""
    return tuple(Register(first + n * kind.words, kind, scale) for n in range(count))


def _inepro(name: str, title: str, phases: int) -> Model:
    """volkszaehler/mbmd (which cites manual V2.18), nymea; powers in kW, energies in kWh.

    Powers per phase are in mbmd only; PRO2 is known from programs that play it only. PRO380 of
    2015 (manual V1.02) have other registers, from 0x2008 on; these are not read.
    """
    return Model(
        name=name,
        title=title,
        function=Function.HOLDING,
        volts=_row(0x5002, Kind.FLOAT32, 1.0, phases),
        amps=_row(0x500C, Kind.FLOAT32, 1.0, phases),
        phase_watts=_row(0x5014, Kind.FLOAT32, 1000.0, phases),
        watts=Register(0x5012, Kind.FLOAT32, 1000.0),
        energy_wh=Register(0x600C, Kind.FLOAT32, 1000.0),  # "forward"
        hertz=Register(0x5008, Kind.FLOAT32),
        gap=2 if phases == 3 else 0,  # the average current; on PRO2, two phases it has not
        baud=9600,
        parity="E",
    )


def _abb(name: str, title: str, phases: int) -> Model:
    """Manuals ABB A43 (its examples read these as one block) and B23/B24, mbmd, Tasmota.

    Janitza's B21 and B23 are ABB's. They have a second set, from 0x4A38 on, which has the same
    values as floating-point numbers, and which is not needed.
    """
    return Model(
        name=name,
        title=title,
        function=Function.HOLDING,
        volts=_row(0x5B00, Kind.UINT32, 0.1, phases),
        amps=_row(0x5B0C, Kind.UINT32, 0.01, phases),
        phase_watts=_row(0x5B16, Kind.INT32, 0.01, phases),
        watts=Register(0x5B14, Kind.INT32, 0.01),
        energy_wh=Register(0x5000, Kind.UINT64, 10.0),  # of 0.01 kWh
        hertz=Register(0x5B2C, Kind.UINT16, 0.01),
        gap=44,
        tells_absence=True,
        baud=19200,  # as the BMW Wallbox Plus asks a B23
        parity="N",
    )


INEPRO_PRO380 = _inepro("inepro-pro380", "Inepro PRO380-Mod", 3)
INEPRO_PRO2 = _inepro("inepro-pro2", "Inepro PRO2-Mod", 1)
JANITZA_B23 = _abb("janitza-b23", "Janitza B23 312-10J", 3)
JANITZA_B21 = _abb("janitza-b21", "Janitza B21 312-10J", 1)

# Manual DOCA0005EN, which counts from 1; Tasmota. The energy: the manual's list of 64-bit
# integers, and tables made from it.
SCHNEIDER_IEM3150 = Model(
    name="schneider-iem3150",
    title="Schneider Electric A9MEM3150",
    function=Function.HOLDING,
    volts=_row(3027, Kind.FLOAT32, 1.0, 3),
    amps=_row(2999, Kind.FLOAT32, 1.0, 3),
    phase_watts=_row(3053, Kind.FLOAT32, 1000.0, 3),
    watts=Register(3059, Kind.FLOAT32, 1000.0),
    energy_wh=Register(3203, Kind.INT64),
    hertz=Register(3109, Kind.FLOAT32),
    baud=19200,
    parity="E",
)

# Manual 2514284147-04, "three-phase devices 80 A", which counts from 1, as evcc's users have
# found (currents, energy). Voltages, powers and frequency: the manual only. What it calls the
# average active power is not clear, so it is not read.
SIEMENS_7KT1665 = Model(
    name="siemens-7kt1665",
    title="Siemens 7KT1665",
    function=Function.INPUT,
    volts=_row(1, Kind.UINT32, 0.01, 3),
    amps=_row(7, Kind.UINT32, 0.0001, 3),
    phase_watts=_row(19, Kind.INT32, 0.01, 3),
    watts=None,
    energy_wh=Register(6687, Kind.UINT32),
    hertz=Register(49, Kind.UINT32, 0.01),
    gap=6,  # the three voltages between phases
)

MODELS = {
    model.name: model
    for model in (
        INEPRO_PRO380,
        INEPRO_PRO2,
        JANITZA_B23,
        JANITZA_B21,
        SCHNEIDER_IEM3150,
        SIEMENS_7KT1665,
    )
}
