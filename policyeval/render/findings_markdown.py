"""The format `markdown` for findings: a table for pull requests, every text of a policy in code."""

from __future__ import annotations

from collections.abc import Iterator

from policyeval.checks.check import FindingType
from policyeval.checks.lint import Finding
from policyeval.render.findings import Linted, summary
from policyeval.render.look import Look
from policyeval.render.markdown import code, text

_SIGNS = {
    FindingType.ERROR: "❌",
    FindingType.SECURITY_WARNING: "🔓",
    FindingType.WARNING: "⚠️",
    FindingType.SUGGESTION: "💡",
}


def render_findings_markdown(linted: Linted, _: Look) -> str:
    """Write a line that sums up, and a table of each file."""
    return "\n".join(_lines(linted)) + "\n"


def _lines(linted: Linted) -> Iterator[str]:
    yield f"**{text(summary(linted))}**"
    for name in linted.files:
        found = [finding for finding in linted.findings if finding.file == name]
        if not found:
            continue
        yield from (
            "",
            f"### {code(name)}",
            "",
            "| | line | finding | what to do |",
            "| --- | --- | --- | --- |",
        )
        yield from map(_row, found)


def _row(finding: Finding) -> str:
    message, help = text(finding.message), text(finding.help or "")
    cells = (
        _SIGNS[finding.type],
        str(finding.span.start.line),
        f"{message} ({code(finding.code, cell=True)})",
        help,
    )
    return f"| {' | '.join(cell.replace(chr(10), ' ') for cell in cells)} |"
