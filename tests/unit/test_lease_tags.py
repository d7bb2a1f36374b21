"""The tags of a lease: written, read again, and ignored where they are not as a lease writes them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from gradient_async.arguments import checked_tag
from gradient_async.fleet.lease_tags import is_over, lease_tags, mark_in, without_past_lease

UNTIL = datetime(2026, 11, 30, 10, 30, tzinfo=UTC)
TAGS = lease_tags("5f0c2a91", UNTIL)


def test_tags_have_only_legal_characters_and_are_read_again() -> None:
    assert [checked_tag("tags", tag) for tag in TAGS] == list(TAGS)
    mark = mark_in(["train", *TAGS])
    assert mark is not None
    assert (mark.lease_id, mark.until) == ("5f0c2a91", UNTIL)
    assert mark_in([tag.lower() for tag in TAGS]) == mark


def test_part_of_a_second_never_shortens_a_lease() -> None:
    mark = mark_in(lease_tags("a", UNTIL + timedelta(microseconds=1)))
    assert mark is not None
    assert mark.until == UNTIL + timedelta(seconds=1)


@pytest.mark.parametrize(
    "tags",
    [
        [],
        TAGS[:1],
        TAGS[1:],
        ["gradient-lease:a", "gradient-lease-until:2026-13-30T10:30:00Z"],
        ["gradient-lease:a", "gradient-lease-until:2026-11-30"],
        ["gradient-lease:a", "my-gradient-lease-until:2026-11-30T10:30:00Z"],
        ["gradient-lease:a", "gradient-lease-until:2026-11-30T10:30:00Z-not"],
    ],
)
def test_other_tags_are_of_no_lease(tags: list[str]) -> None:
    assert mark_in(tags) is None
    assert not is_over(tags, UNTIL + timedelta(days=999), 0.0)


def test_only_the_tags_of_a_past_lease_are_left_out() -> None:
    tags = ["train", *TAGS]
    assert without_past_lease(tags, UNTIL - timedelta(seconds=1)) == tags
    assert without_past_lease(tags, UNTIL) == ["train"]
    assert without_past_lease(tags[:2], UNTIL) == tags[:2]


def test_lease_is_over_only_after_its_last_time() -> None:
    assert not is_over(TAGS, UNTIL - timedelta(seconds=1), 0.0)
    assert is_over(TAGS, UNTIL, 0.0)
    assert not is_over(TAGS, UNTIL + timedelta(seconds=599), 600.0)
    assert is_over(TAGS, UNTIL + timedelta(seconds=600), 600.0)
    assert not is_over(TAGS, UNTIL, 1e300)
    later = [*TAGS, lease_tags("5f0c2a91", UNTIL + timedelta(hours=1))[1]]
    assert not is_over(later, UNTIL, 0.0)
