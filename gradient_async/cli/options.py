"""The options that verbs share, in the groups of their help."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final, Literal

from attrs import frozen
from cyclopts import Group, Parameter

from gradient_async.cli import completions

DROPLETS: Final = Group("Droplets", sort_key=1)
ACTION: Final = Group("Action", sort_key=2)
RUN: Final = Group("Run", sort_key=3)
ACCOUNT: Final = Group("Account", sort_key=4)
OUTPUT: Final = Group("Output", sort_key=5)

OutputFormat = Literal["table", "json", "jsonl"]
ListFormat = Literal["table", "json", "jsonl", "id", "name"]

_number = Parameter(metavar="N|N%")
_time = Parameter(metavar="TIME")
_file = Parameter(metavar="FILE")
_flag = Parameter(negative=(), show_default=False)


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
class ListOutputOptions:
    """The output of a list of Droplets on standard output.

    Attributes:
        output: A table, JSON in one document (json), JSON with one line for each (jsonl), or only the ids or the
            names, one on each line.
        debug: Log each request, and show the traceback of an error.
    """

    output: Annotated[ListFormat, Parameter(alias="-o", metavar="FORMAT")] = "table"
    debug: Annotated[bool, _flag] = False


@Parameter(name="*", group=RUN)
@frozen(kw_only=True)
class RunOptions:
    """The options of a run.

    Attributes:
        batch_size: Work in batches of this many Droplets. Each batch starts when the one before is finished.
        max_concurrency: Maximum number of Droplets in progress at once (1,000).
        max_errors: Start nothing more after more than this many Droplets have failed or are unknown. Without it, a
            run in batches stops after a batch in which all have. 100% never stops.
        on_busy: What to do with a Droplet while another event runs on it.
        wait: Wait until the actions end, or only start them.
        until: Completed when the action is, or when the Droplet is also in the expected state.
        health_check: Run this command for each Droplet after its action; exit status 0 means healthy. {id}, {name}
            and {address} are replaced. It runs without a shell, and without the token in its environment.
        health_timeout: Maximum time for one health check.
        health_retries: Number of retries after a failed health check.
        health_interval: Time between two health checks of a Droplet.
        timeout: Start nothing more and stop waiting after this time: 90s, 15m, 1h30m.
        action_timeout: Maximum time for one action (15m; 4h for snapshot, restore, rebuild, resize).
        journal: Record the run in this file, for gpu-droplets resume FILE. Each run needs its own file: put the date
            into the name.
        if_finished: If the journal's run is finished: end with an error, or report how it ended.
        report: Write a picture of the run to this file, .html or .svg.
        only_problems: Leave completed Droplets out of the result. The summary counts them.
        check: Check the needs of later steps before the first one: resize checks that the API lists the size, before
            it shuts a Droplet down. Needs the scopes sizes:read and regions:read.
        dry_run: Show what would be sent, and the time that the rate limits need. Send no action.
        yes: Do not ask for confirmation, even if data is lost.
    """

    batch_size: Annotated[str | None, _number] = None
    max_concurrency: Annotated[str | None, _number] = None
    max_errors: Annotated[str | None, _number] = None
    on_busy: Annotated[Literal["wait", "fail", "skip"], Parameter(metavar="WHAT")] = "wait"
    wait: bool = True
    until: Annotated[Literal["action", "status"], Parameter(metavar="WHAT")] = "action"
    health_check: Annotated[str | None, Parameter(metavar="COMMAND")] = None
    health_timeout: Annotated[str, _time] = "30s"
    health_retries: Annotated[int, Parameter(metavar="N")] = 3
    health_interval: Annotated[str, _time] = "5s"
    timeout: Annotated[str | None, _time] = None
    action_timeout: Annotated[str | None, _time] = None
    journal: Annotated[Path | None, _file] = None
    if_finished: Annotated[Literal["error", "report"], Parameter(metavar="WHAT")] = "error"
    report: Annotated[Path | None, _file] = None
    only_problems: Annotated[bool, _flag] = False
    check: bool = True
    dry_run: Annotated[bool, _flag] = False
    yes: Annotated[bool, Parameter(alias="-y", negative=(), show_default=False)] = False


@Parameter(name="*", group=RUN)
@frozen(kw_only=True)
class ResumeLimits:
    """The options that a resumed run can replace. Options that are not given stay.

    Attributes:
        batch_size: Work in batches of this many Droplets. Each batch starts when the one before is finished.
        max_concurrency: Maximum number of Droplets in progress at once.
        max_errors: Start nothing more after more than this many Droplets have failed or are unknown.
        on_busy: What to do with a Droplet while another event runs on it.
        timeout: Start nothing more and stop waiting after this time: 90s, 15m, 1h30m.
        action_timeout: Maximum time for one action.
    """

    batch_size: Annotated[str | None, _number] = None
    max_concurrency: Annotated[str | None, _number] = None
    max_errors: Annotated[str | None, _number] = None
    on_busy: Annotated[Literal["wait", "fail", "skip"] | None, Parameter(metavar="WHAT")] = None
    timeout: Annotated[str | None, _time] = None
    action_timeout: Annotated[str | None, _time] = None


@Parameter(name="*")
@frozen(kw_only=True)
class FleetArguments:
    """The options of every verb that acts.

    Attributes:
        tag: All Droplets with this tag, with GPUs or without.
        gpus_only: With --tag: leave out the Droplets that have no GPUs.
        by_tag: Send one request for all Droplets with the tag. The API allows this for eight of the actions.
        run: Options of the run.
        account: Options of the account.
        display: Options of the output.
    """

    tag: Annotated[str | None, Parameter(group=DROPLETS, metavar="TAG")] = None
    gpus_only: Annotated[bool, Parameter(group=DROPLETS, negative=(), show_default=False)] = False
    by_tag: Annotated[bool, Parameter(group=DROPLETS, negative=(), show_default=False)] = False
    run: RunOptions = RunOptions()
    account: AccountOptions = AccountOptions()
    display: OutputOptions = OutputOptions()


DEFAULTS: Final = FleetArguments()
LIST_OUTPUT: Final = ListOutputOptions()
UNCHANGED: Final = ResumeLimits()
