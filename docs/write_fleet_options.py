"""Write the table of options in ``docs/fleet.md`` from the metadata of ``gradient_async.fleet.options.RunOptions``.

Run ``python docs/write_fleet_options.py`` after a change of an option. A test fails if the page differs.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

import attrs

from gradient_async.fleet.option_texts import DEFAULTS
from gradient_async.fleet.options import OPTIONS, RunOptions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gradient_async.fleet.options import Option

PAGE: Final = Path(__file__).with_name("fleet.md")
_MARKED: Final = re.compile(r"(?<=<!-- options -->\n).*(?=<!-- end options -->)", re.DOTALL)
_RESUMED: Final = {"kept": "the same", "recorded": "the same, or another", "each run": "what it is given"}


def text() -> str:
    """Return the table as Markdown."""
    return "\n".join([*_lines(), ""])


def page_with(table: str) -> str:
    """Return the page with the table between its marks."""
    page, replaced = _MARKED.subn(lambda _: table, PAGE.read_text(encoding="utf-8"))
    if replaced != 1:
        raise ValueError(f"{PAGE.name}: expected the marks <!-- options --> and <!-- end options --> once")
    return page


def _lines() -> Iterator[str]:
    yield "| option | on the command line | default | what it does | resumed |"
    yield "|---|---|---|---|---|"
    defaults = {one.name: one.default for one in attrs.fields(RunOptions)}
    for name, option in OPTIONS.items():
        default = DEFAULTS.get(name) or _code(repr(defaults[name]))
        yield f"| {_code(name)} | {_flag(name, option)} | {default} | {option.text} | {_RESUMED[option.scope]} |"


def _flag(name: str, option: Option) -> str:
    flag = name if option.flag is None else option.flag
    if not flag:
        return ""
    word = flag.replace("_", "-")
    is_on = any(one.name == name and one.default is True for one in attrs.fields(RunOptions))
    return _code(f"--no-{word}" if is_on else f"--{word}")


def _code(text: str) -> str:
    return f"`{text}`"


if __name__ == "__main__":
    PAGE.write_text(page_with(text()), encoding="utf-8")
