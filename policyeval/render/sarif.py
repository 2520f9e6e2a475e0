"""The format `sarif`: SARIF 2.1.0, as code scanning reads it. A result for each denied request, with its place."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from policyeval.decision import Reason
from policyeval.explain.reports import StatementReport
from policyeval.render.json_text import json_text
from policyeval.render.look import Look
from policyeval.render.places import Place, place_of
from policyeval.render.wording import advice_of, element_words, name_of, summary_of
from policyeval.source import Span, printable

if TYPE_CHECKING:
    from policyeval.explain.explanation import Explanation

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_WINDOWS_DRIVE = re.compile(r"[A-Za-z]:[\\/]")


def render_sarif(explanations: Sequence[Explanation], _: Look) -> str:
    """Write one run; allowed requests leave no result, as code scanning shows each result as an alert."""
    denied = [one for one in explanations if not one.allowed]
    reasons = {one.decision.reason.code: one.decision.reason for one in denied}
    rules = [_rule(reasons[code]) for code in sorted(reasons)]
    numbers = {rule["id"]: number for number, rule in enumerate(rules)}
    run = {
        "tool": {"driver": {"name": "policyeval", "rules": rules}},
        "columnKind": "unicodeCodePoints",
        "results": [_result(one, numbers) for one in denied],
    }
    return json_text({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]})


def _rule(reason: Reason) -> dict[str, Any]:
    sentence = reason.sentence.format(action="the action")
    return {
        "id": reason.code,
        "name": "".join(word.capitalize() for word in reason.code.split("-")),
        "shortDescription": {"text": sentence},
        "fullDescription": {"text": reason.text},
        "help": {"text": reason.advice},
        "helpUri": reason.page,
    }


def _result(explanation: Explanation, numbers: dict[str, int]) -> dict[str, Any]:
    code = explanation.decision.reason.code
    said = f"{name_of(explanation)}: {summary_of(explanation)}\n{advice_of(explanation)}"
    place = place_of(explanation)
    found: dict[str, Any] = {
        "ruleId": code,
        "ruleIndex": numbers[code],
        "kind": "fail",
        "level": "error",
        "message": {"text": readable(said)},
        "locations": [_location(explanation, place)],
        "partialFingerprints": {"request/v1": _fingerprint(explanation)},
        "properties": _properties(explanation),
    }
    if place is not None and place.statement is not None:
        found["relatedLocations"] = list(_related(place, place.statement))
    return found


def _properties(explanation: Explanation) -> dict[str, Any]:
    check = explanation.step.check
    return {
        "principal": str(check.principal),
        "action": check.action.text,
        "resource": check.resource.text,
        "layer": explanation.decision.layer,
    }


def _fingerprint(explanation: Explanation) -> str:
    """Name the request, so that code scanning knows it again when lines move."""
    return sha256("\n".join(_properties(explanation).values()).encode("utf-8", "replace")).hexdigest()[:32]


def _location(explanation: Explanation, place: Place | None) -> dict[str, Any]:
    """Say where; without a file, which layer."""
    layer = {"name": explanation.decision.layer_.title, "kind": "policyType"}
    found: dict[str, Any] = {"logicalLocations": [layer]}
    if place is not None:
        found["physicalLocation"] = _physical(place, place.span)
    return found


def _related(place: Place, statement: StatementReport) -> Iterator[dict[str, Any]]:
    """Name every element of the statement with how it fared."""
    for number, element in enumerate(statement.elements, 1):
        yield {
            "id": number,
            "physicalLocation": _physical(place, statement.span(element.path)),
            "message": {"text": readable(f"{'✓' if element.matched else '✗'} {element_words(element)}")},
        }


def _physical(place: Place, span: Span) -> dict[str, Any]:
    region = {
        "startLine": span.start.line,
        "startColumn": span.start.column,
        "endLine": span.end.line,
        "endColumn": span.end.column,
    }
    return {"artifactLocation": {"uri": uri_of(place.source.name)}, "region": region}


def uri_of(name: str) -> str:
    """Write a file name as a relative reference, or as a file: address when it is absolute."""
    path = name.replace("\\", "/") if _WINDOWS_DRIVE.match(name) else name
    if path.startswith("/") or _WINDOWS_DRIVE.match(name):
        return "file:///" + quote(path.lstrip("/"), safe="/:", errors="surrogateescape")
    return quote(path.removeprefix("./"), safe="/", errors="surrogateescape")


def readable(text: str) -> str:
    """Brackets are links in SARIF messages, braces are arguments."""
    shown = "\n".join(printable(line) for line in text.split("\n"))
    return (
        shown.replace("\\", "\\\\")
        .replace("[", "\\[")
        .replace("]", "\\]")
        .replace("{", "{{")
        .replace("}", "}}")
    )
