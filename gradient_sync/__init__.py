# Generated from the modules of gradient_async. Do not edit; run:
# python gradient_sync/_generate.py
"""The sync twin of ``gradient_async``: the same names, run on a private event loop."""

from __future__ import annotations

from importlib import import_module as _import_module
from typing import TYPE_CHECKING

from gradient_async._version import VERSION as __version__  # noqa: N811 - the name that tools look for

if TYPE_CHECKING:
    from gradient_async.errors.actions import (
        ActionError,
        ActionFailedError,
        ActionOutcomeUnknownError,
        ActionTimeoutError,
        RequestOutcomeUnknownError,
    )
    from gradient_async.errors.attempts import Attempt, AttemptOutcome
    from gradient_async.errors.droplets import (
        DropletCheckError,
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
        NotFoundError,
        PendingEventError,
        PermissionDeniedError,
        RateLimitError,
        ResponseTooLargeError,
        UnprocessableEntityError,
        WrongPowerStateError,
    )
    from gradient_async.errors.root import ClientClosedError, GradientAIError, MissingAccessTokenError
    from gradient_async.fleet.cancellation import FleetCancelled
    from gradient_async.fleet.options import FleetOptions, HealthCheck, ProgressCallback
    from gradient_async.fleet.outcome import FleetProgress, Outcome, OutcomeStatus
    from gradient_async.fleet.report import FleetReport
    from gradient_async.http.budget import RateBudget, RateBudgetSnapshot
    from gradient_async.http.endpoint import Request
    from gradient_async.http.raw_response import RawResponse
    from gradient_async.http.request import ReadOptions, RequestOptions, Response
    from gradient_async.http.windows import DOCUMENTED_WINDOWS, RateWindow, WindowUse
    from gradient_async.models.action import Action, ActionStatus
    from gradient_async.models.action_requests import (
        ActionRequest,
        BulkActionRequest,
        ChangeBackupPolicy,
        ChangeKernel,
        DisableBackups,
        EnableBackups,
        EnableIPv6,
        PasswordReset,
        PowerCycle,
        PowerOff,
        PowerOn,
        Reboot,
        Rebuild,
        Rename,
        Resize,
        Restore,
        Shutdown,
        Snapshot,
    )
    from gradient_async.models.action_types import (
        ACTION_TYPES,
        BULK_ACTION_TYPES,
        ActionType,
        BulkActionType,
        PlainActionType,
        PlainBulkActionType,
    )
    from gradient_async.models.backup_policy import BackupPolicy, BackupPolicyParam
    from gradient_async.models.droplet import (
        BackupWindow,
        Droplet,
        DropletStatus,
        Kernel,
        Networks,
        NetworkV4,
        NetworkV6,
    )
    from gradient_async.models.graceful_power_off import GracefulPowerOff
    from gradient_async.models.image import Image
    from gradient_async.models.page import Links, Meta, PageLinks
    from gradient_async.models.region import Region
    from gradient_async.models.responses import (
        ActionBulkInitiateResponse,
        ActionInitiateResponse,
        ActionListResponse,
        ActionRetrieveResponse,
        GPUDropletListResponse,
        GPUDropletRetrieveResponse,
        RegionListResponse,
        SizeListResponse,
        TagRetrieveResponse,
    )
    from gradient_async.models.size import Amount, DiskInfo, GPUInfo, Size
    from gradient_async.models.ssh_key import (
        KeyCreateResponse,
        KeyListResponse,
        KeyRetrieveResponse,
        KeyUpdateResponse,
        SSHKeys,
    )
    from gradient_async.models.tag import Tag
    from gradient_async.streams import AsyncStream, Stream
    from gradient_sync._event_loop import BlockingCallInEventLoopWarning
    from gradient_sync.client import GradientAI
    from gradient_sync.fleet.fleet import Fleet
    from gradient_sync.resources.account import Account
    from gradient_sync.resources.account_keys import Keys
    from gradient_sync.resources.actions import Actions
    from gradient_sync.resources.droplet_actions import DropletActions
    from gradient_sync.resources.generated.account_keys import RawKeys
    from gradient_sync.resources.generated.actions import RawActions
    from gradient_sync.resources.generated.droplet_actions import RawDropletActions
    from gradient_sync.resources.generated.gpu_droplets import RawGPUDroplets
    from gradient_sync.resources.generated.regions import RawRegions
    from gradient_sync.resources.generated.sizes import RawSizes
    from gradient_sync.resources.gpu_droplets import GPUDroplets
    from gradient_sync.resources.regions import Regions
    from gradient_sync.resources.sizes import Sizes

__all__ = [
    "ACTION_TYPES",
    "BULK_ACTION_TYPES",
    "DOCUMENTED_WINDOWS",
    "APIConnectionError",
    "APIError",
    "APIResponseValidationError",
    "APIStatusError",
    "APITimeoutError",
    "Account",
    "Action",
    "ActionBulkInitiateResponse",
    "ActionError",
    "ActionFailedError",
    "ActionInitiateResponse",
    "ActionListResponse",
    "ActionOutcomeUnknownError",
    "ActionRequest",
    "ActionRetrieveResponse",
    "ActionStatus",
    "ActionTimeoutError",
    "ActionType",
    "Actions",
    "Amount",
    "AsyncStream",
    "Attempt",
    "AttemptOutcome",
    "AuthenticationError",
    "BackupPolicy",
    "BackupPolicyParam",
    "BackupWindow",
    "BadRequestError",
    "BlockingCallInEventLoopWarning",
    "BulkActionRequest",
    "BulkActionType",
    "ChangeBackupPolicy",
    "ChangeKernel",
    "ClientClosedError",
    "ConflictError",
    "DisableBackups",
    "DiskInfo",
    "Droplet",
    "DropletActions",
    "DropletCheckError",
    "DropletError",
    "DropletStateError",
    "DropletStatus",
    "EarlierFailureError",
    "EnableBackups",
    "EnableIPv6",
    "Fleet",
    "FleetCancelled",
    "FleetOptions",
    "FleetProgress",
    "FleetReport",
    "GPUDropletListResponse",
    "GPUDropletRetrieveResponse",
    "GPUDroplets",
    "GPUInfo",
    "GracefulPowerOff",
    "GradientAI",
    "GradientAIError",
    "HealthCheck",
    "Image",
    "InternalServerError",
    "JournalDamagedError",
    "JournalError",
    "JournalFinishedError",
    "JournalInUseError",
    "JournalMismatchError",
    "Kernel",
    "KeyCreateResponse",
    "KeyListResponse",
    "KeyRetrieveResponse",
    "KeyUpdateResponse",
    "Keys",
    "Links",
    "Meta",
    "MissingAccessTokenError",
    "NetworkV4",
    "NetworkV6",
    "Networks",
    "NotFoundError",
    "Outcome",
    "OutcomeStatus",
    "PageLinks",
    "PasswordReset",
    "PendingEventError",
    "PermissionDeniedError",
    "PlainActionType",
    "PlainBulkActionType",
    "PowerCycle",
    "PowerOff",
    "PowerOn",
    "PreflightError",
    "ProgressCallback",
    "RateBudget",
    "RateBudgetSnapshot",
    "RateLimitError",
    "RateWindow",
    "RawActions",
    "RawDropletActions",
    "RawGPUDroplets",
    "RawKeys",
    "RawRegions",
    "RawResponse",
    "RawSizes",
    "ReadOptions",
    "Reboot",
    "Rebuild",
    "Region",
    "RegionListResponse",
    "Regions",
    "Rename",
    "Request",
    "RequestOptions",
    "RequestOutcomeUnknownError",
    "Resize",
    "Response",
    "ResponseTooLargeError",
    "Restore",
    "SSHKeys",
    "Shutdown",
    "Size",
    "SizeListResponse",
    "Sizes",
    "Snapshot",
    "Stream",
    "Tag",
    "TagRetrieveResponse",
    "UnhealthyDropletError",
    "UnprocessableEntityError",
    "WindowUse",
    "WrongPowerStateError",
    "__version__",
]

_ORIGINS = {
    "ACTION_TYPES": "gradient_async.models.action_types",
    "BULK_ACTION_TYPES": "gradient_async.models.action_types",
    "DOCUMENTED_WINDOWS": "gradient_async.http.windows",
    "APIConnectionError": "gradient_async.errors.requests",
    "APIError": "gradient_async.errors.requests",
    "APIResponseValidationError": "gradient_async.errors.requests",
    "APIStatusError": "gradient_async.errors.requests",
    "APITimeoutError": "gradient_async.errors.requests",
    "Account": "gradient_sync.resources.account",
    "Action": "gradient_async.models.action",
    "ActionBulkInitiateResponse": "gradient_async.models.responses",
    "ActionError": "gradient_async.errors.actions",
    "ActionFailedError": "gradient_async.errors.actions",
    "ActionInitiateResponse": "gradient_async.models.responses",
    "ActionListResponse": "gradient_async.models.responses",
    "ActionOutcomeUnknownError": "gradient_async.errors.actions",
    "ActionRequest": "gradient_async.models.action_requests",
    "ActionRetrieveResponse": "gradient_async.models.responses",
    "ActionStatus": "gradient_async.models.action",
    "ActionTimeoutError": "gradient_async.errors.actions",
    "ActionType": "gradient_async.models.action_types",
    "Actions": "gradient_sync.resources.actions",
    "Amount": "gradient_async.models.size",
    "AsyncStream": "gradient_async.streams",
    "Attempt": "gradient_async.errors.attempts",
    "AttemptOutcome": "gradient_async.errors.attempts",
    "AuthenticationError": "gradient_async.errors.requests",
    "BackupPolicy": "gradient_async.models.backup_policy",
    "BackupPolicyParam": "gradient_async.models.backup_policy",
    "BackupWindow": "gradient_async.models.droplet",
    "BadRequestError": "gradient_async.errors.requests",
    "BlockingCallInEventLoopWarning": "gradient_sync._event_loop",
    "BulkActionRequest": "gradient_async.models.action_requests",
    "BulkActionType": "gradient_async.models.action_types",
    "ChangeBackupPolicy": "gradient_async.models.action_requests",
    "ChangeKernel": "gradient_async.models.action_requests",
    "ClientClosedError": "gradient_async.errors.root",
    "ConflictError": "gradient_async.errors.requests",
    "DisableBackups": "gradient_async.models.action_requests",
    "DiskInfo": "gradient_async.models.size",
    "Droplet": "gradient_async.models.droplet",
    "DropletActions": "gradient_sync.resources.droplet_actions",
    "DropletCheckError": "gradient_async.errors.droplets",
    "DropletError": "gradient_async.errors.droplets",
    "DropletStateError": "gradient_async.errors.droplets",
    "DropletStatus": "gradient_async.models.droplet",
    "EarlierFailureError": "gradient_async.errors.droplets",
    "EnableBackups": "gradient_async.models.action_requests",
    "EnableIPv6": "gradient_async.models.action_requests",
    "Fleet": "gradient_sync.fleet.fleet",
    "FleetCancelled": "gradient_async.fleet.cancellation",
    "FleetOptions": "gradient_async.fleet.options",
    "FleetProgress": "gradient_async.fleet.outcome",
    "FleetReport": "gradient_async.fleet.report",
    "GPUDropletListResponse": "gradient_async.models.responses",
    "GPUDropletRetrieveResponse": "gradient_async.models.responses",
    "GPUDroplets": "gradient_sync.resources.gpu_droplets",
    "GPUInfo": "gradient_async.models.size",
    "GracefulPowerOff": "gradient_async.models.graceful_power_off",
    "GradientAI": "gradient_sync.client",
    "GradientAIError": "gradient_async.errors.root",
    "HealthCheck": "gradient_async.fleet.options",
    "Image": "gradient_async.models.image",
    "InternalServerError": "gradient_async.errors.requests",
    "JournalDamagedError": "gradient_async.errors.journals",
    "JournalError": "gradient_async.errors.journals",
    "JournalFinishedError": "gradient_async.errors.journals",
    "JournalInUseError": "gradient_async.errors.journals",
    "JournalMismatchError": "gradient_async.errors.journals",
    "Kernel": "gradient_async.models.droplet",
    "KeyCreateResponse": "gradient_async.models.ssh_key",
    "KeyListResponse": "gradient_async.models.ssh_key",
    "KeyRetrieveResponse": "gradient_async.models.ssh_key",
    "KeyUpdateResponse": "gradient_async.models.ssh_key",
    "Keys": "gradient_sync.resources.account_keys",
    "Links": "gradient_async.models.page",
    "Meta": "gradient_async.models.page",
    "MissingAccessTokenError": "gradient_async.errors.root",
    "NetworkV4": "gradient_async.models.droplet",
    "NetworkV6": "gradient_async.models.droplet",
    "Networks": "gradient_async.models.droplet",
    "NotFoundError": "gradient_async.errors.requests",
    "Outcome": "gradient_async.fleet.outcome",
    "OutcomeStatus": "gradient_async.fleet.outcome",
    "PageLinks": "gradient_async.models.page",
    "PasswordReset": "gradient_async.models.action_requests",
    "PendingEventError": "gradient_async.errors.requests",
    "PermissionDeniedError": "gradient_async.errors.requests",
    "PlainActionType": "gradient_async.models.action_types",
    "PlainBulkActionType": "gradient_async.models.action_types",
    "PowerCycle": "gradient_async.models.action_requests",
    "PowerOff": "gradient_async.models.action_requests",
    "PowerOn": "gradient_async.models.action_requests",
    "PreflightError": "gradient_async.errors.droplets",
    "ProgressCallback": "gradient_async.fleet.options",
    "RateBudget": "gradient_async.http.budget",
    "RateBudgetSnapshot": "gradient_async.http.budget",
    "RateLimitError": "gradient_async.errors.requests",
    "RateWindow": "gradient_async.http.windows",
    "RawActions": "gradient_sync.resources.generated.actions",
    "RawDropletActions": "gradient_sync.resources.generated.droplet_actions",
    "RawGPUDroplets": "gradient_sync.resources.generated.gpu_droplets",
    "RawKeys": "gradient_sync.resources.generated.account_keys",
    "RawRegions": "gradient_sync.resources.generated.regions",
    "RawResponse": "gradient_async.http.raw_response",
    "RawSizes": "gradient_sync.resources.generated.sizes",
    "ReadOptions": "gradient_async.http.request",
    "Reboot": "gradient_async.models.action_requests",
    "Rebuild": "gradient_async.models.action_requests",
    "Region": "gradient_async.models.region",
    "RegionListResponse": "gradient_async.models.responses",
    "Regions": "gradient_sync.resources.regions",
    "Rename": "gradient_async.models.action_requests",
    "Request": "gradient_async.http.endpoint",
    "RequestOptions": "gradient_async.http.request",
    "RequestOutcomeUnknownError": "gradient_async.errors.actions",
    "Resize": "gradient_async.models.action_requests",
    "Response": "gradient_async.http.request",
    "ResponseTooLargeError": "gradient_async.errors.requests",
    "Restore": "gradient_async.models.action_requests",
    "SSHKeys": "gradient_async.models.ssh_key",
    "Shutdown": "gradient_async.models.action_requests",
    "Size": "gradient_async.models.size",
    "SizeListResponse": "gradient_async.models.responses",
    "Sizes": "gradient_sync.resources.sizes",
    "Snapshot": "gradient_async.models.action_requests",
    "Stream": "gradient_async.streams",
    "Tag": "gradient_async.models.tag",
    "TagRetrieveResponse": "gradient_async.models.responses",
    "UnhealthyDropletError": "gradient_async.errors.droplets",
    "UnprocessableEntityError": "gradient_async.errors.requests",
    "WindowUse": "gradient_async.http.windows",
    "WrongPowerStateError": "gradient_async.errors.requests",
}

if not TYPE_CHECKING:  # to type checkers an unknown name stays an error

    def __getattr__(name: str) -> object:
        """Import a public name at its first use."""
        if name not in _ORIGINS:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = globals()[name] = getattr(_import_module(_ORIGINS[name]), name)
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
