"""Structuring hooks for answers that are as usual. They are quick, and give up on all else by whatever they raise.

The careful converter then reads the value again, and has the say in what is right.
"""

from __future__ import annotations

from datetime import datetime
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Final, TypeAlias, Union, cast, get_args, get_origin

import attrs

from gradient_async.models.image import Image
from gradient_async.models.region import Region
from gradient_async.models.responses import NOT_FROM_THE_API
from gradient_async.models.size import Size

if TYPE_CHECKING:
    from collections.abc import Callable

    import cattrs

Hook: TypeAlias = "Callable[[object, object], object]"
"""Makes a value of a type from parsed JSON; as for cattrs, the type is passed too."""

# What every page of a list is full of.
_SHARED: Final = frozenset({Region, Image, Size})
_MOST_SHARED: Final = 1024
_EXACT: Final = frozenset({str, int, bool})


def is_optional(kind: object) -> bool:
    """Whether a type is some other one or ``None``."""
    return get_origin(kind) in {Union, UnionType} and NoneType in get_args(kind) and len(get_args(kind)) == 2


def present_kind(optional: object) -> type:
    """The type that an optional one is when it is not ``None``."""
    (kind,) = (one for one in get_args(optional) if one is not NoneType)
    return cast("type", kind)


def fast_object(converter: cattrs.Converter, cls: type) -> Hook:
    """Reads an object field by field, in code made for its class as cattrs makes its own.

    Plain values are looked at on the spot, where cattrs would call a hook for each; ``null`` is what is missing,
    without a mapping being copied; and the fields are set by their slots, since a frozen class's ``__init__`` takes
    twice as long for it. Together that is half of the time that an action takes.
    """
    attrs.resolve_types(cls)
    names: dict[str, object] = {"cls": cls, "new": object.__new__, "as_instant": datetime.fromisoformat}
    lines = ["def read(value, _):", " get = value.get", " made = new(cls)"]
    for field in attrs.fields(cls):
        name, kind = field.name, field.type
        if field.validator or field.converter or not field.init:
            raise TypeError(f"{cls.__name__}.{name}: a model's fields take what they are given")
        names[f"set_{name}"] = getattr(cls, name).__set__
        is_required = field.default is attrs.NOTHING
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
        if not is_required and field.default is not None:
            names[f"default_{name}"] = getattr(field.default, "factory", field.default)
            call = "()" if hasattr(field.default, "factory") else ""
            lines.append(f" if item is None: item = default_{name}{call}")
        lines.append(f" set_{name}(made, item)")
    lines.append(" return made")
    exec("\n".join(lines), names)  # noqa: S102 - of names and types that this package's classes have, and nothing else
    read = cast("Hook", names["read"])
    return _sharing(read) if cls in _SHARED else read


def _sharing(read: Hook) -> Hook:
    """Equal values are one object: every Droplet and action of a page has the same few regions, images and sizes.

    The latest value of each slug is kept. To Python, 1, 1.0 and True are equal; here they are not.
    """
    latest: dict[object, tuple[dict[str, object], dict[str, type], dict[str, object], object]] = {}

    def hook(value: object, kind: object) -> object:
        if type(value) is not dict:
            raise TypeError(value)
        slug = value.get("slug")
        if slug in latest:
            known, numbers, nested, model = latest[slug]
            if known == value and not (nested and nested != _nested_kinds(value)):
                for key, number in numbers.items():
                    if type(value[key]) is not number:
                        break
                else:
                    return model
        model = read(value, kind)
        if len(latest) >= _MOST_SHARED:
            latest.clear()
        numbers = {key: type(item) for key, item in value.items() if isinstance(item, int | float)}
        latest[slug] = value, numbers, _nested_kinds(value), model
        return model

    return hook


def _nested_kinds(value: dict[str, object]) -> dict[str, object]:
    """The types inside an object's values. What equals a text is one, so that lists of texts need no look."""
    return {
        key: _kinds_in(item)
        for key, item in value.items()
        if type(item) is dict or (type(item) is list and not set(map(type, item)) <= {str})
    }


def _kinds_in(value: object) -> object:
    items = value.values() if type(value) is dict else value if type(value) is list else ()
    return [type(value), *map(_kinds_in, items)]


def fast_array(converter: cattrs.Converter, kind: object) -> Hook:
    """Reads an array, as a tuple of items of one type."""
    item_type = get_args(kind)[0]
    item_hook = converter.get_structure_hook(item_type)

    def texts(value: object, _: object) -> object:
        if type(value) is not list or not set(map(type, value)) <= {str}:
            raise TypeError(value)
        return tuple(value)

    def items(value: object, _: object) -> object:
        if type(value) is not list:
            raise TypeError(value)
        return tuple([item_hook(item, item_type) for item in value])

    return texts if item_type is str else items
