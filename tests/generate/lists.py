"""What SEMANTICS lists: actions, services, permissions; written from the text, not taken from the engine."""

from __future__ import annotations

from .vocabulary import KEY, ROLE

QUEUE, TABLE = "arn:aws:sqs:us-east-1:{owner}:q", "arn:aws:dynamodb:us-east-1:{owner}:table/T"
BUCKET, OBJECT, KEY_OF = "arn:aws:s3:::b", "arn:aws:s3:::b/k", KEY.replace("{account}", "{owner}")
RESERVED = "arn:aws:iam::{owner}:role/aws-reserved/sso.amazonaws.com/r"


def names(prefix: str, text: str) -> tuple[str, ...]:
    """The actions of a service."""
    return tuple(f"{prefix}:{name}" for name in text.split())


# fmt: off

# what a service keeps to itself or to the owner, what it does not, resources, how often strangers ask
Kept = tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...], float]
QUEUES: Kept = (names("sqs", "AddPermission CancelMessageMoveTask CreateQueue DeleteQueue ListMessageMoveTasks "
    "ListQueues ListQueueTags RemovePermission SetQueueAttributes StartMessageMoveTask TagQueue UntagQueue"),
    names("sqs", "SendMessage ReceiveMessage DeleteMessage ChangeMessageVisibility GetQueueAttributes GetQueueUrl "
    "ListDeadLetterSourceQueues PurgeQueue"), (QUEUE,), 0.85)
BUCKETS: Kept = (names("s3", "GetBucketPolicy PutBucketPolicy DeleteBucketPolicy"), names("s3", "ListBucket "
    "GetBucketAcl PutBucketAcl GetBucketLocation GetBucketPolicyStatus PutBucketTagging"), (BUCKET,), 0.7)
TABLES: Kept = (names("dynamodb", "CreateTable DeleteTable UpdateTable UpdateTimeToLive PartiQLSelect "
    "PartiQLInsert TagResource DisableKinesisStreamingDestination PutResourcePolicy"), names("dynamodb", "GetItem "
    "PutItem UpdateItem DeleteItem Query Scan BatchGetItem BatchWriteItem ConditionCheckItem DescribeStream "
    "GetRecords GetShardIterator ListStreams"), (TABLE, TABLE, TABLE + "/index/I", TABLE + "/stream/1"), 0.85)
KEYS_SHARED: Kept = (names("kms", "PutKeyPolicy GetKeyPolicy EnableKey DisableKey ScheduleKeyDeletion TagResource "
    "UpdateAlias EnableKeyRotation ListResourceTags UpdateKeyDescription ReplicateKey ImportKeyMaterial"),
    names("kms", "CreateGrant Decapsulate Decrypt DeriveSharedSecret DescribeKey Encapsulate Encrypt "
    "GenerateDataKey GenerateDataKeyPair GenerateDataKeyPairWithoutPlaintext GenerateDataKeyWithoutPlaintext "
    "GenerateMac GetKeyRotationStatus GetPublicKey ListGrants ReEncryptFrom ReEncryptTo RevokeGrant Sign Verify "
    "VerifyMac"), (KEY_OF,), 0.85)
ALIASES: Kept = (names("kms", "CreateAlias UpdateAlias DeleteAlias"), names("kms", "ListAliases DescribeKey"),
    ("arn:aws:kms:eu-west-1:{owner}:alias/aws/s3", "arn:aws:kms:eu-west-1:{owner}:alias/mine"), 0.1)
MANAGED: Kept = (names("iam", "CreatePolicy CreatePolicyVersion DeletePolicy DeletePolicyVersion "
    "SetDefaultPolicyVersion TagPolicy UntagPolicy"), names("iam", "GetPolicy GetPolicyVersion ListPolicyVersions "
    "ListEntitiesForPolicy ListPolicyTags"), ("arn:aws:iam::aws:policy/P",) * 4 +
    ("arn:aws:iam::{owner}:policy/P",), 0.05)
RESERVED_ROLES: Kept = (names("iam", "AttachRolePolicy CreateRole CreateServiceLinkedRole DeleteRole "
    "DeleteRolePermissionsBoundary DeleteRolePolicy DeleteServiceLinkedRole DetachRolePolicy PassRole "
    "PutRolePermissionsBoundary PutRolePolicy TagRole UntagRole UpdateAssumeRolePolicy UpdateRole "
    "UpdateRoleDescription"), names("iam", "GetRole GetRolePolicy ListRolePolicies ListAttachedRolePolicies "
    "ListRoleTags"), (RESERVED,) * 5 + ("arn:aws:iam::{owner}:role/team/app",), 0.1)
HELD = names("kms", "Decrypt Encrypt GenerateDataKey GenerateDataKeyWithoutPlaintext GenerateDataKeyPair "
    "GenerateDataKeyPairWithoutPlaintext ReEncryptFrom ReEncryptTo CreateGrant RetireGrant DescribeKey Sign "
    "Verify GetPublicKey GenerateMac VerifyMac DeriveSharedSecret Encapsulate Decapsulate")
NEVER_HELD = names("kms", "ListGrants RevokeGrant GetKeyPolicy PutKeyPolicy ScheduleKeyDeletion "
    "GetKeyRotationStatus")
UNDER_RCPS = tuple(
    """aoss appconfig appstream autoscaling autoscaling-plans budgets clouddirectory cloudfront
    cloudsearch cloudtrail-data codeartifact codebuild codecommit codepipeline cognito-identity cognito-idp comprehend
    comprehendmedical compute-optimizer cost-optimization-hub dax dsql dynamodb ecr ecr-public events firehose fis fms
    gamelift health inspector-scan kendra kinesisvideo kms logs memorydb networkmonitor notifications opensearch
    pca-connector-ad personalize polly pricing resource-groups rolesanywhere s3 secretsmanager servicediscovery signin
    sqs sts support swf textract timestream-influxdb transcribe transfer translate wafv2 workspaces xray""".split()
)
NOT_UNDER_RCPS = ("ec2", "iam", "sns", "lambda", "es", "kinesis", "glacier", "cloudwatch", "acme")
WITHOUT_OWNER = (names("ec2", "AcceptTransitGatewayPeeringAttachment AcceptVpcEndpointConnections "
    "AcceptVpcPeeringConnection CopyFpgaImage CopyImage CopySnapshot CreateTransitGatewayPeeringAttachment "
    "CreateVolume CreateVpcEndpoint CreateVpcPeeringConnection DeleteTransitGatewayPeeringAttachment "
    "DeleteVpcPeeringConnection RejectTransitGatewayPeeringAttachment RejectVpcEndpointConnections "
    "RejectVpcPeeringConnection"), names("route53", "AssociateVPCWithHostedZone CreateVPCAssociationAuthorization "
    "DeleteVPCAssociationAuthorization DisassociateVPCFromHostedZone ListHostedZonesByVPC"), names("workspaces",
    "DescribeWorkspaceImages"), names("ebs", "GetSnapshotBlock PutSnapshotBlock ListSnapshotBlocks "
    "StartSnapshot"), names("events", "PutEvents PutRule DescribeRule"))
WITH_OWNER = (* names("ec2", "CreateSnapshot AttachVolume StopInstances DeleteVpc ModifyVpcEndpoint"),
    "route53:GetHostedZone", "route53:ChangeResourceRecordSets", "workspaces:DescribeWorkspaces",
    "logs:PutLogEvents")
REGIONS: dict[str, tuple[str, ...]] = {"us-east-1": ("iam:GetRole", "organizations:DescribeAccount",
    "route53:GetHostedZone", "cloudfront:GetDistribution", "support:DescribeCases"), "us-west-2":
    ("chatbot:DescribeSlackChannels", "devicefarm:GetProject"), "": ("sts:AssumeRole", "s3:GetObject",
    "budgets:ViewBudget", "globalaccelerator:DescribeAccelerator", "ec2:Stop")}
ROOT_TASKS = ("support:RegisterEnterpriseSupport", "supportplans:CreateSupportPlanSchedule",
    "ec2:ModifyAddressAttribute")
TURK = names("mechanicalturk", "CreateHIT GetHIT ListHITs ApproveAssignment")
UNDER_SCPS = ("support:DescribeCases", "supportplans:GetSupportPlan", "ec2:StopInstances", "s3:ListAllMyBuckets")
BUCKET_DECIDES = names("s3", "PutObject DeleteObject DeleteObjectVersion AbortMultipartUpload "
    "ListMultipartUploadParts ReplicateObject ReplicateDelete")
OWNER_DECIDES = names("s3", "GetObject GetObjectVersion GetObjectAcl PutObjectAcl GetObjectTagging "
    "RestoreObject")
# whose list, permission, resource, what it gives
PERMISSIONS: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (("bucket_acl", "READ", BUCKET, names("s3",
    "ListBucket ListBucketVersions ListBucketMultipartUploads")), ("bucket_acl", "WRITE", OBJECT, names("s3",
    "PutObject DeleteObject")), ("bucket_acl", "READ_ACP", BUCKET, ("s3:GetBucketAcl",)), ("bucket_acl",
    "WRITE_ACP", BUCKET, ("s3:PutBucketAcl",)), ("object_acl", "READ", OBJECT, names("s3", "GetObject "
    "GetObjectVersion")), ("object_acl", "READ_ACP", OBJECT, names("s3", "GetObjectAcl GetObjectVersionAcl")),
    ("object_acl", "WRITE_ACP", OBJECT, names("s3", "PutObjectAcl PutObjectVersionAcl")))
API, FUNCTION = ("arn:aws:execute-api:us-east-1:{owner}:api/p/GET/x",
    "arn:aws:lambda:us-east-1:{owner}:function:f")
UNSIGNED: tuple[tuple[tuple[str, ...], str], ...] = ((names("s3", "GetObject PutObject DeleteObject"), OBJECT),
    (names("sqs", "SendMessage ReceiveMessage"), QUEUE), (names("sns", "Publish Subscribe Receive"),
    "arn:aws:sns:us-east-1:{owner}:t"), (("execute-api:Invoke",), API), (names("lambda", "InvokeFunctionUrl "
    "InvokeFunction"), FUNCTION), (("lambda:GetFunction",), FUNCTION), (("dynamodb:GetItem",), TABLE),
    (("kms:Decrypt",), KEY_OF), (("events:PutEvents",), "*"), (("secretsmanager:GetSecretValue",),
    "arn:aws:secretsmanager:us-east-1:{owner}:secret:s"), (("sts:AssumeRole", "sts:GetCallerIdentity"),
    ROLE.replace("{account}", "{owner}")))
RESOURCE_LESS = ("s3:ListAllMyBuckets", "ec2:DescribeInstances", "iam:ListUsers", "iam:ListRoles",
    "kms:ListKeys", "kms:CreateKey", "kms:GenerateRandom", "kms:ListAliases", "sns:ListTopics",
    "dynamodb:ListTables", "lambda:ListFunctions", "support:DescribeCases", "sts:GetCallerIdentity",
    "cloudwatch:ListMetrics", "ecr:GetAuthorizationToken", "sqs:ListQueues", "s3:ListBucket", "iam:GetUser",
    "lambda:GetFunction", "acme:DoThing")
TEMPORARY = (* names("sts", "GetSessionToken GetFederationToken GetCallerIdentity AssumeRole TagSession "
    "SetSourceIdentity SetContext DecodeAuthorizationMessage GetAccessKeyInfo AssumeRoot GetServiceBearerToken"),
    * names("iam", "PassRole GetRole CreateRole ListUsers"))
PARTED = (("s3:GetObject", "arn:{partition}:s3:::b/k"), ("sqs:SendMessage", "arn:{partition}:sqs:x-1:{owner}:q"),
    ("kms:Decrypt", "arn:{partition}:kms:x-1:{owner}:key/k"), ("iam:PassRole",
    "arn:{partition}:iam::{owner}:role/r"), ("sts:AssumeRole", "arn:{partition}:iam::{owner}:role/r"),
    ("ec2:Stop", "arn:{partition}:ec2:x-1:{owner}:i/i"), ("iam:ListUsers", "*"))
PARTITIONS = ("aws", "aws", "aws-cn", "aws-us-gov")
# fmt: on
