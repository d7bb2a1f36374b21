"""Methods with overloads and nested parts, in the sync client: read by mypy and basedpyright, never run.

``resources_sync.py`` is generated and has all other methods.
"""

from __future__ import annotations

from typing import Any, assert_type

from gradient_sync import (
    Action,
    ActionCreateResponse,
    ActionInitiateByIDResponse,
    AutoscaleCreateResponse,
    AutoscalePool,
    AutoscalePoolDropletTemplate,
    AutoscalePoolDynamicConfig,
    AutoscalePoolSettings,
    AutoscalePoolStaticConfig,
    AutoscaleUpdateResponse,
    CreationPlan,
    CreationReport,
    CreationTry,
    DestroyReport,
    Droplet,
    Firewall,
    FirewallCreateResponse,
    FirewallParam,
    FirewallRuleTarget,
    FirewallUpdateResponse,
    FleetCost,
    FloatingIPCreateResponse,
    ForwardingRule,
    GradientAI,
    HibernationReport,
    ImageCreateResponse,
    InboundRule,
    LoadBalancer,
    LoadBalancerCreateResponse,
    LoadBalancerSettings,
    LoadBalancerUpdateResponse,
    MultipleDropletResponse,
    OutboundRule,
    ProcessUse,
    RawResponse,
    ReservedIPCreateResponse,
    RestoreReport,
    SingleDropletResponse,
    SSHKeys,
    StickySessions,
    TagRetrieveResponse,
    VolumeCreateResponse,
)

ID = "bb4b2611-3d72-467b-8602-280330ecd65c"


def create_droplets(client: GradientAI) -> None:
    droplets = client.gpu_droplets
    one = droplets.create(name="trainer", size="gpu-h100x1-80gb", image="gpu-h100x1-base", region="tor1")
    assert_type(one, SingleDropletResponse)
    several = droplets.create(names=["a", "b"], size="gpu-h100x1-80gb", image=1, ssh_keys=[1, "ab:cd"])
    assert_type(several, MultipleDropletResponse)
    raw = droplets.with_raw_response.create(name="trainer", size="gpu-h100x1-80gb", image=1)
    assert_type(raw, RawResponse[SingleDropletResponse])


def change_firewalls(client: GradientAI, read: Firewall) -> None:
    firewalls = client.gpu_droplets.firewalls
    target = FirewallRuleTarget(addresses=["0.0.0.0/0"], droplet_ids=(1,), tags=["training"])
    rules = [InboundRule(protocol="tcp", ports="22", sources=target)]
    made = firewalls.create(
        name="training",
        inbound_rules=rules,
        outbound_rules=[
            OutboundRule(protocol="icmp", destinations=target),
            {"protocol": "udp", "ports": "53", "destinations": {"addresses": ["0.0.0.0/0"]}},
            {"protocol": "tcp", "ports": "0", "destinations": target},
        ],
        tags=("training",),
    )
    assert_type(made, FirewallCreateResponse)
    whole: FirewallParam = {"name": "training", "inbound_rules": rules, "outbound_rules": None, "droplet_ids": [1]}
    assert_type(firewalls.create(body=whole), FirewallCreateResponse)
    assert_type(firewalls.update(read.id, firewall=whole), FirewallUpdateResponse)
    assert_type(firewalls.update(read.id, firewall=read), FirewallUpdateResponse)
    raw = firewalls.with_raw_response.update(read.id, firewall=read)
    assert_type(raw, RawResponse[FirewallUpdateResponse])
    firewalls.rules.add(read.id, inbound_rules=[*read.inbound_rules, *rules])


def change_load_balancers(client: GradientAI, read: LoadBalancer) -> None:
    balancers = client.gpu_droplets.load_balancers
    rule = ForwardingRule(entry_protocol="http", entry_port=80, target_protocol="http", target_port=8000)
    made = balancers.create(
        name="lb",
        region="tor1",
        forwarding_rules=[
            rule,
            {"entry_protocol": "tcp", "entry_port": 22, "target_protocol": "tcp", "target_port": 22},
        ],
        health_check={"port": 8000, "path": "/health"},
        sticky_sessions=StickySessions(type="none"),
        firewall={"allow": ["ip:192.0.2.1"]},
        glb_settings={"cdn": {"is_enabled": True}, "region_priorities": {"nyc1": 1}},
        tag="serving",
    )
    assert_type(made, LoadBalancerCreateResponse)
    raw = balancers.with_raw_response.create(forwarding_rules=[rule])
    assert_type(raw, RawResponse[LoadBalancerCreateResponse])
    assert_type(read.settings(name="other"), LoadBalancerSettings)
    assert_type(balancers.update(read.id, **read.settings(size_unit=2)), LoadBalancerUpdateResponse)
    changed = balancers.update(
        read.id, forwarding_rules=read.forwarding_rules, health_check=read.health_check, droplet_ids=read.droplet_ids
    )
    assert_type(changed, LoadBalancerUpdateResponse)
    raw_update = balancers.with_raw_response.update(read.id, **read.settings(), timeout=3)
    assert_type(raw_update, RawResponse[LoadBalancerUpdateResponse])
    balancers.droplets.add(read.id, droplet_ids=read.droplet_ids)
    balancers.droplets.remove(read.id, droplet_ids=[1])
    assert_type(balancers.droplets.with_raw_response.add(read.id, droplet_ids=[1]), RawResponse[None])
    assert_type(balancers.droplets.with_raw_response.remove(read.id, droplet_ids=[1]), RawResponse[None])
    rules = balancers.forwarding_rules
    rules.add(read.id, forwarding_rules=[rule])
    rules.remove(read.id, forwarding_rules=read.forwarding_rules)
    assert_type(rules.with_raw_response.add(read.id, forwarding_rules=[rule]), RawResponse[None])
    assert_type(rules.with_raw_response.remove(read.id, forwarding_rules=[rule]), RawResponse[None])


def change_pools(client: GradientAI, read: AutoscalePool) -> None:
    pools = client.gpu_droplets.autoscale
    template = AutoscalePoolDropletTemplate(image=1, region="tor1", size="gpu-h100x1-80gb", ssh_keys=[1, "ab:cd"])
    fixed = pools.create(name="p", config={"target_number_instances": 2}, droplet_template=template)
    assert_type(fixed, AutoscaleCreateResponse)
    by_load = pools.with_raw_response.create(
        name="p",
        config={"min_instances": 1, "max_instances": 4, "target_cpu_utilization": 0.5},
        droplet_template={"image": "x", "region": "tor1", "size": "gpu-h100x1-80gb", "ssh_keys": ["ab:cd"]},
    )
    assert_type(by_load, RawResponse[AutoscaleCreateResponse])
    settings = read.settings(config=AutoscalePoolStaticConfig(target_number_instances=3))
    assert_type(settings, AutoscalePoolSettings)
    assert_type(pools.update(read.id, **settings), AutoscaleUpdateResponse)
    raw = pools.with_raw_response.update(
        read.id, **read.settings(config=AutoscalePoolDynamicConfig(min_instances=1, max_instances=2))
    )
    assert_type(raw, RawResponse[AutoscaleUpdateResponse])


def use_reserved_ips(client: GradientAI) -> None:
    group = client.reserved_ips
    assert_type(group.create(droplet_id=1), ReservedIPCreateResponse)
    assert_type(group.create(region="tor1", project_id=ID), ReservedIPCreateResponse)
    assert_type(group.with_raw_response.create(region="tor1"), RawResponse[ReservedIPCreateResponse])
    started = group.actions.create("192.0.2.1", type="assign", droplet_id=1)
    assert_type(started, ActionCreateResponse)
    assert_type(group.actions.create("192.0.2.1", type="unassign"), ActionCreateResponse)
    raw = group.actions.with_raw_response.create("192.0.2.1", type="unassign")
    assert_type(raw, RawResponse[ActionCreateResponse])
    assert_type(group.actions.wait(started.action, reserved_ip="192.0.2.1"), Action)
    assert_type(group.actions.wait([1, started.action], timeout=60), tuple[Action, ...])


def use_floating_ips(client: GradientAI) -> None:
    group = client.gpu_droplets.floating_ips
    assert_type(group.create(droplet_id=1), FloatingIPCreateResponse)
    assert_type(group.with_raw_response.create(region="tor1"), RawResponse[FloatingIPCreateResponse])
    assert_type(group.actions.create("192.0.2.1", type="assign", droplet_id=1), ActionCreateResponse)
    raw = group.actions.with_raw_response.create("192.0.2.1", type="unassign")
    assert_type(raw, RawResponse[ActionCreateResponse])
    assert_type(group.actions.wait(1, floating_ip="192.0.2.1"), Action)


def use_volumes(client: GradientAI) -> None:
    volumes = client.gpu_droplets.volumes
    assert_type(volumes.create(name="data", region="tor1", size_gigabytes=10), VolumeCreateResponse)
    assert_type(volumes.create(name="data", snapshot_id=ID), VolumeCreateResponse)
    raw = volumes.with_raw_response.create(name="data", snapshot_id=ID)
    assert_type(raw, RawResponse[VolumeCreateResponse])
    attached = volumes.actions.initiate_by_id(ID, type="attach", droplet_id=1)
    assert_type(attached, ActionInitiateByIDResponse)
    resized = volumes.actions.with_raw_response.initiate_by_id(ID, type="resize", size_gigabytes=20)
    assert_type(resized, RawResponse[ActionInitiateByIDResponse])
    volumes.actions.initiate_by_name(volume_name="data", type="detach", droplet_id=1)
    volumes.actions.with_raw_response.initiate_by_name(volume_name="data", type="attach", droplet_id=1)
    assert_type(volumes.actions.wait(attached.action, volume_id=ID), Action)
    assert_type(volumes.delete_by_name(name="data", region="tor1"), None)
    assert_type(volumes.with_raw_response.delete_by_name(name="data", region="tor1"), RawResponse[None])


def use_images(client: GradientAI) -> None:
    images = client.gpu_droplets.images
    url = "https://example.com/image.qcow2"
    assert_type(images.create(name="base", url=url, region="tor1"), ImageCreateResponse)
    raw_image = images.with_raw_response.create(name="base", url=url, region="tor1")
    assert_type(raw_image, RawResponse[ImageCreateResponse])
    actions = images.actions
    begun = actions.create(1, type="transfer", region="tor1")
    assert_type(begun, Action)
    raw = actions.with_raw_response.create(1, type="convert")
    assert_type(raw, RawResponse[Action])
    assert_type(actions.wait(begun, image_id=1), Action)
    assert_type(actions.wait([begun, 2]), tuple[Action, ...])


def wait_for_anything(client: GradientAI) -> None:
    assert_type(client.actions.wait(1, timeout=60), Action)
    assert_type(client.actions.wait([1, 2]), tuple[Action, ...])


def send_to_any_path(client: GradientAI) -> None:
    assert_type(client.get("/v2/cdn/endpoints", query={"page": 1}), dict[str, Any])
    assert_type(client.get("/v2/tags/a", cast_to=TagRetrieveResponse), TagRetrieveResponse)
    raw_get = client.with_raw_response.get("/v2/tags/a", cast_to=TagRetrieveResponse)
    assert_type(raw_get, RawResponse[TagRetrieveResponse])
    assert_type(client.post("/v2/cdn/endpoints", query={"page": 1}, body={"ttl": 3600}), dict[str, Any])
    assert_type(client.post("/v2/tags/a", cast_to=TagRetrieveResponse), TagRetrieveResponse)
    raw_post = client.with_raw_response.post("/v2/tags/a", cast_to=TagRetrieveResponse)
    assert_type(raw_post, RawResponse[TagRetrieveResponse])
    assert_type(client.put("/v2/cdn/endpoints", query={"page": 1}, body={"ttl": 3600}), dict[str, Any])
    assert_type(client.put("/v2/tags/a", cast_to=TagRetrieveResponse), TagRetrieveResponse)
    raw_put = client.with_raw_response.put("/v2/tags/a", cast_to=TagRetrieveResponse)
    assert_type(raw_put, RawResponse[TagRetrieveResponse])
    assert_type(client.patch("/v2/cdn/endpoints", query={"page": 1}, body={"ttl": 3600}), dict[str, Any])
    assert_type(client.patch("/v2/tags/a", cast_to=TagRetrieveResponse), TagRetrieveResponse)
    raw_patch = client.with_raw_response.patch("/v2/tags/a", cast_to=TagRetrieveResponse)
    assert_type(raw_patch, RawResponse[TagRetrieveResponse])
    assert_type(client.delete("/v2/cdn/endpoints", query={"page": 1}, body={"ttl": 3600}), dict[str, Any])
    assert_type(client.delete("/v2/tags/a", cast_to=TagRetrieveResponse), TagRetrieveResponse)
    raw_delete = client.with_raw_response.delete("/v2/tags/a", cast_to=TagRetrieveResponse)
    assert_type(raw_delete, RawResponse[TagRetrieveResponse])


def have_a_key_registered(client: GradientAI) -> None:
    assert_type(client.account.keys.ensure("~/.ssh/id_ed25519.pub"), SSHKeys)
    assert_type(client.gpu_droplets.account.keys.ensure("ssh-ed25519 AAAA", name="laptop"), SSHKeys)


def wait_for_droplets(client: GradientAI) -> None:
    droplet = client.gpu_droplets.wait(1, until="ssh", timeout=600)
    assert_type(droplet, Droplet)
    assert_type(client.gpu_droplets.wait([droplet, 2], until="address"), tuple[Droplet, ...])


def create_a_fleet_and_destroy_it(client: GradientAI) -> None:
    assert_type(client.fleet.plan_create(count=2, sizes="gpu-h100x1-80gb"), CreationPlan)
    report = client.fleet.create(count=2, sizes=["gpu-h100x1-80gb"], regions=["tor1"], until="ssh")
    assert_type(report, CreationReport)
    assert_type(report.timeline(), str)
    assert_type(report.tries, tuple[CreationTry, ...])
    assert_type(client.fleet.cost(tag="training"), FleetCost)
    assert_type(client.fleet.destroy(tag="training", confirm_count=2), DestroyReport)
    assert_type(client.fleet.plan_reap(older_than="2h"), FleetCost)
    assert_type(client.fleet.reap("create.journal"), DestroyReport)
    hibernated = client.fleet.hibernate([1, 2])
    assert_type(hibernated, HibernationReport)
    assert_type(client.fleet.restore(hibernated, ssh_port=2222, address="private"), RestoreReport)
    if client.rate_budget is not None:
        assert_type(client.rate_budget.processes(), tuple[ProcessUse, ...])
    with client.fleet.lease(ttl="2h", count=1, sizes="gpu-h100x1-80gb") as droplets:
        assert_type(droplets, tuple[Droplet, ...])
