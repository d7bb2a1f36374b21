"""Checks that an answer belongs to its request.

A proxy between the client and the API can mix up answers, or send one twice. An answer about another resource belongs
to another request: the SDK's own reads refuse it, and an action's is unknown. What a caller reads or updates is asked
for again, on a new connection; if the answer is the same, the caller gets it, with a warning.
"""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from gradient_async.models.action import Action
from gradient_async.models.responses import ActionBulkInitiateResponse, ActionInitiateResponse

if TYPE_CHECKING:
    from gradient_async.http.action_trace import ActionTrace
    from gradient_async.http.endpoint import Request


class Mismatch(NamedTuple):
    """A difference between an answer and its request.

    Attributes:
        fault_path: The field that differs.
        reason: Description: what the answer is about, and what was requested.
    """

    fault_path: str
    reason: str


def mismatch_of(answer: object, request: Request[object]) -> Mismatch | None:
    """Return how a successful answer differs from its request; ``None`` if it does not.

    A missing field is no difference.
    """
    if request.action is not None:
        return _mismatch_of_action(answer, request.action)
    identity = request.endpoint.identity
    if not identity:
        return None
    found, asked = attrgetter(identity)(answer), request.path.rpartition("/")[2]
    if found is None or quote(str(found), safe="") == asked:
        return None
    kind = identity.partition(".")[0]
    return Mismatch(f"$.{identity}", f"the answer is about {kind} {found}, but {kind} {asked} was requested")


def _mismatch_of_action(answer: object, trace: ActionTrace) -> Mismatch | None:
    if isinstance(answer, ActionInitiateResponse):
        return _mismatch(answer.action, trace, "$.action")
    if isinstance(answer, ActionBulkInitiateResponse):
        found = (_mismatch(action, trace, f"$.actions[{index}]") for index, action in enumerate(answer.actions))
        return next(filter(None, found), None)
    return _mismatch(answer, trace, "$") if isinstance(answer, Action) else None


def _mismatch(action: Action, trace: ActionTrace, path: str) -> Mismatch | None:
    if trace.is_met_exactly_by(action):
        return None
    if not trace.is_of_type(action):
        field = "type"
    elif not trace.is_of_kind(action):
        field = "resource_type"
    elif not trace.is_of_resource(action):
        field = "resource_id"
    else:
        return None
    asked = trace.type if trace.resource_id is None else f"{trace.type} {trace.place}"
    return Mismatch(
        f"{path}.{field}",
        f"the answer is about action {action.id} ({action.type} of {action.resource_type or trace.kind.title} "
        f"{action.resource_id}), but {asked} was requested",
    )
