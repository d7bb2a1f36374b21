"""Turns models into flat rows, for tables and data frames."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final, TypeAlias

import attrs

from gradient_async.models.plain import plain

if TYPE_CHECKING:
    from gradient_async.models.model import ListModel, Model

Cell: TypeAlias = str | int | float | bool | datetime | None
"""What a row has in a column."""

# What names a nested value, the best first.
_NAMES: Final = ("slug", "name", "id", "ip", "urn", "uuid")
# Facts about the list, and not its items.
_FACTS: Final = {"meta", "links"}


def row_of(model: Model) -> dict[str, Cell]:
    """Return a model's fields as cells of a table."""
    names = [field.name for field in attrs.fields(type(model))]  # type: ignore[arg-type]  # every model is an attrs class
    return {name: cell_of(getattr(model, name)) for name in names}


def cell_of(value: object) -> Cell:
    """Return a value as one cell: a nested value's name, and lists as texts."""
    if value is None or isinstance(value, str | int | float | datetime):
        return value
    if isinstance(value, Mapping):
        return json.dumps(plain(value), ensure_ascii=False)
    if isinstance(value, Sequence):
        return ", ".join(str(cell_of(item)) for item in value)
    named = [getattr(value, name) for name in _NAMES if getattr(value, name, None) is not None]
    if named and isinstance(named[0], str | int):
        return named[0]
    return json.dumps(plain(value), ensure_ascii=False) if attrs.has(type(value)) else str(value)


def items_of(page: ListModel) -> tuple[str, Sequence[Model]]:
    """Return the name of a page's list, and its items."""
    fields = attrs.fields(type(page))  # type: ignore[arg-type]  # every model is an attrs class
    name = next(field.name for field in fields if field.name not in _FACTS)
    items = getattr(page, name)
    return name, tuple(items.values()) if isinstance(items, Mapping) else items


def rows_of(page: ListModel) -> list[dict[str, Cell]]:
    """Return a row for each item of a page."""
    name, items = items_of(page)
    return [item.to_row() if hasattr(item, "to_row") else {name: cell_of(item)} for item in items]
