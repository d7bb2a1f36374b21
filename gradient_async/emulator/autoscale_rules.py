"""The rules for requests about autoscale pools, and the number of Droplets of a pool. Pure.

Names and ranges are those of the API's specification. The target size for a load, the cooldown and the graceful
shutdown are those of the product's documentation ("Autoscale Pool Concepts"). The texts are guesses.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, cast

import attrs

from gradient_async.emulator import refusals
from gradient_async.emulator.wire import JSONObject, as_object, without_nulls

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gradient_async.emulator.refusals import Refusal

BEING_DELETED = refusals.unprocessable("The autoscale pool is being deleted.")
NAME_IS_FIXED = refusals.unprocessable("The name of an autoscale pool can not be changed.")

#: Virtual seconds between two changes of a pool of fixed size; others set it in minutes, 10 by default.
FIXED_COOLDOWN = 600.0
#: Virtual seconds from the shutdown of a Droplet until it is destroyed.
SECONDS_TO_SHUT_DOWN = 60.0

_COUNTS: Mapping[str, tuple[int, int]] = {
    "target_number_instances": (1, 1000),
    "min_instances": (1, 500),
    "max_instances": (1, 1000),
    "cooldown_minutes": (5, 20),
}
_TARGETS = ("target_cpu_utilization", "target_memory_utilization")
_SMALLEST_TARGET = 0.05
_TEMPLATE_TEXTS = ("image", "region", "size")
_TEMPLATE_FIELDS = (
    "name",
    *_TEMPLATE_TEXTS,
    "ssh_keys",
    "tags",
    "vpc_uuid",
    "with_droplet_agent",
    "project_id",
    "ipv6",
    "user_data",
    "public_networking",
)
_MAX_USER_DATA = 64 * 1024
# Rounding shares such as 0.8 / 0.4 must not add a Droplet.
_ROUNDING = 1e-9


@attrs.frozen(kw_only=True)
class Load:
    """The load of all Droplets of a pool together, in Droplets: 1.5 keeps one and a half of them busy."""

    cpu: float = 0.0
    memory: float = 0.0

    def shared_by(self, count: int) -> Load:
        """Return the used share of each Droplet, for this number of Droplets."""
        return Load(cpu=min(1.0, self.cpu / count), memory=min(1.0, self.memory / count)) if count else Load()


def config_of(fields: JSONObject) -> JSONObject | Refusal:
    """Return the pool's configuration in a body: a fixed number, or a range."""
    given = as_object(fields.get("config"))
    if given is None:
        return refusals.missing_field("config")
    config = {name: value for name, value in without_nulls(given).items() if name in (*_COUNTS, *_TARGETS)}
    is_fixed = "target_number_instances" in config
    is_range = {"min_instances", "max_instances"} <= config.keys()
    if is_fixed is is_range or (is_fixed and len(config) > 1):
        return refusals.missing_field("config")
    wrong = next((name for name, value in config.items() if not _is_in_range(name, value)), None)
    if wrong is not None:
        return refusals.missing_field(f"config.{wrong}")
    if is_range and cast("int", config["min_instances"]) > cast("int", config["max_instances"]):
        return refusals.missing_field("config.max_instances")
    return config if is_fixed else {"cooldown_minutes": 10, **config}


def template_of(fields: JSONObject) -> JSONObject | Refusal:
    """Return the template in a body. Its references are checked elsewhere. Keys are mandatory."""
    given = as_object(fields.get("droplet_template"))
    if given is None:
        return refusals.missing_field("droplet_template")
    # The specification's examples of requests have others too, and those of answers do not.
    template = {name: given[name] for name in _TEMPLATE_FIELDS if given.get(name) not in (None, "")}
    wrong = next((name for name in _TEMPLATE_TEXTS if not isinstance(template.get(name), str)), None)
    keys, user_data = template.get("ssh_keys"), template.get("user_data", "")
    if wrong is None and (not isinstance(keys, list) or not keys):
        wrong = "ssh_keys"
    if wrong is None and (not isinstance(user_data, str) or len(user_data.encode()) > _MAX_USER_DATA):
        wrong = "user_data"
    return template if wrong is None else refusals.missing_field(f"droplet_template.{wrong}")


def cooldown_of(config: JSONObject) -> float:
    """Return the virtual seconds that a pool waits between two changes of its Droplets."""
    minutes = config.get("cooldown_minutes")
    return FIXED_COOLDOWN if minutes is None else 60.0 * cast("int", minutes)


def desired_count(config: JSONObject, active: int, load: Load) -> int:
    """Return the number of Droplets that a pool should have.

    Args:
        config: Its configuration.
        active: Number of its active Droplets.
        load: Their load.
    """
    if "target_number_instances" in config:
        return cast("int", config["target_number_instances"])
    used = load.shared_by(active)
    wanted = [
        math.ceil(active * share / cast("float", config[name]) - _ROUNDING)
        for name, share in zip(_TARGETS, (used.cpu, used.memory), strict=True)
        if name in config
    ]
    smallest, largest = cast("int", config["min_instances"]), cast("int", config["max_instances"])
    return min(largest, max([smallest, *wanted]))


def _is_in_range(name: str, value: object) -> bool:
    if isinstance(value, bool):
        return False
    if name in _TARGETS:
        return isinstance(value, int | float) and _SMALLEST_TARGET <= value <= 1
    smallest, largest = _COUNTS[name]
    return isinstance(value, int) and smallest <= value <= largest
