"""What a creation run has done, name by name: written to its journal, and read from it again. Pure.

A journal is a file of JSON lines (see ``journal_text``): one for the run, then one for each thing that happens.

=========== ====================================================================================
run         what is asked for, and the nonce in the names
sending     a create of these names is about to go on the wire; on the disk before it does
refused     the create was surely not executed
absent      the Droplet of a name does not exist, as far as the API shows
created     the Droplet of a name exists, and this is its id
ready       a Droplet is usable
lost        a Droplet is gone, and the run did not destroy it
destroying  a Droplet is about to be destroyed
destroyed   a Droplet is destroyed
surplus     another Droplet has a name of the run: it is the run's too, and about to be destroyed
ended       the run is over, and a later one has nothing left to do
=========== ====================================================================================

The state is only changed by ``CreationRecords.apply``, with the line that is written down, so that what a later process
reads is what this one knew.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Final, Literal, TypeAlias, cast

from attrs import define, field, frozen

from gradient_async.endpoints.droplet_names import PLACEHOLDER
from gradient_async.fleet.create.creation_run import CreationRun, run_in
from gradient_async.fleet.create.line_values import id_in, monotonic_in, names_in, number_in
from gradient_async.fleet.journal_text import DamagedError
from gradient_async.http.request import Timestamp

if TYPE_CHECKING:
    from gradient_async.fleet.journal_text import Line

NameState: TypeAlias = Literal["sent", "refused", "absent", "created", "ready", "lost", "destroying", "destroyed"]
"""What is known of a name.

``"sent"``: a create may have been executed, and its outcome is not known. ``"refused"``: the create was surely not
executed. ``"absent"``: the outcome was not known, and the API shows no such Droplet. ``"created"``: the Droplet exists.
``"ready"``: it is usable. ``"lost"``: it is gone, and the run did not destroy it. ``"destroying"``: a request to
destroy it may have been sent. ``"destroyed"``: it is destroyed.
"""

_BILLABLE: Final = frozenset({"sent", "created", "ready", "destroying"})


@define(kw_only=True)
class NameRecord:
    """What is known of one name, and of its Droplet.

    Attributes:
        name: The name.
        size: Slug of the size that was asked for last.
        region: Slug of the region that was asked for last.
        price_hourly: Price of the Droplet, in US dollars an hour; ``None`` if it is not known.
        state: How far it has come.
        droplet_id: Id of its Droplet; ``None`` if it is not known to have one.
        reason: Why it was refused, is gone or is destroyed, for people.
        first_sent: When a create with an unknown outcome may have gone on the wire for the first time.
        last_sent: The same for the last time.
        was_unknown: Whether the outcome of a create with this name was ever unknown.
        is_answered: Whether the API's own answer says that its Droplet does not exist.
        ready_at: When its Droplet was usable, in seconds since the epoch; ``None`` if it was not.
        ended_at: When its Droplet was seen to be gone, likewise.
    """

    name: str
    size: str
    region: str
    price_hourly: float | None = None
    state: NameState = "sent"
    droplet_id: int | None = None
    reason: str = ""
    first_sent: Timestamp | None = None
    last_sent: Timestamp | None = None
    was_unknown: bool = False
    is_answered: bool = False
    ready_at: float | None = None
    ended_at: float | None = None

    @property
    def is_billable(self) -> bool:
        """Whether it counts: its Droplet exists, or may exist."""
        return self.state in _BILLABLE


@define(kw_only=True)
class SurplusRecord:
    """Another Droplet with a name of the run. It is the run's too, since the name has the run's nonce.

    Attributes:
        name: Its name.
        droplet_id: Its id.
        is_destroyed: Whether it is destroyed.
    """

    name: str
    droplet_id: int
    is_destroyed: bool = False


@frozen(kw_only=True)
class CreationEnd:
    """How a run ended.

    Attributes:
        at: When, UTC.
        counts: How many Droplets were delivered, destroyed, and left although they should not be.
        reason: Why it ended before it had all Droplets; empty if it had.
    """

    at: datetime
    counts: Mapping[str, int]
    reason: str = ""


@frozen(kw_only=True)
class Leftover:
    """A Droplet of a run that may exist, and is billed.

    Attributes:
        name: Its name.
        droplet_id: Its id; ``None`` if only the name is known. Then it may not exist: look it up by name.
        state: What is known of it.
    """

    name: str
    droplet_id: int | None
    state: NameState


@define(kw_only=True)
class CreationRecords:
    """All that a creation run has done.

    Attributes:
        run: The run.
        names: What is known of each name, in the order in which they were first sent.
        surplus: Other Droplets with names of the run, by id.
        end: How it ended; ``None`` if a later process has something left to do.
    """

    run: CreationRun
    names: dict[str, NameRecord] = field(factory=dict)
    surplus: dict[int, SurplusRecord] = field(factory=dict)
    end: CreationEnd | None = None

    def in_state(self, *states: NameState) -> list[NameRecord]:
        """Return the names in one of these states."""
        return [one for one in self.names.values() if one.state in states]

    @property
    def billable(self) -> list[NameRecord]:
        """The names that count: their Droplets exist, or may exist."""
        return [one for one in self.names.values() if one.is_billable]

    @property
    def hourly(self) -> float:
        """What all Droplets that exist or may exist cost, in US dollars an hour, as far as prices are known."""
        return math.fsum(one.price_hourly or 0.0 for one in self.billable)

    @property
    def leftovers(self) -> list[Leftover]:
        """The Droplets that may exist. After a run that delivered nothing, all of them are to be destroyed."""
        kept = [one for one in self.names.values() if one.is_billable or one.state == "absent"]
        return [
            *(Leftover(name=one.name, droplet_id=one.droplet_id, state=one.state) for one in kept),
            *(
                Leftover(name=one.name, droplet_id=one.droplet_id, state="destroying")
                for one in self.surplus.values()
                if not one.is_destroyed
            ),
        ]

    @property
    def unlisted(self) -> list[NameRecord]:
        """The names whose answer was lost, and whose Droplets no list has shown so far. They may show later."""
        shown = {one.name for one in self.surplus.values()}
        return [one for one in self.in_state("absent") if not one.is_answered and one.name not in shown]

    def next_names(self, count: int) -> list[str]:
        """Return names for a create: those whose create was refused, then new ones. No other name is used twice."""
        names = [one.name for one in self.in_state("refused")][:count]
        number = max((self.run.number_of(name) for name in self.names), default=0)
        while len(names) < count:
            number += 1
            names.append(self.run.name.replace(PLACEHOLDER, f"{number}-{self.run.nonce}"))
        return names

    def apply(self, line: Line, boot: str | None = None) -> None:
        """Change the state by what a line says.

        Args:
            line: The line.
            boot: This machine's present boot. Monotonic clocks can be compared only within one boot.

        Raises:
            KeyError: The line misses something.
            TypeError: A value has the wrong type.
            ValueError: The line makes no sense.
        """
        event = line["event"]
        if event == "ended":
            self.end = CreationEnd(
                at=datetime.fromisoformat(str(line["ended_at"])),
                counts=cast("Mapping[str, int]", line["counts"]),
                reason=str(line.get("reason", "")),
            )
        elif event == "sending":
            self._apply_sending(line, boot)
        elif event == "surplus":
            droplet_id = id_in(line)
            self.surplus.setdefault(droplet_id, SurplusRecord(name=str(line["name"]), droplet_id=droplet_id))
        elif event == "destroyed" and id_in(line) in self.surplus:
            self.surplus[id_in(line)].is_destroyed = True
        else:
            for name in names_in(line):
                self._apply_to_name(self.names[name], line)

    def _apply_sending(self, line: Line, boot: str | None) -> None:
        sent_at = Timestamp(wall=number_in(line["at"]), monotonic=monotonic_in(line, boot))
        price = line.get("price")
        for name in names_in(line):
            self.run.number_of(name)
            earlier = self.names.pop(name, None)
            if earlier is not None and earlier.state not in {"sent", "refused"}:
                raise ValueError(f"{name!r} is sent again, although it is {earlier.state}")
            self.names[name] = NameRecord(
                name=name,
                size=str(line["size"]),
                region=str(line["region"]),
                price_hourly=None if price is None else number_in(price),
                first_sent=earlier.first_sent if earlier and earlier.state == "sent" else sent_at,
                last_sent=sent_at,
                was_unknown=earlier.was_unknown if earlier else False,
            )

    def _apply_to_name(self, record: NameRecord, line: Line) -> None:
        event = line["event"]
        if event not in _STATES:
            raise ValueError(f"unknown event {event!r}")
        record.state = _STATES[str(event)]
        record.reason = str(line.get("reason", ""))
        record.was_unknown = record.was_unknown or event in {"absent", "unknown"}
        record.is_answered = event == "absent" and line.get("answered") is True
        if event == "created":
            record.droplet_id = id_in(line)
        elif event == "ready":
            record.ready_at = _time_in(line)
        elif event in {"lost", "destroyed"}:
            record.ended_at = _time_in(line)


def _time_in(line: Line) -> float | None:
    """Return the time of a line; ``None`` if it has none."""
    at = line.get("at")
    return None if at is None else number_in(at)


_STATES: Final[Mapping[str, NameState]] = {
    "unknown": "sent",
    "refused": "refused",
    "absent": "absent",
    "created": "created",
    "ready": "ready",
    "lost": "lost",
    "destroying": "destroying",
    "destroyed": "destroyed",
}


def replay(lines: Iterable[Line], boot: str | None = None) -> CreationRecords:
    """Return what the lines of a journal add up to.

    Args:
        lines: The lines, the run's first.
        boot: This machine's present boot. Monotonic clocks can be compared only within one boot.

    Raises:
        DamagedError: A line makes no sense, or the journal is of another kind.
    """
    records: CreationRecords | None = None
    for number, line in enumerate(lines, 1):
        try:
            if records is None:
                records = CreationRecords(run=run_in(line))
            else:
                records.apply(line, boot)
        except (KeyError, TypeError, ValueError) as error:
            reason = f"there is no {error} in it" if isinstance(error, KeyError) else str(error)
            raise DamagedError(f"line {number} makes no sense: {reason}") from error
    if records is None:
        raise DamagedError("it is empty")
    for record in records.in_state("sent"):
        record.was_unknown = True
    return records
