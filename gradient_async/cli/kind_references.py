"""The resources that words, files and standard input name: by id, or by name. A word that means two is refused."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import attrs

from gradient_async.cli import fields
from gradient_async.cli import ids as ids_in
from gradient_async.cli.exit_codes import UsageError
from gradient_async.cli.printable import printable
from gradient_async.errors import NotFoundError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from gradient_async.cli.kinds import Kind
    from gradient_async.client import AsyncGradientAI

_MAX_NAMED: Final = 5
# A number, a UUID, or a fingerprint: the forms of the API's ids.
_ID: Final = re.compile(
    r"[0-9]+|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|([0-9a-f]{2}:){15}[0-9a-f]{2}", re.IGNORECASE
)
_SPACES: Final = re.compile(r"\s*")


class KindReference(NamedTuple):
    """The reference to a resource.

    Attributes:
        text: Its id, or its name.
        is_id: Whether it can only be an id: it was the id of a JSON object.
    """

    text: str
    is_id: bool = False


def methods_of(client: AsyncGradientAI, kind: Kind) -> Any:  # noqa: ANN401 - one of many groups
    """Return the group of methods of a kind."""
    return attrgetter(kind.group)(client)


def key_of(kind: Kind, item: object) -> object:
    """Return what identifies a resource."""
    return fields.value_at(item, kind.key)


def label_of(kind: Kind, item: object) -> str:
    """Return the name of a resource; ``""`` without one."""
    return fields.cell(item, kind.label) if kind.label else ""


def model_in(kind: Kind, answer: attrs.AttrsInstance) -> object:
    """Return the resource in an answer."""
    values = (getattr(answer, one.name) for one in attrs.fields(type(answer)))
    return next(value for value in values if isinstance(value, kind.model))


def references_of(kind: Kind, words: Iterable[str]) -> list[KindReference]:
    """Return the references of the words, in order, each once. Reads files and standard input.

    Args:
        kind: The kind of resource.
        words: Ids, names, ``@FILE``, or ``@-`` for standard input.

    Raises:
        UsageError: A file cannot be read, or holds no ids or names.
    """
    found: dict[KindReference, None] = {}
    # Each source is read once: standard input cannot be read twice.
    for word in dict.fromkeys(words):
        if word.startswith("@"):
            found.update(dict.fromkeys(references_in(kind, ids_in.read_actions(word[1:]), ids_in.source_of(word))))
        else:
            found[KindReference(word)] = None
    return list(found)


def references_in(kind: Kind, text: str, source: str) -> list[KindReference]:
    """Return the references in the text of a file: one on each line, or JSON. Pure.

    Raises:
        UsageError: It holds none, a table, or broken JSON.
    """
    if text.lstrip().startswith(("[", "{")):
        found = [one for value in _json_values(text, source) for one in _in_json(kind, value, source)]
    else:
        lines = [line.strip() for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
        titles = fields.usual_columns(kind)[0].title.split()
        if lines and lines[0].isupper() and lines[0].split()[: len(titles)] == titles != lines[0].split():
            raise UsageError(f"{source} holds a table: pass -o id (or -o jsonl) to the command that writes it")
        found = [KindReference(line) for line in lines]
    if not found:
        raise UsageError(f"{source} holds no {kind.noun}")
    return found


def _json_values(text: str, source: str) -> Iterator[object]:
    at = _end_of_spaces(text, 0)
    while at < len(text):
        try:
            value, at = json.JSONDecoder().raw_decode(text, at)
        except (ValueError, RecursionError) as error:
            raise UsageError(f"{source}: the JSON is broken: {error}") from None
        yield value
        at = _end_of_spaces(text, at)


def _end_of_spaces(text: str, at: int) -> int:
    found = _SPACES.match(text, at)
    return found.end() if found else at


def _in_json(kind: Kind, value: object, source: str) -> Iterator[KindReference]:
    for one in value if isinstance(value, list) else [value]:
        key = one.get(kind.key, one.get("id")) if isinstance(one, Mapping) else None
        # JSON's true is a Python int.
        if type(key) not in {int, str} or not str(key).strip():
            raise UsageError(f"{source}: expected JSON objects with {kind.key}, such as list -o json writes")
        yield KindReference(str(key), is_id=True)


async def found_all(client: AsyncGradientAI, kind: Kind, references: Sequence[KindReference]) -> list[object]:
    """Return the resources, in order, each once. The list is read once at most.

    Raises:
        UsageError: There is none with an id or name, or a word means several.
    """
    listed: list[object] | None = None
    found: dict[object, object] = {}
    for reference in references:
        item = await _retrieved(client, kind, reference)
        if item is None or not (reference.is_id or kind.label in {"", kind.key}):
            if listed is None:
                listed = [one async for one in methods_of(client, kind).list_all()]
            item = _chosen(kind, reference, item, listed)
        found.setdefault(key_of(kind, item), item)
    return list(found.values())


async def _retrieved(client: AsyncGradientAI, kind: Kind, reference: KindReference) -> object | None:
    """Return the resource with an id; ``None`` if it may still be found in the list."""
    key = _key(kind, reference.text)
    if kind.retrieve_endpoint is None or key is None:
        return None
    try:
        return model_in(kind, await methods_of(client, kind).retrieve(key))
    except NotFoundError:
        if reference.is_id or kind.label in {"", kind.key}:
            raise UsageError(f"there is no {kind.noun} {reference.text!r}") from None
        return None


def _chosen(kind: Kind, reference: KindReference, retrieved: object | None, listed: Sequence[object]) -> object:
    """Return the one resource that a reference means. Pure."""
    wanted = reference.text.casefold()
    by_id = [retrieved] if retrieved is not None else [one for one in listed if _folded(key_of(kind, one)) == wanted]
    known = {key_of(kind, one) for one in by_id}
    by_name = (
        []
        if reference.is_id
        else [one for one in listed if _folded(label_of(kind, one)) == wanted and key_of(kind, one) not in known]
    )
    if by_id and by_name:
        others = ", ".join(str(key_of(kind, one)) for one in by_name[:_MAX_NAMED])
        raise UsageError(
            f"{reference.text!r} is the id of {kind.noun} {named(kind, by_id[0])} and the name of {others}. Pass "
            f"{others} to mean the latter. To mean the former, pass - and write its JSON to standard input, as list -o "
            "json shows it"
        )
    same = [*by_id, *by_name]
    if not same:
        raise UsageError(f"there is no {kind.noun} with the id or the name {reference.text!r}")
    if len(same) > 1:
        ids = ", ".join(str(key_of(kind, item)) for item in same[:_MAX_NAMED])
        raise UsageError(f"{len(same)} {kind.plural} have the name {reference.text!r}: pass the id, one of {ids}")
    return same[0]


def named(kind: Kind, item: object) -> str:
    """Return a resource in messages: its id, and its name."""
    label, key = label_of(kind, item), str(key_of(kind, item))
    return f"{key} ({label})" if label and label != key else key


def check_names(kind: Kind, items: Sequence[object]) -> None:
    """Refuse names that a command reads back as something else, such as the id of another resource. Pure.

    Raises:
        UsageError: One of the names is such a name.
    """
    owners = {_folded(key_of(kind, item)): key_of(kind, item) for item in items}
    for item in items:
        label, key = label_of(kind, item), key_of(kind, item)
        is_id = _ID.fullmatch(label) is not None and _key(kind, label) is not None
        if label and label != str(key) and (is_id or owners.get(label.casefold(), key) != key):
            raise UsageError(
                f"--output name: the name {label!r} of {kind.noun} {key} looks like an id, and another "
                f"command could act on another {kind.noun}. Pass --output id"
            )
    written = [printable(label_of(kind, item) or str(key_of(kind, item))) for item in items]
    if not all(_is_read_back(kind, names) for names in ([name] for name in written)) or not _is_read_back(
        kind, written
    ):
        raise UsageError("--output name: another command would not read these names back as they are. Pass --output id")


def _is_read_back(kind: Kind, names: Sequence[str]) -> bool:
    """Return whether a command that reads the names, one on each line, finds them as they are, or refuses them."""
    if any(name.startswith("@") for name in names):
        return False
    try:
        return references_in(kind, "\n".join(names), "") == [KindReference(name) for name in names]
    except UsageError:
        return True


def _folded(value: object) -> str:
    return str(value).casefold()


def _key(kind: Kind, text: str) -> int | str | None:
    """Return a word as an id; ``None`` if it cannot be one."""
    endpoint = kind.retrieve_endpoint
    if endpoint is None:
        return None
    parameter = endpoint.path_template.parameters[0]
    value: int | str = int(text) if text.isascii() and text.isdigit() else text
    try:
        parameter.check(parameter.name, value)
    except (TypeError, ValueError):
        return None
    return value
