"""The verb ``journal show``, and the output of ``resume --dry-run``. Both read a journal and send nothing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

from attrs import frozen
from cyclopts import App, Group, Parameter

from gradient_async.cli import other_journals
from gradient_async.cli.exit_codes import COMPLETED
from gradient_async.cli.journal_paths import check_existing_journal
from gradient_async.cli.options import DEFAULTS, OutputOptions
from gradient_async.cli.rows import timestamp
from gradient_async.cli.tables import Column

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gradient_async.cli.screen import Screen
    from gradient_async.fleet.journal_view import DropletView, JournalView

COLUMNS: Final = (
    Column("DROPLET"),
    Column("STEP", min_width=12),
    Column("STATE", min_width=10),
    Column("ACTION"),
    Column("OUTCOME"),
    Column("REASON", min_width=24, hangs=True),
)
LEFT_COLUMNS: Final = (Column("DROPLET"), Column("STATE", min_width=10), Column("NEXT", min_width=24, hangs=True))
_FILE: Final = Group("What", sort_key=0)


@frozen(kw_only=True)
class JournalCommand:
    """The command behind ``journal show``.

    Attributes:
        path: The journal.
        display: Options of the output.
    """

    path: str
    display: OutputOptions

    def run(self, screen: Screen) -> int:
        """Show the journal, and return the exit status.

        Raises:
            UsageError: The path is ``-``.
            JournalError: The journal does not exist, or is damaged.
        """
        from gradient_async.fleet.journal import journal_view

        check_existing_journal(self.path)
        kind = other_journals.kind_of(self.path)
        if kind is not None:
            other_journals.show(screen, self.path, kind, self.display)
            return COMPLETED
        view = journal_view(self.path)
        match self.display.output:
            case "json":
                screen.write_json(view.as_json(), indent=2)
            case "jsonl":
                for droplet in view.droplets:
                    screen.write_json(droplet.as_json())
            case _:
                screen.write(*header(view), "")
                screen.table(COLUMNS, [row(droplet, len(view.steps)) for droplet in view.droplets])
        return COMPLETED


def show_what_is_left(screen: Screen, view: JournalView, display: OutputOptions) -> int:
    """Show what a resumed run would do. Send nothing."""
    match display.output:
        case "json":
            screen.write_json(left_as_json(view), indent=2)
        case "jsonl":
            for droplet in view.left:
                screen.write_json(droplet.as_json())
        case _:
            title = f"{len(view.left):,} of {len(view.droplets):,} left to do; nothing is sent (--dry-run)"
            screen.write(title, "", *header(view), "")
            if view.left:
                screen.table(LEFT_COLUMNS, [(str(one.droplet_id), one.state, one.next) for one in view.left])
    return COMPLETED


def left_as_json(view: JournalView) -> Mapping[str, object]:
    """Return what a resumed run would do, for programs. Pure."""
    return {**view.as_json(), "dry_run": True, "droplets": [one.as_json() for one in view.left]}


def header(view: JournalView) -> Sequence[str]:
    """Return the run for people: one line for each fact. Pure."""
    action = view.action.replace("_", "-")
    steps = f" ({', '.join(view.steps)})" if len(view.steps) > 1 else ""
    tagged = f" with the tag {view.tag!r}" if view.tag else ""
    of = f"{len(view.droplets):,} Droplet{'' if len(view.droplets) == 1 else 's'}"
    facts = [
        ("journal", view.path),
        ("run", f"{action}{steps} of {of}{tagged}"),
        ("began", timestamp(view.began_at)),
        ("written", f"{timestamp(view.written_at)} (last line)"),
        ("finished", timestamp(view.finish.at) if view.finish else "no"),
        ("droplets", ", ".join(f"{count:,} {word}" for word, count in sorted(view.counts.items()))),
        ("options", ", ".join(options_of(view))),
    ]
    if view.torn:
        facts.append(
            (
                "torn",
                f"the last line is incomplete ({view.torn:,} bytes): one request may be missing",
            )
        )
    return [f"{name:<9} {value}" for name, value in facts]


def options_of(view: JournalView) -> Sequence[str]:
    """Return the options that the run began with, as they are typed. Options without a value are left out. Pure."""
    found = [] if view.wait else ["--no-wait"]
    if view.until != "action":
        found.append(f"--until {view.until}")
    for name, value in view.options.items():
        if name == "has_health_check":
            found += ["--health-check …"] if value else []
        elif name == "check_first":
            found += [] if value else ["--no-check"]
        elif value is True:
            found.append(f"--{name.replace('_', '-')}")
        elif value is not None and value is not False:
            shown = f"{value:.15g}s" if isinstance(value, float) else str(value)  # a float is a time
            found.append(f"--{name.replace('_', '-')} {shown}")
    return found or ["none"]


def row(droplet: DropletView, steps: int) -> tuple[str, ...]:
    """Return a Droplet's row in the table. Pure."""
    step = droplet.step_type or ""
    if droplet.step is not None and steps > 1:
        step = f"{droplet.step}/{steps} {step}"
    action = "" if droplet.action_id is None else str(droplet.action_id)
    return str(droplet.droplet_id), step, droplet.state, action, droplet.outcome or "", droplet.reason


def show(
    file: Annotated[Path, Parameter(group=_FILE, metavar="FILE")], /, *, display: OutputOptions = DEFAULTS.display
) -> JournalCommand:
    """Show the progress of a run: each Droplet's step, state, action and outcome.

    Reads the file only and sends nothing. It is safe while a run writes the journal.

    Args:
        file: The journal.
    """
    return JournalCommand(path=str(file), display=display)


def register(app: App, group: Group) -> None:
    """Add the verb to the application."""
    journals = App("journal", help="Read the journal of a run.", group=group)
    journals.command(show, help_epilogue="Example:\n\n  gpu-droplets journal show reboot-2026-11-30.journal")
    app.command(journals)
