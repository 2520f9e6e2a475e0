"""What a service refuses or permits whatever the policies say (SEMANTICS 7.1, first two lines)."""

from __future__ import annotations

from typing import Any

from .calls import Call
from .principals import ASSUME, ASSUME_HELPERS
from .text import lower_words, same_case, split_arn

SQS_OWN_ACCOUNT = lower_words(
    """
    AddPermission CancelMessageMoveTask CreateQueue DeleteQueue ListMessageMoveTasks ListQueues ListQueueTags
    RemovePermission SetQueueAttributes StartMessageMoveTask TagQueue UntagQueue
    """
)
S3_BUCKET_POLICY = {"getbucketpolicy", "putbucketpolicy", "deletebucketpolicy"}
DYNAMODB_SHARED = lower_words(
    """
    GetItem PutItem UpdateItem DeleteItem Query Scan BatchGetItem BatchWriteItem ConditionCheckItem
    DescribeStream GetRecords GetShardIterator ListStreams
    """
)
KMS_SHARED = lower_words(
    """
    CreateGrant Decapsulate Decrypt DeriveSharedSecret DescribeKey Encapsulate Encrypt GenerateDataKey
    GenerateDataKeyPair GenerateDataKeyPairWithoutPlaintext GenerateDataKeyWithoutPlaintext GenerateMac
    GetKeyRotationStatus GetPublicKey ListGrants ReEncryptFrom ReEncryptTo RetireGrant RevokeGrant Sign
    Verify VerifyMac
    """
)
AWS_MANAGED_POLICY = lower_words(
    """
    CreatePolicy CreatePolicyVersion DeletePolicy DeletePolicyVersion SetDefaultPolicyVersion TagPolicy
    UntagPolicy
    """
)
IDENTITY_CENTER_ROLE = lower_words(
    """
    AttachRolePolicy CreateRole CreateServiceLinkedRole DeleteRole DeleteRolePermissionsBoundary
    DeleteRolePolicy DeleteServiceLinkedRole DetachRolePolicy PassRole PutRolePermissionsBoundary
    PutRolePolicy TagRole UntagRole UpdateAssumeRolePolicy UpdateRole UpdateRoleDescription
    """
)


def restricted(call: Call) -> bool:
    """7.1: any of the service restrictions."""
    rules = (
        temporary_credentials,
        root_assumes_role,
        other_partition,
        own_account_only,
        managed_alias,
        managed_policy,
        identity_center_role,
        foreign_role_passed,
        old_tagging,
        other_network,
        unsigned,
    )
    return any(rule(call) for rule in rules)


def unsigned(call: Call) -> bool:
    """AN-2: S3, SQS, SNS, APIs and function URLs take unsigned calls, nothing else does."""
    open_to_all = call.service in ("s3", "sqs", "sns")
    if call.caller.kind != "anonymous":
        return False
    if call.service == "execute-api":
        gateway = call.policies.settings.get("apigateway") or {}
        return str(gateway.get("authorizer") or "IAM") == "IAM"
    return not open_to_all and not through_open_url(call)


def through_open_url(call: Call) -> bool:
    """AN-2, LAM-6: a function URL that is not of type AWS_IAM."""
    via = call.action.lower() == "lambda:invokefunction"
    via = via and call.context.lookup("lambda:InvokedViaFunctionUrl") == "true"
    url = via or call.action.lower() == "lambda:invokefunctionurl"
    return url and call.context.lookup("lambda:FunctionUrlAuthType") != "AWS_IAM"


def no_authorization_needed(call: Call) -> bool:
    """ST-1, ST-2: GetCallerIdentity for the authenticated, GetSessionToken for those who may call it."""
    if call.action.lower() == "sts:getcalleridentity":
        return call.caller.kind not in ("anonymous", "saml", "web-identity")
    return call.action.lower() == "sts:getsessiontoken"


def temporary_credentials(call: Call) -> bool:
    """ST-2: what temporary credentials cannot do with STS and IAM."""
    caller, action = call.caller, call.action.lower()
    long_term = caller.kind in ("user", "root") and not (caller.session_token or caller.assumed_root)
    if action == "sts:getsessiontoken":
        return not long_term
    if caller.kind == "role-session":
        return action == "sts:getfederationtoken"
    if caller.kind == "federated-user":
        return (call.service == "sts" and call.name != "getcalleridentity") or is_iam_api(action)
    if caller.session_token:
        allowed = ("sts:assumerole", "sts:getcalleridentity", *ASSUME_HELPERS)
        return (call.service == "sts" and action not in allowed) or (is_iam_api(action) and not has_mfa(call))
    return False


def is_iam_api(action: str) -> bool:
    """ST-2, PR-1: iam:PassRole is a permission, not an API."""
    return action.startswith("iam:") and action != "iam:passrole"


def has_mfa(call: Call) -> bool:
    """ST-2: the session was made with MFA."""
    value = call.context.lookup("aws:MultiFactorAuthPresent")
    return isinstance(value, str) and value.lower() == "true"


def root_assumes_role(call: Call) -> bool:
    """ROOT-5: the root user cannot assume roles."""
    return call.caller.kind == "root" and call.action.lower() in ASSUME


def other_partition(call: Call) -> bool:
    """X-8: nothing crosses a partition."""
    parts = split_arn(call.resource)
    known = parts is not None and call.caller.partition is not None
    return known and parts is not None and parts[1] != call.caller.partition


def own_account_only(call: Call) -> bool:
    """X-9, S3-12: actions that only the owner's account can call."""
    if call.same_account:
        return False
    if call.service == "s3" and call.name in S3_BUCKET_POLICY:
        return True
    if call.caller.kind in ("service", "saml", "web-identity"):
        return False
    if call.service == "sqs":
        return call.name in SQS_OWN_ACCOUNT
    if call.service == "kms":
        return call.name not in KMS_SHARED
    return call.service == "dynamodb" and call.name not in DYNAMODB_SHARED


def managed_alias(call: Call) -> bool:
    """KMS-7: aliases of AWS managed keys."""
    changes = call.action.lower() in ("kms:createalias", "kms:updatealias", "kms:deletealias")
    return changes and call.resource_part.startswith("alias/aws/")


def managed_policy(call: Call) -> bool:
    """IAM-1: AWS managed policies cannot be changed."""
    parts = split_arn(call.resource)
    managed = parts is not None and parts[4] == "aws"
    return managed and call.service == "iam" and call.name in AWS_MANAGED_POLICY


def identity_center_role(call: Call) -> bool:
    """IAM-2: roles of IAM Identity Center cannot be changed or passed."""
    reserved = call.resource_service == "iam" and call.resource_part.startswith("role/aws-reserved/")
    return reserved and call.service == "iam" and call.name in IDENTITY_CENTER_ROLE


def foreign_role_passed(call: Call) -> bool:
    """PR-2: a role is passed inside its account only."""
    passes = call.action.lower() == "iam:passrole" and call.caller.account is not None
    return passes and not call.same_account


def old_tagging(call: Call) -> bool:
    """Section 11: a bucket with ABAC is tagged by TagResource and UntagResource only."""
    abac = (call.policies.settings.get("s3") or {}).get("abac") is True
    return abac and call.action.lower() in ("s3:putbuckettagging", "s3:deletebuckettagging")


def other_network(call: Call) -> bool:
    """S3-6: an access point with VPC origin takes calls from its VPC only."""
    point = access_point(call)
    if point is None or not point.get("vpc"):
        return False
    return bool(call.context.lookup("aws:SourceVpc") != point["vpc"])


def access_point(call: Call) -> dict[str, Any] | None:
    """S3-6: the settings of the access point that the resource names."""
    name = access_point_arn(call.resource)
    points = (call.policies.settings.get("s3") or {}).get("access_points") or {}
    point = next((given for arn, given in points.items() if same_case(arn) == name), None)
    return point if isinstance(point, dict) else None


def access_point_arn(resource: str) -> str | None:
    """S3-6: `…:accesspoint/NAME`, also of the objects behind it."""
    parts = split_arn(resource)
    if parts is None or parts[2] != "s3" or not parts[5].startswith("accesspoint/"):
        return None
    pieces = parts[5].split("/")
    return ":".join([*parts[:5], "/".join(pieces[:2])])
