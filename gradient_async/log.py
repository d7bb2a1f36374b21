"""The SDK's one logger, ``gradient_async``: a line for each request, and never a token.

Warnings, such as a lost answer, an adopted action or a long wait for the rate budget, reach standard error even where
nobody has set up logging: whoever watches should know.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gradient_async.errors import Attempt, AttemptOutcome
    from gradient_async.http.endpoint import Request

logger: Final = logging.getLogger("gradient_async")
_LONG_SECONDS: Final = 5.0
_LEVELS: Final[Mapping[AttemptOutcome, int]] = {
    "answered": logging.INFO,
    "rejected": logging.INFO,
    "unknown": logging.WARNING,
    "not_sent": logging.WARNING,
}


def switch_on(level: int) -> None:
    """Write the SDK's log to standard error from ``level`` up; a second call only changes the level."""
    logger.setLevel(level)
    if not logger.handlers and not logging.getLogger().handlers:
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
        logger.addHandler(handler)


def is_logged(outcome: AttemptOutcome) -> bool:
    """Whether anybody listens to what is told of attempts that ended so."""
    return logger.isEnabledFor(_LEVELS[outcome])


def attempt_ended(request: Request[object], attempt: Attempt) -> None:
    """One line for one attempt: method, path, status, duration, attempt, request id."""
    logger.log(
        _LEVELS[attempt.outcome],
        "%s %s -> %s in %.3f s (attempt %d, %s, request id %s)",
        request.method,
        request.path,
        attempt.status or attempt.detail,
        attempt.seconds,
        attempt.number,
        attempt.outcome,
        attempt.request_id or "none",
    )


def adopted(request: Request[object], action_id: int, *, is_expected: bool = False) -> None:
    """An action was found whose answer had been lost; expected where an earlier run was interrupted."""
    logger.log(
        logging.INFO if is_expected else logging.WARNING,
        "%s %s: the answer was lost; the Droplet's list shows that action %d is its result",
        request.method,
        request.path,
        action_id,
    )


def cancelled(request: Request[object]) -> None:
    """An action request was cancelled on its way."""
    logger.warning(
        "%s %s was cancelled on its way: it may have been executed, and nothing more is sent",
        request.method,
        request.path,
    )


def paced(seconds: float) -> None:
    """A request waits for the rate budget; an operator should know if that takes long."""
    level = logging.WARNING if seconds >= _LONG_SECONDS else logging.DEBUG
    logger.log(level, "the rate budget is used up for now: the next request goes in %.1f s", seconds)


def token_in_clear(host: str) -> None:
    """The API's address is not encrypted, and not on this machine."""
    logger.warning(
        "base_url begins with http://: the access token goes to %s unencrypted, and whoever is on the way can read it; "
        "use https://%s",
        host,
        host,
    )


def nothing_left(journal: str) -> None:
    """A fleet run goes on with a journal in which everything is done: it looks like a run, and sends nothing."""
    logger.warning("%s: this journal's run is over, and nothing is left to do; a new run needs a new journal", journal)


def size_not_checked(size: str) -> None:
    """A dry run has no token, and cannot read the sizes."""
    logger.warning("size %r is not checked: there is no access token", size)


def polls_fail(seconds: float, failure: Exception) -> None:
    """Polls have failed for some seconds; whoever waits should know why nothing happens."""
    logger.warning("polls have failed for %.0f s, and go on: %s", seconds, failure)


def polls_work(seconds: float) -> None:
    """A poll has succeeded after others had failed for some seconds."""
    logger.warning("polls work again, after %.0f s", seconds)


def nothing_tagged(tag: str) -> None:
    """A fleet run by tag has nothing to do, which is more often a typing error than a wish."""
    logger.warning("no Droplet has the tag %r; tags tell capitals apart", tag)


def fleet_stopped(reason: str) -> None:
    """A fleet run starts nothing any more."""
    logger.warning("fleet run: nothing more is started: %s", reason)


def fleet_fault(droplet_id: int, error: Exception) -> None:
    """Something went wrong that is no answer of the API's, with the place in the code."""
    logger.error("fleet run: Droplet %d: %r", droplet_id, error, exc_info=error)


def callback_failed(name: str, error: Exception) -> None:
    """A callback of the user's raised; the run goes on without it."""
    logger.warning("fleet run: %s raised %r, and is not called any more", name, error)


def placeholder_in_quotes(word: str) -> None:
    """A health check's placeholder stands among other words, where a shell would read it."""
    logger.warning(
        "--health-check: in %r a placeholder stands inside quotes, and a shell that reads it may take it for code; "
        "pass it as an argument: sh -c 'test \"$1\"' sh {name}",
        word,
    )


def on_the_way(path: str, count: int) -> None:
    """The answers to some requests of an earlier run are not in its journal."""
    were, each = ("requests were on their way", "each") if count > 1 else ("request was on its way", "it")
    logger.warning("%s: %d %s when the earlier run ended; %s is looked up first", path, count, were, each)


def journal_healed(path: str, count: int) -> None:
    """The end of a journal was torn off while it was written."""
    logger.warning("%s: the last line was cut off when the run before was interrupted; %d bytes dropped", path, count)
