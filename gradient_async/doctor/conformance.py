"""The differences between an answer and the models. Pure.

A deviation names classes, fields and words of the API, and never a value of the account. A value is shown only as its
JSON type, except for words of the API's own vocabularies.
"""

from __future__ import annotations

import re
import types
from collections import Counter
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, Union, get_args, get_origin, get_type_hints

import attrs
from attrs import frozen

from gradient_async.doctor.words import KNOWN_WORDS
from gradient_async.models.own_fields import NOT_FROM_THE_API

if TYPE_CHECKING:
    from gradient_async.doctor.facts import Probe

Kind: TypeAlias = Literal[
    "unknown field", "missing field", "wrong type", "unknown word", "status", "missing header", "unknown header"
]

_KNOWN_HEADERS: Final = frozenset(
    {"date", "content-type", "content-length", "content-encoding", "transfer-encoding", "connection", "keep-alive"}
    | {"server", "vary", "cache-control", "etag", "set-cookie", "strict-transport-security", "x-content-type-options"}
    | {"ratelimit-limit", "ratelimit-remaining", "ratelimit-reset", "retry-after", "x-request-id", "x-gateway"}
    | {"x-response-from", "cf-ray", "cf-cache-status", "x-frame-options", "x-xss-protection", "referrer-policy"}
    | {"access-control-allow-origin", "access-control-expose-headers", "alt-svc", "via", "age", "expires", "pragma"}
)
_EXPECTED_HEADERS: Final = ("date", "content-type", "x-request-id", "ratelimit-limit", "ratelimit-remaining")
# What the API calls its fields, and its words and headers. Anything else could be a name that a user has given.
_FIELD: Final = re.compile(r"[a-z][a-z0-9_]{0,60}")
_WORD: Final = re.compile(r"[a-z][a-z0-9_-]{0,60}|[A-Z][A-Za-z_]{0,30}")
# Part of an id: five digits, or eight hexadecimal ones.
_ID: Final = re.compile(r"[0-9]{5}|(?=[a-f]*[0-9])[0-9a-f]{8}")
# Fields whose text users give.
_GIVEN: Final = frozenset({"name", "names", "tag", "tags", "description", "purpose", "email", "filesystem_label"})
_HIDDEN: Final = "(not shown)"
_JSON_TYPES: Final[Mapping[type, str]] = {
    dict: "object",
    list: "array",
    str: "string",
    bool: "boolean",
    int: "integer",
    float: "number",
    type(None): "null",
}


@frozen(kw_only=True)
class Deviation:
    """One way in which answers differ from the models.

    Attributes:
        operation: What was read.
        kind: In which way.
        where: The field, such as ``Droplet.status``, or what else it is about.
        detail: The unknown word, or the types.
        count: How often.
    """

    operation: str
    kind: Kind
    where: str
    detail: str = ""
    count: int = 1


def deviations(probe: Probe) -> tuple[Deviation, ...]:
    """Return all deviations of one answer, each once."""
    if probe.status is None:
        return ()
    found: list[tuple[Kind, str, str]] = []
    if probe.status != 200 and probe.status not in {401, 403, 429} and not probe.is_absence:
        found.append(("status", str(probe.status), "expected 200"))
    found += [("missing header", name, "") for name in _EXPECTED_HEADERS if name not in probe.headers]
    given = frozenset(_given_texts(probe.body))
    found += [
        ("unknown header", _shown(name, _WORD, given), "") for name in probe.headers if name not in _KNOWN_HEADERS
    ]
    if probe.is_success and probe.endpoint.answer is not None:
        answer = probe.endpoint.answer
        found += _Comparison(given).differences(probe.body, answer, answer.__name__)
    return tuple(
        Deviation(operation=probe.operation, kind=kind, where=where, detail=detail, count=count)
        for (kind, where, detail), count in Counter(found).items()
    )


_Difference: TypeAlias = tuple[Kind, str, str]


class _Comparison:
    """The comparison of one answer.

    Args:
        given: Texts in the answer that users gave.
    """

    def __init__(self, given: AbstractSet[str]) -> None:
        self._given = given

    def differences(
        self,
        value: object,
        expected: Any,  # noqa: ANN401 - a type, which has no type of its own
        where: str,
        words: AbstractSet[str] | None = None,
    ) -> Iterator[_Difference]:
        """Compare a JSON value with a type of a model's field."""
        options = _options(expected)
        if not options or (value is None and type(None) in options):
            return
        fitting = next((one for one in options if _fits(value, one)), None)
        if fitting is None:
            wanted = " or ".join(dict.fromkeys(_name(one) for one in options if one is not type(None)))
            yield "wrong type", where, f"expected {wanted}, got {_JSON_TYPES.get(type(value), 'another type')}"
        elif attrs.has(fitting):
            yield from self._of_object(value, fitting)  # type: ignore[arg-type]  # it fits
        elif isinstance(value, list):
            (item, *_) = get_args(fitting) or (object,)
            for one in value:
                yield from self.differences(one, item, f"{where}[]", words)
        elif isinstance(value, dict):
            (*_, item) = get_args(fitting) or (object,)
            for one in value.values():
                yield from self.differences(one, item, f"{where}{{}}")
        elif isinstance(value, str) and words is not None and value not in words:
            yield "unknown word", where, _shown(value, _WORD, self._given)

    def _of_object(self, value: Mapping[str, object], model: type) -> Iterator[_Difference]:
        hints = _hints(model)
        for name in value.keys() - hints.keys():
            where = f"{model.__name__}.{_shown(name, _FIELD, self._given)}"
            yield "unknown field", where, _JSON_TYPES.get(type(value[name]), "another type")
        for name, hint in hints.items():
            where = f"{model.__name__}.{name}"
            if name in value:
                yield from self.differences(value[name], hint, where, KNOWN_WORDS.get((model, name)))
            elif attrs.fields_dict(model)[name].default is attrs.NOTHING:
                yield "missing field", where, ""


@cache
def _hints(model: type) -> Mapping[str, Any]:
    """Return the fields of a model that the API fills, with their types."""
    hints = get_type_hints(model)
    return {one.name: hints[one.name] for one in attrs.fields(model) if not one.metadata.get(NOT_FROM_THE_API)}


def _options(expected: Any) -> tuple[Any, ...]:  # noqa: ANN401 - see above
    """Return the types of a union; empty for a type that allows anything."""
    origin = get_origin(expected)
    if origin in {Union, types.UnionType}:
        return tuple(one for part in get_args(expected) for one in _options(part))
    if origin is Literal:
        return (str,)
    return () if expected in {object, Any} else (expected,)


def _fits(value: object, expected: Any) -> bool:  # noqa: ANN401 - see above
    plain = get_origin(expected) or expected
    if _is_object(plain):
        return isinstance(value, dict)
    if plain is datetime:
        return isinstance(value, str) and _is_time(value)
    if plain is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    if plain is int:
        return isinstance(value, int) and not isinstance(value, bool)
    if plain in {str, bool, type(None)}:
        return isinstance(value, plain)
    return isinstance(value, list)


def _is_object(plain: Any) -> bool:  # noqa: ANN401 - see above
    return attrs.has(plain) or (isinstance(plain, type) and issubclass(plain, Mapping))


def _is_time(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _name(expected: Any) -> str:  # noqa: ANN401 - see above
    plain = get_origin(expected) or expected
    if _is_object(plain):
        return "object"
    return "time" if plain is datetime else _JSON_TYPES.get(plain, "array")


def _given_texts(value: object, field: str = "") -> Iterator[str]:
    """Return the texts in a JSON value that users gave, in small letters."""
    if isinstance(value, dict):
        for name, item in value.items():
            yield from _given_texts(item, name)
    elif isinstance(value, list):
        for item in value:
            yield from _given_texts(item, field)
    elif isinstance(value, str) and field in _GIVEN:
        yield value.casefold()


def _shown(text: str, pattern: re.Pattern[str], given: AbstractSet[str]) -> str:
    """Return a word of the API, and a placeholder for anything else."""
    is_of_the_api = pattern.fullmatch(text) and not _ID.search(text) and text.casefold() not in given
    return text if is_of_the_api else _HIDDEN
