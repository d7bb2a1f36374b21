"""The key of a request that is executed once, however often it is asked for."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Final, NamedTuple

from gradient_async.arguments import checked_seconds

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT_TTL_SECONDS: Final = 86_400.0
_MAX_LENGTH: Final = 255
_SHOWN: Final = 80


class RequestKey(NamedTuple):
    """The key of a request.

    Attributes:
        text: The caller's text.
        ttl: Seconds for which the key is kept after its last change.
        asked: Digest of method, path, query and body as the caller gave them.
        part: Number of the part, from 1, of a call that needs several requests; 0 for the whole call.
    """

    text: str
    ttl: float
    asked: bytes
    part: int = 0

    def __repr__(self) -> str:
        return f"{self.text!r:.{_SHOWN}}"

    def name(self, account: bytes) -> str:
        """Return the key's name in a store: a digest, from which neither key nor token can be read.

        Args:
            account: A digest of the token and the API's URL.
        """
        return _digest(b"key", account, self.text.encode(), str(self.part).encode())

    def fingerprint(self, account: bytes) -> str:
        """Return the digest of the request that a store keeps beside the key.

        Without the token it cannot be compared with guesses of the body.

        Args:
            account: A digest of the token and the API's URL.
        """
        return _digest(b"request", account, self.asked)


def key_of(
    options: Mapping[str, object], method: str, path: str, query: Mapping[str, str], body: Mapping[str, object] | None
) -> RequestKey | None:
    """Return the key in a caller's options; ``None`` without one.

    Args:
        options: The options.
        method: The request's HTTP method.
        path: Its path.
        query: Its query parameters.
        body: Its JSON body.

    Raises:
        TypeError: The key is no text, or ``key_ttl`` is given without a key.
        ValueError: The key is empty or too long, or ``key_ttl`` is out of range.
    """
    text, ttl = options.get("key"), options.get("key_ttl")
    if text is None:
        if ttl is not None:
            raise TypeError("key_ttl: it needs a key. Pass key='...' too")
        return None
    asked = json.dumps([method, path, sorted(query.items()), body], sort_keys=True, default=str).encode()
    seconds = DEFAULT_TTL_SECONDS if ttl is None else checked_seconds("key_ttl", ttl)
    return RequestKey(checked_key("key", text), seconds, hashlib.sha256(asked).digest())


def checked_key(parameter: str, value: object, longest: int = _MAX_LENGTH) -> str:
    """Return a key.

    Raises:
        TypeError: It is no text.
        ValueError: It is empty or too long.
    """
    if not isinstance(value, str):
        raise TypeError(f"{parameter}: expected a str such as 'reboot-2026-11-30', got {type(value).__name__}")
    if not 0 < len(value) <= longest:
        raise ValueError(f"{parameter}: expected 1 to {longest} characters, got {len(value)}")
    if any("\ud800" <= letter <= "\udfff" for letter in value):
        raise ValueError(f"{parameter}: expected text that can be written as UTF-8, got {value!r:.80}")
    return value


def _digest(*parts: bytes) -> str:
    # Each part has its length before it, so that two lists of parts never make one text.
    joined = b"".join(len(part).to_bytes(4, "big") + part for part in parts)
    return hashlib.sha256(joined).hexdigest()[:40]
