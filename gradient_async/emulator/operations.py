"""What each route answers: the account's state asked, and written as JSON."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING

import attrs

from gradient_async.emulator import refusals
from gradient_async.emulator.actions import AS_USUAL, Action, Outcome
from gradient_async.emulator.catalogue import listed_sizes
from gradient_async.emulator.pagination import Page, envelope, requested_page
from gradient_async.emulator.refusals import Refusal
from gradient_async.emulator.routes import EXTRA_SCOPES, Route
from gradient_async.emulator.wire import Answer, Incoming, JSONObject, as_object

if TYPE_CHECKING:
    from gradient_async.emulator.account import Account
    from gradient_async.emulator.droplets import Droplet
    from gradient_async.emulator.rendering import Renderer

_OK = 200
_CREATED = 201


@attrs.frozen(kw_only=True)
class Call:
    """A request that found its route.

    Args:
        body: The parsed JSON body, None if there was none.
        outcome: How an action it starts is going to end.
    """

    request: Incoming
    route: Route
    ids: Mapping[str, int]
    names: Mapping[str, str]
    body: object = None
    outcome: Outcome = AS_USUAL


class Operations:
    """The API's operations on one account.

    Args:
        account: The account.
        renderer: Writes its values.
        scopes: What the token may do; None is everything.
    """

    def __init__(self, account: Account, renderer: Renderer, *, scopes: Collection[str] | None = None) -> None:
        self._account = account
        self._behaviour = account.behaviour
        self._render = renderer
        self._scopes = scopes
        self._answers: Mapping[str, Callable[[Call], Answer | Refusal]] = {
            "initiate": self._initiate,
            "bulk_initiate": self._bulk_initiate,
            "list_droplet_actions": self._list_droplet_actions,
            "retrieve_droplet_action": self._retrieve_droplet_action,
            "list_actions": self._list_actions,
            "retrieve_action": self._retrieve_action,
            "list_droplets": self._list_droplets,
            "retrieve_droplet": self._retrieve_droplet,
            "list_sizes": self._list_sizes,
            "retrieve_tag": self._retrieve_tag,
            "list_snapshots": self._list_snapshots,
        }

    def perform(self, call: Call) -> Answer | Refusal:
        """Carry out a request."""
        if not self._permits(call):
            return refusals.FORBIDDEN
        return self._answers[call.route.name](call)

    def _permits(self, call: Call) -> bool:
        if self._scopes is None:
            return True
        needed = set(call.route.scopes)
        if "tag_name" in dict(call.request.query):
            needed.add("tag:read")
        action_type = (as_object(call.body) or {}).get("type")
        if extra := EXTRA_SCOPES.get(str(action_type)):
            needed.add(extra)
        return needed <= set(self._scopes)

    def _initiate(self, call: Call) -> Answer | Refusal:
        asked = _asked_action(call.body)
        if isinstance(asked, Refusal):
            return asked
        accepted = self._account.initiate(call.ids["droplet_id"], *asked, outcome=call.outcome)
        if isinstance(accepted, Refusal):
            return accepted
        return Answer(status=_CREATED, payload={"action": self._render.action(accepted)})

    def _bulk_initiate(self, call: Call) -> Answer | Refusal:
        asked, tag = _asked_action(call.body), call.request.parameter("tag_name")
        if isinstance(asked, Refusal):
            return asked
        if not tag:
            return refusals.MISSING_TAG
        accepted = self._account.initiate_by_tag(tag, *asked, outcome=call.outcome)
        if isinstance(accepted, Refusal):
            return accepted
        actions = [self._render.action(action) for action in accepted]
        if len(actions) == 1 and self._behaviour.bulk_envelope == "action":
            return Answer(status=_CREATED, payload={"action": actions[0]})
        return Answer(status=_CREATED, payload={"actions": actions})

    def _list_actions(self, call: Call) -> Answer | Refusal:
        return self._action_list(call, None)

    def _list_droplet_actions(self, call: Call) -> Answer | Refusal:
        droplet_id = call.ids["droplet_id"]
        return self._action_list(call, droplet_id) if self._account.droplet(droplet_id) else refusals.NOT_FOUND

    def _action_list(self, call: Call, droplet_id: int | None) -> Answer | Refusal:
        page = requested_page(call.request, self._behaviour)
        if isinstance(page, Refusal):
            return page
        actions, total = self._account.action_page(droplet_id, page.start, page.stop)
        rendered = [self._render.action(action) for action in actions]
        return self._list(call, page, "actions", rendered, total)

    def _retrieve_action(self, call: Call) -> Answer | Refusal:
        return self._found_action(self._account.readable_action(call.ids["action_id"]))

    def _retrieve_droplet_action(self, call: Call) -> Answer | Refusal:
        action = self._account.readable_action(call.ids["action_id"])
        belongs = action is not None and action.droplet_id == call.ids["droplet_id"]
        return self._found_action(action if belongs else None)

    def _found_action(self, action: Action | None) -> Answer | Refusal:
        if action is None:
            return refusals.NOT_FOUND
        return Answer(status=_OK, payload={"action": self._render.action(action)})

    def _retrieve_droplet(self, call: Call) -> Answer | Refusal:
        droplet = self._account.droplet(call.ids["droplet_id"])
        if droplet is None:
            return refusals.NOT_FOUND
        return Answer(status=_OK, payload={"droplet": self._droplet(droplet)})

    def _list_droplets(self, call: Call) -> Answer | Refusal:
        chosen = self._chosen_droplets(call.request)
        page = requested_page(call.request, self._behaviour)
        if isinstance(chosen, Refusal):
            return chosen
        if isinstance(page, Refusal):
            return page
        rendered = [self._droplet(droplet) for droplet in chosen[page.start : page.stop]]
        return self._list(call, page, "droplets", rendered, len(chosen))

    def _chosen_droplets(self, request: Incoming) -> Sequence[Droplet] | Refusal:
        tag, name, kind = (request.parameter(field) for field in ("tag_name", "name", "type"))
        if tag is not None:
            if name is not None or kind is not None:
                return refusals.FILTERS_CONFLICT
            shown = self._behaviour.tag_lists_include_gpus
            return [droplet for droplet in self._account.tagged(tag) if shown or not droplet.is_gpu]
        if kind not in (None, "droplets", "gpus"):
            return refusals.UNKNOWN_LIST_TYPE
        # GPU Droplets are hidden unless they are asked for, as the documentation says.
        everything = self._account.droplets.values()
        chosen = [droplet for droplet in everything if droplet.is_gpu is (kind == "gpus")]
        return [droplet for droplet in chosen if name is None or droplet.name.casefold() == name.casefold()]

    def _list_sizes(self, call: Call) -> Answer | Refusal:
        page = requested_page(call.request, self._behaviour)
        if isinstance(page, Refusal):
            return page
        sizes = listed_sizes()
        rendered = [self._render.size(size) for size in sizes[page.start : page.stop]]
        return self._list(call, page, "sizes", rendered, len(sizes))

    def _retrieve_tag(self, call: Call) -> Answer | Refusal:
        # A tag that nothing has is not kept here; the API keeps it until it is deleted.
        name = call.names["tag_id"]
        tagged = self._account.tagged(name)
        if not tagged:
            return refusals.NOT_FOUND
        return Answer(status=_OK, payload={"tag": self._render.tag(name, [droplet.id for droplet in tagged])})

    def _list_snapshots(self, call: Call) -> Answer | Refusal:
        droplet_id = call.ids["droplet_id"]
        page = requested_page(call.request, self._behaviour)
        if self._account.droplet(droplet_id) is None:
            return refusals.NOT_FOUND
        if isinstance(page, Refusal):
            return page
        snapshots = self._account.snapshots_of(droplet_id)
        rendered = [self._render.snapshot(snapshot) for snapshot in snapshots[page.start : page.stop]]
        return self._list(call, page, "snapshots", rendered, len(snapshots))

    def _droplet(self, droplet: Droplet) -> JSONObject:
        return self._render.droplet(droplet, self._account.pending(droplet.id), self._behaviour.locked)

    def _list(self, call: Call, page: Page, key: str, items: list[JSONObject], total: int) -> Answer:
        return Answer(status=_OK, payload={key: items, **envelope(call.request, page, total, self._behaviour)})


def _asked_action(body: object) -> tuple[str, Mapping[str, object]] | Refusal:
    """The type and the parameters in the body of a request for an action."""
    fields = as_object(body)
    if fields is None:
        return refusals.UNPARSABLE_BODY
    action_type = fields.get("type")
    if not isinstance(action_type, str):
        return refusals.missing_field("type")
    return action_type, {name: value for name, value in fields.items() if name != "type"}
