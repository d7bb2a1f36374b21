"""What a search for the Droplets of a lease finds, and when it may find no more."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from samples import NOON

from gradient_async import CreationOutcome
from gradient_async.fleet import lease_search
from gradient_async.fleet.lease_search import LeaseSearch
from gradient_async.models.droplet import Droplet

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

pytestmark = pytest.mark.once

NEVER = float("inf")


def search_with(monkeypatch: pytest.MonkeyPatch, tagged: list[int], named: list[int], *left: str) -> LeaseSearch:
    """Return a search in lists that a test fills."""

    async def droplets_with_tag(_: object, __: str) -> AsyncIterator[Droplet]:
        for number in tagged:
            yield Droplet(id=number, name="train", status="active")

    async def ids_with_name(_: object, __: str) -> Sequence[int]:
        return list(named)

    monkeypatch.setattr(lease_search, "droplets_with_tag", droplets_with_tag)
    monkeypatch.setattr(lease_search, "ids_with_name", ids_with_name)
    outcomes = [
        CreationOutcome(
            name=name, droplet_id=None, status="unknown", size="s", region="tor1", price_hourly=4.0, sent_at=NOON
        )
        for name in left
    ]
    sender: Any = SimpleNamespace(settings=SimpleNamespace(create_settle_seconds=30.0), is_closed=False)
    watcher: Any = None
    return LeaseSearch(sender, watcher, "tag", outcomes, [1])


async def test_each_droplet_is_found_once(monkeypatch: pytest.MonkeyPatch) -> None:
    tagged, named = [1, 2], list[int]()
    search = search_with(monkeypatch, tagged, named, "late")
    found = [await search.run(NOON, NEVER)]
    tagged.append(3)
    named += [1, 2, 4]
    found += [await search.run(NOON, NEVER) for _ in range(2)]
    assert search.failure is None
    assert found == [{2: None}, {3: None, 4: 4.0}, {}]


async def test_droplet_that_its_tag_shows_is_not_unseen(monkeypatch: pytest.MonkeyPatch) -> None:
    search = search_with(monkeypatch, [2], [], "train", "late")
    assert await search.run(NOON, NEVER) == {2: None}
    assert [one.name for one in search.unseen] == ["late"]


@pytest.mark.parametrize(("seconds", "may_find_more"), [(29.9, True), (30.0, False)])
async def test_unseen_droplet_is_awaited_for_the_settle_time(
    monkeypatch: pytest.MonkeyPatch, seconds: float, may_find_more: bool
) -> None:
    search = search_with(monkeypatch, [], [], "late")
    assert await search.run(NOON + timedelta(seconds=seconds), NEVER) == {}
    assert search.may_find_more is may_find_more
