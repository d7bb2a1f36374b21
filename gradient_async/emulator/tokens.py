"""Tokens, their scopes and their rate windows."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

import attrs

from gradient_async.emulator.limits import LimitKind, Quota, RateGate, RateLimits, SlidingWindow

if TYPE_CHECKING:
    from gradient_async.emulator.profiles import Behaviour
    from gradient_async.emulator.rendering import Renderer
    from gradient_async.emulator.routes import Route


@attrs.frozen(kw_only=True)
class Token:
    """A token of the account.

    Args:
        value: The token itself.
        scopes: Its scopes, such as `{"droplet:read", "actions:read"}`; None is all.
        limits: Its rate windows; None switches them off.
    """

    value: str = attrs.field(repr=False)
    scopes: Collection[str] | None = None
    limits: RateLimits | None = attrs.field(factory=RateLimits)


class Access:
    """The use of one token: its scopes, its rate windows, and its renderer.

    Args:
        token: The token.
        renderer: Renders values as this token sees them.
        behaviour: The account's behaviour.
    """

    def __init__(self, token: Token, renderer: Renderer, behaviour: Behaviour) -> None:
        self.render = renderer
        self._scopes = None if token.scopes is None else frozenset(token.scopes)
        self._gate = RateGate(token.limits, behaviour.ratelimit_reset)
        self._is_limited = token.limits is not None
        self._route_windows: dict[str, SlidingWindow] = {}

    def permits(self, needed: Collection[str]) -> bool:
        """Return whether the token has all these scopes."""
        return self._scopes is None or self._scopes.issuperset(needed)

    def exhausted(self, now: float, route: Route | None) -> LimitKind | None:
        """Return the kind of the window without room for another request, None if all have room."""
        window = self._window(route)
        return "burst" if window and not window.has_room(now) else self._gate.check(now)

    def count(self, now: float, route: Route | None = None, refused: LimitKind | None = None) -> None:
        """Count a request that was accepted or refused."""
        self._gate.count(now, refused)
        window = self._window(route)
        if window and not refused:
            window.add(now)

    def quota(self, now: float, refused: LimitKind | None = None, route: Route | None = None) -> Quota:
        """Return the state to report, for a request that was accepted or refused."""
        quota = self._gate.quota(now, refused)
        window = self._window(route)
        if refused != "burst" or window is None or window.has_room(now):
            return quota
        return attrs.evolve(quota, retry_after=max(window.opens_in(now), quota.retry_after or 0.0))

    def _window(self, route: Route | None) -> SlidingWindow | None:
        if route is None or route.limit is None or not self._is_limited:
            return None
        if route.key not in self._route_windows:
            self._route_windows[route.key] = SlidingWindow(route.limit.requests, route.limit.seconds)
        return self._route_windows[route.key]
