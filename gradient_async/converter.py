"""Between the API's JSON and this SDK's values: request to body, bytes to model.

Reading is tolerant where the API may change and strict where a value would lie: unknown fields are passed over,
optional fields may be missing or ``null``, open vocabularies are plain strings; but a string where a number belongs
is a fault, never converted in silence.
"""

from __future__ import annotations

import contextlib
import json
import operator
from datetime import UTC, datetime
from functools import cache, lru_cache, partial
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Final, TypeAlias, TypeVar, Union, cast, get_args, get_origin

import attrs

from gradient_async.models.image import Image
from gradient_async.models.region import Region
from gradient_async.models.responses import NOT_FROM_THE_API
from gradient_async.models.size import Size

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import cattrs

    from gradient_async.models.action_requests import ActionRequest

T = TypeVar("T")
_Hook: TypeAlias = "Callable[[object, object], object]"

_loads: Callable[[bytes], object] = json.loads
with contextlib.suppress(ImportError):  # without the extra "speed"
    import orjson

    _loads = orjson.loads


class DecodingError(Exception):
    """A body could not be read as what it should be.

    Attributes:
        reason: What is wrong.
        fault_path: Where, such as ``$.action.id``.
    """

    def __init__(self, reason: str, fault_path: str = "$") -> None:
        super().__init__(reason, fault_path)
        self.reason = reason
        self.fault_path = fault_path


def encode(body: object) -> bytes:
    """A JSON body, as short as it can be."""
    if isinstance(body, dict) and body.keys() == {"type"} and isinstance(body["type"], str):
        return _encoded_type(body["type"])
    return _encoder.encode(body).encode()


@lru_cache
def _encoded_type(name: str) -> bytes:
    """The body of an action without parameters, as most are."""
    return _encoder.encode({"type": name}).encode()


def _whole_number(value: object) -> int:
    """Integers of other libraries, such as NumPy's."""
    if not hasattr(value, "__index__"):
        raise TypeError(f"expected a JSON value, got {type(value).__name__} {value!r:.80}")
    return operator.index(value)


_encoder: Final = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, default=_whole_number)


def action_body(request: ActionRequest) -> dict[str, object]:
    """The JSON body of an action request; parameters that were not given are left out."""
    body: dict[str, object] = {"type": request.type}
    if attrs.fields(type(request)):  # most have none
        body.update(attrs.asdict(request, filter=lambda _, value: value is not None))
    return body


def decode_json(body: bytes) -> object:
    """Parsed JSON.

    Raises:
        DecodingError: The body is no JSON.
    """
    try:
        return _loads(body)
    except (ValueError, RecursionError):
        pass  # what the faster parser does not take, the standard library's may; it also has the say in what is wrong
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        reason = "the body is empty" if not body.strip() else f"the body is no JSON: {error}"
        raise DecodingError(reason) from None


def decode(body: bytes, model: type[T]) -> T:
    """A model from the bytes of an answer.

    Raises:
        DecodingError: The body is no JSON, or JSON of another shape.
    """
    return structure(decode_json(body), model)


def structure(value: object, model: type[T]) -> T:
    """A model from parsed JSON.

    Raises:
        DecodingError: The value has another shape.
    """
    try:
        hook = _fast_hook(model)  # type: ignore[arg-type]  # classes are hashable
        return cast("T", hook(value, model))
    except Exception:  # noqa: BLE001 - whatever went wrong, the slower converter says it with its place
        return _structure_or_explain(value, model)


def prepare() -> None:
    """Load cattrs and make the converter that reads answers, which the first answer would wait for otherwise."""
    _converter(explains=False)


@cache
def _fast_hook(model: type) -> _Hook:
    return cast("_Hook", _converter(explains=False).get_structure_hook(model))


def _structure_or_explain(value: object, model: type[T]) -> T:
    try:
        return _converter(explains=True).structure(value, model)
    except Exception as error:  # noqa: BLE001 - no cattrs exception may leak
        reason, path = _first_fault(error)
        raise DecodingError(reason, path) from None


def _first_fault(error: BaseException, path: str = "$") -> tuple[str, str]:
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


@lru_cache(maxsize=2)
def _converter(*, explains: bool) -> cattrs.Converter:
    """One of the two converters.

    The fast one may raise whatever it likes at whatever is not as usual: the other one then reads the value again, has
    the say in what is right, and keeps the path to a fault.

    cattrs is imported where it is used, here and below: a program that only imports this package does not wait for it.
    """
    import cattrs

    converter = cattrs.Converter(detailed_validation=explains)
    for kind, hook in _KINDS.items():
        converter.register_structure_hook(kind, hook)
    converter.register_structure_hook_factory(attrs.has, partial(_object if explains else _fast_object, converter))
    converter.register_structure_hook_factory(_is_tuple, partial(_array if explains else _fast_array, converter))
    converter.register_structure_hook_factory(_is_optional, partial(_present, converter))
    return converter


def _is_tuple(kind: object) -> bool:
    return get_origin(kind) is tuple


def _is_optional(kind: object) -> bool:
    return get_origin(kind) in {Union, UnionType} and NoneType in get_args(kind) and len(get_args(kind)) == 2


def _present_kind(optional: object) -> type:
    (kind,) = (one for one in get_args(optional) if one is not NoneType)
    return cast("type", kind)


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
    """An RFC 3339 time, or the Unix number that the API's Go client is prepared for too."""
    try:
        if isinstance(value, str):
            moment = datetime.fromisoformat(value)
            return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError):
        pass
    raise TypeError(f"expected an RFC 3339 time, got {_shown(value)}")


# What every page of a list is full of.
_SHARED: Final = frozenset({Region, Image, Size})
_MOST_SHARED: Final = 1024
_EXACT: Final = frozenset({str, int, bool})
_KINDS: Final[Mapping[object, _Hook]] = {
    str: _exactly(str),
    int: _exactly(int),
    bool: _exactly(bool),
    float: _number,
    datetime: _instant,
}


def _fill(converter: cattrs.Converter, cls: type) -> _Hook:
    """What makes an object of a class from a mapping without ``null``."""
    from cattrs.gen import make_dict_structure_fn, override

    own = {field.name: override(omit=True) for field in attrs.fields(cls) if field.metadata.get(NOT_FROM_THE_API)}
    return cast("_Hook", make_dict_structure_fn(cls, converter, **own))  # type: ignore[arg-type]  # their keywords


def _object(converter: cattrs.Converter, cls: type) -> _Hook:
    fill = _fill(converter, cls)

    def hook(value: object, _: object) -> object:
        # Actions carried a bare slug for their region until January 2015 (digitalocean/api-v2#91).
        if cls is Region and isinstance(value, str):
            return Region(slug=value)
        if not isinstance(value, dict):
            raise TypeError(f"expected an object, got {_shown(value)}")
        return fill({key: item for key, item in value.items() if item is not None}, cls)

    return hook


def _fast_object(converter: cattrs.Converter, cls: type) -> _Hook:
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
        kind = names[f"kind_{name}"] = _present_kind(kind) if _is_optional(kind) else kind
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
    read = cast("_Hook", names["read"])
    return _sharing(read) if cls in _SHARED else read


def _sharing(read: _Hook) -> _Hook:
    """Equal values are one object: every Droplet and action of a page has the same few regions, images and sizes.

    The latest value of each slug is kept. To Python, 1, 1.0 and True are equal; here they are not.
    """
    latest: dict[object, tuple[dict[str, object], list[type], dict[str, object], object]] = {}

    def hook(value: object, kind: object) -> object:
        if type(value) is not dict:
            raise TypeError(value)
        slug = value.get("slug")
        if slug in latest:
            known, kinds, nested, model = latest[slug]
            if known == value and kinds == [*map(type, value.values())]:
                if not nested:
                    return model
                if nested == _nested_kinds(value):
                    return model
        model = read(value, kind)
        if len(latest) >= _MOST_SHARED:
            latest.clear()
        latest[slug] = value, [*map(type, value.values())], _nested_kinds(value), model
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


def _present(converter: cattrs.Converter, kind: object) -> _Hook:
    present = _present_kind(kind)
    hook = converter.get_structure_hook(present)
    return lambda value, _: hook(value, present)


def _fast_array(converter: cattrs.Converter, kind: object) -> _Hook:
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


def _array(converter: cattrs.Converter, kind: object) -> _Hook:
    import cattrs

    item_type = get_args(kind)[0]
    item_hook = converter.get_structure_hook(item_type)

    def hook(value: object, _: object) -> object:
        if not isinstance(value, list):
            raise TypeError(f"expected an array, got {_shown(value)}")
        items = []
        for index, item in enumerate(value):
            try:
                items.append(item_hook(item, item_type))
            except Exception as error:  # noqa: BLE001 - its place is noted, and it goes on
                note = cattrs.IterableValidationNote(f"at index {index}", index, item_type)
                error.__notes__ = [*getattr(error, "__notes__", ()), note]
                raise cattrs.IterableValidationError("array", [error], tuple) from None
        return tuple(items)

    return hook


def _shown(value: object) -> str:
    kind = {dict: "an object", list: "an array", type(None): "null"}.get(type(value))
    return kind or f"{json.dumps(value):.60}"
