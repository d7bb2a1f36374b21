"""Structuring hooks that read all that an answer may contain, and report the place and the reason of a fault.

cattrs is imported where it is used: a program that only imports this package does not wait for it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Final, TypeAlias, TypeVar, Union, cast, get_args, get_origin

import attrs

from gradient_async.models.own_fields import IF_ABSENT, NOT_FROM_THE_API
from gradient_async.models.region import Region

if TYPE_CHECKING:
    from collections.abc import Callable

    import cattrs

T = TypeVar("T")

Hook: TypeAlias = "Callable[[object, object], object]"
"""Makes a value of a type from parsed JSON; as for cattrs, the type is passed too."""


def register(converter: cattrs.Converter) -> None:
    """Register the hooks for all types that models have."""
    for kind, hook in _KINDS.items():
        converter.register_structure_hook(kind, hook)
    converter.register_structure_hook_factory(attrs.has, partial(_object, converter))
    converter.register_structure_hook_factory(is_array, partial(_array, converter))
    converter.register_structure_hook_factory(_is_mapping, partial(_mapping, converter))
    converter.register_structure_hook_factory(is_optional, partial(_present, converter))
    converter.register_structure_hook_factory(_is_choice, partial(_choice, converter))


def first_fault(error: BaseException) -> tuple[str, str]:
    """Return the reason and the path, such as ``$.action.id``, of the first fault that a hook raised."""
    return _first_fault(error, "$")


def is_array(kind: object) -> bool:
    """Return whether a type is a tuple, or any sequence. Both are read as a tuple."""
    return get_origin(kind) in {tuple, Sequence}


def is_optional(kind: object) -> bool:
    """Return whether a type is another type or ``None``."""
    return get_origin(kind) in {Union, UnionType} and NoneType in get_args(kind) and len(get_args(kind)) == 2


def present_kind(optional: object) -> type:
    """Return the type that an optional one is when it is not ``None``."""
    (kind,) = (one for one in get_args(optional) if one is not NoneType)
    return cast("type", kind)


def _is_mapping(kind: object) -> bool:
    return get_origin(kind) is Mapping


def _is_choice(kind: object) -> bool:
    """Return whether a type is a union of several others."""
    is_union = get_origin(kind) in {Union, UnionType}
    return is_union and len(_kinds_of(kind)) > 1


def _kinds_of(choice: object) -> tuple[type, ...]:
    return tuple(one for one in get_args(choice) if one is not NoneType)


def _first_fault(error: BaseException, path: str) -> tuple[str, str]:
    import cattrs

    if isinstance(error, cattrs.BaseValidationError):
        inner = error.exceptions[0]
        return _first_fault(inner, path + _step(inner))
    if isinstance(error, KeyError):
        return f"required field {error.args[0]!r} is missing", path
    return str(error), path


def _step(error: BaseException) -> str:
    import cattrs

    for note in getattr(error, "__notes__", ()):
        if isinstance(note, cattrs.AttributeValidationNote):
            return f".{note.name}"
        if isinstance(note, cattrs.IterableValidationNote):
            return f"[{note.index}]"
    return ""


def _exactly(kind: type[T]) -> Callable[[object, object], T]:
    def hook(value: object, _: object) -> T:
        if type(value) is not kind:
            raise TypeError(f"expected {kind.__name__}, got {_shown(value)}")
        return value

    return hook


def _number(value: object, _: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"expected a number, got {_shown(value)}")
    return float(value)


def _instant(value: object, _: object) -> datetime:
    """Return the time of an RFC 3339 text or a Unix number. The API's Go client accepts both too."""
    try:
        if isinstance(value, str):
            parsed = datetime.fromisoformat(value)
            return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError):
        pass
    raise TypeError(f"expected an RFC 3339 time, got {_shown(value)}")


_KINDS: Final[Mapping[object, Hook]] = {
    str: _exactly(str),
    int: _exactly(int),
    bool: _exactly(bool),
    float: _number,
    datetime: _instant,
}


def _fill(converter: cattrs.Converter, cls: type) -> Hook:
    """Return a hook that makes an object of a class from a mapping without ``null``."""
    from cattrs.gen import make_dict_structure_fn, override

    own = {field.name: override(omit=True) for field in attrs.fields(cls) if field.metadata.get(NOT_FROM_THE_API)}
    return cast("Hook", make_dict_structure_fn(cls, converter, **own))  # type: ignore[arg-type]  # their keywords


def _object(converter: cattrs.Converter, cls: type) -> Hook:
    fill = _fill(converter, cls)
    attrs.resolve_types(cls)
    absent = {field.name: field.metadata[IF_ABSENT] for field in attrs.fields(cls) if IF_ABSENT in field.metadata}
    # A server in Go writes an empty list or map as null. A field with a default is empty without it.
    empty: dict[str, object] = {
        field.name: [] if is_array(field.type) else {}
        for field in attrs.fields(cls)
        if field.default is attrs.NOTHING and (is_array(field.type) or _is_mapping(field.type))
    }

    def hook(value: object, _: object) -> object:
        # Until January 2015, actions had only a slug as their region (digitalocean/api-v2#91).
        if cls is Region and isinstance(value, str):
            return Region(slug=value)
        if not isinstance(value, dict):
            raise TypeError(f"expected an object, got {_shown(value)}")
        given = {key: empty.get(key) if item is None else item for key, item in value.items()}
        return fill(absent | {key: item for key, item in given.items() if item is not None}, cls)

    return hook


def _present(converter: cattrs.Converter, kind: object) -> Hook:
    present = present_kind(kind)
    hook = converter.get_structure_hook(present)
    return lambda value, _: hook(value, present)


def _array(converter: cattrs.Converter, kind: object) -> Hook:
    """Return a hook that reads an array as a tuple. An item that is ``null`` is left out."""
    import cattrs

    item_type = get_args(kind)[0]
    item_hook = converter.get_structure_hook(item_type)

    def hook(value: object, _: object) -> object:
        if not isinstance(value, list):
            raise TypeError(f"expected an array, got {_shown(value)}")
        items = []
        for index, item in enumerate(value):
            try:
                if item is not None:
                    items.append(item_hook(item, item_type))
            except Exception as error:  # noqa: BLE001 - raised again with the index
                note = cattrs.IterableValidationNote(f"at index {index}", index, item_type)
                error.__notes__ = [*getattr(error, "__notes__", ()), note]
                raise cattrs.IterableValidationError("array", [error], tuple) from None
        return tuple(items)

    return hook


def _mapping(converter: cattrs.Converter, kind: object) -> Hook:
    """Return a hook that reads an object with names that only the server knows. A name with ``null`` is left out."""
    import cattrs

    item_type = get_args(kind)[1]
    item_hook = converter.get_structure_hook(item_type)

    def hook(value: object, _: object) -> object:
        if not isinstance(value, dict):
            raise TypeError(f"expected an object, got {_shown(value)}")
        items: dict[str, object] = {}
        for name, item in value.items():
            try:
                items |= {} if item is None else {name: item_hook(item, item_type)}
            except Exception as error:  # noqa: BLE001 - raised again with the name
                note = cattrs.AttributeValidationNote(f"at name {name}", name, item_type)
                error.__notes__ = [*getattr(error, "__notes__", ()), note]
                raise cattrs.IterableValidationError("object", [error], dict) from None
        return items

    return hook


def _choice(converter: cattrs.Converter, kind: object) -> Hook:
    """Return a hook that reads one of several types.

    Of several classes, the fields of an object decide. A server may send the fields of all of them, and a zero in those
    that do not count.
    """
    kinds = _kinds_of(kind)
    hooks = {one: converter.get_structure_hook(one) for one in kinds}
    fields = {one: attrs.fields_dict(one).keys() for one in kinds if attrs.has(one)}

    def hook(value: object, _: object) -> object:
        if isinstance(value, dict) and fields:
            given = {name for name, item in value.items() if item}
            chosen = max(fields, key=lambda one: (len(fields[one] & given), len(fields[one] & value.keys())))
            return hooks[chosen](value, chosen)
        chosen = next((one for one in kinds if type(value) is one), kinds[0])
        return hooks[chosen](value, chosen)

    return hook


def _shown(value: object) -> str:
    kind = {dict: "an object", list: "an array", type(None): "null"}.get(type(value))
    return kind or f"{json.dumps(value):.60}"
