"""How did each layer fare? Its verdict, its statements, and the statement that decided or came nearest."""

from __future__ import annotations

from enum import Enum
from functools import cached_property

from policyeval.decision import Decision, Effect, Layer
from policyeval.explain.elements import ElementReport, element_reports
from policyeval.language.policy import Policy
from policyeval.layers import RESOURCE_LAYERS, StatementTrace, TracedRun
from policyeval.records import Record
from policyeval.request_context import Check
from policyeval.source import Path, SourceMap, Span, start_line

# The order in which AWS describes the layers (7.1).
ORDER = (
    Layer.RCP, Layer.SCP, Layer.ENDPOINT, Layer.RESOURCE, Layer.TRUST, Layer.IDENTITY, Layer.BOUNDARY, Layer.SESSION,
)  # fmt: skip


class Verdict(Enum):
    """What a layer says; a layer that is not present says nothing."""

    ALLOW = "allow"
    EXPLICIT_DENY = "explicit-deny"
    IMPLICIT_DENY = "implicit-deny"
    NOT_PRESENT = "not-present"


class StatementReport(Record, slots=False, eq=False):
    """A statement that was considered, and how its elements fared."""

    traced: StatementTrace
    check: Check
    level: int = 0

    @property
    def layer(self) -> Layer:
        """The layer that it belongs to."""
        return self.traced.layer

    @property
    def policy(self) -> Policy:
        """The policy that holds it."""
        return self.traced.statement.policy

    @property
    def is_allow(self) -> bool:
        """Is its effect Allow?"""
        return self.traced.statement.is_allow

    @property
    def sid(self) -> str | None:
        """Its Sid."""
        return self.traced.statement.statement.sid

    @property
    def index(self) -> int:
        """Its place in the policy, from 0."""
        return self.traced.statement.statement.index

    @property
    def label(self) -> str:
        """Its Sid, else its number."""
        return self.sid or f"statement {self.index + 1}"

    @property
    def applies(self) -> bool:
        """Did all elements match?"""
        return self.traced.applies

    @cached_property
    def elements(self) -> tuple[ElementReport, ...]:
        """Its elements."""
        return element_reports(self.traced, self.check)

    @property
    def failing(self) -> tuple[ElementReport, ...]:
        """The elements that did not match."""
        return tuple(element for element in self.elements if not element.matched)

    @property
    def path(self) -> Path:
        """Where it stands in its file."""
        return (*self.policy.base, *self.traced.statement.statement.path)

    def span(self, path: Path | None = None) -> Span:
        """Find the statement, or an element of it, in the text."""
        places = SourceMap.of(self.policy.source)
        return places.span(self.path if path is None else (*self.policy.base, *path))

    @property
    def place(self) -> str:
        """Name file and line."""
        return f"{self.policy.source.name}:{start_line(self.policy.source, self.path)}"

    @cached_property
    def cost(self) -> tuple[int, int]:
        """How far from applying: the weight of the failing elements, then how much they differ."""
        weights = [_weight(element) for element in self.failing]
        return sum(weights), sum(element.distance for element in self.failing)


def _weight(element: ElementReport) -> int:
    """A wrong service is further away than a wrong name."""
    if element.element in ("Action", "NotAction"):
        same = element.required.partition(":")[0].lower() == element.actual.partition(":")[0].lower()
        return 2 if same else 12
    if element.element in ("Resource", "NotResource"):
        return 2 if element.required.split(":")[:3] == element.actual.split(":")[:3] else 4
    return 2


class LayerReport(Record, slots=False):
    """A layer, its verdict, and all of its statements; `levels` for SCPs and RCPs, root first."""

    layer: Layer
    verdict: Verdict
    statements: tuple[StatementReport, ...] = ()
    levels: tuple[bool, ...] = ()

    @property
    def applying(self) -> tuple[StatementReport, ...]:
        """The statements that decide what the layer says: its Deny statements that apply, else its Allow ones."""
        wanted = self.verdict is not Verdict.EXPLICIT_DENY
        return tuple(one for one in self.statements if one.applies and one.is_allow is wanted)


def layer_reports(run: TracedRun) -> tuple[LayerReport, ...]:
    """Report on every layer, also on those that the decision never asked."""
    layers = [layer for layer in ORDER if layer not in RESOURCE_LAYERS or layer is run.resource_layer]
    return tuple(_layer_report(run, layer) for layer in layers)


def _layer_report(run: TracedRun, layer: Layer) -> LayerReport:
    if not run.is_present(layer):
        return LayerReport(layer, Verdict.NOT_PRESENT)
    traces = run.statements(layer)
    statements = tuple(StatementReport(one, run.seen_by(layer), run.level_of(layer, one)) for one in traces)
    levels = run.levels(layer)
    return LayerReport(layer, _verdict(run, layer, levels), statements, levels)


def _verdict(run: TracedRun, layer: Layer, levels: tuple[bool, ...]) -> Verdict:
    if run.denies(layer):
        return Verdict.EXPLICIT_DENY
    if layer is Layer.RCP or (levels and all(levels)):
        return Verdict.ALLOW
    return Verdict.IMPLICIT_DENY


def deciding(decision: Decision, layers: tuple[LayerReport, ...]) -> tuple[StatementReport, ...]:
    """Name the statements that made the decision: the Deny of the blamed layer, or the Allows that granted."""
    if decision.reason.code == "invalid-value":  # C-18: the Deny that cannot be judged
        blamed = [report for report in layers if report.layer is decision.layer_]
        return tuple(
            one for report in blamed for one in report.statements if one.traced.trace.outcome is None
        )
    if decision.effect is Effect.EXPLICIT_DENY:
        blamed = [report for report in layers if report.layer is decision.layer_]
    elif decision.effect is Effect.ALLOW:
        granting = (Layer.IDENTITY, Layer.RESOURCE, Layer.TRUST)
        blamed = [report for report in layers if report.layer in granting and report.verdict is Verdict.ALLOW]
        blamed.sort(key=lambda report: granting.index(report.layer))
    else:
        blamed = []
    return tuple(one for report in blamed for one in report.applying)


def nearest(
    decision: Decision, layers: tuple[LayerReport, ...], most: int = 3
) -> tuple[StatementReport, ...]:
    """Name the Allow statements of the blamed layer that came nearest to applying."""
    if decision.effect is not Effect.IMPLICIT_DENY or decision.reason.code == "invalid-value":
        return ()
    blamed = [report for report in layers if report.layer is decision.layer_]
    candidates = [
        one
        for report in blamed
        for one in report.statements
        if one.is_allow and not one.applies and not (report.levels and report.levels[one.level])
    ]
    return tuple(sorted(candidates, key=lambda one: one.cost)[:most])


def allowed_line(message: str, granting: tuple[StatementReport, ...]) -> str:
    """Write the one line of an allowed request: the first statement that granted it."""
    if not granting:
        return f"ALLOWED  {message}"
    return f"ALLOWED  {granting[0].place} {granting[0].label}"
