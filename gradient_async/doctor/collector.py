"""Reads the facts for the checks. Every request is a GET; nothing in the account is changed."""

from __future__ import annotations

import contextlib
import importlib
import json
import pkgutil
import socket
import ssl
import time
from typing import TYPE_CHECKING, Final

from gradient_async import endpoints
from gradient_async.doctor.facts import Facts, Probe
from gradient_async.errors import APIConnectionError, APIError, APIResponseValidationError, APIStatusError
from gradient_async.http.endpoint import Endpoint
from gradient_async.settings import DEFAULT_BASE_URL

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from gradient_async.doctor.facts import Failure
    from gradient_async.http.endpoint import Request
    from gradient_async.http.sender import Sender

_TIMEOUT_SECONDS: Final = 15.0
_MAX_PER_PAGE: Final = 200
# Without a type, the API lists only Droplets without GPUs.
_QUERIES: Final[Mapping[str, Sequence[Mapping[str, object]]]] = {
    "/v2/droplets": ({"type": "gpus"}, {"type": "droplets"}),
}
_PROXY_ERRORS: Final = frozenset({"ClientProxyConnectionError", "ClientHttpProxyError"})


async def collect(sender: Sender, *, is_conformance: bool) -> Facts:
    """Read, and return the facts.

    Args:
        sender: A client's. A copy of it is used, which never repeats a request.
        is_conformance: Whether to read whole pages, and the resources below the first item of each list too.
    """
    settings = sender.settings.changed(max_retries=0, timeout=min(_TIMEOUT_SECONDS, sender.settings.timeout))
    probing = sender.copy(settings, sender.budget)
    probes: list[Probe] = []
    for request in _requests(_MAX_PER_PAGE if is_conformance else 1):
        probes.append(await _probe(probing, request))
        if len(probes) == 1 and probes[0].status is None:
            break  # no other request gets further than the first
    if is_conformance:
        probes += [await _probe(probing, request) for request in _requests_below(probes)]
    return Facts(
        probes=tuple(probes),
        has_proxy=settings.proxy is not None,
        is_default_host=settings.base_url == DEFAULT_BASE_URL,
        is_encrypted=settings.base_url.lower().startswith("https:"),
    )


def read_endpoints() -> Sequence[Endpoint[object]]:
    """Return every declared endpoint that reads, the one of Droplets first, each path once."""
    found: dict[str, Endpoint[object]] = {}
    for module in pkgutil.iter_modules(endpoints.__path__, f"{endpoints.__name__}."):
        for value in vars(importlib.import_module(module.name)).values():
            if isinstance(value, Endpoint) and value.method == "GET":
                found.setdefault(value.path_template.text, value)
    return sorted(found.values(), key=lambda one: (one.path_template.text != "/v2/droplets", one.path_template.text))


def _requests(per_page: int) -> Iterator[Request[object]]:
    """Return the requests whose path needs no value."""
    for endpoint in read_endpoints():
        if not endpoint.path_template.parameters:
            for query in _QUERIES.get(endpoint.path_template.text, ({},)):
                yield endpoint.request({}, query={**query, **_paging(endpoint, per_page)})


def _requests_below(probes: Sequence[Probe]) -> list[Request[object]]:
    """Return the requests below the first item of each list that was read."""
    keys: dict[str, object] = {}
    for probe in probes:
        if (key := _first_key(probe)) is not None:
            keys.setdefault(probe.endpoint.path_template.text, key)
    requests: list[Request[object]] = []
    for endpoint in read_endpoints():
        key = keys.get(endpoint.path_template.text.partition("/{")[0])
        if key is not None:
            with contextlib.suppress(TypeError, ValueError):  # the path does not take this key, or takes two
                requests.append(endpoint.request({}, key, query=_paging(endpoint, _MAX_PER_PAGE)))
    return requests


def _first_key(parent: Probe) -> object:
    """Return the key of the first item of a list; ``None`` if there is none."""
    if not parent.endpoint.items or not parent.is_success:
        return None
    items = parent.body.get(parent.endpoint.items) if isinstance(parent.body, dict) else None
    first = items[0] if isinstance(items, list) and items else None
    return first.get(parent.endpoint.key) if isinstance(first, dict) else None


def _paging(endpoint: Endpoint[object], per_page: int) -> Mapping[str, object]:
    return {"per_page": per_page} if endpoint.items else {}


async def _probe(sender: Sender, request: Request[object]) -> Probe:
    endpoint, sent_at, began = request.endpoint, time.time(), time.perf_counter()
    status: int | None = None
    failure: Failure | None = None
    detail, body = "", b""
    headers: Mapping[str, str] = {}
    try:
        reply = await sender.send(request)
        status, headers, body = reply.status, reply.headers, reply.body
    except APIStatusError as error:
        status, headers = error.status, error.headers
    except APIResponseValidationError as error:
        status, failure = error.status, "unreadable"
    except APIError as error:
        failure, detail = _failure(error)
    seconds = time.perf_counter() - began
    content = _json(body)
    if body and content is None:
        failure = "unreadable"
    return Probe(
        endpoint=endpoint,
        status=status,
        failure=failure,
        detail=detail,
        sent_at=sent_at,
        seconds=seconds,
        headers={name.lower(): value for name, value in headers.items()},
        body=content,
    )


def _json(body: bytes) -> object:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _failure(error: APIError) -> tuple[Failure, str]:
    """Return why there was no answer, from the chain of errors, with a text only if that names no host."""
    chain = list(_chain(error))
    if any(type(link).__name__ in _PROXY_ERRORS for link in chain):
        return "proxy", ""
    if any(isinstance(link, ssl.CertificateError) for link in chain):
        # aiohttp's own error has no text of OpenSSL; what follows a comma can name the host.
        texts = [str(getattr(link, "verify_message", "")).partition(",")[0] for link in chain]
        return "certificate", next((text for text in texts if text), "")
    if any(isinstance(link, ssl.SSLError) for link in chain):
        names = [str(getattr(link, "reason", None) or "") for link in chain]
        return "handshake", next((name.lower().replace("_", " ") for name in names if name), "")
    for link in chain:
        if isinstance(link, socket.gaierror):
            return "dns", str(link.strerror or "")
    if any(isinstance(link, ConnectionRefusedError) for link in chain):
        return "refused", ""
    if isinstance(error, TimeoutError):
        return "timeout", ""
    return ("closed" if isinstance(error, APIConnectionError) else "other"), ""


def _chain(error: BaseException) -> Iterator[BaseException]:
    link: BaseException | None = error
    while link is not None:
        yield link
        link = link.__cause__ or link.__context__
