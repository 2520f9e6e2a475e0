"""How is shown what would help? The advice below the verdict, and every verified fix with its diff."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from policyeval.decision import Effect
from policyeval.explain.fixes import nothing_helps
from policyeval.explain.flow import LAYER_NAMES
from policyeval.explain.html_layers import section
from policyeval.explain.html_source import diff_figure
from policyeval.explain.markup import Markup, coded, element
from policyeval.language.documents import write_json

if TYPE_CHECKING:
    from policyeval.explain.explanation import Explanation


def advice(explanation: Explanation) -> Markup | None:
    """Say in a line what helps, and what else would block."""
    if explanation.allowed:
        return None
    first = explanation.fixes[0].title if explanation.fixes else None
    helps = first or nothing_helps(explanation, explanation.decision)
    final = explanation.decision.effect is Effect.EXPLICIT_DENY
    others = ", ".join(LAYER_NAMES[one.layer_] for one in explanation.blockers[1:])
    return element(
        "div",
        element("p", element("strong", "What helps: "), coded(helps)),
        element("p", "No Allow can outweigh an explicit deny.") if final else None,
        element("p", f"Would also be blocked by: {others}.") if others else None,
        class_="help",
    )


def fixes(explanation: Explanation) -> Markup | None:
    """Show every fix, the narrowest first."""
    found = [fix.to_dict() for fix in explanation.fixes]
    if not found:
        return None
    return section("Smallest change that allows it", *(_fix(fix) for fix in found))


def _fix(fix: Mapping[str, Any]) -> Markup:
    said = list(_consequences(fix))
    checked = " (checked by evaluating again: allowed)" if fix["verified"] else " (a proposal)"
    return element(
        "div",
        element("p", element("strong", coded(fix["title"])), element("span", checked, class_="quiet")),
        *(diff_figure(name, lines) for name, lines in _by_file(fix["diff"])),
        *(_new_policy(new) for new in fix["new_policies"]),
        element("ul", *(element("li", coded(text)) for text in said)) if said else None,
        class_="fix",
    )


def _consequences(fix: Mapping[str, Any]) -> Iterator[str]:
    for key, value in fix["context"].items():
        yield f"in the request: `{key}` = `{', '.join(value) if isinstance(value, list) else value}`"
    if fix["also_allows"]:
        yield f"it also allows {'; '.join(fix['also_allows'])}"
    if fix["cost"]:
        yield f"its cost: {fix['cost']}"
    if fix["owners"]:
        yield f"to be made by {' and '.join(fix['owners'])}"


def _by_file(lines: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, list[Mapping[str, Any]]]]:
    for name in dict.fromkeys(line["file"] for line in lines):
        yield name, [line for line in lines if line["file"] == name]


def _new_policy(new: Mapping[str, Any]) -> Markup:
    lines = write_json(new["policy"]).split("\n")
    added = [{"sign": "+", "line": number, "text": text} for number, text in enumerate(lines, 1)]
    return diff_figure(f"a new policy: {new['layer']}", added)
