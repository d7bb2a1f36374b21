"""The machine, the versions and the day of the figures."""

from __future__ import annotations

import os
import platform
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

import server

_PROCESSORS: Final = Path("/proc/cpuinfo")
_PACKAGES: Final = (
    *("gradient-async", "aiohttp", "anyio", "attrs", "cattrs", "orjson"),
    *("gradient", "httpx", "httpx-aiohttp", "pydantic", "pydo", "azure-core", "requests", "urllib3"),
)


def description() -> dict[str, str]:
    """Return all of it, by subject."""
    return {
        "date": f"{datetime.now(UTC):%d %B %Y}".lstrip("0"),
        "machine": f"{_processor()}, {os.cpu_count()} cores, {platform.system()}",
        "Python": f"{platform.python_implementation()} {platform.python_version()}",
        "server": server.software(),
        "packages": ", ".join(f"{name} {found}" for name in _PACKAGES if (found := _version_of(name))),
    }


def _processor() -> str:
    if _PROCESSORS.exists():
        for line in _PROCESSORS.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _version_of(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
