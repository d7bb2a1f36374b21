"""Errors of requests with a key, which are executed once."""

from __future__ import annotations

from gradient_async.errors.root import GradientAIError


class RequestKeyError(GradientAIError):
    """A request with a key was not sent, since its key does not allow it now.

    The error says nothing about an earlier call with this key.
    """


class RequestKeyMismatchError(RequestKeyError, ValueError):
    """The key belongs to another request: another action, Droplet or body.

    Attributes:
        used_for: The request that used the key first, as text.
        asked_for: The request of this call, as text.
    """

    def __init__(self, message: str, *, used_for: str, asked_for: str) -> None:
        super().__init__(message)
        self.used_for = used_for
        self.asked_for = asked_for


class RequestKeyBusyError(RequestKeyError, TimeoutError):
    """Another call with this key was not finished when the time for this one was over."""


class RequestKeyStoreError(RequestKeyError):
    """The store that keeps the key cannot be used, or the client has none."""
