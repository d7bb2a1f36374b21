"""The groups below ``client.gpu_droplets``."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from gradient_async.resources.resource import Resource

if TYPE_CHECKING:
    from gradient_async.http.sender import Sender
    from gradient_async.resources.account import Accounts
    from gradient_async.resources.autoscale import Autoscale
    from gradient_async.resources.destroy_with_associated_resources import DestroyWithAssociatedResources
    from gradient_async.resources.droplet_actions import DropletActions
    from gradient_async.resources.droplet_backups import Backups
    from gradient_async.resources.firewalls import Firewalls
    from gradient_async.resources.floating_ips import FloatingIPs
    from gradient_async.resources.images import Images
    from gradient_async.resources.load_balancers import LoadBalancers
    from gradient_async.resources.sizes import Sizes
    from gradient_async.resources.snapshots import SnapshotsResource
    from gradient_async.resources.volumes import Volumes
    from gradient_async.waiting.watcher import Watcher


class DropletGroups(Resource):
    """The part of ``GPUDroplets`` with its groups. Each is imported and built when first touched.

    Args:
        sender: Sends the requests.
        watcher: Waits for actions and Droplets, with all other waits of the client.
    """

    def __init__(self, sender: Sender, watcher: Watcher) -> None:
        super().__init__(sender)
        self._watcher = watcher

    @cached_property
    def actions(self) -> DropletActions:
        """Actions on single Droplets, and on all Droplets with a tag."""
        from gradient_async.resources.droplet_actions import DropletActions

        return DropletActions(self._sender, self._watcher)

    @cached_property
    def backups(self) -> Backups:
        """Backups of Droplets, and their policies."""
        from gradient_async.resources.droplet_backups import Backups

        return Backups(self._sender)

    @cached_property
    def destroy_with_associated_resources(self) -> DestroyWithAssociatedResources:
        """Destroys Droplets with their snapshots, volumes and IPs."""
        from gradient_async.resources.destroy_with_associated_resources import DestroyWithAssociatedResources

        return DestroyWithAssociatedResources(self._sender)

    @cached_property
    def firewalls(self) -> Firewalls:
        """Firewalls of Droplets."""
        from gradient_async.resources.firewalls import Firewalls

        return Firewalls(self._sender)

    @cached_property
    def floating_ips(self) -> FloatingIPs:
        """Reserved IPs under their former name."""
        from gradient_async.resources.floating_ips import FloatingIPs

        return FloatingIPs(self._sender, self._watcher)

    @cached_property
    def autoscale(self) -> Autoscale:
        """Pools of equal Droplets, whose number the API sets."""
        from gradient_async.resources.autoscale import Autoscale

        return Autoscale(self._sender)

    @cached_property
    def images(self) -> Images:
        """Images of Droplets."""
        from gradient_async.resources.images import Images

        return Images(self._sender, self._watcher)

    @cached_property
    def load_balancers(self) -> LoadBalancers:
        """Load balancers in front of Droplets."""
        from gradient_async.resources.load_balancers import LoadBalancers

        return LoadBalancers(self._sender)

    @cached_property
    def sizes(self) -> Sizes:
        """Sizes of Droplets, and their prices."""
        from gradient_async.resources.sizes import Sizes

        return Sizes(self._sender)

    @cached_property
    def snapshots(self) -> SnapshotsResource:
        """Snapshots of Droplets and volumes."""
        from gradient_async.resources.snapshots import SnapshotsResource

        return SnapshotsResource(self._sender)

    @cached_property
    def volumes(self) -> Volumes:
        """Volumes: block storage that is attached to Droplets."""
        from gradient_async.resources.volumes import Volumes

        return Volumes(self._sender, self._watcher)

    @cached_property
    def account(self) -> Accounts:
        """The account: its SSH keys."""
        from gradient_async.resources.account import Accounts

        return Accounts(self._sender)
