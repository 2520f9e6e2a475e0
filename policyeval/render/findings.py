"""What is told about findings in every format: their order, their counts, their place in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from policyeval.records import Record

if TYPE_CHECKING:
    from policyeval.checks.lint import Finding


class Linted(Record):
    """What a run found: the findings, the files that were read, and how many of the findings a baseline hides."""

    findings: tuple[Finding, ...]
    files: tuple[str, ...]
    data_version: str
    known: int = 0


def counts(findings: Sequence[Finding]) -> str:
    """Count by type: `1 error, 2 warnings`."""
    from policyeval.checks.check import FindingType

    found = Counter(finding.type for finding in findings)
    return ", ".join(plural(found[type], type.words) for type in FindingType if found[type])


def plural(count: int, word: str) -> str:
    """Write a number and its noun."""
    return f"{count} {word}{'' if count == 1 else 's'}"


def summary(linted: Linted) -> str:
    """Say in a line what the run came to."""
    findings = linted.findings
    files = plural(len(linted.files), "file")
    fixable = sum(finding.fix is not None and finding.fix.safe for finding in findings)
    likely = sum(finding.fix is not None and not finding.fix.safe for finding in findings)
    told = f"no findings in {files}"
    if findings:
        told = f"{plural(len(findings), 'finding')} in {files}: {counts(findings)}"
    fixes = [f"{fixable} to mend with --fix"] * bool(fixable) + [f"{likely} with --unsafe-fixes"] * bool(
        likely
    )
    more = f" ({', '.join(fixes)})" if fixes else ""
    known = f"; {linted.known} more in the baseline" if linted.known else ""
    return f"{told}{more}{known}; data: {linted.data_version}"
