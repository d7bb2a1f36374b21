"""Results: tables, summaries, pictures, and the lines after an interruption."""

from __future__ import annotations

import math
import shlex
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from outcomes import NOON, outcome, report

from gradient_async import (
    Action,
    Droplet,
    Networks,
    NetworkV4,
    Region,
    WindowUse,
)
from gradient_async.cli import estimate, fleet_session, picture, rows
from gradient_async.cli.fleet_session import document, shown_outcomes, summary
from gradient_async.cli.interruption import Invocation, interruption, started_outcomes
from gradient_async.cli.options import AccountOptions, OutputOptions
from gradient_async.cli.screen import Screen

pytestmark = pytest.mark.once


def test_table_shows_problems_when_a_terminal_has_many_rows() -> None:
    many = [outcome(droplet_id=number) for number in range(100)]
    skipped = [outcome("skipped", 200 + number) for number in range(30)]
    whole = report(*many, *skipped, outcome("unknown", 301), outcome("failed", 300))
    shown, left_out = shown_outcomes(whole, is_terminal=True)
    assert [one.status for one in shown] == ["failed", "unknown", *["skipped"] * 20]
    assert left_out == 10
    assert len(shown_outcomes(report(*many[:50]), is_terminal=True)[0]) == 50


def test_problems_come_first_in_every_table() -> None:
    whole = report(outcome(), outcome("skipped", 2), outcome("failed", 3), outcome(droplet_id=4), outcome("unknown", 5))
    shown, _ = shown_outcomes(whole, is_terminal=False)
    assert [one.droplet_id for one in shown] == [3, 5, 2, 1, 4]
    only, _ = shown_outcomes(whole, is_terminal=False, only_problems=True)
    assert [one.droplet_id for one in only] == [3, 5, 2]
    answer: Any = document(whole, only_problems=True)
    assert [row["droplet_id"] for row in answer["outcomes"]] == [2, 3, 5]
    assert answer["counts"]["completed"] == 2


def invocation(**changes: Any) -> Invocation:
    values = {
        "account": AccountOptions(),
        "display": OutputOptions(),
        "journal": "j",
        "picture": None,
        "health_check": None,
        **changes,
    }
    return Invocation(**values)


@pytest.mark.parametrize(
    ("statuses", "purpose"),
    [
        (("completed", "unknown"), "to look the unknown requests up again"),
        (("completed", "unknown", "skipped"), "to resume"),
        (("completed", "failed"), "to resume"),
    ],
)
def test_resume_line_says_what_it_is_for(
    statuses: tuple[str, ...],
    purpose: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(fleet_session, "is_anything_left", lambda _: True)
    whole = report(*(outcome(status, number) for number, status in enumerate(statuses, 1)))
    fleet_session.follow_up(Screen(), invocation(), whole, is_done=False)
    assert capsys.readouterr().err == f"{purpose}: gpu-droplets resume j\n"


def test_resume_line_has_the_options_that_a_journal_lacks() -> None:
    assert invocation().resume() == ["gpu-droplets", "resume", "j"]
    assert invocation(journal="-j").resume() == ["gpu-droplets", "resume", "./-j"]
    account = AccountOptions(token_file="t", base_url="http://127.0.0.1:1")
    display = OutputOptions(output="jsonl")
    words = invocation(
        account=account, display=display, journal="my j", picture=Path("run.svg"), health_check="nc -z {address} 22"
    ).resume()
    assert shlex.join(words or []) == (
        "gpu-droplets resume 'my j' --token-file t --base-url http://127.0.0.1:1 --health-check 'nc -z {address} 22' "
        "--report run.svg --output jsonl"
    )
    assert invocation(journal=None).resume() is None
    assert invocation(account=AccountOptions(emulated=3)).resume() is None


@pytest.mark.parametrize(
    ("proxy", "shown"),
    [
        ("http://127.0.0.1:8", "http://127.0.0.1:8"),
        ("http://me:secret@127.0.0.1:8", "http://127.0.0.1:8"),
        ("https://me:se@cret@proxy:8", "https://proxy:8"),
        ("http://me:se://cret@proxy:8", "http://proxy:8"),
        ("me:secret@proxy:8", "proxy:8"),
        ("me:se://cret@proxy:8", "proxy:8"),
    ],
)
def test_resume_line_has_no_credentials_of_a_proxy(proxy: str, shown: str) -> None:
    typed = invocation(account=AccountOptions(proxy=proxy))
    assert typed.resume() == ["gpu-droplets", "resume", "j", "--proxy", shown]
    assert typed.has_hidden_credentials == (proxy != shown)


def test_interruption_line_counts_each_state() -> None:
    running = Action(id=9, status="in-progress", type="reboot", resource_id=7)
    whole = report(
        outcome(),
        outcome("failed", 2),
        outcome("started", 3, action=running),
        outcome("unknown", 4),
        outcome("skipped", 5),
        outcome("skipped", 6),
    )
    assert interruption(whole) == (
        "interrupted: nothing more is sent. 1 of 6 Droplets completed, 1 failed, 1 action started and still "
        "in progress, 1 request without an answer (may have been executed), 2 not started"
    )
    assert invocation().wait(started_outcomes(whole)) == ["gpu-droplets", "wait", "9"]
    assert invocation().wait([]) is None


def test_summary_says_why_a_run_stopped() -> None:
    lines = summary(report(outcome(is_resumed=True), outcome("skipped"), stopped_by="max_errors"))
    assert lines[0].startswith("reboot of 2 Droplets in 1.0 s: 1 completed, 1 skipped")
    assert lines[1:] == ["by an earlier run on the journal: 1", "stopped: --max-errors"]


def test_rows_show_the_facts_of_droplets_and_actions() -> None:
    networks = Networks(
        v4=(NetworkV4(ip_address="10.0.0.2", type="private"), NetworkV4(ip_address="198.51.100.7", type="public"))
    )
    droplet = Droplet(
        id=7, name="a", status="off", size_slug="s", region=Region(slug="tor1"), tags=("x", "y"), networks=networks
    )
    assert rows.droplet_row(droplet) == ("7", "a", "off", "s", "tor1", "198.51.100.7", "x,y")
    assert rows.droplet_row(Droplet(id=7, name="a", status="new")) == ("7", "a", "new", "", "", "", "")
    action = Action(
        id=9,
        status="completed",
        type="reboot",
        started_at=NOON,
        completed_at=NOON + timedelta(seconds=20),
        resource_id=7,
        resource_type="droplet",
    )
    assert rows.action_row(action) == ("9", "reboot", "completed", "7", "2026-11-25 12:00:00Z", "20 s")
    answer = rows.action_json(action)
    assert (answer["action_id"], answer["droplet_id"], answer["started_at"]) == (9, 7, "2026-11-25T12:00:00+00:00")
    image = Action(id=9, status="completed", type="transfer", resource_id=7, resource_type="image")
    assert rows.action_row(image)[3] == "image 7"
    assert rows.action_json(image)["droplet_id"] is None
    failed = outcome("failed", reason="two\nlines", started_at=NOON - timedelta(seconds=2), action=action)
    assert rows.outcome_row(failed) == ("1", "", "failed", "9", "2.0 s", "two lines")


def test_picture_is_an_svg_or_a_page_around_it() -> None:
    run = report(outcome("failed", reason="<b>"))
    assert picture.content(run, Path("a.svg")).startswith("<svg")
    page = picture.content(run, Path("a.html"))
    assert page.startswith("<!doctype html>")
    assert "<svg" in page
    assert "<b>" not in page


def test_time_is_infinite_when_a_window_allows_nothing() -> None:
    assert estimate.seconds_until_sent(1, [WindowUse(limit=0, seconds=60.0, used=0, left=0)]) == math.inf
