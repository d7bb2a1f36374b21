"""The delivery of an answer: when the request is executed, and which part of the answer the client gets."""

from __future__ import annotations

from typing import Literal

import attrs

from gradient_async.emulator.wire import Answer

Executed = Literal["before", "after", "never"]
Ending = Literal["whole", "malformed", "cut", "empty", "close", "reset"]


@attrs.frozen(kw_only=True)
class Delivery:
    """The plan for one answer.

    Args:
        executed: The request is executed `"before"` the pause, `"after"` it, or `"never"`.
        pause: Real seconds before anything is sent.
        replacement: Sent in place of the right answer.
        status: Sent in place of the right status.
        is_from_edge: The answer comes from the network in front of the API and carries none of its headers.
        refused: The answer is a 429 of this kind.
        retry_after: The `retry-after` of that 429; None leaves it out.
        ending: The delivered part of the answer: `"whole"`, `"malformed"` (its JSON is broken), `"cut"` (half of the
            body, then the end of the connection), `"empty"` (no body), or nothing at all but a `"close"` (FIN)
            or a `"reset"` (RST) of the connection.
    """

    executed: Executed = "before"
    pause: float = 0.0
    replacement: Answer | None = None
    status: int | None = None
    is_from_edge: bool = False
    refused: Literal["burst", "hourly"] | None = None
    retry_after: str | None = None
    ending: Ending = "whole"


#: A correct answer, at once.
PLAIN = Delivery()


def spoilt(body: bytes, ending: Ending) -> bytes:
    """Return the bytes of a body that are sent."""
    if ending == "cut":
        return body[: len(body) // 2]
    if ending == "malformed":
        return body[: len(body) // 2] + b"\\," + body[len(body) // 2 :]
    return b"" if ending == "empty" else body
