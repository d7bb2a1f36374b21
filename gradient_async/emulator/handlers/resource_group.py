"""The common base of the handlers: declaring routes, reading requests and writing lists."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar, TypeVar

import attrs

from gradient_async.emulator import refusals
from gradient_async.emulator.actions import AS_USUAL, Outcome
from gradient_async.emulator.pagination import envelope, requested_page
from gradient_async.emulator.parameter_kinds import ParameterValue
from gradient_async.emulator.refusals import Refusal
from gradient_async.emulator.rendering import Renderer
from gradient_async.emulator.routes import FieldScope, Route, RouteLimit
from gradient_async.emulator.wire import Answer, Incoming, JSONObject, as_object, without_nulls

if TYPE_CHECKING:
    from gradient_async.emulator.account import Account
    from gradient_async.emulator.profiles import Behaviour

OK = 200
CREATED = 201
ACCEPTED = 202
NO_CONTENT = 204

Item = TypeVar("Item")


@attrs.frozen(kw_only=True)
class Call:
    """A request and its context, for its handler.

    Args:
        parameters: The values in its path.
        render: Renders values as the request's token sees them.
        body: The parsed JSON body, None if there was none or it was no JSON.
        outcome: The outcome of an action that it starts.
    """

    request: Incoming
    parameters: Mapping[str, ParameterValue]
    render: Renderer
    body: object = None
    outcome: Outcome = AS_USUAL

    def id(self, name: str) -> int:
        """Return a numeric parameter of the path; 0, which is no id, for another text."""
        value = self.parameters[name]
        return value if isinstance(value, int) else 0

    def fields(self) -> JSONObject | Refusal:
        """Return the fields of the body without those that are null; a refusal if it is no JSON object."""
        fields = as_object(self.body)
        return refusals.UNPARSABLE_BODY if fields is None else without_nulls(fields)


Handler = Callable[["ResourceGroup", Call], Answer | Refusal]
_ROUTE = "_emulated_route"


def route(
    method: str,
    template: str,
    *scopes: str,
    field_scopes: Sequence[FieldScope] = (),
    limit: RouteLimit | None = None,
) -> Callable[[Callable[..., Answer | Refusal]], Callable[..., Answer | Refusal]]:
    """Declare that a method of a `ResourceGroup` serves a route.

    Args:
        method: The HTTP method.
        template: The path with its parameters in braces.
        scopes: The token scopes that every request needs.
        field_scopes: The scopes that some requests need beside them.
        limit: A rate window of the route's own.
    """

    def declare(handler: Callable[..., Answer | Refusal]) -> Callable[..., Answer | Refusal]:
        name: str = getattr(handler, "__name__")  # noqa: B009 - a callable's type has no name
        declared = Route(
            name=name, method=method, template=template, scopes=scopes, field_scopes=tuple(field_scopes), limit=limit
        )
        setattr(handler, _ROUTE, declared)
        return handler

    return declare


class ResourceGroup:
    """The handlers of one group of resources: one method for each route.

    Args:
        account: The account of the resources.
    """

    #: The routes that the class declares, with the names of their methods.
    ROUTES: ClassVar[Sequence[Route]] = ()

    def __init_subclass__(cls) -> None:
        declared = (getattr(value, _ROUTE, None) for value in vars(cls).values())
        cls.ROUTES = tuple(one for one in declared if isinstance(one, Route))

    def __init__(self, account: Account) -> None:
        self.account = account
        self.behaviour: Behaviour = account.behaviour

    def handlers(self) -> Mapping[Route, Callable[[Call], Answer | Refusal]]:
        """Return the handler of each route."""
        return {one: getattr(self, one.name) for one in self.ROUTES}

    def listing(
        self, call: Call, key: str, items: Sequence[Item], written: Callable[[Item], JSONObject]
    ) -> Answer | Refusal:
        """Return one page of a list.

        Args:
            call: The request.
            key: The key of the items.
            items: The whole list.
            written: Writes one item.
        """
        page = requested_page(call.request, self.behaviour)
        if isinstance(page, Refusal):
            return page
        shown = [written(item) for item in items[page.start : page.stop]]
        links = envelope(call.request, page, len(items), self.behaviour)
        return Answer(status=OK, payload={key: shown, **links})
