"""How Droplets that are given by id or by tag are read: with few requests, and each as it is now."""

from __future__ import annotations

from typing import Any

import pytest
from virtual_time import FakeSender, run

from gradient_async import InternalServerError, NotFoundError, PermissionDeniedError
from gradient_async.fleet.droplet_lists import all_droplets, droplets_with_ids, found_droplets, listed_prices
from gradient_async.resources.gpu_droplets import GPUDroplets

MISSING = NotFoundError("missing", method="GET", path="/v2/droplets/7", status=404)
REFUSED = PermissionDeniedError("refused", method="GET", path="/v2/sizes", status=403)
DOWN = InternalServerError("down", method="GET", path="/v2/droplets", status=500)


def item(number: int, name: str = "listed") -> dict[str, Any]:
    return {"id": number, "name": name, "status": "active", "tags": ["train"]}


class Account(FakeSender):
    """An account whose lists show the Droplets 1 and 2 with GPUs, 2 and 3 without; 4 is in no list."""

    def __init__(self, error: Exception | None = None) -> None:
        super().__init__(self._answered)
        self.error = error

    def _answered(self, request: Any) -> Any:
        if self.error is not None:
            return self.error
        if request.path == "/v2/sizes":
            return {"sizes": [{"slug": "s", "price_hourly": 3.39}, {"slug": "free"}], "meta": {"total": 2}}
        if request.path == "/v2/droplets":
            if "tag_name" in request.query:
                return {"droplets": [{**item(3), "size_slug": "gpu-s"}], "meta": {"total": 1}}
            shown = (1, 2) if request.query["type"] == "gpus" else (2, 3)
            return {"droplets": [item(number, request.query["type"]) for number in shown], "meta": {"total": 2}}
        number = int(request.path.rpartition("/")[2])
        return {"droplet": item(number, "read")} if number <= 4 else MISSING


def found(account: Account, *args: Any) -> dict[int, str | None]:
    async def work() -> dict[int, str | None]:
        client = GPUDroplets(account, None)  # type: ignore[arg-type]  # a fake
        read = await (found_droplets(client, *args) if len(args) > 1 else droplets_with_ids(client, args[0]))
        return {number: one.name if one else None for number, one in read.items()}

    return run(work())


@pytest.mark.parametrize(
    ("ids", "names", "sent"),
    [
        ([2, 1], {2: "read", 1: "read"}, ["retrieve", "retrieve"]),
        ([9], {9: None}, ["retrieve"]),
        # More than two are looked for in the lists first; those that are not there are read alone.
        ([3, 2, 1], {3: "droplets", 2: "gpus", 1: "gpus"}, ["list", "list"]),
        ([4, 9, 1], {4: "read", 9: None, 1: "gpus"}, ["list", "list", "retrieve", "retrieve"]),
    ],
)
def test_few_are_read_by_id_and_many_from_the_lists(ids: Any, names: Any, sent: list[str]) -> None:
    account = Account()
    assert list(found(account, ids).items()) == list(names.items())
    assert account.names == sent
    assert found(Account(), ids, None) == names


def test_one_tag_stands_for_all_its_droplets() -> None:
    account = Account()
    assert 3 in found(account, None, "train")
    assert account.sent[0].query["tag_name"] == "train"
    for wrong in ((None, None), ([1], "train")):
        with pytest.raises(TypeError):
            found(account, *wrong)


def test_error_of_a_read_is_no_missing_droplet() -> None:
    with pytest.raises(InternalServerError):
        found(Account(DOWN), [1])


def test_each_droplet_of_the_account_is_listed_once() -> None:
    async def work() -> list[tuple[int, str]]:
        return [(one.id, one.name) for one in await all_droplets(GPUDroplets(Account(), None))]  # type: ignore[arg-type]  # a fake

    assert run(work()) == [(1, "gpus"), (2, "gpus"), (3, "droplets")]


@pytest.mark.parametrize(("error", "prices"), [(None, {"s": 3.39, "free": None}), (REFUSED, {}), (DOWN, {})])
def test_prices_are_empty_if_sizes_cannot_be_read(error: Exception | None, prices: dict[str, float | None]) -> None:
    async def work() -> dict[str, float | None]:
        return dict(await listed_prices(GPUDroplets(Account(error), None)))  # type: ignore[arg-type]  # a fake

    assert run(work()) == prices
