"""The check of a new size: when its sizes are read, and what is said when it is not listed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from engine_track import POWER_OFF, REBOOT, RESIZE, SIZE
from virtual_time import FakeSender, run

from gradient_async import InternalServerError, NotFoundError, PermissionDeniedError, PreflightError
from gradient_async.fleet.size_check import checked_size, listed_size
from gradient_async.models.size import GPUInfo, Size

if TYPE_CHECKING:
    from gradient_async.fleet.plan import Plan

pytestmark = pytest.mark.once


def error(kind: type[Any], status: int) -> Any:
    return kind("no", method="GET", path="/v2/sizes", status=status)


def checked(sender: FakeSender, plan: Plan) -> Size | None:
    given: Any = sender
    return run(checked_size(given, plan))


@pytest.mark.parametrize("plan", [REBOOT, POWER_OFF])
def test_sizes_are_not_read_when_none_is_needed(plan: Plan) -> None:
    sender = FakeSender(lambda _: ZeroDivisionError())
    assert checked(sender, plan) is None
    assert sender.sent == []


def test_size_is_found_by_its_slug() -> None:
    sender = FakeSender(lambda _: {"sizes": [{"slug": "s"}, {"slug": SIZE, "disk": 7}], "meta": {"total": 2}})
    assert checked(sender, RESIZE) == Size(slug=SIZE, disk=7)


@pytest.mark.parametrize(
    "given", [error(PermissionDeniedError, 403), error(NotFoundError, 404), error(InternalServerError, 501)]
)
def test_run_is_refused_when_the_sizes_cannot_be_read(given: Exception) -> None:
    with pytest.raises(PreflightError, match=f"^size '{SIZE}' cannot be checked, since the sizes cannot be read: "):
        checked(FakeSender(lambda _: given), RESIZE)


def test_error_of_the_server_is_raised_as_it_is() -> None:
    given = error(InternalServerError, 500)
    with pytest.raises(InternalServerError) as caught:
        checked(FakeSender(lambda _: given), RESIZE)
    assert caught.value is given


def sizes(count: int, *, gpus: int = 0) -> list[Size]:
    made = [Size(slug=f"x{number}", gpu_info=GPUInfo(count=1) if number < gpus else None) for number in range(count)]
    return [*made, Size(slug="gpu-h100x1-80gb"), Size(slug="gpu-h100x8-640gb")][: None if not gpus else count]


@pytest.mark.parametrize(
    ("slug", "given", "said"),
    [
        ("GPU-h100x8-640 ", sizes(0), "the nearest are 'gpu-h100x8-640gb', 'gpu-h100x1-80gb'. "),
        ("gpu-h100x8-640g", sizes(0)[1:], "the nearest is 'gpu-h100x8-640gb'. "),
        ("?", sizes(0), "listed are gpu-h100x1-80gb, gpu-h100x8-640gb. "),
        ("?", sizes(5, gpus=2), "listed are x0, x1. "),
        ("?", sizes(14, gpus=12), f"listed are {', '.join(f'x{number}' for number in range(12))}. "),
        ("?", sizes(14, gpus=13), f"listed are {', '.join(f'x{number}' for number in range(12))} and 1 more. "),
    ],
)
def test_sizes_that_may_be_meant_are_named(slug: str, given: list[Size], said: str) -> None:
    with pytest.raises(PreflightError) as caught:
        listed_size(slug, given)
    assert f"is not listed by the API: {said}Nothing was sent" in str(caught.value)
