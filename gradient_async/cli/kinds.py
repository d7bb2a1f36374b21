"""The kinds of resources that the command line reads and changes: one declaration for each.

Everything else is derived from the endpoints and models: which of ``list``, ``show``, ``create`` and ``delete`` exist,
the options of ``create``, the filters, and the columns that ``--columns`` can name.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, get_args, get_type_hints

from attrs import Factory, field, frozen

if TYPE_CHECKING:
    from gradient_async.http.endpoint import Endpoint


@frozen(kw_only=True, slots=False)
class Kind:
    """One kind of resource.

    Attributes:
        name: The words of the command, such as ``"reserved-ips"``.
        noun: One of them, such as ``"reserved IP"``; by default the name in the singular.
        group: Its methods, from the client, such as ``"gpu_droplets.volumes"``; by default the name.
        module: The module of its endpoints, and of its methods; by default the name.
        help: One sentence for the help.
        columns: The columns of the table: each is the path of a field, or ``TITLE:path``. The first one identifies it.
        label: Path of the field with its name; ``""`` without names.
        loss: What a deletion loses.
        left_out: Fields of the body that ``create`` does not offer.
        example: Words after the name of the group, for the help.
        verbs: The verbs, of those that the endpoints allow.
        examples: Words after the name of the group by verb, in place of the usual ones.
    """

    name: str
    noun: str = field(default=Factory(lambda self: self.name.removesuffix("s").replace("-", " "), takes_self=True))
    group: str = field(default=Factory(lambda self: self.name.replace("-", "_"), takes_self=True))
    module: str = field(default=Factory(lambda self: self.name.replace("-", "_"), takes_self=True))
    help: str
    columns: tuple[str, ...]
    label: str = "name"
    loss: str = ""
    left_out: tuple[str, ...] = ()
    example: str = "list"
    verbs: tuple[str, ...] = ("list", "show", "create", "delete")
    examples: Mapping[str, str] = field(factory=dict)

    @cached_property
    def _endpoints(self) -> Mapping[str, Endpoint[Any]]:
        from gradient_async.http.endpoint import Endpoint

        module = import_module(f"gradient_async.endpoints.{self.module}")
        found = [one for one in vars(module).values() if isinstance(one, Endpoint)]
        prefix = f"{self.group}."
        return {one.name.removeprefix(prefix): one for one in found if one.name.startswith(prefix)}

    @property
    def list_endpoint(self) -> Endpoint[Any]:
        """The endpoint of its list."""
        return self._endpoints["list"]

    @property
    def retrieve_endpoint(self) -> Endpoint[Any] | None:
        """The endpoint that reads one; ``None`` if only the list can be read."""
        return self._endpoints.get("retrieve")

    @property
    def create_endpoint(self) -> Endpoint[Any] | None:
        """The endpoint that creates one; ``None`` without one."""
        return self._endpoints.get("create") if "create" in self.verbs else None

    @property
    def delete_endpoint(self) -> Endpoint[Any] | None:
        """The endpoint that deletes one; ``None`` without one."""
        return self._endpoints.get("delete") if "delete" in self.verbs else None

    @cached_property
    def methods(self) -> type:
        """The class of its methods."""
        module = import_module(f"gradient_async.resources.{self.module}")
        classes = [one for _, one in inspect.getmembers(module, inspect.isclass) if one.__module__ == module.__name__]
        return next(one for one in classes if hasattr(one, "list"))

    @cached_property
    def model(self) -> type:
        """The class of one resource."""
        endpoint = self.list_endpoint
        assert endpoint.answer is not None  # noqa: S101 - a list has an answer
        hint = get_type_hints(endpoint.answer)[endpoint.items]
        model: type = get_args(hint)[0]
        return model

    @property
    def key(self) -> str:
        """The field that identifies one."""
        return self.list_endpoint.key

    @property
    def one(self) -> str:
        """One of them, for messages: ``"a volume"``."""
        return f"an {self.noun}" if self.noun.startswith(("i", "SSH")) else f"a {self.noun}"

    @property
    def plural(self) -> str:
        """Several of them, for messages."""
        return f"{self.noun}s"


KINDS: Final = (
    Kind(
        name="sizes",
        group="gpu_droplets.sizes",
        help="Sizes of Droplets, with their prices and regions.",
        columns=(
            "slug",
            "GPUS:gpu_info.count",
            "MODEL:gpu_info.model",
            "vcpus",
            "MEMORY:memory",
            "disk",
            "$/HOUR:price_hourly",
            "available",
            "regions",
        ),
        label="",
        example="list --region tor1 --name gpu-*",
    ),
    Kind(
        name="images",
        group="gpu_droplets.images",
        help="Images: those of the API, and the account's own snapshots, backups and custom images.",
        columns=("id", "slug", "name", "distribution", "type", "status", "MIN DISK:min_disk_size", "regions"),
        loss="the image is deleted; Droplets that were made from it stay",
        example="list --private",
    ),
    Kind(
        name="keys",
        noun="SSH key",
        group="gpu_droplets.account.keys",
        module="account_keys",
        help="SSH keys of the account.",
        columns=("id", "name", "fingerprint"),
        loss="new Droplets cannot have the key; Droplets that have it keep it",
        example="list",
        examples={"create": "create --name laptop --public-key ~/.ssh/id_ed25519.pub"},
    ),
    Kind(
        name="snapshots",
        group="gpu_droplets.snapshots",
        help="Snapshots of Droplets and of volumes.",
        columns=(
            "id",
            "name",
            "OF:resource_type",
            "RESOURCE:resource_id",
            "GB:size_gigabytes",
            "CREATED:created_at",
            "regions",
        ),
        loss="the snapshot and its data are lost",
        example="list --resource-type volume",
    ),
    Kind(
        name="volumes",
        group="gpu_droplets.volumes",
        help="Block storage volumes.",
        columns=("id", "name", "GB:size_gigabytes", "region", "DROPLET:droplet_ids", "tags"),
        loss="the volume and its data are lost",
        example="list --region tor1",
        examples={"create": "create --name training-data --region tor1 --size-gigabytes 500"},
    ),
    Kind(
        name="firewalls",
        group="gpu_droplets.firewalls",
        help="Firewalls, and the Droplets and tags that they protect.",
        columns=("id", "name", "status", "DROPLETS:droplet_ids", "tags"),
        loss="its Droplets lose its protection",
        examples={
            "create": "create --name ssh-only --tags training --inbound-rules "
            '\'[{"protocol": "tcp", "ports": "22", "sources": {"addresses": ["203.0.113.0/24"]}}]\''
        },
    ),
    Kind(
        name="load-balancers",
        group="gpu_droplets.load_balancers",
        help="Load balancers.",
        columns=("id", "name", "status", "ip", "region", "DROPLETS:droplet_ids", "tag"),
        loss="its address is lost, and its traffic goes nowhere",
        verbs=("list", "show", "delete"),
    ),
    Kind(
        name="reserved-ips",
        noun="reserved IP",
        help="Reserved IPs (once called floating IPs).",
        columns=("ip", "region", "DROPLET:droplet.id", "NAME:droplet.name", "locked"),
        label="",
        loss="the address is lost: another account can get it",
        examples={"create": "create --region tor1"},
    ),
    Kind(name="regions", help="Regions, and the sizes in them.", columns=("slug", "name", "available", "features")),
    Kind(
        name="projects",
        help="Projects: named groups of resources.",
        columns=("id", "name", "DEFAULT:is_default", "environment", "purpose"),
        loss="the project is deleted, if it has no resources",
        examples={"create": "create --name training --purpose 'Machine learning / AI / Data processing'"},
    ),
    Kind(
        name="tags",
        help="Tags, and how many resources have them.",
        columns=(
            "name",
            "DROPLETS:resources.droplets.count",
            "IMAGES:resources.images.count",
            "VOLUMES:resources.volumes.count",
            "SNAPSHOTS:resources.volume_snapshots.count",
        ),
        loss="all resources that have the tag lose it",
        examples={"create": "create --name training"},
    ),
    Kind(
        name="vpcs",
        noun="VPC",
        help="VPCs: private networks of a region.",
        columns=("id", "name", "region", "RANGE:ip_range", "default"),
        loss="the VPC is deleted, if it has no members",
        examples={"create": "create --name training --region tor1"},
    ),
)
