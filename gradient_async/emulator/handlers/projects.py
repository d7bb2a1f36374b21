"""Projects: created, read, changed and deleted; and the assignment of resources."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from gradient_async.emulator import refusals
from gradient_async.emulator.handlers.resource_group import CREATED, NO_CONTENT, OK, Call, ResourceGroup, route
from gradient_async.emulator.projects import Assignable, Assignment, Project, ProjectStore
from gradient_async.emulator.refusals import Refusal
from gradient_async.emulator.wire import Answer, JSONObject

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradient_async.emulator.account import Account

_API = "https://api.digitalocean.com"
_ONE, _DEFAULT = "/v2/projects/{project_id}", "/v2/projects/default"
_TEXTS = {"name": 175, "purpose": 255, "description": 255, "environment": 255}
_ENVIRONMENTS = ("Development", "Staging", "Production")
_WHOLE = ("name", "description", "purpose", "environment", "is_default")


class ProjectHandlers(ResourceGroup):
    """`/v2/projects`."""

    def __init__(self, account: Account) -> None:
        super().__init__(account)
        self._projects = account.part(ProjectStore)

    @route("GET", "/v2/projects", "project:read")
    def list_projects(self, call: Call) -> Answer | Refusal:
        """Return a page of projects."""
        return self.listing(call, "projects", self._projects.listed(), lambda project: _written(call, project))

    @route("POST", "/v2/projects", "project:create")
    def create_project(self, call: Call) -> Answer | Refusal:
        """Create a project."""
        texts = _texts(call, required=("name", "purpose"))
        if isinstance(texts, Refusal):
            return texts
        made = self._projects.add(
            name=texts["name"],
            purpose=texts["purpose"],
            description=texts.get("description", ""),
            environment=texts.get("environment", ""),
            now=self.account.settle(),
        )
        return made if isinstance(made, Refusal) else _answer(call, made, status=CREATED)

    @route("GET", _DEFAULT, "project:read")
    def retrieve_default_project(self, call: Call) -> Answer | Refusal:
        """Return the default project."""
        return _answer(call, self._projects.default)

    @route("GET", _ONE, "project:read")
    def retrieve_project(self, call: Call) -> Answer | Refusal:
        """Return one project."""
        project = self._found(call)
        return _answer(call, project) if project else refusals.NOT_FOUND

    @route("PUT", _DEFAULT, "project:update")
    def replace_default_project(self, call: Call) -> Answer | Refusal:
        """Change all fields of the default project."""
        return self._changed(call, self._projects.default, required=_WHOLE)

    @route("PATCH", _DEFAULT, "project:update")
    def change_default_project(self, call: Call) -> Answer | Refusal:
        """Change some fields of the default project."""
        return self._changed(call, self._projects.default)

    @route("PUT", _ONE, "project:update")
    def replace_project(self, call: Call) -> Answer | Refusal:
        """Change all fields of a project."""
        return self._changed(call, self._found(call), required=_WHOLE)

    @route("PATCH", _ONE, "project:update")
    def change_project(self, call: Call) -> Answer | Refusal:
        """Change some fields of a project."""
        return self._changed(call, self._found(call))

    @route("DELETE", _ONE, "project:delete")
    def delete_project(self, call: Call) -> Answer | Refusal:
        """Delete a project that has no resources."""
        project = self._found(call)
        refusal = self._projects.delete(project) if project else refusals.NOT_FOUND
        return refusal or Answer(status=NO_CONTENT)

    @route("GET", f"{_DEFAULT}/resources", "project:read")
    def list_default_resources(self, call: Call) -> Answer | Refusal:
        """Return a page of the resources in the default project."""
        return self._resources(call, self._projects.default)

    @route("GET", f"{_ONE}/resources", "project:read")
    def list_project_resources(self, call: Call) -> Answer | Refusal:
        """Return a page of the resources in a project."""
        return self._resources(call, self._found(call))

    @route("POST", f"{_DEFAULT}/resources", "project:assign_resource")
    def assign_default_resources(self, call: Call) -> Answer | Refusal:
        """Assign resources to the default project."""
        return self._assigned(call, self._projects.default)

    @route("POST", f"{_ONE}/resources", "project:assign_resource")
    def assign_resources(self, call: Call) -> Answer | Refusal:
        """Assign resources to a project."""
        return self._assigned(call, self._found(call))

    def _found(self, call: Call) -> Project | None:
        return self._projects.find(str(call.parameters["project_id"]))

    def _changed(self, call: Call, project: Project | None, required: Sequence[str] = ()) -> Answer | Refusal:
        texts, fields = _texts(call, required=[name for name in required if name in _TEXTS]), call.fields()
        if project is None:
            return refusals.NOT_FOUND
        if isinstance(texts, Refusal):
            return texts
        assert not isinstance(fields, Refusal)  # noqa: S101 - then the texts are refused too
        is_default = fields.get("is_default", None if "is_default" in required else project.is_default)
        if not isinstance(is_default, bool):
            return refusals.missing_field("is_default")
        changed = self._projects.change(project, texts, is_default=is_default, now=self.account.settle())
        return changed if isinstance(changed, Refusal) else _answer(call, changed)

    def _resources(self, call: Call, project: Project | None) -> Answer | Refusal:
        if project is None:
            return refusals.NOT_FOUND
        found = [one for one in self._projects.resources_of(project) if call.render.sees(one.assignable.scope)]
        return self.listing(call, "resources", found, lambda one: _written_resource(call, one))

    def _assigned(self, call: Call, project: Project | None) -> Answer | Refusal:
        fields = call.fields()
        if isinstance(fields, Refusal):
            return fields
        urns = fields.get("resources")
        if not isinstance(urns, list) or not all(isinstance(urn, str) for urn in cast("list[object]", urns)):
            return refusals.missing_field("resources")
        texts = cast("list[str]", urns)
        if any(kind and not call.render.sees(kind.scope) for kind in map(self._kind_of, texts)):
            return refusals.FORBIDDEN
        if project is None:
            return refusals.NOT_FOUND
        return Answer(status=OK, payload={"resources": [self._assign(call, project, urn) for urn in texts]})

    def _kind_of(self, urn: str) -> Assignable | None:
        return self._projects.kinds.get(urn.split(":")[1]) if urn.count(":") > 1 else None

    def _assign(self, call: Call, project: Project, urn: str) -> JSONObject:
        """Assign one resource to a project. One that does not exist is no refusal, but has a status of its own."""
        now, assignable, resource_id = self.account.settle(), self._kind_of(urn), urn.split(":", 2)[-1]
        if assignable is None or not assignable.has(resource_id):
            return {"urn": urn, "assigned_at": call.render.time(now), "links": {}, "status": "not_found"}
        return _written_resource(call, self._projects.assign(project, assignable.kind, resource_id, now))


def _texts(call: Call, required: Sequence[str]) -> dict[str, str] | Refusal:
    fields = call.fields()
    if isinstance(fields, Refusal):
        return fields
    texts: dict[str, str] = {}
    for name, longest in _TEXTS.items():
        value = fields.get(name)
        if value is None and name not in required:
            continue
        if not isinstance(value, str) or len(value) > longest or (name in ("name", "purpose") and not value):
            return refusals.missing_field(name)
        texts[name] = value
    if texts.get("environment", "") not in ("", *_ENVIRONMENTS):
        return refusals.missing_field("environment")
    return texts


def _answer(call: Call, project: Project, *, status: int = OK) -> Answer:
    return Answer(status=status, payload={"project": _written(call, project)})


def _written(call: Call, project: Project) -> JSONObject:
    return {
        "id": project.id,
        "owner_uuid": "5df3e3004a17e242b7c20ca6c9fc25b701a47ece",
        "owner_id": 258_992,
        "name": project.name,
        "description": project.description,
        "purpose": project.purpose,
        "environment": project.environment or "Development",
        "created_at": call.render.time(project.created),
        "updated_at": call.render.time(project.updated),
        "is_default": project.is_default,
    }


def _written_resource(call: Call, one: Assignment) -> JSONObject:
    return {
        "urn": one.urn,
        "assigned_at": call.render.time(one.since),
        "links": {"self": f"{_API}{one.assignable.path.format(one.id)}"},
        "status": one.status,
    }
