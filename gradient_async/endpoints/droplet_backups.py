"""Endpoints of backups and their policies."""

from __future__ import annotations

from typing import Final

from gradient_async.http.endpoint import Endpoint
from gradient_async.models.backups import (
    BackupListPoliciesResponse,
    BackupListResponse,
    BackupListSupportedPoliciesResponse,
    BackupRetrievePolicyResponse,
)

_READ: Final = ("droplet:read",)

LIST: Final[Endpoint[BackupListResponse]] = Endpoint(
    "gpu_droplets.backups.list",
    "GET",
    "/v2/droplets/{droplet_id:id}/backups",
    answer=BackupListResponse,
    items="backups",
    scopes=_READ,
)
LIST_POLICIES: Final[Endpoint[BackupListPoliciesResponse]] = Endpoint(
    "gpu_droplets.backups.list_policies",
    "GET",
    "/v2/droplets/backups/policies",
    answer=BackupListPoliciesResponse,
    items="policies",
    key="droplet_id",
    scopes=_READ,
)
LIST_SUPPORTED_POLICIES: Final[Endpoint[BackupListSupportedPoliciesResponse]] = Endpoint(
    "gpu_droplets.backups.list_supported_policies",
    "GET",
    "/v2/droplets/backups/supported_policies",
    answer=BackupListSupportedPoliciesResponse,
    scopes=_READ,
)
RETRIEVE_POLICY: Final[Endpoint[BackupRetrievePolicyResponse]] = Endpoint(
    "gpu_droplets.backups.retrieve_policy",
    "GET",
    "/v2/droplets/{droplet_id:id}/backups/policy",
    answer=BackupRetrievePolicyResponse,
    scopes=_READ,
)
