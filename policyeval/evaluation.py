"""How do the layers combine? AWS's evaluation flow, written once (SEMANTICS §7.1–7.4).

`decide` asks a run ("does layer X deny, allow, bind the caller?") and a service's rules. Run it with
`Run` for the answer, with `TracedRun` for everything that led to it.
"""

from __future__ import annotations

from policyeval.catalog.exceptions import takes_unsigned_calls
from policyeval.catalog.rcp_services import RCP_SERVICES
from policyeval.decision import (
    ALLOWED,
    EXPLICIT_DENY,
    INVALID_VALUE,
    NO_ALLOW,
    NO_AUTHORIZATION_NEEDED,
    S3_BPA,
    SERVICE_RESTRICTION,
    Decision,
    Layer,
)
from policyeval.language.policy import Policy
from policyeval.layers import APPLIES, Run, is_role_assumption
from policyeval.matching.principals import Binding
from policyeval.names import ActionName
from policyeval.principal import PrincipalKind
from policyeval.request_context import Check
from policyeval.semantics import Semantics

_DIRECT = Binding.USER | Binding.SESSION | Binding.ANY
_NAMES_ENTITY = Binding.USER | Binding.ROLE | Binding.PARENT_USER
_NAMES_CALLER = Binding.ROOT | Binding.ACCOUNT | _DIRECT | _NAMES_ENTITY

# The order in which the first explicit deny is blamed (M-3); s3-bpa stands after the resource's policy.
_DENIED_BEFORE_PUBLIC_ACCESS = (Layer.SCP, Layer.RCP, Layer.ENDPOINT, Layer.RESOURCE, Layer.TRUST)
_DENIED_AFTER_PUBLIC_ACCESS = (Layer.BOUNDARY, Layer.SESSION, Layer.IDENTITY)
# No RCP among them: RCPFullAWSAccess allows at every level and cannot be detached (RCP-2).
_FILTERS = (Layer.SCP, Layer.ENDPOINT)

# Which bindings of the resource-based policy fit a caller without account (7.1 C).
_FITTING = {
    PrincipalKind.ANONYMOUS: Binding.ANY,
    PrincipalKind.SERVICE: Binding.SERVICE | Binding.ANY,
    PrincipalKind.SAML: Binding.IDP,
    PrincipalKind.WEB_IDENTITY: Binding.IDP,
    PrincipalKind.USER: Binding.USER | Binding.ANY,  # origin access identities
}


class ServiceRules:
    """What a service decides in its own way; the defaults are those of an ordinary service (7.2, 7.4)."""

    def __init__(self, semantics: Semantics) -> None:
        self.semantics = semantics

    def restriction(self, check: Check) -> str | None:
        """Say why the service refuses the call whatever the policies are; None when it does not."""
        return None

    def needs_no_authorization(self, check: Check) -> bool:
        """Does the service answer without looking at policies?"""
        return False

    def applies(self, layer: Layer, check: Check) -> bool:
        """Does a layer bear on this call? By default that depends on the caller alone (layers.APPLIES)."""
        if layer is Layer.RCP and check.service not in RCP_SERVICES:
            return False
        return APPLIES[layer](check)

    def resource_policies(self, check: Check) -> tuple[Policy, ...]:
        """Give what counts as a resource-based policy besides the policies themselves."""
        return ()

    def sees_resource_tags(self, action: ActionName) -> bool:
        """Does a request for the action carry aws:ResourceTag keys?"""
        return True

    def completed(self, check: Check) -> Check:
        """Add the context keys that the service itself sets for the call."""
        return check

    def resource_view(self, check: Check) -> Check:
        """Give the check as the resource-based policy sees it."""
        return check

    def blocks_public_access(self, run: Run) -> bool:
        """Does S3 Block Public Access stop the call?"""
        return False

    def is_strict(self, check: Check) -> bool:
        """Must the resource-based policy agree even within one account (7.3)?"""
        return False

    def grant(self, run: Run) -> Decision | None:
        """Decide in the service's own way, after denies and filters; None leaves it to the common rules."""
        return None

    def companions(self, check: Check) -> tuple[Check, ...]:
        """Name the further checks that the service makes for the same call."""
        return ()

    def notes(self, check: Check) -> tuple[str, ...]:
        """Say what a reader of the answer should know about the service."""
        return ()


def restriction(check: Check, rules: ServiceRules) -> str | None:
    """Say why the call can never work, whatever the policies are (X-8 and the service's rules)."""
    if check.principal.is_anonymous and not takes_unsigned_calls(check.action.lower):
        return f"{check.service} takes no unsigned requests"
    if check.call.crosses_partitions:
        return f"{check.principal} and {check.resource.text} are in different partitions"
    return rules.restriction(check)


def decide(run: Run, rules: ServiceRules) -> Decision:
    """Decide one action on one resource."""
    check = run.check
    if restriction(check, rules) is not None:
        return SERVICE_RESTRICTION
    if rules.needs_no_authorization(check):
        return NO_AUTHORIZATION_NEEDED
    denied = _explicit_deny(run, rules)
    if denied is not None:
        return denied
    for layer in _FILTERS:
        if run.is_present(layer) and not run.allows(layer):
            return NO_ALLOW[layer]
    special = rules.grant(run)
    decision = grant(run, rules) if special is None else special
    if decision is ALLOWED and run.malformed_layer is not None:
        return INVALID_VALUE[run.malformed_layer]
    return decision


def _explicit_deny(run: Run, rules: ServiceRules) -> Decision | None:
    """E-4: the first layer that denies; every layer is asked, so that malformed values are noticed."""
    denied = next((EXPLICIT_DENY[layer] for layer in _DENIED_BEFORE_PUBLIC_ACCESS if run.denies(layer)), None)
    if denied is not None:
        return denied
    if rules.blocks_public_access(run):
        return S3_BPA
    return next((EXPLICIT_DENY[layer] for layer in _DENIED_AFTER_PUBLIC_ACCESS if run.denies(layer)), None)


def grant(run: Run, rules: ServiceRules) -> Decision:
    """Find the Allow that the caller needs, by the common rules."""
    check = run.check
    if check.is_same_account and (rules.is_strict(check) or is_role_assumption(check)):
        return grant_strict(run, rules.semantics)
    return grant_by(run.bindings(), run, rules.semantics, is_same_account=check.is_same_account)


def grant_by(bindings: Binding, run: Run, semantics: Semantics, *, is_same_account: bool) -> Decision:
    """Find the Allow by the way in which the resource's owner, of the caller's account or not, names the caller."""
    caller = run.check.principal
    if not caller.is_account_member:
        return ALLOWED if bindings & _FITTING[caller.kind] else NO_ALLOW[run.resource_layer]
    if not is_same_account:
        return grant_cross_account(bindings, run)
    return grant_same_account(bindings, run, semantics)


def identity_allows(run: Run) -> bool:
    """Do the caller's own policies grant it? A root user needs none (7.2, §11)."""
    return run.check.principal.acts_as_root or run.allows(Layer.IDENTITY)


def boundary_allows(run: Run) -> bool:
    """Is there no permissions boundary, or one that allows (PB-1)?"""
    return not run.is_present(Layer.BOUNDARY) or run.allows(Layer.BOUNDARY)


def session_allows(run: Run) -> bool:
    """Is there no session policy, or one that allows? Some sessions need one (SP-3, SP-4)."""
    if run.is_present(Layer.SESSION):
        return run.allows(Layer.SESSION)
    caller = run.check.principal
    return caller.kind is not PrincipalKind.FEDERATED_USER and not caller.assumed_root


def limits(run: Run) -> Decision:
    """Let boundary and session policy limit what is granted otherwise."""
    if not boundary_allows(run):
        return NO_ALLOW[Layer.BOUNDARY]
    if not session_allows(run):
        return NO_ALLOW[Layer.SESSION]
    return ALLOWED


def grant_same_account(bindings: Binding, run: Run, semantics: Semantics) -> Decision:
    """Union of identity-based and resource-based policies in one account (7.2, table 7.2-A)."""
    if run.check.principal.is_root:
        return ALLOWED if session_allows(run) else NO_ALLOW[Layer.SESSION]
    if bindings & _DIRECT:
        return NO_ALLOW[Layer.SESSION] if _session_limits_direct_grant(run, semantics) else ALLOWED
    if not bindings & (Binding.ROLE | Binding.PARENT_USER) and not identity_allows(run):
        return NO_ALLOW[Layer.IDENTITY]
    return limits(run)


def _session_limits_direct_grant(run: Run, semantics: Semantics) -> bool:
    """D-1: with the peers' reading a session policy limits grants to the session, too."""
    return semantics.d1 == "peer" and run.is_present(Layer.SESSION) and not run.allows(Layer.SESSION)


def grant_strict(run: Run, semantics: Semantics) -> Decision:
    """KMS keys and role assumption: the resource's own policy must agree (7.3)."""
    bindings, resource = run.bindings(), NO_ALLOW[run.resource_layer]
    if run.check.principal.is_root:
        if not bindings & (Binding.ROOT | Binding.ACCOUNT | Binding.ANY):
            return resource
        return ALLOWED if session_allows(run) else NO_ALLOW[Layer.SESSION]
    if _is_direct(run, bindings, semantics):
        return NO_ALLOW[Layer.SESSION] if _session_limits_direct_grant(run, semantics) else ALLOWED
    if not bindings & _NAMES_ENTITY:
        if not bindings & Binding.ACCOUNT:
            return resource
        if not identity_allows(run):
            return NO_ALLOW[Layer.IDENTITY]
    return limits(run)


def _is_direct(run: Run, bindings: Binding, semantics: Semantics) -> bool:
    """ST-8, D-14: a boundary limits a user whom a trust policy names."""
    if bindings & (Binding.SESSION | Binding.ANY):
        return True
    limited = run.check.action.lower == "sts:assumerole" and semantics.d14 == "default"
    return bool(bindings & Binding.USER) and (not limited or boundary_allows(run))


def grant_cross_account(bindings: Binding, run: Run) -> Decision:
    """Both sides must allow, and nothing is bypassed (7.4)."""
    if not bindings & _NAMES_CALLER:
        return NO_ALLOW[run.resource_layer]
    if not identity_allows(run):
        return NO_ALLOW[Layer.IDENTITY]
    return limits(run)
