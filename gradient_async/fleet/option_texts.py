"""Texts of the options of a fleet run, for the Python call and the command line.

``RunOptions`` puts them into the metadata of its fields. The help of ``gpu-droplets`` and the table in
``docs/fleet.md`` are made from them. This module imports nothing of the fleet, so that the help appears quickly.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

TEXTS: Final[Mapping[str, str]] = {
    "wait": "Wait until the actions end, or only start them.",
    "until": "Completed when the action is, or when the Droplet is also in the expected state.",
    "on_busy": "What to do with a Droplet while another event runs on it.",
    "max_concurrency": "Maximum number of Droplets in progress at once.",
    "max_errors": (
        "Start nothing more after more than this many Droplets have failed or are unknown. Without it, a run in "
        "batches stops after a batch in which all have. 100% never stops."
    ),
    "batch_size": "Work in batches of this many Droplets. Each batch starts when the one before is finished.",
    "timeout": "Start nothing more and stop waiting after this time.",
    "action_timeout": "Maximum time for one action.",
    "poll_interval": "Time until the first poll of an action. Later polls are further apart.",
    "health_check": "Check each Droplet after its action. A Droplet that does not pass is failed.",
    "health_timeout": "Maximum time for one health check.",
    "health_retries": "Number of retries after a failed health check.",
    "health_interval": "Time between two health checks of a Droplet.",
    "journal": (
        "Record the run in this file, so that it can be resumed. Each run needs its own file: put the date into the "
        "name."
    ),
    "check_first": (
        "Check the needs of later steps before the first one: resize checks that the API lists the size, before it "
        "shuts a Droplet down. Needs the scopes sizes:read and regions:read."
    ),
    "if_finished": "If the journal's run is finished: end with an error, or report how it ended.",
    "on_progress": "Call this with the progress of the run after each outcome.",
    "by_tag": "Send one request for all Droplets with the tag. The API allows this for eight of the actions.",
    "gpus_only": "With a tag: leave out the Droplets that have no GPUs.",
    "key_prefix": (
        "Execute each request once for all runs with this prefix, on whichever host. Needs the store of a shared "
        "rate budget."
    ),
    "key_ttl": "How long the keys are kept after their last change.",
}
"""The text of each option, by its name."""

DEFAULTS: Final[Mapping[str, str]] = {
    "max_concurrency": "1,000",
    "action_timeout": "15m; 4h for snapshot, restore, rebuild, resize",
    "poll_interval": "1s",
}
"""The values that are used for options whose default in Python is ``None``."""
