"""The tags of an account, and the tagged resources.

A store whose resources can be tagged registers their kind: `account.part(TagStore).register(Taggable(...))`. It calls
`put_on` for the tags that a new resource is made with, `tags_of` to write a resource, and `forget` when it is gone.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from gradient_async.emulator.account import Account
    from gradient_async.emulator.visibility import ResourceTable

ResourceId = int | str
Tags = tuple[str, ...]


@attrs.frozen(kw_only=True)
class Taggable:
    """A kind of resource that can be tagged.

    Args:
        kind: `resource_type` in a request, such as `"volume_snapshot"`.
        plural: The key of the kind in a tag's `resources`, such as `"volume_snapshots"`.
        path: The path of one resource, such as `"/v2/snapshots/{}"`.
        scopes: The prefix of the kind's token scopes, such as `"block_storage_snapshot"`.
        find: Returns the id of the resource that a request names, None if it does not exist.
        changed: Takes an id and the resource's tags after each change, for records that store the tags themselves.
        update_scope: The token scope that tagging needs beside the tag's own; empty for a kind that has none.
    """

    kind: str
    plural: str
    path: str
    scopes: str
    find: Callable[[str], ResourceId | None]
    changed: Callable[[ResourceId, Tags], None] | None = None
    update_scope: str = ""


@attrs.frozen
class Tagged:
    """The resources of one kind with a tag.

    Args:
        count: Their number.
        last: The id of the one that was tagged last, None if there is none.
        turn: A number that grows with each tagging in the account.
    """

    count: int = 0
    last: ResourceId | None = None
    turn: int = 0


class TagStore:
    """All tags of an account: `account.part(TagStore)`. A tag stays when no resource has it.

    Args:
        account: The account.
    """

    def __init__(self, account: Account) -> None:
        self._table: ResourceTable[str, str] = account.new_table()
        self._canonical: dict[str, str] = {}
        self._kinds: dict[str, Taggable] = {}
        self._members: dict[str, dict[str, dict[ResourceId, int]]] = {}
        self._tags: dict[tuple[str, ResourceId], Tags] = {}
        self._turn = 0
        for taggable in (_droplets(account), _images(account)):
            self.register(taggable)

    @property
    def kinds(self) -> Mapping[str, Taggable]:
        """The kinds of resources that can be tagged, by `resource_type`."""
        return self._kinds

    def register(self, taggable: Taggable) -> None:
        """Register a kind of resources that can be tagged."""
        self._kinds[taggable.kind] = taggable

    def listed(self) -> Sequence[str]:
        """Return all tags as the list shows them, oldest first."""
        return list(self._table.all_shown())

    def find(self, name: str) -> str | None:
        """Return the tag as a read shows it, None if the read does not show it. Capitals count."""
        return self._table.shown(name)

    def create(self, name: str, *, since: float | None = None) -> str:
        """Create a tag, now or at a virtual second. If one differs only in capitals, return that one."""
        known = self._canonical.get(name.casefold())
        if known is not None:
            return known
        self._canonical[name.casefold()] = name
        self._members[name] = {}
        self._table.put(name, name, since=since)
        return name

    def delete(self, name: str) -> bool:
        """Remove a tag from all resources and delete it; return False if it does not exist."""
        if name not in self._members:
            return False
        for kind, ids in list(self._members[name].items()):
            for resource_id in list(ids):
                self.untag(name, kind, resource_id)
        del self._members[name], self._canonical[name.casefold()]
        self._table.remove(name)
        return True

    def has(self, name: str) -> bool:
        """Return whether there is such a tag, without the lag of views. Capitals count."""
        return name in self._members

    def put_on(self, kind: str, resource_id: ResourceId, names: Iterable[str], *, since: float | None = None) -> Tags:
        """Tag a new resource, create the tags that do not exist, and return all in their canonical capitals.

        Args:
            kind: The kind of the resource.
            resource_id: Its id.
            names: The tags.
            since: The virtual second at which it was made; None is now.
        """
        tags = tuple(dict.fromkeys(self.create(name, since=since) for name in names))
        for tag in tags:
            self._join(tag, kind, resource_id)
        if tags:
            self._tags[kind, resource_id] = tags
        return tags

    def follow(self, kind: str, resource_id: ResourceId, tags: Tags) -> None:
        """Set the tags of a resource whose record was changed. `changed` is not called."""
        before = self.tags_of(kind, resource_id)
        for tag in before:
            if tag not in tags:
                del self._members[tag][kind][resource_id]
        for tag in tags:
            if tag not in before:
                self._join(self.create(tag), kind, resource_id)
        self._tags[kind, resource_id] = tags

    def tag(self, name: str, kind: str, resource_id: ResourceId) -> None:
        """Tag a resource; do nothing if it has the tag."""
        before = self.tags_of(kind, resource_id)
        if name not in before:
            self._join(name, kind, resource_id)
            self._change(kind, resource_id, (*before, name))

    def untag(self, name: str, kind: str, resource_id: ResourceId) -> None:
        """Untag a resource; do nothing if it does not have the tag."""
        before = self.tags_of(kind, resource_id)
        if name in before:
            del self._members[name][kind][resource_id]
            self._change(kind, resource_id, tuple(tag for tag in before if tag != name))

    def forget(self, kind: str, resource_id: ResourceId) -> None:
        """Remove a resource that is gone from its tags. The tags stay."""
        for tag in self._tags.pop((kind, resource_id), ()):
            del self._members[tag][kind][resource_id]

    def tags_of(self, kind: str, resource_id: ResourceId) -> Tags:
        """Return the tags of a resource, in the order of tagging."""
        return self._tags.get((kind, resource_id), ())

    def ids(self, name: str, kind: str) -> Iterable[ResourceId]:
        """Return the ids of the resources of one kind with a tag, in the order of tagging."""
        return self._members.get(name, {}).get(kind, {}).keys()

    def tagged(self, name: str, kind: str) -> Tagged:
        """Return the number of resources of one kind with a tag, and the one that was tagged last."""
        ids = self._members.get(name, {}).get(kind)
        if not ids:
            return Tagged()
        last = next(reversed(ids))
        return Tagged(len(ids), last, ids[last])

    def _join(self, name: str, kind: str, resource_id: ResourceId) -> None:
        self._turn += 1
        self._members[name].setdefault(kind, {})[resource_id] = self._turn

    def _change(self, kind: str, resource_id: ResourceId, tags: Tags) -> None:
        self._tags[kind, resource_id] = tags
        changed = self._kinds[kind].changed
        if changed is not None:
            changed(resource_id, tags)


def _droplets(account: Account) -> Taggable:
    def find(text: str) -> int | None:
        return int(text) if text.isascii() and text.isdigit() and account.droplet(int(text)) else None

    def changed(droplet_id: ResourceId, tags: Tags) -> None:
        account.change(int(droplet_id), partial(attrs.evolve, tags=tags))

    return Taggable(
        kind="droplet",
        plural="droplets",
        path="/v2/droplets/{}",
        scopes="droplet",
        find=find,
        changed=changed,
        update_scope="droplet:update",
    )


def _images(account: Account) -> Taggable:
    """Return the account's own images. Public images cannot be tagged (guess)."""

    def find(text: str) -> int | None:
        return int(text) if text.isascii() and text.isdigit() and account.images.get(int(text)) else None

    def changed(image_id: ResourceId, tags: Tags) -> None:
        account.images.change(attrs.evolve(account.images[int(image_id)], tags=tags))

    return Taggable(
        kind="image",
        plural="images",
        path="/v2/images/{}",
        scopes="image",
        find=find,
        changed=changed,
        update_scope="image:update",
    )
