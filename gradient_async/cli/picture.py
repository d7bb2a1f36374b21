"""The picture of a run, as a file for a browser."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Final, Protocol

from gradient_async.cli.exit_codes import UsageError
from gradient_async.cli.ids import STANDARD_INPUT
from gradient_async.cli.printable import printable_lines

if TYPE_CHECKING:
    from pathlib import Path

    from gradient_async.cli.screen import Screen


class Drawable(Protocol):
    """A report that has a picture, and is a text too."""

    def timeline(self) -> str:
        """Return the picture."""
        ...


_PAGE: Final = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>
body {{ margin: 2rem auto; max-width: 1200px; padding: 0 1rem; font-family: system-ui, sans-serif }}
pre {{ white-space: pre-wrap; overflow-wrap: anywhere }}
</style>
</head>
<body>
{picture}
<pre>{report}</pre>
</body>
</html>
"""


def check_path(path: Path | None) -> None:
    """Check before the run that the picture can be written.

    Raises:
        UsageError: The file's name does not end in .html or .svg, or the file cannot be written.
    """
    if path is None:
        return
    typed = "-" if str(path) == STANDARD_INPUT else str(path)
    if path.suffix.lower() not in {".html", ".htm", ".svg"}:
        raise UsageError(f"--report: expected a file that ends in .html or .svg, got {typed!r:.80}")
    if not path.absolute().parent.is_dir():
        raise UsageError(f"--report: {path} cannot be written: there is no folder {path.parent}")
    try:
        if path.exists() and not path.is_file():
            raise UsageError(f"--report: {path} cannot be written: it is not a regular file")
        _open_for_writing(path)
    except OSError as error:
        raise UsageError(f"--report: {path} cannot be written: {error.strerror}") from None


def _open_for_writing(path: Path) -> None:
    """Open the file for writing without changing its content. A file that did not exist is removed again."""
    is_new = not path.exists()
    with path.open("ab"):
        pass
    if is_new:
        path.unlink(missing_ok=True)


def write(screen: Screen, path: Path | None, report: Drawable) -> bool:
    """Write the picture of a run if one is wanted. Return ``False`` if that failed."""
    if path is None:
        return True
    try:
        path.write_text(content(report, path), encoding="utf-8")
    except OSError as error:
        screen.failure(f"--report: {path} cannot be written: {error.strerror}")
        return False
    screen.say(f"the picture of the run is in {path}")
    return True


def content(report: Drawable, path: Path) -> str:
    """Return the content of the file. It is well-formed for all names and messages."""
    picture = report.timeline()
    text = str(report)
    page = _PAGE.format(title=html.escape(text.partition("\n")[0]), picture=picture, report=html.escape(text))
    return printable_lines(picture if path.suffix.lower() == ".svg" else page)
