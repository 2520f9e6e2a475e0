"""Statements and layers: what applies, what it says (SEMANTICS 0.3, 2, 3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .calls import Call
from .conditions import FALSE, MALFORMED, TRUE, condition_part
from .documents import Document, as_list, matches_all_actions
from .principals import ANY, bindings, excluded, gateway_bindings
from .text import ALL_STARS, glob, raw, resolve, split_arn

ALLOW, DENY, IMPLICIT, ABSENT = "allow", "deny", "implicit", "absent"


@dataclass(frozen=True)
class Verdict:
    """What a layer says, with the bindings of its Allow statements, and whether C-18 fired."""

    state: str
    bindings: frozenset[str] = frozenset()
    invalid: bool = False

    @property
    def ok(self) -> bool:
        """7.2: absent or allowing."""
        return self.state in (ABSENT, ALLOW)


NOT_PRESENT = Verdict(ABSENT)


def judge(documents: list[Document] | None, call: Call) -> Verdict:
    """E-2, E-3: explicit deny, else allow, else nothing."""
    if documents is None:
        return NOT_PRESENT
    state, found, invalid = IMPLICIT, set[str](), False
    for document in documents:
        for statement in document.statements:
            result, how = applies(statement, document, call)
            if statement["Effect"] == "Deny":
                invalid = invalid or result == MALFORMED
                state = DENY if result == TRUE else state
            elif result == TRUE:
                state = ALLOW if state == IMPLICIT else state
                found |= how
    return Verdict(state, frozenset(found), invalid)


def judge_levels(levels: list[list[Document]] | None, call: Call) -> Verdict:
    """SCP-1: every level must allow; a Deny at any level is final."""
    if not levels:
        return NOT_PRESENT
    verdicts = [judge(level, call) for level in levels]
    invalid = any(verdict.invalid for verdict in verdicts)
    if any(verdict.state == DENY for verdict in verdicts):
        return Verdict(DENY, invalid=invalid)
    allowed = all(verdict.state == ALLOW for verdict in verdicts)
    return Verdict(ALLOW if allowed else IMPLICIT, invalid=invalid)


def applies(statement: dict[str, Any], document: Document, call: Call) -> tuple[str, set[str]]:
    """E-1: principal, action, resource and condition parts together."""
    how = principal_part(statement, document.kind, call)
    if not how or not action_part(statement, call.action) or not resource_part(statement, document, call):
        return FALSE, set()
    variables = document.variables(call.semantics)
    result = condition_part(statement.get("Condition"), call.context.lookup, variables, call.semantics)
    return result, how


# ---------------------------------------------------------------- principal


def principal_part(statement: dict[str, Any], kind: str, call: Call) -> set[str]:
    """4, L-40: the bindings by which the statement is about the caller; empty when it is not."""
    if kind not in ("resource", "trust", "endpoint"):
        return {ANY}
    services = call.context.lookup("aws:PrincipalServiceNamesList")
    effect = statement["Effect"]
    if "NotPrincipal" in statement:
        if effect == "Deny" and bounded(call):
            return {ANY}  # P-23
        out = excluded(statement["NotPrincipal"], call.caller, call.action, services, effect, call.semantics)
        return set() if out else {ANY}
    if "Principal" not in statement:
        return set()
    if kind == "endpoint" and is_gateway(call):
        return gateway_bindings(statement["Principal"], call.caller, call.action, services, effect)
    return bindings(statement["Principal"], call.caller, call.action, services)


def bounded(call: Call) -> bool:
    """P-23: an IAM user or role with a boundary attached."""
    kinds = ("user", "role-session")
    return call.caller.kind in kinds and call.caller.has_policies and call.policies.boundary is not None


def is_gateway(call: Call) -> bool:
    """VPCE-2: unknown means gateway for S3 and DynamoDB."""
    if call.endpoint_type is not None:
        return call.endpoint_type == "gateway"
    return call.service in ("s3", "dynamodb")


# ---------------------------------------------------------------- action


def action_part(statement: dict[str, Any], action: str) -> bool:
    """A-8, L-14: any entry of Action, none of NotAction."""
    if "Action" in statement:
        return any(action_matches(entry, action) for entry in as_list(statement["Action"]))
    return not any(action_matches(entry, action) for entry in as_list(statement["NotAction"]))


def action_matches(entry: str, action: str) -> bool:
    """A-1 to A-7, A-10: one entry against the request's action."""
    if matches_all_actions(entry):
        return True
    if entry.count(":") != 1:
        return False
    prefix, _, name = entry.lower().partition(":")
    service, _, wanted = action.lower().partition(":")
    if name == "" or any(character.isspace() for character in name):
        return False
    return prefix == service and glob(raw(name), wanted)


# ---------------------------------------------------------------- resource


def resource_part(statement: dict[str, Any], document: Document, call: Call) -> bool:
    """R-20, L-14, L-41: any entry of Resource, none of NotResource."""
    if "Resource" in statement:
        return any(resource_matches(entry, document, call) for entry in as_list(statement["Resource"]))
    if "NotResource" not in statement:
        return document.kind != "endpoint"
    entries = as_list(statement["NotResource"])
    if call.semantics.d4 == "peer" and any(unresolved(entry, document, call) for entry in entries):
        return False
    return not any(resource_matches(entry, document, call) for entry in entries)


def unresolved(entry: str, document: Document, call: Call) -> bool:
    """R-22: the entry holds a variable without value."""
    text = entry.split(":", 5)[-1]
    return resolve(text, call.context.lookup, document.variables(call.semantics)) is None


def resource_matches(entry: str, document: Document, call: Call) -> bool:
    """3.1, 3.4, 3.5: one entry against the request's resource."""
    if ALL_STARS.match(entry):
        return True
    own = document.kind in ("resource", "trust", "rcp")
    resource = call.own_resource if own else call.resource
    if resource == "*":
        return every_bucket(entry, document, call)
    wanted = split_arn(resource)
    if wanted is None:
        return False
    if document.kind == "resource" and entry.startswith("execute-api:/"):
        return short_form(entry, wanted, document, call)
    parts = padded(entry, document.kind)
    if parts is None:
        return False
    for pattern, part in zip(parts[1:5], wanted[1:5], strict=True):
        if not glob(raw(pattern.lower()), part.lower()):
            return False
    return tail_matches(parts[5], wanted[5], document, call)


def every_bucket(entry: str, document: Document, call: Call) -> bool:
    """R-40, D-5: a resource-less action matches `*` only; s3:ListAllMyBuckets also every bucket."""
    if call.action.lower() != "s3:listallmybuckets" or call.semantics.d5 != "default":
        return False
    parts = padded(entry, document.kind)
    if parts is None:
        return False
    tail = resolve(parts[5], call.context.lookup, document.variables(call.semantics))
    if not tail or any(unit != ("*", True) for unit in tail):
        return False
    return all(glob(raw(parts[place].lower()), part) for place, part in ((2, "s3"), (3, ""), (4, "")))


def tail_matches(pattern: str, part: str, document: Document, call: Call) -> bool:
    """R-3, R-5, R-6, R-31, R-33: the resource part is one case-sensitive pattern."""
    units = resolve(pattern, call.context.lookup, document.variables(call.semantics))
    if units is None:
        return False
    if call.semantics.strict_resource_type and not ALL_STARS.match(pattern):
        for index, (character, _) in enumerate(units):
            if character in "/:":
                break
            units[index] = (character, False)
    return glob(units, part)


def padded(entry: str, kind: str) -> list[str] | None:
    """R-9, R-10: a short ARN by policy type; None when the entry matches nothing."""
    if not entry.startswith("arn:"):
        return None
    parts = entry.split(":", 5)
    if len(parts) == 6:
        return parts
    if kind == "rcp" or (kind == "scp" and not parts[-1].endswith("*")):
        return None
    if kind in ("resource", "endpoint") and "*" not in entry:
        return None
    return parts + ["*"] * (6 - len(parts))


def short_form(entry: str, wanted: list[str], document: Document, call: Call) -> bool:
    """APIGW-7: `execute-api:/stage/METHOD/path` stands for this API."""
    if wanted[2] != "execute-api" or "/" not in wanted[5]:
        return False
    units = resolve(
        entry.removeprefix("execute-api:/"), call.context.lookup, document.variables(call.semantics)
    )
    return units is not None and glob(units, wanted[5].partition("/")[2])
