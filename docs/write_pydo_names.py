"""Write the table of methods in ``docs/from-pydo.md`` from ``docs/pydo-names.toml`` and this SDK's endpoints.

Run ``python docs/write_pydo_names.py`` after a change of either. A test fails if the page differs.

Run it with ``--compare`` where pydo is installed: it prints how the list of pydo's methods differs from that pydo.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

import gradient_async.endpoints as declarations
from gradient_async.http.endpoint import Endpoint

if TYPE_CHECKING:
    from collections.abc import Iterator

TABLE: Final = Path(__file__).with_name("pydo-names.toml")
PAGE: Final = Path(__file__).with_name("from-pydo.md")
_MARKED: Final = re.compile(r"(?<=<!-- names -->\n).*(?=<!-- end names -->)", re.DOTALL)
_DEFAULT: Final = "/v2/projects/default"


@frozen(kw_only=True)
class Method:
    """A method of pydo.

    Attributes:
        name: Its group and name, such as ``"droplets.get"``.
        verb: The request's method, such as ``"GET"``.
        path: The request's path, such as ``"/v2/droplets/{droplet_id}"``.
    """

    name: str
    verb: str
    path: str

    @property
    def here(self) -> str | None:
        """The method of this SDK that sends the same request, such as ``"gpu_droplets.retrieve"``, if there is one."""
        path = self.path.replace(_DEFAULT, "/v2/projects/{project_id}")
        return _methods_here().get((self.verb, _shape(path)))

    @property
    def instead(self) -> str:
        """What to write here."""
        if self.here is None:
            body = "" if self.verb == "GET" else ", body={…}"
            return f'`client.{self.verb.lower()}("{self.path}"{body})`'
        given = '("default", …)' if self.path.startswith(_DEFAULT) else ""
        return f"`{self.here}{given}`"


def methods() -> list[Method]:
    """Return the methods of pydo that the table has."""
    groups: dict[str, dict[str, str]] = tomllib.loads(TABLE.read_text(encoding="utf-8"))
    return [
        Method(name=f"{group}.{name}", verb=request.split()[0], path=request.split()[1])
        for group, requests in groups.items()
        for name, request in requests.items()
    ]


def text() -> str:
    """Return the table as Markdown."""
    rows = methods()
    here = sum(row.here is not None for row in rows)
    lines = [
        f"{here} of these {len(rows)} methods have one here that sends the same request. The others show the path.",
        "",
        "| `pydo` | here |",
        "|---|---|",
        *(f"| `{row.name}` | {row.instead} |" for row in rows),
    ]
    return "\n".join([*lines, ""])


def page_with(lists: str) -> str:
    """Return the page with the table between its marks."""
    page, replaced = _MARKED.subn(lambda _: lists, PAGE.read_text(encoding="utf-8"))
    if replaced != 1:
        raise ValueError(f"{PAGE.name}: expected the marks <!-- names --> and <!-- end names --> once")
    return page


def differences() -> Iterator[str]:
    """Yield each method that only the table or only the installed pydo has, in the table's groups."""
    client = importlib.import_module("pydo").Client(token="none")  # noqa: S106 - no secret: nothing is sent
    groups = {row.name.partition(".")[0] for row in methods()}
    installed = {
        f"{group}.{name}"
        for group in groups
        for name, _ in inspect.getmembers(type(getattr(client, group, None)), inspect.isfunction)
        if not name.startswith("_")
    }
    listed = {row.name for row in methods()}
    yield from (f"not in the table: {name}" for name in sorted(installed - listed))
    yield from (f"not in pydo: {name}" for name in sorted(listed - installed))


def _methods_here() -> dict[tuple[str, str], str]:
    modules = [f"{declarations.__name__}.{one.name}" for one in pkgutil.iter_modules(declarations.__path__)]
    values = [value for name in modules for value in vars(importlib.import_module(name)).values()]
    found: list[Endpoint[Any]] = [value for value in values if isinstance(value, Endpoint)]
    return {(one.method, _shape(one.path_template.text)): one.name for one in found}


def _shape(path: str) -> str:
    """Return a path without the names of its parameters."""
    return re.sub(r"\{\w+\}", "{}", path)


if __name__ == "__main__":
    if "--compare" in sys.argv[1:]:
        sys.exit("\n".join(differences()) or None)
    PAGE.write_text(page_with(text()), encoding="utf-8")
