"""The format `github`: workflow commands that GitHub shows as annotations beside the lines of a pull request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from policyeval.render.look import Look
from policyeval.render.places import place_of
from policyeval.render.wording import advice_of, name_of, summary_of
from policyeval.source import Source, Span, printable

if TYPE_CHECKING:
    from policyeval.explain.explanation import Explanation


def render_github(explanations: Sequence[Explanation], _: Look) -> str:
    """Write an error for each denied request; an allowed one is a plain line of the log."""
    return "".join(f"{_line(one)}\n" for one in explanations)


def _line(explanation: Explanation) -> str:
    if explanation.allowed:
        return printable(explanation.allowed_line().replace("\n", " "))
    place = place_of(explanation)
    properties = {
        **(where(place.source, place.span) if place is not None else {}),
        "title": _title(explanation),
    }
    return workflow_command("error", properties, _message(explanation))


def where(source: Source, span: Span) -> dict[str, str]:
    """A column is given only within one line, as GitHub wants it."""
    start, end = span.start, span.end
    found = {"file": source.name, "line": str(start.line), "endLine": str(end.line)}
    if start.line == end.line:
        found |= {"col": str(start.column), "endColumn": str(end.column)}
    return found


def _title(explanation: Explanation) -> str:
    return f"{name_of(explanation)} is denied ({explanation.decision.reason.code})"


def _message(explanation: Explanation) -> str:
    return "\n".join((summary_of(explanation), advice_of(explanation)))


def workflow_command(kind: str, properties: Mapping[str, str], message: str) -> str:
    """Write a line that GitHub shows as an annotation: `::error file=…,line=…::message`."""
    written = ",".join(f"{name}={_escaped_property(value)}" for name, value in properties.items())
    return f"::{kind} {written}::{_escaped(message)}"


def _escaped(text: str) -> str:
    """Escape the message: what could end the line or start another command."""
    shown = "\n".join(printable(line) for line in text.split("\n"))
    return shown.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _escaped_property(text: str) -> str:
    return _escaped(text).replace(":", "%3A").replace(",", "%2C")
