"""Answers to the requests of a look-up, without a server: each has the next one of the given bodies."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any, Final

from samples import response

from gradient_async.http.raw_response import RawResponse
from gradient_async.http.request import Timestamp
from gradient_async.http.results import Result

SENT: Final = 1_795_435_200.0


def at(after: float) -> Timestamp:
    """Return the time so many seconds after the sending of the request that is looked up."""
    return Timestamp(wall=SENT + after, monotonic=100.0 + after)


def stamp(after: float) -> str:
    """Return such a time as the API writes it."""
    return datetime.fromtimestamp(SENT + after, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class ScriptedLists:
    """Sends nothing, and answers with the given bodies in turn. It has a clock, which only pauses move.

    Args:
        answers: The bodies. An error is raised.
        read_at: Seconds after the sending at which the lists are read.
        date: Seconds after the sending that the ``Date`` headers show then; ``None`` for answers without the header.

    Attributes:
        requests: The requests so far.
        pauses: The pauses so far.
    """

    def __init__(self, *answers: object, read_at: float = 0.25, date: float | None = 0.0) -> None:
        self._answers = [*answers]
        self.read_at = read_at
        self.date = date
        self.requests: list[Any] = []
        self.pauses: list[float] = []

    async def __call__(self, request: Any) -> Any:
        self.requests.append(request)
        answer = self._answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        seconds = None if self.date is None else datetime.fromtimestamp(SENT + self.date, UTC)
        headers = {} if seconds is None else {"date": format_datetime(seconds, usegmt=True)}
        made = response(200, json.dumps(answer).encode(), headers)._replace(received_at=self.now())
        return RawResponse(made, request, [Result.of_answer(made, self.now())])

    def now(self) -> Timestamp:
        """Return the time."""
        return at(self.read_at)

    async def sleep(self, seconds: float) -> None:
        """Move the clock."""
        self.pauses.append(round(seconds, 6))
        self.read_at += seconds
        if self.date is not None:
            self.date += seconds

    @property
    def left(self) -> int:
        """Number of answers that were not asked for."""
        return len(self._answers)

    @property
    def pages(self) -> list[int]:
        """The numbers of the pages that were asked for."""
        return [int(request.query["page"]) for request in self.requests]
