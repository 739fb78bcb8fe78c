"""A PKI of our own for tests: minted anew in each run, so that nothing in it expires."""

import shutil
import subprocess
from datetime import UTC, datetime

from pki import layout, profiles
from tests.prerequisites import missing


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
