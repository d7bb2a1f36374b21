"""The token scopes: the specification, the emulator and the SDK's errors name the same ones."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING

import pytest
from calls import CALLS, Call, needed_scopes
from flavours import AsyncFlavour

from gradient_async import APIStatusError, PermissionDeniedError
from gradient_async.emulator import DropletSpec, Emulator

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from specification import Specification

# One call for each set of scopes is enough: the pages of a list need the same scopes.
DISTINCT = {
    (call.operations, call.type, "tag_name" in call.query, "tags" in call.fields, call.resources): call
    for call in CALLS
    if call.is_one_request
}


@pytest.fixture
async def flavour() -> AsyncIterator[AsyncFlavour]:
    flavour = AsyncFlavour()
    yield flavour
    await flavour.close_all()


async def error_of(call: Call, scopes: set[str], flavour: AsyncFlavour) -> APIStatusError | None:
    """Return the error of a call with a token of some scopes. Other errors, such as a wrong state, count too."""
    async with Emulator([DropletSpec(tags=("env:prod",))], scopes=scopes) as emulator:
        try:
            await attrgetter(call.method)(flavour.client(emulator, max_retries=0))(**call.arguments)
        except APIStatusError as error:
            return error
        return None


@pytest.mark.parametrize("call", DISTINCT.values(), ids=str)
async def test_request_is_allowed_when_the_token_has_its_scopes(
    call: Call, flavour: AsyncFlavour, specification: Specification
) -> None:
    needed = needed_scopes(call, specification)
    error = await error_of(call, needed, flavour)
    assert not isinstance(error, PermissionDeniedError)


@pytest.mark.parametrize("call", DISTINCT.values(), ids=str)
async def test_error_names_all_scopes_when_the_token_lacks_any_of_them(
    call: Call, flavour: AsyncFlavour, specification: Specification
) -> None:
    needed = needed_scopes(call, specification)
    for missing in needed:
        error = await error_of(call, needed - {missing}, flavour)
        assert isinstance(error, PermissionDeniedError), missing
        assert error.hint is not None
        assert {scope for scope in needed if scope in error.hint} == needed, error.hint
