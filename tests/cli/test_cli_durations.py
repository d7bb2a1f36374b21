"""Durations as they are typed and shown."""

from __future__ import annotations

import pytest

from gradient_async.cli import durations
from gradient_async.cli.exit_codes import UsageError

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90", 90),
        ("90s", 90),
        ("1.5m", 90),
        ("2m", 120),
        ("2h", 7200),
        ("1h30m", 5400),
        ("1h30m15s", 5415),
        ("1h 30m", 5400),
        ("2h5s", 7205),
        (" 90 ", 90),
        (None, None),
    ],
)
def test_durations_are_read(text: str | None, seconds: float | None) -> None:
    assert durations.seconds_in("--timeout", text) == seconds


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "0",
        "0h0m",
        "-1",
        "1d",
        "m",
        "inf",
        "nan",
        "1e3",
        "1m30",
        "30m1h",
        "1h1h",
        "1,5m",
        "\uff19\uff10",
        "9" * 400,
    ],
)
def test_text_is_refused_when_it_is_no_duration(text: str) -> None:
    with pytest.raises(
        UsageError, match="--timeout: expected seconds such as 90, or a time such as 90s, 15m, 2h or 1h30m, got "
    ):
        durations.seconds_in("--timeout", text)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (0.44, "0.4 s"), (59.4, "59 s"), (60, "1 min"), (200, "3 min 20 s"), (3600, "1 h 00 min")],
)
def test_durations_are_shown(seconds: float, text: str) -> None:
    assert durations.span(seconds) == text
