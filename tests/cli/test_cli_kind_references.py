"""Resources by ids and names, from words, files and standard input: a word that means two is refused."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import attrs
import pytest

from gradient_async.cli.exit_codes import UsageError
from gradient_async.cli.kind_references import KindReference, check_names, references_in
from gradient_async.cli.kinds import KINDS
from gradient_async.emulator import DropletSpec, Emulator

if TYPE_CHECKING:
    from collections.abc import Iterator

    from command import Command
    from gradient_async.cli.kinds import Kind

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHZ3V1BNd3dJZ0VwbXlnT2tqb2dOWmVyVXJwb3J"
BY_NAME = {kind.name: kind for kind in KINDS}


@pytest.fixture
def emulator(command: Command) -> Iterator[Emulator]:
    with Emulator([DropletSpec(tags=("t",))], limits=None) as emulator:
        command.on(emulator)
        yield emulator


def key_id(command: Command, name: str, last: str) -> str:
    ended = command("keys", "create", "--name", name, "--public-key", f"{KEY}{last}", "-o", "id")
    assert ended.returncode == 0, ended.stderr
    return ended.stdout.strip()


def volume_id(command: Command, name: str) -> str:
    ended = command(*("volumes", "create", "--name", name, "--region", "tor1", "--size-gigabytes", 1, "-o", "id"))
    assert ended.returncode == 0, ended.stderr
    return ended.stdout.strip()


def ids(command: Command, name: str) -> list[str]:
    return command(name, "list", "-o", "id").stdout.split()


@pytest.mark.parametrize("verb", [("show",), ("delete", "--yes")])
@pytest.mark.usefixtures("emulator")
def test_word_is_refused_as_an_id_and_as_a_name(command: Command, verb: tuple[str, ...]) -> None:
    first = key_id(command, "precious", "A")
    second = key_id(command, first, "B")
    for words, given in (((first,), ""), (("-",), f"{first}\n")):
        ended = command("keys", *verb, *words, given=given)
        assert (ended.returncode, ended.stdout) == (2, "")
        assert f"'{first}' is the id of SSH key {first} (precious) and the name of {second}" in ended.stderr
    assert set(ids(command, "keys")) == {first, second}
    assert command("keys", "delete", second, "--yes").returncode == 0
    assert ids(command, "keys") == [first]


def test_word_is_refused_for_other_kinds(command: Command, emulator: Emulator) -> None:
    first = ids(command, "projects")[0]
    made = command("projects", "create", "--name", first, "--purpose", "Training", "-o", "id")
    assert made.returncode == 0, made.stderr
    ended = command("projects", "delete", first, "--yes")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert f"'{first}' is the id of project {first}" in ended.stderr
    assert made.stdout.strip() in ended.stderr
    assert not any(request.method == "DELETE" for request in emulator.requests)


@pytest.mark.usefixtures("emulator")
def test_id_in_json_is_only_an_id(command: Command) -> None:
    first = key_id(command, "precious", "A")
    second = key_id(command, first, "B")
    ended = command("keys", "delete", "-", "--yes", "-o", "id", given=json.dumps([{"id": int(first)}]))
    assert (ended.returncode, ended.stdout) == (0, f"{first}\n"), ended.stderr
    assert ids(command, "keys") == [second]


@pytest.mark.usefixtures("emulator")
def test_names_that_read_as_ids_are_not_listed(command: Command) -> None:
    key_id(command, "laptop", "A")
    second = key_id(command, "0007", "B")
    listed = command("keys", "list", "-o", "name")
    assert (listed.returncode, listed.stdout) == (2, "")
    assert f"the name '0007' of SSH key {second} looks like an id" in listed.stderr
    assert listed.stderr.endswith("Pass --output id\n")
    assert command("keys", "list", "--name", "laptop", "-o", "name").stdout == "laptop\n"


@attrs.frozen
class Item:
    id: str
    name: str
    slug: str | None = None


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.key == "id"], ids=lambda kind: kind.name)
def test_names_are_refused_when_they_are_read_as_others(kind: Kind) -> None:
    uuid = "506f78a4-e098-11e5-ad9f-000f53306ae1"
    check_names(kind, [Item(uuid, "data"), Item("8", "my laptop"), Item("9", "")])
    number = "12" if kind in (BY_NAME["keys"], BY_NAME["images"], BY_NAME["snapshots"]) else uuid.upper()
    for names in ([number], ["#x"], ["@x"], [" x"], ['{"id": "0"}'], [uuid]):
        items = [Item(uuid, "data"), *(Item(str(at), name) for at, name in enumerate(names))]
        with pytest.raises(UsageError, match="Pass --output id"):
            check_names(kind, items)


# Standard input


@pytest.mark.parametrize("form", ["id", "name", "json", "jsonl"])
def test_what_list_writes_is_deleted(command: Command, emulator: Emulator, form: str) -> None:
    for name in ("a", "b"):
        volume_id(command, name)
    kept = volume_id(command, "kept")
    parts = [command("volumes", "list", "--name", name, "-o", form).stdout for name in ("a", "b")]
    for part in parts:
        ended = command("volumes", "delete", "-", "--yes", given=part)
        assert ended.returncode == 0, ended.stderr
    assert ids(command, "volumes") == [kept]
    table = command("volumes", "delete", "-", "--yes", given=command("volumes", "list").stdout)
    assert (table.returncode, table.stdout) == (2, "")
    assert "standard input holds a table: pass -o id" in table.stderr
    assert sum(request.method == "DELETE" for request in emulator.requests) == 2


@pytest.mark.usefixtures("emulator")
def test_show_reads_one_from_standard_input(command: Command) -> None:
    assert command("tags", "show", "-", "-o", "id", given="t\n").stdout == "t\n"
    ended = command("tags", "show", "-", given="t\nu\n")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "expected the id or the name of one tag, got 2" in ended.stderr


@pytest.mark.parametrize(
    ("words", "given", "said"),
    [
        (["-"], "", "standard input holds no tag"),
        (["-"], "# none\n\n", "standard input holds no tag"),
        (["-"], '[{"x": 1}]', "standard input: expected JSON objects with name"),
        (["-"], "[{", "standard input: the JSON is broken"),
        (["-"], "t\nnone\n", "there is no tag 'none'"),
        (["@none.txt"], "", "@none.txt: there is no such file"),
        (["-", "--token-file", "-"], "t", "standard input cannot hold both the token and the ids"),
    ],
    ids=str,
)
def test_nothing_is_deleted_when_input_is_wrong(
    command: Command, emulator: Emulator, words: list[str], given: str, said: str
) -> None:
    ended = command("tags", "delete", *words, "--yes", given=given)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert said in ended.stderr
    assert not any(request.method == "DELETE" for request in emulator.requests)


def test_names_with_spaces_are_one_reference() -> None:
    read = references_in(BY_NAME["keys"], "# all\r\nmy laptop\r\n\n 512189 \n", "x")
    assert read == [KindReference("my laptop"), KindReference("512189")]
    assert references_in(BY_NAME["tags"], '{"name": "a"}\n{"id": "b"}', "x") == [
        KindReference("a", is_id=True),
        KindReference("b", is_id=True),
    ]
