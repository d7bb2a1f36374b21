"""Endpoints of reserved IPs, under both of their names: reserved IP, and floating IP, the former one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final, NamedTuple, TypeVar

from attrs import frozen

from gradient_async.arguments import checked_id
from gradient_async.bodies import Example, with_rule
from gradient_async.http.action_trace import ActionKind, ActionOwner, ActionTrace
from gradient_async.http.endpoint import Endpoint, Resend
from gradient_async.http.parameters import Parameter
from gradient_async.models.reserved_ip import (
    ActionCreateResponse,
    FloatingIPCreateResponse,
    FloatingIPListResponse,
    FloatingIPRetrieveResponse,
    IPActionType,
    ReservedIPCreateResponse,
    ReservedIPListResponse,
    ReservedIPRetrieveResponse,
)
from gradient_async.models.responses import ActionListResponse, ActionRetrieveResponse

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gradient_async.http.endpoint import Request
    from gradient_async.http.request import RequestOptions

T = TypeVar("T")

_READ: Final = ("reserved_ip:read",)


def _place(given: Mapping[str, object]) -> str | None:
    if ("droplet_id" in given) is ("region" in given):
        return "droplet_id, region: expected one of them"
    return "project_id: not allowed together with droplet_id" if {"droplet_id", "project_id"} <= given.keys() else None


def _action_fields(given: Mapping[str, object]) -> str | None:
    # An "assign" without a Droplet is left to the API, as in the retired SDK: the API refuses it.
    if given["type"] == IPActionType.UNASSIGN and "droplet_id" in given:
        return "droplet_id: not allowed for type 'unassign'"
    return None


@with_rule(_place)
@frozen(kw_only=True)
class CreateIP:
    """The body of a request for a new IP."""

    droplet_id: Annotated[int, checked_id] | None = None
    region: Annotated[str, Example("tor1")] | None = None
    project_id: Annotated[str, Example("4e1bfbc3-dc3e-41f2-a18f-1b4d7ba71679")] | None = None


@with_rule(_action_fields)
@frozen(kw_only=True)
class IPAction:
    """The body of a request for an action on an IP."""

    type: Annotated[str, Example("assign")]
    droplet_id: Annotated[int, checked_id] | None = None


class _Name(NamedTuple):
    """One of the two names of reserved IPs.

    Attributes:
        group: The group of methods, from the client.
        path: The path of all IPs.
        parameter: The parameter of one IP's path.
        key: The key of one IP in an answer.
    """

    group: str
    path: str
    parameter: str
    key: str

    @property
    def one(self) -> str:
        """The path of one IP."""
        return f"{self.path}/{{{self.parameter}:ip}}"

    def create(self, answer: type[T]) -> Endpoint[T]:
        return Endpoint(
            f"{self.group}.create", "POST", self.path, body=CreateIP, answer=answer, scopes=("reserved_ip:create",)
        )

    def retrieve(self, answer: type[T]) -> Endpoint[T]:
        return Endpoint(
            f"{self.group}.retrieve", "GET", self.one, answer=answer, identity=f"{self.key}.ip", scopes=_READ
        )

    def list(self, answer: type[T]) -> Endpoint[T]:
        return Endpoint(
            f"{self.group}.list", "GET", self.path, answer=answer, items=f"{self.key}s", key="ip", scopes=_READ
        )

    def delete(self) -> Endpoint[None]:
        return Endpoint(f"{self.group}.delete", "DELETE", self.one, scopes=("reserved_ip:delete",))

    def create_action(self) -> Endpoint[ActionCreateResponse]:
        return Endpoint(
            f"{self.group}.actions.create",
            "POST",
            f"{self.one}/actions",
            body=IPAction,
            answer=ActionCreateResponse,
            resend=Resend.AFTER_LOOKUP,
            scopes=("reserved_ip:update",),
        )

    def retrieve_action(self) -> Endpoint[ActionRetrieveResponse]:
        return Endpoint(
            f"{self.group}.actions.retrieve",
            "GET",
            f"{self.one}/actions/{{action_id:id}}",
            answer=ActionRetrieveResponse,
            identity="action.id",
            scopes=_READ,
        )

    def list_actions(self) -> Endpoint[ActionListResponse]:
        # The API's documentation names no pages for this list; its answers have them.
        return Endpoint(
            f"{self.group}.actions.list",
            "GET",
            f"{self.one}/actions",
            answer=ActionListResponse,
            items="actions",
            scopes=_READ,
        )


_RESERVED: Final = _Name("reserved_ips", "/v2/reserved_ips", "reserved_ip", "reserved_ip")
_FLOATING: Final = _Name("gpu_droplets.floating_ips", "/v2/floating_ips", "floating_ip", "floating_ip")

CREATE: Final = _RESERVED.create(ReservedIPCreateResponse)
RETRIEVE: Final = _RESERVED.retrieve(ReservedIPRetrieveResponse)
LIST: Final = _RESERVED.list(ReservedIPListResponse)
DELETE: Final = _RESERVED.delete()
CREATE_ACTION: Final = _RESERVED.create_action()
RETRIEVE_ACTION: Final = _RESERVED.retrieve_action()
LIST_ACTIONS: Final = _RESERVED.list_actions()

CREATE_FLOATING: Final = _FLOATING.create(FloatingIPCreateResponse)
RETRIEVE_FLOATING: Final = _FLOATING.retrieve(FloatingIPRetrieveResponse)
LIST_FLOATING: Final = _FLOATING.list(FloatingIPListResponse)
DELETE_FLOATING: Final = _FLOATING.delete()
CREATE_FLOATING_ACTION: Final = _FLOATING.create_action()
RETRIEVE_FLOATING_ACTION: Final = _FLOATING.retrieve_action()
LIST_FLOATING_ACTIONS: Final = _FLOATING.list_actions()

# Both names share one kind: an action that was started under one of them is listed under the other too. The API shows
# "assign" as "assign_ip". The documentation does not say whether the type of the resource is "reserved_ip" or
# "floating_ip", and the id of the resource is the address as a number (digitalocean/doctl#493): neither is compared.
KIND: Final = ActionKind(title="reserved IP", list=LIST_ACTIONS, retrieve=RETRIEVE_ACTION, suffix="ip")


def action(
    endpoint: Endpoint[ActionCreateResponse], ip: object, type: str, droplet_id: int | None, options: RequestOptions
) -> Request[ActionCreateResponse]:
    """Return the request that starts an action on an IP.

    Args:
        endpoint: ``CREATE_ACTION`` or ``CREATE_FLOATING_ACTION``.
        ip: The IP.
        type: The action's type.
        droplet_id: The Droplet that gets the IP; ``None`` for none.
        options: The caller's options.

    Raises:
        TypeError: An argument is missing or has the wrong type.
        ValueError: An argument is out of range, or does not belong to the type.
    """
    owner = owner_of(ip, endpoint.path_template.parameters[0].name)
    trace = ActionTrace(KIND, owner.resource_id, type)
    return endpoint.request(options, ip, body={"type": type, "droplet_id": droplet_id}, action=trace)


def owner_of(ip: object, parameter: str = "reserved_ip") -> ActionOwner:
    """Return an IP as the resource of actions.

    Raises:
        TypeError: It is no text.
        ValueError: It is no address.
    """
    return ActionOwner(KIND, Parameter.of(f"{parameter}:ip").check(parameter, ip))
