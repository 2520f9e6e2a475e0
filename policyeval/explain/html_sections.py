"""What does a page say about one request? A section per question, most important first (UX §5)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from policyeval.decision import Effect, Layer
from policyeval.explain.as_dict import context_of
from policyeval.explain.flow import LAYER_NAMES, Station, layer_detail, named, stations
from policyeval.explain.flow_svg import flow_svg
from policyeval.explain.html_source import diff_figure, source_figure
from policyeval.explain.markup import Markup, element, joined
from policyeval.explain.reports import LayerReport, StatementReport, Verdict
from policyeval.explain.wording import message

if TYPE_CHECKING:
    from policyeval.explain.explanation import Explanation

_VERDICTS = {
    Verdict.ALLOW: ("✓ allows", "good"),
    Verdict.EXPLICIT_DENY: ("✗ denies", "bad"),
    Verdict.IMPLICIT_DENY: ("– does not allow", "quiet"),
    Verdict.NOT_PRESENT: ("– none", "quiet"),
}


def article(explanation: Explanation, number: int) -> Markup:
    """Write everything about one request."""
    name = f"request-{number}"
    sections = [
        _verdict(explanation, name),
        _asked(explanation),
        _help(explanation),
        _way(explanation),
        _statements(explanation),
        _fixes(explanation),
        _checks(explanation),
        _missing(explanation),
        _notes(explanation),
        _context(explanation),
        _aws(explanation),
    ]
    style = "allowed" if explanation.allowed else "refused"
    return element("article", *sections, id=name, class_=style, aria_labelledby=f"{name}-verdict")


def _section(title: str, *children: str | None) -> Markup:
    return element("section", element("h3", title), *children)


def _verdict(explanation: Explanation, name: str) -> Markup:
    head, _, kind = explanation.headline.partition("  ")
    reason = explanation.decision.reason
    return element(
        "header",
        element("h2", head, element("small", kind) if kind else None, id=f"{name}-verdict"),
        element("p", f"{explanation.message}."),
        element("p", element("code", reason.code), " · ", _link(reason.page, "AWS's page"), class_="reason"),
        class_="verdict",
    )


def _link(address: str, words: str) -> Markup:
    return element("a", words, href=address, rel="noreferrer noopener")


def _asked(explanation: Explanation) -> Markup:
    check = explanation.step.check
    caller, owner = check.principal, check.owner
    whose = "same account" if check.is_same_account else f"account {owner}" if owner else ""
    rows = (
        ("who", str(caller), f"account {caller.account}" if caller.account else caller.kind.value),
        ("what", check.action.text, ""),
        ("on", check.resource.text, whose if check.resource.arn is not None else ""),
    )
    return element("dl", *(_pair(*row) for row in rows), class_="asked")


def _pair(name: str, value: str, detail: str) -> Markup:
    small = element("small", f" ({detail})") if detail else None
    return joined(element("dt", name), element("dd", element("span", value, class_="arn"), small))


def _help(explanation: Explanation) -> Markup | None:
    if explanation.allowed:
        return None
    advice = explanation.decision.reason.advice
    if explanation.decision.effect is Effect.EXPLICIT_DENY:
        advice = f"no Allow can outweigh an explicit deny: {advice}"
    others = [LAYER_NAMES[one.layer_] for one in explanation.blockers[1:]]
    also = element("p", f"Would also be blocked by: {', '.join(others)}.") if others else None
    return element("div", element("p", element("strong", "What helps: "), advice), also, class_="help")


# The way through the evaluation, and the layers


def _way(explanation: Explanation) -> Markup:
    way = stations(explanation)
    about = "AWS's evaluation of this request, from top to bottom; the table that follows says the same"
    drawing = element("div", flow_svg(way, explanation.allowed, about), _way_table(way))
    return element(
        "div",
        _section("The way through AWS's evaluation", drawing),
        _section("Layers", _layers(explanation)),
        class_="columns",
    )


def _way_table(way: tuple[Station, ...]) -> Markup:
    rows = [(one.name, one.state.value, one.answer, one.detail) for one in way]
    made = _table("The way through AWS's evaluation", ("question", "state", "answer", "detail"), rows)
    return element("div", made, class_="unseen")


def _table(caption: str, heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> Markup:
    return element(
        "table",
        element("caption", caption, class_="unseen"),
        element("thead", element("tr", *(element("th", head, scope="col") for head in heads))),
        element(
            "tbody",
            *(
                element("tr", element("th", first, scope="row"), *(element("td", one) for one in rest))
                for first, *rest in rows
            ),
        ),
    )


def _layers(explanation: Explanation) -> Markup:
    decided = None if explanation.allowed else explanation.decision.layer_
    rows = [_layer_row(report, report.layer is decided) for report in explanation.layers]
    heads = element("tr", *(element("th", head, scope="col") for head in ("layer", "verdict", "because")))
    table = element("table", element("thead", heads), element("tbody", *rows))
    return joined(table, *(_all_statements(report) for report in explanation.layers if report.statements))


def _layer_row(report: LayerReport, is_deciding: bool) -> Markup:
    words, style = _VERDICTS[report.verdict]
    if is_deciding:
        style = "bad"
    here = element("strong", " ← decided here", class_="bad") if is_deciding else None
    return element(
        "tr",
        element("th", LAYER_NAMES[report.layer], scope="row"),
        element("td", words, class_=style),
        element("td", layer_detail(report), here),
        class_="here" if is_deciding else None,
    )


def _all_statements(report: LayerReport) -> Markup:
    count = len(report.statements)
    rows = [_statement_row(one) for one in report.statements]
    summary = f"{LAYER_NAMES[report.layer]}: {count} statement{'' if count == 1 else 's'} looked at"
    heads = element(
        "tr", *(element("th", head, scope="col") for head in ("statement", "effect", "what was found"))
    )
    return element(
        "details",
        element("summary", summary),
        element("table", element("thead", heads), element("tbody", *rows)),
    )


def _statement_row(statement: StatementReport) -> Markup:
    found = "applies" if statement.applies else f"does not apply: {_failing(statement)}"
    return element(
        "tr",
        element("th", named(statement), scope="row"),
        element("td", "Allow" if statement.is_allow else "Deny"),
        element("td", found),
    )


def _failing(statement: StatementReport) -> str:
    return "; ".join(f"{one.element}: {one.why}" for one in statement.failing)


# The statement that decided


def _statements(explanation: Explanation) -> Markup | None:
    title, shown = _chosen(explanation)
    if not shown:
        return None
    first, *others = shown
    more = element(
        "details",
        element("summary", f"{len(others)} more"),
        *(source_figure(one) for one in others),
    )
    return _section(title, source_figure(first), more if others else None)


def _chosen(explanation: Explanation) -> tuple[str, tuple[StatementReport, ...]]:
    deciding = explanation.deciding_statements
    if explanation.allowed:
        return "The statement that allows it", deciding
    if explanation.decision.effect is Effect.EXPLICIT_DENY:
        return "The Deny statement: every element matches", deciding
    if not explanation.nearest:
        return "", ()
    nearest = explanation.nearest[0]
    matching = len(nearest.elements) - len(nearest.failing)
    return f"Nearest statement: {matching} of {len(nearest.elements)} elements match", explanation.nearest


def _fixes(explanation: Explanation) -> Markup | None:
    fixes = [fix.to_dict() for fix in getattr(explanation, "fixes", ())]
    if not fixes:
        return None
    return _section("Smallest change that allows it", *(_fix(fix) for fix in fixes))


def _fix(fix: dict[str, Any]) -> Markup:
    checked = "checked by evaluating again: allowed" if fix.get("verified") else "a proposal"
    also = ", ".join(fix.get("also_allows") or ())
    said = [
        f"in the request: {key} = {value}" for key, value in (fix.get("context") or {}).items()
    ]
    said += [f"also allows {also}"] if also else []
    said += [f"who can make it: {owner}" for owner in fix.get("owners") or ()]
    said += [str(fix["cost"])] if fix.get("cost") else []
    return element(
        "div",
        element("p", element("strong", fix["title"]), element("span", f" ({checked})", class_="quiet")),
        *(diff_figure(name, lines) for name, lines in _by_file(fix.get("diff") or ())),
        *(_new_policy(new) for new in fix.get("new_policies") or ()),
        element("ul", *(element("li", text) for text in said)) if said else None,
        class_="fix",
    )


def _by_file(lines: Any) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    for name in dict.fromkeys(line["file"] for line in lines):
        yield name, [line for line in lines if line["file"] == name]


def _new_policy(new: dict[str, Any]) -> Markup:
    from policyeval.language.documents import write_json

    document = new["policy"] if isinstance(new["policy"], str) else write_json(new["policy"])
    added = [{"sign": "+", "line": i, "text": text} for i, text in enumerate(document.split("\n"), 1)]
    return diff_figure(f"a new {Layer(new['layer']).title}", added)


# What else there is to know


def _checks(explanation: Explanation) -> Markup | None:
    if len(explanation.checks) < 2:
        return None
    rows = []
    for report in explanation.checks:
        check = report.step.check
        decided = "✓ allowed" if report.decision.allowed else f"✗ {report.decision.reason.code}"
        here = " ← decided here" if report is explanation.deciding_check and not explanation.allowed else ""
        rows.append(
            (check.action.text, check.resource.text, decided + here, message(report.step, report.decision))
        )
    table = _table("Checks", ("action", "resource", "decision", "in words"), rows)
    return _section("The checks that AWS makes for this call", table)


def _missing(explanation: Explanation) -> Markup | None:
    if not explanation.missing_keys:
        return None
    rows = [
        (
            missing.key,
            ", ".join(dict.fromkeys(one.place for one in missing.read_at)),
            "could change this decision" if missing.could_change_decision else "cannot change this decision",
        )
        for missing in explanation.missing_keys
    ]
    return _section(
        "Keys that the request lacks", _table("Missing keys", ("key", "read at", "effect"), rows)
    )


def _notes(explanation: Explanation) -> Markup | None:
    if not explanation.notes:
        return None
    return _section("Notes", element("ul", *(element("li", note) for note in explanation.notes)))


def _context(explanation: Explanation) -> Markup:
    rows = [
        (name, ", ".join(row["value"]) if isinstance(row["value"], list) else row["value"], row["origin"])
        for name, row in sorted(context_of(explanation.step.check).items(), key=lambda one: one[0].lower())
    ]
    return _section("Context", _table("Context keys", ("key", "value", "origin"), rows))


def _aws(explanation: Explanation) -> Markup | None:
    if explanation.aws_message is None:
        return None
    quoted = element("blockquote", explanation.aws_message, class_="arn")
    return _section("What AWS would say", quoted)
