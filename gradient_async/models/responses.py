"""The answers of the endpoints, with the retired SDK's names."""

from __future__ import annotations

from attrs import field, frozen

from gradient_async.models.action import Action
from gradient_async.models.droplet import Droplet
from gradient_async.models.image import Image
from gradient_async.models.model import ListModel, Model
from gradient_async.models.own_fields import NOT_FROM_THE_API
from gradient_async.models.page import Links, Meta
from gradient_async.models.region import Region
from gradient_async.models.size import Size


@frozen(kw_only=True)
class ActionInitiateResponse(Model):
    """The action that a request started.

    Attributes:
        action: The action.
        is_adopted: ``True`` if the answer was lost and the action was found in the list of its resource. This field is
            not from the API.
        is_replayed: ``True`` if an earlier call with the same key started it; ``action`` is as it was then. This field
            is not from the API.
    """

    action: Action
    is_adopted: bool = field(default=False, metadata={NOT_FROM_THE_API: True})
    is_replayed: bool = field(default=False, metadata={NOT_FROM_THE_API: True})


@frozen(kw_only=True)
class ActionBulkInitiateResponse(Model):
    """The actions that a request by tag started, one for each Droplet with the tag.

    Attributes:
        actions: The actions.
        is_replayed: ``True`` if an earlier call with the same key started them; ``actions`` are as they were then. This
            field is not from the API.
    """

    actions: tuple[Action, ...]
    is_replayed: bool = field(default=False, metadata={NOT_FROM_THE_API: True})


@frozen(kw_only=True)
class ActionRetrieveResponse(Model):
    """One action."""

    action: Action


@frozen(kw_only=True, repr=False)
class ActionListResponse(ListModel):
    """One page of actions."""

    actions: tuple[Action, ...]
    meta: Meta = field(factory=Meta)
    links: Links = field(factory=Links)


@frozen(kw_only=True)
class GPUDropletRetrieveResponse(Model):
    """One Droplet."""

    droplet: Droplet


@frozen(kw_only=True, repr=False)
class GPUDropletListResponse(ListModel):
    """One page of Droplets."""

    droplets: tuple[Droplet, ...]
    meta: Meta = field(factory=Meta)
    links: Links = field(factory=Links)


@frozen(kw_only=True, repr=False)
class SizeListResponse(ListModel):
    """One page of sizes, without sizes by contract."""

    sizes: tuple[Size, ...]
    meta: Meta = field(factory=Meta)
    links: Links = field(factory=Links)


@frozen(kw_only=True, repr=False)
class RegionListResponse(ListModel):
    """One page of regions."""

    regions: tuple[Region, ...]
    meta: Meta = field(factory=Meta)
    links: Links = field(factory=Links)


@frozen(kw_only=True, repr=False)
class ImageListResponse(ListModel):
    """One page of images."""

    images: tuple[Image, ...]
    meta: Meta = field(factory=Meta)
    links: Links = field(factory=Links)


def action_of(answer: Action | ActionRetrieveResponse) -> Action:
    """Return the action that the answer to a read shows. Some answers are the action itself."""
    return answer if isinstance(answer, Action) else answer.action


def actions_in(answer: object) -> tuple[Action, ...]:
    """Return the actions that the answer to an action request names."""
    if isinstance(answer, ActionInitiateResponse):
        return (answer.action,)
    if isinstance(answer, Action):
        return (answer,)
    return answer.actions if isinstance(answer, ActionBulkInitiateResponse) else ()
