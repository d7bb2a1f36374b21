"""Errors of requests that create things, most of them Droplets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from gradient_async.errors.actions import RequestOutcomeUnknownError
from gradient_async.errors.requests import NotFoundError, UnprocessableEntityError
from gradient_async.errors.root import GradientAIError

if TYPE_CHECKING:
    from gradient_async.errors.attempts import Attempt
    from gradient_async.errors.requests import StatusFacts
    from gradient_async.models.action import Action
    from gradient_async.models.droplet import Droplet


class CapacityError(UnprocessableEntityError):
    """422: there is no capacity for a Droplet of this size in this region now. It can succeed later, or elsewhere.

    Attributes:
        size: Slug of the requested size; ``None`` if the request has none.
        region: Slug of the requested region; ``None`` if the request has none.
        available_regions: Slugs of regions with capacity, as far as the API names them; empty otherwise.
    """

    def __init__(
        self,
        message: str,
        *,
        size: str | None = None,
        region: str | None = None,
        available_regions: tuple[str, ...] = (),
        **facts: Unpack[StatusFacts],
    ) -> None:
        super().__init__(message, **facts)
        self.size = size
        self.region = region
        self.available_regions = available_regions


class SizeNotInRegionError(CapacityError):
    """422: the region does not offer the size: it is full, was never there, or the account is not entitled to it.

    The API has one text for all three.
    """


class GpuLimitError(UnprocessableEntityError):
    """422: the account's limit of GPUs is reached. No endpoint shows this limit."""


class DropletLimitError(UnprocessableEntityError):
    """422: the account's limit of Droplets is reached. ``client.account`` shows it."""


class SizeRetiredError(UnprocessableEntityError):
    """422: the size does not exist, or not any more."""


class ImageError(UnprocessableEntityError):
    """422: the image does not exist, or no Droplet of this size can be made from it in this region."""


class SshKeyUnknownError(UnprocessableEntityError):
    """422: an SSH key is not registered. A key that was registered seconds ago can be refused too.

    Attributes:
        identifiers: The refused ids and fingerprints, as texts.
    """

    def __init__(self, message: str, *, identifiers: tuple[str, ...] = (), **facts: Unpack[StatusFacts]) -> None:
        super().__init__(message, **facts)
        self.identifiers = identifiers


class PlacementLostError(NotFoundError):
    """404: the API accepted a Droplet with 202, found no place for it, and removed it.

    ``gpu_droplets.wait`` raises it if the Droplet's ``create`` action errored. ``gpu_droplets.retrieve`` does so for a
    Droplet that this process created. Any other 404 of ``retrieve`` is a plain ``NotFoundError``: shortly after a
    create, the Droplet may not be readable yet.

    Attributes:
        action: The ``create`` action.
        droplet_id: The Droplet's id.
        droplet: The Droplet as last read during a wait; ``None`` if it was not read.
        stage: The stage that it did not reach; ``None`` outside a wait.
        seconds: Seconds of the wait; ``None`` outside a wait.
        droplets: All Droplets of the wait, as last read.
        errors: The errors of the wait's other Droplets that are not ready, in their order.
    """

    def __init__(
        self, message: str, *, action: Action, droplet: Droplet | None = None, **facts: Unpack[StatusFacts]
    ) -> None:
        super().__init__(message, **facts)
        self.action = action
        self.droplet_id: int | None = action.resource_id
        self.droplet = droplet
        self.stage: str | None = None
        self.seconds: float | None = None
        self.droplets: tuple[Droplet, ...] = (droplet,) if droplet is not None else ()
        self.errors: tuple[Exception, ...] = ()


class CreateOutcomeUnknownError(RequestOutcomeUnknownError):
    """A create may or may not have been executed, and the lists did not resolve it.

    The SDK does not send it again, since that could create a second thing, which is billed. Check the account before
    you decide.

    Attributes:
        names: Names of the things that the request asked for.
        candidates: Things in the lists that may be its result.
    """

    def __init__(
        self,
        message: str,
        *,
        method: str,
        path: str,
        names: tuple[str, ...] = (),
        request_id: str | None = None,
        attempts: tuple[Attempt, ...] = (),
        candidates: tuple[object, ...] = (),
    ) -> None:
        super().__init__(
            message, method=method, path=path, request_id=request_id, attempts=attempts, candidates=candidates
        )
        self.names = names


class PartlyCreatedError(GradientAIError):
    """A list of more than ten names is created in several requests, and one of them failed after others succeeded.

    The error of that request is the cause. The Droplets that were created exist, and are billed.

    Attributes:
        droplets: The Droplets that were created.
        missing: Names without a Droplet, as far as is known. If the cause is a ``CreateOutcomeUnknownError``, the
            Droplets of its ``names`` may exist.
    """

    def __init__(self, message: str, *, droplets: tuple[Droplet, ...], missing: tuple[str, ...]) -> None:
        super().__init__(message)
        self.droplets = droplets
        self.missing = missing
