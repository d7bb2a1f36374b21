"""The answers to requests that start actions on volumes."""

from __future__ import annotations

from attrs import frozen

from gradient_async.models.responses import ActionInitiateResponse


@frozen(kw_only=True)
class ActionInitiateByIDResponse(ActionInitiateResponse):
    """The action that a request with a volume's id started."""


@frozen(kw_only=True)
class ActionInitiateByNameResponse(ActionInitiateResponse):
    """The action that a request with a volume's name started."""
