"""Faults: what the emulator does wrong.

Three families. An *answer fault* decides how one request is answered; at most one applies, the first that
meets the request, in the order given. An *action fault* decides how the action that a request starts is
going to end. A *body fault* changes the JSON of an otherwise correct answer.

Every fault takes `route`, `times`, `skip` and `rate`, which say what requests it meets (see `Fault`).
"""

from __future__ import annotations

from gradient_async.emulator.action_faults import (
    ActionFault,
    ErroredAction,
    PlacementLost,
    ShutdownIgnored,
    StatusLag,
)
from gradient_async.emulator.answer_faults import (
    AnswerFault,
    CutOff,
    DropAfter,
    DropBefore,
    EmptyBody,
    HTMLError,
    MalformedJSON,
    ServerError,
    Slow,
    TooManyRequests,
)
from gradient_async.emulator.body_faults import (
    BodyFault,
    CompletedAtNull,
    RegionAs,
    UnknownFields,
    UnknownStatus,
)
from gradient_async.emulator.selection import Fault

__all__ = [
    "ActionFault",
    "AnswerFault",
    "BodyFault",
    "CompletedAtNull",
    "CutOff",
    "DropAfter",
    "DropBefore",
    "EmptyBody",
    "ErroredAction",
    "Fault",
    "HTMLError",
    "MalformedJSON",
    "PlacementLost",
    "RegionAs",
    "ServerError",
    "ShutdownIgnored",
    "Slow",
    "StatusLag",
    "TooManyRequests",
    "UnknownFields",
    "UnknownStatus",
]
