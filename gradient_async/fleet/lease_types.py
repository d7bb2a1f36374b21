"""The types of a lease in both flavours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datetime import datetime
    from types import TracebackType

    from gradient_async.fleet.create.report import CreationReport
    from gradient_async.fleet.destroy.report import DestroyReport
    from gradient_async.models.droplet import Droplet


class AsyncLease(Protocol):
    """Droplets for the time of an ``async with`` block, which gives them as a tuple."""

    @property
    def id(self) -> str:
        """The lease's id, which is in the tag ``gradient-lease:<id>`` of its Droplets."""
        ...

    @property
    def until(self) -> datetime | None:
        """When the lease ends at the latest, UTC; ``None`` before the block begins."""
        ...

    @property
    def creation(self) -> CreationReport | None:
        """The report of creating; ``None`` before that has ended."""
        ...

    @property
    def report(self) -> DestroyReport | None:
        """The outcome of each Droplet; ``None`` before the block has ended."""
        ...

    async def __aenter__(self) -> tuple[Droplet, ...]: ...

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None: ...


class Lease(Protocol):
    """Droplets for the time of a ``with`` block, which gives them as a tuple."""

    @property
    def id(self) -> str:
        """The lease's id, which is in the tag ``gradient-lease:<id>`` of its Droplets."""
        ...

    @property
    def until(self) -> datetime | None:
        """When the lease ends at the latest, UTC; ``None`` before the block begins."""
        ...

    @property
    def creation(self) -> CreationReport | None:
        """The report of creating; ``None`` before that has ended."""
        ...

    @property
    def report(self) -> DestroyReport | None:
        """The outcome of each Droplet; ``None`` before the block has ended."""
        ...

    def __enter__(self) -> tuple[Droplet, ...]: ...

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None: ...
