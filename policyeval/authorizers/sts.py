"""What does STS decide in its own way? (SEMANTICS 7.14)"""

from __future__ import annotations

from policyeval.authorizers.credentials import refused_to_credentials
from policyeval.evaluation import ServiceRules
from policyeval.names import parse_action
from policyeval.principal import PrincipalKind
from policyeval.request_context import Check

_ASSUME = {"assumerole", "assumerolewithsaml", "assumerolewithwebidentity"}
_LONG_TERM = (PrincipalKind.USER, PrincipalKind.ROOT)
_TAGGING = _ASSUME | {"getfederationtoken"}


class StsRules(ServiceRules):
    """STS: some calls need no permission, some cannot be made by some callers, tags are checked apart."""

    def restriction(self, check: Check) -> str | None:
        """ROOT-5, ST-2."""
        name, caller = check.action.name, check.principal
        if name in _ASSUME and caller.is_root:
            return "a root user cannot assume roles"
        if name == "getsessiontoken" and (caller.kind not in _LONG_TERM or caller.assumed_root):
            return "only IAM users and the root user call sts:GetSessionToken"
        return refused_to_credentials(check)

    def needs_no_authorization(self, check: Check) -> bool:
        """ST-1, ST-2, SP-5."""
        caller = check.principal
        if check.action.name == "getcalleridentity":
            return not (caller.is_anonymous or caller.is_identity_provider)
        return check.action.name == "getsessiontoken"  # others than users are refused before

    def companions(self, check: Check) -> tuple[Check, ...]:
        """ST-6: passing session tags, a source identity or a context needs a permission of its own."""
        name = check.action.name
        needed = []
        if name in _TAGGING and check.ask(passes_session_tags):
            needed.append("sts:TagSession")
        if name in _ASSUME and check.ask(passes_source_identity):
            needed.append("sts:SetSourceIdentity")
        if name in _ASSUME and check.value("sts:requestcontextproviders"):
            needed.append("sts:SetContext")
        return tuple(check.about(parse_action(action)) for action in needed)


def passes_session_tags(check: Check) -> bool:
    """Does the request pass session tags, or inherit transitive ones?"""
    return bool(
        check.principal.transitive_tags
        or check.context.tag_keys("aws:requesttag/")
        or any(check.value("aws:tagkeys") or ())
        or any(check.value("sts:transitivetagkeys") or ())
    )


def passes_source_identity(check: Check) -> bool:
    """Is a source identity set, or was one set earlier in the chain?"""
    return bool(check.value("sts:sourceidentity") or check.principal.source_identity)
