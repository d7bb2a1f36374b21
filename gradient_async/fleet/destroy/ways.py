"""Ways to destroy a Droplet: alone, or together with its volumes, snapshots and IPs."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final

import anyio

from gradient_async.endpoints import destroy_with_associated_resources as associated
from gradient_async.endpoints import droplets as endpoints
from gradient_async.errors import (
    APIError,
    ConflictError,
    GradientAIError,
    NotFoundError,
    RequestOutcomeUnknownError,
    UnprocessableEntityError,
)
from gradient_async.fleet.destroy.removal import pause_after
from gradient_async.fleet.destroy.resource_choice import chosen, ids_by_kind, progress_of, resources_in
from gradient_async.http.request import Priority

if TYPE_CHECKING:
    from collections.abc import Collection

    from gradient_async.fleet.destroy.outcomes import BillingResource
    from gradient_async.fleet.destroy.removal import Removal
    from gradient_async.http.sender import Sender
    from gradient_async.models.associated_resources import DestroyWithAssociatedResourceCheckStatusResponse

# The share of a Droplet's time in which resources that cannot be destroyed are tried again; the rest is for the proof.
_SHARE_FOR_RESOURCES: Final = 0.6
_IN_PROGRESS: Final = "destroy is already in progress"


class ById:
    """Destroys a Droplet by its id, and nothing else.

    Args:
        sender: Sends the requests.
        names_rest: Whether the resources that are left are read first, so that the report can name them.
    """

    def __init__(self, sender: Sender, *, names_rest: bool = False) -> None:
        self._sender = sender
        self._names_rest = names_rest

    async def send(self, removal: Removal) -> None:
        """Send a DELETE of the Droplet's id. It is idempotent: an id is never used again."""
        if self._names_rest and not removal.is_read:
            await read_resources(self._sender, removal)
        await self._sender.send(endpoints.DELETE.request({}, removal.droplet_id), before=removal.note_sending)


class WithResources:
    """Destroys a Droplet together with resources of some kinds, and waits until the API has worked on all.

    Only resources that were listed before are destroyed, by their ids. One that is added to the Droplet later stays.

    Args:
        sender: Sends the requests.
        kinds: The kinds.
        timeout: Seconds that a Droplet may take.
        poll_interval: Seconds until the first read of the state; the next are further apart.
    """

    def __init__(self, sender: Sender, kinds: Collection[str], timeout: float, poll_interval: float | None) -> None:
        self._sender = sender
        self._poll_interval = poll_interval
        self._kinds = kinds
        self._seconds = timeout * _SHARE_FOR_RESOURCES
        self._alone = ById(sender)

    async def send(self, removal: Removal) -> None:
        """Destroy a Droplet with its resources.

        Raises:
            GradientAIError: The API has not accepted it.
        """
        if not removal.is_read:
            await read_resources(self._sender, removal, is_needed=True)
        wanted = chosen(removal.left or (), self._kinds, removal.snapshot_id)
        if not wanted and not removal.is_unresolved:
            return await self._alone.send(removal)
        if not (removal.is_unresolved and await self._status(removal) is not None):
            await self._request(removal, wanted)
        removal.is_accepted = True
        removal.is_on_the_wire = False
        if not await self._wait_until_destroyed(removal, wanted):
            await self._alone.send(removal)
        return None

    async def _request(self, removal: Removal, wanted: Collection[BillingResource]) -> None:
        body = ids_by_kind(tuple(wanted))
        request = associated.DELETE_SELECTIVE.request({}, removal.droplet_id, body=body)
        try:
            await self._sender.send(request, before=removal.note_sending)
        except (ConflictError, UnprocessableEntityError) as error:
            if _IN_PROGRESS not in error.message.lower():
                raise
        except RequestOutcomeUnknownError:
            # The state that the API keeps of such a request decides whether it arrived.
            if await self._status(removal) is None:
                raise

    async def _wait_until_destroyed(self, removal: Removal, wanted: tuple[BillingResource, ...]) -> bool:
        """Wait until all is destroyed, and have the API try again what failed. Return whether the Droplet is destroyed.

        A volume stays attached for some time after its Droplet is destroyed, so a first failure is usual.
        """
        rest = tuple(one for one in removal.left or () if one not in wanted)
        until, attempts = anyio.current_time() + self._seconds, 0
        while True:
            status = await self._status(removal)
            if status is None:
                return False
            progress = progress_of(status, wanted)
            removal.destroyed_with, removal.left = progress.destroyed, (*rest, *progress.left)
            removal.resource_failure = progress.error
            is_done = progress.is_ended and progress.is_droplet_destroyed and not progress.left
            if is_done or anyio.current_time() >= until:
                return progress.is_droplet_destroyed
            attempts += 1
            await anyio.sleep(min(pause_after(attempts, self._poll_interval), max(0.0, until - anyio.current_time())))
            if progress.is_ended:
                await self._retry(removal)

    async def _retry(self, removal: Removal) -> None:
        """Have the API try again what it could not destroy. If that fails, the state shows it."""
        with suppress(APIError, RequestOutcomeUnknownError):
            await self._sender.send(associated.RETRY.request({}, removal.droplet_id))

    async def _status(self, removal: Removal) -> DestroyWithAssociatedResourceCheckStatusResponse | None:
        """Return the state of the request for a Droplet; ``None`` if the API knows of none."""
        request = associated.CHECK_STATUS.request({}, removal.droplet_id)._replace(priority=Priority.POLL)
        try:
            return (await self._sender.send(request)).parse()
        except NotFoundError:
            return None


async def read_resources(sender: Sender, removal: Removal, *, is_needed: bool = False) -> None:
    """Read the resources of a Droplet, which stay and are billed if only the Droplet is destroyed.

    Args:
        sender: Sends the request.
        removal: The Droplet; it takes the result.
        is_needed: Whether an error is raised. Otherwise it is then unknown which resources there are.

    Raises:
        GradientAIError: They cannot be read.
    """
    try:
        listed = (await sender.send(associated.LIST.request({}, removal.droplet_id))).parse()
        removal.left, removal.is_read = resources_in(listed), True
    except NotFoundError:
        removal.left, removal.is_read = (), True
        if is_needed:
            raise
    except GradientAIError:
        removal.left = None
        if is_needed:
            raise
        removal.is_read = True
