"""Keys and the encryption of every recorded byte: who wraps whom, the file header, the segments. `cryptography` only.

A key-encryption key wraps the content key of a case (or application, or group appointment); that wraps one data key per
track and run; HKDF makes from it one key per file. Wrapping: AES-KW, RFC 3394. HKDF: RFC 5869. AES-256-GCM: NIST SP
800-38D. Nonce: 7 random bytes, 4 bytes counter, 1 byte "last" flag (the STREAM construction).
"""

import base64
import binascii
import json
import os
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap

from recordings.errors import Damaged, UnknownFormat, WrongKey

KEY_BYTES: Final = 32
TAG_BYTES: Final = 16
HEADER_MAX_BYTES: Final = 4_096
MAX_SEGMENTS: Final = 2**32
_SALT_BYTES, _PREFIX_BYTES = 16, 7
_PURPOSE = b"ieum recording file v1"

RandomBytes = Callable[[int], bytes]


def new_key(random: RandomBytes = os.urandom) -> bytes:
    """A fresh 256-bit key."""
    return random(KEY_BYTES)


def wrap(key: bytes, under: bytes) -> bytes:
    """`key` wrapped under a stronger-kept one: 40 bytes that may be stored anywhere."""
    return aes_key_wrap(under, key)


def unwrap(wrapped: bytes, under: bytes) -> bytes:
    """The key inside `wrapped`. Raises WrongKey."""
    try:
        return aes_key_unwrap(under, wrapped)
    except (InvalidUnwrap, ValueError) as error:
        raise WrongKey from error


@dataclass(frozen=True, slots=True)
class Header:
    """The clear beginning of a file. `about` says what the file is; the file's key depends on every byte of it."""

    magic: bytes  # 8 bytes: kind and version of the body that follows
    key_id: str
    wrapped_key: bytes
    salt: bytes
    prefix: bytes
    about: Mapping[str, str | int]

    def encode(self) -> bytes:
        """As stored: magic, 2 bytes length, JSON."""
        fields = {
            "key_id": self.key_id,
            "wrapped_key": _text(self.wrapped_key),
            "salt": _text(self.salt),
            "prefix": _text(self.prefix),
            "about": dict(self.about),
        }
        body = json.dumps(fields, separators=(",", ":"), sort_keys=True).encode()
        if len(body) > HEADER_MAX_BYTES - 10:
            raise ValueError("header too long")
        return self.magic + struct.pack("!H", len(body)) + body


def new_header(
    magic: bytes, key_id: str, wrapped_key: bytes, about: Mapping[str, str | int], random: RandomBytes = os.urandom
) -> Header:
    """A header for one new file. Its salt makes the file's key unlike that of any other file of the same data key."""
    return Header(magic, key_id, wrapped_key, random(_SALT_BYTES), random(_PREFIX_BYTES), about)


def parse_header(data: bytes, magic: bytes) -> tuple[Header, int]:
    """The header at the start of `data` and its length in bytes. Raises UnknownFormat."""
    if data[:8] != magic or len(data) < 10:
        raise UnknownFormat
    end = 10 + int.from_bytes(data[8:10])
    try:
        fields = json.loads(data[10:end])
        header = Header(
            magic,
            str(fields["key_id"]),
            _bytes(fields["wrapped_key"]),
            _bytes(fields["salt"]),
            _bytes(fields["prefix"]),
            _about(fields["about"]),
        )
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise UnknownFormat from error
    # One spelling only: otherwise two headers with one meaning would lead to two keys.
    if len(data) < end or len(header.prefix) != _PREFIX_BYTES or header.encode() != data[:end]:
        raise UnknownFormat
    return header, end


class Segments:
    """Encrypts and decrypts the numbered segments of one file."""

    def __init__(self, header: Header, data_key: bytes) -> None:
        info = _PURPOSE + sha256(header.encode()).digest()
        self._aead = AESGCM(HKDF(SHA256(), KEY_BYTES, header.salt, info).derive(data_key))
        self._prefix = header.prefix

    def seal(self, number: int, plain: bytes, *, last: bool) -> bytes:
        """Each number once per file: a nonce may never be used twice."""
        return self._aead.encrypt(self._nonce(number, last), plain, None)

    def open(self, number: int, sealed: bytes, *, last: bool) -> bytes:
        """Raises Damaged when segment, number, flag, header or key are not those of the writing."""
        try:
            return self._aead.decrypt(self._nonce(number, last), sealed, None)
        except (InvalidTag, ValueError) as error:
            raise Damaged(f"segment {number}") from error

    def _nonce(self, number: int, last: bool) -> bytes:
        return self._prefix + struct.pack("!I?", number, last)


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _bytes(text: object) -> bytes:
    if not isinstance(text, str):
        raise TypeError
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError from error


def _about(value: object) -> dict[str, str | int]:
    if not isinstance(value, dict) or not all(isinstance(item, str | int) for item in value.values()):
        raise TypeError
    return value
