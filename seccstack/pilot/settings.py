"""What an operator may choose about the pilot, and the times that nobody may."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

# Seconds. ISO 15118-3, table A.1:
STEP_EF = 4.0  # T_step_EF: how long E or F is held so that a vehicle starts over
STEP_X1 = 3.0  # T_step_X1: how long X1 is held before pulses come (again)
EV_SLAC_INIT = 10.0  # TP_EV_SLAC_init: a vehicle that speaks has begun by then

# Seconds. IEC 61851-1, as practice has them:
PULSE_INTERVAL = 5.0  # a vehicle may take so long to follow; an increase must not come sooner
OPEN_UNDER_LOAD = 6.0  # after X1; a vehicle has had to open its S2 after 3
CLOSE_WITHIN = 3.0  # from state C to a closed contactor
OPEN_WITHIN = 1.0  # ours: ten times what a sound contactor needs, and little for a welded one
# Ours, seconds; twice that, then twice as long each time: some cars sleep for good if poked.
WAKE_SPACING = 30.0
SHOW_DIODE = 0.1  # ours: pulses must have lasted so long that a missing diode would have shown
HOLD_FAULT = 0.3  # the least duration of state F
GREET_AFTER_FAULT = 10.0  # ours: without it a vehicle without a diode would flicker B, E, B, E

MOST_FAULTS = 3  # ours: after more of them without state A between, only unplugging helps


class Start(Enum):
    """How a vehicle is greeted."""

    DIGITAL = "digital"  # 5 %: ISO 15118 first, pulse width if that fails
    NOMINAL = "nominal"  # pulse width at once; ISO 15118 may still come on top


class Fallback(Enum):
    """What tells a vehicle that ISO 15118 is given up."""

    FAULT = "fault"  # state F for T_step_EF, as ISO 15118-3 has it
    STEADY = "steady"  # X1 for T_step_X1: for vehicles that take F for a defect


class Current(Enum):
    """What the outlet gives."""

    AC = "ac"
    DC = "dc"  # the only pulses are 5 %: there is no going on by pulse width


class LinkLoss(Enum):
    """What becomes of a vehicle that is linked at pulse width, and lost."""

    RESTART = "restart"  # X1, state F, and all from the beginning: ISO 15118-3's option A
    STAY = "stay"  # it goes on by pulse width; option B


@dataclass(frozen=True, slots=True)
class Settings:
    """How one outlet behaves.

    ``start_authorised``: how a vehicle is greeted whose authorisation was there before it.
    ``when_authorised``: where a vehicle goes on that is authorised while it is being matched at
    5 %, before its session: `Start.NOMINAL` is ISO 15118-3's way (V2G3-M06-06), by X1, but it
    ends sessions that want energy before X1 is over; with `Start.DIGITAL` it stays.
    ``speak_seconds``: how long a vehicle that is authorised may be silent at 5 % until it goes
    on by pulse width.
    ``retries`` (C_sequ_retry): how often to return to 5 % while there is no authorisation; with
    one, waiting any longer is what owners complain of most. ``step_ef`` (T_step_EF) and
    ``step_x1`` (T_step_X1): seconds. ``zero_limit_seconds``: how long a digital session may
    rest at 0 A before it is asked to stop; ``stop_seconds``: how long it may take over that;
    ``wakes``: how often per plug-in a vehicle is woken afterwards (some refuse for good after
    five), fewer where it is known to bear fewer. ``contactor_feedback``: false where there is
    no auxiliary contact.
    """

    start: Start = Start.DIGITAL
    start_authorised: Start = Start.NOMINAL
    when_authorised: Start = Start.DIGITAL
    speak_seconds: float = EV_SLAC_INIT
    fallback: Fallback = Fallback.FAULT
    link_loss: LinkLoss = LinkLoss.STAY
    retries: int = 2
    step_ef: float = STEP_EF
    step_x1: float = STEP_X1
    current: Current = Current.AC
    simplified_pilot: bool = True
    ventilated: bool = False
    zero_limit_seconds: float = 60.0
    stop_seconds: float = 30.0
    wakes: int = 3
    contactor_feedback: bool = True


DEFAULTS = Settings()


@dataclass(frozen=True, slots=True)
class Greeting:
    """How a vehicle is greeted, instead of what the settings say.

    ``speak_seconds``: how long it may be silent at 5 % once it may charge; ``longest_seconds``:
    and how long since 5 % began, if somebody has spoken.
    """

    start: Start
    speak_seconds: float
    longest_seconds: float
