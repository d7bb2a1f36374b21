"""A FastAPI app: reboot one Droplet and wait for it, or reboot all with a tag and stream the outcomes.

It has one client for the life of the app, turns the SDK's errors into HTTP answers, and stops when a caller leaves.
Run it from the repository's root, with an account or with the emulator (see README.md):

    uvicorn --app-dir examples fastapi_app:app
    curl localhost:8000/droplets/3164444
    curl -X POST localhost:8000/droplets/3164444/reboot
    curl -N -X POST localhost:8000/tags/training/reboot
"""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

import anyio
from fastapi import Depends, FastAPI, HTTPException, Path, Request
from fastapi.responses import JSONResponse, StreamingResponse

import gradient_async as ga

log = logging.getLogger("reboots")

# The nearest class decides; 502 for all others. A refused token is this app's fault, and no 401 for the caller.
STATUSES = {
    ga.NotFoundError: 404,
    ga.PendingEventError: 409,
    ga.UnprocessableEntityError: 422,
    ga.RateLimitError: 503,
    TimeoutError: 504,  # of a request (APITimeoutError) and of a wait (ActionTimeoutError)
}


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncIterator[dict[str, object]]:
    """Open one client: all requests share its connections and the account's rate budget."""
    async with ga.AsyncGradientAI() as client:
        yield {"client": client}


app = FastAPI(title="Reboots", lifespan=lifespan)


def client_of(request: Request) -> ga.AsyncGradientAI:
    """Return the app's client, as a parameter of a route."""
    return request.state.client


Client = Annotated[ga.AsyncGradientAI, Depends(client_of)]


@app.exception_handler(ga.GradientAIError)
async def answer(_request: Request, error: ga.GradientAIError) -> JSONResponse:
    """Answer with the error and the actions that started or may have started: a caller needs them before a retry."""
    status = next((STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES), 502)
    action, candidates = getattr(error, "action", None), getattr(error, "candidates", ())
    known = {"action_id": action and action.id, "candidates": [candidate.id for candidate in candidates]}
    return JSONResponse({"error": type(error).__name__, "detail": str(error), **known}, status)


@asynccontextmanager
async def while_connected(request: Request) -> AsyncIterator[None]:
    """Cancel the block when the caller leaves. Starlette itself does not cancel a route."""

    async def listen() -> None:
        while (await request.receive())["type"] != "http.disconnect":
            pass
        scope.cancel()

    with anyio.CancelScope() as scope:
        listener = asyncio.create_task(listen())
        try:
            yield
        finally:
            listener.cancel()
    if scope.cancelled_caught:
        log.warning("the caller of %s left; polling stops, and the action continues", request.url.path)
        raise HTTPException(499)


@app.get("/droplets/{droplet_id}")
async def show(client: Client, droplet_id: Annotated[int, Path(ge=1)]) -> ga.Droplet:
    """Answer with a Droplet. A model of the SDK is the type of an answer, in the app's OpenAPI document too."""
    return (await client.gpu_droplets.retrieve(droplet_id)).droplet


@app.post("/droplets/{droplet_id}/reboot")
async def reboot(request: Request, client: Client, droplet_id: Annotated[int, Path(ge=1)]) -> dict[str, int | str]:
    """Reboot one Droplet. If the caller leaves, only the wait ends: the API cannot cancel an action."""
    # Outside the block: the request itself is finished, so that the action's id is known.
    action = (await client.gpu_droplets.actions.initiate(droplet_id, type="reboot")).action
    async with while_connected(request):
        action = await client.gpu_droplets.actions.wait(action, timeout=300)
    return {"action_id": action.id, "status": action.status}


@app.post("/tags/{tag}/reboot")
async def reboot_all(client: Client, tag: Annotated[str, Path(pattern="^[A-Za-z0-9_:-]+$")]) -> StreamingResponse:
    """Reboot all GPU Droplets with a tag. The answer has a line of JSON for each, as soon as it has its outcome."""
    droplets = [droplet async for droplet in client.gpu_droplets.list_all(tag_name=tag) if droplet.gpu_info]
    if not droplets:
        raise HTTPException(404, f"no GPU Droplet has the tag {tag}")
    outcomes = client.fleet.stream("reboot", droplets=droplets, max_concurrency=20, max_errors="10%")
    return StreamingResponse(lines(outcomes), media_type="application/x-ndjson")


async def lines(outcomes: ga.AsyncStream[ga.Outcome]) -> AsyncIterator[str]:
    """Stream the outcomes. Starlette cancels a stream, but no route, when the caller leaves."""
    async with outcomes:  # a cancel ends the run: started actions continue, no more are started
        async for outcome in outcomes:
            yield json.dumps(outcome.to_row()) + "\n"
