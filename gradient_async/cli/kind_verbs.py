"""The verbs of every kind of resource: ``gpu-droplets volumes list``, and so on.

All are made from ``kinds.KINDS``, the endpoints and the models. The applications are made when they are first used: a
verb that acts on Droplets does not wait for them.
"""

from __future__ import annotations

import inspect
from functools import cache
from typing import TYPE_CHECKING, Annotated, Final

from cyclopts import App, Group, Parameter

from gradient_async.cli import help_layout, kind_changes, whole_numbers
from gradient_async.cli.kinds import KINDS
from gradient_async.cli.options import DEFAULTS, TABLE, AccountOptions, TableOptions
from gradient_async.cli.read_command import WHAT
from gradient_async.cli.token_source import check_standard_input

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gradient_async.cli.kind_changes import Change, ChangeOption
    from gradient_async.cli.kind_command import KindCommand
    from gradient_async.cli.kinds import Kind

RESOURCES: Final = Group("Resources: list, show, create, delete", sort_key=4)
_BY_NAME: Final = {kind.name: kind for kind in KINDS}
_KEYWORD: Final = inspect.Parameter.KEYWORD_ONLY


def _flag(name: str, text: str, alias: str | None = None) -> inspect.Parameter:
    settings = Parameter(alias=alias, negative=(), show_default=False, group=WHAT, help=text)
    return inspect.Parameter(name, _KEYWORD, default=False, annotation=Annotated[bool, settings])


_YES: Final = _flag("yes", "Do not ask for confirmation.", "-y")
_TIME: Final = Parameter(group=WHAT, metavar="TIME", help="Maximum time of the wait, such as 90s or 15m.")
_WAITING: Final = (
    _flag("no_wait", "Do not wait until the action ends."),
    inspect.Parameter("timeout", _KEYWORD, default="10m", annotation=Annotated[str, _TIME]),
)


def register(app: App) -> None:
    """Add the kinds to the application."""
    for name, kind in _BY_NAME.items():
        attribute = name.replace("-", "_")
        app.command(f"{__name__}:{attribute}", name=name, group=RESOURCES, help=kind.help)


def __getattr__(name: str) -> App:
    """Return the application of a kind, for the parser, which asks for it by name."""
    if name.replace("_", "-") not in _BY_NAME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return application_of(name.replace("_", "-"))


@cache
def application_of(name: str) -> App:
    """Return the application of one kind, with its verbs."""
    kind = _BY_NAME[name]
    app = App(
        name,
        help=kind.help,
        help_format="plaintext",
        help_formatter=help_layout.HelpLayout(),
        default_parameter=Parameter(negative_iterable=(), converter=whole_numbers.converted),
    )
    for verb, make in (("list", _list), ("show", _show), ("create", _create), ("delete", _delete)):
        function = make(kind) if verb in kind.verbs else None
        if function is not None:
            example = kind.examples.get(verb) or _example(kind, verb)
            app.command(function, name=verb, help_epilogue=f"Example:\n\n  gpu-droplets {name} {example}")
    for change in kind_changes.CHANGES.get(name, ()):
        epilogue = f"Example:\n\n  gpu-droplets {name} {change.verb} {change.example}"
        app.command(_change(kind, change), name=change.verb, help_epilogue=epilogue)
    if name == "sizes":
        from gradient_async.cli import gpu_sizes

        app.command(gpu_sizes.gpu, name=("gpu", "--gpu"), help_epilogue=gpu_sizes.EXAMPLES)
    return app


def _example(kind: Kind, verb: str) -> str:
    if verb == "list":
        return kind.example
    return f"{verb} {'ID' if not kind.label else 'NAME'}"


def _list(kind: Kind) -> Callable[..., KindCommand]:
    from gradient_async.cli import filters, kind_command

    options = filters.options_of(kind)

    def run(*, account: AccountOptions, display: TableOptions, **given: object) -> KindCommand:
        return kind_command.KindCommand(account=account, display=display, act=kind_command.listed(kind, display, given))

    parameters = [_option(name, hint, text, None) for name, (hint, text) in options.items()]
    return _verb(run, f"List {kind.plural}.", parameters)


def _show(kind: Kind) -> Callable[..., KindCommand]:
    from gradient_async.cli import kind_command, kind_references

    def run(reference: str, /, *, account: AccountOptions, display: TableOptions) -> KindCommand:
        check_standard_input(account, [reference])
        act = kind_command.shown_one(kind, display, kind_references.references_of(kind, [reference]))
        return kind_command.KindCommand(account=account, display=display, act=act)

    which = Annotated[str, Parameter(group=WHAT, metavar=_reference(kind), help=_reference_help(kind))]
    parameter = inspect.Parameter("reference", inspect.Parameter.POSITIONAL_ONLY, annotation=which)
    return _verb(run, f"Show one {kind.noun}.", [parameter])


def _create(kind: Kind) -> Callable[..., KindCommand] | None:
    from gradient_async.cli import body_options, kind_command

    if kind.create_endpoint is None:
        return None
    options = body_options.options_of(kind)

    def run(*, account: AccountOptions, display: TableOptions, **given: object) -> KindCommand:
        body = body_options.body_of(kind, options, given)
        return kind_command.KindCommand(account=account, display=display, act=kind_command.created(kind, display, body))

    parameters = [
        _option(one.name, one.type, one.help, one.metavar, is_required=one.is_required)
        for one in sorted(options, key=lambda one: not one.is_required)
    ]
    return _verb(run, f"Create {kind.one}.", parameters)


def _delete(kind: Kind) -> Callable[..., KindCommand] | None:
    from gradient_async.cli import kind_command, kind_references

    if kind.delete_endpoint is None:
        return None

    def run(*references: str, yes: bool = False, account: AccountOptions, display: TableOptions) -> KindCommand:
        check_standard_input(account, references)
        found = kind_references.references_of(kind, references)
        act = kind_command.deleted(kind, display, found, is_agreed=yes)
        return kind_command.KindCommand(account=account, display=display, act=act)

    which = Annotated[str, Parameter(group=WHAT, metavar=_reference(kind), help=_reference_help(kind))]
    parameters = [inspect.Parameter("references", inspect.Parameter.VAR_POSITIONAL, annotation=which), _YES]
    return _verb(run, f"Delete {kind.plural}. Asks for confirmation: {kind.loss}.", parameters)


def _change(kind: Kind, change: Change) -> Callable[..., KindCommand]:
    from gradient_async.cli import kind_change_command, kind_command, kind_references

    def run(reference: str, /, *, account: AccountOptions, display: TableOptions, **given: object) -> KindCommand:
        check_standard_input(account, [reference])
        found = kind_references.references_of(kind, [reference])
        act = kind_change_command.changed(kind, change, display, found, given)
        return kind_command.KindCommand(account=account, display=display, act=act)

    which = Annotated[str, Parameter(group=WHAT, metavar=_reference(kind), help=_reference_help(kind))]
    parameters = [inspect.Parameter("reference", inspect.Parameter.POSITIONAL_ONLY, annotation=which)]
    parameters += [_change_option(one) for one in change.options]
    if change.loss:
        parameters.append(_YES)
    if change.owner:
        parameters += _WAITING
    return _verb(run, change.help, parameters)


def _change_option(option: ChangeOption) -> inspect.Parameter:
    name = option.name.replace("-", "_")
    hint: object
    match option.value:
        case "droplet":
            hint, more, metavar = str, "", "ID|NAME"
        case "json":
            hint, more, metavar = str, " As JSON, or @FILE for a file of it.", "JSON|@FILE"
        case _:
            hint, more, metavar = tuple[str, ...], " Separated by commas, or given more than once.", "A,B"
    optional = hint if option.is_required or option.value not in {"droplet", "json"} else str | None
    return _option(name, optional, option.help + more, metavar, is_required=option.is_required)


def _reference(kind: Kind) -> str:
    return "ID|NAME" if kind.label and kind.label != kind.key else kind.key.upper()


def _reference_help(kind: Kind) -> str:
    by = "id or name" if kind.label and kind.label != kind.key else kind.key
    return f"The {kind.noun}'s {by}, @FILE for a file with one on each line, or - for standard input."


def _option(name: str, hint: object, text: str, metavar: str | None, *, is_required: bool = False) -> inspect.Parameter:
    is_flag = hint in (bool, bool | None)
    settings = Parameter(group=WHAT, help=text, metavar=metavar, negative=() if is_flag else None, show_default=False)
    default = inspect.Parameter.empty if is_required else () if hint == tuple[str, ...] else None
    return inspect.Parameter(name, _KEYWORD, default=default, annotation=Annotated[hint, settings])


def _verb(
    run: Callable[..., KindCommand], text: str, parameters: Sequence[inspect.Parameter]
) -> Callable[..., KindCommand]:
    """Return a function with these parameters, and those of every verb, for the parser."""
    every = [
        *parameters,
        inspect.Parameter("account", _KEYWORD, default=DEFAULTS.account, annotation=AccountOptions),
        inspect.Parameter("display", _KEYWORD, default=TABLE, annotation=TableOptions),
    ]

    def verb(*words: object, **given: object) -> KindCommand:
        return run(*words, **{"account": DEFAULTS.account, "display": TABLE, **given})

    verb.__doc__ = text
    verb.__annotations__ = {one.name: one.annotation for one in every}
    verb.__signature__ = inspect.Signature(every)  # type: ignore[attr-defined]  # what the parser reads
    return verb
