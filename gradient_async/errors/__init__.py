"""All errors that this SDK raises on purpose, in one tree.

::

    GradientAIError
    ├── MissingAccessTokenError (ValueError)       no token given and none in the environment
    ├── ClientClosedError (RuntimeError)           the client was used after it was closed
    │   └── FleetClosedError                       another thread closed it during a fleet run; it has the report
    ├── RateBudgetStoreError                       the store of a shared rate budget was never reached
    ├── APIError                                   one request failed
    │   ├── APIConnectionError                     no complete answer: refused, reset, cut off
    │   │   └── APITimeoutError (TimeoutError)
    │   ├── APIResponseValidationError             an answer that is not what the API promises
    │   │   └── ResponseTooLargeError              it is larger than ``max_response_bytes``
    │   └── APIStatusError                         an answer with a status that is no success
    │       ├── BadRequestError                    400
    │       ├── AuthenticationError                401
    │       ├── PermissionDeniedError              403
    │       │   └── LoadBalancerBusyError          the API still processes an earlier change of the load balancer
    │       ├── NotFoundError                      404
    │       │   ├── DropletGoneError               a Droplet vanished during a wait for it, or did not appear
    │       │   └── PlacementLostError             the API accepted the Droplet, and found no place for it
    │       ├── ConflictError                      409
    │       ├── UnprocessableEntityError           422
    │       │   ├── CapacityError                  there is no capacity for the Droplet now
    │       │   │   └── SizeNotInRegionError       the region is full, or does not offer the size
    │       │   ├── DropletLimitError              the account's limit of Droplets is reached
    │       │   ├── GpuLimitError                  the account's limit of GPUs is reached
    │       │   ├── ImageError                     the image does not exist, or does not fit
    │       │   ├── PendingEventError              another event runs on the Droplet
    │       │   ├── SizeRetiredError               the size does not exist, or not any more
    │       │   ├── SshKeyUnknownError             an SSH key is not registered, or only just
    │       │   └── WrongPowerStateError           the Droplet is on where it must be off, or off where on
    │       ├── RateLimitError                     429
    │       └── InternalServerError                500 and above
    ├── RequestOutcomeUnknownError                 it may or may not have been executed; it is not sent again
    │   ├── ActionOutcomeUnknownError (ActionError)  the same for a request that starts an action
    │   └── CreateOutcomeUnknownError              the same for a request that creates something
    ├── RequestKeyError                            a request with a key was not sent
    │   ├── RequestKeyBusyError (TimeoutError)     another call with the key was not finished in time
    │   ├── RequestKeyMismatchError (ValueError)   the key belongs to another request
    │   └── RequestKeyStoreError                   the store of the keys is away, or there is none
    ├── PartlyCreatedError                         only some Droplets of a long list were created
    ├── NotEnoughDropletsError                     ``fleet.create`` delivered too few Droplets; it has the report
    ├── ActionError                                one action failed, or its end is not known
    │   ├── ActionFailedError                      its status is ``errored``
    │   └── ActionTimeoutError (TimeoutError)      it was not finished in time
    ├── PreflightError (ValueError)                a fleet run's check before its first step; nothing was sent
    │   └── DropletCountError                      another number of Droplets exists than was expected
    ├── DropletError                               one Droplet of a wait or a fleet run failed
    │   ├── DropletWaitTimeoutError (TimeoutError)  it was not ready in time
    │   ├── DropletStateError (TimeoutError)       it did not reach the state that its action promises
    │   ├── DropletCheckError                      the API would refuse the action; nothing was sent to it
    │   ├── UnhealthyDropletError                  the run's health check failed
    │   └── EarlierFailureError                    it failed in an earlier run on the same journal
    ├── LeaseError                                 a lease did not end as it should
    │   ├── LeaseExpiredError (TimeoutError)       its time was over before its block ended
    │   └── LeaseLeftoverError                     not all of its Droplets are known to be gone
    └── JournalError                               a fleet run's journal cannot be used
        ├── JournalMismatchError (ValueError)      it belongs to another action, or to other Droplets
        ├── JournalDamagedError                    it was changed, or is no journal
        ├── JournalFinishedError                   its run is finished: nothing is left to do
        └── JournalInUseError                      another run is writing it

    FleetCancelled (asyncio.CancelledError)        a fleet run was cancelled; it carries the report so far
    DestroyCancelled (asyncio.CancelledError)      destroying Droplets was cancelled; it carries the report so far
    HibernationCancelled (asyncio.CancelledError)  hibernating was cancelled; it carries what ``restore`` needs

``RequestOutcomeUnknownError`` is not an ``APIConnectionError``: code that retries after a connection error does
not catch it.

All errors can be pickled. No error holds the access token.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gradient_async.errors.actions import (
    ActionError,
    ActionFailedError,
    ActionOutcomeUnknownError,
    ActionTimeoutError,
    RequestOutcomeUnknownError,
)
from gradient_async.errors.attempts import Attempt, AttemptOutcome
from gradient_async.errors.creations import (
    CapacityError,
    CreateOutcomeUnknownError,
    DropletLimitError,
    GpuLimitError,
    ImageError,
    PartlyCreatedError,
    PlacementLostError,
    SizeNotInRegionError,
    SizeRetiredError,
    SshKeyUnknownError,
)
from gradient_async.errors.droplet_waits import DropletGoneError, DropletWaitTimeoutError
from gradient_async.errors.droplets import (
    DropletCheckError,
    DropletCountError,
    DropletError,
    DropletStateError,
    EarlierFailureError,
    PreflightError,
    UnhealthyDropletError,
)
from gradient_async.errors.journals import (
    JournalDamagedError,
    JournalError,
    JournalFinishedError,
    JournalInUseError,
    JournalMismatchError,
)
from gradient_async.errors.request_keys import (
    RequestKeyBusyError,
    RequestKeyError,
    RequestKeyMismatchError,
    RequestKeyStoreError,
)
from gradient_async.errors.requests import (
    APIConnectionError,
    APIError,
    APIResponseValidationError,
    APIStatusError,
    APITimeoutError,
    AuthenticationError,
    BadRequestError,
    ConflictError,
    InternalServerError,
    LoadBalancerBusyError,
    NotFoundError,
    PendingEventError,
    PermissionDeniedError,
    RateLimitError,
    ResponseTooLargeError,
    UnprocessableEntityError,
    WrongPowerStateError,
)
from gradient_async.errors.root import (
    ClientClosedError,
    GradientAIError,
    MissingAccessTokenError,
    RateBudgetStoreError,
)
from gradient_async.errors.root import _restore as _restore  # pickles of earlier versions name it here

__all__ = [
    "APIConnectionError",
    "APIError",
    "APIResponseValidationError",
    "APIStatusError",
    "APITimeoutError",
    "ActionError",
    "ActionFailedError",
    "ActionOutcomeUnknownError",
    "ActionTimeoutError",
    "Attempt",
    "AttemptOutcome",
    "AuthenticationError",
    "BadRequestError",
    "CapacityError",
    "ClientClosedError",
    "ConflictError",
    "CreateOutcomeUnknownError",
    "DropletCheckError",
    "DropletCountError",
    "DropletError",
    "DropletGoneError",
    "DropletLimitError",
    "DropletStateError",
    "DropletWaitTimeoutError",
    "EarlierFailureError",
    "GpuLimitError",
    "GradientAIError",
    "ImageError",
    "InternalServerError",
    "JournalDamagedError",
    "JournalError",
    "JournalFinishedError",
    "JournalInUseError",
    "JournalMismatchError",
    "LoadBalancerBusyError",
    "MissingAccessTokenError",
    "NotFoundError",
    "PartlyCreatedError",
    "PendingEventError",
    "PermissionDeniedError",
    "PlacementLostError",
    "PreflightError",
    "RateBudgetStoreError",
    "RateLimitError",
    "RequestKeyBusyError",
    "RequestKeyError",
    "RequestKeyMismatchError",
    "RequestKeyStoreError",
    "RequestOutcomeUnknownError",
    "ResponseTooLargeError",
    "SizeNotInRegionError",
    "SizeRetiredError",
    "SshKeyUnknownError",
    "UnhealthyDropletError",
    "UnprocessableEntityError",
    "WrongPowerStateError",
]

# Tracebacks and pickles name this package: where a class is defined may change.
_restore.__module__ = __name__
for _name in __all__:
    if _name.endswith("Error"):
        globals()[_name].__module__ = __name__
del _name

# Errors with the report of a run are defined beside the report.
_BESIDE_REPORTS: Final = {
    "FleetCancelled": "cancellation",  # pickles of earlier versions name it here
    "FleetClosedError": "cancellation",
    "LeaseError": "lease_errors",
    "LeaseExpiredError": "lease_errors",
    "LeaseLeftoverError": "lease_errors",
    "NotEnoughDropletsError": "create.report",
}

if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        """Load an error that is defined beside the report that it carries. Pickles name it here."""
        if name not in _BESIDE_REPORTS:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module

        return getattr(import_module(f"gradient_async.fleet.{_BESIDE_REPORTS[name]}"), name)
