"""The handlers: one class for each group of resources. A new group is a new module, and a line in `GROUPS`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradient_async.emulator.handlers.account import AccountHandlers
from gradient_async.emulator.handlers.droplet_actions import ActionHandlers
from gradient_async.emulator.handlers.droplets import DropletHandlers
from gradient_async.emulator.handlers.images import ImageHandlers
from gradient_async.emulator.handlers.keys import KeyHandlers
from gradient_async.emulator.handlers.places import RegionHandlers, SizeHandlers
from gradient_async.emulator.handlers.tags import TagHandlers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradient_async.emulator.handlers.resource_group import ResourceGroup
    from gradient_async.emulator.routes import Route

GROUPS: Sequence[type[ResourceGroup]] = (
    ActionHandlers,
    DropletHandlers,
    ImageHandlers,
    KeyHandlers,
    RegionHandlers,
    SizeHandlers,
    TagHandlers,
    AccountHandlers,
)

#: Every route that is served.
ROUTES: Sequence[Route] = tuple(route for group in GROUPS for route in group.ROUTES)
