"""The selection of requests by faults: counting, chance and order."""

from __future__ import annotations

from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

import attrs

from gradient_async.emulator.api_routes import API_ROUTES

if TYPE_CHECKING:
    from random import Random

_KNOWN_ROUTES = frozenset(f"{method} {template}" for template, methods in API_ROUTES.items() for method in methods)


def check_route(_instance: object, _attribute: object, route: str) -> None:
    """Validate an attrs field with a route. A misspelt route would make a fault that never applies."""
    if "{" in route and route not in _KNOWN_ROUTES:
        near = get_close_matches(route, _KNOWN_ROUTES, n=3, cutoff=0.0)
        raise ValueError(f"route {route!r} is no route of the API; near it are {', '.join(near)}")
    if route != "*" and " " not in route:
        raise ValueError(f"route {route!r} is neither '*' nor 'METHOD /path', in which * matches anything")


def _check_times(_instance: object, _attribute: object, times: int | None) -> None:
    if times is not None and times < 1:
        raise ValueError(f"times must be at least 1, or None for every request, not {times}")


@attrs.frozen(kw_only=True)
class Fault:
    """The selection of the requests that a fault applies to.

    Args:
        route: `"POST /v2/droplets/{droplet_id}/actions"` is a route as in the documentation;
            `"GET /v2/droplets/3164444*"` is matched against method and path; `*` matches anything.
        times: Number of matching requests that it applies to; None is all.
        skip: Number of matching requests before the first that it applies to.
        rate: The chance that it applies to a matching request, drawn from the emulator's seed.

    Raises:
        ValueError: The route can never match, or a number is out of range.
    """

    route: str = attrs.field(default="*", validator=check_route)
    times: int | None = attrs.field(default=None, validator=_check_times)
    skip: int = attrs.field(default=0, validator=attrs.validators.ge(0))
    rate: float = attrs.field(default=1.0, validator=[attrs.validators.ge(0), attrs.validators.le(1)])

    @property
    def name(self) -> str:
        """The name of its class, as the request log shows it."""
        return type(self).__name__

    def matches(self, subject: Subject) -> bool:
        """Return whether the fault is for such a request."""
        return subject_matches(subject, self.route)


@attrs.frozen(kw_only=True)
class Subject:
    """The properties of a request that select faults.

    Args:
        template: The path's template, None for a path without a route.
        action_type: `type` in the body of a request that starts an action.
    """

    method: str
    path: str
    template: str | None = None
    action_type: str | None = None


def subject_matches(subject: Subject, route: str) -> bool:
    """Return whether a request is on a route, given as a template or with wildcards."""
    if "{" in route:
        return route == f"{subject.method} {subject.template}"
    return fnmatchcase(f"{subject.method} {subject.path}", route)


@attrs.frozen
class Counts:
    """The number of matching requests that a fault has seen, and of those that it applied to."""

    seen: int = 0
    applied: int = 0


def decide(fault: Fault, counts: Counts, subject: Subject, random: Random) -> tuple[bool, Counts]:
    """Decide whether a fault applies to a request, and count it. `random` is used only for a rate below 1."""
    if not fault.matches(subject):
        return False, counts
    is_counted = counts.seen >= fault.skip and (fault.times is None or counts.applied < fault.times)
    applies = is_counted and (fault.rate >= 1 or random.random() < fault.rate)
    return applies, Counts(counts.seen + 1, counts.applied + applies)
