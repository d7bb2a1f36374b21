"""The types of a fleet run's stream, in both flavours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

T_co = TypeVar("T_co", covariant=True)


class AsyncStream(Protocol[T_co]):
    """An async iterator that can be closed early: with ``aclose()``, or at the end of an ``async with`` block."""

    def __aiter__(self) -> Self: ...

    async def __anext__(self) -> T_co: ...

    async def aclose(self) -> None:
        """Close the stream. A second call does nothing."""

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None: ...


class Stream(Protocol[T_co]):
    """An iterator that can be closed early: with ``close()``, or at the end of a ``with`` block."""

    def __iter__(self) -> Self: ...

    def __next__(self) -> T_co: ...

    def close(self) -> None:
        """Close the stream. A second call does nothing."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None: ...
