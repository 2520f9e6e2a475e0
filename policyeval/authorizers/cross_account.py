"""Which actions never work for callers of other accounts, whatever the resource's policy says? (SEMANTICS X-9)

Dated 2026-11: SQS sqs-limitations-of-custom-policies, S3 API pages, DynamoDB rbac-iam-actions, KMS
key-policy-modifying-external-accounts ("Cross-account use" of its API pages).
"""

from __future__ import annotations

from policyeval.evaluation import ServiceRules
from policyeval.request_context import Check

_OWNER_ONLY = {
    "sqs": frozenset(
        {
            "addpermission", "cancelmessagemovetask", "createqueue", "deletequeue", "listmessagemovetasks",
            "listqueues", "listqueuetags", "removepermission", "setqueueattributes", "startmessagemovetask",
            "tagqueue", "untagqueue",
        }
    ),
    "s3": frozenset({"getbucketpolicy", "putbucketpolicy", "deletebucketpolicy"}),
}  # fmt: skip

_OPEN_TO_OTHERS = {
    "dynamodb": frozenset(
        {
            "getitem", "putitem", "updateitem", "deleteitem", "query", "scan", "batchgetitem", "batchwriteitem",
            "conditioncheckitem", "getrecords", "getsharditerator", "describestream", "liststreams",
        }
    ),
    "kms": frozenset(
        {
            "creategrant", "decapsulate", "decrypt", "derivesharedsecret", "describekey", "encapsulate", "encrypt",
            "generatedatakey", "generatedatakeypair", "generatedatakeypairwithoutplaintext",
            "generatedatakeywithoutplaintext", "generatemac", "getkeyrotationstatus", "getpublickey", "listgrants",
            "reencryptfrom", "reencryptto", "retiregrant", "revokegrant", "sign", "verify", "verifymac",
        }
    ),
}  # fmt: skip


def owner_only(check: Check) -> str | None:
    """Say that an action works in the owner's account only; None when it also works from outside.

    AWS services are outsiders for the policy of a bucket (S3-12), not for a queue or a table.
    """
    caller = check.principal
    is_stranger = caller.account is not None or caller.is_anonymous or check.service == "s3"
    if check.is_same_account or not is_stranger:
        return None
    service, name = check.action.service, check.action.name
    opened = _OPEN_TO_OTHERS.get(service)
    if name in _OWNER_ONLY.get(service, ()) or (opened is not None and name not in opened):
        return f"{check.action.text} works only for callers of the account that owns the resource"
    return None


class LimitedAcrossAccounts(ServiceRules):
    """SQS and DynamoDB: ordinary rules, but not for every action across accounts."""

    def restriction(self, check: Check) -> str | None:
        """X-9."""
        return owner_only(check)
