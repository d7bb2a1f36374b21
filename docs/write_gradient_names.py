"""Write the lists of names in ``docs/from-gradient.md`` from ``docs/gradient-names.toml``.

Run ``python docs/write_gradient_names.py`` after a change of the table. A test fails if the page differs.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Final

from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

TABLE: Final = Path(__file__).with_name("gradient-names.toml")
PAGE: Final = Path(__file__).with_name("from-gradient.md")
_MARKED: Final = re.compile(r"(?<=<!-- names -->\n).*(?=<!-- end names -->)", re.DOTALL)
_WRITTEN: Final = {
    "client": "`client.{}`",
    "client.gpu_droplets": "`client.gpu_droplets.{}`",
    "raw": "`raw.{}`",
    "error": "`error.{}`",
    "answer": "`answer.{}`",
    "argument": "`Gradient({}=…)`",
    "module": "`gradient.{}`",
}


@frozen(kw_only=True)
class Methods:
    """The retired SDK's methods in one resource below ``client.gpu_droplets``."""

    under: str
    names: list[str]

    def paths(self) -> list[str]:
        """Names with their resource, such as ``firewalls.rules.add``."""
        return [f"{self.under}.{name}".lstrip(".") for name in self.names]


@frozen(kw_only=True)
class Names:
    """Other names that are missing here."""

    of: str
    missing: list[str]
    instead: str


def methods() -> list[Methods]:
    """Return every method of the retired SDK's ``client.gpu_droplets``."""
    return [Methods(**row) for row in _table()["methods"]]


def names() -> list[Names]:
    """Return every other name that is listed as missing."""
    return [Names(**row) for row in _table()["names"]]


def text() -> str:
    """Return the lists as Markdown."""
    return "\n".join([*_lines_of_methods(), "", *_lines_of_names(), ""])


def page_with(lists: str) -> str:
    """Return the page with the lists between its marks."""
    page, replaced = _MARKED.subn(lambda _: lists, PAGE.read_text(encoding="utf-8"))
    if replaced != 1:
        raise ValueError(f"{PAGE.name}: expected the marks <!-- names --> and <!-- end names --> once")
    return page


def _table() -> dict[str, list[dict[str, object]]]:
    return tomllib.loads(TABLE.read_text(encoding="utf-8"))


def _lines_of_methods() -> Iterator[str]:
    rows = methods()
    yield f"All {sum(len(row.names) for row in rows)} methods under `client.gpu_droplets` are here, in both flavours."
    yield ""
    yield "| under `client.gpu_droplets` | methods |"
    yield "|---|---|"
    for row in rows:
        place = f"`{row.under}`" if row.under else "itself"
        yield f"| {place} | {_code(row.names)} |"


def _lines_of_names() -> Iterator[str]:
    yield "Other names that scripts use:"
    yield ""
    yield "| not here | what to use |"
    yield "|---|---|"
    for row in names():
        if row.missing:
            missing = ", ".join(_WRITTEN[row.of].format(name) for name in row.missing)
            yield f"| {missing} | {row.instead} |"


def _code(words: Iterable[str]) -> str:
    return ", ".join(f"`{word}`" for word in words)


if __name__ == "__main__":
    PAGE.write_text(page_with(text()), encoding="utf-8")
