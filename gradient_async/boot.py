"""The id of this machine's present boot: monotonic times of different boots cannot be compared."""

from __future__ import annotations

import ctypes
import sys
from pathlib import Path
from typing import Final

_LINUX: Final = Path("/proc/sys/kernel/random/boot_id")


def boot_id() -> str | None:
    """Return the id of the present boot; ``None`` if it is not known."""
    try:
        return _LINUX.read_text(encoding="ascii").strip()
    except OSError:
        return boot_session()


def boot_session() -> str | None:
    """Return macOS's id of the present boot; ``None`` on another system, or if it cannot be read."""
    if sys.platform != "darwin":
        return None
    size = ctypes.c_size_t(64)
    text = ctypes.create_string_buffer(size.value)
    try:
        system = ctypes.CDLL(None)
        has_failed = system.sysctlbyname(b"kern.bootsessionuuid", text, ctypes.byref(size), None, ctypes.c_size_t(0))
    except (OSError, AttributeError):
        return None
    return None if has_failed else text.value.decode("ascii", "replace") or None
