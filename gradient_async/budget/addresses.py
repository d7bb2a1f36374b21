"""The place of a shared rate budget's state, by its URL. Pure, but for reading the table of mounted file systems."""

from __future__ import annotations

from pathlib import Path
from typing import Final
from urllib.parse import unquote

from attrs import frozen

from gradient_async.budget.redis_connection import REDIS_SCHEMES
from gradient_async.secrecy import SecretText

_SCHEMES: Final = "'memory:', 'sqlite:', 'sqlite:///path/to/file' or 'redis://host:port/0'"
_MOUNTS: Final = Path("/proc/self/mounts")
_NETWORK_SYSTEMS: Final = frozenset(
    {"9p", "afs", "ceph", "cifs", "fuse.sshfs", "glusterfs", "lustre", "ncpfs", "nfs", "nfs4", "smb3", "smbfs"}
)


@frozen
class MemoryAddress:
    """The budget of this process alone."""


@frozen
class SqliteAddress:
    """A SQLite file on this host.

    Attributes:
        path: The file; ``None`` for a private file of each token, which the SDK chooses.
    """

    path: Path | None


@frozen
class RedisAddress:
    """A Redis or Valkey server.

    Attributes:
        url: Its URL. Its repr does not show it, since it may have a password.
    """

    url: str


def address_of(url: str) -> MemoryAddress | SqliteAddress | RedisAddress:
    """Return where a URL says that the budget is.

    Raises:
        TypeError: The URL is no string.
        ValueError: The URL names no store.
    """
    if not isinstance(url, str):
        raise TypeError(f"url: expected {_SCHEMES}, got {type(url).__name__}")
    scheme, _, rest = url.partition(":")
    if url == "memory:":
        return MemoryAddress()
    if url == "sqlite:":
        return SqliteAddress(None)
    if scheme == "sqlite" and rest.startswith("///") and len(rest) > len("///"):
        # Three slashes and an absolute path, or a path such as ///C:/budget.sqlite3.
        path = unquote(rest[len("//") :])
        return SqliteAddress(Path(path[1:] if path[2:3] == ":" else path))
    if scheme in REDIS_SCHEMES:
        return RedisAddress(SecretText(url))
    if scheme == "sqlite":
        raise ValueError(f"url: expected sqlite:///path/to/file, with three slashes and a whole path, got {url!r:.80}")
    raise ValueError(f"url: expected {_SCHEMES}, got {_without_password(url)!r:.80}")


def network_system_of(path: Path, mounts: str | None = None) -> str | None:
    """Return the network file system that a path lies on; ``None`` for a local one, and where the host does not say.

    Args:
        path: An absolute path. It need not exist.
        mounts: The host's table of mounted file systems; by default it is read.
    """
    if mounts is None:
        try:
            mounts = _MOUNTS.read_text(encoding="utf-8", errors="replace")
        except OSError:
            return None
    best, system = -1, ""
    for line in mounts.splitlines():
        fields = line.split(" ")
        if len(fields) < 3:
            continue
        point = Path(fields[1].replace("\\040", " "))
        if path.is_relative_to(point) and len(point.parts) >= best:
            best, system = len(point.parts), fields[2]
    return system if system in _NETWORK_SYSTEMS else None


def _without_password(url: str) -> str:
    """Return a URL of an unknown form. It may be one of a server with a typing error, and with a password."""
    scheme, separator, rest = url.partition("://")
    if not separator:
        return f"{url.partition(':')[0]}:…" if "@" in url else url
    secret, at, place = rest.rpartition("@")
    user, colon, _ = secret.partition(":")
    place, question_mark, _ = place.partition("?")
    return f"{scheme}://{user}{colon and ':…'}{at}{place}{question_mark and '?…'}"
