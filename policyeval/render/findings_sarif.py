"""The format `sarif` for findings: SARIF 2.1.0, as code scanning reads it."""

from __future__ import annotations

from typing import Any

from policyeval.checks.check import Check, FindingType, Origin
from policyeval.checks.lint import Finding
from policyeval.checks.selection import fingerprint
from policyeval.checks.table import BY_CODE
from policyeval.render.findings import Linted
from policyeval.render.json_text import json_text
from policyeval.render.look import Look
from policyeval.render.sarif import SCHEMA, readable, uri_of

_LEVELS = {
    FindingType.ERROR: "error",
    FindingType.SECURITY_WARNING: "warning",
    FindingType.WARNING: "warning",
    FindingType.SUGGESTION: "note",
}


def render_findings_sarif(linted: Linted, _: Look) -> str:
    """Write one run; its rules are the checks that found something."""
    codes = sorted({finding.code for finding in linted.findings})
    numbers = {code: number for number, code in enumerate(codes)}
    driver = {"name": "policyeval", "rules": [_rule(BY_CODE[code]) for code in codes]}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(finding, numbers) for finding in linted.findings],
        "properties": {"data_version": linted.data_version},
    }
    return json_text({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]})


def _rule(row: Check) -> dict[str, Any]:
    security = row.type is FindingType.SECURITY_WARNING
    found: dict[str, Any] = {
        "id": row.code,
        "name": "".join(word.capitalize() for word in row.code.split("_")),
        "shortDescription": {"text": row.title},
        "fullDescription": {"text": row.text},
        "defaultConfiguration": {"level": _LEVELS[row.type]},
        "properties": {"tags": ["security"] if security else [], "origin": row.origin.value},
    }
    if row.origin is not Origin.OURS:
        found["helpUri"] = row.url
    return found


def _result(finding: Finding, numbers: dict[str, int]) -> dict[str, Any]:
    said = finding.message + (f"\n{finding.help}" if finding.help else "")
    start, end = finding.span.start, finding.span.end
    region = {
        "startLine": start.line, "startColumn": start.column, "endLine": end.line, "endColumn": end.column,
    }  # fmt: skip
    return {
        "ruleId": finding.code,
        "ruleIndex": numbers[finding.code],
        "kind": "fail",
        "level": _LEVELS[finding.type],
        "message": {"text": readable(said)},
        "locations": [
            {"physicalLocation": {"artifactLocation": {"uri": uri_of(finding.file)}, "region": region}}
        ],
        "partialFingerprints": {"finding/v1": fingerprint(finding)},
    }
