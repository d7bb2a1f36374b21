# Generated from gradient_async/fleet/fleet.py. Do not edit; run:
# python gradient_sync/_generate.py
"""Many Droplets at once: ``client.fleet``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradient_async.fleet.destroy.engine import DEFAULT_TIMEOUT
from gradient_async.fleet.plan import DEFAULT_GRACE_SECONDS
from gradient_async.fleet.wrong_calls import explain_wrong_calls
from gradient_sync._event_loop import materialized

if TYPE_CHECKING:
    import os
    from collections.abc import AsyncIterable, Callable, Collection, Iterable, Sequence
    from typing import Literal, Unpack

    from gradient_async.fleet import fleet as async_fleet
    from gradient_async.fleet.cost import FleetCost
    from gradient_async.fleet.create.plan import CreationPlan
    from gradient_async.fleet.create.report import CreationReport
    from gradient_async.fleet.create.spec import CreationCallback
    from gradient_async.fleet.destroy.outcomes import DestroyProgress
    from gradient_async.fleet.destroy.report import DestroyReport
    from gradient_async.fleet.destroy.resource_choice import ResourceKind
    from gradient_async.fleet.hibernation_records import HibernatedDroplet, HibernationReport
    from gradient_async.fleet.lease_options import LeaseOptions
    from gradient_async.fleet.lease_types import Lease
    from gradient_async.fleet.options import HealthCheck, ProgressCallback
    from gradient_async.fleet.outcome import Outcome
    from gradient_async.fleet.report import FleetReport
    from gradient_async.fleet.restore_report import RestoreReport
    from gradient_async.models.action_requests import ActionRequest
    from gradient_async.models.action_types import ActionType
    from gradient_async.models.backup_policy import BackupPolicy, BackupPolicyParam
    from gradient_async.models.droplet import Droplet
    from gradient_async.streams import Stream
    from gradient_async.waiting.readiness import Until
    from gradient_sync._event_loop import EventLoop


@explain_wrong_calls
class Fleet:
    """Actions on any number of Droplets, with an outcome for each.

    All methods take Droplets or their ids, one or any number, or a tag, and the same options. ``run`` describes them in
    full. In short they are:

    * ``wait``, ``until``: what "completed" means.
    * ``max_concurrency``, ``max_errors``, ``batch_size``: numbers, or percentages such as ``"10%"``.
    * ``timeout``, ``action_timeout``: seconds for the whole run, and for one action.
    * ``on_busy``: what to do with a Droplet on which another event runs.
    * ``health_check``, ``health_timeout``, ``health_retries``, ``health_interval``: a check of each Droplet.
    * ``journal``: a file from which a second run resumes, even after ``kill -9``.
    * ``if_finished``: what to do if the journal's run is finished.
    * ``on_progress``, ``poll_interval``, ``by_tag``, ``gpus_only``, ``check_first``: see ``run``.

    Example:
        >>> with GradientAI() as client:
        ...     report = client.fleet.run("reboot", droplets=[3164444, 3164445], max_errors="5%")
        >>> report.counts["completed"]
        2
    """

    def __init__(self, source: async_fleet.Fleet, loop: EventLoop) -> None:
        self._async = source
        self._loop = loop

    def reboot(
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
        return self._loop.run(
            self._async.reboot,
            materialized(droplets),
            tag=tag,
            wait=wait,
            until=until,
            on_busy=on_busy,
            max_concurrency=max_concurrency,
            max_errors=max_errors,
            batch_size=batch_size,
            timeout=timeout,
            action_timeout=action_timeout,
            poll_interval=poll_interval,
            health_check=health_check,
            health_timeout=health_timeout,
            health_retries=health_retries,
            health_interval=health_interval,
            journal=journal,
            if_finished=if_finished,
            on_progress=on_progress,
            by_tag=by_tag,
            gpus_only=gpus_only,
            check_first=check_first,
            key_prefix=key_prefix,
            key_ttl=key_ttl,
        )

    def power_cycle(
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
        return self._loop.run(
            self._async.power_cycle,
            materialized(droplets),
            tag=tag,
            wait=wait,
            until=until,
            on_busy=on_busy,
            max_concurrency=max_concurrency,
            max_errors=max_errors,
            batch_size=batch_size,
            timeout=timeout,
            action_timeout=action_timeout,
            poll_interval=poll_interval,
            health_check=health_check,
            health_timeout=health_timeout,
            health_retries=health_retries,
            health_interval=health_interval,
            journal=journal,
            if_finished=if_finished,
            on_progress=on_progress,
            by_tag=by_tag,
            gpus_only=gpus_only,
            check_first=check_first,
            key_prefix=key_prefix,
            key_ttl=key_ttl,
        )

    def power_on(
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
        return self._loop.run(
            self._async.power_on,
            materialized(droplets),
            tag=tag,
            wait=wait,
            until=until,
            on_busy=on_busy,
            max_concurrency=max_concurrency,
            max_errors=max_errors,
            batch_size=batch_size,
            timeout=timeout,
            action_timeout=action_timeout,
            poll_interval=poll_interval,
            health_check=health_check,
            health_timeout=health_timeout,
            health_retries=health_retries,
            health_interval=health_interval,
            journal=journal,
            if_finished=if_finished,
            on_progress=on_progress,
            by_tag=by_tag,
            gpus_only=gpus_only,
            check_first=check_first,
            key_prefix=key_prefix,
            key_ttl=key_ttl,
        )

    def power_off(
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
        return self._loop.run(
            self._async.power_off,
            materialized(droplets),
            tag=tag,
            graceful=graceful,
            grace=grace,
            wait=wait,
            until=until,
            on_busy=on_busy,
            max_concurrency=max_concurrency,
            max_errors=max_errors,
            batch_size=batch_size,
            timeout=timeout,
            action_timeout=action_timeout,
            poll_interval=poll_interval,
            health_check=health_check,
            health_timeout=health_timeout,
            health_retries=health_retries,
            health_interval=health_interval,
            journal=journal,
            if_finished=if_finished,
            on_progress=on_progress,
            by_tag=by_tag,
            gpus_only=gpus_only,
            check_first=check_first,
            key_prefix=key_prefix,
            key_ttl=key_ttl,
        )

    def snapshot(
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
        return self._loop.run(
            self._async.snapshot,
            name,
            materialized(droplets),
            tag=tag,
            wait=wait,
            until=until,
            on_busy=on_busy,
            max_concurrency=max_concurrency,
            max_errors=max_errors,
            batch_size=batch_size,
            timeout=timeout,
            action_timeout=action_timeout,
            poll_interval=poll_interval,
            health_check=health_check,
            health_timeout=health_timeout,
            health_retries=health_retries,
            health_interval=health_interval,
            journal=journal,
            if_finished=if_finished,
            on_progress=on_progress,
            by_tag=by_tag,
            gpus_only=gpus_only,
            check_first=check_first,
            key_prefix=key_prefix,
            key_ttl=key_ttl,
        )

    def resize(
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
        return self._loop.run(
            self._async.resize,
            size,
            materialized(droplets),
            tag=tag,
            disk=disk,
            grace=grace,
            wait=wait,
            until=until,
            on_busy=on_busy,
            max_concurrency=max_concurrency,
            max_errors=max_errors,
            batch_size=batch_size,
            timeout=timeout,
            action_timeout=action_timeout,
            poll_interval=poll_interval,
            health_check=health_check,
            health_timeout=health_timeout,
            health_retries=health_retries,
            health_interval=health_interval,
            journal=journal,
            if_finished=if_finished,
            on_progress=on_progress,
            by_tag=by_tag,
            gpus_only=gpus_only,
            check_first=check_first,
            key_prefix=key_prefix,
            key_ttl=key_ttl,
        )

    def run(
        self,
        action: ActionRequest | ActionType | type[ActionRequest],
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
        """Start an action on many Droplets, each once, and wait for its end on all of them.

        The rate budget paces the requests, and no action is blindly sent twice. An error of one Droplet does not stop
        the others. Each Droplet has exactly one outcome in the report: see ``report.failed``, or call
        ``report.raise_for_failures()``.

        ``max_errors`` does not limit how many Droplets are in progress when the first error comes. Set
        ``max_concurrency`` or ``batch_size`` for that.

        Args:
            action: The action as a request, such as ``Resize(size="gpu-h100x8-640gb")``, or the name of a type that
                needs no parameters, such as ``"reboot"``.
            droplets: The Droplets or their ids, one or any number. A Droplet that is given twice is acted on once. Or
                pass ``tag``.
            tag: All Droplets with this tag, with GPUs or without (see ``gpus_only``), one request for each (see
                ``by_tag``).
            wait: ``False`` only starts the actions, and does not wait for their end.
            until: ``"action"``: a Droplet is completed when its action is. ``"status"``: when it is also in the
                state that the action leads to, which can be seconds later.
            on_busy: What to do with a Droplet on which another event runs: ``"wait"`` for that event and then
                act, ``"fail"``, or ``"skip"`` the Droplet.
            max_concurrency: Maximum number of Droplets in progress at once, as a number or a percentage of all such as
                ``"10%"``. ``None`` means 1,000.
            max_errors: Number of Droplets that may be ``failed`` or ``unknown`` before the run is stopped, as a number
                or a percentage of all. A stopped run starts no further Droplet, and finishes those in progress. ``0``
                stops at the first, ``"100%"`` never stops. ``None`` sets no limit, but a rolling run stops after a
                batch in which each Droplet is ``failed`` or ``unknown``.
            batch_size: For a rolling run, number of Droplets in a batch, or a percentage of all. A batch starts when
                the one before is finished. Without ``max_errors``, no batch starts after one in which each Droplet is
                ``failed`` or ``unknown``; the rest is ``skipped``.
            timeout: Seconds for the whole run. After that, no further Droplet is started, no request is sent again, and
                the run stops waiting. An action request that is being sent then still gets its answer, within the
                timeout of a request. If the answer is lost, its look-up ends after ``settle_seconds`` and the timeout
                of a request, at most 10 s; without a result the Droplet is ``unknown``. If the Droplets are not known
                in time, ``PreflightError`` is raised. ``None`` sets no limit.
            action_timeout: Maximum seconds for one action, and maximum seconds to wait for a busy Droplet. ``None``
                means 900; for ``snapshot``, ``restore``, ``rebuild`` and ``resize`` 14,400.
            poll_interval: Seconds until the first poll of an action. Later polls are further apart. ``None`` means 1,
                or less with a ``RateBudget`` of shorter windows.
            health_check: Called with each Droplet, freshly read, when all its steps are done. If it never returns
                ``True``, the Droplet is ``failed``. In a rolling run without ``max_errors`` the next batch then does
                not start.
            health_timeout: Seconds for one call of the health check.
            health_retries: Number of further calls after a check that did not pass.
            health_interval: Seconds between the calls.
            journal: A file in which the run records what it has done. A second run with the same action, the same
                Droplets and the same journal continues where the first one ended, even after a crash. Put the date into
                its name: each run needs a journal of its own.
            if_finished: What to do if the journal's run is finished, so that nothing is left to do: ``"error"`` raises
                ``JournalFinishedError``, ``"report"`` returns the report of that run. A run with failures that would be
                tried again is not finished.
            on_progress: Called with a ``FleetProgress`` for each outcome.
            by_tag: With ``tag``: send one request for all Droplets, if the API takes the action's type by tag (see
                ``BULK_ACTION_TYPES``). ``batch_size``, ``max_concurrency`` and ``max_errors`` are impossible then, and
                refused.
            gpus_only: With ``tag``: leave out the Droplets with the tag that have no GPUs.
            check_first: Whether a run of several steps checks the needs of later steps before its first one. ``resize``
                then reads the API's list of sizes, and refuses a size that is not listed before any Droplet is shut
                down. A Droplet that cannot have the size is ``failed`` and stays as it is. Sizes by contract are not
                listed, and a token without ``sizes:read`` cannot read the list: pass ``False`` for those.
            key_prefix: The beginning of the requests' keys, at most 200 characters. A request with a key is executed
                once for all runs with this prefix, whichever process or host makes them, and however often: a task
                queue can run the task again. The key of a Droplet's request is ``"<prefix>:<id>"``, with ``":<step>"``
                if the run has several steps, and ``"<prefix>:tag"`` with ``by_tag``. It needs the store of a shared
                budget (see ``RateBudget.shared``).
            key_ttl: Seconds for which each key is kept after its last change.

        Returns:
            The report, with an outcome for each Droplet.

        Raises:
            TypeError: A parameter is missing, unknown or of the wrong type. Nothing was sent.
            ValueError: An unknown type or an impossible value. Nothing was sent.
            JournalFinishedError: The journal's run is finished (see ``if_finished``). Nothing was sent.
            JournalError: The journal is damaged, in use, or of another run. Nothing was sent.
            APIError: The Droplets could not be listed. Nothing was sent to them.
            FleetCancelled: The run was cancelled. The error has the report so far.
        """
        return self._loop.run(
            self._async.run,
            action,
            materialized(droplets),
            tag=tag,
            wait=wait,
            until=until,
            on_busy=on_busy,
            max_concurrency=max_concurrency,
            max_errors=max_errors,
            batch_size=batch_size,
            timeout=timeout,
            action_timeout=action_timeout,
            poll_interval=poll_interval,
            health_check=health_check,
            health_timeout=health_timeout,
            health_retries=health_retries,
            health_interval=health_interval,
            journal=journal,
            if_finished=if_finished,
            on_progress=on_progress,
            by_tag=by_tag,
            gpus_only=gpus_only,
            check_first=check_first,
            key_prefix=key_prefix,
            key_ttl=key_ttl,
        )

    def stream(
        self,
        action: ActionRequest | ActionType | type[ActionRequest],
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
    ) -> Stream[Outcome]:
        """Do the same as ``run``, and iterate over the outcomes as they become known.

        ``droplets`` is read only as far as needed, and only Droplets in progress are kept in memory, so there can be
        any number of them. With a journal or a percentage, and from a plain generator that is passed to the sync
        client, all ids are read first. Leaving the loop ends the run as cancelling does. The parameters are those of
        ``run``.

        Returns:
            An iterator of outcomes. ``aclose()`` (``close()`` in the sync client) ends the run at once, and so does the
            end of a ``with`` block around it.

        Raises:
            TypeError: As ``run``.
            ValueError: As ``run``.
        """
        return self._loop.iterate(
            self._async.stream(
                action,
                materialized(droplets),
                tag=tag,
                wait=wait,
                until=until,
                on_busy=on_busy,
                max_concurrency=max_concurrency,
                max_errors=max_errors,
                batch_size=batch_size,
                timeout=timeout,
                action_timeout=action_timeout,
                poll_interval=poll_interval,
                health_check=health_check,
                health_timeout=health_timeout,
                health_retries=health_retries,
                health_interval=health_interval,
                journal=journal,
                if_finished=if_finished,
                on_progress=on_progress,
                by_tag=by_tag,
                gpus_only=gpus_only,
                check_first=check_first,
                key_prefix=key_prefix,
                key_ttl=key_ttl,
            )
        )

    def resume(
        self,
        path: str | os.PathLike[str],
        *,
        on_busy: Literal["wait", "fail", "skip", "unchanged"] = "unchanged",
        max_concurrency: int | str | None = "unchanged",
        max_errors: int | str | None = "unchanged",
        batch_size: int | str | None = "unchanged",
        timeout: float | Literal["unchanged"] | None = "unchanged",
        action_timeout: float | Literal["unchanged"] | None = "unchanged",
        poll_interval: float | Literal["unchanged"] | None = "unchanged",
        health_check: HealthCheck | Literal["unchanged"] | None = "unchanged",
        health_timeout: float | Literal["unchanged"] = "unchanged",
        health_retries: int | Literal["unchanged"] = "unchanged",
        health_interval: float | Literal["unchanged"] = "unchanged",
        check_first: bool | Literal["unchanged"] = "unchanged",
        if_finished: Literal["error", "report"] = "error",
        on_progress: ProgressCallback | None = None,
    ) -> FleetReport:
        """Resume an interrupted run from its journal alone.

        This does what the same call with the same journal would do. An action that was executed is not executed again,
        a request that was being sent is looked up first, and Droplets that were refused or skipped are tried again. A
        finished run is an error; with ``if_finished="report"``, its report is returned. The run's ``timeout`` starts
        again.

        The options are those of ``run``; ``"unchanged"`` means the recorded value. ``wait``, ``until``, ``by_tag``,
        ``gpus_only``, ``key_prefix``, ``key_ttl`` and ``journal`` cannot be changed.

        Args:
            path: The journal.
            on_busy: As ``run``.
            max_concurrency: As ``run``; ``None`` means 1,000.
            max_errors: As ``run``; ``None`` sets no limit.
            batch_size: As ``run``; ``None`` means no batches.
            timeout: As ``run``; ``None`` sets no limit.
            action_timeout: As ``run``.
            poll_interval: As ``run``.
            health_check: As ``run``. A journal cannot keep a function: if the run had one, pass it again, or ``None``
                to continue without.
            health_timeout: As ``run``.
            health_retries: As ``run``.
            health_interval: As ``run``.
            check_first: As ``run``, for the Droplets that were not started.
            if_finished: As ``run``.
            on_progress: As ``run``.

        Returns:
            The report, with an outcome for each Droplet of the whole run.

        Raises:
            TypeError: The run had a health check and none is given, or an option that cannot be changed is.
            ValueError: An impossible value.
            JournalFinishedError: The run is finished (see ``if_finished``). Nothing was sent.
            JournalError: There is no such journal, or it is damaged, in use, or of an action that this version does not
                know. Nothing was sent.
            FleetCancelled: The run was cancelled. The error has the report so far.
        """
        return self._loop.run(
            self._async.resume,
            path,
            on_busy=on_busy,
            max_concurrency=max_concurrency,
            max_errors=max_errors,
            batch_size=batch_size,
            timeout=timeout,
            action_timeout=action_timeout,
            poll_interval=poll_interval,
            health_check=health_check,
            health_timeout=health_timeout,
            health_retries=health_retries,
            health_interval=health_interval,
            check_first=check_first,
            if_finished=if_finished,
            on_progress=on_progress,
        )

    def create(
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
        return self._loop.run(
            self._async.create,
            count=count,
            sizes=sizes,
            regions=regions,
            name=name,
            image=image,
            min_count=min_count,
            prefer=prefer,
            same_region=same_region,
            same_size=same_size,
            max_hourly=max_hourly,
            contract=materialized(contract),
            until=until,
            ready_timeout=ready_timeout,
            deadline=deadline,
            retry_every=retry_every,
            cancel_timeout=cancel_timeout,
            poll_interval=poll_interval,
            ssh_port=ssh_port,
            address=address,
            on_unknown=on_unknown,
            on_unknown_refusal=on_unknown_refusal,
            journal=journal,
            if_finished=if_finished,
            on_progress=on_progress,
            backup_policy=backup_policy,
            backups=backups,
            ipv6=ipv6,
            monitoring=monitoring,
            public_networking=public_networking,
            ssh_keys=ssh_keys,
            tags=tags,
            user_data=user_data,
            vpc_uuid=vpc_uuid,
            with_droplet_agent=with_droplet_agent,
        )

    def plan_create(
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
        return self._loop.run(
            self._async.plan_create,
            count=count,
            sizes=sizes,
            regions=regions,
            name=name,
            image=image,
            min_count=min_count,
            prefer=prefer,
            same_region=same_region,
            same_size=same_size,
            max_hourly=max_hourly,
            contract=materialized(contract),
            until=until,
            ready_timeout=ready_timeout,
            deadline=deadline,
            retry_every=retry_every,
            cancel_timeout=cancel_timeout,
            poll_interval=poll_interval,
            ssh_port=ssh_port,
            address=address,
            on_unknown=on_unknown,
            on_unknown_refusal=on_unknown_refusal,
            journal=journal,
            if_finished=if_finished,
            on_progress=on_progress,
            backup_policy=backup_policy,
            backups=backups,
            ipv6=ipv6,
            monitoring=monitoring,
            public_networking=public_networking,
            ssh_keys=ssh_keys,
            tags=tags,
            user_data=user_data,
            vpc_uuid=vpc_uuid,
            with_droplet_agent=with_droplet_agent,
        )

    def destroy(
        self,
        droplets: int | Droplet | Iterable[int | Droplet] | AsyncIterable[int | Droplet] | None = None,
        *,
        tag: str | None = None,
        journal: str | os.PathLike[str] | None = None,
        confirm_count: int | None = None,
        snapshot: bool = False,
        with_resources: bool | Collection[ResourceKind] = False,
        until: Literal["gone", "accepted"] = "gone",
        timeout: float = DEFAULT_TIMEOUT,
        snapshot_timeout: float | None = None,
        grace: float = DEFAULT_GRACE_SECONDS,
        max_concurrency: int | None = None,
        poll_interval: float | None = None,
        on_progress: Callable[[DestroyProgress], object] | None = None,
    ) -> DestroyReport:
        """Destroy Droplets, and prove that each is gone. It cannot be undone.

        One request is sent for each Droplet, by its id, and repeated until the API accepts it: an id is never used
        again, so no other Droplet can be meant. With a tag, the Droplets that have it are read first, and no Droplet
        that gets the tag later is destroyed. An error of one Droplet does not stop the others, and each has exactly
        one outcome in the report.

        Volumes, snapshots and reserved IPs stay and are billed, unless ``with_resources`` names them. The report lists
        what is left.

        Args:
            droplets: The Droplets or their ids, one or any number. Or pass ``tag`` or ``journal``.
            tag: All Droplets with this tag, with GPUs or without.
            journal: All Droplets of the creation run with this journal, those that it delivered too. The journal notes
                which are gone.
            confirm_count: How many Droplets you expect. If another number of them exists, nothing is sent.
            snapshot: Whether a snapshot of each Droplet is made first. The Droplet is switched off for that, so that
                its disk is complete. A Droplet is destroyed only after its snapshot was found in its list of snapshots;
                otherwise it stays, and is switched on again if it was on. A scratch disk is in no snapshot.
            with_resources: What is destroyed with each Droplet: ``True`` for all that the API lists as the Droplet's,
                or some of ``"volumes"``, ``"snapshots"``, ``"volume_snapshots"`` and ``"reserved_ips"``. The snapshot
                of ``snapshot=True`` stays in any case.
            until: ``"gone"`` waits for the proof: the API does not know the id, and neither the list of GPU Droplets
                nor the plain one shows it. ``"accepted"`` waits only for the API's answer.
            timeout: Seconds in which each Droplet has to be gone, from its first request. After that its outcome is
                ``"failed"`` or ``"unknown"``.
            snapshot_timeout: Seconds that one snapshot may take. ``None`` means 14,400.
            grace: Seconds that a guest has to shut down before a snapshot; then its power is cut.
            max_concurrency: How many Droplets may be under way at once. ``None`` means 1,000.
            poll_interval: Seconds until the first reads of the proof; the next are further apart. ``None`` means 1.
            on_progress: Called with a ``DestroyProgress`` for each outcome.

        Returns:
            The report, with an outcome for each Droplet, the dollars an hour that stop, and what is still billed.

        Raises:
            TypeError: A parameter is missing or has the wrong type. Nothing was sent.
            ValueError: A value is out of range. Nothing was sent.
            DropletCountError: Another number of Droplets exists than ``confirm_count``. Nothing was destroyed.
            JournalError: The journal does not exist, is damaged, in use, or of another kind. Nothing was sent.
            APIError: The Droplets could not be read. Nothing was destroyed.
            DestroyCancelled: It was cancelled; it carries the report so far.
        """
        return self._loop.run(
            self._async.destroy,
            materialized(droplets),
            tag=tag,
            journal=journal,
            confirm_count=confirm_count,
            snapshot=snapshot,
            with_resources=with_resources,
            until=until,
            timeout=timeout,
            snapshot_timeout=snapshot_timeout,
            grace=grace,
            max_concurrency=max_concurrency,
            poll_interval=poll_interval,
            on_progress=on_progress,
        )

    def reap(
        self,
        journal: str | os.PathLike[str] | None = None,
        *,
        older_than: float | str | None = None,
        tag: str | None = None,
        confirm_count: int | None = None,
        timeout: float = DEFAULT_TIMEOUT,
        max_concurrency: int | None = None,
        poll_interval: float | None = None,
        on_progress: Callable[[DestroyProgress], object] | None = None,
    ) -> DestroyReport:
        """Destroy the Droplets that a dead program left, and no others.

        With a journal of ``fleet.create``: the Droplets of that run. A create whose outcome is not known is looked up
        by its name. If the run is over, the Droplets that it delivered stay; ``fleet.destroy(journal=...)`` destroys
        these too. With the journal of a lease, all its Droplets are destroyed. A journal that a living run or lease
        holds is refused.

        With ``older_than``: the Droplets of leases (``fleet.lease``) whose time is over. Only the tags of a lease
        decide, so this can run in a cron job on any machine. Droplets without these tags are never touched.

        Args:
            journal: The journal of a creation run or of a lease. Or pass ``older_than``.
            older_than: How long ago a lease must have ended, in seconds, or as a text such as ``"10m"``; 0 for all that
                are over.
            tag: With ``older_than``: only Droplets that have this tag too.
            confirm_count: As ``fleet.destroy``.
            timeout: As ``fleet.destroy``.
            max_concurrency: As ``fleet.destroy``.
            poll_interval: As ``fleet.destroy``.
            on_progress: As ``fleet.destroy``.

        Returns:
            The report, with an outcome for each Droplet that was found.

        Raises:
            TypeError: Not exactly one of ``journal`` and ``older_than`` is given. Nothing was sent.
            ValueError: A value is out of range. Nothing was sent.
            DropletCountError: Another number of Droplets exists than ``confirm_count``. Nothing was destroyed.
            JournalInUseError: The journal's run or lease is still active. Nothing was sent.
            JournalError: The journal does not exist, is damaged, or is of another kind of run. Nothing was sent.
            APIError: The Droplets could not be read. Nothing was destroyed.
            DestroyCancelled: It was cancelled; it carries the report so far.
        """
        return self._loop.run(
            self._async.reap,
            journal,
            older_than=older_than,
            tag=tag,
            confirm_count=confirm_count,
            timeout=timeout,
            max_concurrency=max_concurrency,
            poll_interval=poll_interval,
            on_progress=on_progress,
        )

    def plan_reap(
        self,
        journal: str | os.PathLike[str] | None = None,
        *,
        older_than: float | str | None = None,
        tag: str | None = None,
    ) -> FleetCost:
        """Return the Droplets that ``reap`` would destroy with the same parameters now, and what they cost.

        The parameters are those of ``reap``. It only reads.

        Raises:
            TypeError: As ``reap``.
            ValueError: As ``reap``.
            JournalError: As ``reap``.
            APIError: The Droplets could not be read.
        """
        return self._loop.run(self._async.plan_reap, journal, older_than=older_than, tag=tag)

    def hibernate(
        self,
        droplets: int | Droplet | Iterable[int | Droplet] | AsyncIterable[int | Droplet] | None = None,
        *,
        tag: str | None = None,
        journal: str | os.PathLike[str] | None = None,
        confirm_count: int | None = None,
        timeout: float = DEFAULT_TIMEOUT,
        snapshot_timeout: float | None = None,
        grace: float = DEFAULT_GRACE_SECONDS,
        max_concurrency: int | None = None,
        poll_interval: float | None = None,
        on_progress: Callable[[DestroyProgress], object] | None = None,
    ) -> HibernationReport:
        """Switch Droplets off, make a snapshot of each, check that it exists, and destroy the Droplet.

        A Droplet that is only off is billed in full; a snapshot costs a small part of that. ``restore`` makes the
        Droplets again. A Droplet without a snapshot stays. The scratch disk and the memory are in no snapshot, and the
        addresses are lost. Volumes stay, and are attached again.

        Args:
            droplets: The Droplets or their ids, one or any number. Or pass ``tag``.
            tag: All Droplets with this tag.
            journal: A file in which each Droplet is written down before it is destroyed, so that ``restore`` can make
                it again even if this program dies. The report can be saved too: see ``to_json``.
            confirm_count: As ``fleet.destroy``.
            timeout: As ``fleet.destroy``.
            snapshot_timeout: As ``fleet.destroy``.
            grace: As ``fleet.destroy``.
            max_concurrency: As ``fleet.destroy``.
            poll_interval: As ``fleet.destroy``.
            on_progress: As ``fleet.destroy``.

        Returns:
            The report, which ``restore`` takes.

        Raises:
            TypeError: A parameter is missing or has the wrong type. Nothing was sent.
            ValueError: A value is out of range. Nothing was sent.
            DropletCountError: Another number of Droplets exists than ``confirm_count``. Nothing was sent to them.
            JournalError: The journal is damaged, in use, or of another kind of run. Nothing was sent to them.
            APIError: The Droplets could not be read. Nothing was sent to them.
            HibernationCancelled: It was cancelled; it carries the report so far, which ``restore`` takes.
        """
        return self._loop.run(
            self._async.hibernate,
            materialized(droplets),
            tag=tag,
            journal=journal,
            confirm_count=confirm_count,
            timeout=timeout,
            snapshot_timeout=snapshot_timeout,
            grace=grace,
            max_concurrency=max_concurrency,
            poll_interval=poll_interval,
            on_progress=on_progress,
        )

    def restore(
        self,
        source: HibernationReport
        | HibernatedDroplet
        | int
        | str
        | os.PathLike[str]
        | Iterable[HibernatedDroplet | int | str],
        *,
        size: str | None = None,
        region: str | None = None,
        ssh_keys: Sequence[int | str] | None = None,
        until: Until | None = "active",
        timeout: float = 900.0,
        poll_interval: float | None = None,
        ssh_port: int = 22,
        address: Literal["public", "private"] = "public",
    ) -> RestoreReport:
        """Make hibernated Droplets again from their snapshots, each once.

        They have their names, sizes, regions, tags, VPCs and volumes again, and new ids and addresses. The keys on
        their disks stay. A Droplet that still exists, or was restored before, is not made a second time. The snapshots
        stay, and are billed: delete them with ``gpu_droplets.snapshots.delete``. The tags of a lease that is over are
        left out, since ``reap`` would destroy the new Droplet.

        In one process, and of processes that pass the path of one journal, one call at a time restores a snapshot. If
        another process restores it at the same time, both may create the Droplet, since the API has no claim on a
        snapshot. So each reads the lists after its create: of two Droplets with one name and snapshot the older stays,
        and the call that made the younger destroys it and returns the older.

        Args:
            source: The report of ``hibernate``; or the path of its journal, or of a report saved with ``to_json``; or
                hibernated Droplets; or ids or names of snapshots. A ``str`` is a path if there is such a file, else
                the name or id of a snapshot. A snapshot alone says the name and a region; pass ``size`` then.
            size: Slug of a size, in place of the former ones.
            region: Slug of a region, in place of the former ones.
            ssh_keys: Ids or fingerprints of keys that are added. Without one, the API mails a root password.
            until: When a Droplet is usable, as ``gpu_droplets.wait`` has it. ``None`` as soon as the API accepted it.
            timeout: Seconds in which each Droplet has to be usable.
            poll_interval: Seconds until the second poll. ``None`` means one second.
            ssh_port: TCP port of SSH, for ``until="ssh"``.
            address: The address that ``"address"`` and ``"ssh"`` are about, ``"public"`` or ``"private"``.

        Returns:
            The report. If there is no capacity, the Droplet is ``"failed"``; call again with the same source.

        Raises:
            TypeError: A parameter has the wrong type.
            ValueError: There is no such snapshot, or several have the name.
            NotFoundError: There is no such snapshot.
            PreflightError: Another call in this process is restoring one of the snapshots. Nothing was created.
            JournalError: The file does not exist, or is neither a journal nor a report.
            APIError: The Droplets or the snapshots could not be read. Nothing was created.
        """
        return self._loop.run(
            self._async.restore,
            materialized(source),
            size=size,
            region=region,
            ssh_keys=ssh_keys,
            until=until,
            timeout=timeout,
            poll_interval=poll_interval,
            ssh_port=ssh_port,
            address=address,
        )

    def lease(
        self,
        *,
        sizes: str | Sequence[str],
        ttl: float | str,
        count: int = 1,
        destroy_timeout: float = 600.0,
        **options: Unpack[LeaseOptions],
    ) -> Lease:
        """Create Droplets for the time of a ``with`` block, and destroy them at its end, however it ends.

        They are destroyed after a normal end, an exception, a cancellation and Ctrl-C, and after SIGTERM and SIGHUP
        where the program has no handler of its own and the block is in the main thread. They are destroyed when ``ttl``
        is over, by the wall clock, also if the machine slept: then the block is cancelled, and ``LeaseExpiredError`` is
        raised. In the sync client, a block cannot be interrupted in another thread than the main one, or where SIGTERM
        has another handler: its Droplets are destroyed in time all the same, and the error is raised at its end.

        A dead program destroys nothing: not after ``kill -9``, nor without a network. So each Droplet has the tags
        ``gradient-lease:<id>`` and ``gradient-lease-until:<time>``, and ``client.fleet.reap(older_than=0)`` destroys
        those whose time is over: run it from a cron job on another machine. With ``journal``,
        ``client.fleet.reap(journal)`` destroys them at once; it is refused while the program lives.

        Args:
            sizes: Slugs of one or several sizes, best first.
            ttl: The longest time, in seconds or as a text such as ``"2h"`` or ``"90m"``, at most 10 years. It begins
                with the block, so creating is part of it.
            count: How many Droplets are wanted.
            destroy_timeout: Seconds in which each Droplet has to be gone at the end.
            **options: As for ``client.fleet.create``, without ``if_finished``.

        Returns:
            A lease, for one block, which gives the Droplets as a tuple. Afterwards its ``report`` has the
            outcomes.

        Raises:
            TypeError: A parameter is missing or has the wrong type. Nothing was sent.
            ValueError: A value is out of range. Nothing was sent.
            NotEnoughDropletsError: At the beginning of the block, there are fewer than ``min_count`` Droplets.
            LeaseExpiredError: At the end of the block, its time was over.
            LeaseLeftoverError: At the end of a block that raised nothing, a Droplet is not known to be gone, or the
                lists cannot be read. If the block raised, that error gets a note.
        """
        return self._loop.hold(
            self._async.lease(sizes=sizes, ttl=ttl, count=count, destroy_timeout=destroy_timeout, **options)
        )

    def cost(
        self,
        droplets: int | Droplet | Iterable[int | Droplet] | AsyncIterable[int | Droplet] | None = None,
        *,
        tag: str | None = None,
    ) -> FleetCost:
        """Read what Droplets cost: dollars an hour, and dollars since each was created.

        A Droplet that is off costs as much as one that is on. The prices are the API's own, as they are now: the
        Droplet's, or that of its size in the list of sizes. A price that the API does not name is unknown, not
        zero: see ``unknown``.

        Args:
            droplets: The Droplets or their ids, one or any number. By default, with no ``tag``, all Droplets of the
                account, with GPUs or without.
            tag: All Droplets with this tag.

        Returns:
            The costs, one by one and together.

        Raises:
            TypeError: Both ``droplets`` and ``tag`` are given. Nothing was sent.
            NotFoundError: One of the Droplets does not exist.
            APIError: The Droplets cannot be read.
        """
        return self._loop.run(self._async.cost, materialized(droplets), tag=tag)
