"""The id of this machine's present boot, from what each system has."""

from __future__ import annotations

import ctypes
import sys
from pathlib import Path
from typing import Any

import pytest

from gradient_async import boot


class System:
    """The part of macOS's library that is asked. It answers with a text, or fails."""

    def __init__(self, text: bytes, *, has_failed: bool = False) -> None:
        self.text, self.has_failed = text, has_failed
        self.asked: list[tuple[Any, ...]] = []

    def sysctlbyname(self, name: bytes, text: Any, size: Any, new: object, new_size: Any) -> int:
        self.asked.append((name, len(text), size._obj.value, new, new_size.value))
        text.value = self.text
        return -1 if self.has_failed else 0


@pytest.fixture
def no_linux(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(boot, "_LINUX", Path("/nowhere/boot_id"))


def test_boot_is_known_on_linux_and_on_a_mac() -> None:
    assert (boot.boot_session() is not None) is (sys.platform == "darwin")
    assert (boot.boot_id() is not None) is (sys.platform in {"darwin", "linux"})


def test_linux_keeps_the_id_in_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "boot_id").write_text("5f4e3d2c\n", encoding="ascii")
    monkeypatch.setattr(boot, "_LINUX", tmp_path / "boot_id")
    assert boot.boot_id() == "5f4e3d2c"


@pytest.mark.usefixtures("no_linux")
@pytest.mark.parametrize(
    ("system", "expected"),
    [
        (System(b"0A1B2C3D"), "0A1B2C3D"),
        (System(b""), None),
        (System(b"0A1B2C3D", has_failed=True), None),
        (object(), None),
    ],
    ids=["known", "empty", "failed", "unknown"],
)
def test_macos_is_asked_for_the_id(system: object, expected: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(ctypes, "CDLL", lambda _: system)
    assert boot.boot_id() == expected
    if isinstance(system, System):
        assert system.asked == [(b"kern.bootsessionuuid", 64, 64, None, 0)]


@pytest.mark.usefixtures("no_linux")
def test_other_system_has_no_id_and_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(ctypes, "CDLL", lambda _: pytest.fail("asked"))
    assert boot.boot_id() is None
