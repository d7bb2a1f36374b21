"""An endpoint of the API: all facts about it, declared once as a value."""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Final, Generic, NamedTuple, TypeAlias, TypeVar, cast

import attrs

from gradient_async.arguments import checked_headers, checked_json, checked_seconds, checked_texts
from gradient_async.bodies import body_of
from gradient_async.http.parameters import Parameter, PathTemplate, checked_query
from gradient_async.http.request import EMPTY_MAPPING, KEYED_OPTIONS, OPTIONS, Priority, RequestOptions, check_options
from gradient_async.http.request_key import RequestKey, key_of
from gradient_async.http.windows import SpecialWindow
from gradient_async.secrecy import SecretText

if TYPE_CHECKING:
    from gradient_async.http.action_trace import ActionTrace
    from gradient_async.http.create_rule import CreateRule  # noqa: TC004 - that module imports this one
    from gradient_async.http.request import ReadOptions

T_co = TypeVar("T_co", covariant=True)

Keep: TypeAlias = Callable[[object], bool]
"""Returns whether an item of a list is kept."""

_NOT_FOUND: Final = 404


class Resend(enum.Enum):
    """The policy after an attempt that may or may not have been executed."""

    FREELY = "send again: the request changes nothing"
    IDEMPOTENT = "send again: a second execution changes nothing more"
    AFTER_LOOKUP = "look up first; then adopt, send again or report as unknown"
    NEVER = "report as unknown"


@attrs.frozen(kw_only=True)
class ScopeRule:
    """Token scopes that depend on one field of a request.

    Attributes:
        field: Name of the field of the body, or of the query parameter.
        scopes: The scopes.
        value: The value that needs the scopes; ``None`` for any value. In a list of texts, the beginning of one.
        part: For a list of parts: the field of a part that has the value.
    """

    field: str
    scopes: tuple[str, ...]
    value: str | None = None
    part: str = ""

    def applies_to(self, given: Mapping[str, object]) -> bool:
        """Return whether a body or a query needs the scopes."""
        value = given.get(self.field)
        if isinstance(value, list) and self.value is not None:
            return any(self._names(one) for one in value)
        return value is not None and value != [] and (self.value is None or value == self.value)

    def _names(self, item: object) -> bool:
        if isinstance(item, Mapping):
            return item.get(self.part) == self.value
        return isinstance(item, str) and item.startswith(self.value or "")


@attrs.frozen(kw_only=True)
class Done:
    """A refusal which means that the request was already executed.

    Attributes:
        status: The refusal's HTTP status.
        text: Text in its message, in upper or lower case; ``""`` for any message.
        is_always: ``True`` if it means success for the first attempt too. ``False`` if it does so only after an attempt
            whose answer was lost.
    """

    status: int
    text: str = ""
    is_always: bool = False

    def is_said_by(self, status: int | None, message: str, *, is_unresolved: bool) -> bool:
        """Return whether an answer with this status and message is such a refusal."""
        return (self.is_always or is_unresolved) and status == self.status and self.text.lower() in message.lower()


_GONE: Final = (Done(status=_NOT_FOUND),)
_RESEND_BY_METHOD: Final = {
    "GET": Resend.FREELY,
    "HEAD": Resend.FREELY,
    "PUT": Resend.IDEMPOTENT,
    "DELETE": Resend.IDEMPOTENT,
    "POST": Resend.NEVER,
    "PATCH": Resend.NEVER,
}


@attrs.frozen(slots=False, eq=False)
class Endpoint(Generic[T_co]):
    """One method of one path, with all facts that the SDK needs.

    Attributes:
        name: Path of the public method from the client: ``"gpu_droplets.volumes.list"``.
        method: HTTP method.
        template: The path, with typed parameters: ``"/v2/volumes/{volume_id:uuid}"`` (see ``parameters``).
        body: Class that describes the JSON body (see ``bodies``); ``None`` for no body, or for one that is checked
            elsewhere.
        answer: Model of a successful answer's body; ``None`` for no body (204, 202).
        envelope: The field that an answer may be wrapped in, such as ``"action"``. An answer without it is read too.
        query: Query parameters as ``name:kind``. ``items`` adds ``page`` and ``per_page``.
        identity: The field of ``answer`` that equals the path's last value, such as ``"droplet.id"``. An answer with
            another value is asked for again (see ``correspondence``).
        items: For a list, the field of ``answer`` with the items.
        key: For a list, the field that identifies an item; ``""`` if only all of its fields do.
        scopes: Token scopes by the API's documentation.
        scope_rules: Further scopes, which depend on the request.
        lookup: For a create, how to find its thing again if the answer was lost; ``None`` if that is impossible.
        resend: What to do after an attempt that may have been executed; by default ``AFTER_LOOKUP`` with ``lookup``,
            else the method decides.
        done: Refusals which mean that the request was already executed; by default 404 for a DELETE, after a lost
            attempt.
        window: A rate window of this endpoint, in addition to the token's.
    """

    name: str
    method: str
    template: str
    body: type | None = attrs.field(default=None, kw_only=True)
    answer: type[T_co] | None = attrs.field(default=None, kw_only=True)
    query: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    envelope: str = attrs.field(default="", kw_only=True)
    identity: str = attrs.field(default="", kw_only=True)
    items: str = attrs.field(default="", kw_only=True)
    key: str = attrs.field(default="id", kw_only=True)
    scopes: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    scope_rules: tuple[ScopeRule, ...] = attrs.field(default=(), kw_only=True)
    lookup: CreateRule | None = attrs.field(default=None, kw_only=True)
    resend: Resend = attrs.field(kw_only=True)
    done: tuple[Done, ...] = attrs.field(kw_only=True)
    window: SpecialWindow | None = attrs.field(default=None, kw_only=True)

    def __getstate__(self) -> dict[str, object]:
        # Without the parsed parts, which are made again when they are needed.
        return {field.name: getattr(self, field.name) for field in attrs.fields(type(self))}

    @resend.default
    def _default_resend(self) -> Resend:
        return _RESEND_BY_METHOD[self.method] if self.lookup is None else Resend.AFTER_LOOKUP

    @done.default
    def _default_done(self) -> tuple[Done, ...]:
        return _GONE if self.method == "DELETE" else ()

    @cached_property
    def path_template(self) -> PathTemplate:
        """The parsed template of the path."""
        return PathTemplate.of(self.template)

    @cached_property
    def parameters(self) -> Mapping[str, Parameter]:
        """The query parameters by name."""
        pages = ("page:page", "per_page:per_page") if self.items else ()
        return {one.name: one for one in map(Parameter.of, (*self.query, *pages))}

    @property
    def is_repeatable(self) -> bool:
        """Whether a second execution changes nothing more."""
        return self.resend in (Resend.FREELY, Resend.IDEMPOTENT)

    @property
    def is_unknown_unread(self) -> bool:
        """Whether a success whose answer cannot be read leaves the outcome unknown, as a lost answer does."""
        return self.resend is Resend.NEVER and self.answer not in (None, dict)

    @property
    def _is_keyed(self) -> bool:
        return self.resend is Resend.AFTER_LOOKUP

    def _parameter_names(self) -> list[str]:
        """Return the names of what a request is made of, which most often are the method's parameters too."""
        path = [parameter.name for parameter in self.path_template.parameters]
        query = [Parameter.of(declaration).name for declaration in self.query]
        return [*path, *query, *(() if self.body is None else attrs.fields_dict(self.body))]

    @property
    def route(self) -> str:
        """Method and path without values: ``POST /v2/droplets/{droplet_id}/actions``."""
        return f"{self.method} {self.path_template.text}"

    def request(
        self,
        options: ReadOptions,
        *path: object,
        query: Mapping[str, object] | None = None,
        body: Mapping[str, object] | None = None,
        action: ActionTrace | None = None,
        keep: Keep | None = None,
    ) -> Request[T_co]:
        """Return one request, with the caller's options.

        Args:
            options: The caller's options.
            path: Values of the path's parameters, from left to right.
            query: Query parameters; ``None`` values are left out.
            body: JSON body; ``None`` for none, even if the endpoint's body class requires one.
            action: How to find the action that the request starts.
            keep: For a list, a filter of the items; ``None`` keeps all.

        Raises:
            TypeError: A parameter has the wrong type, or an option does not exist.
            ValueError: A parameter is out of range, or HTTP does not allow a header.
        """
        if options:  # a misspelt name goes before the parameter that is missing for it
            check_options(options, KEYED_OPTIONS if self._is_keyed else OPTIONS, self._parameter_names)
        where = self.path_template.path(path)
        texts = EMPTY_MAPPING if query is None else checked_query(self.parameters, query)
        if self.body is not None and body is not None:
            body = body_of(self.body, body)
        plain = Request(self, where, path, texts, body=body, action=action, keep=keep)
        return self._with_options(plain, options) if options else plain

    def _with_options(self, plain: Request[T_co], options: ReadOptions) -> Request[T_co]:
        """Return a request with the caller's options."""
        body, action = plain.body, plain.action
        given = cast("RequestOptions", options)
        timeout, extra_body = given.get("timeout"), given.get("extra_body")
        headers = checked_headers("extra_headers", options.get("extra_headers"))
        if extra_body is not None and not isinstance(extra_body, Mapping):
            raise TypeError(f"extra_body: expected a mapping of names to values, got {type(extra_body).__name__}")
        checked_json("extra_body", extra_body)
        if extra_body and (body is not None or self.body is not None):
            body = {**(body or {}), **extra_body}
            if action is not None:
                # extra_body can change the type; a look-up searches for the type that was sent.
                action = action.changed(extra_body)
        query = {**plain.query, **checked_texts("extra_query", options.get("extra_query"))}
        return plain._replace(
            query=query,
            headers={name: SecretText(value) for name, value in headers.items()},
            body=body,
            timeout=None if timeout is None else checked_seconds("timeout", timeout),
            action=action,
            key=key_of(options, self.method, plain.path, query, body) if self._is_keyed else None,
        )

    def scopes_of(self, query: Mapping[str, object], body: Mapping[str, object] | None) -> tuple[str, ...]:
        """Return the token scopes that one request needs."""
        given = {**query, **(body or {})}
        more = [scope for rule in self.scope_rules if rule.applies_to(given) for scope in rule.scopes]
        return tuple(dict.fromkeys((*self.scopes, *more)))

    def is_done(self, status: int | None, message: str, *, is_unresolved: bool) -> bool:
        """Return whether a refusal means that the request was already executed.

        Args:
            status: The refusal's HTTP status.
            message: The refusal's message.
            is_unresolved: Whether an earlier attempt of the same call may have been executed.
        """
        return any(done.is_said_by(status, message, is_unresolved=is_unresolved) for done in self.done)


class Request(NamedTuple, Generic[T_co]):
    """One request to an endpoint.

    Attributes:
        endpoint: The endpoint.
        path: Path below the base URL, percent-encoded.
        path_values: Values of the path's parameters, from left to right.
        query: Query parameters.
        headers: Further headers of this request.
        body: JSON body; ``None`` for none.
        timeout: Seconds for one attempt; ``None`` for the client's default.
        action: For a request that starts an action: how to find the action.
        priority: Priority in the queue of the rate budget.
        keep: For a list, a filter that the API does not have; ``None`` keeps all items.
        key: The key under which it is executed once; ``None`` without one.
        origin: Name of what asks for it, the same for another process that asks again: a key, or a step of a journaled
            run. Its result belongs to the origin. ``None`` if it is asked for by this call alone.
    """

    endpoint: Endpoint[T_co]
    path: str
    path_values: tuple[object, ...] = ()
    query: Mapping[str, str] = EMPTY_MAPPING
    headers: Mapping[str, str] = EMPTY_MAPPING
    body: Mapping[str, object] | None = None
    timeout: float | None = None
    action: ActionTrace | None = None
    priority: Priority = Priority.ACT
    keep: Keep | None = None
    key: RequestKey | None = None
    origin: str | None = None

    @property
    def method(self) -> str:
        """HTTP method."""
        return self.endpoint.method

    @property
    def is_looked_up(self) -> bool:
        """Whether its result can be looked up if the answer was lost."""
        return self.action is not None or (self.endpoint.lookup is not None and self.body is not None)

    @property
    def scopes(self) -> tuple[str, ...]:
        """Token scopes that the API's documentation asks for."""
        return self.endpoint.scopes_of(self.query, self.body)

    def __repr__(self) -> str:
        # Without the headers: they may hold a secret of the caller.
        return f"<Request {self.method} {self.path}>"
