"""Which output formats are there for findings? One row each."""

from __future__ import annotations

from collections.abc import Callable

from policyeval.render.findings import Linted
from policyeval.render.look import Look

Render = Callable[[Linted, Look], str]


def _text(linted: Linted, look: Look) -> str:
    from policyeval.render.findings_text import render_findings_text

    return render_findings_text(linted, look)


def _json(linted: Linted, look: Look) -> str:
    from policyeval.render.findings_json import render_findings_json

    return render_findings_json(linted, look)


def _jsonl(linted: Linted, look: Look) -> str:
    from policyeval.render.findings_json import render_findings_jsonl

    return render_findings_jsonl(linted, look)


def _markdown(linted: Linted, look: Look) -> str:
    from policyeval.render.findings_markdown import render_findings_markdown

    return render_findings_markdown(linted, look)


def _sarif(linted: Linted, look: Look) -> str:
    from policyeval.render.findings_sarif import render_findings_sarif

    return render_findings_sarif(linted, look)


def _junit(linted: Linted, look: Look) -> str:
    from policyeval.render.findings_ci import render_findings_junit

    return render_findings_junit(linted, look)


def _github(linted: Linted, look: Look) -> str:
    from policyeval.render.findings_ci import render_findings_github

    return render_findings_github(linted, look)


def _access_analyzer(linted: Linted, look: Look) -> str:
    from policyeval.render.findings_json import render_access_analyzer

    return render_access_analyzer(linted, look)


FINDING_FORMATS: dict[str, Render] = {
    "text": _text,
    "json": _json,
    "jsonl": _jsonl,
    "markdown": _markdown,
    "sarif": _sarif,
    "junit": _junit,
    "github": _github,
    "access-analyzer": _access_analyzer,
}
