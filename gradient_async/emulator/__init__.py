"""A DigitalOcean account in memory, served over real HTTP, for tests and for trying things out.

>>> async with Emulator(droplets=3, time_scale=60) as emulator:
...     print(emulator.base_url, emulator.token)

It is an independent imitation of the API's Droplet actions: it shares no code with the client, so that a
mistake in one cannot hide in the other.

A request's way: `server` (the listening socket) -> `app` (sockets, pauses, lost connections) -> `gateway` (token, rate
`limits`, the `fault_plan`) -> `operations` (one method a route) -> `account` (Droplets and actions on the `clock`, by
the rules in `events`) -> `rendering` (JSON). Only `server` and `app` do I/O. Readings of conflicting evidence and
durations are in `profiles`.
"""

from __future__ import annotations

from gradient_async.emulator import faults
from gradient_async.emulator.account import Account, RefusedError
from gradient_async.emulator.actions import Action, Outcome, Snapshot
from gradient_async.emulator.clock import Clock
from gradient_async.emulator.droplets import BackupPolicy, Droplet, DropletSpec
from gradient_async.emulator.faults import (
    CompletedAtNull,
    CutOff,
    DropAfter,
    DropBefore,
    EmptyBody,
    ErroredAction,
    Fault,
    HTMLError,
    MalformedJSON,
    RegionAs,
    ServerError,
    ShutdownIgnored,
    Slow,
    StatusLag,
    TooManyRequests,
    UnknownFields,
    UnknownStatus,
)
from gradient_async.emulator.limits import RateLimits
from gradient_async.emulator.profiles import DURATIONS, Behaviour
from gradient_async.emulator.request_log import RecordedRequest, RequestLog
from gradient_async.emulator.server import Emulator

__all__ = [
    "DURATIONS",
    "Account",
    "Action",
    "BackupPolicy",
    "Behaviour",
    "Clock",
    "CompletedAtNull",
    "CutOff",
    "DropAfter",
    "DropBefore",
    "Droplet",
    "DropletSpec",
    "EmptyBody",
    "Emulator",
    "ErroredAction",
    "Fault",
    "HTMLError",
    "MalformedJSON",
    "Outcome",
    "RateLimits",
    "RecordedRequest",
    "RefusedError",
    "RegionAs",
    "RequestLog",
    "ServerError",
    "ShutdownIgnored",
    "Slow",
    "Snapshot",
    "StatusLag",
    "TooManyRequests",
    "UnknownFields",
    "UnknownStatus",
    "faults",
]
