"""Recognizes a server for tests that has one fixed answer for each path, such as a mock of the API's specification.

Its answer to the request of an action is about an action of years ago, often of another type or resource. An answer
that a machine in between mixed up is about an action of that moment. That the server does not look at ids is the proof.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

import attrs

from gradient_async.errors import APIError, APIResponseValidationError, ClientClosedError
from gradient_async.http.raw_response import RawResponse, accept
from gradient_async.http.reader import date_of
from gradient_async.models.responses import ActionRetrieveResponse, actions_in

if TYPE_CHECKING:
    from gradient_async.http.call import Call
    from gradient_async.http.settlement import Send

T = TypeVar("T")

_OLD_SECONDS: Final = 86400.0


async def fixed_answer(call: Call[T], send: Send) -> RawResponse[T] | None:
    """Return the answer to an action's request, if a test server gives it to every such request; else ``None``.

    It is about an action that was started more than a day ago, by this machine's clock and by the server's. And the
    server answers a read of another action with one that was not asked for. A fleet run with a journal and a request
    with a key do not accept it: what they keep would name the wrong action.

    Args:
        call: The call; its answer is about another action.
        send: Sends the request that reads another action.
    """
    reply, trace = _reply_about_the_past(call), call.request.action
    if reply is None or trace is None or trace.resource_id is None:
        return None
    if call.request.origin is not None or call.request.key is not None:
        return None
    (action,) = actions_in(reply.parse())
    asked = action.id + 1
    # Without its identity, a wrong answer is not asked for a second time.
    retrieve = attrs.evolve(trace.kind.retrieve, identity="")
    request = retrieve.request({}, trace.resource_id, asked)
    try:
        answer = (await send(request._replace(timeout=call.request.timeout))).parse()
    except (APIError, ClientClosedError):
        return None
    found = answer.action if isinstance(answer, ActionRetrieveResponse) else answer
    return None if found.id == asked else reply


def _reply_about_the_past(call: Call[T]) -> RawResponse[T] | None:
    """Return this process's answer if it is about one action that was started more than a day before the request."""
    response = call.response
    if response is None or not call.was_created or call.is_of_another_process:
        return None
    reply = RawResponse(response, call.request, call.results)
    accept(reply)
    try:
        actions = actions_in(reply.parse())
    except APIResponseValidationError:
        return None
    date = date_of(response.headers)
    if len(actions) != 1 or actions[0].started_at is None or date is None:
        return None
    newest = min(date, call.sent_at.wall) - _OLD_SECONDS
    return reply if actions[0].started_at.timestamp() < newest else None
