"""What does KMS decide in its own way? (SEMANTICS 7.13)"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from policyeval.authorizers.cross_account import owner_only
from policyeval.decision import ALLOWED, NO_ALLOW, Decision, Layer
from policyeval.evaluation import ServiceRules, boundary_allows, identity_allows, session_allows
from policyeval.layers import Run
from policyeval.matching.principals import Binding, rows_of_entry
from policyeval.request_context import Check
from policyeval.semantics import Semantics
from policyeval.settings import KmsGrant

# The operations that a grant can hold (KMS-5; AWS: KMS developer guide, grants, 2026-11).
GRANT_OPERATIONS = frozenset(
    {
        "encrypt", "decrypt", "generatedatakey", "generatedatakeywithoutplaintext", "generatedatakeypair",
        "generatedatakeypairwithoutplaintext", "generatemac", "verifymac", "reencryptfrom", "reencryptto", "sign",
        "verify", "getpublickey", "derivesharedsecret", "describekey", "creategrant", "retiregrant",
        "encapsulate", "decapsulate",
    }
)  # fmt: skip
_ALIAS_CHANGES = ("createalias", "updatealias", "deletealias")
_UNCONSTRAINED = ("describekey", "retiregrant")
_CONTEXT_PREFIX = "kms:encryptioncontext:"


class KmsRules(ServiceRules):
    """KMS: the key policy must agree, unless a grant allows the operation."""

    def __init__(self, semantics: Semantics, grants: tuple[KmsGrant, ...]) -> None:
        super().__init__(semantics)
        self.grants = grants

    def restriction(self, check: Check) -> str | None:
        """KMS-7, X-9."""
        if check.action.name in _ALIAS_CHANGES and check.ask(_is_alias_of_aws):
            return "the aliases alias/aws/… belong to AWS"
        return owner_only(check)

    def is_strict(self, check: Check) -> bool:
        """KMS-1: only keys have a key policy; aliases and calls without a key follow the ordinary rules."""
        return check.ask(_is_key)

    def applies(self, layer: Layer, check: Check) -> bool:
        """RCP-3, KMS-6, KMS-10."""
        if check.action.name == "retiregrant" and layer in (Layer.RCP, Layer.RESOURCE):
            return False
        if layer is Layer.RCP and _is_aws_managed(check):
            return False
        return super().applies(layer, check)

    def notes(self, check: Check) -> tuple[str, ...]:
        """KMS-7."""
        if check.action.name in _ALIAS_CHANGES and check.resource.part.startswith("alias/"):
            return (
                f"AWS also checks {check.action.text} on the key: name both resources, or put it under `also`",
            )
        return ()

    def grant(self, run: Run) -> Decision | None:
        """KMS-5, KMS-6."""
        fitting = [grant for grant in self.grants if _covers(grant, run.check)]
        if run.check.action.name == "retiregrant":
            return ALLOWED if self._may_retire(run.check, fitting) else NO_ALLOW[Layer.GRANT]
        bindings = Binding.NONE
        for grant in fitting:
            bindings |= grantee_binding(grant.grantee, run.check)
        return ALLOWED if _suffices(bindings, run) else None

    def _may_retire(self, check: Check, fitting: list[KmsGrant]) -> bool:
        if check.principal.is_root and check.is_same_account:
            return True
        as_retiring = [grant.retiring_principal for grant in self.grants if grant.key == check.resource.text]
        names = [name for name in as_retiring if name] + [grant.grantee for grant in fitting]
        return any(grantee_binding(name, check) for name in names)


def _is_key(check: Check) -> bool:
    return check.resource.part.startswith("key/")


def _is_alias_of_aws(check: Check) -> bool:
    return check.resource.part.startswith("alias/aws/")


def _is_aws_managed(check: Check) -> bool:
    """KMS-10: the aliases tell an AWS managed key."""
    aliases = check.value("kms:resourcealiases") or ()
    listed = (aliases,) if isinstance(aliases, str) else aliases
    return any(alias.startswith("alias/aws/") for alias in listed)


def grantee_binding(name: str, check: Check) -> Binding:
    """Tell how a grant names the caller: like the same entry of a key policy would."""
    kind = "AWS" if name.startswith("arn:") or name.isdigit() else "Service"
    found = Binding.NONE
    for row in rows_of_entry(kind, name):
        if row.matches(check, name):
            found |= row.binding
    return found


def _suffices(bindings: Binding, run: Run) -> bool:
    """7.1 C: what still limits a grant depends on how it names the caller."""
    if bindings & (Binding.SERVICE | Binding.USER | Binding.SESSION):
        return True
    if not bindings or not boundary_allows(run) or not session_allows(run):
        return False
    return bool(bindings & (Binding.ROLE | Binding.PARENT_USER)) or identity_allows(run)


def _covers(grant: KmsGrant, check: Check) -> bool:
    name = check.action.name
    held = {operation.lower() for operation in grant.operations} & GRANT_OPERATIONS
    if grant.key != check.resource.text or name not in held:
        return False
    if name == "creategrant" and not (_passes_on_only(held, check) and _constrains_as_much(grant, check)):
        return False
    return all(_constraint_holds(kind, wanted, check) for kind, wanted in grant.constraints)


def _passes_on_only(held: set[str], check: Check) -> bool:
    """A grant lets its grantee pass on the operations that it holds itself, no others."""
    passed = check.value("kms:grantoperations") or ()
    listed = (passed,) if isinstance(passed, str) else passed
    return bool(listed) and all(operation.lower() in held for operation in listed)


# Which constraints of a new grant are equal to that of the grant which it comes from, or stricter.
_AS_STRICT = {
    "EncryptionContextEquals": ("EncryptionContextEquals",),
    "EncryptionContextSubset": ("EncryptionContextEquals", "EncryptionContextSubset"),
}


def _constrains_as_much(grant: KmsGrant, check: Check) -> bool:
    """KMS-5: a grant is passed on with equal or stricter constraints; the strictest of its own counts."""
    own = {kind for kind, _ in grant.constraints}
    strictest = next((kind for kind in _AS_STRICT if kind in own), None)
    return strictest is None or check.value("kms:grantconstrainttype") in _AS_STRICT[strictest]


def _constraint_holds(kind: str, wanted: Any, check: Check) -> bool:
    """A constraint that is not known never holds."""
    if kind == "SourceArn":
        return check.value("aws:sourcearn") == str(wanted)
    if kind not in ("EncryptionContextEquals", "EncryptionContextSubset") or not isinstance(wanted, Mapping):
        return False
    if check.action.name in _UNCONSTRAINED:
        return True
    needed, given = {(str(key), str(value)) for key, value in wanted.items()}, _encryption_context(check)
    return needed == given if kind == "EncryptionContextEquals" else needed <= given


def _encryption_context(check: Check) -> set[tuple[str, str]]:
    return {
        (name[len(_CONTEXT_PREFIX) :], value)
        for name, value in check.context.items()
        if name.lower().startswith(_CONTEXT_PREFIX) and isinstance(value, str)
    }
