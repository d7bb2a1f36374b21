"""What all parts of a creation run share."""

from __future__ import annotations

import inspect
from collections import deque
from typing import TYPE_CHECKING, Final

import anyio

from gradient_async import log
from gradient_async.fleet.create.outcomes import CreationEvent, CreationProgress, CreationTry

if TYPE_CHECKING:
    import asyncio

    from gradient_async.fleet.create.hunt import Hunt
    from gradient_async.fleet.create.journal import CreationLog
    from gradient_async.fleet.create.records import CreationRecords
    from gradient_async.fleet.create.spec import CreationSpec
    from gradient_async.http.sender import Sender
    from gradient_async.models.droplet import Droplet
    from gradient_async.waiting.watcher import Watcher

# A hunt can last for days.
_MAX_EVENTS: Final = 10_000


class CreationContext:
    """What all parts of a creation run share.

    Args:
        spec: What is asked for.
        sender: Sends the run's requests.
        watcher: The client's waits.
        journal: What the run has done.
        hunt: Which create is sent next.
        news: Set when something happened that the run waits for.

    Attributes:
        droplets: The run's Droplets as last read, by name.
        given_up: Names with an unknown outcome that are not looked up any more.
        troubles: Why Droplets could not be destroyed, by id.
        accepted: Ids of the Droplets that the API accepted to destroy.
        events: What happened.
        tries: The creates that were sent.
        next_round: When the next round begins, by the event loop's clock; ``None`` if none is planned.
    """

    def __init__(
        self,
        spec: CreationSpec,
        sender: Sender,
        watcher: Watcher,
        journal: CreationLog,
        hunt: Hunt,
        news: asyncio.Event,
    ) -> None:
        self.spec = spec
        self.sender = sender
        self.watcher = watcher
        self.log = journal
        self.hunt = hunt
        self.news = news
        self.droplets: dict[str, Droplet] = {}
        self.given_up: set[str] = set()
        self.troubles: dict[int, str] = {}
        self.accepted: set[int] = set()
        self.events: deque[CreationEvent] = deque(maxlen=_MAX_EVENTS)
        self.tries: deque[CreationTry] = deque(maxlen=_MAX_EVENTS)
        self.next_round: float | None = None
        self.began: float = anyio.current_time()
        self._tell = spec.on_progress

    @property
    def records(self) -> CreationRecords:
        """What the run has done, name by name."""
        return self.log.records

    @property
    def settle_seconds(self) -> float:
        """The longest time until a Droplet whose create was lost shows in the lists."""
        return self.sender.settings.create_settle_seconds

    async def note(self, text: str) -> None:
        """Note an event, wake the run, and call the progress callback."""
        self.events.append(CreationEvent(seconds=anyio.current_time() - self.began, text=text))
        self.news.set()
        if self._tell is None:
            return
        try:
            answer = self._tell(self._progress(text))
            if inspect.isawaitable(answer):
                await answer
        except Exception as error:  # noqa: BLE001 - no progress bar may stop a run half-way
            self._tell = None
            log.callback_failed("on_progress", error)

    def _progress(self, text: str) -> CreationProgress:
        records, now = self.records, anyio.current_time()
        return CreationProgress(
            count=self.spec.terms.count,
            ready=len(records.in_state("ready")),
            created=len(records.in_state("created", "ready")),
            unknown=len(records.in_state("sent")),
            rounds=self.hunt.rounds,
            posts=sum(counter.posts for counter in self.hunt.counters.values()),
            hourly=records.hourly,
            elapsed=now - self.began,
            event=text,
            next_round=None if self.next_round is None else max(0.0, self.next_round - now),
        )
