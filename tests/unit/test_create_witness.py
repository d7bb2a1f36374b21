"""Created Droplets that only the account's actions show."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from samples import NOON, action, droplet

from gradient_async import APIConnectionError
from gradient_async.endpoints import droplet_creation
from gradient_async.waiting.create_witness import witnessed

UNREADABLE = 2


async def send(request: Any) -> Any:
    """Answer with a list of ten ``create`` actions, one of which is another action, and with each Droplet but one."""
    number = request.path.rpartition("/")[2]
    if number == "actions":
        actions = [action(id=one, type="create", resource_id=one) for one in (1, UNREADABLE, 3, 3, 4)]
        actions += [action(id=5, type="reboot", resource_id=5), action(id=6, type="create", resource_id=None)]
        return SimpleNamespace(parse=lambda: SimpleNamespace(actions=actions))
    if int(number) == UNREADABLE:
        raise APIConnectionError("reset", method="GET", path=request.path)
    return SimpleNamespace(parse=lambda: droplet(id=int(number)))


async def test_what_cannot_be_read_or_is_known_is_left_out() -> None:
    lookup = droplet_creation.CREATE.lookup
    assert lookup is not None
    assert lookup.witness is not None
    for since, expected in ((NOON.timestamp(), [1, 3]), (NOON.timestamp() + 1, [])):
        found = await witnessed(send, lookup.witness, since=since, is_known=lambda one: one == 4)
        assert [*found] == expected


async def test_newest_actions_are_read_and_their_droplets() -> None:
    lookup = droplet_creation.CREATE.lookup
    assert lookup is not None
    assert lookup.witness is not None
    asked: list[Any] = []
    listed = [
        action(id=1, type="create", resource_id=21, started_at=NOON),
        action(id=2, type="create", resource_id=22, started_at=None),
        action(id=3, type="create", resource_id=23, started_at=NOON - timedelta(seconds=1)),
        action(id=4, type="destroy", resource_id=24, started_at=NOON),
        *[action(id=one, type="create", resource_id=one, started_at=NOON) for one in range(30, 50)],
    ]

    async def answer(request: Any) -> Any:
        asked.append((request.path, dict(request.query)))
        number = request.path.rpartition("/")[2]
        if number == "actions":
            return SimpleNamespace(parse=lambda: SimpleNamespace(actions=listed))

        def parse() -> Any:
            if number == "31":
                raise APIConnectionError("cut off", method="GET", path=request.path)
            return droplet(id=int(number))

        return SimpleNamespace(parse=parse)

    found = await witnessed(answer, lookup.witness, since=NOON.timestamp(), is_known=lambda _: False)
    assert [*found] == [21, 30, *range(32, 39)]
    assert asked[0] == ("/v2/actions", {"page": "1", "per_page": "200"})
    assert len(asked) == 11
