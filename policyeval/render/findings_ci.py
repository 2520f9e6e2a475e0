"""The formats `github` and `junit` for findings: annotations of a pull request, and test cases, one a file."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement

from policyeval.checks.check import FindingType
from policyeval.checks.lint import Finding
from policyeval.render.findings import Linted, counts, summary
from policyeval.render.findings_text import render_findings_text
from policyeval.render.github import where, workflow_command
from policyeval.render.junit import legal, xml_text
from policyeval.render.look import Look
from policyeval.source import printable

_COMMANDS = {
    FindingType.ERROR: "error",
    FindingType.SECURITY_WARNING: "error",
    FindingType.WARNING: "warning",
    FindingType.SUGGESTION: "notice",
}


def render_findings_github(linted: Linted, _: Look) -> str:
    """Write a workflow command for each finding, and the summary as a plain line."""
    lines = [_command(finding) for finding in linted.findings]
    return "".join(f"{line}\n" for line in (*lines, printable(summary(linted))))


def _command(finding: Finding) -> str:
    said = finding.message + (f"\n{finding.help}" if finding.help else "")
    properties = {**where(finding.source, finding.span), "title": finding.code}
    return workflow_command(_COMMANDS[finding.type], properties, said)


def render_findings_junit(linted: Linted, look: Look) -> str:
    """Write one suite; a file passes when nothing but suggestions is found in it."""
    by_file: dict[str, list[Finding]] = {name: [] for name in linted.files}
    for finding in linted.findings:
        by_file.setdefault(finding.file, []).append(finding)
    failing = sum(any(map(_fails, found)) for found in by_file.values())
    totals = {"tests": str(len(by_file)), "failures": str(failing), "errors": "0", "skipped": "0"}
    suites = Element("testsuites", {"name": "policyeval", **totals})
    suite = SubElement(suites, "testsuite", {"name": "policyeval lint", **totals})
    for name, found in by_file.items():
        _case(suite, name, found, linted, look)
    return xml_text(suites)


def _fails(finding: Finding) -> bool:
    return finding.type is not FindingType.SUGGESTION


def _case(suite: Element, name: str, found: Sequence[Finding], linted: Linted, look: Look) -> None:
    case = SubElement(
        suite, "testcase", {"name": legal(name), "classname": "policyeval.lint", "file": legal(name)}
    )
    if not found:
        return
    plain = look._replace(color=False)
    text = legal(render_findings_text(Linted(tuple(found), (name,), linted.data_version), plain))
    if not any(map(_fails, found)):
        SubElement(case, "system-out").text = text
        return
    gravest = min(found, key=lambda one: one.type.rank)
    SubElement(case, "failure", {"message": counts(found), "type": gravest.code}).text = text
