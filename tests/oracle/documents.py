"""Policy documents: reading them, and refusing what AWS refuses (SEMANTICS 0.4, 1, R-9 to R-11)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .errors import require
from .semantics import Semantics
from .text import ALL_STARS, scalar_text, words

VERSIONS = ("2012-10-17", "2008-10-17")
ELEMENTS = (
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
)
PRINCIPAL_TYPES = ("AWS", "Federated", "Service", "CanonicalUser")
IDENTITY_LIKE = ("identity", "boundary", "session")
IAM_MANAGED = ("identity", "boundary", "session", "trust")
PARTITIONS = (
    "aws",
    "aws-cn",
    "aws-us-gov",
    "aws-iso",
    "aws-iso-b",
    "aws-iso-e",
    "aws-iso-f",
    "aws-eusc",
)
IAM_RESOURCES = words(
    "user/ federated-user/ role/ group/ instance-profile/ mfa/ server-certificate/ policy/ "
    "sms-mfa/ saml-provider/ oidc-provider/ report/ access-report/ role-template/"
)
BASES = {
    name.lower(): name
    for name in words("""
    StringEquals StringNotEquals StringEqualsIgnoreCase StringNotEqualsIgnoreCase StringLike StringNotLike
    NumericEquals NumericNotEquals NumericLessThan NumericLessThanEquals NumericGreaterThan
    NumericGreaterThanEquals DateEquals DateNotEquals DateLessThan DateLessThanEquals DateGreaterThan
    DateGreaterThanEquals Bool BinaryEquals IpAddress NotIpAddress ArnEquals ArnLike ArnNotEquals ArnNotLike
    Null
    """)
}


ARN_BASES = ("ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike")
DEFAULTS = Semantics()


@dataclass(frozen=True)
class Document:
    """One policy document of a known type."""

    kind: str
    body: dict[str, Any]

    def variables(self, semantics: Semantics = DEFAULTS) -> bool:
        """L-21, L-22, L-24, D-15, D-21: variables are resolved under 2012-10-17 only."""
        current = self.kind in ("scp", "rcp") or semantics.d21 == "peer"
        version = self.body.get("Version", "2012-10-17" if current else "2008-10-17")
        return bool(version == "2012-10-17") or semantics.d15 == "peer"

    @property
    def statements(self) -> list[dict[str, Any]]:
        """L-8: a bare statement is a list of one."""
        return as_list(self.body["Statement"])


def as_list(value: Any) -> list[Any]:
    """L-8: a scalar is a list of one."""
    return value if isinstance(value, list) else [value]


# ---------------------------------------------------------------- structural errors


def check_structure(document: Document) -> None:
    """0.4: the errors that always raise."""
    body = document.body
    require(isinstance(body, dict), "a policy is not an object")
    refuse_null(body)
    for key in body:
        require(key in ("Version", "Id", "Statement"), f"unknown policy element `{key}`")  # L-1
    if "Version" in body:
        require(body["Version"] in VERSIONS, f"unknown version `{body['Version']}`")  # L-20
    require(isinstance(body.get("Id", ""), str), "`Id` is not a string")
    require("Statement" in body, "missing `Statement`")  # L-5
    require(isinstance(body["Statement"], (dict, list)), "`Statement` is neither object nor array")
    require(len(document.statements) > 0 and body["Statement"] != [], "empty `Statement`")
    for statement in document.statements:
        require(isinstance(statement, dict), "a statement is not an object")
        check_statement(statement)
        check_elements(statement, document.kind)


def refuse_null(value: Any) -> None:
    """L-12: null stands nowhere."""
    require(value is not None, "null is not a value")
    if isinstance(value, dict):
        for each in value.values():
            refuse_null(each)
    if isinstance(value, list):
        for each in value:
            refuse_null(each)


def check_statement(statement: dict[str, Any]) -> None:
    """L-2, L-4, L-6, L-7, A-4, C-6, C-38, C-43 and the JSON types."""
    for key in statement:
        require(key in ELEMENTS, f"unknown statement element `{key}`")
    require(isinstance(statement.get("Sid", ""), str), "`Sid` is not a string")
    effect = statement.get("Effect")
    require(isinstance(effect, str) and effect in ("Allow", "Deny"), f"`Effect` is `{effect}`")
    require(
        ("Action" in statement) != ("NotAction" in statement), "one of `Action` and `NotAction` is needed"
    )
    require(not ("Resource" in statement and "NotResource" in statement), "`Resource` beside `NotResource`")
    require(
        not ("Principal" in statement and "NotPrincipal" in statement), "`Principal` beside `NotPrincipal`"
    )
    for element in ("Action", "NotAction", "Resource", "NotResource"):
        if element in statement:
            require_strings(statement[element], element)
    for action in actions_of(statement):
        check_action_prefix(action)
    for element in ("Principal", "NotPrincipal"):
        if element in statement:
            check_principal(statement[element], element)
    if "Condition" in statement:
        check_condition(statement["Condition"])


def require_strings(value: Any, element: str) -> None:
    """Refuse anything but a string or an array of strings."""
    for each in as_list(value):
        require(isinstance(each, str), f"`{element}` holds something else than strings")


def actions_of(statement: dict[str, Any]) -> list[str]:
    """The entries of Action or NotAction."""
    return as_list(statement.get("Action", statement.get("NotAction", [])))


def resources_of(statement: dict[str, Any]) -> list[str]:
    """The entries of Resource or NotResource."""
    return as_list(statement.get("Resource", statement.get("NotResource", [])))


def matches_all_actions(action: str) -> bool:
    """A-3, A-4: `*`, `**` and `*:*`."""
    return action == "*:*" or ALL_STARS.match(action) is not None


def check_action_prefix(action: str) -> None:
    """A-4: no wildcard in the prefix."""
    if matches_all_actions(action) or ":" not in action:
        return
    prefix = action.partition(":")[0]
    require("*" not in prefix and "?" not in prefix, f"wildcard in the prefix of `{action}`")


def check_principal(value: Any, element: str) -> None:
    """0.4: `"*"` or an object of known principal types."""
    if value == "*":
        return
    require(isinstance(value, dict), f'`{element}` is neither "*" nor an object')
    for kind, entries in value.items():
        require(kind in PRINCIPAL_TYPES, f"unknown principal type `{kind}`")
        require_strings(entries, element)


def split_operator(name: str) -> tuple[str | None, str | None, bool]:
    """C-5, C-38: the set operator, the base (None when unknown) and IfExists."""
    quantifier, rest = None, name.lower()
    if ":" in rest:
        before, _, rest = rest.partition(":")
        quantifier = {"forallvalues": "all", "foranyvalue": "any"}.get(before)
        if quantifier is None:
            return None, None, False
    if_exists = rest.endswith("ifexists")
    base = BASES.get(rest.removesuffix("ifexists"))
    return quantifier, base, if_exists


def check_condition(condition: Any) -> None:
    """C-6, C-38, C-43, L-16 and the JSON types."""
    require(isinstance(condition, dict), "`Condition` is not an object")
    for operator, keys in condition.items():
        require(isinstance(keys, dict), f"`{operator}` holds no object")
        if not keys:
            continue
        _, base, if_exists = split_operator(operator)
        require(base is not None, f"unknown condition operator `{operator}`")
        require(not (base == "Null" and if_exists), "`Null` has no IfExists")
        for values in keys.values():
            for value in as_list(values):
                require(scalar_text(value) is not None, "a condition value is no scalar")


def check_elements(statement: dict[str, Any], kind: str) -> None:
    """1.4: the elements that a policy type requires or forbids."""
    has_resource = "Resource" in statement or "NotResource" in statement
    has_principal = "Principal" in statement or "NotPrincipal" in statement
    if kind in (*IDENTITY_LIKE, "scp"):
        require(not has_principal, f"a principal in a policy of type {kind}")
    if kind in (*IDENTITY_LIKE, "scp", "rcp"):
        require(has_resource, "missing `Resource`")
    if kind == "trust":
        require("Principal" in statement, "a trust policy needs `Principal`")
        require(not has_resource, "a trust policy has no `Resource`")
    if kind == "rcp":
        require(statement.get("Principal") == "*", 'an RCP needs `Principal: "*"`')
        require("Action" in statement, "an RCP has no `NotAction`")
        require(statement["Effect"] == "Deny" or is_full_access(statement), "an RCP only denies")


def is_full_access(statement: dict[str, Any]) -> bool:
    """RCP-2: the statement of RCPFullAWSAccess."""
    rest = {key: as_list(value) for key, value in statement.items() if key != "Sid"}
    return rest == {"Effect": ["Allow"], "Principal": ["*"], "Action": ["*"], "Resource": ["*"]}
