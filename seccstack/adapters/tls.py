"""TLS before a stream: a ClientHello is read, a chain chosen by it, and OpenSSL does the rest.

A vehicle speaks plainly or TLS on one and the same port, and some do the one after the other
has failed; its first octet tells. Of TLS the ClientHello is read first, because what it says
decides on the chain. Then OpenSSL takes over, through memory: it never sees a socket.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

from OpenSSL import SSL

from seccstack.adapters.gate import Above, Agreed, Failed, Wire
from seccstack.adapters.tls_context import Security
from seccstack.adapters.tls_vehicles import Shown
from seccstack.errors import MalformedError
from seccstack.tls import alerts, names
from seccstack.tls.alerts import Alert
from seccstack.tls.choice import Choice, Refusal
from seccstack.tls.opening import first_client_hello

HANDSHAKE_SECONDS = 10.0  # from the connection on; a vehicle has 20 s until its SessionSetupReq
MOST_HELLO = 1 << 14  # octets of a ClientHello; large ones have 2 k
READ_OCTETS = 1 << 16

HANDSHAKE, ALERT = 0x16, 0x15  # what a record begins with
DECODE_ERROR = 50
NONE_SHOWN = "certificate_required"


class TlsGate:
    """Stands before one stream until it is known what it is, and carries it from then on."""

    def __init__(self, security: Security, wire: Wire, above: Above) -> None:
        self._security, self._wire, self._above = security, wire, above
        self._first = bytearray()  # until it is known
        self._plain = self._ended = self._open = False
        self._connection: SSL.Connection | None = None
        self._choice: Choice | None = None
        self._timer = asyncio.get_running_loop().call_later(HANDSHAKE_SECONDS, self._too_slow)
        self.stapled = False
        self.shown = Shown()  # of the vehicle's own certificate
        self.alert_read: Alert | None = None
        self.alert_sent: Alert | None = None

    def received(self, octets: bytes) -> None:
        """Take what came on the wire."""
        if self._ended:
            return
        if self._plain:
            self._above.read(octets)
        elif self._connection is not None:
            self._connection.bio_write(octets)
            self._pump(self._connection)
        else:
            self._first += octets
            self._decide(bytes(self._first))

    def send(self, octets: bytes) -> None:
        """Send what the charger says; once leave is taken, nothing: it comes too late."""
        if self._ended:
            return
        if self._plain:
            self._wire.write(octets)
        elif self._connection is not None and self._open:
            self._connection.sendall(octets)
            self._flush(self._connection)

    def end(self) -> None:
        """Take leave; the wire is closed by who calls this."""
        self._stop()
        if self._connection is not None and self._open:
            self._shut(self._connection)

    def lost(self) -> None:
        """The wire has ended."""
        begun = bool(self._first) or self._connection is not None
        if begun and not self._ended and not self._open:
            self._above.failed(Failed("it hung up in the middle of its handshake"))
        self._stop()

    def _stop(self) -> None:
        self._ended = True
        self._timer.cancel()
        self._first.clear()

    def _fail(self, why: str, alert: str | None = None) -> None:
        self._stop()
        self._above.failed(Failed(why, alert))
        self._wire.finish()

    def _refuse(self, alert: int, why: str) -> None:
        """Say no in TLS, as OpenSSL would, but before it is asked."""
        ours = Alert(alerts.FATAL, alert)
        self._wire.write(bytes([ALERT, 3, 3, 0, 2, alerts.FATAL, alert]))
        self._fail(why, ours.name)

    def _too_slow(self) -> None:
        begun = bool(self._first) or self._connection is not None
        what = "not come to an end of its handshake" if begun else "said nothing"
        self._fail(f"it has {what} in {HANDSHAKE_SECONDS:g} s")

    # Before it is known what it is.

    def _decide(self, first: bytes) -> None:
        if first[0] != HANDSHAKE:
            self._go_on_plain(first)
            return
        try:
            hello = first_client_hello(first)
        except MalformedError as error:
            self._refuse(DECODE_ERROR, str(error))
            return
        if hello is None:
            if len(first) > MOST_HELLO:
                self._refuse(DECODE_ERROR, f"a ClientHello of more than {MOST_HELLO} octets")
            return
        begun = self._security.begin(hello, self)
        if isinstance(begun, Refusal):
            self._refuse(begun.alert, begun.why)
            return
        self._first.clear()
        self._choice, connection = begun
        self._connection = connection
        connection.bio_write(first)
        self._pump(connection)

    def _go_on_plain(self, first: bytes) -> None:
        if self._security.policy.required:
            self._fail("it speaks without TLS, and TLS is required")
            return
        self._timer.cancel()
        self._first.clear()
        self._plain = True
        self._above.announce(None)
        self._above.read(first)

    # TLS.

    def _pump(self, connection: SSL.Connection) -> None:
        """Have OpenSSL do all that it can with what has come."""
        try:
            if not self._open:
                connection.do_handshake()
                self._flush(connection)
                self._begin(connection)
            while not self._ended:
                self._above.read(connection.recv(READ_OCTETS))
        except SSL.WantReadError:
            self._flush(connection)
        except SSL.ZeroReturnError:
            self.end()
            self._wire.finish()
        except SSL.Error as error:
            self._flush(connection)
            self._break(error)

    def _begin(self, connection: SSL.Connection) -> None:
        self._open = True
        self._timer.cancel()
        self._above.announce(self._agreed(connection))

    def _agreed(self, connection: SSL.Connection) -> Agreed:
        assert self._choice is not None  # noqa: S101 - it was made before the handshake
        return Agreed(
            version=names.VERSIONS[self._choice.version],
            suite=connection.get_cipher_name() or "",
            chain=self._choice.offer.name,
            stapled=self.stapled,
            trusted=self._choice.trusted,
            vehicle=self.shown.vehicle,
        )

    def _break(self, error: SSL.Error) -> None:
        """End what OpenSSL has given up."""
        reasons = "; ".join(str(part[-1]) for part in (error.args or [()])[0]) or "it is over"
        why, alert = f"OpenSSL: {reasons}", self.alert_sent
        if self.shown.why:
            why = f"the vehicle's certificate is refused: {self.shown.why}"
        elif alert is not None and alert.name == NONE_SHOWN:
            why = (
                "the vehicle shows no certificate of its own, or has none on a curve of ISO "
                "15118-20; in TLS 1.3 it has to here (tls.vehicle)"
            )
        elif self.alert_read is not None:
            alert = self.alert_read
            why = f"it sent {alert.name}: {alert.meaning}"
            if self._choice is not None and self._choice.trusted is False:
                why += "; nor did it say to have that of any chain here"
        if self._open:
            self._stop()
            self._wire.finish()
        else:
            self._fail(why, None if alert is None else alert.name)

    def _shut(self, connection: SSL.Connection) -> None:
        with suppress(SSL.Error):  # it has broken already: there is nobody to take leave of
            connection.shutdown()
        self._flush(connection)

    def _flush(self, connection: SSL.Connection) -> None:
        """Put on the wire what OpenSSL has to send."""
        while True:
            try:
                self._wire.write(connection.bio_read(READ_OCTETS))
            except SSL.WantReadError:
                return
