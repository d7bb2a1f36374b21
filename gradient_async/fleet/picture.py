"""What the picture of a run shows. Pure."""

from __future__ import annotations

from datetime import datetime

from attrs import frozen

from gradient_async.fleet.outcome import Outcome


@frozen(kw_only=True)
class Mark:
    """A time that is marked in a picture.

    Attributes:
        at: Its timestamp, in seconds since the epoch.
        colour: Name of its colour.
        text: What is shown under the pointer.
    """

    at: float
    colour: str
    text: str


@frozen(kw_only=True)
class Picture:
    """What a picture shows.

    Attributes:
        headline: The run in one line: a title, a colon, and counts.
        stopped_by: Why the run ended early; ``None`` if it did not.
        began_at: When the run began, UTC.
        duration: Seconds that it took.
        outcomes: One for each row. One with a ``word`` shows that in place of its status.
        legend: Pairs of a colour and a text.
        request_times: Timestamps of the requests, in ascending order.
        limit: Requests that the rate budget's shortest window allows, and its span in seconds; ``None`` without one.
        rows_heading: Heading of the rows.
        marks_heading: Heading of the marks; empty for none.
        marks: Times that are marked above the rows.
    """

    headline: str
    stopped_by: str | None
    began_at: datetime
    duration: float
    outcomes: tuple[Outcome, ...]
    legend: tuple[tuple[str, str], ...]
    request_times: tuple[float, ...]
    limit: tuple[int, float] | None
    rows_heading: str
    marks_heading: str = ""
    marks: tuple[Mark, ...] = ()
