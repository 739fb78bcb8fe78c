"""What kind of modem it is: its firmware, and the role that its parameter block gives it.

One question is open at a time. One that is not answered is repeated, then put in an older way,
then left: a modem that keeps its block to itself may be right all the same.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from seccstack.homeplug.fields import Excerpt, Mme
from seccstack.homeplug.vendor import (
    PIB,
    PIB_MODULE,
    ModuleOperationCnf,
    ModuleOperationReq,
    RdModCnf,
    RdModReq,
)
from seccstack.slac.modem_makers import MAKERS, Maker, firmware_of

BOOT_LOADER = "Bootloader"  # what a QCA7005 calls itself before it has been given firmware
SLAC_MODE = 0x1653  # offset in the parameter block; 0 off, 1 vehicle, 2 charger
COORDINATION = 0xF4  # 0 as it comes, 1 never the network's coordinator, 2 always
CHARGER, ALWAYS = 2, 2
ROLES = {0: "off", 1: "vehicle", CHARGER: "charger"}
COORDINATORS = {0: "automatic", 1: "never", ALWAYS: "always"}
WORD = 4  # octets read at once: aligned, as every firmware has them
TRIES = 3  # of each way to ask

AN_INTERFACE = "INTERFACE"  # stands in what is to be done for the one that the modem is at
HOW_TO_WRITE = (  # with open-plc-utils
    "read the block (`plctool -i INTERFACE -p modem.pib local`), set it (`setpib -x modem.pib "
    "{offset:X} byte {value}`), write it back (`plctool -i INTERFACE -P modem.pib local`)"
)


@dataclass(frozen=True, slots=True)
class Survey:
    """What has been found; of the block, octets by their offset, None for one left unread."""

    maker: Maker | None = None
    firmware: str | None = None
    slac_mode: int | None = None
    coordination: int | None = None
    unread: tuple[int, ...] = ()
    tries: int = 0

    @property
    def wanted(self) -> int | None:
        """The offset of the octet that is asked for; None: none (any more)."""
        if self.maker is None or not self.maker.has_block or self.is_boot_loader:
            return None
        known = {SLAC_MODE: self.slac_mode, COORDINATION: self.coordination}
        open_ = (at for at, octet in known.items() if octet is None and at not in self.unread)
        return next(open_, None)

    @property
    def is_boot_loader(self) -> bool:
        """Whether the modem has no firmware."""
        return self.firmware is not None and self.firmware.startswith(BOOT_LOADER)

    @property
    def role(self) -> str | None:
        """The side of the plug that the modem is configured for, in a word."""
        return None if self.slac_mode is None else ROLES.get(self.slac_mode, "unknown")

    @property
    def coordinator(self) -> str | None:
        """Whether the modem coordinates its network, in a word."""
        known = self.coordination
        return None if known is None else COORDINATORS.get(known, "unknown")


def ask(survey: Survey) -> tuple[Survey, tuple[Mme, ...]]:
    """Return what to ask next, nothing when all is known that can be, and the survey then."""
    if survey.firmware is None:
        if survey.tries == TRIES:
            return survey, ()
        makers = MAKERS if survey.maker is None else (survey.maker,)
        versions = tuple(maker.version for maker in makers)
        return replace(survey, tries=survey.tries + 1), versions
    at = survey.wanted
    if at is None:
        return survey, ()
    if survey.tries == 2 * TRIES:
        return ask(replace(survey, unread=(*survey.unread, at), tries=0))
    offset, older = at - at % WORD, survey.tries >= TRIES
    how = RdModReq if older else ModuleOperationReq
    return replace(survey, tries=survey.tries + 1), (how(length=WORD, offset=offset),)


def learned(survey: Survey, message: Mme) -> Survey:
    """Take what a message tells."""
    found = firmware_of(message)
    if found == (survey.maker, survey.firmware):
        return survey
    if found is not None:
        maker, firmware = found
        return replace(survey, maker=maker, firmware=firmware, tries=0)
    match message:
        case ModuleOperationCnf(status=0, module=module, excerpt=excerpt):
            return _read(survey, excerpt) if module == PIB_MODULE else survey
        case RdModCnf(status=0, module=module, excerpt=excerpt):
            return _read(survey, excerpt) if module == PIB else survey
        case ModuleOperationCnf():  # it refuses, and will again
            return replace(survey, tries=max(survey.tries, TRIES))
        case RdModCnf():
            return replace(survey, tries=2 * TRIES)
        case _:
            return survey


def _read(survey: Survey, excerpt: Excerpt) -> Survey:
    at = survey.wanted
    if at is None or not excerpt.offset <= at < excerpt.offset + len(excerpt.data):
        return survey
    octet = excerpt.data[at - excerpt.offset]
    if at == SLAC_MODE:
        return replace(survey, slac_mode=octet, tries=0)
    return replace(survey, coordination=octet, tries=0)


def warnings(survey: Survey) -> tuple[str, ...]:
    """Say what is wrong with the modem, and how to put it right."""
    if survey.is_boot_loader:
        return (
            "the modem has no firmware, only its boot loader: have the host load firmware and "
            "parameter block (`plchostd`), or write both to its flash",
        )
    said = []
    if survey.slac_mode not in (None, CHARGER):
        how = HOW_TO_WRITE.format(offset=SLAC_MODE, value=CHARGER)
        effect = "it measures no sounds" if survey.slac_mode == 0 else "it hides vehicles"
        said.append(
            f"the modem's SLAC mode is {survey.slac_mode} ({survey.role}), not {CHARGER} "
            f"(charger): {effect}; {how}"
        )
    if survey.coordination not in (None, ALWAYS):
        how = HOW_TO_WRITE.format(offset=COORDINATION, value=ALWAYS)
        said.append(
            f"the modem coordinates its network {survey.coordinator!r} "
            f"({survey.coordination}), not always ({ALWAYS}): vehicles may not join; {how}"
        )
    return tuple(said)
