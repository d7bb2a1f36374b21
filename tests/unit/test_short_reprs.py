"""The reprs of a report, an outcome, an action and a Droplet are short, for notebooks and debuggers."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest

from gradient_async import Action, Droplet, Image, Region, Size
from gradient_async.fleet.outcome import STATUSES, Outcome
from gradient_async.fleet.report import FleetReport

pytestmark = pytest.mark.once

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
REGION = Region(slug="tor1", name="Toronto 1", sizes=tuple(f"size-{number}" for number in range(500)))
ACTION = Action(id=2_147_483_648, status="in-progress", type="reboot", resource_id=7, region=REGION, started_at=NOON)
HOSTILE = "<img src=x onerror=alert(1)>&\"'"


def outcome(number: int, status: Any = "completed", **changes: Any) -> Outcome:
    values: dict[str, Any] = {"name": f"trainer-{number}", "action": ACTION, "started_at": NOON, "ended_at": NOON}
    return Outcome(droplet_id=number, status=status, **{**values, **changes})


def report(*outcomes: Outcome, **changes: Any) -> FleetReport:
    values: dict[str, Any] = {"began_at": NOON, "duration": 12.3, "requests": 7, "refused_for_rate": 0}
    return FleetReport(**{"action": "reboot", "outcomes": outcomes, **values, **changes})


def rows(page: str) -> list[str]:
    return re.findall(r"<tr><td>.*?</tr>", page)


def test_table_is_short_when_there_are_a_thousand_outcomes() -> None:
    page = report(*(outcome(number, reason="why " * 500) for number in range(1000)))._repr_html_()
    assert len(rows(page)) == 20
    assert "… and 980 more" in page
    assert "1,000 Droplets" in page
    assert len(page) < 12_000


def test_problems_come_first_when_a_table_is_shown() -> None:
    outcomes = [outcome(number, status) for number, status in enumerate(STATUSES * 2)]
    shown = rows(report(*outcomes)._repr_html_())
    found = [row.split("<td>")[3].removesuffix("</td>") for row in shown]
    assert found == [one for one in ("failed", "unknown", "started", "skipped", "completed") for _ in range(2)]


def test_everything_is_escaped_when_a_table_is_shown() -> None:
    made = report(outcome(1, "failed", name=HOSTILE, reason=HOSTILE), action=HOSTILE, stopped_by=HOSTILE)
    page = made._repr_html_()
    assert "<img" not in page
    assert page.count("&lt;img src=x onerror=alert(1)&gt;&amp;&quot;&#x27;") == 4


def test_table_has_no_rows_when_there_were_no_droplets() -> None:
    page = report()._repr_html_()
    assert "reboot of 0 Droplets" in page
    assert "<table>" not in page


def test_repr_is_one_short_line_when_there_is_much_behind_it() -> None:
    droplet = Droplet(
        id=7,
        name="trainer-7",
        status="active",
        size_slug="gpu-h100x8-640gb",
        size=Size(slug="gpu-h100x8-640gb", regions=("tor1",) * 100),
        image=Image(id=1, name="x" * 500),
        region=REGION,
    )
    big = report(*(outcome(number, "failed", reason="line\n" * 300) for number in range(1000)))
    assert repr(droplet) == (
        "Droplet(id=7, name='trainer-7', status='active', size_slug='gpu-h100x8-640gb', region='tor1')"
    )
    assert repr(ACTION) == "Action(id=2147483648, type='reboot', status='in-progress', resource_id=7)"
    assert repr(big) == (
        "<FleetReport reboot of 1,000 Droplets in 12.3 s: 0 completed, 1,000 failed (7 requests, 0 rate-limited (429))>"
    )
    text = repr(big.outcomes[0])
    assert text.startswith("Outcome(droplet_id=0, name='trainer-0', status='failed', reason='line")
    assert text.endswith(f", action={ACTION!r})")
    assert len(text) < 400
    assert "\n" not in text


@pytest.mark.parametrize(("length", "is_cut"), [(200, False), (201, True)])
def test_long_reason_is_cut_at_the_end(length: int, is_cut: bool) -> None:
    page = report(outcome(1, reason="x" * length))._repr_html_()
    assert ("x" * 200 in page, "x" * 199 + "…" in page) == (not is_cut, is_cut)
