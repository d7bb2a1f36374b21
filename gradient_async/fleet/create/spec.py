"""A creation run as it is asked for: the parameters of ``fleet.create``, checked before anything is sent. Pure."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Final, Literal, TypeAlias, cast, get_args

from attrs import frozen

from gradient_async.arguments import checked_bool, checked_choice, checked_count, checked_seconds, checked_text
from gradient_async.endpoints import droplet_creation
from gradient_async.endpoints.droplet_names import PLACEHOLDER, numbered
from gradient_async.endpoints.gpu_sizes import AUTO
from gradient_async.fleet.create.creation_run import CreationRun
from gradient_async.fleet.create.outcomes import CreationProgress
from gradient_async.fleet.create.terms import Pair, Preference, Terms
from gradient_async.fleet.option_checks import checked_callable, checked_path
from gradient_async.http.parameters import Parameter
from gradient_async.waiting.readiness import ADDRESS_KINDS, AddressKind, Stage, stages_of

if TYPE_CHECKING:
    from datetime import datetime

    from gradient_async.http.endpoint import Request
    from gradient_async.models.droplet_create import GPUDropletCreateResponse

CreationCallback: TypeAlias = Callable[[CreationProgress], object]
"""Called with each change of a creation run, in the event loop, so it should not take long."""

BODY_FIELDS: Final = (
    "backup_policy",
    "backups",
    "ipv6",
    "monitoring",
    "public_networking",
    "ssh_keys",
    "tags",
    "user_data",
    "vpc_uuid",
    "with_droplet_agent",
)
"""Parameters of ``fleet.create`` that are fields of each create's body."""

_MAX_PORT: Final = 65_535
_MAX_DOLLARS: Final = sys.float_info.max
_VPC: Final = Parameter.of("vpc_uuid:uuid")
_NONCE: Final = "00000000"
_ANY_IMAGE: Final = "gpu-h100x1-base"


@frozen(kw_only=True)
class CreationSpec:
    """A creation run as it is asked for.

    Attributes:
        terms: What is asked for.
        stages: What a Droplet has to reach to be usable; ``None`` for nothing after the API accepted it.
        ssh_port: TCP port of SSH.
        address: The address that the stages are about.
        deadline: Seconds for the whole run; ``None`` for one round.
        ready_timeout: Seconds in which a Droplet has to be usable.
        retry_every: Seconds from the beginning of a round to that of the next.
        cancel_timeout: Seconds for destroying after a cancellation.
        poll_interval: Seconds until the first poll of a Droplet; ``None`` for one that fits the rate budget.
        journal: The journal's file; ``None`` without one.
        if_finished: What to do if the journal's run is over.
        on_progress: Called with each change.
        on_unknown: What to do with a create that was lost, and that the API does not show.
        is_lease: Whether the Droplets are a lease's, which are of no use once its program is dead.
    """

    terms: Terms
    stages: tuple[Stage, ...] | None = None
    ssh_port: int = 22
    address: AddressKind = "public"
    deadline: float | None = None
    ready_timeout: float = 900.0
    retry_every: float = 30.0
    cancel_timeout: float = 30.0
    poll_interval: float | None = None
    journal: str | None = None
    if_finished: Literal["error", "report"] = "error"
    on_progress: CreationCallback | None = None
    on_unknown: Literal["raise", "resend"] = "resend"
    is_lease: bool = False

    def run(self, nonce: str, now: datetime) -> CreationRun:
        """Return the run as its journal's first line has it.

        Args:
            nonce: The random part of the names.
            now: When it begins, UTC.
        """
        terms = self.terms
        return CreationRun(
            nonce=nonce,
            name=terms.name,
            call={
                "name": terms.name,
                "count": terms.count,
                "sizes": list(terms.sizes),
                "regions": None if terms.regions is None else list(terms.regions),
                "image": terms.image,
                "same_region": terms.same_region,
                "same_size": terms.same_size,
                "contract": [list(pair) for pair in terms.contract],
                **{name: _recorded(name, value) for name, value in sorted(terms.fields.items())},
            },
            options={
                "min_count": terms.min_count,
                "prefer": terms.prefer,
                "max_hourly": terms.max_hourly,
                "until": None if self.stages is None else [stage.name for stage in self.stages],
                "deadline": self.deadline,
                "ready_timeout": self.ready_timeout,
                "retry_every": self.retry_every,
                "on_unknown": self.on_unknown,
                **({"lease": True} if self.is_lease else {}),
            },
            began_at=now,
        )


def checked_spec(given: Mapping[str, object]) -> CreationSpec:
    """Return the run that the parameters of ``fleet.create`` ask for.

    Args:
        given: The local variables of the method.

    Raises:
        TypeError: A value has the wrong type.
        ValueError: A value is out of range, or values exclude each other.
    """
    terms = _checked_terms(given, {name: given[name] for name in BODY_FIELDS if given[name] is not None})
    deadline, interval, journal, callback = (
        given[one] for one in ("deadline", "poll_interval", "journal", "on_progress")
    )
    checked_choice("if_finished", given["if_finished"], ("error", "report"))
    checked_choice("address", given["address"], ADDRESS_KINDS)
    checked_choice("on_unknown", given["on_unknown"], droplet_creation.ON_UNKNOWN)
    checked_choice("on_unknown_refusal", given["on_unknown_refusal"], ("stop", "retry"))
    return CreationSpec(
        terms=terms,
        stages=None if given["until"] is None else stages_of(given["until"]),
        deadline=None if deadline is None else checked_seconds("deadline", deadline),
        ready_timeout=checked_seconds("ready_timeout", given["ready_timeout"]),
        retry_every=checked_seconds("retry_every", given["retry_every"]),
        cancel_timeout=checked_seconds("cancel_timeout", given["cancel_timeout"]),
        ssh_port=checked_count("ssh_port", given["ssh_port"], minimum=1, maximum=_MAX_PORT),
        address=cast("AddressKind", given["address"]),
        poll_interval=None if interval is None else checked_seconds("poll_interval", interval),
        journal=None if journal is None else checked_path("journal", journal),
        if_finished=cast("Literal['error', 'report']", given["if_finished"]),
        on_progress=None if callback is None else cast("CreationCallback", checked_callable("on_progress", callback)),
        on_unknown=cast("Literal['raise', 'resend']", given["on_unknown"]),
    )


def _checked_terms(given: Mapping[str, object], fields: Mapping[str, object]) -> Terms:
    count = checked_count("count", given["count"], minimum=1)
    least = given["min_count"]
    checked_choice("prefer", given["prefer"], get_args(Preference))
    regions, money, image = given["regions"], given["max_hourly"], given["image"]
    terms = Terms(
        count=count,
        min_count=count if least is None else checked_count("min_count", least, minimum=1, maximum=count),
        name=_checked_template(given["name"]),
        sizes=_checked_slugs("sizes", given["sizes"], "gpu-h100x8-640gb"),
        regions=None if regions is None else _checked_slugs("regions", regions, "tor1"),
        image=cast("int | str", image),
        prefer=cast("Preference", given["prefer"]),
        same_region=checked_bool("same_region", given["same_region"]),
        same_size=checked_bool("same_size", given["same_size"]),
        max_hourly=None if money is None else _checked_dollars("max_hourly", money),
        contract=_checked_pairs("contract", given["contract"]),
        retries_unknown_refusals=given["on_unknown_refusal"] == "retry",
        fields=fields,
    )
    if stray := [size for size, _ in terms.contract if size not in terms.sizes]:
        raise ValueError(f"contract: size {stray[0]!r} is not one of sizes: {', '.join(map(repr, terms.sizes))}")
    if terms.regions is not None and (stray := [region for _, region in terms.contract if region not in terms.regions]):
        raise ValueError(f"contract: region {stray[0]!r} is not one of regions: {', '.join(map(repr, terms.regions))}")
    if "vpc_uuid" in fields:
        _VPC.check(_VPC.name, fields["vpc_uuid"])
    # All else that a create is asked for is checked now, and not after the first Droplets exist.
    create_request(
        terms, [numbered(terms.name, _NONCE)], terms.sizes[0], "tor1", _ANY_IMAGE if image == AUTO else image
    )
    return terms


def create_request(
    terms: Terms, names: Sequence[object], size: str, region: str, image: object
) -> Request[GPUDropletCreateResponse]:
    """Return the request that creates Droplets with these names.

    Raises:
        TypeError: A field has the wrong type.
        ValueError: A field is out of range, or fields exclude each other.
    """
    body = {**terms.fields, "names": list(names), "size": size, "region": region, "image": image}
    return droplet_creation.create(body, "raise", {})


def _recorded(name: str, value: object) -> object:
    """Return a field of the body as the journal has it: user data can hold secrets, so only its digest is kept."""
    if name == "user_data":
        return f"sha256:{hashlib.sha256(str(value).encode()).hexdigest()}"
    if isinstance(value, Mapping):
        return {str(key): _recorded("", item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_recorded("", item) for item in value]
    return value if isinstance(value, str | int | float | bool) else str(value)


def _checked_template(value: object) -> str:
    name = checked_text("name", value, "train-{n}")
    if name.count(PLACEHOLDER) != 1:
        raise ValueError(
            f"name: expected text with {PLACEHOLDER} in it once, such as 'train-{PLACEHOLDER}', got {name!r:.80}. It "
            "becomes a number and a nonce, so that the run can recognize its own Droplets"
        )
    return name


def _checked_slugs(parameter: str, value: object, example: str) -> tuple[str, ...]:
    values = [value] if isinstance(value, str) else value
    if not isinstance(values, Iterable) or isinstance(values, Mapping):
        raise TypeError(f"{parameter}: expected slugs such as [{example!r}], got {type(value).__name__}")
    slugs = tuple(
        dict.fromkeys(checked_text(f"{parameter}[{number}]", one, example) for number, one in enumerate(values))
    )
    if not slugs:
        raise ValueError(f"{parameter}: expected at least one slug, such as {example!r}")
    return slugs


def _checked_pairs(parameter: str, value: object) -> tuple[Pair, ...]:
    if not isinstance(value, Iterable) or isinstance(value, str):
        raise TypeError(f"{parameter}: expected pairs of a size and a region, got {type(value).__name__}")
    pairs = []
    for number, one in enumerate(value):
        if isinstance(one, str) or not isinstance(one, Sequence) or len(one) != 2:
            raise TypeError(f"{parameter}[{number}]: expected a size and a region, got {one!r:.80}")
        size, region = one
        pairs.append(
            (checked_text(f"{parameter}[{number}]", size, "gpu-h100x8-640gb"), checked_text(parameter, region, "tor1"))
        )
    return tuple(dict.fromkeys(pairs))


def _checked_dollars(parameter: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{parameter}: expected US dollars an hour as a number, got {type(value).__name__}")
    if not 0 < value <= _MAX_DOLLARS:
        raise ValueError(f"{parameter}: expected US dollars an hour above 0, got {value!r:.80}")
    return float(value)
