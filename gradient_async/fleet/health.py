"""Calls the user's health check for a Droplet."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio

from gradient_async.child_processes import ExitStatusError
from gradient_async.errors import UnhealthyDropletError
from gradient_async.waiting.probe_calls import answer_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from gradient_async.fleet.options import RunOptions
    from gradient_async.models.droplet import Droplet


async def check_health(
    droplet_id: int, read: Callable[[], Awaitable[Droplet]], options: RunOptions, deadline: float
) -> Droplet:
    """Call the health check until the Droplet passes it.

    Args:
        droplet_id: The Droplet's id.
        read: Reads the Droplet as it is now.
        options: The health check, the number of its retries, its interval and its time limit.
        deadline: The time after which the check is not called again, on the event loop's clock.

    Returns:
        The Droplet as it was read for the check that it passed.

    Raises:
        UnhealthyDropletError: The Droplet did not pass, or the check raised this error itself, which is final.
    """
    droplet: Droplet | None = None
    cause: Exception | None = None
    check = options.health_check
    answer = "nothing, since the time was over"
    for attempt in range(options.health_retries + 1):
        if attempt:
            await anyio.sleep(min(options.health_interval, max(0.0, deadline - anyio.current_time())))
        left = deadline - anyio.current_time()
        if left <= 0:
            break
        seconds = min(options.health_timeout, left)
        try:
            with anyio.fail_after(left):
                droplet = await read()
            with anyio.fail_after(seconds):
                is_well = check is None or await answer_of(check, droplet)
        except UnhealthyDropletError:
            raise
        except ExitStatusError as error:
            cause, answer = None, f"did not pass ({error})"
        except TimeoutError as error:
            cause, answer = error, f"gave no answer within {seconds:.3g} s"
        except Exception as error:  # noqa: BLE001 - the user's own code
            cause, answer = error, f"raised {error!r}"
        else:
            # Only True counts: a tuple of an answer and a reason, for example, is always true.
            if is_well is True:
                return droplet
            cause = None
            answer = "did not pass" if is_well is False else f"returned {is_well!r}; it must return True or False"
    raise UnhealthyDropletError(
        f"the health check of Droplet {droplet_id} {answer}", droplet_id=droplet_id, droplet=droplet
    ) from cause
