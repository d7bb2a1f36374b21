"""The projects of an account, and the resources in them.

A store whose resources are in projects registers their kind: `account.part(ProjectStore).register(Assignable(...))`. A
resource that was never assigned is in the default project. `assign` puts a new one into another, and `forget` removes
one that is gone.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import attrs

from gradient_async.emulator import refusals

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from gradient_async.emulator.account import Account
    from gradient_async.emulator.refusals import Refusal
    from gradient_async.emulator.visibility import ResourceTable

_NAMES = uuid.UUID("7d0c6a52-9a0b-4f5d-8e21-3b6f0d9c1e47")
_AGE_AT_START = 30 * 86_400.0
#: The purposes that the API knows; another one is stored as `Other: …`.
_PURPOSES = frozenset(
    {
        "Just trying out DigitalOcean",
        "Class project / Educational purposes",
        "Website or blog",
        "Web Application",
        "Service or API",
        "Mobile Application",
        "Machine learning / AI / Data processing",
        "IoT",
        "Operational / Developer tooling",
    }
)


@attrs.frozen(kw_only=True)
class Project:
    """A named group of resources.

    Args:
        created: Virtual second of its creation.
        updated: Virtual second of its last change.
    """

    id: str
    name: str
    purpose: str
    created: float
    updated: float
    description: str = ""
    environment: str = ""
    is_default: bool = False


@attrs.frozen(kw_only=True)
class Assignable:
    """A kind of resource that is in projects.

    Args:
        kind: The second word of its URN, such as `"droplet"`.
        path: The path of one resource, such as `"/v2/droplets/{}"`.
        scope: The token scope that shows it.
        ids: Returns the ids of all resources of the kind, as texts, oldest first.
        has: Returns whether there is a resource with that id.
    """

    kind: str
    path: str
    scope: str
    ids: Callable[[], Iterable[str]]
    has: Callable[[str], bool]


@attrs.frozen(kw_only=True)
class Assignment:
    """A resource in a project.

    Args:
        since: Virtual second of the assignment.
        status: `"ok"`, or the result of a request to assign it.
    """

    assignable: Assignable
    id: str
    since: float
    status: str = "ok"

    @property
    def urn(self) -> str:
        """The name of the resource, such as `do:droplet:1`."""
        return f"do:{self.assignable.kind}:{self.id}"


class ProjectStore:
    """All projects of an account: `account.part(ProjectStore)`. The default one exists from the start.

    Args:
        account: The account.
    """

    def __init__(self, account: Account) -> None:
        self._table: ResourceTable[str, Project] = account.new_table()
        self._kinds: dict[str, Assignable] = {}
        self._assigned: dict[tuple[str, str], tuple[str, float]] = {}
        default = Project(
            id=str(uuid.uuid5(_NAMES, "default")),
            name="first-project",
            purpose="Just trying out DigitalOcean",
            description="Update your project information under Settings",
            environment="Development",
            created=-_AGE_AT_START,
            updated=-_AGE_AT_START,
            is_default=True,
        )
        self._table.put(default.id, default, since=default.created)
        self.register(_droplets(account))
        account.on_droplet_removed(lambda droplet_id: self.forget("droplet", str(droplet_id)))

    @property
    def kinds(self) -> Mapping[str, Assignable]:
        """The kinds of resources that are in projects, by the second word of their URNs."""
        return self._kinds

    @property
    def default(self) -> Project:
        """The project of resources for which no other one is named."""
        return next(project for project in self._table.truth.values() if project.is_default)

    def register(self, assignable: Assignable) -> None:
        """Register a kind of resources that are in projects."""
        self._kinds[assignable.kind] = assignable

    def find(self, project_id: str) -> Project | None:
        """Return the project with that id as a read of it shows it."""
        return self._table.shown(project_id)

    def listed(self) -> Sequence[Project]:
        """Return all projects as the list shows them, oldest first."""
        return list(self._table.all_shown())

    def add(self, *, name: str, purpose: str, description: str, environment: str, now: float) -> Project | Refusal:
        """Create a project, or return a refusal."""
        if self._has_name(name):
            return refusals.PROJECT_NAME_IN_USE
        project = Project(
            id=str(uuid.uuid5(_NAMES, f"{name} {now}")),
            name=name,
            purpose=_known(purpose),
            description=description,
            environment=environment,
            created=now,
            updated=now,
        )
        self._table.put(project.id, project)
        return project

    def change(
        self, project: Project, changes: Mapping[str, str], *, is_default: bool, now: float
    ) -> Project | Refusal:
        """Change a project, or return a refusal. The default one stays it until another becomes it (guess)."""
        name = changes.get("name", project.name)
        if name != project.name and self._has_name(name):
            return refusals.PROJECT_NAME_IN_USE
        if project.is_default and not is_default:
            return refusals.PROJECT_STAYS_DEFAULT
        before = self.default
        if is_default and before.id != project.id:
            self._table.put(before.id, attrs.evolve(before, is_default=False))
            self._keep_where_they_are(before)
        changed = attrs.evolve(
            project,
            name=name,
            purpose=_known(changes["purpose"]) if "purpose" in changes else project.purpose,
            description=changes.get("description", project.description),
            environment=changes.get("environment", project.environment),
            is_default=is_default,
            updated=now,
        )
        self._table.put(project.id, changed)
        return changed

    def delete(self, project: Project) -> Refusal | None:
        """Delete a project, or return a refusal."""
        if project.id not in self._table.truth:
            return refusals.NOT_FOUND
        if project.is_default:
            return refusals.PROJECT_IS_DEFAULT
        if any(self.resources_of(project)):
            return refusals.PROJECT_NOT_EMPTY
        self._table.remove(project.id)
        return None

    def resources_of(self, project: Project) -> Iterator[Assignment]:
        """Return the resources in a project, by kind, oldest first."""
        for assignable in self._kinds.values():
            for resource_id in assignable.ids():
                project_id, since = self._place_of(assignable.kind, resource_id)
                if project_id == project.id:
                    yield Assignment(assignable=assignable, id=resource_id, since=since)

    def assign(self, project: Project, kind: str, resource_id: str, now: float) -> Assignment:
        """Move a resource into a project."""
        assignable = self._kinds[kind]
        project_id, since = self._place_of(kind, resource_id)
        if project_id == project.id:
            return Assignment(assignable=assignable, id=resource_id, since=since, status="already_assigned")
        self._assigned[kind, resource_id] = project.id, now
        return Assignment(assignable=assignable, id=resource_id, since=now, status="assigned")

    def forget(self, kind: str, resource_id: str) -> None:
        """Forget a resource that is gone."""
        self._assigned.pop((kind, resource_id), None)

    def project_of(self, kind: str, resource_id: str) -> str:
        """Return the id of the project that a resource is in."""
        return self._place_of(kind, resource_id)[0]

    def _place_of(self, kind: str, resource_id: str) -> tuple[str, float]:
        return self._assigned.get((kind, resource_id)) or (self.default.id, -_AGE_AT_START)

    def _keep_where_they_are(self, before: Project) -> None:
        """Record the resources that were in the old default project without an assignment. They stay there."""
        for assignable in self._kinds.values():
            for resource_id in assignable.ids():
                self._assigned.setdefault((assignable.kind, resource_id), (before.id, -_AGE_AT_START))

    def _has_name(self, name: str) -> bool:
        return any(project.name == name for project in self._table.truth.values())


def _known(purpose: str) -> str:
    return purpose if purpose in _PURPOSES or purpose.startswith("Other: ") else f"Other: {purpose}"


def _droplets(account: Account) -> Assignable:
    return Assignable(
        kind="droplet",
        path="/v2/droplets/{}",
        scope="droplet:read",
        ids=lambda: [str(droplet.id) for droplet in account.listed_droplets()],
        has=lambda text: text.isascii() and text.isdigit() and account.droplet(int(text)) is not None,
    )
