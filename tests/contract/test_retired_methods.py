"""All methods of the retired SDK's ``client.gpu_droplets`` are here, and take its keyword names."""

from __future__ import annotations

import inspect
import json
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import pytest
from pin_retired_methods import PINNED

from gradient_async import AsyncGradientAI
from gradient_sync import GradientAI

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

METHODS: dict[str, dict[str, list[str]]] = json.loads(PINNED.read_text(encoding="utf-8"))
# Optional there and required here: without a tag the request could act on everything.
NEEDED_HERE = {
    "gpu_droplets.actions.bulk_initiate": {"tag_name"},
}
OPTIONS = {"timeout", "extra_headers", "extra_query", "extra_body"}


@pytest.fixture(scope="module", params=[AsyncGradientAI, GradientAI], ids=["async", "sync"])
def client(request: pytest.FixtureRequest) -> Iterator[Any]:
    client = request.param("token-of-the-tests")
    yield client
    if isinstance(client, GradientAI):
        client.close()


def parameters_of(method: Any) -> Mapping[str, inspect.Parameter]:
    return inspect.signature(method).parameters


def test_number_of_methods_is_that_of_the_retired_sdk() -> None:
    assert len(METHODS) == 88


@pytest.mark.parametrize("name", METHODS)
def test_method_takes_the_names_of_the_retired_sdk(client: Any, name: str) -> None:
    group, _, method = name.rpartition(".")
    for found in (attrgetter(name)(client), attrgetter(f"{group}.with_raw_response.{method}")(client)):
        here, there = parameters_of(found), METHODS[name]
        assert [*here][: len(there["positional"])] == there["positional"]
        assert all(here[one].kind is inspect.Parameter.POSITIONAL_OR_KEYWORD for one in there["positional"])
        assert {*there["required"], *there["optional"]} <= here.keys()
        assert any(one.kind is inspect.Parameter.VAR_KEYWORD for one in here.values()) or here.keys() >= OPTIONS


@pytest.mark.parametrize("name", METHODS)
def test_method_needs_no_more_than_the_retired_sdk(client: Any, name: str) -> None:
    here, there = parameters_of(attrgetter(name)(client)), METHODS[name]
    needed = {
        one.name for one in here.values() if one.default is one.empty and one.kind is not inspect.Parameter.VAR_KEYWORD
    }
    assert needed - {*there["positional"], *there["required"]} == NEEDED_HERE.get(name, set())
