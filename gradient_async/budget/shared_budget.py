"""A rate budget in a store that several processes share: one for each token that uses it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gradient_async.arguments import checked_choice
from gradient_async.budget.addresses import MemoryAddress, RedisAddress, SqliteAddress, address_of, network_system_of
from gradient_async.budget.key_file import FileKeyStore
from gradient_async.budget.key_redis import RedisKeyStore
from gradient_async.budget.key_store import MemoryKeyStore
from gradient_async.budget.redis_budget import RedisRateBudget
from gradient_async.budget.redis_connection import connection_to
from gradient_async.budget.stored_budget import StoredRateBudget
from gradient_async.http.budget import RateBudget
from gradient_async.settings import state_directory

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from gradient_async.budget.outage import OnOutage
    from gradient_async.budget.redis_connection import RedisConnection
    from gradient_async.http.budget import RateBudgetSnapshot
    from gradient_async.http.windows import ProcessUse

_DIGEST_LENGTH: Final = 16


def shared_budget(url: str, *, windows: Iterable[tuple[int, float]], reserve: float, on_outage: OnOutage) -> RateBudget:
    """Return the budget that a URL names.

    Raises:
        TypeError: A value has the wrong type.
        ValueError: A value is out of range, or the URL names no store.
        ImportError: The store needs an extra that is not installed.
    """
    checked_choice("on_outage", on_outage, ("share", "wait"))
    address = address_of(url)
    if isinstance(address, MemoryAddress):
        budget = RateBudget(windows, reserve=reserve)
        budget.key_store = MemoryKeyStore()
        return budget
    if isinstance(address, RedisAddress):
        connection = connection_to(address.url)
        return SharedRateBudget(windows, reserve=reserve, store=connection, on_outage=on_outage)
    place = address.path or _users_directory()
    if (system := network_system_of(place)) is not None:
        raise ValueError(
            f"url: {place} is on a network file system ({system}), whose locks cannot be trusted. Pass a path "
            "on a local disk"
        )
    return SharedRateBudget(windows, reserve=reserve, store=address, on_outage=on_outage)


class SharedRateBudget(RateBudget):
    """A budget that is bound to a token by the first client that uses it.

    Args:
        windows: Pairs of a number of requests and a span in seconds.
        reserve: The share of each window that is left to other programs.
        store: The store: the address of a file, or the connection to a server.
        on_outage: What to do while the store is away.
    """

    def __init__(
        self,
        windows: Iterable[tuple[int, float]],
        *,
        reserve: float,
        store: SqliteAddress | RedisConnection,
        on_outage: OnOutage,
    ) -> None:
        super().__init__(windows, reserve=reserve)
        self._reserve = reserve
        self._store = store
        self._on_outage: OnOutage = on_outage
        self._bound: dict[str, StoredRateBudget | RedisRateBudget] = {}

    def bound_to(self, account: bytes) -> RateBudget:
        """Return the budget of one token.

        Args:
            account: A digest of the token and the API's URL.
        """
        digest = account.hex()[:_DIGEST_LENGTH]
        with self._lock:
            if digest not in self._bound:
                self._bound[digest] = self._new_budget(digest)
            return self._bound[digest]

    def snapshot(self) -> RateBudgetSnapshot:
        """Return the current state of the only token that uses this budget.

        Raises:
            ValueError: No client uses it yet, or clients with several tokens do. See ``client.rate_budget``.
        """
        return self._only().snapshot()

    def processes(self) -> tuple[ProcessUse, ...]:
        """Return what each process does with the budget of the only token that uses it.

        Raises:
            ValueError: No client uses it yet, or clients with several tokens do. See ``client.rate_budget``.
        """
        return self._only().processes()

    async def refresh(self) -> None:
        """Ask the store for the state of the only token that uses this budget.

        Raises:
            ValueError: As for ``snapshot``.
        """
        await self._only().refresh()

    def _only(self) -> StoredRateBudget | RedisRateBudget:
        if len(self._bound) != 1:
            raise ValueError(f"{len(self._bound)} tokens use this shared budget. See client.rate_budget")
        return next(iter(self._bound.values()))

    def _new_budget(self, digest: str) -> StoredRateBudget | RedisRateBudget:
        windows, store = self._windows.windows, self._store
        if isinstance(store, SqliteAddress):
            budget = StoredRateBudget(
                windows,
                reserve=self._reserve,
                path=store.path or state_directory() / f"rate-budget-{digest}.sqlite3",
                name=f"budget_{digest}",
                on_outage=self._on_outage,
            )
            budget.key_store = FileKeyStore(_keys_path_of(store, digest))
            return budget
        # Keys with the same text in braces are on the same node of a cluster.
        on_server = RedisRateBudget(
            windows,
            reserve=self._reserve,
            connection=store,
            name=f"{{gb:{digest}}}",
            on_outage=self._on_outage,
        )
        on_server.key_store = RedisKeyStore(store)
        return on_server


def _users_directory() -> Path:
    """Return the directory of the user's own files.

    Raises:
        ValueError: The user has no home directory.
    """
    try:
        return state_directory()
    except RuntimeError:
        raise ValueError(
            "url: 'sqlite:' needs a home directory, and this user has none. Set HOME, or pass sqlite:///path/to/file"
        ) from None


def _keys_path_of(address: SqliteAddress, digest: str) -> Path:
    """Return the file of the keys: unlike the budget's, it must stay after a reboot."""
    path = address.path
    if path is None:
        return state_directory() / f"request-keys-{digest}.sqlite3"
    return path.with_name(f"{path.stem}.keys{path.suffix}")
