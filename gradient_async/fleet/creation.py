"""Creating many Droplets: ``client.fleet.create``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradient_async.fleet.fleet_part import FleetPart

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Sequence
    from typing import Literal

    from gradient_async.fleet.create.plan import CreationPlan
    from gradient_async.fleet.create.report import CreationReport
    from gradient_async.fleet.create.spec import CreationCallback
    from gradient_async.models.backup_policy import BackupPolicy, BackupPolicyParam
    from gradient_async.waiting.readiness import Until


class FleetCreation(FleetPart):
    """Creates Droplets where there is capacity."""

    async def create(
        self,
        *,
        count: int,
        sizes: str | Sequence[str],
        regions: str | Sequence[str] | None = None,
        name: str = "gpu-{n}",
        image: int | str = "auto",
        min_count: int | None = None,
        prefer: Literal["size", "region", "price"] = "size",
        same_region: bool = False,
        same_size: bool = False,
        max_hourly: float | None = None,
        contract: Iterable[tuple[str, str]] = (),
        until: Until | None = "active",
        ready_timeout: float = 900.0,
        deadline: float | None = None,
        retry_every: float = 30.0,
        cancel_timeout: float = 30.0,
        poll_interval: float | None = None,
        ssh_port: int = 22,
        address: Literal["public", "private"] = "public",
        on_unknown: Literal["raise", "resend"] = "resend",
        on_unknown_refusal: Literal["stop", "retry"] = "stop",
        journal: str | os.PathLike[str] | None = None,
        if_finished: Literal["error", "report"] = "error",
        on_progress: CreationCallback | None = None,
        backup_policy: BackupPolicy | BackupPolicyParam | None = None,
        backups: bool | None = None,
        ipv6: bool | None = None,
        monitoring: bool | None = None,
        public_networking: bool | None = None,
        ssh_keys: Sequence[int | str] | None = None,
        tags: Sequence[str] | None = None,
        user_data: str | None = None,
        vpc_uuid: str | None = None,
        with_droplet_agent: bool | None = None,
    ) -> CreationReport:
        """Create Droplets where there is capacity, each once, and wait until they are usable.

        Each round reads the sizes, and tries those that the API lists in a region, one create after the other: the next
        one if there is no capacity, the same one for more as long as it succeeds. It stops at a limit of the account,
        and at what can never succeed. It never has more than ``count`` Droplets, and never spends more than
        ``max_hourly``.

        A Droplet that the API finds no place for, or that is not usable within ``ready_timeout``, is destroyed and
        replaced while there is time. If fewer than ``min_count`` are usable at the end, or if the run is cancelled or
        fails, all Droplets of the run are destroyed, and no others. The report names those that could not be.

        With ``journal``, a call that was interrupted continues if it is made again, also after ``kill -9``: nothing is
        created twice, and nothing is forgotten.

        Args:
            count: How many Droplets are wanted.
            sizes: Slugs of one or several sizes, best first.
            regions: Slugs of one or several regions, best first. By default all in which the API lists the sizes.
            name: Template of the names. ``{n}`` in it becomes a number and a nonce, which only the run's Droplets have:
                ``"train-{n}"`` becomes ``"train-1-5f0c2a91"``.
            image: Id or slug of an image. ``"auto"`` is the image that fits the vendor and the number of the GPUs.
            min_count: How many Droplets are enough; by default ``count``.
            prefer: What decides first about the order of the tries. ``"size"`` tries the first size in all regions,
                then the second. ``"region"`` tries all sizes in the first region, then in the second. ``"price"`` tries
                the cheapest first.
            same_region: Whether all Droplets have to be in one region. The first one decides.
            same_size: Whether all Droplets have to have one size. The first one decides.
            max_hourly: The most that all Droplets together may cost, in US dollars an hour, by the prices that the API
                lists. A size without a price is not tried then.
            contract: Pairs of a size and a region that are tried although the API does not list them. The size has to
                be in ``sizes``, and the region in ``regions`` if that is given.
            until: When a Droplet is usable: ``"active"``, ``"address"``, ``"ssh"``, a probe, or a sequence of these,
                as for ``gpu_droplets.wait``. ``None`` as soon as the API accepted it.
            ready_timeout: Seconds in which one Droplet has to be usable.
            deadline: Seconds for the whole run, from this call on. By default the run makes one round, and one more
                after each Droplet that is lost. At the deadline, Droplets that are not usable are destroyed. A create
                that is being sent then gets its answer. After a create whose answer was lost, the run looks for its
                Droplets for up to the client's ``create_settle_seconds`` (120 s) more, since they may be billed.
            retry_every: Seconds from the beginning of one round to that of the next.
            cancel_timeout: Seconds after a cancellation or Ctrl-C in which the run destroys its Droplets, and proves
                that they are gone. A second cancellation or Ctrl-C ends it; the report says what is not known to be
                gone.
            poll_interval: Seconds until the first poll of a Droplet that is created or destroyed; by default what fits
                the rate budget.
            ssh_port: TCP port of SSH, for ``until="ssh"``.
            address: The address that ``"address"`` and ``"ssh"`` are about, ``"public"`` or ``"private"``.
            on_unknown: What to do if the answer to a create was lost, and no list shows the Droplet within the client's
                ``create_settle_seconds``. ``"resend"`` creates another one with another name, and destroys the first
                one if it shows later. ``"raise"`` creates nothing more: the name is in ``report.left``.
            on_unknown_refusal: What to do if the API refuses a create with 422 and a text that the SDK does not know.
                ``"stop"`` ends the run with this text: such a refusal is mostly of the request itself, and would repeat
                until the deadline. ``"retry"`` treats it as no capacity. ``report.offers`` has the texts.
            journal: A file in which the run keeps what it has done. The same call with the same journal continues the
                run; after a run that delivered nothing, it tries again. ``min_count``, ``prefer``, ``max_hourly`` and
                the waits may be changed.
            if_finished: What to do if the journal's run has delivered, and is over: ``"error"`` raises
                ``JournalFinishedError``, ``"report"`` returns its report.
            on_progress: Called with a ``CreationProgress`` at each change.
            backup_policy: As for ``gpu_droplets.create``.
            backups: As for ``gpu_droplets.create``.
            ipv6: As for ``gpu_droplets.create``.
            monitoring: As for ``gpu_droplets.create``.
            public_networking: As for ``gpu_droplets.create``.
            ssh_keys: As for ``gpu_droplets.create``.
            tags: As for ``gpu_droplets.create``.
            user_data: As for ``gpu_droplets.create``. The journal keeps its digest only.
            vpc_uuid: UUID of a VPC. The run reads its region, and creates only there.
            with_droplet_agent: As for ``gpu_droplets.create``.

        Returns:
            The report. Its ``droplets`` are usable, and billed. Call ``report.raise_for_shortage()``, or look at
            ``report.is_enough``: too few Droplets raise nothing by themselves.

        Raises:
            TypeError: A parameter has the wrong type. Nothing was sent.
            ValueError: A value is out of range. Nothing was sent.
            PreflightError: The API lists none of the sizes, they cost more than ``max_hourly``, or the VPC is in none
                of the regions. Nothing was created.
            APIError: The sizes cannot be read. Nothing was created.
            JournalFinishedError: The journal's run is over (see ``if_finished``). Nothing was sent.
            JournalError: The journal is damaged, in use, or of another call. Nothing was sent.
            CreationCancelled: The run was cancelled; it carries the report.
        """
        from gradient_async.fleet.create.runner import CreationRunner
        from gradient_async.fleet.create.spec import checked_spec

        return await CreationRunner(self._sender, self._watcher, checked_spec(locals())).run()

    async def plan_create(
        self,
        *,
        count: int,
        sizes: str | Sequence[str],
        regions: str | Sequence[str] | None = None,
        name: str = "gpu-{n}",
        image: int | str = "auto",
        min_count: int | None = None,
        prefer: Literal["size", "region", "price"] = "size",
        same_region: bool = False,
        same_size: bool = False,
        max_hourly: float | None = None,
        contract: Iterable[tuple[str, str]] = (),
        until: Until | None = "active",
        ready_timeout: float = 900.0,
        deadline: float | None = None,
        retry_every: float = 30.0,
        cancel_timeout: float = 30.0,
        poll_interval: float | None = None,
        ssh_port: int = 22,
        address: Literal["public", "private"] = "public",
        on_unknown: Literal["raise", "resend"] = "resend",
        on_unknown_refusal: Literal["stop", "retry"] = "stop",
        journal: str | os.PathLike[str] | None = None,
        if_finished: Literal["error", "report"] = "error",
        on_progress: CreationCallback | None = None,
        backup_policy: BackupPolicy | BackupPolicyParam | None = None,
        backups: bool | None = None,
        ipv6: bool | None = None,
        monitoring: bool | None = None,
        public_networking: bool | None = None,
        ssh_keys: Sequence[int | str] | None = None,
        tags: Sequence[str] | None = None,
        user_data: str | None = None,
        vpc_uuid: str | None = None,
        with_droplet_agent: bool | None = None,
    ) -> CreationPlan:
        """Return what ``create`` would do with the same parameters now. It only reads the sizes.

        The parameters are those of ``create``. The plan names the sizes and regions in the order in which they are
        tried, their prices, the requests of a round, and what is not tried, such as what ``max_hourly`` excludes.

        Raises:
            TypeError: As ``create``.
            ValueError: As ``create``.
            APIError: The sizes cannot be read.
            JournalError: The journal is damaged, or of another call.
        """
        from gradient_async.fleet.create.runner import planned
        from gradient_async.fleet.create.spec import checked_spec

        return await planned(self._sender, checked_spec(locals()))
