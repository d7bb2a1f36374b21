"""Calls that type checkers refuse. Each names the expected error; an error that does not occur is a failure.

mypy reports a ``type: ignore`` that is not needed because it is strict, basedpyright a ``pyright: ignore`` because of
pyrightconfig.json. Neither reads the other's comments.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradient_async import (
    Action,
    ActionInitiateResponse,
    ActionRequest,
    AsyncGradientAI,
    AutoscalePoolDropletTemplate,
    BackupPolicy,
    ChangeBackupPolicy,
    FirewallRuleTarget,
    InboundRule,
    Rebuild,
    Resize,
    Restore,
)
from gradient_async.emulator import Behaviour, DropAfter, DropletSpec, Emulator

if TYPE_CHECKING:
    from gradient_sync import GradientAI


async def create(client: AsyncGradientAI) -> None:
    droplets, size = client.gpu_droplets, "gpu-h100x1-80gb"
    # Without a name, with a name and names, and with a word that there is not.
    await droplets.create(image=1, size=size)  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
    await droplets.create(image=1, name="a", names=["b"], size=size)  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
    await droplets.create(image=1, name="a", size=size, on_unknown="retry")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]


async def initiate(client: AsyncGradientAI, some_type: str) -> None:
    actions = client.gpu_droplets.actions
    # A type that is misspelt, unknown, missing, or plain text.
    await actions.initiate(1, type="rebot")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType, reportCallIssue]
    await actions.initiate(1, "rebot")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType, reportCallIssue]
    await actions.initiate(1, "resize")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType, reportCallIssue]
    await actions.initiate(1, "reboot", "x")  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
    await actions.bulk_initiate("training", "reboot")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType, reportCallIssue]
    await actions.initiate(1, type="destroy")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType, reportCallIssue]
    await actions.initiate(1)  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
    await actions.initiate(1, type=some_type)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType, reportCallIssue]
    await actions.initiate(1, type=None)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType, reportCallIssue]
    # A parameter that is missing.
    await actions.initiate(type="reboot")  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
    await actions.initiate(1, type="resize")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType, reportCallIssue]
    await actions.initiate(1, type="restore")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType, reportCallIssue]
    await actions.initiate(1, type="rebuild")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType, reportCallIssue]
    await actions.initiate(1, type="rename")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType, reportCallIssue]
    await actions.initiate(1, type="snapshot")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType, reportCallIssue]
    await actions.initiate(1, type="change_kernel")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType, reportCallIssue]
    await actions.initiate(1, type="change_backup_policy")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType, reportCallIssue]
    # A parameter that belongs to another type.
    await actions.initiate(1, type="reboot", size="gpu-h100x1-80gb")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    await actions.initiate(1, type="power_off", name="x")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    await actions.initiate(1, type="snapshot", name="x", disk=True)  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
    await actions.initiate(1, type="resize", size="x", image=1)  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
    # A parameter of the wrong kind.
    await actions.initiate("1", type="reboot")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType, reportCallIssue]
    await actions.initiate(1, type="restore", image="ubuntu")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType, reportCallIssue]
    await actions.initiate(1, type="rebuild", image=1.5)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType, reportCallIssue]
    await actions.initiate(1, type="resize", size=8)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    await actions.initiate(1, type="resize", size="x", disk="yes")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    await actions.initiate(1, type="change_kernel", kernel="991")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    # A finished request and keyword arguments; a request class in place of a request.
    await actions.initiate(1, Resize(size="x"), type="resize")  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
    await actions.initiate(1, Resize)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType, reportCallIssue]
    # An option that does not exist, or is of the wrong kind.
    await actions.initiate(1, type="reboot", timeuot=3)  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
    await actions.initiate(1, type="reboot", timeout="3")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType, reportCallIssue]
    await actions.initiate(1, type="reboot", extra_headers=[("x", "y")])  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType, reportCallIssue]
    await actions.with_raw_response.initiate(1, type="rebot")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType, reportCallIssue]


async def backup_policies(client: AsyncGradientAI) -> None:
    actions = client.gpu_droplets.actions
    await actions.initiate(1, type="enable_backups", backup_policy={"plan": "monthly"})  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType, reportCallIssue]
    await actions.initiate(1, type="enable_backups", backup_policy={"plan": "weekly", "day": "SUN"})  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType, reportCallIssue]
    await actions.initiate(1, type="enable_backups", backup_policy={"plan": "daily", "hour": 3})  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType, reportCallIssue]
    await actions.initiate(1, type="enable_backups", backup_policy={"hour": 4})  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType, reportCallIssue]
    BackupPolicy()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    BackupPolicy(plan="monthly")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    BackupPolicy(plan="daily", hour=3)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    ChangeBackupPolicy(backup_policy={"plan": "daily"})  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def requests() -> None:
    Resize()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    Resize("gpu-h100x1-80gb")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    Restore(image="ubuntu")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Rebuild(image=None)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Resize(size="x").size = "y"  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]


async def act_by_tag(client: AsyncGradientAI, some_request: ActionRequest) -> None:
    actions = client.gpu_droplets.actions
    await actions.bulk_initiate(tag_name="training", type="reboot")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType, reportCallIssue]
    await actions.bulk_initiate(tag_name="training", type="rebuild")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType, reportCallIssue]
    await actions.bulk_initiate(tag_name="training", action=some_request)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await actions.bulk_initiate(tag_name="training")  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
    await actions.bulk_initiate(tag_name="training", type="snapshot")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType, reportCallIssue]
    await actions.bulk_initiate(tag_name="training", type="power_on", name="x")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    await actions.bulk_initiate(type="power_cycle")  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
    await actions.bulk_initiate(tag_name=["training"], type="power_cycle")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType, reportCallIssue]
    await actions.bulk_initiate(tag_name="training", type="enable_backups", backup_policy=None)  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]


async def wait(client: AsyncGradientAI, response: ActionInitiateResponse, action: Action) -> None:
    actions = client.gpu_droplets.actions
    await actions.wait(response)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType, reportCallIssue]
    await actions.wait([response])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType, reportCallIssue]
    await actions.wait("1")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType, reportCallIssue]
    await actions.wait()  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
    await actions.wait(action, timeout=None)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType, reportCallIssue]
    await actions.wait(action, 300)  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
    await actions.power_off_gracefully(1, grace=60)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    action.status = "completed"  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]


async def read(client: AsyncGradientAI) -> None:
    await client.gpu_droplets.actions.retrieve(1)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.gpu_droplets.actions.retrieve(1, 2)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.gpu_droplets.actions.list()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.gpu_droplets.actions.list(1, page="2")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await client.gpu_droplets.list(type="cpus")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await client.gpu_droplets.list(tag="training")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.gpu_droplets.list_all()  # type: ignore[misc]  # pyright: ignore[reportGeneralTypeIssues]
    iter(client.actions.list_all())  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType, reportCallIssue]


async def run_fleets(client: AsyncGradientAI, team: GradientAI) -> None:
    await client.fleet.run("reboot", tags="training")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.fleet.reboot(ids=[1])  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.fleet.reboot([1], timeuot=3)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.fleet.reboot([1], wait="no")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await client.fleet.reboot([1], on_busy="kick")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await client.fleet.reboot("3164444")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await client.fleet.reboot(1, 2)  # type: ignore[call-arg, arg-type]  # pyright: ignore[reportCallIssue]
    await client.fleet.run("rebot", [1])  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await client.fleet.resume("fleet.journal", wait=False)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    client.fleet.stream("reboot", [1], batch=3)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    team.fleet.reboot([1], timeuot=3)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    team.fleet.run("reboot", droplet_ids=[1])  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


def clients() -> None:
    AsyncGradientAI("token", "https://api.digitalocean.com")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    AsyncGradientAI(acess_token="token")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    AsyncGradientAI(timeout="60")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    AsyncGradientAI(rate_budget="mine")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    AsyncGradientAI(rate_budget="unchanged")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    AsyncGradientAI().with_options(http_session=None)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    with AsyncGradientAI():  # type: ignore[attr-defined]  # pyright: ignore[reportGeneralTypeIssues]
        pass


def sync_twin(client: GradientAI, response: ActionInitiateResponse) -> None:
    actions = client.gpu_droplets.actions
    actions.initiate(1, type="rebot")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType, reportCallIssue]
    actions.initiate(1, type="resize")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType, reportCallIssue]
    actions.initiate(1, type="reboot", size="x")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    actions.initiate(1, type="restore", image="x")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType, reportCallIssue]
    actions.initiate(1, type="reboot", timeuot=3)  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
    actions.with_raw_response.initiate(1, type="resize")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType, reportCallIssue]
    actions.bulk_initiate(tag_name="training", type="reboot")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType, reportCallIssue]
    actions.bulk_initiate(type="power_cycle")  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
    actions.wait(response)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType, reportCallIssue]
    actions.wait(1, timeout=None)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType, reportCallIssue]
    actions.retrieve(1)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    client.gpu_droplets.list(type="cpus")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


async def change_firewalls(client: AsyncGradientAI) -> None:
    firewalls = client.gpu_droplets.firewalls
    await firewalls.create(name="x", inbound_rules=[{"protocol": "tcp", "ports": "22"}])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
    await firewalls.create(name="x", inbound_rules=[{"protocol": "tcp", "ports": 22, "sources": {}}])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
    await firewalls.create(name="x", outbound_rules=[InboundRule(protocol="tcp", ports="22")])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
    await firewalls.create(name="x", droplet_ids=1)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await firewalls.update("x", firewall={"inbound_rules": []})  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await firewalls.update("x", name="x")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await firewalls.tags.add("x")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    FirewallRuleTarget(adresses=["0.0.0.0/0"])  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


async def use_reserved_ips(client: AsyncGradientAI) -> None:
    group = client.reserved_ips
    await group.create()  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
    await group.create(droplet_id=1, region="tor1")  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
    await group.create(droplet_id=1, project_id="x")  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
    await group.actions.create("192.0.2.1", type="assign")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    await group.actions.create("192.0.2.1", type="unassign", droplet_id=1)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    await group.actions.create("192.0.2.1", type="move", droplet_id=1)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    await group.actions.wait(1, floating_ip="192.0.2.1")  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]


async def use_volumes_and_images(client: AsyncGradientAI) -> None:
    volumes, images = client.gpu_droplets.volumes, client.gpu_droplets.images
    await volumes.create(name="data")  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
    await volumes.delete_by_name(name="data")  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
    await images.create(name="data", region="tor1")  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
    await volumes.create(name="data", snapshot_id="x", filesystem_label="x")  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
    await volumes.actions.initiate_by_id("x", type="attach")  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
    await volumes.actions.initiate_by_id("x", type="resize", droplet_id=1)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType, reportCallIssue]
    await volumes.actions.initiate_by_id("x", type="format", droplet_id=1)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType, reportCallIssue]
    await volumes.actions.initiate_by_name(type="attach", droplet_id=1)  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
    await images.actions.create(1, type="transfer")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    await images.actions.create(1, type="convert", region="tor1")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    await client.gpu_droplets.snapshots.list(resource_type="disk")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def emulators() -> None:
    Emulator(behaviour=Behaviour(locked="sometimes"))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Emulator(DropletSpec())  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    DropletSpec(status="running")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    DropAfter("slam")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


async def change_load_balancers(client: AsyncGradientAI) -> None:
    balancers = client.gpu_droplets.load_balancers
    await balancers.create(forwarding_rules=[{"entry_protocol": "http"}])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
    await balancers.create(forwarding_rules=[], health_check={"prot": "http"})  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await balancers.create(forwarding_rules=[], droplet_ids=1)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await balancers.update("x", name="x")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await balancers.droplets.add("x")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


async def change_pools(client: AsyncGradientAI, template: AutoscalePoolDropletTemplate) -> None:
    pools = client.gpu_droplets.autoscale
    await pools.create(name="x", config={"min_instances": 1}, droplet_template=template)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await pools.create(name="x", config={"target_number_instances": 1}, droplet_template={"image": "x"})  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await pools.delete_dangerous("x")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
