"""Events on volumes: attached to a Droplet, detached from it, made larger."""

from __future__ import annotations

from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING

import attrs

from gradient_async.emulator import refusals, volume_refusals
from gradient_async.emulator.actions import Event
from gradient_async.emulator.refusals import Refusal
from gradient_async.emulator.tags import TagStore
from gradient_async.emulator.volumes import MAX_GIGABYTES, Volume, VolumeStore

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gradient_async.emulator.account import Account
    from gradient_async.emulator.actions import Action, Outcome
    from gradient_async.emulator.droplets import Droplet

#: The type that an action shows, by the one that is posted, as in the documentation's examples. There is none of
#: `resize`: that is a guess.
SHOWN_TYPES: Mapping[str, str] = MappingProxyType(
    {"attach": "attach_volume", "detach": "detach_volume", "resize": "resize"}
)
#: The names of their durations; a Droplet's `resize` has another one.
_DURATIONS = {"attach": "attach_volume", "detach": "detach_volume", "resize": "resize_volume"}


class VolumeEvents:
    """Begins events on volumes: `account.part(VolumeEvents)`.

    Args:
        account: The account.
    """

    def __init__(self, account: Account) -> None:
        self._account = account
        self._volumes = account.part(VolumeStore)
        self._tags = account.part(TagStore)

    def begin(self, volume: Volume, type: str, fields: Mapping[str, object], *, outcome: Outcome) -> Action | Refusal:
        """Start a requested event, or return a refusal.

        Args:
            volume: The volume.
            type: `attach`, `detach` or `resize`.
            fields: The other fields of the request.
            outcome: The outcome of the event.
        """
        planners = {"attach": self._attach, "detach": self._detach, "resize": self._resize}
        if type not in planners:
            return refusals.UNKNOWN_TYPE
        with self._account.settled():
            if self._account.pending_on(("volume", volume.id)):
                return volume_refusals.PENDING_EVENT
            if fields.get("region", volume.region) != volume.region:
                return volume_refusals.OTHER_REGION
            event = planners[type](volume, fields)
            if isinstance(event, Refusal):
                return event
            known = MappingProxyType(dict(fields))
            return self._account.begin(attrs.evolve(event, outcome=outcome, parameters=known, by_request=True))

    def _attach(self, volume: Volume, fields: Mapping[str, object]) -> Event | Refusal:
        """Return the event of an attachment, or a refusal. The order of the checks is a guess."""
        droplet = self._droplet(fields)
        if droplet is None:
            return volume_refusals.UNKNOWN_DROPLET
        if volume.droplet_id is not None:
            return volume_refusals.ALREADY_ATTACHED
        if droplet.region != volume.region:
            return volume_refusals.DROPLET_ELSEWHERE
        if self._account.pending(droplet.id):
            return refusals.PENDING_EVENT
        if len(droplet.volume_ids) >= volume_refusals.MAX_VOLUMES:
            return volume_refusals.TOO_MANY_VOLUMES
        tags = fields.get("tags")
        names = [str(one) for one in tags] if isinstance(tags, list) else []

        def effect() -> None:
            self._volumes.attach_now(volume.id, droplet.id)
            for name in names:
                self._tags.tag(self._tags.create(name), "volume", volume.id)

        return self._event("attach", volume, effect, droplet)

    def _detach(self, volume: Volume, fields: Mapping[str, object]) -> Event | Refusal:
        droplet = self._droplet(fields)
        if droplet is None or volume.droplet_id != droplet.id:
            return volume_refusals.ATTACHMENT_NOT_FOUND
        if self._account.pending(droplet.id):
            return refusals.PENDING_EVENT
        return self._event("detach", volume, partial(self._volumes.detach_now, volume.id), droplet)

    def _resize(self, volume: Volume, fields: Mapping[str, object]) -> Event | Refusal:
        size = fields.get("size_gigabytes")
        if isinstance(size, bool) or not isinstance(size, int):
            return refusals.missing_field("size_gigabytes")
        if size > MAX_GIGABYTES:
            return volume_refusals.BAD_SIZE
        if size <= volume.size_gigabytes:
            return volume_refusals.NOT_LARGER
        return self._event("resize", volume, partial(self._volumes.resize_now, volume.id, size))

    def _droplet(self, fields: Mapping[str, object]) -> Droplet | None:
        """Return the Droplet that a request names; its id may be the text of a number (digitalocean/godo#102)."""
        droplet_id = fields.get("droplet_id")
        if isinstance(droplet_id, str) and droplet_id.isascii() and droplet_id.isdigit():
            droplet_id = int(droplet_id)
        return self._account.droplet(droplet_id) if isinstance(droplet_id, int) else None

    def _event(self, type: str, volume: Volume, effect: Callable[[], None], droplet: Droplet | None = None) -> Event:
        key = ("volume", volume.id)
        return Event(
            type=SHOWN_TYPES[type],
            resource=key,
            region=volume.region,
            duration=self._account.duration_of(_DURATIONS[type]),
            effect=effect,
            blocks=(key,) if droplet is None else (key, ("droplet", droplet.id)),
        )
