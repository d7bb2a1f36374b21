from __future__ import annotations

import asyncio
import json
import pickle
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples import NOON, action, attempt

from gradient_async.errors import (
    ActionFailedError,
    ActionOutcomeUnknownError,
    DropletError,
    EarlierFailureError,
    FleetCancelled,
    GradientAIError,
    UnhealthyDropletError,
)
from gradient_async.fleet.outcome import STATUSES, FleetProgress, Outcome
from gradient_async.fleet.report import FleetReport

pytestmark = pytest.mark.once

COLUMNS = [
    "droplet_id",
    "name",
    "status",
    "reason",
    "action_id",
    "action_type",
    "action_status",
    "error",
    "request_id",
    "attempts",
    "started_at",
    "ended_at",
    "seconds",
    "batch",
    "is_resumed",
]


def outcome(droplet_id: int = 1, status: str = "completed", **changes: Any) -> Outcome:
    return Outcome(**{"droplet_id": droplet_id, "status": status, "ended_at": NOON, **changes})


def report(*outcomes: Outcome, **changes: Any) -> FleetReport:
    values: dict[str, Any] = {
        "action": "reboot",
        "outcomes": outcomes,
        "began_at": NOON,
        "duration": 12.3456,
        "requests": 1234,
        "refused_for_rate": 0,
    }
    return FleetReport(**{**values, **changes})


def failed_outcome(droplet_id: int) -> Outcome:
    error = ActionFailedError(f"the reboot of Droplet {droplet_id} errored", action=action(status="errored"))
    return outcome(
        droplet_id,
        "failed",
        reason="its action errored",
        error=error,
        action=action(status="errored"),
        attempts=(attempt(request_id="first"), attempt(number=2, request_id="abc"), attempt(number=3, request_id=None)),
        started_at=NOON - timedelta(seconds=1.23456),
        batch=3,
    )


def mixed() -> FleetReport:
    lost = ActionOutcomeUnknownError("lost", method="POST", path="/v2/droplets/3/actions", droplet_id=3, type="reboot")
    return report(
        outcome(1),
        failed_outcome(2),
        outcome(3, "unknown", reason="the answer was lost", error=lost),
        outcome(4, "skipped", reason="busy"),
        outcome(5),
        outcome(6, "completed", is_resumed=True),
        stopped_by="2 errors, and max_errors is 1",
        refused_for_rate=2,
        request_times=(1.0, 2.0),
        limit=(250, 60.0),
    )


# --- counting ---


@given(st.lists(st.sampled_from(STATUSES), max_size=40))
def test_each_outcome_is_counted_once_and_under_its_status(statuses: list[str]) -> None:
    made = report(*(outcome(number, status) for number, status in enumerate(statuses, 1)))
    assert list(made.counts) == list(STATUSES)
    assert made.counts == {status: statuses.count(status) for status in STATUSES}
    assert sum(made.counts.values()) == len(statuses)
    for status in STATUSES:
        of_status = getattr(made, status)
        assert isinstance(of_status, tuple)
        assert [one.droplet_id for one in of_status] == [n for n, one in enumerate(statuses, 1) if one == status]


def test_outcome_says_whether_it_is_completed_or_a_problem() -> None:
    made = [outcome(1, status) for status in STATUSES]
    assert [one.is_completed for one in made] == [True, False, False, False, False]
    assert [one.is_problem for one in made] == [False, False, True, True, False]


def test_progress_has_ended_with_all_that_have_an_outcome() -> None:
    progress = FleetProgress(
        total=None,
        started=40,
        completed=1,
        failed=2,
        unknown=4,
        skipped=8,
        not_awaited=16,
        elapsed=1.0,
        latest=outcome(),
    )
    assert progress.ended == 31


# --- raising ---


@pytest.mark.parametrize("statuses", [[], ["completed"], ["skipped"], ["started"], ["completed", "skipped", "started"]])
def test_nothing_is_raised_when_none_failed_and_none_is_unknown(statuses: list[str]) -> None:
    report(*(outcome(number, status) for number, status in enumerate(statuses, 1))).raise_for_failures()


def test_errors_of_failed_and_unknown_are_raised_as_one_group() -> None:
    made = mixed()
    with pytest.raises(ExceptionGroup) as caught:
        made.raise_for_failures()
    assert caught.value.message == "reboot of 6 Droplets: 1 failed, 1 unknown"
    assert list(caught.value.exceptions) == [made.outcomes[1].error, made.outcomes[2].error]


def test_group_can_be_taken_apart_by_the_kind_of_error() -> None:
    kinds: list[type[BaseException]] = []
    try:
        mixed().raise_for_failures()
    except* ActionFailedError as group:
        kinds += [type(error) for error in group.exceptions]
    except* GradientAIError as group:
        kinds += [type(error) for error in group.exceptions]
    assert kinds == [ActionFailedError, ActionOutcomeUnknownError]


@pytest.mark.parametrize("status", ["failed", "unknown"])
def test_group_has_an_error_for_an_outcome_without_one(status: Any) -> None:
    made = report(outcome(7, status, reason="the run was cancelled"), outcome(8, status, reason="likewise"), outcome(9))
    with pytest.raises(ExceptionGroup) as caught:
        made.raise_for_failures()
    first, second = caught.value.exceptions
    assert isinstance(first, DropletError)
    assert isinstance(second, DropletError)
    assert (first.droplet_id, second.droplet_id) == (7, 8)
    assert str(first) == "Droplet 7: the run was cancelled"


# --- rows and JSON ---


def test_rows_are_flat_and_all_alike_when_outcomes_differ() -> None:
    rows = mixed().to_rows()
    assert [row["droplet_id"] for row in rows] == [1, 2, 3, 4, 5, 6]
    for row in rows:
        assert list(row) == COLUMNS
        assert all(value is None or type(value) in {str, int, float, bool} for value in row.values())


def test_row_holds_all_that_is_known_when_a_droplet_failed() -> None:
    assert report(failed_outcome(2)).to_rows() == [
        {
            "droplet_id": 2,
            "name": None,
            "status": "failed",
            "reason": "its action errored",
            "action_id": 2_147_483_648,
            "action_type": "reboot",
            "action_status": "errored",
            "error": "ActionFailedError",
            "request_id": "abc",
            "attempts": 3,
            "started_at": "2026-11-23T11:59:58.765440+00:00",
            "ended_at": "2026-11-23T12:00:00+00:00",
            "seconds": 1.235,
            "batch": 3,
            "is_resumed": False,
        }
    ]


def test_row_holds_none_when_nothing_was_started() -> None:
    (row,) = report(outcome(4, "skipped", reason="busy")).to_rows()
    empty = {name for name, value in row.items() if value is None}
    assert empty == {
        "name",
        "action_id",
        "action_type",
        "action_status",
        "error",
        "request_id",
        "started_at",
        "seconds",
    }
    assert row["attempts"] == 0


def test_json_holds_counts_and_rows_when_it_is_read_again() -> None:
    made = mixed()
    assert json.loads(made.to_json()) == {
        "action": "reboot",
        "began_at": "2026-11-23T12:00:00+00:00",
        "duration": 12.346,
        "requests": 1234,
        "refused_for_rate": 2,
        "stopped_by": "2 errors, and max_errors is 1",
        "is_waited_for": True,
        "counts": {"completed": 3, "started": 0, "failed": 1, "unknown": 1, "skipped": 1},
        "outcomes": made.to_rows(),
    }


@given(st.lists(st.builds(outcome, st.integers(1), st.sampled_from(STATUSES), reason=st.text()), max_size=5))
def test_json_is_valid_for_any_reasons(outcomes: list[Outcome]) -> None:
    made = report(*outcomes)
    read = json.loads(made.to_json(), parse_constant=pytest.fail)
    assert read["counts"] == made.counts
    assert [row["reason"] for row in read["outcomes"]] == [one.reason for one in outcomes]


def test_json_is_one_line_unless_it_is_indented() -> None:
    made = mixed()
    assert "\n" not in made.to_json()
    assert "\n  " in made.to_json(indent=2)
    assert json.loads(made.to_json(indent=2)) == json.loads(made.to_json())


# --- for people ---


def test_text_begins_with_what_was_done_and_how_it_ended() -> None:
    counts = "3 completed, 1 failed, 1 unknown, 1 skipped"
    assert str(mixed()).splitlines() == [
        f"reboot of 6 Droplets in 12.3 s: {counts} (1,234 requests, 2 rate-limited (429))",
        "  1 were done by an earlier run on the journal",
        "  stopped: 2 errors, and max_errors is 1",
        "  failed  2  its action errored",
        "  unknown  3  the answer was lost",
        "  skipped  4  busy",
    ]


def test_text_is_one_line_when_all_went_well() -> None:
    made = report(*(outcome(number) for number in range(1, 1501)), requests=3005)
    assert str(made) == "reboot of 1,500 Droplets in 12.3 s: 1,500 completed (3,005 requests, 0 rate-limited (429))"


def test_text_says_that_nothing_was_completed_when_nothing_was() -> None:
    assert "of 0 Droplets in 12.3 s: 0 completed (" in str(report())


def test_text_says_accepted_when_nothing_was_waited_for() -> None:
    text = str(report(outcome(1), outcome(2, "failed", reason="refused"), is_waited_for=False))
    assert "1 accepted (not waited for), 1 failed" in text
    assert "completed" not in text


@pytest.mark.parametrize("status", ["failed", "unknown", "skipped"])
@pytest.mark.parametrize(("number", "shown", "more"), [(20, 20, None), (21, 20, "and 1 more"), (2020, 20, "and 2,000")])
def test_text_shows_at_most_twenty_of_each_status(status: str, number: int, shown: int, more: str | None) -> None:
    made = report(*(outcome(droplet_id, status, reason="busy") for droplet_id in range(1001, 1001 + number)))
    lines = str(made).splitlines()[1:]
    assert lines[:shown] == [f"  {status}  {droplet_id}  busy" for droplet_id in range(1001, 1001 + shown)]
    assert len(lines) == shown + (more is not None)
    if more is not None:
        assert more in lines[-1]


def test_text_keeps_twenty_lines_for_each_status() -> None:
    made = report(*(outcome(number, status) for number in range(1, 31) for status in STATUSES[1:]))
    assert len(str(made).splitlines()) == 1 + 4 * 21


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0.0 s"),
        (0.04, "0.0 s"),
        (59.94, "59.9 s"),
        (60, "1 min 00 s"),
        (61.5, "1 min 02 s"),
        (3599.4, "59 min 59 s"),
        (3599.5, "1 h 00 min"),
        (3600, "1 h 00 min"),
        (4 * 3600 + 5 * 60 + 59, "4 h 05 min"),
        (100 * 3600, "100 h 00 min"),
    ],
)
def test_text_shows_the_duration_in_units_that_fit(seconds: float, text: str) -> None:
    assert f" in {text}: " in str(report(duration=seconds))


def test_text_never_says_sixty_seconds() -> None:
    assert " in 1 min 00 s: " in str(report(duration=59.97))


def test_text_has_one_line_for_a_reason_of_several() -> None:
    made = report(outcome(1, "failed", reason="bad\nluck\r\n  skipped  2  busy"))
    assert len(str(made).splitlines()) == 2


def test_repr_leaves_out_the_times_of_all_requests() -> None:
    assert "request_times" not in repr(report(request_times=(1.0,) * 10_000))


# --- away and back ---


def test_report_is_the_same_when_it_was_pickled() -> None:
    made = mixed()
    back = pickle.loads(pickle.dumps(made))
    assert back == made
    assert back.request_times == made.request_times
    assert [type(one.error) for one in back.outcomes] == [type(one.error) for one in made.outcomes]
    assert str(back.outcomes[1].error) == str(made.outcomes[1].error)
    assert back.outcomes[1].error.action == made.outcomes[1].action


@pytest.mark.parametrize(
    "error",
    [
        EarlierFailureError("it failed", droplet_id=7, error="APITimeoutError"),
        UnhealthyDropletError("not well", droplet_id=7),
        OSError(28, "No space left on device"),
        ValueError("callback"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_outcome_keeps_its_error_when_it_was_pickled(error: Exception) -> None:
    back = pickle.loads(pickle.dumps(outcome(7, "failed", error=error)))
    assert type(back.error) is type(error)
    assert str(back.error) == str(error)
    assert vars(back.error) == vars(error)


def test_cancellation_keeps_its_report_when_it_was_pickled() -> None:
    back = pickle.loads(pickle.dumps(FleetCancelled(mixed())))
    assert type(back) is FleetCancelled
    assert isinstance(back, asyncio.CancelledError)
    assert back.report == mixed()
    assert str(back) == "cancelled: 3 completed, 1 failed, 1 unknown, 1 skipped; .report has each"


def test_group_of_failures_can_be_pickled() -> None:
    with pytest.raises(ExceptionGroup) as caught:
        mixed().raise_for_failures()
    back = pickle.loads(pickle.dumps(caught.value))
    assert [type(error) for error in back.exceptions] == [ActionFailedError, ActionOutcomeUnknownError]


def test_headline_counts_each_status_that_occurs() -> None:
    statuses = ("completed", "started", "failed", "failed", "unknown", "skipped")
    found = report(*(outcome(number, status) for number, status in enumerate(statuses)))
    assert found.headline == (
        "reboot of 6 Droplets in 12.3 s: 1 completed, 1 started, 2 failed, 1 unknown, 1 skipped"
        " (1,234 requests, 0 rate-limited (429))"
    )


def test_table_has_a_row_for_each_outcome() -> None:
    began = NOON - timedelta(seconds=1.24)
    rebooted = outcome(1, name="a<b", action=action(id=7), started_at=began)
    table = report(rebooted, outcome(2, "skipped", reason="busy"))._repr_html_()
    cells = [row.removesuffix("</td></tr>").split("</td><td>") for row in table.split("<tr><td>")[1:]]
    assert cells[0] == ["2", "", "skipped", "", "", "busy"]
    assert cells[1][:5] == ["1", "a&lt;b", "completed", "reboot 7", "1.2"]


@pytest.mark.parametrize(("number", "more"), [(20, ""), (21, "<p>… and 1 more;")])
def test_table_says_how_many_rows_it_leaves_out(number: int, more: str) -> None:
    table = report(*(outcome(one) for one in range(number)))._repr_html_()
    assert table.count("<tr><td>") == 20
    assert more in table
    assert ("more;" in table) is bool(more)
