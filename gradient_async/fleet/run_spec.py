"""The specification of a fleet run."""

from __future__ import annotations

from attrs import frozen

from gradient_async.fleet.options import RunOptions
from gradient_async.fleet.plan import Plan
from gradient_async.fleet.targets import Targets
from gradient_async.models.action_types import BULK_ACTION_TYPES


@frozen(kw_only=True)
class RunSpec:
    """The specification of a fleet run.

    Attributes:
        plan: The steps for each Droplet.
        options: The run's options.
        droplets: The Droplets; ``None`` if they are found by tag.
        tag: Their tag; ``None`` if the Droplets are given.
    """

    plan: Plan
    options: RunOptions
    droplets: Targets | None
    tag: str | None

    def __attrs_post_init__(self) -> None:
        options = self.options
        if not options.wait and len(self.plan.steps) > 1:
            raise TypeError(f"wait: {self.plan.name} takes several steps, each of which has to end before the next")
        if not options.wait and options.health_check is not None:
            raise TypeError("health_check: not allowed with wait=False, which waits for nothing that could be checked")
        if not options.wait and options.until == "status":
            raise TypeError("until: 'status' is not allowed with wait=False, which waits for nothing")
        if options.gpus_only and self.tag is None:
            raise TypeError("gpus_only: only with a tag; Droplets that are named are acted on as they are")
        if options.by_tag:
            self._check_by_tag()

    def _check_by_tag(self) -> None:
        name = self.plan.steps[0].request.type
        if self.tag is None:
            raise TypeError('by_tag: only with a tag, such as tag="training", which says which Droplets')
        if len(self.plan.steps) > 1 or self.plan.steps[0].reads_droplet:
            raise ValueError(
                f"by_tag: fleet.{self.plan.name}() reads each Droplet first; leave by_tag out, or call "
                f"fleet.run() with {name!r} for one request that does not"
            )
        if name not in BULK_ACTION_TYPES:
            allowed = ", ".join(BULK_ACTION_TYPES)
            raise ValueError(
                f"by_tag: the API does not take {self.plan.name!r} by tag, only {allowed}; leave by_tag out, and one "
                "request is sent for each Droplet"
            )
        in_use = [
            one for one in ("batch_size", "max_concurrency", "max_errors") if getattr(self.options, one) is not None
        ]
        if self.options.gpus_only:
            raise TypeError("gpus_only: cannot hold beside by_tag=True, where one request acts on all with the tag")
        if in_use:
            raise TypeError(f"{', '.join(in_use)}: cannot hold beside by_tag=True, where one request starts all")
