"""Which part looks up the result of a request, and which actions created the Droplets."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from samples import action, action_request, request
from scripted_lists import ScriptedLists, at

from gradient_async.endpoints import account_keys, droplet_creation
from gradient_async.http.request import Priority, Timestamp
from gradient_async.models.responses import ActionListResponse
from gradient_async.settings import AccessToken, Settings
from gradient_async.waiting import placement
from gradient_async.waiting.create_settlement import CreateSettlement
from gradient_async.waiting.settlement import ActionSettlement
from gradient_async.waiting.settlements import Settlements

SETTINGS = Settings(access_token=AccessToken("t"), base_url="https://settlements.example")
KEY = account_keys.CREATE.request({}, body={"name": "laptop", "public_key": "ssh-ed25519 AAAA"})
DROPLET = droplet_creation.CREATE.request({}, body={"name": "a", "size": "gpu", "region": "tor1", "image": 1})


@pytest.mark.parametrize(
    ("one", "part"),
    [
        (action_request(), ActionSettlement),
        (KEY, CreateSettlement),
        (DROPLET, CreateSettlement),
        (request("POST"), type(None)),
        (request("GET"), type(None)),
    ],
)
def test_request_is_looked_up_by_its_part(one: Any, part: type) -> None:
    assert type(Settlements(ScriptedLists(), SETTINGS).of(one)) is part


def test_claims_are_shared_only_with_a_store() -> None:
    store: Any = SimpleNamespace()
    alone = Settlements(ScriptedLists(), SETTINGS).of(action_request())
    shared = Settlements(ScriptedLists(), SETTINGS, store).of(action_request())
    assert isinstance(alone, ActionSettlement)
    assert isinstance(shared, ActionSettlement)
    assert alone._shared is None
    assert shared._shared is not None


def test_results_in_an_answer_are_noted_by_both_parts() -> None:
    settlements = Settlements(ScriptedLists(), SETTINGS)
    keys = account_keys.LIST.answer
    assert keys is not None
    settlements.note_results(ActionListResponse(actions=(action(id=7),)))
    settlements.note_results(keys(ssh_keys=(SimpleNamespace(id=8),)))  # type: ignore[arg-type]  # a key
    now = Timestamp.now()
    later = Timestamp(now.wall + 1, now.monotonic + 1)
    assert settlements._actions._claims.was_seen_before(7, later)
    assert settlements._creates._claims.was_seen_before(("SSH key", 8), later)
    assert not settlements._actions._claims.was_seen_before(7, at(0))


async def test_create_actions_are_found_by_their_droplets() -> None:
    listed = [
        action(id=1, type="create", resource_id=7),
        action(id=2, type="reboot", resource_id=8),
        action(id=3, type="create", resource_id=None),
    ]
    asked: list[Any] = []

    async def send(one: Any) -> Any:
        asked.append((one.path, one.query["page"], one.query["per_page"], one.priority))
        return SimpleNamespace(parse=lambda: SimpleNamespace(actions=listed))

    sender: Any = SimpleNamespace(send=send)
    assert await placement.creates(sender, {}) == {7: listed[0]}
    await placement.creates(sender, {}, Priority.ACT)
    assert asked == [("/v2/actions", "1", "200", Priority.POLL), ("/v2/actions", "1", "200", Priority.ACT)]
