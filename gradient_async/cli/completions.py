"""Completions for shells: files, files behind ``@``, and doctl's contexts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from gradient_async import settings
from gradient_async.cli import access

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cyclopts.completion import CompletionContext

# The generated script splits file names at spaces.
_GENERATED_FILES: Final = 'COMPREPLY=( $(compgen -f -- "${cur}") )'
_GENERATED_END: Final = "complete -F _gpu_droplets gpu-droplets"
_BASH_FILES: Final = r"""
_gpu_droplets_files() {
  local one
  COMPREPLY=()
  compopt -o filenames 2>/dev/null
  while IFS= read -r one; do
    COMPREPLY+=("$one")
  done < <(compgen -f -- "$1")
}
"""
# The second argument is the text that bash replaces: with the "@" or, depending on COMP_WORDBREAKS, without.
_BASH_END: Final = r"""_gpu_droplets_words() {
  local word="$2" prefix="" one quoted
  if [[ "$word" == @* ]]; then
    prefix=@
    word="${word:1}"
  elif [[ "$COMP_WORDBREAKS" != *@* || "${COMP_WORDS[COMP_CWORD-1]}" != @ ]]; then
    _gpu_droplets "$@"
    return
  fi
  COMPREPLY=()
  while IFS= read -r one; do
    [[ -d "$one" ]] && one="$one/"
    printf -v quoted '%q' "$one"
    COMPREPLY+=("$prefix$quoted")
  done < <(compgen -f -- "${word//\\/}")
  [[ ${#COMPREPLY[@]} -eq 1 && "${COMPREPLY[0]}" == */ ]] && compopt -o nospace 2>/dev/null
}

complete -F _gpu_droplets_words gpu-droplets
"""


def bash_script(generated: str) -> str:
    """Return the parser's script, extended by file names with spaces and by files behind ``@``."""
    script = generated.replace(_GENERATED_FILES, '_gpu_droplets_files "${cur}"')
    return f"{script.replace(_GENERATED_END, _BASH_END)}{_BASH_FILES}"


def contexts(_context: CompletionContext) -> Sequence[str]:
    """Return the names of doctl's contexts; none if its configuration cannot be read."""
    import yaml

    try:
        configuration = yaml.safe_load(settings.doctl_configuration().read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError):
        return ()
    return list(access.contexts_in(configuration))


def files_of_ids(context: CompletionContext) -> Sequence[str]:
    """Return the files behind an ``@``, for shells without a completion for it."""
    if not context.incomplete.startswith("@"):
        return ()
    return files_behind_at(context.incomplete, Path())


def files_behind_at(word: str, folder: Path) -> Sequence[str]:
    """Return each file or folder that may complete the word, with its ``@``.

    Args:
        word: The typed beginning, with its ``@``.
        folder: Folder that relative names start from.
    """
    typed = word[1:]
    above = typed[: typed.rfind("/") + 1]
    try:
        found = sorted((folder / above).iterdir())
    except OSError:
        return ()
    names = [f"@{above}{one.name}{'/' if one.is_dir() else ''}" for one in found]
    return [name for name in names if name.startswith(word) and (typed[len(above) :] or name[len(above) + 1] != ".")]
