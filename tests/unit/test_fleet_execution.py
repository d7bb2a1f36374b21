"""A fleet run from its specification to its report: what is checked first, requested by tag, recorded and counted."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from fake_fleet import Account, Settings, Waits, cancelled_at, execution, ran, spec, streamed
from samples import NOON, action, attempt
from virtual_time import run

from gradient_async import (
    ActionOutcomeUnknownError,
    BadRequestError,
    ClientClosedError,
    JournalMismatchError,
    NotFoundError,
    PreflightError,
    RequestKeyStoreError,
)
from gradient_async.fleet import execution as executions
from gradient_async.fleet import plan as plans
from gradient_async.fleet.execution import Execution
from gradient_async.http.request import Timestamp
from gradient_async.http.request_key import RequestKey

if TYPE_CHECKING:
    from pathlib import Path

    from gradient_async.fleet.report import FleetReport

pytestmark = pytest.mark.once

REFUSED = BadRequestError("refused", method="POST", path="/v2/droplets/actions", status=422)
RESIZE = plans.resize_plan("gpu-h100x8-640gb", disk=False, grace=5.0)


@pytest.fixture(autouse=True)
def _disk_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A loop whose time is virtual waits for no thread."""

    async def call(work: Any, *args: Any) -> Any:
        return work(*args)

    monkeypatch.setattr("anyio.to_thread.run_sync", call)


def statuses(report: FleetReport) -> list[str]:
    return [one.status for one in sorted(report.outcomes, key=lambda one: one.droplet_id)]


# --- what is set up ---


@pytest.mark.parametrize(("given", "retries"), [(2, 5), (9, 9)])
def test_requests_of_a_run_are_retried_at_least_five_times(given: int, retries: int) -> None:
    account = Account()
    account.settings = Settings(given)
    ran(account)
    ((settings, budget),) = account.copies
    assert (settings.max_retries, budget) == (retries, None)


def test_run_needs_an_event_loop_of_asyncio() -> None:
    account: Any = Account()
    with pytest.raises(RuntimeError, match=r"^no asyncio event loop runs here"):
        Execution(account, Waits(account), spec("reboot", (1,)))  # type: ignore[arg-type]  # a fake


@pytest.mark.parametrize("start", [ran, streamed])
def test_size_is_checked_before_anything_is_sent(start: Any) -> None:
    account = Account(other=lambda _: {"sizes": [], "meta": {"total": 0}})
    with pytest.raises(PreflightError, match="size 'gpu-h100x8-640gb' is not listed"):
        start(account, RESIZE)
    assert account.started == []


def test_size_is_not_checked_when_that_is_left_out() -> None:
    account = Account(statuses={1: "off"}, errored=(1,))
    assert statuses(ran(account, RESIZE, (1,), check_first=False, action_timeout=5.0)) == ["failed"]


@pytest.mark.parametrize("start", [ran, streamed])
def test_keys_need_a_store(start: Any) -> None:
    with pytest.raises(RequestKeyStoreError):
        start(Account(), key_prefix="nightly")


def test_time_limit_holds_while_the_droplets_are_read() -> None:
    async def droplets() -> Any:
        yield 1
        await anyio.sleep(60.0)

    account = Account()
    with pytest.raises(PreflightError, match=r"^the run's timeout of 30 s was over before the Droplets were known"):
        ran(account, droplets=droplets(), timeout=30.0)
    assert account.sent == []


# --- the report and the span ---


def test_requests_are_those_of_this_run() -> None:
    account = Account()

    async def work() -> FleetReport:
        running = execution(account, "reboot", (1, 2, 3, 4, 5), polls_before=100)
        report = await running.run()
        account.counter.refused += 2
        assert running.report().refused_for_rate == 2
        return report

    report = run(work())
    assert (report.requests, report.refused_for_rate) == (10, 0)
    assert len(report.request_times) == 10


def test_narrowest_window_is_the_limit_of_the_report() -> None:
    account = Account()
    windows = [SimpleNamespace(limit=5000, seconds=3600.0), SimpleNamespace(limit=250, seconds=60.0)]
    account.budget = SimpleNamespace(snapshot=lambda: SimpleNamespace(windows=windows))
    assert ran(account).limit == (250, 60.0)
    assert ran(Account()).limit is None


@pytest.mark.parametrize(
    ("account", "options", "expected"),
    [
        (Account(), {}, ("completed", None, False, 3, 0)),
        (Account(errored=(1,)), {}, ("failed", "droplets_failed", False, 2, 0)),
        (Account(refusals={1: [ZeroDivisionError()]}), {}, ("failed", "droplets_failed", False, 2, 0)),
        (Account(), {"timeout": 15.0, "max_concurrency": 1}, ("failed", "run_stopped", True, 1, 1)),
        (
            Account(errored=(1,)),
            {"max_errors": 0, "max_concurrency": 1},
            ("failed", "droplets_failed", True, 0, 2),
        ),
    ],
)
def test_span_says_how_the_run_ended(account: Account, options: dict[str, Any], expected: tuple[Any, ...]) -> None:
    ran(account, droplets=(1, 2, 3), **options)
    facts = account.spans["fleet reboot"]
    outcome, error, is_stopped, completed, skipped = expected
    assert (facts["gradient.outcome"], facts.get("error.type")) == (outcome, error)
    assert facts["gradient.fleet.is_stopped"] is is_stopped
    assert (facts["gradient.fleet.completed"], facts["gradient.fleet.skipped"]) == (completed, skipped)
    assert facts["gradient.fleet.droplets"] == 3


# --- the journal ---


def test_journal_is_written_closed_and_read_again(tmp_path: Path) -> None:
    path = str(tmp_path / "run.journal")
    report = ran(Account(), droplets=(1, 2), journal=path)
    assert statuses(report) == ["completed", "completed"]
    again = Account()
    report = ran(again, droplets=(2, 1), journal=path, if_finished="report")
    assert (statuses(report), again.sent) == (["completed", "completed"], [])
    assert all(one.is_resumed for one in report.outcomes)


def test_run_of_no_droplets_writes_no_journal(tmp_path: Path) -> None:
    path = tmp_path / "run.journal"
    assert ran(Account(), droplets=(), journal=str(path)).outcomes == ()
    assert not path.exists()


def test_resumed_run_continues_when_its_size_is_not_listed(tmp_path: Path) -> None:
    path = str(tmp_path / "run.journal")
    ran(Account(refusals={1: [REFUSED]}), RESIZE, (1,), journal=path, check_first=False)
    account = Account(refusals={1: [REFUSED]}, other=lambda _: {"sizes": [], "meta": {"total": 0}})
    assert statuses(ran(account, RESIZE, (1,), journal=path)) == ["failed"]


# --- by tag ---


def tagged(*ids: int, tag: str = "train") -> dict[str, Any]:
    return {
        "droplets": [
            {"id": one, "name": f"d-{one}", "status": "active", "tags": [tag], "gpu_info": {"count": 1}} for one in ids
        ],
        "meta": {"total": len(ids)},
    }


class Tagged(Account):
    """An account with Droplets of a tag, which takes requests by tag.

    Args:
        ids: The Droplets with the tag.
        answer: What a request by tag returns or raises; the started actions by default.
        given: As for an account.
    """

    def __init__(self, *ids: int, answer: Any = None, **given: Any) -> None:
        super().__init__(other=self._by_tag, **given)
        self.ids_of_tag = ids
        self.answer = answer
        self.settled: list[dict[str, Any]] = []

    def _by_tag(self, request: Any) -> Any:
        assert request.query["tag_name"] == "train"
        if request.method == "GET":
            return tagged(*self.ids_of_tag)
        if self.answer is not None:
            return self.answer
        return {"actions": [self.new_action(one, request.body["type"]) for one in self.ids_of_tag]}

    async def settle(self, request: Any, **given: Any) -> Any:
        self.settled.append({"path": request.path, **given})
        return SimpleNamespace(parse=lambda: SimpleNamespace(action=action(id=5)))


def posts(account: Account) -> list[str]:
    return [one.path for one in account.sent if one.method == "POST"]


@pytest.mark.parametrize("start", [ran, streamed])
def test_one_request_starts_all_with_a_tag(start: Any) -> None:
    account = Tagged(1, 2)
    found = start(account, "power_off", None, tag="train", by_tag=True)
    outcomes = found if isinstance(found, list) else found.outcomes
    assert [(one.droplet_id, one.name, one.status) for one in outcomes] == [
        (1, "d-1", "completed"),
        (2, "d-2", "completed"),
    ]
    assert posts(account) == ["/v2/droplets/actions"]
    assert account.sent[-1].key is None
    assert [one and one.id for one in account.lasts] == [100, 101], "what the answer says of them is not read again"


def test_each_droplet_with_a_tag_has_a_request_of_its_own() -> None:
    account = Tagged(1, 2)
    assert statuses(ran(account, "reboot", None, tag="train")) == ["completed", "completed"]
    assert posts(account) == ["/v2/droplets/1/actions", "/v2/droplets/2/actions"]


def test_nothing_is_sent_by_a_tag_of_no_droplets() -> None:
    account = Tagged()

    def answer(request: Any) -> Any:
        if request.path.startswith("/v2/tags"):
            return NotFoundError("no", method="GET", path=request.path, status=404)
        return tagged()

    account.other = answer
    assert ran(account, "power_off", None, tag="train", by_tag=True).outcomes == ()
    assert posts(account) == []


def test_droplet_that_the_answer_leaves_out_has_failed() -> None:
    account = Tagged(1, 2)
    account.answer = {
        "actions": [
            account.new_action(2, "power_off"),
            account.new_action(3, "power_off"),
            {**account.new_action(4, "power_off"), "resource_id": None},
        ]
    }
    report = ran(account, "power_off", None, tag="train", by_tag=True)
    assert statuses(report) == ["failed", "completed", "completed"]
    failed, first, second = sorted(report.outcomes, key=lambda one: one.droplet_id)
    assert "the request by tag started nothing on it" in failed.reason
    assert [one.action.id for one in (first, second) if one.action] == [100, 101]
    assert posts(account) == ["/v2/droplets/actions"]


def test_refusal_of_a_request_by_tag_fails_each_droplet() -> None:
    report = ran(Tagged(1, 2, answer=REFUSED), "power_off", None, tag="train", by_tag=True)
    assert statuses(report) == ["failed", "failed"]
    assert {one.reason for one in report.outcomes} == {str(REFUSED)}


def test_closed_client_ends_a_run_by_tag() -> None:
    with pytest.raises(ClientClosedError):
        ran(Tagged(1, answer=ClientClosedError("closed")), "power_off", None, tag="train", by_tag=True)


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> Timestamp:
    fixed = Timestamp(wall=NOON.timestamp() + 100.0, monotonic=5000.0)

    class Clock(Timestamp):
        @classmethod
        def now(cls) -> Any:
            return fixed

    monkeypatch.setattr(executions, "Timestamp", Clock)
    return fixed


@pytest.mark.parametrize(
    ("attempts", "age"),
    [
        ((), 0.0),
        ((attempt(started_at=NOON), attempt(started_at=NOON + timedelta(seconds=40))), 100.0),
        ((attempt(started_at=NOON + timedelta(seconds=110)),), 0.0),
    ],
)
def test_lost_answer_by_tag_is_looked_up_for_each_droplet(attempts: Any, age: float, now: Timestamp) -> None:
    lost = ActionOutcomeUnknownError(
        "lost", method="POST", path="/v2/droplets/actions", droplet_id=None, type="power_off", attempts=attempts
    )
    account = Tagged(1, 2, answer=lost)
    report = ran(account, "power_off", None, tag="train", by_tag=True)
    assert statuses(report) == ["completed", "completed"]
    assert [one["path"] for one in account.settled] == ["/v2/droplets/1/actions", "/v2/droplets/2/actions"]
    since = account.settled[0]["since"]
    assert (since.wall, since.monotonic) == (now.wall - age, now.monotonic - age)


def test_foreign_error_after_a_request_by_tag_is_logged(now: Timestamp, caplog: pytest.LogCaptureFixture) -> None:
    account = Tagged(1, answer=ZeroDivisionError("hook"))
    assert statuses(ran(account, "power_off", None, tag="train", by_tag=True)) == ["completed"]
    assert account.settled[0]["since"] == now
    assert "the request for tag 'train': ZeroDivisionError('hook')" in caplog.text


def test_request_by_tag_has_a_key_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    keys: Any = SimpleNamespace(recall=recalled, of=lambda *_: None, call=None)
    monkeypatch.setattr(executions, "store_of", lambda _: None)
    monkeypatch.setattr(executions, "StepKeys", lambda **_: keys)
    account = Tagged(1)
    ran(account, "power_off", None, tag="train", by_tag=True, key_prefix="nightly", key_ttl=50.0)
    key = next(one.key for one in account.sent if one.method == "POST")
    assert isinstance(key, RequestKey)
    assert (key[0], key[1]) == ("nightly:tag", 50.0)


async def recalled(_: int, record: Any) -> Any:
    return record


# --- by tag, with a journal ---


def test_started_actions_by_tag_are_recorded(tmp_path: Path) -> None:
    path = tmp_path / "run.journal"
    first = Tagged(1, 2)

    async def work() -> None:
        await execution(first, "power_off", None, tag="train", by_tag=True, journal=str(path)).run()

    cancelled_at(5.0, work)
    text = path.read_text()
    assert (text.count('"sending"'), text.count('"started"')) == (2, 2)
    again = Tagged(1, 2, 3)
    report = ran(again, "power_off", None, tag="train", by_tag=True, journal=str(path))
    assert statuses(report) == ["completed", "completed"]
    assert (again.sent, again.settled) == ([], []), "its Droplets and their actions are known"


def test_droplets_of_another_tag_are_looked_up(tmp_path: Path) -> None:
    path = str(tmp_path / "run.journal")
    ran(Tagged(1), "reboot", None, tag="train", journal=path)
    account = Account(other=lambda _: tagged(1, tag="other"))
    with pytest.raises(JournalMismatchError, match="it is of the tag 'train', and this run is of the tag 'other'"):
        ran(account, "reboot", None, tag="other", journal=path)
    assert [one.query.get("tag_name") for one in account.sent] == ["other"]
