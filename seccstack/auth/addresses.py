"""MAC addresses and card numbers as people write them, and what an address gives away."""

from __future__ import annotations

from seccstack.errors import UsageError

MAC_OCTETS = 6
UID_OCTETS = (4, 7, 10)  # ISO/IEC 14443-3: single, double and triple size
ZERO, BROADCAST = bytes(MAC_OCTETS), b"\xff" * MAC_OCTETS
GROUP_BIT, LOCAL_BIT = 0x01, 0x02  # IEEE 802: of the first octet
# Seen on ID.3, ID.4, ID.Buzz, Q4, Enyaq: a new address out of this range for every plug-in.
ROTATING = tuple(bytes.fromhex(f"007DFA{last:02X}") for last in range(6, 10))


def format_mac(mac: bytes) -> str:
    """Write as 12 upper-case hexadecimal digits."""
    return mac.hex().upper()


def parse_mac(text: str) -> bytes:
    """Read 12 hexadecimal digits, bare or in pairs with ``:`` or ``-``; else UsageError."""
    octets = _octets(text)
    if octets is None or len(octets) != MAC_OCTETS:
        raise UsageError(
            f"{text!r} is not a MAC address; give 12 hexadecimal digits, as in 001122AABBCC, "
            "00:11:22:AA:BB:CC or 00-11-22-AA-BB-CC"
        )
    return octets


def parse_uid(text: str) -> str:
    """Read a card's number into upper-case hexadecimal digits; UsageError if it isn't one."""
    octets = _octets(text)
    if octets is None or len(octets) not in UID_OCTETS:
        raise UsageError(
            f"{text!r} is not a card's number; give its 4, 7 or 10 octets in hexadecimal, "
            "as in 04A1B2C3 or 04:A1:B2:C3:D4:E5:F6"
        )
    return octets.hex().upper()


def _octets(text: str) -> bytes | None:
    """Read pairs of hexadecimal digits, the same separator or none between them all."""
    digits = text
    for separator in ":-":
        if separator in digits:
            pairs = digits.split(separator)
            if any(len(pair) != 2 for pair in pairs):
                return None
            digits = "".join(pairs)
            break
    try:
        octets = bytes.fromhex(digits)
    except ValueError:
        return None
    return octets if len(digits) == 2 * len(octets) else None  # fromhex forgives spaces


def unusable(mac: bytes) -> str | None:
    """Say why no station can have this address as its own, if so."""
    if mac == ZERO:
        return "is all zeros, which is no station's address"
    if mac == BROADCAST:
        return "is the broadcast address, which is no station's"
    if mac[0] & GROUP_BIT:
        return "is a group address, which is no station's"
    return None


def invented(mac: bytes) -> bool:
    """Whether its station made it up: it is locally administered."""
    return bool(mac[0] & LOCAL_BIT) and not unusable(mac)


def rotating(mac: bytes) -> bool:
    """Whether it may be another at the next plug-in."""
    return mac.startswith(ROTATING)


def notes(mac: bytes) -> tuple[str, ...]:
    """Say what makes this address a poor name for a vehicle: worth knowing, no refusal."""
    found = []
    if why := unusable(mac):
        found.append(why)
    elif invented(mac):
        found.append("is locally administered: its station made it up")
    if rotating(mac):
        found.append(
            "is of the range from which Volkswagen group vehicles draw a new address "
            "for every plug-in"
        )
    return tuple(f"{format_mac(mac)} {note}" for note in found)
