"""Decides when a Droplet counts as ready. Pure."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from attrs import frozen

from gradient_async.models.droplet import Droplet
from gradient_async.suggestions import did_you_mean

if TYPE_CHECKING:
    from typing import TypeGuard

Probe: TypeAlias = Callable[[Droplet], bool] | Callable[[Droplet], Awaitable[bool]]
Readiness: TypeAlias = Literal["active", "address", "ssh"] | Probe
Until: TypeAlias = Readiness | Sequence[Readiness]
AddressKind: TypeAlias = Literal["public", "private"]

STAGES: Final = ("active", "address", "ssh")
"""The stages with a name. Each implies those before it."""

ADDRESS_KINDS: Final = ("public", "private")
"""The addresses that a wait can be about."""


@frozen
class Stage:
    """One thing that a wait has to see.

    Attributes:
        name: ``"active"``, ``"address"``, ``"ssh"``, or the name of a probe.
        probe: The probe; ``None`` for the others.
    """

    name: str
    probe: Probe | None = None

    @property
    def is_tried(self) -> bool:
        """Whether only a try shows that it is reached. Otherwise the Droplet, as the API reports it, does."""
        return self.probe is not None or self.name == "ssh"

    def is_shown_by(self, droplet: Droplet, address: AddressKind) -> bool:
        """Return whether a Droplet shows that the stage is reached."""
        return droplet.is_active if self.name == "active" else address_of(droplet, address) is not None


@frozen(kw_only=True)
class WaitTarget:
    """What a wait for a Droplet is for.

    Attributes:
        stages: The stages, from ``readiness.stages_of``.
        deadline: End of the wait, by the event loop's clock.
        ssh_port: The TCP port of SSH.
        address: The address that counts.
        poll_interval: Seconds until the second poll; ``None`` for an interval that fits the rate budget.
    """

    stages: Sequence[Stage]
    deadline: float
    ssh_port: int = 22
    address: AddressKind = "public"
    poll_interval: float | None = None


def stages_of(until: object) -> tuple[Stage, ...]:
    """Return the stages of a wait in order, with those that a stage implies before it.

    Raises:
        TypeError: A part is neither a word nor a callable.
        ValueError: A word is unknown, or there is no stage.
    """
    parts = until if isinstance(until, Sequence) and not isinstance(until, str) else (until,)
    if not parts:
        raise ValueError("until: expected at least one stage, got an empty sequence")
    stages: list[Stage] = []
    for part in parts:
        if _is_probe(part):
            stages.append(Stage(_name_of(part), part))
            continue
        if not isinstance(part, str):
            raise TypeError(
                f"until: expected {', '.join(map(repr, STAGES))}, a callable of a Droplet, or a sequence of these; "
                f"got {type(part).__name__}"
            )
        if part not in STAGES:
            raise ValueError(
                f"until: expected {', '.join(map(repr, STAGES))}, got {part!r:.80}.{did_you_mean(part, STAGES)}"
            )
        implied = (Stage(name) for name in STAGES[: STAGES.index(part) + 1])
        stages += [stage for stage in implied if stage not in stages]
    return tuple(stages)


def address_of(droplet: Droplet, kind: AddressKind) -> str | None:
    """Return a Droplet's public or private address; ``None`` if it has none."""
    return droplet.public_ip if kind == "public" else droplet.private_ip


def state_of(droplet: Droplet | None, kind: AddressKind) -> str:
    """Return what a Droplet was last seen as, for an error's text."""
    if droplet is None:
        return "it could not be read"
    address = address_of(droplet, kind)
    if address is not None:
        return f"its status is {droplet.status!r}, its {kind} address {address}"
    other = next((one for one in ADDRESS_KINDS if one != kind and address_of(droplet, one)), None)
    hint = f"; it has a {other} one, for address={other!r}" if other else ""
    return f"its status is {droplet.status!r}, and it has no {kind} address{hint}"


def _is_probe(part: object) -> TypeGuard[Probe]:
    return callable(part)


def _name_of(probe: Probe) -> str:
    name = getattr(probe, "__name__", None)
    return name if isinstance(name, str) else f"{probe!s:.80}"
