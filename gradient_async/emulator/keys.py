"""The SSH keys of an account."""

from __future__ import annotations

import base64
import binascii
import hashlib
from typing import TYPE_CHECKING

import attrs

from gradient_async.emulator import refusals

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradient_async.emulator.account import Account
    from gradient_async.emulator.parameter_kinds import ParameterValue
    from gradient_async.emulator.profiles import Behaviour
    from gradient_async.emulator.refusals import Refusal
    from gradient_async.emulator.visibility import ResourceTable, View

_FIRST_KEY_ID = 512_189


@attrs.frozen(kw_only=True)
class SSHKey:
    """A public key for new Droplets."""

    id: int
    fingerprint: str
    public_key: str
    name: str


class KeyStore:
    """All keys of an account: `account.part(KeyStore)`. An id is never used again.

    Args:
        account: The account.
    """

    def __init__(self, account: Account) -> None:
        self._behaviour: Behaviour = account.behaviour
        self._table: ResourceTable[int, SSHKey] = account.new_table()
        self._next_id = _FIRST_KEY_ID

    def add(self, name: str, public_key: str) -> SSHKey | Refusal:
        """Register a key, or return a refusal."""
        fingerprint = fingerprint_of(public_key)
        if fingerprint is None:
            return refusals.BAD_PUBLIC_KEY
        known = next((key for key in self._table.truth.values() if key.fingerprint == fingerprint), None)
        if known is not None:
            return known if self._behaviour.repeated_keys == "accepted" else refusals.KEY_IN_USE
        key = SSHKey(id=self._next_id, fingerprint=fingerprint, public_key=public_key, name=name)
        self._next_id += 1
        self._table.put(key.id, key)
        return key

    def find(self, identifier: ParameterValue, view: View = "get") -> SSHKey | None:
        """Return the key with that id or fingerprint as a view shows it. A create uses the view `"keys"`."""
        number = int(identifier) if isinstance(identifier, str) and identifier.isdecimal() else identifier
        if isinstance(number, int):
            return self._table.shown(number, view)
        return next((key for key in self._table.all_shown(view) if key.fingerprint == number.lower()), None)

    def listed(self) -> Sequence[SSHKey]:
        """Return all keys as the list shows them, oldest first."""
        return list(self._table.all_shown())

    def rename(self, key: SSHKey, name: str) -> SSHKey:
        """Rename a key."""
        renamed = attrs.evolve(key, name=name)
        if key.id in self._table.truth:
            self._table.put(key.id, renamed)
        return renamed

    def delete(self, key: SSHKey) -> bool:
        """Delete a key; return False if it is gone already."""
        if key.id not in self._table.truth:
            return False
        self._table.remove(key.id)
        return True


def fingerprint_of(public_key: str) -> str | None:
    """Return the MD5 fingerprint of a key in OpenSSH's form, None if it is invalid. Pure."""
    words = public_key.split()
    if len(words) < 2 or not words[0].startswith(("ssh-", "ecdsa-", "sk-")):
        return None
    try:
        blob = base64.b64decode(words[1], validate=True)
    except (binascii.Error, ValueError):
        return None
    digest = hashlib.md5(blob, usedforsecurity=False).hexdigest()
    return ":".join(digest[index : index + 2] for index in range(0, len(digest), 2))
