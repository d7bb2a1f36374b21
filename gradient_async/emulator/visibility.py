"""The views of the account: what each shows, from when, and with which chance.

The account itself always has the real state. A view may lag behind it, as reads from a replica do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, Literal, TypeVar

import attrs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from random import Random

#: `"get"`: a resource read by its id; `"list"`, `"tag"`, `"name"`: lists without a filter, by tag, by name;
#: `"keys"`: the SSH keys that a create knows; `"check"`: the state that decides whether an action is legal.
View = Literal["get", "list", "tag", "name", "keys", "check"]

_BEFORE_ALL = float("-inf")


@attrs.frozen
class Lag:
    """The lag of a view behind the real state.

    Args:
        seconds: Virtual seconds; not negative.
        chance: The chance that a read lags, drawn for each read; the others see the real state. For the lag of changed
            states it is the chance that a change is shown late.
    """

    seconds: float = attrs.field(default=0.0, validator=attrs.validators.ge(0))
    chance: float = attrs.field(default=1.0, validator=[attrs.validators.ge(0), attrs.validators.le(1)])


def _lag(value: Lag | float) -> Lag:
    return value if isinstance(value, Lag) else Lag(float(value))


@attrs.frozen(kw_only=True)
class Visibility:
    """The lags of the views behind the real state; each is a `Lag`, or a number of virtual seconds.

    Args:
        get: Read lag: for this time a new resource or action is 404, and a deleted one can still be read.
        list: List lag: for this time it is missing from lists, or still in them (digitalocean/api-v2#202).
        tag: Tag lag: as `list`, for lists and actions by tag.
        name: As `list`, for lists by name.
        keys: Key lag: for this time a create does not know a registered SSH key.
        status: Status lag: for this time every view, and the check whether an action is legal, shows the state before
            the last change (digitalocean/droplet_kit#50, koalalorenzo/python-digitalocean#99).
    """

    get: Lag = attrs.field(default=Lag(), converter=_lag)
    list: Lag = attrs.field(default=Lag(), converter=_lag)
    tag: Lag = attrs.field(default=Lag(), converter=_lag)
    name: Lag = attrs.field(default=Lag(), converter=_lag)
    keys: Lag = attrs.field(default=Lag(), converter=_lag)
    status: Lag = attrs.field(default=Lag(), converter=_lag)

    def lag_of(self, view: View) -> Lag:
        """Return the lag of a view, without that of changed states."""
        lags: Mapping[View, Lag] = {
            "get": self.get,
            "list": self.list,
            "tag": self.tag,
            "name": self.name,
            "keys": self.keys,
            "check": Lag(),
        }
        return lags[view]

    @property
    def longest(self) -> float:
        """The longest time for which any view can show an old state."""
        views = (self.get, self.list, self.tag, self.name, self.keys)
        return max(lag.seconds for lag in views) + self.status.seconds


Key = TypeVar("Key")
Value = TypeVar("Value")


@attrs.frozen
class _Version(Generic[Value]):
    """A state of a resource: its value (None: it does not exist), its start, and the lag until it is shown."""

    value: Value | None
    since: float
    lag: float = 0.0


class ResourceTable(Generic[Key, Value]):
    """The resources of one kind: their real state, and the state that each view shows.

    Args:
        visibility: The lags of the views.
        now: Returns the virtual second.
        random: Draws the chances.
    """

    def __init__(self, visibility: Visibility, now: Callable[[], float], random: Random) -> None:
        self._visibility = visibility
        self._longest = visibility.longest
        self._now = now
        self._random = random
        self._truth: dict[Key, Value] = {}
        self._history: dict[Key, list[_Version[Value]]] = {}

    @property
    def truth(self) -> Mapping[Key, Value]:
        """All resources that exist, oldest first."""
        return self._truth

    def put(self, key: Key, value: Value, *, since: float | None = None, lag: float = 0.0) -> None:
        """Add a resource, or change it.

        Args:
            key: Its key.
            value: Its new state.
            since: The virtual second at which this state begins; None is now.
            lag: Virtual seconds for which every view shows the state before, in addition to the lag of the view.
        """
        if key in self._truth and lag == 0:
            lag = self._drawn(self._visibility.status)
        self._remember(key, value, since, lag)
        self._truth[key] = value

    def remove(self, key: Key) -> None:
        """Remove a resource. Views that lag still show it."""
        self._remember(key, None, None, 0.0)
        del self._truth[key]

    def shown(self, key: Key, view: View = "get") -> Value | None:
        """Return the resource as a view shows it, None if the view does not show it."""
        if key not in self._history:
            return self._truth.get(key)
        return self._in_history(key, self._now() - self._drawn(self._visibility.lag_of(view)))

    def all_shown(self, view: View = "list") -> Iterator[Value]:
        """Return all resources that a view shows, oldest first."""
        if not self._history:
            yield from list(self._truth.values())
            return
        timestamp = self._now() - self._drawn(self._visibility.lag_of(view))
        for key in dict.fromkeys((*self._truth, *self._history)):
            value = self._in_history(key, timestamp) if key in self._history else self._truth.get(key)
            if value is not None:
                yield value

    def has_lag(self) -> bool:
        """Return whether a view may show another state than the real one."""
        return bool(self._history)

    def _drawn(self, lag: Lag) -> float:
        if not lag.seconds or (lag.chance < 1 and self._random.random() >= lag.chance):
            return 0.0
        return lag.seconds

    def _remember(self, key: Key, value: Value | None, since: float | None, lag: float) -> None:
        if not (lag or self._longest or key in self._history):
            return
        if key not in self._history:
            self._history[key] = [_Version(self._truth.get(key), _BEFORE_ALL)]
        self._history[key].append(_Version(value, self._now() if since is None else since, lag))

    def _in_history(self, key: Key, timestamp: float) -> Value | None:
        """Return the latest state that is shown at a time, which is now minus the lag of the view."""
        history = self._history[key]
        # A state that is shown late never replaces a later state.
        for index in range(len(history) - 1, -1, -1):
            version = history[index]
            if version.since + version.lag <= timestamp:
                break
        else:
            return None
        if index == len(history) - 1 and version.since + version.lag + self._longest <= timestamp:
            del self._history[key]
        return version.value
