"""The result as text and as JSON, to be shown to others: without ids, names, addresses and tokens. Pure."""

from __future__ import annotations

import platform
import sys
from collections import Counter
from typing import TYPE_CHECKING, Final

import attrs
from attrs import frozen

from gradient_async._version import VERSION
from gradient_async.doctor import checks, conformance
from gradient_async.doctor.conformance import Deviation
from gradient_async.doctor.facts import Facts, Finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_MARKS: Final = {"ok": "ok", "note": "note", "problem": "PROBLEM"}


@frozen(kw_only=True)
class Diagnosis:
    """The results of all checks.

    Attributes:
        facts: What was seen.
        findings: What it means.
        deviations: How the answers differ from the models; ``None`` without ``--conformance``.
    """

    facts: Facts
    findings: tuple[Finding, ...]
    deviations: tuple[Deviation, ...] | None = None

    @property
    def has_problem(self) -> bool:
        """Whether anything has to be repaired."""
        return any(one.level == "problem" for one in self.findings)

    @property
    def is_refused(self) -> bool:
        """Whether the token is missing, or the API refuses it."""
        return any(one.level == "problem" and one.check in {"token", "scopes"} for one in self.findings)

    def as_json(self) -> Mapping[str, object]:
        """Return the report as a JSON object."""
        report: dict[str, object] = {
            "version": VERSION,
            "python": platform.python_version(),
            "platform": sys.platform,
            "findings": [attrs.asdict(one) for one in self.findings],
            "requests": [
                {
                    "operation": one.operation,
                    "status": one.status,
                    "failure": one.failure,
                    "milliseconds": round(one.seconds * 1000, 1),
                }
                for one in self.facts.probes
            ],
        }
        if self.deviations is not None:
            report["deviations"] = [attrs.asdict(one) for one in self.deviations]
        return report

    def lines(self) -> Iterator[str]:
        """Return the report as lines of text."""
        for one in self.findings:
            yield f"{_MARKS[one.level]:<8} {one.check}: {one.text}"
            if one.advice:
                yield f"{'':<8} {one.advice}"
        if self.deviations is None:
            return
        yield ""
        read = Counter("read" if one.is_success else "refused" for one in self.facts.probes)
        yield f"{read['read']} of {len(self.facts.probes)} endpoints were read; {len(self.deviations)} deviations"
        for deviation in self.deviations:
            detail = f" ({deviation.detail})" if deviation.detail else ""
            times = f", {deviation.count:,} times" if deviation.count > 1 else ""
            yield f"  {deviation.operation}: {deviation.kind}: {deviation.where}{detail}{times}"


def diagnosis(facts: Facts, *, is_conformance: bool) -> Diagnosis:
    """Return what the facts mean."""
    found = tuple(one for probe in facts.probes for one in conformance.deviations(probe)) if is_conformance else None
    return Diagnosis(facts=facts, findings=checks.findings(facts), deviations=found)
