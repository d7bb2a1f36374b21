"""The commands behind ``list``, ``show``, ``create`` and ``delete`` of every kind of resource."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, TypeAlias

from attrs import field, frozen

from gradient_async.cli import account as accounts
from gradient_async.cli import body_options, failures, fields, filters, question
from gradient_async.cli.exit_codes import COMPLETED, FAILED, UsageError
from gradient_async.cli.kind_references import (
    check_names,
    found_all,
    key_of,
    label_of,
    methods_of,
    model_in,
    named,
)
from gradient_async.cli.options import AccountOptions, TableOptions
from gradient_async.cli.printable import printable
from gradient_async.cli.word_lists import check_filters
from gradient_async.errors import GradientAIError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from gradient_async.cli.fields import Shown
    from gradient_async.cli.kind_references import KindReference
    from gradient_async.cli.kinds import Kind
    from gradient_async.cli.options import ListFormat
    from gradient_async.cli.screen import Screen
    from gradient_async.client import AsyncGradientAI

Act: TypeAlias = "Callable[[AsyncGradientAI, Screen], Awaitable[int]]"
_MAX_NAMED: Final = 5


@frozen(kw_only=True)
class KindCommand:
    """A command on one kind of resource.

    Attributes:
        account: Options of the account.
        display: Options of the output.
        act: Reads or changes, and shows the result.
    """

    account: AccountOptions
    display: TableOptions
    act: Act = field(repr=False)

    def run(self, screen: Screen) -> int:
        """Run it, and return the exit status."""
        with accounts.opened(self.account) as opened:

            async def act() -> int:
                async with opened.client() as client:
                    return await self.act(client, screen)

            return asyncio.run(act())


def _checked_columns(kind: Kind, display: TableOptions) -> Sequence[Shown]:
    shown = fields.chosen_columns(kind, display.columns)
    if display.columns is not None and display.output in {"id", "name"}:
        raise UsageError(f"--columns: --output {display.output} writes no columns. Pass one of the two")
    return shown


def listed(kind: Kind, display: TableOptions, given: Mapping[str, object]) -> Act:
    """Return the command that lists resources."""
    shown = _checked_columns(kind, display)
    check_filters(given)
    query = filters.query_of(kind, given)

    async def act(client: AsyncGradientAI, screen: Screen) -> int:
        kept: list[object] = []
        async for item in methods_of(client, kind).list_all(**query):
            if screen.out.is_closed:
                return COMPLETED
            if not filters.is_wanted(item, given):
                continue
            if display.output in {"jsonl", "id"}:
                _write_one(screen, kind, item, display)
            else:
                kept.append(item)
        if display.output == "json":
            screen.write_json([_json(item, display, shown) for item in kept], indent=2)
        elif display.output == "name":
            check_names(kind, kept)
            for item in kept:
                _write_one(screen, kind, item, display)
        elif kept:
            rows = [[fields.cell(item, one.path) for one in shown] for item in kept]
            screen.table(fields.table_columns(shown), rows)
        elif display.output == "table":
            screen.say(f"no {kind.plural}")
        return COMPLETED

    return act


def shown_one(kind: Kind, display: TableOptions, references: Sequence[KindReference]) -> Act:
    """Return the command that shows one resource."""
    if len(references) != 1:
        raise UsageError(f"expected the id or the name of one {kind.noun}, got {len(references):,}")
    _checked_columns(kind, display)

    async def act(client: AsyncGradientAI, screen: Screen) -> int:
        (item,) = await found_all(client, kind, references)
        _write_whole(screen, kind, item, display)
        return COMPLETED

    return act


def created(kind: Kind, display: TableOptions, body: Mapping[str, object]) -> Act:
    """Return the command that creates a resource."""
    _checked_columns(kind, display)

    async def act(client: AsyncGradientAI, screen: Screen) -> int:
        try:
            values = await body_options.with_droplet_ids(client, body)
            answer = await methods_of(client, kind).create(**values)
        except (TypeError, ValueError) as error:
            raise UsageError(body_options.in_typed_words(kind, str(error))) from None
        _write_whole(screen, kind, model_in(kind, answer), display)
        return COMPLETED

    return act


def deleted(kind: Kind, display: TableOptions, references: Sequence[KindReference], *, is_agreed: bool) -> Act:
    """Return the command that deletes resources, after a question."""
    if not references:
        raise UsageError(f"expected the id or the name of at least one {kind.noun}")
    if display.columns is not None:
        raise UsageError("--columns: delete has no columns")

    async def act(client: AsyncGradientAI, screen: Screen) -> int:
        items = await found_all(client, kind, references)
        if not is_agreed and not _ask(screen, kind, items):
            return FAILED
        code = COMPLETED
        results: list[dict[str, object]] = []
        for item in items:
            fault = await _delete(client, kind, item)
            code = FAILED if fault else code
            results.append({"id": key_of(kind, item), "name": label_of(kind, item) or None, "error": fault})
            _show_deleted(screen, kind, item, fault, display.output)
        if display.output == "json":
            screen.write_json(results, indent=2)
        return code

    return act


async def _delete(client: AsyncGradientAI, kind: Kind, item: object) -> str | None:
    """Delete a resource, and return why it could not be deleted."""
    try:
        await methods_of(client, kind).delete(key_of(kind, item))
    except GradientAIError as error:
        return failures.line_of(error)
    return None


def _ask(screen: Screen, kind: Kind, items: Sequence[object]) -> bool:
    shown = [named(kind, item) for item in items[:_MAX_NAMED]]
    more = f" and {len(items) - _MAX_NAMED:,} more" if len(items) > _MAX_NAMED else ""
    noun = kind.noun if len(items) == 1 else f"{len(items):,} {kind.plural}"
    return question.is_agreed(screen, f"delete {noun} {', '.join(shown)}{more}: {kind.loss}.")


def _show_deleted(screen: Screen, kind: Kind, item: object, fault: str | None, output: ListFormat) -> None:
    if fault is not None:
        screen.failure(f"{kind.noun} {named(kind, item)}: {fault}")
    elif output == "jsonl":
        screen.write_json({"id": key_of(kind, item), "name": label_of(kind, item) or None, "error": None})
    elif output == "id":
        screen.write(str(key_of(kind, item)))
    elif output == "name":
        screen.write(label_of(kind, item) or str(key_of(kind, item)))
    elif output == "table":
        screen.write(f"deleted {kind.noun} {named(kind, item)}")


def _write_one(screen: Screen, kind: Kind, item: object, display: TableOptions) -> None:
    match display.output:
        case "jsonl":
            screen.write_json(_json(item, display, fields.chosen_columns(kind, display.columns)))
        case "id":
            screen.write(str(key_of(kind, item)))
        case _:
            screen.write(label_of(kind, item) or str(key_of(kind, item)))


def _write_whole(screen: Screen, kind: Kind, item: object, display: TableOptions) -> None:
    if display.output == "json":
        screen.write_json(_json(item, display, fields.chosen_columns(kind, display.columns)), indent=2)
    elif display.output != "table":
        _write_one(screen, kind, item, display)
    else:
        shown = None if display.columns is None else fields.chosen_columns(kind, display.columns)
        named = fields.facts(item) if shown is None else [(one.path, fields.cell(item, one.path)) for one in shown]
        width = max((len(name) for name, _ in named), default=0)
        for name, value in named:
            screen.write(f"{name:<{width}}  {printable(value)}")


def _json(item: object, display: TableOptions, shown: Sequence[Shown]) -> Mapping[str, object]:
    return fields.as_json(item, None if display.columns is None else shown)
