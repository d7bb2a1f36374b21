"""The difference between a run and the run of a journal, as text. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from gradient_async.fleet.journal_format import RunRecord

_NO_PARAMETERS = {"type", "goal", "template", "if_needed"}


def difference_of(recorded: RunRecord, run: RunRecord) -> str | None:
    """Return why a run cannot continue a journal; ``None`` if it can.

    Args:
        recorded: The journal's run.
        run: The new run.
    """
    action, wanted = action_in_words(recorded.plan), action_in_words(run.plan)
    if action != wanted:
        return f"it is of the action {action}, and this run's action is {wanted}"
    if recorded.wait != run.wait:
        return f"it is of a run that {_waits(recorded)}, and this run {_waits(run)}"
    if recorded.until != run.until:
        return f"it is of a run that {_ends(recorded)}, and this run {_ends(run)}"
    if recorded.plan != run.plan:
        return (
            f"it is of a run that takes the steps {_steps(recorded.plan)}, and this run takes {_steps(run.plan)}, "
            "or takes them under other conditions"
        )
    if recorded.tag != run.tag:
        return f"it is of {_targets(recorded)}, and this run is of {_targets(run)}"
    if bool(recorded.options.get("gpus_only")) != bool(run.options.get("gpus_only")):
        with_it = "with" if recorded.options.get("gpus_only") else "without"
        return f"it is of a run {with_it} gpus_only, which decides what Droplets with the tag are acted on"
    if recorded.tag is not None:
        return None  # the Droplets are those that had the tag when the first run began
    missing, added = set(recorded.droplets) - set(run.droplets), set(run.droplets) - set(recorded.droplets)
    if missing or added:
        parts = (f"{_few(missing)} only in the journal", missing), (f"{_few(added)} only in this run", added)
        return (
            f"it is of {_droplets(recorded)}, and this run is of {_droplets(run)}: "
            f"{', '.join(part for part, ids in parts if ids)}"
        )
    return None


def action_in_words(plan: Mapping[str, object]) -> str:
    """Return the plan's main action, such as ``'resize' (size gpu-h100x8-640gb)``, without the steps around it."""
    name = str(plan.get("name"))
    own = next((step for step in _steps_of(plan) if step.get("type") == name), {})
    given = [f"{key} {_shown(value)}" for key, value in own.items() if key not in _NO_PARAMETERS and value is not False]
    return f"'{_spoken(name)}'" + (f" ({', '.join(given)})" if given else "")


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return " ".join(str(one) for one in value.values() if one is not None)
    return "yes" if value is True else str(value)


def _spoken(name: str) -> str:
    return name.replace("_", " ")


def _steps(plan: Mapping[str, object]) -> str:
    return ", ".join(_spoken(str(step.get("type"))) for step in _steps_of(plan))


def _steps_of(plan: Mapping[str, object]) -> Sequence[Mapping[str, object]]:
    steps = plan.get("steps")
    return cast("Sequence[Mapping[str, object]]", steps) if isinstance(steps, list | tuple) else ()


def _waits(run: RunRecord) -> str:
    return "waits for the end of its actions" if run.wait else "only starts its actions"


def _ends(run: RunRecord) -> str:
    return "waits for the Droplets' status too" if run.until == "status" else "waits for the end of its actions alone"


def _targets(run: RunRecord) -> str:
    return "Droplets that were named" if run.tag is None else f"the tag {run.tag!r}"


def _droplets(run: RunRecord) -> str:
    number = len(run.droplets)
    return f"{number} Droplet{'' if number == 1 else 's'}"


def _few(ids: Collection[int]) -> str:
    shown = sorted(ids)[:3]
    more = ", …" if len(ids) > len(shown) else ""
    return f"{len(ids)} ({', '.join(map(str, shown))}{more})"
