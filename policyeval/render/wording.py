"""In which words do the short formats tell an answer? A name, a summary, what helps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyeval.explain.fixes import nothing_helps
from policyeval.explain.flow import named, statements_in_question

if TYPE_CHECKING:
    from policyeval.explain.elements import ElementReport
    from policyeval.explain.explanation import Explanation


def name_of(explanation: Explanation) -> str:
    """Name a request: as it names itself, else by action and resource."""
    request = explanation.request
    return request.name or f"{request.action} on {request.resource}"


def summary_of(explanation: Explanation) -> str:
    """Tell the decision in a sentence, and what was wrong in the nearest statement."""
    said = [f"{explanation.message}: {explanation.step.check.principal}"]
    if explanation.nearest:
        nearest = explanation.nearest[0]
        failing = "; ".join(element_words(one) for one in nearest.failing)
        said.append(f"nearest statement: {named(nearest)}: {failing}")
    elif not explanation.allowed:
        said += [f"denied by {named(one)}" for one in statements_in_question(explanation)]
    return "\n".join(said)


def element_words(element: ElementReport) -> str:
    """Tell how an element fared: what it requires, and why it did not match."""
    name = f"{element.operator} {element.key}" if element.key else element.element
    return f"{name} {element.required}: {element.why}"


def advice_of(explanation: Explanation) -> str:
    """Name the smallest change, else say who could act."""
    if explanation.fixes:
        return f"help: {explanation.fixes[0].title}"
    return f"help: {nothing_helps(explanation, explanation.decision)}"
