"""Tags: created, read and deleted; and the tagging of resources of every kind."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal, cast

from gradient_async.emulator import refusals
from gradient_async.emulator.handlers.resource_group import CREATED, NO_CONTENT, OK, Call, ResourceGroup, route
from gradient_async.emulator.refusals import Refusal
from gradient_async.emulator.tags import ResourceId, Taggable, TagStore
from gradient_async.emulator.wire import Answer, JSONObject, as_object

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradient_async.emulator.account import Account

_BAD_REQUEST = 400
_NAME = re.compile(r"[a-zA-Z0-9_\-:]{1,255}")
_KINDS_ELSEWHERE = ("volumes", "volume_snapshots", "databases")
_API = "https://api.digitalocean.com"

Target = tuple[Taggable, ResourceId]


class TagHandlers(ResourceGroup):
    """`/v2/tags`."""

    def __init__(self, account: Account) -> None:
        super().__init__(account)
        self._tags = account.part(TagStore)

    @route("GET", "/v2/tags", "tag:read")
    def list_tags(self, call: Call) -> Answer | Refusal:
        """Return a page of tags."""
        return self.listing(call, "tags", self._tags.listed(), lambda name: self._written(call, name))

    @route("POST", "/v2/tags", "tag:create")
    def create_tag(self, call: Call) -> Answer | Refusal:
        """Create a tag. One that exists is answered as if it were new (guess)."""
        fields = call.fields()
        if isinstance(fields, Refusal):
            return fields
        name = fields.get("name")
        if not isinstance(name, str) or not name:
            return _bad_name("tag-name is missing")
        if not _NAME.fullmatch(name):
            return _bad_name(f'tag-name "{name}" contains invalid characters')
        return Answer(status=CREATED, payload={"tag": self._written(call, self._tags.create(name))})

    @route("GET", "/v2/tags/{tag_id}", "tag:read")
    def retrieve_tag(self, call: Call) -> Answer | Refusal:
        """Return one tag, with the number of its resources of each kind."""
        name = self._tags.find(_name(call))
        return refusals.NOT_FOUND if name is None else Answer(status=OK, payload={"tag": self._written(call, name)})

    @route("DELETE", "/v2/tags/{tag_id}", "tag:delete")
    def delete_tag(self, call: Call) -> Answer | Refusal:
        """Remove a tag from all resources and delete it."""
        return Answer(status=NO_CONTENT) if self._tags.delete(_name(call)) else refusals.NOT_FOUND

    @route("POST", "/v2/tags/{tag_id}/resources", "tag:create")
    def tag_resources(self, call: Call) -> Answer | Refusal:
        """Tag resources."""
        return self._retag(call, "tag")

    @route("DELETE", "/v2/tags/{tag_id}/resources", "tag:delete")
    def untag_resources(self, call: Call) -> Answer | Refusal:
        """Untag resources. A resource that does not have the tag is no error (guess)."""
        return self._retag(call, "untag")

    def _retag(self, call: Call, change: Literal["tag", "untag"]) -> Answer | Refusal:
        name = _name(call)
        if not self._tags.has(name):
            return refusals.NOT_FOUND  # digitalocean/doctl#145
        targets = self._targets(call)
        if isinstance(targets, Refusal):
            return targets
        retag = self._tags.tag if change == "tag" else self._tags.untag
        for taggable, resource_id in targets:
            retag(name, taggable.kind, resource_id)
        return Answer(status=NO_CONTENT)

    def _targets(self, call: Call) -> Sequence[Target] | Refusal:
        """Return the resources of a request. If one does not exist, the whole request is refused (guess)."""
        fields = call.fields()
        if isinstance(fields, Refusal):
            return fields
        given = fields.get("resources")
        if not isinstance(given, list):
            return refusals.missing_field("resources")
        found = [self._target(call, as_object(one)) for one in cast("list[object]", given)]
        refused = next((one for one in found if isinstance(one, Refusal)), None)
        return refused or [one for one in found if not isinstance(one, Refusal)]

    def _target(self, call: Call, given: JSONObject | None) -> Target | Refusal:
        kind, text = (given or {}).get("resource_type"), (given or {}).get("resource_id")
        taggable = self._tags.kinds.get(kind) if isinstance(kind, str) else None
        if taggable is None:
            return refusals.missing_field("resource_type")
        if taggable.update_scope and not call.render.sees(taggable.update_scope):
            return refusals.FORBIDDEN
        resource_id = taggable.find(str(text)) if isinstance(text, str | int) else None
        return refusals.NOT_FOUND if resource_id is None else (taggable, resource_id)

    def _written(self, call: Call, name: str) -> JSONObject:
        """Return a tag. The count is 0 for kinds that the token does not see."""
        kinds = [taggable for taggable in self._tags.kinds.values() if call.render.sees(f"{taggable.scopes}:read")]
        tagged = [(taggable, self._tags.tagged(name, taggable.kind)) for taggable in kinds]
        resources: JSONObject = {"count": sum(found.count for _, found in tagged)}
        last_kind, last = max(tagged, key=lambda one: one[1].turn, default=(None, None))
        if last_kind is not None and last is not None and last.count:
            resources["last_tagged_uri"] = _uri(last_kind, last.last)
        unseen = (taggable.plural for taggable in self._tags.kinds.values())
        resources |= {plural: {"count": 0} for plural in (*unseen, *_KINDS_ELSEWHERE)}
        for taggable, found in tagged:
            last_tagged = {"last_tagged_uri": _uri(taggable, found.last)} if found.count else {}
            resources[taggable.plural] = {"count": found.count, **last_tagged}
        return {"name": name, "resources": resources}


def _name(call: Call) -> str:
    return str(call.parameters["tag_id"])


def _uri(taggable: Taggable, resource_id: ResourceId | None) -> str:
    return f"{_API}{taggable.path.format(resource_id)}"


def _bad_name(fault: str) -> Answer:
    error = f'Error validating resource tag: "{fault}"'
    causes = [f"rpc error: code = InvalidArgument desc = {error}"]
    return Answer(status=_BAD_REQUEST, payload={"error": error, "messages": None, "root_causes": causes})
