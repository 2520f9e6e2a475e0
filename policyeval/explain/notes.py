"""What else should the reader of an answer know? What was assumed, and what is easily misunderstood."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

from policyeval.catalog.rcp_services import AS_OF, RCP_SERVICES, STALE_AFTER_DAYS
from policyeval.decision import Decision, Layer
from policyeval.explain.reports import LayerReport, Verdict
from policyeval.layers import APPLIES, is_role_assumption
from policyeval.matching.conditions import Requirement
from policyeval.operators import SetOperator
from policyeval.plan import Test, tests_of
from policyeval.policy_set import PolicySet
from policyeval.principal import PrincipalKind
from policyeval.records import Record
from policyeval.steps import Step

# 6.3: these keys are present only in requests through a VPC endpoint, in which aws:SourceIp is absent (K-1).
THROUGH_ENDPOINT: Final = (
    "aws:sourcevpce", "aws:sourcevpc", "aws:sourcevpcarn", "aws:vpcsourceip",
    "aws:vpceaccount", "aws:vpceorgid", "aws:vpceorgpaths",
)  # fmt: skip


class Situated(Record):
    """What a note looks at: the deciding step, its layers and the answer."""

    step: Step
    decision: Decision
    layers: tuple[LayerReport, ...]
    policies: PolicySet

    def layer(self, wanted: Layer) -> LayerReport | None:
        """Find a layer's report."""
        return next((report for report in self.layers if report.layer is wanted), None)


def notes(situated: Situated) -> tuple[str, ...]:
    """Collect the notes that apply, in a fixed order."""
    found = [text for note in _NOTES for text in note(situated)]
    return tuple(dict.fromkeys([*found, *situated.step.rules.notes(situated.step.check)]))


def _resource_replaced(situated: Situated) -> Iterator[str]:
    """R-47."""
    check = situated.step.check
    if check.resource is not check.given_resource and check.given_resource.text != "*":
        yield f"{check.action.text} has no resource type: it is evaluated on `*`, not on {check.given_resource.text}"


def _resource_missing(situated: Situated) -> Iterator[str]:
    """R-47: `*` for an action that has resource types."""
    from policyeval.catalog.services import resource_types

    check = situated.step.check
    if check.given_resource.text == "*" and resource_types(check.action.service, check.action.name):
        yield f"warning: {check.action.text} acts on a resource, but the request names none: only `*` entries match"


def _owner_guessed(situated: Situated) -> Iterator[str]:
    """R-43."""
    check = situated.step.check
    resource = situated.layer(Layer.RESOURCE) or situated.layer(Layer.TRUST)
    has_policy = resource is not None and resource.verdict is not Verdict.NOT_PRESENT
    if check.call.owner_is_guessed and (situated.decision.allowed or check.principal.is_root or has_policy):
        mattered = check.principal.is_root or has_policy
        weight = "warning: " if mattered else ""
        yield f"{weight}the resource is taken to belong to the caller's account {check.owner}; give `resource_account`"
    elif (
        check.owner is None and not check.principal.is_account_member and check.service in ("s3", "s3express")
    ):
        yield "the owner of the resource is not known; give `resource_account`"


def _role_path_unknown(situated: Situated) -> Iterator[str]:
    caller = situated.step.check.principal
    if caller.is_unknown_session:
        yield f"the caller stands for any session of {caller.role_arn}"
    elif (
        caller.kind is PrincipalKind.ROLE_SESSION and not caller.role_path_is_known and _reads_role(situated)
    ):
        yield f"aws:PrincipalArn is taken as {caller.policy_arn}; if the role has a path, give `role_arn`"


def _reads_role(situated: Situated) -> bool:
    """Does a statement about the action ask who the role is?"""
    statements = [one.traced.statement for report in situated.layers for one in report.statements]
    return any(
        statement.statement.principal is not None
        or any(
            getattr(test.operand, "lower", "") == "aws:principalarn"
            for test in tests_of(statement.without_action)
        )
        for statement in statements
        if statement.covers_action(situated.step.check)
    )


def _resource_policy_missing(situated: Situated) -> Iterator[str]:
    """UX §1: a key's or a role's policy is needed and was not given."""
    if situated.decision.layer_ not in (Layer.RESOURCE, Layer.TRUST):
        return
    report = situated.layer(situated.decision.layer_)
    if report is not None and report.verdict is Verdict.NOT_PRESENT:
        check = situated.step.check
        what = (
            "the role's trust policy"
            if is_role_assumption(check)
            else f"the {check.service} resource's own policy"
        )
        if situated.step.rules.is_strict(check) and check.service == "kms":
            what = "the key policy"
        yield f"{what} was not given"


def _grants_nothing(situated: Situated) -> Iterator[str]:
    """A layer that limits does not grant."""
    if situated.decision.reason.code in (
        "boundary-no-allow",
        "session-no-allow",
        "scp-no-allow",
        "endpoint-no-allow",
    ):
        yield f"a {situated.decision.layer_.title} grants nothing by itself"


def _silent_deny(situated: Situated) -> Iterator[str]:
    """C-34: a Deny that never fires because the key is multi-valued."""
    for report in situated.layers:
        for statement in report.statements:
            if statement.is_allow or not statement.traced.statement.covers_action(situated.step.check):
                continue
            for test in tests_of(statement.traced.statement.without_action):
                if _lacks_set_operator(test):
                    key = test.operand.key
                    yield (
                        f"warning: the Deny at {statement.place} never fires: `{key}` is multi-valued and the operator "
                        "has no ForAnyValue or ForAllValues"
                    )


def _lacks_set_operator(test: Test) -> bool:
    wanted = test.operand
    if not isinstance(wanted, Requirement) or wanted.multi_valued is not True or wanted.operator.row.is_null:
        return False
    return wanted.operator.set_operator is SetOperator.NONE and wanted.semantics.d7 == "default"


def _rcp_not_supported(situated: Situated) -> Iterator[str]:
    """RCP-4, §11."""
    service = situated.step.check.service
    if situated.policies.rcp and service not in RCP_SERVICES:
        yield f"RCPs do not apply: {service} does not support them (data of {AS_OF.isoformat()})"
        days = float(situated.step.check.time_epoch) / 86400 - (AS_OF - date(1970, 1, 1)).days
        if days > STALE_AFTER_DAYS:
            yield f"warning: the list of services with RCPs is older than {STALE_AFTER_DAYS} days"


def _no_levels(situated: Situated) -> Iterator[str]:
    """SCP-2, and SCPs of another account than the caller's."""
    if situated.policies.scp == ():
        yield "warning: `scp` is an empty list: no SCPs are evaluated"
    caller = situated.step.check.principal
    report = situated.layer(Layer.SCP)
    is_absent = report is not None and report.verdict is Verdict.NOT_PRESENT
    is_exempt = not APPLIES[Layer.SCP](situated.step.check)
    if situated.policies.scp and caller.is_account_member and is_absent and not is_exempt:
        yield f"warning: no SCPs were given for account {caller.account}"


def _ambiguous_tags(situated: Situated) -> Iterator[str]:
    """C-3."""
    context = situated.step.check.context
    for name in context.names():
        if context.is_ambiguous(name.lower()):
            yield f"warning: the request has `{name}` in several letter cases; AWS does not say which one counts"


def _incoherent_network(situated: Situated) -> Iterator[str]:
    """K-1."""
    check = situated.step.check
    is_through = check.call.endpoint is not None or any(key in check.context for key in THROUGH_ENDPOINT)
    if is_through and "aws:sourceip" in check.context:
        yield "warning: a request has aws:SourceIp, or comes through a VPC endpoint (aws:SourceVpce), never both"


_NOTES = (
    _resource_replaced,
    _resource_missing,
    _owner_guessed,
    _role_path_unknown,
    _resource_policy_missing,
    _grants_nothing,
    _silent_deny,
    _rcp_not_supported,
    _no_levels,
    _ambiguous_tags,
    _incoherent_network,
)
