"""The format `junit`: each request a test case that passes when it is allowed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from policyeval.decision import Effect
from policyeval.render.look import Look
from policyeval.render.places import place_of
from policyeval.render.wording import name_of
from policyeval.source import printable

if TYPE_CHECKING:
    from policyeval.explain.explanation import Explanation

_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render_junit(explanations: Sequence[Explanation], look: Look) -> str:
    """Write one suite."""
    failures = sum(not one.allowed for one in explanations)
    counts = {"tests": str(len(explanations)), "failures": str(failures), "errors": "0", "skipped": "0"}
    suites = Element("testsuites", {"name": "policyeval", **counts})
    suite = SubElement(suites, "testsuite", {"name": "policyeval check", **counts})
    for explanation in explanations:
        _case(suite, explanation, look)
    return xml_text(suites)


def _case(suite: Element, explanation: Explanation, look: Look) -> None:
    check = explanation.step.check
    given = {"name": name_of(explanation), "classname": f"policyeval.{check.service}"}
    place = place_of(explanation)
    if place is not None:
        given |= {"file": place.source.name, "line": str(place.span.start.line)}
    case = SubElement(suite, "testcase", {name: legal(value) for name, value in given.items()})
    if explanation.allowed:
        SubElement(case, "system-out").text = legal(explanation.allowed_line())
        return
    kind = "explicit deny" if explanation.decision.effect is Effect.EXPLICIT_DENY else "implicit deny"
    words = {"message": legal(f"{kind}: {explanation.message}"), "type": explanation.decision.reason.code}
    SubElement(case, "failure", words).text = legal(explanation.text(width=look.width))


def xml_text(suites: Element) -> str:
    """Write the document out, indented."""
    indent(suites)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{tostring(suites, encoding="unicode")}\n'


def legal(text: str) -> str:
    """Replace what XML 1.0 cannot hold, even escaped, and what would move or hide text where it is shown."""
    return _FORBIDDEN.sub("\ufffd", "\n".join(map(printable, text.split("\n"))))
