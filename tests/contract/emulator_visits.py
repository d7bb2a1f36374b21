"""A plain HTTP client of the emulator that checks every answer against the specification."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import aiohttp
from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Mapping

    from specification import Specification

    from gradient_async.emulator import Emulator

# Fields that recorded answers of the API have, and its specification has not.
UNDOCUMENTED = re.compile(r"\.((inbound|outbound)_rules\[\d+\]\.action|account\.volume_limit): not declared$")
PATIENCE = aiohttp.ClientTimeout(total=30)


@frozen
class Reply:
    """An answer, and its deviations from the specification."""

    status: int
    data: Any
    faults: list[str]

    def id_of(self, thing: str) -> Any:
        """Return the id of the thing in the body; ``None`` if a fault took the answer's place."""
        return ((self.data or {}).get(thing) or {}).get("id")


class Visitor:
    """A client that checks each answer of an emulator.

    Attributes:
        faults: Everything that is wrong with the answers, and lost connections.
        seen: Operation and status of each answer.
    """

    def __init__(self, emulator: Emulator, specification: Specification, session: aiohttp.ClientSession) -> None:
        self.emulator = emulator
        self.faults: list[str] = []
        self.seen: set[tuple[str, int]] = set()
        self._specification = specification
        self._session = session

    async def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        token: str | None = None,
        text: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        data = text if body is None else json.dumps(body)
        authorization = {"Authorization": f"Bearer {token or self.emulator.token}", "Content-Type": "application/json"}
        headers = {**authorization, **(headers or {})}
        try:
            async with self._session.request(
                method, self.emulator.base_url + path, data=data, headers=headers, timeout=PATIENCE
            ) as response:
                reply = self._checked(method, path, response, await response.text())
        except aiohttp.ClientError as error:
            reply = Reply(0, None, [f"{type(error).__name__}"])
        self.faults += [f"{method} {path}: {reply.status}: {fault}" for fault in reply.faults]
        return reply

    def _checked(self, method: str, path: str, response: aiohttp.ClientResponse, text: str) -> Reply:
        # An unknown path has the answer of an unexpected error.
        found = self._specification.operation_of(method, path.partition("?")[0])
        operation = found or self._specification.operations["actions_list"]
        self.seen.add((found.id if found else "none", response.status))
        if response.status < 300 and not self._specification.success_content(operation):
            return Reply(response.status, None, [] if text == "" else [f"a {response.status} has a body"])
        try:
            data = json.loads(text)
        except ValueError:
            return Reply(response.status, None, ["the body is no JSON"])
        faults = self._specification.answer_faults(operation, response.status, response.headers, data)
        return Reply(response.status, data, [fault for fault in faults if not UNDOCUMENTED.search(fault)])

    async def act(self, droplet_id: int, type: str, **parameters: Any) -> Reply:
        return await self.ask("POST", f"/v2/droplets/{droplet_id}/actions", {"type": type, **parameters})

    async def act_by_tag(self, tag: str, type: str, **parameters: Any) -> Reply:
        return await self.ask("POST", f"/v2/droplets/actions?tag_name={tag}", {"type": type, **parameters})

    async def read(self, droplet_id: int, action_id: int) -> None:
        """Read the Droplet, its action, its snapshots, and every list that has it."""
        await self.read_own(droplet_id, action_id)
        await self.read_lists()

    async def read_own(self, droplet_id: int, action_id: int) -> None:
        """Read the Droplet, its action, and its snapshots."""
        for path in (
            f"/v2/droplets/{droplet_id}",
            f"/v2/droplets/{droplet_id}/actions",
            f"/v2/droplets/{droplet_id}/actions/{action_id}",
            f"/v2/droplets/{droplet_id}/snapshots",
            f"/v2/actions/{action_id}",
        ):
            await self.ask("GET", path)

    async def read_lists(self) -> None:
        """Read what is of no one Droplet: the account, its lists, and the catalogue."""
        for path in (
            "/v2/actions?page=1&per_page=200",
            "/v2/droplets?type=gpus",
            "/v2/droplets?type=droplets",
            "/v2/sizes",
            "/v2/regions",
            "/v2/account",
            "/v2/images?per_page=200",
            "/v2/images/gpu-h100x1-base",
            "/v2/tags/training",
        ):
            await self.ask("GET", path)

    async def pass_time(self, seconds: float = 36_000.0) -> None:
        self.emulator.clock.advance(seconds)
