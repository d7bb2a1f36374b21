"""The commands behind the verbs of ``kind_changes``."""

from __future__ import annotations

import re
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from gradient_async.cli import body_options, droplet_names, question
from gradient_async.cli import ids as ids_in
from gradient_async.cli.durations import seconds_in
from gradient_async.cli.exit_codes import COMPLETED, FAILED, UsageError
from gradient_async.cli.kind_references import found_all, key_of, label_of, methods_of, named
from gradient_async.cli.wording import in_typed_words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gradient_async.cli.kind_changes import Change, ChangeOption
    from gradient_async.cli.kind_command import Act
    from gradient_async.cli.kind_references import KindReference
    from gradient_async.cli.kinds import Kind
    from gradient_async.cli.options import TableOptions
    from gradient_async.cli.screen import Screen
    from gradient_async.client import AsyncGradientAI
    from gradient_async.models.action import Action


def changed(
    kind: Kind,
    change: Change,
    display: TableOptions,
    references: Sequence[KindReference],
    given: Mapping[str, Any],
) -> Act:
    """Return the command that changes one resource, after a question if something is lost.

    Args:
        kind: The kind of resource.
        change: The verb.
        display: Options of the output.
        references: What names the resource.
        given: The values of the verb's options, ``yes``, and for an action ``no_wait`` and ``timeout``.

    Raises:
        UsageError: Not one resource is named, or a value cannot be read.
    """
    if len(references) != 1:
        raise UsageError(f"expected the id or the name of one {kind.noun}, got {len(references):,}")
    if display.columns is not None:
        raise UsageError(f"--columns: {change.verb} has no columns")
    values = {one.argument: _value(one, given[_parameter(one)]) for one in change.options if _is_given(one, given)}
    if change.options and not values:
        options = " or ".join(f"--{one.name}" for one in change.options)
        raise UsageError(f"{options}: missing")
    seconds = seconds_in("--timeout", str(given.get("timeout", "10m"))) if change.owner else None

    async def act(client: AsyncGradientAI, screen: Screen) -> int:
        (item,) = await found_all(client, kind, references)
        arguments = {**change.fixed, **await _with_ids(client, change, values)}
        if change.loss and not given.get("yes"):
            text = f"{change.verb} {kind.noun} {named(kind, item)}: {change.loss}."
            if not question.is_agreed(screen, text):
                return FAILED
        action = await _sent(client, kind, change, item, arguments)
        if action is not None and not given.get("no_wait"):
            with screen.waiting(f"waiting until {kind.noun} {named(kind, item)} is {change.done}"):
                action = await _ended(client, kind, change, item, action, seconds or 0.0)
        _tell(screen, kind, change, item, action, display)
        return COMPLETED

    return act


def _parameter(option: ChangeOption) -> str:
    return option.name.replace("-", "_")


def _is_given(option: ChangeOption, given: Mapping[str, Any]) -> bool:
    return given.get(_parameter(option)) not in {None, ()}


def _value(option: ChangeOption, value: Any) -> object:  # noqa: ANN401 - what the parser read
    """Return what was typed: references of Droplets, texts, or parsed JSON."""
    if option.value in {"droplet", "droplets"}:
        words = [value] if option.value == "droplet" else body_options.texts_in(option.name, value)
        found = ids_in.parse_droplets(words, ids_in.read_droplets)
        if option.value == "droplet" and len(found) != 1:
            raise UsageError(f"--{option.name}: expected the id or the name of one Droplet, got {value!r:.80}")
        return found
    return (
        body_options.texts_in(option.name, value)
        if option.value == "texts"
        else body_options.json_of(option.name, value)
    )


async def _with_ids(client: AsyncGradientAI, change: Change, values: Mapping[str, Any]) -> dict[str, object]:
    """Return the arguments of the method, with ids in place of the names of Droplets."""
    arguments = dict(values)
    for one in change.options:
        if one.argument in values and one.value in {"droplet", "droplets"}:
            ids = [*await droplet_names.resolved(client, values[one.argument])]
            arguments[one.argument] = ids[0] if one.value == "droplet" else ids
    return arguments


async def _sent(
    client: AsyncGradientAI, kind: Kind, change: Change, item: object, arguments: Mapping[str, object]
) -> Action | None:
    """Change the resource, and return the action that does it; ``None`` without one."""
    method: Any = attrgetter(change.method)(methods_of(client, kind))
    try:
        answer = await method(key_of(kind, item), **arguments)
    except (TypeError, ValueError) as error:
        raise UsageError(_in_typed_words(change, str(error))) from None
    return answer.action if change.owner else None


def _in_typed_words(change: Change, text: str) -> str:
    """Return a message with the arguments of the method named as options."""
    for one in change.options:
        text = re.sub(rf"^{one.argument}\b", f"--{one.name}", text)
    return in_typed_words(text)


async def _ended(
    client: AsyncGradientAI, kind: Kind, change: Change, item: object, action: Action, seconds: float
) -> Action:
    """Wait until an action ends."""
    actions = methods_of(client, kind).actions
    ended: Action = await actions.wait(action, timeout=seconds, **{change.owner: key_of(kind, item)})
    return ended


def _tell(
    screen: Screen, kind: Kind, change: Change, item: object, action: Action | None, display: TableOptions
) -> None:
    key, label = key_of(kind, item), label_of(kind, item)
    if display.output in {"json", "jsonl"}:
        shown = {"id": key, "name": label or None, "action": None if action is None else action.to_dict()}
        screen.write_json(shown, indent=2 if display.output == "json" else None)
    elif display.output == "id":
        screen.write(str(key))
    elif display.output == "name":
        screen.write(label or str(key))
    elif action is not None and not action.is_finished:
        screen.write(f"action {action.id} runs: {change.verb} {kind.noun} {named(kind, item)}")
    else:
        screen.write(f"{change.done} {kind.noun} {named(kind, item)}")
