"""A DigitalOcean account in memory, served over real HTTP, for tests and experiments.

>>> async with Emulator(droplets=3, time_scale=60) as emulator:
...     print(emulator.base_url, emulator.token)

It is an independent imitation of the API: it shares no code with the client, so that a
mistake in one cannot hide in the other.

The path of a request: `server` (the listening socket) -> `app` (sockets, pauses, lost connections) -> `gateway`
(`tokens`, rate `limits`, `routes`, the `fault_plan`) -> `handlers` (one class for each group of resources, one method
for each route) -> `account` (resources and events on the `clock`; the effects of a Droplet's actions are in
`droplet_rules`, the lags of views in `visibility`) -> `rendering` (JSON). Only `server` and `app` do I/O. Readings of
conflicting evidence and durations are in `profiles`.
"""

from __future__ import annotations

from gradient_async.emulator import faults
from gradient_async.emulator.account import Account, RefusedError
from gradient_async.emulator.actions import Action, Event, Outcome, Snapshot
from gradient_async.emulator.capacity import Capacity, Opening
from gradient_async.emulator.catalogue import Catalogue, Gpu, Image, Region, Size
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
    PlacementLost,
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
from gradient_async.emulator.prices import Prices
from gradient_async.emulator.profiles import DURATIONS, Behaviour
from gradient_async.emulator.public_catalogue import PUBLIC_CATALOGUE
from gradient_async.emulator.request_log import RecordedRequest, RequestLog
from gradient_async.emulator.server import Emulator
from gradient_async.emulator.tokens import Token
from gradient_async.emulator.visibility import Lag, Visibility

__all__ = [
    "DURATIONS",
    "PUBLIC_CATALOGUE",
    "Account",
    "Action",
    "BackupPolicy",
    "Behaviour",
    "Capacity",
    "Catalogue",
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
    "Event",
    "Fault",
    "Gpu",
    "HTMLError",
    "Image",
    "Lag",
    "MalformedJSON",
    "Opening",
    "Outcome",
    "PlacementLost",
    "Prices",
    "RateLimits",
    "RecordedRequest",
    "RefusedError",
    "Region",
    "RegionAs",
    "RequestLog",
    "ServerError",
    "ShutdownIgnored",
    "Size",
    "Slow",
    "Snapshot",
    "StatusLag",
    "Token",
    "TooManyRequests",
    "UnknownFields",
    "UnknownStatus",
    "Visibility",
    "faults",
]
