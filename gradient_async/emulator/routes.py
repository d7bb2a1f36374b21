"""The routes the emulator serves, and the scopes each of them asks for."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from urllib.parse import unquote

import attrs


@attrs.frozen(kw_only=True)
class Route:
    """One operation of the API.

    Args:
        name: What it does, in the words of the code that answers it.
        template: The path with its parameters in braces.
        scopes: The scopes its documentation demands.
    """

    name: str
    method: str
    template: str
    scopes: Sequence[str]

    @property
    def key(self) -> str:
        """Method and template, as faults name a route."""
        return f"{self.method} {self.template}"


ROUTES: Sequence[Route] = tuple(
    Route(name=name, method=method, template=template, scopes=scopes.split())
    for name, method, template, scopes in (
        ("initiate", "POST", "/v2/droplets/{droplet_id}/actions", "droplet:update"),
        ("bulk_initiate", "POST", "/v2/droplets/actions", "droplet:update"),
        ("list_droplet_actions", "GET", "/v2/droplets/{droplet_id}/actions", "droplet:read"),
        ("retrieve_droplet_action", "GET", "/v2/droplets/{droplet_id}/actions/{action_id}", "droplet:read"),
        ("list_actions", "GET", "/v2/actions", "actions:read"),
        ("retrieve_action", "GET", "/v2/actions/{action_id}", "actions:read"),
        ("list_droplets", "GET", "/v2/droplets", "droplet:read"),
        ("retrieve_droplet", "GET", "/v2/droplets/{droplet_id}", "droplet:read"),
        ("list_sizes", "GET", "/v2/sizes", "sizes:read regions:read"),
        ("retrieve_tag", "GET", "/v2/tags/{tag_id}", "tag:read"),
        ("list_snapshots", "GET", "/v2/droplets/{droplet_id}/snapshots", "droplet:read"),
    )
)

#: Scopes that some action types demand beside `droplet:update`.
EXTRA_SCOPES: Mapping[str, str] = {
    "password_reset": "droplet:admin",
    "rebuild": "droplet:admin",
    "resize": "droplet:create",
    "restore": "droplet:admin",
    "snapshot": "image:create",
}


@attrs.frozen(kw_only=True)
class Match:
    """Where a request leads: to a route, with the ids and names in its path; or nowhere, unless by another method."""

    route: Route | None
    ids: Mapping[str, int] = attrs.field(factory=dict[str, int])
    names: Mapping[str, str] = attrs.field(factory=dict[str, str])
    other_methods: bool = False


def _pattern(template: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(template)))


#: Parameters of a path that are no numbers.
_NAMES = frozenset({"tag_id"})
_ID = re.compile(r"0*[1-9][0-9]{0,18}")
_PATTERNS = {template: _pattern(template) for template in dict.fromkeys(route.template for route in ROUTES)}


def match(method: str, path: str) -> Match:
    """Find the route of a request.

    An id that is no positive number leads nowhere; clients saw 404 for a path with `null` in it.
    """
    for template, pattern in _PATTERNS.items():
        found = pattern.fullmatch(path)
        if found is None:
            continue
        names = {name: unquote(text) for name, text in found.groupdict().items() if name in _NAMES}
        ids = {name: text for name, text in found.groupdict().items() if name not in _NAMES}
        if all(_is_id(text) for text in ids.values()):
            route = next((route for route in ROUTES if (route.template, route.method) == (template, method)), None)
            numbers = {name: int(text) for name, text in ids.items()}
            return Match(route=route, ids=numbers, names=names, other_methods=route is None)
    return Match(route=None)


def _is_id(text: str) -> bool:
    return _ID.fullmatch(text) is not None
