"""The verb ``create``: it shows prices, creates Droplets where there is capacity, and shows what they cost."""

from __future__ import annotations

from typing import Final

from gradient_async.cli.create_command import CreateCommand
from gradient_async.cli.create_options import CreationOptions, HuntOptions, NewDroplets, user_data_in
from gradient_async.cli.exit_codes import UsageError
from gradient_async.cli.options import DEFAULTS, LIST_OUTPUT, AccountOptions, ListOutputOptions
from gradient_async.cli.ssh_keys import given_keys
from gradient_async.cli.token_source import check_standard_input
from gradient_async.cli.word_lists import listed

EXAMPLES: Final = """\
Examples:

  gpu-droplets create --size gpu-h100x1-80gb --ssh-key ~/.ssh/id_ed25519.pub
  gpu-droplets create --count 8 --name 'train-{n}' --size gpu-h100x1-80gb \\
    --region tor1,nyc2 --until ssh --deadline 1h \\
    --journal create-$(date +%F).journal
  gpu-droplets create --count 8 --size gpu-h200x8-1128gb,gpu-h100x8-640gb \\
    --min-count 4 --prefer price --max-hourly 200 --dry-run
"""

DROPLETS: Final = NewDroplets()
HUNTING: Final = HuntOptions()
RUNNING: Final = CreationOptions()


def create(
    *,
    droplets: NewDroplets = DROPLETS,
    hunt: HuntOptions = HUNTING,
    run: CreationOptions = RUNNING,
    account: AccountOptions = DEFAULTS.account,
    display: ListOutputOptions = LIST_OUTPUT,
) -> CreateCommand:
    """Create Droplets, one or many, wherever there is capacity, and wait until they are ready.

    Shows what they cost and asks for confirmation. Sizes and regions are tried in
    order until there are enough Droplets, and never more. What is created and not
    delivered is destroyed again, and the result names what could not be.
    """
    if not droplets.size:
        raise UsageError("--size: missing; gpu-droplets sizes --gpu --creatable lists the sizes to choose from")
    check_standard_input(account, [str(droplets.user_data)] if droplets.user_data is not None else [])
    return CreateCommand(
        droplets=droplets,
        hunt=hunt,
        options=run,
        keys=given_keys(listed("--ssh-key", droplets.ssh_key)),
        user_data=user_data_in(droplets.user_data),
        account=account,
        display=display,
    )
