"""How is policy text shown on a page? Numbered lines with marks and remarks, and line-based diffs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from policyeval.explain.marks import Mark, MarkedLine, Part, Remark, marked_lines
from policyeval.explain.markup import Markup, coded, element, joined
from policyeval.explain.reports import StatementReport

_CLASSES = {Mark.GOOD: "good", Mark.BAD: "bad"}


def source_figure(statement: StatementReport) -> Markup:
    """Show a statement as written, its elements marked, each with what the request has."""
    sid = f" · Sid {statement.sid}" if statement.sid else ""
    at = statement.span(statement.failing[0].path if statement.failing else None).start
    caption = f"{statement.policy.source.name}:{at.line}:{at.column}{sid}"
    lines = joined(*(_line(line) for line in marked_lines(statement)))
    return element("figure", element("figcaption", caption), element("div", lines, class_="code"))


def _line(line: MarkedLine) -> Markup:
    if line.is_gap:
        return element("div", element("span", "⋮", class_="number"), element("span", "…", class_="line"))
    is_bad = any(remark.mark is Mark.BAD for remark in line.remarks)
    written = element(
        "div",
        element("span", str(line.number), class_="number"),
        element("span", *(_part(part) for part in line.parts), class_="line"),
        class_="marked" if is_bad else None,
    )
    return joined(written, *(_remark(remark) for remark in line.remarks))


def _part(part: Part) -> Markup:
    if part.mark is Mark.PLAIN:
        return joined(part.text)
    return element("mark", part.text, class_=_CLASSES[part.mark])


def _remark(remark: Remark) -> Markup:
    found = remark.element
    resolved = f" (resolved: {found.resolved})" if found.resolved else ""
    name = f"{found.operator} {found.key}" if found.key else found.element
    sign = "✓" if found.matched else "✗"
    return element(
        "div",
        element("span", class_="number"),
        element(
            "span", f"{sign} {name}: ", coded(f"{found.why}{resolved} "), element("span", found.rule, class_="quiet"),
            class_=f"says {_CLASSES[remark.mark]}",
        ),
    )  # fmt: skip


def diff_figure(name: str, lines: Iterable[Mapping[str, Any]]) -> Markup:
    """Show the changed lines of a file: sign, number, text."""
    rows = joined(*(_changed(line) for line in lines))
    return element("figure", element("figcaption", name), element("div", rows, class_="code diff"))


def _changed(line: Mapping[str, Any]) -> Markup:
    sign = str(line["sign"])
    style = {"+": "added", "-": "removed"}.get(sign)
    number = "" if line.get("line") is None else str(line["line"])
    return element(
        "div",
        element("span", f"{number} {sign}".strip(), class_="number"),
        element("span", str(line["text"]), class_="line"),
        class_=style,
    )
