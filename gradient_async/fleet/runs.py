"""Runs of an action on many Droplets: ``client.fleet.run``, ``stream`` and ``resume``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradient_async.fleet import plan as plans
from gradient_async.fleet.execution import Execution
from gradient_async.fleet.fleet_part import FleetPart
from gradient_async.fleet.journal import plan_to_resume, recorded_run_to_resume
from gradient_async.fleet.option_checks import checked_path
from gradient_async.fleet.options import changed_options, given_options, resumed_options, run_options
from gradient_async.fleet.run_spec import RunSpec
from gradient_async.fleet.stream import OutcomeStream
from gradient_async.fleet.targets import checked_targets

if TYPE_CHECKING:
    import os
    from collections.abc import AsyncIterable, Iterable
    from typing import Literal

    from gradient_async.fleet.options import FleetOptions, HealthCheck, ProgressCallback
    from gradient_async.fleet.outcome import Outcome
    from gradient_async.fleet.plan import Plan
    from gradient_async.fleet.report import FleetReport
    from gradient_async.fleet.targets import Targets
    from gradient_async.models.action_requests import ActionRequest
    from gradient_async.models.action_types import ActionType
    from gradient_async.models.droplet import Droplet
    from gradient_async.streams import AsyncStream


class FleetRuns(FleetPart):
    """The part of ``Fleet`` that runs an action on many Droplets."""

    async def run(
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
        plan = plans.plan_of(action, until_status=until == "status")
        return await self._execution(plan, droplets, tag, given_options(locals())).run()

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
    ) -> AsyncStream[Outcome]:
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
        plan = plans.plan_of(action, until_status=until == "status")
        spec = _spec(plan, droplets, tag, given_options(locals()))
        return OutcomeStream(lambda: Execution(self._sender, self._watcher, spec), self._streams)

    async def resume(
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
        changes = changed_options(locals())
        journal = checked_path("path", path)
        run = recorded_run_to_resume(journal)
        plan = plan_to_resume(run, journal)
        resumed = resumed_options(run.options, changes, wait=run.wait, until=run.until, journal=journal)
        return await self._execution(plan, None if run.tag is not None else run.droplets, run.tag, resumed).run()

    def _execution(
        self, plan: Plan, droplets: int | Droplet | Targets | None, tag: str | None, options: FleetOptions
    ) -> Execution:
        return Execution(self._sender, self._watcher, _spec(plan, droplets, tag, options))


def _spec(plan: Plan, droplets: int | Droplet | Targets | None, tag: str | None, options: FleetOptions) -> RunSpec:
    return RunSpec(plan=plan, droplets=checked_targets(droplets, tag), tag=tag, options=run_options(options))
