"""Change bits in the middle of octets."""


def spliced(octets, old, new, padding=None):
    """The octets with the last ``old`` bits replaced by ``new`` ones; spaces don't count.

    ``padding`` is how many of their bits are padding: by default all zeros at the end, if
    others take their place.
    """
    old, new = old.replace(" ", ""), new.replace(" ", "")
    bits = f"{int.from_bytes(octets, 'big'):0{8 * len(octets)}b}"
    front, found, back = bits.rpartition(old)
    assert found, f"{old} is not in {bits}"
    if padding is not None:
        back = back[: len(back) - padding]
    elif len(old) != len(new):
        back = back.rstrip("0")
    return packed(front + new + back)


def packed(bits):
    """Bits as octets, padded with zeros."""
    bits = bits.replace(" ", "")
    bits += "0" * (-len(bits) % 8)
    return int(bits, 2).to_bytes(len(bits) // 8, "big")
