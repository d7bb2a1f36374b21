"""Ids and names as typed, in files, and in the output of other commands."""

from __future__ import annotations

import codecs
import csv
import io
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradient_async.cli import ids, references
from gradient_async.cli.exit_codes import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.once

numbers = st.integers(1, 2**63 - 1)
names = st.from_regex(r"\A[a-z][a-z0-9.-]{0,20}\Z").filter(lambda name: name not in {"id", "droplet", "action"})
FULL_WIDTH = "\uff13\uff11\uff16"


def droplets(*words: str, **files: str) -> tuple[int | str, ...]:
    return ids.parse_droplets(words, lambda name: files[name])


def actions(*words: str, **files: str) -> references.Found:
    return ids.parse_actions(words, lambda name: files[name])


def outcome(parse: Callable[[], Any]) -> tuple[Any, str]:
    """Return the result, or the error."""
    try:
        return parse(), ""
    except UsageError as error:
        return (), str(error)


# --- words ---


def test_ids_come_once_and_in_order_when_typed() -> None:
    assert droplets("3", "1", "3", "2") == (3, 1, 2)
    assert droplets("3,1") == (3, 1)
    assert droplets("1;2 3") == (1, 2, 3)
    assert droplets("007") == (7,)


def test_names_stand_beside_ids_when_typed() -> None:
    assert droplets("gpu-01", "3164444", "a.example.com,b") == ("gpu-01", 3164444, "a.example.com", "b")
    assert droplets("1a") == ("1a",)


@pytest.mark.parametrize(
    "word", ["3,164,444", "1,234", "3,164,444,", "12,345", "1,3,164,444", "5 3,164,444", "123,456"]
)
def test_thousands_separators_are_refused_when_typed(word: str) -> None:
    with pytest.raises(UsageError, match="is ambiguous: it can be one number with thousands separators"):
        droplets(word)
    with pytest.raises(UsageError, match=r"is ambiguous \(@f, line 2\)"):
        droplets("@f", f=f"7\n{word}\n")


@pytest.mark.parametrize("word", ["3164444,3164445", "3, 164, 444", "3164444,123", "1,2,3"])
def test_lists_are_read_when_no_thousands_are_meant(word: str) -> None:
    assert len(droplets(word)) > 1


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("0", "0 is not a Droplet's id, which is 1 or above"),
        ("-1", "-1 is not a Droplet's id, which is 1 or above"),
        ("9" * 19, "is not a Droplet's id, which is 9223372036854775807 or below"),
        ("9" * 5000, "is not a Droplet's id, which is 9223372036854775807 or below"),
        (FULL_WIDTH, "it has digits other than 0 to 9; type it again"),
        (f"12{FULL_WIDTH}", "it has digits other than 0 to 9; type it again"),
        ("\u0661", "it has digits other than 0 to 9; type it again"),
        ("3.164.444", "write it without thousands separators"),
        ("3_164_444", "write it without thousands separators"),
        ("3'164'444", "write it without thousands separators"),
        ("3\u00a0164\u00a0444", "write it without thousands separators"),
        ("1-5", "'1-5' is neither a Droplet's id (a number) nor its name"),
        ("1.5", "is neither"),
        ("a b/c", "'b/c' is neither"),
        ("-a", "'-a' is neither"),
        ("g\u00fcnther", "is neither"),
        ("\u200b7", "is neither"),
        ("a" * 300, "is neither"),
    ],
)
def test_word_is_refused_when_it_is_neither_id_nor_name(word: str, expected: str) -> None:
    with pytest.raises(UsageError) as caught:
        droplets(word)
    assert expected in str(caught.value)
    assert len(str(caught.value)) < 400


def test_names_are_refused_when_actions_are_meant() -> None:
    with pytest.raises(UsageError, match="'gpu-01' is not an action's id"):
        actions("gpu-01")


@given(st.text(max_size=30), st.sampled_from(["droplet", "action"]))
def test_any_word_is_read_or_refused(word: str, kind: Any) -> None:
    found, refusal = outcome(lambda: references.references_in(word, "", kind))
    assert "\n" not in refusal
    if refusal:
        return
    kept = "".join(str(one) for one in found)
    dropped = [letter for letter in word if letter not in " \t\r\n,;+"]
    zeros = [letter for letter in dropped if letter != "0"]
    assert [letter for letter in kept if letter != "0"] == zeros, "nothing is left out, and nothing is added"


# --- texts ---


@pytest.mark.parametrize(
    "stream",
    [io.TextIOWrapper(io.BytesIO("7 gpu-ü\n".encode()), "ascii"), io.StringIO("7 gpu-ü\n"), None],
    ids=["with bytes", "text only", "closed"],
)
def test_standard_input_is_read_when_it_is_of_any_kind(stream: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", stream)
    assert ids.read_actions("-") == ("" if stream is None else "7 gpu-ü\n")


def test_ids_in_a_file_may_be_written_in_any_way() -> None:
    text = "# trainers\n1, 2;3\n\n4\t5 # the last\n  6\r\n"
    assert droplets("@f", "7", f=text) == (1, 2, 3, 4, 5, 6, 7)
    assert droplets("@f", f="gpu-01\r\n# c\r\n\r\ngpu-02 # the other\r\n5\r\n") == ("gpu-01", "gpu-02", 5)


def test_each_source_is_read_once() -> None:
    assert droplets("@f", "@-", "@f", **{"f": "1", "-": "2"}) == (1, 2)
    read: list[str] = []

    def once(name: str) -> str:
        read.append(name)
        return "7"

    assert ids.parse_droplets(["@-", "@f", "@-"], once) == (7,)
    assert read == ["-", "f"]


@pytest.mark.parametrize(
    "text",
    [
        '{"id": 5, "name": "a"}\n{"action_id": 9, "droplet_id": 6, "id": 9}\n',
        '[{"id": 5}, {"droplet_id": 6}]',
        '[5, "6"]',
        '{"id": "5"}\n{"droplet_id": "6"}',
        '{\n  "id": 5\n}\n{\n  "id": 6\n}\n',
        '{"id": 5}, {"id": 6}',
        '# from a program\n{"id": 5}\n\n6',
        '{"droplets": [{"id": 5}, {"id": 6}], "links": {}}',
        '{"action": "reboot", "outcomes": [{"droplet_id": 5, "action_id": 1}, {"droplet_id": 6, "action_id": null}]}',
        '[{"droplet": {"id": 5}}, {"id": 6}]',
        '{"id": 99, "resource_id": 5, "resource_type": "droplet"}\n6',
        "id,name,status\n5,gpu-01,active\n6,gpu-02,off\n",
        'name;id\n"a;b";5\nb;6\n',
        'name,ID\r\n"a, b",5\r\n\r\nb,"6"\r\n',
        ",id,name\n0,5,a\n1,6,b\n",
        "\tid\n0\t5\n1\t6\n",
        "ID\n5\n6\n",
        "Droplet ID\n5\n6\n",
        "\ufeff5\n6\n",
        '\ufeff[{"id": 5}, {"id": 6}]',
        "5\r6\r",
    ],
)
def test_ids_are_found_in_what_programs_write(text: str) -> None:
    assert droplets("@f", f=text) == (5, 6)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "@f holds no ids"),
        ("# nothing\n", "@f holds no ids"),
        ("[]", "@f holds no ids"),
        ("id,name\n", "@f holds no ids"),
        ("1\nx/y\n", "'x/y' is neither a Droplet's id (a number) nor its name (@f, line 2)"),
        ("1\n0\n", "0 is not a Droplet's id, which is 1 or above (@f, line 2)"),
        (FULL_WIDTH, "digits other than 0 to 9"),
        ("3164444,gpu-01,active\n", "write each name on its own line"),
        ("3164444\tgpu-01\tactive\n", "CSV needs a header with the column id"),
        ("gpu-01 gpu-02\n", "write each name on its own line"),
        ("ID       NAME\n3164444  gpu-01\n", "@f holds a table: pass -o id"),
        ("DROPLET  STATUS\n3164444  completed\n", "@f holds a table: pass -o id"),
        ("id   3164444\nname gpu\n", "@f holds a table"),
        ("name,id\na,5\nb\n", "the row has no column 2, the ids' column in the header (@f, line 3)"),
        ("name,id\na,5\nb,\n", "is neither"),
        ('id,name\n"5,a\n6,b\n', "the CSV is broken"),
        ('id,name\n"5\n6",a\n', "is neither"),
        ('{"id": true}', "the JSON has true as id; expected an id (@f, line 1)"),
        ('{"id": 5.0}', "the JSON has 5.0 as id"),
        ('{"id": ""}', 'the JSON has "" as id'),
        ('{"id": "5 6"}', 'the JSON has "5 6" as id'),
        ('{"id": -5}', "the JSON has -5 as id"),
        ('{"id": 0}', "0 is not a Droplet's id"),
        (f'{{"id": "{FULL_WIDTH}"}}', "as id; expected an id"),
        ('{"name": "a"}', "the JSON object has neither droplet_id nor id (@f, line 1)"),
        ('{"id": 5}\n{"id": 1', "the JSON is broken: "),
        ('{"droplet_id": null, "id": 9}', "the JSON has null as droplet_id"),
        ('{"id": 9, "resource_id": 5, "resource_type": "volume"}', "is an action of something other than a Droplet"),
        ("[null]", "the JSON has null as a value"),
        ("[[[[[[5]]]]]]", "or one array of them"),
        ("[" * 100_000, "the JSON cannot be read"),
        ("[" + "9" * 5000 + "]", "the JSON cannot be read"),
        ('["3,164,444"]', "is neither"),
    ],
)
def test_text_is_refused_when_it_holds_anything_else(text: str, expected: str) -> None:
    with pytest.raises(UsageError) as caught:
        droplets("@f", f=text)
    assert expected in str(caught.value)


def test_name_is_read_when_a_row_has_one_column_only() -> None:
    assert droplets("@f", f="id,name\n5,a\n\ngpu\n") == (5, "gpu")


def test_actions_are_found_in_what_a_run_writes() -> None:
    rows = [
        {"droplet_id": 1, "status": "completed", "action_id": 11},
        {"droplet_id": 2, "status": "failed", "action_id": None},
        {"droplet_id": 3, "status": "completed", "action_id": "13"},
    ]
    for text in ("\n".join(map(json.dumps, rows)), json.dumps(rows), json.dumps({"outcomes": rows}, indent=2)):
        found = actions("@f", f=text)
        assert found.references == (11, 13)
        assert found.without_action == ("Droplet 2: no action (failed)",)
        assert not found.is_all_well
    found = actions("@f", f='{"droplet_id": 2, "status": "completed", "action_id": null}')
    assert (found.references, found.is_all_well) == ((), True)


def test_a_droplet_is_no_action() -> None:
    with pytest.raises(UsageError, match="the JSON object is a Droplet; expected an action"):
        actions("@f", f='{"id": 3164444, "vcpus": 20}')
    assert actions("@f", f='{"id": 9, "type": "reboot", "resource_type": "droplet"}').references == (9,)


def as_csv(rows: list[tuple[int, str]]) -> str:
    written = io.StringIO()
    csv.writer(written).writerows([("name", "id"), *((name, number) for number, name in rows)])
    return written.getvalue()


FORMS: dict[str, Any] = {
    "lines": lambda rows: "\n".join(str(number) for number, _ in rows),
    "one line": lambda rows: " ".join(str(number) for number, _ in rows),
    "comma and space": lambda rows: ", ".join(str(number) for number, _ in rows),
    "crlf": lambda rows: "".join(f"{number}\r\n" for number, _ in rows),
    "commented": lambda rows: "".join(f"{number} # {name}\n\n" for number, name in rows),
    "array": lambda rows: json.dumps([number for number, _ in rows], indent=1),
    "strings": lambda rows: json.dumps([str(number) for number, _ in rows]),
    "json lines": lambda rows: "\n".join(json.dumps({"id": number, "name": name}) for number, name in rows),
    "objects": lambda rows: json.dumps([{"id": str(number), "name": name} for number, name in rows]),
    "csv": as_csv,
}


@pytest.mark.parametrize("form", FORMS)
@settings(max_examples=25)
@given(rows=st.lists(st.tuples(numbers, st.text(st.characters(codec="utf-8", exclude_characters="\r\n"))), min_size=1))
def test_ids_are_read_as_they_were_written(form: str, rows: list[tuple[int, str]]) -> None:
    expected = tuple(dict.fromkeys(number for number, _ in rows))
    assert droplets("@f", f=FORMS[form](rows)) == expected
    assert actions("@f", f=FORMS[form](rows)).references == expected


@given(st.lists(names, min_size=1))
def test_names_are_read_as_they_were_written(written: list[str]) -> None:
    assert droplets("@f", f="\n".join(written)) == tuple(dict.fromkeys(written))


@given(st.text() | st.text(st.sampled_from('{}[]",:;# \n\r\tid0123456789nul')))
def test_any_text_is_read_or_refused_on_one_line(text: str) -> None:
    for parse in (droplets, actions):
        found, refusal = outcome(lambda parse=parse: parse("@f", f=text))
        assert (not found) == bool(refusal)
        assert "\n" not in refusal


# --- files ---


@pytest.mark.parametrize(
    "content",
    [
        b"5\n6\n",
        codecs.BOM_UTF8 + b"5\n6\n",
        codecs.BOM_UTF16_LE + "5\r\n6\r\n".encode("utf-16-le"),
        codecs.BOM_UTF16_BE + "5\n6".encode("utf-16-be"),
    ],
)
def test_file_is_read_when_it_has_a_byte_order_mark(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "ids").write_bytes(content)
    assert ids.parse_droplets([f"@{tmp_path / 'ids'}"], ids.read_droplets) == (5, 6)


def test_file_that_cannot_be_read_is_named_as_typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "latin").write_bytes(b"g\xfcnther")
    for word, expected in [
        ("@training", "@training: there is no such file. For the Droplets with the tag training, pass --tag training"),
        ("@no/file.txt", "@no/file.txt: there is no such file"),
        ("@", "'@' needs a file name directly after it, such as @ids.txt"),
        ("@.", "@.: cannot be read: Is a directory"),
        ("@latin", "@latin: cannot be read: it is not UTF-8 or UTF-16 text"),
        ("@a\0b", "@a\\x00b: cannot be read: it is not UTF-8"),
    ]:
        with pytest.raises(UsageError) as caught:
            ids.parse_droplets([word], ids.read_droplets)
        assert str(caught.value).startswith(expected)
    with pytest.raises(UsageError, match=r"^@training: there is no such file$"):
        ids.parse_actions(["@training"], ids.read_actions)
