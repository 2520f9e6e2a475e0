"""What does a page say about one request? A section per question, the most important first (UX §5)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from policyeval.decision import Effect
from policyeval.explain.as_dict import context_of
from policyeval.explain.flow import statements_in_question
from policyeval.explain.html_fixes import advice, fixes
from policyeval.explain.html_layers import row, section, table, way_and_layers
from policyeval.explain.html_source import source_figure
from policyeval.explain.markup import Markup, coded, element, joined
from policyeval.explain.reports import StatementReport
from policyeval.explain.wording import message

if TYPE_CHECKING:
    from policyeval.explain.explanation import Explanation

_MOST_SHOWN = 3


def article(explanation: Explanation, number: int, title: str | None = None) -> Markup:
    """Write everything about one request; one of several has a title."""
    name = f"request-{number}"
    sections = [
        element("p", title, class_="quiet") if title is not None else None,
        _verdict(explanation, name),
        _asked(explanation),
        advice(explanation),
        way_and_layers(explanation),
        _statements(explanation),
        _list("Hints", (f"{text} ({code})" for code, text in explanation.hints)),
        fixes(explanation),
        _checks(explanation),
        _missing(explanation),
        _list("Notes", explanation.notes),
        _context(explanation),
        _aws(explanation),
    ]
    style = "allowed" if explanation.allowed else "refused"
    return element("article", *sections, id=name, class_=style, aria_labelledby=f"{name}-verdict")


def _verdict(explanation: Explanation, name: str) -> Markup:
    head, _, kind = explanation.headline.partition("  ")
    reason = explanation.decision.reason
    page = element("a", "AWS's page", href=reason.page, rel="noreferrer noopener")
    return element(
        "header",
        element("h2", head, element("small", kind) if kind else None, id=f"{name}-verdict"),
        element("p", coded(f"{explanation.message}.")),
        element("p", element("code", reason.code), " · ", page, class_="reason"),
        class_="verdict",
    )


def _asked(explanation: Explanation) -> Markup:
    check = explanation.step.check
    caller, owner = check.principal, check.owner
    whose = "same account" if check.is_same_account else f"account {owner}" if owner else ""
    rows = (
        ("who", str(caller), f"account {caller.account}" if caller.account else caller.kind.value),
        ("what", check.action.text, ""),
        ("on", check.resource.text, whose if check.resource.arn is not None else ""),
    )
    return element("dl", *(_pair(*one) for one in rows), class_="asked")


def _pair(name: str, value: str, detail: str) -> Markup:
    small = element("small", f" ({detail})") if detail else None
    return joined(element("dt", name), element("dd", element("span", value, class_="arn"), small))


def _statements(explanation: Explanation) -> Markup | None:
    """Show the statement that decided or came nearest; more of them folded up."""
    title, shown = _chosen(explanation)
    if not shown:
        return None
    first, *others = shown
    summary = element("summary", f"{len(others)} more")
    more = element("details", summary, *(source_figure(one) for one in others)) if others else None
    return section(title, source_figure(first), more)


def _chosen(explanation: Explanation) -> tuple[str, tuple[StatementReport, ...]]:
    shown = statements_in_question(explanation)[:_MOST_SHOWN]
    if explanation.allowed:
        return "The statement that allows it", shown
    if explanation.decision.effect is Effect.EXPLICIT_DENY:
        return "The Deny statement: every element matches", shown
    if not explanation.nearest:
        return "The Deny statement of which it cannot be told whether it applies", shown
    first = shown[0]
    matching = len(first.elements) - len(first.failing)
    return f"Nearest statement: {matching} of {len(first.elements)} elements match", shown


def _list(title: str, texts: Iterable[str]) -> Markup | None:
    entries = [element("li", coded(text)) for text in texts]
    return section(title, element("ul", *entries)) if entries else None


def _checks(explanation: Explanation) -> Markup | None:
    """List the checks when there are several."""
    if len(explanation.checks) < 2:
        return None
    rows = []
    for report in explanation.checks:
        check = report.step.check
        decided = "✓ allowed" if report.decision.allowed else f"✗ {report.decision.reason.code}"
        here = " ← decided here" if report is explanation.deciding_check and not explanation.allowed else ""
        words = message(report.step, report.decision)
        rows.append(row(check.action.text, check.resource.text, decided + here, words))
    return section(
        "The checks that AWS makes for this call",
        table("Checks", ("action", "resource", "decision", "in words"), rows),
    )


def _missing(explanation: Explanation) -> Markup | None:
    rows = [
        row(
            missing.key,
            ", ".join(dict.fromkeys(one.place for one in missing.read_at)),
            "could change this decision" if missing.could_change_decision else "cannot change this decision",
        )
        for missing in explanation.missing_keys
    ]
    made = table("Missing keys", ("key", "read at", "effect"), rows)
    return section("Keys that the request lacks", made) if rows else None


def _context(explanation: Explanation) -> Markup:
    """List every context key with its value, given or derived."""
    found = sorted(context_of(explanation.step.check).items(), key=lambda one: one[0].lower())
    rows = [
        row(name, ", ".join(one["value"]) if isinstance(one["value"], list) else one["value"], one["origin"])
        for name, one in found
    ]
    return section("Context", table("Context keys", ("key", "value", "origin"), rows))


def _aws(explanation: Explanation) -> Markup | None:
    if explanation.aws_message is None:
        return None
    return section("What AWS would say", element("blockquote", explanation.aws_message, class_="arn"))
