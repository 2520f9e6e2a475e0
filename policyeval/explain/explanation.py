"""Why was this decided? The answer with every layer, statement and element that bears on it.

INVARIANT: explain(request).decision is decide(request), because both ask the same flow.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from policyeval.decision import Decision, Effect
from policyeval.evaluation import decide
from policyeval.explain.reports import (
    LayerReport,
    StatementReport,
    allowed_line,
    deciding,
    layer_reports,
    nearest,
)
from policyeval.explain.wording import aws_message, headline, message
from policyeval.layers import TracedRun
from policyeval.records import Record
from policyeval.request import Request
from policyeval.steps import Situation, Step, overall

if TYPE_CHECKING:
    from policyeval.explain.fixes import Fix
    from policyeval.explain.missing import MissingKey


class CheckReport(Record, slots=False):
    """One check that the request consists of, with its decision."""

    step: Step
    decision: Decision
    run: TracedRun


class Explanation(Record, slots=False):
    """A decision and everything that led to it; details are those of the check that decided.

    Details are worked out, and their modules imported, when they are asked for.
    """

    request: Request
    situation: Situation
    checks: tuple[CheckReport, ...]
    deciding_check: CheckReport

    @property
    def decision(self) -> Decision:
        """The answer, the same that `Engine.decide` gives."""
        return self.deciding_check.decision

    @property
    def allowed(self) -> bool:
        """Is the request allowed?"""
        return self.decision.allowed

    @property
    def step(self) -> Step:
        """The check that decided, with its policies."""
        return self.deciding_check.step

    @cached_property
    def layers(self) -> tuple[LayerReport, ...]:
        """Every layer, also those that the decision never reached."""
        return layer_reports(self.deciding_check.run)

    @cached_property
    def deciding_statements(self) -> tuple[StatementReport, ...]:
        """The statements that made the decision."""
        return deciding(self.decision, self.layers)

    @cached_property
    def nearest(self) -> tuple[StatementReport, ...]:
        """The statements that came nearest to allowing an implicitly denied request."""
        return nearest(self.decision, self.layers, most=5)

    @cached_property
    def blockers(self) -> tuple[Decision, ...]:
        """Everything that blocks the request, in the order of M-3; the first is the decision."""
        from policyeval.explain.blockers import blockers

        if self.decision.effect is Effect.ALLOW:
            return ()
        return blockers(self.deciding_check.run, self.step.rules)

    @property
    def blocked_by_guardrails_only(self) -> bool:
        """Would the request be allowed but for guardrails such as SCPs and boundaries (M-4)?"""
        from policyeval.explain.blockers import GUARDRAILS

        return bool(self.blockers) and all(one.layer_ in GUARDRAILS for one in self.blockers)

    @cached_property
    def missing_keys(self) -> tuple[MissingKey, ...]:
        """The keys that statements read and the request lacks."""
        from policyeval.explain.missing import missing_keys

        statements = [one for report in self.layers for one in report.statements]
        return missing_keys(self.step, statements)

    @cached_property
    def fixes(self) -> tuple[Fix, ...]:
        """The smallest changes that allow the request, each checked by evaluating it again."""
        from policyeval.explain.fixes import fixes

        return fixes(self)

    @cached_property
    def hints(self) -> tuple[tuple[str, str], ...]:
        """The well-known traps that the request fell into: code and words."""
        from policyeval.explain.hints import Scene, hints

        applying = tuple(one for report in self.layers for one in report.statements if one.applies)
        statements = (*self.deciding_statements, *self.nearest[:1], *(applying if not self.nearest else ()))
        also = frozenset(report.step.check.action.lower for report in self.checks)
        scene = Scene(self.step, self.decision, self.layers, tuple(dict.fromkeys(statements)), also)
        return hints(scene)

    @cached_property
    def notes(self) -> tuple[str, ...]:
        """What was assumed, and what is easily misunderstood."""
        from policyeval.explain.notes import Situated, notes

        return notes(Situated(self.step, self.decision, self.layers, self.situation.policies))

    @property
    def headline(self) -> str:
        """Verdict, kind and layer."""
        return headline(self.decision)

    @property
    def message(self) -> str:
        """The decision in a sentence."""
        return message(self.step, self.decision)

    @property
    def aws_message(self) -> str | None:
        """AWS's own wording of the denial."""
        return aws_message(self.step, self.decision)

    def text(self, verbose: bool = False, width: int = 100) -> str:
        """Write the explanation as plain text (UX §3)."""
        from policyeval.explain.report import plain

        return plain(self, verbose=verbose, width=width)

    def allowed_line(self) -> str:
        """Write the one line of an allowed request: the statement that granted it."""
        return allowed_line(self.message, self.deciding_statements)

    def to_dict(self) -> dict[str, Any]:
        """Give the explanation as JSON-ready values (UX §4)."""
        from policyeval.explain.as_dict import as_dict

        return as_dict(self)

    def to_html(self) -> str:
        """Write the explanation as a page (UX §5)."""
        from policyeval.explain.as_html import as_html

        return as_html([self])

    def __str__(self) -> str:
        return self.text()


def explain(situation: Situation, request: Request) -> Explanation:
    """Decide a request with traces; checks behind a failing hop are not made."""
    reports: list[CheckReport] = []
    denied_stage: int | None = None
    for step in situation.steps(request):
        if denied_stage is not None and step.stage > denied_stage:
            break
        run = TracedRun(step.check, step.attached, step.resource_check)
        reports.append(CheckReport(step, decide(run, step.rules), run))
        if not reports[-1].decision.allowed:
            denied_stage = step.stage
    decided, _ = overall((report.step, report.decision) for report in reports)
    return Explanation(
        request, situation, tuple(reports), next(one for one in reports if one.step is decided)
    )
