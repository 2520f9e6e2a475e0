"""How is an explanation written as a page? One file, no script, nothing fetched, every text escaped (UX §5)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from policyeval.catalog.services import data_version
from policyeval.explain.html_sections import article
from policyeval.explain.html_style import STYLE, content_security_policy
from policyeval.explain.markup import Markup, element, joined

if TYPE_CHECKING:
    from policyeval.explain.explanation import Explanation


def as_html(explanations: Sequence[Explanation]) -> str:
    """Write explanations as one page; several get a table of contents."""
    return "".join(
        (
            "<!DOCTYPE html>\n",
            element("html", _head(explanations), "\n", _body(explanations), "\n", lang="en"),
            "\n",
        )
    )


def _head(explanations: Sequence[Explanation]) -> Markup:
    metas = (
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=content_security_policy()),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="referrer", content="no-referrer"),
        element("title", _title(explanations)),
        element("style", Markup(STYLE)),
    )
    return element("head", "\n", joined(*metas, by="\n"), "\n")


def _body(explanations: Sequence[Explanation]) -> Markup:
    several = len(explanations) > 1
    articles = [
        article(one, number, f"Request {number}: {name_of(one)}" if several else None)
        for number, one in enumerate(explanations, 1)
    ]
    contents = _contents(explanations) if several else None
    footer = element("footer", f"Decided offline by policyeval with {data_version()}.")
    return element("body", "\n", element("main", contents, joined(*articles, by="\n"), footer), "\n")


def _title(explanations: Sequence[Explanation]) -> str:
    if len(explanations) != 1:
        return f"policyeval: {_count(explanations)}"
    return f"{explanations[0].headline.partition('  ')[0]}: {name_of(explanations[0])}"


def name_of(explanation: Explanation) -> str:
    """Name a request: as it names itself, else by action and resource."""
    request = explanation.request
    return request.name or f"{request.action} on {request.resource}"


def _count(explanations: Sequence[Explanation]) -> str:
    allowed = sum(one.allowed for one in explanations)
    return f"{len(explanations)} requests: {allowed} allowed, {len(explanations) - allowed} denied"


def _contents(explanations: Sequence[Explanation]) -> Markup:
    entries = [
        element(
            "li",
            element("a", name_of(one), href=f"#request-{number}"), " ",
            element("span", _outcome(one), class_="good" if one.allowed else "bad"),
        )
        for number, one in enumerate(explanations, 1)
    ]  # fmt: skip
    return element("nav", element("h1", _count(explanations)), element("ol", *entries), aria_label="Requests")


def _outcome(explanation: Explanation) -> str:
    return "✓ allowed" if explanation.allowed else f"✗ {explanation.decision.reason.code}"
