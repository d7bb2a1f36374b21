"""The verbs that change a part of a resource, such as ``volumes attach``: one declaration for each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, TypeAlias

from attrs import evolve, field, frozen

Value: TypeAlias = Literal["droplet", "droplets", "texts", "json"]
"""How the value of an option is typed: a Droplet's id or name, several of them, texts, or JSON."""


@frozen(kw_only=True)
class ChangeOption:
    """An option of a verb.

    Attributes:
        name: The option, without its dashes.
        argument: The argument of the method.
        value: How its value is typed.
        help: Its text.
        is_required: Whether it must be given.
    """

    name: str
    argument: str
    value: Value
    help: str
    is_required: bool = True


@frozen(kw_only=True)
class Change:
    """A verb that changes one resource.

    Attributes:
        verb: The verb.
        method: The method, from the kind's group.
        help: One sentence for the help.
        done: What the verb did, for its output, such as ``"attached"``.
        options: Its options.
        fixed: Arguments of the method that the verb sets.
        owner: For a verb that starts an action: the argument of ``actions.wait`` that names the resource.
        loss: What is lost; ``""`` if nothing is. A loss needs a confirmation.
        example: Words after the verb, for the help.
    """

    verb: str
    method: str
    help: str
    done: str
    options: tuple[ChangeOption, ...] = ()
    fixed: Mapping[str, object] = field(factory=dict)
    owner: str = ""
    loss: str = ""
    example: str


_DROPLET: Final = ChangeOption(name="droplet", argument="droplet_id", value="droplet", help="The Droplet's id or name.")
_DROPLETS: Final = ChangeOption(
    name="droplets", argument="droplet_ids", value="droplets", help="Ids or names of Droplets."
)
_TAGS: Final = ChangeOption(name="tags", argument="tags", value="texts", help="The tags.")
_RULES: Final = tuple(
    ChangeOption(
        name=f"{direction}-rules",
        argument=f"{direction}_rules",
        value="json",
        help=f"Rules for {direction} traffic.",
        is_required=False,
    )
    for direction in ("inbound", "outbound")
)
_FORWARDING: Final = ChangeOption(
    name="forwarding-rules", argument="forwarding_rules", value="json", help="Forwarding rules."
)
_RESOURCES: Final = (
    evolve(_DROPLETS, is_required=False),
    ChangeOption(
        name="resources",
        argument="resources",
        value="json",
        help="Resources of any kind, each with a resource_id and a resource_type.",
        is_required=False,
    ),
)
_SSH_RULE: Final = '\'[{"protocol": "tcp", "ports": "22", "sources": {"addresses": ["203.0.113.0/24"]}}]\''
_WEB_RULE: Final = '\'[{"entry_protocol": "http", "entry_port": 80, "target_protocol": "http", "target_port": 8000}]\''

CHANGES: Final[Mapping[str, tuple[Change, ...]]] = {
    "volumes": (
        Change(
            verb="attach",
            method="actions.initiate_by_id",
            help="Attach a volume to a Droplet of its region, and wait until it is attached.",
            done="attached",
            options=(_DROPLET,),
            fixed={"type": "attach"},
            owner="volume_id",
            example="training-data --droplet trainer-01",
        ),
        Change(
            verb="detach",
            method="actions.initiate_by_id",
            help="Detach a volume from a Droplet, and wait until it is detached. Asks for confirmation.",
            done="detached",
            options=(_DROPLET,),
            fixed={"type": "detach"},
            owner="volume_id",
            loss="a program that still writes to the volume fails; unmount it first",
            example="training-data --droplet trainer-01 --yes",
        ),
    ),
    "reserved-ips": (
        Change(
            verb="assign",
            method="actions.create",
            help="Assign an IP to a Droplet of its region, and wait until it has it.",
            done="assigned",
            options=(_DROPLET,),
            fixed={"type": "assign"},
            owner="reserved_ip",
            example="203.0.113.7 --droplet trainer-01",
        ),
        Change(
            verb="unassign",
            method="actions.create",
            help="Take an IP away from its Droplet, and wait until it is free. Asks for confirmation.",
            done="unassigned",
            fixed={"type": "unassign"},
            owner="reserved_ip",
            loss="its Droplet is not reached by this address any more, and an IP without a Droplet is billed",
            example="203.0.113.7 --yes",
        ),
    ),
    "firewalls": (
        Change(
            verb="add-droplets",
            method="droplets.add",
            help="Put Droplets behind a firewall.",
            done="changed",
            options=(_DROPLETS,),
            example="ssh-only --droplets trainer-01,trainer-02",
        ),
        Change(
            verb="remove-droplets",
            method="droplets.remove",
            help="Take Droplets away from a firewall. Asks for confirmation.",
            done="changed",
            options=(_DROPLETS,),
            loss="these Droplets lose its protection",
            example="ssh-only --droplets trainer-01 --yes",
        ),
        Change(
            verb="add-tags",
            method="tags.add",
            help="Put all Droplets with one of these tags behind a firewall, now and later.",
            done="changed",
            options=(_TAGS,),
            example="ssh-only --tags training",
        ),
        Change(
            verb="remove-tags",
            method="tags.remove",
            help="Take tags away from a firewall. Asks for confirmation.",
            done="changed",
            options=(_TAGS,),
            loss="Droplets with these tags lose its protection",
            example="ssh-only --tags training --yes",
        ),
        Change(
            verb="add-rules",
            method="rules.add",
            help="Add rules to a firewall: more traffic is allowed.",
            done="changed",
            options=_RULES,
            example=f"ssh-only --inbound-rules {_SSH_RULE}",
        ),
        Change(
            verb="remove-rules",
            method="rules.remove",
            help="Remove rules from a firewall. Asks for confirmation.",
            done="changed",
            options=_RULES,
            loss="it blocks the traffic that only these rules allow",
            example=f"ssh-only --inbound-rules {_SSH_RULE} --yes",
        ),
    ),
    "load-balancers": (
        Change(
            verb="add-droplets",
            method="droplets.add",
            help="Put Droplets behind a load balancer.",
            done="changed",
            options=(_DROPLETS,),
            example="web --droplets server-01,server-02",
        ),
        Change(
            verb="remove-droplets",
            method="droplets.remove",
            help="Take Droplets away from a load balancer. Asks for confirmation.",
            done="changed",
            options=(_DROPLETS,),
            loss="these Droplets get no more of its traffic",
            example="web --droplets server-01 --yes",
        ),
        Change(
            verb="add-rules",
            method="forwarding_rules.add",
            help="Add forwarding rules to a load balancer.",
            done="changed",
            options=(_FORWARDING,),
            example=f"web --forwarding-rules {_WEB_RULE}",
        ),
        Change(
            verb="remove-rules",
            method="forwarding_rules.remove",
            help="Remove forwarding rules from a load balancer. Asks for confirmation.",
            done="changed",
            options=(_FORWARDING,),
            loss="traffic to these ports is not forwarded any more",
            example=f"web --forwarding-rules {_WEB_RULE} --yes",
        ),
    ),
    "tags": (
        Change(
            verb="add",
            method="assign_resources",
            help="Give a tag to Droplets or other resources.",
            done="added",
            options=_RESOURCES,
            example="training --droplets trainer-01,trainer-02",
        ),
        Change(
            verb="remove",
            method="unassign_resources",
            help="Take a tag away from Droplets or other resources.",
            done="removed",
            options=_RESOURCES,
            example="training --droplets trainer-01",
        ),
    ),
}
