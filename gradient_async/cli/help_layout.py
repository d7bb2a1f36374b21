"""The layout of help pages: names of options and commands are never broken, at any width."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cyclopts.help import HelpEntry, HelpPanel
    from cyclopts.help.specs import ColumnSpec
    from rich.console import Console, ConsoleOptions, RenderableType

# Below this width, a description is under its name and not beside it.
_BESIDE_FROM: Final = 60
_SHARE_OF_NAMES: Final = 0.35
# The indent of a name's second line.
_INDENT: Final = 2


class HelpLayout:
    """The pages of help, for cyclopts."""

    def __call__(self, console: Console, options: ConsoleOptions, panel: HelpPanel) -> None:
        """Write one group of options or commands."""
        from cyclopts.help import DefaultFormatter

        DefaultFormatter(column_specs=_columns)(console, options, panel)

    def render_usage(self, console: Console, options: ConsoleOptions, usage: object) -> None:
        """Write the line of usage."""
        from cyclopts.help import DefaultFormatter

        DefaultFormatter().render_usage(console, options, usage)

    def render_description(self, console: Console, options: ConsoleOptions, description: object) -> None:  # noqa: ARG002 - as cyclopts calls it
        """Write the text above the options, with paragraphs broken for this terminal."""
        for paragraph in _plain(description).split("\n\n"):
            console.print(" ".join(paragraph.split()), highlight=False, markup=False)
            console.print()


def _columns(console: Console, options: ConsoleOptions, entries: Sequence[HelpEntry]) -> tuple[ColumnSpec, ...]:  # noqa: ARG001 - as cyclopts calls it
    """Return the columns of one group of options or commands."""
    from cyclopts.help.specs import ColumnSpec

    if console.width < _BESIDE_FROM:
        return (ColumnSpec(renderer=_name_above_description, overflow="fold"),)
    width = name_width([_label(entry) for entry in entries], console.width)

    def name(entry: HelpEntry) -> str:
        return "\n".join(wrapped_label(_label(entry), width))

    return (
        ColumnSpec(renderer=name, style="cyclopts.name", max_width=width, no_wrap=True),
        ColumnSpec(renderer=_description, overflow="fold"),
    )


def name_width(labels: Sequence[str], width: int) -> int:
    """Return the width of the column of names: a share of the page, and no less than the longest name. Pure."""
    longest = max((len(word) for label in labels for word in label.split()), default=0) + _INDENT
    return max(round(width * _SHARE_OF_NAMES), longest)


def wrapped_label(label: str, width: int) -> list[str]:
    """Return a label in lines that break at spaces only. Pure."""
    lines: list[str] = []
    for word in label.split():
        joined = f"{lines[-1]} {word}" if lines else word
        if lines and len(joined) > width:
            lines.append(" " * _INDENT + word)
        else:
            lines[-1:] = [joined]
    return lines


def _label(entry: HelpEntry) -> str:
    return " ".join(entry.display_labels_with_metavar)


def _description(entry: HelpEntry) -> RenderableType:
    """Return the description as one paragraph, with its choices and its default."""
    from rich.text import Text

    facts = [" ".join(_plain(entry.description).split())]
    if entry.choices:
        facts.append(f"[choices: {', '.join(entry.choices)}]")
    if entry.default is not None:
        facts.append(f"[default: {entry.default}]")
    if entry.required:
        facts.append("[required]")
    return Text(" ".join(fact for fact in facts if fact))


def _name_above_description(entry: HelpEntry) -> RenderableType:
    from rich.console import Group
    from rich.padding import Padding
    from rich.text import Text

    return Group(
        Text(_label(entry), style="cyclopts.name", overflow="fold"), Padding(_description(entry), (0, 0, 0, _INDENT))
    )


def _plain(text: object) -> str:
    return str(getattr(text, "primary_renderable", None) or text or "")
