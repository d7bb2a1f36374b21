"""Messages of the Python package with options as they are typed on the command line. Pure."""

from __future__ import annotations

import re
from typing import Final

from gradient_async.models.action_types import ACTION_TYPES

# The parameters at the beginning of a message: "max_errors: expected …".
_PARAMETERS: Final = re.compile(r"^([a-z_]+(?:\.[a-z_]+)?(?:, [a-z_]+)*):")
_NO_PART_OF_A_PATH: Final = r"(?<![\w./-])(?:{})(?![\w./-])"
_OPTIONS: Final = (
    *("by_tag", "gpus_only", "max_errors", "max_concurrency", "batch_size", "on_busy", "if_finished", "health_check"),
    *("max_hourly", "min_count", "retry_every", "ready_timeout", "confirm_count", "with_resources", "older_than"),
    *("health_timeout", "health_retries", "health_interval", "action_timeout", "base_url", "access_token"),
)
_ACTION_TYPES: Final = [name for name in ACTION_TYPES if "_" in name]
_PHRASES: Final[tuple[tuple[re.Pattern[str], str], ...]] = tuple(
    (re.compile(pattern), words)
    for pattern, words in (
        (r"backup_policy: missing key plan, which is 'daily' or 'weekly'", "--plan: missing; pass daily or weekly"),
        (r"with plan='(\w+)'", r"with --plan \1"),
        (r"\bwait=False\b", "--no-wait"),
        (r"\bby_tag=True\b", "--by-tag"),
        (r"\bcheck_first=False\b", "--no-check"),
        (r'\btag="(\w+)"', "--tag TAG"),
        (r"\b(on_busy|if_finished)=['\"](\w+)['\"]", r"\1 \2"),
        (r"\bmax_errors, such as '([\d.]+%?)',", r"max_errors, such as \1,"),
        (r"\bgpu_droplets\.sizes\.list_all\(\) has the sizes", "gpu-droplets sizes --gpu lists the sizes"),
        (r"\bclient\.regions\.list_all\(\) has the regions", "gpu-droplets regions list shows the regions"),
        (r"\bfleet\.(hibernate|create)\b", r"gpu-droplets \1"),
        (r"\bfleet\.reap\(journal\)", "gpu-droplets reap JOURNAL"),
        (r"\bgpu_droplets\.list\(name='([^']+)'\)", r"gpu-droplets list --name \1"),
        (r"\bCheck the path in RateBudget\.shared\(\.\.\.\) or GRADIENT_RATE_BUDGET", "Check GRADIENT_RATE_BUDGET"),
        (r"\bcontract=\[\(size, region\)\]", "--contract SIZE:REGION"),
        (r"\bpass (size|region)=", r"pass --\1"),
        (r"\bor access_token=\.", "--token-file, or --context."),
        (r", or pass an http_session with a SOCKS connector.*", "; --proxy none uses no proxy"),
        (r"\bpass deadline=, in seconds,", "pass --deadline TIME"),
        (r'\bunable to convert "(.*?)" into int\b', r'expected a whole number, got "\1"'),
        (r'\bunable to convert "(.*?)" into float\b', r'expected a number, got "\1"'),
        (r"\bexpected an int at least\b", "expected a whole number of at least"),
        (r"\bexpected an int\b", "expected a whole number"),
        (r'^Invalid value (?:"[^"]*" )?for (-[\w-]+)[.:] expected\b', r"\1: expected"),
        (r"\ban int of\b", "a whole number of"),
        (r"\bexpected a str such as\b", "expected text such as"),
        (r"\bgot (?:str|int|float|bool) ", "got "),
    )
)
_NAMES: Final = re.compile(_NO_PART_OF_A_PATH.format("|".join((*_OPTIONS, *_ACTION_TYPES))))
# Parameters whose option has another name, or none.
_TYPED: Final = {"wait": "--no-wait", "access_token": "the access token"}


def in_typed_words(text: str) -> str:
    """Return a message on one line, with options and verbs as they are typed."""
    text = " ".join(text.split())
    for pattern, words in _PHRASES:
        text = pattern.sub(words, text)
    return _NAMES.sub(lambda match: _word(match[0]), text)


def about_an_option(text: str) -> str:
    """Return the same for a message that begins with the names of its parameters."""
    return in_typed_words(_PARAMETERS.sub(lambda match: f"{_listed(match[1])}:", in_typed_words(text)))


def _listed(parameters: str) -> str:
    return ", ".join(_option(one.removeprefix("backup_policy.")) for one in parameters.split(", "))


def _word(name: str) -> str:
    return name.replace("_", "-") if name in ACTION_TYPES else _option(name)


def _option(parameter: str) -> str:
    return _TYPED.get(parameter, f"--{parameter.replace('_', '-')}")
