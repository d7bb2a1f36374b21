"""The command behind each verb that acts: from the command line to the exit status."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from attrs import field, frozen

from gradient_async.cli import account, dangers, ids, picture
from gradient_async.cli.dry_run import DryRun
from gradient_async.cli.estimate import estimate_of
from gradient_async.cli.exit_codes import COMPLETED, FAILED
from gradient_async.cli.fleet_session import RunView, carry_out
from gradient_async.cli.health_command import for_account, has_name
from gradient_async.cli.interruption import Invocation
from gradient_async.cli.journal_paths import check_new_journal
from gradient_async.cli.operations import Operation
from gradient_async.cli.options import FleetArguments, OutputOptions
from gradient_async.cli.preflight import check_access, check_plan, is_agreed
from gradient_async.cli.run_options import (
    checked_spec,
    done_before,
    fleet_options,
    targets_of,
)
from gradient_async.cli.selection import Selection, referenced, tagged, with_names
from gradient_async.cli.token_source import check_standard_input

if TYPE_CHECKING:
    from gradient_async.cli.account import Account
    from gradient_async.cli.operations import Targets
    from gradient_async.cli.references import Reference
    from gradient_async.cli.screen import Screen
    from gradient_async.fleet.run_spec import RunSpec


@frozen(kw_only=True)
class FleetCommand:
    """A verb that acts on Droplets.

    Attributes:
        verb: The verb. It decides the initial state of emulated Droplets.
        words: Words that name the Droplets: ids, names, ``@FILE`` or ``-``.
        arguments: The options.
        make: Makes the operation. Its argument: whether a step ends only when the Droplet is in its expected state.
    """

    verb: str
    words: Sequence[str]
    arguments: FleetArguments
    make: Callable[[bool], Operation] = field(repr=False)

    @property
    def display(self) -> OutputOptions:
        """Options of the output."""
        return self.arguments.display

    def run(self, screen: Screen) -> int:
        """Run the operation, and return the exit status.

        Raises:
            UsageError: The command line is invalid.
            GradientAIError: The run did not begin; no action was sent.
        """
        arguments = self.arguments
        options = fleet_options(arguments)
        operation = self.make(options.get("until") == "status")
        check_standard_input(arguments.account, self.words)
        references = ids.parse_droplets(self.words, ids.read_droplets)
        spec = checked_spec(operation.plan, options, targets_of(references, arguments.tag))
        picture.check_path(arguments.run.report)
        journal = None if arguments.run.journal is None else str(arguments.run.journal)
        check_new_journal(journal)
        has_names = any(isinstance(one, str) for one in references)
        if not has_names:
            done_before(spec, [one for one in references if isinstance(one, int)])
        with account.opened(arguments.account, tag=arguments.tag, verb=self.verb, least=1) as opened:
            may_ask = not arguments.run.yes and dangers.may_lose(operation.plan)
            is_read = arguments.run.dry_run or may_ask or has_name(options.get("health_check"))
            chosen, targets = self._selected(opened, references, is_read=is_read)
            run_options = for_account(options, opened.token.value, {} if chosen is None else chosen.names)
            if has_names:
                done_before(spec, targets.get("droplets", ()))
            if arguments.run.dry_run and chosen is not None:
                return self._rehearse(screen, opened, spec, chosen)
            loss = dangers.loss_of(operation.plan, len(chosen.ids)) if may_ask and chosen is not None else None
            if loss is not None and chosen is not None:
                if screen.is_interactive:
                    chosen = asyncio.run(with_names(opened, chosen))
                if not is_agreed(screen, operation.plan, chosen, tag=arguments.tag, loss=loss):
                    return FAILED
            if len(targets.get("droplets", ())) > 1:
                asyncio.run(check_access(opened))
            return carry_out(
                screen,
                opened,
                self._view(spec, targets, chosen),
                lambda fleet, update: operation.begin(fleet, targets, {**run_options, "on_progress": update}),
            )

    def _view(self, spec: RunSpec, targets: Targets, chosen: Selection | None) -> RunView:
        arguments = self.arguments
        return RunView(
            plan=spec.plan,
            display=arguments.display,
            typed=Invocation(
                account=arguments.account,
                display=arguments.display,
                journal=spec.options.journal,
                picture=arguments.run.report,
                health_check=arguments.run.health_check,
            ),
            total=len(targets["droplets"]) if "droplets" in targets else None,
            names={} if chosen is None else chosen.names,
            batch_size=spec.options.batch_size,
            only_problems=arguments.run.only_problems,
        )

    def _selected(
        self, opened: Account, references: Sequence[Reference], *, is_read: bool
    ) -> tuple[Selection | None, Targets]:
        """Select the Droplets, and return the targets of the run. Those with a tag are read only if ``is_read``."""
        tag, gpus_only = self.arguments.tag, self.arguments.gpus_only
        if tag is not None:
            return asyncio.run(tagged(opened, tag, gpus_only=gpus_only)) if is_read else None, {"tag": tag}
        chosen = asyncio.run(referenced(opened, references))
        return chosen, {"droplets": chosen.ids}

    def _rehearse(self, screen: Screen, opened: Account, spec: RunSpec, chosen: Selection) -> int:
        asyncio.run(check_plan(opened, spec))
        all_ids = chosen.ids
        done = done_before(spec, all_ids)
        found = [droplet_id for droplet_id in all_ids if droplet_id not in done]
        windows = opened.budget.snapshot().windows
        batch = spec.options.batch_size
        rehearsal = DryRun(
            plan=spec.plan,
            ids=found,
            done=len(done),
            tag=spec.tag,
            by_tag=spec.options.by_tag,
            without_gpus=chosen.without_gpus,
            names=chosen.names,
            batch_size=batch.of(len(all_ids), least=1) if batch else None,
            windows=windows,
            is_rate_known=any(window.used for window in windows),
            estimate=estimate_of(spec.plan, len(found), windows, waits=spec.options.wait, by_tag=spec.options.by_tag),
            waits=spec.options.wait,
        )
        if self.display.output == "table":
            screen.write(*rehearsal.as_text().split("\n"))
        else:
            screen.write_json(rehearsal.as_json(), indent=self.display.indent)
        return COMPLETED
