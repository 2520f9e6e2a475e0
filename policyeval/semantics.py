"""Which disputed points of AWS's behaviour can be chosen? (SEMANTICS §10, DESIGN §6)

Every field has the default of the specification; no other switch changes a decision.
"""

from __future__ import annotations

from collections.abc import Mapping

from policyeval.diagnostics import did_you_mean
from policyeval.errors import UsageError
from policyeval.records import Record


class Semantics(Record):
    """The chosen reading of each disputed point; every value is one of CHOICES."""

    notprincipal_chain: str = "all"
    malformed: str = "fail-closed"
    null_empty_string: str = "absent"
    null_with_set_operator: str = "compose"
    strict_resource_type: str = "false"
    lambda_url_legacy: str = "false"
    d1: str = "default"
    d2: str = "default"
    d4: str = "default"
    d5: str = "default"
    d6: str = "default"
    d7: str = "default"
    d11: str = "default"
    d14: str = "default"
    d15: str = "default"
    d16: str = "default"
    d18: str = "default"
    d20: str = "default"
    d21: str = "default"

    def to_dict(self) -> dict[str, str]:
        """Give the options by name."""
        return {name: getattr(self, name) for name in CHOICES}

    @classmethod
    def from_dict(cls, options: Mapping[str, object]) -> Semantics:
        """Read options by name.

        Raises UsageError for an unknown name or value.
        """
        return cls(**{name: _checked(name, value) for name, value in options.items()})


_PEER = ("default", "peer")

# fmt: off
# option → (its values, what it decides)
CHOICES: dict[str, tuple[tuple[str, ...], str]] = {
    "notprincipal_chain":     (("all", "any"), "P-22, D-3: a Deny with NotPrincipal exempts a caller whose whole chain, or any part, is listed"),
    "malformed":              (("fail-closed", "false-condition"), "C-18, D-17: a malformed value in a Deny closes the answer, or only makes its condition false"),
    "null_empty_string":      (("absent", "present"), "C-41, D-9: is a key whose value is an empty string absent for Null?"),
    "null_with_set_operator": (("compose", "constant"), "C-44, D-8: ForAllValues:Null composes, or is always true (ForAnyValue:Null: false)"),
    "strict_resource_type":   (("false", "true"), "R-6: a wildcard before the first `/` or `:` of the resource part is literal"),
    "lambda_url_legacy":      (("false", "true"), "LAM-6: function URLs need lambda:InvokeFunctionUrl only"),
    "d1":  (_PEER, "D-1: a session policy limits a resource-based grant to the session (peer)"),
    "d2":  (_PEER, "D-2: an unresolved variable makes a negated operator false, too (peer)"),
    "d4":  (_PEER, "D-4: an unresolved variable in NotResource keeps the statement from applying (peer)"),
    "d5":  (_PEER, "D-5: s3:ListAllMyBuckets is matched by `*` only (peer)"),
    "d6":  (_PEER, "D-6: ForAnyValue:…IfExists is false for an absent key (peer)"),
    "d7":  (_PEER, "D-7: a multi-valued key without a set operator matches if any value does (peer)"),
    "d11": (_PEER, "D-11: epoch values are milliseconds (peer)"),
    "d14": (_PEER, "D-14: a boundary does not limit a user whom the trust policy names (peer)"),
    "d15": (_PEER, "D-15: variables are resolved under Version 2008-10-17, too (peer)"),
    "d16": (_PEER, "D-16: ArnLike with a bare `*` matches nothing (peer)"),
    "d18": (_PEER, "D-18: an empty string counts as a value for ForAllValues (peer)"),
    "d20": (_PEER, "D-20: API Gateway with Cognito allows when the resource policy is silent (peer)"),
    "d21": (_PEER, "D-21: a policy without Version is read as 2012-10-17 (peer)"),
}
# fmt: on


def _checked(name: str, value: object) -> str:
    if name not in CHOICES:
        near = did_you_mean(name, list(CHOICES))
        help = f"did you mean `{near}`?" if near else "the options are " + ", ".join(CHOICES)
        raise UsageError(f"unknown semantics option `{name}`", help=help)
    text = str(value).lower() if isinstance(value, bool) else str(value)
    if text not in CHOICES[name][0]:
        raise UsageError(f"`{name}` cannot be `{text}`", help=f"it is one of {', '.join(CHOICES[name][0])}")
    return text
