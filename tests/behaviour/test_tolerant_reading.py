"""P7: what the API may add or leave out is read; what is no answer becomes one typed error, which says where."""

from __future__ import annotations

import json
import operator
import pickle
import traceback
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from wire_server import Reply, WireServer, action, html, reply

from gradient_async import (
    APIConnectionError,
    APIResponseValidationError,
    APIStatusError,
    GradientAIError,
    InternalServerError,
)
from gradient_async.emulator import (
    Behaviour,
    Emulator,
    MalformedJSON,
    RegionAs,
    UnknownFields,
    UnknownStatus,
)

if TYPE_CHECKING:
    from flavours import Flavour

DROPLET = 3164444
OWN = ("gradient_async", "gradient_sync", "builtins")
LIST: dict[str, Any] = {"actions": [], "links": {}, "meta": {"total": 0}}


async def retrieve(flavour: Flavour, wire: WireServer, body: object, action_id: int = 7) -> Any:
    wire.script("GET", reply(200, body))
    return await flavour.call(flavour.client(wire, max_retries=0).actions.retrieve, action_id)


async def test_everything_read_when_every_object_has_unknown_fields(flavour: Flavour) -> None:
    faults = [UnknownFields(), UnknownStatus("queued")]
    async with Emulator(faults=faults) as emulator:
        client = flavour.client(emulator)

        started = (await flavour.call(client.gpu_droplets.actions.initiate, DROPLET, type="reboot")).action
        droplets = (await flavour.call(client.gpu_droplets.list)).droplets
        droplet = (await flavour.call(client.gpu_droplets.retrieve, DROPLET)).droplet
        actions = (await flavour.call(client.gpu_droplets.actions.list, DROPLET)).actions
        read = (await flavour.call(client.actions.retrieve, started.id)).action

        assert [one.id for one in droplets] == [droplet.id] == [DROPLET]
        assert [one.type for one in actions] == ["reboot", "create"]
        assert read == started
        assert (read.status, read.is_finished) == ("queued", False)


@pytest.mark.parametrize(
    ("form", "slug"),
    [
        ("object", "tor1"),
        pytest.param("string", "tor1", marks=pytest.mark.unusual_answers),
        ("null", None),
        ("absent", None),
    ],
    ids=str,
)
async def test_action_read_when_its_region_has_another_form(flavour: Flavour, form: Any, slug: str | None) -> None:
    async with Emulator(faults=[RegionAs(form)]) as emulator:
        client = flavour.client(emulator)

        read = (await flavour.call(client.gpu_droplets.actions.initiate, DROPLET, type="reboot")).action

        assert (read.region.slug if read.region else None) == slug
        assert read.region_slug == "tor1"


@pytest.mark.parametrize("links", ["empty", "empty_pages", "absent"])
async def test_list_read_when_a_single_page_has_no_links(flavour: Flavour, links: Any) -> None:
    async with Emulator(behaviour=Behaviour(single_page_links=links)) as emulator:
        client = flavour.client(emulator)

        response = await flavour.call(client.actions.list)

        assert len(response.actions) == 1
        assert response.links.pages.next is None
        assert len(await flavour.items(client.actions.list_all())) == 1


@pytest.mark.parametrize(
    "body",
    [
        LIST | {"links": None},
        LIST | {"links": {"pages": None}},
        LIST | {"links": {"pages": {"next": None, "last": None}}},
        LIST | {"meta": None},
        LIST | {"meta": {}},
        LIST | {"meta": {"total": None}},
        {"actions": []},
    ],
    ids=json.dumps,
)
async def test_list_read_when_what_is_around_it_is_null_or_missing(
    flavour: Flavour, wire: WireServer, body: dict[str, object]
) -> None:
    wire.script("GET", reply(200, body))
    client = flavour.client(wire)

    assert (await flavour.call(client.actions.list)).actions == ()
    assert await flavour.items(client.actions.list_all()) == []


UUID = "506f78a4-e098-11e5-ad9f-000f53306ae1"
LISTS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "droplets": ("droplets", "gpu_droplets.list", ()),
    "keys": ("ssh_keys", "gpu_droplets.account.keys.list", ()),
    "volumes": ("volumes", "gpu_droplets.volumes.list", ()),
    "snapshots": ("snapshots", "gpu_droplets.snapshots.list", ()),
    "tags": ("tags", "tags.list", ()),
    "members-of-a-vpc": ("members", "vpcs.list_members", (UUID,)),
    "resources": ("resources", "projects.list_resources", (UUID,)),
    "history": ("history", "gpu_droplets.autoscale.list_history", (UUID,)),
}


@pytest.mark.unusual_answers
@pytest.mark.parametrize(("field", "method", "arguments"), LISTS.values(), ids=LISTS)
async def test_list_empty_when_the_server_writes_null_for_it(
    flavour: Flavour, wire: WireServer, field: str, method: str, arguments: tuple[str, ...]
) -> None:
    wire.script("GET", reply(200, {field: None, "meta": {"total": 0}}))
    client = flavour.client(wire)

    assert getattr(await flavour.call(operator.attrgetter(method)(client), *arguments), field) == ()


@pytest.mark.unusual_answers
async def test_policies_empty_when_the_server_writes_null_for_them(flavour: Flavour, wire: WireServer) -> None:
    wire.script("GET", reply(200, {"policies": None, "meta": {"total": 0}}))
    client = flavour.client(wire)

    assert (await flavour.call(client.gpu_droplets.backups.list_policies)).policies == {}


@pytest.mark.unusual_answers
async def test_null_list_is_short_when_the_total_is_above_zero(flavour: Flavour, wire: WireServer) -> None:
    wire.script("GET", reply(200, {"volumes": None, "meta": {"total": 2}}))
    client = flavour.client(wire)

    with pytest.raises(GradientAIError, match="the list is short: it announces 2 items, and its pages have 0"):
        await flavour.items(client.gpu_droplets.volumes.list_all())


async def test_validation_error_when_the_list_is_missing(flavour: Flavour, wire: WireServer) -> None:
    wire.script("GET", reply(200, {"meta": {"total": 0}}))
    client = flavour.client(wire)

    with pytest.raises(APIResponseValidationError, match="'volumes'"):
        await flavour.call(client.gpu_droplets.volumes.list)


@pytest.mark.parametrize(
    "changes",
    [
        {"started_at": None},
        {"completed_at": "2026-11-23T10:00:00Z"},
        {"completed_at": "2026-11-23T10:00:00.123456+00:00"},
        pytest.param({"started_at": 1416614400}, marks=pytest.mark.unusual_answers),
        {"resource_id": None, "resource_type": "volume"},
        {"resource_type": None},
        {"resource_type": "backend"},
        {"type": "assign_ip"},
        {"status": ""},
        {"region_slug": None},
        {"region": {"slug": "ric1"}},
        {"region": {"slug": "ric1", "sizes": None, "features": None, "name": None, "available": None}},
        {"id": 2**63},
    ],
    ids=str,
)
async def test_action_read_when_a_field_is_unusual(flavour: Flavour, wire: WireServer, changes: dict[str, Any]) -> None:
    action_id = changes.get("id", 7)

    read = (await retrieve(flavour, wire, {"action": action(action_id) | changes}, action_id)).action

    assert read.id == action_id


async def test_action_read_when_it_has_only_what_is_needed(flavour: Flavour, wire: WireServer) -> None:
    read = (await retrieve(flavour, wire, {"action": {"id": 7, "status": "completed", "type": "reboot"}})).action

    assert (read.started_at, read.region, read.resource_id) == (None, None, None)
    assert read.is_completed


async def test_times_are_utc_when_they_are_read(flavour: Flavour, wire: WireServer) -> None:
    read = (await retrieve(flavour, wire, {"action": action(7, started_at="2026-11-23T10:00:00Z")})).action

    assert read.started_at == datetime(2026, 11, 23, 10, tzinfo=UTC)


FAULTY: dict[str, tuple[bytes | object, str]] = {
    "html": (b"<!DOCTYPE html><html>", "$"),
    "empty": (b"", "$"),
    "white": (b" \r\n ", "$"),
    "cut": (b'{"action": {"id": 7, "stat', "$"),
    "no-utf-8": (b'{"action": "\xff\xfe"}', "$"),
    "nested": (b"[" * 100_000, "$"),
    "huge-number": (b'{"action":{"id":' + b"9" * 5000 + b',"status":"a","type":"b"}}', "$"),
    "null": (b"null", "$"),
    "array": ([], "$"),
    "text": ("reboot", "$"),
    "no-envelope": (action(), "$.action"),
    "error-in-200": ({"id": "not_found", "message": "no"}, "$.action"),
    "null-action": ({"action": None}, "$.action"),
    "action-list": ({"action": [action()]}, "$.action"),
    "no-id": ({"action": {"status": "completed", "type": "reboot"}}, "$.action.id"),
    "text-id": ({"action": action(id="7")}, "$.action.id"),
    "float-id": ({"action": action(id=7.0)}, "$.action.id"),
    "bool-id": ({"action": action(id=True)}, "$.action.id"),
    "null-status": ({"action": action(status=None)}, "$.action.status"),
    "number-status": ({"action": action(status=3)}, "$.action.status"),
    "no-type": ({"action": {"id": 7, "status": "completed"}}, "$.action.type"),
    "no-date": ({"action": action(started_at="yesterday")}, "$.action.started_at"),
    "number-region": ({"action": action(region=3)}, "$.action.region"),
    "features": ({"action": action(region={"slug": "a", "features": ["a", 1]})}, "$.action.region.features[1]"),
}


@pytest.mark.parametrize(("body", "fault_path"), FAULTY.values(), ids=FAULTY)
async def test_validation_error_with_the_path_when_the_answer_is_none(
    flavour: Flavour, wire: WireServer, body: object, fault_path: str
) -> None:
    with pytest.raises(APIResponseValidationError) as caught:
        await retrieve(flavour, wire, body)

    error = caught.value
    # A missing field can be reported at its own place or at its object's.
    assert error.fault_path in {fault_path, fault_path.rpartition(".")[0]}
    assert (error.status, error.method, error.path) == (200, "GET", "/v2/actions/7")
    assert len(error.excerpt) <= 200
    assert len(str(error)) < 1000
    assert only_own_errors(error)
    assert pickle.loads(pickle.dumps(error)).fault_path == error.fault_path


async def test_place_in_a_list_named_when_one_item_is_faulty(flavour: Flavour, wire: WireServer) -> None:
    wire.script("GET", reply(200, {"actions": [action(1), action(2), action(3, status=None)]}))
    client = flavour.client(wire)

    with pytest.raises(APIResponseValidationError) as caught:
        await flavour.call(client.actions.list)

    assert caught.value.fault_path.startswith("$.actions[2]")


@pytest.mark.parametrize("fault", [MalformedJSON()], ids=["malformed"])
async def test_validation_error_when_the_json_is_cut(flavour: Flavour, fault: MalformedJSON) -> None:
    async with Emulator(faults=[fault]) as emulator:
        client = flavour.client(emulator)

        with pytest.raises(APIResponseValidationError) as caught:
            await flavour.call(client.gpu_droplets.list)

        assert only_own_errors(caught.value)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (html(502), "502"),
        (reply(500), "500"),
        (reply(503, b"\xff\xfe\x00" * 5000), "503"),
        (reply(404, {"id": 7, "message": ["no", "text"]}), "404"),
        (reply(404, []), "404"),
        (reply(400, {"error": "bad tag", "messages": ["a"], "root_causes": []}), "bad tag"),
        (reply(422, {"id": "unprocessable_entity", "message": "No room.", "error_attributes": {"a": [1]}}), "No room"),
        (reply(418, b"{"), "418"),
        (reply(304), "304"),
    ],
    ids=["html", "empty", "bytes", "odd", "array", "tags", "attributes", "cut", "304"],
)
async def test_status_error_has_a_short_excerpt_of_an_odd_body(
    flavour: Flavour, wire: WireServer, answer: Any, expected: str
) -> None:
    wire.script("GET", answer)
    client = flavour.client(wire, max_retries=0)

    with pytest.raises(APIStatusError, match=expected) as caught:
        await flavour.call(client.actions.retrieve, 7)

    assert len(caught.value.excerpt) <= 200
    assert len(str(caught.value)) < 600
    assert only_own_errors(caught.value)
    copy = pickle.loads(pickle.dumps(caught.value))
    assert (type(copy), str(copy), copy.attempts) == (type(caught.value), str(caught.value), caught.value.attempts)


async def test_html_text_kept_short_when_a_gateway_answers(flavour: Flavour, wire: WireServer) -> None:
    wire.script("GET", html(504))
    client = flavour.client(wire, max_retries=0)

    with pytest.raises(InternalServerError) as caught:
        await flavour.call(client.actions.retrieve, 7)

    assert caught.value.body is None
    assert "Bad gateway" in caught.value.excerpt


@pytest.mark.parametrize(
    "data",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nBad Header\r\n\r\n",
        b"HTTP/1.1 99999 No\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"a" * 20_000 + b"\r\n\r\n",
        b"\x16\x03\x01\x00\xa5",
        b"SSH-2.0-OpenSSH_9.6\r\n",
    ],
    ids=["length", "header", "status", "gzip", "chunk", "long-header", "tls", "ssh"],
)
async def test_connection_error_when_the_answer_is_no_http(flavour: Flavour, wire: WireServer, data: bytes) -> None:
    wire.script("GET", Reply(data=data, then="close"))
    client = flavour.client(wire, max_retries=0)

    with pytest.raises(APIConnectionError):
        await flavour.call(client.actions.retrieve, 7)


async def test_connection_error_when_the_host_does_not_exist(flavour: Flavour) -> None:
    client = flavour.client(access_token="t", base_url="http://no-such-host.invalid", max_retries=0)

    with pytest.raises(APIConnectionError, match="nothing was sent") as caught:
        await flavour.call(client.gpu_droplets.actions.initiate, 1, type="reboot")

    assert isinstance(caught.value, GradientAIError)


def only_own_errors(error: BaseException) -> bool:
    """Neither the error nor what a traceback shows with it is another library's."""
    shown = "".join(traceback.format_exception(error))
    roots = {type(one).__module__.partition(".")[0] for one in chain(error)}
    return roots <= set(OWN) and "cattrs" not in shown and "JSONDecodeError" not in shown


def chain(error: BaseException | None) -> list[BaseException]:
    """Return the errors that a traceback shows: the cause, or the context unless that is suppressed."""
    if error is None:
        return []
    return [error, *chain(error.__cause__ or (None if error.__suppress_context__ else error.__context__))]
