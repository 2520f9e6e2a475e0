"""Which way did the request take through AWS's evaluation? One station per question, up to the stop (7.1)."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from typing import TYPE_CHECKING

from policyeval.decision import Decision, Effect, Layer
from policyeval.explain.reports import LayerReport, StatementReport, Verdict
from policyeval.records import Record

if TYPE_CHECKING:
    from policyeval.explain.explanation import Explanation


class State(Enum):
    """What became of the request at a station."""

    PASSED = "passed"
    ABSENT = "not present"
    NOT_NEEDED = "not needed"
    STOPPED = "stopped here"
    UNREACHED = "not reached"


class Station(Record):
    """One question of the evaluation, and how it was answered."""

    name: str
    state: State
    answer: str
    detail: str = ""


# What decides without any layer being asked, and where it stands in the flow.
_BEFORE_LAYERS = (Layer.S3_BPA,)
_BEFORE_GRANTS = (Layer.GRANT,)
_GRANTING = (Layer.RESOURCE, Layer.TRUST, Layer.IDENTITY, Layer.BOUNDARY, Layer.SESSION)

LAYER_NAMES = {
    Layer.RCP: "Resource control policies",
    Layer.SCP: "Service control policies",
    Layer.ENDPOINT: "VPC endpoint policy",
    Layer.RESOURCE: "Resource-based policy",
    Layer.TRUST: "Role trust policy",
    Layer.IDENTITY: "Identity-based policies",
    Layer.BOUNDARY: "Permissions boundary",
    Layer.SESSION: "Session policy",
    Layer.S3_BPA: "S3 Block Public Access",
    Layer.SERVICE: "The service itself",
    Layer.GRANT: "KMS grants",
    Layer.NONE: "No policy",
}


def stations(explanation: Explanation) -> tuple[Station, ...]:
    """List the stations in the order in which AWS describes them; those behind the stop were not reached."""
    found: list[Station] = []
    for station in _questions(explanation):
        is_behind = bool(found) and found[-1].state in (State.STOPPED, State.UNREACHED)
        found.append(Station(station.name, State.UNREACHED, "not reached") if is_behind else station)
    if explanation.decision.reason.code == "no-authorization-needed":
        return tuple(Station(one.name, State.NOT_NEEDED, "not asked") for one in found)
    return tuple(found)


def _questions(explanation: Explanation) -> Iterator[Station]:
    decision = explanation.decision
    if decision.layer_ is Layer.SERVICE:
        yield _stop(decision)
    yield _explicit_deny(explanation)
    if decision.layer_ in _BEFORE_LAYERS:
        yield _stop(decision)
    granting = [report for report in explanation.layers if report.layer in _GRANTING]
    for report in explanation.layers:
        if granting and report is granting[0] and decision.layer_ in _BEFORE_GRANTS:
            yield _stop(decision)
        yield _layer(report, decision)


def _stop(decision: Decision) -> Station:
    return Station(LAYER_NAMES[decision.layer_], State.STOPPED, "refuses", decision.reason.code)


def _explicit_deny(explanation: Explanation) -> Station:
    """E-4, and C-18: a malformed value hides whether a Deny applies."""
    decision = explanation.decision
    denies = [one for report in explanation.layers for one in report.statements if not one.is_allow]
    if decision.reason.code == "invalid-value":
        return Station("Explicit deny", State.STOPPED, "cannot be told", decision.layer_.title)
    if decision.effect is Effect.EXPLICIT_DENY and decision.layer_ is not Layer.S3_BPA:
        places = ", ".join(named(one) for one in explanation.deciding_statements)
        return Station("Explicit deny", State.STOPPED, "denied", f"{decision.layer_.title}: {places}")
    plural = "" if len(denies) == 1 else "s"
    return Station("Explicit deny", State.PASSED, "none", f"{len(denies)} Deny statement{plural} looked at")


def _layer(report: LayerReport, decision: Decision) -> Station:
    name, detail = LAYER_NAMES[report.layer], layer_detail(report)
    if decision.effect is Effect.IMPLICIT_DENY and decision.layer_ is report.layer:
        answer = "not given" if report.verdict is Verdict.NOT_PRESENT else "not allowed"
        return Station(name, State.STOPPED, answer, detail)
    if report.verdict is Verdict.NOT_PRESENT:
        return Station(name, State.ABSENT, "none")
    if report.verdict is Verdict.ALLOW:
        return Station(name, State.PASSED, "allows", detail)
    return Station(name, State.NOT_NEEDED, "not needed", detail)


def statements_in_question(explanation: Explanation) -> tuple[StatementReport, ...]:
    """Give the statements that decided, else those that came nearest."""
    return (*explanation.deciding_statements, *explanation.nearest)


def layer_detail(report: LayerReport) -> str:
    """Say which statement or level made the layer's verdict."""
    if report.verdict is Verdict.NOT_PRESENT:
        return ""
    if report.layer is Layer.RCP and report.verdict is Verdict.ALLOW:
        return "nothing denies"
    if report.layer is Layer.SCP and report.verdict is not Verdict.EXPLICIT_DENY:
        return ", ".join(
            f"level {number} {'allows' if allows else 'does not allow'}"
            for number, allows in enumerate(report.levels, 1)
        )
    if report.applying:
        return ", ".join(named(one) for one in report.applying[:3])
    count = len(report.statements)
    return f"{count} statement{'' if count == 1 else 's'}, none applies"


def named(statement: StatementReport) -> str:
    """Name a statement by its place and its Sid, or its number."""
    return f"{statement.place} {statement.sid or f'statement {statement.index + 1}'}"
