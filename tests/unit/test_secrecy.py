from __future__ import annotations

import copy
import pickle
import sys
from typing import TYPE_CHECKING, Any

import pytest

from gradient_async.http.headers import Headers
from gradient_async.http.tracebacks import without_wire_frames
from gradient_async.secrecy import HIDDEN, Redaction, SecretText, hidden

if TYPE_CHECKING:
    from types import TracebackType

SECRET = "dop_v1_a+b/c=\"d&e'"


def test_text_works_as_any_other_and_shows_nothing() -> None:
    text = SecretText(SECRET)
    assert text == SECRET
    assert f"Bearer {text}" == f"Bearer {SECRET}"
    assert SECRET not in f"{text!r} {[text]!r} {({'a': text},)!r}"
    assert copy.deepcopy([text]) == copy.copy([text]) == [SECRET]
    assert pickle.loads(pickle.dumps([text])) == [HIDDEN]


@pytest.mark.parametrize("value", [None, 7])
def test_what_is_no_text_stays_as_it_is_when_hidden(value: object) -> None:
    assert hidden(value) is value  # type: ignore[arg-type]


def test_bytes_are_hidden_like_a_text() -> None:
    given: Any = b"dop_v1_bytes"
    secret = hidden(given)
    assert secret == given
    assert "dop_v1" not in f"{secret!r} {secret} {[secret]!r}"
    assert pickle.loads(pickle.dumps([secret])) == [HIDDEN.encode()]


@pytest.mark.parametrize(
    "form",
    [
        SECRET,
        "dop_v1_a%2Bb%2Fc%3D%22d%26e%27",
        "dop_v1_a%2Bb/c%3D%22d%26e%27",
        r"dop_v1_a+b/c=\"d&e'",
        "dop_v1_a+b/c=&quot;d&amp;e&#x27;",
    ],
)
def test_every_form_of_a_secret_is_cut_out(form: str) -> None:
    redaction = Redaction([SECRET])
    assert redaction.text(f"<{form}{form}>") == f"<{HIDDEN}{HIDDEN}>"
    assert redaction.bytes(f"é{form}".encode()) == f"é{HIDDEN}".encode()
    assert redaction.headers({f"x-{form}": f"a {form}"}) == {f"x-{HIDDEN}": f"a {HIDDEN}"}
    assert redaction.json({form: [form, {"a": form}, 7, None]}) == {HIDDEN: [HIDDEN, {"a": HIDDEN}, 7, None]}


def test_secret_is_cut_out_when_the_text_ends_within_it() -> None:
    redaction = Redaction([SECRET])
    assert redaction.text(f"a {SECRET} b {SECRET[:-1]}") == f"a {HIDDEN} b {HIDDEN}"
    assert redaction.text(f"a {SECRET[:8]}") == f"a {HIDDEN}"
    assert redaction.text(f"a {SECRET[:7]}") == f"a {SECRET[:7]}"
    assert redaction.bytes(b"\xff" + SECRET[:9].encode()) == b"\xff" + HIDDEN.encode()


def test_bytes_are_known_to_hold_a_secret() -> None:
    assert Redaction([SECRET]).is_in(f"a {SECRET} b".encode())
    assert not Redaction([SECRET]).is_in(b"a dop_v1_ b")
    assert not Redaction([]).is_in(b"a")


def test_short_secret_is_no_reason_to_garble_an_answer() -> None:
    assert Redaction(["e"]).text("the date") == "the date"
    assert not Redaction(["e"]).concerns(["the date"])


def test_headers_are_not_shown_and_hide_their_credentials() -> None:
    headers = Headers({"Authorization": f"Bearer {SECRET}", "X-A": "1"})
    others = headers.merged({"AUTHORIZATION": "Bearer dop_v1_another_one", "x-b": "2"})
    assert dict(headers.reveal()) == {"Authorization": f"Bearer {SECRET}", "X-A": "1"}
    assert dict(others.reveal()) == {"AUTHORIZATION": "Bearer dop_v1_another_one", "X-A": "1", "x-b": "2"}
    assert SECRET not in f"{headers!r} {headers.reveal()!r} {dict(headers.reveal())!r} {headers.redaction!r}"
    assert headers.redaction.text(SECRET) == others.redaction.text("dop_v1_another_one") == HIDDEN


def frames_of(traceback: TracebackType | None) -> list[str]:
    names = []
    while traceback is not None:
        names.append(str(traceback.tb_frame.f_globals["__name__"]))
        traceback = traceback.tb_next
    return names


def frames_in(module: str, error: BaseException) -> None:
    exec("def fail(error): raise error", space := {"__name__": module})
    space["fail"](error)


def test_wire_frames_are_gone_from_a_cause_that_is_no_context() -> None:
    outer, cause = ValueError("outer"), LookupError("cause")
    with pytest.raises(LookupError):
        frames_in("aiohttp.client", cause)
    outer.__cause__ = cause
    without_wire_frames(outer)
    assert "aiohttp.client" not in frames_of(cause.__traceback__)


def test_wire_frames_are_gone_from_all_causes_of_an_error() -> None:
    inner, outer, member = LookupError("inner"), ValueError("outer"), OSError("member")
    for module, error in (("aiohttp.client", member), ("mine", inner)):
        with pytest.raises(type(error)):
            frames_in(module, error)
    group = ExceptionGroup("some", [member])
    outer.__cause__, outer.__context__, inner.__context__ = inner, group, outer
    with pytest.raises(ValueError, match="outer"):
        frames_in("asyncio.tasks", outer)

    assert without_wire_frames(outer) is outer

    here = sys._getframe().f_globals["__name__"]
    assert frames_of(inner.__traceback__) == [here, here, "mine"]
    assert frames_of(outer.__traceback__) == frames_of(member.__traceback__) == [here, here]
