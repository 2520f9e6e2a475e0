"""The format `github`: workflow commands that GitHub shows as annotations beside the lines of a pull request."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from policyeval.render.look import Look
from policyeval.render.places import Place, place_of
from policyeval.render.wording import advice_of, name_of, summary_of
from policyeval.source import printable

if TYPE_CHECKING:
    from policyeval.explain.explanation import Explanation


def render_github(explanations: Sequence[Explanation], _: Look) -> str:
    """Write an error for each denied request; an allowed one is a plain line of the log."""
    return "".join(f"{_line(one)}\n" for one in explanations)


def _line(explanation: Explanation) -> str:
    if explanation.allowed:
        return printable(explanation.allowed_line().replace("\n", " "))
    place = place_of(explanation)
    properties = {**(_where(place) if place is not None else {}), "title": _title(explanation)}
    written = ",".join(f"{name}={escaped_property(value)}" for name, value in properties.items())
    return f"::error {written}::{escaped(_message(explanation))}"


def _where(place: Place) -> dict[str, str]:
    """A column is given only within one line, as GitHub wants it."""
    start, end = place.span.start, place.span.end
    found = {"file": place.source.name, "line": str(start.line), "endLine": str(end.line)}
    if start.line == end.line:
        found |= {"col": str(start.column), "endColumn": str(end.column)}
    return found


def _title(explanation: Explanation) -> str:
    return f"{name_of(explanation)} is denied ({explanation.decision.reason.code})"


def _message(explanation: Explanation) -> str:
    return "\n".join((summary_of(explanation), advice_of(explanation)))


def escaped(text: str) -> str:
    """Escape the message: what could end the line or start another command."""
    shown = "\n".join(printable(line) for line in text.split("\n"))
    return shown.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def escaped_property(text: str) -> str:
    return escaped(text).replace(":", "%3A").replace(",", "%2C")
