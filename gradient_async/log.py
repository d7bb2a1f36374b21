"""The SDK's logger, ``gradient_async``: one line for each request, without the token.

Warnings, such as a lost answer, an adopted action or a long wait, appear on standard error even if
the program has not set up logging.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gradient_async.errors import Attempt, AttemptOutcome

logger: Final = logging.getLogger("gradient_async")
_LONG_SECONDS: Final = 5.0
_LEVELS: Final[Mapping[AttemptOutcome, int]] = {
    "answered": logging.INFO,
    "rejected": logging.INFO,
    "unknown": logging.WARNING,
    "not_sent": logging.WARNING,
}


class Sent(Protocol):
    """What the log says of a request."""

    @property
    def method(self) -> str:
        """The HTTP method."""
        ...

    @property
    def path(self) -> str:
        """The path, without the query."""
        ...


def switch_on(level: int) -> None:
    """Write the SDK's log to standard error, from ``level`` up. A second call only changes the level."""
    logger.setLevel(level)
    if not logger.handlers and not logging.getLogger().handlers:
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
        logger.addHandler(handler)


def is_logged(outcome: AttemptOutcome) -> bool:
    """Return whether the log level for this outcome is enabled."""
    return logger.isEnabledFor(_LEVELS[outcome])


def attempt_ended(request: Sent, attempt: Attempt) -> None:
    """Log one attempt: method, path, status, duration, number, outcome and request id."""
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


def adopted(request: Sent, action_id: int, owner: str, *, is_expected: bool = False) -> None:
    """Log that an action was found whose answer was lost. This is expected after an interrupted run."""
    logger.log(
        logging.INFO if is_expected else logging.WARNING,
        "%s %s: the answer was lost; the %s's list shows that action %d is its result",
        request.method,
        request.path,
        owner,
        action_id,
    )


def found_again(request: Sent, things: str, *, is_expected: bool = False) -> None:
    """Log that created things were found whose answer was lost. This is expected after an interrupted run."""
    logger.log(
        logging.INFO if is_expected else logging.WARNING,
        "%s %s: the answer was lost; the account's list shows that it created %s",
        request.method,
        request.path,
        things,
    )


def about_another(request: Sent, reason: str) -> None:
    """Warn that the API answers about another resource, on each connection."""
    logger.warning("%s %s: %s, twice, on two connections", request.method, request.path, reason)


def answer_is_fixed(request: Sent, reason: str) -> None:
    """Warn that an answer about another action is accepted, since the server is one for tests."""
    logger.warning(
        "%s %s: %s. The answer is accepted: its action is more than a day old, and the server does not look at ids, "
        "as a mock of the API does not",
        request.method,
        request.path,
        reason,
    )


def result_not_kept(request: Sent, why: str) -> None:
    """Log that a result is not kept under its key. The next call with the key looks it up."""
    logger.warning(
        "%s %s was executed, and its result could not be kept under its key (%s): the next call looks it up",
        request.method,
        request.path,
        why,
    )


def cancelled(request: Sent) -> None:
    """Log that a request was cancelled while it was pending."""
    logger.warning(
        "%s %s was cancelled while it was pending: it may have been executed. It is not sent again",
        request.method,
        request.path,
    )


def paced(seconds: float) -> None:
    """Log that requests wait for the rate budget: a warning for a long wait."""
    level = logging.WARNING if is_long(seconds) else logging.DEBUG
    logger.log(level, "the rate budget is used up: the next request is sent in %.1f s", seconds)


def is_long(seconds: float) -> bool:
    """Return whether a wait is so long that it is warned of."""
    return seconds >= _LONG_SECONDS


def pauses(request: Sent, status: int, seconds: float) -> None:
    """Warn that a request waits until it is sent again, as its answer asks."""
    logger.warning(
        "%s %s: the answer %d asks for a pause: the request is sent again in %.1f s",
        request.method,
        request.path,
        status,
        seconds,
    )


def store_away(store: str, reason: str, processes: int, on_outage: Literal["share", "wait"]) -> None:
    """Warn that the store of a shared rate budget is away, and say what this process does until it is back."""
    does = "sends nothing" if on_outage == "wait" else f"uses a share of 1/{max(1, processes)}"
    logger.warning("the rate budget's store %s is away (%s): until it is back, this process %s", store, reason, does)


def token_in_clear(host: str) -> None:
    """Log that the token is sent to another machine without encryption."""
    logger.warning(
        "the base URL begins with http://: the access token is sent to %s unencrypted, and others on the network can "
        "read it. Use https://%s",
        host,
        host,
    )


def nothing_left(journal: str) -> None:
    """Log that a fleet run has a finished journal, and sends nothing."""
    logger.warning("%s: this journal's run is finished, and nothing is left to do. Use a new journal", journal)


def size_not_checked(size: str) -> None:
    """Log that a dry run without a token cannot read the sizes."""
    logger.warning("size %r is not checked: there is no access token", size)


def polls_fail(seconds: float, failure: Exception) -> None:
    """Log that polls have failed for some seconds, so that an operator knows why nothing happens."""
    logger.warning("polls have failed for %.0f s; retrying: %s", seconds, failure)


def polls_work(seconds: float) -> None:
    """Log that a poll succeeded after an outage."""
    logger.warning("polls work again, after %.0f s", seconds)


def nothing_tagged(tag: str) -> None:
    """Log that a fleet run by tag has no Droplets. Often the tag is misspelt."""
    logger.warning("no Droplet has the tag %r; tags are case-sensitive", tag)


def not_tagged(droplet_id: int, tag: str, tags: Sequence[str]) -> None:
    """Log that a list by tag shows a Droplet without the tag. A proxy can mix up answers."""
    own = ", ".join(repr(one) for one in tags)
    logger.warning(
        "Droplet %d in the list by tag %r has the tags %s and not this one: it is left out", droplet_id, tag, own
    )


def fleet_stopped(reason: str) -> None:
    """Log that a fleet run starts no further actions."""
    logger.warning("fleet run: nothing more is started: %s", reason)


def fleet_fault(droplet_id: int, error: Exception) -> None:
    """Log an unexpected error in a fleet run, with its traceback."""
    logger.error("fleet run: Droplet %d: %r", droplet_id, error, exc_info=error)


def by_tag_failed(tag: str, error: Exception) -> None:
    """Log an unexpected error of a request by tag, with its traceback."""
    logger.error("fleet run: the request for tag %r: %r. Each Droplet is looked up", tag, error, exc_info=error)


def proof_failed(error: Exception) -> None:
    """Log an unexpected error while Droplets that are destroyed were read."""
    logger.warning("Droplets that are being destroyed could not be read: %r. They are read again", error)


def lease_expired(lease_id: str) -> None:
    """Log that the time of a lease is over."""
    logger.warning("lease %s: its time is over; its Droplets are destroyed", lease_id)


def lease_left(text: str) -> None:
    """Log what is known of Droplets of a lease that may be left."""
    logger.error("%s", text)


def callback_failed(name: str, error: Exception) -> None:
    """Log that a user's callback raised. The run continues without it."""
    logger.warning("fleet run: %s raised %r. It is not called again", name, error)


def placeholder_in_quotes(word: str) -> None:
    """Log that a placeholder of a health check is part of a longer word, which a shell may execute."""
    logger.warning(
        "--health-check: in %r a placeholder stands inside quotes, and a shell may read its value as code. "
        "Pass it as an argument: sh -c 'test \"$1\"' sh {name}",
        word,
    )


def pending_requests(path: str, count: int) -> None:
    """Log that the journal of an earlier run lacks the answers to some requests."""
    were, each = ("requests were", "each") if count > 1 else ("request was", "it")
    logger.warning("%s: %d %s pending when the earlier run ended; %s is looked up first", path, count, were, each)


def journal_healed(path: str, count: int) -> None:
    """Log that the last line of a journal is incomplete."""
    logger.warning("%s: the last line is incomplete, since the run was interrupted; %d bytes dropped", path, count)
