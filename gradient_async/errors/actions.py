"""Errors of one action, and of a request whose outcome is unknown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradient_async.errors.root import GradientAIError

if TYPE_CHECKING:
    from gradient_async.errors.attempts import Attempt
    from gradient_async.models.action import Action


class ActionError(GradientAIError):
    """An action failed, did not end in time, or its end is not known."""


class ActionFailedError(ActionError):
    """An action ended as ``errored``. The API gives no reason.

    Attributes:
        action: The failed action as last read; of several, the first that failed.
        actions: All actions of the wait, as last read.
    """

    def __init__(self, message: str, *, action: Action, actions: tuple[Action, ...] = ()) -> None:
        super().__init__(message)
        self.action = action
        self.actions: tuple[Action, ...] = actions or (action,)


class ActionTimeoutError(ActionError, TimeoutError):
    """An action was unfinished when the wait's ``timeout`` ended. The action continues by itself.

    Attributes:
        action: The action as last read; of several, the first unfinished one. ``None`` if it could not be read.
        actions: All actions of the wait, as last read.
    """

    def __init__(self, message: str, *, action: Action | None, actions: tuple[Action, ...] = ()) -> None:
        super().__init__(message)
        self.action = action
        self.actions = actions


class RequestOutcomeUnknownError(GradientAIError):
    """A request may or may not have been executed. Sending it again could execute it twice.

    The SDK does not send it again. Check the account before you decide.

    Attributes:
        method: HTTP method of the request.
        path: Its path, without the host and the query.
        request_id: The server's id of the last request that was answered; ``None`` if none was answered.
        attempts: All attempts, oldest first.
        candidates: Things that may be its result, such as a volume of the same name; empty if none is known.
    """

    def __init__(
        self,
        message: str,
        *,
        method: str,
        path: str,
        request_id: str | None = None,
        attempts: tuple[Attempt, ...] = (),
        candidates: tuple[object, ...] = (),
    ) -> None:
        super().__init__(message)
        self.candidates: tuple[object, ...] = candidates
        self.method = method
        self.path = path
        self.request_id = request_id
        self.attempts = attempts


class ActionOutcomeUnknownError(RequestOutcomeUnknownError, ActionError):
    """An action request may or may not have been executed, and a look-up did not resolve it.

    The SDK does not send it again. Check the Droplet or other resource, or its actions, before you decide.

    Attributes:
        method: HTTP method of the request.
        path: Its path, without the host and the query.
        droplet_id: The Droplet's id; ``None`` for a request by tag, and for an action on another resource.
        resource_id: Id of the resource: a Droplet's or image's number, a volume's UUID, an IP address; ``None`` if the
            request does not have it.
        type: The action's type.
        candidates: Actions that may be the result of this request, newest first.
        request_id: The server's id of the last request that was answered; ``None`` if none was answered.
        attempts: All attempts, oldest first.
    """

    def __init__(
        self,
        message: str,
        *,
        method: str,
        path: str,
        droplet_id: int | None,
        type: str,
        candidates: tuple[Action, ...] = (),
        request_id: str | None = None,
        attempts: tuple[Attempt, ...] = (),
        resource_id: int | str | None = None,
    ) -> None:
        super().__init__(message, method=method, path=path, request_id=request_id, attempts=attempts)
        self.droplet_id = droplet_id
        self.resource_id: int | str | None = droplet_id if resource_id is None else resource_id
        self.type = type
        self.candidates: tuple[Action, ...] = candidates
