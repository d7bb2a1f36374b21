"""Capacity: the number of new Droplets of a size that a region takes, now and later.

A pair of size and region without a rule takes as many as the account's quotas in the catalogue allow.
"""

from __future__ import annotations

import math
from collections import Counter
from fnmatch import fnmatchcase
from random import Random
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gradient_async.emulator.account import Account
    from gradient_async.emulator.catalogue import Catalogue, Size
    from gradient_async.emulator.droplets import Droplet

_WILDCARDS = frozenset("*?[")


def _check_every(opening: Opening, _attribute: object, every: float) -> None:
    if not every >= opening.seconds:
        raise ValueError(f"every must be at least the {opening.seconds:g} seconds of the opening, not {every:g}")


def _check_at(opening: Opening, _attribute: object, at: float | None) -> None:
    if at is not None and not 0 <= at <= opening.every - opening.seconds:
        raise ValueError(f"at must be from 0 to {opening.every - opening.seconds:g}, not {at:g}")


@attrs.frozen
class Opening:
    """Capacity that comes and goes: some seconds in each period there is room, at other times there is none.

    Args:
        seconds: Seconds of the account's time for which there is room.
        every: Seconds from the beginning of one period to that of the next. The first begins when the rule is set.
        at: Second of the period at which the room opens; None draws it for each period, from the emulator's seed.
        count: Number of Droplets that each opening takes; None is as many as the quotas allow.

    Raises:
        ValueError: A number is out of range, or the opening does not fit into its period.
    """

    seconds: float = attrs.field(validator=attrs.validators.gt(0))
    every: float = attrs.field(validator=_check_every)
    at: float | None = attrs.field(default=None, kw_only=True, validator=_check_at)
    count: int | None = attrs.field(
        default=None, kw_only=True, validator=attrs.validators.optional(attrs.validators.ge(0))
    )

    def opens_at(self, turn: int, seed: str) -> float:
        """Return the second at which a period's room opens, counted from the beginning of the first period. Pure."""
        spare = self.every - self.seconds
        random = Random(f"{seed} {turn}")  # noqa: S311 - a repeatable schedule is no secret
        return turn * self.every + (random.uniform(0, spare) if self.at is None else self.at)


#: The room of a rule: a number of Droplets, an opening in each period, or None for as many as the quotas allow.
Room = int | Opening | None


@attrs.frozen(eq=False)
class _Rule:
    size: str
    region: str
    room: Room
    since: float

    def matches(self, size: str, region: str) -> bool:
        return fnmatchcase(size, self.size) and fnmatchcase(region, self.region)


@attrs.frozen
class _State:
    """The state of a rule for one pair: the room, and until when. `lot` changes when used room becomes free again."""

    lot: tuple[object, ...]
    count: int | None
    until: float


_UNLIMITED = _State((), None, math.inf)


class Capacity:
    """The rules for room, and the room that they leave at each time: `account.part(Capacity)`, `emulator.capacity`.

    A Droplet takes room when a request creates it, and gives it back when it is gone. Droplets that the account
    starts with, and resizes, take none.

    Args:
        account: The account.
    """

    def __init__(self, account: Account) -> None:
        self._account = account
        self._rules: list[_Rule] = []
        self._taken: Counter[tuple[object, ...]] = Counter()
        self._lots: dict[int, tuple[object, ...]] = {}
        self._offer: tuple[Catalogue, float, Catalogue] | None = None
        self._closed: frozenset[tuple[str, str]] = frozenset()
        self._states: dict[tuple[str, str], _State] = {}
        account.on_droplet_removed(self._give_back)

    def set(self, size: str, region: str, room: Room) -> None:
        """Set the room for new Droplets of a size in a region from now on; Droplets made before take none of it.

        Args:
            size: A size's slug, or a pattern with `*` for several sizes.
            region: A region's slug, or a pattern with `*`. A region that the size does not have is added to it.
            room: Number of Droplets, an `Opening`, or None for as many as the quotas allow. A later rule goes before
                earlier ones.

        Raises:
            ValueError: There is no such size or region, or the number is negative.
        """
        if isinstance(room, int) and room < 0:
            raise ValueError(f"capacity of {size} in {region} must not be negative: {room}")
        with self._account.settled() as now:
            self._check_names(size, region)
            self._rules.insert(0, _Rule(size, region, room, now))
            self._states.clear()
            self._offer = None

    def set_all(self, rooms: Mapping[tuple[str, str], Room]) -> None:
        """Set the room of several pairs, in their order; the arguments are those of `set`."""
        for (size, region), room in rooms.items():
            self.set(size, region, room)

    def free(self, size: str, region: str) -> int | None:
        """Return how many more Droplets of a size a region takes now; None is as many as the quotas allow."""
        with self._account.settled() as now:
            state = self._state(size, region, now)
            return None if state.count is None else max(state.count - self._taken[state.lot], 0)

    def take(self, droplet: Droplet) -> None:
        """Count a new Droplet. Its room is free again when the Droplet is removed."""
        with self._account.settled() as now:
            lot = self._state(droplet.size.slug, droplet.region, now).lot
            if lot:
                self._taken[lot] += 1
                self._lots[droplet.id] = lot
                self._offer = None if self.free(droplet.size.slug, droplet.region) == 0 else self._offer

    def offer(self) -> Catalogue:
        """Return the account's catalogue with the sizes that have room now."""
        with self._account.settled() as now:
            catalogue = self._account.catalogue
            if not self._rules:
                return catalogue
            if self._offer is None or self._offer[0] is not catalogue or now >= self._offer[1]:
                self._offer = self._offered(catalogue, now)
            return self._offer[2]

    def _offered(self, catalogue: Catalogue, now: float) -> tuple[Catalogue, float, Catalogue]:
        pairs = [(size.slug, region) for size in catalogue.sizes for region in size.regions]
        until = min((self._state(*pair, now).until for pair in pairs), default=math.inf)
        closed = frozenset(pair for pair in pairs if self.free(*pair) == 0)
        if self._offer is not None and self._offer[0] is catalogue and closed == self._closed:
            return catalogue, until, self._offer[2]
        self._closed = closed
        return catalogue, until, catalogue.with_sizes(*self._without_room(catalogue, closed))

    def _without_room(self, catalogue: Catalogue, closed: frozenset[tuple[str, str]]) -> Iterator[Size]:
        for size in catalogue.sizes:
            full = tuple(region for region in size.regions if (size.slug, region) in closed)
            if full and self._account.behaviour.size_regions == "fixed":
                yield attrs.evolve(size, sold_out_in=(*size.sold_out_in, *full))
            elif full:
                yield attrs.evolve(size, regions=tuple(region for region in size.regions if region not in full))

    def _state(self, size: str, region: str, now: float) -> _State:
        pair = size, region
        known = self._states.get(pair)
        if known is None or now >= known.until:
            known = self._states[pair] = self._new_state(size, region, now)
        return known

    def _new_state(self, size: str, region: str, now: float) -> _State:
        rule = next((rule for rule in self._rules if rule.matches(size, region)), None)
        if rule is None or rule.room is None:
            return _UNLIMITED
        if isinstance(rule.room, int):
            return _State((rule, size, region), rule.room, math.inf)
        return _opening_state(rule, rule.room, (size, region), f"{self._account.seed} {size} {region}", now)

    def _give_back(self, droplet_id: int) -> None:
        lot = self._lots.pop(droplet_id, None)
        if lot is not None:
            self._taken[lot] -= 1
            self._offer = None

    def _check_names(self, size: str, region: str) -> None:
        catalogue = self._account.catalogue
        known = catalogue.size(size)
        if known is None and not _WILDCARDS & set(size):
            raise ValueError(f"size {size!r} is not in the catalogue")
        if _WILDCARDS & set(region):
            return
        if not any(region == one.slug for one in catalogue.regions):
            raise ValueError(f"region {region!r} is not in the catalogue")
        if known is not None and region not in known.regions:
            wider = attrs.evolve(known, regions=(*known.regions, region))
            self._account.catalogue = catalogue.with_sizes(wider)


def _opening_state(rule: _Rule, room: Opening, pair: tuple[str, str], seed: str, now: float) -> _State:
    """Return the state of an opening for a pair at a time. Pure."""
    turn = math.floor((now - rule.since) / room.every)
    opens = rule.since + room.opens_at(turn, seed)
    closes = opens + room.seconds
    if opens <= now < closes:
        return _State((rule, *pair, turn), room.count, closes)
    next_period = rule.since + (turn + 1) * room.every
    return _State((rule, *pair, turn), 0, opens if now < opens else next_period)
