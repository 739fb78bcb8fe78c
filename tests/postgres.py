"""A PostgreSQL server of the tests' own: Debian's program, on a socket in its own folder."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import threading
from itertools import count
from pathlib import Path

import psycopg

from tests.prerequisites import missing

PROGRAMS = Path("/usr/lib/postgresql")
USER = "postgres"  # of Debian's package; the server does not run as root


class Server:
    """One for a test run; each test has a schema of its own."""

    def __init__(self) -> None:
        found = sorted(PROGRAMS.glob("*/bin/initdb"))
        if not found:
            missing("PostgreSQL (on Debian: apt-get install postgresql)")
        self._programs = found[-1].parent
        self._user = USER if os.geteuid() == 0 else None
        self.folder = Path(tempfile.mkdtemp(prefix="pg"))
        if self._user is not None:
            account = pwd.getpwnam(self._user)
            os.chown(self.folder, account.pw_uid, account.pw_gid)
        self._numbers = count()
        subprocess.run(  # noqa: S603
            [found[-1], "-U", "owner", "--auth=trust", "-D", self.folder / "data"],
            user=self._user,
            cwd="/",
            stdout=subprocess.DEVNULL,
            check=True,
        )
        self.start()

    def start(self) -> None:
        """Return when it takes connections; after a kill, when it has recovered."""
        settings = f"-k {self.folder} -c listen_addresses= -c max_connections=50".split()
        self._server = subprocess.Popen(  # noqa: S603
            [self._programs / "postgres", "-D", self.folder / "data", *settings],
            user=self._user,
            cwd="/",
            stderr=subprocess.PIPE,
            text=True,
        )
        said = self._server.stderr
        assert any("ready to accept connections" in line for line in said), "it did not start"
        self._reader = threading.Thread(target=said.read)
        self._reader.start()

    def stop(self) -> None:
        """Have it close all connections, and end."""
        self._end(signal.SIGINT)

    def kill(self) -> None:
        """Kill it; its processes for each connection see that, and end."""
        self._end(signal.SIGKILL)

    def _end(self, how: int) -> None:
        self._server.send_signal(how)
        self._server.wait()
        self._reader.join()
        self._server.stderr.close()

    def close(self) -> None:
        self.stop()
        shutil.rmtree(self.folder)

    def execute(self, statement: str, schema: str = "") -> None:
        with psycopg.connect(self.url(schema)) as db:
            db.execute(statement)

    def url(self, schema: str = "", user: str = "owner", database: str = "postgres") -> str:
        options = f"&options=-csearch_path%3D{schema}" if schema else ""
        return f"postgresql://{user}@/{database}?host={self.folder}{options}"

    def schema(self) -> str:
        name = f"schema_{next(self._numbers)}"
        self.execute(f"CREATE SCHEMA {name}")
        return name
