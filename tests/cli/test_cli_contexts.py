"""The token in a file and in doctl's configuration."""

from __future__ import annotations

import pytest

from gradient_async import (
    RateBudget,
)
from gradient_async.cli import access
from gradient_async.cli.account import Account
from gradient_async.cli.exit_codes import UsageError
from gradient_async.cli.token_source import FoundToken

pytestmark = pytest.mark.once


def test_token_file_holds_the_token_and_nothing_else() -> None:
    assert access.token_in_file("dop_v1_x\n", "f") == "dop_v1_x"
    for text in ("", " \n", "a b", "export TOKEN=a\nb"):
        with pytest.raises(UsageError, match="--token-file: expected the token and nothing else") as caught:
            access.token_in_file(text, "f")
        assert "TOKEN" not in str(caught.value)


CONFIGURATION = {
    "access-token": "first",
    "auth-contexts": {"default": True, "Prod": "second", "empty": ""},
    "context": "prod",
}


def test_contexts_are_those_that_doctl_has() -> None:
    assert access.contexts_in(CONFIGURATION) == {"default": "first", "Prod": "second"}
    assert access.token_of_context(CONFIGURATION, "default", "f") == "first"
    assert access.token_of_context(CONFIGURATION, "PROD", "f") == "second"


@pytest.mark.parametrize("configuration", [None, [], "text", {}, {"auth-contexts": None}, {"auth-contexts": []}])
def test_contexts_are_none_where_doctl_has_none(configuration: object) -> None:
    with pytest.raises(UsageError, match="it has no contexts; doctl auth init adds one"):
        access.token_of_context(configuration, "prod", "f")


def test_unknown_context_is_refused_and_no_token_is_shown() -> None:
    with pytest.raises(UsageError, match="doctl has no context 'x' in f: it has default, Prod") as caught:
        access.token_of_context(CONFIGURATION, "x", "f")
    assert "second" not in str(caught.value)


def test_token_is_in_no_representation() -> None:
    account = Account(token=FoundToken(value="dop_v1_x"), base_url=None, budget=RateBudget())
    assert "dop_v1_x" not in repr(account)
