"""An aiohttp app: reboot one Droplet and wait for it, or reboot all with a tag and stream the outcomes.

It has one client for the life of the app, turns the SDK's errors into HTTP answers, and stops when a caller leaves.
Run it from the repository's root, with an account or with the emulator (see README.md). It listens on PORT:

    python examples/aiohttp_app.py
    curl -X POST localhost:8000/droplets/3164444/reboot
    curl -N -X POST localhost:8000/tags/training/reboot
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
from typing import TYPE_CHECKING

from aiohttp import web

import gradient_async as ga

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from aiohttp.typedefs import Handler

log = logging.getLogger("reboots")
CLIENT = web.AppKey("client", ga.AsyncGradientAI)
routes = web.RouteTableDef()

# The nearest class decides; 502 for all others. A refused token is this app's fault, and no 401 for the caller.
STATUSES = {
    ga.NotFoundError: 404,
    ga.PendingEventError: 409,
    ga.UnprocessableEntityError: 422,
    ga.RateLimitError: 503,
    TimeoutError: 504,  # of a request (APITimeoutError) and of a wait (ActionTimeoutError)
}


async def client_of_app(app: web.Application) -> AsyncIterator[None]:
    """Open one client: all requests share its connections and the account's rate budget."""
    async with ga.AsyncGradientAI() as app[CLIENT]:
        yield


@web.middleware
async def errors_as_answers(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer with the error and the actions that started or may have started: a caller needs them before a retry."""
    try:
        return await handler(request)
    except ga.GradientAIError as error:
        status = next((STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES), 502)
        action, candidates = getattr(error, "action", None), getattr(error, "candidates", ())
        known = {"action_id": action and action.id, "candidates": [candidate.id for candidate in candidates]}
        return web.json_response({"error": type(error).__name__, "detail": str(error), **known}, status=status)


@routes.post(r"/droplets/{droplet_id:[1-9]\d*}/reboot")
async def reboot(request: web.Request) -> web.Response:
    """Reboot one Droplet. If the caller leaves, only the wait ends: the API cannot cancel an action."""
    actions = request.app[CLIENT].gpu_droplets.actions
    starting = asyncio.create_task(actions.initiate(int(request.match_info["droplet_id"]), type="reboot"))
    try:
        response = await asyncio.shield(starting)
        action = await actions.wait(response.action, timeout=300)
    except asyncio.CancelledError:
        # The request itself is finished, so that the action's id is known.
        log.warning("the caller left; polling stops, and action %d continues", (await starting).action.id)
        raise
    return web.json_response({"action_id": action.id, "status": action.status})


@routes.post(r"/tags/{tag:[\w:-]+}/reboot")
async def reboot_all(request: web.Request) -> web.StreamResponse:
    """Reboot all GPU Droplets with a tag. The answer has a line of JSON for each, as soon as it has its outcome."""
    client, tag = request.app[CLIENT], request.match_info["tag"]
    droplets = [droplet async for droplet in client.gpu_droplets.list_all(tag_name=tag) if droplet.gpu_info]
    if not droplets:
        return web.json_response({"detail": f"no GPU Droplet has the tag {tag}"}, status=404)
    answer = web.StreamResponse(headers={"Content-Type": "application/x-ndjson"})
    await answer.prepare(request)
    # If the caller leaves, the run ends: started actions continue, and no more are started.
    async with client.fleet.stream("reboot", droplets=droplets, max_concurrency=20, max_errors="10%") as run:
        async for outcome in run:
            await answer.write(json.dumps(outcome.to_row()).encode() + b"\n")
    return answer


app = web.Application(middlewares=[errors_as_answers])
app.cleanup_ctx.append(client_of_app)
app.add_routes(routes)

if __name__ == "__main__":
    # Without handler_cancellation, aiohttp does not cancel the handler when the caller leaves.
    web.run_app(app, host="localhost", port=int(os.environ.get("PORT", "8000")), handler_cancellation=True)
