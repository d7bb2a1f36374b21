"""Makes checked JSON bodies from keyword arguments, objects and dicts.

An attrs class describes a body, and each part of it: the fields, their types, and the limits in ``Annotated``. A caller
gives a part as an object of its class, or as a dict of the same shape. The whole body is checked before it is sent. An
error names the path of the fault (``forwarding_rules[1].entry_port``), the given value and the allowed values.

The API's own vocabularies (regions, sizes, protocols) are plain ``str``, so that new words need no new SDK.
"""

from __future__ import annotations

import functools
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Final, Literal, NamedTuple, TypeAlias, TypeVar, get_args, get_origin

import attrs

from gradient_async.arguments import checked_bool, checked_json, checked_text
from gradient_async.suggestions import did_you_mean

C = TypeVar("C", bound=type)

NEEDED_IN_REQUESTS: Final = "needed in requests"
"""Marks a field with a default that a request has to have, in the field's metadata: an answer may lack it."""

_NONE: Final = type(None)
_RULE: Final = "__body_rule__"
_MAX_SHOWN: Final = 80


class Between(NamedTuple):
    """A range of numbers, inclusive; ``None`` is no limit.

    Attributes:
        minimum: Smallest allowed number.
        maximum: Largest allowed number.
    """

    minimum: float | None = None
    maximum: float | None = None


class Length(NamedTuple):
    """The length of a list or a text.

    Attributes:
        minimum: Smallest allowed length.
        maximum: Largest allowed length; ``None`` for no limit.
    """

    minimum: int = 0
    maximum: int | None = None


class Example(NamedTuple):
    """An example of a text, for error messages.

    Attributes:
        text: The example, such as ``"gpu-h100x1-80gb"``.
    """

    text: str


Checker: TypeAlias = Callable[[str, object], object]
"""Returns the checked value for the body, given its path and the value; raises ``TypeError`` or ``ValueError``."""

Rule: TypeAlias = Callable[[Mapping[str, object]], str | None]
"""Returns the fault of a combination of fields, given the fields of a body; ``None`` without a fault."""


def with_rule(rule: Rule) -> Callable[[C], C]:
    """Return a class decorator that adds a rule about several fields of a body class.

    Args:
        rule: The rule.
    """

    def decorate(kind: C) -> C:
        setattr(kind, _RULE, staticmethod(rule))
        return kind

    return decorate


def body_of(kind: type, given: Mapping[str, object], path: str = "") -> dict[str, object]:
    """Return a checked JSON body, without the fields that were not given.

    Args:
        kind: The attrs class that describes the body.
        given: Fields by name; ``None`` counts as not given.
        path: Path of the body in a larger one; ``""`` for a whole body.

    Raises:
        TypeError: A field is missing, unknown or has the wrong type.
        ValueError: A value is out of range, or fields exclude each other.
    """
    fields = _fields(kind)
    values = {name: value for name, value in given.items() if value is not None}
    for name in values:
        if name not in fields:
            raise _stray(path, name, fields)
    missing = [name for name, field in fields.items() if field.is_required and name not in values]
    if missing:
        places = ", ".join(_join(path, name) for name in missing)
        raise TypeError(f"{places}: missing; required are {', '.join(n for n, f in fields.items() if f.is_required)}")
    body = {name: field.check(_join(path, name), values[name]) for name, field in fields.items() if name in values}
    rule: Rule | None = getattr(kind, _RULE, None)
    problem = rule(body) if rule is not None else None
    if problem is not None:
        raise ValueError(f"{path}: {problem}" if path else problem)
    return body


def checked_field(kind: type, name: str, value: object) -> object:
    """Return one field of a body as JSON, checked.

    Raises:
        TypeError: It has the wrong type.
        ValueError: It is out of range.
    """
    return _fields(kind)[name].check(name, value)


def _stray(path: str, name: object, fields: Mapping[str, object]) -> TypeError:
    if not isinstance(name, str):
        return TypeError(f"{path}: expected names of fields, got {_shown(name)}")
    shown = name[:_MAX_SHOWN]
    hint = did_you_mean(shown, fields)
    return TypeError(f"{_join(path, shown)}: unknown field.{hint} Allowed are {', '.join(fields)}")


class _Field(NamedTuple):
    is_required: bool
    check: Checker


@functools.cache
def _fields(kind: type) -> Mapping[str, _Field]:
    hints = typing.get_type_hints(kind, include_extras=True)
    return {
        field.name: _Field(
            field.default is attrs.NOTHING or NEEDED_IN_REQUESTS in field.metadata, _checker(hints[field.name])
        )
        for field in attrs.fields(kind)
    }


def _checker(hint: object) -> Checker:
    """Return the checker of a type.

    Raises:
        TypeError: A body class uses a type without a checker.
    """
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return _annotated(arguments[0], arguments[1:])
    if origin in (typing.Union, types.UnionType):
        return _any_of(tuple(one for one in arguments if one is not _NONE))
    if origin is Literal:
        return _one_of(arguments)
    if origin in (Sequence, tuple, list):
        return _each(_checker(arguments[0]))
    if origin in (Mapping, dict):
        return _mapping(_checker(arguments[1]))
    if isinstance(hint, type) and attrs.has(hint):
        return _part(hint)
    if isinstance(hint, type) and hint in _PLAIN:
        return _PLAIN[hint]
    raise TypeError(f"{hint!r}: there is no checker for this type of a body's field")


def _annotated(hint: object, notes: Sequence[object]) -> Checker:
    inner = _checker(hint)
    for note in notes:
        if isinstance(note, Between):
            inner = _between(inner, note)
        elif isinstance(note, Length):
            inner = _of_length(inner, note)
        elif isinstance(note, Example):
            inner = functools.partial(_text, example=note.text)
        elif callable(note):
            inner = _encodable(note)
    return inner


def _encodable(inner: Checker) -> Checker:
    def check(path: str, value: object) -> object:
        found = inner(path, value)
        checked_json(path, found)
        return found

    return check


def _between(inner: Checker, limits: Between) -> Checker:
    def check(path: str, value: object) -> object:
        number = inner(path, value)
        assert isinstance(number, int | float)  # noqa: S101 - only numbers have a range
        too_small = limits.minimum is not None and number < limits.minimum
        if too_small or (limits.maximum is not None and number > limits.maximum):
            raise ValueError(f"{path}: expected a number {_range(limits.minimum, limits.maximum)}, got {number!r:.80}")
        return number

    return check


def _of_length(inner: Checker, limits: Length) -> Checker:
    def check(path: str, value: object) -> object:
        found = inner(path, value)
        assert isinstance(found, str | list)  # noqa: S101 - only texts and lists have a length
        if len(found) < limits.minimum or (limits.maximum is not None and len(found) > limits.maximum):
            unit = "characters" if isinstance(found, str) else "items"
            raise ValueError(f"{path}: expected {_range(limits.minimum, limits.maximum)} {unit}, got {len(found)}")
        return found

    return check


def _range(minimum: float | None, maximum: float | None) -> str:
    if minimum is None:
        return f"up to {maximum}"
    return f"at least {minimum}" if maximum is None else f"from {minimum} to {maximum}"


def _any_of(hints: Sequence[object]) -> Checker:
    """Return a checker that accepts what any type accepts. Of several classes, the fields of a dict decide."""
    if len(hints) == 1:
        return _checker(hints[0])
    checkers = [_checker(hint) for hint in hints]
    classes = [hint for hint in hints if isinstance(hint, type) and attrs.has(hint)]

    def check(path: str, value: object) -> object:
        if classes and isinstance(value, Mapping):
            best = max(classes, key=lambda one: len(_fields(one).keys() & value.keys()))
            return body_of(best, value, path)
        errors: list[Exception] = []
        for checker in checkers:
            try:
                return checker(path, value)
            except (TypeError, ValueError) as error:
                errors.append(error)
        # The value has one of the types and is out of its range, or it has none of the types.
        ranges = [error for error in errors if isinstance(error, ValueError)]
        raise ranges[0] if ranges else TypeError("; or ".join(dict.fromkeys(map(str, errors))))

    return check


def _one_of(allowed: Sequence[object]) -> Checker:
    def check(path: str, value: object) -> object:
        if not any(type(value) is type(one) and value == one for one in allowed):
            raise ValueError(f"{path}: expected one of {', '.join(map(repr, allowed))}, got {value!r:.80}")
        return value

    return check


def _each(checker: Checker) -> Checker:
    def check(path: str, value: object) -> object:
        if isinstance(value, str | bytes | Mapping) or not isinstance(value, Sequence):
            raise TypeError(f"{path}: expected a list, got {_shown(value)}")
        return [checker(f"{path}[{index}]", item) for index, item in enumerate(value)]

    return check


def _mapping(checker: Checker) -> Checker:
    def check(path: str, value: object) -> object:
        if not isinstance(value, Mapping):
            raise TypeError(f"{path}: expected a mapping of names to values, got {_shown(value)}")
        checked_json(path, dict.fromkeys(value))
        return {name: checker(f"{path}.{name:.80}", item) for name, item in value.items()}

    return check


def _part(kind: type) -> Checker:
    def check(path: str, value: object) -> object:
        if isinstance(value, kind):
            return body_of(kind, _given(value, kind), path)
        if isinstance(value, Mapping):
            return body_of(kind, value, path)
        article = "an" if kind.__name__[0] in "AEIOU" else "a"
        raise TypeError(f"{path}: expected {article} {kind.__name__} or a dict of its fields, got {_shown(value)}")

    return check


def _given(part: object, kind: type) -> dict[str, object]:
    """Return the fields of a part, without empty lists that are a field's default."""
    given = {name: getattr(part, name) for name in _fields(kind)}
    return {name: value for name, value in given.items() if value != ()}


def _text(path: str, value: object, example: str = "text") -> str:
    return checked_text(path, value, example)


def _int(path: str, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{path}: expected an int, got {_shown(value)}")
    return value


def _number(path: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{path}: expected a number, got {_shown(value)}")
    if value != value or value in (float("inf"), float("-inf")):
        raise ValueError(f"{path}: expected a finite number, got {value!r}")
    return value


_PLAIN: Final[Mapping[type, Checker]] = {str: _text, int: _int, float: _number, bool: checked_bool}


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _shown(value: object) -> str:
    return f"{type(value).__name__} {value!r:.80}"
