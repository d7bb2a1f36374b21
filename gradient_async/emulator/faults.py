"""Faults: deliberate errors of the emulator.

There are three families. An *answer fault* decides the answer of one request; only the first one that matches the
request applies, in the given order. An *action fault* decides the outcome of the action that a request starts. A
*body fault* changes the JSON of an otherwise correct answer.

Every fault takes `route`, `times`, `skip` and `rate`, which select its requests (see `Fault`).
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
