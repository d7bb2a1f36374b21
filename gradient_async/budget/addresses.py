"""The place of a shared rate budget's state, by its URL. Pure, but for reading the table of mounted file systems."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final
from urllib.parse import unquote

from attrs import frozen

from gradient_async.budget.redis_connection import REDIS_SCHEMES
from gradient_async.secrecy import SecretText

_SCHEMES: Final = "'memory:', 'sqlite:', 'sqlite:///path/to/file' or 'redis://host:port/0'"
_ESCAPED: Final = re.compile(r"\\([0-7]{3})")  # in that table, such as a space
_MOUNTS: Final = Path("/proc/self/mounts")
# Also those of clusters, where each host has its own copy of the memory that SQLite's processes share.
_NETWORK_SYSTEMS: Final = frozenset(
    {"9p", "afs", "beegfs", "ceph", "cifs", "coda", "gfs2", "glusterfs", "gpfs", "lustre", "ncpfs", "nfs", "nfs4"}
    | {"ocfs2", "orangefs", "panfs", "pvfs2", "smb3", "smbfs", "wekafs"}
    | {"fuse.blobfuse2", "fuse.ceph", "fuse.ceph-fuse", "fuse.gcsfuse", "fuse.glusterfs", "fuse.goofys", "fuse.juicefs"}
    | {"fuse.mfs", "fuse.mountpoint-s3", "fuse.rclone", "fuse.s3fs", "fuse.sshfs"}
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
    if scheme in REDIS_SCHEMES:
        return RedisAddress(SecretText(url))
    if scheme == "sqlite":
        path = _path_in(rest)
        if path is not None:
            return SqliteAddress(path)
        raise ValueError(
            "url: expected sqlite:///path/to/file, with three slashes and a whole path, without ~ and without "
            f"options, got {_without_password(url)!r:.80}"
        )
    raise ValueError(f"url: expected {_SCHEMES}, got {_without_password(url)!r:.80}")


def network_system_of(path: Path, mounts: str | None = None) -> str | None:
    """Return the network file system that a path lies on; ``None`` for a local one, and where the host does not say.

    Args:
        path: An absolute path, also through symbolic links. It need not exist.
        mounts: The host's table of mounted file systems; by default it is read.
    """
    path = Path(os.path.realpath(path))
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
        point = Path(_ESCAPED.sub(lambda escaped: chr(int(escaped[1], 8)), fields[1]))
        if path.is_relative_to(point) and len(point.parts) >= best:
            best, system = len(point.parts), fields[2]
    return system if system in _NETWORK_SYSTEMS else None


def _path_in(rest: str) -> Path | None:
    """Return the file in what follows ``sqlite:``; ``None`` if it names none.

    It is three or four slashes and an absolute path, or a path such as ``///C:/budget.sqlite3``.
    """
    path = "/" + unquote(rest).lstrip("/")
    is_file = rest.startswith("///") and not path.endswith("/") and "\0" not in path
    if not is_file or path.startswith("/~") or "?" in rest or "#" in rest:
        return None
    return Path(path[1:] if path[2:3] == ":" else path)


def _without_password(url: str) -> str:
    """Return a URL of an unknown form. It may be one of a server with a typing error, and with a password."""
    scheme, separator, rest = url.partition("://")
    if not separator:
        scheme, separator, rest = url.partition(":")
    if "@" in scheme:
        return "…"
    place = re.split(r"[?#]", rest)[0]
    options = rest[len(place) :]
    secret, at, host = place.rpartition("@")
    if "@" in options or (at and separator == ":"):
        return f"{scheme}{separator}…"  # all the rest can be a part of a password that is not percent-encoded
    user, colon, _ = secret.partition(":")
    return f"{scheme}{separator}{user}{colon and ':…'}{at}{host}{options and options[0] + '…'}"
