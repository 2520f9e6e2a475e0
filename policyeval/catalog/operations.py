"""Which action does an API operation need? (SEMANTICS A-12; AWS: Service Authorization Reference)

SDKs and CloudTrail name operations (`HeadObject`); policies name actions (`s3:GetObject`).
The tables hold what is named differently.
"""

from __future__ import annotations

import re

from policyeval.catalog.services import is_service, resource_types

# operation → action, where the action is not `service:Operation`
# fmt: off
_ACTIONS = {
    "bedrock:Converse":                            "bedrock:InvokeModel",
    "bedrock:ConverseStream":                      "bedrock:InvokeModelWithResponseStream",
    "dynamodb:ExecuteStatement":                   "dynamodb:PartiQLSelect",
    "dynamodb:TransactGetItems":                   "dynamodb:GetItem",
    "kms:ReEncrypt":                               "kms:ReEncryptFrom",
    "lambda:Invoke":                               "lambda:InvokeFunction",
    "lambda:InvokeWithResponseStream":             "lambda:InvokeFunction",
    "s3:CompleteMultipartUpload":                  "s3:PutObject",
    "s3:CopyObject":                               "s3:PutObject",
    "s3:CreateMultipartUpload":                    "s3:PutObject",
    "s3:DeleteBucketCors":                         "s3:PutBucketCORS",
    "s3:DeleteBucketEncryption":                   "s3:PutEncryptionConfiguration",
    "s3:DeleteBucketLifecycle":                    "s3:PutLifecycleConfiguration",
    "s3:DeleteBucketReplication":                  "s3:PutReplicationConfiguration",
    "s3:DeleteBucketTagging":                      "s3:PutBucketTagging",
    "s3:DeleteObjects":                            "s3:DeleteObject",
    "s3:DeletePublicAccessBlock":                  "s3:PutBucketPublicAccessBlock",
    "s3:GetBucketAccelerateConfiguration":         "s3:GetAccelerateConfiguration",
    "s3:GetBucketCors":                            "s3:GetBucketCORS",
    "s3:GetBucketEncryption":                      "s3:GetEncryptionConfiguration",
    "s3:GetBucketLifecycleConfiguration":          "s3:GetLifecycleConfiguration",
    "s3:GetBucketNotificationConfiguration":       "s3:GetBucketNotification",
    "s3:GetBucketReplication":                     "s3:GetReplicationConfiguration",
    "s3:GetObjectLockConfiguration":               "s3:GetBucketObjectLockConfiguration",
    "s3:GetPublicAccessBlock":                     "s3:GetBucketPublicAccessBlock",
    "s3:HeadBucket":                               "s3:ListBucket",
    "s3:HeadObject":                               "s3:GetObject",
    "s3:ListBuckets":                              "s3:ListAllMyBuckets",
    "s3:ListMultipartUploads":                     "s3:ListBucketMultipartUploads",
    "s3:ListObjectVersions":                       "s3:ListBucketVersions",
    "s3:ListObjects":                              "s3:ListBucket",
    "s3:ListObjectsV2":                            "s3:ListBucket",
    "s3:ListParts":                                "s3:ListMultipartUploadParts",
    "s3:PutBucketCors":                            "s3:PutBucketCORS",
    "s3:PutBucketEncryption":                      "s3:PutEncryptionConfiguration",
    "s3:PutBucketLifecycleConfiguration":          "s3:PutLifecycleConfiguration",
    "s3:PutBucketNotificationConfiguration":       "s3:PutBucketNotification",
    "s3:PutBucketReplication":                     "s3:PutReplicationConfiguration",
    "s3:PutPublicAccessBlock":                     "s3:PutBucketPublicAccessBlock",
    "s3:SelectObjectContent":                      "s3:GetObject",
    "s3:UploadPart":                               "s3:PutObject",
    "s3:UploadPartCopy":                           "s3:PutObject",
    "sns:PublishBatch":                            "sns:Publish",
    "sqs:ChangeMessageVisibilityBatch":            "sqs:ChangeMessageVisibility",
    "sqs:DeleteMessageBatch":                      "sqs:DeleteMessage",
    "sqs:SendMessageBatch":                        "sqs:SendMessage",
}
# fmt: on

# what SDKs and CloudTrail call a service, in lower case without spaces → its prefix in policies
_SERVICES = {
    "apigatewayv2": "apigateway",
    "applicationautoscaling": "application-autoscaling",
    "bedrockruntime": "bedrock",
    "cloudwatchlogs": "logs",
    "cognitoidentityprovider": "cognito-idp",
    "costexplorer": "ce",
    "dynamodbv2": "dynamodb",
    "elasticloadbalancingv2": "elasticloadbalancing",
    "email": "ses",
    "eventbridge": "events",
    "identitymanagement": "iam",
    "monitoring": "cloudwatch",
    "resourcegroupstaggingapi": "tag",
    "securitytoken": "sts",
    "securitytokenservice": "sts",
    "sesv2": "ses",
    "sfn": "states",
    "simpleemailservice": "ses",
    "simplesystemsmanagement": "ssm",
    "stepfunctions": "states",
}

# CloudTrail adds the version of the API: `Invoke20150331`, `GetFunction20150331v2`, `GetDistribution2020_05_31`.
_VERSION = re.compile(r"(?:20\d{6}(?:v\d+)?|20\d\d_\d\d_\d\d)$", re.ASCII)


def service_prefix(name: str) -> str | None:
    """Find the prefix of a service by what an SDK or CloudTrail calls it: `Amazon S3` is `s3`."""
    lower = name.lower().removesuffix(".amazonaws.com").replace(" ", "")
    short = lower.removeprefix("amazon").removeprefix("aws")
    candidates = (_SERVICES.get(short), _SERVICES.get(lower), short, lower)
    return next((one for one in candidates if one and is_service(one)), None)


def authorized_action(service: str, operation: str) -> str:
    """Name the action that an operation of a service needs."""
    name = f"{service}:{_VERSION.sub('', operation)}"
    return _ACTIONS.get(name, name)


def is_bucket_action(action: str) -> bool:
    """Is this an S3 action on buckets, not on objects?"""
    service, _, name = action.lower().partition(":")
    return service == "s3" and "bucket" in (resource_types(service, name) or ())
