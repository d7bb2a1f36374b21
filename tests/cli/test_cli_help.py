"""Help pages: whole names and plain paragraphs at every width."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradient_async.cli import kind_verbs
from gradient_async.cli.application import application
from gradient_async.cli.help_layout import name_width, wrapped_label

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cyclopts import App

    Typed: TypeAlias = Callable[..., tuple[int, str, str]]

pytestmark = pytest.mark.once


def pages(app: App, *path: str) -> Iterator[tuple[str, ...]]:
    """Yield each help page, as the words before ``--help``."""
    yield path
    for name in app:
        if not name.startswith("-"):
            yield from pages(app[name], *path, name)


def names_of(app: App) -> set[str]:
    """Return the options and commands that a page must show."""
    arguments = app.assemble_argument_collection() if app.default_command else ()
    named = [name for argument in arguments if argument.show for name in argument.names]
    # The application switches off the negative forms of list options; a single page does not know this.
    shown = {name for name in named if name.startswith("-") and not name.startswith("--empty-")}
    return shown | {name for name in app if not name.startswith("-")}


# All pages of "act" but two have the options of the plain verbs.
PAGES = [path for path in pages(application()) if len(path) < 2 or path[1] in {"resize", "snapshot"}]
WIDE = [path for path in PAGES if path in {(), ("reboot",), ("resume",), ("resize",), ("emulate",)}]


@pytest.fixture(autouse=True)
def _fresh_console() -> Iterator[None]:
    """An application keeps the width that its first page had, also for the tests of other files that come after."""
    forget_width()
    yield
    forget_width()


def forget_width() -> None:
    application.cache_clear()
    kind_verbs.application_of.cache_clear()


@pytest.mark.parametrize(
    ("path", "width"), [*((path, 40) for path in PAGES), *((path, width) for path in WIDE for width in (60, 80, 120))]
)
def test_help_breaks_no_name_at_any_width(
    typed: Typed, monkeypatch: pytest.MonkeyPatch, path: tuple[str, ...], width: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    code, page, _ = typed(*path, "--help")
    app = application()
    for name in path:
        app = app[name]
    words = set(re.findall(r"[\w-]+", page))
    assert code == 0
    assert names_of(app) - words == set()
    assert "\u2502" in page
    assert max(map(len, page.splitlines())) <= max(width, 79)
    boxed = [line for line in page.splitlines() if line.startswith(("\u2502", "\u256d"))]
    assert {len(line) for line in boxed} == {width}


def test_examples_fit_a_terminal_of_80_columns(typed: Typed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    lines = [line for path in PAGES for line in typed(*path, "--help")[1].partition("\nExample")[2].splitlines()]
    assert len(lines) > 50
    # A line that is broken by the terminal cannot be pasted.
    assert [line for line in lines if len(line) > 80] == []


def test_paragraph_is_broken_for_this_terminal_only(typed: Typed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    _, page, _ = typed("resume", "--help")
    paragraph = page.split("\n\n")[2].splitlines()
    assert all(len(line) > 40 for line in paragraph[:-1]), paragraph


LABELS = st.lists(st.text("-ab", min_size=1, max_size=30), min_size=1, max_size=4).map(" ".join)


@given(st.lists(LABELS, min_size=1), st.integers(60, 200))
def test_label_is_broken_at_spaces_only(labels: list[str], width: int) -> None:
    column = name_width(labels, width)
    for label in labels:
        lines = wrapped_label(label, column)
        assert " ".join(lines).split() == label.split()
        assert max(map(len, lines)) <= column
