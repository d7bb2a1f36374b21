"""The options that verbs share, in the groups of their help."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final, Literal

from attrs import frozen
from cyclopts import Group, Parameter

from gradient_async.cli import completions
from gradient_async.fleet.option_texts import DEFAULTS as TEXT_OF_DEFAULTS
from gradient_async.fleet.option_texts import TEXTS

DROPLETS: Final = Group("Droplets", sort_key=1)
ACTION: Final = Group("Action", sort_key=2)
RUN: Final = Group("Run", sort_key=3)
ACCOUNT: Final = Group("Account", sort_key=4)
OUTPUT: Final = Group("Output", sort_key=5)

OutputFormat = Literal["table", "json", "jsonl"]
ListFormat = Literal["table", "json", "jsonl", "id", "name"]

_file = Parameter(metavar="FILE")
_flag = Parameter(negative=(), show_default=False)


def _run_option(name: str, more: str = "", *, metavar: str | None = None) -> Parameter:
    """Return the parser's parameter for an option of ``client.fleet.run``, with its text.

    Args:
        name: The option's name in Python.
        more: What only those who type it have to know.
        metavar: What its value is called.
    """
    return Parameter(help=f"{TEXTS[name]} {more}".rstrip(), metavar=metavar)


def _number(name: str, more: str = "") -> Parameter:
    return _run_option(name, more, metavar="N|N%")


def _time(name: str, more: str = "") -> Parameter:
    return _run_option(name, more, metavar="TIME")


def _default(name: str) -> str:
    return f"The default is {TEXT_OF_DEFAULTS[name]}."


TIMEOUT: Final = _time("timeout", "For example 90s, 15m or 1h30m.")
ON_BUSY: Final = _run_option("on_busy", metavar="WHAT")
IF_FINISHED: Final = _run_option("if_finished", metavar="WHAT")


@Parameter(name="*", group=ACCOUNT)
@frozen(kw_only=True)
class AccountOptions:
    """The account and its token. A token is never an argument: other users of the machine could read it.

    Attributes:
        token_file: Read the token from this file (- for standard input), not from DIGITALOCEAN_ACCESS_TOKEN.
        context: Use the token of this doctl context ("default" for the first). Without a token in the environment,
            DIGITALOCEAN_CONTEXT or doctl's current context is used.
        base_url: Base URL of the API. The default is GRADIENT_BASE_URL, or https://api.digitalocean.com.
        proxy: Use this HTTP proxy, not the one in HTTPS_PROXY; "none" for no proxy.
        emulated: Use an emulated account with N Droplets, in memory, without a token.
        time_scale: Speed of the emulated account's clock; 1 is real time.
    """

    token_file: Annotated[Path | None, _file] = None
    context: Annotated[str | None, Parameter(metavar="NAME", completer=completions.contexts)] = None
    base_url: Annotated[str | None, Parameter(metavar="URL")] = None
    proxy: Annotated[str | None, Parameter(metavar="URL")] = None
    emulated: Annotated[int | None, Parameter(metavar="N")] = None
    time_scale: Annotated[float, Parameter(metavar="X")] = 60.0


@Parameter(name="*", group=OUTPUT)
@frozen(kw_only=True)
class OutputOptions:
    """The output on standard output. Progress, questions and errors go to standard error.

    Attributes:
        output: A table, JSON in one document (json), or JSON with one line for each (jsonl).
        debug: Log each request, and show the traceback of an error.
    """

    output: Annotated[OutputFormat, Parameter(alias="-o", metavar="FORMAT")] = "table"
    debug: Annotated[bool, _flag] = False

    @property
    def indent(self) -> int | None:
        """Spaces for each level of a JSON document; ``None`` for one line."""
        return 2 if self.output == "json" else None


@Parameter(name="*", group=OUTPUT)
@frozen(kw_only=True)
class DebugOptions:
    """The output of a verb that starts another program.

    Attributes:
        debug: Log each request, and show the traceback of an error.
    """

    debug: Annotated[bool, _flag] = False


@Parameter(name="*", group=OUTPUT)
@frozen(kw_only=True)
class ListOutputOptions:
    """The output of a list of Droplets on standard output.

    Attributes:
        output: A table, JSON in one document (json), JSON with one line for each (jsonl), or only the ids or the
            names, one on each line.
        debug: Log each request, and show the traceback of an error.
    """

    output: Annotated[ListFormat, Parameter(alias="-o", metavar="FORMAT")] = "table"
    debug: Annotated[bool, _flag] = False


@Parameter(name="*", group=OUTPUT)
@frozen(kw_only=True)
class TableOptions:
    """The output of resources on standard output.

    Attributes:
        output: A table, JSON in one document (json), JSON with one line for each (jsonl), or only the ids or the
            names, one on each line.
        columns: The columns of the table, or the fields of the JSON, such as name,region.slug.
        debug: Log each request, and show the traceback of an error.
    """

    output: Annotated[ListFormat, Parameter(alias="-o", metavar="FORMAT")] = "table"
    columns: Annotated[str | None, Parameter(metavar="A,B")] = None
    debug: Annotated[bool, _flag] = False


@Parameter(name="*", group=RUN)
@frozen(kw_only=True)
class RunOptions:
    """The options of a run. Those that ``client.fleet.run`` has too are described in ``fleet.option_texts``.

    Attributes:
        report: Write a picture of the run to this file, .html or .svg.
        only_problems: Leave completed Droplets out of the result. The summary counts them.
        dry_run: Show what would be sent, and the time that the rate limits need. Send no action.
        yes: Do not ask for confirmation, even if data is lost.
    """

    batch_size: Annotated[str | None, _number("batch_size")] = None
    max_concurrency: Annotated[str | None, _number("max_concurrency", _default("max_concurrency"))] = None
    max_errors: Annotated[str | None, _number("max_errors")] = None
    on_busy: Annotated[Literal["wait", "fail", "skip"], ON_BUSY] = "wait"
    wait: Annotated[bool, _run_option("wait")] = True
    until: Annotated[Literal["action", "status"], _run_option("until", metavar="WHAT")] = "action"
    health_check: Annotated[
        str | None,
        _run_option(
            "health_check",
            "It is a command; exit status 0 means healthy. {id}, {name} and {address} are replaced. It runs without a "
            "shell, and without the token in its environment.",
            metavar="COMMAND",
        ),
    ] = None
    health_timeout: Annotated[str, _time("health_timeout")] = "30s"
    health_retries: Annotated[int, _run_option("health_retries", metavar="N")] = 3
    health_interval: Annotated[str, _time("health_interval")] = "5s"
    timeout: Annotated[str | None, TIMEOUT] = None
    action_timeout: Annotated[str | None, _time("action_timeout", _default("action_timeout"))] = None
    journal: Annotated[Path | None, _run_option("journal", "See gpu-droplets resume.", metavar="FILE")] = None
    if_finished: Annotated[Literal["error", "report"], IF_FINISHED] = "error"
    key_prefix: Annotated[str | None, _run_option("key_prefix", metavar="TEXT")] = None
    key_ttl: Annotated[str, _time("key_ttl")] = "24h"
    report: Annotated[Path | None, _file] = None
    only_problems: Annotated[bool, _flag] = False
    check: Annotated[bool, _run_option("check_first")] = True
    dry_run: Annotated[bool, _flag] = False
    yes: Annotated[bool, Parameter(alias="-y", negative=(), show_default=False)] = False


@Parameter(name="*", group=RUN)
@frozen(kw_only=True)
class ResumeLimits:
    """The options that a resumed run can replace. Options that are not given stay."""

    batch_size: Annotated[str | None, _number("batch_size")] = None
    max_concurrency: Annotated[str | None, _number("max_concurrency")] = None
    max_errors: Annotated[str | None, _number("max_errors")] = None
    on_busy: Annotated[Literal["wait", "fail", "skip"] | None, ON_BUSY] = None
    timeout: Annotated[str | None, TIMEOUT] = None
    action_timeout: Annotated[str | None, _time("action_timeout")] = None


@Parameter(name="*")
@frozen(kw_only=True)
class FleetArguments:
    """The options of every verb that acts.

    Attributes:
        tag: All Droplets with this tag, with GPUs or without.
        run: Options of the run.
        account: Options of the account.
        display: Options of the output.
    """

    tag: Annotated[str | None, Parameter(group=DROPLETS, metavar="TAG")] = None
    gpus_only: Annotated[bool, Parameter(group=DROPLETS, help=TEXTS["gpus_only"], negative=(), show_default=False)] = (
        False
    )
    by_tag: Annotated[bool, Parameter(group=DROPLETS, help=TEXTS["by_tag"], negative=(), show_default=False)] = False
    run: RunOptions = RunOptions()
    account: AccountOptions = AccountOptions()
    display: OutputOptions = OutputOptions()


DEFAULTS: Final = FleetArguments()
DEBUG: Final = DebugOptions()
LIST_OUTPUT: Final = ListOutputOptions()
TABLE: Final = TableOptions()
UNCHANGED: Final = ResumeLimits()
