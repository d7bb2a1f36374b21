"""Runs with a method of their own: ``client.fleet.reboot``, ``power_off``, ``resize`` and so on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradient_async.arguments import checked_bool, checked_seconds
from gradient_async.fleet import plan as plans
from gradient_async.fleet.options import given_options
from gradient_async.fleet.plan import DEFAULT_GRACE_SECONDS
from gradient_async.fleet.runs import FleetRuns
from gradient_async.fleet.wrong_calls import checked_first

if TYPE_CHECKING:
    import os
    from collections.abc import AsyncIterable, Iterable
    from typing import Literal

    from gradient_async.fleet.options import HealthCheck, ProgressCallback
    from gradient_async.fleet.report import FleetReport
    from gradient_async.models.droplet import Droplet


class FleetActionRuns(FleetRuns):
    """The part of ``Fleet`` with a method for each common action."""

    async def reboot(
        self,
        droplets: int | Droplet | Iterable[int | Droplet] | AsyncIterable[int | Droplet] | None = None,
        *,
        tag: str | None = None,
        wait: bool = True,
        until: Literal["action", "status"] = "action",
        on_busy: Literal["wait", "fail", "skip"] = "wait",
        max_concurrency: int | str | None = None,
        max_errors: int | str | None = None,
        batch_size: int | str | None = None,
        timeout: float | None = None,
        action_timeout: float | None = None,
        poll_interval: float | None = None,
        health_check: HealthCheck | None = None,
        health_timeout: float = 30.0,
        health_retries: int = 3,
        health_interval: float = 5.0,
        journal: str | os.PathLike[str] | None = None,
        if_finished: Literal["error", "report"] = "error",
        on_progress: ProgressCallback | None = None,
        by_tag: bool = False,
        gpus_only: bool = False,
        check_first: bool = True,
        key_prefix: str | None = None,
        key_ttl: float = 86_400.0,
    ) -> FleetReport:
        """Reboot each Droplet.

        The parameters are those of ``run``.
        """
        plan = plans.plan_of("reboot", until_status=until == "status")
        return await self._execution(plan, droplets, tag, given_options(locals())).run()

    async def power_cycle(
        self,
        droplets: int | Droplet | Iterable[int | Droplet] | AsyncIterable[int | Droplet] | None = None,
        *,
        tag: str | None = None,
        wait: bool = True,
        until: Literal["action", "status"] = "action",
        on_busy: Literal["wait", "fail", "skip"] = "wait",
        max_concurrency: int | str | None = None,
        max_errors: int | str | None = None,
        batch_size: int | str | None = None,
        timeout: float | None = None,
        action_timeout: float | None = None,
        poll_interval: float | None = None,
        health_check: HealthCheck | None = None,
        health_timeout: float = 30.0,
        health_retries: int = 3,
        health_interval: float = 5.0,
        journal: str | os.PathLike[str] | None = None,
        if_finished: Literal["error", "report"] = "error",
        on_progress: ProgressCallback | None = None,
        by_tag: bool = False,
        gpus_only: bool = False,
        check_first: bool = True,
        key_prefix: str | None = None,
        key_ttl: float = 86_400.0,
    ) -> FleetReport:
        """Power each Droplet off and on again, without a shutdown.

        The parameters are those of ``run``.
        """
        plan = plans.plan_of("power_cycle", until_status=until == "status")
        return await self._execution(plan, droplets, tag, given_options(locals())).run()

    async def power_on(
        self,
        droplets: int | Droplet | Iterable[int | Droplet] | AsyncIterable[int | Droplet] | None = None,
        *,
        tag: str | None = None,
        wait: bool = True,
        until: Literal["action", "status"] = "action",
        on_busy: Literal["wait", "fail", "skip"] = "wait",
        max_concurrency: int | str | None = None,
        max_errors: int | str | None = None,
        batch_size: int | str | None = None,
        timeout: float | None = None,
        action_timeout: float | None = None,
        poll_interval: float | None = None,
        health_check: HealthCheck | None = None,
        health_timeout: float = 30.0,
        health_retries: int = 3,
        health_interval: float = 5.0,
        journal: str | os.PathLike[str] | None = None,
        if_finished: Literal["error", "report"] = "error",
        on_progress: ProgressCallback | None = None,
        by_tag: bool = False,
        gpus_only: bool = False,
        check_first: bool = True,
        key_prefix: str | None = None,
        key_ttl: float = 86_400.0,
    ) -> FleetReport:
        """Power on each Droplet. One that is on is completed without an action.

        The parameters are those of ``run``; ``until`` is ``"status"`` in any case.
        """
        return await self._execution(plans.power_on_plan(), droplets, tag, given_options(locals())).run()

    async def power_off(
        self,
        droplets: int | Droplet | Iterable[int | Droplet] | AsyncIterable[int | Droplet] | None = None,
        *,
        tag: str | None = None,
        graceful: bool = True,
        grace: float = DEFAULT_GRACE_SECONDS,
        wait: bool = True,
        until: Literal["action", "status"] = "action",
        on_busy: Literal["wait", "fail", "skip"] = "wait",
        max_concurrency: int | str | None = None,
        max_errors: int | str | None = None,
        batch_size: int | str | None = None,
        timeout: float | None = None,
        action_timeout: float | None = None,
        poll_interval: float | None = None,
        health_check: HealthCheck | None = None,
        health_timeout: float = 30.0,
        health_retries: int = 3,
        health_interval: float = 5.0,
        journal: str | os.PathLike[str] | None = None,
        if_finished: Literal["error", "report"] = "error",
        on_progress: ProgressCallback | None = None,
        by_tag: bool = False,
        gpus_only: bool = False,
        check_first: bool = True,
        key_prefix: str | None = None,
        key_ttl: float = 86_400.0,
    ) -> FleetReport:
        """Power off each Droplet. One that is off is completed without an action.

        A GPU Droplet that is off is still billed. The other parameters are those of ``run``; ``until`` is ``"status"``
        in any case.

        * ``graceful``: whether to send ``shutdown`` first, and to cut the power only if the Droplet does not go off.
        * ``grace``: seconds that the guest has to shut down.
        """
        plan = plans.power_off_plan(graceful=checked_bool("graceful", graceful), grace=checked_seconds("grace", grace))
        return await self._execution(plan, droplets, tag, given_options(locals())).run()

    async def snapshot(
        self,
        name: str = "{name}-{date}",
        droplets: int | Droplet | Iterable[int | Droplet] | AsyncIterable[int | Droplet] | None = None,
        *,
        tag: str | None = None,
        wait: bool = True,
        until: Literal["action", "status"] = "action",
        on_busy: Literal["wait", "fail", "skip"] = "wait",
        max_concurrency: int | str | None = None,
        max_errors: int | str | None = None,
        batch_size: int | str | None = None,
        timeout: float | None = None,
        action_timeout: float | None = None,
        poll_interval: float | None = None,
        health_check: HealthCheck | None = None,
        health_timeout: float = 30.0,
        health_retries: int = 3,
        health_interval: float = 5.0,
        journal: str | os.PathLike[str] | None = None,
        if_finished: Literal["error", "report"] = "error",
        on_progress: ProgressCallback | None = None,
        by_tag: bool = False,
        gpus_only: bool = False,
        check_first: bool = True,
        key_prefix: str | None = None,
        key_ttl: float = 86_400.0,
    ) -> FleetReport:
        """Take a snapshot of each Droplet's disk. A scratch disk is not part of it.

        The other parameters are those of ``run``.

        * ``name``: name of the snapshots, in which ``{name}`` stands for the Droplet's name, ``{id}`` for its id and
          ``{date}`` for the date, UTC, on which the run began.
        """
        plan = plans.snapshot_plan(checked_first("name", name, "snapshot", "{name}-{date}"))
        return await self._execution(plan, droplets, tag, given_options(locals())).run()

    async def resize(
        self,
        size: str,
        droplets: int | Droplet | Iterable[int | Droplet] | AsyncIterable[int | Droplet] | None = None,
        *,
        tag: str | None = None,
        disk: bool = False,
        grace: float = DEFAULT_GRACE_SECONDS,
        wait: bool = True,
        until: Literal["action", "status"] = "action",
        on_busy: Literal["wait", "fail", "skip"] = "wait",
        max_concurrency: int | str | None = None,
        max_errors: int | str | None = None,
        batch_size: int | str | None = None,
        timeout: float | None = None,
        action_timeout: float | None = None,
        poll_interval: float | None = None,
        health_check: HealthCheck | None = None,
        health_timeout: float = 30.0,
        health_retries: int = 3,
        health_interval: float = 5.0,
        journal: str | os.PathLike[str] | None = None,
        if_finished: Literal["error", "report"] = "error",
        on_progress: ProgressCallback | None = None,
        by_tag: bool = False,
        gpus_only: bool = False,
        check_first: bool = True,
        key_prefix: str | None = None,
        key_ttl: float = 86_400.0,
    ) -> FleetReport:
        """Resize each Droplet: off (gracefully), resize, and on again if it was on.

        The size is checked first (see ``check_first``): one that the API does not list is refused before any Droplet
        is shut down. A Droplet that has the size already is left alone. If the API refuses the size, or the action
        fails, the Droplet is powered on again, and is ``failed``. The other parameters are those of ``run``; ``until``
        is ``"status"`` in any case.

        * ``size``: slug of the new size. Sizes by contract need ``check_first=False``.
        * ``disk``: whether the disk grows too, which can never be undone.
        * ``grace``: seconds that the guest has to shut down before its power is cut.

        Raises:
            PreflightError: The size is not listed, or the sizes cannot be read. Nothing was sent.
        """
        checked_first("size", size, "resize", "gpu-h100x8-640gb")
        plan = plans.resize_plan(size, disk=checked_bool("disk", disk), grace=checked_seconds("grace", grace))
        return await self._execution(plan, droplets, tag, given_options(locals())).run()
