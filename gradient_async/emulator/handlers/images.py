"""Images: the public ones, and the account's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from gradient_async.emulator import refusals
from gradient_async.emulator.handlers.resource_actions import action_listing, action_of
from gradient_async.emulator.handlers.resource_group import (
    ACCEPTED,
    CREATED,
    NO_CONTENT,
    OK,
    Call,
    ResourceGroup,
    route,
)
from gradient_async.emulator.image_events import ImageEvents, distribution_of
from gradient_async.emulator.images import as_image
from gradient_async.emulator.refusals import Refusal
from gradient_async.emulator.routes import FieldScope
from gradient_async.emulator.wire import Answer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradient_async.emulator.account import Account
    from gradient_async.emulator.catalogue import Image


_ONE_IMAGE = "/v2/images/{image_id}"


class ImageHandlers(ResourceGroup):
    """`/v2/images`."""

    def __init__(self, account: Account) -> None:
        super().__init__(account)
        self._events = account.part(ImageEvents)

    @route("GET", "/v2/images", "image:read")
    def list_images(self, call: Call) -> Answer | Refusal:
        """Return a page of images; a GPU image counts as one of a distribution (guess)."""
        kind, tag = call.request.parameter("type"), call.request.parameter("tag_name")
        if kind not in (None, "application", "distribution"):
            return refusals.UNKNOWN_IMAGE_TYPE
        public = [] if call.request.parameter("private") == "true" or kind == "application" else self._public()
        own = [] if kind else [as_image(snapshot) for snapshot in self.account.images.listed()]
        chosen = [image for image in (*public, *own) if tag is None or tag in image.tags]
        return self.listing(call, "images", chosen, call.render.image)

    @route("GET", "/v2/images/{image_id}", "image:read")
    def retrieve_image(self, call: Call) -> Answer | Refusal:
        """Return one image, by its id or slug."""
        reference = call.parameters["image_id"]
        snapshot = self.account.images.get(reference) if isinstance(reference, int) else None
        image = as_image(snapshot) if snapshot else self.account.catalogue.find_image(reference)
        return Answer(status=OK, payload={"image": call.render.image(image)}) if image else refusals.NOT_FOUND

    @route("PUT", "/v2/images/{image_id}", "image:update")
    def update_image(self, call: Call) -> Answer | Refusal:
        """Rename one of the account's own images."""
        snapshot, fields = self.account.images.get(call.id("image_id")), call.fields()
        if snapshot is None:
            return refusals.NOT_FOUND
        if isinstance(fields, Refusal):
            return fields
        changes = {name: str(fields[name]) for name in ("name", "description", "distribution") if name in fields}
        if "distribution" in changes:
            changes["distribution"] = distribution_of(changes["distribution"])
        changed = attrs.evolve(
            snapshot,
            name=changes.get("name", snapshot.name),
            description=changes.get("description", snapshot.description),
            distribution=changes.get("distribution", snapshot.distribution),
        )
        self.account.images.change(changed)
        return Answer(status=OK, payload={"image": call.render.image(as_image(changed))})

    @route("DELETE", "/v2/images/{image_id}", "image:delete")
    def delete_image(self, call: Call) -> Answer | Refusal:
        """Delete one of the account's own images."""
        refusal = self.account.delete_image(call.id("image_id"))
        return refusal or Answer(status=NO_CONTENT)

    @route("POST", "/v2/images", "image:create", field_scopes=[FieldScope(field="tags", scope="tag:create")])
    def create_image(self, call: Call) -> Answer | Refusal:
        """Start the import of a custom image."""
        fields = call.fields()
        if isinstance(fields, Refusal):
            return fields
        for name in ("name", "url", "region"):
            if not isinstance(fields.get(name), str) or not fields[name]:
                return refusals.missing_field(name)
        named = {name: str(fields.pop(name)) for name in ("name", "url", "region")}
        image = self._events.import_custom(**named, facts=fields)
        if isinstance(image, Refusal):
            return image
        return Answer(status=ACCEPTED, payload={"image": call.render.image(as_image(image))})

    @route("POST", f"{_ONE_IMAGE}/actions", "image:update")
    def create_image_action(self, call: Call) -> Answer | Refusal:
        """Start an event on one of the account's own images. A public image takes none (guess)."""
        image, fields = self.account.images.get_truth(call.id("image_id")), call.fields()
        if image is None:
            return refusals.NOT_FOUND
        if isinstance(fields, Refusal):
            return fields
        action_type = fields.pop("type", None)
        if not isinstance(action_type, str):
            return refusals.missing_field("type")
        begun = self._events.begin(image, action_type, fields, outcome=call.outcome)
        if isinstance(begun, Refusal):
            return begun
        return Answer(status=CREATED, payload={"action": call.render.action(begun)})

    @route("GET", f"{_ONE_IMAGE}/actions", "image:read")
    def list_image_actions(self, call: Call) -> Answer | Refusal:
        """Return a page of an image's actions."""
        image_id = call.id("image_id")
        is_public = self.account.catalogue.find_image(image_id) is not None
        if not is_public and self.account.images.get(image_id) is None:
            return refusals.NOT_FOUND
        return action_listing(self, call, ("image", image_id))

    @route("GET", f"{_ONE_IMAGE}/actions/{{action_id}}", "image:read")
    def retrieve_image_action(self, call: Call) -> Answer | Refusal:
        """Return one action of an image."""
        return action_of(self, call, ("image", call.id("image_id")))

    def _public(self) -> Sequence[Image]:
        return self.account.catalogue.images
