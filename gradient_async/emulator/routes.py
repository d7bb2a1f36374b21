"""Routes, and the router that finds the route of a request."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Literal
from urllib.parse import unquote

import attrs

from gradient_async.emulator.api_routes import API_ROUTES, EMPTY_SEGMENTS_IGNORED, OTHER_PRODUCTS
from gradient_async.emulator.parameter_kinds import ParameterValue, parsed

#: Number of paths that a router caches.
_REMEMBERED = 4096


@attrs.frozen(kw_only=True)
class FieldScope:
    """A scope that a request needs only if it has a certain field.

    Args:
        field: Name of the field.
        scope: The scope.
        place: The place of the field: the `"body"` or the `"query"`.
        value: The field's value that needs the scope; None is any.
    """

    field: str
    scope: str
    place: Literal["body", "query"] = "body"
    value: str | None = None

    def is_needed(self, query: Mapping[str, str], body: Mapping[str, object]) -> bool:
        """Return whether a request with this query and body needs the scope."""
        found = (query if self.place == "query" else body).get(self.field)
        return found is not None if self.value is None else found == self.value


@attrs.frozen(kw_only=True)
class RouteLimit:
    """A rate window of one route, beside those of the token.

    Args:
        requests: Number of requests.
        seconds: Length of the window, virtual seconds.
    """

    requests: int
    seconds: float


@attrs.frozen(kw_only=True)
class Route:
    """One operation of the API.

    Args:
        name: Name of the handler's method.
        template: The path with its parameters in braces.
        scopes: The scopes that every request needs.
        field_scopes: The scopes that some requests need beside them.
        limit: A rate window of its own.
    """

    name: str
    method: str
    template: str
    scopes: Sequence[str]
    field_scopes: Sequence[FieldScope] = ()
    limit: RouteLimit | None = None

    @property
    def key(self) -> str:
        """Method and template, as faults name a route."""
        return f"{self.method} {self.template}"

    def needed_scopes(self, query: Mapping[str, str], body: Mapping[str, object]) -> set[str]:
        """Return the scopes that a request needs."""
        return {*self.scopes, *(one.scope for one in self.field_scopes if one.is_needed(query, body))}


@attrs.frozen(kw_only=True)
class Match:
    """The match of a request.

    Args:
        route: The route that serves it, None if there is none.
        template: The path's template, None for a path that the API does not have.
        parameters: The values of the path's parameters.
        is_missing: The API has the operation, but the emulator does not.
        other_methods: The API has the path, but not with this method.
    """

    route: Route | None = None
    template: str | None = None
    parameters: Mapping[str, ParameterValue] = attrs.field(factory=dict[str, ParameterValue])
    is_missing: bool = False
    other_methods: bool = False


class _Node:
    """A segment in the tree of templates."""

    def __init__(self) -> None:
        self.literals: dict[str, _Node] = {}
        self.parameters: dict[str, _Node] = {}
        self.template: str | None = None

    def add(self, template: str) -> None:
        node = self
        for segment in template.strip("/").split("/"):
            is_parameter = segment.startswith("{")
            children = node.parameters if is_parameter else node.literals
            node = children.setdefault(segment.strip("{}"), _Node())
        node.template = template

    def find(
        self, segments: Sequence[str], values: Mapping[str, ParameterValue]
    ) -> Iterator[tuple[str, Mapping[str, ParameterValue]]]:
        """Return the templates that match a path, in the order of their literal segments."""
        if not segments:
            if self.template is not None:
                yield self.template, values
            return
        first, rest = segments[0], segments[1:]
        if first in self.literals:
            yield from self.literals[first].find(rest, values)
        for name, node in self.parameters.items():
            value = parsed(name, first)
            if value is not None:
                yield from node.find(rest, {**values, name: value})


class Router:
    """Finds the route of a request. Literal segments win over parameters.

    Args:
        routes: The routes that are served; each is one of the API's.

    Attributes:
        match: Returns the match of a method and a path as it is on the wire, with percent signs.

    Raises:
        ValueError: A route is not in the table of the API's routes, or is served twice.
    """

    def __init__(self, routes: Iterable[Route]) -> None:
        self._served: dict[tuple[str, str], Route] = {}
        self._tree = _Node()
        self.match: Callable[[str, str], Match] = lru_cache(_REMEMBERED)(self._match)
        for template in API_ROUTES:
            self._tree.add(template)
        for route in routes:
            if route.method not in API_ROUTES.get(route.template, ()):
                raise ValueError(f"{route.key} is not in the table of the API's routes")
            if (route.method, route.template) in self._served:
                raise ValueError(f"{route.key} is served twice")
            self._served[route.method, route.template] = route

    def _match(self, method: str, path: str) -> Match:
        """Return the match of a request.

        A HEAD has the route of the GET. A parameter that is not of its kind has no route; clients saw 404 for a path
        with `null` in it.
        """
        method = "GET" if method == "HEAD" else method
        segments = _segments(path)
        found = list(self._tree.find(segments, {}))
        for template, values in found:
            if method in API_ROUTES[template]:
                route = self._served.get((method, template))
                return Match(route=route, template=template, parameters=values, is_missing=route is None)
        if found:
            return Match(template=found[0][0], parameters=found[0][1], other_methods=True)
        return Match(is_missing=len(segments) > 1 and segments[0] == "v2" and segments[1] in OTHER_PRODUCTS)


def _segments(path: str) -> list[str]:
    segments = path.split("/")[1:]
    full = [segment for segment in segments if segment]
    if len(full) > 1 and full[1] in EMPTY_SEGMENTS_IGNORED:
        segments = full
    return [unquote(segment) for segment in segments]
