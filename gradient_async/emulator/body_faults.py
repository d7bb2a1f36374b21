"""Faults in the JSON of otherwise correct answers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

import attrs

from gradient_async.emulator.profiles import RegionForm
from gradient_async.emulator.selection import Fault, check_route

if TYPE_CHECKING:
    from gradient_async.emulator.wire import JSONObject

_ONE_DROPLET_ACTION = "GET /v2/droplets/{droplet_id}/actions/{action_id}"


@attrs.frozen(kw_only=True)
class BodyFault(Fault, ABC):
    """Changes the JSON of an answer that succeeded."""

    @abstractmethod
    def changed(self, key: str, fields: JSONObject) -> JSONObject:
        """Return an object of the answer, changed.

        Args:
            key: Its kind: `"action"`, `"droplet"`, `"ssh_key"`, …, or empty for the answer as a whole.
            fields: The object, not to be changed in place.
        """


@attrs.frozen
class CompletedAtNull(BodyFault):
    """`completed_at` is null although the action has completed (digitalocean/api-v2#199).

    Seen on the route of a single Droplet action only, which is therefore the default `route`.
    """

    route: str = attrs.field(default=_ONE_DROPLET_ACTION, validator=check_route, kw_only=True)

    def changed(self, key: str, fields: JSONObject) -> JSONObject:
        """Set the time to null."""
        return {**fields, "completed_at": None} if key == "action" else fields


@attrs.frozen
class UnknownStatus(BodyFault):
    """Actions show a status that no documentation mentions.

    Args:
        status: The status they show.
        instead_of: Only actions with this status show it; None is all.
    """

    status: str = "queued"
    instead_of: str | None = "in-progress"

    def changed(self, key: str, fields: JSONObject) -> JSONObject:
        """Replace the status."""
        is_meant = key == "action" and self.instead_of in (None, fields["status"])
        return {**fields, "status": self.status} if is_meant else fields


@attrs.frozen
class RegionAs(BodyFault):
    """An action's `region` has another shape.

    Args:
        form: `"string"` (as until 2015), `"null"` or `"absent"`.
    """

    form: RegionForm = "string"

    def changed(self, key: str, fields: JSONObject) -> JSONObject:
        """Change the form of the region."""
        if key != "action" or self.form == "object":
            return fields
        if self.form == "absent":
            return {name: value for name, value in fields.items() if name != "region"}
        return {**fields, "region": fields["region_slug"] if self.form == "string" else None}


@attrs.frozen
class UnknownFields(BodyFault):
    """Every object of the answer carries fields that no documentation mentions."""

    def changed(self, key: str, fields: JSONObject) -> JSONObject:
        """Add fields."""
        return {**fields, "x_unknown": {"nested": [1, None, "text"], "of": key}, "x_unknown_null": None}
