"""The SDK refuses exactly the arguments that the specification does not allow."""

from __future__ import annotations

import re
import socket
from itertools import product
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gradient_async import APIConnectionError, AsyncGradientAI, BackupPolicy, Rename
from gradient_async.arguments import checked_tag

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from specification import Specification

LETTERS = "aZ09.-_:/ \né"
PLANS = ("daily", "weekly", "monthly", "")
WEEKDAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT", "sun", "")
HOURS = (*range(-1, 26), 3.0, "4")


def is_accepted(make: Callable[[], object]) -> bool:
    try:
        make()
    except (TypeError, ValueError):
        return False
    return True


@given(name=st.text(LETTERS, max_size=8) | st.integers(250, 260).map(lambda length: "a" * length))
@example(name="a" * 255)
@example(name="a" * 256)
@example(name="trainer-01.example.com")
@example(name="-")
@example(name="a\n")
def test_name_is_accepted_when_the_specification_accepts_it(name: str, specification: Specification) -> None:
    schema = specification.document["components"]["schemas"]["droplet_single_create"]
    rules = next(part["properties"]["name"] for part in schema["allOf"] if "name" in part.get("properties", {}))
    fits = re.fullmatch(rules["pattern"].removesuffix("$"), name) is not None and len(name) <= rules["maxLength"]
    assert is_accepted(lambda: Rename(name=name)) is fits


@given(tag=st.text(LETTERS, max_size=8) | st.integers(250, 260).map(lambda length: "a" * length))
@example(tag="a" * 255)
@example(tag="a" * 256)
@example(tag="env:prod")
@example(tag="a\n")
def test_tag_is_accepted_when_the_specification_accepts_it(tag: str, specification: Specification) -> None:
    rules = specification.document["components"]["parameters"]["tag_id"]["schema"]
    fits = re.fullmatch(rules["pattern"].removesuffix("$"), tag) is not None and len(tag) <= rules["maxLength"]
    assert is_accepted(lambda: checked_tag("tag_name", tag)) is fits


def test_backup_policy_is_accepted_as_in_the_specification(specification: Specification) -> None:
    schema = {"$ref": "#/components/schemas/droplet_backup_policy"}
    for plan, weekday, hour in product(PLANS, (None, *WEEKDAYS), (None, *HOURS)):
        given: dict[str, Any] = {"plan": plan, "weekday": weekday, "hour": hour}
        sent = {name: value for name, value in given.items() if value is not None}
        # JSON Schema accepts 4.0 as an integer, the SDK does not.
        fits = not list(specification.value_faults(schema, sent, "policy")) and not isinstance(hour, float)
        assert is_accepted(lambda values=given: BackupPolicy(**values)) is fits, given


@pytest.fixture
async def client() -> AsyncIterator[AsyncGradientAI]:
    """Return a client of an address without a server: an accepted value fails at the connection."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        base_url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        async with AsyncGradientAI("token", base_url=base_url, max_retries=0) as client:
            yield client


@pytest.mark.parametrize("name", ["page", "per_page"])
@pytest.mark.parametrize("value", [-1, 0, 1, 2, 199, 200, 201, 10_000])
async def test_page_is_accepted_when_the_specification_accepts_it(
    name: str, value: int, client: AsyncGradientAI, specification: Specification
) -> None:
    rules = specification.document["components"]["parameters"][name]["schema"]
    fits = rules["minimum"] <= value <= rules.get("maximum", value)
    with pytest.raises(APIConnectionError if fits else ValueError):
        await client.actions.list(**{name: value})


@pytest.mark.parametrize("value", [-1, 0, 1, 2**63])
async def test_id_is_accepted_when_the_specification_accepts_it(
    value: int, client: AsyncGradientAI, specification: Specification
) -> None:
    parameters = specification.document["components"]["parameters"]
    fits = value >= parameters["droplet_id"]["schema"]["minimum"] == parameters["action_id"]["schema"]["minimum"]
    for call in (client.gpu_droplets.retrieve, client.actions.retrieve, client.gpu_droplets.actions.list):
        with pytest.raises(APIConnectionError if fits else ValueError):
            await call(value)
