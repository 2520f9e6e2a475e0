"""Which small changes could make a denied request allowed? Candidates only: fixes.py tries each.

One function per layer; a candidate is an edit of a policy, a policy that does not exist yet, or
something about the request.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from policyeval.decision import Decision, Effect, Layer
from policyeval.explain.edits import Edit
from policyeval.explain.elements import ElementReport
from policyeval.explain.reports import LayerReport, StatementReport
from policyeval.explain.values import fulfilling_value, violating_value
from policyeval.language.model import Matcher
from policyeval.language.policy import Policy
from policyeval.matching.conditions import Requirement
from policyeval.operators import OperatorType
from policyeval.plan import tests_of
from policyeval.records import Record
from policyeval.request_context import Check
from policyeval.steps import Step

OWNERS = {
    Layer.SCP: "the organization's administrators",
    Layer.RCP: "the administrators of the resource owner's organization",
    Layer.ENDPOINT: "the owner of the VPC endpoint",
    Layer.BOUNDARY: "the administrators who set the permissions boundary",
    Layer.S3_BPA: "the owner of the bucket",
}


# Where a policy lists the values that it accepts, and may list another.
_EXTENSIBLE = (OperatorType.STRING, OperatorType.ARN, OperatorType.IP_ADDRESS)

# What ranks behind a plain change: a call with other values than the request has, an exception for one caller.
_OTHERWISE, _EXCEPTION = 1, 2


class PolicyChange(Record, slots=False):
    """An edit of a policy; `cost` says what else it does, where that is known beforehand."""

    title: str
    policy: Policy
    edit: Edit
    count: int
    cost: str = ""
    rank: int = 0


class NewPolicy(Record, slots=False):
    """A policy that has to be made, in a layer that has none."""

    title: str
    layer: Layer
    document: Any
    resource: str
    cost: str = ""
    rank: int = 0


class ContextChange(Record, slots=False):
    """Something that the caller, not a policy, has to change."""

    title: str
    key: str
    value: str | tuple[str, ...] | None
    cost: str = ""
    rank: int = 0


Candidate = PolicyChange | NewPolicy | ContextChange


class Denial(Record, slots=False):
    """A denied check with its layers: what candidates are made from."""

    step: Step
    decision: Decision
    layers: tuple[LayerReport, ...]
    nearest: tuple[StatementReport, ...]

    @property
    def check(self) -> Check:
        """The check that is denied."""
        return self.step.check

    @property
    def layer(self) -> Layer:
        """The layer that is blamed."""
        return self.decision.layer_

    @property
    def blamed(self) -> LayerReport | None:
        """That layer's report."""
        return next((report for report in self.layers if report.layer is self.layer), None)


def candidates(denial: Denial) -> Iterator[Candidate]:
    """Propose changes, the smallest ones first."""
    if denial.decision.effect is Effect.EXPLICIT_DENY:
        yield from _against_deny(denial)
        return
    for report in denial.nearest:
        if len(report.failing) == 1:
            yield from _mend(report, report.failing[0], denial)
    if denial.layer in (Layer.SERVICE, Layer.GRANT, Layer.S3_BPA):
        return
    yield from _new_statement(denial)


# One element of an existing statement


def _mend(report: StatementReport, element: ElementReport, denial: Denial) -> Iterator[Candidate]:
    statement, check = report.traced.statement.statement, denial.check
    if element.element == "Action" and statement.action is not None:
        yield _append(report, "Action", statement.action, check.action.text, f"add {check.action.text} to")
    elif element.element == "Resource" and statement.resource is not None:
        arn = check.resource.text
        yield _append(report, "Resource", statement.resource, arn, f"add {arn} to the resources of")
    elif element.element == "Principal" and statement.principal is not None:
        yield from _add_principal(report, denial)
    elif element.element == "Condition":
        yield from _mend_condition(report, element, denial)


def _append(report: StatementReport, element: str, matcher: Matcher, value: str, title: str) -> PolicyChange:
    path = (*report.path, element)
    count = len(matcher.values.items) if matcher.values.is_list else 1
    return PolicyChange(f"{title} {_name(report)}", report.policy, Edit("append", path, value), count)


def _name(report: StatementReport) -> str:
    return f"statement {report.sid}" if report.sid else f"statement {report.index + 1}"


def _principal_of(check: Check) -> tuple[str, str] | None:
    """Name the caller as a principal entry: its role or user, never just its account."""
    caller = check.principal
    if caller.service:
        return "Service", caller.service
    if caller.is_identity_provider and caller.provider:
        return "Federated", caller.provider
    if caller.is_anonymous:
        return "AWS", "*"
    return ("AWS", caller.policy_arn) if caller.policy_arn else None


def _add_principal(report: StatementReport, denial: Denial) -> Iterator[Candidate]:
    entry, principal = _principal_of(denial.check), report.traced.statement.statement.principal
    if entry is None or principal is None or principal.negated or principal.is_bare:
        return
    kind, name = entry
    listed = dict(principal.entries).get(kind)
    path = (*report.path, "Principal")
    title = f"add {name} to the principals of {_name(report)}"
    if listed is None:
        yield PolicyChange(title, report.policy, Edit("member", path, name, kind), 0)
    else:
        count = len(listed.items) if listed.is_list else 1
        yield PolicyChange(title, report.policy, Edit("append", (*path, kind), name), count)


def _mend_condition(report: StatementReport, element: ElementReport, denial: Denial) -> Iterator[Candidate]:
    wanted = _requirement(report, element)
    if wanted is None:
        return
    value = fulfilling_value(wanted)
    if value is not None:
        yield _context_change(wanted, value, denial)
    given, row = denial.check.value(wanted.lower, wanted.key), wanted.operator.row
    if isinstance(given, str) and not row.negated and row.type in _EXTENSIBLE:
        title = f"accept `{given}` for {wanted.key} in {_name(report)}"
        path = (*report.policy.base, *element.path)
        path = path if len(wanted.texts) != 1 else path[:-1]
        count = len(wanted.texts) if _is_list(report, element) else 1
        yield PolicyChange(title, report.policy, Edit("append", path, given), count)


def _context_change(wanted: Requirement, value: str | tuple[str, ...], denial: Denial) -> ContextChange:
    """Propose a value; one that replaces what the request has is the last resort."""
    replaces = denial.check.value(wanted.lower, wanted.key) is not None
    return ContextChange(_when(wanted.key, value), wanted.key, value, rank=_OTHERWISE if replaces else 0)


def _is_list(report: StatementReport, element: ElementReport) -> bool:
    for block in report.traced.statement.statement.conditions or ():
        for key, values in block.keys:
            if block.operator is not None and block.operator.name == element.operator and key == element.key:
                return values.is_list
    return False


def _requirement(report: StatementReport, element: ElementReport) -> Requirement | None:
    for test in tests_of(report.traced.statement.without_action):
        wanted = test.operand
        if isinstance(wanted, Requirement) and element.path[: len(test.path)] == test.path:
            return wanted
    return None


def _when(key: str, value: str | tuple[str, ...]) -> str:
    shown = ", ".join(value) if isinstance(value, tuple) else value
    if key.lower() == "aws:multifactorauthpresent" and shown == "true":
        return "call with credentials that were issued with MFA"
    return f"make the call with {key} = {shown}"


# A new statement


def _new_statement(denial: Denial) -> Iterator[Candidate]:
    check, report = denial.check, denial.blamed
    policies = _policies_of(denial)
    for statement, title in _statements(denial):
        if not policies:
            kinds = (Layer.RESOURCE, Layer.TRUST, Layer.IDENTITY)
            if denial.layer in kinds and (
                report is None or denial.layer is Layer.IDENTITY or not report.statements
            ):
                document = {"Version": "2012-10-17", "Statement": [statement]}
                yield NewPolicy(title, denial.layer, document, check.resource.text)
            return
        policy = policies[0]
        path = (*policy.base, "Statement")
        count = 1 if policy.document.is_single else len(policy.statements)
        yield PolicyChange(title, policy, Edit("append", path, statement), count)


def _policies_of(denial: Denial) -> tuple[Policy, ...]:
    """The policies of the blamed layer that can be edited; for SCPs those of the level that is silent."""
    attached = denial.step.attached.get(denial.layer)
    if attached is None:
        return ()
    silent = [
        [compiled.policy for compiled in level]
        for level, allows in zip(attached.levels, _allowing_levels(denial, len(attached.levels)), strict=True)
        if not allows
    ]
    return tuple(policy for level in silent for policy in level if policy.name != "access control list")


def _allowing_levels(denial: Denial, count: int) -> tuple[bool, ...]:
    levels = denial.blamed.levels if denial.blamed is not None else ()
    return levels if denial.layer is Layer.SCP and len(levels) == count else (False,) * count


def _statements(denial: Denial) -> Iterator[tuple[dict[str, Any], str]]:
    check, layer = denial.check, denial.layer
    resource_check = denial.step.resource_check or check
    about: dict[str, Any] = {"Effect": "Allow", "Action": check.action.text, "Resource": check.resource.text}
    title = f"allow {check.action.text} on {check.resource.text}"
    if layer not in (Layer.RESOURCE, Layer.TRUST, Layer.ENDPOINT):
        yield about, title
        return
    if layer is Layer.ENDPOINT:
        yield {"Effect": "Allow", "Principal": "*"} | about, title
        return
    about["Resource"] = "*" if check.service == "kms" else resource_check.resource.text
    if layer is Layer.TRUST:
        del about["Resource"]
    for kind, name in _entries(denial):
        principal: Any = "*" if name == "*" else {kind: name}
        yield {"Effect": "Allow", "Principal": principal} | about, f"allow {check.action.text} to {name}"


def _entries(denial: Denial) -> Iterator[tuple[str, str]]:
    """The caller itself, and for KMS also its account: then the caller's own policies decide (KMS-1)."""
    entry = _principal_of(denial.check)
    if entry is not None:
        yield entry
    caller = denial.check.principal
    if denial.check.service == "kms" and caller.is_account_member:
        yield "AWS", f"arn:{caller.partition}:iam::{caller.account}:root"


# A Deny that applies


def _against_deny(denial: Denial) -> Iterator[Candidate]:
    blamed = denial.blamed
    for report in blamed.applying if blamed is not None else ():
        for element in report.elements:
            wanted = _requirement(report, element) if element.element == "Condition" else None
            value = violating_value(wanted) if wanted is not None else None
            if wanted is not None and value is not None:
                yield _context_change(wanted, value, denial)
            yield from _spared(report, element, wanted, denial)
        yield from _exception(report, denial)


def _spared(
    report: StatementReport, element: ElementReport, wanted: Requirement | None, denial: Denial
) -> Iterator[Candidate]:
    """Add the request's own value to what a Deny leaves alone: a negated condition, NotAction, NotResource."""
    statement, check = report.traced.statement.statement, denial.check
    if element.element == "NotAction" and statement.action is not None:
        yield _append(
            report, "NotAction", statement.action, check.action.text, f"leave {check.action.text} out of"
        )
    if element.element == "NotResource" and statement.resource is not None:
        yield _append(
            report, "NotResource", statement.resource, check.resource.text, "leave the resource out of"
        )
    given = check.value(wanted.lower, wanted.key) if wanted is not None else None
    if wanted is None or not wanted.operator.row.negated or not isinstance(given, str):
        return
    path = (*report.policy.base, *element.path)
    path = path if len(wanted.texts) != 1 else path[:-1]
    count = len(wanted.texts) if _is_list(report, element) else 1
    title = f"accept `{given}` for {wanted.key} in {_name(report)}"
    cost = f"the Deny no longer covers {wanted.key} = {given}"
    yield PolicyChange(title, report.policy, Edit("append", path, given), count, cost)


def _exception(report: StatementReport, denial: Denial) -> Iterator[Candidate]:
    """Except the caller from the Deny: a proposal, with its cost."""
    arn = denial.check.principal.policy_arn
    if arn is None or report.layer is Layer.RCP:
        return
    title = f"except {arn} from the Deny in {_name(report)}"
    cost = f"the Deny no longer protects against {arn}"
    blocks = report.traced.statement.statement.conditions
    block = next((one for one in blocks or () if one.name == "ArnNotEquals"), None)
    value: Any = {"aws:PrincipalArn": arn}
    if blocks is None:
        edit = Edit("member", report.path, {"ArnNotEquals": value}, "Condition")
    elif block is None:
        edit = Edit("member", (*report.path, "Condition"), value, "ArnNotEquals")
    else:
        listed = next((values for key, values in block.keys if key.lower() == "aws:principalarn"), None)
        path = (*report.path, "Condition", "ArnNotEquals")
        if listed is None:
            edit = Edit("member", path, arn, "aws:PrincipalArn")
        else:
            key = next(key for key, _ in block.keys if key.lower() == "aws:principalarn")
            count = len(listed.items) if listed.is_list else 1
            yield PolicyChange(
                title, report.policy, Edit("append", (*path, key), arn), count, cost, _EXCEPTION
            )
            return
    yield PolicyChange(title, report.policy, edit, 0, cost, _EXCEPTION)
