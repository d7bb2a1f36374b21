"""The picture of a fleet run: whatever happened, it is a small, closed, well-formed SVG that shows just that."""

from __future__ import annotations

import re
import time
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from samples import NOON

from gradient_async.fleet.outcome import STATUSES, Outcome
from gradient_async.fleet.report import FleetReport
from gradient_async.fleet.timeline import timeline_of
from gradient_async.models.action import Action

pytestmark = pytest.mark.once

LEFT, RIGHT = 96.0, 1116.0
SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = [
    '</title><script>alert("x")</script>',
    "a & b < c > d \" e ' f ]]> <!-- g",
    "&amp; &#0; &nbsp;",
    "\x00\x01\x1b[31m\x7f",
    "half a pair \ud83d, no character \ufffe \uffff",
    "line\r\nline\u2028line\ttab",
    "äöü 漢字 🔥",
]


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def outcome(droplet_id: int, start: float | None = 0, end: float = 10, **others: Any) -> Outcome:
    started_at = None if start is None else at(start)
    return Outcome(**{"status": "completed"} | others, droplet_id=droplet_id, started_at=started_at, ended_at=at(end))


def report(*outcomes: Outcome, **others: Any) -> FleetReport:
    facts: dict[str, Any] = {
        "action": "reboot",
        "began_at": NOON,
        "duration": 100.0,
        "requests": 0,
        "refused_for_rate": 0,
    } | others
    return FleetReport(outcomes=outcomes, **facts)


def wave(count: int, reason: str = "") -> FleetReport:
    """Return a typical run: 250 starts a minute, one in ten a problem."""
    statuses = ["failed", "unknown", *["completed"] * 18]
    outcomes = [
        outcome(
            3164444 + number,
            number // 250 * 60 + number % 250 * 0.02,
            number // 250 * 60 + number % 250 * 0.02 + 20 + number * 7 % 23,
            status=statuses[number % 20],
            reason=reason,
            action=Action(id=36804636 + number, status="completed", type="reboot"),
            batch=1 + number // 1000,
        )
        for number in range(count)
    ]
    times = tuple(NOON.timestamp() + number // 250 * 60 + number % 250 * 0.02 for number in range(count))
    return report(*outcomes, duration=60.0 * (1 + count // 250), request_times=times, limit=(250, 60.0))


def drawn(of: FleetReport) -> ET.Element:
    return ET.fromstring(timeline_of(of))


def marks(picture: ET.Element) -> list[ET.Element]:
    return [mark for group in groups(picture) for mark in group]


def groups(picture: ET.Element) -> list[ET.Element]:
    return [group for group in picture.iter(f"{SVG}g") if "bars" in group.attrib["class"].split()]


def tooltip(mark: ET.Element) -> str:
    return mark.findtext(f"{SVG}title") or ""


def mark_of(picture: ET.Element, droplet_id: int) -> ET.Element:
    (mark,) = (mark for mark in marks(picture) if tooltip(mark).startswith(f"Droplet {droplet_id},"))
    return mark


def points(mark: ET.Element) -> list[tuple[float, float]]:
    """Return the points on the path of a mark."""
    way: list[tuple[float, float]] = []
    x = y = 0.0
    for command, values in re.findall(r"([A-Za-z])([^A-Za-z]*)", mark.attrib["d"]):
        numbers = [float(value) for value in values.split()]
        match command:
            case "M":
                x, y = numbers
            case "h":
                x += numbers[0]
            case "v":
                y += numbers[0]
            case "l" | "a":
                x, y = x + numbers[-2], y + numbers[-1]
            case _:
                assert command == "z"
        way.append((x, y))
    return way


def span(mark: ET.Element) -> tuple[float, float]:
    return min(x for x, _ in points(mark)), max(x for x, _ in points(mark))


def texts(picture: ET.Element) -> list[str]:
    return ["".join(text.itertext()) for text in picture.iter(f"{SVG}text")]


def clock_texts(picture: ET.Element) -> list[str]:
    return [text for text in texts(picture) if re.fullmatch(r"[\d-]* ?\d\d:\d\d(:\d\d)?(\.\d+)?", text)]


def dashed(picture: ET.Element) -> list[ET.Element]:
    return [path for path in picture.iter(f"{SVG}path") if "stroke-dasharray" in path.attrib]


ANY_TEXT = st.text(st.characters(), max_size=20) | st.sampled_from(HOSTILE)
ANY_SECONDS = st.floats(-1e6, 1e6) | st.floats(-1, 101)
OUTCOMES = st.builds(
    outcome,
    st.integers(0, 10**12),
    st.none() | ANY_SECONDS,
    ANY_SECONDS,
    status=st.sampled_from(STATUSES),
    reason=ANY_TEXT,
    batch=st.integers(1, 5),
    is_resumed=st.booleans(),
)
REPORTS = st.builds(
    lambda outcomes, times, **others: report(
        *outcomes, request_times=tuple(sorted(NOON.timestamp() + moment for moment in times)), **others
    ),
    st.lists(OUTCOMES, max_size=12),
    st.lists(ANY_SECONDS, max_size=12),
    action=ANY_TEXT,
    duration=st.sampled_from([0.0, 1e-9]) | st.floats(0, 1e7),
    limit=st.none() | st.tuples(st.integers(1, 300), st.sampled_from([0.5, 60.0, 3600.0])),
    stopped_by=st.none() | ANY_TEXT,
)


@settings(max_examples=80)
@given(REPORTS)
def test_picture_has_a_mark_for_each_droplet_inside_the_axis(of: FleetReport) -> None:
    picture = drawn(of)
    height = float(picture.attrib["height"])
    assert len(marks(picture)) == len(of.outcomes)
    for mark in marks(picture):
        assert LEFT <= span(mark)[0] < span(mark)[1] <= RIGHT
        assert all(0 < y < height for _, y in points(mark))


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_texts_are_shown_and_do_no_harm(hostile: str) -> None:
    text = timeline_of(
        report(outcome(7, status="failed", reason=hostile), action=f"reboot {hostile}", stopped_by=hostile)
    )
    text.encode("ascii")
    picture = ET.fromstring(text)
    assert not list(picture.iter(f"{SVG}script"))
    clean = re.sub(r"\r\n?", "\n", re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]", "\ufffd", hostile))
    assert tooltip(mark_of(picture, 7)).endswith(f"\n{clean}")
    assert f"stopped: {clean}" in texts(picture)


@pytest.mark.parametrize("of", [wave(20, reason=f'http://a.example/x.png href="x" {HOSTILE[0]}'), report()])
def test_the_picture_needs_and_runs_nothing_else(of: FleetReport) -> None:
    picture = drawn(of)
    harmless = {"svg", "style", "rect", "path", "text", "tspan", "g", "title"}
    assert {node.tag.removeprefix(SVG) for node in picture.iter()} <= harmless
    for node in picture.iter():
        assert not [name for name in node.attrib if "href" in name or "src" in name or name.startswith("on")]
        assert not [value for value in node.attrib.values() if "url(" in value or "http" in value]
    style = picture.findtext(f"{SVG}style") or ""
    assert not re.search(r"url\(|@import|@font-face|http|<", style)


@pytest.mark.parametrize("count", [0, 1, 2, 20, 50, 51, 300, 1_000, 10_000])
def test_the_picture_stays_small(count: int) -> None:
    of = wave(count, reason="the action ended as errored, and the API gives no reason for that" * 4)
    began = time.process_time()
    text = timeline_of(of)
    assert time.process_time() - began < 2
    assert len(text) < 2_000_000
    picture = ET.fromstring(text)
    assert float(picture.attrib["height"]) <= 1_010
    assert picture.attrib["viewBox"] == f"0 0 {picture.attrib['width']} {picture.attrib['height']}"
    assert len(marks(picture)) == count


def test_it_says_so_when_there_are_no_droplets() -> None:
    picture = drawn(report(duration=0.0))
    assert any(text.startswith("No Droplets") for text in texts(picture))
    assert not any(text.startswith("No Droplets") for text in texts(drawn(report(outcome(7)))))


def test_reason_of_a_stop_has_a_line_of_its_own() -> None:
    heights = [float(drawn(report(outcome(1), stopped_by=why)).attrib["height"]) for why in (None, "max_errors")]
    assert heights[1] - heights[0] == 22


def test_title_and_label_show_what_the_report_shows() -> None:
    of = report(outcome(1), outcome(2, status="failed"), stopped_by="max_errors reached")
    picture = drawn(of)
    assert picture.attrib["role"] == "img"
    assert picture.attrib["aria-label"] == str(of).splitlines()[0]
    what, counts, stopped, legend = texts(picture)[:4]
    assert what == "reboot of 2 Droplets in 1 min 40 s"
    assert counts.startswith("1 completed, 1 failed")
    assert counts.endswith("began 2026-11-23 12:00:00 UTC")
    assert stopped == "stopped: max_errors reached"
    assert re.findall(r"(\w+) (\d)", legend) == [
        ("completed", "1"),
        ("failed", "1"),
        ("unknown", "0"),
        ("skipped", "0"),
    ]


def test_a_bar_reaches_from_its_start_to_its_end() -> None:
    picture = drawn(report(outcome(1, 25, 75), outcome(2, 0, 100), outcome(3, 50, 50)))
    assert span(mark_of(picture, 1)) == (LEFT + 255, LEFT + 765)
    assert span(mark_of(picture, 2)) == (LEFT, RIGHT)
    start, end = span(mark_of(picture, 3))
    assert start == LEFT + 510
    assert 1 <= end - start <= 2, "a moment is seen too"


def test_rows_are_ordered_by_batch_then_start() -> None:
    picture = drawn(report(outcome(1, 5, batch=2), outcome(2, 9), outcome(3, 1), outcome(4, None, 4, batch=2)))
    heights = {number: points(mark_of(picture, number))[0][1] for number in (1, 2, 3, 4)}
    assert sorted(heights, key=lambda number: heights[number]) == [3, 2, 4, 1]
    steps = sorted(heights.values())
    assert len({round(after - before, 1) for before, after in pairwise(steps)}) == 1


def test_each_bar_has_its_statuss_colour_by_day_and_night() -> None:
    statuses = list(STATUSES)
    picture = drawn(report(*(outcome(number, status=status) for number, status in enumerate(statuses))))
    for group in groups(picture):
        _, status = group.attrib["class"].split()
        assert [tooltip(mark) for mark in group] == [f"Droplet {statuses.index(status)}, {status}, 10.0 s"]
    style = picture.findtext(f"{SVG}style") or ""
    schemes = style.split("@media(prefers-color-scheme:dark)")
    assert len(schemes) == 2
    for scheme in schemes:
        colours = dict(re.findall(r"\.fleet-timeline \.([a-z]+)\{color:(#[0-9a-f]{6})\}", scheme))
        assert len({colours[status] for status in statuses}) == 5
        used = {node.attrib["class"] for node in picture.iter() if "currentColor" in node.attrib.get("fill", "")}
        assert used <= set(colours)


def test_problems_are_seen_among_thousands() -> None:
    many = [outcome(number) for number in range(5_000)]
    many[7], many[8] = outcome(7, status="failed"), outcome(8, status="unknown")
    painted = groups(drawn(report(*many)))
    assert [group.attrib["class"] for group in painted][-2:] == ["bars unknown", "bars failed"]
    assert all(float(group.attrib["stroke-width"]) >= 2 for group in painted[-2:])
    all_failed = groups(drawn(report(*(outcome(number, status="failed") for number in range(5_000)))))
    assert float(all_failed[-1].attrib["stroke-width"]) < 1, "thick ones would hide each other"


@pytest.mark.parametrize("count", [200, 1_000])
def test_thin_rows_leave_no_gaps(count: int) -> None:
    picture = drawn(report(*(outcome(number) for number in range(count))))
    heights = [points(mark)[0][1] for mark in marks(picture)]
    most = max(after - before for before, after in pairwise(heights))
    assert float(groups(picture)[0].attrib["stroke-width"]) >= most


@pytest.mark.parametrize("count", [4, 1_000])
def test_earlier_runs_are_at_the_left_edge_of_the_axis(count: int) -> None:
    plain = [outcome(number, 20, 30) for number in range(count)]
    resumed = [outcome(number, -90_000, -80_000, is_resumed=True) for number in range(count, count + 2)]
    picture = drawn(report(*plain, *resumed))
    for one in resumed:
        start, end = span(mark_of(picture, one.droplet_id))
        assert start == LEFT
        assert LEFT + 4 < end < LEFT + 10
        assert tooltip(mark_of(picture, one.droplet_id)).endswith("by an earlier run")
    assert span(mark_of(picture, 0)) == span(mark_of(drawn(report(*plain)), 0)) == (LEFT + 204, LEFT + 306)
    assert clock_texts(picture) == clock_texts(drawn(report(*plain)))
    assert "by an earlier run" in " ".join(texts(picture))


@pytest.mark.parametrize("count", [4, 1_000])
def test_where_nothing_was_sent_there_is_a_small_mark_at_its_end(count: int) -> None:
    skipped = [outcome(number, None, 50, status="skipped", reason="stopped") for number in range(count)]
    picture = drawn(report(*skipped))
    start, end = span(mark_of(picture, 0))
    assert start <= LEFT + 510 <= end
    assert end - start < 10
    assert (mark_of(picture, 0).attrib.get("class") == "ring") == (count == 4)
    assert tooltip(mark_of(picture, 0)) == "Droplet 0, skipped\nstopped"
    assert "nothing sent" in " ".join(texts(picture))


def test_a_tooltip_shows_all_that_is_known() -> None:
    action = Action(id=36804636, status="errored", type="reboot")
    picture = drawn(report(outcome(7, 1, 13.34, status="failed", reason="ended as errored", action=action)))
    assert tooltip(mark_of(picture, 7)) == "Droplet 7, failed, 12.3 s, action 36804636\nended as errored"


def test_batches_are_shown_when_there_is_more_than_one() -> None:
    def batches(*numbers: int) -> list[str]:
        picture = drawn(report(*(outcome(index, batch=number) for index, number in enumerate(numbers))))
        return [text for text in texts(picture) if text.startswith("batch ")]

    assert batches(1, 1, 1) == []
    assert batches(2, 1, 3, 1) == ["batch 1", "batch 2", "batch 3"]
    many = batches(*range(1, 1_001))
    assert 10 < len(many) < 60, "only as many as can be read"


def test_every_other_batch_lies_on_a_band() -> None:
    picture = drawn(report(*(outcome(index, batch=1 + index // 2) for index in range(6))))
    (band,) = (path for path in picture.iter(f"{SVG}path") if path.get("class") == "band")
    bands = [float(top) for top in re.findall(r"M96 ([\d.]+)h1020v40", band.attrib["d"])]
    rows = [points(mark)[0][1] for mark in marks(picture)]
    assert [[top < row < top + 40 for row in rows] for top in bands] == [
        [True, True, False, False, False, False],
        [False, False, False, False, True, True],
    ]


@pytest.mark.parametrize(("count", "labels"), [(1, 1), (50, 50), (51, 0)])
def test_ids_are_written_where_they_can_be_read(count: int, labels: int) -> None:
    picture = drawn(report(*(outcome(7_000_000 + number) for number in range(count))))
    assert len([text for text in texts(picture) if text.startswith("7000")]) == labels


@pytest.mark.parametrize(
    ("began", "duration", "clocks"),
    [
        (0.0, 0.0, [f"12:00:00.0{moment:02}" for moment in range(0, 12, 2)]),
        (0.3, 1.0, [f"12:00:0{tenth // 10}.{tenth % 10}00" for tenth in range(3, 14)]),
        (7.3, 39.0, [f"12:00:{second}" for second in (10, 15, 20, 25, 30, 35, 40, 45)]),
        (7.3, 500.0, [f"12:0{minute}" for minute in range(1, 9)]),
        (-1.0, 3 * 3600.0, [f"{hour}:{minute}" for hour in (12, 13, 14) for minute in ("00", "30")]),
        (0.0, 9 * 86400.0, [f"11-{day} 00:00" for day in range(24, 31)] + ["12-01 00:00", "12-02 00:00"]),
        (0.0, 90 * 86400.0, None),
    ],
)
def test_time_axis_has_round_times_of_day(began: float, duration: float, clocks: list[str] | None) -> None:
    shown = clock_texts(drawn(report(outcome(7), began_at=at(began), duration=duration)))
    assert 3 <= len(shown) <= 11
    assert clocks is None or shown == clocks


def test_ticks_are_at_their_times() -> None:
    picture = drawn(report(outcome(7, 30, 60)))
    (tick,) = (text for text in picture.iter(f"{SVG}text") if text.text == "12:00:30")
    assert float(tick.attrib["x"]) == span(mark_of(picture, 7))[0]


def requests_drawn(picture: ET.Element) -> list[tuple[int, float]]:
    """Return the height of the area of requests, from each pixel on."""
    (area,) = (path for path in picture.iter(f"{SVG}path") if path.get("class") == "requests")
    (bottom,) = re.findall(r"^M96 ([\d.]+)", area.attrib["d"])
    x, steps = 96, []
    for y, to in re.findall(r"V([\d.]+)H(\d+)", area.attrib["d"]):
        steps.append((x, float(bottom) - float(y)))
        x = int(to)
    assert x == 1116
    return steps


@given(st.lists(st.floats(0, 100), min_size=1, max_size=30), st.sampled_from([0.05, 1.0, 10.0, 200.0]))
def test_no_peak_of_the_requests_is_missed(offsets: list[float], seconds: float) -> None:
    times = tuple(sorted(NOON.timestamp() + offset for offset in offsets))
    picture = drawn(report(request_times=times, limit=(250, seconds)))
    peak = max(sum(moment - seconds < other <= moment for other in times) for moment in times)
    assert any(text.endswith(f": at most {peak}, limit 250") for text in texts(picture))
    highest = max(height for _, height in requests_drawn(picture))
    assert highest == pytest.approx(82 * peak / 250, abs=0.02)


def test_requests_leave_the_window_when_its_span_is_over() -> None:
    times = tuple(NOON.timestamp() + second for second in (10, 10, 20))
    steps = requests_drawn(drawn(report(request_times=times, limit=(3, 20.0), duration=102.0)))
    assert [(x, round(height / 82 * 3)) for x, height in steps] == [(96, 0), (196, 2), (296, 3), (396, 1), (496, 0)]


def test_the_limit_is_a_dashed_line_that_use_above_it_crosses() -> None:
    times = tuple(NOON.timestamp() + second for second in range(10))
    picture = drawn(report(request_times=times, limit=(5, 60.0)))
    (line,) = dashed(picture)
    (y,) = re.findall(r"^M96 (\S+)H1116$", line.attrib["d"])
    assert "Requests finished within 1 min: at most 10, limit 5" in texts(picture)
    (label,) = (text for text in picture.iter(f"{SVG}text") if text.text == "5")
    assert float(label.attrib["y"]) == float(y) + 4
    assert max(height for _, height in requests_drawn(picture)) == 82


@pytest.mark.parametrize(("seconds", "clean"), [(2.5, "2.5 s"), (60.0, "1 min"), (90.0, "90 s"), (7200.0, "2 h")])
def test_the_span_of_the_limit_is_shown_in_its_unit(seconds: float, clean: str) -> None:
    assert f"Requests finished within {clean}: at most 0, limit 250" in texts(drawn(report(limit=(250, seconds))))


def test_requests_are_counted_in_a_round_span_without_a_limit() -> None:
    times = tuple(NOON.timestamp() + second for second in (1, 1, 2, 50))
    picture = drawn(report(request_times=times))
    assert dashed(picture) == []
    assert "Requests finished within 5 s: at most 3" in texts(picture)
