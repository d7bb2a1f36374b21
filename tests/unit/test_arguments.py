from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples import Indexed

from gradient_async import arguments

if TYPE_CHECKING:
    from collections.abc import Callable


@given(st.integers(min_value=1))
def test_id_is_kept_when_it_is_at_least_one(value: int) -> None:
    assert arguments.checked_id("droplet_id", value) == value


def test_id_of_another_librarys_integer_becomes_an_int() -> None:
    checked = arguments.checked_id("droplet_id", Indexed(7))
    assert type(checked) is int
    assert checked == 7


@given(st.integers(max_value=0))
def test_id_is_refused_when_it_is_below_one(value: int) -> None:
    with pytest.raises(ValueError, match=rf"droplet_id: .*at least 1.*{value}"):
        arguments.checked_id("droplet_id", value)


@pytest.mark.parametrize("value", ["3164444", "abc", 3164444.0, True, None, [1], b"1", math.nan, int])
def test_id_is_refused_with_its_name_when_it_is_no_int(value: Any) -> None:
    with pytest.raises(TypeError, match=r"droplet_id: expected an int, got .+"):
        arguments.checked_id("droplet_id", value)


@pytest.mark.parametrize("value", ["", " ", "\n\t", "\u2003"])
def test_text_is_refused_when_it_is_blank(value: str) -> None:
    with pytest.raises(ValueError, match="name: expected text such as 'nightly', got " + re.escape(repr(value))):
        arguments.checked_text("name", value, "nightly")


@pytest.mark.parametrize("value", ["a\n", "a\nb", "a\tb", "a\x00", "\x1b[31ma", "a\x7f"])
def test_text_is_refused_when_it_has_control_characters(value: str) -> None:
    fault = "name: expected one line of text such as 'nightly', got " + re.escape(repr(value))
    with pytest.raises(ValueError, match=fault):
        arguments.checked_text("name", value, "nightly")
    assert arguments.checked_lines("name", value, "nightly") == value


@pytest.mark.parametrize("value", [None, 5, b"nightly", ["nightly"], True])
def test_text_is_refused_when_it_is_no_str(value: Any) -> None:
    with pytest.raises(TypeError, match="name: expected a str such as 'nightly', got " + type(value).__name__):
        arguments.checked_text("name", value, "nightly")


@given(st.from_regex(r"[a-zA-Z0-9]?[a-z0-9A-Z.\-]{0,60}[a-z0-9A-Z]", fullmatch=True))
def test_hostname_is_kept_when_it_is_of_the_documented_pattern(name: str) -> None:
    assert arguments.checked_hostname("name", name) == name


@pytest.mark.parametrize("name", ["a" * 255, "a", "9", "a.b-c.D", "-a", ".a"])
def test_hostname_is_kept_when_it_is_at_an_edge_of_the_pattern(name: str) -> None:
    assert arguments.checked_hostname("name", name) == name


@pytest.mark.parametrize(
    "name", ["a" * 256, "a-", "a.", "-", "under_score", "a b", "a\n", "\na", "ä", "a/b", "trainer\u0661", "a\x00"]
)
def test_hostname_is_refused_when_it_is_outside_of_the_pattern(name: str) -> None:
    with pytest.raises(ValueError, match="name: expected at most 255 of .*got " + re.escape(repr(name)[:80])):
        arguments.checked_hostname("name", name)


@pytest.mark.parametrize("tag", ["training", "env:prod", "a-b_c", "T" * 255])
def test_tag_is_kept_when_it_is_of_the_documented_pattern(tag: str) -> None:
    assert arguments.checked_tag("tag_name", tag) == tag


@pytest.mark.parametrize("tag", ["a b", "a/b", "ä", "T" * 256, "a\n", "a&tag_name=b", "a.b"])
def test_tag_is_refused_when_it_is_outside_of_the_pattern(tag: str) -> None:
    with pytest.raises(ValueError, match="tag_name: expected at most 255 of "):
        arguments.checked_tag("tag_name", tag)


@pytest.mark.parametrize("value", ["weekly", 4, 0])
def test_choice_is_let_through_when_it_is_one_of_the_allowed(value: object) -> None:
    arguments.checked_choice("plan", value, ("weekly", 0, 4))


@pytest.mark.parametrize("value", ["Weekly", "", None, 1, True, False, 4.0, [4], "4"])
def test_wrong_choice_is_refused_with_all_that_is_allowed(value: object) -> None:
    with pytest.raises(ValueError, match=r"plan: expected one of 'weekly', 0, 4, got " + re.escape(repr(value))):
        arguments.checked_choice("plan", value, ("weekly", 0, 4))


@pytest.mark.parametrize("value", [0, 1, "true", None, []])
def test_bool_is_refused_when_it_only_counts_as_one(value: object) -> None:
    with pytest.raises(TypeError, match="disk: expected True or False, got "):
        arguments.checked_bool("disk", value)


@given(st.floats(min_value=0, exclude_min=True, allow_infinity=False) | st.integers(1, 10**6))
def test_seconds_are_kept_as_a_float_when_above_zero(value: float) -> None:
    checked = arguments.checked_seconds("timeout", value)
    assert type(checked) is float
    assert checked == value


@pytest.mark.parametrize("value", [0, 0.0, -0.0, -1, -0.001, math.inf, -math.inf, math.nan])
def test_seconds_are_refused_when_not_finite_or_not_above_zero(value: float) -> None:
    with pytest.raises(ValueError, match=r"timeout: expected a finite number of seconds above 0, got "):
        arguments.checked_seconds("timeout", value)


@pytest.mark.parametrize("value", ["60", None, True, [1], 1j])
def test_seconds_are_refused_when_they_are_no_number(value: object) -> None:
    with pytest.raises(TypeError, match="timeout: expected seconds as a number, got "):
        arguments.checked_seconds("timeout", value)


@given(st.integers(), st.integers(-50, 50), st.integers(0, 300))
def test_count_is_kept_exactly_when_it_is_within_its_range(value: int, least: int, span: int) -> None:
    if least <= value <= least + span:
        assert arguments.checked_count("page", value, minimum=least, maximum=least + span) == value
    else:
        text = f"page: expected an int from {least} to {least + span}, got {value}"
        with pytest.raises(ValueError, match=re.escape(text)):
            arguments.checked_count("page", value, minimum=least, maximum=least + span)


def test_count_names_only_the_least_when_there_is_no_most() -> None:
    assert arguments.checked_count("max_retries", 10**9, minimum=0) == 10**9
    with pytest.raises(ValueError, match=r"max_retries: expected an int at least 0, got -1"):
        arguments.checked_count("max_retries", -1, minimum=0)


@pytest.mark.parametrize("value", [1.0, "1", None, True])
def test_count_is_refused_when_it_is_no_int(value: object) -> None:
    with pytest.raises(TypeError, match="page: expected an int, got "):
        arguments.checked_count("page", value, minimum=1)


def test_bools_and_numbers_are_written_as_the_api_reads_them() -> None:
    given_values = {"name": "trainer", "page": 2, "private": True, "public": False, "left_out": None}
    assert arguments.checked_texts("extra_query", given_values) == {
        "name": "trainer",
        "page": "2",
        "private": "true",
        "public": "false",
    }


@pytest.mark.parametrize("value", ["abc", [("a", "b")], 5])
def test_texts_are_refused_when_they_are_no_mapping(value: object) -> None:
    with pytest.raises(TypeError, match="extra_headers: expected a mapping of names to values, got "):
        arguments.checked_texts("extra_headers", value)


@given(st.sampled_from("\r\n\x00\x1f\x7f"), st.text(max_size=5), st.text(max_size=5), st.booleans())
def test_texts_are_refused_when_they_could_start_a_header(control: str, before: str, after: str, in_name: bool) -> None:
    text = f"{before}{control}{after}"
    with pytest.raises(ValueError, match="extra_headers: expected names and values without control characters"):
        arguments.checked_texts("extra_headers", {text: "v"} if in_name else {"X-Name": text})


HEADER_MISTAKES = [
    ("X Api Key", "'X…'", "not ' '"),
    ("X-Api-Key:", "'X-Api-Key…'", "not ':'"),
    ("Authorization: Bearer hunter2", "'Authorization…'", "not ':'"),
    ("X-Api\r\nX-Other", "'X-Api…'", r"not '\r'"),
    ("Überschrift", "'…'", "not 'Ü'"),
    ("", "'…'", "at least one"),
]


@pytest.mark.parametrize(("name", "shown", "why"), HEADER_MISTAKES)
def test_header_is_refused_by_its_name_when_http_allows_no_such(name: str, shown: str, why: str) -> None:
    with pytest.raises(ValueError, match=r"^extra_headers: ") as caught:
        arguments.checked_headers("extra_headers", {"X-Fine": "1", name: "hunter2"})
    assert shown in str(caught.value)
    assert str(caught.value).endswith(why)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("value", ["a\r\nX-Evil: 1", "a\x00", "a\x7f", "\ud800"])
def test_header_with_control_characters_is_refused_by_its_name(value: str) -> None:
    with pytest.raises(ValueError, match=r"extra_headers: .*'X-Name'"):
        arguments.checked_headers("extra_headers", {"X-Name": value})


@given(
    st.text(st.sampled_from("!#$%&'*+-.^_`|~09azAZ"), min_size=1),
    st.text(st.characters(min_codepoint=32, max_codepoint=126)),
)
def test_header_stays_as_it_is_when_http_allows_it(name: str, value: str) -> None:
    assert arguments.checked_headers("extra_headers", {name: value}) == {name: value}


def test_refused_text_is_not_shown_when_it_may_be_a_secret() -> None:
    with pytest.raises(ValueError, match="X-Secret") as caught:
        arguments.checked_texts("extra_headers", {"X-Secret": "hunter2\r\n"})
    assert "hunter2" not in str(caught.value)


def test_a_refused_value_is_cut_short_when_it_is_huge() -> None:
    with pytest.raises(TypeError) as caught:
        arguments.checked_id("droplet_id", "x" * 100_000)
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize("check", [arguments.checked_hostname, arguments.checked_tag])
@pytest.mark.parametrize("value", [" " * 100_000, "x" * 100_000], ids=["blank", "long"])
def test_a_refused_text_is_cut_short(check: Callable[[str, object], str], value: str) -> None:
    with pytest.raises(ValueError, match="got '") as caught:
        check("name", value)
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize("value", [object(), b"1", ["a"], {"a": 1}])
def test_header_is_refused_when_it_is_neither_text_nor_number(value: object) -> None:
    with pytest.raises(TypeError, match=f"expected texts and numbers, got {type(value).__name__} for .X-A"):
        arguments.checked_headers("extra_headers", {"X-A": value})


def test_json_may_have_a_hundred_levels_and_no_more() -> None:
    value: object = 1
    for _ in range(100):
        value = [value]
    arguments.checked_json("body", value)
    with pytest.raises(ValueError, match=r"^body: it has too many levels$"):
        arguments.checked_json("body", {"a": value})
