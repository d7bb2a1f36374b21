"""Images: the public ones, and the snapshots and backups of Droplets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from gradient_async.emulator import refusals
from gradient_async.emulator.handlers.resource_group import NO_CONTENT, OK, Call, ResourceGroup, route
from gradient_async.emulator.images import as_image
from gradient_async.emulator.refusals import Refusal
from gradient_async.emulator.wire import Answer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradient_async.emulator.catalogue import Image


class ImageHandlers(ResourceGroup):
    """`/v2/images`, without custom images and actions."""

    @route("GET", "/v2/images", "image:read")
    def list_images(self, call: Call) -> Answer | Refusal:
        """A page of images; a GPU image counts as one of a distribution (guess)."""
        kind, tag = call.request.parameter("type"), call.request.parameter("tag_name")
        if kind not in (None, "application", "distribution"):
            return refusals.UNKNOWN_IMAGE_TYPE
        public = [] if call.request.parameter("private") == "true" or kind == "application" else self._public()
        own = [] if kind else [as_image(snapshot) for snapshot in self.account.images.listed()]
        chosen = [image for image in (*public, *own) if tag is None or tag in image.tags]
        return self.listing(call, "images", chosen, call.render.image)

    @route("GET", "/v2/images/{image_id}", "image:read")
    def retrieve_image(self, call: Call) -> Answer | Refusal:
        """One image, by its id or slug."""
        reference = call.parameters["image_id"]
        snapshot = self.account.images.get(reference) if isinstance(reference, int) else None
        image = as_image(snapshot) if snapshot else self.account.catalogue.find_image(reference)
        return Answer(status=OK, payload={"image": call.render.image(image)}) if image else refusals.NOT_FOUND

    @route("PUT", "/v2/images/{image_id}", "image:update")
    def update_image(self, call: Call) -> Answer | Refusal:
        """Change the name or the description of an image of one's own."""
        snapshot, fields = self.account.images.get(call.id("image_id")), call.fields()
        if snapshot is None:
            return refusals.NOT_FOUND
        if isinstance(fields, Refusal):
            return fields
        changes = {name: str(fields[name]) for name in ("name", "description") if name in fields}
        changed = attrs.evolve(
            snapshot,
            name=changes.get("name", snapshot.name),
            description=changes.get("description", snapshot.description),
        )
        self.account.images.change(changed)
        return Answer(status=OK, payload={"image": call.render.image(as_image(changed))})

    @route("DELETE", "/v2/images/{image_id}", "image:delete")
    def delete_image(self, call: Call) -> Answer | Refusal:
        """Delete an image of one's own."""
        refusal = self.account.delete_image(call.id("image_id"))
        return refusal or Answer(status=NO_CONTENT)

    def _public(self) -> Sequence[Image]:
        return self.account.catalogue.images
