"""The verb ``emulate``. Its options are those of the emulator's own command."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Annotated, get_type_hints

import attrs
from attrs import frozen
from cyclopts import Parameter

from gradient_async.cli.exit_codes import UsageError
from gradient_async.cli.options import DEFAULTS, OutputOptions
from gradient_async.emulator.__main__ import serve
from gradient_async.emulator.option_values import OptionError
from gradient_async.emulator.options import EmulatorOptions, option_name

if TYPE_CHECKING:
    from gradient_async.cli.screen import Screen


@frozen(kw_only=True)
class EmulateCommand:
    """The command behind ``emulate``.

    Attributes:
        options: Options of the emulator.
        display: Options of the output.
    """

    options: EmulatorOptions
    display: OutputOptions = DEFAULTS.display

    def run(self, screen: Screen) -> int:  # noqa: ARG002 - as every command
        """Serve until Ctrl-C, and return the exit status."""
        try:
            return serve(self.options)
        except OptionError as error:
            raise UsageError(str(error)) from None


def emulate(**given: object) -> EmulateCommand:
    """Serve an emulated account over HTTP until Ctrl-C, for this command or any other program."""
    options = EmulatorOptions(**given)  # type: ignore[arg-type] # the signature below types them
    return EmulateCommand(options=options, display=OutputOptions(debug=options.debug))


def _signature() -> inspect.Signature:
    """Return the parameters of ``emulate``: one for each option of the emulator."""
    hints = get_type_hints(EmulatorOptions)
    return inspect.Signature(
        [
            inspect.Parameter(
                field.name,
                inspect.Parameter.KEYWORD_ONLY,
                default=field.default,
                annotation=Annotated[hints[field.name], _parameter(field)],
            )
            for field in attrs.fields(EmulatorOptions)
        ]
    )


def _parameter(field: attrs.Attribute[object]) -> Parameter:
    is_switch = field.default is False
    return Parameter(
        name=option_name(field),
        help=field.metadata["help"],
        metavar=field.metadata["metavar"],
        negative=() if is_switch else None,
        show_default=None if field.default and field.default is not True else False,
    )


emulate.__signature__ = _signature()  # type: ignore[attr-defined] # the parser reads it
