"""TLS structures, put together octet by octet."""

import ssl


def vector(size, *parts):
    body = b"".join(parts)
    return len(body).to_bytes(size) + body


def numbers(*values):
    return b"".join(value.to_bytes(2) for value in values)


def extension(kind, *parts):
    return kind.to_bytes(2) + vector(2, *parts)


def message(kind, *parts):
    return bytes([kind]) + vector(3, *parts)


def record(kind, *parts, version=0x0303):
    return bytes([kind]) + version.to_bytes(2) + vector(2, *parts)


def client_hello(*extensions, suites=(0xC023, 0xC025), version=0x0303, random=bytes(32)):
    """The body of a ClientHello; without extensions, there is no block of them."""
    block = vector(2, *extensions) if extensions else b""
    return (
        version.to_bytes(2)
        + random
        + vector(1)
        + vector(2, numbers(*suites))
        + vector(1, b"\0")
        + block
    )


def server_hello(*extensions, suite=0xC023, version=0x0303, random=bytes(32), compression=0):
    """The body of a ServerHello."""
    block = vector(2, *extensions) if extensions else b""
    chosen = suite.to_bytes(2) + bytes([compression])
    return version.to_bytes(2) + random + vector(1) + chosen + block


def spoken_by_openssl(host="charger.example"):
    """What the ssl module's client sends first."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = ssl.create_default_context().wrap_bio(incoming, outgoing, server_hostname=host)
    try:
        client.do_handshake()
    except ssl.SSLWantReadError:
        return outgoing.read()
