"""Which snapshots are being restored: each by one call at a time in this process, by any client."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from gradient_async.errors import PreflightError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gradient_async.fleet.hibernation_records import HibernatedDroplet

# By the API's URL and the id of the snapshot. Sync clients have an event loop of their own, so a thread lock guards it.
_claimed: Final[set[tuple[str, int]]] = set()
_lock: Final = threading.Lock()


@contextmanager
def claimed(base_url: str, sources: Sequence[HibernatedDroplet]) -> Iterator[None]:
    """Claim the snapshots of Droplets for the time of a block.

    Args:
        base_url: The API's URL, since each API has its own ids.
        sources: The Droplets; of their snapshots, all are claimed or none.

    Raises:
        PreflightError: Another call is restoring one of them.
    """
    keys = {(base_url, one.snapshot_id) for one in sources}
    with _lock:
        taken = [one for one in sources if (base_url, one.snapshot_id) in _claimed]
        if not taken:
            _claimed.update(keys)
    if taken:
        names = ", ".join(f"{one.snapshot_id} ({one.name})" for one in taken)
        raise PreflightError(f"source: another call is restoring these snapshots: {names:.500}. Nothing was created")
    try:
        yield
    finally:
        with _lock:
            _claimed.difference_update(keys)
