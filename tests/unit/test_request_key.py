from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradient_async.endpoints import droplet_actions, droplet_creation, droplets
from gradient_async.http.request_key import DEFAULT_TTL_SECONDS, RequestKey
from gradient_async.models.action_requests import Reboot, Rename

ACCOUNT, OTHER = b"account", b"other account"
BODY = {"image": "gpu-h100x1-base", "size": "gpu-h100x1-80gb"}


def key_of(name: str = "a", droplet_id: int = 1, **options: Any) -> RequestKey:
    key = droplet_actions.initiate(droplet_id, Rename(name=name), {"key": "k", **options}).key
    assert key is not None
    return key


@pytest.mark.parametrize(
    ("options", "error", "text"),
    [
        ({"key": 7}, TypeError, "key: expected a str"),
        ({"key": b"k"}, TypeError, "key: expected a str"),
        ({"key": ""}, ValueError, "key: expected 1 to 255 characters, got 0"),
        ({"key": "k" * 256}, ValueError, "key: expected 1 to 255 characters, got 256"),
        ({"key": "a\ud800"}, ValueError, "key: expected text that can be written as UTF-8"),
        ({"key": "\udfff"}, ValueError, "key: expected text that can be written as UTF-8"),
        ({"key_ttl": 5.0}, TypeError, r"key_ttl: it needs a key\. Pass key='\.\.\.' too"),
        ({"key": None, "key_ttl": 5.0}, TypeError, "key_ttl: it needs a key"),
        ({"key": "k", "key_ttl": 0}, ValueError, "key_ttl: "),
        ({"key": "k", "key_ttl": "1h"}, TypeError, "key_ttl: "),
        ({"keys": "k"}, TypeError, "keys: unknown parameter. Did you mean 'key'?"),
    ],
)
def test_wrong_key_is_refused(options: Any, error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=f"^{text}"):
        droplet_actions.initiate(1, Reboot(), options)


def test_request_that_reads_takes_no_key() -> None:
    with pytest.raises(TypeError, match=r"key: unknown parameter\..* extra_body$"):
        droplets.RETRIEVE.request({"key": "k"}, 1)  # type: ignore[typeddict-unknown-key]  # what is tried


def test_no_key_is_no_key() -> None:
    assert droplet_actions.initiate(1, Reboot(), {}).key is None
    assert droplet_actions.initiate(1, Reboot(), {"timeout": 3.0}).key is None  # type: ignore[typeddict-unknown-key]  # a caller's option
    assert droplet_actions.initiate(1, Reboot(), {"key": None}).key is None  # type: ignore[typeddict-unknown-key]  # likewise


def test_key_is_kept_for_a_day_by_default() -> None:
    assert key_of().ttl == DEFAULT_TTL_SECONDS == 24 * 3600
    assert key_of(key_ttl=60).ttl == 60.0


def test_same_request_has_the_same_fingerprint() -> None:
    same = key_of(timeout=3.0, extra_headers={"x-trace": "1"}, key_ttl=5.0)
    assert key_of().fingerprint(ACCOUNT) == same.fingerprint(ACCOUNT)
    one, other = key_of(extra_body={"a": 1, "b": 2}), key_of(extra_body={"b": 2, "a": 1})
    assert one.fingerprint(ACCOUNT) == other.fingerprint(ACCOUNT)


@pytest.mark.parametrize("text", ["k", "k" * 255, "\ud7ff\ue000"])
def test_key_is_any_text_that_a_store_can_keep(text: str) -> None:
    assert key_of(key=text).text == text


def test_digests_stay_the_same_for_later_versions() -> None:
    # A key is kept in a store for a day, and other processes with another version read it.
    key = RequestKey("nightly", 1.0, b"asked", 2)
    assert key.name(ACCOUNT) == "3695f0f1b27ab640ec1892f5c79207aa684369b7"
    assert key.fingerprint(ACCOUNT) == "d03fd3a3a3c6f6bcd77a12adef375b4d57b62e85"


@pytest.mark.parametrize(
    "other",
    [
        key_of(name="b"),
        key_of(droplet_id=2),
        key_of(extra_body={"more": 1}),
        key_of(extra_query={"more": "1"}),
    ],
)
def test_other_request_has_another_fingerprint(other: RequestKey) -> None:
    assert key_of().fingerprint(ACCOUNT) != other.fingerprint(ACCOUNT)
    assert key_of().name(ACCOUNT) == other.name(ACCOUNT)


@given(st.text(max_size=20), st.text(max_size=20), st.integers(0, 12), st.integers(0, 12))
def test_names_differ_when_key_part_or_account_differ(one: str, two: str, part: int, other_part: int) -> None:
    first, second = RequestKey(one, 1.0, b"", part), RequestKey(two, 1.0, b"", other_part)
    assert (first.name(ACCOUNT) == second.name(ACCOUNT)) == ((one, part) == (two, other_part))
    assert first.name(ACCOUNT) != first.name(OTHER)
    assert first.fingerprint(ACCOUNT) != first.fingerprint(OTHER)
    assert first.name(ACCOUNT) != first.fingerprint(ACCOUNT)


def test_digests_show_neither_key_nor_account() -> None:
    key = key_of(name="customer")
    for digest in (key.name(ACCOUNT), key.fingerprint(ACCOUNT)):
        assert len(digest) == 40
        assert int(digest, 16) >= 0


def test_repr_of_a_long_key_is_short() -> None:
    assert repr(RequestKey("k" * 255, 1.0, b"")) == repr("k" * 255)[:80]


def test_nonce_of_names_comes_from_the_key() -> None:
    def name(**options: Any) -> object:
        return (droplet_creation.create({**BODY, "name": "train-{n}"}, "raise", options).body or {})["name"]

    assert name(key="a") == name(key="a") != name(key="b")
    assert name() != name()


def test_parts_of_many_names_have_keys_of_their_own() -> None:
    names = [f"n{number}" for number in range(25)]
    request = droplet_creation.create({**BODY, "names": names}, "raise", {"key": "a"})  # type: ignore[typeddict-unknown-key]  # a caller's option
    keys = [part.key for part in droplet_creation.parts_of(request)]
    assert [key and key.part for key in keys] == [1, 2, 3]
    assert len({key.name(ACCOUNT) for key in keys if key}) == 3
    assert all(part.key is None for part in droplet_creation.parts_of(request._replace(key=None)))
