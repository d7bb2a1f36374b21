"""Hibernated Droplets: their records, their report, and the journal in which they are kept."""

from __future__ import annotations

import json
import os
import time
from typing import TYPE_CHECKING, Any

import pytest
from samples import NOON, droplet

from gradient_async import (
    DestroyCancelled,
    DestroyOutcome,
    DestroyReport,
    HibernatedDroplet,
    HibernationCancelled,
    HibernationReport,
    JournalDamagedError,
    JournalError,
    JournalInUseError,
)
from gradient_async.fleet.destroy.removal import Removal
from gradient_async.fleet.hibernation_journal import opened_hibernation, opened_source, read_hibernation
from gradient_async.fleet.hibernation_records import (
    can_be_restored,
    hibernated_of,
    hibernation_cancelled,
    of_snapshot,
)
from gradient_async.fleet.journal_text import encode
from gradient_async.models.image import Image
from gradient_async.models.region import Region
from gradient_async.models.snapshot import Snapshots

if TYPE_CHECKING:
    from pathlib import Path

WHOLE = HibernatedDroplet(
    name="train-1",
    snapshot_id=9,
    snapshot_name="nightly",
    droplet_id=7,
    size="s",
    region="tor1",
    tags=("train", "big"),
    vpc_uuid="u",
    volumes=("v1",),
    ipv6=True,
    monitoring=True,
    backups=True,
    price_hourly=3.39,
    made_from=8,
)


def record(number: int, *, snapshot: int | None = None, made_from: int | None = None) -> HibernatedDroplet:
    snapshot_id = 100 + number if snapshot is None else snapshot
    return HibernatedDroplet(name=f"t{number}", snapshot_id=snapshot_id, droplet_id=number, made_from=made_from)


def outcome(number: int, status: Any = "destroyed") -> DestroyOutcome:
    return DestroyOutcome(droplet_id=number, status=status, ended_at=NOON, reason="why")


def report(*outcomes: DestroyOutcome) -> DestroyReport:
    return DestroyReport(outcomes=outcomes, began_at=NOON, duration=2.0)


def test_record_is_read_as_it_was_written() -> None:
    facts = json.loads(json.dumps(WHOLE.to_dict()))
    assert (facts["tags"], facts["volumes"]) == (["train", "big"], ["v1"])
    assert HibernatedDroplet.from_dict({**facts, "later": 1}) == WHOLE
    least = HibernatedDroplet.from_dict({"name": "train-1", "snapshot_id": 9, "tags": None})
    assert least == HibernatedDroplet(name="train-1", snapshot_id=9)
    assert not least.ipv6
    assert not least.monitoring
    assert not least.backups


@pytest.mark.parametrize(
    "facts", [{}, {"name": "a"}, {"snapshot_id": 9}, {"name": 1, "snapshot_id": 9}, {"name": "a", "snapshot_id": "9"}]
)
def test_record_without_a_name_and_a_snapshot_is_none(facts: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="has a name and a snapshot_id"):
        HibernatedDroplet.from_dict(facts)


@pytest.mark.parametrize("text", ["[]", "{}", '{"droplets": 1}', '{"droplets": {}}', "1", "x"])
def test_other_json_is_no_report(text: str) -> None:
    with pytest.raises(ValueError, match=r"HibernationReport|Expecting value"):
        HibernatedDroplet.all_from_json(text)
    assert HibernatedDroplet.all_from_json('{"droplets": []}') == ()


@pytest.mark.parametrize("feature", ["ipv6", "monitoring", "backups"])
def test_record_has_all_that_makes_the_droplet_again(feature: str) -> None:
    full = droplet(
        id=7,
        name="train-1",
        size_slug="s",
        region=Region(slug="tor1", name="Toronto"),
        tags=("train",),
        vpc_uuid="u",
        volume_ids=("v1",),
        features=(feature,),
        image=Image(id=8),
    )
    made = hibernated_of(Removal(droplet_id=7, droplet=full, price_hourly=3.39, snapshot_id=9, snapshot_name="nightly"))
    assert made.to_dict() == {
        "name": "train-1",
        "snapshot_id": 9,
        "snapshot_name": "nightly",
        "droplet_id": 7,
        "size": "s",
        "region": "tor1",
        "tags": ["train"],
        "vpc_uuid": "u",
        "volumes": ["v1"],
        **{one: one == feature for one in ("ipv6", "monitoring", "backups")},
        "price_hourly": 3.39,
        "made_from": 8,
    }
    bare = hibernated_of(Removal(droplet_id=7, droplet=droplet(id=7), snapshot_id=9))
    assert (bare.region, bare.made_from, bare.name) == (None, None, "trainer-01")


@pytest.mark.parametrize(
    ("facts", "name", "former", "region"),
    [
        (
            {"name": "train-1-20261130-1030-7-abcd", "resource_id": "7", "regions": ("tor1", "ams3")},
            "train-1",
            7,
            "tor1",
        ),
        ({"name": "mine", "resource_id": "x"}, "mine", None, None),
        ({"name": "mine", "resource_id": ""}, "mine", None, None),
        ({}, "snapshot-9", None, None),
    ],
)
def test_snapshot_alone_says_name_and_region(facts: Any, name: str, former: int | None, region: str | None) -> None:
    found = of_snapshot(Snapshots(id="9", **facts))
    assert (found.name, found.droplet_id, found.region) == (name, former, region)
    assert (found.snapshot_id, found.snapshot_name) == (9, facts.get("name"))


def test_only_droplets_that_are_gone_can_be_restored() -> None:
    outcomes = tuple(
        outcome(number, status)
        for number, status in enumerate(("destroyed", "not_found", "kept", "failed", "unknown"), 1)
    )
    records = {number: record(number) for number in range(1, 7)}
    # The sixth is of an earlier run on the same journal.
    assert [one.droplet_id for one in can_be_restored(records, outcomes)] == [1, 2, 5, 6]


def test_report_has_both_what_is_gone_and_what_can_be_made() -> None:
    found = HibernationReport(droplets=(record(1),), destroyed=report(outcome(1), outcome(2, "kept")))
    assert found.headline == f"{found.destroyed.headline}; 1 can be restored from their snapshots"
    assert str(found).splitlines() == [found.headline, "  kept  2  why"]
    assert repr(found) == f"<HibernationReport {found.headline}>"
    assert (found.is_complete, found.to_rows()) == (False, found.destroyed.to_rows())
    with pytest.raises(ExceptionGroup):
        found.raise_for_failures()
    assert HibernatedDroplet.all_from_json(found.to_json()) == found.droplets
    assert json.loads(found.to_json(indent=1))["destroyed"]["counts"]["kept"] == 1
    assert "\n" in found.to_json(indent=1)


def test_cancellation_carries_what_can_be_restored() -> None:
    records = {1: record(1), 2: record(2)}
    with pytest.raises(HibernationCancelled) as caught, hibernation_cancelled(records):
        raise DestroyCancelled(report(outcome(1), outcome(2, "kept")))
    assert str(caught.value) == "cancelled: 1 destroyed, 1 kept; 1 can be restored; .report has each"
    assert caught.value.report.droplets == (record(1),)
    with pytest.raises(HibernationCancelled) as early, hibernation_cancelled({}):
        raise DestroyCancelled(report())
    assert str(early.value) == "cancelled: no Droplets; 0 can be restored; .report has each"


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_journal_keeps_records_and_creates_for_the_next_run(tmp_path: Path) -> None:
    path = tmp_path / "j"
    before = time.time()
    with opened_hibernation(str(path)) as opened:
        opened.add(record(1))
        assert opened.records == {1: record(1)}
        opened.note_restoring(101)
        opened.note_restoring(102)
        opened.note_refused(102)
        opened.note_refused(999)
        assert list(opened.restoring) == [101]
        assert before <= opened.restoring[101] <= time.time()
        sent = dict(opened.restoring)
        # Each line is on the disk at once.
        assert [one["event"] for one in lines(path)] == [
            "run",
            "hibernated",
            "restoring",
            "restoring",
            "refused",
            "refused",
        ]
        with pytest.raises(JournalInUseError), opened_hibernation(str(path)):
            pytest.fail("it is in use")
    with opened_hibernation(str(path)) as again:
        assert (again.records, again.restoring) == ({1: record(1)}, sent)
        again.add(record(2))
    assert read_hibernation(str(path)) == (record(1), record(2))
    assert lines(path)[0]["kind"] == "hibernate"


def test_each_line_is_synced_before_it_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with opened_hibernation(str(tmp_path / "j")) as opened:
        synced: list[int] = []
        monkeypatch.setattr(os, "fsync", synced.append)
        opened.add(record(1))
        assert len(synced) == 1


def test_records_are_kept_in_memory_without_a_file() -> None:
    with opened_hibernation(None) as opened:
        opened.add(record(1))
        opened.note_restoring(101)
        assert (list(opened.records), list(opened.restoring)) == ([1], [101])


def test_next_snapshot_of_a_restored_droplet_replaces_its_record(tmp_path: Path) -> None:
    path = str(tmp_path / "j")
    with opened_hibernation(path) as opened:
        opened.add(record(1))
        opened.add(record(2))
        # Droplet 3 was made from the snapshot of Droplet 1.
        opened.add(record(3, made_from=101))
        assert list(opened.records) == [2, 3]
    with opened_hibernation(path) as again:
        assert list(again.records) == [2, 3]


def test_torn_line_of_a_dead_run_is_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "j"
    with opened_hibernation(str(path)) as opened:
        opened.add(record(1))
    whole = path.read_bytes()
    path.write_bytes(whole + b'{"event": "hibern')
    with opened_hibernation(str(path)) as opened:
        assert list(opened.records) == [1]
    assert path.read_bytes() == whole


def sourced(path: str) -> tuple[HibernatedDroplet, ...]:
    with opened_source(path) as opened:
        return tuple(opened.records.values())


def opened_again(path: str) -> tuple[HibernatedDroplet, ...]:
    with opened_hibernation(path) as opened:
        return tuple(opened.records.values())


@pytest.mark.parametrize("read", [read_hibernation, sourced])
def test_sources_are_a_journal_or_a_report(read: Any, tmp_path: Path) -> None:
    journal, saved = tmp_path / "j", tmp_path / "report.json"
    with opened_hibernation(str(journal)) as opened:
        opened.add(record(1))
    unnamed = HibernatedDroplet(name="by-snapshot", snapshot_id=5)
    droplets = (record(1), unnamed, HibernatedDroplet(name="another", snapshot_id=6))
    saved.write_text(HibernationReport(droplets=droplets, destroyed=report()).to_json())
    assert list(read(str(saved))) == list(droplets)
    assert list(read(str(journal))) == [record(1)]
    with pytest.raises(JournalError, match=r"there is no such file\. Nothing was sent"):
        read(str(tmp_path / "none"))
    (tmp_path / "text").write_bytes(b"\xff\xfe hello\n")
    with pytest.raises(JournalDamagedError, match="cannot be used"):
        read(str(tmp_path / "text"))


def test_journal_takes_further_creates_and_a_report_does_not(tmp_path: Path) -> None:
    path, saved = tmp_path / "j", tmp_path / "report.json"
    with opened_hibernation(str(path)) as opened:
        opened.add(record(1))
    with opened_source(str(path)) as source:
        source.note_restoring(101)
    assert lines(path)[-1]["event"] == "restoring"
    saved.write_text(content := HibernationReport(droplets=(record(1),), destroyed=report()).to_json())
    with opened_source(str(saved)) as source:
        source.note_restoring(101)
    assert saved.read_text() == content


def test_journal_of_another_run_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "j"
    begin = {"event": "run", "version": 1}
    # Its last line is torn: only its own run may cut that off.
    other = encode({**begin, "kind": "create"}) + b'{"event":"sen'
    path.write_bytes(other)
    for use in (read_hibernation, sourced, opened_again):
        with pytest.raises(
            JournalDamagedError, match=r"of another kind of run, and not of fleet\.hibernate\. Pass the right file"
        ):
            use(str(path))
    assert path.read_bytes() == other
    path.write_bytes(encode({**begin, "kind": "hibernate"}) + encode({"event": "hibernated", "name": "train-1"}))
    for use in (read_hibernation, sourced, opened_again):
        with pytest.raises(JournalDamagedError, match="cannot be used: a hibernated Droplet has a name"):
            use(str(path))
    path.write_text("")
    assert (read_hibernation(str(path)), sourced(str(path)), opened_again(str(path))) == ((), (), ())
