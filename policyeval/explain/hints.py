"""Which well-known trap did the request fall into? One row per trap: when it applies, and what to say.

The rows are also what `policyeval explain CODE` prints; fixtures/explanations/hints.yaml has a case for each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from policyeval.catalog.roles_passed import passes_role
from policyeval.catalog.services import action_names, condition_key_names, key_type
from policyeval.decision import Decision, Layer
from policyeval.diagnostics import did_you_mean
from policyeval.explain.elements import ElementReport
from policyeval.explain.reports import LayerReport, StatementReport, Verdict
from policyeval.operators import SetOperator, parse_operator
from policyeval.records import Record
from policyeval.steps import Step


class Scene(Record):
    """What a hint looks at: the check that decided, the answer, the layers, and the statements in question."""

    step: Step
    decision: Decision
    layers: tuple[LayerReport, ...]
    statements: tuple[StatementReport, ...]
    also: frozenset[str] = frozenset()

    def elements(self, *names: str) -> Iterator[tuple[StatementReport, ElementReport]]:
        """Walk the elements of these names in the statements in question."""
        for report in self.statements:
            for element in report.elements:
                if element.element in names:
                    yield report, element

    def verdict(self, layer: Layer) -> Verdict:
        """What a layer says."""
        return next((one.verdict for one in self.layers if one.layer is layer), Verdict.NOT_PRESENT)


Tell = Callable[[Scene], str | None]


class Hint(Record):
    """A trap: its code, a line that names it, a longer text, and the function that recognises it."""

    code: str
    title: str
    text: str
    tell: Tell


def _bucket_or_objects(scene: Scene) -> str | None:
    for _, element in scene.elements("Resource"):
        entry, actual = element.required, element.actual
        if element.matched or not entry.startswith("arn:aws:s3:::"):
            continue
        if "/" not in entry and actual.startswith(f"{entry}/"):
            return f"`{entry}` is the bucket only; its objects are `{entry}/*`"
        if entry.endswith("/*") and actual == entry.removesuffix("/*"):
            return f"`{entry}` is the objects only; {scene.step.check.action.text} acts on the bucket, `{actual}`"
    return None


def _letter_case(scene: Scene) -> str | None:
    for _, element in scene.elements("Resource", "Condition"):
        differs = not element.matched and element.required != element.actual
        if differs and element.required.lower() == element.actual.lower() and element.entries == 1:
            return f"`{element.required}` and `{element.actual}` differ in letter case, which counts"
    return None


def _pass_role(scene: Scene) -> str | None:
    action = scene.step.check.action
    if passes_role(action.lower) and "iam:passrole" not in scene.also:
        return f"{action.text} with a role also needs iam:PassRole on that role: add it under `also`"
    return None


def _kms_delegation(scene: Scene) -> str | None:
    is_key = scene.step.check.service == "kms" and scene.decision.layer_ is Layer.RESOURCE
    if is_key and not _key_policy_names_caller(scene) and scene.verdict(Layer.IDENTITY) is Verdict.ALLOW:
        return "identity-based policies count for a KMS key only if its key policy allows the account (root ARN) or the caller"
    return None


def _key_policy_names_caller(scene: Scene) -> bool:
    resource = next((one for one in scene.layers if one.layer is Layer.RESOURCE), None)
    return any(
        element.element == "Principal" and element.matched and report.is_allow
        for report in (resource.statements if resource is not None else ())
        for element in report.elements
    )


def _role_or_session(scene: Scene) -> str | None:
    for _, element in scene.elements("Condition"):
        is_arn = (element.key or "").lower() == "aws:principalarn"
        if is_arn and not element.matched and ":assumed-role/" in element.required:
            return f"aws:PrincipalArn of a session is the role's ARN, `{element.actual}`, never the session's"
    for _, element in scene.elements("Principal"):
        if not element.matched and ":iam::" in element.required and ":assumed-role/" in element.required:
            return f"a session's ARN is of `sts`, not `iam`: write `{element.required.replace(':iam::', ':sts::')}`"
    return None


def _for_all_values(scene: Scene) -> str | None:
    for report, element in scene.elements("Condition"):
        operator = parse_operator(element.operator or "")
        is_set = operator is not None and operator.set_operator is SetOperator.FOR_ALL_VALUES
        if is_set and element.matched and element.actual == "absent":
            what = "the Deny fires" if not report.is_allow else "the Allow grants"
            return f"{element.operator} holds because `{element.key}` is absent: {what}; add Null {{{element.key}: false}}"
    return None


def _equals_with_wildcard(scene: Scene) -> str | None:
    for _, element in scene.elements("Condition"):
        operator = parse_operator(element.operator or "")
        literal = operator is not None and operator.row.name in ("StringEquals", "StringNotEquals")
        if literal and any(sign in element.required for sign in "*?") and "${" not in element.required:
            like = (element.operator or "").replace("Equals", "Like")
            return f"{element.operator} takes `{element.required}` literally; wildcards need {like}"
    return None


def _variables_2008(scene: Scene) -> str | None:
    for report, element in scene.elements("Resource", "NotResource", "Condition"):
        version = report.policy.document.version
        if "${" in element.required and version != "2012-10-17":
            return f"`{element.required}` is plain text: variables need Version 2012-10-17, the policy has {version or 'none'}"
    return None


def _filter_never_grants(scene: Scene) -> str | None:
    if scene.decision.reason.code != "identity-no-allow":
        return None
    for layer in (Layer.SCP, Layer.BOUNDARY):
        if scene.verdict(layer) is Verdict.ALLOW:
            return f"the {layer.title} allows it, but it grants nothing: an identity-based policy must allow it, too"
    return None


def _source_ip_behind_endpoint(scene: Scene) -> str | None:
    check = scene.step.check
    for _, element in scene.elements("Condition"):
        is_ip = (element.key or "").lower() == "aws:sourceip" and element.actual == "absent"
        if is_ip and (check.value("aws:sourcevpce") or check.value("aws:sourcevpc")):
            return (
                "requests through a VPC endpoint have no aws:SourceIp: test aws:VpcSourceIp or aws:SourceVpce"
            )
    return None


def _bool_absent(scene: Scene) -> str | None:
    for _, element in scene.elements("Condition"):
        if element.operator == "Bool" and element.actual == "absent" and not element.matched:
            return f"`Bool` never holds when `{element.key}` is absent, as with long-term keys; `BoolIfExists` does"
    return None


def _unknown_action(scene: Scene) -> str | None:
    action = scene.step.check.action
    known = action_names(action.service)
    if not known or action.name in {name.lower() for name in known}:
        return None
    near = did_you_mean(action.name, known)
    return f"the request asks for `{action.text}`, which {action.service} does not have" + (
        f"; did you mean `{action.service}:{near}`?" if near else ""
    )


def _action_typo(scene: Scene) -> str | None:
    for _, element in scene.elements("Action"):
        service, _, name = element.required.partition(":")
        known = action_names(service.lower())
        if element.matched or not known or not name or "*" in name or "?" in name:
            continue
        if name.lower() not in {one.lower() for one in known}:
            near = did_you_mean(name.strip(), known)
            return f"{service} has no action `{name}`" + (
                f"; did you mean `{service}:{near}`?" if near else ""
            )
    return None


def _key_typo(scene: Scene) -> str | None:
    for _, element in scene.elements("Condition"):
        key = element.key or ""
        if element.actual == "absent" and key and key_type(key.lower()) is None:
            near = did_you_mean(key, condition_key_names(key.partition(":")[0].lower()))
            return f"`{key}` is no known condition key" + (f"; did you mean `{near}`?" if near else "")
    return None


def _both_sides(scene: Scene) -> str | None:
    check = scene.step.check
    if check.is_same_account or not check.principal.is_account_member or check.owner is None:
        return None
    if scene.decision.reason.code in ("identity-no-allow", "resource-no-allow", "trust-no-allow"):
        return f"across accounts both sides must allow: account {check.principal.account} and account {check.owner}"
    return None


# fmt: off
HINTS: tuple[Hint, ...] = (
    Hint("bucket-or-objects", "the bucket's ARN is not that of its objects",
         "s3:ListBucket and other bucket actions act on `arn:aws:s3:::bucket`, s3:GetObject and other object actions on `arn:aws:s3:::bucket/key`. Neither ARN matches the other (rule R-42).", _bucket_or_objects),
    Hint("letter-case", "values are compared with letter case",
         "Actions and the names of condition keys are compared in any case; resources and condition values exactly (rule R-5, C-50).", _letter_case),
    Hint("pass-role", "a service that is given a role needs iam:PassRole",
         "Calls that hand a role to a service are checked twice: the call itself, and iam:PassRole on the role. Put the second check under `also` of the request (rule A-13, PR-1).", _pass_role),
    Hint("kms-delegation", "a KMS key policy must let IAM policies count",
         "Every KMS key has a key policy. Identity-based policies have an effect on the key only if the key policy allows the account, by its root ARN (rule KMS-1 to KMS-3).", _kms_delegation),
    Hint("role-or-session", "a role's ARN is not that of its sessions",
         "A role never calls; its sessions do, as `arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION`. aws:PrincipalArn is the role's ARN all the same (rule 4.1, 6.1).", _role_or_session),
    Hint("for-all-values", "ForAllValues holds when the key is absent",
         "ForAllValues asks that every value passes: without any value there is nothing that fails. Add a Null condition that requires the key (rule C-30).", _for_all_values),
    Hint("equals-with-wildcard", "StringEquals takes * and ? literally",
         "Wildcards work in StringLike and StringNotLike, and in the Arn operators (rule C-50, C-52).", _equals_with_wildcard),
    Hint("variables-2008", "variables need Version 2012-10-17",
         "Under Version 2008-10-17, or without Version, `${aws:username}` is plain text that matches nothing (rule L-22).", _variables_2008),
    Hint("filter-never-grants", "SCPs and boundaries grant nothing",
         "Service control policies and permissions boundaries limit what other policies grant. Something else must allow the action (rule SCP-3, PB-1).", _filter_never_grants),
    Hint("source-ip-behind-endpoint", "aws:SourceIp is absent behind a VPC endpoint",
         "A request that comes through a VPC endpoint carries aws:VpcSourceIp, aws:SourceVpc and aws:SourceVpce instead (rule 6.3).", _source_ip_behind_endpoint),
    Hint("bool-absent", "Bool never holds for an absent key",
         "Long-term access keys carry no aws:MultiFactorAuthPresent, so `Bool … false` does not hold for them. Use BoolIfExists (rule C-12).", _bool_absent),
    Hint("unknown-action", "the request asks for an action that does not exist",
         "The name of the permission may differ from that of the API call: HeadObject needs s3:GetObject (rule A-12). The data of services may also be older than the action.", _unknown_action),
    Hint("action-typo", "an action that the service does not have",
         "IAM stores unknown actions; they match nothing (rule A-11).", _action_typo),
    Hint("key-typo", "a condition key that nobody knows",
         "Unknown keys are never in a request: positive operators never hold, negated ones always do (rule C-7).", _key_typo),
    Hint("both-sides", "across accounts both accounts must allow",
         "A call from another account needs an Allow in the caller's own policies and one in the resource's policy; neither is enough (rule 7.4).", _both_sides),
)
# fmt: on


def hints(scene: Scene) -> tuple[tuple[str, str], ...]:
    """Give code and words of every hint that applies, in the order of the table."""
    told = ((hint.code, hint.tell(scene)) for hint in HINTS)
    return tuple((code, words) for code, words in told if words is not None)
