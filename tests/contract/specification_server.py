"""A server made from the specification: it checks every request, and answers as specified."""

from __future__ import annotations

import copy
import json
import re
import uuid
from collections.abc import Callable, Mapping, Sequence
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, TypeAlias

from aiohttp import web
from attrs import field, frozen
from instances import SHAPES, examples, instance
from specification import JSON, Operation

if TYPE_CHECKING:
    from specification import Specification

Change: TypeAlias = Callable[[Any], object]

HEADERS = {
    "content-type": "application/json",
    "ratelimit-limit": "5000",
    "ratelimit-remaining": "4816",
    "ratelimit-reset": "1444931833",
    "x-request-id": "515850a0-a812-50bf-aa3c-d0d21d287e40",
}

# The field that identifies an item of a list: the first of these that it has.
_KEYS = ("id", "droplet_id", "history_event_id", "slug", "ip", "name", "urn", "amount")
_ADDRESS = re.compile(r"[0-9]+(\.[0-9]+){3}")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@frozen(kw_only=True)
class SeenRequest:
    """One request and its operation."""

    operation: Operation | None
    path: str
    query: Sequence[tuple[str, str]]
    headers: Mapping[str, str] = field(repr=False)
    body: JSON

    @property
    def operation_id(self) -> str | None:
        return self.operation and self.operation.id


class SpecificationServer:
    """A server that answers by the specification. A wrong request is noted in ``faults`` and gets 400.

    Attributes:
        answer: Kind of answers: an instance of the schema (``full``, ``nulls``, ``sparse``), or the name of one
            of the specification's own examples.
        changes: Changes to the successive answers, by operation. The last one stays.
        requests: Every request, oldest first.
        answers: The body of every successful answer, oldest first.
        faults: Everything that is wrong with them.
    """

    def __init__(self, specification: Specification, token: str = "dop_v1_contract") -> None:
        self.specification = specification
        self.token = token
        self.answer = "full"
        self.changes: dict[str, list[Change]] = {}
        self.requests: list[SeenRequest] = []
        self.answers: list[JSON] = []
        self.faults: list[str] = []
        self._runner = web.ServerRunner(web.Server(self._handle, access_log=None))

    async def start(self) -> None:
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()

    async def stop(self) -> None:
        await self._runner.cleanup()

    @property
    def base_url(self) -> str:
        host, port = self._runner.addresses[0][:2]
        return f"http://{host}:{port}"

    async def _handle(self, request: web.BaseRequest) -> web.Response:
        text = await request.text()
        seen = SeenRequest(
            operation=self.specification.operation_of(request.method, request.path),
            path=request.path,
            query=list(request.query.items()),
            headers=request.headers,
            body=json.loads(text) if text else None,
        )
        self.requests.append(seen)
        faults = [f"{request.method} {request.path}: {fault}" for fault in self._faults(seen)]
        if faults or seen.operation is None:
            self.faults += faults
            error = {"id": "bad_request", "message": "; ".join(faults)}
            return web.Response(text=json.dumps(error), status=400, headers=HEADERS)
        body = self._body(seen.operation, seen.path, dict(seen.query))
        _suit(body, seen)
        self.answers.append(copy.deepcopy(body))
        status = self.specification.success_of(seen.operation)
        # The server's own answers must follow the specification too.
        self.faults += self.specification.answer_faults(seen.operation, status, HEADERS, body)
        if body is None:
            return web.Response(status=status, headers={n: v for n, v in HEADERS.items() if n != "content-type"})
        return web.Response(text=json.dumps(body), status=status, headers=HEADERS)

    def _faults(self, seen: SeenRequest) -> list[str]:
        if seen.operation is None:
            return ["there is no such operation"]
        faults = list(self.specification.request_faults(seen.operation, seen.path, seen.query, seen.body))
        if seen.headers.get("authorization") != f"Bearer {self.token}":
            faults.append("authorization: not the token")
        if seen.body is not None and seen.headers.get("content-type") != "application/json":
            faults.append("content-type: not application/json")
        return faults

    def _body(self, operation: Operation, path: str, query: Mapping[str, str]) -> JSON:
        if self.answer in SHAPES:
            body = instance(self.specification, operation, self.answer)
        else:
            body = copy.deepcopy(examples(self.specification, operation)[self.answer])
        _name_what_was_asked_for(body, operation.template, path)
        if "page" in self.specification.parameters(operation, "query"):
            _turn_to_page(body, int(query.get("page", "1")))
        changes = self.changes.get(operation.id, [])
        if changes:
            (changes.pop(0) if len(changes) > 1 else changes[0])(body)
        return body


def _suit(body: JSON, seen: SeenRequest) -> None:
    """Put the requested action, or the requested names, into the answer: the examples have others."""
    if not isinstance(seen.body, dict):
        return
    if seen.operation_id == "droplets_create":
        _suit_names(body, seen.body)
    if "type" not in seen.body:
        return
    named = re.fullmatch(r"/v2/(droplet|image)s/(\d+)/actions", seen.path)
    for action in body.get("actions") or [body.get("action")]:
        if action is not None:
            action["type"] = seen.body["type"]
            if named and "resource_type" in action:
                action["resource_type"] = named[1]
            if named and action.get("resource_id") is not None:
                action["resource_id"] = int(named[2])


def _suit_names(body: JSON, asked: JSON) -> None:
    """Answer with one Droplet for a name, and with a list for names."""
    droplet = body.pop("droplet", None) or body.pop("droplets")[0]
    if "names" in asked:
        body["droplets"] = [droplet | {"id": number, "name": name} for number, name in enumerate(asked["names"], 1)]
    else:
        body["droplet"] = droplet | {"name": asked["name"]}


def _name_what_was_asked_for(body: JSON, template: str, path: str) -> None:
    """Put the ids of the path into the answer."""
    found = [one for one in body.values() if isinstance(one, dict) and "id" in one] if isinstance(body, dict) else []
    if template.endswith("}") and len(found) == 1:
        asked = path.rpartition("/")[2]
        is_number = isinstance(found[0]["id"], int)
        if asked.isdecimal() or not is_number:  # else a slug names what has a number
            found[0]["id"] = int(asked) if is_number else asked


def _turn_to_page(body: JSON, page: int) -> None:
    """Make two pages of a list whose example links to a second page."""
    links = body.get("links", {}).get("pages", {})
    if page > 1:
        address = links.get("next", "https://api.digitalocean.com/v2/images?page=1")
        body["links"] = {"pages": {"first": address, "prev": address}}
        for name in body.keys() - {"links", "meta"}:
            if isinstance(body[name], dict):
                body[name] = {f"{page}{key}": item for key, item in body[name].items()}
        for item in next((value for value in body.values() if isinstance(value, list)), ()):
            key = next(name for name in _KEYS if name in item)
            item[key] = _later(item[key], page)


def _later(key: Any, page: int) -> Any:
    """Return the key of an item on a later page."""
    if isinstance(key, int):
        return key + page
    if _ADDRESS.fullmatch(key):
        return str(ip_address(key) + page)
    return str(uuid.UUID(int=uuid.UUID(key).int + page)) if _UUID.fullmatch(key) else f"{key}-{page}"
