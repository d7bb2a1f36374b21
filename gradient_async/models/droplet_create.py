"""The answer to a create: new Droplets, and their ``create`` actions."""

from __future__ import annotations

from attrs import field, frozen

from gradient_async.models.droplet import Droplet
from gradient_async.models.model import Model
from gradient_async.models.own_fields import NOT_FROM_THE_API


@frozen(kw_only=True)
class ActionLink(Model):
    """A link to an action, or to a Droplet.

    Attributes:
        id: Id of the action or the Droplet.
        rel: The action's type, such as ``"create"`` or ``"assign_ip"``, or ``"droplet"``.
        href: URL of the action or the Droplet.
    """

    id: int | None = None
    rel: str | None = None
    href: str | None = None


@frozen(kw_only=True)
class CreateLinks(Model):
    """The actions that create the Droplets; empty if the answer was lost."""

    actions: tuple[ActionLink, ...] = ()


@frozen(kw_only=True)
class GPUDropletCreateResponse(Model):
    """The answer to a create, for one Droplet or several.

    Attributes:
        links: The ``create`` actions. ``client.actions.wait(response.links.actions[0].id)`` waits for one.
        is_adopted: ``True`` if the answer was lost and the Droplets were found in the lists. This field is not from the
            API.
        others: If the answer was lost: further Droplets that may be the result of the same request. They have the same
            names and were created since; the oldest ones were adopted, of those with the asked tags if there are any.
            They are billed. This field is not from the API.
        is_replayed: ``True`` if an earlier call with the same key created the Droplets, which are as they were then.
            This field is not from the API.
    """

    links: CreateLinks = field(factory=CreateLinks)
    is_adopted: bool = field(default=False, metadata={NOT_FROM_THE_API: True})
    others: tuple[Droplet, ...] = field(default=(), metadata={NOT_FROM_THE_API: True})
    is_replayed: bool = field(default=False, metadata={NOT_FROM_THE_API: True})


@frozen(kw_only=True)
class SingleDropletResponse(GPUDropletCreateResponse):
    """The answer to a create with ``name``.

    Attributes:
        droplet: The new Droplet. Its status is ``"new"``, and it has no address yet.
    """

    droplet: Droplet


@frozen(kw_only=True)
class MultipleDropletResponse(GPUDropletCreateResponse):
    """The answer to a create with ``names``.

    Attributes:
        droplets: The new Droplets. Their status is ``"new"``, and they have no addresses yet.
        droplet: The Droplet, if an answer has one in place of a list. ``create`` puts it into ``droplets``.
        missing: Names for which the answer has no Droplet; empty if all were accepted. This field is not from the API.
    """

    droplets: tuple[Droplet, ...] = ()
    droplet: Droplet | None = None
    missing: tuple[str, ...] = field(default=(), metadata={NOT_FROM_THE_API: True})
