"""The schema of a model for pydantic. Only pydantic imports this module."""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping, Sequence
from datetime import datetime
from importlib import import_module
from typing import TYPE_CHECKING, Final, Literal, TypeVar, Union, get_args, get_origin

import attrs

from gradient_async.models.own_fields import NOT_FROM_THE_API

if TYPE_CHECKING:
    from typing import Any

    from gradient_async.models.model import Model

M = TypeVar("M", bound="Model")

_NONE: Final = type(None)
_PLAIN: Final[Mapping[object, str]] = {str: "string", int: "integer", float: "number", bool: "boolean", _NONE: "null"}


def core_schema_of(cls: type[M]) -> object:
    """Return the schema with which pydantic checks and writes a model."""
    core_schema: Any = import_module("pydantic_core.core_schema")

    def checked(value: object) -> M:
        if isinstance(value, cls):
            return value
        if not isinstance(value, Mapping):
            text = f"expected a {cls.__name__} or a dict of its fields, got {type(value).__name__}"
            raise ValueError(text)  # noqa: TRY004 - pydantic reports a ValueError as a fault of the value
        return cls.from_dict(value)

    written = core_schema.plain_serializer_function_ser_schema(cls.to_dict, when_used="always")
    return core_schema.no_info_plain_validator_function(checked, serialization=written)


def json_schema_of(cls: type) -> dict[str, Any]:
    """Return the JSON schema of a model, with the schemas of its parts inside."""
    hints = typing.get_type_hints(cls)
    fields = [field for field in attrs.fields(cls) if NOT_FROM_THE_API not in field.metadata]
    properties = {field.name: _schema_of(hints[field.name]) for field in fields}
    required = [field.name for field in fields if field.default is attrs.NOTHING]
    summary = (cls.__doc__ or "").strip().partition("\n")[0]
    schema = {"title": cls.__name__, "description": summary, "type": "object", "properties": properties}
    return {**schema, "required": required} if required else schema


def _schema_of(hint: object) -> dict[str, Any]:
    origin, arguments = get_origin(hint), get_args(hint)
    if hint in _PLAIN:
        return {"type": _PLAIN[hint]}
    if hint is datetime:
        return {"type": "string", "format": "date-time"}
    if isinstance(hint, type) and attrs.has(hint):
        return json_schema_of(hint)
    if origin is Literal:
        return {"enum": list(arguments)}
    if origin in (Union, types.UnionType):
        return {"anyOf": [_schema_of(one) for one in arguments]}
    if origin in (tuple, list, Sequence):
        return {"type": "array", "items": _schema_of(arguments[0])}
    if origin in (dict, Mapping):
        return {"type": "object", "additionalProperties": _schema_of(arguments[1])}
    return {}  # anything
