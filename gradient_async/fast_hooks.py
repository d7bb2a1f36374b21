"""Structuring hooks that exist only for speed: they read the usual answers, and raise an error for others.

The careful hooks then read the value again, and decide. Only ``converter.CONVERTER`` uses this module.
"""

from __future__ import annotations

import marshal
from datetime import datetime
from functools import partial
from types import NoneType
from typing import TYPE_CHECKING, Final, cast, get_args

import attrs

from gradient_async.careful_hooks import is_array, is_optional, present_kind
from gradient_async.models.image import Image
from gradient_async.models.own_fields import IF_ABSENT, NOT_FROM_THE_API
from gradient_async.models.region import Region
from gradient_async.models.size import Size

if TYPE_CHECKING:
    from collections.abc import Collection

    import cattrs

    from gradient_async.careful_hooks import Hook

SHARED: Final = frozenset({Region, Image, Size})
"""Of these, the objects of a page have the same few values."""
_MAX_SHARED: Final = 1024
# Later versions write references, with which equal values can have different bytes.
_MARSHAL_VERSION: Final = 2
_EXACT: Final = frozenset({str, int, bool})


def register(converter: cattrs.Converter, *, shared: Collection[type] = SHARED) -> None:
    """Register the fast hooks for objects and arrays, on top of the careful ones.

    Args:
        converter: The converter, which has the careful hooks.
        shared: Classes of which equal values become one object.
    """
    converter.register_structure_hook_factory(attrs.has, partial(_object, converter, shared))
    converter.register_structure_hook_factory(is_array, partial(_array, converter))


def _object(converter: cattrs.Converter, shared: Collection[type], cls: type) -> Hook:
    """Return a hook that reads an object field by field, in code made for its class, as cattrs makes its own.

    Plain values are checked in place, where cattrs would call a hook for each. ``null`` counts as missing, without a
    copy of the mapping. The fields are set by their slots: the ``__init__`` of a frozen class takes twice as long.
    """
    attrs.resolve_types(cls)
    names: dict[str, object] = {"cls": cls, "new": object.__new__, "as_instant": datetime.fromisoformat}
    lines = ["def read(value, _):", " get = value.get", " made = new(cls)"]
    for field in attrs.fields(cls):
        name, kind = field.name, field.type
        if field.validator or field.converter or not field.init:
            raise TypeError(f"{cls.__name__}.{name}: a model's fields take what they are given")
        names[f"set_{name}"] = getattr(cls, name).__set__
        is_required = field.default is attrs.NOTHING and IF_ABSENT not in field.metadata
        if NOT_FROM_THE_API in field.metadata:
            lines.append(" item = None")
        else:
            lines.append(f" item = value[{name!r}]" if is_required else f" item = get({name!r})")
        kind = names[f"kind_{name}"] = present_kind(kind) if is_optional(kind) else kind
        is_there = "" if is_required else "item is not None"
        if kind in _EXACT:
            is_wrong = " and ".join(filter(None, [is_there, f"type(item) is not kind_{name}"]))
            lines.append(f" if {is_wrong}: raise TypeError({name!r})")
        elif kind is datetime:
            lines.append(f" {is_there and f'if {is_there}: '}item = as_instant(item)")
            lines.append(f" if {is_there or 'item'} and item.tzinfo is None: raise TypeError({name!r})")
        else:
            names[f"hook_{name}"] = converter.get_structure_hook(kind)
            lines.append(f" {is_there and f'if {is_there}: '}item = hook_{name}(item, kind_{name})")
        default = field.metadata.get(IF_ABSENT, field.default)
        if not is_required and default is not None:
            names[f"default_{name}"] = getattr(default, "factory", default)
            call = "()" if hasattr(default, "factory") else ""
            lines.append(f" if item is None: item = default_{name}{call}")
        lines.append(f" set_{name}(made, item)")
    lines.append(" return made")
    exec("\n".join(lines), names)  # noqa: S102 - of names and types that this package's classes have, and nothing else
    read = cast("Hook", names["read"])
    return _sharing(read) if cls in shared else read


def _sharing(read: Hook) -> Hook:
    """Return a hook that makes one object of equal values: the Droplets of a page have the same few images and sizes.

    It keeps the latest value of each slug. To Python, 1, 1.0 and True are equal; here they are not.
    """
    latest: dict[object, tuple[dict[str, object], dict[str, type], tuple[str, ...], bytes, object]] = {}

    def hook(value: object, kind: object) -> object:
        if type(value) is not dict:
            raise TypeError(value)
        slug = value.get("slug")
        if slug in latest:
            known, numbers, nested, written, model = latest[slug]
            if known == value and not (nested and written != _written(value, nested)):
                for key, number in numbers.items():
                    if type(value[key]) is not number:
                        break
                else:
                    return model
        model = read(value, kind)
        if len(latest) >= _MAX_SHARED:
            latest.clear()
        numbers = {key: type(item) for key, item in value.items() if isinstance(item, int | float)}
        nested = tuple(key for key, item in value.items() if _is_nested(item))
        latest[slug] = value, numbers, nested, _written(value, nested), model
        return model

    return hook


def _is_nested(item: object) -> bool:
    """Return whether a value has values in it that may be numbers. Only a text equals a text."""
    return type(item) is dict or (type(item) is list and not set(map(type, item)) <= {str})


def _written(value: dict[str, object], keys: tuple[str, ...]) -> bytes:
    """Return the values of some keys as bytes, which tell 1, 1.0 and True apart."""
    return marshal.dumps([value[key] for key in keys], _MARSHAL_VERSION)


def _array(converter: cattrs.Converter, kind: object) -> Hook:
    """Return a hook that reads an array as a tuple of items of one type. An item that is ``null`` is left out."""
    item_type = get_args(kind)[0]
    item_hook = converter.get_structure_hook(item_type)

    def texts(value: object, _: object) -> object:
        if type(value) is not list:
            raise TypeError(value)
        kinds = set(map(type, value))
        if kinds <= {str}:
            return tuple(value)
        if not kinds <= {str, NoneType}:
            raise TypeError(value)
        return tuple([item for item in value if item is not None])

    def items(value: object, _: object) -> object:
        if type(value) is not list:
            raise TypeError(value)
        return tuple([item_hook(item, item_type) for item in value if item is not None])

    return texts if item_type is str else items
