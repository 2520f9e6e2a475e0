"""How is policy text shown on a page? Numbered lines with marks and remarks, and line-based diffs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from policyeval.explain.marks import Mark, MarkedLine, Part, Remark, marked_lines, shortened
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
    """Show the changed lines of a file: sign, number, text; where one line replaces another, what differs is marked."""
    rows = [(str(line["sign"]), line.get("line"), str(line["text"])) for line in lines]
    shown = (_changed(rows, at) for at in range(len(rows)))
    return element("figure", element("figcaption", name), element("div", *shown, class_="code diff"))


Row = tuple[str, int | None, str]


def _changed(rows: list[Row], at: int) -> Markup:
    sign, number, text = rows[at]
    other = _counterpart(rows, at)
    parts = (
        (Part(text),) if other is None else _difference(text, other, Mark.GOOD if sign == "+" else Mark.BAD)
    )
    return element(
        "div",
        element("span", f"{number or ''} {sign}".strip(), class_="number"),
        element("span", *(_part(part) for part in parts), class_="line"),
        class_={"+": "added", "-": "removed"}.get(sign),
    )


def _counterpart(rows: list[Row], at: int) -> str | None:
    """Find the line that replaces this one, or is replaced by it."""
    signs = "".join(sign for sign, _, _ in rows)
    if signs[at : at + 2] == "-+":
        return rows[at + 1][2]
    return rows[at - 1][2] if at > 0 and signs[at - 1 : at + 1] == "-+" else None


def _shared(one: str, other: str) -> int:
    """Count the characters that two texts have in common at their start."""
    shortest = min(len(one), len(other))
    return next((at for at in range(shortest) if one[at] != other[at]), shortest)


def _difference(text: str, other: str, mark: Mark) -> tuple[Part, ...]:
    """Cut a line into what both have at the start, what differs, and what both have at the end."""
    start = _shared(text, other)
    end = _shared(text[start:][::-1], other[start:][::-1])
    stop = len(text) - end
    found = (
        Part(shortened(text[:start], left=False)),
        Part(text[start:stop], mark),
        Part(shortened(text[stop:], left=True, right=False)),
    )
    return tuple(part for part in found if part.text)
