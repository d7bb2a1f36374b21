"""A FastAPI app in several processes: they share the rate budget, and a request that a caller repeats is executed once.

A caller sends an Idempotency-Key of its own choice with each request, and the same one when it asks again because
it got no answer. Run it from the repository's root, with an account or with the emulator (see README.md). `sqlite:` is
for the processes of one host, a `redis://` URL for several hosts:

    GRADIENT_RATE_BUDGET=sqlite: uvicorn --app-dir examples --workers 4 fastapi_workers:app
    curl -X POST -H "Idempotency-Key: 7c1e" localhost:8000/droplets/3164444/reboot
    curl localhost:8000/actions/2247483649
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import Depends, FastAPI, Header, Path, Request
from fastapi.responses import JSONResponse

import gradient_async as ga

# The nearest class decides; 502 for all others.
STATUSES = {
    ga.NotFoundError: 404,
    ga.PendingEventError: 409,
    ga.RequestKeyBusyError: 409,
    ga.RequestKeyMismatchError: 422,
    ga.UnprocessableEntityError: 422,
    ga.RequestKeyStoreError: 503,
    ga.RateBudgetStoreError: 503,
    ga.RateLimitError: 503,
    TimeoutError: 504,
}


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncIterator[dict[str, object]]:
    """Open the client of this process. Its rate budget is the one that GRADIENT_RATE_BUDGET names."""
    async with ga.AsyncGradientAI() as client:
        yield {"client": client}


app = FastAPI(title="Reboots", lifespan=lifespan)


def client_of(request: Request) -> ga.AsyncGradientAI:
    """Return the client of this process, as a parameter of a route."""
    return request.state.client


Client = Annotated[ga.AsyncGradientAI, Depends(client_of)]
Id = Annotated[int, Path(ge=1)]
# An app with several customers puts the customer's id in front, so that two of them can choose the same key.
Key = Annotated[str, Header(alias="Idempotency-Key", min_length=1, max_length=200)]


@app.exception_handler(ga.GradientAIError)
async def answer(_request: Request, error: ga.GradientAIError) -> JSONResponse:
    """Answer with the error. After an unknown outcome, the caller may ask again with the same key."""
    status = next((STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES), 502)
    candidates = [candidate.id for candidate in getattr(error, "candidates", ())]
    return JSONResponse({"error": type(error).__name__, "detail": str(error), "candidates": candidates}, status)


@app.post("/droplets/{droplet_id}/reboot", status_code=202)
async def reboot(client: Client, droplet_id: Id, key: Key) -> dict[str, int | bool]:
    """Start a reboot, once for each key: whichever process gets the request again answers with the same action."""
    response = await client.gpu_droplets.actions.initiate(droplet_id, type="reboot", key=key)
    return {"action_id": response.action.id, "is_replayed": response.is_replayed}


@app.get("/actions/{action_id}")
async def show(client: Client, action_id: Id) -> dict[str, int | str]:
    """Answer with the present status of an action."""
    action = (await client.actions.retrieve(action_id)).action
    return {"action_id": action.id, "status": action.status}
