"""The words that are known for a field of a model. The API's vocabularies are open: others are read, and reported."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gradient_async.models.account import Account
from gradient_async.models.action import Action, ActionStatus
from gradient_async.models.action_types import ACTION_TYPES
from gradient_async.models.autoscale_pool import AutoscaleHistory, AutoscaleMember, AutoscalePool
from gradient_async.models.billing import BillingEntry
from gradient_async.models.droplet import Droplet, DropletStatus, NetworkV4, NetworkV6
from gradient_async.models.droplet_parts import DropletSnapshot
from gradient_async.models.firewall import Firewall, FirewallStatus, InboundRule, OutboundRule
from gradient_async.models.image import Image
from gradient_async.models.load_balancer import LoadBalancer
from gradient_async.models.load_balancer_parts import LoadBalancerHealthCheck, StickySessions
from gradient_async.models.size import DiskInfo
from gradient_async.models.snapshot import Snapshots
from gradient_async.models.tag import TagResource

if TYPE_CHECKING:
    from collections.abc import Mapping


def _words_of(constants: type) -> frozenset[str]:
    return frozenset(value for name, value in vars(constants).items() if name.isupper() and isinstance(value, str))


KNOWN_WORDS: Final[Mapping[tuple[type, str], frozenset[str]]] = {
    (Action, "status"): _words_of(ActionStatus),
    # Beside the types that can be started, those that other requests start.
    (Action, "type"): frozenset(ACTION_TYPES)
    | {"create", "destroy", "attach_volume", "detach_volume", "attach", "detach", "transfer", "convert"}
    | {"assign", "unassign", "assign_ip", "unassign_ip", "reserve_ip", "enable_private_networking", "backup"},
    (Droplet, "status"): _words_of(DropletStatus),
    (NetworkV4, "type"): frozenset({"public", "private"}),
    (NetworkV6, "type"): frozenset({"public", "private"}),
    (Account, "status"): frozenset({"active", "warning", "locked"}),
    (AutoscalePool, "status"): frozenset({"active", "deleting", "error"}),
    (AutoscaleMember, "status"): frozenset({"provisioning", "active", "deleting", "off"}),
    (AutoscaleHistory, "status"): frozenset({"in_progress", "success", "error"}),
    (BillingEntry, "type"): frozenset({"Invoice", "Payment", "Credit"}),
    (DiskInfo, "type"): frozenset({"local", "boot", "scratch"}),
    (DropletSnapshot, "type"): frozenset({"snapshot", "backup"}),
    (Firewall, "status"): _words_of(FirewallStatus),
    (InboundRule, "protocol"): frozenset({"tcp", "udp", "icmp"}),
    (OutboundRule, "protocol"): frozenset({"tcp", "udp", "icmp"}),
    (Image, "type"): frozenset({"base", "snapshot", "backup", "custom", "admin"}),
    (Image, "status"): frozenset({"NEW", "available", "pending", "deleted", "retired"}),
    (LoadBalancer, "status"): frozenset({"new", "active", "errored"}),
    (LoadBalancer, "network"): frozenset({"EXTERNAL", "INTERNAL"}),
    (LoadBalancer, "type"): frozenset({"REGIONAL", "REGIONAL_NETWORK", "GLOBAL"}),
    (LoadBalancerHealthCheck, "protocol"): frozenset({"http", "https", "tcp"}),
    (StickySessions, "type"): frozenset({"cookies", "none"}),
    (Snapshots, "resource_type"): frozenset({"droplet", "volume"}),
    (TagResource, "resource_type"): frozenset({"droplet", "image", "volume", "volume_snapshot"}),
}
"""The known words by model and field."""
