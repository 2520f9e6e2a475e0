"""KMS grants (SEMANTICS KMS-5, KMS-6)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .calls import Call
from .principals import ACCOUNT, PARENT_USER, ROLE, ROOT, aws_binding, service_binding
from .text import lower_words, same_case, split_arn

OPERATIONS = lower_words(
    """
    Decrypt Encrypt GenerateDataKey GenerateDataKeyWithoutPlaintext GenerateDataKeyPair
    GenerateDataKeyPairWithoutPlaintext ReEncryptFrom ReEncryptTo CreateGrant RetireGrant DescribeKey Sign
    Verify GetPublicKey GenerateMac VerifyMac DeriveSharedSecret Encapsulate Decapsulate
    """
)


def grants(call: Call) -> list[dict[str, Any]]:
    """The grants on the key of this call."""
    listed = (call.policies.settings.get("kms") or {}).get("grants") or []
    return [grant for grant in listed if same_case(str(grant.get("key"))) == call.resource]


def permitted(call: Call, identity_ok: bool, limits_ok: bool) -> bool:
    """KMS-5: one of the grants allows the call."""
    return any(grant_permits(grant, call, identity_ok, limits_ok) for grant in grants(call))


def grant_permits(grant: dict[str, Any], call: Call, identity_ok: bool, limits_ok: bool) -> bool:
    """KMS-5: grantee, operation and constraints fit, and what limits this kind of grantee allows."""
    how = names_caller(grant.get("grantee"), call)
    operations = {str(each).lower() for each in grant.get("operations") or []} & OPERATIONS
    if how is None or call.name not in operations:
        return False
    constraints = grant.get("constraints") or {}
    if not all(name in CHECKS and CHECKS[name](value, call) for name, value in constraints.items()):
        return False
    if call.name == "creategrant" and not narrower(grant, operations, call):
        return False
    if how in (ACCOUNT, ROOT):
        return identity_ok and limits_ok
    return limits_ok if how in (ROLE, PARENT_USER) else True


def names_caller(name: Any, call: Call) -> str | None:
    """KMS-5: the grantee or retiring principal is the caller."""
    if not isinstance(name, str) or "*" in name:
        return None
    if name.startswith("arn:") or name.isdigit():
        return aws_binding(name, call.caller)
    return service_binding(name, call.caller, call.context.lookup("aws:PrincipalServiceNamesList"))


def encryption_context(call: Call) -> dict[str, str]:
    """KMS-9: the pairs that the request carries."""
    return dict(call.context.tails("kms:EncryptionContext:"))


def pairs(value: Any) -> dict[str, str]:
    """A constraint's pairs as text."""
    return {str(key): str(each) for key, each in value.items()} if isinstance(value, dict) else {}


def context_equals(value: Any, call: Call) -> bool:
    """KMS-5: the same pairs; not asked of DescribeKey and RetireGrant."""
    return call.name in ("describekey", "retiregrant") or encryption_context(call) == pairs(value)


def context_subset(value: Any, call: Call) -> bool:
    """KMS-5: at least these pairs; not asked of DescribeKey and RetireGrant."""
    if call.name in ("describekey", "retiregrant"):
        return True
    return set(pairs(value).items()) <= set(encryption_context(call).items())


def source_arn(value: Any, call: Call) -> bool:
    """KMS-5: the request carries that aws:SourceArn."""
    given = call.context.lookup("aws:SourceArn")
    return given is not None and given == value


CHECKS: dict[str, Callable[[Any, Call], bool]] = {
    "EncryptionContextEquals": context_equals,
    "EncryptionContextSubset": context_subset,
    "SourceArn": source_arn,
}


def narrower(grant: dict[str, Any], operations: set[str], call: Call) -> bool:
    """KMS-5: CreateGrant through a grant gives on only what it holds, constrained at least as much."""
    asked = call.context.lookup("kms:GrantOperations")
    if not isinstance(asked, list) or not asked or not {each.lower() for each in asked} <= operations:
        return False
    kind = call.context.lookup("kms:GrantConstraintType")
    constraints = grant.get("constraints") or {}
    if "EncryptionContextEquals" in constraints:
        return kind == "EncryptionContextEquals"
    if "EncryptionContextSubset" in constraints:
        return kind in ("EncryptionContextEquals", "EncryptionContextSubset")
    return True


def may_retire(call: Call) -> bool:
    """KMS-6: retiring principal, grantee with RetireGrant, or root of the key's account."""
    if call.caller.kind == "root" and call.same_account and split_arn(call.resource) is not None:
        return True
    if any(names_caller(grant.get("retiring_principal"), call) is not None for grant in grants(call)):
        return True
    return permitted(call, identity_ok=True, limits_ok=True)
