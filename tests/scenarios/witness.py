"""What a bystander makes of a charge point: events, messages and notes, and no look inside.

It keeps the four conditions for energy by itself, and fails the moment the contactor is told to
close without them, or stays closed after the vehicle or its permission is gone.
"""

import math

from seccstack.energy import supply
from seccstack.energy.output import PRECHARGE_AMPS
from seccstack.events import Noted
from seccstack.messages import din, iso2, iso20_ac, iso20_common, iso20_types
from seccstack.pilot import limits
from seccstack.pilot.port import Digital, Limit, PilotState
from seccstack.pilot.signal import duty_cycle, offered_amps
from seccstack.session.events import Exchanged

HALT_SECONDS = 40.0  # a vehicle is asked, then told by X1, then cut off
START, STOP = iso2.ChargeProgress.START, iso2.ChargeProgress.STOP


class Witness:
    """An observer for `seccstack.sim.world.World`, or for steps that a test takes itself."""

    def __init__(self, ventilated=False):
        self.fit = {PilotState.READY} | ({PilotState.READY_VENTILATED} if ventilated else set())
        self.vehicle = None
        self.plug_in = None
        self.granted = False
        self.limit = 0.0
        self.stopped = False
        self.halted_at = -math.inf  # since when an orderly end is under way
        self.now = 0.0
        self.in_session = False
        self.word = None  # what the session has said of energy, while there is one
        self.signal = None
        self.closed = False
        self.told_amps = None
        self.closings = 0
        self.least = 6.0  # that a session may close the contactor for
        self.refused = 0.0  # less is nothing to the vehicle

    def __call__(self, now, event, actions):
        self.now = now
        if event is not None:
            self.hear(event)
        for action in actions:
            self.see(action)
        if self.closed:
            assert self.vehicle in self.fit
            assert self.granted or now <= self.halted_at + HALT_SECONDS

    def hear(self, event):
        match event:
            case limits.PilotChanged(state):
                self.vehicle = state
            case limits.StopWanted():
                self.stopped = self.plug_in is not None

    def see(self, action):
        match action:
            case Noted(name, details):
                self.note(name, details)
            case Exchanged(direction, _, _, _, message):
                self.read(direction, getattr(message, "body", message))
            case limits.Apply(signal):
                self.signal = signal
                assert offered_amps(duty_cycle(signal)) <= self.limit + 1e-9
            case supply.SetOutput(volts, amps) if volts:
                assert self.vehicle in {PilotState.READY, PilotState.READY_VENTILATED}
                assert self.granted
                assert abs(amps) <= PRECHARGE_AMPS or self.word is True
            case limits.SetContactor(closed):
                self.closed = closed
                if closed:
                    self.closings += 1
                    self.check()

    def note(self, name, details):
        match name:
            case "plugged in":
                self.plug_in, self.granted = details["plug_in"], False
                self.stopped, self.word, self.halted_at = False, None, -math.inf
            case "unplugged":
                self.plug_in, self.granted, self.word = None, False, None
                self.in_session = False
            case "decision":
                self.granted = details["granted"] is True
                if self.granted and self.halted_at > -math.inf:
                    self.stopped, self.halted_at = False, -math.inf
            case "halted":
                self.stopped, self.halted_at = True, self.now
            case "revoked":
                self.granted = False
            case "least current":
                self.least, self.refused = details["amps"], details["refused"]
            case "limit":
                self.limit = details["amps"]
            case "stream opened":
                self.in_session = True
            case "session ended":
                self.word, self.in_session = None, False

    def read(self, direction, body):
        match body:
            case iso2.PowerDeliveryReq(charge_progress=progress) if progress in (START, STOP):
                self.word = progress is START
            case din.PowerDeliveryReq(ready_to_charge_state=ready):
                self.word = ready
            case iso20_common.PowerDeliveryReq(charge_progress=progress):
                starts = progress is iso20_common.ChargeProgress.START
                stops = progress is iso20_common.ChargeProgress.STOP
                self.word = starts if starts or stops else self.word
            case iso20_ac.AC_ChargeLoopRes(response_code=iso20_types.ResponseCode.OK):
                target = body.cl_res_control_mode.evse_target_active_power
                assert abs(target.value * 10.0**target.exponent) / 230 <= self.limit + 1e-9
            case iso2.ChargingStatusRes(evse_max_current=iso2.PhysicalValue() as told):
                self.hold(told)
            case iso2.ChargeParameterDiscoveryRes(
                response_code=iso2.ResponseCode.OK,
                evse_charge_parameter=iso2.AC_EVSEChargeParameter() as offer,
            ):
                self.hold(offer.evse_max_current)
        code = getattr(body, "response_code", None)
        if code is not None and code.value.startswith("FAILED"):
            assert direction == "evse"
            self.word = False

    def hold(self, told):
        """The vehicle is told the limit that holds, in tenths of an ampere."""
        self.told_amps = told.value * 10.0**told.multiplier
        nothing = self.told_amps == 0 and self.limit < self.refused
        assert nothing or self.limit - 0.1 < self.told_amps <= self.limit + 1e-9

    def check(self):
        assert self.vehicle in self.fit
        assert self.granted
        assert self.limit >= (self.least if self.signal == Digital() else 6)
        assert not self.stopped
        if self.signal == Digital():
            assert self.word is True
        else:
            assert isinstance(self.signal, Limit)
            assert self.word is True if self.in_session else self.word is not False
