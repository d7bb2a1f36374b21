"""The picture of a fleet run. Pure: report in, SVG out."""

from __future__ import annotations

import html
import math
import re
from datetime import UTC, datetime
from itertools import groupby
from typing import TYPE_CHECKING, Final

from gradient_async.fleet.outcome import STATUSES
from gradient_async.fleet.picture import Picture
from gradient_async.fleet.timeline_layout import (
    DAY_SECONDS,
    LEFT,
    MARGIN,
    MARK_LENGTH,
    MIN_BAR_LENGTH,
    PICTURE_WIDTH,
    RATE_HEIGHT,
    RIGHT,
    Rows,
    in_row_order,
    requests_by_pixel,
    time_axis,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gradient_async.fleet.outcome import Outcome, OutcomeStatus
    from gradient_async.fleet.report import FleetReport
    from gradient_async.fleet.timeline_layout import TimeAxis

# Light scheme, dark scheme. The colours differ in lightness as well as in hue: people with any kind of colour
# blindness can distinguish them.
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
# The most important status is painted last, over the others.
_PAINT_ORDER: Final[tuple[OutcomeStatus, ...]] = ("completed", "skipped", "started", "unknown", "failed")

_FORBIDDEN_IN_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_MAX_LINE_LENGTH: Final = 150
_MARKS_HEIGHT: Final = 20
# A hunt can have many tries; the last ones are drawn.
_MAX_MARKS: Final = 3000


def timeline_of(report: FleetReport) -> str:
    """Return the picture of a fleet run."""
    counts = report.counts
    has_batches = len({outcome.batch for outcome in report.outcomes}) > 1
    return drawn(
        Picture(
            headline=str(report).partition("\n")[0],
            stopped_by=report.stopped_by,
            began_at=report.began_at,
            duration=report.duration,
            outcomes=report.outcomes,
            legend=tuple(
                (status, f"{status} {counts[status]:,}") for status in STATUSES if counts[status] or status != "started"
            ),
            request_times=report.request_times,
            limit=report.limit,
            rows_heading="Droplets, by batch and start" if has_batches else "Droplets, by start",
        )
    )


def drawn(picture: Picture) -> str:
    """Return a picture: one self-contained SVG.

    The picture is at most about 1,000 pixels high for any number of Droplets. It follows the reader's light or dark
    setting. It is plain ASCII, so any encoding can hold it. Long texts are cut; reasons are cut shorter for many
    Droplets.
    """
    axis = time_axis(picture.began_at, picture.duration)
    header_bottom = 88 + (22 if picture.stopped_by else 0)
    rate_top = header_bottom + 34
    marks_top = rate_top + RATE_HEIGHT + 38
    rows = Rows(in_row_order(picture.outcomes), top=marks_top + (_MARKS_HEIGHT + 38 if picture.marks_heading else 0))
    height = math.ceil(rows.bottom + 36)
    parts = [
        _header(picture, header_bottom),
        _panels(rate_top, rows),
        _marks(picture, axis, marks_top),
        _bands(rows),
        _ticks(axis, rate_top, rows),
        _rate(picture, axis, rate_top),
        _heading(picture.rows_heading, rows.top),
        *(_bars(rows, axis, status) for status in _PAINT_ORDER),
        _row_labels(rows),
    ]
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="fleet-timeline" role="img"'
        f' aria-label="{_safe(picture.headline)}"'
        f' viewBox="0 0 {PICTURE_WIDTH} {height}" width="{PICTURE_WIDTH}" height="{height}"'
        f' font-family="system-ui,-apple-system,Segoe UI,Helvetica,Arial,sans-serif" font-size="12">'
        f"<style>{_style()}</style>"
        f'<rect class="paper" fill="currentColor" width="100%" height="100%"/>{"".join(parts)}</svg>\n'
    )
    return svg.encode("ascii", "xmlcharrefreplace").decode("ascii")


# Texts


def _style() -> str:
    # All rules are under one class: a notebook puts the picture into a page with other styles.
    return (
        f"{_colours(0)}@media(prefers-color-scheme:dark){{{_colours(1)}}}"
        ".fleet-timeline{max-width:100%;height:auto}.fleet-timeline .bars>:hover{opacity:.6}"
        ".fleet-timeline .ring{stroke-width:1.5;pointer-events:all}"
        ".fleet-timeline .solid{stroke-width:0;fill:currentColor}"
    )


def _colours(scheme: int) -> str:
    return "".join(f".fleet-timeline .{name}{{color:{colours[scheme]}}}" for name, colours in _COLOURS.items())


def _safe(text: str, max_length: int = _MAX_LINE_LENGTH) -> str:
    short = text if len(text) <= max_length else text[: max_length - 1] + "…"
    return html.escape(_FORBIDDEN_IN_XML.sub("\ufffd", short))


def _number(value: float) -> str:
    return f"{round(value, 2):g}"


def _text(x: float, y: float, text: str, *, colour: str = "quiet", more: str = "") -> str:
    return f'<text class="{colour}" fill="currentColor" x="{_number(x)}" y="{_number(y)}"{more}>{_safe(text)}</text>'


def _heading(text: str, panel_top: float) -> str:
    return _text(LEFT, panel_top - 9, text, colour="ink", more=' font-weight="600"')


def _header(picture: Picture, bottom: float) -> str:
    action, _, counts = picture.headline.partition(": ")
    began = f"{picture.began_at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
    lines = [
        _text(MARGIN, 34, action, colour="ink", more=' font-size="20" font-weight="600"'),
        _text(MARGIN, 57, f"{counts}, began {began}", more=' font-size="13"'),
    ]
    if picture.stopped_by:
        lines.append(_text(MARGIN, 79, f"stopped: {picture.stopped_by}", colour="failed", more=' font-size="13"'))
    return "".join(lines) + _legend(picture, bottom - 4)


def _legend(picture: Picture, y: float) -> str:
    # One text with coloured parts: only the browser knows the width of its letters.
    entries: list[tuple[str, str, str]] = [("■", colour, text) for colour, text in picture.legend]
    if any(outcome.started_at is None and not outcome.is_resumed for outcome in picture.outcomes):
        entries.append(("○", "quiet", "nothing sent"))
    if any(outcome.is_resumed for outcome in picture.outcomes):
        entries.append(("◀", "quiet", "by an earlier run"))
    pieces = "".join(
        f'<tspan class="{colour}" fill="currentColor" dx="18">{sign}</tspan><tspan dx="5">{text}</tspan>'
        for sign, colour, text in entries
    )
    return f'<text class="ink" fill="currentColor" x="{MARGIN - 18}" y="{_number(y)}" font-size="13">{pieces}</text>'


# Panels and axes


def _panels(rate_top: float, rows: Rows) -> str:
    return "".join(
        f'<rect class="panel" fill="currentColor" x="{LEFT}" y="{_number(top)}" width="{RIGHT - LEFT}"'
        f' height="{_number(height)}"/>'
        for top, height in ((rate_top, RATE_HEIGHT), (rows.top, rows.height))
    )


def _ticks(axis: TimeAxis, rate_top: float, rows: Rows) -> str:
    ticks = list(axis.ticks)
    lines = "".join(
        f"M{_number(axis.x_of(tick))} {_number(top)}v{_number(height)}"
        for tick in ticks
        for top, height in ((rate_top, RATE_HEIGHT), (rows.top, rows.height + 5))
    )
    labels = "".join(
        _text(axis.x_of(tick), rows.bottom + 20, _clock(tick, axis), more=' text-anchor="middle"') for tick in ticks
    )
    zone = _text(PICTURE_WIDTH - MARGIN, rows.bottom + 20, "UTC", more=' text-anchor="end"')
    return f'<path class="line" fill="none" stroke="currentColor" d="{lines}"/>{labels}{zone}'


def _clock(timestamp: float, axis: TimeAxis) -> str:
    at = datetime.fromtimestamp(round(timestamp, 3), UTC)
    if axis.seconds > DAY_SECONDS:
        return f"{at:%m-%d %H:%M}"
    if axis.tick_seconds < 1:
        return f"{at:%H:%M:%S}.{at.microsecond // 1000:03}"
    return f"{at:%H:%M}" if axis.tick_seconds >= 60 else f"{at:%H:%M:%S}"


def _span_name(seconds: float) -> str:
    for unit, name in ((3600, "h"), (60, "min")):
        if seconds >= unit and seconds % unit == 0:
            return f"{seconds / unit:g} {name}"
    return f"{seconds:g} s"


# Use of the rate budget


def _rate(picture: Picture, axis: TimeAxis, top: float) -> str:
    limit, window = picture.limit or (None, axis.window_seconds)
    counts = requests_by_pixel(picture.request_times, window, axis)
    highest = max(limit or 1, *counts)
    bottom = top + RATE_HEIGHT

    def y_of(count: int) -> float:
        return bottom - (RATE_HEIGHT - 10) * count / highest

    facts = f"Requests finished within {_span_name(window)}: at most {max(counts):,}"
    return (
        _heading(facts if limit is None else f"{facts}, limit {limit:,}", top)
        + '<path class="requests" fill="currentColor" fill-opacity=".25" stroke="currentColor" stroke-width="1.2"'
        f' d="{_steps(counts, y_of, bottom)}"/>'
        + _count_labels({0, max(counts)} if limit is None else {0, limit}, y_of)
        + ("" if limit is None else _limit_line(y_of(limit)))
    )


def _steps(counts: Sequence[int], y_of: Callable[[int], float], bottom: float) -> str:
    x, steps = LEFT, [f"M{LEFT} {_number(bottom)}"]
    for count, pixels in groupby(counts):
        x += len(list(pixels))
        steps.append(f"V{_number(y_of(count))}H{x}")
    return "".join(steps) + f"V{_number(bottom)}z"


def _count_labels(counts: set[int], y_of: Callable[[int], float]) -> str:
    return "".join(_text(LEFT - 8, y_of(count) + 4, f"{count:,}", more=' text-anchor="end"') for count in counts)


def _limit_line(y: float) -> str:
    line = f'd="M{LEFT} {_number(y)}H{RIGHT}" stroke-dasharray="6 4"'
    return f'<path class="ink" fill="none" stroke="currentColor" {line}/>{_text(RIGHT + 8, y + 4, "limit")}'


# The marks


def _marks(picture: Picture, axis: TimeAxis, top: float) -> str:
    if not picture.marks_heading:
        return ""
    panel = (
        f'<rect class="panel" fill="currentColor" x="{LEFT}" y="{_number(top)}" width="{RIGHT - LEFT}"'
        f' height="{_MARKS_HEIGHT}"/>'
    )
    lines = "".join(
        f'<path class="{mark.colour}" fill="none" stroke="currentColor" stroke-width="2"'
        f' d="M{_number(axis.x_of(mark.at))} {_number(top + 2)}v{_MARKS_HEIGHT - 4}">'
        f"<title>{_safe(mark.text)}</title></path>"
        for mark in picture.marks[-_MAX_MARKS:]
    )
    return f"{_heading(picture.marks_heading, top)}{panel}{lines}"


# The Droplets


def _bands(rows: Rows) -> str:
    bands = "".join(
        f"M{LEFT} {_number(rows.y_of(batch.first - 0.5))}h{RIGHT - LEFT}"
        f"v{_number(rows.row_height * batch.count)}H{LEFT}z"
        for batch in rows.batches[::2]
    )
    labels = "".join(_text(RIGHT + 8, middle + 4, f"batch {number:,}") for number, middle in rows.batch_labels)
    return f'<path class="band" fill="currentColor" d="{bands}"/>{labels}'


def _row_labels(rows: Rows) -> str:
    if not rows.outcomes:
        return _text(LEFT + 12, (rows.top + rows.bottom) / 2 + 4, "No Droplets: there was nothing to do.")
    if not rows.has_labels:
        return ""
    return "".join(
        _text(LEFT - 8, rows.y_of(index) + 4, str(outcome.droplet_id or ""), more=' text-anchor="end"')
        for index, outcome in enumerate(rows.outcomes)
    )


def _bars(rows: Rows, axis: TimeAxis, status: OutcomeStatus) -> str:
    # One group per status holds what its bars have in common: 10,000 bars must stay a small file.
    radius, max_length = rows.mark_radius, rows.max_reason_length
    bars = "".join(
        f"<path {_shape(outcome, axis, rows.y_of(index), radius)}><title>{_tooltip(outcome, max_length)}</title></path>"
        for index, outcome in enumerate(rows.outcomes)
        if outcome.status == status
    )
    width = _number(rows.thickness_of(status))
    return f'<g class="bars {status}" fill="none" stroke="currentColor" stroke-width="{width}">{bars}</g>'


def _shape(outcome: Outcome, axis: TimeAxis, y: float, radius: float) -> str:
    if outcome.is_resumed:
        return _resumed_mark(y, radius)
    if outcome.started_at is None:
        return _ring(axis.x_of(outcome.ended_at.timestamp()), y, radius)
    start, end = axis.x_of(outcome.started_at.timestamp()), axis.x_of(outcome.ended_at.timestamp())
    return _line(start, y, max(end - start, MIN_BAR_LENGTH))


def _line(x: float, y: float, length: float) -> str:
    return f'd="M{_number(min(x, RIGHT - length))} {_number(y)}h{_number(length)}"'


def _resumed_mark(y: float, radius: float) -> str:
    if not radius:
        return _line(LEFT, y, MARK_LENGTH)
    side = _number(2 * radius)
    return f'class="solid" d="M{LEFT} {_number(y)}l{side} {_number(-radius)}v{side}z"'


def _ring(x: float, y: float, radius: float) -> str:
    if not radius:
        return _line(x, y, MARK_LENGTH)
    left = min(max(x - radius, LEFT + 1), RIGHT - 2 * radius - 1)
    half = f"a{_number(radius)} {_number(radius)} 0 1 0"
    return (
        f'class="ring" d="M{_number(left)} {_number(y)}{half} {_number(2 * radius)} 0{half} {_number(-2 * radius)} 0"'
    )


def _tooltip(outcome: Outcome, max_length: int) -> str:
    facts = [f"Droplet {_safe(outcome.label)}", getattr(outcome, "word", "") or outcome.status]
    if outcome.started_at:
        facts.append(f"{(outcome.ended_at - outcome.started_at).total_seconds():.1f} s")
    if outcome.action:
        facts.append(f"action {outcome.action.id}")
    if outcome.is_resumed:
        facts.append("by an earlier run")
    return "\n".join((", ".join(facts), *([_safe(outcome.reason, max_length)] if outcome.reason else [])))
