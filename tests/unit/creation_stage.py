"""A creation run without a server: what its parts share, and journal lines that are true of it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from gradient_async.fleet.create.context import CreationContext
from gradient_async.fleet.create.creation_run import CreationRun
from gradient_async.fleet.create.hunt import Hunt
from gradient_async.fleet.create.journal import open_creation
from gradient_async.fleet.create.spec import CreationSpec
from gradient_async.fleet.create.terms import Terms
from gradient_async.http.request import Timestamp
from gradient_async.models.droplet import Droplet

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

NOON = datetime(2026, 9, 1, 12, tzinfo=UTC)


def counter(requests: int = 0, refused: int = 0) -> SimpleNamespace:
    return SimpleNamespace(requests=requests, refused=refused)


class Sender:
    """A sender that sends nothing."""

    def __init__(self, settle_seconds: float) -> None:
        self.settings: Any = SimpleNamespace(create_settle_seconds=settle_seconds, changed=SimpleNamespace)
        self.counter = counter()
        self.budget: Any = None
        self.send: Any = None

    def copy(self, settings: Any, budget: Any) -> Sender:
        """Return another one with these settings."""
        made = Sender(settings.create_settle_seconds)
        made.budget = budget
        return made


def context(*, journal: str | None = None, settle_seconds: float = 60.0, **facts: Any) -> CreationContext:
    """Return what the parts of a run share; ``facts`` are of its terms or of the run.

    The sender and the watcher have counters, and no connection.
    """
    of_terms = {"count", "min_count", "sizes", "max_hourly", "image"}
    usual: dict[str, Any] = {"count": 4, "min_count": 4, "name": "t-{n}", "sizes": ("a", "b")}
    terms = Terms(**{**usual, **{name: value for name, value in facts.items() if name in of_terms}})
    spec = CreationSpec(
        terms=terms, journal=journal, **{name: value for name, value in facts.items() if name not in of_terms}
    )
    log = open_creation(journal, CreationRun(nonce="n0", name="t-{n}", call={}, began_at=NOON))
    sender: Any = Sender(settle_seconds)
    watcher: Any = SimpleNamespace(counter=counter())
    return CreationContext(spec, sender, watcher, log, Hunt(terms, log.records), asyncio.Event())


async def send(of: CreationContext, count: int) -> list[str]:
    """Record that a create of so many is sent."""
    names = of.records.next_names(count)
    await of.log.sending(names, size="a", region="tor1", price_hourly=3.0, now=Timestamp.now())
    return names


def create(of: CreationContext, names: Iterable[str], *, ready: Sequence[str] = ()) -> None:
    """Record that Droplets of these names exist, with ids from 11, and which are usable."""
    for name in names:
        number = 10 + of.records.run.number_of(name)
        of.log.created(name, number)
        of.droplets[name] = Droplet(id=number, name=name, status="active")
        if name in ready:
            of.log.ready(name, number)
