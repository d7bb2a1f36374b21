"""The limit on an answer's size, with a stream that gives what is asked for."""

from __future__ import annotations

from typing import Any

import pytest

from gradient_async.http import body_limit
from gradient_async.http.body_limit import BodyTooLargeError, BoundedStream, announced_length


class Stream:
    """A body that comes in pieces of some length at most."""

    def __init__(self, body: bytes, longest: int) -> None:
        self.body, self.longest = body, longest
        self.asked: list[int] = []

    async def read(self, n: int = -1) -> bytes:
        assert n > 0, "a read without a size decompresses the whole body"
        self.asked.append(n)
        piece = self.body[: min(n, self.longest)]
        self.body = self.body[len(piece) :]
        return piece

    def exception(self) -> BaseException | None:
        return None

    def set_exception(self, *_: Any) -> None:
        pass


@pytest.mark.parametrize("longest", [1, 3, 4, 100])
@pytest.mark.parametrize("body", [b"", b"a", b"abc", b"abcdefghij"])
async def test_body_up_to_the_limit_is_read_whole(body: bytes, longest: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body_limit, "_PIECE_BYTES", 4)
    stream = Stream(body, longest)
    assert await BoundedStream(stream, 10).read() == body
    assert max(stream.asked) <= 4


@pytest.mark.parametrize("longest", [1, 3, 4, 100])
@pytest.mark.parametrize("length", [1001, 1002, 5000])
async def test_body_above_the_limit_is_refused_early(length: int, longest: int) -> None:
    stream = Stream(b"x" * length, longest)
    with pytest.raises(BodyTooLargeError, match=r"^the answer is larger than 1,000 bytes$"):
        await BoundedStream(stream, 1000).read()
    assert len(stream.body) >= length - 1000 - longest
    assert max(stream.asked) == 1001, "more is not decompressed"


@pytest.mark.parametrize(
    ("headers", "length"),
    [
        ({"Content-Length": "77"}, 77),
        ({}, None),
        ({"Content-Length": "77", "Content-Encoding": "gzip"}, None),
        ({"Content-Length": "77", "Transfer-Encoding": "chunked"}, None),
        ({"Content-Encoding": "gzip"}, None),
        ({"Content-Length": "many"}, None),
    ],
)
def test_length_is_announced_for_a_body_as_it_is(headers: dict[str, str], length: int | None) -> None:
    assert announced_length(headers) == length
