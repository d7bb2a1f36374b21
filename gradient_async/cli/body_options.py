"""The options of ``create``, derived from the class of its body and the docstring of its method. Pure."""

from __future__ import annotations

import inspect
import json
import re
import types
import typing
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import attrs

from gradient_async.cli import droplet_names
from gradient_async.cli import ids as ids_in
from gradient_async.cli.exit_codes import UsageError
from gradient_async.cli.key_files import is_no_key, key_in
from gradient_async.cli.word_lists import listed
from gradient_async.cli.wording import about_an_option

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gradient_async.cli.kinds import Kind
    from gradient_async.client import AsyncGradientAI

_PLAIN: Final = (str, int, float, bool)
_ARGUMENT: Final = re.compile(r"^ {4}(\w+): (.*?)(?=^ {4}[\w*]|\n\s*\n|^\w|\Z)", re.MULTILINE | re.DOTALL)
# What is between the fields at the beginning of a message.
_JOINED: Final = re.compile(r", | and ")
# Fields whose Droplets can be named.
_DROPLETS: Final = ("droplet_id", "droplet_ids")
_LITERAL: Final = re.compile(r"``\"?(.*?)\"?``")


@attrs.frozen(kw_only=True)
class BodyOption:
    """An option of ``create``.

    Attributes:
        name: The field of the body.
        type: What the parser reads.
        help: Its text.
        is_required: Whether it must be given.
        is_json: Whether it is given as JSON.
        metavar: What its value is called; ``None`` for the parser's own word.
    """

    name: str
    type: object
    help: str
    is_required: bool
    is_json: bool = False
    metavar: str | None = None


def options_of(kind: Kind) -> list[BodyOption]:
    """Return the options of a kind's ``create``. The docstring of its method says what each is."""
    endpoint = kind.create_endpoint
    if endpoint is None or endpoint.body is None:
        return []
    hints, texts = typing.get_type_hints(endpoint.body), texts_of(kind, "create")
    fields = [one for one in attrs.fields(endpoint.body) if one.name not in kind.left_out]
    return [
        _option(one.name, hints[one.name], texts.get(one.name, ""), is_required=one.default is attrs.NOTHING)
        for one in fields
    ]


def _option(name: str, hint: object, text: str, *, is_required: bool) -> BodyOption:
    if name in _DROPLETS:
        several = " Separated by commas, or given more than once." if name == "droplet_ids" else ""
        words: object = tuple[str, ...] if several else str | None
        return BodyOption(
            name=name, type=words, help=f"{text} Ids or names.{several}", is_required=is_required, metavar="ID|NAME"
        )
    if name == "public_key":
        more = f"{text} Or the path of its file."
        return BodyOption(name=name, type=str, help=more, is_required=is_required, metavar="KEY|FILE")
    of = next((one for one in _alternatives(hint) if one in _PLAIN), None)
    items = next((one for one in _alternatives(hint) if _item_of(one) is not None), None)
    if of is not None:
        kind = of if is_required else of | None
        return BodyOption(name=name, type=kind, help=text, is_required=is_required)
    if items is not None and _item_of(items) in _PLAIN:
        more = f"{text} Separated by commas, or given more than once."
        return BodyOption(name=name, type=tuple[str, ...], help=more, is_required=is_required, metavar="A,B")
    more = f"{text} As JSON, or @FILE for a file of it."
    return BodyOption(
        name=name,
        type=str if is_required else str | None,
        help=more,
        is_required=is_required,
        is_json=True,
        metavar="JSON|@FILE",
    )


def _alternatives(hint: object) -> tuple[object, ...]:
    is_union = isinstance(hint, types.UnionType) or typing.get_origin(hint) is typing.Union
    return typing.get_args(hint) if is_union else (hint,)


def _item_of(hint: object) -> object | None:
    origin = typing.get_origin(hint)
    is_list = isinstance(origin, type) and issubclass(origin, Sequence)
    return typing.get_args(hint)[0] if is_list else None


def texts_of(kind: Kind, method: str) -> dict[str, str]:
    """Return what the docstring of a method says of each argument, with the arguments named as options."""
    # Since Python 3.13, docstrings come without the indent of their method; getdoc() takes it away for all.
    _, _, after = str(inspect.getdoc(getattr(kind.methods, method))).partition("Args:\n")
    plain = {name: _LITERAL.sub(r"\1", " ".join(text.split())) for name, text in _ARGUMENT.findall(after)}
    names = re.compile("|".join(rf"\b{name}\b" for name in plain if "_" in name) or r"(?!)")
    texts = {
        name: names.sub(lambda found: _option_name(found[0]), text.removeprefix("True: "))
        for name, text in plain.items()
    }
    return {name: text[:1].upper() + text[1:] for name, text in texts.items()}


def body_of(kind: Kind, options: Sequence[BodyOption], given: Mapping[str, object]) -> dict[str, object]:
    """Return the arguments of the method. Droplets are references, which ``with_droplet_ids`` replaces.

    Raises:
        UsageError: A text is empty or no JSON, or a file cannot be read.
    """
    endpoint = kind.create_endpoint
    hints = typing.get_type_hints(endpoint.body) if endpoint is not None and endpoint.body is not None else {}
    values: dict[str, object] = {}
    for option in options:
        value = given.get(option.name)
        if value is None or value == ():
            continue
        if option.name in _DROPLETS:
            words = texts_in(option.name, value if isinstance(value, tuple) else (value,))
            value = ids_in.parse_droplets(words, ids_in.read_droplets)
            if option.name == "droplet_id" and len(value) != 1:
                raise UsageError(f"{_option_name(option.name)}: expected the id or the name of one Droplet")
        elif option.name == "public_key" and is_no_key(str(value)):
            value = key_in(str(value), _option_name(option.name)).text
        elif option.is_json:
            value = json_of(option.name, str(value))
        elif isinstance(value, tuple):
            value = _items(option.name, value, hints[option.name])
        elif value == ids_in.STANDARD_INPUT:
            value = "-"  # as it was typed
        values[option.name] = value
    return values


async def with_droplet_ids(client: AsyncGradientAI, body: Mapping[str, object]) -> dict[str, object]:
    """Return the arguments of the method, with ids in place of references to Droplets.

    Raises:
        UsageError: No Droplet has a name, or several have it.
    """
    values = dict(body)
    for name in _DROPLETS:
        references = values.get(name)
        if isinstance(references, tuple):
            ids = [*await droplet_names.resolved(client, references)]
            values[name] = ids[0] if name == "droplet_id" else ids
    return values


def in_typed_words(kind: Kind, text: str) -> str:
    """Return a message about a body, with its fields named as options."""
    names = [option.name for option in options_of(kind)]
    head, colon, rest = text.partition(":")
    if colon and all(part in names for part in _JOINED.split(head)):
        head = re.sub(r"\b\w+\b", lambda found: _option_name(found[0]) if found[0] in names else found[0], head)
    text = f"{head}{colon}{rest}"
    first = re.split(r"[.\[]", head)[0]
    if first != head and first in names:  # the rest names fields inside of the option's value
        return about_an_option(f"{_option_name(first)}{text[len(first) :]}")
    fields = re.compile("|".join(rf"\b{name}\b" for name in names if "_" in name) or r"(?!)")
    return fields.sub(lambda found: _option_name(found[0]), about_an_option(text))


def texts_in(name: str, words: Iterable[object]) -> list[str]:
    """Return the texts of an option that is given more than once, or has several separated by commas.

    Raises:
        UsageError: One is empty.
    """
    return [*listed(_option_name(name), [str(word) for word in words])]


def _items(name: str, words: tuple[object, ...], hint: object) -> list[object]:
    texts = texts_in(name, words)
    item = next(_item_of(one) for one in _alternatives(hint) if _item_of(one) is not None)
    try:
        return [int(text) for text in texts] if item is int else [*texts]
    except ValueError:
        raise UsageError(f"{_option_name(name)}: expected whole numbers, got {','.join(texts)!r:.80}") from None


def json_of(name: str, text: str) -> object:
    """Return the JSON of an option, which is typed or in a file.

    Raises:
        UsageError: It is no JSON, or the file cannot be read.
    """
    try:
        return json.loads(_content(text[1:]) if text.startswith("@") else text)
    except OSError as error:
        raise UsageError(f"{_option_name(name)}: {text[1:]}: {error.strerror}") from None
    except ValueError as error:
        raise UsageError(f"{_option_name(name)}: expected JSON, or @FILE: {error}") from None


def _content(name: str) -> str:
    return ids_in.read_actions(name) if name == "-" else Path(name).read_text(encoding="utf-8")


def _option_name(name: str) -> str:
    return f"--{name.replace('_', '-')}"
