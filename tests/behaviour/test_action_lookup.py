"""P1 byte by byte: the Droplet's list of actions decides whether a request with a lost answer was executed."""

from __future__ import annotations

import asyncio
import pickle
import time
from email.utils import formatdate
from typing import TYPE_CHECKING, Any

import pytest
from wire_server import (
    CLOSE,
    HANG,
    RESET,
    Reply,
    WireRequest,
    WireServer,
    action,
    created,
    html,
    listed,
    reply,
    stamp,
    until,
)

from gradient_async import ActionOutcomeUnknownError, APIConnectionError, PendingEventError

if TYPE_CHECKING:
    from flavours import Flavour

DROPLET = 3164444
ADAY = 86_400
PENDING = reply(422, {"id": "unprocessable_entity", "message": "Droplet already has a pending event."})
NEVER_TWICE = "it was not sent again"


async def initiate(flavour: Flavour, client: Any, type: str = "reboot") -> Any:
    """Return the raw reply, which shows how it was obtained."""
    return await flavour.call(client.gpu_droplets.actions.with_raw_response.initiate, droplet_id=DROPLET, type=type)


def found(raw: Any) -> tuple[int, bool]:
    return raw.parse().action.id, raw.is_adopted


async def test_request_sent_again_when_the_connection_is_refused(
    flavour: Flavour, caplog: pytest.LogCaptureFixture
) -> None:
    server = WireServer()
    server.script("POST", created(7))
    client = flavour.client(server, max_retries=1000)
    calling = asyncio.create_task(initiate(flavour, client))
    try:
        await until(lambda: any("not_sent" in record.getMessage() for record in caplog.records))
        await server.start()
        raw = await calling
    finally:
        await server.stop()

    assert found(raw) == (7, False)
    assert [request.method for request in server.requests] == ["POST"]
    *refused, last = raw.attempts
    assert refused
    assert {attempt.outcome for attempt in refused} == {"not_sent"}
    assert {attempt.status for attempt in refused} == {None}
    assert last.outcome == "answered"


async def test_bulk_request_sent_again_when_the_connection_is_refused(
    flavour: Flavour, caplog: pytest.LogCaptureFixture
) -> None:
    server = WireServer()
    server.script("POST", reply(201, {"actions": [action(7, type="shutdown"), action(8, type="shutdown")]}))
    client = flavour.client(server, max_retries=1000)
    method = client.gpu_droplets.actions.bulk_initiate
    calling = asyncio.create_task(flavour.call(method, tag_name="ml", type="shutdown"))
    try:
        await until(lambda: any("not_sent" in record.getMessage() for record in caplog.records))
        await server.start()
        response = await calling
    finally:
        await server.stop()

    assert [one.id for one in response.actions] == [7, 8]
    assert [request.target for request in server.requests] == ["/v2/droplets/actions?tag_name=ml"]


async def test_error_says_not_sent_when_all_connections_are_refused(flavour: Flavour) -> None:
    server = WireServer()
    client = flavour.client(server)

    with pytest.raises(APIConnectionError, match="nothing was sent") as caught:
        await initiate(flavour, client)
    await server.stop()

    assert [attempt.outcome for attempt in caught.value.attempts] == ["not_sent"] * 3


@pytest.mark.parametrize(
    "lost",
    [
        RESET,
        CLOSE,
        HANG,
        Reply(data=b"HTTP/1.1 201 Cre", then="close"),
        Reply(data=b"HTTP/1.1 201 Created\r\nContent-Le", then="reset"),
        Reply(data=b"this is no HTTP\r\n\r\n", then="close"),
        Reply(data=b"HTTP/1.1 201 Created\r\nContent-Length: 300\r\n\r\n", then="hang"),
        reply(201, {"action": action(7)}, then="close", cut=30),
        reply(201, {"action": action(7)}, then="reset", cut=30),
        reply(201, {"action": action(7)}, then="hang", cut=30),
        Reply(data=b"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{", then="close"),
        reply(201),
        reply(204),
        reply(202, b"<html>accepted</html>"),
        reply(200, b"null"),
        reply(201, {"action": None}),
        reply(201, {"action": {"id": "7", "status": "in-progress", "type": "reboot"}}),
        reply(201, {"actions": [action(7)]}),
        reply(408, {"id": "request_timeout", "message": "Request Timeout"}),
        reply(500, {"id": "server_error", "message": "Unexpected server-side error"}),
        reply(501),
        html(502),
        reply(503, headers={"Retry-After": "0"}),
        html(504),
        html(524),
        reply(599),
    ],
    ids=lambda lost: f"{lost.data[9:12].decode() or 'nothing'}-{lost.then}",
)
async def test_listed_action_adopted_when_the_answer_is_lost(flavour: Flavour, wire: WireServer, lost: Reply) -> None:
    wire.script("POST", lost)
    wire.script("GET", lambda _: listed([action(7)]))
    client = flavour.client(wire, timeout=0.5)

    raw = await initiate(flavour, client)

    assert found(raw) == (7, True)
    assert len(wire.sent("POST")) == 1
    assert {request.path for request in wire.sent("GET")} == {f"/v2/droplets/{DROPLET}/actions"}


@pytest.mark.parametrize("lost", [RESET, CLOSE, html(502)], ids=["reset", "close", "502"])
async def test_request_sent_again_when_the_list_stays_without_it(
    flavour: Flavour, wire: WireServer, lost: Reply
) -> None:
    wire.script("POST", lost, created(8))
    wire.script("GET", listed([]))
    client = flavour.client(wire, settle_seconds=0.1)

    raw = await initiate(flavour, client)

    assert found(raw) == (8, False)
    assert len(wire.sent("POST")) == 2
    first, second = wire.sent("POST")
    assert second.at - first.at >= 0.1, "the action gets the settling time to show"
    assert first.body == second.body
    assert len(wire.sent("GET")) > 1


async def test_action_adopted_when_the_list_shows_it_late(flavour: Flavour, wire: WireServer) -> None:
    wire.script("POST", RESET)
    wire.script("GET", listed([]), listed([]), lambda _: listed([action(7)]))
    client = flavour.client(wire)

    raw = await initiate(flavour, client)

    assert found(raw) == (7, True)
    assert len(wire.sent("POST")) == 1


async def test_outcome_unknown_when_two_actions_may_be_the_result(flavour: Flavour, wire: WireServer) -> None:
    wire.script("POST", RESET)
    wire.script("GET", lambda _: listed([action(9), action(8)]))
    client = flavour.client(wire)

    with pytest.raises(ActionOutcomeUnknownError, match=NEVER_TWICE) as caught:
        await initiate(flavour, client)

    error = caught.value
    assert [candidate.id for candidate in error.candidates] == [9, 8]
    assert (error.method, error.path) == ("POST", f"/v2/droplets/{DROPLET}/actions")
    assert (error.droplet_id, error.type) == (DROPLET, "reboot")
    assert [attempt.outcome for attempt in error.attempts] == ["unknown"]
    assert not isinstance(error, APIConnectionError)
    assert [one.id for one in pickle.loads(pickle.dumps(error)).candidates] == [9, 8]
    assert len(wire.sent("POST")) == 1


@pytest.mark.parametrize(
    "page",
    [
        reply(401, {"id": "unauthorized", "message": "Unable to authenticate you."}),
        reply(403, {"id": "forbidden", "message": "You do not have permission to perform this action."}),
        reply(404, {"id": "not_found", "message": "The resource you were accessing could not be found."}),
        reply(429, {"id": "Too Many Requests", "message": "Too many requests"}, {"Retry-After": "3600"}),
        reply(500, {"id": "server_error", "message": "Unexpected server-side error"}),
        html(502),
        reply(302, headers={"Location": "/elsewhere"}),
        reply(200, b"<html>200, but no list</html>"),
        pytest.param(reply(200, {"actions": None}), marks=pytest.mark.unusual_answers),
        reply(200, {"actions": [{"id": 1}]}),
        reply(200, {"actions": [action(7)]}, then="close", cut=20),
        RESET,
        HANG,
    ],
    ids=["401", "403", "404", "429", "500", "502", "302", "html", "null", "wrong-shape", "cut-off", "reset", "hang"],
)
async def test_outcome_unknown_when_the_list_cannot_be_read(flavour: Flavour, wire: WireServer, page: Reply) -> None:
    wire.script("POST", RESET)
    wire.script("GET", page)
    client = flavour.client(wire, timeout=0.5, max_retries=1)

    with pytest.raises(ActionOutcomeUnknownError, match=NEVER_TWICE) as caught:
        await initiate(flavour, client)

    assert caught.value.candidates == ()
    assert caught.value.__cause__ is not None
    assert len(wire.sent("POST")) == 1


async def test_action_adopted_when_the_second_read_of_the_list_works(flavour: Flavour, wire: WireServer) -> None:
    wire.script("POST", RESET)
    wire.script("GET", html(502), RESET, listed([action(7)]))
    client = flavour.client(wire)

    assert found(await initiate(flavour, client)) == (7, True)
    assert len(wire.sent("POST")) == 1


@pytest.mark.parametrize(
    "stranger",
    [
        {"age": 30, "took": 25},
        {"age": 3 * 3600},
        {"age": ADAY},
        {"type": "power_cycle"},
        {"type": "droplet_metadata_create"},
        {"resource_id": 1, "resource_type": "image"},
    ],
    ids=str,
)
async def test_actions_of_others_ignored_when_the_answer_is_lost(
    flavour: Flavour, wire: WireServer, stranger: dict[str, Any]
) -> None:
    def other() -> dict[str, object]:
        changes = dict(stranger)
        if took := changes.pop("took", None):
            changes |= {"status": "completed", "completed_at": stamp(changes["age"] - took)}
        return action(5, **changes)

    wire.script("POST", RESET, created(8))
    wire.script("GET", lambda _: listed([other()]))
    client = flavour.client(wire, settle_seconds=0.02)

    assert found(await initiate(flavour, client)) == (8, False)
    assert len(wire.sent("POST")) == 2

    wire.script("POST", RESET)
    wire.script("GET", lambda _: listed([action(9), other()]))
    assert found(await initiate(flavour, client)) == (9, True)


@pytest.mark.parametrize("skew", [-3600.0, 3600.0, -86_400.0])
@pytest.mark.parametrize("is_executed", [True, False])
async def test_server_clock_decides_when_the_clocks_differ(
    flavour: Flavour, wire: WireServer, skew: float, is_executed: bool
) -> None:
    def page(_: WireRequest) -> Reply:
        older = action(5, age=ADAY - skew)
        actions = [action(7, age=-skew), older] if is_executed else [older]
        return reply(200, {"actions": actions}, {"Date": formatdate(time.time() + skew, usegmt=True)})

    wire.script("POST", RESET, created(8))
    wire.script("GET", page)
    client = flavour.client(wire, settle_seconds=0.02)

    assert found(await initiate(flavour, client)) == ((7, True) if is_executed else (8, False))
    assert len(wire.sent("POST")) == (1 if is_executed else 2)


@pytest.mark.parametrize("date", ["", "yesterday", "Tue, 99 Nov 2026 99:99:99 GMT"])
async def test_action_adopted_by_local_clock_when_there_is_no_date(
    flavour: Flavour, wire: WireServer, date: str
) -> None:
    wire.script("POST", RESET)
    wire.script("GET", lambda _: reply(200, {"actions": [action(7), action(5, age=30)]}, {"Date": date}))
    client = flavour.client(wire)

    assert found(await initiate(flavour, client)) == (7, True)


async def test_action_found_on_a_later_page_when_the_oldest_come_first(flavour: Flavour, wire: WireServer) -> None:
    def page(request: WireRequest) -> Reply:
        actions = [action(number, age=ADAY * (60 - number)) for number in range(1, 45)] + [action(99)]
        start = (int(request.query["page"]) - 1) * int(request.query["per_page"])
        return listed(actions[start : start + int(request.query["per_page"])])

    wire.script("POST", RESET)
    wire.script("GET", page)
    client = flavour.client(wire)

    assert found(await initiate(flavour, client)) == (99, True)
    assert len(wire.sent("POST")) == 1


async def test_action_found_on_page_two_when_page_one_has_newer_ones(flavour: Flavour, wire: WireServer) -> None:
    def page(request: WireRequest) -> Reply:
        actions = [action(200 - number, type="rename") for number in range(30)] + [action(100), action(5, age=30)]
        start = (int(request.query["page"]) - 1) * int(request.query["per_page"])
        return listed(actions[start : start + int(request.query["per_page"])])

    wire.script("POST", RESET)
    wire.script("GET", page)
    client = flavour.client(wire)

    assert found(await initiate(flavour, client)) == (100, True)


async def test_outcome_unknown_when_page_two_has_another_candidate(flavour: Flavour, wire: WireServer) -> None:
    def page(request: WireRequest) -> Reply:
        actions = [action(100), *(action(99 - number, type="rename") for number in range(25)), action(50)]
        start = (int(request.query["page"]) - 1) * int(request.query["per_page"])
        return listed(actions[start : start + int(request.query["per_page"])])

    wire.script("POST", RESET)
    wire.script("GET", page)
    client = flavour.client(wire)

    with pytest.raises(ActionOutcomeUnknownError) as caught:
        await initiate(flavour, client)

    assert [candidate.id for candidate in caught.value.candidates] == [100, 50]


@pytest.mark.parametrize(
    "more",
    [{"meta": {"total": 5}}, {"links": {"pages": {"next": "https://api.example/v2/droplets/7/actions?page=2"}}}],
    ids=["total", "next"],
)
@pytest.mark.parametrize("shown", [[], [action(5, type="rename")]], ids=["none", "another"])
async def test_not_sent_again_when_the_list_shows_less_than_it_has(
    flavour: Flavour, wire: WireServer, shown: list[Any], more: dict[str, Any]
) -> None:
    wire.script("POST", RESET)
    wire.script("GET", lambda request: listed(shown if request.query["page"] == "1" else [], **more))
    client = flavour.client(wire, settle_seconds=0.1)

    with pytest.raises(ActionOutcomeUnknownError, match="shorter than the list itself announces"):
        await initiate(flavour, client)

    assert len(wire.sent("POST")) == 1


async def test_action_adopted_when_the_list_shows_less_than_it_has(flavour: Flavour, wire: WireServer) -> None:
    wire.script("POST", RESET)
    wire.script("GET", lambda request: listed([action(7)] if request.query["page"] == "1" else [], meta={"total": 5}))
    client = flavour.client(wire)

    assert found(await initiate(flavour, client)) == (7, True)


async def test_action_found_when_the_pages_are_shorter_than_asked_for(flavour: Flavour, wire: WireServer) -> None:
    def page(request: WireRequest) -> Reply:
        actions = [action(number, age=ADAY * (60 - number), type="rename") for number in range(1, 8)] + [action(99)]
        start = (int(request.query["page"]) - 1) * 3
        return listed(actions[start : start + 3], meta={"total": len(actions)})

    wire.script("POST", RESET)
    wire.script("GET", page)
    client = flavour.client(wire)

    assert found(await initiate(flavour, client)) == (99, True)
    assert len(wire.sent("POST")) == 1


async def test_outcome_unknown_when_the_list_never_ends(flavour: Flavour, wire: WireServer) -> None:
    wire.script("POST", RESET)
    wire.script("GET", lambda _: listed([action(number, type="rename") for number in range(20)]))
    client = flavour.client(wire)

    with pytest.raises(ActionOutcomeUnknownError):
        await initiate(flavour, client)

    assert len(wire.sent("POST")) == 1
    assert len(wire.sent("GET")) <= 20


async def test_late_action_adopted_when_the_retry_finds_it_pending(flavour: Flavour, wire: WireServer) -> None:
    wire.script("POST", RESET, PENDING)
    wire.script("GET", lambda _: listed([action(7)] if len(wire.sent("POST")) == 2 else []))
    client = flavour.client(wire, settle_seconds=0.05)

    raw = await initiate(flavour, client)

    assert found(raw) == (7, True)
    assert len(wire.sent("POST")) == 2
    assert [attempt.outcome for attempt in raw.attempts] == ["unknown", "rejected"]


async def test_late_power_off_adopted_when_the_retry_finds_it_off(flavour: Flavour, wire: WireServer) -> None:
    wire.script("POST", CLOSE, reply(422, {"id": "unprocessable_entity", "message": "Droplet is already powered off."}))

    def page(_: WireRequest) -> Reply:
        return listed([action(7, type="power_off", status="completed")] if len(wire.sent("POST")) == 2 else [])

    wire.script("GET", page)
    client = flavour.client(wire, settle_seconds=0.05)

    assert found(await initiate(flavour, client, "power_off")) == (7, True)


async def test_pending_event_error_when_the_retry_meets_another_event(flavour: Flavour, wire: WireServer) -> None:
    wire.script("POST", RESET, PENDING)
    wire.script("GET", lambda _: listed([action(7, type="snapshot")]))
    client = flavour.client(wire, settle_seconds=0.05)

    with pytest.raises(PendingEventError) as caught:
        await initiate(flavour, client)

    assert [attempt.outcome for attempt in caught.value.attempts] == ["unknown", "rejected"]
    assert len(wire.sent("POST")) == 2


async def test_late_action_adopted_when_the_second_request_is_lost_too(flavour: Flavour, wire: WireServer) -> None:
    wire.script("POST", RESET, HANG)
    wire.script("GET", lambda _: listed([action(7)] if len(wire.sent("POST")) == 2 else []))
    client = flavour.client(wire, settle_seconds=0.05, timeout=0.5)

    assert found(await initiate(flavour, client)) == (7, True)
    assert len(wire.sent("POST")) == 2


async def test_first_reboot_not_adopted_by_a_second_in_the_same_second(flavour: Flavour, wire: WireServer) -> None:
    wire.script("POST", created(7), RESET)
    client = flavour.client(wire)

    assert found(await initiate(flavour, client)) == (7, False)
    wire.script("GET", listed([action(8), action(7)]))
    assert found(await initiate(flavour, client)) == (8, True)

    wire.script("POST", RESET, created(9))
    wire.script("GET", listed([action(8), action(7)]))
    copy = client.with_options(settle_seconds=0.02)
    assert found(await initiate(flavour, copy)) == (9, False)
    assert len(wire.sent("POST")) == 4


async def test_lookup_has_the_requests_timeout_when_the_list_hangs(flavour: Flavour, wire: WireServer) -> None:
    wire.script("POST", RESET)
    wire.script("GET", HANG)
    client = flavour.client(wire, timeout=60, max_retries=0)
    started = time.monotonic()

    with pytest.raises(ActionOutcomeUnknownError):
        await flavour.call(client.gpu_droplets.actions.initiate, DROPLET, type="reboot", timeout=0.2)

    assert time.monotonic() - started < 12


async def test_one_adopts_and_one_is_resent_when_one_was_executed(flavour: Flavour, wire: WireServer) -> None:
    wire.script("POST", RESET, RESET, created(8))
    wire.script("GET", lambda _: listed([action(7)]))
    client = flavour.client(wire, settle_seconds=0.05)

    both = await asyncio.gather(initiate(flavour, client), initiate(flavour, client))

    assert sorted(found(raw) for raw in both) == [(7, True), (8, False)]
    assert len(wire.sent("POST")) == 3


async def test_action_not_adopted_while_its_own_request_waits(flavour: Flavour, wire: WireServer) -> None:
    wire.script("POST", Reply(data=created(7).data, delay_seconds=0.3), RESET, created(8))
    wire.script("GET", lambda _: listed([action(7)]))
    client = flavour.client(wire, settle_seconds=0.05)

    first = asyncio.create_task(initiate(flavour, client))
    await wire.seen(method="POST")
    second = asyncio.create_task(initiate(flavour, client))
    outcomes = await asyncio.gather(first, second, return_exceptions=True)

    assert found(outcomes[0]) == (7, False)
    if isinstance(outcomes[1], BaseException):
        assert isinstance(outcomes[1], ActionOutcomeUnknownError)
    else:
        assert found(outcomes[1]) == (8, False)


async def test_request_arrives_once_when_the_connection_was_closed(flavour: Flavour, wire: WireServer) -> None:
    wire.script("POST", Reply(data=created(7).data, then="close"), created(8))
    wire.script("GET", listed([action(7)]))
    client = flavour.client(wire, settle_seconds=0.05)
    await initiate(flavour, client)

    raw = await initiate(flavour, client)

    assert found(raw) == (8, False)
    assert len(wire.sent("POST")) == 2
