"""In which formats are results written? One row each."""

from __future__ import annotations

from collections.abc import Callable

from policyeval.render.look import Look
from policyeval.testing.report import Report, render_text

Render = Callable[[Report, Look], str]


def _json(report: Report, _: Look) -> str:
    from policyeval.render.json_text import json_text
    from policyeval.testing.coverage_text import coverage_dict
    from policyeval.testing.results import counts

    told = {status.value: count for status, count in counts(report.results).items()}
    found = {"passed": not report.is_bad, "counts": told, "cases": [one.to_dict() for one in report.results]}
    if report.coverage is not None:
        found["coverage"] = coverage_dict(report.coverage)
    return json_text(found)


def _jsonl(report: Report, _: Look) -> str:
    import json

    return "".join(f"{json.dumps(one.to_dict())}\n" for one in report.results)


def _junit(report: Report, look: Look) -> str:
    from policyeval.testing.report_files import render_junit

    return render_junit(report, look)


def _github(report: Report, look: Look) -> str:
    from policyeval.testing.report_files import render_github

    return render_github(report, look)


def _markdown(report: Report, look: Look) -> str:
    from policyeval.testing.report_files import render_markdown

    return render_markdown(report, look)


FORMATS: dict[str, Render] = {
    "text": render_text,
    "json": _json,
    "jsonl": _jsonl,
    "markdown": _markdown,
    "junit": _junit,
    "github": _github,
}
