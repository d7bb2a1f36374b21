"""Tables fit the terminal, and copied ids and names are whole."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from gradient_async import Action, Droplet, Networks, NetworkV4, Region
from gradient_async.cli import rows
from gradient_async.cli.tables import Column, Layout, laid_out

if TYPE_CHECKING:
    from collections.abc import Sequence

pytestmark = pytest.mark.once

NOON = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
LONG_NAME = "ml-ai-ubuntu-gpu-h100x1-80gb-tor1"


def droplets(name: str, *tags: str) -> list[rows.Row]:
    networks = Networks(v4=(NetworkV4(ip_address="198.51.100.77", type="public"),))
    droplet = Droplet(
        id=31644440,
        name=name,
        status="active",
        size_slug="gpu-h100x8-640gb",
        region=Region(slug="tor1"),
        tags=tags,
        networks=networks,
    )
    return [rows.droplet_row(droplet)] * 3


def actions() -> list[rows.Row]:
    action = Action(
        id=2247483720,
        status="in-progress",
        type="change_backup_policy",
        started_at=NOON,
        completed_at=NOON + timedelta(seconds=20),
        resource_id=31644440,
        resource_type="droplet",
    )
    return [rows.action_row(action)] * 3


def widest(layout: Layout) -> int:
    return max(map(cell_len, layout.lines))


def test_list_fits_80_columns_when_names_are_short() -> None:
    layout = laid_out(rows.DROPLET_COLUMNS, droplets("trainer-01", "training", "blue"), 80)
    assert layout.lines[0].split() == [column.title for column in rows.DROPLET_COLUMNS]
    assert widest(layout) <= 80
    assert not layout.left_out


@pytest.mark.parametrize("width", [60, 80, 100, 120])
def test_list_keeps_ids_and_names_whole_when_space_is_short(width: int) -> None:
    layout = laid_out(rows.DROPLET_COLUMNS, droplets(LONG_NAME, "training", "blue"), width)
    assert layout.has_header
    assert widest(layout) <= width
    assert [line.split()[:2] for line in layout.lines if "31644440" in line] == [["31644440", LONG_NAME]] * 3
    assert sum("training" in line for line in layout.lines) == 3


def test_actions_fit_80_columns() -> None:
    layout = laid_out(rows.ACTION_COLUMNS, actions(), 80)
    assert widest(layout) <= 80
    assert sum("2247483720" in line and "31644440" in line for line in layout.lines) == 3
    assert "2026-11-25" in layout.lines[1]
    assert "12:00:00Z" in layout.lines[2]


def test_rows_become_lists_when_not_even_names_fit() -> None:
    layout = laid_out(rows.DROPLET_COLUMNS, droplets(LONG_NAME), 30)
    assert not layout.has_header
    assert list(layout.lines[:3]) == ["ID       31644440", f"NAME     {LONG_NAME}", "STATUS   active"]
    assert layout.lines.count("") == 2


def test_nothing_is_broken_when_a_program_reads_it() -> None:
    layout = laid_out(rows.DROPLET_COLUMNS, droplets("x" * 500, *(f"tag-{number}" for number in range(90))), None)
    assert len(layout.lines) == 4
    assert not layout.left_out


def test_reason_is_below_its_row_when_the_terminal_is_narrow() -> None:
    columns = [Column("ID"), Column("NAME"), Column("REASON", min_width=10, hangs=True)]
    layout = laid_out(columns, [["1", "n" * 20, "a long reason"], ["2", "m", ""]], 30)
    assert list(layout.lines) == [
        "ID  NAME",
        f"1   {'n' * 20}",
        "    a long reason",
        "2   m",
    ]


def test_words_stay_whole_where_they_fit() -> None:
    columns = [Column("ID"), Column("REASON", min_width=10)]
    layout = laid_out(columns, [["1", "2026-11-25 12:00:00Z at a-very-long-host-name"]], 16)
    assert list(layout.lines) == [
        "ID  REASON",
        "1   2026-11-25",
        "    12:00:00Z at",
        "    a-very-long-",
        "    host-name",
    ]


TEXTS = st.text(st.sampled_from("ab c,-_\u8a13\x1b\n"), max_size=30)


@given(st.data(), st.integers(1, 120))
def test_table_is_whole_and_fits_at_any_width(data: st.DataObject, width: int) -> None:
    kinds = st.builds(
        lambda least, drop: {"min_width": least, "drop": drop},
        st.none() | st.integers(1, 20),
        st.none() | st.integers(1, 9),
    )
    options: list[dict[str, Any]] = data.draw(st.lists(kinds, min_size=1, max_size=5))
    columns = [Column(f"T{number}", **one) for number, one in enumerate(options)]
    columns[0] = Column("T0")
    table: Sequence[Sequence[str]] = data.draw(
        st.lists(st.lists(TEXTS, min_size=len(columns), max_size=len(columns)), max_size=5)
    )
    layout = laid_out(columns, table, width)
    text = "\n".join(layout.lines)
    assert text.replace("\n", "").isprintable()
    if layout.has_header:
        assert widest(layout) <= width
    for row in table:
        for column, cell in zip(columns, row, strict=True):
            if column.min_width is None and column.title not in layout.left_out and cell.isprintable():
                assert cell.rstrip() in text


def test_times_have_a_zone() -> None:
    assert rows.timestamp(NOON) == "2026-11-25 12:00:00Z"
    assert rows.timestamp(NOON.astimezone()) == "2026-11-25 12:00:00Z"
    assert rows.timestamp(None) == ""
