"""Droplets for the time of a ``with`` block: ``client.fleet.lease``."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING

from attrs import evolve

from gradient_async.arguments import checked_seconds
from gradient_async.durations import checked_duration
from gradient_async.errors import JournalMismatchError
from gradient_async.fleet.create.runner import CreationRunner
from gradient_async.fleet.create.spec import checked_spec
from gradient_async.fleet.creation import FleetCreation
from gradient_async.fleet.fleet_part import FleetPart
from gradient_async.fleet.lease import DropletLease, LeaseTerms
from gradient_async.fleet.lease_tags import MAX_SECONDS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Unpack

    from gradient_async.fleet.create.report import CreationReport
    from gradient_async.fleet.create.spec import CreationSpec
    from gradient_async.fleet.lease_options import LeaseOptions
    from gradient_async.fleet.lease_types import AsyncLease


class FleetLeasing(FleetPart):
    """Droplets for the time of a block."""

    def lease(
        self,
        *,
        sizes: str | Sequence[str],
        ttl: float | str,
        count: int = 1,
        destroy_timeout: float = 600.0,
        **options: Unpack[LeaseOptions],
    ) -> AsyncLease:
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
        terms = LeaseTerms(
            ttl=checked_duration("ttl", ttl, maximum=MAX_SECONDS),
            destroy_timeout=checked_seconds("destroy_timeout", destroy_timeout),
            poll_interval=options.get("poll_interval"),
            journal=_spec({"count": count, "sizes": sizes, **options}).journal,
        )

        runners: list[CreationRunner] = []

        async def create(tags: tuple[str, ...], seconds: float) -> CreationReport:
            deadline = options.get("deadline")
            given: LeaseOptions = {**options, "tags": [*(options.get("tags") or ()), *tags]}
            given["deadline"] = seconds if deadline is None else min(deadline, seconds)
            spec = evolve(_spec({"count": count, "sizes": sizes, **given}), is_lease=True)
            runners.append(CreationRunner(self._sender, self._watcher, spec))
            try:
                return await runners[-1].run()
            except JournalMismatchError as error:
                # Where notes are not shown, "pass another file" would leave the Droplets of a dead lease.
                raise JournalMismatchError(
                    f"{error.path}: this journal is not this lease's. Another run wrote it, whose Droplets may be "
                    "left, and billed: fleet.reap(journal) destroys what a dead lease left. Each lease needs a journal "
                    "of its own",
                    path=error.path,
                ) from None

        def has_sent() -> bool:
            return any(runner.has_sent for runner in runners)

        return DropletLease(self._sender, self._watcher, terms, create, has_sent)


def _spec(given: Mapping[str, object]) -> CreationSpec:
    """Return the run that parameters of ``fleet.create`` ask for, checked.

    Raises:
        TypeError: There is no such parameter, or a value has the wrong type.
        ValueError: A value is out of range.
    """
    if "if_finished" in given:
        raise TypeError("if_finished: a lease has no use for it, since its Droplets are destroyed")
    called = inspect.signature(FleetCreation.create).bind(None, **given)
    called.apply_defaults()
    return checked_spec(called.arguments)
