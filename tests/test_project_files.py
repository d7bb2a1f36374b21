"""The files that a maintainer and a build server go by name only what is there."""

from __future__ import annotations

import ast
import re
import shlex
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[1]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PAGES = ["CONTRIBUTING.md", "SECURITY.md"]


def nox_sessions() -> set[str]:
    tree = ast.parse((ROOT / "noxfile.py").read_text(encoding="utf-8"))
    return {
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and any("session" in ast.unparse(one) for one in node.decorator_list)
    }


def python_versions() -> list[str]:
    listed = [one.rpartition(" :: ")[2] for one in PROJECT["project"]["classifiers"]]
    return [version for version in listed if re.fullmatch(r"3\.\d+", version)]


def jobs_of(workflow: Path) -> dict[str, Any]:
    jobs: dict[str, Any] = yaml.safe_load(workflow.read_text(encoding="utf-8"))["jobs"]
    return jobs


def commands_of(job: dict[str, Any]) -> list[str]:
    return [step["run"] for step in job.get("steps", []) if "run" in step]


def test_there_are_workflows_for_changes_releases_and_each_week() -> None:
    assert [path.name for path in WORKFLOWS] == ["ci.yml", "release.yml", "weekly.yml"]
    for path in WORKFLOWS:
        assert "has not been run yet" in path.read_text(encoding="utf-8")


def test_ci_runs_every_session_that_nox_runs_by_default() -> None:
    source = (ROOT / "noxfile.py").read_text(encoding="utf-8")
    default = set(ast.literal_eval(re.findall(r"^nox\.options\.sessions = (\[.+\])$", source, re.MULTILINE)[0]))
    commands = [command for job in jobs_of(WORKFLOWS[0]).values() for command in commands_of(job)]
    words = [word for command in commands if " nox -s " in command for word in shlex.split(command)[4:]]
    run = {word.split("-$")[0] for word in words}
    assert run == default
    assert run <= nox_sessions()


def test_sessions_that_take_long_run_each_week() -> None:
    sessions = jobs_of(WORKFLOWS[2])["slow"]["strategy"]["matrix"]["session"]
    assert sessions == ["coverage", "mutants", "soak"]
    assert set(sessions) <= nox_sessions()


def test_ci_runs_every_python_on_three_systems() -> None:
    matrix = jobs_of(WORKFLOWS[0])["tests"]["strategy"]["matrix"]
    assert matrix["python"] == python_versions()
    assert {system.split("-")[0] for system in matrix["system"]} == {"ubuntu", "macos", "windows"}


def test_only_the_publishing_job_gets_an_identity() -> None:
    jobs = jobs_of(WORKFLOWS[1])
    allowed = [name for name, job in jobs.items() if "id-token" in job.get("permissions", {})]
    assert allowed == ["publish"]
    step = jobs["publish"]["steps"][-1]
    assert step["uses"].startswith("pypa/gh-action-pypi-publish@")
    assert step["with"] == {"attestations": True}  # and no password
    assert "secrets." not in WORKFLOWS[1].read_text(encoding="utf-8")


def test_hooks_run_tools_of_the_environment() -> None:
    (repository,) = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"]
    assert repository["repo"] == "local"
    groups = str(PROJECT["dependency-groups"])
    for hook in repository["hooks"]:
        assert hook["language"] == "system"
        command, *words = shlex.split(hook["entry"])
        if command == "python":
            assert (ROOT / words[0]).is_file()
        else:
            assert {"lint-imports": "import-linter"}.get(command, command) in groups


@pytest.mark.parametrize("page", PAGES)
def test_page_names_only_files_sessions_and_groups_that_exist(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    paths = re.findall(r"(?<![\w/.])(?:tests|docs|gradient_async|gradient_sync)/[\w./-]*\w", text)
    assert paths
    for path in paths:
        assert (ROOT / path).exists(), path
    sessions = re.findall(r"nox -s (\w+)", text)
    assert set(sessions) <= nox_sessions()
    for line in re.findall(r"--group (\w+)", text):
        assert line in PROJECT["dependency-groups"]
    for extras in re.findall(r"'\.\[(.+?)\]'", text):
        assert set(extras.split(",")) == set(PROJECT["project"]["optional-dependencies"])
    for link in re.findall(r"\]\(([^)#]+)\)", text):
        assert (ROOT / link).is_file(), link


def test_source_distribution_has_the_files_that_the_tests_read() -> None:
    included = PROJECT["tool"]["hatch"]["build"]["targets"]["sdist"]["include"]
    for path in ["/.github", "/.pre-commit-config.yaml", "/CONTRIBUTING.md", "/SECURITY.md", "/docs", "/tests"]:
        assert path in included
        assert (ROOT / path[1:]).exists()
