"""The common parts of the tests of fleet runs: an emulated account, and its actions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradient_async.emulator import DropletSpec, Emulator

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradient_async import Outcome

FIRST = 3164444
INITIATE = "POST /v2/droplets/{droplet_id}/actions"
BY_TAG = "POST /v2/droplets/actions"
QUICK: Any = {"poll_interval": 0.02}


def ids(count: int) -> list[int]:
    return list(range(FIRST, FIRST + count))


def emulated(droplets: int | Sequence[DropletSpec] = 5, **options: Any) -> Emulator:
    return Emulator(droplets, **{"time_scale": 600.0, "limits": None, **options})


def acted(emulator: Emulator) -> dict[int, list[str]]:
    """Types of the actions of each Droplet that requests have started, oldest first."""
    found: dict[int, list[str]] = {}
    for action in emulator.account.actions.values():
        if action.by_request:
            found.setdefault(action.droplet_id, []).append(action.type)
    return found


def each(droplet_ids: list[int], types: list[str]) -> dict[int, list[str]]:
    return dict.fromkeys(droplet_ids, types)


def posts(emulator: Emulator) -> int:
    return sum(request.method == "POST" for request in emulator.requests)


def most_at_once(emulator: Emulator) -> int:
    """Return the largest number of actions that were in progress together, by the account's own time."""
    spans = [(one.started, one.due) for one in emulator.account.actions.values() if one.by_request]
    return max(sum(begin <= moment < end for begin, end in spans) for moment, _ in spans)


async def called(method: Any, /, *args: Any, **arguments: Any) -> Any:
    """Call a method that is not awaited in either flavour."""
    return method(*args, **arguments)


def of(report: Any, droplet_id: int) -> Outcome:
    (outcome,) = (one for one in report.outcomes if one.droplet_id == droplet_id)
    return outcome  # type: ignore[no-any-return]  # a report of either flavour
