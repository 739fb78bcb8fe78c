"""A simulated Green PHY modem: what it makes of its host's frames, and of the line's.

It does *not* simulate: the power line itself (`seccstack.sim.powerline` does), its own address
being asked for by other modems, its parameter block being written, or any message that is
declared nowhere in `seccstack.homeplug`.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from itertools import pairwise

from seccstack.homeplug.fields import Excerpt, Mme
from seccstack.homeplug.frame import LOCAL_MODEM, Frame
from seccstack.homeplug.lumissil import (
    NscmGetDLinkStatusCnf,
    NscmGetDLinkStatusReq,
    NscmGetVersionCnf,
    NscmGetVersionReq,
    NscmResetDeviceReq,
)
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
from seccstack.homeplug.upkeep import (
    DiscoveredNetwork,
    DiscoveredStation,
    DiscoverListCnf,
    DiscoverListReq,
    GetKeyCnf,
    GetKeyReq,
    NwStatsCnf,
    NwStatsReq,
    StationStatistics,
)
from seccstack.homeplug.vendor import (
    COORDINATOR,
    PIB,
    PIB_MODULE,
    HostActionInd,
    HostActionRsp,
    JoinedNetwork,
    ModuleOperationCnf,
    ModuleOperationReq,
    NetworkStation,
    OpAttributesCnf,
    OpAttributesReq,
    PlLinkStatusCnf,
    PlLinkStatusReq,
    RdModCnf,
    RdModReq,
    RsDevCnf,
    RsDevReq,
    SwVerCnf,
    SwVerReq,
    VsNwInfoCnf,
    VsNwInfoReq,
)
from seccstack.sim import parameters
from seccstack.slac.modem_makers import LUMISSIL, QUALCOMM, Maker
from seccstack.slac.modem_survey import BOOT_LOADER

MAX_HOSTS = 32  # addresses a modem remembers behind itself; the oldest gives way
FIRMWARE = b"MAC-QCA7000-1.2.5.3207-00-20170810-FINAL"
STARTED = 0  # VS_HOST_ACTION.IND action
REFUSED = 0x10  # status of an answer that has nothing to tell
SPEED = 9  # Mbit/s; Green PHY's
STEP_DB = 2  # what a step of an amplitude map is worth here; a real modem's was not at hand

FromEv = (
    SlacParmReq | StartAttenCharInd | MnbcSoundInd | AttenCharRsp | ValidateReq | SlacMatchReq
)
FromEvse = SlacParmCnf | AttenCharInd | ValidateCnf | SlacMatchCnf
ToQualcomm = (
    SwVerReq
    | PlLinkStatusReq
    | VsNwInfoReq
    | HostActionRsp
    | RsDevReq
    | RdModReq
    | ModuleOperationReq
    | OpAttributesReq
)
ToLumissil = NscmGetVersionReq | NscmGetDLinkStatusReq | NscmResetDeviceReq
ToAny = SetKeyReq | GetKeyReq | NwInfoReq | NwStatsReq | DiscoverListReq
FromHost = ToQualcomm | ToLumissil | ToAny


class Role(Enum):
    """Which side of the plug the modem is configured for."""

    EV = "ev"
    EVSE = "evse"


class SimModem:
    """One modem.

    ``silent``: it answers nothing; ``mute_on``: nor these; ``refusals``: how many keys it will
    refuse; ``boot_loader``: it has no firmware; ``parameters``: its block, empty where it keeps
    that to itself; ``shown_seconds``: from a key to its network in CM_NW_INFO.CNF;
    ``deaf_seconds``: from a key to its next answer; ``restart_seconds``: how long it takes.
    """

    def __init__(
        self, mac: bytes, role: Role, *, key_result: int = 1, maker: Maker = QUALCOMM
    ) -> None:
        self.mac = mac
        self.role = role
        self.silent = False
        self.mute_on: frozenset[type[Mme]] = frozenset()
        self.refusals = 0
        self.boot_loader = False
        self.firmware = FIRMWARE
        block = parameters.of_charger if role is Role.EVSE else parameters.of_vehicle
        self.parameters = block(mac)
        self.shown_seconds = self.deaf_seconds = 0.0
        self.restart_seconds = 3.0
        self.reductions = b""  # of its power, as CM_AMP_MAP has them; none where empty
        self.network_id: bytes | None = None
        self.network_key: bytes | None = None
        self.keyed_at = 0.0
        self.up_at = 0.0
        self._maker = maker
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

    def is_up(self, now: float) -> bool:
        """Whether it is not just restarting."""
        return now >= self.up_at

    def restart(self) -> Frame:
        """Lose the key, and say so."""
        self.network_id = self.network_key = None
        self.reductions = b""
        return Frame(BROADCAST, self.mac, HostActionInd(action=STARTED))

    def quieter_db(self, groups: int) -> Sequence[int]:
        """By how much less than full power it sends, by group of carriers."""
        steps = [step for pair in self.reductions for step in (pair & 0xF, pair >> 4)]
        count = len(steps)
        bounds = [number * count // groups for number in range(groups + 1)]
        shares = [steps[low:high] for low, high in pairwise(bounds)]
        return [STEP_DB * sum(share) // max(len(share), 1) for share in shares]

    def profile(self, source: bytes, attenuations: bytes) -> Frame:
        """Report how a sound from this address was heard."""
        report = AttenProfileInd(ev_mac=source, attenuations=attenuations)
        return Frame(BROADCAST, self.mac, report)

    def answer(self, frame: Frame, others: Sequence[SimModem], now: float) -> Frame | None:
        """Answer the host; ``others`` are the modems in our network now."""
        message, deaf_until = frame.message, self.keyed_at + self.deaf_seconds
        deaf = self.network_key is not None and now < deaf_until
        if self.silent or deaf or isinstance(message, tuple(self.mute_on)):
            return None
        answer = self._answer(message, others, now)
        return None if answer is None else Frame(frame.source, self.mac, answer)

    def _answer(self, message: Mme, others: Sequence[SimModem], now: float) -> Mme | None:
        qualcomm = self._maker is QUALCOMM
        if self.boot_loader:
            boots = qualcomm and isinstance(message, SwVerReq)
            return SwVerCnf(version=BOOT_LOADER.encode()) if boots else None
        if isinstance(message, ToQualcomm) and qualcomm:
            return self._answer_as_qualcomm(message, others, now)
        if isinstance(message, ToLumissil) and self._maker is LUMISSIL:
            return self._answer_as_lumissil(message, others, now)
        match message:
            case SetKeyReq():
                return self._take_key(message, now)
            case GetKeyReq() if self.network_id is not None and self.network_key is not None:
                return GetKeyCnf(
                    your_nonce=message.my_nonce,
                    network_id=self.network_id,
                    network_key=self.network_key,
                )
            case NwInfoReq():
                shown = now >= self.keyed_at + self.shown_seconds
                return NwInfoCnf(networks=self._networks(others) if shown else ())
            case NwStatsReq():
                speeds = (StationStatistics(mac=m.mac, send_mbps=SPEED) for m in others)
                return NwStatsCnf(stations=tuple(speeds))
            case DiscoverListReq():
                return self._discovered(others)
            case _:
                return None

    def _answer_as_qualcomm(
        self, message: Mme, others: Sequence[SimModem], now: float
    ) -> Mme | None:
        match message:
            case PlLinkStatusReq():
                return PlLinkStatusCnf(link=int(bool(others)))
            case SwVerReq():
                return SwVerCnf(version=self.firmware)
            case VsNwInfoReq():
                return VsNwInfoCnf(networks=self._joined(others))
            case RsDevReq():
                self.up_at = now + self.restart_seconds
                return RsDevCnf()
            case RdModReq(module=module, length=length, offset=offset):
                excerpt = self._read(length, offset, may=module == PIB)
                status = 0 if excerpt.data else REFUSED
                return RdModCnf(status=status, module=module, excerpt=excerpt)
            case ModuleOperationReq(module=module, length=length, offset=offset):
                excerpt = self._read(length, offset, may=module == PIB_MODULE)
                status = 0 if excerpt.data else REFUSED
                return ModuleOperationCnf(status=status, module=module, excerpt=excerpt)
            case OpAttributesReq(cookie=cookie):
                hardware, software = b"QCA7000".ljust(16, b"\0"), b"MAC".ljust(16, b"\0")
                return OpAttributesCnf(cookie=cookie, hardware=hardware, software=software)
            case _:
                return None

    def _answer_as_lumissil(
        self, message: Mme, others: Sequence[SimModem], now: float
    ) -> Mme | None:
        match message:
            case NscmGetVersionReq():
                return NscmGetVersionCnf(major=1, minor=2, patch=3, build=4)
            case NscmGetDLinkStatusReq():
                return NscmGetDLinkStatusCnf(link=int(bool(others)))
            case _:  # a restart, which it does not answer
                self.up_at = now + self.restart_seconds
                return None

    def _read(self, length: int, offset: int, *, may: bool) -> Excerpt:
        return Excerpt(offset, self.parameters[offset : offset + length] if may else b"")

    def _discovered(self, others: Sequence[SimModem]) -> DiscoverListCnf:
        stations = (DiscoveredStation(mac=other.mac, same_network=1) for other in others)
        joined = () if self.network_id is None else (self.network_id,)
        networks = (DiscoveredNetwork(network_id=network) for network in joined)
        return DiscoverListCnf(stations=tuple(stations), networks=tuple(networks))

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
