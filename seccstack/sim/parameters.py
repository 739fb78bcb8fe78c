"""The parameter block of a simulated modem: what its host may read of it.

Of some 9,000 octets only those are filled in that tell a charger's modem from a vehicle's, and
those by which other programs know that they have read a block whole.
"""

from __future__ import annotations

from seccstack.homeplug.keys import network_id
from seccstack.slac.modem_survey import ALWAYS, CHARGER, COORDINATION, SLAC_MODE

LENGTH = 8836  # of a RED-BEET-E's
VERSION = b"\x07\x00"  # of the block's own layout
MAC_AT, MANUFACTURER_AT, KEY_AT, USER_AT, NETWORK_AT = 0x0C, 0x24, 0x64, 0x74, 0xF8
FACTORY_KEY = bytes.fromhex("50d3e4933f855b7040784df815aa8db7")  # of the text "HomePlugAV"
VEHICLE, NEVER = 1, 1


def block(mac: bytes, name: str, *, slac_mode: int, coordination: int) -> bytes:
    """Return a whole block; ``name`` is what the modem is called."""
    octets = bytearray(LENGTH)
    octets[0:2] = VERSION
    octets[4:6] = LENGTH.to_bytes(2, "little")
    octets[MAC_AT : MAC_AT + 6] = mac
    for at in (MANUFACTURER_AT, USER_AT):
        octets[at : at + len(name)] = name.encode()
    octets[KEY_AT : KEY_AT + 16] = FACTORY_KEY
    octets[NETWORK_AT : NETWORK_AT + 7] = network_id(FACTORY_KEY)
    octets[COORDINATION] = coordination
    octets[SLAC_MODE] = slac_mode
    octets[8:12] = checksum(octets)
    return bytes(octets)


def checksum(octets: bytes | bytearray) -> bytes:
    """Return the four octets that make all words of a block, taken together, come to ones."""
    sum_ = 0xFFFFFFFF
    for at in range(0, len(octets), 4):
        sum_ ^= int.from_bytes(octets[at : at + 4], "little")
    return sum_.to_bytes(4, "little")


def of_charger(mac: bytes) -> bytes:
    """Return the block of a charger's modem."""
    return block(mac, "EVSE", slac_mode=CHARGER, coordination=ALWAYS)


def of_vehicle(mac: bytes) -> bytes:
    """Return the block of a vehicle's modem."""
    return block(mac, "PEV", slac_mode=VEHICLE, coordination=NEVER)
