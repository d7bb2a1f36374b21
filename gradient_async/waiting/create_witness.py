"""Reads created things from the account's actions, for the time in which the lists do not show them yet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gradient_async.errors import APIError, ClientClosedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradient_async.http.create_rule import Witness
    from gradient_async.http.raw_response import RawResponse
    from gradient_async.http.settlement import Send

_PAGE_LENGTH: Final = 200
_MAX_THINGS: Final = 10


async def witnessed(
    send: Send, witness: Witness, *, since: float, is_known: Callable[[object], bool]
) -> dict[object, RawResponse[Any]]:
    """Return what the account's newest actions created, by id: at most ten things.

    What cannot be read is left out: the token may not be allowed to read actions, and a thing may be gone.

    Args:
        send: Sends a request.
        witness: Where the actions are.
        since: Seconds since the epoch; earlier actions are not read.
        is_known: Returns whether a thing with this id is known already.
    """
    try:
        page = await send(witness.actions.request({}, query={"page": 1, "per_page": _PAGE_LENGTH}))
        actions = getattr(page.parse(), witness.actions.items)
    except (APIError, ClientClosedError):
        return {}
    ids = [
        action.resource_id
        for action in actions
        if action.type == witness.type and action.started_at and action.started_at.timestamp() >= since
    ]
    found: dict[object, RawResponse[Any]] = {}
    for thing_id in [one for one in dict.fromkeys(ids) if one is not None and not is_known(one)][:_MAX_THINGS]:
        try:
            read = await send(witness.retrieve.request({}, thing_id))
            read.parse()
        except (APIError, ClientClosedError):
            continue
        found[thing_id] = read
    return found
