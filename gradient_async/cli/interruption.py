"""The summary of an interrupted run, and the commands that continue it. Pure."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from attrs import frozen

from gradient_async.cli.options import AccountOptions, OutputOptions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradient_async.fleet.outcome import FleetProgress, Outcome
    from gradient_async.fleet.report import FleetReport

_COMMAND: Final = "gpu-droplets"
_MAX_AWAITED: Final = 10


@frozen(kw_only=True)
class Invocation:
    """The typed options that the next command needs again.

    Attributes:
        account: Options of the account.
        display: Options of the output.
        journal: The run's journal; ``None`` for none.
        picture: File for the run's picture; ``None`` for none.
        health_check: The health check, which a journal does not store; ``None`` for none.
        without_health_check: Whether the run's health check is dropped.
    """

    account: AccountOptions
    display: OutputOptions
    journal: str | None
    picture: Path | None
    health_check: str | None
    without_health_check: bool = False

    @property
    def has_hidden_credentials(self) -> bool:
        """Whether the commands leave out a user and a password of the proxy."""
        return has_hidden_credentials(self.account)

    def resume(self) -> list[str] | None:
        """Return the words that resume the run; ``None`` without a journal, or for an emulated account."""
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
        """Return the words that wait for started actions; ``None`` for none, or for too many."""
        actions = [str(outcome.action.id) for outcome in outcomes if outcome.action is not None]
        if not 0 < len(actions) <= _MAX_AWAITED or self.account.emulated is not None:
            return None
        return [_COMMAND, "wait", *actions, *self._account()]

    def _account(self) -> list[str]:
        return account_words(self.account)


def account_words(account: AccountOptions) -> list[str]:
    """Return the words that choose the same account for another command, without a user and password of the proxy."""
    given = {
        "--token-file": account.token_file,
        "--context": account.context,
        "--base-url": account.base_url,
        "--proxy": _without_credentials(account.proxy),
    }
    return [word for name, value in given.items() if value is not None for word in (name, str(value))]


def has_hidden_credentials(account: AccountOptions) -> bool:
    """Return whether ``account_words`` leaves out a user and a password of the proxy."""
    return _without_credentials(account.proxy) != account.proxy


def started_outcomes(report: FleetReport) -> Sequence[Outcome]:
    """Return the outcomes of actions that were started and not awaited."""
    return [outcome for outcome in report.outcomes if outcome.status == "started"]


def interruption(report: FleetReport) -> str:
    """Return one line with the number of Droplets in each state."""
    total, going = len(report.outcomes), len(started_outcomes(report))
    facts = [f"{len(report.completed):,} of {total:,} Droplet{'' if total == 1 else 's'} completed"]
    if report.failed:
        facts.append(f"{len(report.failed):,} failed")
    if going:
        facts.append(f"{_count(going, 'action')} started and still in progress")
    if report.unknown:
        facts.append(f"{_count(len(report.unknown), 'request')} without an answer (may have been executed)")
    if report.skipped:
        facts.append(f"{len(report.skipped):,} not started")
    return f"interrupted: nothing more is sent. {', '.join(facts)}"


def interruption_without_report(progress: FleetProgress | None) -> str:
    """Return the same for a run that was ended before its report."""
    if progress is None:
        return "interrupted"
    of = f"{progress.ended:,}" if progress.total is None else f"{progress.ended:,} of {progress.total:,}"
    problems = ((progress.failed, "failed"), (progress.unknown, "unknown"), (progress.skipped, "not started"))
    facts = [f"{count:,} {word}" for count, word in problems if count]
    return f"interrupted: {', '.join([f'{of} Droplets had an outcome', *facts])}"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _without_credentials(proxy: str | None) -> str | None:
    """Return the proxy without its user and password."""
    if proxy is None or "@" not in proxy:
        return proxy
    scheme, separator, _ = proxy.partition("://")
    host = proxy.rpartition("@")[2]
    return f"{scheme}{separator}{host}" if separator and scheme.isalpha() else host


def _operand(word: str) -> list[str]:
    """Return a file name as a word that cannot be read as an option."""
    return [f"./{word}"] if word.startswith("-") else [word]
