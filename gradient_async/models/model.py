"""The base of all models: conversion to dicts, JSON and rows, and from dicts."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Self

    from gradient_async.models.rows import Cell


class Model:
    """A value of the API. It cannot be changed; ``copy``, ``pickle`` and ``attrs.evolve`` work.

    Pydantic takes it as a type of a field, and FastAPI as the type of an answer.
    """

    __slots__ = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the model with the API's own keys, and with values that JSON has.

        Times are texts such as ``"2026-11-23T12:00:00Z"``. Fields that are not from the API are left out, such as
        ``is_adopted``.
        """
        from gradient_async.models.plain import dict_of

        return dict_of(self)

    def to_json(self, *, indent: int | None = None) -> str:
        """Return ``to_dict()`` as JSON.

        Args:
            indent: Spaces for each level; ``None`` for one line.
        """
        import json

        return json.dumps(self.to_dict(), ensure_ascii=False, indent=indent)

    @classmethod
    def from_dict(cls, data: Mapping[str, object]) -> Self:
        """Return the model of a dict, as the API sends it or as ``to_dict`` makes it. Unknown keys are ignored.

        Args:
            data: The dict.

        Raises:
            ValueError: A field is missing or has another type; the message has its path.
        """
        from gradient_async import converter

        try:
            return converter.structure(dict(data), cls)
        except converter.DecodingError as error:
            raise ValueError(f"{cls.__name__}: {error.reason}, at {error.fault_path}") from None

    def to_row(self) -> dict[str, Cell]:
        """Return the model as one flat row: a nested value is its slug, name or id."""
        from gradient_async.models.rows import row_of

        return row_of(self)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: object, handler: object) -> object:
        """Return how pydantic checks and writes the model: as ``from_dict`` and ``to_dict`` do."""
        from gradient_async.models.pydantic_schema import core_schema_of

        return core_schema_of(cls)

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: object, handler: object) -> dict[str, Any]:
        """Return the model's JSON schema, for pydantic and OpenAPI."""
        from gradient_async.models.pydantic_schema import json_schema_of

        return json_schema_of(cls)


class ListModel(Model):
    """One page of a list."""

    __slots__ = ()

    def to_rows(self) -> list[dict[str, Cell]]:
        """Return a flat row for each item of the page, such as for ``pandas.DataFrame``."""
        from gradient_async.models.rows import rows_of

        return rows_of(self)

    def __repr__(self) -> str:
        """Return the page in one line, with the number of its items."""
        from gradient_async.models.rows import items_of

        name, items = items_of(self)
        total = getattr(getattr(self, "meta", None), "total", None)
        return f"{type(self).__name__}({len(items)} {name}{'' if total is None else f' of {total}'})"

    def _repr_html_(self) -> str:
        from gradient_async.models.html_table import table_of_rows

        return table_of_rows(repr(self), self.to_rows())
