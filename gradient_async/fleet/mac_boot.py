"""The id of macOS's present boot."""

from __future__ import annotations

import ctypes
import sys


def boot_session() -> str | None:
    """Id of the present boot; ``None`` where the system is another one, or does not tell."""
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
