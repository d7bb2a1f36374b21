"""A journal as people read it: each state that a Droplet can be in, from the lines alone."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from samples import action

from gradient_async.cli import journals
from gradient_async.fleet import journal_format, journal_text
from gradient_async.fleet import plan as plans
from gradient_async.fleet.journal_format import RunRecord
from gradient_async.fleet.journal_text import DamagedError
from gradient_async.fleet.journal_view import DropletView, JournalView, view_of
from gradient_async.fleet.outcome import Outcome
from gradient_async.http.request import Timestamp

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradient_async.fleet.journal_text import Line

NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)
AT = NOON.timestamp() + 60
REBOOT = plans.plan_of("reboot", until_status=False)
RESIZE = plans.resize_plan("gpu-h100x8-640gb", disk=False, grace=120.0)


def sending(droplet_id: int, step: int = 0) -> Line:
    return journal_format.sending_line(droplet_id, step, "reboot", Timestamp(AT, math.inf), None)


def ended(droplet_id: int, status: Any = "completed", reason: str = "") -> Line:
    return journal_format.ended_line(Outcome(droplet_id=droplet_id, status=status, reason=reason, ended_at=NOON), AT)


def view(*lines: Line, plan: plans.Plan = REBOOT, torn: bytes = b"", **run: Any) -> JournalView:
    values: dict[str, Any] = {"wait": True, "until": "action", "tag": None, "droplets": (11, 22), "began_at": NOON}
    record = RunRecord(plan=plan.as_json(), **{**values, **run})
    content = b"".join(map(journal_text.encode, [record.as_line(), *lines])) + torn
    return view_of("run.journal", content, [step.runs_after_failure for step in plan.steps])


def of_11(*lines: Line, **more: Any) -> DropletView:
    return view(*lines, **more).droplets[0]


@pytest.mark.parametrize(
    ("lines", "state", "action_id", "following"),
    [
        ([], "not begun", None, "send reboot"),
        ([sending(11)], "sent", None, "look reboot up, and send it only if it was not executed"),
        ([sending(11), journal_format.refused_line(11, 0, AT)], "refused", None, "send reboot"),
        ([sending(11), journal_format.started_line(11, 0, 7, AT)], "started", 7, "wait for action 7 (reboot)"),
        ([sending(11), journal_format.started_line(11, 0, 7, AT), ended(11)], "ended", 7, ""),
    ],
)
def test_state_is_shown_when_one_action_is_all(
    lines: Sequence[Line], state: str, action_id: int | None, following: str
) -> None:
    found = of_11(*lines)
    assert (found.state, found.action_id, found.next) == (state, action_id, following)


def test_step_is_shown_when_a_plan_has_several() -> None:
    begun = [sending(11), journal_format.started_line(11, 0, 7, AT), journal_format.step_line(11, 0, "acted", "", AT)]
    found = of_11(*begun, plan=RESIZE)
    assert (found.step, found.step_type, found.state) == (1, "shutdown", "between steps")
    assert found.next == "continue with power_off (step 2 of 4), if needed"
    found = of_11(*begun, journal_format.step_line(11, 1, "nothing", "", AT), sending(11, 2), plan=RESIZE)
    assert (found.step, found.step_type, found.state, found.action_id) == (3, "resize", "sent", 7)


def test_step_that_runs_after_failure_comes_next() -> None:
    failed = [journal_format.step_line(11, 0, "acted", "", AT), journal_format.step_line(11, 1, "failed", "422", AT)]
    assert of_11(*failed, plan=RESIZE).next == "continue with power_on (step 4 of 4), if needed"


def test_anything_may_have_been_sent_when_the_last_line_is_torn() -> None:
    found = view(ended(22), torn=b'{"event":"se')
    assert found.torn == 12
    assert [one.next.partition(" ")[0] for one in found.droplets] == ["look", ""]
    assert any("incomplete (12 bytes)" in line for line in journals.header(found))


def test_finish_is_shown_when_nothing_is_left() -> None:
    found = view(ended(11), ended(22, "failed", "action 7 errored"))
    assert found.left == []
    assert found.as_json()["finished_at"] == "2026-11-29T12:00:00+00:00"
    assert found.counts == {"completed": 1, "failed": 1}
    assert "finished  2026-11-29 12:00:00Z" in journals.header(found)
    assert journals.row(found.droplets[1], 1) == ("22", "", "ended", "", "failed", "action 7 errored")


def test_header_shows_the_run_with_its_options_and_zones() -> None:
    options = {"max_errors": "5%", "timeout": 90.0, "batch_size": None, "by_tag": True, "has_health_check": True}
    found = view(tag="t", wait=False, until="status", options=options)
    assert journals.header(found) == [
        "journal   run.journal",
        "run       reboot of 2 Droplets with the tag 't'",
        "began     2026-11-29 12:00:00Z",
        "written   2026-11-29 12:00:00Z (last line)",
        "finished  no",
        "droplets  2 not begun",
        "options   --no-wait, --until status, --max-errors 5%, --timeout 90s, --by-tag, --health-check …",
    ]


def test_droplet_is_shown_when_its_tag_was_not_recorded() -> None:
    found = view(journal_format.started_line(33, 0, 9, AT), tag="t")
    assert [one.droplet_id for one in found.droplets] == [11, 22, 33]


@pytest.mark.parametrize("content", [b"", b"milk, bread\n", b'{"event":"run","version":1'])
def test_file_is_damaged_when_it_holds_no_run(content: bytes) -> None:
    with pytest.raises(DamagedError):
        view_of("run.journal", content)


def test_plan_is_shown_when_a_later_version_made_it() -> None:
    record = RunRecord(
        plan={"name": "defragment", "steps": [{"type": "defragment"}]},
        wait=True,
        until="action",
        tag=None,
        droplets=(11,),
        began_at=NOON,
    )
    found = view_of("j", b"".join(map(journal_text.encode, [record.as_line(), sending(11, 3)])))
    assert (found.action, found.droplets[0].step_type) == ("defragment", "step 4")


def test_view_says_whether_nothing_is_left() -> None:
    assert (view().as_json()["is_finished"], view().as_json()["finished_at"]) == (False, None)
    finished = view(ended(11), ended(22)).as_json()
    assert (finished["is_finished"], finished["finished_at"]) == (True, NOON.isoformat())


def test_nothing_runs_after_a_failure_when_that_is_not_known() -> None:
    lines = [sending(11), journal_format.step_line(11, 0, "failed", "no", AT)]
    values: dict[str, Any] = {"wait": True, "until": "action", "tag": None, "droplets": (11,), "began_at": NOON}
    record = RunRecord(plan=RESIZE.as_json(), **values)
    content = b"".join(map(journal_text.encode, [record.as_line(), *lines]))
    assert view_of("run.journal", content).droplets[0].next == "report how it ended"


def test_single_torn_byte_may_be_a_request() -> None:
    assert of_11(torn=b"{").next == "look reboot up, and send it only if it was not executed"


def test_action_of_an_outcome_is_shown() -> None:
    last = Outcome(droplet_id=11, status="failed", action=action(id=9), ended_at=NOON)
    assert of_11(sending(11), journal_format.ended_line(last, AT)).action_id == 9


def test_step_that_the_plan_does_not_have_is_numbered() -> None:
    assert of_11(sending(11, 1)).step_type == "step 2"
