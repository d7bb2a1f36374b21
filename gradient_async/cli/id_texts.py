"""Ids in texts: lines, CSV with a header, and JSON of this command, of others, and of the API. Pure."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from gradient_async.cli.exit_codes import UsageError
from gradient_async.cli.printable import printable
from gradient_async.cli.references import Found, Kind, Reference, id_of, reference_of, references_in

if TYPE_CHECKING:
    from collections.abc import Sequence

_COMMENT: Final = re.compile(r"#.*")
_AFTER_VALUE: Final = re.compile(r"[ \t]*[,;]?")
_DIGITS: Final = re.compile(r"[0-9]+")
# Keys under which other commands and the API put a list of rows, or one row.
_LISTS: Final[Mapping[Kind, Sequence[str]]] = {
    "droplet": ("outcomes", "droplets", "droplet"),
    "action": ("outcomes", "actions", "action"),
}
_ID_KEYS: Final[Mapping[Kind, Sequence[str]]] = {"droplet": ("droplet_id", "id"), "action": ("action_id", "id")}
# Keys that only an action has, and keys that only a Droplet has.
_OF_ACTION: Final = "resource_type"
_OF_DROPLET: Final = ("vcpus", "size_slug", "networks")
_TABLE_HEADS: Final = frozenset({"ID", "DROPLET", "ACTION"})
_MAX_DEPTH: Final = 3
_DELIMITERS: Final = (",", ";", "\t")


def found_in_text(text: str, source: str, kind: Kind) -> Found:
    """Return the ids in a text.

    Raises:
        UsageError: A part of the text is not an id, is ambiguous, or the text holds no id.
    """
    reader = _Reader(text, source, kind)
    reader.read()
    if not reader.references and not reader.without_action:
        raise UsageError(f"{source} holds no ids")
    return Found(
        references=tuple(reader.references),
        without_action=tuple(reader.without_action),
        is_all_well=reader.is_all_well,
    )


class _Reader:
    """A reader of one text."""

    def __init__(self, text: str, source: str, kind: Kind) -> None:
        self._text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
        self._source = source
        self._kind: Kind = kind
        self._at = 0
        self.references: list[Reference] = []
        self.without_action: list[str] = []
        self.is_all_well: bool = True

    def read(self) -> None:
        is_first = True
        while (start := _beginning(self._text, self._at)) is not None:
            if self._text[start] in "[{":
                self._at = start
                self._take_value(self._json_value(), self._place(start))
            else:
                # The whole line, with its first cell, which may be empty.
                self._at = max(self._at, self._text.rfind("\n", 0, start) + 1)
                line = _COMMENT.sub("", self._line())
                if not (is_first and self._is_header(line)):
                    self._take_line(line, self._place(start))
            is_first = False

    def _line(self) -> str:
        end = self._text.find("\n", self._at)
        end = len(self._text) if end < 0 else end
        line, self._at = self._text[self._at : end], end
        return line

    def _place(self, at: int) -> str:
        line = self._text.count("\n", 0, at) + 1
        return f" ({self._source}, line {line})"

    def _json_value(self) -> object:
        try:
            value, end = json.JSONDecoder().raw_decode(self._text, self._at)
        except json.JSONDecodeError as error:
            raise UsageError(f"the JSON is broken: {error.msg}{self._place(error.pos)}") from None
        except (ValueError, RecursionError):
            raise UsageError(f"the JSON cannot be read{self._place(self._at)}") from None
        self._at = _AFTER_VALUE.match(self._text, end).end()  # type: ignore[union-attr]  # it matches nothing at least
        return value

    def _take_line(self, line: str, place: str) -> None:
        found = references_in(line, place, self._kind)
        if len(found) > 1 and any(isinstance(one, str) for one in found):
            raise UsageError(
                f"'{printable(line.strip()[:80])}' holds more than ids{place}: write each name on its own line; for a "
                "table, pass -o id to the command that writes it; CSV needs a header with the column id"
            )
        self.references += found

    def _is_header(self, line: str) -> bool:
        """Return whether the first line is a header. If so, read the rows below it."""
        names = [name.strip().lower().replace(" ", "_") for name in _cells(line)]
        column = next((names.index(key) for key in _ID_KEYS[self._kind] if key in names), None)
        if column is None:
            first, *more = line.split() or [""]
            if first.upper() in _TABLE_HEADS and more:
                raise UsageError(
                    f"{self._source} holds a table: pass -o id (or -o jsonl) to the command that writes it"
                )
            return False
        if len(names) > 1:
            self._take_columns(column, _delimiter(line))
        return True

    def _take_columns(self, column: int, delimiter: str) -> None:
        start = self._at
        self._at = len(self._text)
        lines = csv.reader(io.StringIO(self._text[start:], newline="\n"), delimiter=delimiter, strict=True)
        first = self._text.count("\n", 0, start) + 1
        try:
            for row in lines:
                place = f" ({self._source}, line {first + lines.line_num - 1})"
                if not any(cell.strip() for cell in row):
                    continue
                if column >= len(row):
                    raise UsageError(f"the row has no column {column + 1}, the ids' column in the header{place}")
                self.references.append(reference_of(row[column].strip(), place, self._kind))
        except csv.Error as error:
            raise UsageError(f"{self._source}: the CSV is broken: {error}") from None

    def _take_value(self, value: object, place: str, depth: int = 0) -> None:
        if isinstance(value, list | Mapping) and depth > _MAX_DEPTH:
            raise UsageError(f"expected JSON objects with ids, or one array of them{place}")
        if isinstance(value, list):
            for one in value:
                self._take_value(one, place, depth + 1)
        elif isinstance(value, Mapping):
            self._take_object(value, place, depth)
        elif isinstance(value, str):
            self.references.append(reference_of(value.strip(), place, self._kind))
        else:
            self.references.append(self._id(value, "a value", place))

    def _take_object(self, row: Mapping[str, object], place: str, depth: int) -> None:
        key = next((key for key in _ID_KEYS[self._kind] if key in row), None)
        if key is None:
            inner = next((name for name in _LISTS[self._kind] if isinstance(row.get(name), list | dict)), None)
            if inner is None:
                names = " nor ".join(_ID_KEYS[self._kind])
                raise UsageError(f"the JSON object has neither {names}{place}")
            self._take_value(row[inner], place, depth + 1)
        elif self._kind == "action":
            self._take_action(row, key, place)
        elif key == "id" and _OF_ACTION in row:
            if row[_OF_ACTION] != "droplet":
                raise UsageError(f"the JSON object is an action of something other than a Droplet{place}")
            self.references.append(self._id(row.get("resource_id"), "resource_id", place))
        else:
            self.references.append(self._id(row[key], key, place))

    def _take_action(self, row: Mapping[str, object], key: str, place: str) -> None:
        if key == "id" and any(name in row for name in _OF_DROPLET):
            raise UsageError(f"the JSON object is a Droplet; expected an action{place}")
        if key == "action_id" and row[key] is None:
            status = row.get("status")
            self.without_action.append(f"Droplet {row.get('droplet_id')}: no action ({status})")
            self.is_all_well = self.is_all_well and status == "completed"
        else:
            self.references.append(self._id(row[key], key, place))

    def _id(self, value: object, name: str, place: str) -> int:
        text = value if isinstance(value, str) else str(value) if type(value) is int else ""
        if not (text.isascii() and _DIGITS.fullmatch(text)):
            shown = printable(json.dumps(value)[:80])
            raise UsageError(f"the JSON has {shown} as {name}; expected an id{place}")
        return id_of(text, place, self._kind)


def _beginning(text: str, at: int) -> int | None:
    """Return the start of the next line or value, after blanks and comments; ``None`` at the end."""
    while at < len(text):
        if text[at] in " \t\n":
            at += 1
        elif text[at] == "#":
            end = text.find("\n", at)
            at = len(text) if end < 0 else end
        else:
            return at
    return None


def _delimiter(line: str) -> str:
    return next((one for one in _DELIMITERS if one in line), _DELIMITERS[0])


def _cells(line: str) -> list[str]:
    return next(csv.reader([line], delimiter=_delimiter(line)), [])
