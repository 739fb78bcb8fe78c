"""A PKI of our own for tests: minted anew in each run, so that nothing in it expires."""

import base64
import shutil
import subprocess
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import NameOID

from pki import layout, profiles
from tests.prerequisites import missing

NOW = datetime.now(UTC)


def minted(out, now=None):
    """Mint everything there is below a folder, which must not be there yet; return it."""
    layout.build(out, profiles.load(), now or datetime.now(UTC))
    return out


def openssl(*words, **how):
    """Run the program openssl, which is nobody's of ours; return code and all it said."""
    program = shutil.which("openssl")
    if program is None:
        missing("openssl")
    command = [program, *map(str, words)]
    how = {"capture_output": True, "text": True, "check": False, **how}
    done = subprocess.run(command, **how)  # noqa: S603
    return done.returncode, done.stdout + done.stderr


# Certificates that no PKI has.


def der(pem):
    """The octets of a PEM, whatever they are worth."""
    body = b"".join(line for line in pem.splitlines() if b"-----" not in line)
    return base64.b64decode(body)


def certificate(key, name, signer, issuer, *extensions, digest=None):
    """Make a certificate of one key by another's."""
    builder = (
        x509.CertificateBuilder()
        .subject_name(
            x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)] if name else [])
        )
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - timedelta(days=1))
        .not_valid_after(NOW + timedelta(days=30))
    )
    for extension in extensions:
        builder = builder.add_extension(extension, critical=True)
    return builder.sign(signer, digest or hashes.SHA256())


def usage(*allowed):
    """Key usage with only these flags."""
    flags = (
        *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment"),
        *("key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only"),
    )
    return x509.KeyUsage(**{flag: flag in allowed for flag in flags})
