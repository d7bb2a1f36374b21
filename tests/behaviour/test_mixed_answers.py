"""Answers about something else: a machine in between mixes them up, or sends one twice."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from email.utils import formatdate
from typing import TYPE_CHECKING, Any

import pytest
from wire_server import RESET, Reply, WireServer, action, created, listed, reply, stamp

from gradient_async import ActionFailedError, ActionOutcomeUnknownError, APIResponseValidationError, RateBudget

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

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


YEARS_AGO = "2020-11-14T16:29:21Z"
RETRIEVED = f"GET /v2/droplets/{DROPLET}/actions/6"
STATIC = reply(200, {"action": action(4, type="create", started_at=YEARS_AGO)})


@pytest.mark.parametrize("stranger", STRANGERS.values(), ids=STRANGERS)
async def test_fixed_answer_accepted_when_no_id_is_looked_at(
    flavour: Flavour, wire: WireServer, stranger: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    """A mock of the API's specification gives its examples, whichever Droplet and type they are asked for."""
    wire.script("POST", created(5, started_at=YEARS_AGO, **stranger))
    wire.script(RETRIEVED, STATIC)

    response = await initiate(flavour, flavour.client(wire))

    assert (response.action.id, response.is_adopted) == (5, False)
    assert [request.method for request in wire.requests] == ["POST", "GET"]
    assert "about action 5" in caplog.messages[-1]
    assert "The answer is accepted: its action is more than a day old" in caplog.messages[-1]


async def test_fixed_answer_refused_when_its_action_would_be_kept(
    flavour: Flavour, wire: WireServer, tmp_path: Path
) -> None:
    wire.script("POST", created(5, type="power_off", started_at=YEARS_AGO))
    wire.script(RETRIEVED, STATIC)
    wire.script("GET", listed([]))
    budget = RateBudget.shared(f"sqlite://{tmp_path / 'budget.sqlite3'}")
    client = flavour.client(wire, settle_seconds=0.02, rate_budget=budget)

    with pytest.raises(ActionOutcomeUnknownError):
        await flavour.call(client.gpu_droplets.actions.initiate, DROPLET, type="reboot", key="a")
    report = await flavour.call(
        client.fleet.run, "reboot", droplets=[DROPLET], journal=tmp_path / "run.journal", check_first=False
    )

    assert report.counts["unknown"] == 1
    assert not any(request.path.endswith("/actions/6") for request in wire.requests)


async def test_images_fixed_answer_accepted_when_no_id_is_looked_at(flavour: Flavour, wire: WireServer) -> None:
    image = {"resource_type": "image", "type": "transfer", "started_at": YEARS_AGO}
    wire.script("POST", created(5, resource_id=7938269, **image))
    wire.script("GET /v2/images/62137902/actions/6", reply(200, {"action": action(4, **image)}))
    images = flavour.client(wire).gpu_droplets.images

    assert (await flavour.call(images.actions.create, 62137902, type="convert")).id == 5


async def test_images_outcome_unknown_when_the_answer_is_of_another(flavour: Flavour, wire: WireServer) -> None:
    wire.script("POST", created(5, resource_id=7938269, resource_type="image", type="convert"))
    wire.script("GET", listed([]))
    images = flavour.client(wire, settle_seconds=0.02).gpu_droplets.images

    with pytest.raises(ActionOutcomeUnknownError, match="the answer is about action 5"):
        await flavour.call(images.actions.create, 62137902, type="convert")


NOT_FIXED: dict[str, tuple[str, Reply]] = {
    "action-is-new": (stamp(60), STATIC),
    "action-began-hours-ago": (stamp(7 * 3600), STATIC),
    "id-is-not-known": (YEARS_AGO, reply(404, {"id": "not_found", "message": "not found"})),
    "id-is-looked-at": (YEARS_AGO, reply(200, {"action": action(6)})),
    "read-is-answered-by-a-list": (YEARS_AGO, listed([action(4)])),
}


@pytest.mark.parametrize(("started_at", "retrieved"), NOT_FIXED.values(), ids=NOT_FIXED)
async def test_outcome_unknown_when_answer_about_another_is_not_fixed(
    flavour: Flavour, wire: WireServer, started_at: str, retrieved: Reply
) -> None:
    wire.script("POST", created(5, type="power_off", started_at=started_at))
    wire.script("GET", listed([]))
    wire.script(RETRIEVED, retrieved)
    client = flavour.client(wire, settle_seconds=0.02)

    with pytest.raises(ActionOutcomeUnknownError):
        await initiate(flavour, client)

    assert len(wire.sent("POST")) == 1


NOT_OLD: dict[str, tuple[float | None, float | None]] = {
    "by-this-machines-clock": (43200.0, -172800.0),
    "to-the-second": (86410.0, 10.0),
    "it-is-not-said": (None, 0.0),
    "server-has-no-clock": (1e8, None),
}


@pytest.mark.parametrize(("age", "age_of_answer"), NOT_OLD.values(), ids=NOT_OLD)
async def test_outcome_unknown_when_the_action_is_not_a_day_old(
    flavour: Flavour, wire: WireServer, age: float | None, age_of_answer: float | None
) -> None:
    now = int(time.time())
    started_at = None if age is None else datetime.fromtimestamp(now - age, UTC).isoformat()
    date = "" if age_of_answer is None else formatdate(now - age_of_answer, usegmt=True)
    wire.script("POST", reply(201, {"action": action(5, type="power_off", started_at=started_at)}, {"Date": date}))
    wire.script("GET", listed([]))
    wire.script(RETRIEVED, STATIC)

    with pytest.raises(ActionOutcomeUnknownError):
        await initiate(flavour, flavour.client(wire, settle_seconds=0.02))

    assert RETRIEVED not in [f"{request.method} {request.path}" for request in wire.requests]


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


def about(number: int) -> Reply:
    """Return an answer about another Droplet and another action."""
    droplet = {"id": number, "name": f"name-{number}", "status": "active"}
    return reply(200, {"action": action(number), "droplet": droplet})


READS: dict[str, Callable[[Flavour, Any], Any]] = {
    "retrieve_droplet": lambda flavour, client: flavour.call(client.gpu_droplets.retrieve, 7),
    "retrieve_action": lambda flavour, client: flavour.call(client.actions.retrieve, 7),
    "retrieve_droplet_action": lambda flavour, client: flavour.call(
        client.gpu_droplets.actions.retrieve, 7, droplet_id=DROPLET
    ),
}


def id_of(answer: Any) -> int:
    return int((answer.droplet if hasattr(answer, "droplet") else answer.action).id)


@pytest.mark.parametrize("read", READS.values(), ids=READS)
async def test_read_is_repeated_when_its_answer_is_about_another_id(
    flavour: Flavour, wire: WireServer, read: Callable[[Flavour, Any], Any], caplog: pytest.LogCaptureFixture
) -> None:
    wire.script("GET", about(17), about(7))

    assert id_of(await read(flavour, flavour.client(wire))) == 7

    assert wire.connections == 2, "the connection that gave a wrong answer is closed"
    assert caplog.records == []


@pytest.mark.parametrize("read", READS.values(), ids=READS)
async def test_validation_error_when_two_answers_are_about_others(
    flavour: Flavour, wire: WireServer, read: Callable[[Flavour, Any], Any]
) -> None:
    wire.script("GET", about(17), about(18))

    with pytest.raises(
        APIResponseValidationError, match=r"the answer is about .* 18, but .* 7 was requested"
    ) as caught:
        await read(flavour, flavour.client(wire))

    assert caught.value.fault_path in ("$.droplet.id", "$.action.id")
    assert wire.connections == 2


@pytest.mark.parametrize("is_raw", [False, True], ids=["parsed", "raw"])
async def test_answer_about_another_id_accepted_when_it_comes_twice(
    flavour: Flavour, wire: WireServer, is_raw: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """A server for tests gives its example to all, whichever id they ask for."""
    wire.script("GET", lambda _: about(17))
    droplets = flavour.client(wire).gpu_droplets

    answer = await flavour.call((droplets.with_raw_response if is_raw else droplets).retrieve, 7)
    answer = answer.parse() if is_raw else answer

    assert id_of(answer) == 17
    assert len(wire.requests) == 2
    (warning,) = caplog.messages
    assert "the answer is about droplet 17, but droplet 7 was requested, twice" in warning


async def test_update_is_repeated_when_its_answer_is_about_another_id(flavour: Flavour, wire: WireServer) -> None:
    wire.script("PUT", *(reply(200, {"image": {"id": number, "name": "a"}}) for number in (17, 7)))

    response = await flavour.call(flavour.client(wire).gpu_droplets.images.update, 7, name="a")

    assert response.image.id == 7
    assert len(wire.sent("PUT")) == 2


async def test_wait_does_not_end_by_another_actions_end(flavour: Flavour, wire: WireServer) -> None:
    other, own = action(17, status="completed"), action(7, status="errored")
    wire.script("GET /v2/actions/7", reply(200, {"action": other}), reply(200, {"action": own}))
    wire.script("GET", listed([]))

    with pytest.raises(ActionFailedError):
        await flavour.call(flavour.client(wire).actions.wait, 7, poll_interval=0.02)


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
