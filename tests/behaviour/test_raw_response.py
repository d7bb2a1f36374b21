"""``with_raw_response``: the answer as it came, read only when asked."""

from __future__ import annotations

import copy
import json
import pickle
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import pytest
from wire_server import RESET, WireServer, action, html, listed, reply

from gradient_async import (
    ActionInitiateResponse,
    ActionListResponse,
    APIResponseValidationError,
    InternalServerError,
    NotFoundError,
)
from gradient_async.emulator import Emulator

if TYPE_CHECKING:
    from collections.abc import Callable

    from flavours import Flavour

DROPLET = 3164444


async def test_status_headers_id_and_model_when_an_action_is_started(flavour: Flavour) -> None:
    async with Emulator() as emulator:
        client = flavour.client(emulator)

        raw = await flavour.call(client.gpu_droplets.actions.with_raw_response.initiate, DROPLET, type="reboot")

        assert raw.status == 201
        assert raw.headers["RateLimit-Limit"] == raw.headers["ratelimit-limit"] == "5000"
        assert raw.request_id == raw.headers["X-REQUEST-ID"]
        assert json.loads(raw.body)["action"]["type"] == "reboot"
        assert isinstance(raw.parse(), ActionInitiateResponse)
        assert raw.parse() is raw.parse()
        assert [attempt.outcome for attempt in raw.attempts] == ["answered"]
        assert not raw.is_adopted


async def test_body_that_is_no_json_fails_only_at_parse(flavour: Flavour, wire: WireServer) -> None:
    wire.script("GET", reply(200, b"<html>", {"X-Request-Id": "the-id"}))
    client = flavour.client(wire)

    raw = await flavour.call(client.actions.with_raw_response.list)

    assert (raw.status, raw.body, raw.request_id) == (200, b"<html>", "the-id")
    with pytest.raises(APIResponseValidationError) as caught:
        raw.parse()
    assert caught.value.request_id == "the-id"
    assert [attempt.status for attempt in caught.value.attempts] == [200]
    assert len(wire.requests) == 1


async def test_answer_of_the_list_when_the_actions_own_answer_was_lost(flavour: Flavour, wire: WireServer) -> None:
    wire.script("POST", RESET)
    wire.script("GET", lambda _: listed([action(7, x_new_field=1)]))
    client = flavour.client(wire)

    raw = await flavour.call(client.gpu_droplets.actions.with_raw_response.initiate, DROPLET, type="reboot")

    assert raw.is_adopted
    assert raw.status == 200
    assert json.loads(raw.body)["action"]["x_new_field"] == 1
    assert raw.parse().action.id == 7
    assert [attempt.outcome for attempt in raw.attempts] == ["unknown"]


async def test_every_attempt_kept_when_a_later_one_succeeded(flavour: Flavour, wire: WireServer) -> None:
    wire.script("GET", reply(503, headers={"X-Request-Id": "a"}), html(502), reply(200, {"actions": []}))
    client = flavour.client(wire)

    raw = await flavour.call(client.gpu_droplets.actions.with_raw_response.list, DROPLET)

    assert isinstance(raw.parse(), ActionListResponse)
    assert [(attempt.number, attempt.status, attempt.request_id) for attempt in raw.attempts] == [
        (1, 503, "a"),
        (2, 502, None),
        (3, 200, None),
    ]


async def test_answer_has_the_retired_sdks_names_too(flavour: Flavour, wire: WireServer) -> None:
    wire.script("GET", reply(200, {"droplets": []}), html(200))
    droplets = flavour.client(wire).gpu_droplets.with_raw_response
    raw = await flavour.call(droplets.list)
    assert (raw.status_code, raw.json(), raw.text()) == (200, {"droplets": []}, '{"droplets": []}')
    broken = await flavour.call(droplets.list)
    assert "<html>" in broken.text()
    with pytest.raises(ValueError, match="Expecting value"):
        broken.json()


@pytest.mark.parametrize(("answer", "error_class"), [(reply(404), NotFoundError), (html(502), InternalServerError)])
async def test_error_raised_as_ever_when_the_server_refuses(
    flavour: Flavour, wire: WireServer, answer: object, error_class: type[Exception]
) -> None:
    wire.script("GET", answer)  # type: ignore[arg-type]  # a Reply
    client = flavour.client(wire, max_retries=0)

    with pytest.raises(error_class):
        await flavour.call(client.gpu_droplets.with_raw_response.retrieve, DROPLET)


async def test_resource_itself_unchanged_when_its_raw_twin_was_used(flavour: Flavour, wire: WireServer) -> None:
    wire.script("GET", reply(200, {"action": action(7), "actions": [action(7)]}))
    client = flavour.client(wire)
    resource = client.gpu_droplets.actions

    raw = await flavour.call(resource.with_raw_response.retrieve, 7, droplet_id=DROPLET)
    plain = await flavour.call(resource.retrieve, 7, droplet_id=DROPLET)

    assert raw.parse() == plain
    assert [one.id for one in await flavour.items(resource.list_all(DROPLET))] == [7]


READS: dict[str, tuple[str, tuple[object, ...], dict[str, object]]] = {
    "list": ("gpu_droplets.with_raw_response.list", (), {}),
    "by-tag": ("gpu_droplets.with_raw_response.list", (), {"tag_name": "training"}),
    "by-tag-and-kind": ("gpu_droplets.with_raw_response.list", (), {"tag_name": "training", "type": "gpus"}),
    "droplet": ("gpu_droplets.with_raw_response.retrieve", (DROPLET,), {}),
    "any-path": ("with_raw_response.get", ("/v2/account",), {}),
    "create": ("tags.with_raw_response.create", (), {"name": "training", "extra_headers": {"X-Own": "a-secret-text"}}),
}


@pytest.mark.parametrize("copied", [lambda raw: pickle.loads(pickle.dumps(raw)), copy.deepcopy, copy.copy])
@pytest.mark.parametrize(("method", "arguments", "options"), READS.values(), ids=READS)
async def test_copy_of_an_answer_has_all_of_it(
    flavour: Flavour, method: str, arguments: tuple[object, ...], options: dict[str, Any], copied: Callable[[Any], Any]
) -> None:
    async with Emulator() as emulator:
        client = flavour.client(emulator)
        raw = await flavour.call(attrgetter(method)(client), *arguments, **options)

        for one in (copied(raw), copied(copied(raw))):
            assert (one.status, one.body, one.attempts) == (raw.status, raw.body, raw.attempts)
            assert dict(one.headers) == dict(raw.headers)
            assert one.request_id == one.headers["X-REQUEST-ID"] == raw.request_id
            assert one.parse() == raw.parse()


async def test_pickle_of_an_answer_has_no_secret(flavour: Flavour) -> None:
    async with Emulator() as emulator:
        client = flavour.client(emulator)
        own = {"X-Own": "a-secret-text"}
        raw = await flavour.call(client.gpu_droplets.with_raw_response.list, extra_headers=own)

        pickled = pickle.dumps(raw)

        assert emulator.token.encode() not in pickled
        assert b"a-secret-text" not in pickled
