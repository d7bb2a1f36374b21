"""Options of the wrong type: each method of the fleet names the option before it sends anything."""

from __future__ import annotations

import inspect
import math
from typing import TYPE_CHECKING, Any, get_type_hints

import pytest
from fleet_account import emulated

from gradient_async import Fleet, LeaseOptions
from gradient_async.emulator import faults

if TYPE_CHECKING:
    from pathlib import Path

    from flavours import Flavour

pytestmark = pytest.mark.once

REFUSED = faults.ServerError(status=403, route="POST /v2/droplets/{droplet_id}/actions")
# What each method needs beside the option that is wrong.
NEEDED: dict[str, dict[str, Any]] = {
    "create": {"count": 1, "sizes": "gpu-h100x1-80gb"},
    "plan_create": {"count": 1, "sizes": "gpu-h100x1-80gb"},
    "lease": {"sizes": "gpu-h100x1-80gb", "ttl": 60.0},
    "reap": {"older_than": 0},
    "plan_reap": {"older_than": 0},
    "restore": {"source": 7},
    "resume": {},
    "run": {"action": "reboot", "droplets": [3164444]},
    "stream": {"action": "reboot", "droplets": [3164444]},
    "resize": {"size": "gpu-h100x1-80gb", "droplets": [3164444]},
}
METHODS = [name for name in vars(Fleet) if not name.startswith("_")]
# No option takes any of these.
WRONG = (object(), -1, math.nan, {"a": 1}, [object()], b"x", 7.5j)


def options_of(method: str) -> list[str]:
    """Return the names of all options of a method."""
    found = list(inspect.signature(getattr(Fleet, method)).parameters)[1:]
    return [one for one in found if one != "options"] + (
        list(get_type_hints(LeaseOptions)) if method == "lease" else []
    )


def arguments(method: str, option: str, value: object) -> dict[str, Any]:
    """Return the arguments of a call with one wrong value."""
    given = dict(NEEDED.get(method, {"droplets": [3164444]}))
    if method in {"destroy", "reap", "plan_reap"} and option == "journal":
        given = {}
    elif option == "tag" and method not in {"reap", "plan_reap"}:
        given.pop("droplets")
    return {**given, option: value}


async def refusal_of(flavour: Flavour, method: Any, given: dict[str, Any]) -> Exception | None:
    """Return what a call raises."""
    is_plain = method.__name__ in {"stream", "lease"}
    try:
        if is_plain:
            method(**given)
        else:
            await flavour.call(method, **given)
    except Exception as error:  # noqa: BLE001 - of any kind: the test looks at it
        return error
    return None


@pytest.mark.parametrize("method", METHODS)
async def test_option_is_named_when_its_type_is_wrong(
    flavour: Flavour, method: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # of what a wrong path would be written to
    async with emulated(1, faults=[REFUSED]) as emulator:
        fleet = flavour.client(emulator).fleet
        if method == "resume":
            report = await flavour.call(fleet.reboot, [3164444], journal=tmp_path / "j")
            assert report.counts["failed"] == 1
        sent = len(emulator.requests)
        silent: list[str] = []
        for option in options_of(method):
            for value in WRONG:
                given = arguments(method, option, value)
                if method == "resume":
                    given.setdefault("path", tmp_path / "j")
                error = await refusal_of(flavour, getattr(fleet, method), given)
                if not isinstance(error, TypeError | ValueError) or not str(error).startswith(option):
                    silent.append(f"{option}={value!r}: {error!r:.200}")
        assert silent == []
        assert len(emulator.requests) == sent
