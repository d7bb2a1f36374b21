"""Files of public SSH keys."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from gradient_async import public_keys
from gradient_async.cli.exit_codes import UsageError

if TYPE_CHECKING:
    from gradient_async.public_keys import PublicKey

_MAX_LENGTH: Final = 64 * 1024
# A type and the beginning of all data, in Base64.
_KEY: Final = re.compile(r"\s*\S+\s+AAAA")


def is_file(word: str) -> bool:
    """Return whether a word names a file, and is neither a key nor the name of a registered one. Pure."""
    return ("/" in word or word.startswith("~") or word.endswith(".pub")) and not _KEY.match(word)


def is_no_key(word: str) -> bool:
    """Return whether a word is no key, which has a type and data, and therefore a file's name. Pure."""
    return is_file(word) or len(word.split()) == 1


def key_in(word: str, option: str) -> PublicKey:
    """Return the key in a file.

    Args:
        word: Path of the file; ``~`` is the home directory.
        option: The option that names it, such as ``--ssh-key``.

    Raises:
        UsageError: The file cannot be read, or holds no public key.
    """
    try:
        path = Path(word).expanduser()
    except RuntimeError:
        raise UsageError(f"{option}: {word}: there is no such home directory") from None
    try:
        with path.open(encoding="utf-8") as file:
            return public_keys.parsed(file.read(_MAX_LENGTH))
    except OSError as error:
        raise UsageError(f"{option}: {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UsageError(f"{option}: {path} is no public key: it is not UTF-8 text") from None
    except ValueError as error:
        raise UsageError(f"{option}: {path}: {str(error).removeprefix('public_key: ')}") from None
