"""A gateway without sockets on a clock that stands still, and a plain client for emulators with sockets."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlsplit

import attrs

from gradient_async.emulator import (
    Account,
    Behaviour,
    Capacity,
    Catalogue,
    Clock,
    DropletSpec,
    Emulator,
    Fault,
    RateLimits,
    Visibility,
)
from gradient_async.emulator.fault_plan import FaultPlan
from gradient_async.emulator.gateway import Exchange, Gateway
from gradient_async.emulator.tokens import Token
from gradient_async.emulator.wire import Answer, Incoming

if TYPE_CHECKING:
    import aiohttp

    from gradient_async.emulator.capacity import Room

START = 1_790_000_000.0
TOKEN = "dop_v1_test"
FIRST = 3164444


def public_key(text: str) -> str:
    """Return a key in OpenSSH's form; another text gives another key."""
    return f"ssh-rsa {base64.b64encode(text.encode()).decode()} {text}@example.com"


@attrs.frozen
class Reply:
    """An answer as a client sees it."""

    status: int
    headers: Mapping[str, str]
    data: Any
    exchange: Exchange

    @property
    def message(self) -> str:
        return self.data["message"]


class Desk:
    """Asks a gateway directly; time passes only by `clock.advance`."""

    def __init__(
        self,
        *specs: DropletSpec,
        behaviour: Behaviour | None = None,
        faults: tuple[Fault, ...] = (),
        limits: RateLimits | None = None,
        scopes: set[str] | None = None,
        durations: Mapping[str, float] | None = None,
        scale: float = 1.0,
        skew: float = 0.0,
        visibility: Visibility | None = None,
        catalogue: Catalogue | None = None,
        tokens: tuple[Token, ...] = (),
        capacity: Mapping[tuple[str, str], Room] | None = None,
    ) -> None:
        self.clock = Clock(start=START, scale=scale, skew=skew, elapsed=lambda: 0.0)
        self.account = Account(
            clock=self.clock, behaviour=behaviour, durations=durations, visibility=visibility, catalogue=catalogue
        )
        self.capacity = self.account.part(Capacity)
        self.capacity.set_all(capacity or {})
        for spec in specs or (DropletSpec(),):
            self.account.add(spec)
        self.faults = FaultPlan(faults)
        known = [Token(value=TOKEN, scopes=scopes, limits=limits), *tokens]
        self.gateway = Gateway(self.account, tokens=known, faults=self.faults)

    def ask(
        self,
        method: str,
        target: str,
        body: Any = None,
        *,
        token: str | None = TOKEN,
        raw_body: bytes = b"",
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        split = urlsplit("http://emulator.test" + target)
        request = Incoming(
            method=method,
            path=unquote(split.path),
            target=target,
            origin="http://emulator.test",
            query=tuple(parse_qsl(split.query, keep_blank_values=True)),
            headers={**({} if token is None else {"authorization": f"Bearer {token}"}), **(headers or {})},
            body=raw_body if body is None else json.dumps(body).encode(),
        )
        exchange = self.gateway.receive(request)
        answer = None if exchange.delivery.executed == "never" else self.gateway.execute(exchange)
        finished: Answer = self.gateway.finished(exchange, answer)
        return Reply(finished.status, finished.headers, finished.payload, exchange)

    def get(self, target: str) -> Reply:
        return self.ask("GET", target)

    def act(self, type: str, droplet_id: int = FIRST, **parameters: Any) -> Reply:
        return self.ask("POST", f"/v2/droplets/{droplet_id}/actions", {"type": type, **parameters})

    def act_by_tag(self, tag: str, type: str, **parameters: Any) -> Reply:
        return self.ask("POST", f"/v2/droplets/actions?tag_name={tag}", {"type": type, **parameters})

    def status_of(self, droplet_id: int = FIRST) -> str:
        return self.get(f"/v2/droplets/{droplet_id}").data["droplet"]["status"]

    def run(self, type: str, droplet_id: int = FIRST, **parameters: Any) -> dict[str, Any]:
        """Act, and let it come to its end."""
        reply = self.act(type, droplet_id, **parameters)
        assert reply.status == 201, reply.data
        self.clock.advance(3600)
        return self.get(f"/v2/actions/{reply.data['action']['id']}").data["action"]


class Visitor:
    """A plain HTTP client of an emulator."""

    def __init__(self, emulator: Emulator, session: aiohttp.ClientSession) -> None:
        self.emulator = emulator
        self.session = session

    def request(self, method: str, path: str, **options: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.emulator.token}"}
        return self.session.request(method, self.emulator.base_url + path, headers=headers, **options)

    def act(self, type: str, droplet_id: int = FIRST) -> Any:
        return self.request("POST", f"/v2/droplets/{droplet_id}/actions", json={"type": type})
