"""Every method that changes something, when its answer is lost: none is sent twice without the right to be.

The methods come from the declared endpoints. One without a row here is a failure.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final

import aiohttp
import pytest
from calls import CALLS, Call, endpoints
from lost_answers import LOST, SUCCESSES
from wire_server import RESET, reply

from gradient_async import APIConnectionError, GradientAIError, RequestOutcomeUnknownError
from gradient_async.http.endpoint import Resend

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flavours import Flavour
    from wire_server import WireServer

pytestmark = pytest.mark.once

# A second execution does nothing more.
AGAIN: Final = {
    *("gpu_droplets.account.keys.delete", "gpu_droplets.account.keys.update"),
    *("gpu_droplets.autoscale.delete", "gpu_droplets.autoscale.update", "gpu_droplets.delete"),
    *("gpu_droplets.firewalls.delete", "gpu_droplets.firewalls.update", "gpu_droplets.firewalls.rules.remove"),
    *("gpu_droplets.firewalls.droplets.add", "gpu_droplets.firewalls.droplets.remove"),
    *("gpu_droplets.firewalls.tags.add", "gpu_droplets.firewalls.tags.remove"),
    *("gpu_droplets.floating_ips.delete", "reserved_ips.delete", "gpu_droplets.snapshots.delete"),
    *("gpu_droplets.images.delete", "gpu_droplets.images.update"),
    *("gpu_droplets.load_balancers.delete", "gpu_droplets.load_balancers.delete_cache"),
    *("gpu_droplets.load_balancers.droplets.add", "gpu_droplets.load_balancers.droplets.remove"),
    *("gpu_droplets.load_balancers.forwarding_rules.remove", "gpu_droplets.load_balancers.update"),
    *("gpu_droplets.volumes.delete", "gpu_droplets.volumes.delete_by_name", "gpu_droplets.volumes.snapshots.delete"),
    *("projects.assign_resources", "projects.delete", "projects.update", "vpcs.delete", "vpcs.update"),
    *("tags.assign_resources", "tags.create", "tags.delete", "tags.unassign_resources"),
}
NEVER: Final = {
    *("gpu_droplets.autoscale.delete_dangerous", "gpu_droplets.delete_by_tag"),
    "gpu_droplets.destroy_with_associated_resources.delete_dangerous",
    "gpu_droplets.destroy_with_associated_resources.delete_selective",
    "gpu_droplets.destroy_with_associated_resources.retry",
    *("gpu_droplets.firewalls.rules.add", "gpu_droplets.load_balancers.forwarding_rules.add"),
    *("gpu_droplets.floating_ips.create", "reserved_ips.create"),
}
LOOKED_UP: Final = {
    *("gpu_droplets.actions.initiate", "gpu_droplets.actions.bulk_initiate", "gpu_droplets.images.actions.create"),
    *("gpu_droplets.volumes.actions.initiate_by_id", "gpu_droplets.volumes.actions.initiate_by_name"),
    *("gpu_droplets.floating_ips.actions.create", "reserved_ips.actions.create"),
    *("gpu_droplets.account.keys.create", "gpu_droplets.autoscale.create", "gpu_droplets.create"),
    *("gpu_droplets.firewalls.create", "gpu_droplets.images.create", "gpu_droplets.load_balancers.create"),
    *("gpu_droplets.volumes.create", "gpu_droplets.volumes.snapshots.create", "projects.create", "vpcs.create"),
}
# A second one bills by the hour, and a list that does not show it is no proof. Or nothing says where to look.
POSTED_ONCE: Final = {
    *("gpu_droplets.autoscale.create", "gpu_droplets.create"),
    *("gpu_droplets.actions.bulk_initiate", "gpu_droplets.volumes.actions.initiate_by_name"),
}
POLICIES: Final = {
    **dict.fromkeys(AGAIN, Resend.IDEMPOTENT),
    **dict.fromkeys(NEVER, Resend.NEVER),
    **dict.fromkeys(LOOKED_UP, Resend.AFTER_LOOKUP),
}
EMPTY: Final = reply(200, {one.items: [] for one in endpoints() if one.items} | {"meta": {"total": 0}, "links": {}})


# Whole successes without a body that can be read. They say enough where an answer has no body.
UNREADABLE: Final = SUCCESSES - {name for name in LOST if name.startswith("cut")}
SOME_ACTION: Final[dict[str, Any]] = {"action": {"id": 7, "status": "in-progress", "type": "reboot"}}
METHOD: Final = "x-method"


def without_reuse() -> aiohttp.ClientSession:
    """Return a session that opens a connection for each request, so that a fault concerns one request."""
    return aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True))


def call_of(method: str) -> Call:
    return next(call for call in CALLS if call.method == method)


async def lose(flavour: Flavour, wire: WireServer, method: str) -> tuple[GradientAIError, Sequence[str]]:
    """Return the error of a call whose answers are all lost, and the methods of its requests."""
    client = flavour.client(wire, max_retries=1, settle_seconds=0.02, create_settle_seconds=0.02)
    with pytest.raises(GradientAIError) as caught:
        await flavour.call(attrgetter(method)(client), **call_of(method).arguments)
    return caught.value, [request.method for request in wire.requests]


def test_every_method_that_changes_something_has_a_policy_here() -> None:
    assert {one.name: one.resend for one in endpoints() if one.method != "GET"} == POLICIES
    assert len(AGAIN) + len(NEVER) + len(LOOKED_UP) == len(POLICIES)


@pytest.mark.parametrize("method", sorted(AGAIN))
async def test_request_is_sent_again(flavour: Flavour, wire: WireServer, method: str) -> None:
    for verb in ("POST", "PUT", "PATCH", "DELETE"):
        wire.script(verb, RESET, RESET)
    error, sent = await lose(flavour, wire, method)

    assert isinstance(error, APIConnectionError)
    assert len(sent) == 2
    assert len({(request.target, request.body) for request in wire.requests}) == 1


@pytest.mark.parametrize("method", sorted(NEVER))
async def test_request_is_not_sent_again(flavour: Flavour, wire: WireServer, method: str) -> None:
    for verb in ("POST", "DELETE"):
        wire.script(verb, RESET)
    error, sent = await lose(flavour, wire, method)

    assert isinstance(error, RequestOutcomeUnknownError)
    assert len(sent) == 1


@pytest.mark.parametrize("lost", LOST)
async def test_policy_is_kept_however_the_answer_is_lost(flavour: Flavour, wire: WireServer, lost: str) -> None:
    for verb in ("POST", "PUT", "PATCH", "DELETE"):
        wire.script(verb, LOST[lost](SOME_ACTION))
    client = flavour.client(wire, max_retries=1, timeout=2.0 if "hang" in lost else 10.0, http_session=without_reuse)

    async def ending_of(method: str) -> str:
        arguments = call_of(method).arguments | {"extra_headers": {METHOD: method}}
        try:
            await flavour.call(attrgetter(method)(client), **arguments)
        except GradientAIError as error:
            return type(error).__name__
        return "answered"

    methods = sorted(AGAIN | NEVER)
    ended = dict(zip(methods, await asyncio.gather(*map(ending_of, methods)), strict=True))
    again = dict.fromkeys(AGAIN, 1 if lost in UNREADABLE else 2)
    assert Counter(one.headers[METHOD] for one in wire.requests) == again | dict.fromkeys(NEVER, 1)
    answers = {one.name: one.answer for one in endpoints()}
    said_enough = {method for method in NEVER if lost in UNREADABLE and answers[method] is None}
    assert {method for method in NEVER if ended[method] == "answered"} == said_enough
    assert {ended[method] for method in NEVER - said_enough} == {"RequestOutcomeUnknownError"}


@pytest.mark.parametrize("method", sorted(LOOKED_UP))
async def test_request_is_not_sent_again_when_the_lists_fail(flavour: Flavour, wire: WireServer, method: str) -> None:
    wire.script("POST", RESET)
    error, sent = await lose(flavour, wire, method)

    assert isinstance(error, RequestOutcomeUnknownError)
    assert sent.count("POST") == 1
    assert ("GET" in sent) is ("bulk" not in method)


@pytest.mark.parametrize("method", sorted(LOOKED_UP))
async def test_request_is_sent_again_only_after_a_lookup(flavour: Flavour, wire: WireServer, method: str) -> None:
    wire.script("POST", RESET, reply(422, {"id": "unprocessable_entity", "message": "no"}))
    wire.script("GET", lambda _: EMPTY)
    error, sent = await lose(flavour, wire, method)

    if method in POSTED_ONCE:
        assert isinstance(error, RequestOutcomeUnknownError)
        assert sent.count("POST") == 1
    else:
        second = sent.index("POST", 1)
        assert sent[0] == "POST"
        assert {*sent[1:second]} == {"GET"}, "a list is read between the two"
        assert "POST" not in sent[second + 1 :]
