"""Restoring Droplets from snapshots: what is looked up, created and waited for, and with which result."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from samples import NOON
from virtual_time import BEGIN, FakeSender, run

from gradient_async import (
    CreateOutcomeUnknownError,
    HibernatedDroplet,
    InternalServerError,
    NotFoundError,
    PermissionDeniedError,
    PreflightError,
    RequestOutcomeUnknownError,
    RestoreOutcome,
)
from gradient_async.fleet import restoring
from gradient_async.fleet.hibernation_journal import HibernationJournal
from gradient_async.fleet.lease_tags import lease_tags
from gradient_async.fleet.restore_claims import claimed
from gradient_async.fleet.restore_twins import without_twins
from gradient_async.fleet.restoring import RestoreOptions, Restorer, sources_of
from gradient_async.models.droplet import Droplet
from gradient_async.models.snapshot import Snapshots

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from gradient_async import RestoreReport

SOURCE = HibernatedDroplet(name="train-1", snapshot_id=9, droplet_id=7, size="s", region="tor1")
DOWN = InternalServerError("down", method="GET", path="/v2/droplets", status=500)
REFUSED = PermissionDeniedError("refused", method="POST", path="/v2/droplets", status=403)
LOST = RequestOutcomeUnknownError("lost", method="POST", path="/v2/droplets")
UNKNOWN = CreateOutcomeUnknownError("unknown", method="POST", path="/v2/droplets")
WALL = 1_800_000_000.0
MISSING = NotFoundError("missing", method="GET", path="/v2/droplets/7", status=404)


@pytest.fixture(autouse=True)
def _wall_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the wall clock stand still."""
    monkeypatch.setattr(restoring, "time", SimpleNamespace(time=lambda: WALL))


def made(number: int, *, image: int | None = 9, name: str = "train-1", seconds: int = 0) -> Droplet:
    fields: dict[str, Any] = {"id": number, "name": name, "status": "active"}
    fields["created_at"] = (NOON + timedelta(seconds=seconds)).isoformat()
    return Droplet.from_dict(fields if image is None else {**fields, "image": {"id": image}})


class Client:
    """The Droplets of an account, without a connection.

    Args:
        listed: The Droplets in its lists.
        created: The results of its creates, in turn.
        ready: The results of its waits, in turn; ``None`` for the Droplet itself.
        shows_after: Seconds until its lists show Droplets at all.
        fails: Whether its lists can be read only until the first create.

    Attributes:
        creates: The fields of each create.
        waits: The options of each wait.
        reads: When its lists were read, in seconds.
        stays: Ids that it refuses to destroy.
        unknown: How many requests to destroy it answers with 404.
    """

    def __init__(
        self,
        *listed: Droplet,
        created: tuple[Any, ...] = (),
        ready: tuple[Any, ...] = (),
        shows_after: float = 0.0,
        fails: bool = False,
        settle: float = 30.0,
    ) -> None:
        self.listed = list(listed)
        self.created, self.ready = list(created), list(ready)
        self.shows_after, self.fails = shows_after, fails
        self.creates: list[dict[str, Any]] = []
        self.waits: list[dict[str, Any]] = []
        self.reads: list[float] = []
        self.stays: set[int] = set()
        self.unknown = 0
        self._sender = FakeSender(self._answered, settle=settle)

    async def create(self, **fields: Any) -> Any:
        self.creates.append(fields)
        await anyio.sleep(1.0)
        result = self.created.pop(0)
        if isinstance(result, Exception):
            raise result
        return SimpleNamespace(droplet=result)

    async def wait(self, droplet: Droplet, **options: Any) -> Droplet:
        self.waits.append(options)
        result = self.ready.pop(0) if self.ready else droplet
        if isinstance(result, Exception):
            raise result
        return result

    async def list_all(self, type: str) -> AsyncIterator[Droplet]:
        if self.fails and self.creates:
            raise DOWN
        now = anyio.current_time() - BEGIN
        if type == "gpus":
            self.reads.append(now)
            for one in self.listed if now >= self.shows_after else ():
                yield one

    def _answered(self, request: Any) -> Any:
        name, number = request.endpoint.name.rpartition(".")[2], int(request.path.rpartition("/")[2] or 0)
        if name == "delete":
            self.unknown -= 1
            return MISSING if self.unknown >= 0 else REFUSED if number in self.stays else None
        return MISSING

    @property
    def destroyed(self) -> list[str]:
        """The paths of the requests that destroy."""
        return [one.path for one in self._sender.sent if one.method == "DELETE"]


class Answers(Client):
    """An account in which ``list`` requests of a proof find nothing."""

    def _answered(self, request: Any) -> Any:
        if request.endpoint.name.endswith(".list"):
            return {"droplets": [], "meta": {"total": 0}}
        return super()._answered(request)


def restored(
    client: Client, *sources: HibernatedDroplet, journal: HibernationJournal | None = None, **options: Any
) -> RestoreReport:
    async def work() -> RestoreReport:
        records = HibernationJournal(None, {}) if journal is None else journal
        return await Restorer(client, RestoreOptions(**options), records).run(sources or (SOURCE,))  # type: ignore[arg-type]  # a fake

    return run(work())


def result(report: RestoreReport) -> tuple[str, str]:
    (outcome,) = report.outcomes
    return outcome.status, outcome.reason


def test_all_facts_of_the_droplet_are_asked_for_again() -> None:
    past = lease_tags("5f0c2a91", datetime.now(UTC) - timedelta(hours=1))
    source = HibernatedDroplet(
        name="train-1",
        snapshot_id=9,
        size="s",
        region="tor1",
        tags=("train", *past),
        vpc_uuid="u",
        volumes=("v1",),
        ipv6=True,
        monitoring=True,
        backups=True,
    )
    client = Client(created=(made(20),))
    assert result(restored(client, source, ssh_keys=["key"])) == ("restored", "")
    (fields,) = client.creates
    assert fields == {
        "name": "train-1",
        "image": 9,
        "size": "s",
        "region": "tor1",
        "tags": ["train"],
        "vpc_uuid": "u",
        "volumes": ["v1"],
        "ipv6": True,
        "monitoring": True,
        "backups": True,
        "ssh_keys": ["key"],
    }
    plain = Client(created=(made(20),))
    restored(plain)
    assert plain.creates == [{"name": "train-1", "image": 9, "size": "s", "region": "tor1"}]


@pytest.mark.parametrize(
    ("listed", "changes", "reason"),
    [
        ((made(7, image=1),), {}, "Droplet 7 still exists"),
        ((), {"size": None}, "its size is not known: pass size="),
        ((), {"region": None}, "its region is not known: pass region="),
        ((), {"size": None, "region": None}, "its size is not known: pass size="),
    ],
)
def test_nothing_is_created_for_a_droplet_that_is_skipped(listed: Any, changes: Any, reason: str) -> None:
    client = Client(*listed)
    facts = {"name": "train-1", "snapshot_id": 9, "droplet_id": 7, "size": "s", "region": "tor1"}
    assert result(restored(client, HibernatedDroplet(**{**facts, **changes}))) == ("skipped", reason)
    assert client.creates == []


def test_droplet_of_the_snapshot_is_not_made_again() -> None:
    client = Client(made(19, image=None), made(20), made(21))
    report = restored(client)
    assert result(report) == ("restored", "it was restored before")
    assert [one.id for one in report.droplets] == [20]
    assert (client.creates, client.reads, report.duration) == ([], [0.0], 0.0)


@pytest.mark.parametrize(
    ("error", "status", "refused"), [(LOST, "unknown", False), (UNKNOWN, "unknown", False), (REFUSED, "failed", True)]
)
def test_error_of_a_create_says_whether_it_may_exist(error: Any, status: str, refused: bool) -> None:
    journal = HibernationJournal(None, {})
    report = restored(Client(created=(error,)), journal=journal)
    (outcome,) = report.outcomes
    assert (outcome.status, outcome.reason, outcome.error) == (status, error.message, error)
    # A create that was refused has not to be looked up by the next call.
    assert list(journal.restoring) == ([] if refused else [9])


@pytest.mark.parametrize("error", [ValueError("name: wrong"), TypeError("ssh_keys: wrong")])
def test_others_are_restored_when_one_create_is_wrong(error: Exception) -> None:
    other = HibernatedDroplet(name="train-2", snapshot_id=10, size="s", region="tor1")
    journal = HibernationJournal(None, {})
    report = restored(Client(created=(error, made(20, image=10))), SOURCE, other, journal=journal)
    assert [(one.status, one.reason) for one in report.outcomes] == [("failed", str(error)), ("restored", "")]
    assert list(journal.restoring) == [10]


class FullDisk(HibernationJournal):
    """A journal that cannot be written from some call on."""

    def __init__(self, good: int) -> None:
        super().__init__(None, {})
        self.good = good

    def _write(self, line: Any) -> None:
        del line
        self.good -= 1
        if self.good < 0:
            raise OSError(28, "No space left on device")


def test_nothing_is_created_when_the_journal_cannot_be_written() -> None:
    client = Client(created=(made(20),))
    reason = "the journal cannot be written: [Errno 28] No space left on device"
    assert result(restored(client, journal=FullDisk(0))) == ("skipped", reason)
    assert client.creates == []
    assert result(restored(Client(created=(REFUSED,)), journal=FullDisk(1))) == ("failed", "refused")


def test_usable_droplet_is_waited_for_as_asked() -> None:
    client = Client(created=(made(20),), ready=(made(20, name="ready"),))
    given: dict[str, Any] = {"until": "ssh", "timeout": 5.0, "poll_interval": 2.0, "ssh_port": 23, "address": "private"}
    report = restored(client, **given)
    assert client.waits == [given]
    assert [one.name for one in report.droplets] == ["ready"]
    unwaited = Client(created=(made(20),))
    assert result(restored(unwaited, until=None)) == ("restored", "")
    assert unwaited.waits == []


@pytest.mark.parametrize("error", [DOWN, TypeError("of a probe")])
def test_unusable_droplet_has_failed_and_is_named(error: Exception) -> None:
    report = restored(Client(created=(made(20),), ready=(error,)))
    (outcome,) = report.outcomes
    assert (outcome.status, outcome.error) == ("failed", error)
    assert outcome.droplet == made(20)
    assert outcome.reason == f"it was created, and is not usable: {error}"


def test_outcomes_are_in_the_order_of_the_sources() -> None:
    sources = [HibernatedDroplet(name=f"train-{n}", snapshot_id=n, size="s", region="tor1") for n in range(1, 26)]
    listed = [made(100 + n, image=n) for n in range(1, 26, 2)]
    created = tuple(made(100 + n, image=n) for n in range(2, 26, 2))
    client = Client(*listed, created=created)
    report = restored(client, *sources)
    assert [one.source.snapshot_id for one in report.outcomes] == list(range(1, 26))
    # A create takes a second, and the lists are read again when they show what was created last.
    assert (report.duration, len(client.creates)) == (6.0, 12)


def test_twins_are_looked_for_after_the_last_create() -> None:
    sources = [HibernatedDroplet(name=f"train-{n}", snapshot_id=n, size="s", region="tor1") for n in range(1, 22)]
    client = Client(created=tuple(made(100 + n, image=n) for n in range(1, 22)))
    # At most 20 are created at once.
    assert restored(client, *sources, until=None).duration == 7.0


@pytest.mark.parametrize(
    ("ago", "settle", "first_shown", "last_read"),
    [
        (0.0, 30.0, 999.0, 30.0),
        (20.0, 30.0, 999.0, 10.0),
        (40.0, 30.0, 999.0, 0.0),
        (-500.0, 30.0, 999.0, 30.0),  # the clock was set back
        (0.0, 30.0, 3.0, 3.5),
        (0.0, 30.0, 0.0, 0.0),
        (None, 30.0, 999.0, 0.0),
    ],
)
def test_create_of_an_earlier_call_may_show_up_late(
    ago: float | None, settle: float, first_shown: float, last_read: float
) -> None:
    client = Client(made(20), created=(made(21),), shows_after=first_shown, settle=settle)
    journal = HibernationJournal(None, {}, {} if ago is None else {9: WALL - ago})
    restored(client, journal=journal)
    is_created = first_shown > 99.0
    # One more read, six seconds later, looks for twins of what was created.
    assert client.reads[-2 if is_created else -1] == last_read
    assert client.reads[-1] == (last_read + 6.0 if is_created else last_read)
    assert len(client.creates) == is_created


def test_latest_create_decides_how_long_the_lists_are_read() -> None:
    other = HibernatedDroplet(name="train-2", snapshot_id=8, size="s", region="tor1")
    unsent = HibernatedDroplet(name="train-3", snapshot_id=6, size="s", region="tor1")
    client = Client(made(20, image=8), made(21), created=(made(22, image=6),), shows_after=3.0)
    journal = HibernationJournal(None, {}, {8: WALL - 40.0, 9: WALL})
    report = restored(client, other, SOURCE, unsent, journal=journal, until=None)
    assert [one.reason for one in report.outcomes] == ["it was restored before"] * 2 + [""]
    # Not longer than until all show up that were sent; and once more for twins of the one that was made.
    assert [at for at in client.reads if at > 3.0] == [3.5, 9.5]


def test_create_of_another_snapshot_is_not_waited_for() -> None:
    client = Client(created=(made(21),))
    restored(client, until=None, journal=HibernationJournal(None, {}, {8: WALL}))
    assert client.reads == [0.0, 6.0]


def outcomes_of(*droplets: Droplet | None) -> dict[int, RestoreOutcome]:
    return {n: RestoreOutcome(source=SOURCE, status="restored", droplet=one) for n, one in enumerate(droplets)}


def twins(client: Client, *droplets: Droplet | None, newest: float = BEGIN) -> tuple[dict[int, RestoreOutcome], float]:
    async def work() -> tuple[dict[int, RestoreOutcome], float]:
        found = await without_twins(client, outcomes_of(*droplets), newest)  # type: ignore[arg-type]  # a fake
        return found, client.reads[0] if client.reads else -1.0

    return run(work())


def test_younger_twin_is_destroyed_and_the_older_one_given() -> None:
    # The time of the create decides, and the id only within one second.
    for number, seconds in ((20, 2), (29, 1)):
        own, older = made(21, seconds=2), made(number, seconds=seconds)
        client = Answers(own, older, made(22, seconds=3))
        found, read_at = twins(client, own)
        assert (found[0].status, found[0].droplet, read_at) == ("restored", older, 5.0)
        assert found[0].reason == f"another program had restored it as Droplet {number}; its twin 21 was destroyed"
        assert client.destroyed == ["/v2/droplets/21"]


def test_new_twin_is_destroyed_although_a_replica_lacks_it() -> None:
    client = Answers(own := made(21), made(20))
    client.unknown = 2
    found, _ = twins(client, own)
    assert found[0].droplet == made(20)
    assert len(client.destroyed) == 3


def test_older_twin_stays_and_the_younger_ones_are_named() -> None:
    own = made(20)
    client = Answers(made(22, seconds=2), own, made(21, seconds=1))
    found, _ = twins(client, own)
    assert (found[0].status, found[0].droplet) == ("restored", own)
    assert found[0].reason == "another program made Droplet 21, 22 of the snapshot too"
    assert client.destroyed == []


def test_outcomes_without_a_twin_are_as_before() -> None:
    own = made(20)
    client = Answers(own, made(21, image=8))
    assert twins(client, None, own)[0] == outcomes_of(None, own)


def test_each_twin_is_found_behind_outcomes_without_one() -> None:
    own = made(21)
    found, _ = twins(Answers(own, made(20)), None, made(19, name="train-2"), own)
    assert [one.reason for one in found.values()].count("") == 2
    assert found[2].droplet == made(20)


def test_twin_that_stays_is_reported() -> None:
    client = Answers(own := made(21), made(20))
    client.stays = {21}
    found, _ = twins(client, own)
    assert (found[0].status, found[0].droplet) == ("failed", own)
    reason = "another program had restored it as Droplet 20; its twin 21 is not known to be gone: refused"
    assert found[0].reason == reason


@pytest.mark.parametrize(
    ("newest", "settle", "read_at"), [(3.0, 30.0, 8.0), (3.0, 2.0, 5.0), (-9.0, 30.0, 0.0), (-4.5, 30.0, 0.5)]
)
def test_twins_are_looked_for_when_the_lists_show_all(newest: float, settle: float, read_at: float) -> None:
    assert twins(Answers(settle=settle), made(20), newest=BEGIN + newest)[1] == read_at


def test_unread_twins_are_reported_as_not_known() -> None:
    client = Client(created=(made(20),), fails=True)
    text = f"whether another program restored it too is not known: {DOWN}"
    assert result(restored(client)) == ("restored", text)
    # A reason of its own is more important.
    failed = Client(created=(made(20),), ready=(DOWN,), fails=True)
    assert result(restored(failed)) == ("failed", f"it was created, and is not usable: {DOWN}")


def test_snapshot_is_restored_by_one_call_at_a_time() -> None:
    other = HibernatedDroplet(name="train-2", snapshot_id=8)
    with claimed("a", [SOURCE]):
        with (
            pytest.raises(PreflightError, match=r"these snapshots: 9 \(train-1\). Nothing"),
            claimed("a", [other, SOURCE]),
        ):
            pytest.fail("it is claimed")
        with claimed("a", [other]), claimed("b", [SOURCE]):
            pass
        with pytest.raises(PreflightError), claimed("a", [SOURCE]):
            pytest.fail("it is still claimed")
    with claimed("a", [SOURCE, other]):
        pass


class Shelf:
    """The snapshots of an account."""

    def __init__(self, *listed: Snapshots) -> None:
        self.listed = listed
        self.reads = 0

    async def list_all(self, resource_type: str) -> AsyncIterator[Snapshots]:
        assert resource_type == "droplet"
        self.reads += 1
        for one in self.listed:
            yield one

    async def retrieve(self, number: int) -> Any:
        return SimpleNamespace(snapshot=Snapshots(id=str(number), name="of-the-id"))


LISTED = (
    Snapshots(id="9", name="nine", regions=("tor1",)),
    Snapshots(id="10", name="same"),
    Snapshots(id="11", name="same"),
)


def sources(*given: Any, **options: Any) -> list[HibernatedDroplet]:
    async def work() -> list[HibernatedDroplet]:
        client: Any = SimpleNamespace(snapshots=shelf)
        return await sources_of(client, given, RestoreOptions(**options))

    shelf = Shelf(*LISTED)
    found = run(work())
    assert shelf.reads == (0 if all(isinstance(one, HibernatedDroplet) for one in given) else 1)
    return found


def test_snapshots_are_found_by_id_and_name() -> None:
    for given in (9, "9", "nine"):
        (found,) = sources(given)
        assert (found.snapshot_id, found.name, found.region) == (9, "nine", "tor1")
    (unlisted,) = sources(12)
    assert (unlisted.snapshot_id, unlisted.name) == (12, "of-the-id")
    assert [one.snapshot_id for one in sources(SOURCE, "10", 9)] == [9, 10]
    assert sources(SOURCE) == [SOURCE]


@pytest.mark.parametrize(
    ("given", "kind", "text"),
    [
        ("same", ValueError, "2 snapshots have the name 'same'; pass an id"),
        ("none", ValueError, "there is no snapshot 'none'"),
        (True, TypeError, "got bool"),
        (1.5, TypeError, "got float"),
    ],
)
def test_wrong_snapshots_are_refused(given: Any, kind: type[Exception], text: str) -> None:
    with pytest.raises(kind, match=text):
        sources(given)


def test_other_size_and_region_replace_the_former_ones() -> None:
    source = HibernatedDroplet(name="train-1", snapshot_id=9, size="s", region="tor1", vpc_uuid="u")
    (same,) = sources(source, region="tor1")
    assert (same.size, same.region, same.vpc_uuid) == ("s", "tor1", "u")
    (other,) = sources(source, size="big", region="ams3")
    assert (other.size, other.region, other.vpc_uuid) == ("big", "ams3", None)
