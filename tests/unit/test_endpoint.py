"""Endpoints: typed parameters, scopes, and what the declarations of the package have to hold."""

from __future__ import annotations

import importlib
import ipaddress
import pkgutil
import typing
import uuid
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

import gradient_async.endpoints
from gradient_async.endpoints import droplet_actions, droplet_creation, volumes
from gradient_async.http.endpoint import Endpoint, Request, Resend, ScopeRule
from gradient_async.http.parameters import Parameter, PathTemplate

UUID = "506f78a4-e098-11e5-ad9f-000f53306ae1"
FINGERPRINT = "3b:16:e4:bf:8b:00:8b:b8:59:8c:a9:d3:f0:19:fa:45"
DECLARED = {
    f"{module.name}.{name}": value
    for module in pkgutil.iter_modules(gradient_async.endpoints.__path__)
    for name, value in vars(importlib.import_module(f"gradient_async.endpoints.{module.name}")).items()
    if isinstance(value, Endpoint)
}


def path(template: str, *values: object) -> str:
    return PathTemplate.of(template).path(values)


@pytest.mark.parametrize(
    ("template", "value", "expected"),
    [
        ("/v2/droplets/{droplet_id:id}", 3164444, "/v2/droplets/3164444"),
        ("/v2/volumes/{volume_id:uuid}", UUID, f"/v2/volumes/{UUID}"),
        ("/v2/volumes/{volume_id:uuid}", uuid.UUID(UUID), f"/v2/volumes/{UUID}"),
        ("/v2/volumes/{volume_id:uuid}", UUID.upper(), f"/v2/volumes/{UUID}"),
        ("/v2/images/{image:id_or_slug}", 7, "/v2/images/7"),
        ("/v2/images/{image:id_or_slug}", "gpu-h100x1-base", "/v2/images/gpu-h100x1-base"),
        ("/v2/images/{image:id_or_slug}", "a/../b?c#d", "/v2/images/a%2F..%2Fb%3Fc%23d"),
        (
            "/v2/account/keys/{key:id_or_fingerprint}",
            FINGERPRINT,
            "/v2/account/keys/" + FINGERPRINT.replace(":", "%3A"),
        ),
        ("/v2/account/keys/{key:id_or_fingerprint}", "512189", "/v2/account/keys/512189"),
        ("/v2/images/{image:id_or_slug}", 0, "/v2/images/0"),
        ("/v2/projects/{project:uuid_or_default}", "default", "/v2/projects/default"),
        ("/v2/projects/{project:uuid_or_default}", UUID, f"/v2/projects/{UUID}"),
        ("/v2/reserved_ips/{ip:ip}", "45.55.96.47", "/v2/reserved_ips/45.55.96.47"),
        ("/v2/reserved_ips/{ip:ip}", ipaddress.ip_address("45.55.96.47"), "/v2/reserved_ips/45.55.96.47"),
        ("/v2/snapshots/{snapshot_id:id_or_uuid}", "6372321", "/v2/snapshots/6372321"),
        ("/v2/snapshots/{snapshot_id:id_or_uuid}", UUID, f"/v2/snapshots/{UUID}"),
        ("/v2/tags/{tag:tag}/resources", "env:prod", "/v2/tags/env%3Aprod/resources"),
    ],
)
def test_value_is_in_the_path_when_it_is_of_its_kind(template: str, value: object, expected: str) -> None:
    assert path(template, value) == expected


@pytest.mark.parametrize(
    ("template", "value", "error", "said"),
    [
        ("/v2/d/{droplet_id:id}", "7", TypeError, "droplet_id: "),
        ("/v2/d/{droplet_id:id}", 0, ValueError, "droplet_id: expected an id of at least 1, got 0"),
        ("/v2/v/{volume_id:uuid}", "506f78a4", ValueError, "volume_id: expected a UUID such as"),
        ("/v2/v/{volume_id:uuid}", 7, TypeError, "volume_id: expected a str"),
        ("/v2/v/{volume_id:uuid}", "g" * 36, ValueError, "volume_id: expected a UUID such as"),
        ("/v2/i/{image:id_or_slug}", -1, ValueError, "image: expected an id of at least 1, got -1"),
        ("/v2/p/{project:uuid_or_default}", "first", ValueError, "project: expected a UUID such as"),
        ("/v2/i/{image:id_or_slug}", " ", ValueError, "image: expected text"),
        ("/v2/i/{image:id_or_slug}", "", ValueError, "Expected a non-empty value for `image` but received"),
        ("/v2/i/{image:id_or_slug}", "..", ValueError, "image: expected text"),
        ("/v2/k/{key:id_or_fingerprint}", "ab:cd", ValueError, "key: expected a key's id, or its fingerprint"),
        ("/v2/r/{ip:ip}", "45.55.96", ValueError, "ip: expected an IP address such as"),
        ("/v2/s/{snapshot_id:id_or_uuid}", "0", ValueError, "snapshot_id: expected a UUID"),
        ("/v2/t/{tag:tag}", "a b", ValueError, "tag: expected at most 255"),
    ],
)
def test_value_of_another_kind_is_refused_with_its_name(
    template: str, value: object, error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=said):
        path(template, value)


@given(st.text(max_size=30))
def test_no_value_reaches_into_another_segment(value: str) -> None:
    try:
        made = path("/v2/images/{image:id_or_slug}/actions", value)
    except ValueError:
        return
    before, middle, after = "/v2/images/", made[len("/v2/images/") : -len("/actions")], "/actions"
    assert made == before + middle + after
    assert not set("/?#") & set(middle)
    assert unquote(middle) == value


@pytest.mark.parametrize(
    "declared",
    [
        "v2/x",
        "/v2/{x}",
        "/v2/{x:number}",
        "/v2/{x:id",
        "/v2/x?y",
        "/v2/ x",
        "/v2/{x y:id}",
        "/v2/{x:id}/a b",
        "/v2/{x:id}?y",
    ],
)
def test_template_is_refused_when_it_declares_no_path(declared: str) -> None:
    with pytest.raises(ValueError, match=r"expected (a path|name:kind)"):
        PathTemplate.of(declared)


@pytest.mark.parametrize(
    ("declared", "value", "expected"),
    [
        ("type:gpus|droplets", "gpus", "gpus"),
        ("page:page", 1, "1"),
        ("per_page:per_page", 1, "1"),
        ("per_page:per_page", 200, "200"),
        ("private:bool", True, "true"),
        ("n:text", "a b", "a b"),
    ],
)
def test_query_value_is_text_when_it_is_of_its_kind(declared: str, value: object, expected: str) -> None:
    parameter = Parameter.of(declared)
    assert parameter.check(parameter.name, value) == expected


@pytest.mark.parametrize(
    ("declared", "value"),
    [
        ("type:gpus|droplets", "cpus"),
        ("per_page:per_page", 201),
        ("per_page:per_page", 0),
        ("page:page", 0),
        ("private:bool", "yes"),
    ],
)
def test_query_value_is_refused_when_it_is_not_of_its_kind(declared: str, value: object) -> None:
    parameter = Parameter.of(declared)
    with pytest.raises((TypeError, ValueError), match=f"{parameter.name}: expected"):
        parameter.check(parameter.name, value)


def test_scopes_are_added_when_a_field_asks_for_them() -> None:
    made: Endpoint[Any] = Endpoint(
        "x",
        "POST",
        "/v2/x",
        query=("tag_name:tag",),
        scopes=("a:create",),
        scope_rules=(
            ScopeRule(field="type", value="snapshot", scopes=("image:create",)),
            ScopeRule(field="tag_name", scopes=("tag:read",)),
            ScopeRule(field="ssh_keys", scopes=("ssh_key:read",)),
        ),
    )
    assert made.request({}).scopes == ("a:create",)
    assert made.request({}, body={"type": "reboot", "ssh_keys": []}).scopes == ("a:create",)
    assert made.request({}, body={"type": "snapshot", "ssh_keys": [1]}).scopes == (
        "a:create",
        "image:create",
        "ssh_key:read",
    )
    assert made.request({}, query={"tag_name": "x"}).scopes == ("a:create", "tag:read")


OF_VOLUMES = ScopeRule(field="tags", part="kind", value="volume", scopes=())


@pytest.mark.parametrize(
    ("rule", "value", "applies"),
    [
        (ScopeRule(field="tags", value="env:", scopes=()), ["a", "env:prod"], True),
        (ScopeRule(field="tags", value="env:", scopes=()), ["a", "prod:env:"], False),
        (ScopeRule(field="tags", value="env:", scopes=()), [7, None], False),
        (ScopeRule(field="tags", value="env:", scopes=()), "env:", True),
        (ScopeRule(field="tags", value="env:", scopes=()), "env:prod", False),
        (
            ScopeRule(field="tags", part="kind", value="volume", scopes=()),
            [{"kind": "image"}, {"kind": "volume"}],
            True,
        ),
        (OF_VOLUMES, [{"kind": "image"}, {"id": "volume"}], False),
        (ScopeRule(field="tags", scopes=()), ["a"], True),
        (ScopeRule(field="tags", scopes=()), [], False),
        (ScopeRule(field="tags", scopes=()), None, False),
    ],
)
def test_scope_rule_applies_to_a_value_or_to_one_of_a_list(rule: ScopeRule, value: object, applies: bool) -> None:
    assert rule.applies_to({"tags": value}) is applies


@pytest.mark.parametrize(
    ("method", "resend"),
    [
        ("GET", Resend.FREELY),
        ("PUT", Resend.IDEMPOTENT),
        ("DELETE", Resend.IDEMPOTENT),
        ("POST", Resend.NEVER),
        ("PATCH", Resend.NEVER),
    ],
)
def test_resend_policy_is_the_safe_one_when_none_is_declared(method: str, resend: Resend) -> None:
    made: Endpoint[None] = Endpoint("x", method, "/v2/x")
    assert made.resend is resend
    assert made.is_repeatable is (resend is not Resend.NEVER)
    assert made.is_done(404, "", is_unresolved=True) is (method == "DELETE")
    assert not made.is_done(404, "", is_unresolved=False)


@pytest.mark.parametrize(
    ("resend", "answer", "is_unknown"),
    [
        (Resend.NEVER, Endpoint, True),
        (Resend.NEVER, dict, False),
        (Resend.NEVER, None, False),
        (Resend.FREELY, Endpoint, False),
        (Resend.FREELY, None, False),
    ],
    ids=["read-never", "any-never", "none-never", "read-freely", "none-freely"],
)
def test_unread_answer_is_unknown_when_sent_once(resend: Resend, answer: Any, is_unknown: bool) -> None:
    made: Endpoint[Any] = Endpoint("x", "POST", "/v2/x", resend=resend, answer=answer)
    assert made.is_unknown_unread is is_unknown


@attrs.frozen(kw_only=True)
class Named:
    name: str


def test_body_is_checked_when_its_class_is_declared() -> None:
    checked: Endpoint[None] = Endpoint("x", "POST", "/v2/x", body=Named)
    assert checked.request({}, body={"name": "a", "more": None}).body == {"name": "a"}
    assert checked.request({}).body is None
    with pytest.raises(TypeError, match=r"^name: expected a str"):
        checked.request({}, body={"name": 7})
    as_given: Endpoint[None] = Endpoint("x", "POST", "/v2/x")
    assert as_given.request({}, body={"name": 7}).body == {"name": 7}


def test_extra_body_is_refused_when_json_cannot_have_it() -> None:
    made: Endpoint[None] = Endpoint("x", "POST", "/v2/x")
    with pytest.raises(ValueError, match=r"^extra_body"):
        made.request({"extra_body": {"name": "\ud800"}}, body={})  # type: ignore[typeddict-unknown-key]  # a caller's option


@pytest.mark.parametrize("declared", [volumes.CREATE, droplet_creation.CREATE], ids=["volume", "Droplet"])
def test_create_is_looked_up_by_the_fields_of_its_body(declared: Endpoint[object]) -> None:
    sent = Request(declared, "/v2/x", body={"name": "a"})
    assert sent.is_looked_up
    assert not sent._replace(body=None).is_looked_up


def test_action_is_looked_up_and_other_requests_are_not() -> None:
    assert Request(droplet_actions.INITIATE, "/v2/x", action=droplet_actions.trace_of(1, "reboot")).is_looked_up
    assert not Request(droplet_actions.INITIATE, "/v2/x", body={}).is_looked_up


@pytest.mark.parametrize("name", DECLARED)
def test_declaration_is_whole(name: str) -> None:
    made = DECLARED[name]
    assert made.path_template.text.startswith("/v2/")
    assert made.scopes
    assert made.parameters is not None
    if made.items:
        assert made.method == "GET"
        hint = typing.get_type_hints(made.answer)[made.items]
        item = typing.get_args(hint)[1 if typing.get_origin(hint) is Mapping else 0]
        # "" is the key of items that the API gives no id.
        assert made.key in attrs.fields_dict(item) or (made.key == "" and "id" not in attrs.fields_dict(item))


def test_every_route_belongs_to_one_method() -> None:
    # A method has two declarations where one route has two answers, as a create of one and of several Droplets has.
    methods: dict[str, set[str]] = {}
    for made in DECLARED.values():
        methods.setdefault(made.route, set()).add(made.name)
    assert len(methods) >= 88
    assert [route for route, names in methods.items() if len(names) > 1] == []
