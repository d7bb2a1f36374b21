"""SSH keys of a new Droplet: registered ones by id, fingerprint or name, and files of public keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from attrs import frozen

from gradient_async.cli.key_files import is_file, key_in
from gradient_async.cli.kind_references import KindReference, found_all
from gradient_async.cli.kinds import KINDS
from gradient_async.models.ssh_key import SSHKeys
from gradient_async.public_keys import PublicKey

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradient_async.client import AsyncGradientAI

_KIND: Final = next(kind for kind in KINDS if kind.name == "keys")


@frozen(kw_only=True)
class GivenKeys:
    """The keys that were given for new Droplets.

    Attributes:
        references: Ids, fingerprints and names of registered keys.
        files: Keys in files.
    """

    references: tuple[KindReference, ...] = ()
    files: tuple[PublicKey, ...] = ()


def given_keys(words: Sequence[str]) -> GivenKeys:
    """Return the keys of the words. Reads the files.

    Raises:
        UsageError: A file cannot be read, or holds no public key.
    """
    files = tuple(key_in(word, "--ssh-key") for word in words if is_file(word))
    return GivenKeys(references=tuple(KindReference(word) for word in words if not is_file(word)), files=files)


async def registered(client: AsyncGradientAI, keys: GivenKeys) -> tuple[list[SSHKeys], list[PublicKey]]:
    """Return the keys that are registered, and those of files that are not yet.

    Raises:
        UsageError: There is no key with an id, fingerprint or name.
    """
    found = [one for one in await found_all(client, _KIND, keys.references) if isinstance(one, SSHKeys)]
    if not keys.files:
        return found, []
    listed = [one async for one in client.account.keys.list_all()]
    missing: list[PublicKey] = []
    for file in keys.files:
        known = next((one for one in listed if file.is_same(one.public_key)), None)
        if known is None:
            missing.append(file)
        else:
            found.append(known)
    return found, missing
