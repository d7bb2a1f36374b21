"""A pytest plugin that leaves the sync flavour out: it runs the same code, and would take as long again."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect the tests of the sync flavour that have an async twin."""
    left_out = [item for item in items if getattr(item, "callspec", None) and _flavour_of(item) == "sync"]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in set(left_out)]


def _flavour_of(item: pytest.Item) -> object:
    return item.callspec.params.get("flavour")  # type: ignore[attr-defined]  # it has one, see above
