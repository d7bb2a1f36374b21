"""The handlers: one class for each group of resources.

A new group is a new module here and a line in `GROUPS`. Its class extends `ResourceGroup`; each method with a `@route`
serves one. The state of the group is in a class of its own that takes the account (`account.part(KeyStore)`), with an
`account.new_table()` for each kind of resource, so that the account's views apply to it. `account.begin` starts an
event, and `account.after` schedules a later change. `placement.placement_refusal` checks whether there is quota and
room for more Droplets.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradient_async.emulator.handlers.account import AccountHandlers
from gradient_async.emulator.handlers.associated_resources import AssociatedResourceHandlers
from gradient_async.emulator.handlers.autoscale import AutoscaleHandlers
from gradient_async.emulator.handlers.billing import BillingHandlers
from gradient_async.emulator.handlers.droplet_actions import ActionHandlers
from gradient_async.emulator.handlers.droplet_backups import BackupHandlers
from gradient_async.emulator.handlers.droplets import DropletHandlers
from gradient_async.emulator.handlers.firewalls import FirewallHandlers
from gradient_async.emulator.handlers.images import ImageHandlers
from gradient_async.emulator.handlers.keys import KeyHandlers
from gradient_async.emulator.handlers.load_balancers import LoadBalancerHandlers
from gradient_async.emulator.handlers.places import RegionHandlers, SizeHandlers
from gradient_async.emulator.handlers.projects import ProjectHandlers
from gradient_async.emulator.handlers.reserved_ips import FloatingIPHandlers, ReservedIPHandlers
from gradient_async.emulator.handlers.snapshots import SnapshotHandlers
from gradient_async.emulator.handlers.tags import TagHandlers
from gradient_async.emulator.handlers.volumes import VolumeHandlers
from gradient_async.emulator.handlers.vpcs import VPCHandlers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradient_async.emulator.handlers.resource_group import ResourceGroup
    from gradient_async.emulator.routes import Route

GROUPS: Sequence[type[ResourceGroup]] = (
    ActionHandlers,
    AssociatedResourceHandlers,
    AutoscaleHandlers,
    BackupHandlers,
    DropletHandlers,
    FirewallHandlers,
    FloatingIPHandlers,
    ReservedIPHandlers,
    ImageHandlers,
    KeyHandlers,
    LoadBalancerHandlers,
    RegionHandlers,
    SizeHandlers,
    SnapshotHandlers,
    TagHandlers,
    VolumeHandlers,
    ProjectHandlers,
    VPCHandlers,
    AccountHandlers,
    BillingHandlers,
)

#: Every route that is served.
ROUTES: Sequence[Route] = tuple(route for group in GROUPS for route in group.ROUTES)
