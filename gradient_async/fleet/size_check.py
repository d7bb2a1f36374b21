"""Checks a new size before a run's first step, so that no Droplet is shut down for a size that it cannot have."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

from gradient_async.errors import APIStatusError, NotFoundError, PermissionDeniedError, PreflightError
from gradient_async.fleet.size_fit import GO_ON
from gradient_async.resources.sizes import Sizes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradient_async.fleet.plan import Plan
    from gradient_async.http.sender import Sender
    from gradient_async.models.size import Size

_NOT_IMPLEMENTED: Final = 501
_MAX_SUGGESTED: Final = 3
_MAX_LISTED: Final = 12


async def checked_size(sender: Sender, plan: Plan) -> Size | None:
    """Return the size that a plan of several steps needs, as the API lists it; ``None`` if it needs none.

    Raises:
        PreflightError: The API does not list the size, or its sizes cannot be read.
        APIError: The request failed otherwise.
    """
    slug = plan.needed_size
    if slug is None:
        return None
    try:
        sizes = [size async for size in Sizes(sender).list_all()]
    except APIStatusError as error:
        if not isinstance(error, PermissionDeniedError | NotFoundError) and error.status != _NOT_IMPLEMENTED:
            raise
        raise PreflightError(
            f"size {slug!r} cannot be checked, since the sizes cannot be read: {error}. Nothing was sent; "
            f"give the token the scopes sizes:read and regions:read, or {GO_ON}"
        ) from error
    return listed_size(slug, sizes)


def listed_size(slug: str, sizes: Sequence[Size]) -> Size:
    """Return the size of that slug. Pure.

    Raises:
        PreflightError: There is none; the error names those that are nearest.
    """
    found = next((size for size in sizes if size.slug == slug), None)
    if found is not None:
        return found
    raise PreflightError(
        f"size {slug!r} is not listed by the API: {_suggestion(slug, sizes)}. Nothing was sent. Contract sizes are "
        f"never listed: if it is one, {GO_ON}"
    )


def _suggestion(slug: str, sizes: Sequence[Size]) -> str:
    slugs = [size.slug for size in sizes]
    if near := get_close_matches(slug.strip().lower(), slugs, n=_MAX_SUGGESTED):
        return f"the nearest is {near[0]!r}" if len(near) == 1 else f"the nearest are {', '.join(map(repr, near))}"
    with_gpus = [size.slug for size in sizes if size.gpu_info is not None] or slugs
    more = f" and {len(with_gpus) - _MAX_LISTED:,} more" if len(with_gpus) > _MAX_LISTED else ""
    return f"listed are {', '.join(with_gpus[:_MAX_LISTED])}{more}"
