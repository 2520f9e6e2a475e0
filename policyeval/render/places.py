"""Where in the files is the reason of an answer? The place that annotations point to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyeval.explain.flow import statements_in_question
from policyeval.explain.reports import StatementReport
from policyeval.records import Record
from policyeval.source import Source, SourceMap, Span

if TYPE_CHECKING:
    from policyeval.explain.explanation import Explanation
    from policyeval.language.policy import Policy

# Names that sources/ gives to what is no file.
_NO_FILES = ("standard input",)


class Place(Record):
    """A stretch of a file, and the statement that stands there; without one, nothing in the policy is near."""

    source: Source
    span: Span
    statement: StatementReport | None = None


def place_of(explanation: Explanation) -> Place | None:
    """Point to the element that failed, the statement that decided, or the policy that lacks one."""
    for statement in statements_in_question(explanation):
        if is_file(statement.policy):
            failing = statement.failing
            span = statement.span(failing[0].path if failing else None)
            return Place(statement.policy.source, span, statement)
    return _policy_without(explanation)


def is_file(policy: Policy) -> bool:
    """Was the policy read from a file that an annotation can name?"""
    return policy.origin is not None and policy.origin.name not in _NO_FILES


def _policy_without(explanation: Explanation) -> Place | None:
    """Point to the list of statements in which an Allow is missing."""
    for report in explanation.layers:
        if report.layer is explanation.decision.layer_:
            for statement in report.statements:
                policy = statement.policy
                if is_file(policy):
                    span = SourceMap.of(policy.source).key_span((*policy.base, "Statement"))
                    return Place(policy.source, span)
    return None
