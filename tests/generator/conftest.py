from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from source_tree import ROOT, SINGLE_FILES, Tree

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    without = shutil.ignore_patterns("__pycache__", "emulator", "*.pyc")
    for package in ("gradient_async", "gradient_sync"):
        shutil.copytree(ROOT / package, tmp_path / package, ignore=without)
    shutil.copytree(ROOT / "generator", tmp_path / "generator", ignore=without)
    for name in SINGLE_FILES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)  # says how to format
    return Tree(root=tmp_path)


@pytest.fixture
def project() -> Tree:
    """The project itself, read-only."""
    return Tree(root=ROOT)
