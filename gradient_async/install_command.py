"""The command that installs an extra of this package from the package's own source."""

from __future__ import annotations

import json
from importlib import metadata
from typing import TYPE_CHECKING, Final, cast
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

_PACKAGE: Final = "gradient-async"


def install_command(extra: str) -> str:
    """Return the ``pip`` command for an extra of the installed package."""
    try:
        origin = metadata.distribution(_PACKAGE).read_text("direct_url.json")
    except metadata.PackageNotFoundError:
        origin = None
    return command_for(extra, origin)


def command_for(extra: str, origin: str | None) -> str:
    """Return the same from the installer's record. Pure.

    Args:
        extra: The extra's name.
        origin: The text of ``direct_url.json``; ``None`` if the package came from an index.
    """
    wanted = f"{_PACKAGE}[{extra}]"
    try:
        facts = json.loads(origin or "{}")
        url = facts.get("url")
    except (ValueError, AttributeError):
        url = None
    if not isinstance(url, str) or not url:
        return f"pip install '{wanted}'"
    if _part(facts, "dir_info").get("editable"):
        return f"pip install -e '{unquote(urlsplit(url).path)}[{extra}]'"
    version_control = _part(facts, "vcs_info")
    if version_control:
        revision = version_control.get("requested_revision")
        url = f"{version_control.get('vcs')}+{url}{f'@{revision}' if revision else ''}"
    folder = facts.get("subdirectory")
    return f"pip install '{wanted} @ {url}{f'#subdirectory={folder}' if folder else ''}'"


def _part(facts: Mapping[str, object], name: str) -> Mapping[str, object]:
    part = facts.get(name)
    return cast("Mapping[str, object]", part) if isinstance(part, dict) else {}
