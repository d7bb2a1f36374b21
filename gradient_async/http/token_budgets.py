"""The one rate budget of each token in this process."""

from __future__ import annotations

import hashlib
import os
import threading
import weakref
from typing import TYPE_CHECKING, Final

from gradient_async.http.budget import RateBudget
from gradient_async.settings import RATE_BUDGET_VARIABLE, rate_budget_url

if TYPE_CHECKING:
    from gradient_async.settings import Settings


def account_of(settings: Settings) -> bytes:
    """Return a key of the token's account: a digest of the token and the API's URL."""
    return hashlib.sha256(f"{settings.base_url} {settings.access_token.reveal()}".encode()).digest()


def budget_of(settings: Settings) -> RateBudget:
    """Return the one budget of a token in this process; with ``GRADIENT_RATE_BUDGET``, the one that it names."""
    key = account_of(settings)
    with _lock:
        budget = _budgets.get(key)
        if budget is None:
            budget = _budgets[key] = environments_budget().bound_to(key)
        return budget


def environments_budget() -> RateBudget:
    """Return a new budget: with ``GRADIENT_RATE_BUDGET``, on the store that it names.

    Raises:
        ValueError: The variable names no store.
    """
    url = rate_budget_url()
    if url is None:
        return RateBudget()
    try:
        return RateBudget.shared(url)
    except ValueError as error:
        raise ValueError(f"{RATE_BUDGET_VARIABLE}: {str(error).removeprefix('url: ')}") from None


_budgets: Final[weakref.WeakValueDictionary[bytes, RateBudget]] = weakref.WeakValueDictionary()
_lock = threading.RLock()


def _renew_lock_in_forked_child() -> None:
    global _lock  # noqa: PLW0603 - the child's own copy of this module
    _lock = threading.RLock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_lock_in_forked_child)
