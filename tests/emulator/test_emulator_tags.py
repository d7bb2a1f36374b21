"""Tags of the emulator: they exist without resources, and resources of every registered kind can have them."""

from __future__ import annotations

from typing import Any

import pytest
from emulator_desk import FIRST, Desk, Reply

from gradient_async.emulator import DropletSpec, Visibility
from gradient_async.emulator.tags import Taggable, TagStore

pytestmark = pytest.mark.once

API = "https://api.digitalocean.com"


def resources(*ids: int | str, kind: str = "droplet") -> dict[str, Any]:
    return {"resources": [{"resource_id": str(one), "resource_type": kind} for one in ids]}


def tagged(desk: Desk, tag: str) -> Any:
    return desk.get(f"/v2/tags/{tag}").data["tag"]["resources"]


def names(reply: Reply) -> list[str]:
    return [tag["name"] for tag in reply.data["tags"]]


def droplet_tags(desk: Desk, droplet_id: int = FIRST) -> Any:
    return desk.get(f"/v2/droplets/{droplet_id}").data["droplet"]["tags"]


def test_tag_is_kept_when_nothing_has_it() -> None:
    desk = Desk()
    reply = desk.ask("POST", "/v2/tags", {"name": "new"})
    assert (reply.status, reply.data["tag"]["name"]) == (201, "new")
    assert tagged(desk, "new")["count"] == 0
    assert "last_tagged_uri" not in tagged(desk, "new")
    assert names(desk.get("/v2/tags")) == ["new"]


def test_tag_is_kept_when_its_last_droplet_is_gone() -> None:
    desk = Desk(DropletSpec(tags=("t",)))
    desk.account.remove(FIRST)
    assert tagged(desk, "t")["droplets"] == {"count": 0}


@pytest.mark.parametrize("name", ["two words", "a/b", "здорово", "x" * 256, "", None])
def test_400_when_the_name_is_no_tag(name: str | None) -> None:
    reply = Desk().ask("POST", "/v2/tags", {"name": name})
    assert reply.status == 400
    assert set(reply.data) == {"error", "messages", "root_causes"}


def test_tag_keeps_its_capitals_when_it_is_made_again() -> None:
    desk = Desk(DropletSpec(tags=("PROD",)), DropletSpec(tags=("prod",)))
    assert desk.ask("POST", "/v2/tags", {"name": "Prod"}).data["tag"]["name"] == "PROD"
    assert names(desk.get("/v2/tags")) == ["PROD"]
    assert droplet_tags(desk, FIRST + 1) == ["PROD"]
    assert desk.get("/v2/tags/prod").status == 404


def test_droplets_are_listed_by_a_tag_when_they_got_it_later() -> None:
    desk = Desk(DropletSpec(), DropletSpec(), DropletSpec(tags=("t",)))
    assert desk.ask("POST", "/v2/tags/t/resources", resources(FIRST + 1, FIRST)).status == 204
    listed = desk.get("/v2/droplets?tag_name=t").data["droplets"]
    assert [one["id"] for one in listed] == [FIRST, FIRST + 1, FIRST + 2]
    assert tagged(desk, "t")["droplets"] == {"count": 3, "last_tagged_uri": f"{API}/v2/droplets/{FIRST}"}

    assert desk.ask("DELETE", "/v2/tags/t/resources", resources(FIRST)).status == 204
    assert droplet_tags(desk) == []
    assert tagged(desk, "t")["droplets"] == {"count": 2, "last_tagged_uri": f"{API}/v2/droplets/{FIRST + 1}"}


def test_nothing_changes_when_a_resource_is_tagged_twice() -> None:
    desk = Desk(DropletSpec(tags=("t",)))
    for _ in range(2):
        assert desk.ask("POST", "/v2/tags/t/resources", resources(FIRST)).status == 204
    assert droplet_tags(desk) == ["t"]
    for _ in range(2):
        assert desk.ask("DELETE", "/v2/tags/t/resources", resources(FIRST)).status == 204
    assert droplet_tags(desk) == []


def test_nothing_is_tagged_when_one_resource_does_not_exist() -> None:
    desk = Desk(DropletSpec(), DropletSpec(tags=("t",)))
    assert desk.ask("POST", "/v2/tags/t/resources", resources(FIRST, 1)).status == 404
    assert desk.ask("POST", "/v2/tags/none/resources", resources(FIRST)).status == 404
    assert desk.ask("POST", "/v2/tags/t/resources", resources(FIRST, kind="planet")).status == 422
    assert desk.ask("POST", "/v2/tags/t/resources", {}).status == 422
    assert droplet_tags(desk) == []


def test_tag_is_taken_off_everything_when_it_is_deleted() -> None:
    desk = Desk(DropletSpec(tags=("a", "t", "b")))
    assert desk.ask("DELETE", "/v2/tags/t").status == 204
    assert desk.ask("DELETE", "/v2/tags/t").status == 404
    assert droplet_tags(desk) == ["a", "b"]
    assert desk.get("/v2/droplets?tag_name=t").data["droplets"] == []


def test_deleted_tag_can_be_made_again_with_other_capitals() -> None:
    desk = Desk(DropletSpec(tags=("PROD",)))
    desk.ask("DELETE", "/v2/tags/PROD")
    assert desk.ask("POST", "/v2/tags", {"name": "prod"}).data["tag"]["name"] == "prod"
    assert tagged(desk, "prod")["count"] == 0


def test_snapshot_of_a_droplet_can_be_tagged_when_named_as_image() -> None:
    desk = Desk(DropletSpec(tags=("t",)))
    desk.run("snapshot", name="nightly")
    image_id = desk.get(f"/v2/droplets/{FIRST}/snapshots").data["snapshots"][0]["id"]
    assert desk.ask("POST", "/v2/tags/t/resources", resources(image_id, kind="image")).status == 204
    assert [one["id"] for one in desk.get("/v2/images?tag_name=t").data["images"]] == [image_id]
    found = tagged(desk, "t")
    assert found["images"] == {"count": 1, "last_tagged_uri": f"{API}/v2/images/{image_id}"}
    assert (found["count"], found["last_tagged_uri"]) == (2, f"{API}/v2/images/{image_id}")

    assert desk.ask("DELETE", f"/v2/images/{image_id}").status == 204
    assert tagged(desk, "t")["images"] == {"count": 0}


def test_other_kinds_can_be_tagged_when_they_are_registered() -> None:
    desk = Desk(DropletSpec(tags=("t",)))
    planets = {"mars"}
    tags = desk.account.part(TagStore)
    find = {name: name for name in planets}.get
    tags.register(Taggable(kind="planet", plural="planets", path="/v2/planets/{}", scopes="planet", find=find))
    assert tags.put_on("planet", "venus", ["t", "hot"]) == ("t", "hot")
    assert desk.ask("POST", "/v2/tags/t/resources", resources("mars", kind="planet")).status == 204
    assert tags.tags_of("planet", "mars") == ("t",)
    assert tagged(desk, "t")["planets"] == {"count": 2, "last_tagged_uri": f"{API}/v2/planets/mars"}
    tags.forget("planet", "mars")
    assert tagged(desk, "t")["planets"] == {"count": 1, "last_tagged_uri": f"{API}/v2/planets/venus"}
    assert tagged(desk, "hot")["count"] == 1


def test_resources_that_the_token_cannot_see_are_not_counted() -> None:
    desk = Desk(DropletSpec(tags=("t",)), scopes={"tag:read", "tag:create"})
    assert tagged(desk, "t")["count"] == 0
    assert tagged(desk, "t")["droplets"] == {"count": 0}
    assert desk.ask("POST", "/v2/tags/t/resources", resources(FIRST)).status == 403


def test_new_tag_is_not_read_at_once_when_reads_lag() -> None:
    desk = Desk(DropletSpec(tags=("old",)), visibility=Visibility(get=5, list=5))
    desk.ask("POST", "/v2/tags", {"name": "new"})
    assert desk.get("/v2/tags/new").status == 404
    assert names(desk.get("/v2/tags")) == ["old"]
    desk.clock.advance(5)
    assert desk.get("/v2/tags/new").status == 200
