"""The filters of lists: by name, status, region and tag, and those of the API. Pure."""

from __future__ import annotations

import types
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final, Literal

import attrs

from gradient_async.cli.body_options import texts_of
from gradient_async.cli.fields import text_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gradient_async.cli.kinds import Kind

# The fields of each filter. One that matches is enough.
_FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "name": ("name", "slug"),
    "status": ("status",),
    "region": ("region", "regions"),
    "tag": ("tags",),
}
_TEXTS: Final = {
    "name": "Only those with this name; case does not count, and * matches anything.",
    "status": "Only those with this status.",
    "region": "Only those in this region, such as tor1.",
    "tag": "Only those with this tag; case counts.",
}
# Parameters of the API that have a filter of the same meaning here.
_OURS: Final = frozenset({"name", "region", "tag_name"})
_ALL: Final = frozenset({"page", "per_page"})


def options_of(kind: Kind) -> dict[str, tuple[object, str]]:
    """Return the filters of a kind: the type and the help of each option."""
    names, texts = {one.name for one in attrs.fields(kind.model)}, texts_of(kind, "list")
    own: dict[str, tuple[object, str]] = {
        option: (
            str | None,
            _TEXTS[option] if "slug" not in names else _TEXTS[option].replace("name;", "name or slug;"),
        )
        for option, wanted in _FIELDS.items()
        if names.intersection(wanted)
    }
    return own | {
        name: (_type_of(parameter.kind), texts.get(name, ""))
        for name, parameter in kind.list_endpoint.parameters.items()
        if name not in _OURS | _ALL
    }


def _type_of(parameter_kind: str) -> object:
    if parameter_kind == "bool":
        return bool | None
    return Literal[tuple(parameter_kind.split("|"))] | types.NoneType if "|" in parameter_kind else str | None


def query_of(kind: Kind, given: Mapping[str, object]) -> dict[str, object]:
    """Return the filters that the API applies."""
    parameters = kind.list_endpoint.parameters
    query = {name: value for name, value in given.items() if name in parameters and name not in _OURS}
    if "tag_name" in parameters and given.get("tag") is not None:
        query["tag_name"] = given["tag"]
    return query


def is_wanted(item: object, given: Mapping[str, object]) -> bool:
    """Return whether a resource passes the filters by name, status, region and tag."""
    return all(
        _matches(option, _texts(item, _FIELDS[option]), str(value))
        for option, value in given.items()
        if option in _FIELDS and value is not None
    )


def _texts(item: object, names: tuple[str, ...]) -> list[str]:
    values = [getattr(item, name, None) for name in names]
    return [text_of(one) for value in values for one in (value if isinstance(value, tuple | list) else (value,))]


def _matches(option: str, texts: list[str], wanted: str) -> bool:
    if option == "tag":
        return wanted in texts
    if option == "name":
        return any(fnmatchcase(text.casefold(), wanted.casefold()) for text in texts)
    return any(text.casefold() == wanted.casefold() for text in texts)
