"""Tokens and rate limits, the headers of every answer, and the form of lists."""

from __future__ import annotations

import datetime as dt
import re
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID

import pytest
from emulator_desk import FIRST, START, Desk, Reply, public_key
from hypothesis import given
from hypothesis import strategies as st

from gradient_async.emulator import Behaviour, DropletSpec, RateLimits, TooManyRequests
from gradient_async.emulator.handlers import ROUTES
from gradient_async.emulator.handlers.droplet_actions import EXTRA_SCOPES
from gradient_async.emulator.keys import KeyStore
from gradient_async.emulator.parameter_kinds import KIND_OF
from gradient_async.emulator.routes import Router

NOT_FOUND = "The resource you were accessing could not be found."
STAMP = "%Y-%m-%dT%H:%M:%SZ"
ACTION_KEYS = [
    "id",
    "status",
    "type",
    "started_at",
    "completed_at",
    "resource_id",
    "resource_type",
    "region_slug",
    "region",
]


def unix(stamp: str) -> float:
    return dt.datetime.strptime(stamp, STAMP).replace(tzinfo=dt.UTC).timestamp()


@pytest.mark.parametrize("token", [None, "", "dop_v1_other"])
def test_401_when_the_token_is_not_the_accounts(token: str | None) -> None:
    desk = Desk()
    reply = desk.ask("POST", f"/v2/droplets/{FIRST}/actions", {"type": "reboot"}, token=token)
    assert (reply.status, reply.data["id"], reply.message) == (401, "unauthorized", "Unable to authenticate you.")
    assert desk.account.actions_of(FIRST, "reboot") == ()


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v2/nothing", 404),
        ("GET", "/", 404),
        ("GET", "/v2/actions/1", 404),
        ("GET", "/v2/actions/0", 404),
        ("GET", "/v2/actions/-1", 404),
        ("GET", "/v2/actions/null", 404),
        ("GET", "/v2/actions/9" + "9" * 5000, 404),
        ("GET", "/v2/droplets/1", 404),
        ("GET", "/v2/droplets/1/actions", 404),
        ("GET", "/v2/droplets/1/snapshots", 404),
        ("GET", f"/v2/droplets/{FIRST}/actions/1", 404),
        ("POST", "/v2/droplets/1/actions", 404),
        ("GET", "/v2/droplets/actions", 405),
        ("PATCH", f"/v2/droplets/{FIRST}", 405),
        ("PUT", "/v2/actions", 405),
    ],
)
def test_json_error_when_the_path_leads_nowhere(method: str, path: str, status: int) -> None:
    reply = Desk().ask(method, path, {"type": "reboot"} if method == "POST" else None)
    assert reply.status == status
    assert reply.data["request_id"] == reply.headers["x-request-id"]
    if status == 404:
        assert (reply.data["id"], reply.message) == ("not_found", NOT_FOUND)


def test_404_when_the_action_is_another_droplets() -> None:
    desk = Desk(DropletSpec(), DropletSpec())
    action_id = desk.act("reboot").data["action"]["id"]
    assert desk.get(f"/v2/droplets/{FIRST}/actions/{action_id}").status == 200
    assert desk.get(f"/v2/droplets/{FIRST + 1}/actions/{action_id}").status == 404


@pytest.mark.parametrize("raw", [b"{", b"", b"[]", b'"reboot"', b"\xff", b"null", b"[" * 100_000, b"9" * 5000])
def test_400_when_the_body_is_no_json_object(raw: bytes) -> None:
    reply = Desk().ask("POST", f"/v2/droplets/{FIRST}/actions", raw_body=raw)
    assert (reply.status, reply.data["id"], reply.message) == (400, "bad_request", "error parsing request body")


@pytest.mark.parametrize("body", [{}, {"type": None}, {"type": 3}, {"name": "x"}])
def test_422_when_the_type_is_missing(body: dict[str, Any]) -> None:
    assert Desk().ask("POST", f"/v2/droplets/{FIRST}/actions", body).status == 422


def test_stray_fields_are_ignored() -> None:
    assert Desk().act("reboot", size="gpu-l40sx1-48gb", kernel=3).status == 201


def test_request_id_is_in_the_header_only_when_set() -> None:
    reply = Desk(behaviour=Behaviour(request_id_in_body=False)).get("/v2/actions/1")
    assert "request_id" not in reply.data
    assert UUID(reply.headers["x-request-id"]).version == 4


def test_request_ids_differ_when_requests_do() -> None:
    desk = Desk()
    assert len({desk.get("/v2/actions").headers["x-request-id"] for _ in range(50)}) == 50


TAGGED = {"resources": [{"resource_id": str(FIRST), "resource_type": "droplet"}]}
CALLS: dict[str, tuple[str, str, dict[str, Any] | None]] = {
    "initiate": ("POST", f"/v2/droplets/{FIRST}/actions", {"type": "reboot"}),
    "bulk_initiate": ("POST", "/v2/droplets/actions?tag_name=t", {"type": "power_off"}),
    "list_droplet_actions": ("GET", f"/v2/droplets/{FIRST}/actions", None),
    "retrieve_droplet_action": ("GET", f"/v2/droplets/{FIRST}/actions/{{action}}", None),
    "list_actions": ("GET", "/v2/actions", None),
    "retrieve_action": ("GET", "/v2/actions/{action}", None),
    "list_droplets": ("GET", "/v2/droplets", None),
    "retrieve_droplet": ("GET", f"/v2/droplets/{FIRST}", None),
    "list_sizes": ("GET", "/v2/sizes", None),
    "list_tags": ("GET", "/v2/tags", None),
    "create_tag": ("POST", "/v2/tags", {"name": "new"}),
    "retrieve_tag": ("GET", "/v2/tags/t", None),
    "delete_tag": ("DELETE", "/v2/tags/t", None),
    "tag_resources": ("POST", "/v2/tags/t/resources", TAGGED),
    "untag_resources": ("DELETE", "/v2/tags/t/resources", TAGGED),
    "list_snapshots": ("GET", f"/v2/droplets/{FIRST}/snapshots", None),
    "list_regions": ("GET", "/v2/regions", None),
    "retrieve_account": ("GET", "/v2/account", None),
    "retrieve_balance": ("GET", "/v2/customers/my/balance", None),
    "list_billing_history": ("GET", "/v2/customers/my/billing_history", None),
    "list_images": ("GET", "/v2/images", None),
    "retrieve_image": ("GET", "/v2/images/gpu-amd-base", None),
    "update_image": ("PUT", "/v2/images/190000000", {"name": "renamed"}),
    "delete_image": ("DELETE", "/v2/images/190000000", None),
    "list_keys": ("GET", "/v2/account/keys", None),
    "create_key": ("POST", "/v2/account/keys", {"name": "another", "public_key": public_key("another")}),
    "retrieve_key": ("GET", "/v2/account/keys/512189", None),
    "update_key": ("PUT", "/v2/account/keys/512189", {"name": "renamed"}),
    "delete_key": ("DELETE", "/v2/account/keys/512189", None),
}


SAMPLES = {
    "id": "1",
    "uuid": "506f78a4-e098-11e5-ad9f-000f53306ae1",
    "ip": "45.55.96.47",
    "tag": "t",
    "id_or_slug": "1",
    "id_or_uuid": "1",
    "id_or_fingerprint": "1",
}


def call(desk: Desk, route: Any) -> Reply:
    """Ask as the row of the route says; without a row, for a resource that does not exist."""
    if route.name not in CALLS:
        target = re.sub(r"\{(\w+)\}", lambda found: SAMPLES[KIND_OF[found[1]]], route.template)
        query = "&".join(f"{one.field}=t" for one in route.field_scopes if one.place == "query")
        return desk.ask(route.method, f"{target}?{query}", {})
    method, target, body = CALLS[route.name]
    action_id = next(iter(desk.account.actions))
    return desk.ask(method, target.format(action=action_id), body)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
def test_403_when_the_scope_is_missing(route: Any) -> None:
    everything = {scope for one in ROUTES for scope in one.scopes} | {"tag:read", "tag:create"}
    tagged = DropletSpec(tags=("t",), backups=True)

    def called(scopes: set[str]) -> Reply:
        desk = Desk(tagged, scopes=scopes)
        desk.account.part(KeyStore).add("first", public_key("first"))
        return call(desk, route)

    denied = called(everything - {route.scopes[0]})
    assert (denied.status, denied.data["id"]) == (403, "forbidden")
    assert denied.message == "You are not authorized to perform this operation"
    allowed = called(everything).status
    assert allowed < 300 if route.name in CALLS else allowed not in (401, 403, 500)


@pytest.mark.parametrize("type", sorted(EXTRA_SCOPES))
def test_403_when_the_type_demands_one_more_scope(type: str) -> None:
    scopes = {"droplet:update", "droplet:read"}
    assert Desk(scopes=scopes).act(type).status == 403
    assert Desk(scopes=scopes | {EXTRA_SCOPES[type]}).act(type).status != 403


def test_403_when_a_tag_is_named_without_its_scope() -> None:
    desk = Desk(scopes={"droplet:read", "droplet:update"})
    assert desk.get("/v2/droplets?tag_name=t").status == 403
    assert desk.act_by_tag("t", "power_off").status == 403


def test_fields_are_hidden_when_their_scope_is_missing() -> None:
    narrow = Desk(scopes={"droplet:read"}).get(f"/v2/droplets/{FIRST}").data["droplet"]
    whole = Desk().get(f"/v2/droplets/{FIRST}").data["droplet"]
    assert set(whole) - set(narrow) == {"backup_ids", "image", "snapshot_ids", "tags", "volume_ids", "vpc_uuid"}
    assert narrow["region"]["sizes"] == []


def test_action_has_the_keys_of_real_traces_in_their_order() -> None:
    action = Desk().act("reboot").data["action"]
    assert list(action) == ACTION_KEYS
    assert list(action["region"]) == ["name", "slug", "available", "features", "sizes"]
    assert (action["status"], action["completed_at"], action["resource_type"]) == ("in-progress", None, "droplet")
    assert action["id"] > 2**31


@pytest.mark.parametrize(("form", "region"), [("string", "tor1"), ("null", None)])
def test_region_has_another_shape_when_set(form: Any, region: str | None) -> None:
    assert Desk(behaviour=Behaviour(region_form=form)).act("reboot").data["action"]["region"] == region


def test_region_is_left_out_when_set() -> None:
    assert "region" not in Desk(behaviour=Behaviour(region_form="absent")).act("reboot").data["action"]


@pytest.mark.parametrize(
    ("rule", "type", "locked"),
    [
        ("long_events", "reboot", False),
        ("long_events", "rebuild", True),
        ("always", "reboot", True),
        ("never", "rebuild", False),
    ],
)
def test_droplet_is_locked_by_the_rule_when_an_action_runs(rule: Any, type: str, locked: bool) -> None:
    desk = Desk(behaviour=Behaviour(locked=rule))
    desk.act(type, image="ubuntu-24-04-x64")
    assert desk.get(f"/v2/droplets/{FIRST}").data["droplet"]["locked"] is locked
    desk.clock.advance(1000)
    assert desk.get(f"/v2/droplets/{FIRST}").data["droplet"]["locked"] is False


def test_gpu_info_is_absent_when_the_droplet_has_no_gpu() -> None:
    desk = Desk(DropletSpec(), DropletSpec(gpu=False))
    assert desk.get(f"/v2/droplets/{FIRST}").data["droplet"]["gpu_info"]["count"] == 1
    cpu = desk.get(f"/v2/droplets/{FIRST + 1}").data["droplet"]
    assert "gpu_info" not in cpu
    assert "gpu_info" not in cpu["size"]


def test_networks_are_empty_when_the_droplet_is_new() -> None:
    desk = Desk(DropletSpec(status="new"))
    assert desk.get(f"/v2/droplets/{FIRST}").data["droplet"]["networks"] == {"v4": [], "v6": []}


def test_addresses_differ_when_droplets_do() -> None:
    desk = Desk(*[DropletSpec(ipv6=True)] * 300)
    droplets = [
        page for n in (1, 2) for page in desk.get(f"/v2/droplets?type=gpus&per_page=200&page={n}").data["droplets"]
    ]
    assert len({droplet["networks"]["v4"][1]["ip_address"] for droplet in droplets}) == 300
    assert len({droplet["networks"]["v6"][0]["ip_address"] for droplet in droplets}) == 300


# Time.


@pytest.mark.parametrize("skew", [0.0, 3600.0, -90.0])
def test_stamps_agree_with_the_date_when_scaled_and_skewed(skew: float) -> None:
    desk = Desk(scale=60.0, skew=skew, durations={"reboot": 120.0})
    desk.clock.advance(600)
    reply = desk.act("reboot")
    action = desk.run("snapshot", name="s") if reply.status == 422 else reply.data["action"]
    date = parsedate_to_datetime(reply.headers["Date"]).timestamp()
    assert date == unix(action["started_at"]) == START + 10 + skew
    desk.clock.advance(120)
    completed = desk.get(f"/v2/actions/{action['id']}").data["action"]["completed_at"]
    assert unix(completed) == START + 12 + skew


def test_retry_after_is_wall_time_rounded_up_when_scaled() -> None:
    desk = Desk(scale=40.0, limits=RateLimits(burst=1, burst_seconds=60.0))
    desk.get("/v2/actions")
    desk.clock.advance(10)
    assert desk.get("/v2/actions").headers["retry-after"] == "2"  # 50 s of the account's are 1.25 s


# Rate limits.


def test_burst_429_comes_from_the_edge_with_retry_after() -> None:
    desk = Desk(limits=RateLimits(burst=2))
    for _ in range(2):
        assert desk.get("/v2/actions").status == 200
    reply = desk.act("reboot")
    assert (reply.status, reply.data) == (429, {"id": "Too Many Requests", "message": "Too many requests"})
    assert reply.headers["x-response-from"] == "Edge-Gateway"
    assert (reply.headers["retry-after"], reply.headers["ratelimit-remaining"]) == ("60", "0")
    assert desk.account.actions_of(FIRST, "reboot") == ()
    desk.clock.advance(60)
    assert desk.act("reboot").status == 201


def test_hourly_429_has_no_retry_after_when_the_hour_is_full() -> None:
    desk = Desk(limits=RateLimits(hourly=1))
    assert desk.get("/v2/actions").headers["ratelimit-remaining"] == "0"
    reply = desk.get("/v2/actions")
    assert (reply.status, reply.data["id"], reply.message) == (429, "too_many_requests", "API Rate limit exceeded.")
    assert "retry-after" not in reply.headers
    assert reply.headers["x-response-from"] == "service"


def test_refused_requests_do_not_count_when_the_window_is_full() -> None:
    desk = Desk(limits=RateLimits(burst=1))
    desk.get("/v2/actions")
    for _ in range(10):
        desk.clock.advance(5)
        assert desk.get("/v2/actions").status == 429
    desk.clock.advance(10)
    assert desk.get("/v2/actions").status == 200


def test_refused_requests_keep_the_window_full_when_they_count() -> None:
    desk = Desk(limits=RateLimits(burst=1, count_refused=True))
    desk.get("/v2/actions")
    desk.clock.advance(40)
    assert desk.get("/v2/actions").headers["retry-after"] == "60"
    desk.clock.advance(30)
    assert desk.get("/v2/actions").headers["retry-after"] == "60"
    desk.clock.advance(60)
    assert desk.get("/v2/actions").status == 200


def test_strangers_do_not_spend_the_quota_when_refused() -> None:
    desk = Desk(limits=RateLimits(burst=1))
    for _ in range(5):
        assert desk.ask("GET", "/v2/actions", token="dop_v1_other").status == 401
    assert desk.get("/v2/actions").status == 200


def test_fault_429_spends_no_quota_when_it_meets_a_request() -> None:
    desk = Desk(limits=RateLimits(burst=1), faults=(TooManyRequests(times=1, retry_after=7),))
    assert desk.get("/v2/actions").headers["retry-after"] == "7"
    assert desk.get("/v2/actions").status == 200


@pytest.mark.parametrize(("rule", "reset"), [("oldest_expires", START + 3600), ("oldest_was_made", START)])
def test_reset_names_the_given_instant(rule: Any, reset: float) -> None:
    desk = Desk(behaviour=Behaviour(ratelimit_reset=rule), limits=RateLimits())
    desk.get("/v2/actions")
    desk.clock.advance(100)
    assert float(desk.get("/v2/actions").headers["ratelimit-reset"]) == reset


# Lists.


def pages(desk: Desk, target: str, key: str) -> list[Any]:
    found, seen = [], 0
    while target:
        data = desk.get(target).data
        found += data[key]
        links = data["links"].get("pages", {})
        url = urlsplit(links.get("next", ""))
        target = f"{url.path}?{url.query}" if url.path else ""
        seen += 1
        assert seen < 100
    return found


@given(count=st.integers(1, 45), per_page=st.integers(1, 12))
def test_pages_join_to_the_whole_list_when_followed(count: int, per_page: int) -> None:
    desk = Desk(*[DropletSpec()] * count)
    actions = pages(desk, f"/v2/actions?per_page={per_page}", "actions")
    assert [action["id"] for action in actions] == sorted(desk.account.actions, reverse=True)


def test_links_of_pages_are_absolute_and_keep_filters() -> None:
    desk = Desk(*[DropletSpec(tags=("a:b",))] * 5)
    data = desk.get("/v2/droplets?tag_name=a%3Ab&per_page=2&page=2").data
    assert list(data["links"]["pages"]) == ["first", "prev", "next", "last"]
    for name, page in (("first", 1), ("prev", 1), ("next", 3), ("last", 3)):
        url = urlsplit(data["links"]["pages"][name])
        assert f"{url.scheme}://{url.netloc}{url.path}" == "http://emulator.test/v2/droplets"
        assert dict(parse_qsl(url.query)) == {"tag_name": "a:b", "per_page": "2", "page": str(page)}
    assert data["meta"] == {"total": 5}


@pytest.mark.parametrize(("page", "keys"), [(1, ["next", "last"]), (3, ["first", "prev"]), (9, ["first", "prev"])])
def test_only_links_that_make_sense_are_given_when_at_either_end(page: int, keys: list[str]) -> None:
    data = Desk(*[DropletSpec()] * 5).get(f"/v2/actions?per_page=2&page={page}").data
    assert list(data["links"]["pages"]) == keys
    assert len(data["actions"]) == {1: 2, 3: 1, 9: 0}[page]


def test_previous_page_is_the_last_when_asked_far_beyond_it() -> None:
    links = Desk(*[DropletSpec()] * 5).get("/v2/actions?per_page=2&page=9").data["links"]["pages"]
    assert links["prev"] == "http://emulator.test/v2/actions?page=3&per_page=2"


@pytest.mark.parametrize(("form", "links"), [("empty", {}), ("empty_pages", {"pages": {}}), ("absent", None)])
def test_links_of_a_single_page_have_the_form_when_set(form: Any, links: Any) -> None:
    data = Desk(behaviour=Behaviour(single_page_links=form)).get("/v2/actions").data
    assert data.get("links") == links
    assert data["meta"] == {"total": 1}


def test_links_lead_elsewhere_when_set() -> None:
    desk = Desk(DropletSpec(), DropletSpec(), behaviour=Behaviour(link_base="https://api.example.net"))
    links = desk.get("/v2/actions?per_page=1").data["links"]["pages"]
    assert links["next"] == "https://api.example.net/v2/actions?page=2&per_page=1"


def test_twenty_items_are_shown_when_no_size_is_given() -> None:
    assert len(Desk(*[DropletSpec()] * 25).get("/v2/actions").data["actions"]) == 20


@pytest.mark.parametrize(("rule", "status"), [("clamped", 200), ("refused", 400)])
def test_pages_hold_two_hundred_at_most_when_more_are_asked_for(rule: Any, status: int) -> None:
    desk = Desk(*[DropletSpec()] * 205, behaviour=Behaviour(per_page_above_maximum=rule))
    reply = desk.get("/v2/actions?per_page=201")
    assert reply.status == status
    assert len(reply.data.get("actions", [])) == (200 if status == 200 else 0)


@pytest.mark.parametrize("query", ["page=0", "page=-1", "page=x", "per_page=0", "per_page=", "page=1.5", "page=²"])
@pytest.mark.parametrize("path", ["/v2/actions", "/v2/droplets", f"/v2/droplets/{FIRST}/actions"])
def test_400_when_the_page_is_no_positive_number(path: str, query: str) -> None:
    assert Desk().get(f"{path}?{query}").status == 400


def test_young_actions_cannot_be_read_when_reads_lag() -> None:
    desk = Desk(behaviour=Behaviour(read_lag=5.0))
    action_id = desk.act("reboot").data["action"]["id"]
    for path in ("/v2/actions", f"/v2/droplets/{FIRST}/actions"):
        assert [action["type"] for action in desk.get(path).data["actions"]] == ["create"]
        assert desk.get(f"{path}/{action_id}").status == 404
    desk.clock.advance(5)
    for path in ("/v2/actions", f"/v2/droplets/{FIRST}/actions"):
        assert [action["type"] for action in desk.get(path).data["actions"]] == ["reboot", "create"]
        assert desk.get(f"{path}/{action_id}").status == 200


def mixed() -> Desk:
    return Desk(
        DropletSpec(name="GPU-one", tags=("t",)),
        DropletSpec(gpu=False, name="web", tags=("t",)),
        DropletSpec(gpu=False),
    )


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("", [FIRST + 1, FIRST + 2]),
        ("?type=droplets", [FIRST + 1, FIRST + 2]),
        ("?type=gpus", [FIRST]),
        ("?type=gpus&name=gpu-ONE", [FIRST]),
        ("?name=gpu-one", []),
        ("?name=we", []),
        ("?tag_name=t", [FIRST, FIRST + 1]),
        ("?tag_name=T", []),
    ],
)
def test_droplets_are_listed_by_the_documented_filters(query: str, ids: list[int]) -> None:
    data = mixed().get(f"/v2/droplets{query}").data
    assert [droplet["id"] for droplet in data["droplets"]] == ids
    assert data["meta"]["total"] == len(ids)


def test_tag_lists_hide_gpus_when_set() -> None:
    desk = Desk(DropletSpec(tags=("t",)), behaviour=Behaviour(tag_lists_include_gpus=False))
    assert desk.get("/v2/droplets?tag_name=t").data["droplets"] == []


@pytest.mark.parametrize("query", ["tag_name=t&type=gpus", "tag_name=t&name=web", "type=cpus"])
def test_422_when_filters_do_not_go_together(query: str) -> None:
    assert mixed().get(f"/v2/droplets?{query}").status == 422


def test_listing_costs_the_page_when_the_account_is_large() -> None:
    desk = Desk(*[DropletSpec()] * 200)
    for _ in range(200):
        for droplet_id in range(FIRST, FIRST + 200):
            desk.account.start(droplet_id, "reboot")
        desk.clock.advance(20)
    assert len(desk.account.actions) == 40_200
    began = dt.datetime.now(dt.UTC)
    for page in (1, 100, 201):
        assert len(desk.get(f"/v2/actions?per_page=200&page={page}").data["actions"]) == 200
    assert (dt.datetime.now(dt.UTC) - began).total_seconds() < 0.5


@given(st.text(alphabet="/v2dropletsactions{}1230%.", max_size=40))
def test_routing_never_fails_when_paths_are_odd(path: str) -> None:
    found = Router(ROUTES).match("GET", f"/{path}")
    assert found.route is None or found.route.method == "GET"
