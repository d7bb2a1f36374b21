"""Names that are made unique: ``{n}`` becomes a number and a nonce."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from typing import Final

PLACEHOLDER: Final = "{n}"
"""The placeholders of the number and the nonce."""

_NONCE_BYTES: Final = 4


def new_nonce() -> str:
    """Return a random text of eight characters, for the names of one call."""
    return os.urandom(_NONCE_BYTES).hex()


def nonce_of(key: str) -> str:
    """Return the same text of eight characters for the same key of a request."""
    return hashlib.sha256(key.encode()).hexdigest()[: 2 * _NONCE_BYTES]


def has_number(names: object) -> bool:
    """Return whether a name, or each of several, has the placeholder.

    Raises:
        ValueError: Only some of several names have it.
    """
    if isinstance(names, str):
        return PLACEHOLDER in names
    if not isinstance(names, Sequence) or isinstance(names, bytes):
        return False
    plain = [name for name in names if not (isinstance(name, str) and PLACEHOLDER in name)]
    if 0 < len(plain) < len(names) and isinstance(plain[0], str):
        raise ValueError(f"names: expected {PLACEHOLDER} in all of them or in none, and {plain[0]!r:.80} has none")
    return bool(names) and not plain


def numbered(names: object, nonce: str) -> str | list[str]:
    """Return a name, or several, with their number and the nonce in place of the placeholder.

    Args:
        names: The name, or the names.
        nonce: The nonce.

    Returns:
        ``"train-1-5f0c2a91"`` for ``"train-{n}"``; for several, a list.
    """
    if isinstance(names, Sequence) and not isinstance(names, str):
        return [str(name).replace(PLACEHOLDER, f"{number}-{nonce}") for number, name in enumerate(names, 1)]
    return str(names).replace(PLACEHOLDER, f"1-{nonce}")
