"""An endpoint of the API, declared once as a value; everything that needs a fact of it reads it there."""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Final, Generic, NamedTuple, TypeAlias, TypeVar, cast

import attrs

from gradient_async.arguments import checked_headers, checked_seconds, checked_texts
from gradient_async.http.parameters import Parameter, PathTemplate, checked_query
from gradient_async.http.request import EMPTY_MAPPING, Priority, RequestOptions, check_options
from gradient_async.http.windows import SpecialWindow
from gradient_async.secrecy import SecretText

if TYPE_CHECKING:
    from gradient_async.http.request import ActionTrace, ReadOptions

T_co = TypeVar("T_co", covariant=True)

Keep: TypeAlias = Callable[[object], bool]
"""Returns whether an item of a list is kept."""

_NOT_FOUND: Final = 404


class Resend(enum.Enum):
    """What may follow an attempt that may or may not have been executed."""

    FREELY = "sent again: it changes nothing"
    IDEMPOTENT = "sent again: a second time changes nothing more"
    AFTER_LOOKUP = "looked up first, then adopted, sent again or reported as unknown"
    NEVER = "reported as unknown"


@attrs.frozen(kw_only=True)
class ScopeRule:
    """Token scopes that a request needs for what it says in one field.

    Attributes:
        field: Name of the field of the body, or of the query parameter.
        scopes: The scopes.
        value: The field's value that needs them; ``None`` for any.
    """

    field: str
    scopes: tuple[str, ...]
    value: str | None = None

    def applies_to(self, given: Mapping[str, object]) -> bool:
        """Return whether a body or a query needs the scopes."""
        value = given.get(self.field)
        return value is not None and value != [] and (self.value is None or value == self.value)


@attrs.frozen(kw_only=True)
class Done:
    """A refusal which says that all there was to do is done already.

    Attributes:
        status: The refusal's HTTP status.
        text: What its message holds, in any case; ``""`` for any message.
        is_always: ``True`` where it means success for the first attempt too; else only after one whose answer was lost.
    """

    status: int
    text: str = ""
    is_always: bool = False

    def is_said_by(self, status: int | None, message: str, *, is_unresolved: bool) -> bool:
        """Return whether an answer with this status and message says so."""
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
    """One method of one path, with all that the SDK has to know of it.

    Attributes:
        name: The public method, from the client on: ``"gpu_droplets.volumes.list"``.
        method: HTTP method.
        template: The path, with typed parameters: ``"/v2/volumes/{volume_id:uuid}"`` (see ``parameters``).
        answer: The model of a successful answer's body; ``None`` where there is none (204, 202).
        query: Query parameters as ``name:kind``; ``page`` and ``per_page`` come with ``items``.
        identity: The field of ``answer`` that the path's last value names, such as ``"droplet.id"``; an answer about
            something else is refused.
        items: For a list, the field of ``answer`` that holds the items.
        key: For a list, the field of an item that tells items apart.
        scopes: Token scopes that the API's documentation asks for.
        scope_rules: More scopes, for what a request says.
        resend: What may follow an attempt that may have been executed; by default decided by the method.
        done: Refusals which mean that it is done already; by default 404 for a DELETE, after a lost attempt.
        window: A rate window of the endpoint's own, beside the token's.
    """

    name: str
    method: str
    template: str
    answer: type[T_co] | None = attrs.field(default=None, kw_only=True)
    query: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    identity: str = attrs.field(default="", kw_only=True)
    items: str = attrs.field(default="", kw_only=True)
    key: str = attrs.field(default="id", kw_only=True)
    scopes: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    scope_rules: tuple[ScopeRule, ...] = attrs.field(default=(), kw_only=True)
    resend: Resend = attrs.field(kw_only=True)
    done: tuple[Done, ...] = attrs.field(kw_only=True)
    window: SpecialWindow | None = attrs.field(default=None, kw_only=True)

    @resend.default
    def _default_resend(self) -> Resend:
        return _RESEND_BY_METHOD[self.method]

    @done.default
    def _default_done(self) -> tuple[Done, ...]:
        return _GONE if self.method == "DELETE" else ()

    @cached_property
    def path_template(self) -> PathTemplate:
        """The path's template, read once."""
        return PathTemplate.of(self.template)

    @cached_property
    def parameters(self) -> Mapping[str, Parameter]:
        """The query parameters by name."""
        pages = ("page:page", "per_page:per_page") if self.items else ()
        return {one.name: one for one in map(Parameter.of, (*self.query, *pages))}

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
        """Return one request, with a caller's options worked in.

        Args:
            options: What the caller adds to it.
            path: Values for the path's parameters, from left to right.
            query: Query parameters; those that are ``None`` are left out.
            body: JSON body, ``None`` for none.
            action: How the action that it starts can be found again.
            keep: For a list, which items of the answer are kept; ``None`` for all.

        Raises:
            TypeError: A parameter of the wrong kind, or an option that does not exist.
            ValueError: A parameter that is out of range, or a header that HTTP does not allow.
        """
        where = self.path_template.path(path)
        texts = EMPTY_MAPPING if query is None else checked_query(self.parameters, query)
        if not options:
            return Request(self, where, path, query=texts, body=body, action=action, keep=keep)
        check_options(options)
        given = cast("RequestOptions", options)
        timeout, extra_body = given.get("timeout"), given.get("extra_body")
        headers = checked_headers("extra_headers", options.get("extra_headers"))
        if extra_body is not None and not isinstance(extra_body, Mapping):
            raise TypeError(f"extra_body: expected a mapping of names to values, got {type(extra_body).__name__}")
        if body is not None and extra_body:
            body = {**body, **extra_body}
            if action is not None:
                # What is sent decides what is looked for.
                action = action._replace(type=str(body.get("type")))
        return Request(
            self,
            where,
            path,
            query={**texts, **checked_texts("extra_query", options.get("extra_query"))},
            headers={name: SecretText(value) for name, value in headers.items()},
            body=body,
            timeout=None if timeout is None else checked_seconds("timeout", timeout),
            action=action,
            keep=keep,
        )

    def scopes_of(self, query: Mapping[str, object], body: Mapping[str, object] | None) -> tuple[str, ...]:
        """Return the token scopes that one request needs."""
        given = {**query, **(body or {})}
        more = [scope for rule in self.scope_rules if rule.applies_to(given) for scope in rule.scopes]
        return tuple(dict.fromkeys((*self.scopes, *more)))

    def is_done(self, status: int | None, message: str, *, is_unresolved: bool) -> bool:
        """Return whether a refusal means that what was asked for is done.

        Args:
            status: The refusal's HTTP status.
            message: Its message.
            is_unresolved: Whether an earlier attempt of the same call may have been executed.
        """
        return any(done.is_said_by(status, message, is_unresolved=is_unresolved) for done in self.done)


class Request(NamedTuple, Generic[T_co]):
    """One call of one endpoint.

    It and its answer are named tuples: the quickest that is made once a call and cannot be changed.

    Attributes:
        endpoint: The endpoint, which knows what all its requests have in common.
        path: Path below the base URL, percent-encoded.
        path_values: Values of the path's parameters, from left to right.
        query: Query parameters.
        headers: Headers beside those that every request has.
        body: JSON body, ``None`` for none.
        timeout: Seconds for one attempt; ``None`` for the client's own.
        action: Set for requests that start an action: how it can be found again.
        priority: Its priority when not all requests can be sent at once.
        keep: For a list, which items of the answer are kept, where the API has no such filter; ``None`` for all.
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

    @property
    def method(self) -> str:
        """HTTP method."""
        return self.endpoint.method

    @property
    def scopes(self) -> tuple[str, ...]:
        """Token scopes that the API's documentation asks for."""
        return self.endpoint.scopes_of(self.query, self.body)

    def __repr__(self) -> str:
        # Without the headers, which may hold a secret of the caller's.
        return f"<Request {self.method} {self.path}>"
