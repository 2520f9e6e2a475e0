"""What does IAM decide in its own way? (SEMANTICS 7.19)"""

from __future__ import annotations

from policyeval.authorizers.credentials import refused_to_credentials
from policyeval.decision import Layer
from policyeval.evaluation import ServiceRules
from policyeval.names import ActionName
from policyeval.request_context import Check

_POLICY_CHANGES = frozenset(
    {
        "createpolicy", "createpolicyversion", "deletepolicy", "deletepolicyversion", "setdefaultpolicyversion",
        "tagpolicy", "untagpolicy",
    }
)  # fmt: skip

_RESERVED_ROLE_CHANGES = frozenset(
    {
        "attachrolepolicy", "createrole", "createservicelinkedrole", "deleterole", "deleterolepermissionsboundary",
        "deleterolepolicy", "deleteservicelinkedrole", "detachrolepolicy", "passrole", "putrolepermissionsboundary",
        "putrolepolicy", "tagrole", "untagrole", "updateassumerolepolicy", "updaterole", "updateroledescription",
    }
)  # fmt: skip


class IamRules(ServiceRules):
    """IAM: managed policies and reserved roles cannot be changed, roles are passed within one account."""

    def restriction(self, check: Check) -> str | None:
        """IAM-1, IAM-2, PR-2, ST-2."""
        name = check.action.name
        if name in _POLICY_CHANGES and check.ask(_is_of_aws):
            return "AWS managed policies cannot be changed by customers"
        if name in _RESERVED_ROLE_CHANGES and check.ask(_is_reserved_role):
            return "roles of IAM Identity Center (aws-reserved) are changed by that service only"
        if name == "passrole" and check.principal.account is not None and not check.is_same_account:
            return "a role is passed within its own account only"
        return refused_to_credentials(check)

    def sees_resource_tags(self, action: ActionName) -> bool:
        """PR-3: tags do not work for passing roles."""
        return action.name != "passrole"

    def applies(self, layer: Layer, check: Check) -> bool:
        """PR-1: roles and the other IAM resources have no resource-based policy for IAM's own actions."""
        return layer is not Layer.RESOURCE and super().applies(layer, check)


def _is_of_aws(check: Check) -> bool:
    head = check.given_resource.head
    return head is not None and head.account == "aws"


def _is_reserved_role(check: Check) -> bool:
    return check.given_resource.part.startswith("role/aws-reserved/")
