"""What an interrupted run leaves behind, and the command that resumes it. Pure."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from attrs import frozen

from gradient_async.cli.options import AccountOptions, OutputOptions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradient_async.fleet.outcome import Outcome
    from gradient_async.fleet.report import FleetReport

_COMMAND: Final = "gpu-droplets"
_MOST_WAITED_FOR: Final = 10


@frozen(kw_only=True)
class Invocation:
    """What was typed, as far as a command that follows up needs it again.

    Attributes:
        account: Which account.
        display: What is written.
        journal: The run's journal; ``None`` for none.
        picture: The file for its picture; ``None`` for none.
        health_check: The health check, which no journal can hold; ``None`` for none.
        without_health_check: Whether a health check that the run had is given up.
    """

    account: AccountOptions
    display: OutputOptions
    journal: str | None
    picture: Path | None
    health_check: str | None
    without_health_check: bool = False

    def resume(self) -> list[str] | None:
        """Return the words that resume the run; ``None`` without a journal, or if its account ends with the command."""
        if self.journal is None or self.account.emulated is not None:
            return None
        words = [_COMMAND, "resume", *_operand(self.journal), *self._account()]
        if self.health_check is not None:
            words += ["--health-check", self.health_check]
        if self.without_health_check:
            words.append("--without-health-check")
        if self.picture is not None:
            words += ["--report", str(self.picture)]
        if self.display.output != "table":
            words += ["--output", self.display.output]
        return words

    def wait(self, outcomes: Sequence[Outcome]) -> list[str] | None:
        """Return the words that wait for actions that go on; ``None`` for none, or too many for a line."""
        actions = [str(outcome.action.id) for outcome in outcomes if outcome.action is not None]
        if not 0 < len(actions) <= _MOST_WAITED_FOR or self.account.emulated is not None:
            return None
        return [_COMMAND, "wait", *actions, *self._account()]

    def _account(self) -> list[str]:
        given = {
            "--token-file": self.account.token_file,
            "--context": self.account.context,
            "--base-url": self.account.base_url,
            "--proxy": _without_password(self.account.proxy),
        }
        return [word for name, value in given.items() if value is not None for word in (name, str(value))]


def going_on(report: FleetReport) -> Sequence[Outcome]:
    """Return the outcomes whose action has begun, and whose end was not waited for."""
    return [outcome for outcome in report.outcomes if outcome.status == "started"]


def interruption(report: FleetReport) -> str:
    """Return what was done, what goes on, and what was not begun, in one line."""
    total, going = len(report.outcomes), len(going_on(report))
    facts = [f"{len(report.completed):,} of {total:,} Droplet{'' if total == 1 else 's'} completed"]
    if report.failed:
        facts.append(f"{len(report.failed):,} failed")
    if going:
        facts.append(f"{_count(going, 'action')} started and going on by {'itself' if going == 1 else 'themselves'}")
    if report.unknown:
        facts.append(f"{_count(len(report.unknown), 'request')} cut off, which may have been executed")
    if report.skipped:
        facts.append(f"{len(report.skipped):,} not started")
    return f"interrupted: nothing more is sent. {', '.join(facts)}"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _without_password(proxy: str | None) -> str | None:
    """A proxy as it can be shown: one with a user and a password is for the operator to type again."""
    return "URL" if proxy is not None and "@" in proxy else proxy


def _operand(word: str) -> list[str]:
    """A word that is no option, even if it begins with a dash."""
    return [f"./{word}"] if word.startswith("-") else [word]
