"""Which actions are exceptions from what holds for nearly all others? Data with its date: 2026-09."""

from __future__ import annotations

# aws:ResourceAccount, aws:ResourceOrgID and aws:ResourceOrgPaths are missing for these (SEMANTICS 6.4;
# AWS: reference_policies_condition-keys).
_SERVICES_WITHOUT_RESOURCE_ACCOUNT = frozenset({"ebs", "events"})
_ACTIONS_WITHOUT_RESOURCE_ACCOUNT = frozenset(
    [
        "ec2:accepttransitgatewaypeeringattachment",
        "ec2:acceptvpcendpointconnections",
        "ec2:acceptvpcpeeringconnection",
        "ec2:copyfpgaimage",
        "ec2:copyimage",
        "ec2:copysnapshot",
        "ec2:createtransitgatewaypeeringattachment",
        "ec2:createvolume",
        "ec2:createvpcendpoint",
        "ec2:createvpcpeeringconnection",
        "ec2:deletetransitgatewaypeeringattachment",
        "ec2:deletevpcpeeringconnection",
        "ec2:rejecttransitgatewaypeeringattachment",
        "ec2:rejectvpcendpointconnections",
        "ec2:rejectvpcpeeringconnection",
        "route53:associatevpcwithhostedzone",
        "route53:createvpcassociationauthorization",
        "route53:deletevpcassociationauthorization",
        "route53:disassociatevpcfromhostedzone",
        "route53:listhostedzonesbyvpc",
        "workspaces:describeworkspaceimages",
    ]
)

# Tasks that SCPs cannot restrict (SEMANTICS SCP-6): for every caller, or for root users only.
_SERVICES_BEYOND_SCPS = frozenset({"mechanicalturk"})
_ROOT_TASKS_BEYOND_SCPS = frozenset(
    {
        "support:registerenterprisesupport",
        "supportplans:createsupportplanschedule",
        "ec2:modifyaddressattribute",
    }
)


def tells_resource_account(action: str) -> bool:
    """Does a request for this (lower-case) action carry aws:ResourceAccount?"""
    service = action.partition(":")[0]
    return (
        service not in _SERVICES_WITHOUT_RESOURCE_ACCOUNT and action not in _ACTIONS_WITHOUT_RESOURCE_ACCOUNT
    )


def is_beyond_scps(action: str, *, by_root: bool) -> bool:
    """Can SCPs not restrict this (lower-case) action?"""
    return action.partition(":")[0] in _SERVICES_BEYOND_SCPS or (
        by_root and action in _ROOT_TASKS_BEYOND_SCPS
    )


# The calls that make a role session, and those that AWS checks with them (SEMANTICS ST-6).
ROLE_ASSUMPTIONS = frozenset(
    [
        "sts:assumerole",
        "sts:assumerolewithsaml",
        "sts:assumerolewithwebidentity",
        "sts:setcontext",
        "sts:setsourceidentity",
        "sts:tagsession",
    ]
)

# Who answers unsigned requests at all (SEMANTICS AN-2): APIs and function URLs (authorizers/), and these.
_SERVICES_OPEN_TO_ALL = frozenset({"s3", "sqs", "sns", "execute-api"})
_ACTIONS_OPEN_TO_ALL = frozenset({"lambda:invokefunctionurl", "lambda:invokefunction"})


def takes_unsigned_calls(action: str) -> bool:
    """Can a request for this (lower-case) action be unsigned?"""
    return action.partition(":")[0] in _SERVICES_OPEN_TO_ALL or action in _ACTIONS_OPEN_TO_ALL
