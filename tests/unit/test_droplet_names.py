"""Names with a placeholder become unique, and those without stay as they are."""

from __future__ import annotations

import re
from typing import Any

import pytest

from gradient_async.arguments import checked_hostname
from gradient_async.endpoints import droplet_creation
from gradient_async.endpoints.droplet_names import has_number, new_nonce, numbered

BODY: dict[str, Any] = {"image": 1, "size": "gpu-h100x1-80gb"}


def test_names_get_their_number_and_one_nonce() -> None:
    assert numbered("train-{n}", "5f0c2a91") == "train-1-5f0c2a91"
    assert numbered(["a-{n}", "{n}.b"], "5f0c2a91") == ["a-1-5f0c2a91", "2-5f0c2a91.b"]
    assert re.fullmatch(r"[0-9a-f]{8}", new_nonce())
    assert len({new_nonce() for _ in range(100)}) == 100
    assert checked_hostname("name", numbered("{n}", new_nonce()))


@pytest.mark.parametrize(
    ("names", "has"),
    [
        ("train-{n}", True),
        (["a{n}", "b{n}"], True),
        ("train", False),
        ([], False),
        (None, False),
        (7, False),
        (b"{n}", False),
        (["{n}", 7], False),
    ],
)
def test_placeholder_is_found_in_each_name(names: object, has: bool) -> None:
    assert has_number(names) is has


def test_request_knows_whether_its_names_are_its_own() -> None:
    def care_of(**given: Any) -> Any:
        lookup = droplet_creation.create({**BODY, **given}, "resend", {}).endpoint.lookup
        assert lookup is not None
        return lookup.care

    assert care_of(name="train-{n}").is_named_once
    assert care_of(names=["{n}", "x{n}"]).is_named_once
    assert not care_of(name="train").is_named_once
    with pytest.raises(ValueError, match=r"^names: expected \{n\} in all of them or in none, and 'b' has none$"):
        care_of(names=["a{n}", "b"])


def test_long_list_is_split_into_requests_of_ten_names() -> None:
    names = [f"a{number}" for number in range(23)]
    parts = droplet_creation.parts_of(droplet_creation.create({**BODY, "names": names}, "raise", {}))
    assert [part.body["names"] for part in parts if part.body] == [names[:10], names[10:20], names[20:]]
    one = droplet_creation.create({**BODY, "name": "a"}, "raise", {})
    assert droplet_creation.parts_of(one) == [one]
