"""The answers to requests that start actions on volumes."""

from __future__ import annotations

from typing import TypeAlias

from attrs import frozen

from gradient_async.models.action import Action
from gradient_async.models.responses import ActionInitiateResponse

VolumeAction: TypeAlias = Action
"""The retired SDK's name for an action on a volume. The ``resource_id`` of such an action is ``None``."""


@frozen(kw_only=True)
class ActionInitiateByIDResponse(ActionInitiateResponse):
    """The action that a request with a volume's id started."""


@frozen(kw_only=True)
class ActionInitiateByNameResponse(ActionInitiateResponse):
    """The action that a request with a volume's name started."""
