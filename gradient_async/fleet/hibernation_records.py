"""Records of Droplets that were destroyed after a snapshot, and their report."""

from __future__ import annotations

import asyncio
import json
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, cast

import attrs
from attrs import frozen

from gradient_async.fleet.destroy.outcomes import in_words
from gradient_async.fleet.destroy.report import DestroyCancelled, DestroyReport

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gradient_async.fleet.destroy.outcomes import DestroyOutcome
    from gradient_async.fleet.destroy.removal import Removal
    from gradient_async.models.rows import Cell
    from gradient_async.models.snapshot import Snapshots

# The names that ``fleet.hibernate`` and ``fleet.destroy`` give to snapshots.
_SNAPSHOT_NAME: Final = re.compile(r"(?P<name>.+)-\d{8}-\d{4}-(?P<id>\d+)-[0-9a-f]{4}")


@frozen(kw_only=True)
class HibernatedDroplet:
    """A Droplet that was destroyed after a snapshot, with all that is needed to make it again.

    Attributes:
        name: Its name.
        snapshot_id: Id of the snapshot.
        snapshot_name: Name of the snapshot.
        droplet_id: Its former id; ``None`` if it is not known.
        size: Slug of its size.
        region: Slug of its region.
        tags: Its tags.
        vpc_uuid: UUID of its VPC.
        volumes: UUIDs of the volumes that were attached. They still exist, and are billed.
        ipv6: Whether it had an IPv6 address.
        monitoring: Whether it had the metrics agent.
        backups: Whether it had backups.
        price_hourly: US dollars an hour that it cost.
        made_from: Id of the image that it was made from: of the earlier snapshot, if it was restored before.
    """

    name: str
    snapshot_id: int
    snapshot_name: str | None = None
    droplet_id: int | None = None
    size: str | None = None
    region: str | None = None
    tags: tuple[str, ...] = ()
    vpc_uuid: str | None = None
    volumes: tuple[str, ...] = ()
    ipv6: bool = False
    monitoring: bool = False
    backups: bool = False
    price_hourly: float | None = None
    made_from: int | None = None

    def to_dict(self) -> dict[str, object]:
        """Return the fields, with values that JSON has."""
        return {name: list(value) if isinstance(value, tuple) else value for name, value in attrs.asdict(self).items()}

    @classmethod
    def from_dict(cls, data: Mapping[str, object]) -> HibernatedDroplet:
        """Return what ``to_dict`` made. Unknown keys are ignored.

        Raises:
            ValueError: A field is missing, or has another type.
        """
        known = {one.name: data[one.name] for one in attrs.fields(cls) if one.name in data}
        for name in ("tags", "volumes"):
            known[name] = tuple(cast("list[str]", known.get(name) or ()))
        if not isinstance(known.get("name"), str) or not isinstance(known.get("snapshot_id"), int):
            raise ValueError("a hibernated Droplet has a name and a snapshot_id")  # noqa: TRY004 - of data, not arguments
        return cls(**known)  # type: ignore[arg-type]  # the two that are needed were checked

    @classmethod
    def all_from_json(cls, text: str) -> tuple[HibernatedDroplet, ...]:
        """Return the Droplets of a report that ``HibernationReport.to_json`` wrote.

        Args:
            text: The JSON.

        Raises:
            ValueError: It is no such report.
        """
        facts = json.loads(text)
        if not isinstance(facts, dict) or not isinstance(facts.get("droplets"), list):
            raise ValueError("expected the JSON of a HibernationReport, with its droplets")  # noqa: TRY004 - as above
        return tuple(cls.from_dict(one) for one in facts["droplets"])


@frozen(kw_only=True)
class HibernationReport:
    """The report of Droplets that had to be hibernated. ``print`` shows it. ``fleet.restore`` takes it.

    Attributes:
        droplets: The Droplets that are destroyed and can be restored, those of earlier runs on the journal too.
        destroyed: The report of destroying, with an outcome for each Droplet.
    """

    droplets: tuple[HibernatedDroplet, ...]
    destroyed: DestroyReport

    @property
    def is_complete(self) -> bool:
        """Whether all Droplets are destroyed."""
        return self.destroyed.is_complete

    def raise_for_failures(self) -> None:
        """Raise if any Droplet is not destroyed.

        Raises:
            ExceptionGroup: With an error for each such Droplet.
        """
        self.destroyed.raise_for_failures()

    def to_json(self, *, indent: int | None = None) -> str:
        """Return all as JSON, from which ``HibernatedDroplet.all_from_json`` reads the Droplets again.

        Args:
            indent: Spaces for each level, ``None`` for one line.
        """
        facts = {
            "droplets": [one.to_dict() for one in self.droplets],
            "destroyed": json.loads(self.destroyed.to_json()),
        }
        return json.dumps(facts, indent=indent)

    def to_rows(self) -> list[dict[str, Cell]]:
        """Return a flat row for each Droplet, for a table or a data frame."""
        return self.destroyed.to_rows()

    @property
    def headline(self) -> str:
        """All in one line."""
        return f"{self.destroyed.headline}; {len(self.droplets):,} can be restored from their snapshots"

    def __str__(self) -> str:
        _, *lines = str(self.destroyed).split("\n")
        return "\n".join([self.headline, *lines])

    def __repr__(self) -> str:
        return f"<HibernationReport {self.headline}>"


class HibernationCancelled(asyncio.CancelledError):
    """Hibernating was cancelled, or interrupted by Ctrl-C. Nothing was sent afterwards.

    Task groups and cancel scopes treat it as a cancellation, since it is a ``CancelledError``. The sync client raises
    ``KeyboardInterrupt``, with this as its ``__context__``.

    Attributes:
        report: The report up to the cancellation, which ``fleet.restore`` takes. A Droplet that is ``"kept"`` in it may
            be switched off.
    """

    def __init__(self, report: HibernationReport) -> None:
        counts = ", ".join(
            f"{count:,} {in_words(status)}" for status, count in report.destroyed.counts.items() if count
        )
        restorable = f"{len(report.droplets):,} can be restored"
        super().__init__(f"cancelled: {counts or 'no Droplets'}; {restorable}; .report has each")
        self.report = report

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.report,)


def hibernated_of(removal: Removal) -> HibernatedDroplet:
    """Return what is needed to make a Droplet again, of which there is a snapshot."""
    droplet, snapshot_id = removal.droplet, removal.snapshot_id
    assert droplet is not None and snapshot_id is not None  # noqa: S101, PT018 - it was read, and has a snapshot
    return HibernatedDroplet(
        name=droplet.name,
        snapshot_id=snapshot_id,
        snapshot_name=removal.snapshot_name,
        droplet_id=droplet.id,
        size=droplet.size_slug,
        region=droplet.region.slug if droplet.region else None,
        tags=droplet.tags,
        vpc_uuid=droplet.vpc_uuid,
        volumes=droplet.volume_ids,
        ipv6="ipv6" in droplet.features,
        monitoring="monitoring" in droplet.features,
        backups="backups" in droplet.features,
        price_hourly=removal.price_hourly,
        made_from=droplet.image.id if droplet.image else None,
    )


def of_snapshot(snapshot: Snapshots) -> HibernatedDroplet:
    """Return what a snapshot alone says about its Droplet: the name, and a region."""
    named = _SNAPSHOT_NAME.fullmatch(snapshot.name or "")
    former = snapshot.resource_id
    return HibernatedDroplet(
        name=named["name"] if named else snapshot.name or f"snapshot-{snapshot.id}",
        snapshot_id=int(snapshot.id),
        snapshot_name=snapshot.name,
        droplet_id=int(former) if former and former.isdecimal() else None,
        region=snapshot.regions[0] if snapshot.regions else None,
    )


@contextmanager
def hibernation_cancelled(records: Mapping[int, HibernatedDroplet]) -> Iterator[None]:
    """Give a cancellation a report with all that is needed to make the Droplets again.

    Args:
        records: All that have a snapshot when the cancellation comes, by their former ids.

    Raises:
        HibernationCancelled: It was cancelled.
    """
    try:
        yield
    except DestroyCancelled as cancelled:
        report = cancelled.report
        droplets = can_be_restored(records, report.outcomes)
        raise HibernationCancelled(HibernationReport(droplets=droplets, destroyed=report)) from None


def can_be_restored(
    records: Mapping[int, HibernatedDroplet], outcomes: tuple[DestroyOutcome, ...]
) -> tuple[HibernatedDroplet, ...]:
    """Return the Droplets with a snapshot that are gone, or may be.

    Args:
        records: All that have a snapshot, by their former ids.
        outcomes: The outcomes of this run's Droplets.
    """
    kept = {one.droplet_id for one in outcomes if one.status in ("kept", "failed")}
    return tuple(one for droplet_id, one in records.items() if droplet_id not in kept)
