"""The command behind ``create``: from the command line to Droplets and an exit status."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from gradient_async.cli import account as accounts
from gradient_async.cli import picture, question
from gradient_async.cli.create_options import (
    CreationOptions,
    HuntOptions,
    NewDroplets,
    image_of,
    pairs_in,
)
from gradient_async.cli.create_plan import as_json, as_text, in_typed_words, warning
from gradient_async.cli.create_session import created
from gradient_async.cli.create_tags import tags_of
from gradient_async.cli.durations import seconds_in
from gradient_async.cli.exit_codes import COMPLETED, FAILED, UsageError
from gradient_async.cli.journal_paths import check_new_journal
from gradient_async.cli.options import AccountOptions, ListOutputOptions
from gradient_async.cli.ssh_keys import GivenKeys, registered
from gradient_async.cli.until_words import needs_ssh, until_of, words_in
from gradient_async.cli.word_lists import listed
from gradient_async.errors import GradientAIError

if TYPE_CHECKING:
    from gradient_async.cli.account import Account
    from gradient_async.cli.screen import Screen
    from gradient_async.client import AsyncGradientAI
    from gradient_async.fleet.create.plan import CreationPlan
    from gradient_async.public_keys import PublicKey

Arguments = dict[str, Any]
"""The arguments of ``client.fleet.create``."""


@frozen(kw_only=True)
class CreateCommand:
    """The command behind ``create``.

    Attributes:
        droplets: The new Droplets.
        hunt: Where to look for capacity, for how long, and for how much money.
        options: How the run goes.
        keys: SSH keys of the new Droplets.
        user_data: Their user data; ``None`` without.
        account: Options of the account.
        display: Options of the output.
    """

    droplets: NewDroplets
    hunt: HuntOptions
    options: CreationOptions
    keys: GivenKeys
    user_data: str | None = field(repr=False)
    account: AccountOptions
    display: ListOutputOptions

    def run(self, screen: Screen) -> int:
        """Create the Droplets, and return the exit status.

        Raises:
            UsageError: The command line is invalid. Nothing was sent.
            GradientAIError: The sizes could not be read, or the run did not begin. Nothing was created.
        """
        journal = None if self.options.journal is None else str(self.options.journal)
        check_new_journal(journal)
        picture.check_path(self.options.report)
        arguments = self._arguments(journal)
        words = words_in(self.options.until)
        with accounts.opened(self.account, verb="create", with_ssh=needs_ssh(words)) as opened:
            arguments["until"] = until_of(
                words,
                port=opened.ssh_port or self.options.ssh_port,
                user=self.options.ssh_user,
                ssh_options=self.options.ssh_option,
            )
            plan, missing = asyncio.run(self._planned(opened, arguments))
            if self.options.dry_run:
                self._rehearse(screen, plan, missing)
                return COMPLETED
            if plan.objection:
                raise UsageError(in_typed_words(plan.objection))
            if not self.options.yes and not question.is_agreed(screen, warning(plan, missing)):
                return FAILED
            if missing:
                arguments["ssh_keys"] = [*arguments["ssh_keys"], *asyncio.run(_register(opened, missing))]
            return created(
                screen,
                opened,
                arguments,
                account=self.account,
                display=self.display,
                picture_file=self.options.report,
            )

    def _arguments(self, journal: str | None) -> Arguments:
        """Return the arguments of ``client.fleet.create`` that were typed."""
        droplets, hunt, options = self.droplets, self.hunt, self.options
        given = {
            "count": droplets.count,
            "name": droplets.name,
            "sizes": listed("--size", droplets.size),
            "regions": listed("--region", hunt.region) or None,
            "image": image_of(droplets.image),
            "tags": tags_of(listed("--tag", droplets.tag), seconds_in("--ttl", droplets.ttl), journal) or None,
            "user_data": self.user_data,
            "vpc_uuid": droplets.vpc,
            "min_count": hunt.min_count,
            "prefer": hunt.prefer,
            "same_region": hunt.same_region,
            "same_size": hunt.same_size,
            "max_hourly": hunt.max_hourly,
            "deadline": seconds_in("--deadline", hunt.deadline),
            "retry_every": seconds_in("--retry-every", hunt.retry_every),
            "contract": pairs_in(hunt.contract),
            "on_unknown_refusal": hunt.on_unknown_refusal,
            "ready_timeout": seconds_in("--ready-timeout", options.ready_timeout),
            "if_finished": options.if_finished,
            "journal": journal,
        }
        return {name: value for name, value in given.items() if value is not None}

    async def _planned(self, opened: Account, arguments: Arguments) -> tuple[CreationPlan, list[PublicKey]]:
        """Return the plan, and the keys that have to be registered first. Add the registered ones to the arguments."""
        async with opened.client() as client:
            found, missing = await registered(client, self.keys)
            if found or missing:
                arguments["ssh_keys"] = [one.id for one in found]
            return await _plan(client, arguments), missing

    def _rehearse(self, screen: Screen, plan: CreationPlan, missing: list[PublicKey]) -> None:
        if self.display.output == "table":
            screen.write(*as_text(plan, missing, has_keys=self.keys != GivenKeys()))
        else:
            screen.write_json(as_json(plan, missing), indent=2 if self.display.output == "json" else None)


async def _plan(client: AsyncGradientAI, arguments: Arguments) -> CreationPlan:
    try:
        return await client.fleet.plan_create(**arguments)
    except GradientAIError:
        raise  # of the journal, for example
    except (TypeError, ValueError) as error:
        raise UsageError(in_typed_words(str(error))) from None


async def _register(opened: Account, keys: list[PublicKey]) -> list[int]:
    async with opened.client() as client:
        return [(await client.account.keys.ensure(one.text)).id for one in keys]
