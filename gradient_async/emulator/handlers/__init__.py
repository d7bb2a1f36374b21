"""The handlers: one class for each group of resources.

A new group is a class in a module here, and is found by itself. It extends `ResourceGroup`; each method with a `@route`
serves one. The state of the group is in a class of its own that takes the account (`account.part(KeyStore)`), with an
`account.new_table()` for each kind of resource, so that the account's views apply to it. `account.begin` starts an
event, and `account.after` schedules a later change. `placement.placement_refusal` checks whether there is quota and
room for more Droplets.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING

from gradient_async.emulator.handlers.resource_group import ResourceGroup

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gradient_async.emulator.routes import Route


def _found() -> Iterator[type[ResourceGroup]]:
    for name in sorted(found.name for found in iter_modules(__path__)):
        module = import_module(f"{__name__}.{name}")
        for one in vars(module).values():
            is_group = isinstance(one, type) and issubclass(one, ResourceGroup) and one.__module__ == module.__name__
            if is_group and one.ROUTES:
                yield one


#: The groups of all modules here.
GROUPS: Sequence[type[ResourceGroup]] = tuple(_found())
ROUTES: Sequence[Route] = tuple(route for group in GROUPS for route in group.ROUTES)
