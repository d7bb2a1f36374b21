"""What ``create`` would do and cost, for the question and for --dry-run. Pure."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from gradient_async.cli.prices import an_hour
from gradient_async.cli.wording import about_an_option

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gradient_async.fleet.create.plan import CreationPlan
    from gradient_async.public_keys import PublicKey

_MAX_SHOWN: Final = 3
_HALF_A_CENT: Final = 0.005
# Arguments whose option has another name.
_OPTIONS: Final = {
    "sizes": "--size",
    "regions": "--region",
    "ssh_keys": "--ssh-key",
    "tags": "--tag",
    "vpc_uuid": "--vpc",
}


def warning(plan: CreationPlan, missing: Sequence[PublicKey]) -> str:
    """Return the text above the question."""
    first = [f"{one.size} in {one.region}" for one in plan.candidates[:_MAX_SHOWN]]
    more = len(plan.candidates) - len(first)
    places = f"{', then '.join(first)}{f' and {more:,} more' if more > 0 else ''}" if first else "no place now"
    keys = f" The SSH key {_names(missing)} is registered first." if missing else ""
    existing = f" {plan.existing:,} of them exist already, by the journal." if plan.existing else ""
    return f"create {_count(plan)}: {price_of(plan)}. Tried: {places}.{existing}{keys}"


def price_of(plan: CreationPlan) -> str:
    """Return what all Droplets cost, in a few words."""
    likely, highest = plan.hourly, plan.highest_hourly
    if not plan.candidates:
        return "nothing can be created now"
    if highest is None:
        return "the price is not known" if likely is None else f"{an_hour(likely)}, or a price that is not known"
    if likely is None or abs(highest - likely) < _HALF_A_CENT:
        differ = len({one.price_hourly for one in plan.candidates}) > 1
        return f"{an_hour(highest)}{' at most' if differ else ''}"
    return f"{an_hour(likely)} if the first has capacity, {an_hour(highest)} at most"


def as_text(plan: CreationPlan, missing: Sequence[PublicKey], *, has_keys: bool) -> list[str]:
    """Return the lines of a dry run."""
    lines = [f"create {_count(plan)}; nothing is sent (--dry-run)", ""]
    if plan.objection:
        lines.append(f"It would not begin: {about_an_option(plan.objection)}")
    for number, one in enumerate(plan.candidates, 1):
        contract = ", by contract" if one.is_contract else ""
        lines.append(f"  {number}. {one.size} in {one.region}, {an_hour(one.price_hourly)} each{contract}")
    for left in plan.excluded:
        where = f" in {left.region}" if left.region else ""
        lines.append(f"  not {left.size}{where}: {about_an_option(left.reason)}")
    keys = "" if has_keys else "none: the API mails a root password"
    keys = f"{_names(missing)} would be registered first" if missing else keys
    if plan.existing:
        lines.append(f"  {plan.existing:,} exist already, by the journal")
    lines += ["", f"  price      {price_of(plan)}"]
    lines.append(f"  requests   at most {plan.requests_per_round:,} a round, and one for each create that succeeds")
    return [*lines, f"  ssh keys   {keys}"] if keys else lines


def as_json(plan: CreationPlan, missing: Sequence[PublicKey]) -> Mapping[str, object]:
    """Return the same for programs."""
    keys = [_name(one) for one in missing]
    return {"dry_run": True, "action": "create", **json.loads(plan.to_json()), "keys_to_register": keys}


def in_typed_words(text: str) -> str:
    """Return a message about an argument of ``client.fleet.create``, with the option in place of the argument."""
    head, colon, rest = text.partition(":")
    option = _OPTIONS.get(head.partition("[")[0])
    return about_an_option(text if option is None else f"{option}{colon}{rest}")


def _count(plan: CreationPlan) -> str:
    noun = "Droplet" if plan.count == 1 else "Droplets"
    least = f" (at least {plan.min_count:,})" if plan.min_count != plan.count else ""
    return f"{plan.count:,} {noun}{least}"


def _names(keys: Sequence[PublicKey]) -> str:
    return ", ".join(repr(_name(one)) for one in keys)


def _name(key: PublicKey) -> str:
    """Return the name that a key is registered under."""
    return key.comment or key.fingerprint
