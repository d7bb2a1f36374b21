from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradient_async.http.request_counter import RequestCounter


@given(st.lists(st.none() | st.sampled_from([200, 201, 404, 422, 428, 429, 430, 500])))
def test_counter_counts_each_request_and_those_refused_for_rate(statuses: list[int | None]) -> None:
    counter = RequestCounter()
    for status in statuses:
        counter.add(status)
    assert counter.requests == len(statuses)
    assert counter.refused == statuses.count(429)


def test_times_are_recorded_only_during_a_recording(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([10.0, 20.0, 30.0])
    counter = RequestCounter()
    counter.add(200)
    monkeypatch.setattr(time, "time", lambda: next(clock))
    with counter.recording() as timestamps:
        counter.add(200)
        counter.add(None)
    counter.add(429)
    assert list(timestamps) == [10.0, 20.0]
    assert counter.requests == 4


def test_each_recording_has_its_own_times_when_several_overlap() -> None:
    counter = RequestCounter()
    with counter.recording() as first:
        counter.add(200)
        with counter.recording() as second:
            counter.add(200)
        counter.add(200)
    assert (len(first), len(second)) == (3, 1)


def test_recording_continues_when_an_equal_one_ends() -> None:
    counter = RequestCounter()
    with counter.recording() as first:
        with counter.recording() as second:
            pass
        counter.add(200)
    assert (len(first), len(second)) == (1, 0)


def test_recording_ends_when_what_it_surrounds_fails() -> None:
    counter = RequestCounter()
    with pytest.raises(OSError, match="broken"):
        with counter.recording() as timestamps:
            raise OSError("broken")
    counter.add(200)
    assert len(timestamps) == 0
