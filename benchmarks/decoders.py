"""Decoders of an answer's bytes. Each makes what its client makes of the same bytes."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import answers
from contenders import Contender

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from contenders import SyncCall

BODIES: Final = {
    "action": answers.one_action,
    "actions": answers.page_of_actions,
    "droplets": answers.page_of_droplets,
}


def _ours(body: bytes, kind: str) -> SyncCall:
    from gradient_async.converter import decode
    from gradient_async.models.responses import ActionInitiateResponse, ActionListResponse, GPUDropletListResponse

    models: dict[str, type[object]] = {
        "action": ActionInitiateResponse,
        "actions": ActionListResponse,
        "droplets": GPUDropletListResponse,
    }
    model = models[kind]
    return lambda _: decode(body, model)


def _gradient(body: bytes, kind: str) -> SyncCall:
    # The client's default: parse with the standard library, then build without validation.
    from gradient._models import construct_type
    from gradient.types import GPUDropletListResponse
    from gradient.types.gpu_droplets import ActionInitiateResponse, ActionListResponse

    models: dict[str, type[object]] = {
        "action": ActionInitiateResponse,
        "actions": ActionListResponse,
        "droplets": GPUDropletListResponse,
    }
    model = models[kind]
    return lambda _: construct_type(type_=model, value=json.loads(body))


def _dicts(body: bytes, kind: str) -> SyncCall:  # noqa: ARG001 - dicts are the same for every kind
    return lambda _: json.loads(body)


def _decoder(label: str, needs: tuple[str, ...], makes: Callable[[bytes, str], SyncCall], kind: str) -> Contender:
    @contextmanager
    def opens(_: str) -> Iterator[SyncCall]:
        yield makes(BODIES[kind](), kind)

    opens_sync: Callable[[str], AbstractContextManager[SyncCall]] = opens
    return Contender(label, needs, opens_sync=opens_sync)


DECODERS: Final = {
    f"{name}:{kind}": _decoder(label, needs, makes, kind)
    for kind in BODIES
    for name, label, needs, makes in (
        ("ours", "gradient_async", ("gradient_async",), _ours),
        ("gradient", "gradient", ("gradient",), _gradient),
        ("json", "json.loads, no types", (), _dicts),
    )
}
