"""The Droplets with a tag: which lists are read, and what of them counts."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import pytest
from samples import droplet

from gradient_async import NotFoundError, PermissionDeniedError
from gradient_async.errors import GradientAIError
from gradient_async.fleet.targets import droplets_with_tag, ids_with_tag
from gradient_async.models.size import GPUInfo

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from gradient_async import Droplet

pytestmark = pytest.mark.once


def tagged(number: int, *tags: str) -> Droplet:
    return droplet(id=number, name=f"d-{number}", tags=tags)


def gpu(number: int, *tags: str) -> Droplet:
    return droplet(id=number, name=f"d-{number}", tags=tags, gpu_info=GPUInfo(count=1))


class Lists:
    """The lists of an account, and the look-up of a tag.

    Args:
        by_tag: The list by tag.
        gpus: The list of Droplets with GPUs.
        tag_error: What the look-up of the tag raises.
    """

    def __init__(
        self, by_tag: Sequence[Droplet] = (), gpus: Sequence[Droplet] = (), tag_error: Exception | None = None
    ) -> None:
        self.by_tag, self.gpus, self.tag_error = by_tag, gpus, tag_error
        self.read: list[str] = []

    async def list_all(self, *, tag_name: str | None = None, type: str | None = None) -> AsyncIterator[Droplet]:
        self.read.append(tag_name or str(type))
        for one in self.by_tag if tag_name else self.gpus:
            yield one

    async def _send(self, request: Any) -> None:
        self.read.append(request.path)
        if self.tag_error is not None:
            raise self.tag_error


def error(kind: type[Any], status: int) -> Any:
    return kind("no", method="GET", path="/v2/tags/train", status=status)


TAG = "/v2/tags/train"
GONE, HIDDEN = error(NotFoundError, 404), error(PermissionDeniedError, 403)
PLAIN, WITH_GPUS = tagged(1, "train"), gpu(2, "other", "train")
OTHERS = [gpu(7, "other"), gpu(8, "train"), gpu(9)]


@pytest.mark.parametrize(
    ("lists", "kind", "found", "read"),
    [
        (Lists([PLAIN, WITH_GPUS], OTHERS), None, [1, 2], ["train"]),
        (Lists([WITH_GPUS, PLAIN], OTHERS), None, [2, 1], ["train"]),
        (Lists([PLAIN, WITH_GPUS], OTHERS), "gpus", [2], ["train"]),
        (Lists([PLAIN, WITH_GPUS], OTHERS), "droplets", [1], ["train"]),
        (Lists([PLAIN], OTHERS), None, [1, 8], ["train", "gpus"]),
        (Lists([PLAIN], OTHERS), "gpus", [8], ["train", "gpus"]),
        (Lists([PLAIN], OTHERS), "droplets", [1], ["train"]),
        (Lists([], OTHERS), None, [8], ["train", TAG, "gpus"]),
        (Lists([], OTHERS), "droplets", [], ["train"]),
        (Lists([], OTHERS, GONE), None, [], ["train", TAG]),
        (Lists([], OTHERS, HIDDEN), None, [8], ["train", TAG, "gpus"]),
        (Lists([PLAIN], [*OTHERS, gpu(8, "train"), gpu(1, "train")]), None, [1, 8], ["train", "gpus"]),
        (Lists([tagged(1)], OTHERS), None, [1, 8], ["train", "gpus"]),
    ],
)
async def test_lists_are_read_until_all_with_the_tag_are_known(
    lists: Lists, kind: Any, found: list[int], read: list[str]
) -> None:
    lists.read.clear()
    assert [one.id async for one in droplets_with_tag(lists, "train", kind)] == found  # type: ignore[arg-type]  # a fake
    assert lists.read == read


async def test_droplet_of_another_tag_is_left_out(caplog: pytest.LogCaptureFixture) -> None:
    lists: Any = Lists([gpu(7, "other"), WITH_GPUS])
    assert [one.id async for one in droplets_with_tag(lists, "train")] == [2]
    assert "Droplet 7 in the list by tag 'train' has the tags 'other' and not this one" in caplog.text


async def test_list_of_another_tag_is_refused() -> None:
    lists: Any = Lists([gpu(7, "other"), tagged(6, "Train")])
    with pytest.raises(GradientAIError, match="no Droplet in the list by tag 'train' has this tag"):
        [one async for one in droplets_with_tag(lists, "train")]


async def test_ids_come_with_their_names(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    lists: Any = Lists([PLAIN, WITH_GPUS])
    names: dict[int, str] = {}
    assert [one async for one in ids_with_tag(lists, "train", names=names)] == [1, 2]
    assert names == {1: "d-1", 2: "d-2"}
    assert [one async for one in ids_with_tag(lists, "train")] == [1, 2]
    assert [one async for one in ids_with_tag(lists, "train", gpus_only=True)] == [2]
    assert not caplog.records


async def test_tag_without_droplets_is_said(caplog: pytest.LogCaptureFixture) -> None:
    lists: Any = Lists([], [], GONE)
    assert [one async for one in ids_with_tag(lists, "train")] == []
    assert "no Droplet has the tag 'train'" in caplog.text
