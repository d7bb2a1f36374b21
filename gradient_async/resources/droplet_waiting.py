"""The wait for Droplets: ``client.gpu_droplets.wait``."""

from __future__ import annotations

from typing import TYPE_CHECKING, overload

from gradient_async.resources.droplet_groups import DropletGroups

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Literal, Unpack

    from gradient_async.http.request import ReadOptions
    from gradient_async.models.droplet import Droplet
    from gradient_async.waiting.readiness import Until


class DropletWaiting(DropletGroups):
    """The part of ``GPUDroplets`` that waits until Droplets are ready."""

    @overload
    async def wait(
        self,
        droplets: Droplet | int,
        *,
        until: Until = "active",
        timeout: float = 900.0,
        poll_interval: float | None = None,
        ssh_port: int = 22,
        address: Literal["public", "private"] = "public",
        **options: Unpack[ReadOptions],
    ) -> Droplet: ...

    @overload
    async def wait(
        self,
        droplets: Iterable[Droplet | int],
        *,
        until: Until = "active",
        timeout: float = 900.0,
        poll_interval: float | None = None,
        ssh_port: int = 22,
        address: Literal["public", "private"] = "public",
        **options: Unpack[ReadOptions],
    ) -> tuple[Droplet, ...]: ...

    async def wait(
        self,
        droplets: Droplet | int | Iterable[Droplet | int],
        *,
        until: Until = "active",
        timeout: float = 900.0,
        poll_interval: float | None = None,
        ssh_port: int = 22,
        address: Literal["public", "private"] = "public",
        **options: Unpack[ReadOptions],
    ) -> Droplet | tuple[Droplet, ...]:
        """Wait until one Droplet, or each of several, is ready to be used.

        A Droplet that is active may have no address yet, one with an address may not answer to SSH yet, and one that
        does may not have finished its first boot. ``until`` says which of these to wait for.

        All waits of a client share their polls: N Droplets take at most ⌈N/200⌉ + 1 requests a round. If a Droplet
        fails, the wait for the others continues.

        Args:
            droplets: The Droplet, its id, or an iterable of Droplets and ids.
            until: ``"active"``; ``"address"``, which implies it; ``"ssh"``, which implies both: an SSH server answers
                at the address. Or a probe: a function or a coroutine function that is called with the Droplet as last
                read, again and again, until it returns ``True``; ``gradient_async.probes`` has some. A function may
                block: it runs in a thread. An error that it raises counts as ``False``, except ``ImportError``,
                ``NameError``, ``TypeError`` and ``UnhealthyDropletError``. Or a sequence of these, which are reached in
                order.
            timeout: Maximum seconds of the whole wait.
            poll_interval: Seconds until the second poll, and until the second try of SSH or a probe. Later intervals
                grow up to 15 seconds for polls, and 5 seconds for tries. By default one second.
            ssh_port: TCP port of SSH.
            address: The address that ``"address"`` and ``"ssh"`` are about, ``"public"`` or ``"private"``.
            **options: ``extra_headers``, ``extra_query``.

        Returns:
            The Droplet as last read; of several, a tuple in the order given.

        Raises:
            TypeError: An argument has the wrong type, or a probe returned neither ``True`` nor ``False``.
            ValueError: An argument is out of range.
            DropletWaitTimeoutError: A Droplet was not ready at the end of ``timeout``. It exists, and is billed.
            DropletGoneError: A Droplet does not exist any more. A new Droplet that is not readable yet is given time: a
                quarter of the client's ``create_settle_seconds``.
            PlacementLostError: The API accepted a Droplet, found no place for it, and removed it.
        """
        from gradient_async.resources import droplet_waits

        target = droplet_waits.target_of(until, timeout, poll_interval, ssh_port, address)
        return await droplet_waits.wait(self._watcher.droplets, droplets, target, options)
