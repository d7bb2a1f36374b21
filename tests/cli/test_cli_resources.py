"""The verbs of every kind of resource: list, show, create and delete, by one pattern."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, TypeAlias

import attrs
import pytest

from command import FIRST, Command, Terminal
from gradient_async.cli import fields, filters
from gradient_async.cli.body_options import options_of
from gradient_async.cli.kinds import KINDS, Kind
from gradient_async.emulator import DropletSpec, Emulator
from gradient_sync import GradientAI

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Typed: TypeAlias = Callable[..., tuple[int, str, str]]

pytestmark = [pytest.mark.usefixtures("emulator"), pytest.mark.once]

FIREWALL = ("firewalls", "create", "--name", "xx")
BY_NAME = {kind.name: kind for kind in KINDS}
PUBLIC_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHZ3V1BNd3dJZ0VwbXlnT2tqb2dOWmVyVXJwb3Jt you@laptop"
# What creates one of each kind that can be created with plain options.
CREATED = {
    "keys": ("--name", "laptop", "--public-key", PUBLIC_KEY),
    "volumes": ("--name", "data", "--region", "tor1", "--size-gigabytes", 10, "--tags", "a,b"),
    "reserved-ips": ("--region", "tor1"),
    "projects": ("--name", "training", "--purpose", "Training"),
    "tags": ("--name", "training"),
    "vpcs": ("--name", "training", "--region", "tor1"),
    "firewalls": (
        *("--name", "ssh-only", "--droplet-ids", FIRST),
        *("--inbound-rules", '[{"protocol": "tcp", "ports": "22", "sources": {"addresses": ["203.0.113.0/24"]}}]'),
    ),
}


@pytest.fixture
def emulator(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Emulator]:
    request.getfixturevalue("typed")  # which empties the environment
    with Emulator([DropletSpec(tags=("t",))], limits=None) as emulator:
        monkeypatch.setenv("GRADIENT_BASE_URL", emulator.base_url)
        monkeypatch.setenv("DIGITALOCEAN_ACCESS_TOKEN", emulator.token)
        yield emulator


def ids(typed: Typed, name: str, *words: object) -> list[str]:
    code, output, errors = typed(name, "list", "-o", "id", *words)
    assert code == 0, errors
    return output.split()


# The declarations.


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_declaration_names_fields_that_there_are(kind: Kind) -> None:
    paths = set(fields.paths_of(kind.model))
    assert {shown.path for shown in fields.usual_columns(kind)} <= paths
    assert {kind.key, kind.label} <= paths | {""}
    assert fields.usual_columns(kind)[0].path == kind.key
    assert kind.loss or "delete" not in kind.verbs or kind.delete_endpoint is None


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_options_say_what_they_are(kind: Kind) -> None:
    listed = [text for _, text in filters.options_of(kind).values()]
    created = [option.help for option in options_of(kind)] if kind.create_endpoint else []
    for text in (*listed, *created):
        assert re.match(r"[A-Z].*\.$", text), text
        assert "``" not in text


# list


@pytest.mark.parametrize("name", BY_NAME)
def test_every_kind_is_listed_in_every_form(typed: Typed, name: str) -> None:
    if name in CREATED:
        assert typed(name, "create", *CREATED[name])[0] == 0
    _, output, _ = typed(name, "list", "-o", "json")
    whole = json.loads(output)
    _, output, _ = typed(name, "list", "-o", "jsonl")
    assert [json.loads(line) for line in output.splitlines()] == whole
    key = BY_NAME[name].key
    assert ids(typed, name) == [str(one[key]) for one in whole]
    assert len(typed(name, "list", "-o", "name")[1].splitlines()) == len(whole)
    code, output, errors = typed(name, "list")
    assert code == 0, errors
    assert len(output.splitlines()) == (len(whole) + 1 if whole else 0)
    assert errors == ("" if whole else f"no {BY_NAME[name].plural}\n")


def test_columns_are_those_that_were_named(typed: Typed) -> None:
    _, output, _ = typed("sizes", "list", "--columns", "SLUG,gpu_info.vram.amount,$/hour", "--name", "gpu-h200x8*")
    assert [line.split() for line in output.splitlines()] == [
        ["SLUG", "GPU", "INFO.VRAM.AMOUNT", "$/HOUR"],
        ["gpu-h200x8-1128gb", "1128", "27.52"],
    ]
    _, output, _ = typed("sizes", "list", "--columns", "disk_info.size.amount", "--name", "gpu-h200x8*")
    assert output.splitlines() == ["DISK INFO.SIZE.AMOUNT", "2046,40960"]
    _, output, _ = typed("sizes", "list", "--columns", "slug,price-hourly", "--name", "gpu-h200x8*", "-o", "jsonl")
    assert json.loads(output) == {"slug": "gpu-h200x8-1128gb", "price_hourly": 27.52}


@pytest.mark.parametrize(
    "words",
    [("list", "-o", "id"), ("show", "t", "-o", "name"), ("create", "--name", "x", "-o", "id"), ("delete", "t", "-y")],
)
def test_columns_are_refused_where_there_are_none(typed: Typed, emulator: Emulator, words: tuple[str, ...]) -> None:
    code, output, errors = typed("tags", *words, "--columns", "name")
    assert (code, output) == (2, "")
    assert errors.startswith("error: --columns: ")
    assert len(emulator.requests) == 0


@pytest.mark.parametrize("verb", [("list",), ("show", "x"), ("create", "--name", "x")])
def test_nothing_is_sent_when_a_column_does_not_exist(typed: Typed, emulator: Emulator, verb: tuple[str, ...]) -> None:
    code, _, errors = typed("tags", *verb, "--columns", "name,resorces")
    assert code == 2
    assert "there is no column 'resorces'. Did you mean 'resources'?" in errors
    assert len(emulator.requests) == 0


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        (["--name", "DATA"], ["data"]),
        (["--name", "dat*"], ["data", "data-2"]),
        (["--region", "ATL1"], ["data-2"]),
        (["--tag", "a"], ["data"]),
        (["--tag", "A"], []),
        (["--tag", "a", "--region", "atl1"], []),
    ],
    ids=str,
)
def test_list_is_filtered_by_name_region_and_tag(typed: Typed, words: list[str], kept: list[str]) -> None:
    typed("volumes", "create", *CREATED["volumes"])
    typed("volumes", "create", "--name", "data-2", "--region", "atl1", "--size-gigabytes", 1)
    assert typed("volumes", "list", "-o", "name", *words)[1].split() == kept


def test_list_is_filtered_by_slug_when_there_is_one(typed: Typed) -> None:
    assert typed("images", "list", "--name", "GPU-h100x1*", "--columns", "slug", "-o", "jsonl")[1] == (
        '{"slug": "gpu-h100x1-base"}\n'
    )
    assert ids(typed, "regions", "--name", "tor1") == ids(typed, "regions", "--name", "Toronto 1") == ["tor1"]


def test_article_fits_the_noun() -> None:
    assert [BY_NAME[name].one for name in ("images", "keys", "volumes")] == ["an image", "an SSH key", "a volume"]


def test_list_is_filtered_by_the_api_when_it_can(typed: Typed, emulator: Emulator) -> None:
    assert ids(typed, "images", "--private", "--tag", "t") == []
    assert dict(list(emulator.requests)[-1].query) == {
        "private": "true",
        "tag_name": "t",
        "page": "1",
        "per_page": "200",
    }


# show


@pytest.mark.parametrize("name", CREATED)
def test_resource_is_shown_by_its_id_and_its_name(typed: Typed, name: str) -> None:
    kind = BY_NAME[name]
    made = json.loads(typed(name, "create", *CREATED[name], "-o", "json")[1])
    references = {str(made[kind.key]), str(made[kind.label] if kind.label else made[kind.key])}
    for reference in references:
        code, output, errors = typed(name, "show", reference, "-o", "json")
        assert code == 0, errors
        assert json.loads(output)[kind.key] == made[kind.key]
    _, output, _ = typed(name, "show", references.pop())
    assert re.search(rf"^{kind.key} +{re.escape(str(made[kind.key]))}$", output, re.MULTILINE)


@pytest.mark.parametrize(("name", "reference"), [("sizes", "gpu-h100x8-640gb"), ("regions", "tor1")])
def test_resource_is_found_in_the_list_if_not_readable_alone(typed: Typed, name: str, reference: str) -> None:
    assert json.loads(typed(name, "show", reference, "-o", "json")[1])["slug"] == reference
    assert typed(name, "show", reference, "--columns", "slug")[1] == f"slug  {reference}\n"


@pytest.mark.parametrize("name", BY_NAME)
def test_showing_or_deleting_an_unknown_resource_is_an_error(typed: Typed, name: str) -> None:
    kind = BY_NAME[name]
    code, output, errors = typed(name, "show", "nothing-like-it")
    assert (code, output) == (2, "")
    assert errors.startswith(f"error: there is no {kind.noun}")
    if kind.delete_endpoint is not None:
        assert typed(name, "delete", "nothing-like-it", "--yes")[0] == 2


def test_ids_are_named_when_several_have_the_name(typed: Typed) -> None:
    for region in ("tor1", "atl1"):
        typed("volumes", "create", "--name", "data", "--region", region, "--size-gigabytes", 1)
    code, _, errors = typed("volumes", "show", "data")
    assert code == 2
    assert all(volume_id in errors for volume_id in ids(typed, "volumes"))


# create


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (["volumes", "create", "--name", "x"], "error: --region and --size-gigabytes: missing"),
        (["vpcs", "create", "--name", "a b", "--region", "tor1"], "--name: expected only the characters"),
        (["projects", "create", "--name", "x"], "--purpose"),
        (["firewalls", "create", "--name", "xx", "--inbound-rules", "[{"], "--inbound-rules: expected JSON, or @FILE"),
        (["firewalls", "create", "--name", "xx", "--inbound-rules", "@none.json"], "none.json: No such file"),
        (["firewalls", "create", "--name", "xx", "--droplet-ids", "1,x"], "no Droplet has the name 'x'"),
        (
            ["firewalls", "create", "--name", "xx", "--inbound-rules", '[{"protocol": "tcp", "ports": "x"}]'],
            "--inbound-rules[0]",
        ),
        (
            [*FIREWALL, "--inbound-rules", '[{"protocol": "tcp", "ports": "22", "sources": {"dropletids": [1]}}]'],
            "--inbound-rules[0].sources.dropletids: unknown field. Did you mean 'droplet_ids'? Allowed are addresses, ",
        ),
        (["reserved-ips", "create", "--droplet-id", f"{FIRST},3164445"], "--droplet-id: expected the id or the name"),
        (["keys", "create", "--name", "x", "--public-key", "./none.pub"], "--public-key: none.pub: No such file"),
        (["keys", "create", "--name", "x", "--public-key", "~no-user/k"], "no-user/k: there is no such home directory"),
        (["keys", "create", "--name", "x", "--public-key", "id_ed25519"], "--public-key: id_ed25519: No such file"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_nothing_is_sent_when_an_option_is_wrong(
    typed: Typed, emulator: Emulator, words: list[str], error: str
) -> None:
    code, output, errors = typed(*words)
    assert (code, output) == (2, "")
    assert error in errors
    assert not any(request.method == "POST" for request in emulator.requests)


def test_droplets_of_a_new_resource_are_ids_or_names(typed: Typed, emulator: Emulator) -> None:
    rules = '[{"protocol": "icmp", "sources": {"addresses": ["0.0.0.0/0"]}}]'
    words = ("--droplet-ids", f"gpu-{FIRST},{FIRST}", "--inbound-rules", rules, "-o", "json")
    code, output, errors = typed(*FIREWALL, *words)
    assert code == 0, errors
    assert json.loads(output)["droplet_ids"] == [int(FIRST)]
    code, _, errors = typed("reserved-ips", "create", "--droplet-id", f"gpu-{FIRST}")
    assert code == 0, errors
    assert emulator.requests[-1].body == {"droplet_id": int(FIRST)}


def test_public_key_is_read_from_its_file(typed: Typed, tmp_path: Path) -> None:
    (tmp_path / "id of mine.pub").write_text(f"{PUBLIC_KEY}\n", encoding="utf-8")
    code, output, errors = typed("keys", "create", "--name", "x", "--public-key", "./id of mine.pub", "-o", "json")
    assert code == 0, errors
    assert json.loads(output)["public_key"] == PUBLIC_KEY


def test_private_key_is_not_sent(typed: Typed, emulator: Emulator, tmp_path: Path) -> None:
    (tmp_path / "id").write_text("-----BEGIN OPENSSH PRIVATE KEY-----\n", encoding="utf-8")
    code, _, errors = typed("keys", "create", "--name", "x", "--public-key", "./id")
    assert code == 2
    assert "got a private key. It was not sent" in errors
    assert len(emulator.requests) == 0


def test_api_refuses_a_firewall_without_rules(typed: Typed) -> None:
    code, output, errors = typed("firewalls", "create", "--name", "xx")
    assert (code, output) == (1, "")
    assert errors.startswith("error: 422 unprocessable_entity: must have at least one rule")


def test_nested_parts_are_read_from_a_file(typed: Typed, tmp_path: Path) -> None:
    rules = [{"protocol": "icmp", "sources": {"tags": ["t"]}}]
    (tmp_path / "rules.json").write_text(json.dumps(rules), encoding="utf-8")
    code, output, errors = typed(
        "firewalls", "create", "--name", "icmp", "--inbound-rules", "@rules.json", "-o", "json"
    )
    assert code == 0, errors
    assert json.loads(output)["inbound_rules"][0]["sources"]["tags"] == ["t"]


def test_only_the_id_is_written_when_it_is_asked_for(typed: Typed) -> None:
    _, output, errors = typed("volumes", "create", *CREATED["volumes"], "-o", "id")
    assert output.split() == ids(typed, "volumes")
    assert errors == ""


def test_dash_is_the_word_that_was_typed_or_standard_input(command: Command) -> None:
    with Emulator(limits=None) as emulator:
        command.on(emulator)
        made = command("projects", "create", "--name", "-", "--purpose", "Training", "-o", "json")
        assert json.loads(made.stdout)["name"] == "-"
        rules = '[{"protocol": "icmp", "sources": {"addresses": ["203.0.113.0/24"]}}]'
        made = command("firewalls", "create", "--name", "icmp", "--inbound-rules", "-", "-o", "name", given=rules)
        assert (made.stdout, made.stderr) == ("icmp\n", "")


# delete


@pytest.mark.parametrize("name", CREATED)
def test_resource_is_deleted_only_with_a_confirmation(typed: Typed, name: str) -> None:
    kind = BY_NAME[name]
    made = json.loads(typed(name, "create", *CREATED[name], "-o", "json")[1])
    before = ids(typed, name)
    code, output, errors = typed(name, "delete", made[kind.key])
    assert (code, output) == (2, "")
    assert f"{kind.loss}. There is no terminal for a confirmation. Pass --yes" in errors
    assert ids(typed, name) == before
    code, output, errors = typed(name, "delete", made[kind.label or kind.key], "-y")
    assert (code, errors) == (0, "")
    assert output.startswith(f"deleted {kind.noun} {made[kind.key]}")
    assert ids(typed, name) == [one for one in before if one != str(made[kind.key])]


def test_others_are_deleted_when_one_cannot_be(typed: Typed) -> None:
    typed("vpcs", "create", *CREATED["vpcs"])
    code, output, errors = typed("vpcs", "delete", "default-tor1", "training", "training", "--yes", "-o", "json")
    assert code == 1
    results: list[dict[str, Any]] = json.loads(output)
    assert [(one["name"], one["error"] is None) for one in results] == [("default-tor1", False), ("training", True)]
    assert "default-tor1" in errors


def test_nothing_is_deleted_when_one_does_not_exist(typed: Typed) -> None:
    typed("tags", "create", "--name", "training")
    assert typed("tags", "delete", "training", "trainnig", "--yes")[0] == 2
    assert "training" in ids(typed, "tags")
    assert typed("tags", "delete", "--yes")[0] == 2


@pytest.mark.parametrize(("answer", "code"), [("y\n", 0), ("n\n", 1), ("\n", 1)])
def test_question_is_asked_on_a_terminal(command: Command, answer: str, code: int) -> None:
    with Emulator([DropletSpec(tags=("t",))], limits=None) as emulator:
        command.on(emulator)
        terminal = Terminal(command, "tags", "delete", "t")
        terminal.read_until("Continue? [y/N]")
        assert "delete tag t: all resources that have the tag lose it." in terminal.text
        terminal.type(answer)
        assert terminal.ended() == code
        assert [request.method for request in emulator.requests].count("DELETE") == (code == 0)


# Words


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        (["volume", "list"], "volumes"),
        (["ssh-keys", "list"], "keys"),
        (["floating-ips", "list"], "reserved-ips"),
        (["volumes", "lst"], "list"),
        (["volumes", "rm", "x"], "delete"),
        (["tags", "new", "x"], "create"),
    ],
    ids=str,
)
def test_meant_verb_is_named_when_a_word_is_unknown(typed: Typed, words: list[str], meant: str) -> None:
    code, _, errors = typed(*words)
    assert code == 2
    assert f"Did you mean {meant!r}?" in errors


def test_completion_has_the_verbs_of_every_kind(typed: Typed) -> None:
    script = typed("completion", "bash")[1]
    for name in BY_NAME:
        assert re.search(rf"\b{name}\b", script)
    assert "--size-gigabytes" in script


def test_control_characters_are_escaped_in_tables_and_facts(typed: Typed, emulator: Emulator) -> None:
    with GradientAI(emulator.token, base_url=emulator.base_url) as client:
        client.post("/v2/projects", body={"name": "a\x1b[2Jb", "purpose": "Training"})
    for words in (("list",), ("show", "a\x1b[2Jb"), ("list", "-o", "name")):
        output = typed("projects", *words)[1]
        assert "a\\x1b[2Jb" in output
        assert "\x1b[2J" not in output


def test_part_is_one_text_when_it_stands_in_a_cell() -> None:
    @attrs.frozen
    class Part:
        amount: int
        unit: str | None = None

    assert fields.text_of((Part(2, "gib"), Part(3))) == "2 gib,3"

    @attrs.frozen
    class Whole:
        count: int
        disks: Part
        keys: Part

    assert fields.text_of(Whole(3, Part(1), Part(0))) == "count 3, disks 1, keys 0"
    values: tuple[object, ...] = (None, (), True, 1.50, {"a": 1}, [])
    assert [fields.text_of(value) for value in values] == ["", "", "yes", "1.5", "a=1", ""]
