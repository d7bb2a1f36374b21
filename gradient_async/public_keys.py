"""SSH public keys: read from a text or a file, with their fingerprint."""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import re
from typing import Final

import anyio
from attrs import frozen

_EXPECTED: Final = "expected a public key such as 'ssh-ed25519 AAAA… you@laptop'"
_PAIR: Final = re.compile("..")
_MAX_FILE_BYTES: Final = 64 * 1024


@frozen
class PublicKey:
    """An SSH public key.

    Attributes:
        type: Its type, such as ``"ssh-ed25519"``.
        data: Its data, in Base64.
        comment: Its comment; empty for none.
        fingerprint: Its MD5 fingerprint, as the API writes it.
    """

    type: str
    data: str
    comment: str
    fingerprint: str

    @property
    def text(self) -> str:
        """The key in one line, as in an ``authorized_keys`` file."""
        return " ".join(filter(None, (self.type, self.data, self.comment)))

    def is_same(self, text: str | None) -> bool:
        """Return whether a text is the same key, perhaps with another comment."""
        return (text or "").split()[:2] == [self.type, self.data]


def parsed(text: str) -> PublicKey:
    """Return the key of a text. Pure.

    Raises:
        ValueError: The text is no public key. The message does not quote it, since it may be a private one.
    """
    if "PRIVATE KEY" in text:
        raise ValueError(
            f"public_key: {_EXPECTED}, got a private key. It was not sent. The public one ends with '.pub'"
        )
    lines = [line for line in text.splitlines() if line.strip()]
    words = lines[0].split(None, 2) if len(lines) == 1 else []
    if len(words) < 2:
        raise ValueError(f"public_key: {_EXPECTED}, got {len(lines)} lines without a type and data in one line")
    kind, data, comment = words[0], words[1], words[2].strip() if words[2:] else ""
    try:
        blob = base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        blob = b""
    length = int.from_bytes(blob[:4], "big")
    if not length or blob[4 : 4 + length] != kind.encode():
        raise ValueError(f"public_key: {_EXPECTED}, got text whose data is not a key of the type {kind!r:.80}")
    digest = hashlib.md5(blob, usedforsecurity=False).hexdigest()
    return PublicKey(kind, data, comment, ":".join(_PAIR.findall(digest)))


async def read(public_key: object) -> PublicKey:
    """Return the key of a text, or of a file.

    Args:
        public_key: The key's text; or its file's path, as a path object or as one word that ends with ``.pub``.

    Raises:
        TypeError: It is neither.
        ValueError: The text or the file has no public key.
        OSError: The file cannot be read.
    """
    if isinstance(public_key, str) and not (public_key.endswith(".pub") and len(public_key.split()) == 1):
        return parsed(public_key)
    if not isinstance(public_key, str | os.PathLike):
        raise TypeError(f"public_key: expected a text or a path, got {type(public_key).__name__}")
    path = await anyio.Path(public_key).expanduser()
    async with await path.open("rb") as file:
        content = await file.read(_MAX_FILE_BYTES)
    return parsed(content.decode("utf-8", errors="replace"))
