"""The command's pure parts."""

from __future__ import annotations

import math
import shlex
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradient_async import (
    Action,
    APIConnectionError,
    AuthenticationError,
    Droplet,
    FleetReport,
    JournalFinishedError,
    JournalInUseError,
    MissingAccessTokenError,
    Networks,
    NetworkV4,
    NotFoundError,
    Outcome,
    PermissionDeniedError,
    RateBudget,
    Region,
    WindowUse,
)
from gradient_async.cli import access, durations, estimate, failures, picture, rows
from gradient_async.cli.account import Account
from gradient_async.cli.dry_run import DryRun, few
from gradient_async.cli.exit_codes import UsageError, code_of_error, code_of_report
from gradient_async.cli.fleet_session import document, shown_outcomes, summary
from gradient_async.cli.interruption import Invocation, going_on, interruption
from gradient_async.cli.options import AccountOptions, OutputOptions
from gradient_async.cli.token_source import FoundToken
from gradient_async.fleet import plan as plans
from gradient_async.http.windows import SlidingWindows

pytestmark = pytest.mark.once

NOON = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
MINUTE = WindowUse(limit=250, seconds=60.0, used=0, left=250)
HOUR = WindowUse(limit=5000, seconds=3600.0, used=0, left=5000)
REQUEST: Any = {"method": "GET", "path": "/v2/droplets/7", "request_id": "abc"}


def outcome(status: Any = "completed", droplet_id: int = 1, **changes: Any) -> Outcome:
    return Outcome(droplet_id=droplet_id, status=status, ended_at=NOON, **changes)


def report(*outcomes: Outcome, **changes: Any) -> FleetReport:
    values = {"action": "reboot", "began_at": NOON, "duration": 1.0, "requests": 2, "refused_for_rate": 0, **changes}
    return FleetReport(outcomes=outcomes, **values)


def refusal(kind: type[Any] = AuthenticationError, status: int = 401) -> Any:
    return kind("no", status=status, **REQUEST)


# --- the token ---


def test_token_file_holds_the_token_and_nothing_else() -> None:
    assert access.token_in_file("dop_v1_x\n", "f") == "dop_v1_x"
    for text in ("", " \n", "a b", "export TOKEN=a\nb"):
        with pytest.raises(UsageError, match="--token-file: expected the token and nothing else") as caught:
            access.token_in_file(text, "f")
        assert "TOKEN" not in str(caught.value)


CONFIGURATION = {
    "access-token": "first",
    "auth-contexts": {"default": True, "Prod": "second", "empty": ""},
    "context": "prod",
}


def test_contexts_are_those_that_doctl_has() -> None:
    assert access.contexts_in(CONFIGURATION) == {"default": "first", "Prod": "second"}
    assert access.token_of_context(CONFIGURATION, "default", "f") == "first"
    assert access.token_of_context(CONFIGURATION, "PROD", "f") == "second"


@pytest.mark.parametrize("configuration", [None, [], "text", {}, {"auth-contexts": None}, {"auth-contexts": []}])
def test_contexts_are_none_where_doctl_has_none(configuration: object) -> None:
    with pytest.raises(UsageError, match="it has none; doctl auth init makes one"):
        access.token_of_context(configuration, "prod", "f")


def test_unknown_context_is_refused_and_no_token_is_shown() -> None:
    with pytest.raises(UsageError, match="doctl has no context 'x' in f: it has default, Prod") as caught:
        access.token_of_context(CONFIGURATION, "x", "f")
    assert "second" not in str(caught.value)


def test_token_is_in_no_representation() -> None:
    account = Account(token=FoundToken(value="dop_v1_x"), base_url=None, budget=RateBudget())
    assert "dop_v1_x" not in repr(account)


# --- time ---


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
def test_times_are_read(text: str | None, seconds: float | None) -> None:
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
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(
        UsageError, match="--timeout: expected seconds such as 90, or a time such as 90s, 15m, 2h or 1h30m, got "
    ):
        durations.seconds_in("--timeout", text)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (0.44, "0.4 s"), (59.4, "59 s"), (60, "1 min"), (200, "3 min 20 s"), (3600, "1 h 00 min")],
)
def test_times_are_written(seconds: float, text: str) -> None:
    assert durations.span(seconds) == text


# --- how long it takes ---


@pytest.mark.parametrize(
    ("requests", "seconds"),
    [
        (0, 0),
        (1, 0),
        (250, 0),
        (251, 60),
        (1000, 180),
        (5000, 19 * 60),
        (5001, 3600),
        (5251, 3660),
        (12_000, 2 * 3600 + 7 * 60),
    ],
)
def test_windows_let_so_many_out_in_so_long(requests: int, seconds: float) -> None:
    assert estimate.seconds_until_sent(requests, [MINUTE, HOUR]) == seconds
    assert estimate.seconds_until_sent(requests, [HOUR, MINUTE]) == seconds


def test_what_is_used_already_takes_longer() -> None:
    used = WindowUse(limit=250, seconds=60.0, used=200, left=50)
    assert estimate.seconds_until_sent(50, [used, HOUR]) == 0
    assert estimate.seconds_until_sent(51, [used, HOUR]) == 60
    full = WindowUse(limit=5000, seconds=3600.0, used=5000, left=0)
    assert estimate.seconds_until_sent(1, [MINUTE, full]) == 3600
    nearly = WindowUse(limit=5000, seconds=3600.0, used=4999, left=1)
    assert estimate.seconds_until_sent(60, [used, nearly]) == 3600, "the minute is over by then"


@given(st.integers(1, 400), st.integers(1, 20), st.integers(1, 6))
def test_arithmetic_says_what_the_windows_do(requests: int, short: int, times: int) -> None:
    """The real windows, with a clock that jumps to the next free slot, take exactly as long."""
    limits = [(short, 10.0), (short * times, 100.0)]
    windows = SlidingWindows([_window(limit, seconds) for limit, seconds in limits])
    now = 0.0
    for _ in range(requests):
        now = max(now, windows.free_at(now))
        windows.start()
        windows.end(now)
    uses = [WindowUse(limit=limit, seconds=seconds, used=0, left=limit) for limit, seconds in limits]
    assert estimate.seconds_until_sent(requests, uses) == now


def _window(limit: int, seconds: float) -> Any:
    from gradient_async import RateWindow

    return RateWindow(limit, seconds)


def test_estimate_counts_what_is_certain_and_what_may_be() -> None:
    reboot = plans.plan_of("reboot", until_status=False)
    power_off = plans.power_off_plan(graceful=True, grace=120.0)
    windows = [MINUTE, HOUR]
    plain = estimate.estimate_of(reboot, 1000, windows, waits=True, by_tag=False)
    assert (plain.actions, plain.reads, plain.seconds) == ((1000, 1000), 5, (180, 180))
    unsure = estimate.estimate_of(power_off, 1000, windows, waits=True, by_tag=False)
    assert (unsure.actions, unsure.reads, unsure.seconds) == ((0, 2000), 5, (0, 420))
    at_once = estimate.estimate_of(reboot, 1000, windows, waits=False, by_tag=True)
    assert (at_once.actions, at_once.reads, at_once.seconds) == ((1, 1), 0, (0, 0))


# --- the dry run ---


def rehearsal(plan: plans.Plan, count: int = 3, **changes: Any) -> DryRun:
    windows = [MINUTE, HOUR]
    values = {
        "plan": plan,
        "ids": list(range(1, count + 1)),
        "done": 0,
        "tag": None,
        "by_tag": False,
        "batch_size": None,
        "windows": windows,
        "is_rate_known": True,
        "estimate": estimate.estimate_of(plan, count, windows, waits=True, by_tag=changes.get("by_tag", False)),
        "waits": True,
        **changes,
    }
    return DryRun(**values)


def test_dry_run_shows_requests_batches_and_time() -> None:
    text = rehearsal(plans.plan_of("reboot", until_status=False), 1000, batch_size=100, tag="training").as_text()
    assert "reboot of 1,000 Droplets with the tag 'training'; nothing is sent" in text
    assert "To 1, 2, 3, 4, 5 and 995 more:" in text
    assert '  POST /v2/droplets/ID/actions  {"type": "reboot"}' in text
    assert "batches    10 of 100, each when the one before is done" in text
    assert "time       3 min for the rate windows, and what the slowest action of each batch takes" in text
    assert "rate       0 of 250 in 60 s, 0 of 5,000 in 1 h used now; of the shorter window, only by this" in text


def test_dry_run_says_what_is_not_known_when_nothing_was_sent() -> None:
    dry_run = rehearsal(plans.plan_of("reboot", until_status=False), 1000, is_rate_known=False)
    text = dry_run.as_text()
    assert "rate       250 in 60 s, 5,000 in 1 h; what is used now is not known: no request was sent" in text
    assert "time       3 min for the rate windows if nothing of them is used, and what" in text
    assert dry_run.as_json()["windows"] == [
        {"limit": 250, "seconds": 60.0, "used": None, "left": None},
        {"limit": 5000, "seconds": 3600.0, "used": None, "left": None},
    ]


def test_dry_run_shows_on_what_each_step_depends() -> None:
    text = rehearsal(plans.resize_plan("s", disk=False, grace=90.0)).as_text()
    *_, first, second, third, fourth = [line for line in text.splitlines() if "POST" in line]
    assert first.endswith("if it is on, and 1 min 30 s to go off")
    assert second.endswith("if it is still on")
    assert third.endswith('"disk": false}  if it has another size')
    assert fourth.endswith("if it was on")


def test_dry_run_by_tag_is_one_request() -> None:
    shutdown = rehearsal(plans.plan_of("shutdown", until_status=False), 9, by_tag=True, tag="t")
    assert '  POST /v2/droplets/actions?tag_name=t  {"type": "shutdown"}' in shutdown.as_text()
    assert len(shutdown.as_json()["requests"]) == 1  # type: ignore[arg-type]


def test_dry_run_for_programs_lists_every_request() -> None:
    answer: Any = rehearsal(plans.power_off_plan(graceful=True, grace=9.0), 2).as_json()
    assert [one["path"] for one in answer["requests"]] == [
        "/v2/droplets/1/actions",
        "/v2/droplets/1/actions",
        "/v2/droplets/2/actions",
        "/v2/droplets/2/actions",
    ]
    assert (answer["least_actions"], answer["most_actions"]) == (0, 4)


def test_dry_run_leaves_alone_what_is_done() -> None:
    text = rehearsal(plans.plan_of("reboot", until_status=False), 0, done=3).as_text()
    assert "There is nothing to do." in text
    assert "journal    3 done already" in text


def test_few_of_many_are_named() -> None:
    assert few([1, 2]) == "1, 2"
    assert few([1, 2], {2: "b"}) == "1, 2 b"
    assert few(range(1, 8)) == "1, 2, 3, 4, 5 and 2 more"
    assert few([1, 2], {1: "a"}) == "1 a, 2"


# --- exit status ---


@pytest.mark.parametrize(
    ("outcomes", "code"),
    [
        ([outcome(), outcome()], 0),
        ([outcome(), outcome("failed")], 1),
        ([outcome(), outcome("unknown")], 1),
        ([outcome(), outcome("skipped")], 1),
        ([outcome("failed", error=refusal()), outcome("skipped")], 3),
        ([outcome("failed", error=refusal(PermissionDeniedError, 403))], 3),
        ([outcome("failed", error=refusal()), outcome("failed")], 1),
        ([outcome("failed", error=refusal()), outcome()], 1),
        ([], 2),
    ],
)
def test_exit_status_of_a_run(outcomes: list[Outcome], code: int) -> None:
    assert code_of_report(report(*outcomes)) == code


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (UsageError("x"), 2),
        (JournalInUseError("x", path="j"), 2),
        (JournalFinishedError("x", path="j", finished_at=NOON, counts={"completed": 1}), 2),
        (refusal(), 3),
        (refusal(PermissionDeniedError, 403), 3),
        (MissingAccessTokenError("x"), 3),
        (refusal(NotFoundError, 404), 1),
        (RuntimeError("x"), 1),
    ],
)
def test_exit_status_of_an_error(error: Exception, code: int) -> None:
    assert code_of_error(error) == code


# --- errors in words ---


def test_error_is_one_line_with_the_request_id_and_a_hint() -> None:
    error = AuthenticationError("401 no", status=401, hint="Use access_token=.", **REQUEST)
    assert failures.line_of(error) == (
        "401 no (GET /v2/droplets/7, request id abc). "
        "Is the token the right one? See DIGITALOCEAN_ACCESS_TOKEN, --token-file, --context"
    )
    refused = PermissionDeniedError("403 no", status=403, hint="Needs droplet:admin.", **REQUEST)
    assert failures.line_of(refused) == "403 no (GET /v2/droplets/7, request id abc) Needs droplet:admin."
    lost = APIConnectionError("line\nbroken", method="GET", path="/")
    assert "\n" not in failures.line_of(lost)
    assert failures.line_of(ExceptionGroup("several", [refused])) == failures.line_of(refused)


def test_fault_of_the_command_itself_is_said_to_be_one() -> None:
    assert failures.line_of(KeyError("x")) == "KeyError: 'x'. This is a fault of gpu-droplets; --debug shows where"


def test_parameters_are_called_as_they_are_typed() -> None:
    error = ValueError("batch_size, max_errors: cannot hold beside by_tag=True")
    assert failures.usage_line(error) == "--batch-size, --max-errors: cannot hold beside --by-tag"


# --- tables ---


def test_table_of_many_on_a_terminal_shows_what_asks_for_a_look() -> None:
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


def test_resuming_command_has_what_the_journal_cannot_hold() -> None:
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
    for proxy, shown in (("http://127.0.0.1:8", "http://127.0.0.1:8"), ("http://me:secret@127.0.0.1:8", "URL")):
        words = invocation(account=AccountOptions(proxy=proxy)).resume()
        assert words == ["gpu-droplets", "resume", "j", "--proxy", shown]
    assert invocation(account=AccountOptions(emulated=3)).resume() is None


def test_interruption_counts_and_calms() -> None:
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
        "interrupted: nothing more is sent. 1 of 6 Droplets completed, 1 failed, 1 action started and going on by "
        "itself, 1 request cut off, which may have been executed, 2 not started"
    )
    assert invocation().wait(going_on(whole)) == ["gpu-droplets", "wait", "9"]
    assert invocation().wait([]) is None


def test_summary_tells_why_a_run_stopped() -> None:
    lines = summary(report(outcome(is_resumed=True), outcome("skipped"), stopped_by="max_errors"))
    assert lines[0].startswith("reboot of 2 Droplets in 1.0 s: 1 completed, 1 skipped")
    assert lines[1:] == ["by an earlier run on the journal: 1", "stopped: max_errors"]


def test_rows_are_what_an_operator_wants_to_see() -> None:
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


def test_windows_without_room_never_end() -> None:
    assert estimate.seconds_until_sent(1, [WindowUse(limit=0, seconds=60.0, used=0, left=0)]) == math.inf
