"""Secrets of an installation: from the environment, else from files of mode 0600 that are made at the first start."""

import base64
import os
import secrets
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

LINK_VARIABLE = "IEUM_LINK_SECRET"
KEK_VARIABLE = "IEUM_KEK"
TURN_VARIABLE = "IEUM_TURN_SECRET"
JANUS_VARIABLE = "IEUM_JANUS_SECRET"
KEK_BYTES = 32


class BadSecret(Exception):
    """A secret that is there but cannot be used; its text says which and why, never its value."""


@dataclass(frozen=True)
class Secrets:
    """What processes of one installation share."""

    link: str  # proves a web to a node and a node to a web
    kek: bytes  # wraps the content keys of recordings and documents (32 bytes)

    def __repr__(self) -> str:  # a secret never reaches a log
        return "Secrets(…)"


def load_or_make(folder: Path, environment: Mapping[str, str]) -> Secrets:
    """The secrets of the installation. Raises BadSecret and OSError."""
    link = environment.get(LINK_VARIABLE) or read_or_make(folder / "link", lambda: secrets.token_urlsafe(32))
    kek = environment.get(KEK_VARIABLE) or read_or_make(folder / "kek", new_kek)
    return Secrets(link, _decoded_kek(kek))


def read_turn_secret(folder: Path, environment: Mapping[str, str]) -> str:
    """What the relay and the nodes share; an admin makes it.

    Raises BadSecret where it is missing or others may read it.
    """
    return _read_shared(folder / "turn", TURN_VARIABLE, "a relay", environment)


def read_janus_secret(folder: Path, environment: Mapping[str, str]) -> str:
    """The `api_secret` of a Janus that a node did not start. Raises BadSecret as above."""
    return _read_shared(folder / "janus", JANUS_VARIABLE, "a Janus of your own", environment)


def _read_shared(path: Path, variable: str, whose: str, environment: Mapping[str, str]) -> str:
    if found := environment.get(variable, "").strip():
        return found
    try:
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise BadSecret(f"{path} can be read by others: chmod 600")
        found = path.read_text().strip()
    except FileNotFoundError:
        found = ""
    if not found:
        raise BadSecret(f"{whose} needs its secret, in {variable} or {path}")
    return found


def new_kek() -> str:
    """A new key encryption key, in the form the file and the variable have."""
    return base64.b64encode(secrets.token_bytes(KEK_BYTES)).decode()


def read_or_make(path: Path, make: Callable[[], str]) -> str:
    """The text in `path`; if there is no such file, it is written once with what `make` gives, readable by us alone."""
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        pass
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.{secrets.token_hex(4)}.partial")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(make())
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(partial, path)  # unlike a rename it never replaces what another process made in the meantime
    except FileExistsError:
        pass
    finally:
        partial.unlink()
    return path.read_text().strip()


def write_private(path: Path, text: str) -> None:
    """Write a file, anew each time, that only we can read: whole, or as it was."""
    partial = path.with_name(f"{path.name}.{secrets.token_hex(4)}.partial")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    partial.replace(path)


def _decoded_kek(text: str) -> bytes:
    try:
        kek = base64.b64decode(text, validate=True)
    except ValueError:
        kek = b""
    if len(kek) != KEK_BYTES:
        raise BadSecret(f"the key encryption key must be {KEK_BYTES} bytes in base64")
    return kek
