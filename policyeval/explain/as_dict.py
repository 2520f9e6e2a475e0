"""How is an explanation written as JSON? Names are stable, changes only add (UX §4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from policyeval.catalog.global_keys import GLOBAL_KEYS
from policyeval.catalog.services import data_version
from policyeval.decision import Decision
from policyeval.explain.elements import ElementReport
from policyeval.explain.reports import LayerReport, StatementReport
from policyeval.explain.wording import message
from policyeval.request_context import Check
from policyeval.source import Span

if TYPE_CHECKING:
    from policyeval.explain.explanation import CheckReport, Explanation


def as_dict(explanation: Explanation) -> dict[str, Any]:
    """Give the explanation as JSON-ready values."""
    decision = explanation.decision
    return {
        "decision": decision.effect.value,
        "allowed": decision.allowed,
        "reason": decision.reason.code,
        "layer": decision.layer,
        "message": explanation.message,
        "advice": decision.reason.advice,
        "aws_message": explanation.aws_message,
        "page": decision.reason.page,
        "request": _request(explanation),
        "checks": [_check(report) for report in explanation.checks],
        "layers": [_layer(report) for report in explanation.layers],
        "deciding": [_statement(one) for one in explanation.deciding_statements],
        "nearest": [_statement(one) for one in explanation.nearest[:3]],
        "blockers": [_blocker(one) for one in explanation.blockers],
        "blocked_by_guardrails_only": explanation.blocked_by_guardrails_only,
        "fixes": [fix.to_dict() for fix in explanation.fixes],
        "missing_keys": [
            {
                "key": missing.key,
                "read_at": [one.place for one in missing.read_at],
                "could_change_decision": missing.could_change_decision,
            }
            for missing in explanation.missing_keys
        ],
        "hints": [{"code": code, "text": text} for code, text in explanation.hints],
        "notes": list(explanation.notes),
        "data_version": data_version(),
    }


def _request(explanation: Explanation) -> dict[str, Any]:
    check = explanation.step.check
    return {
        "name": explanation.request.name,
        "principal": str(check.principal),
        "principal_type": check.principal.kind.value,
        "action": check.action.text,
        "resource": check.resource.text,
        "account": check.principal.account,
        "resource_account": check.owner,
        "same_account": check.is_same_account,
        "context": context_of(check),
    }


def context_of(check: Check) -> dict[str, dict[str, Any]]:
    """Give every context key with its value and where it comes from."""
    names = {name.lower(): name for name in check.context.names()}
    for row in GLOBAL_KEYS:
        if row.derive is not None:
            names.setdefault(row.name.lower(), row.name)
    for tag, _ in check.call.resource_tags:
        names.setdefault(f"aws:resourcetag/{tag}".lower(), f"aws:ResourceTag/{tag}")
    for tag in check.principal.all_tags:
        names.setdefault(f"aws:principaltag/{tag}".lower(), f"aws:PrincipalTag/{tag}")
    found = {}
    for lower, name in names.items():
        value = check.value(lower, name)
        if value is not None:
            shown = list(value) if isinstance(value, tuple) else value
            found[name] = {"value": shown, "origin": check.origin(lower).value}
    return found


def _check(report: CheckReport) -> dict[str, Any]:
    check = report.step.check
    return {
        "kind": report.step.kind.value,
        "principal": str(check.principal),
        "action": check.action.text,
        "resource": check.resource.text,
        "decision": report.decision.effect.value,
        "reason": report.decision.reason.code,
        "layer": report.decision.layer,
        "message": message(report.step, report.decision),
    }


def _blocker(decision: Decision) -> dict[str, str]:
    return {"layer": decision.layer, "reason": decision.reason.code, "decision": decision.effect.value}


def _layer(report: LayerReport) -> dict[str, Any]:
    return {
        "layer": report.layer.value,
        "verdict": report.verdict.value,
        "levels": [{"level": i, "allows": allows} for i, allows in enumerate(report.levels)],
        "statements": [_statement(one) for one in report.statements],
    }


def _statement(report: StatementReport) -> dict[str, Any]:
    return {
        "layer": report.layer.value,
        "policy": report.policy.name,
        "file": report.policy.source.name,
        "sid": report.sid,
        "index": report.index,
        "level": report.level,
        "effect": "Allow" if report.is_allow else "Deny",
        "matched": report.applies,
        "span": _span(report.span()),
        "elements": [_element(element, report) for element in report.elements],
    }


def _element(element: ElementReport, report: StatementReport) -> dict[str, Any]:
    found: dict[str, Any] = {
        "element": element.element,
        "matched": element.matched,
        "path": list(element.path),
        "span": _span(report.span(element.path)),
        "required": element.required,
        "resolved": element.resolved,
        "entries": element.entries,
        "actual": element.actual,
        "why": element.why,
        "rule": element.rule,
    }
    if element.key is not None:
        found |= {"key": element.key, "operator": element.operator}
    return found


def _span(span: Span) -> dict[str, Any]:
    return {
        "start": {"line": span.start.line, "column": span.start.column, "offset": span.start.offset},
        "end": {"line": span.end.line, "column": span.end.column, "offset": span.end.offset},
    }
