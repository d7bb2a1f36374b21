"""The verbs that only read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Final, Literal

from cyclopts import App, Group, Parameter

from gradient_async.arguments import checked_tag
from gradient_async.cli import completions, rate_limit_verb, rows
from gradient_async.cli import ids as ids_in
from gradient_async.cli.droplet_names import check_names, resolved_one
from gradient_async.cli.durations import seconds_in
from gradient_async.cli.exit_codes import COMPLETED, FAILED, UsageError
from gradient_async.cli.options import DEFAULTS, LIST_OUTPUT, AccountOptions, ListOutputOptions, OutputOptions
from gradient_async.cli.printable import printable
from gradient_async.cli.read_command import WHAT, ReadCommand
from gradient_async.cli.token_source import check_standard_input
from gradient_async.cli.word_lists import check_filters
from gradient_async.errors import ActionFailedError, ActionTimeoutError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from gradient_async.cli.account import Account
    from gradient_async.cli.references import Reference
    from gradient_async.cli.screen import Screen
    from gradient_async.cli.tables import Column
    from gradient_async.client import AsyncGradientAI
    from gradient_async.models.action import Action
    from gradient_async.models.droplet import Droplet

READS: Final = Group("Read", sort_key=0)

_tag = Parameter(group=WHAT)
_MAX_LINES: Final = 5


def list_droplets(
    *,
    tag: Annotated[str | None, _tag] = None,
    name: Annotated[str | None, _tag] = None,
    status: Annotated[Literal["active", "off", "new", "archive"] | None, _tag] = None,
    region: Annotated[str | None, Parameter(group=WHAT, metavar="SLUG")] = None,
    type: Annotated[Literal["gpus", "droplets"] | None, _tag] = None,
    gpus_only: Annotated[bool, Parameter(group=WHAT, negative=(), show_default=False)] = False,
    account: AccountOptions = DEFAULTS.account,
    display: ListOutputOptions = LIST_OUTPUT,
) -> ReadCommand:
    """List Droplets: those with GPUs, or all that have a tag.

    Args:
        tag: Only those with this tag, with GPUs or without: the Droplets that a verb with the same --tag acts on.
        name: Only those with exactly this name; case does not count.
        status: Only those with this status.
        region: Only those in this region, such as atl1.
        type: Those with GPUs, or those without. The default is gpus, or both with --tag.
        gpus_only: The same as --type gpus.
    """
    if gpus_only and type == "droplets":
        raise UsageError("--gpus-only, --type droplets: these contradict each other; pass one of the two")
    kind = "gpus" if gpus_only else type
    check_filters({"name": name, "region": region})
    if tag is not None:
        check_tag(tag)

    def is_wanted(droplet: Droplet) -> bool:
        slug = droplet.region.slug if droplet.region is not None else None
        return (
            status in {None, droplet.status}
            and (region is None or (slug or "").lower() == region.lower())
            and (name is None or droplet.name.casefold() == name.casefold())
        )

    async def read(client: AsyncGradientAI, screen: Screen, _: Account) -> int:
        from gradient_async.fleet.targets import droplets_with_tag

        droplets = client.gpu_droplets
        found = droplets.list_all(name=name, type=kind) if tag is None else droplets_with_tag(droplets, tag, kind)
        await _write_droplets(screen, display, (one async for one in found if is_wanted(one)))
        return COMPLETED

    return ReadCommand(account=account, display=display, read=read, tag=tag)


def show(
    id: Annotated[str, Parameter(group=WHAT, metavar="ID|NAME")],
    /,
    *,
    account: AccountOptions = DEFAULTS.account,
    display: OutputOptions = DEFAULTS.display,
) -> ReadCommand:
    """Show one Droplet and the action that runs on it.

    Args:
        id: Id or name of the Droplet.
    """
    reference = one_reference(id)

    async def read(client: AsyncGradientAI, screen: Screen, _: Account) -> int:
        droplet_id = await resolved_one(client, reference)
        droplet = (await client.gpu_droplets.retrieve(droplet_id)).droplet
        actions = (await client.gpu_droplets.actions.list(droplet_id, per_page=10)).actions
        if display.output == "table":
            _facts(screen, rows.droplet_facts(droplet, actions))
        else:
            running = [rows.action_json(action) for action in actions if not action.is_finished]
            screen.write_json({**rows.droplet_json(droplet), "running": running}, indent=display.indent)
        return COMPLETED

    return ReadCommand(account=account, display=display, read=read)


def actions(
    id: Annotated[str | None, Parameter(group=WHAT, metavar="ID|NAME")] = None,
    /,
    *,
    limit: Annotated[int, Parameter(group=WHAT, metavar="N")] = 20,
    account: AccountOptions = DEFAULTS.account,
    display: OutputOptions = DEFAULTS.display,
) -> ReadCommand:
    """List the actions of a Droplet, or of the whole account, newest first.

    Args:
        id: The Droplet's id, or its name; all actions of the account without it.
        limit: Maximum number of actions; 0 for all.
    """
    if limit < 0:
        raise UsageError(f"--limit: expected 0 (for all) or more, got {limit}")
    reference = None if id is None else one_reference(id)

    async def read(client: AsyncGradientAI, screen: Screen, _: Account) -> int:
        if reference is None:
            listed = client.actions.list_all()
        else:
            listed = client.gpu_droplets.actions.list_all(await resolved_one(client, reference))
        kept: list[Action] = []
        count = 0
        async for action in listed:
            count += 1
            if display.output == "jsonl":
                screen.write_json(rows.action_json(action))
            else:
                kept.append(action)
            if screen.out.is_closed or count == limit:
                break
        if display.output != "jsonl":
            _write_actions(screen, display, kept)
        return COMPLETED

    return ReadCommand(account=account, display=display, read=read)


def wait(
    *ids: Annotated[str, Parameter(group=WHAT, metavar="ACTION_ID", completer=completions.files_of_ids)],
    droplet: Annotated[str | None, Parameter(group=WHAT, metavar="ID|NAME")] = None,
    timeout: Annotated[str, Parameter(group=WHAT, metavar="TIME")] = "10m",
    account: AccountOptions = DEFAULTS.account,
    display: OutputOptions = DEFAULTS.display,
) -> ReadCommand:
    """Wait until actions end. The exit status is 1 if one fails, or does not end in time.

    Args:
        ids: Ids of actions, @FILE for a file of them, or - for standard input.
        droplet: Their Droplet's id or name, for a token without the scope to read the account's actions.
        timeout: Maximum time, such as 90s, 15m or 1h30m.
    """
    check_standard_input(account, ids)
    found = ids_in.parse_actions(ids, ids_in.read_actions)
    awaited = [one for one in found.references if isinstance(one, int)]
    if not awaited and not found.without_action:
        raise UsageError("expected the ids of actions, @FILE, or - for standard input")
    seconds = seconds_in("--timeout", timeout) or 0.0
    reference = None if droplet is None else one_reference(droplet)

    async def read(client: AsyncGradientAI, screen: Screen, _: Account) -> int:
        code = COMPLETED if found.is_all_well else FAILED
        for line in found.without_action[:_MAX_LINES]:
            screen.say(f"not waited for: {line}")
        if len(found.without_action) > _MAX_LINES:
            screen.say(f"not waited for: {len(found.without_action) - _MAX_LINES:,} more without an action")
        if not awaited:
            _write_actions(screen, display, [])
            return code
        droplet_id = None if reference is None else await resolved_one(client, reference)
        ended: Sequence[Action] = ()
        try:
            with screen.waiting(f"waiting for {len(awaited):,} action{'' if len(awaited) == 1 else 's'}"):
                ended = await client.gpu_droplets.actions.wait(awaited, droplet_id=droplet_id, timeout=seconds)
        except (ActionFailedError, ActionTimeoutError) as error:
            screen.failure(error.message)
            code, ended = FAILED, error.actions
        if display.output == "jsonl":
            for action in ended:
                screen.write_json(rows.action_json(action))
        else:
            _write_actions(screen, display, ended)
        return code

    return ReadCommand(account=account, display=display, read=read)


def register(app: App) -> None:
    """Add the verbs to the application."""
    for name, verb, example in (
        ("list", list_droplets, "gpu-droplets list --tag training"),
        ("show", show, "gpu-droplets show 3164444"),
        ("actions", actions, "gpu-droplets actions 3164444 --limit 5"),
        ("wait", wait, "gpu-droplets wait 36805527 36805528 --timeout 15m"),
        ("rate-limit", rate_limit_verb.rate_limit, "gpu-droplets rate-limit --watch"),
    ):
        app.command(verb, name=name, group=READS, help_epilogue=f"Example:\n\n  {example}")


async def _write_droplets(screen: Screen, display: ListOutputOptions, found: AsyncIterator[Droplet]) -> None:
    """Write Droplets: ids and lines of JSON as they come, everything else at the end."""
    kept: list[Droplet] = []
    async for droplet in found:
        if screen.out.is_closed:
            return
        match display.output:
            case "jsonl":
                screen.write_json(rows.droplet_json(droplet))
            case "id":
                screen.write(str(droplet.id))
            case _:
                kept.append(droplet)
    match display.output:
        case "json":
            screen.write_json([rows.droplet_json(droplet) for droplet in kept], indent=2)
        case "name":
            check_names(kept)
            for droplet in kept:
                screen.write(droplet.name)
        case "table":
            _table(screen, rows.DROPLET_COLUMNS, [rows.droplet_row(droplet) for droplet in kept], "no Droplets")


def _write_actions(screen: Screen, display: OutputOptions, listed: Sequence[Action]) -> None:
    if display.output == "json":
        screen.write_json([rows.action_json(action) for action in listed], indent=2)
    else:
        _table(screen, rows.ACTION_COLUMNS, [rows.action_row(action) for action in listed], "no actions")


def _table(screen: Screen, columns: Sequence[Column], table: list[rows.Row], nothing: str) -> None:
    if table:
        screen.table(columns, table)
    else:
        screen.say(nothing)


def check_tag(tag: str) -> None:
    """Check a tag before anything is sent.

    Raises:
        UsageError: No tag can be like this.
    """
    try:
        checked_tag("tag", tag)
    except ValueError as error:
        raise UsageError(str(error)) from None


def _facts(screen: Screen, facts: Sequence[tuple[str, str]]) -> None:
    for name, value in facts:
        screen.write(f"{name:<10} {printable(value)}")


def one_reference(text: str) -> Reference:
    """Return the id or the name in a word that names one Droplet.

    Raises:
        UsageError: The word names none, or several.
    """
    found = ids_in.parse_droplets([text], ids_in.read_droplets)
    if len(found) != 1:
        raise UsageError(f"expected the id or the name of one Droplet, got {text!r:.80}")
    return found[0]
