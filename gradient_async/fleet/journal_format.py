"""The journal format of a fleet run: writing lines, and reading them again. Pure.

A journal is a file of JSON lines (see ``journal_text``): one for the run, then one for each event of a Droplet.

====== =========================================================================================
run     the plan, the options that decide what "completed" means, the ids of all Droplets, and
        for a run that resumes it the other options
sending an action request is about to go on the wire; on the disk before it does
refused it was certainly not executed
started the API has accepted it, and this is its action
step    a step is done, or has failed
ended   the Droplet's outcome is final
====== =========================================================================================
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final, Literal, TypeAlias, cast

from attrs import define, field, frozen

from gradient_async import converter
from gradient_async.errors import EarlierFailureError
from gradient_async.fleet.journal_text import DamagedError, OtherKindError
from gradient_async.fleet.outcome import Outcome
from gradient_async.http.request import Timestamp
from gradient_async.models.action import Action

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gradient_async.fleet.journal_text import Line

VERSION: Final = 1
StepEnd: TypeAlias = Literal["acted", "nothing", "failed"]
"""The end of a step: its action is done, there was nothing to do, or it failed."""


@frozen(kw_only=True)
class RunRecord:
    """A run, as in the first line of its journal.

    Attributes:
        plan: The run's plan.
        wait: Whether the run waits for the end of the actions.
        until: When a Droplet is completed.
        tag: The tag by which the Droplets were found; ``None`` if they were given.
        droplets: Their ids, in order.
        began_at: Start of the first run on this journal, UTC.
        options: The other options of the first run, see ``options.recorded_options``. A later run may have others, so
            they do not identify the run. Old journals have none.
    """

    plan: Mapping[str, object]
    wait: bool
    until: str
    tag: str | None
    droplets: Sequence[int]
    began_at: datetime
    options: Mapping[str, object] = field(factory=dict)

    def as_line(self) -> Line:
        """Return the journal's first line."""
        return {
            "event": "run",
            "version": VERSION,
            "plan": self.plan,
            "wait": self.wait,
            "until": self.until,
            "tag": self.tag,
            "began_at": self.began_at.isoformat(),
            **({"options": dict(self.options)} if self.options else {}),
            "droplets": list(self.droplets),
        }


@define(kw_only=True)
class StepRecord:
    """The record of one step of one Droplet.

    Attributes:
        first_sent: The time when its request may first have gone on the wire; ``None`` if it certainly has not.
        last_sent: The same for the last time.
        is_assumed: Whether no line records a request, but one may have been lost.
        is_refused: Whether its last request was refused, in the run that the journal was read from.
        action_id: The id of its action; ``None`` if no action is known.
        action: The same, as last read in this run.
        end: How it ended; ``None`` if it has not.
        error: The text of its error.
        failure: The error itself, if the step failed in this run.
    """

    first_sent: Timestamp | None = None
    last_sent: Timestamp | None = None
    is_assumed: bool = False
    is_refused: bool = False
    action_id: int | None = None
    action: Action | None = None
    end: StepEnd | None = None
    error: str = ""
    failure: Exception | None = None


@define(kw_only=True)
class DropletRecord:
    """The record of one Droplet.

    Attributes:
        steps: Its steps, by number from 0.
        outcome: Its final outcome; ``None`` if it has none.
    """

    steps: dict[int, StepRecord] = field(factory=dict)
    outcome: Outcome | None = None

    def step(self, number: int) -> StepRecord:
        """Return the record of a step."""
        return self.steps.setdefault(number, StepRecord())

    def next_step(self, runs_after_failure: Sequence[bool]) -> int | None:
        """Return the present or the next step; ``None`` if there is none."""
        has_failed = any(step.end == "failed" for step in self.steps.values())
        for number, runs_anyway in enumerate(runs_after_failure):
            has_ended = number in self.steps and self.steps[number].end is not None
            if not has_ended and (runs_anyway or not has_failed):
                return number
        return None


@define(kw_only=True)
class Records:
    """The content of a journal.

    Attributes:
        run: Its run.
        droplets: The Droplets that have a record.
    """

    run: RunRecord
    droplets: dict[int, DropletRecord] = field(factory=dict)

    def droplet(self, droplet_id: int) -> DropletRecord:
        """Return the record of a Droplet."""
        return self.droplets.setdefault(droplet_id, DropletRecord())

    @property
    def unanswered(self) -> int:
        """Number of requests whose answers are not recorded, of Droplets without an outcome."""
        return sum(
            step.first_sent is not None and step.action_id is None and step.end is None and not step.is_assumed
            for record in self.droplets.values()
            if record.outcome is None
            for step in record.steps.values()
        )

    def assume_lost(self, runs_after_failure: Sequence[bool], *, since: Timestamp, until: Timestamp) -> None:
        """Assume that the last line is lost: each request that could have been next may have been sent.

        Args:
            runs_after_failure: For each step of the plan, whether it runs even if an earlier one failed.
            since: The time of the last complete line.
            until: The present time.
        """
        for droplet_id in self.run.droplets:
            record = self.droplet(droplet_id)
            number = None if record.outcome is not None else record.next_step(runs_after_failure)
            step = None if number is None else record.step(number)
            if step is not None and step.action_id is None:
                step.is_assumed = step.first_sent is None
                step.first_sent, step.last_sent = step.first_sent or since, until


def replay(lines: Iterable[Line], boot: str | None) -> Records:
    """Return the content of a journal from its lines.

    Args:
        lines: The lines, the run's first.
        boot: Id of this machine's present boot, which shows whether monotonic clocks can be compared.

    Raises:
        DamagedError: A line makes no sense.
    """
    records: Records | None = None
    for number, line in enumerate(lines, 1):
        try:
            if records is None:
                records = Records(run=_run_in(line))
            else:
                _replay_one(records, line, boot)
        except (KeyError, TypeError, ValueError, converter.DecodingError) as error:
            reason = f"there is no {error} in it" if isinstance(error, KeyError) else str(error)
            raise DamagedError(f"line {number} makes no sense: {reason}") from error
    if records is None:
        raise DamagedError("it is empty")
    return records


def sending_line(droplet_id: int, step: int, action_type: str, now: Timestamp, boot: str | None) -> Line:
    """Return the line of an action request that is about to go on the wire."""
    return {
        "event": "sending",
        "droplet": droplet_id,
        "step": step,
        "type": action_type,
        "at": now.wall,
        "monotonic": now.monotonic,
        "boot": boot,
    }


def refused_line(droplet_id: int, step: int, at: float) -> Line:
    """Return the line of an action request that was certainly not executed."""
    return {"event": "refused", "droplet": droplet_id, "step": step, "at": at}


def started_line(droplet_id: int, step: int, action_id: int, at: float) -> Line:
    """Return the line of an action request that the API accepted."""
    return {"event": "started", "droplet": droplet_id, "step": step, "action": action_id, "at": at}


def step_line(droplet_id: int, step: int, end: StepEnd, error: str, at: float) -> Line:
    """Return the line of a step that has ended."""
    line: dict[str, object] = {"event": "step", "droplet": droplet_id, "step": step, "end": end, "at": at}
    return {**line, "error": error} if error else line


def ended_line(outcome: Outcome, at: float) -> Line:
    """Return the line of a Droplet's final outcome."""
    line: dict[str, object] = {
        "event": "ended",
        "droplet": outcome.droplet_id,
        "status": outcome.status,
        "reason": outcome.reason,
        "batch": outcome.batch,
        "started_at": outcome.started_at.isoformat() if outcome.started_at else None,
        "ended_at": outcome.ended_at.isoformat(),
        "at": at,
    }
    if outcome.error is not None:
        line["error"] = type(outcome.error).__name__
    if outcome.action is not None:
        line["action"] = _action_json(outcome.action)
    return line


def last_timestamp(lines: Sequence[Line], boot: str | None = None) -> Timestamp:
    """Return the time of the last line; on the monotonic clock, which few lines have, rather too early.

    Args:
        lines: The lines, the run's first.
        boot: Id of this machine's present boot, which shows whether monotonic clocks can be compared.
    """
    at = lines[-1].get("at") or datetime.fromisoformat(str(lines[-1].get("began_at"))).timestamp()
    sendings = (line for line in reversed(lines) if line["event"] == "sending")
    last = next(sendings, None)
    return Timestamp(wall=_number(at), monotonic=float("inf") if last is None else _monotonic_in(last, boot))


def _run_in(line: Line) -> RunRecord:
    if line.get("kind", "actions") != "actions":
        raise OtherKindError(f"this journal is of a fleet.{line['kind']}, and only that continues it")
    if line["event"] != "run" or line["version"] != VERSION:
        raise ValueError(f"expected a run of version {VERSION}")
    tag = line["tag"]
    return RunRecord(
        plan=cast("Line", line["plan"]),
        wait=bool(line["wait"]),
        until=str(line["until"]),
        tag=None if tag is None else str(tag),
        droplets=tuple(cast("list[int]", line["droplets"])),
        began_at=datetime.fromisoformat(str(line["began_at"])),
        options=_mapping(line.get("options", {})),
    )


def _replay_one(records: Records, line: Line, boot: str | None) -> None:
    droplet_id = cast("int", line["droplet"])
    record = records.droplet(droplet_id)
    if line["event"] == "ended":
        record.outcome = _outcome_in(line)
        return
    step = record.step(cast("int", line["step"]))
    match line["event"]:
        case "sending":
            step.last_sent = Timestamp(wall=_number(line["at"]), monotonic=_monotonic_in(line, boot))
            step.first_sent = step.first_sent or step.last_sent
            step.is_refused = False
        case "refused":
            step.first_sent = step.last_sent = None
            step.is_refused = True
        case "started":
            step.action_id = cast("int", line["action"])
        case "step":
            step.end = cast("StepEnd", line["end"])
            step.error = str(line.get("error", ""))
        case _:
            raise ValueError(f"unknown event {line['event']!r}")


def _monotonic_in(line: Line, boot: str | None) -> float:
    """Return the monotonic time of a ``sending`` line; infinity if it cannot be compared with this machine's."""
    same_boot = boot is not None and line["boot"] == boot
    return _number(line["monotonic"]) if same_boot else float("inf")


def _outcome_in(line: Line) -> Outcome:
    droplet_id, reason = cast("int", line["droplet"]), str(line["reason"])
    started_at, action, error = line["started_at"], line.get("action"), line.get("error")
    return Outcome(
        droplet_id=droplet_id,
        status=cast("Literal['completed', 'failed']", line["status"]),
        reason=reason,
        action=None if action is None else converter.structure(action, Action),
        error=None if error is None else EarlierFailureError(reason, droplet_id=droplet_id, error=str(error)),
        started_at=None if started_at is None else datetime.fromisoformat(str(started_at)),
        ended_at=datetime.fromisoformat(str(line["ended_at"])),
        batch=cast("int", line["batch"]),
        is_resumed=True,
    )


def _action_json(action: Action) -> Line:
    return {
        "id": action.id,
        "status": action.status,
        "type": action.type,
        "started_at": action.started_at.isoformat() if action.started_at else None,
        "completed_at": action.completed_at.isoformat() if action.completed_at else None,
        "resource_id": action.resource_id,
        "resource_type": action.resource_type,
        "region_slug": action.region_slug,
    }


def _mapping(value: object) -> Mapping[str, object]:
    if not isinstance(value, Mapping):
        raise TypeError(f"expected an object, got {value!r}")
    return value


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"expected a number, got {value!r}")
    return float(value)
