"""What the calls of hibernate, restore and lease pass on, and what they refuse."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from samples import NOON, droplet
from virtual_time import FakeSender, run

from gradient_async import (
    DestroyReport,
    DropletCountError,
    HibernatedDroplet,
    HibernationReport,
    JournalMismatchError,
)
from gradient_async.fleet import hibernation, leasing
from gradient_async.fleet.destroy.outcomes import DestroyOutcome
from gradient_async.fleet.hibernation import FleetHibernation
from gradient_async.fleet.hibernation_journal import opened_hibernation, read_hibernation
from gradient_async.fleet.lease_errors import LeaseError
from gradient_async.fleet.leasing import FleetLeasing
from gradient_async.fleet.restoring import RestoreOptions

if TYPE_CHECKING:
    from pathlib import Path

RECORD = HibernatedDroplet(name="train-1", snapshot_id=9, droplet_id=7)
OTHER = HibernatedDroplet(name="train-2", snapshot_id=10, droplet_id=8)


def empty_report(*outcomes: DestroyOutcome) -> DestroyReport:
    return DestroyReport(outcomes=outcomes, began_at=NOON, duration=1.0)


class Taken:
    """What the calls pass on.

    Attributes:
        plans: The plans of runs that destroy.
        restored: What is restored: the records, the options, and the records of the journal.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.plans: list[Any] = []
        self.restored: list[Any] = []
        monkeypatch.setattr(hibernation, "DestroyRun", self._run)
        monkeypatch.setattr(hibernation, "Restorer", self._restorer)
        monkeypatch.setattr(hibernation, "sources_of", self._sources)
        monkeypatch.setattr(hibernation, "found_droplets", self._found)

    async def _found(self, *_: object) -> dict[int, Any]:
        return {7: droplet(id=7)}

    def _run(self, _: object, __: object, plan: Any) -> Any:
        async def work(removals: Any) -> DestroyReport:
            self.plans.append(plan)
            for one in removals:
                one.snapshot_id = 9
                plan.record(one)
            return empty_report(DestroyOutcome(droplet_id=7, status="destroyed", ended_at=NOON))

        return SimpleNamespace(run=work)

    async def _sources(self, _: object, given: Any, __: object) -> list[Any]:
        return list(given)

    def _restorer(self, _: object, options: Any, journal: Any) -> Any:
        async def work(sources: Any) -> str:
            self.restored.append((list(sources), options, list(journal.records)))
            return "report"

        return SimpleNamespace(run=work)


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> Taken:
    """The ends of the calls, replaced."""
    return Taken(monkeypatch)


def call(name: str, *args: Any, **options: Any) -> Any:
    async def work() -> Any:
        sender: Any = FakeSender(lambda _: {"sizes": [], "meta": {"total": 0}})
        return await getattr(FleetHibernation(sender, None, None), name)(*args, **options)  # type: ignore[arg-type]  # a fake

    return run(work())


@pytest.mark.parametrize("journal", [False, True])
def test_each_droplet_is_recorded_before_it_is_destroyed(journal: bool, taken: Taken, tmp_path: Path) -> None:
    path = tmp_path / "j"
    report = call("hibernate", 7, confirm_count=1, **({"journal": path} if journal else {}))
    (plan,) = taken.plans
    assert (plan.makes_snapshot, plan.snapshot_timeout, plan.grace) == (True, None, 120.0)
    assert plan.options.until == "gone"
    assert [one.droplet_id for one in report.droplets] == [7]
    assert [one.droplet_id for one in read_hibernation(str(path))] == [7] if journal else not path.exists()


def test_nothing_is_hibernated_when_the_count_differs(taken: Taken) -> None:
    with pytest.raises(DropletCountError, match="expected 2 Droplets, found 1"):
        call("hibernate", 7, confirm_count=2)
    assert taken.plans == []


def test_options_of_hibernating_are_passed_on(taken: Taken) -> None:
    call("hibernate", 7, timeout=5.0, snapshot_timeout=6.0, grace=7.0, max_concurrency=8, poll_interval=9.0)
    (plan,) = taken.plans
    assert (plan.options.timeout, plan.snapshot_timeout, plan.grace) == (5.0, 6.0, 7.0)
    assert (plan.options.max_concurrency, plan.options.poll_interval) == (8, 9.0)


def test_options_of_restoring_are_passed_on(taken: Taken) -> None:
    call("restore", 9)
    given: dict[str, Any] = {
        "size": "s",
        "region": "tor1",
        "ssh_keys": ["key"],
        "until": "ssh",
        "timeout": 5.0,
        "poll_interval": 2.0,
        "ssh_port": 1,
        "address": "private",
    }
    call("restore", 9, **given)
    call("restore", 9, until=None, ssh_port=65_535)
    assert [options for _, options, _ in taken.restored] == [
        RestoreOptions(),
        RestoreOptions(**given),
        RestoreOptions(until=None, ssh_port=65_535),
    ]


@pytest.mark.parametrize(
    "wrong",
    [
        {"until": "x"},
        {"address": "x"},
        {"size": 1},
        {"size": ""},
        {"region": 1},
        {"timeout": 0},
        {"poll_interval": 0},
        {"ssh_port": 0},
        {"ssh_port": 65_536},
    ],
)
def test_wrong_options_of_restoring_are_refused(wrong: Any, taken: Taken) -> None:
    with pytest.raises((TypeError, ValueError), match=next(iter(wrong))):
        call("restore", 9, **wrong)
    assert taken.restored == []


def test_source_is_a_report_a_file_or_snapshots(taken: Taken, tmp_path: Path) -> None:
    path = tmp_path / "j"
    with opened_hibernation(str(path)) as opened:
        opened.add(RECORD)
    report = HibernationReport(droplets=(RECORD, OTHER), destroyed=empty_report())
    for source in (report, RECORD, 9, "nightly", [OTHER, 9], path, str(path)):
        assert call("restore", source) == "report"
    assert [(sources, records) for sources, _, records in taken.restored] == [
        ([RECORD, OTHER], []),
        ([RECORD], []),
        ([9], []),
        (["nightly"], []),
        ([OTHER, 9], []),
        ([RECORD], [7]),
        ([RECORD], [7]),
    ]
    for wrong, kind in ((None, "NoneType"), ([9, True], "bool"), ([1.5], "float")):
        with pytest.raises(TypeError, match=f"ids or names of snapshots, got {kind}"):
            call("restore", wrong)


class Leases:
    """What a lease is made of, and the runs that create its Droplets.

    Attributes:
        terms: The terms of each lease.
        specs: The specification of each run.
        error: Raised by the runs.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.terms: list[Any] = []
        self.specs: list[Any] = []
        self.creates: list[Any] = []
        self.have_sent: list[Any] = []
        self.error: Exception | None = None
        monkeypatch.setattr(leasing, "DropletLease", self._lease)
        monkeypatch.setattr(leasing, "CreationRunner", self._runner)

    def lease(self, **options: Any) -> Any:
        """Make a lease. Return the specification of the run that creates its Droplets."""
        usual: dict[str, Any] = {"sizes": "gpu-h100x1-80gb", "ttl": "1h"}
        FleetLeasing(None, None, None).lease(**{**usual, **options})  # type: ignore[arg-type]  # a fake
        assert run(self.creates[-1](("lease", "until"), 3600.0)) == "report"
        return self.specs[-1]

    def _lease(self, _: object, __: object, terms: Any, create: Any, has_sent: Any) -> None:
        self.terms.append(terms)
        self.creates.append(create)
        self.have_sent.append(has_sent)
        assert has_sent() is False, "before it creates"

    def _runner(self, _: object, __: object, spec: Any) -> Any:
        async def work() -> str:
            self.specs.append(spec)
            if self.error is not None:
                raise self.error
            return "report"

        return SimpleNamespace(run=work, has_sent=self.error is None)


@pytest.fixture
def leases(monkeypatch: pytest.MonkeyPatch) -> Leases:
    """The ends of the calls, replaced."""
    return Leases(monkeypatch)


def test_lease_creates_with_its_tags_and_in_its_time(leases: Leases) -> None:
    spec = leases.lease()
    assert (spec.terms.count, spec.is_lease, spec.terms.fields["tags"]) == (1, True, ["lease", "until"])
    assert (spec.deadline, leases.have_sent[-1]()) == (3600.0, True)
    spec = leases.lease(count=2, tags=["train"], deadline=60.0, journal="j", poll_interval=2.0, destroy_timeout=9.0)
    assert (spec.terms.count, spec.terms.fields["tags"], spec.deadline) == (2, ["train", "lease", "until"], 60.0)
    assert leases.lease(deadline=7200.0).deadline == 3600.0
    first, second, _ = leases.terms
    assert (first.ttl, first.destroy_timeout, first.poll_interval, first.journal) == (3600.0, 600.0, None, None)
    assert (second.destroy_timeout, second.poll_interval, second.journal) == (9.0, 2.0, "j")


def test_lease_on_the_journal_of_another_says_what_to_do(leases: Leases) -> None:
    leases.error = JournalMismatchError("other", path="j")
    with pytest.raises(JournalMismatchError) as refused:
        leases.lease()
    assert leases.have_sent[-1]() is False
    assert "fleet.reap(journal) destroys what a dead lease left" in str(refused.value)
    assert refused.value.path == "j"


@pytest.mark.parametrize(
    ("wrong", "text"),
    [
        ({"if_finished": "report"}, "if_finished: a lease has no use for it"),
        ({"ttl": 10 * 365 * 86_400 + 1}, "ttl"),
        ({"destroy_timeout": 0}, "destroy_timeout"),
        ({"count": 0}, "count"),
        ({"strange": 1}, "strange"),
    ],
)
def test_wrong_options_of_a_lease_are_refused(wrong: Any, text: str, leases: Leases) -> None:
    with pytest.raises((TypeError, ValueError), match=text):
        leases.lease(**wrong)
    assert leases.specs == []


def test_error_of_a_lease_has_its_text_and_report() -> None:
    error = LeaseError("left", report=(report := empty_report()))
    assert (str(error), error.message, error.report) == ("left", "left", report)
