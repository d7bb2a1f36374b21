"""The gateway in front of the operations: tokens, rate limits, faults, and the headers of every answer."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from email.utils import formatdate
from random import Random
from typing import TYPE_CHECKING, cast
from uuid import UUID

import attrs

from gradient_async.emulator import refusals
from gradient_async.emulator.actions import AS_USUAL, Outcome
from gradient_async.emulator.body_faults import BodyFault
from gradient_async.emulator.capacity import Capacity
from gradient_async.emulator.delivery import PLAIN, Delivery
from gradient_async.emulator.handlers import GROUPS
from gradient_async.emulator.handlers.resource_group import Call
from gradient_async.emulator.limits import LimitKind, Quota, RateGate
from gradient_async.emulator.refusals import Refusal
from gradient_async.emulator.rendering import Renderer
from gradient_async.emulator.routes import Match, Route, Router
from gradient_async.emulator.selection import Subject
from gradient_async.emulator.tokens import Access, Token
from gradient_async.emulator.wire import Answer, Incoming, JSONObject, as_object

if TYPE_CHECKING:
    from gradient_async.emulator.account import Account
    from gradient_async.emulator.clock import Clock
    from gradient_async.emulator.fault_plan import FaultPlan

_TOO_MANY: Mapping[LimitKind, JSONObject] = {
    # The edge gateway's own body (phillbaker/digitalocean-node#37); its id is no identifier at all.
    "burst": {"id": "Too Many Requests", "message": "Too many requests"},
    "hourly": {"id": "too_many_requests", "message": "API Rate limit exceeded."},
}
_TOO_MANY_REQUESTS = 429
_SERVICE_UNAVAILABLE = 503
_NO_CONTENT = 204
# Keys of an answer that describe its list, and have no resources.
_LIST_KEYS = frozenset({"links", "meta"})
# As documented for requests from web pages of other origins.
_ALLOWED_METHODS = "GET, POST, PUT, PATCH, DELETE, OPTIONS"
_EXPOSED_HEADERS = "RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, Total, Link"
_PREFLIGHT_SECONDS = "86400"


@attrs.frozen(kw_only=True)
class Exchange:
    """One request, and all decisions about its answer before it is executed.

    Args:
        body: The parsed JSON body, None if there was none or it was no JSON.
        refusal: Why it will not be executed; None if it will.
        access: The use of the request's token; None for a token that is not the account's.
        quota: The rate headers; None for a token that is not the account's.
        faults: Names of the faults that apply to it.
    """

    request: Incoming
    request_id: str
    match: Match
    body: object = None
    refusal: Refusal | None = None
    access: Access | None = None
    quota: Quota | None = None
    delivery: Delivery = PLAIN
    outcome: Outcome = AS_USUAL
    body_faults: Sequence[BodyFault] = ()
    faults: Sequence[str] = ()


class Gateway:
    """Makes answers of requests, without any I/O.

    Args:
        account: The account of the tokens.
        tokens: The accepted tokens.
        faults: The active faults.
        seed: Makes request ids repeatable.
    """

    def __init__(self, account: Account, *, tokens: Sequence[Token], faults: FaultPlan, seed: int = 0) -> None:
        behaviour = account.behaviour
        self._account = account
        self._clock: Clock = account.clock
        groups = [group(account) for group in GROUPS]
        self._handlers: Mapping[Route, Callable[[Call], Answer | Refusal]] = {
            route: handler for group in groups for route, handler in group.handlers().items()
        }
        self._router = Router(self._handlers)
        self._accesses = {token.value: self._access(token) for token in tokens}
        # A wrong token gets a quota of its own, which is never used up.
        self._strangers = RateGate(None, behaviour.ratelimit_reset)
        self._faults = faults
        self._repeats_request_id = behaviour.request_id_in_body
        self._random = Random(seed)  # noqa: S311 - request ids are no secret

    def time(self) -> float:
        """Unix seconds by the server's clock."""
        return self._clock.stamp(self._clock.now())

    def receive(self, request: Incoming) -> Exchange:
        """Decide how to answer a request, and count it in the rate windows and for the faults."""
        found = self._router.match(request.method, request.raw_path)
        body = _parsed(request)
        access = self._accesses.get(_token_in(request.headers.get("authorization", "")))
        exchange = Exchange(request=request, request_id=self._request_id(), match=found, body=body, access=access)
        if request.method == "OPTIONS":
            return exchange
        if access is None:
            return attrs.evolve(exchange, refusal=refusals.UNAUTHORIZED)
        now = self._clock.now()
        exhausted = access.exhausted(now, found.route)
        if exhausted:
            return self._refused(exchange, access, exhausted, now)
        exchange = self._with_faults(exchange)
        if exchange.delivery.refused:
            return attrs.evolve(exchange, quota=access.quota(now, exchange.delivery.refused))
        access.count(now, found.route)
        refusal = refusals.BODY_TOO_LARGE if request.is_too_large else _route_refusal(request, found)
        return attrs.evolve(exchange, refusal=refusal, quota=access.quota(now))

    def execute(self, exchange: Exchange) -> Answer:
        """Execute a request, and return the correct answer."""
        if exchange.request.method == "OPTIONS":
            return Answer(status=_NO_CONTENT)
        route, access = exchange.match.route, exchange.access
        if exchange.refusal or route is None or access is None:
            return self._error(exchange, exchange.refusal or refusals.NOT_FOUND)
        if not access.permits(route.needed_scopes(dict(exchange.request.query), as_object(exchange.body) or {})):
            return self._error(exchange, refusals.FORBIDDEN)
        call = Call(
            request=exchange.request,
            parameters=exchange.match.parameters,
            render=access.render,
            body=exchange.body,
            outcome=exchange.outcome,
        )
        with self._account.settled():
            performed = self._handlers[route](call)
        if isinstance(performed, Refusal):
            return self._error(exchange, performed)
        return _with_body_faults(performed, exchange.body_faults)

    def finished(self, exchange: Exchange, answer: Answer | None) -> Answer:
        """Return the answer to send: the correct one or its replacement, with every header.

        Args:
            exchange: The decisions.
            answer: The correct answer, None if the request was not executed.
        """
        delivery = exchange.delivery
        if delivery.refused:
            answer = self._too_many(exchange, delivery.refused)
        elif delivery.replacement or answer is None:
            answer = delivery.replacement or Answer(status=_SERVICE_UNAVAILABLE)
        status = delivery.status or answer.status
        headers = self._headers(exchange)
        if status != _NO_CONTENT and not delivery.is_from_edge:
            headers["Content-Type"] = "application/json; charset=utf-8"
        return attrs.evolve(answer, status=status, headers={**headers, **answer.headers})

    def _access(self, token: Token) -> Access:
        account = self._account
        renderer = Renderer(
            account.clock,
            account.part(Capacity).offer,
            scopes=token.scopes,
            region_form=account.behaviour.region_form,
            addresses=account.behaviour.addresses,
        )
        return Access(token, renderer, account.behaviour)

    def _refused(self, exchange: Exchange, access: Access, kind: LimitKind, now: float) -> Exchange:
        route = exchange.match.route
        access.count(now, route, kind)
        quota = access.quota(now, kind, route)
        wait = None if quota.retry_after is None else self._clock.wall_seconds(quota.retry_after)
        retry_after = None if wait is None else str(math.ceil(wait))
        delivery = Delivery(executed="never", refused=kind, retry_after=retry_after)
        return attrs.evolve(exchange, quota=quota, delivery=delivery)

    def _with_faults(self, exchange: Exchange) -> Exchange:
        subject = _subject(exchange)
        answer_fault = self._faults.answer_fault(subject)
        delivery = answer_fault.delivery() if answer_fault else PLAIN
        names = [answer_fault.name] if answer_fault else []
        if delivery.executed == "never":
            return attrs.evolve(exchange, delivery=delivery, faults=names)
        outcome = AS_USUAL
        for action_fault in self._faults.action_faults(subject):
            outcome = action_fault.applied_to(outcome)
            names.append(action_fault.name)
        body_faults = self._faults.body_faults(subject)
        names += [fault.name for fault in body_faults]
        return attrs.evolve(exchange, delivery=delivery, outcome=outcome, body_faults=body_faults, faults=names)

    def _error(self, exchange: Exchange, refusal: Refusal) -> Answer:
        payload: JSONObject = {"id": refusal.id, "message": refusal.message}
        if self._repeats_request_id:
            payload["request_id"] = exchange.request_id
        if refusal.available_regions:
            payload["error_attributes"] = {"available_regions": list(refusal.available_regions)}
        return Answer(status=refusal.status, payload=payload)

    def _too_many(self, exchange: Exchange, kind: LimitKind) -> Answer:
        headers = {"x-response-from": "Edge-Gateway"} if kind == "burst" else {}
        if exchange.delivery.retry_after is not None:
            headers["retry-after"] = exchange.delivery.retry_after
        return Answer(status=_TOO_MANY_REQUESTS, payload=dict(_TOO_MANY[kind]), headers=headers)

    def _request_id(self) -> str:
        return str(UUID(int=self._random.getrandbits(128), version=4))

    def _headers(self, exchange: Exchange) -> dict[str, str]:
        """Return the headers of every answer, spelt in the mixed case of real traces."""
        headers = {
            **_cross_origin(exchange.request),
            "Date": formatdate(int(self.time()), usegmt=True),
            "Server": "cloudflare",
            "cf-cache-status": "DYNAMIC",
            "CF-RAY": f"{exchange.request_id[:8]}{exchange.request_id[9:13]}-EWR",
        }
        if exchange.delivery.is_from_edge:
            return headers
        headers |= {
            "set-cookie": f"__cf_bm={exchange.request_id}; path=/; HttpOnly; Secure; SameSite=None",
            "x-gateway": "Edge-Gateway",
            "x-request-id": exchange.request_id,
            "x-response-from": "service",
        }
        quota = exchange.quota or self._strangers.quota(self._clock.now())
        return headers | {
            "ratelimit-limit": str(quota.limit),
            "ratelimit-remaining": str(quota.remaining),
            "ratelimit-reset": str(math.ceil(self._clock.stamp(quota.reset))),
        }


def _parsed(request: Incoming) -> object:
    """Return the body as JSON; None if it is missing or no JSON. A handler that needs a body refuses that itself."""
    try:
        return request.json()
    except (ValueError, RecursionError):
        return None


def _token_in(credentials: str) -> str:
    scheme, _, value = credentials.partition(" ")
    return value.strip() if scheme.lower() == "bearer" else ""


def _route_refusal(request: Incoming, found: Match) -> Refusal | None:
    if found.route:
        return None
    if found.is_missing:
        return refusals.not_emulated(request.method, found.template or request.raw_path)
    return refusals.METHOD_NOT_ALLOWED if found.other_methods else refusals.NOT_FOUND


def _cross_origin(request: Incoming) -> dict[str, str]:
    """Return the headers that let a web page of another origin read the answer."""
    origin = request.headers.get("origin")
    if origin is None and request.method != "OPTIONS":
        return {}
    headers = {
        "Access-Control-Allow-Origin": origin or "*",
        "Access-Control-Expose-Headers": _EXPOSED_HEADERS,
        "Access-Control-Allow-Credentials": "true",
        "Access-Control-Max-Age": _PREFLIGHT_SECONDS,
    }
    if request.method == "OPTIONS":
        asked = request.headers.get("access-control-request-headers", "Authorization, Content-Type")
        headers |= {"Access-Control-Allow-Methods": _ALLOWED_METHODS, "Access-Control-Allow-Headers": asked}
    return headers


def _subject(exchange: Exchange) -> Subject:
    request, found = exchange.request, exchange.match
    # A create starts an action too, whose type is not in its body.
    is_create = found.template == "/v2/droplets"
    asked = "create" if is_create else (as_object(exchange.body) or {}).get("type")
    return Subject(
        method=request.method,
        path=request.path,
        template=found.template,
        action_type=asked if isinstance(asked, str) and request.method == "POST" else None,
    )


def _with_body_faults(answer: Answer, faults: Sequence[BodyFault]) -> Answer:
    payload = answer.payload
    for fault in faults:
        payload = payload and fault.changed("", {key: _changed(fault, key, value) for key, value in payload.items()})
    return attrs.evolve(answer, payload=payload)


def _changed(fault: BodyFault, key: str, value: object) -> object:
    if key in _LIST_KEYS:
        return value
    if isinstance(value, list):
        items = cast("list[object]", value)
        return [item if (fields := as_object(item)) is None else fault.changed(key[:-1], fields) for item in items]
    fields = as_object(value)
    return value if fields is None else fault.changed(key, fields)
