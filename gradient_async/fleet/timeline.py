"""The picture of a fleet run. Pure: report in, SVG out."""

from __future__ import annotations

import html
import math
import re
from bisect import bisect_right
from datetime import UTC, datetime
from itertools import groupby
from typing import TYPE_CHECKING, Final

from attrs import frozen

from gradient_async.fleet.outcome import STATUSES, Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from gradient_async.fleet.outcome import OutcomeStatus
    from gradient_async.fleet.report import FleetReport

# By day and by night. The colours differ in lightness as well as in hue, and so stay apart for people who
# see no red, no green or no blue.
_COLOURS: Final = {
    "paper": ("#ffffff", "#0d1117"),
    "panel": ("#f5f7fa", "#151b23"),
    "band": ("#e7ecf2", "#1f2731"),
    "line": ("#d5dbe3", "#323b47"),
    "ink": ("#1b2430", "#e8edf3"),
    "quiet": ("#5b6675", "#9aa5b3"),
    "requests": ("#6d5bd0", "#a99bf5"),
    "completed": ("#2f77c9", "#4d94e8"),
    "started": ("#0b8378", "#5ad1c0"),
    "failed": ("#b8190f", "#f04438"),
    "unknown": ("#e09600", "#ffe08a"),
    "skipped": ("#8d97a3", "#76818e"),
}
# What must not be overlooked is painted last.
_PAINT_ORDER: Final[tuple[OutcomeStatus, ...]] = ("completed", "skipped", "started", "unknown", "failed")

_PICTURE_WIDTH: Final = 1200
_MARGIN: Final = 20
_LEFT: Final = 96
_RIGHT: Final = 1116
_RATE_HEIGHT: Final = 92
_ROWS_HEIGHT: Final = 680
_LEAST_ROWS_HEIGHT: Final = 34
_HIGHEST_ROW: Final = 20.0
_LOWEST_ROW_WITH_GAP: Final = 5.0
_LEAST_LENGTH: Final = 1.5
_LOWEST_MARK: Final = 4.0
_MARK_LENGTH: Final = 5.0
_LEAST_PROBLEM_THICKNESS: Final = 2.5
_LABEL_HEIGHT: Final = 13.0
_MOST_LABELLED: Final = 50

# No run is so short that its axis has no width.
_SHORTEST_SECONDS: Final = 0.01
_MOST_TICKS: Final = 10
_MOST_SPANS: Final = 40
_DAY: Final = 86400
_SHORT_STEPS: Final = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30)
_STEPS: Final = (*_SHORT_STEPS, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, _DAY)

_FORBIDDEN_IN_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LONGEST_LINE: Final = 150
_LONGEST_REASON: Final = 300
_SHORTEST_REASON: Final = 60
_ALL_REASONS: Final = 600_000


@frozen
class _TimeAxis:
    """Where moments, in seconds since the epoch, are from left to right; those outside the run are at its edges."""

    began: float
    seconds: float

    def x_of(self, moment: float) -> float:
        # A clock that was set during the run must not draw beyond the panel.
        return _LEFT + (_RIGHT - _LEFT) * min(1.0, max(0.0, (moment - self.began) / self.seconds))


@frozen
class _Rows:
    """Where the rows of the Droplets are from top to bottom."""

    outcomes: tuple[Outcome, ...]
    top: float

    @property
    def height(self) -> float:
        return max(_LEAST_ROWS_HEIGHT, self.row_height * len(self.outcomes))

    @property
    def bottom(self) -> float:
        return self.top + self.height

    @property
    def row_height(self) -> float:
        return min(_HIGHEST_ROW, _ROWS_HEIGHT / max(1, len(self.outcomes)))

    @property
    def thickness(self) -> float:
        # Rows that touch overlap a little: edges that only meet between two pixels show as stripes.
        return self.row_height * 0.7 if self.row_height >= _LOWEST_ROW_WITH_GAP else self.row_height + 0.4

    def thickness_of(self, status: OutcomeStatus) -> float:
        """A few problems among thousands of rows are drawn thick enough to be seen; many keep to their share."""
        if status not in {"failed", "unknown"}:
            return self.thickness
        problems = sum(outcome.is_problem for outcome in self.outcomes)
        return max(self.thickness, min(_LEAST_PROBLEM_THICKNESS, self.height / (8 * max(1, problems))))

    def y_of(self, index: float) -> float:
        margin = (self.height - self.row_height * len(self.outcomes)) / 2
        return self.top + margin + self.row_height * (index + 0.5)


def timeline_of(report: FleetReport) -> str:
    """The picture of a run, as an SVG that needs nothing else.

    It is at most about 1,000 pixels high whatever the number of Droplets, follows the reader's light or dark setting,
    and is plain ASCII, so that it may be written in any encoding. Long texts are cut, and reasons the more the more
    Droplets there are.
    """
    axis = _TimeAxis(report.began_at.timestamp(), max(report.duration, _SHORTEST_SECONDS))
    header_bottom = 88 + (22 if report.stopped_by else 0)
    rate_top = header_bottom + 34
    rows = _Rows(tuple(sorted(report.outcomes, key=_order)), top=rate_top + _RATE_HEIGHT + 38)
    height = math.ceil(rows.bottom + 36)
    parts = [
        _header(report, header_bottom),
        _panels(rate_top, rows),
        _bands(rows),
        _ticks(axis, rate_top, rows),
        _rate(report, axis, rate_top),
        _heading("Droplets, by batch and start" if _batches(rows) else "Droplets, by start", rows.top),
        *(_bars(rows, axis, status) for status in _PAINT_ORDER),
        _row_labels(rows),
    ]
    picture = (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="fleet-timeline" role="img" aria-label="{_headline(report)}"'
        f' viewBox="0 0 {_PICTURE_WIDTH} {height}" width="{_PICTURE_WIDTH}" height="{height}"'
        f' font-family="system-ui,-apple-system,Segoe UI,Helvetica,Arial,sans-serif" font-size="12">'
        f"<style>{_style()}</style>"
        f'<rect class="paper" fill="currentColor" width="100%" height="100%"/>{"".join(parts)}</svg>\n'
    )
    return picture.encode("ascii", "xmlcharrefreplace").decode("ascii")


def _order(outcome: Outcome) -> tuple[int, datetime, int]:
    return outcome.batch, outcome.started_at or outcome.ended_at, outcome.droplet_id


# Texts


def _style() -> str:
    # Under a class of its own: a notebook puts the picture into a page that has other styles.
    return (
        f"{_colours(0)}@media(prefers-color-scheme:dark){{{_colours(1)}}}"
        ".fleet-timeline{max-width:100%;height:auto}.fleet-timeline .bars>:hover{opacity:.6}"
        ".fleet-timeline .ring{stroke-width:1.5;pointer-events:all}"
        ".fleet-timeline .solid{stroke-width:0;fill:currentColor}"
    )


def _colours(scheme: int) -> str:
    return "".join(f".fleet-timeline .{name}{{color:{colours[scheme]}}}" for name, colours in _COLOURS.items())


def _safe(text: str, longest: int = _LONGEST_LINE) -> str:
    short = text if len(text) <= longest else text[: longest - 1] + "…"
    return html.escape(_FORBIDDEN_IN_XML.sub("\ufffd", short))


def _number(value: float) -> str:
    return f"{round(value, 2):g}"


def _text(x: float, y: float, text: str, *, colour: str = "quiet", more: str = "") -> str:
    return f'<text class="{colour}" fill="currentColor" x="{_number(x)}" y="{_number(y)}"{more}>{_safe(text)}</text>'


def _heading(text: str, panel_top: float) -> str:
    return _text(_LEFT, panel_top - 9, text, colour="ink", more=' font-weight="600"')


def _headline(report: FleetReport) -> str:
    return _safe(str(report).partition("\n")[0])


def _header(report: FleetReport, bottom: float) -> str:
    what, _, counts = str(report).partition("\n")[0].partition(": ")
    began = f"{report.began_at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
    lines = [
        _text(_MARGIN, 34, what, colour="ink", more=' font-size="20" font-weight="600"'),
        _text(_MARGIN, 57, f"{counts}, began {began}", more=' font-size="13"'),
    ]
    if report.stopped_by:
        lines.append(_text(_MARGIN, 79, f"stopped: {report.stopped_by}", colour="failed", more=' font-size="13"'))
    return "".join(lines) + _legend(report, bottom - 4)


def _legend(report: FleetReport, y: float) -> str:
    # One text with coloured pieces: the browser knows how wide its letters are.
    entries: list[tuple[str, str, str]] = [
        ("■", status, f"{status} {report.counts[status]:,}")
        for status in STATUSES
        if report.counts[status] or status != "started"
    ]
    if any(outcome.started_at is None and not outcome.is_resumed for outcome in report.outcomes):
        entries.append(("○", "quiet", "nothing sent"))
    if any(outcome.is_resumed for outcome in report.outcomes):
        entries.append(("◀", "quiet", "by an earlier run"))
    pieces = "".join(
        f'<tspan class="{colour}" fill="currentColor" dx="18">{sign}</tspan><tspan dx="5">{text}</tspan>'
        for sign, colour, text in entries
    )
    return f'<text class="ink" fill="currentColor" x="{_MARGIN - 18}" y="{_number(y)}" font-size="13">{pieces}</text>'


# Panels and axes


def _panels(rate_top: float, rows: _Rows) -> str:
    return "".join(
        f'<rect class="panel" fill="currentColor" x="{_LEFT}" y="{_number(top)}" width="{_RIGHT - _LEFT}"'
        f' height="{_number(height)}"/>'
        for top, height in ((rate_top, _RATE_HEIGHT), (rows.top, rows.height))
    )


def _ticks(axis: _TimeAxis, rate_top: float, rows: _Rows) -> str:
    step = _nice_seconds(axis.seconds, _MOST_TICKS)
    moments = list(_multiples(step, axis.began, axis.seconds))
    lines = "".join(
        f"M{_number(axis.x_of(moment))} {_number(top)}v{_number(height)}"
        for moment in moments
        for top, height in ((rate_top, _RATE_HEIGHT), (rows.top, rows.height + 5))
    )
    labels = "".join(
        _text(axis.x_of(moment), rows.bottom + 20, _clock(moment, step, axis.seconds), more=' text-anchor="middle"')
        for moment in moments
    )
    zone = _text(_PICTURE_WIDTH - _MARGIN, rows.bottom + 20, "UTC", more=' text-anchor="end"')
    return f'<path class="line" fill="none" stroke="currentColor" d="{lines}"/>{labels}{zone}'


def _nice_seconds(seconds: float, most: int) -> float:
    for step in _STEPS:
        if seconds / step <= most:
            return step
    return math.ceil(seconds / _DAY / most) * _DAY


def _multiples(step: float, began: float, seconds: float) -> Iterator[float]:
    first = math.ceil(began / step)
    last = math.floor((began + seconds) / step)
    return (number * step for number in range(first, last + 1))


def _clock(moment: float, step: float, seconds: float) -> str:
    at = datetime.fromtimestamp(round(moment, 3), UTC)
    if seconds > _DAY:
        return f"{at:%m-%d %H:%M}"
    if step < 1:
        return f"{at:%H:%M:%S}.{at.microsecond // 1000:03}"
    return f"{at:%H:%M}" if step >= 60 else f"{at:%H:%M:%S}"


def _span_name(seconds: float) -> str:
    for unit, name in ((3600, "h"), (60, "min")):
        if seconds >= unit and seconds % unit == 0:
            return f"{seconds / unit:g} {name}"
    return f"{seconds:g} s"


# The budget's use


def _rate(report: FleetReport, axis: _TimeAxis, top: float) -> str:
    limit, span = report.limit or (None, _nice_seconds(axis.seconds, _MOST_SPANS))
    use = _use_by_pixel(report.request_times, span, axis)
    highest = max(limit or 0, *use, 1)
    bottom = top + _RATE_HEIGHT

    def y_of(count: int) -> float:
        return bottom - (_RATE_HEIGHT - 10) * count / highest

    facts = f"Requests finished within {_span_name(span)}: at most {max(use):,}"
    return (
        _heading(facts if limit is None else f"{facts}, limit {limit:,}", top)
        + '<path class="requests" fill="currentColor" fill-opacity=".25" stroke="currentColor" stroke-width="1.2"'
        f' d="{_steps(use, y_of, bottom)}"/>'
        + _count_labels({0, max(use)} if limit is None else {0, limit}, y_of)
        + ("" if limit is None else _limit_line(y_of(limit)))
    )


def _use_by_pixel(times: Sequence[float], span: float, axis: _TimeAxis) -> list[int]:
    """The most requests that a window ending within each pixel holds, so that no peak falls between two pixels."""
    pixels = _RIGHT - _LEFT
    starts = [axis.began + axis.seconds * pixel / pixels for pixel in range(pixels)]
    use = [bisect_right(times, start) - bisect_right(times, start - span) for start in starts]
    for index, moment in enumerate(times):
        pixel = min(pixels - 1, math.floor(axis.x_of(moment)) - _LEFT)
        use[pixel] = max(use[pixel], index + 1 - bisect_right(times, moment - span))
    return use


def _steps(use: Sequence[int], y_of: Callable[[int], float], bottom: float) -> str:
    x, steps = _LEFT, [f"M{_LEFT} {_number(bottom)}"]
    for count, pixels in groupby(use):
        x += len(list(pixels))
        steps.append(f"V{_number(y_of(count))}H{x}")
    return "".join(steps) + f"V{_number(bottom)}z"


def _count_labels(counts: set[int], y_of: Callable[[int], float]) -> str:
    return "".join(_text(_LEFT - 8, y_of(count) + 4, f"{count:,}", more=' text-anchor="end"') for count in counts)


def _limit_line(y: float) -> str:
    line = f'd="M{_LEFT} {_number(y)}H{_RIGHT}" stroke-dasharray="6 4"'
    return f'<path class="ink" fill="none" stroke="currentColor" {line}/>{_text(_RIGHT + 8, y + 4, "limit")}'


# The Droplets


def _batches(rows: _Rows) -> list[tuple[int, int, int]]:
    """Number, first row and count of each batch; none if there is only one."""
    batches: list[tuple[int, int, int]] = []
    first = 0
    for number, outcomes in groupby(rows.outcomes, key=lambda outcome: outcome.batch):
        count = len(list(outcomes))
        batches.append((number, first, count))
        first += count
    return batches if len(batches) > 1 else []


def _bands(rows: _Rows) -> str:
    batches = _batches(rows)
    bands = "".join(
        f"M{_LEFT} {_number(rows.y_of(first - 0.5))}h{_RIGHT - _LEFT}v{_number(rows.row_height * count)}H{_LEFT}z"
        for _, first, count in batches[::2]
    )
    labels: list[str] = []
    free_from = rows.top
    for number, first, count in batches:
        middle = rows.y_of(first + (count - 1) / 2)
        if middle >= free_from:
            labels.append(_text(_RIGHT + 8, middle + 4, f"batch {number:,}"))
            free_from = middle + _LABEL_HEIGHT
    return f'<path class="band" fill="currentColor" d="{bands}"/>{"".join(labels)}'


def _row_labels(rows: _Rows) -> str:
    if not rows.outcomes:
        return _text(_LEFT + 12, (rows.top + rows.bottom) / 2 + 4, "No Droplets: there was nothing to do.")
    if len(rows.outcomes) > _MOST_LABELLED:
        return ""
    return "".join(
        _text(_LEFT - 8, rows.y_of(index) + 4, str(outcome.droplet_id), more=' text-anchor="end"')
        for index, outcome in enumerate(rows.outcomes)
    )


def _bars(rows: _Rows, axis: _TimeAxis, status: OutcomeStatus) -> str:
    # One group for each status says once what all its bars share: 10,000 of them have to stay a small file.
    longest = max(_SHORTEST_REASON, min(_LONGEST_REASON, _ALL_REASONS // max(1, len(rows.outcomes))))
    thickness = rows.thickness
    bars = "".join(
        f"<path {_shape(outcome, axis, rows.y_of(index), thickness)}><title>{_tooltip(outcome, longest)}</title></path>"
        for index, outcome in enumerate(rows.outcomes)
        if outcome.status == status
    )
    width = _number(rows.thickness_of(status))
    return f'<g class="bars {status}" fill="none" stroke="currentColor" stroke-width="{width}">{bars}</g>'


def _shape(outcome: Outcome, axis: _TimeAxis, y: float, thickness: float) -> str:
    radius = min(4.0, thickness / 2) if thickness >= _LOWEST_MARK else 0.0
    if outcome.is_resumed:
        return _resumed_mark(y, radius)
    if outcome.started_at is None:
        return _ring(axis.x_of(outcome.ended_at.timestamp()), y, radius)
    start, end = axis.x_of(outcome.started_at.timestamp()), axis.x_of(outcome.ended_at.timestamp())
    return _line(start, y, max(end - start, _LEAST_LENGTH))


def _line(x: float, y: float, length: float) -> str:
    return f'd="M{_number(min(x, _RIGHT - length))} {_number(y)}h{_number(length)}"'


def _resumed_mark(y: float, radius: float) -> str:
    if not radius:
        return _line(_LEFT, y, _MARK_LENGTH)
    side = _number(2 * radius)
    return f'class="solid" d="M{_LEFT} {_number(y)}l{side} {_number(-radius)}v{side}z"'


def _ring(x: float, y: float, radius: float) -> str:
    if not radius:
        return _line(x, y, _MARK_LENGTH)
    left = min(max(x - radius, _LEFT + 1), _RIGHT - 2 * radius - 1)
    half = f"a{_number(radius)} {_number(radius)} 0 1 0"
    return (
        f'class="ring" d="M{_number(left)} {_number(y)}{half} {_number(2 * radius)} 0{half} {_number(-2 * radius)} 0"'
    )


def _tooltip(outcome: Outcome, longest: int) -> str:
    facts = [f"Droplet {_safe(outcome.label)}", str(outcome.status)]
    if outcome.started_at:
        facts.append(f"{(outcome.ended_at - outcome.started_at).total_seconds():.1f} s")
    if outcome.action:
        facts.append(f"action {outcome.action.id}")
    if outcome.is_resumed:
        facts.append("by an earlier run")
    return "\n".join((", ".join(facts), *([_safe(outcome.reason, longest)] if outcome.reason else [])))
