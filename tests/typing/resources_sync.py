# Generated from the resources. Do not edit; run:
# python gradient_sync/_generate.py
"""The result types of the resources' methods: read by mypy and basedpyright, not run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_type

from gradient_sync import (
    VPC,
    AccountRetrieveResponse,
    Accounts,
    Action,
    ActionListResponse,
    ActionRetrieveResponse,
    Actions,
    Autoscale,
    AutoscaleHistory,
    AutoscaleListHistoryResponse,
    AutoscaleListMembersResponse,
    AutoscaleListResponse,
    AutoscaleMember,
    AutoscalePool,
    AutoscaleRetrieveResponse,
    BackupListPoliciesResponse,
    BackupListResponse,
    BackupListSupportedPoliciesResponse,
    BackupRetrievePolicyResponse,
    Backups,
    Balance,
    BalanceRetrieveResponse,
    Billing,
    BillingEntry,
    BillingListHistoryResponse,
    DestroyWithAssociatedResourceCheckStatusResponse,
    DestroyWithAssociatedResourceListResponse,
    DestroyWithAssociatedResources,
    Droplet,
    DropletActions,
    DropletBackupPolicyRecord,
    DropletSnapshot,
    Firewall,
    FirewallCreateResponse,
    FirewallDroplets,
    FirewallListResponse,
    FirewallRetrieveResponse,
    FirewallRules,
    Firewalls,
    FirewallTags,
    FloatingIP,
    FloatingIPActions,
    FloatingIPListResponse,
    FloatingIPRetrieveResponse,
    FloatingIPs,
    GPUDropletListFirewallsResponse,
    GPUDropletListKernelsResponse,
    GPUDropletListNeighborsResponse,
    GPUDropletListResponse,
    GPUDropletListSnapshotsResponse,
    GPUDropletRetrieveResponse,
    GPUDroplets,
    GracefulPowerOff,
    Image,
    ImageActions,
    ImageListResponse,
    ImageRetrieveResponse,
    Images,
    ImageUpdateResponse,
    Kernel,
    KeyCreateResponse,
    KeyListResponse,
    KeyRetrieveResponse,
    Keys,
    KeyUpdateResponse,
    LoadBalancer,
    LoadBalancerCreateResponse,
    LoadBalancerDroplets,
    LoadBalancerForwardingRules,
    LoadBalancerListResponse,
    LoadBalancerRetrieveResponse,
    LoadBalancers,
    LoadBalancerUpdateResponse,
    Project,
    ProjectAssignResourcesResponse,
    ProjectCreateResponse,
    ProjectListResourcesResponse,
    ProjectListResponse,
    ProjectResource,
    ProjectRetrieveResponse,
    Projects,
    ProjectUpdateResponse,
    RawResponse,
    Region,
    RegionListResponse,
    Regions,
    ReservedIP,
    ReservedIPActions,
    ReservedIPListResponse,
    ReservedIPRetrieveResponse,
    ReservedIPs,
    Size,
    SizeListResponse,
    Sizes,
    SnapshotCreateResponse,
    SnapshotListResponse,
    SnapshotRetrieveResponse,
    Snapshots,
    SnapshotsResource,
    SSHKeys,
    Tag,
    TagCreateResponse,
    TagListResponse,
    TagRetrieveResponse,
    Tags,
    Volume,
    VolumeActions,
    VolumeListResponse,
    VolumeRetrieveResponse,
    Volumes,
    VolumeSnapshots,
    VPCCreateResponse,
    VPCListMembersResponse,
    VPCListResponse,
    VPCMember,
    VPCRetrieveResponse,
    VPCs,
    VPCUpdateResponse,
)


def use_accounts(resource: Accounts) -> None:
    assert_type(resource.retrieve(), AccountRetrieveResponse)
    assert_type(resource.with_raw_response.retrieve(), RawResponse[AccountRetrieveResponse])


def use_keys(resource: Keys) -> None:
    assert_type(resource.create(name="x", public_key="x"), KeyCreateResponse)
    assert_type(resource.with_raw_response.create(name="x", public_key="x"), RawResponse[KeyCreateResponse])
    assert_type(resource.retrieve(1), KeyRetrieveResponse)
    assert_type(resource.with_raw_response.retrieve(1), RawResponse[KeyRetrieveResponse])
    assert_type(resource.update(1), KeyUpdateResponse)
    assert_type(resource.with_raw_response.update(1), RawResponse[KeyUpdateResponse])
    assert_type(resource.list(), KeyListResponse)
    assert_type(resource.with_raw_response.list(), RawResponse[KeyListResponse])
    resource.delete(1)
    assert_type(resource.with_raw_response.delete(1), RawResponse[None])
    assert_type(resource.list_all(), Iterator[SSHKeys])


def use_actions(resource: Actions) -> None:
    assert_type(resource.retrieve(1), ActionRetrieveResponse)
    assert_type(resource.with_raw_response.retrieve(1), RawResponse[ActionRetrieveResponse])
    assert_type(resource.list(), ActionListResponse)
    assert_type(resource.with_raw_response.list(), RawResponse[ActionListResponse])
    assert_type(resource.list_all(), Iterator[Action])


def use_autoscale(resource: Autoscale) -> None:
    assert_type(resource.retrieve("x"), AutoscaleRetrieveResponse)
    assert_type(resource.with_raw_response.retrieve("x"), RawResponse[AutoscaleRetrieveResponse])
    assert_type(resource.list(), AutoscaleListResponse)
    assert_type(resource.with_raw_response.list(), RawResponse[AutoscaleListResponse])
    resource.delete("x")
    assert_type(resource.with_raw_response.delete("x"), RawResponse[None])
    resource.delete_dangerous("x", x_dangerous=True)
    assert_type(resource.with_raw_response.delete_dangerous("x", x_dangerous=True), RawResponse[None])
    assert_type(resource.list_history("x"), AutoscaleListHistoryResponse)
    assert_type(resource.with_raw_response.list_history("x"), RawResponse[AutoscaleListHistoryResponse])
    assert_type(resource.list_members("x"), AutoscaleListMembersResponse)
    assert_type(resource.with_raw_response.list_members("x"), RawResponse[AutoscaleListMembersResponse])
    assert_type(resource.list_all(), Iterator[AutoscalePool])
    assert_type(resource.list_all_history("x"), Iterator[AutoscaleHistory])
    assert_type(resource.list_all_members("x"), Iterator[AutoscaleMember])


def use_balance(resource: Balance) -> None:
    assert_type(resource.retrieve(), BalanceRetrieveResponse)
    assert_type(resource.with_raw_response.retrieve(), RawResponse[BalanceRetrieveResponse])


def use_billing(resource: Billing) -> None:
    assert_type(resource.list_history(), BillingListHistoryResponse)
    assert_type(resource.with_raw_response.list_history(), RawResponse[BillingListHistoryResponse])
    assert_type(resource.list_all_history(), Iterator[BillingEntry])


def use_destroywithassociatedresources(resource: DestroyWithAssociatedResources) -> None:
    assert_type(resource.list(1), DestroyWithAssociatedResourceListResponse)
    assert_type(resource.with_raw_response.list(1), RawResponse[DestroyWithAssociatedResourceListResponse])
    assert_type(resource.check_status(1), DestroyWithAssociatedResourceCheckStatusResponse)
    assert_type(
        resource.with_raw_response.check_status(1), RawResponse[DestroyWithAssociatedResourceCheckStatusResponse]
    )
    resource.delete_dangerous(1, x_dangerous=True)
    assert_type(resource.with_raw_response.delete_dangerous(1, x_dangerous=True), RawResponse[None])
    resource.delete_selective(1)
    assert_type(resource.with_raw_response.delete_selective(1), RawResponse[None])
    resource.retry(1)
    assert_type(resource.with_raw_response.retry(1), RawResponse[None])


def use_dropletactions(resource: DropletActions) -> None:
    assert_type(resource.retrieve(1, droplet_id=1), ActionRetrieveResponse)
    assert_type(resource.with_raw_response.retrieve(1, droplet_id=1), RawResponse[ActionRetrieveResponse])
    assert_type(resource.list(1), ActionListResponse)
    assert_type(resource.with_raw_response.list(1), RawResponse[ActionListResponse])
    assert_type(resource.power_off_gracefully(1), GracefulPowerOff)
    assert_type(resource.list_all(1), Iterator[Action])


def use_backups(resource: Backups) -> None:
    assert_type(resource.list(1), BackupListResponse)
    assert_type(resource.with_raw_response.list(1), RawResponse[BackupListResponse])
    assert_type(resource.list_policies(), BackupListPoliciesResponse)
    assert_type(resource.with_raw_response.list_policies(), RawResponse[BackupListPoliciesResponse])
    assert_type(resource.list_supported_policies(), BackupListSupportedPoliciesResponse)
    assert_type(resource.with_raw_response.list_supported_policies(), RawResponse[BackupListSupportedPoliciesResponse])
    assert_type(resource.retrieve_policy(1), BackupRetrievePolicyResponse)
    assert_type(resource.with_raw_response.retrieve_policy(1), RawResponse[BackupRetrievePolicyResponse])
    assert_type(resource.list_all(1), Iterator[DropletSnapshot])
    assert_type(resource.list_all_policies(), Iterator[DropletBackupPolicyRecord])


def use_firewalldroplets(resource: FirewallDroplets) -> None:
    resource.add("x", droplet_ids=[])
    assert_type(resource.with_raw_response.add("x", droplet_ids=[]), RawResponse[None])
    resource.remove("x", droplet_ids=[])
    assert_type(resource.with_raw_response.remove("x", droplet_ids=[]), RawResponse[None])


def use_firewalltags(resource: FirewallTags) -> None:
    resource.add("x", tags=[])
    assert_type(resource.with_raw_response.add("x", tags=[]), RawResponse[None])
    resource.remove("x", tags=[])
    assert_type(resource.with_raw_response.remove("x", tags=[]), RawResponse[None])


def use_firewallrules(resource: FirewallRules) -> None:
    resource.add("x")
    assert_type(resource.with_raw_response.add("x"), RawResponse[None])
    resource.remove("x")
    assert_type(resource.with_raw_response.remove("x"), RawResponse[None])


def use_firewalls(resource: Firewalls) -> None:
    assert_type(resource.create(), FirewallCreateResponse)
    assert_type(resource.with_raw_response.create(), RawResponse[FirewallCreateResponse])
    assert_type(resource.retrieve("x"), FirewallRetrieveResponse)
    assert_type(resource.with_raw_response.retrieve("x"), RawResponse[FirewallRetrieveResponse])
    assert_type(resource.list(), FirewallListResponse)
    assert_type(resource.with_raw_response.list(), RawResponse[FirewallListResponse])
    resource.delete("x")
    assert_type(resource.with_raw_response.delete("x"), RawResponse[None])
    assert_type(resource.list_all(), Iterator[Firewall])


def use_floatingipactions(resource: FloatingIPActions) -> None:
    assert_type(resource.retrieve(1, floating_ip="x"), ActionRetrieveResponse)
    assert_type(resource.with_raw_response.retrieve(1, floating_ip="x"), RawResponse[ActionRetrieveResponse])
    assert_type(resource.list("x"), ActionListResponse)
    assert_type(resource.with_raw_response.list("x"), RawResponse[ActionListResponse])
    assert_type(resource.list_all("x"), Iterator[Action])


def use_floatingips(resource: FloatingIPs) -> None:
    assert_type(resource.retrieve("x"), FloatingIPRetrieveResponse)
    assert_type(resource.with_raw_response.retrieve("x"), RawResponse[FloatingIPRetrieveResponse])
    assert_type(resource.list(), FloatingIPListResponse)
    assert_type(resource.with_raw_response.list(), RawResponse[FloatingIPListResponse])
    resource.delete("x")
    assert_type(resource.with_raw_response.delete("x"), RawResponse[None])
    assert_type(resource.list_all(), Iterator[FloatingIP])


def use_gpudroplets(resource: GPUDroplets) -> None:
    assert_type(resource.retrieve(1), GPUDropletRetrieveResponse)
    assert_type(resource.with_raw_response.retrieve(1), RawResponse[GPUDropletRetrieveResponse])
    assert_type(resource.list(), GPUDropletListResponse)
    assert_type(resource.with_raw_response.list(), RawResponse[GPUDropletListResponse])
    resource.delete(1)
    assert_type(resource.with_raw_response.delete(1), RawResponse[None])
    resource.delete_by_tag(tag_name="x")
    assert_type(resource.with_raw_response.delete_by_tag(tag_name="x"), RawResponse[None])
    assert_type(resource.list_firewalls(1), GPUDropletListFirewallsResponse)
    assert_type(resource.with_raw_response.list_firewalls(1), RawResponse[GPUDropletListFirewallsResponse])
    assert_type(resource.list_kernels(1), GPUDropletListKernelsResponse)
    assert_type(resource.with_raw_response.list_kernels(1), RawResponse[GPUDropletListKernelsResponse])
    assert_type(resource.list_neighbors(1), GPUDropletListNeighborsResponse)
    assert_type(resource.with_raw_response.list_neighbors(1), RawResponse[GPUDropletListNeighborsResponse])
    assert_type(resource.list_snapshots(1), GPUDropletListSnapshotsResponse)
    assert_type(resource.with_raw_response.list_snapshots(1), RawResponse[GPUDropletListSnapshotsResponse])
    assert_type(resource.list_all(), Iterator[Droplet])
    assert_type(resource.list_all_firewalls(1), Iterator[Firewall])
    assert_type(resource.list_all_kernels(1), Iterator[Kernel])
    assert_type(resource.list_all_snapshots(1), Iterator[DropletSnapshot])


def use_imageactions(resource: ImageActions) -> None:
    assert_type(resource.retrieve(1, image_id=1), Action)
    assert_type(resource.with_raw_response.retrieve(1, image_id=1), RawResponse[Action])
    assert_type(resource.list(1), ActionListResponse)
    assert_type(resource.with_raw_response.list(1), RawResponse[ActionListResponse])
    assert_type(resource.list_all(1), Iterator[Action])


def use_images(resource: Images) -> None:
    assert_type(resource.retrieve(1), ImageRetrieveResponse)
    assert_type(resource.with_raw_response.retrieve(1), RawResponse[ImageRetrieveResponse])
    assert_type(resource.update(1), ImageUpdateResponse)
    assert_type(resource.with_raw_response.update(1), RawResponse[ImageUpdateResponse])
    assert_type(resource.list(), ImageListResponse)
    assert_type(resource.with_raw_response.list(), RawResponse[ImageListResponse])
    resource.delete(1)
    assert_type(resource.with_raw_response.delete(1), RawResponse[None])
    assert_type(resource.list_all(), Iterator[Image])


def use_loadbalancerdroplets(resource: LoadBalancerDroplets) -> None:
    resource.add("x", droplet_ids=[])
    assert_type(resource.with_raw_response.add("x", droplet_ids=[]), RawResponse[None])
    resource.remove("x", droplet_ids=[])
    assert_type(resource.with_raw_response.remove("x", droplet_ids=[]), RawResponse[None])


def use_loadbalancerforwardingrules(resource: LoadBalancerForwardingRules) -> None:
    resource.add("x", forwarding_rules=[])
    assert_type(resource.with_raw_response.add("x", forwarding_rules=[]), RawResponse[None])
    resource.remove("x", forwarding_rules=[])
    assert_type(resource.with_raw_response.remove("x", forwarding_rules=[]), RawResponse[None])


def use_loadbalancers(resource: LoadBalancers) -> None:
    assert_type(resource.create(forwarding_rules=[]), LoadBalancerCreateResponse)
    assert_type(resource.with_raw_response.create(forwarding_rules=[]), RawResponse[LoadBalancerCreateResponse])
    assert_type(resource.retrieve("x"), LoadBalancerRetrieveResponse)
    assert_type(resource.with_raw_response.retrieve("x"), RawResponse[LoadBalancerRetrieveResponse])
    assert_type(resource.update("x", forwarding_rules=[]), LoadBalancerUpdateResponse)
    assert_type(resource.with_raw_response.update("x", forwarding_rules=[]), RawResponse[LoadBalancerUpdateResponse])
    assert_type(resource.list(), LoadBalancerListResponse)
    assert_type(resource.with_raw_response.list(), RawResponse[LoadBalancerListResponse])
    resource.delete("x")
    assert_type(resource.with_raw_response.delete("x"), RawResponse[None])
    resource.delete_cache("x")
    assert_type(resource.with_raw_response.delete_cache("x"), RawResponse[None])
    assert_type(resource.list_all(), Iterator[LoadBalancer])


def use_projects(resource: Projects) -> None:
    assert_type(resource.create(name="x", purpose="x"), ProjectCreateResponse)
    assert_type(resource.with_raw_response.create(name="x", purpose="x"), RawResponse[ProjectCreateResponse])
    assert_type(resource.retrieve("x"), ProjectRetrieveResponse)
    assert_type(resource.with_raw_response.retrieve("x"), RawResponse[ProjectRetrieveResponse])
    assert_type(resource.list(), ProjectListResponse)
    assert_type(resource.with_raw_response.list(), RawResponse[ProjectListResponse])
    assert_type(resource.update("x"), ProjectUpdateResponse)
    assert_type(resource.with_raw_response.update("x"), RawResponse[ProjectUpdateResponse])
    resource.delete("x")
    assert_type(resource.with_raw_response.delete("x"), RawResponse[None])
    assert_type(resource.list_resources("x"), ProjectListResourcesResponse)
    assert_type(resource.with_raw_response.list_resources("x"), RawResponse[ProjectListResourcesResponse])
    assert_type(resource.assign_resources("x"), ProjectAssignResourcesResponse)
    assert_type(resource.with_raw_response.assign_resources("x"), RawResponse[ProjectAssignResourcesResponse])
    assert_type(resource.list_all(), Iterator[Project])
    assert_type(resource.list_all_resources("x"), Iterator[ProjectResource])


def use_regions(resource: Regions) -> None:
    assert_type(resource.list(), RegionListResponse)
    assert_type(resource.with_raw_response.list(), RawResponse[RegionListResponse])
    assert_type(resource.list_all(), Iterator[Region])


def use_reservedipactions(resource: ReservedIPActions) -> None:
    assert_type(resource.retrieve(1, reserved_ip="x"), ActionRetrieveResponse)
    assert_type(resource.with_raw_response.retrieve(1, reserved_ip="x"), RawResponse[ActionRetrieveResponse])
    assert_type(resource.list("x"), ActionListResponse)
    assert_type(resource.with_raw_response.list("x"), RawResponse[ActionListResponse])
    assert_type(resource.list_all("x"), Iterator[Action])


def use_reservedips(resource: ReservedIPs) -> None:
    assert_type(resource.retrieve("x"), ReservedIPRetrieveResponse)
    assert_type(resource.with_raw_response.retrieve("x"), RawResponse[ReservedIPRetrieveResponse])
    assert_type(resource.list(), ReservedIPListResponse)
    assert_type(resource.with_raw_response.list(), RawResponse[ReservedIPListResponse])
    resource.delete("x")
    assert_type(resource.with_raw_response.delete("x"), RawResponse[None])
    assert_type(resource.list_all(), Iterator[ReservedIP])


def use_sizes(resource: Sizes) -> None:
    assert_type(resource.list(), SizeListResponse)
    assert_type(resource.with_raw_response.list(), RawResponse[SizeListResponse])
    assert_type(resource.gpu(), tuple[Size, ...])
    assert_type(resource.list_all(), Iterator[Size])


def use_snapshotsresource(resource: SnapshotsResource) -> None:
    assert_type(resource.retrieve(1), SnapshotRetrieveResponse)
    assert_type(resource.with_raw_response.retrieve(1), RawResponse[SnapshotRetrieveResponse])
    assert_type(resource.list(), SnapshotListResponse)
    assert_type(resource.with_raw_response.list(), RawResponse[SnapshotListResponse])
    resource.delete(1)
    assert_type(resource.with_raw_response.delete(1), RawResponse[None])
    assert_type(resource.list_all(), Iterator[Snapshots])


def use_tags(resource: Tags) -> None:
    assert_type(resource.create(name="x"), TagCreateResponse)
    assert_type(resource.with_raw_response.create(name="x"), RawResponse[TagCreateResponse])
    assert_type(resource.retrieve("x"), TagRetrieveResponse)
    assert_type(resource.with_raw_response.retrieve("x"), RawResponse[TagRetrieveResponse])
    assert_type(resource.list(), TagListResponse)
    assert_type(resource.with_raw_response.list(), RawResponse[TagListResponse])
    resource.delete("x")
    assert_type(resource.with_raw_response.delete("x"), RawResponse[None])
    resource.assign_resources("x")
    assert_type(resource.with_raw_response.assign_resources("x"), RawResponse[None])
    resource.unassign_resources("x")
    assert_type(resource.with_raw_response.unassign_resources("x"), RawResponse[None])
    assert_type(resource.list_all(), Iterator[Tag])


def use_volumeactions(resource: VolumeActions) -> None:
    assert_type(resource.retrieve(1, volume_id="x"), ActionRetrieveResponse)
    assert_type(resource.with_raw_response.retrieve(1, volume_id="x"), RawResponse[ActionRetrieveResponse])
    assert_type(resource.list("x"), ActionListResponse)
    assert_type(resource.with_raw_response.list("x"), RawResponse[ActionListResponse])
    assert_type(resource.list_all("x"), Iterator[Action])


def use_volumesnapshots(resource: VolumeSnapshots) -> None:
    assert_type(resource.create("x", name="x"), SnapshotCreateResponse)
    assert_type(resource.with_raw_response.create("x", name="x"), RawResponse[SnapshotCreateResponse])
    assert_type(resource.retrieve("x"), SnapshotRetrieveResponse)
    assert_type(resource.with_raw_response.retrieve("x"), RawResponse[SnapshotRetrieveResponse])
    assert_type(resource.list("x"), SnapshotListResponse)
    assert_type(resource.with_raw_response.list("x"), RawResponse[SnapshotListResponse])
    resource.delete("x")
    assert_type(resource.with_raw_response.delete("x"), RawResponse[None])
    assert_type(resource.list_all("x"), Iterator[Snapshots])


def use_volumes(resource: Volumes) -> None:
    assert_type(resource.retrieve("x"), VolumeRetrieveResponse)
    assert_type(resource.with_raw_response.retrieve("x"), RawResponse[VolumeRetrieveResponse])
    assert_type(resource.list(), VolumeListResponse)
    assert_type(resource.with_raw_response.list(), RawResponse[VolumeListResponse])
    resource.delete("x")
    assert_type(resource.with_raw_response.delete("x"), RawResponse[None])
    assert_type(resource.list_all(), Iterator[Volume])


def use_vpcs(resource: VPCs) -> None:
    assert_type(resource.create(name="x", region="x"), VPCCreateResponse)
    assert_type(resource.with_raw_response.create(name="x", region="x"), RawResponse[VPCCreateResponse])
    assert_type(resource.retrieve("x"), VPCRetrieveResponse)
    assert_type(resource.with_raw_response.retrieve("x"), RawResponse[VPCRetrieveResponse])
    assert_type(resource.list(), VPCListResponse)
    assert_type(resource.with_raw_response.list(), RawResponse[VPCListResponse])
    assert_type(resource.update("x"), VPCUpdateResponse)
    assert_type(resource.with_raw_response.update("x"), RawResponse[VPCUpdateResponse])
    resource.delete("x")
    assert_type(resource.with_raw_response.delete("x"), RawResponse[None])
    assert_type(resource.list_members("x"), VPCListMembersResponse)
    assert_type(resource.with_raw_response.list_members("x"), RawResponse[VPCListMembersResponse])
    assert_type(resource.list_all(), Iterator[VPC])
    assert_type(resource.list_all_members("x"), Iterator[VPCMember])
