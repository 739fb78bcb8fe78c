"""A simulated Green PHY modem: what it makes of its host's frames, and of the line's.

It does *not* simulate: the power line itself (`seccstack.sim.powerline` does), its own address
being asked for by other modems, deafness after a change of key, reading and writing of its
parameter block, or any message that no part of this package sends.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

from seccstack.homeplug.fields import Mme
from seccstack.homeplug.frame import LOCAL_MODEM, Frame
from seccstack.homeplug.messages import (
    BROADCAST,
    AttenCharInd,
    AttenCharRsp,
    AttenProfileInd,
    MnbcSoundInd,
    Network,
    NwInfoCnf,
    NwInfoReq,
    SetKeyCnf,
    SetKeyReq,
    SlacMatchCnf,
    SlacMatchReq,
    SlacParmCnf,
    SlacParmReq,
    StartAttenCharInd,
    ValidateCnf,
    ValidateReq,
)
from seccstack.homeplug.vendor import (
    COORDINATOR,
    HostActionInd,
    HostActionRsp,
    JoinedNetwork,
    NetworkStation,
    PlLinkStatusCnf,
    PlLinkStatusReq,
    SwVerCnf,
    SwVerReq,
    VsNwInfoCnf,
    VsNwInfoReq,
)

MAX_HOSTS = 32  # addresses a modem remembers behind itself; the oldest gives way
FIRMWARE = b"MAC-QCA7000-1.2.5.3207-00-20170810-FINAL"
STARTED = 0  # VS_HOST_ACTION.IND action

FromEv = (
    SlacParmReq | StartAttenCharInd | MnbcSoundInd | AttenCharRsp | ValidateReq | SlacMatchReq
)
FromEvse = SlacParmCnf | AttenCharInd | ValidateCnf | SlacMatchCnf
FromHost = SetKeyReq | NwInfoReq | SwVerReq | PlLinkStatusReq | VsNwInfoReq | HostActionRsp


class Role(Enum):
    """Which side of the plug the modem is configured for."""

    EV = "ev"
    EVSE = "evse"


class SimModem:
    """One modem; ``silent``: it answers nothing; ``refusals``: how many keys it will refuse."""

    def __init__(self, mac: bytes, role: Role, *, key_result: int = 1) -> None:
        self.mac = mac
        self.role = role
        self.silent = False
        self.refusals = 0
        self.network_id: bytes | None = None
        self.network_key: bytes | None = None
        self.keyed_at = 0.0
        self._key_result = key_result
        self._hosts: dict[bytes, None] = {}

    @property
    def hosts(self) -> Sequence[bytes]:
        """The addresses behind this modem, the first seen first."""
        return tuple(self._hosts)

    def learn_host(self, mac: bytes) -> None:
        """A frame came from behind us: remember who sent it."""
        self._hosts[mac] = None
        if len(self._hosts) > MAX_HOSTS:
            del self._hosts[next(iter(self._hosts))]

    def is_for_us(self, frame: Frame) -> bool:
        """Whether a frame of the host's ends here instead of going out on the line."""
        return frame.destination in (LOCAL_MODEM, self.mac) or isinstance(
            frame.message, FromHost
        )

    def passes(self, message: Mme | None) -> bool:
        """Whether the host is given a message off the line: only the other side's."""
        return not isinstance(message, FromEv if self.role is Role.EV else FromEvse)

    def restart(self) -> Frame:
        """Lose the key, and say so."""
        self.network_id = self.network_key = None
        return Frame(BROADCAST, self.mac, HostActionInd(action=STARTED))

    def profile(self, sound: Frame, attenuations: bytes) -> Frame:
        """Report how a sound was heard."""
        report = AttenProfileInd(ev_mac=sound.source, attenuations=attenuations)
        return Frame(BROADCAST, self.mac, report)

    def answer(self, frame: Frame, others: Sequence[SimModem], now: float) -> Frame | None:
        """Answer the host; ``others`` are the modems in our network now."""
        answer = None if self.silent else self._answer(frame.message, others, now)
        return None if answer is None else Frame(frame.source, self.mac, answer)

    def _answer(self, message: Mme, others: Sequence[SimModem], now: float) -> Mme | None:
        match message:
            case SetKeyReq():
                return self._take_key(message, now)
            case PlLinkStatusReq():
                return PlLinkStatusCnf(link=int(bool(others)))
            case SwVerReq():
                return SwVerCnf(version=FIRMWARE)
            case NwInfoReq():
                return NwInfoCnf(networks=self._networks(others))
            case VsNwInfoReq():
                return VsNwInfoCnf(networks=self._joined(others))
            case _:
                return None

    def _take_key(self, request: SetKeyReq, now: float) -> SetKeyCnf:
        result = self._key_result
        if self.refusals:
            self.refusals -= 1
            result = 0
        else:
            self.network_id, self.network_key = request.network_id, request.network_key
            self.keyed_at = now
        nonce = bytes(octet ^ 0x55 for octet in self.mac[2:])
        return SetKeyCnf(result=result, my_nonce=nonce, your_nonce=request.my_nonce)

    def _coordinator(self, others: Sequence[SimModem]) -> bytes:
        evses = [modem.mac for modem in (self, *others) if modem.role is Role.EVSE]
        return evses[0] if evses else self.mac

    def _role_number(self) -> int:
        return COORDINATOR if self.role is Role.EVSE else 0

    def _networks(self, others: Sequence[SimModem]) -> tuple[Network, ...]:
        if self.network_id is None:
            return ()
        network = Network(
            network_id=self.network_id,
            terminal=1,
            role=self._role_number(),
            coordinator_mac=self._coordinator(others),
        )
        return (network,)

    def _joined(self, others: Sequence[SimModem]) -> tuple[JoinedNetwork, ...]:
        if self.network_id is None:
            return ()
        stations = tuple(
            NetworkStation(mac=other.mac, bridged_mac=(*other.hosts, BROADCAST)[0])
            for other in others
        )
        network = JoinedNetwork(
            network_id=self.network_id,
            role=self._role_number(),
            coordinator_mac=self._coordinator(others),
            stations=stations,
        )
        return (network,)
