"""How are the evaluation's way and its layers shown on a page? As a drawing, as tables, and statement by statement."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from policyeval.explain.flow import LAYER_NAMES, Station, layer_detail, named, stations
from policyeval.explain.flow_svg import flow_svg
from policyeval.explain.markup import Markup, coded, element, joined
from policyeval.explain.reports import LayerReport, StatementReport, Verdict

if TYPE_CHECKING:
    from policyeval.explain.explanation import Explanation

_VERDICTS = {
    Verdict.ALLOW: ("✓ allows", "good"),
    Verdict.EXPLICIT_DENY: ("✗ denies", "bad"),
    Verdict.IMPLICIT_DENY: ("– does not allow", "quiet"),
    Verdict.NOT_PRESENT: ("– none", "quiet"),
}


_WORD = 12


def section(title: str, *children: str | None) -> Markup:
    """Write a section under a heading."""
    return element("section", element("h3", title), *children)


def table(caption: str, heads: tuple[str, ...], rows: Iterable[Markup]) -> Markup:
    """Write a table; its caption is for screen readers, the heading above says it to all others."""
    return element(
        "table",
        element("caption", caption, class_="unseen"),
        element("thead", element("tr", *(element("th", head, scope="col") for head in heads))),
        element("tbody", *rows),
    )


def row(first: str, *cells: str) -> Markup:
    """Write a row that is named by its first cell."""
    return element("tr", element("th", first, scope="row"), *(_cell(cell) for cell in cells))


def _cell(text: str) -> Markup:
    """Keep a short word whole on a narrow screen."""
    is_word = len(text) <= _WORD and " " not in text
    return element("td", text, class_="word" if is_word else None)


def way_and_layers(explanation: Explanation) -> Markup:
    """Show the drawing and, beside it, what every layer says."""
    way = stations(explanation)
    about = "AWS's evaluation of this request from top to bottom; the table that follows says the same"
    drawing = element("div", flow_svg(way, explanation.allowed, about), _as_table(way))
    return element(
        "div",
        section("The way through AWS's evaluation", drawing),
        section("Layers", *_layers(explanation)),
        class_="columns",
    )


def _as_table(way: tuple[Station, ...]) -> Markup:
    rows = [row(one.name, one.state.value, one.answer, one.detail) for one in way]
    heads = ("question", "state", "answer", "detail")
    return element("div", table("The way through AWS's evaluation", heads, rows), class_="unseen")


def _layers(explanation: Explanation) -> Iterable[Markup]:
    decided = None if explanation.allowed else explanation.decision.layer_
    rows = [_layer(report, report.layer is decided) for report in explanation.layers]
    yield table("Layers", ("layer", "verdict", "because"), rows)
    yield from (_statements(report) for report in explanation.layers if report.statements)


def _layer(report: LayerReport, is_deciding: bool) -> Markup:
    words, style = _VERDICTS[report.verdict]
    if is_deciding and report.verdict is Verdict.ALLOW:
        words = "? cannot be told"
    here = element("strong", " ← decided here", class_="bad") if is_deciding else None
    return element(
        "tr",
        element("th", LAYER_NAMES[report.layer], scope="row"),
        element("td", words, class_=f"word {'bad' if is_deciding else style}"),
        element("td", layer_detail(report), here),
        class_="here" if is_deciding else None,
    )


def _statements(report: LayerReport) -> Markup:
    """List every statement that was looked at, folded up."""
    count = len(report.statements)
    summary = f"{LAYER_NAMES[report.layer]}: {count} statement{'' if count == 1 else 's'} looked at"
    rows = [row(named(one), "Allow" if one.is_allow else "Deny", _found(one)) for one in report.statements]
    heads = ("statement", "effect", "what was found")
    return element("details", element("summary", summary), table(summary, heads, rows))


def _found(statement: StatementReport) -> Markup:
    if statement.applies:
        return joined("applies")
    return coded("does not apply: " + "; ".join(f"{one.element}: {one.why}" for one in statement.failing))
