"""The refusals of requests about volumes. "guess" marks the texts without evidence."""

from __future__ import annotations

from gradient_async.emulator.refusals import Refusal, unprocessable

# hashicorp/terraform#8023
NAME_IN_USE = Refusal(409, "conflict", "already exists")
# digitalocean/csi-digitalocean#32, digitalocean/terraform-provider-digitalocean#27
STILL_ATTACHED = Refusal(
    409, "conflict", "A volume that's attached to a Droplet cannot be deleted. Please detach it first before deleting."
)
# The id is one of digitalocean/terraform-provider-digitalocean#19; the status is a guess.
ILLEGAL_ACTION = Refusal(422, "Illegal Action", STILL_ATTACHED.message)
# Status and text are in the tests of digitalocean/csi-digitalocean, which reads them in production.
OVER_LIMIT = Refusal(403, "forbidden", "failed to create volume: volume/snapshot capacity limit exceeded")

# Kubernetes drivers branch on exactly this text.
ALREADY_ATTACHED = unprocessable("This volume is already attached")
# digitalocean/doctl#207, digitalocean/godo#136
ATTACHMENT_NOT_FOUND = unprocessable("Attachment not found")

#: How many volumes a Droplet can have (digitalocean/openapi#902).
MAX_VOLUMES = 15
TOO_MANY_VOLUMES = unprocessable(f"a Droplet can have at most {MAX_VOLUMES} volumes")  # guess on the text
PENDING_EVENT = unprocessable("Volume already has a pending event.")  # by analogy with a Droplet's
UNKNOWN_DROPLET = Refusal(404, "not_found", "droplet not found")  # guess
DROPLET_ELSEWHERE = unprocessable("the Droplet and the volume are not in the same region")  # guess on the text
OTHER_REGION = unprocessable("the volume is in another region")  # guess
UNKNOWN_VOLUME = Refusal(404, "not_found", "volume not found")  # guess
SEVERAL_DROPLETS = unprocessable("a volume can be attached to one Droplet only")  # guess on the text
NOT_LARGER = unprocessable("the new size must be larger than the current size")  # guess on the text

# digitalocean/velero-plugin#6, vmware-tanzu/velero#6164
SNAPSHOT_TOO_SOON = Refusal(
    429, "too_many_requests", "failed to create snapshot: this operation is rate-limited - one request per 10m0s"
)
TOO_MANY_SNAPSHOTS = unprocessable("a volume can have at most 25 snapshots")  # guess on the text
UNKNOWN_SNAPSHOT = Refusal(404, "not_found", "snapshot not found")  # guess
SNAPSHOT_ELSEWHERE = unprocessable("the snapshot is in another region")  # guess on the text
SMALLER_THAN_SNAPSHOT = unprocessable("the volume must not be smaller than the snapshot")  # guess on the text

BAD_NAME = unprocessable(
    "invalid name: must be lowercase, start with a letter, and have only letters, numbers and dashes"
)  # guess on the text
BAD_SIZE = unprocessable("size must be between 1GiB and 16384GiB")  # guess on the text
BAD_LABEL = unprocessable("filesystem_label is too long or has no filesystem_type")  # guess on the text
UNKNOWN_FILESYSTEM = unprocessable("filesystem_type must be ext4 or xfs")  # guess
UNKNOWN_REGION = unprocessable("region not found or without storage")  # guess on the text
