"""Durations of actions, and the account's behaviour where evidence conflicts or is missing."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Literal

import attrs

from gradient_async.emulator.addresses import AddressKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gradient_async.emulator.droplets import Droplet

#: Virtual seconds of an action, by type, each with its evidence. A snapshot and a resize take this time for each
#: gigabyte in use, plus or minus a sixth.
DURATIONS: Mapping[str, float] = {
    "create": 32.0,  # a client's trace of July 2023 (digitalocean/doctl#257)
    "shutdown": 2.0,  # done in one to two seconds (digitalocean/api-v2#91)
    "power_off": 3.0,  # status off after about three seconds (hashicorp/packer#1814)
    "snapshot": 63.0,  # for each used gigabyte; a small Droplet, 2015; a million others took 59 s on average
    "resize": 60.0,  # for each used gigabyte, as advised by support
    "enable_ipv6": 11.0,  # at most, poll delay included (digitalocean/terraform-provider-digitalocean#1111)
    "reboot": 20.0,  # guess
    "power_cycle": 20.0,  # guess
    "power_on": 10.0,  # guess
    "restore": 120.0,  # guess
    "rebuild": 60.0,  # guess
    "password_reset": 20.0,  # guess
    "rename": 2.0,  # guess
    "change_kernel": 2.0,  # guess
    "enable_backups": 2.0,  # guess
    "disable_backups": 2.0,  # guess
    "change_backup_policy": 2.0,  # guess
    "enable_private_networking": 10.0,  # guess
    "droplet_metadata_create": 2.0,  # guess
    "transfer": 180.0,  # guess
    "convert": 10.0,  # guess
    "import_image": 300.0,  # guess: from the request until a custom image is available
    "attach_volume": 11.0,  # the documentation's example of such an action
    "detach_volume": 11.0,  # guess, by analogy
    "resize_volume": 15.0,  # guess
    "destroy": 10.0,  # guess; gone within a minute according to clients that wait for it
}

#: Types that take their time for each gigabyte in use.
_BY_GIGABYTE = frozenset({"snapshot", "resize"})
#: 98 of 100 snapshots took 50 to 70 s a gigabyte (snapshooter.io).
_JITTER = 1 / 6

#: Virtual seconds after which a failing action is seen as errored (digitalocean/doctl#129: three seconds).
ERRORED_AFTER = 3.0

LockedRule = Literal["long_events", "always", "never"]
RegionForm = Literal["object", "string", "null", "absent"]


@attrs.frozen(kw_only=True)
class Behaviour:
    """The behaviour of the emulated account where the evidence about the real one conflicts or is missing.

    Every default is the reading with the best evidence; the word "guess" marks those without evidence.

    Args:
        locked: When a Droplet shows `locked: true` during an event. The documentation says always; support
            said in 2020 that the field means an administrator's lock (digitalocean/droplet_kit#218).
            `"long_events"` shows it during create, resize, restore and rebuild only.
        shutdown_when_off: Shutting down a Droplet that is off `"completes"` as a no-op (seen by Terraform's
            provider, 2021) or is `"refused"` with 422 (a client of 2015 branches on that).
        power_on_when_on: Powering on a Droplet that is on `"completes"` as a no-op (Ansible's module does so after
            each create, ansible-collections/community.digitalocean#118) or is `"refused"` with 422 (other
            clients' tests have its text).
        strict_ipv6: `enable_ipv6` is refused while the Droplet is on, as the control panel demands.
        snapshot_when_on: Live snapshots have been `"accepted"` since 2016; before that they were `"refused"`.
        resize_when_on: `"refused"` with 422 (text seen for snapshots) or `"accepted"`.
        region_form: The shape of an action's `region`: an `"object"` since 2015, a `"string"` before, or
            `"null"` or `"absent"`, which shipped clients tolerate.
        single_page_links: `links` of a list that fits one page: `"empty"` (`{}`, the documentation's examples),
            `"empty_pages"` (`{"pages": {}}`) or `"absent"` (the documentation's text).
        link_base: The scheme and host of page links; None takes the address that the client used.
        bulk_refusals: Droplets that cannot take a bulk action, because of a pending event or a wrong power
            state, are `"skipped"`, or the whole call is `"refused"` (guess).
        bulk_envelope: A bulk action on one Droplet answers with `"actions"`, or once was seen to answer
            with a single `"action"` (digitalocean/api-v2#164, 2017).
        tag_lists_include_gpus: A list filtered by tag shows GPU Droplets (guess).
        plain_lists_include_gpus: A list without a filter shows GPU Droplets too. The documentation says that it does
            not; one user saw them in it.
        per_page_above_maximum: More than 200 a page is `"clamped"` or `"refused"` (guess).
        ratelimit_reset: `ratelimit-reset` names the second at which the `"oldest_expires"` (documented) or
            at which the `"oldest_was_made"`, which lies in the past (seen 2019 to 2021).
        request_id_in_body: Error bodies repeat the request id beside the header.
        history: Every Droplet starts with its own completed `create` action.
        read_lag: Virtual seconds for which an accepted action cannot be read yet, neither alone nor in lists (seen
            for IP actions, digitalocean/terraform-provider-digitalocean#1558).
        address_lag: Virtual seconds from the end of its `create` until a new Droplet has its addresses ("active" is not
            an address, digitalocean/terraform-provider-digitalocean#1604).
        addresses: Addresses of Droplets are `"reserved"`, so that no client reaches a real machine by mistake, or
            `"loopback"` ones of this machine; an emulator with an `ssh_port` takes the second.
        partial_creates: A create with several names that has room or quota for some of them only is `"refused"`, or
            `"accepted"` for as many as possible, or accepted for all, of which those without room are `"lost"`: they
            vanish, and their `create` ends errored (guess: nothing is documented).
        tags_shown: A new Droplet has its tags `"at_once"`, or `"when_active"`: before that it shows none and is in no
            list by its tags, as one user saw it.
        repeated_keys: Registering a public key that the account has is `"refused"`, or `"accepted"` with the key that
            it has (201 and 201 were seen; which key the second has is a guess).
        volumes_held: Virtual seconds for which the volumes of a destroyed Droplet stay attached to it. Deletions right
            after that of the Droplet were refused (digitalocean/terraform-provider-digitalocean#27); how long is a
            guess.
        attached_volume: Deleting a volume that is attached is refused as `"conflict"` (409), or as `"illegal_action"`:
            422 (a guess) with the id `Illegal Action` (digitalocean/terraform-provider-digitalocean#19).
        price_changes: A new price of a size holds for `"all"` Droplets, or for `"new_droplets"` only (guess).
        names_available_regions: The refusal of a create for its region names regions with room, in `error_attributes`
            (seen in 2017 for CPU sizes; for GPU sizes a guess).
        size_regions: The `regions` of a size that has no capacity left `"follow_capacity"` and lose the region, so that
            a size without any is `available: true` with `regions: []` (seen in August 2026), or they stay `"fixed"`.
        destroy_when_busy: A DELETE of a Droplet with a pending event is `"accepted"`, or `"refused"` with 422 (guess).
        metadata_event_rate: Chance that a finished action, the create of a Droplet too, is followed by an internal
            `droplet_metadata_create` event, which blocks the Droplet for a moment (seen 2026).
    """

    locked: LockedRule = "long_events"
    shutdown_when_off: Literal["completes", "refused"] = "completes"
    power_on_when_on: Literal["completes", "refused"] = "completes"
    strict_ipv6: bool = False
    snapshot_when_on: Literal["accepted", "refused"] = "accepted"
    resize_when_on: Literal["accepted", "refused"] = "refused"
    region_form: RegionForm = "object"
    single_page_links: Literal["empty", "empty_pages", "absent"] = "empty"
    link_base: str | None = None
    bulk_refusals: Literal["skipped", "refused"] = "skipped"
    bulk_envelope: Literal["actions", "action"] = "actions"
    tag_lists_include_gpus: bool = True
    plain_lists_include_gpus: bool = False
    per_page_above_maximum: Literal["clamped", "refused"] = "clamped"
    ratelimit_reset: Literal["oldest_expires", "oldest_was_made"] = "oldest_expires"
    request_id_in_body: bool = True
    history: bool = True
    read_lag: float = 0.0
    address_lag: float = 0.0
    addresses: AddressKind = "reserved"
    partial_creates: Literal["refused", "accepted", "lost"] = "refused"
    tags_shown: Literal["at_once", "when_active"] = "at_once"
    repeated_keys: Literal["refused", "accepted"] = "refused"
    volumes_held: float = 15.0
    attached_volume: Literal["conflict", "illegal_action"] = "conflict"
    price_changes: Literal["all", "new_droplets"] = "all"
    names_available_regions: bool = False
    size_regions: Literal["follow_capacity", "fixed"] = "follow_capacity"
    destroy_when_busy: Literal["accepted", "refused"] = "accepted"
    metadata_event_rate: float = 0.0


class Durations:
    """The durations of actions.

    Args:
        changes: Virtual seconds by type, in place of the usual ones; such a type takes the same time on every Droplet.
        seed: Seed of the jitter of actions whose time depends on the gigabytes.

    Raises:
        ValueError: A change is for an unknown type, or negative.
    """

    def __init__(self, changes: Mapping[str, float], *, seed: int = 0) -> None:
        for action_type, seconds in changes.items():
            if action_type not in DURATIONS:
                known = ", ".join(sorted(DURATIONS))
                raise ValueError(f"durations: unknown action type {action_type!r}; known are {known}")
            if seconds < 0:
                raise ValueError(f"durations: {action_type} cannot take {seconds!r} seconds")
        self._changes = dict(changes)
        self._random = Random(seed)  # noqa: S311 - jitter is no secret

    def fixed(self, action_type: str) -> float:
        """Return the virtual seconds that an action on another resource than a Droplet takes."""
        return self._changes.get(action_type, DURATIONS[action_type])

    def of(self, action_type: str, droplet: Droplet) -> float:
        """Return the virtual seconds that an action on a Droplet takes."""
        if action_type in self._changes:
            return self._changes[action_type]
        seconds = DURATIONS[action_type]
        if action_type in _BY_GIGABYTE:
            return seconds * droplet.used_gigabytes * self._random.uniform(1 - _JITTER, 1 + _JITTER)
        return seconds
