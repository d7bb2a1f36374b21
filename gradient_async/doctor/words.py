"""The words that are known for a field of a model. The API's vocabularies are open: others are read, and reported."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gradient_async.models.action import Action, ActionStatus
from gradient_async.models.action_types import ACTION_TYPES
from gradient_async.models.droplet import Droplet, DropletStatus, NetworkV4, NetworkV6

if TYPE_CHECKING:
    from collections.abc import Mapping


def _words_of(constants: type) -> frozenset[str]:
    return frozenset(value for name, value in vars(constants).items() if name.isupper() and isinstance(value, str))


KNOWN_WORDS: Final[Mapping[tuple[type, str], frozenset[str]]] = {
    (Action, "status"): _words_of(ActionStatus),
    # Beside the types that can be started, those that other requests start.
    (Action, "type"): frozenset(ACTION_TYPES)
    | {"create", "destroy", "attach_volume", "detach_volume", "attach", "detach", "transfer", "convert"}
    | {"assign", "unassign", "assign_ip", "unassign_ip", "reserve_ip", "enable_private_networking", "backup"},
    (Droplet, "status"): _words_of(DropletStatus),
    (NetworkV4, "type"): frozenset({"public", "private"}),
    (NetworkV6, "type"): frozenset({"public", "private"}),
}
"""The known words by model and field."""
