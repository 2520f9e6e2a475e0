"""The format `simulator`: the shape of `aws iam simulate-custom-policy` (SEMANTICS 8.1).

Positions are those of AWS's parser. A comma is no token for it, so a statement starts where the bracket
or the statement before it ends; a statement that stands alone, without brackets, starts behind its own
brace. It ends behind its closing brace. Lines and columns count from 1.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

from policyeval.catalog.services import resource_formats
from policyeval.decision import Effect, Layer
from policyeval.explain.missing import missing_keys
from policyeval.explain.reports import LayerReport, StatementReport, Verdict, layer_reports
from policyeval.render.json_text import json_text
from policyeval.render.look import Look
from policyeval.source import Path, Position, Source, SourceMap, Span

if TYPE_CHECKING:
    from policyeval.explain.explanation import CheckReport, Explanation

_DECISIONS = {
    Effect.ALLOW: "allowed",
    Effect.EXPLICIT_DENY: "explicitDeny",
    Effect.IMPLICIT_DENY: "implicitDeny",
}
_VERDICTS = {
    Verdict.ALLOW: "allowed",
    Verdict.EXPLICIT_DENY: "explicitDeny",
    Verdict.IMPLICIT_DENY: "implicitDeny",
}

# layer → SourcePolicyId, SourcePolicyType, as the simulator answers them; SCPs and RCPs are never listed.
# The simulator takes no session and no endpoint policies: those two names are ours.
_SOURCES = {
    Layer.IDENTITY: ("PolicyInputList.{}", "IAM Policy"),
    Layer.RESOURCE: ("ResourcePolicy", "Resource Policy"),
    Layer.TRUST: ("ResourcePolicy", "Resource Policy"),
    Layer.BOUNDARY: ("PermissionsBoundaryPolicyInputList.{}", "Permissions Boundary Policy"),
    Layer.SESSION: ("SessionPolicyInputList.{}", "Session Policy"),
    Layer.ENDPOINT: ("EndpointPolicyInputList.{}", "Endpoint Policy"),
}
_ORGANIZATION = (Layer.SCP, Layer.RCP)
_VARIABLE = re.compile(r"\$\{[^}]*\}")
_WORST_FIRST = ("explicitDeny", "implicitDeny", "allowed")


def render_simulator(explanations: Sequence[Explanation], _: Look) -> str:
    """Write the results of all explanations as one answer."""
    results = [result for one in explanations for result in _results(one)]
    return json_text({"EvaluationResults": results, "IsTruncated": False})


def _results(explanation: Explanation) -> Iterator[dict[str, Any]]:
    """Give a result for each action; several resources of one action are told apart inside it."""
    for action, reports in groupby(explanation.checks, key=lambda one: one.step.check.action):
        several = [_one(report) for report in reports]
        yield several[0] if len(several) == 1 else _combined(action.service, action.name, several)


def _one(report: CheckReport) -> dict[str, Any]:
    """Give the result of one check; `*` has no results by resource."""
    check = report.step.check
    details = _Details(report)
    found: dict[str, Any] = {
        "EvalActionName": check.action.text,
        "EvalResourceName": check.resource.text,
        "EvalDecision": _DECISIONS[report.decision.effect],
        "MatchedStatements": details.matched,
        "MissingContextValues": details.missing,
        **details.by_layer,
    }
    if check.resource.arn is not None:
        found["EvalDecisionDetails"] = details.by_policy_type
        found["ResourceSpecificResults"] = [_of_resource(found)]
    return found


def _of_resource(result: dict[str, Any]) -> dict[str, Any]:
    """Say the same about the resource alone."""
    names = {"EvalResourceName": "EvalResourceName", "EvalDecision": "EvalResourceDecision"}
    names |= {
        name: name
        for name in (
            "MatchedStatements",
            "MissingContextValues",
            "EvalDecisionDetails",
            "PermissionsBoundaryDecisionDetail",
        )
        if result.get(name) or name in ("MatchedStatements", "MissingContextValues")
    }
    return {new: result[old] for old, new in names.items()}


def _combined(service: str, name: str, results: list[dict[str, Any]]) -> dict[str, Any]:
    """Put the resources of an action together: the worst decision, the format of the ARN as the name."""
    decisions = [result["EvalDecision"] for result in results]
    found = {
        "EvalActionName": results[0]["EvalActionName"],
        "EvalResourceName": _format(resource_formats(service, name), results[0]["EvalResourceName"]),
        "EvalDecision": min(decisions, key=_WORST_FIRST.index),
        "MatchedStatements": _unique(one for result in results for one in result["MatchedStatements"]),
        "MissingContextValues": _unique(one for result in results for one in result["MissingContextValues"]),
        "EvalDecisionDetails": {},
    }
    for detail in ("OrganizationsDecisionDetail", "PermissionsBoundaryDecisionDetail"):
        details = [result[detail] for result in results if detail in result]
        if details:
            found[detail] = {name: all(one[name] for one in details) for name in details[0]}
    of_resources = [one for result in results for one in result.get("ResourceSpecificResults", ())]
    return found | {"ResourceSpecificResults": of_resources}


def _format(formats: Sequence[str], resource: str) -> str:
    """Choose the ARN format of the resource among those of the action."""
    for one in formats:
        parts = (re.escape(part) for part in _VARIABLE.split(one))
        if re.fullmatch(".*".join(parts), resource, re.DOTALL):
            return one
    return formats[0] if formats else "*"


def _unique(values: Iterable[Any]) -> list[Any]:
    found: list[Any] = []
    for value in values:
        if value not in found:
            found.append(value)
    return found


class _Details:
    """What a check's layers contribute to its result."""

    def __init__(self, report: CheckReport) -> None:
        self._report = report
        self._layers = layer_reports(report.run)

    @property
    def matched(self) -> list[dict[str, Any]]:
        """The Deny statements that apply, else, for an allow, the Allow statements; nothing for silence."""
        effect = self._report.decision.effect
        if effect is Effect.IMPLICIT_DENY:
            return []
        wanted = effect is Effect.ALLOW
        return [
            _statement(layer, one)
            for layer in self._layers
            for one in layer.statements
            if layer.layer in _SOURCES and one.applies and one.is_allow is wanted
        ]

    @property
    def missing(self) -> list[str]:
        """The keys that policies read and the request lacks."""
        statements = [one for layer in self._layers for one in layer.statements]
        found = missing_keys(self._report.step, statements)
        return [one.key for one in found]

    @property
    def by_layer(self) -> dict[str, Any]:
        """Whether the organization and the permissions boundary allow, where they are present."""
        found: dict[str, Any] = {}
        organization = [self._verdict(layer) for layer in _ORGANIZATION]
        if any(verdict is not Verdict.NOT_PRESENT for verdict in organization):
            allows = all(verdict in (Verdict.ALLOW, Verdict.NOT_PRESENT) for verdict in organization)
            found["OrganizationsDecisionDetail"] = {"AllowedByOrganizations": allows}
        boundary = self._verdict(Layer.BOUNDARY)
        if boundary is not Verdict.NOT_PRESENT:
            allows = boundary is Verdict.ALLOW
            found["PermissionsBoundaryDecisionDetail"] = {"AllowedByPermissionsBoundary": allows}
        return found

    @property
    def by_policy_type(self) -> dict[str, str]:
        """How each policy type decides; the simulator tells it for calls across accounts only."""
        if self._report.step.check.is_same_account:
            return {}
        return {
            _SOURCES[layer.layer][1]: _VERDICTS[layer.verdict]
            for layer in self._layers
            if layer.layer in _SOURCES and layer.verdict in _VERDICTS
        }

    def _verdict(self, wanted: Layer) -> Verdict:
        return next((one.verdict for one in self._layers if one.layer is wanted), Verdict.NOT_PRESENT)


def _statement(layer: LayerReport, statement: StatementReport) -> dict[str, Any]:
    policies = list(dict.fromkeys(id(one.policy) for one in layer.statements))
    name, kind = _SOURCES[layer.layer]
    span = simulator_span(statement)
    return {
        "SourcePolicyId": name.format(policies.index(id(statement.policy)) + 1),
        "SourcePolicyType": kind,
        "StartPosition": _position(span.start),
        "EndPosition": _position(span.end),
    }


def _position(position: Position) -> dict[str, int]:
    return {"Line": position.line, "Column": position.column}


def simulator_span(statement: StatementReport) -> Span:
    """Find where AWS's parser stands before and behind a statement."""
    source, path = _document(statement)
    places = SourceMap.of(source)
    span, last = places.span(path), path[-1]
    if not isinstance(last, int):
        start = span.start.offset + 1
    elif last == 0:
        start = places.span(path[:-1]).start.offset + 1
    else:
        start = places.span((*path[:-1], last - 1)).end.offset
    return source.span(start, span.end.offset)


def _document(statement: StatementReport) -> tuple[Source, Path]:
    """Give the text that the simulator would get: the file, or the policy's JSON where it stands in another one."""
    policy = statement.policy
    if policy.base or policy.source.syntax != "json":
        return Source(policy.name, policy.to_json()), statement.path[len(policy.base) :]
    return policy.source, statement.path
