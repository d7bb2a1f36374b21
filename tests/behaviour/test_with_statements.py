"""Opening and closing a client in the way of the other flavour."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

import pytest

from gradient_async import AsyncGradientAI
from gradient_sync import GradientAI

if TYPE_CHECKING:
    from flavours import Flavour


async def test_with_names_async_with_when_the_client_is_async() -> None:
    client: Any = AsyncGradientAI("token")
    with pytest.raises(
        TypeError, match=r"^AsyncGradientAI does not .* Type: async with AsyncGradientAI\(\) as client:$"
    ):
        with client:
            pass
    await client.aclose()


async def test_async_with_names_with_when_the_client_is_sync() -> None:
    client: Any = GradientAI("token")
    with pytest.raises(TypeError, match=r"^GradientAI does not .* Type: with GradientAI\(\) as client:$"):
        async with client:
            pass
    client.close()


async def test_client_is_closed_when_close_is_called(flavour: Flavour) -> None:
    client = flavour.client(access_token="token")
    await flavour.call(client.close)
    assert client.is_closed


def test_working_statements_are_untouched_by_explanations() -> None:
    assert inspect.iscoroutinefunction(AsyncGradientAI.__aenter__)
    assert AsyncGradientAI.close is AsyncGradientAI.aclose
