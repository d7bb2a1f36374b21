"""The output of --dry-run: the requests that a run would send. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from attrs import field, frozen

from gradient_async.cli.durations import span, window_name
from gradient_async.cli.estimate import Estimate
from gradient_async.cli.printable import printable
from gradient_async.converter import action_body
from gradient_async.fleet.plan import Plan
from gradient_async.http.windows import WindowUse

if TYPE_CHECKING:
    from gradient_async.fleet.plan import Step

MAX_SHOWN: Final = 5


@frozen(kw_only=True)
class DryRun:
    """A run that is only shown.

    Attributes:
        plan: The steps for each Droplet.
        ids: The Droplets that the run would act on.
        done: Number of Droplets that are finished in the journal.
        tag: The tag that selected them; ``None`` for ids and names.
        by_tag: Whether one request would start all actions.
        without_gpus: Ids of those with the tag that have no GPUs.
        names: Known names of Droplets.
        batch_size: Droplets in a batch; ``None`` for no batches.
        windows: The state of the rate windows.
        is_rate_known: Whether an answer has shown how much of the windows is used.
        estimate: Requests and time of the run.
        waits: Whether the run would wait for its actions.
    """

    plan: Plan
    ids: Sequence[int]
    done: int
    tag: str | None
    by_tag: bool
    without_gpus: Sequence[int] = ()
    names: Mapping[int, str] = field(factory=dict)
    batch_size: int | None
    windows: Sequence[WindowUse]
    is_rate_known: bool
    estimate: Estimate
    waits: bool

    @property
    def batches(self) -> int:
        """Number of batches."""
        return -(-len(self.ids) // self.batch_size) if self.batch_size else 1

    def as_text(self) -> str:
        """Return the run for people."""
        of = f"{len(self.ids):,} Droplet{'' if len(self.ids) == 1 else 's'}"
        tagged = f" with the tag {self.tag!r}" if self.tag else ""
        lines = [f"{self.plan.name.replace('_', '-')} of {of}{tagged}; nothing is sent (--dry-run)", ""]
        if not self.ids:
            lines.append("There is nothing to do.")
        elif self.by_tag:
            lines.append(f"  POST {printable(_bulk_path(self.tag))}  {_body(self.plan.steps[0])}")
        else:
            lines.append(f"To {printable(few(self.ids, self.names))}:")
            lines += [
                f"  POST /v2/droplets/ID/actions  {_body(step)}{_when(self.plan, step)}" for step in self.plan.steps
            ]
        lines += ["", *self._facts()]
        return "\n".join(lines)

    def as_json(self) -> Mapping[str, object]:
        """Return the run for programs."""
        least, most = self.estimate.actions
        return {
            "dry_run": True,
            "action": self.plan.name,
            "droplets": list(self.ids),
            "done_before": self.done,
            "tag": self.tag,
            "without_gpus": list(self.without_gpus),
            "batches": self.batches,
            "steps": [
                {"body": action_body(step.request), "condition": _when(self.plan, step).strip() or None}
                for step in self.plan.steps
            ],
            "requests": [self._request(droplet_id, step) for droplet_id in self.ids for step in self.plan.steps]
            if not self.by_tag
            else [{"method": "POST", "path": _bulk_path(self.tag), "body": action_body(self.plan.steps[0].request)}],
            "least_actions": least,
            "most_actions": most,
            "least_reads": self.estimate.reads,
            "least_seconds": self.estimate.seconds[0],
            "most_seconds": self.estimate.seconds[1],
            "windows": [self._window(one) for one in self.windows],
        }

    def _window(self, one: WindowUse) -> Mapping[str, object]:
        known = self.is_rate_known
        return {
            "limit": one.limit,
            "seconds": one.seconds,
            "used": one.used if known else None,
            "left": one.left if known else None,
        }

    def _request(self, droplet_id: int, step: Step) -> Mapping[str, object]:
        path = f"/v2/droplets/{droplet_id}/actions"
        return {"method": "POST", "path": path, "droplet_id": droplet_id, "body": action_body(step.request)}

    def _facts(self) -> list[str]:
        least, most = self.estimate.actions
        actions = f"{least:,}" if least == most else f"{least:,} to {most:,}"
        facts = [f"  journal    {self.done:,} completed already, skipped"] if self.done else []
        if self.tag is not None:
            facts.append(f"  gpus       {self._gpus()}")
        facts += [
            f"  requests   {actions} to act, at least {self.estimate.reads:,} to read",
            f"  rate       {self._rate()}",
        ]
        if self.batch_size:
            facts.append(f"  batches    {self.batches:,} of {self.batch_size:,}, each after the one before")
        return [*facts, f"  time       {self._time()}"]

    def _gpus(self) -> str:
        """Return the line about tagged Droplets without GPUs."""
        without = self.without_gpus
        if not without:
            return "all with the tag have GPUs"
        verb = "has no GPU" if len(without) == 1 else "have no GPU"
        if set(without).isdisjoint(self.ids):
            return f"{len(without):,} more with the tag {verb} ({few(without)}) and will be left out"
        way = "" if self.by_tag else "; --gpus-only leaves them out"
        return f"{len(without):,} with the tag {verb} ({few(without)}){way}"

    def _rate(self) -> str:
        """Return the line about the rate windows."""
        if not self.is_rate_known:
            limits = ", ".join(f"{one.limit:,} in {window_name(one.seconds)}" for one in self.windows)
            return f"{limits}; present use not known: no request was sent (gpu-droplets rate-limit shows it)"
        uses = ", ".join(f"{one.used:,} of {one.limit:,} in {window_name(one.seconds)}" for one in self.windows)
        return f"{uses} used now; in the shorter window, only this command's requests count"

    def _time(self) -> str:
        least, most = self.estimate.seconds
        windows = "no wait for the rate windows" if most == 0 else f"{span(least)} for the rate windows"
        if least != most:
            windows = f"{span(least)} to {span(most)} for the rate windows"
        if not self.is_rate_known:
            windows += " if none of them is used"
        if not self.waits:
            return f"{windows}; the actions are not awaited"
        slowest = "the slowest action" if self.batches == 1 else "the slowest action of each batch"
        return f"{windows}, plus the duration of {slowest}"


def few(ids: Sequence[int], names: Mapping[int, str] | None = None) -> str:
    """Return some ids with their known names, and the number of the others."""
    known = names or {}
    shown = ", ".join(f"{one} {known[one]}" if one in known else str(one) for one in ids[:MAX_SHOWN])
    return shown if len(ids) <= MAX_SHOWN else f"{shown} and {len(ids) - MAX_SHOWN:,} more"


def _body(step: Step) -> str:
    return json.dumps(action_body(step.request))


def _bulk_path(tag: str | None) -> str:
    return f"/v2/droplets/actions?tag_name={tag}"


def _when(plan: Plan, step: Step) -> str:
    """Return the condition of a step, if it has one."""
    if step.only_after:
        return "  if it was on"
    if step.is_needed is not None:
        state = (
            "off"
            if step.request.type == "power_on"
            else "still on"
            if len(plan.steps) > 1 and step.grace is None
            else "on"
        )
        waiting = f", and {span(step.grace)} to go off" if step.grace is not None else ""
        return f"  if it is {state}{waiting}"
    return "  if it has another size" if plan.is_needed is not None else ""
