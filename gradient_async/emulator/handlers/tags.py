"""Tags."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradient_async.emulator import refusals
from gradient_async.emulator.handlers.resource_group import OK, Call, ResourceGroup, route
from gradient_async.emulator.wire import Answer

if TYPE_CHECKING:
    from gradient_async.emulator.refusals import Refusal


class TagHandlers(ResourceGroup):
    """`/v2/tags`, one tag only."""

    @route("GET", "/v2/tags/{tag_id}", "tag:read")
    def retrieve_tag(self, call: Call) -> Answer | Refusal:
        """A tag that some Droplet has; a tag that nothing has is not kept here, and the API keeps it."""
        name = str(call.parameters["tag_id"])
        tagged = self.account.tagged(name)
        if not tagged:
            return refusals.NOT_FOUND
        return Answer(status=OK, payload={"tag": call.render.tag(name, [droplet.id for droplet in tagged])})
