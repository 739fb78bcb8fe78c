"""Change bits in the middle of octets."""


def spliced(octets, old, new):
    """The octets with the last ``old`` bits replaced by ``new`` ones; spaces don't count."""
    bits = f"{int.from_bytes(octets, 'big'):0{8 * len(octets)}b}"
    front, found, back = bits.rpartition(old.replace(" ", ""))
    assert found, f"{old} is not in {bits}"
    return packed(front + new + back.rstrip("0"))


def packed(bits):
    """Bits as octets, padded with zeros."""
    bits = bits.replace(" ", "")
    bits += "0" * (-len(bits) % 8)
    return int(bits, 2).to_bytes(len(bits) // 8, "big")
