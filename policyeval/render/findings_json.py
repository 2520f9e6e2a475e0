"""How do findings read as JSON? One object for the run, or one line for each finding; and as AWS's ValidatePolicy."""

from __future__ import annotations

import json
from typing import Any

from policyeval.checks.lint import Finding
from policyeval.render.findings import Linted
from policyeval.render.json_text import json_text
from policyeval.render.look import Look
from policyeval.source import Position, path_text, printable


def render_findings_json(linted: Linted, _: Look) -> str:
    """Write the run as an object."""
    from policyeval.checks.check import FindingType

    found = {type: sum(one.type is type for one in linted.findings) for type in FindingType}
    return json_text(
        {
            "schema": "policyeval.lint/1",
            "findings": [finding_values(one) for one in linted.findings],
            "counts": {type.value: count for type, count in found.items()},
            "files": [printable(name) for name in linted.files],
            "in_baseline": linted.known,
            "data_version": linted.data_version,
        }
    )


def render_findings_jsonl(linted: Linted, _: Look) -> str:
    """Write one finding a line."""
    return "".join(f"{json.dumps(finding_values(one))}\n" for one in linted.findings)


def finding_values(finding: Finding) -> dict[str, Any]:
    """Give a finding as JSON-ready values."""
    return {
        "code": finding.code,
        "type": finding.type.value,
        "message": printable(finding.message),
        "help": None if finding.help is None else printable(finding.help),
        "file": printable(finding.file),
        "policy_type": finding.policy_type,
        "path": path_text((*finding.base, *finding.path)),
        "statement": finding.statement,
        "sid": finding.sid,
        "span": {"start": _position(finding.span.start), "end": _position(finding.span.end)},
        "fix": None if finding.fix is None else {"title": finding.fix.title, "safe": finding.fix.safe},
        "url": finding.check.url,
    }


def _position(place: Position) -> dict[str, int]:
    return {"line": place.line, "column": place.column, "offset": place.offset}


# AWS: ValidatePolicy


def render_access_analyzer(linted: Linted, _: Look) -> str:
    """Write the response of ValidatePolicy: for several files one after the other, without their names."""
    return json_text({"findings": [_validate_policy(one) for one in linted.findings]})


def _validate_policy(finding: Finding) -> dict[str, Any]:
    """AWS counts columns from 0 and lines from 1."""
    start, end = finding.span.start, finding.span.end
    details = finding.message[:1].upper() + finding.message[1:] + "."
    if finding.help:
        details += f" {finding.help[:1].upper()}{finding.help[1:]}."
    return {
        "findingDetails": printable(details),
        "findingType": finding.type.value,
        "issueCode": finding.code,
        "learnMoreLink": finding.check.url,
        "locations": [
            {
                "path": _path(finding),
                "span": {"start": _aws_position(start), "end": _aws_position(end)},
            }
        ],
    }


def _path(finding: Finding) -> list[dict[str, Any]]:
    """Write the path in AWS's four kinds of steps: the last one may be a key, or a part of a text."""
    path: list[dict[str, Any]] = [
        {"index": step} if isinstance(step, int) else {"value": step} for step in finding.path
    ]
    if finding.on_key and path and "value" in path[-1]:
        path[-1] = {"key": path[-1]["value"]}
    if finding.part is not None and not finding.on_key:
        start, end = finding.part
        path.append({"substring": {"start": start, "length": end - start}})
    return path


def _aws_position(place: Position) -> dict[str, int]:
    return {"line": place.line, "column": place.column - 1, "offset": place.offset}
