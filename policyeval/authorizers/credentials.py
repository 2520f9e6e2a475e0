"""Which calls are impossible with which temporary credentials? (SEMANTICS ST-2)

AWS: id_credentials_temp_request, the table that compares the STS operations.
"""

from __future__ import annotations

from policyeval.principal import PrincipalKind
from policyeval.request_context import Check

_SESSION_TOKEN_STS = {"assumerole", "getcalleridentity", "tagsession", "setsourceidentity", "setcontext"}


def refused_to_credentials(check: Check) -> str | None:
    """Say why the caller's kind of credentials cannot make an STS or IAM call at all; None when it can."""
    caller, name = check.principal, check.action.name
    if check.action.lower == "iam:passrole":
        return None  # PR-1: a permission that services check, no API
    if caller.kind is PrincipalKind.FEDERATED_USER:
        if check.service == "iam" or name != "getcalleridentity":
            return "sessions of sts:GetFederationToken call no IAM API, and of STS only GetCallerIdentity"
        return None
    if caller.session_token:
        return _refused_to_session_token(check)
    is_role_call = check.service == "sts" and caller.kind is PrincipalKind.ROLE_SESSION
    if is_role_call and name in ("getsessiontoken", "getfederationtoken"):
        return f"role sessions cannot call {check.action.text}"
    return None


def _refused_to_session_token(check: Check) -> str | None:
    if check.service == "sts" and check.action.name not in _SESSION_TOKEN_STS:
        return "sessions of sts:GetSessionToken call only AssumeRole and GetCallerIdentity of STS"
    if check.service == "iam" and str(check.value("aws:multifactorauthpresent")).lower() != "true":
        return "sessions of sts:GetSessionToken call no IAM API unless MFA was used"
    return None
