"""Converts requests to JSON bodies, and the bytes of answers to models.

Reading is tolerant where the API may change: unknown fields are ignored, optional fields may be missing or ``null``,
and open vocabularies are plain strings. Reading is strict about types: a string in place of a number is an error.
"""

from __future__ import annotations

import contextlib
import json
import operator
from datetime import UTC, datetime
from functools import cache, lru_cache, partial
from typing import TYPE_CHECKING, Final, TypeVar, cast, get_args, get_origin

import attrs

from gradient_async.fast_hooks import fast_array, fast_object, is_optional, present_kind
from gradient_async.models.region import Region
from gradient_async.models.responses import NOT_FROM_THE_API

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import cattrs

    from gradient_async.fast_hooks import Hook
    from gradient_async.models.action_requests import ActionRequest

T = TypeVar("T")

_loads: Callable[[bytes], object] = json.loads
with contextlib.suppress(ImportError):  # without the extra "speed"
    import orjson

    _loads = orjson.loads


class DecodingError(Exception):
    """A body does not have the expected shape.

    Attributes:
        reason: Description of the fault.
        fault_path: The faulty field, such as ``$.action.id``.
    """

    def __init__(self, reason: str, fault_path: str = "$") -> None:
        super().__init__(reason, fault_path)
        self.reason = reason
        self.fault_path = fault_path


def encode(body: object) -> bytes:
    """Return a body as compact JSON."""
    if isinstance(body, dict) and body.keys() == {"type"} and isinstance(body["type"], str):
        return _encoded_type(body["type"])
    return _encoder.encode(body).encode()


@lru_cache
def _encoded_type(name: str) -> bytes:
    """Return the body of an action without parameters. Most actions have none."""
    return _encoder.encode({"type": name}).encode()


def _whole_number(value: object) -> int:
    """Return an integer of another library, such as NumPy, as an int."""
    if not hasattr(value, "__index__"):
        raise TypeError(f"expected a JSON value, got {type(value).__name__} {value!r:.80}")
    return operator.index(value)


_encoder: Final = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, default=_whole_number)


def action_body(request: ActionRequest) -> dict[str, object]:
    """Return the JSON body of an action request, without the parameters that were not given."""
    body: dict[str, object] = {"type": request.type}
    if attrs.fields(type(request)):  # most requests have none
        body.update(attrs.asdict(request, filter=lambda _, value: value is not None))
    return body


def decode_json(body: bytes) -> object:
    """Return parsed JSON.

    Raises:
        DecodingError: The body is no JSON.
    """
    try:
        return _loads(body)
    except (ValueError, RecursionError):
        pass  # the standard library may accept what the faster parser refuses; its error message is used
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        reason = "the body is empty" if not body.strip() else f"the body is no JSON: {error}"
        raise DecodingError(reason) from None


def decode(body: bytes, model: type[T]) -> T:
    """Return a model from the bytes of an answer.

    Raises:
        DecodingError: The body is no JSON, or has another shape.
    """
    return structure(decode_json(body), model)


def structure(value: object, model: type[T]) -> T:
    """Return a model from parsed JSON.

    Raises:
        DecodingError: The value has another shape.
    """
    try:
        hook = _fast_hook(model)  # type: ignore[arg-type]  # classes are hashable
        return cast("T", hook(value, model))
    except Exception:  # noqa: BLE001 - the slower converter reports any fault with its place
        return _structure_or_explain(value, model)


def prepare() -> None:
    """Load cattrs and create the converter, so that the first answer does not wait for it."""
    _converter(explains=False)


@cache
def _fast_hook(model: type) -> Hook:
    return cast("Hook", _converter(explains=False).get_structure_hook(model))


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
    """Return one of the two converters.

    The fast one may raise any error for an unusual value. Then the other one reads the value again. It decides whether
    the value is valid, and records the path to a fault.

    cattrs is imported in the functions that use it, so that the package's import stays fast.
    """
    import cattrs

    converter = cattrs.Converter(detailed_validation=explains)
    for kind, hook in _KINDS.items():
        converter.register_structure_hook(kind, hook)
    converter.register_structure_hook_factory(attrs.has, partial(_object if explains else fast_object, converter))
    converter.register_structure_hook_factory(_is_tuple, partial(_array if explains else fast_array, converter))
    converter.register_structure_hook_factory(is_optional, partial(_present, converter))
    return converter


def _is_tuple(kind: object) -> bool:
    return get_origin(kind) is tuple


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
    """Return the hook that creates an object of a class from a mapping without ``null``."""
    from cattrs.gen import make_dict_structure_fn, override

    own = {field.name: override(omit=True) for field in attrs.fields(cls) if field.metadata.get(NOT_FROM_THE_API)}
    return cast("Hook", make_dict_structure_fn(cls, converter, **own))  # type: ignore[arg-type]  # their keywords


def _object(converter: cattrs.Converter, cls: type) -> Hook:
    fill = _fill(converter, cls)

    def hook(value: object, _: object) -> object:
        # Until January 2015, actions had only a slug as their region (digitalocean/api-v2#91).
        if cls is Region and isinstance(value, str):
            return Region(slug=value)
        if not isinstance(value, dict):
            raise TypeError(f"expected an object, got {_shown(value)}")
        return fill({key: item for key, item in value.items() if item is not None}, cls)

    return hook


def _present(converter: cattrs.Converter, kind: object) -> Hook:
    present = present_kind(kind)
    hook = converter.get_structure_hook(present)
    return lambda value, _: hook(value, present)


def _array(converter: cattrs.Converter, kind: object) -> Hook:
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
            except Exception as error:  # noqa: BLE001 - raised again with the index
                note = cattrs.IterableValidationNote(f"at index {index}", index, item_type)
                error.__notes__ = [*getattr(error, "__notes__", ()), note]
                raise cattrs.IterableValidationError("array", [error], tuple) from None
        return tuple(items)

    return hook


def _shown(value: object) -> str:
    kind = {dict: "an object", list: "an array", type(None): "null"}.get(type(value))
    return kind or f"{json.dumps(value):.60}"
