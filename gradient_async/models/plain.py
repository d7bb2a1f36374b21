"""Turns models into dicts of what JSON has."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import attrs

from gradient_async.models.own_fields import NOT_FROM_THE_API

if TYPE_CHECKING:
    from typing import Any

    from gradient_async.models.model import Model


def dict_of(model: Model) -> dict[str, Any]:
    """Return a model's fields, with values that JSON has."""
    kind = getattr(type(model), "type", None)  # the requests of actions have it on the class
    found = {"type": kind} if isinstance(kind, str) else {}
    for field in attrs.fields(type(model)):  # type: ignore[arg-type]  # every model is an attrs class
        if NOT_FROM_THE_API not in field.metadata:
            found[field.name] = plain(getattr(model, field.name))
    return found


def plain(value: object) -> Any:  # noqa: ANN401 - what JSON has is of any type
    """Return a value as JSON has it."""
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, datetime):
        return text_of(value)
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    if attrs.has(type(value)):
        return dict_of(value)  # type: ignore[arg-type]  # every attrs class in a model is one
    return str(value)


def text_of(timestamp: datetime) -> str:
    """Return a time as the API writes it."""
    if timestamp.tzinfo is None or timestamp.utcoffset():
        return timestamp.isoformat()
    return f"{timestamp.astimezone(UTC).replace(tzinfo=None).isoformat()}Z"
