"""The traces of actions of a Droplet, volume, image or IP: they find an action whose answer was lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import attrs

from gradient_async.http.endpoint import Endpoint
from gradient_async.models.action import Action
from gradient_async.models.responses import ActionListResponse, ActionRetrieveResponse

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gradient_async.http.endpoint import Request


@attrs.frozen(kw_only=True, eq=False)
class ActionKind:
    """A kind of resource that has actions.

    Attributes:
        title: Its name in messages, such as ``"Droplet"``.
        list: Endpoint that lists the actions of one resource, given the resource's id.
        retrieve: Endpoint that reads one action, given the resource's id and the action's.
        suffix: What the API adds to some types when it shows an action: ``"volume"``, as in ``attach_volume``; ``""``
            for nothing.
        resource_type: ``resource_type`` of its actions; ``""`` if the API's documentation does not fix it. Then the id
            in an action is not the resource's either, and is not compared.
    """

    title: str
    list: Endpoint[ActionListResponse]
    retrieve: Endpoint[Action | ActionRetrieveResponse]
    suffix: str = ""
    resource_type: str = ""


class ActionOwner(NamedTuple):
    """The resource that an action is on.

    Attributes:
        kind: Its kind.
        resource_id: Its id.
    """

    kind: ActionKind
    resource_id: int | str


class ActionTrace(NamedTuple):
    """The values that find an action if the answer to its request is lost.

    Attributes:
        kind: Kind of the resource that the action is on.
        resource_id: Id of the resource whose list has the action; ``None`` if the request does not name it.
        type: The action's type, as in the request.
        search: For a request with the resource's name: the request that lists the resources with this name. ``None``
            for a request with an id, and for one by tag, which no list can resolve.
    """

    kind: ActionKind
    resource_id: int | str | None
    type: str
    search: Request[object] | None = None

    @property
    def place(self) -> str:
        """The resource in messages: ``"of Droplet 3164444"``, or ``"by tag"``."""
        if self.resource_id is not None:
            return f"of {self.kind.title} {self.resource_id}"
        return "by tag" if self.search is None else f"of the {self.kind.title} with this name"

    @property
    def droplet_id(self) -> int | None:
        """The Droplet's id; ``None`` for another resource, and for a request by tag."""
        return self.resource_id if isinstance(self.resource_id, int) and self.kind.title == "Droplet" else None

    def is_met_exactly_by(self, action: Action) -> bool:
        """Return whether all fields of an action are as usual: then no other rule has to decide."""
        return (
            action.resource_id == self.resource_id
            and action.type == self.type
            and action.resource_type == self.kind.resource_type
        )

    def is_of_type(self, action: Action) -> bool:
        """Return whether an action has the type.

        The API shows some types with a suffix: ``attach_volume``. Its documentation does not show all of them, so any
        further word is taken.
        """
        return action.type == self.type or (bool(self.kind.suffix) and self.type in action.type.split("_"))

    def is_of_kind(self, action: Action) -> bool:
        """Return whether an action can be one on a resource of this kind, by its ``resource_type``."""
        return not self.kind.resource_type or action.resource_type in (None, self.kind.resource_type)

    def is_of_resource(self, action: Action) -> bool:
        """Return whether an action can be one on the resource, by its ``resource_id``."""
        if not self.kind.resource_type or self.resource_id is None:
            return True
        return action.resource_id in (None, self.resource_id)

    def is_rival_of(self, other: ActionTrace) -> bool:
        """Return whether an action can be the result of two requests with these traces."""
        if self.kind is not other.kind or self.type != other.type:
            return False
        return None in (self.resource_id, other.resource_id) or self.resource_id == other.resource_id

    def changed(self, extra_body: Mapping[str, object]) -> ActionTrace:
        """Return the trace of a request with further fields of the body, which can replace its own type."""
        return self._replace(type=str(extra_body.get("type", self.type)))
