"""A throwaway PostgreSQL cluster on a Unix socket, and a copy of one prepared database for each test."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

TEMPLATE = "prepared"


@dataclass(frozen=True)
class Cluster:
    """A running server that listens on no network address."""

    socket_dir: Path
    bin_dir: Path

    def url(self, name: str) -> str:
        """The SQLAlchemy URL of one of its databases."""
        return f"postgresql+psycopg://postgres@/{name}?host={self.socket_dir}"

    def start(self) -> None:
        """Let it run; it listens when this returns."""
        options = f"-k {self.socket_dir} -c listen_addresses='' -c fsync=off -c max_connections=60"
        self._control("-o", options, "-l", str(self.socket_dir / "log"), "start")

    def stop(self) -> None:
        """Take it away at once, as a failure would."""
        self._control("-m", "immediate", "stop")

    def _control(self, *arguments: str) -> None:
        _run([str(self.bin_dir / "pg_ctl"), "-D", str(self.socket_dir / "data"), "-w", "-s", *arguments])

    def create(self, name: str, template: str = "template0") -> None:
        """Make a database; as a copy of `template`, which nobody may be connected to."""
        command = f'CREATE DATABASE "{name}" TEMPLATE "{template}"'
        _run([str(self.bin_dir / "psql"), "-h", str(self.socket_dir), "-U", "postgres", "-q", "-c", command])

    def drop(self, name: str) -> None:
        """Remove a database and whoever is still connected to it."""
        command = f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'
        _run([str(self.bin_dir / "psql"), "-h", str(self.socket_dir), "-U", "postgres", "-q", "-c", command])


@contextmanager
def cluster(initdb: str) -> Iterator[Cluster]:
    """Start one and take it away again. PostgreSQL refuses to run as root: then it runs as its own user."""
    folder = Path(tempfile.mkdtemp(prefix="ieum-pg-"))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
    found = Cluster(folder, Path(initdb).parent)
    try:
        data = str(folder / "data")
        _run([initdb, "-D", data, "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"])
        found.start()
        try:
            yield found
        finally:
            found.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(command: list[str]) -> None:
    as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    done = subprocess.run([*as_user, *command], check=False, capture_output=True, text=True, cwd="/")
    if done.returncode:
        raise RuntimeError(f"{command[0]} failed: {done.stderr}")
