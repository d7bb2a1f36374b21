"""The options that verbs share, in the groups that their help shows them in."""

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
    """Which account, and how to get in. A token is never an argument, where other users could read it.

    Attributes:
        token_file: Read the token from this file (- for standard input), not from DIGITALOCEAN_ACCESS_TOKEN.
        context: Take the token of this context of doctl's ("default" for the first). Without a token in the
            environment, that of DIGITALOCEAN_CONTEXT or of doctl's current context is taken.
        base_url: Where the API is, if not at GRADIENT_BASE_URL or https://api.digitalocean.com.
        proxy: Go through this HTTP proxy, not through the one of HTTPS_PROXY; "none" for no proxy.
        emulated: Use an emulated account with N Droplets, in memory, without a token.
        time_scale: How many times as fast the emulated account's time runs.
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
    """What is written on standard output; progress, questions and errors go to standard error.

    Attributes:
        output: A table for people, or JSON for programs: one document, or a line for each.
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
    """What a list of Droplets writes on standard output.

    Attributes:
        output: A table for people, JSON for programs (one document, or a line for each), or only the id or the name of
            each, one on a line.
        debug: Log each request, and show the traceback of an error.
    """

    output: Annotated[ListFormat, Parameter(alias="-o", metavar="FORMAT")] = "table"
    debug: Annotated[bool, _flag] = False


@Parameter(name="*", group=RUN)
@frozen(kw_only=True)
class RunOptions:
    """How a run goes.

    Attributes:
        batch_size: Work in batches of so many Droplets; one begins when the one before is done.
        max_concurrency: Most Droplets under way at once (1,000).
        max_errors: Start nothing more when more Droplets than this have failed or are unknown. Without it, a run
            in batches stops after a batch in which all have; 100% never stops.
        on_busy: What to do with a Droplet on which another event runs.
        wait: Wait for the end of the actions, or only start them.
        until: Done when the action is, or when the Droplet also is in the state that it promises.
        health_check: Run this for each Droplet when its action is done; 0 says that it is well. {id}, {name} and
            {address} are filled in; no shell reads it.
        health_timeout: Longest time for one health check.
        health_retries: How often it is run again after a no.
        health_interval: Time between two of them.
        timeout: Start nothing more, and wait no more, after this time: 90s, 15m, 1h30m.
        action_timeout: Longest time for one action (15m; 4h for snapshot, restore, rebuild, resize).
        journal: Write the run down in this file; gpu-droplets resume FILE goes on with it. Each run needs a file of its
            own: put the date into its name.
        if_finished: What to do if the journal's run is finished: refuse it, or report how it ended.
        report: Write a picture of the run to this file, .html or .svg.
        only_problems: Leave completed Droplets out of the result; the summary counts them.
        check: Check what a later step needs before the first one: resize refuses a size that the API does not list,
            before any Droplet is shut down.
        dry_run: Show what would be sent, and how long the rate windows make it take; send nothing.
        yes: Do not ask, even if what is on the Droplets is lost.
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
    """What a run that goes on can have otherwise than it began; what is not given stays.

    Attributes:
        batch_size: Work in batches of so many Droplets; one begins when the one before is done.
        max_concurrency: Most Droplets under way at once.
        max_errors: Start nothing more when more Droplets than this have failed or are unknown.
        on_busy: What to do with a Droplet on which another event runs.
        timeout: Start nothing more, and wait no more, after this time: 90s, 15m, 1h30m.
        action_timeout: Longest time for one action.
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
    """What every verb that acts takes beside the ids.

    Attributes:
        tag: All Droplets with this tag, with GPUs or without.
        gpus_only: With --tag: leave out the Droplets that have no GPUs.
        by_tag: Send one request for all with the tag, which the API takes for eight of the types.
        run: How the run goes.
        account: Which account.
        display: What is written.
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
