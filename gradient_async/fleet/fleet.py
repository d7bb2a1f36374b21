"""Many Droplets at once: ``client.fleet``."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

from gradient_async.arguments import checked_bool, checked_seconds, checked_text
from gradient_async.errors import FleetCancelled
from gradient_async.fleet import plan as plans
from gradient_async.fleet.execution import Execution, Order
from gradient_async.fleet.journal import plan_to_resume, recorded_run_to_resume
from gradient_async.fleet.options import FleetOptions, resumed_options, run_options
from gradient_async.fleet.plan import DEFAULT_GRACE_SECONDS
from gradient_async.fleet.stream import OpenStreams, OutcomeStream
from gradient_async.fleet.targets import check_targets

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, Iterable
    from typing import Unpack

    from gradient_async.fleet.outcome import Outcome
    from gradient_async.fleet.plan import Plan
    from gradient_async.fleet.report import FleetReport
    from gradient_async.fleet.targets import Targets
    from gradient_async.http.sender import Sender
    from gradient_async.models.action_requests import ActionRequest
    from gradient_async.models.action_types import ActionType
    from gradient_async.models.droplet import Droplet
    from gradient_async.streams import AsyncStream
    from gradient_async.watcher import Watcher


class Fleet:
    """Acts on any number of Droplets, and tells of each what happened to it.

    All methods take Droplets or their ids, from anything that can be iterated over, or a tag, and the same options:

    Attributes of ``FleetOptions``, in short:
        * ``wait``, ``until``: what "completed" means.
        * ``max_concurrency``, ``max_errors``, ``batch_size``: numbers, or percentages such as ``"10%"``.
        * ``timeout``, ``action_timeout``: seconds for the whole run, and for one action.
        * ``on_busy``: what to do with a Droplet on which another event runs.
        * ``health_check``, ``health_timeout``, ``health_retries``, ``health_interval``: who says that it is well.
        * ``journal``: a file that lets a second run go on where the first one ended, even by ``kill -9``.
        * ``on_progress``, ``poll_interval``, ``by_tag``, ``gpus_only``: see ``FleetOptions``.

    Example:
        >>> async with AsyncGradientAI() as client:
        ...     report = await client.fleet.run("reboot", droplets=[3164444, 3164445], max_errors="5%")
        >>> report.counts["completed"]
        2
    """

    def __init__(self, sender: Sender, watcher: Watcher, streams: OpenStreams) -> None:
        self._sender = sender
        self._watcher = watcher
        self._streams = streams

    async def run(
        self,
        action: ActionRequest | ActionType | type[ActionRequest],
        *,
        droplets: Iterable[int | Droplet] | AsyncIterable[int | Droplet] | None = None,
        tag: str | None = None,
        **options: Unpack[FleetOptions],
    ) -> FleetReport:
        """Start an action on many Droplets, each once, and wait for its end on all of them.

        Requests are paced by the rate budget, and no action is blindly sent twice. Whatever happens to one Droplet, the
        others go on, and each has exactly one outcome in the report; look at ``report.failed``, or call
        ``report.raise_for_failures()``.

        With ``max_errors``, remember how many can be under way before the first error shows: bound them by
        ``max_concurrency`` or ``batch_size``.

        Args:
            action: The action as a request, such as ``Resize(size="gpu-h100x8-640gb")``, or the name of a type that
                needs no parameters, such as ``"reboot"``.
            droplets: The Droplets or their ids; one that comes twice is acted on once. Or pass ``tag``.
            tag: All Droplets with this tag, with GPUs or without (see ``gpus_only``), one request for each (see
                ``by_tag``).
            **options: See ``FleetOptions``.

        Returns:
            The report, with an outcome for each Droplet.

        Raises:
            TypeError: A parameter is missing, stray or of the wrong kind. Nothing was sent.
            ValueError: An unknown type or an impossible value. Nothing was sent.
            JournalError: The journal is damaged, in use, or of another run. Nothing was sent.
            APIError: The Droplets could not be listed. Nothing was sent to them.
            FleetCancelled: The run was cancelled; it carries the report so far.
        """
        until_status = options.get("until") == "status"
        return await self._run(plans.plan_of(action, until_status=until_status), droplets, tag, options)

    def stream(
        self,
        action: ActionRequest | ActionType | type[ActionRequest],
        *,
        droplets: Iterable[int | Droplet] | AsyncIterable[int | Droplet] | None = None,
        tag: str | None = None,
        **options: Unpack[FleetOptions],
    ) -> AsyncStream[Outcome]:
        """Do the same as ``run``, and iterate over the outcomes as they become known.

        Droplets are read as they are needed, so that there can be any number of them, and nothing is kept but what is
        under way; with a journal or a percentage their ids are read first, and so they are from a plain generator that
        is handed to the sync client. Leaving the loop ends the run as cancelling does.

        Args:
            action: As ``run``.
            droplets: As ``run``.
            tag: As ``run``.
            **options: See ``FleetOptions``.

        Returns:
            An iterator of outcomes. ``aclose()`` (``close()`` in the sync client) ends the run at once, and so does the
            end of a ``with`` block around it.

        Raises:
            TypeError: As ``run``.
            ValueError: As ``run``.
        """
        until_status = options.get("until") == "status"
        order = _order(plans.plan_of(action, until_status=until_status), droplets, tag, options)
        return OutcomeStream(lambda: Execution(self._sender, self._watcher, order), self._streams)

    async def resume(self, path: str | os.PathLike[str], **options: Unpack[FleetOptions]) -> FleetReport:
        """Go on with a run that was interrupted, from nothing but its journal.

        It does what the same call with the same journal would do: what was executed is not executed again, what was on
        its way is looked up first, what was refused or skipped is tried again. A run that had come to its end gives its
        report, and sends nothing. The run's ``timeout`` begins anew.

        Args:
            path: The journal.
            **options: See ``FleetOptions``; those that are given take the place of those that the run began with.
                ``wait``, ``until``, ``by_tag`` and ``journal`` cannot be changed. A ``health_check`` is a function,
                which no journal can hold: if the run had one, pass it again, or ``None`` to go on without.

        Returns:
            The report, with an outcome for each Droplet of the whole run.

        Raises:
            TypeError: The run had a health check and none is given, or an option that cannot be changed is.
            ValueError: An impossible value.
            JournalError: There is no such journal, or it is damaged, in use, or of an action that this version does not
                know. Nothing was sent.
            FleetCancelled: The run was cancelled; it carries the report so far.
        """
        run = recorded_run_to_resume(os.fsdecode(path))
        plan = plan_to_resume(run, os.fsdecode(path))
        resumed = resumed_options(run.options, options, wait=run.wait, until=run.until, journal=os.fsdecode(path))
        return await self._run(plan, None if run.tag is not None else run.droplets, run.tag, resumed)

    async def reboot(
        self,
        *,
        droplets: Iterable[int | Droplet] | AsyncIterable[int | Droplet] | None = None,
        tag: str | None = None,
        **options: Unpack[FleetOptions],
    ) -> FleetReport:
        """Reboot each Droplet.

        Args:
            droplets: As ``run``.
            tag: As ``run``.
            **options: See ``FleetOptions``.
        """
        return await self.run("reboot", droplets=droplets, tag=tag, **options)

    async def power_cycle(
        self,
        *,
        droplets: Iterable[int | Droplet] | AsyncIterable[int | Droplet] | None = None,
        tag: str | None = None,
        **options: Unpack[FleetOptions],
    ) -> FleetReport:
        """Cut each Droplet's power and give it back.

        Args:
            droplets: As ``run``.
            tag: As ``run``.
            **options: See ``FleetOptions``.
        """
        return await self.run("power_cycle", droplets=droplets, tag=tag, **options)

    async def power_on(
        self,
        *,
        droplets: Iterable[int | Droplet] | AsyncIterable[int | Droplet] | None = None,
        tag: str | None = None,
        **options: Unpack[FleetOptions],
    ) -> FleetReport:
        """Have each Droplet on; one that is on already is completed without an action.

        Args:
            droplets: As ``run``.
            tag: As ``run``.
            **options: See ``FleetOptions``; ``until`` is ``"status"`` in any case.
        """
        return await self._run(plans.power_on_plan(), droplets, tag, options)

    async def power_off(
        self,
        *,
        droplets: Iterable[int | Droplet] | AsyncIterable[int | Droplet] | None = None,
        tag: str | None = None,
        graceful: bool = True,
        grace: float = DEFAULT_GRACE_SECONDS,
        **options: Unpack[FleetOptions],
    ) -> FleetReport:
        """Have each Droplet off; one that is off already is completed without an action.

        A GPU Droplet that is off is still billed.

        Args:
            droplets: As ``run``.
            tag: As ``run``.
            graceful: Whether the guest is asked first, by ``shutdown``, and its power only cut if it does not go off.
            grace: Seconds that it is given for that.
            **options: See ``FleetOptions``; ``until`` is ``"status"`` in any case.
        """
        plan = plans.power_off_plan(graceful=checked_bool("graceful", graceful), grace=checked_seconds("grace", grace))
        return await self._run(plan, droplets, tag, options)

    async def snapshot(
        self,
        name: str = "{name}-{date}",
        *,
        droplets: Iterable[int | Droplet] | AsyncIterable[int | Droplet] | None = None,
        tag: str | None = None,
        **options: Unpack[FleetOptions],
    ) -> FleetReport:
        """Take a snapshot of each Droplet's disk. A scratch disk is not part of it.

        Args:
            name: Name of the snapshots, in which ``{name}`` stands for the Droplet's name, ``{id}`` for its id and
                ``{date}`` for the date, UTC, on which the run began.
            droplets: As ``run``.
            tag: As ``run``.
            **options: See ``FleetOptions``.
        """
        return await self._run(plans.snapshot_plan(name), droplets, tag, options)

    async def resize(
        self,
        size: str,
        *,
        droplets: Iterable[int | Droplet] | AsyncIterable[int | Droplet] | None = None,
        tag: str | None = None,
        disk: bool = False,
        grace: float = DEFAULT_GRACE_SECONDS,
        **options: Unpack[FleetOptions],
    ) -> FleetReport:
        """Give each Droplet another size: off (gracefully), resize, and on again if it was on.

        One that has the size already is left alone. If the API refuses the size, or the action fails, the Droplet is
        switched on again all the same, and ``failed``.

        Args:
            size: Slug of the new size.
            droplets: As ``run``.
            tag: As ``run``.
            disk: Whether the disk grows too, which can never be undone.
            grace: Seconds that the guest is given to shut down before its power is cut.
            **options: See ``FleetOptions``; ``until`` is ``"status"`` in any case.
        """
        checked_text("size", size, "gpu-h100x8-640gb")
        plan = plans.resize_plan(size, disk=checked_bool("disk", disk), grace=checked_seconds("grace", grace))
        return await self._run(plan, droplets, tag, options)

    async def _run(self, plan: Plan, droplets: Targets | None, tag: str | None, options: FleetOptions) -> FleetReport:
        execution = Execution(self._sender, self._watcher, _order(plan, droplets, tag, options))
        try:
            return await execution.run()
        except asyncio.CancelledError:
            raise FleetCancelled(execution.report()) from None


def _order(plan: Plan, droplets: Targets | None, tag: str | None, options: FleetOptions) -> Order:
    check_targets(droplets, tag)
    return Order(plan=plan, options=run_options(options), droplets=droplets, tag=tag)
