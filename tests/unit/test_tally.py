from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradient_async.http.tally import Tally


@given(st.lists(st.none() | st.sampled_from([200, 201, 404, 422, 428, 429, 430, 500])))
def test_tally_counts_each_request_and_those_refused_for_rate(statuses: list[int | None]) -> None:
    tally = Tally()
    for status in statuses:
        tally.add(status)
    assert tally.requests == len(statuses)
    assert tally.refused == statuses.count(429)


def test_moments_are_written_down_only_while_somebody_records(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([10.0, 20.0, 30.0])
    tally = Tally()
    tally.add(200)
    monkeypatch.setattr(time, "time", lambda: next(clock))
    with tally.recording() as moments:
        tally.add(200)
        tally.add(None)
    tally.add(429)
    assert list(moments) == [10.0, 20.0]
    assert tally.requests == 4


def test_each_recording_has_its_own_moments_when_several_overlap() -> None:
    tally = Tally()
    with tally.recording() as first:
        tally.add(200)
        with tally.recording() as second:
            tally.add(200)
        tally.add(200)
    assert (len(first), len(second)) == (3, 1)


def test_recordings_go_on_when_another_one_that_looks_the_same_ends() -> None:
    tally = Tally()
    with tally.recording() as first:
        with tally.recording() as second:
            pass
        tally.add(200)
    assert (len(first), len(second)) == (1, 0)


def test_recording_ends_when_what_it_surrounds_fails() -> None:
    tally = Tally()
    with pytest.raises(OSError, match="broken"):
        with tally.recording() as moments:
            raise OSError("broken")
    tally.add(200)
    assert len(moments) == 0
