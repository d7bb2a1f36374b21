"""The public surface is the pinned one, so that a break is a decision."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.once
griffe = pytest.importorskip("griffe")  # in the dependency group of the oldest Python

from public_surface import ACCEPT, PACKAGES, pinned_file, surface_of  # noqa: E402 - after the skip


@pytest.mark.parametrize("package", PACKAGES)
def test_public_surface_is_the_pinned_one(package: str) -> None:
    pinned = pinned_file(package).read_text(encoding="utf-8").splitlines()
    assert surface_of(package).splitlines() == pinned, f"if the change is meant: {ACCEPT}"


def package_of(folder: Path, source: str) -> str:
    """Return the surface of a package that loads its names lazily, with this module in it."""
    made = folder / "gradient_async"
    made.mkdir()
    (made / "inside.py").write_text(textwrap.dedent(source), encoding="utf-8")
    head = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from gradient_async.inside import Thing\n"
    (made / "__init__.py").write_text(f'{head}__all__ = ["Thing"]\n', encoding="utf-8")
    return surface_of("gradient_async", folder)


def test_names_parameters_and_bases_are_shown(tmp_path: Path) -> None:
    shown = package_of(
        tmp_path,
        '''
        class Base:
            def inherited(self) -> int: ...
        class Thing(Base):
            """A thing.

            Args:
                one: First of all.

            Attributes:
                late: What is set elsewhere.
            """
            number: int
            def __init__(self, one: str, /, two: int = 2, *rest: int, only: bool = True, **more: object) -> None: ...
            @property
            def size(self) -> int: ...
            async def go(self) -> None: ...
            def _hidden(self) -> None: ...
        ''',
    )
    assert shown.splitlines()[1:] == [
        "",
        "class Thing(Base)",
        "    def __init__ -> None",
        "        one: str  (positional only)",
        "        two: int = 2",
        "        *rest: int",
        "        only: bool = True  (keyword only)",
        "        **more: object",
        "    async def go -> None",
        "    def inherited -> int",
        "    number: int",
        "    property size: int",
        "    documented late",
    ]


def test_overloads_are_shown_when_there_are_some(tmp_path: Path) -> None:
    shown = package_of(
        tmp_path,
        """
        from typing import overload
        class Thing:
            @overload
            def get(self, key: int) -> int: ...
            @overload
            def get(self, key: str) -> str: ...
            def get(self, key: object) -> object: ...
        """,
    )
    assert [line for line in shown.splitlines() if "def" in line] == [
        "    overload def get -> int",
        "    overload def get -> str",
    ]
