"""The fields of a resource, by their paths: as cells of a table, as facts, and as JSON. Pure."""

from __future__ import annotations

import types
import typing
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final

import attrs

from gradient_async.cli.exit_codes import UsageError
from gradient_async.cli.rows import timestamp
from gradient_async.cli.tables import Column
from gradient_async.models.model import Model
from gradient_async.models.plain import plain
from gradient_async.suggestions import did_you_mean

if TYPE_CHECKING:
    from gradient_async.cli.kinds import Kind

# A cell shows a whole part as the first of these fields that it has.
_SHORT: Final = ("slug", "name", "id", "ip", "urn")
_MAX_DEPTH: Final = 3


class Shown(typing.NamedTuple):
    """A column of the table.

    Attributes:
        title: Its title.
        path: The path of the field, such as ``"region.slug"``.
    """

    title: str
    path: str


def usual_columns(kind: Kind) -> list[Shown]:
    """Return the columns that a kind has without ``--columns``."""
    return [_shown(declared) for declared in kind.columns]


def chosen_columns(kind: Kind, given: str | None) -> list[Shown]:
    """Return the columns that ``--columns`` names: titles of the usual ones, or paths of fields.

    Raises:
        UsageError: There is no such field.
    """
    usual = usual_columns(kind)
    if given is None:
        return usual
    titles = {one.title.lower(): one for one in usual}
    paths = list(paths_of(kind.model))
    chosen = [_chosen(name.strip(), titles, paths) for name in given.split(",") if name.strip()]
    if not chosen:
        raise UsageError(f"--columns: expected names such as {','.join(one.path for one in usual[:3])}")
    return chosen


def _chosen(name: str, titles: Mapping[str, Shown], paths: Sequence[str]) -> Shown:
    if name.lower() in titles:
        return titles[name.lower()]
    path = name.lower().replace("-", "_")
    if path in paths:
        return _shown(path)
    known = list(dict.fromkeys((*titles, *(one for one in paths if "." not in one))))
    raise UsageError(f"--columns: there is no column {name!r}.{did_you_mean(name, known)} There are {', '.join(known)}")


def _shown(declared: str) -> Shown:
    title, colon, path = declared.rpartition(":")
    return Shown(title if colon else declared.replace("_", " ").upper(), path)


def table_columns(shown: Sequence[Shown]) -> list[Column]:
    """Return the columns of a table. On a narrow terminal, the last ones are left out first."""
    last = len(shown) - 1
    return [
        Column(one.title) if index < 2 else Column(one.title, min_width=8, drop=last - index, hangs=index == last)
        for index, one in enumerate(shown)
    ]


def paths_of(model: type, depth: int = 1) -> Iterator[str]:
    """Return the paths of all fields of a model and its parts."""
    for name, part in _fields(model).items():
        yield name
        if part is not None and depth < _MAX_DEPTH:
            yield from (f"{name}.{path}" for path in paths_of(part, depth + 1))


def _fields(model: type) -> Mapping[str, type | None]:
    """Return the fields of a model, each with its class if it is a part."""
    hints = typing.get_type_hints(model)
    names = [one.name for one in attrs.fields(model)]
    return {name: next(_parts_in(hints[name]), None) for name in names}


def _parts_in(hint: object) -> Iterator[type]:
    options = typing.get_args(hint) if isinstance(hint, types.UnionType) else (hint,)
    for option in options:
        # The parts of a list are shown together: inbound_rules.ports.
        one = typing.get_args(option)[0] if typing.get_origin(option) in {tuple, Sequence} else option
        if isinstance(one, type) and attrs.has(one):
            yield one


def value_at(item: object, path: str) -> object:
    """Return the value of a field; ``None`` if a part of the path is missing. Of a list, those of all its parts."""
    value: object = item
    for name in path.split("."):
        if isinstance(value, tuple | list):
            value = tuple(getattr(one, name, None) for one in value)
        else:
            value = getattr(value, name, None)
    return value


def cell(item: object, path: str) -> str:
    """Return a field as the text of a cell."""
    return text_of(value_at(item, path))


def text_of(value: object) -> str:
    """Return a value as one line."""
    match value:
        case None | () | []:
            return ""
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:g}"
        case datetime():
            return timestamp(value)
        case str():
            return value
        case Mapping():
            return ",".join(f"{name}={text_of(one)}" for name, one in value.items())
        case Sequence():
            return ",".join(text_of(one) for one in value)
    if attrs.has(type(value)):
        return _part_text(value)
    return str(value)


def _part_text(part: object) -> str:
    names = _names_of(part)
    short = next((name for name in _SHORT if name in names and getattr(part, name) is not None), None)
    if short is not None:
        return text_of(getattr(part, short))
    texts = {name: text for name in names if (text := text_of(getattr(part, name)))}
    # Several parts in a part cannot be distinguished without their names.
    if sum(attrs.has(type(getattr(part, name))) for name in names) > 1:
        return ", ".join(f"{name} {text}" for name, text in texts.items())
    return " ".join(texts.values())


def facts(item: object) -> list[tuple[str, str]]:
    """Return all fields that have a value, for ``show``."""
    named = [(name, text_of(getattr(item, name))) for name in _names_of(item)]
    return [(name, text) for name, text in named if text]


def as_json(item: object, shown: Sequence[Shown] | None = None) -> Mapping[str, object]:
    """Return a resource for programs: whole, or only some of its fields by their paths."""
    if shown is None:
        assert isinstance(item, Model)  # noqa: S101 - what the API sends is a model
        return item.to_dict()
    return {one.path: plain(value_at(item, one.path)) for one in shown}


def _names_of(value: object) -> list[str]:
    kind: type = type(value)
    return [one.name for one in attrs.fields(kind)]
