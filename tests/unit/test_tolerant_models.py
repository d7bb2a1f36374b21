"""P7 for every answer: it is read with any field null or left out, but for the few that are needed."""

from __future__ import annotations

import pkgutil
import typing
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from importlib import import_module
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import attrs
import pytest

from gradient_async import endpoints, fast_hooks
from gradient_async.converter import Converter, DecodingError
from gradient_async.http.endpoint import Endpoint
from gradient_async.models.own_fields import NOT_FROM_THE_API

pytestmark = pytest.mark.once

MODULES = [import_module(f"{endpoints.__name__}.{one.name}") for one in pkgutil.iter_modules(endpoints.__path__)]
FOUND = {one.answer for module in MODULES for one in vars(module).values() if isinstance(one, Endpoint) and one.answer}
ANSWERS = sorted(FOUND, key=lambda one: one.__name__)
FAST, CAREFUL = Converter(fast_hooks.register), Converter()
# What identifies a thing, and what distinguishes one Droplet or action from another in a look-up.
NEEDED = {"id", "ip", "urn", "droplet_id", "history_event_id", "Tag.name"}
NEEDED |= {"Action.status", "Action.type", "Droplet.name", "Droplet.status"}
VALUES = {str: "x", int: 7, bool: True, float: 1.5, datetime: "2026-01-01T00:00:00Z"}


def full(kind: Any) -> Any:
    """An answer in which every field has a value."""
    origin, inner = get_origin(kind), get_args(kind)
    if origin in {Annotated, Literal}:
        return full(inner[0]) if origin is Annotated else inner[0]
    if origin in {Union, UnionType}:
        return full(next(one for one in inner if one is not NoneType))
    if origin in {tuple, Sequence}:
        return [full(inner[0])]
    if origin is Mapping:
        return {"x": full(inner[1])}
    if not attrs.has(kind):
        return VALUES[kind]
    hints = typing.get_type_hints(kind)
    fields = [one.name for one in attrs.fields(kind) if NOT_FROM_THE_API not in one.metadata]
    return {name: full(hints[name]) for name in fields}


def damaged(value: Any, place: str = "$") -> Iterator[tuple[str, Any]]:
    """The value with each field null or left out, and with a null in each list, with the places of the damages."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in inner:
        where = f"{place}.{key}" if isinstance(value, dict) else f"{place}[{key}]"
        if isinstance(value, dict):
            yield where, {**value, key: None}
            yield where, {name: one for name, one in value.items() if name != key}
            yield from ((path, {**value, key: one}) for path, one in damaged(item, where))
        else:
            yield where, [None, *value]
            yield from ((path, [one]) for path, one in damaged(item, where))


def read(converter: Converter, body: object, answer: type[Any]) -> Any:
    try:
        return converter.structure(body, answer)
    except DecodingError as error:
        return error.fault_path


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda one: one.__name__)
def test_answer_is_read_when_it_is_damaged(answer: type[Any]) -> None:
    for where, given in damaged(full(answer)):
        found = read(FAST, given, answer)
        assert found == read(CAREFUL, given, answer)
        assert not isinstance(found, str) or (found == where and is_needed(answer, where))


def is_needed(answer: type[Any], where: str) -> bool:
    """Whether a field may not be left out: that of the thing itself in an answer, or what identifies a thing."""
    kind: Any = answer
    *steps, name = where.removeprefix("$.").replace("[0]", "").split(".")
    for step in steps:
        kind = typing.get_type_hints(kind)[step]
        while get_args(kind):
            kind = next(one for one in get_args(kind) if one is not NoneType)
    is_envelope = kind is answer and attrs.fields_dict(answer)[name].default is attrs.NOTHING
    return is_envelope or not NEEDED.isdisjoint({name, f"{kind.__name__}.{name}"})
