"""Answers about something else: a machine in between mixes them up, or sends one twice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from wire_server import RESET, Reply, WireServer, action, created, listed, reply

from gradient_async import ActionOutcomeUnknownError, APIResponseValidationError

if TYPE_CHECKING:
    from flavours import Flavour

DROPLET = 3164444
STRANGERS: dict[str, dict[str, Any]] = {
    "other-droplet": {"resource_id": 17},
    "other-type": {"type": "power_off"},
    "other-resource": {"resource_type": "volume"},
    "both": {"resource_id": 17, "type": "snapshot"},
}


async def initiate(flavour: Flavour, client: Any, droplet_id: int = DROPLET) -> Any:
    return await flavour.call(client.gpu_droplets.actions.initiate, droplet_id, type="reboot")


@pytest.mark.parametrize("stranger", STRANGERS.values(), ids=STRANGERS)
async def test_listed_action_returned_when_the_answer_is_of_another(
    flavour: Flavour, wire: WireServer, stranger: dict[str, Any]
) -> None:
    wire.script("POST", created(5, **stranger))
    wire.script("GET", lambda _: listed([action(7)]))
    client = flavour.client(wire)

    response = await initiate(flavour, client)

    assert (response.action.id, response.is_adopted) == (7, True)
    assert len(wire.sent("POST")) == 1
    assert wire.sent("GET")[0].connection != wire.sent("POST")[0].connection


@pytest.mark.parametrize("stranger", STRANGERS.values(), ids=STRANGERS)
async def test_outcome_unknown_when_the_answer_is_of_another_action(
    flavour: Flavour, wire: WireServer, stranger: dict[str, Any]
) -> None:
    wire.script("POST", created(5, **stranger))
    wire.script("GET", listed([]))
    client = flavour.client(wire, settle_seconds=0.02)

    with pytest.raises(ActionOutcomeUnknownError, match=r"the answer is about action 5 \(.* was requested") as caught:
        await initiate(flavour, client)

    assert caught.value.candidates == ()
    assert len(wire.sent("POST")) == 1


async def test_wrong_answers_action_stays_its_own_requests(flavour: Flavour, wire: WireServer) -> None:
    """No other request claims the action, so its own request can adopt it."""
    wire.script(f"POST /v2/droplets/{DROPLET}/actions", created(5, resource_id=17))
    wire.script("POST /v2/droplets/17/actions", RESET)
    wire.script(f"GET /v2/droplets/{DROPLET}/actions", lambda _: listed([action(7)]))
    wire.script("GET /v2/droplets/17/actions", lambda _: listed([action(5, resource_id=17)]))
    client = flavour.client(wire)

    assert (await initiate(flavour, client)).action.id == 7
    assert (await initiate(flavour, client, 17)).action.id == 5


async def test_second_action_found_when_the_first_answer_comes_twice(flavour: Flavour, wire: WireServer) -> None:
    wire.script("POST", created(7))
    wire.script("GET", lambda _: listed([action(8), action(7)]))
    client = flavour.client(wire)

    first, second = await initiate(flavour, client), await initiate(flavour, client)

    assert (first.action.id, second.action.id) == (7, 8)
    assert second.is_adopted
    assert len(wire.sent("POST")) == 2


async def test_answer_accepted_again_when_its_action_is_years_old(flavour: Flavour, wire: WireServer) -> None:
    """A server for tests gives one answer to all."""
    wire.script("POST", created(7, started_at="2020-11-14T16:29:21Z"))
    client = flavour.client(wire)

    for _ in range(3):
        assert (await initiate(flavour, client)).action.id == 7

    assert wire.sent("GET") == []


async def test_answers_accepted_when_actions_share_an_id(flavour: Flavour, wire: WireServer) -> None:
    wire.script("POST", lambda request: created(7, resource_id=int(request.path.split("/")[3])))
    client = flavour.client(wire)

    for droplet_id in (1, 2, 3):
        assert (await initiate(flavour, client, droplet_id)).action.resource_id == droplet_id


@pytest.mark.parametrize("left_out", ["resource_id", "resource_type"])
async def test_answer_accepted_when_it_does_not_say_what_it_is_about(
    flavour: Flavour, wire: WireServer, left_out: str
) -> None:
    wire.script("POST", created(7, **{left_out: None}))
    client = flavour.client(wire)

    assert (await initiate(flavour, client)).action.id == 7


async def test_bulk_outcome_unknown_when_the_answers_type_is_wrong(flavour: Flavour, wire: WireServer) -> None:
    wire.script("POST", reply(201, {"actions": [action(5, type="power_off"), action(6, type="shutdown")]}))
    client = flavour.client(wire)

    with pytest.raises(ActionOutcomeUnknownError, match="but power_off was requested"):
        await flavour.call(client.gpu_droplets.actions.bulk_initiate, tag_name="training", type="power_off")

    assert [request.method for request in wire.requests] == ["POST"]


async def test_outcome_unknown_when_the_list_is_another_droplets(flavour: Flavour, wire: WireServer) -> None:
    wire.script("POST", RESET, created(8))
    wire.script("GET", listed([action(5, resource_id=17)]))
    client = flavour.client(wire, settle_seconds=0.02)

    with pytest.raises(ActionOutcomeUnknownError, match="shows one of Droplet 17"):
        await initiate(flavour, client)

    assert len(wire.sent("POST")) == 1


@pytest.mark.parametrize("method", ["retrieve_droplet", "retrieve_action", "retrieve_droplet_action"])
async def test_validation_error_when_a_read_answers_another_id(flavour: Flavour, wire: WireServer, method: str) -> None:
    droplet = {"id": 17, "name": "other", "status": "active"}
    wire.script("GET", reply(200, {"action": action(5), "droplet": droplet}))
    client = flavour.client(wire)
    calls: dict[str, Any] = {
        "retrieve_droplet": lambda: flavour.call(client.gpu_droplets.retrieve, DROPLET),
        "retrieve_action": lambda: flavour.call(client.actions.retrieve, 7),
        "retrieve_droplet_action": lambda: flavour.call(client.gpu_droplets.actions.retrieve, 7, droplet_id=DROPLET),
    }

    with pytest.raises(APIResponseValidationError, match=r"the answer is about .* was requested") as caught:
        await calls[method]()

    assert caught.value.fault_path == ("$.droplet.id" if method == "retrieve_droplet" else "$.action.id")
    with pytest.raises(APIResponseValidationError):
        await calls[method]()
    assert wire.connections == 2, "the connection that gave a wrong answer is closed"


async def test_unasked_answer_is_not_taken_for_the_next_request(flavour: Flavour, wire: WireServer) -> None:
    twice = created(7, started_at="2020-11-14T16:29:21Z").data * 2
    wire.script("POST", Reply(data=twice), created(8))
    wire.script("GET", lambda _: listed([action(8)]))
    client = flavour.client(wire)

    assert (await initiate(flavour, client)).action.id == 7
    assert (await initiate(flavour, client)).action.id == 8


async def test_listed_action_returned_when_the_answer_is_101(flavour: Flavour, wire: WireServer) -> None:
    switch = Reply(
        data=b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n", then="close"
    )
    wire.script("POST", switch)
    wire.script("GET", lambda _: listed([action(7)]))
    client = flavour.client(wire)

    response = await initiate(flavour, client)

    assert (response.action.id, response.is_adopted) == (7, True)
    assert len(wire.sent("POST")) == 1
