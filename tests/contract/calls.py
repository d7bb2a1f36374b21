"""Every request that the SDK can send: each public method, with each of its parameters."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, partial
from typing import Any, Final, TypeAlias

from attrs import evolve, field, frozen
from autoscale_calls import autoscale_calls
from load_balancer_calls import load_balancer_calls
from place_calls import place_calls
from reserved_ip_calls import reserved_ip_calls
from specification import Specification, pinned
from volume_calls import ROWS as VOLUME_ROWS

import gradient_async.endpoints as declarations
from gradient_async import ACTION_TYPES, BULK_ACTION_TYPES, Action, BackupPolicy
from gradient_async.http.endpoint import Endpoint
from gradient_async.http.parameters import Parameter

Change: TypeAlias = Callable[[Any], object]

DROPLET_ID: Final = 3164444
ACTION_ID: Final = 36804636
TAG: Final = "env:prod"
PUBLIC_KEY: Final = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBoo you@laptop"
FINGERPRINT: Final = "3b:16:e4:bf:8b:00:8b:b8:59:8c:a9:d3:f0:19:fa:45"

# The parameters of each type, as in the JSON body.
PARAMETERS: Final[Mapping[str, Sequence[Mapping[str, Any]]]] = {
    "enable_backups": (
        {},
        {"backup_policy": {"plan": "daily", "hour": 20}},
        {"backup_policy": {"plan": "weekly", "weekday": "SUN", "hour": 0}},
    ),
    "disable_backups": ({},),
    "change_backup_policy": (
        {"backup_policy": {"plan": "weekly", "weekday": "SAT", "hour": 4}},
        {"backup_policy": {"plan": "daily"}},
    ),
    "reboot": ({},),
    "power_cycle": ({},),
    "shutdown": ({},),
    "power_off": ({},),
    "power_on": ({},),
    "restore": ({"image": 12389723},),
    "password_reset": ({},),
    "resize": ({"size": "gpu-h100x8-640gb", "disk": True}, {"size": "gpu-h100x8-640gb", "disk": False}),
    "rebuild": ({"image": 12389723}, {"image": "gpu-h100x1-base"}),
    "rename": ({"name": "trainer-01.example.com"},),
    "change_kernel": ({"kernel": 12389723},),
    "enable_ipv6": ({},),
    "snapshot": ({"name": "before the upgrade: \u00e9t\u00e9"},),
}
BULK_PARAMETERS: Final[Mapping[str, Sequence[Mapping[str, Any]]]] = {
    "power_cycle": ({},),
    "power_on": ({},),
    "power_off": ({},),
    "shutdown": ({},),
    "enable_ipv6": ({},),
    "enable_backups": ({},),
    "disable_backups": ({},),
    "snapshot": ({"name": "before"},),
}

# Lists whose filters exclude each other, or have defaults.
_BY_HAND: Final = {"gpu_droplets.list", "gpu_droplets.actions.retrieve"}
_SAMPLES: Final[Mapping[str, Any]] = {
    "id": DROPLET_ID,
    "uuid": "506f78a4-e098-11e5-ad9f-000f53306ae1",
    "uuid_or_default": "506f78a4-e098-11e5-ad9f-000f53306ae1",
    "ip": "45.55.96.47",
    "slug": "gpu-h100x1-base",
    "id_or_slug": "gpu-h100x1-base",
    "id_or_fingerprint": 512189,
    "id_or_uuid": "6372321",
    "region": "nyc3",
    "tag": TAG,
    "text": "web 01/&x=%25+1",
    "bool": True,
}
# All kinds of sources and destinations of a firewall's rule.
_TARGET: Final[Mapping[str, Any]] = {
    "addresses": ["18.0.0.0/8", "2001:db8::1"],
    "droplet_ids": [DROPLET_ID],
    "kubernetes_ids": ["41b74c5d-9bd0-5555-5555-a57c495b81a3"],
    "load_balancer_uids": ["4de7ac8b-495b-4884-9a69-1050c6793cd6"],
    "tags": [TAG],
}


@frozen(kw_only=True)
class Call:
    """One call of a method, and the requests that it must send.

    Attributes:
        method: The method, from the client.
        arguments: Its keyword arguments.
        operations: Ids of the requested operations, each once, in the order of their first requests.
        query: Query of the first request.
        bodies: JSON bodies of all requests that have one.
        changes: The server's changes to its successive answers, by operation.
        note: Distinguishes calls of one method.
    """

    method: str
    arguments: Mapping[str, Any] = field(factory=dict)
    operations: tuple[str, ...]
    query: Mapping[str, str] = field(factory=dict)
    bodies: Sequence[Mapping[str, Any]] = ()
    changes: Mapping[str, Sequence[Change]] = field(factory=dict)
    note: str = ""

    def __str__(self) -> str:
        return f"{self.method}({self.note or ', '.join(self.arguments)})"

    @property
    def fields(self) -> set[str]:
        """The fields of the bodies."""
        return {name for body in self.bodies for name in body}

    @property
    def is_iterator(self) -> bool:
        return self._name.startswith("list_all")

    @property
    def is_one_request(self) -> bool:
        """Whether the method sends one request. Then it has a raw twin."""
        return not self.is_iterator and self._name not in {"ensure", "gpu", "wait", "power_off_gracefully"}

    @property
    def _name(self) -> str:
        return self.method.rsplit(".", 1)[1]

    @property
    def raw_method(self) -> str:
        resource, method = self.method.rsplit(".", 1)
        return f"{resource}.with_raw_response.{method}"

    @property
    def resources(self) -> frozenset[str]:
        """The kinds of resources in its body, as the body names them."""
        given = self.bodies[0].get("resources", ()) if self.bodies else ()
        return frozenset(one["resource_type"] if isinstance(one, dict) else one.split(":")[1] for one in given)

    @property
    def type(self) -> str | None:
        """The type of the action that the call starts; other bodies have a ``type`` of their own kind."""
        starts_action = self.bodies and ".actions." in self.method
        return str(self.bodies[0]["type"]) if starts_action and "type" in self.bodies[0] else None


def _acting(
    method: str,
    target: Mapping[str, Any],
    parameters: Mapping[str, Sequence[Mapping[str, Any]]],
    requests: Mapping[str, Callable[..., object]],
    **expected: Any,
) -> Iterator[Call]:
    """Return calls of a method that starts actions: every type, by keyword arguments and by a request class."""
    for name, variants in parameters.items():
        for given in variants:
            policy = {key: BackupPolicy(**value) for key, value in given.items() if key == "backup_policy"}
            action = requests[name](**{**given, **policy})
            for arguments in ({"type": name, **given}, {"action": action}):
                yield Call(
                    method=method,
                    arguments={**target, **arguments},
                    bodies=({"type": name, **given},),
                    note=", ".join(f"{key}={value!r}" for key, value in arguments.items()),
                    **expected,
                )


def _listing(
    resource: str,
    operation: str,
    filters: Sequence[tuple[Mapping[str, Any], Mapping[str, str]]],
    name: str = "list",
) -> Iterator[Call]:
    """Return calls of a list: with each filter, one page, and all pages."""
    iterator = name.replace("list", "list_all", 1)
    for given, sent in filters:
        for method, paging in (
            (name, {}),
            (name, {"page": 2, "per_page": 1}),
            (name, {"page": 1, "per_page": 200}),
            (iterator, {}),
        ):
            pages = {"page": 1, "per_page": 200} if method == iterator else paging
            arguments = {**given, **paging}
            yield Call(
                method=f"{resource}.{method}",
                arguments=arguments,
                operations=(operation,),
                query={**sent, **{name: str(value) for name, value in pages.items()}},
                note=", ".join(f"{key}={value!r}" for key, value in arguments.items()),
            )


def _declared() -> Iterator[Call]:
    """Return calls of every endpoint that reads and has only typed parameters, from its declaration."""
    for endpoint in endpoints():
        resource, _, method = endpoint.name.rpartition(".")
        if endpoint.method != "GET" or endpoint.name in _BY_HAND:
            continue
        given = {one.name: _SAMPLES[one.kind] for one in endpoint.path_template.parameters}
        if endpoint.items:
            kinds = {one.name: one.kind for one in map(Parameter.of, endpoint.query)}
            filters = {name: _SAMPLES.get(kind, kind.split("|")[0]) for name, kind in kinds.items()}
            rows = [
                (given, {}),
                *(
                    (given | {name: value}, {name: Parameter.of(f"{name}:{kinds[name]}").check(name, value)})
                    for name, value in filters.items()
                ),
            ]
            yield from _listing(resource, _operation_of(endpoint), rows, method)
        else:
            yield Call(method=endpoint.name, arguments=given, operations=(_operation_of(endpoint),))


def _changing(rows: Sequence[tuple[str, str, Mapping[str, Any], Mapping[str, Any]]]) -> Iterator[Call]:
    """Return calls of methods that change something and send one request.

    Args:
        rows: Method, operation, arguments beside the body's, and the fields of the body.
    """
    declared = {endpoint.name: endpoint for endpoint in endpoints()}
    for method, operation, target, body in rows:
        query = {name: str(value) for name, value in target.items() if name in declared[method].parameters}
        yield Call(
            method=method,
            arguments={**target, **body},
            operations=(operation,),
            query=query,
            bodies=(body,) if body else (),
        )


def endpoints() -> list[Endpoint[Any]]:
    """Return every endpoint that the package declares."""
    modules = [f"{declarations.__name__}.{one.name}" for one in pkgutil.iter_modules(declarations.__path__)]
    values = [value for name in modules for value in vars(importlib.import_module(name)).values()]
    return [value for value in values if isinstance(value, Endpoint)]


def _operation_of(endpoint: Endpoint[Any]) -> str:
    """Return the specification's operation. It may use other names for the path's parameters."""
    shape = _shape(endpoint.path_template.text)
    found = [
        str(methods[endpoint.method.lower()]["operationId"])
        for template, methods in pinned()["paths"].items()
        if _shape(template) == shape and endpoint.method.lower() in methods
    ]
    assert len(found) == 1, f"{endpoint.route}: {found}"
    return found[0]


def _shape(template: str) -> str:
    return re.sub(r"\{\w+\}", "{}", template)


def _waiting_for(resource: str, owner: Mapping[str, Any], operation: str) -> Iterator[Call]:
    """Return calls of a group's ``wait``, by an action's id: with the resource's id, and without.

    Args:
        resource: The group, such as ``"gpu_droplets.volumes.actions"``.
        owner: The argument with the resource's id; empty if the method has none.
        operation: The operation that reads an action of the resource.
    """
    ending = [_with_status("in-progress"), _with_status("completed")]
    for given, read in ((owner, operation), ({}, "actions_get"))[not owner :]:
        yield Call(
            method=f"{resource}.wait",
            arguments={"action": ACTION_ID, **given, "timeout": 5.0, "poll_interval": 0.01},
            operations=(read,),
            changes={read: ending},
        )


def _waiting() -> Iterator[Call]:
    """Return calls of ``wait``: an action of a Droplet, one action by id, and three in the account's list."""
    method, ending = "gpu_droplets.actions.wait", [_with_status("in-progress"), _with_status("completed")]
    patience = {"timeout": 5.0, "poll_interval": 0.01}
    running = Action(id=ACTION_ID, status="in-progress", type="reboot", resource_id=DROPLET_ID, resource_type="droplet")
    for arguments, operation in (
        ({"action": running}, "dropletActions_get"),
        ({"action": ACTION_ID, "droplet_id": DROPLET_ID}, "dropletActions_get"),
        ({"action": ACTION_ID}, "actions_get"),
    ):
        yield Call(
            method=method,
            arguments={**arguments, **patience},
            operations=(operation,),
            changes={operation: ending},
            note=", ".join(f"{name}={type(value).__name__}" for name, value in arguments.items()),
        )
    several = [ACTION_ID, ACTION_ID + 1, ACTION_ID + 2]
    yield Call(
        method=method,
        arguments={"action": several, **patience},
        operations=("actions_list",),
        query={"page": "1", "per_page": "200"},
        changes={"actions_list": [partial(_with_actions, several)]},
        note="three ids",
    )


def _waiting_for_droplets() -> Iterator[Call]:
    """Return calls of ``gpu_droplets.wait``: one Droplet by id, and three in the list."""
    method, patience = "gpu_droplets.wait", {"timeout": 5.0, "poll_interval": 0.01}
    yield Call(
        method=method,
        arguments={"droplets": DROPLET_ID, "until": "address", "ssh_port": 22, "address": "public", **patience},
        operations=("droplets_get",),
        changes={"droplets_get": [_with_status("new"), _with_status("active")]},
    )
    several = [DROPLET_ID, DROPLET_ID + 1, DROPLET_ID + 2]
    yield Call(
        method=method,
        arguments={"droplets": several, **patience},
        operations=("droplets_list",),
        query={"type": "gpus", "page": "1", "per_page": "200"},
        changes={"droplets_list": [partial(_with_droplets, several)]},
        note="three ids",
    )


def _finding_sizes() -> Iterator[Call]:
    """Return a call of ``sizes.gpu`` that finds a size."""
    found = {"model": "h100", "min_vram_gib": 80, "count": 1, "max_hourly": 5.0, "creatable": True}
    yield Call(
        method="gpu_droplets.sizes.gpu",
        arguments=found,
        operations=("sizes_list",),
        query={"page": "1", "per_page": "200"},
        changes={"sizes_list": [_with_gpu_size]},
    )


def _powering_off() -> Iterator[Call]:
    """Return a call of ``power_off_gracefully`` with a failed ``shutdown``: it sends all of its requests."""
    yield Call(
        method="gpu_droplets.actions.power_off_gracefully",
        arguments={"droplet_id": DROPLET_ID, "timeout": 5.0, "force_timeout": 5.0, "poll_interval": 0.01},
        operations=("droplets_get", "dropletActions_post", "dropletActions_get"),
        bodies=({"type": "shutdown"}, {"type": "power_off"}),
        changes={
            "dropletActions_post": [_with_status("errored"), _with_status("in-progress")],
            "droplets_get": [_with_status("active"), _with_status("off")],
            "dropletActions_get": [_with_status("completed")],
        },
    )


def _creating() -> Iterator[Call]:
    """Return calls of ``create``: with the least and with everything, for one Droplet and for two."""
    least: dict[str, Any] = {"image": "gpu-h100x1-base", "size": "gpu-h100x1-80gb", "name": "example.com"}
    policy: dict[str, Any] = {"plan": "weekly", "weekday": "SUN", "hour": 20}
    everything: dict[str, Any] = {
        "image": 12389723,
        "size": "gpu-h100x1-80gb",
        "names": ["sub-01.example.com", "sub-02.example.com"],
        "backup_policy": policy,
        "backups": True,
        "ipv6": True,
        "monitoring": True,
        "private_networking": True,
        "public_networking": True,
        "region": "tor1",
        "ssh_keys": [289794, FINGERPRINT],
        "tags": [TAG],
        "user_data": "#cloud-config\n",
        "volumes": [_SAMPLES["uuid"]],
        "vpc_uuid": _SAMPLES["uuid"],
        "with_droplet_agent": True,
    }
    for body in (least, everything):
        for given in (body, {**body, "backup_policy": BackupPolicy(**policy)} if "backup_policy" in body else body):
            yield Call(
                method="gpu_droplets.create",
                arguments={**given, "on_unknown": "raise"} if "names" in given else given,
                operations=("droplets_create",),
                bodies=(body,),
                note="everything" if "names" in body else "the least",
            )


def _destroying() -> Iterator[Call]:
    """Return calls of the methods that destroy Droplets."""
    group, one = "gpu_droplets.destroy_with_associated_resources", {"droplet_id": DROPLET_ID}
    chosen = {
        "floating_ips": ["6186916"],
        "reserved_ips": ["6186916"],
        "snapshots": ["61486916"],
        "volumes": [_SAMPLES["uuid"]],
        "volume_snapshots": [_SAMPLES["uuid"]],
    }
    yield Call(method="gpu_droplets.delete", arguments=one, operations=("droplets_destroy",))
    yield Call(
        method="gpu_droplets.delete_by_tag",
        arguments={"tag_name": TAG},
        operations=("droplets_destroy_byTag",),
        query={"tag_name": TAG},
    )
    yield Call(
        method=f"{group}.delete_dangerous",
        arguments={**one, "x_dangerous": True},
        operations=("droplets_destroy_withAssociatedResourcesDangerous",),
    )
    for given in ({}, chosen):
        yield Call(
            method=f"{group}.delete_selective",
            arguments={**one, **given},
            operations=("droplets_destroy_withAssociatedResourcesSelective",),
            bodies=(given,),
        )
    yield Call(method=f"{group}.retry", arguments=one, operations=("droplets_destroy_retryWithAssociatedResources",))


def _on_firewalls() -> Iterator[Call]:
    """Return calls of the methods that change firewalls."""
    firewall = {
        "name": "training.firewall-1",
        "inbound_rules": [{"protocol": "tcp", "ports": "8000-9000", "sources": _TARGET}],
        "outbound_rules": [{"protocol": "icmp", "ports": "0", "destinations": _TARGET}],
        "droplet_ids": [DROPLET_ID],
        "tags": [TAG],
    }
    for arguments in (firewall, {"body": firewall}):
        yield Call(
            method="gpu_droplets.firewalls.create",
            arguments=arguments,
            operations=("firewalls_create",),
            bodies=(firewall,),
        )
    firewall_id = _SAMPLES["uuid"]
    yield Call(
        method="gpu_droplets.firewalls.update",
        arguments={"firewall_id": firewall_id, "firewall": firewall},
        operations=("firewalls_update",),
        bodies=(firewall,),
    )
    rules = {name: firewall[name] for name in ("inbound_rules", "outbound_rules")}
    for method, operation, body in (
        ("droplets.add", "firewalls_assign_droplets", {"droplet_ids": [DROPLET_ID]}),
        ("droplets.remove", "firewalls_delete_droplets", {"droplet_ids": [DROPLET_ID]}),
        ("tags.add", "firewalls_add_tags", {"tags": [TAG]}),
        ("tags.remove", "firewalls_delete_tags", {"tags": [TAG]}),
        ("rules.add", "firewalls_add_rules", rules),
        ("rules.remove", "firewalls_delete_rules", rules),
    ):
        yield Call(
            method=f"gpu_droplets.firewalls.{method}",
            arguments={"firewall_id": firewall_id, **body},
            operations=(operation,),
            bodies=(body,),
        )
    yield Call(
        method="gpu_droplets.firewalls.delete",
        arguments={"firewall_id": firewall_id},
        operations=("firewalls_delete",),
    )


def _of_both_accounts(calls: Iterable[Call]) -> Iterator[Call]:
    """Return the calls, and those of ``client.account`` by its other name, ``client.gpu_droplets.account``."""
    for call in calls:
        yield call
        names = {"gpu_droplets.account.": "account.", "account.": "gpu_droplets.account."}
        for prefix, other in names.items():
            if call.method.startswith(prefix):
                yield evolve(call, method=call.method.replace(prefix, other, 1))


def _with_status(status: str) -> Change:
    def change(body: Any) -> None:
        next(iter(body.values()))["status"] = status

    return change


def _with_actions(ids: Sequence[int], body: Any) -> None:
    (action, *_) = body["actions"]
    body["actions"] = [{**action, "id": one, "status": "completed"} for one in ids]
    body["meta"] = {"total": len(ids)}
    body["links"] = {}


def _with_droplets(ids: Sequence[int], body: Any) -> None:
    (droplet, *_) = body["droplets"]
    body["droplets"] = [{**droplet, "id": one, "status": "active"} for one in ids]
    body["meta"] = {"total": len(ids)}
    body["links"] = {}


def _with_gpu_size(body: Any) -> None:
    gpu = {"count": 1, "model": "nvidia_h100", "vram": {"amount": 80, "unit": "gib"}}
    changes = {"slug": "gpu-h100x1-80gb", "price_hourly": 4.41, "available": True, "regions": ["tor1"], "gpu_info": gpu}
    body["sizes"] = [*body["sizes"], {**body["sizes"][0], **changes}]
    body["links"] = {}


CALLS: Final[Sequence[Call]] = (
    *_acting(
        "gpu_droplets.actions.initiate",
        {"droplet_id": DROPLET_ID},
        PARAMETERS,
        ACTION_TYPES,
        operations=("dropletActions_post",),
    ),
    *_acting(
        "gpu_droplets.actions.bulk_initiate",
        {"tag_name": TAG},
        BULK_PARAMETERS,
        BULK_ACTION_TYPES,
        operations=("dropletActions_post_byTag",),
        query={"tag_name": TAG},
    ),
    Call(
        method="gpu_droplets.actions.retrieve",
        arguments={"action_id": ACTION_ID, "droplet_id": DROPLET_ID},
        operations=("dropletActions_get",),
    ),
    *_listing(
        "gpu_droplets",
        "droplets_list",
        [
            ({}, {"type": "gpus"}),
            ({"type": "gpus"}, {"type": "gpus"}),
            ({"type": "droplets"}, {"type": "droplets"}),
            ({"name": "web 01/&x=%25+1"}, {"type": "gpus", "name": "web 01/&x=%25+1"}),
            ({"name": "web-01", "type": "droplets"}, {"type": "droplets", "name": "web-01"}),
            ({"tag_name": TAG}, {"tag_name": TAG}),
        ],
    ),
    *_of_both_accounts(
        (
            *_declared(),
            Call(
                method="gpu_droplets.account.keys.create",
                arguments={"name": "laptop", "public_key": PUBLIC_KEY},
                operations=("sshKeys_create",),
                bodies=({"name": "laptop", "public_key": PUBLIC_KEY},),
            ),
            Call(
                method="gpu_droplets.account.keys.ensure",
                arguments={"name": "laptop", "public_key": PUBLIC_KEY},
                operations=("sshKeys_get",),
            ),
            Call(
                method="gpu_droplets.account.keys.update",
                arguments={"ssh_key_identifier": 512189, "name": "desktop"},
                operations=("sshKeys_update",),
                bodies=({"name": "desktop"},),
            ),
            Call(
                method="gpu_droplets.account.keys.delete",
                arguments={"ssh_key_identifier": FINGERPRINT},
                operations=("sshKeys_delete",),
            ),
        )
    ),
    *(Call(**one) for one in place_calls()),
    *_on_firewalls(),
    *(Call(**one) for one in load_balancer_calls()),
    *(Call(**one) for one in reserved_ip_calls()),
    *(Call(**one) for one in (*load_balancer_calls(), *autoscale_calls())),
    *_changing(VOLUME_ROWS),
    *_waiting_for("gpu_droplets.volumes.actions", {"volume_id": _SAMPLES["uuid"]}, "volumeActions_get"),
    *_waiting_for("gpu_droplets.images.actions", {"image_id": 7938269}, "imageActions_get"),
    *_waiting_for("actions", {}, "actions_get"),
    *_creating(),
    *_destroying(),
    *_waiting(),
    *_waiting_for_droplets(),
    *_finding_sizes(),
    *_powering_off(),
)


def needed_scopes(call: Call, specification: Specification) -> set[str]:
    """Return the token scopes that a call needs by the specification."""
    operation = specification.operations[call.operations[0]]
    scopes = specification.scopes(operation, list(call.query), call.type, call.fields)
    return scopes | specification.scopes_of_resources(operation, call.resources)


def public_methods(client: object) -> dict[str, set[str]]:
    """Return every public method of a client's resources with its parameters, without options."""
    return dict(_methods(client, ""))


def _methods(value: object, prefix: str) -> Iterator[tuple[str, set[str]]]:
    # Groups are built when they are first touched.
    groups = [name for name, one in inspect.getmembers_static(type(value)) if isinstance(one, cached_property)]
    for name, member in {**vars(value), **{name: getattr(value, name) for name in groups}}.items():
        if not name.startswith("_") and type(member).__module__.split(".")[1:2] == ["resources"]:
            yield from _methods(member, f"{prefix}{name}.")
    if not prefix:
        return
    for name, method in inspect.getmembers(type(value), inspect.isfunction):
        if not name.startswith("_"):
            parameters = list(inspect.signature(method).parameters.values())[1:]
            yield f"{prefix}{name}", {one.name for one in parameters if one.kind is not one.VAR_KEYWORD}
