"""The names that generated cases are made of."""

from __future__ import annotations

A, B, C = "111111111111", "222222222222", "333333333333"
ACCOUNTS = (A, A, A, B, C)
SERVICES = ("ec2.amazonaws.com", "lambda.amazonaws.com", "cloudfront.amazonaws.com", "sns.amazonaws.com")
OIDC = "arn:aws:iam::111111111111:oidc-provider/token.example.com/path"
SAML = "arn:aws:iam::111111111111:saml-provider/Corp"
OAI = "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E123"
KEY = "arn:aws:kms:eu-west-1:{account}:key/k1"
ROLE = "arn:aws:iam::{account}:role/team/app"
SAML_URL = "https://signin.aws.amazon.com/saml"

BUCKET_POLICY = (("s3:GetBucketPolicy", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy"), ("arn:aws:s3:::b",))

Call = tuple[tuple[str, ...], tuple[str, ...]]
# service → actions and resources that go together; `{account}` is the owner
# fmt: off
CALLS: tuple[Call, ...] = (
    (("s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:GetObjectAcl", "s3:GetObjectVersion"),
     ("arn:aws:s3:::b/k", "arn:aws:s3:::b/home/alice/x.txt", "arn:aws:s3:::b/a*b?c", "arn:aws:s3:::B-2/k")),
    (("s3:GetObject", "s3:PutObject", "s3:GetObject"), ("arn:aws:s3:::b/k", "arn:aws:s3:::b/alice/red")),
    (("s3:ListBucket", "s3:GetBucketPolicy", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy", "s3:PutBucketAcl",
      "s3:PutBucketTagging", "s3:GetBucketAcl"), ("arn:aws:s3:::b",)),
    BUCKET_POLICY,
    (("s3:ListAllMyBuckets",), ("*", "arn:aws:s3:::*", "arn:aws:s3:::b")),
    (("s3:GetObject", "s3:PutObject"), ("arn:aws:s3:eu-west-1:{account}:accesspoint/ap/object/k",)),
    (("s3:ListBucket",), ("arn:aws:s3:eu-west-1:{account}:accesspoint/ap",)),
    (("kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:DescribeKey", "kms:CreateGrant", "kms:RetireGrant"),
     (KEY, KEY, "arn:aws:kms:eu-west-1:{account}:key/k2")),
    (("kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"), (KEY,)),
    (("kms:Decrypt",), (KEY,)),
    (("kms:CreateAlias", "kms:DeleteAlias", "kms:UpdateAlias"),
     ("arn:aws:kms:eu-west-1:{account}:alias/mine", "arn:aws:kms:eu-west-1:{account}:alias/aws/s3", KEY)),
    (("kms:ListKeys",), ("*", KEY)),
    (("sts:AssumeRole",), (ROLE, ROLE, "arn:aws:iam::{account}:role/other")),
    (("sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"), (ROLE,)),
    (("sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity"), (ROLE,)),
    (("sts:GetCallerIdentity", "sts:GetSessionToken", "sts:GetWebIdentityToken"), ("*",)),
    (("sts:GetFederationToken",), ("arn:aws:sts::{account}:federated-user/fred",)),
    (("sqs:SendMessage", "sqs:ReceiveMessage", "sqs:DeleteQueue"), ("arn:aws:sqs:us-east-1:{account}:q",)),
    (("sns:Publish", "sns:Subscribe"), ("arn:aws:sns:us-east-1:{account}:t",)),
    (("dynamodb:GetItem", "dynamodb:Query", "dynamodb:CreateTable"),
     ("arn:aws:dynamodb:us-east-1:{account}:table/T", "arn:aws:dynamodb:us-east-1:{account}:table/T/index/I")),
    (("lambda:InvokeFunction", "lambda:InvokeFunctionUrl"),
     ("arn:aws:lambda:us-east-1:{account}:function:f", "arn:aws:lambda:us-east-1:{account}:function:f:1")),
    (("lambda:InvokeFunctionUrl",), ("arn:aws:lambda:us-east-1:{account}:function:f",)),
    (("execute-api:Invoke",), ("arn:aws:execute-api:us-east-1:{account}:api/prod/GET/pets/1",)),
    (("iam:PassRole", "iam:CreateRole", "iam:TagRole", "iam:GetRole"),
     (ROLE, "arn:aws:iam::{account}:role/aws-reserved/r")),
    (("iam:PassRole",), (ROLE,)),
    (("iam:PassRole",), (ROLE, "arn:aws:iam::{account}:role/other")),
    (("iam:GetUser",), ("arn:aws:iam::{account}:user/alice",)),
    (("iam:DeletePolicy", "iam:GetPolicy"), ("arn:aws:iam::aws:policy/P", "arn:aws:iam::{account}:policy/P")),
    (("ec2:RunInstances", "ec2:StopInstances"), ("arn:aws:ec2:eu-west-1:{account}:instance/i-1",)),
    (("ec2:DescribeInstances", "iam:ListUsers", "support:DescribeCases"),
     ("*", "arn:aws:ec2:eu-west-1:{account}:instance/i-1")),
    (("secretsmanager:GetSecretValue",), ("arn:aws:secretsmanager:us-east-1:{account}:secret:s-1",)),
    (("events:PutEvents", "logs:PutLogEvents"), ("arn:aws:events:us-east-1:{account}:event-bus/default",)),
    (("acme:DoThing", "acme:do-thing.v2"), ("arn:aws:acme:us-east-1:{account}:thing/a:b/c", "arn:aws-cn:acme:::thing")),
)

# condition key → family and the values that a request may give
KEYS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("aws:PrincipalTag/Team", "String", ("red", "Blue", "*", "", "alice", "${aws:username}", "r?d")),
    ("aws:RequestTag/Team", "String", ("red", "blue")),
    ("aws:ResourceTag/Team", "String", ("red", "Red", "")),
    ("s3:ExistingObjectTag/T", "String", ("red", "yes")),
    ("s3:prefix", "String", ("", "home/", "home/alice/x", "HOME/", "home/*")),
    ("s3:x-amz-acl", "String", ("public-read", "private", "bucket-owner-full-control")),
    ("s3:x-amz-server-side-encryption", "String", ("aws:kms", "AES256")),
    ("aws:SourceVpce", "String", ("vpce-1", "vpce-2")),
    ("aws:SourceVpc", "String", ("vpc-1", "vpc-2")),
    ("aws:SourceAccount", "String", (A, B)),
    ("aws:UserAgent", "String", ("curl/8", "straße", "STRASSE", "e\u0301", "line\nbreak")),
    ("aws:PrincipalOrgID", "String", ("o-1", "o-2")),
    ("aws:SourceOwner", "String", (A, B)),
    ("aws:VpceAccount", "String", (A, B)),
    ("aws:VpceOrgID", "String", ("o-1",)),
    ("events:source", "String", ("aws.ec2", "com.example")),
    ("sts:ExternalId", "String", ("x", "X")),
    ("sts:RoleSessionName", "String", ("s1", "alice")),
    ("saml:aud", "String", (SAML_URL,)),
    ("accounts.google.com:aud", "String", ("app1", "app2")),
    ("iam:PassedToService", "String", ("ec2.amazonaws.com", "lambda.amazonaws.com")),
    ("kms:ViaService", "String", ("s3.eu-west-1.amazonaws.com",)),
    ("kms:EncryptionContext:p", "String", ("1", "2")),
    ("kms:GrantConstraintType", "String", ("EncryptionContextEquals", "EncryptionContextSubset")),
    ("lambda:FunctionUrlAuthType", "String", ("NONE", "AWS_IAM")),
    ("lambda:InvokedViaFunctionUrl", "Bool", ("true", "false")),
    ("acme:Label", "String", ("one", "*", "", "?")),
    ("aws:SourceVpcArn", "Arn", ("arn:aws:ec2:us-east-1:111111111111:vpc/vpc-1",
     "arn:aws:ec2:us-east-1:222222222222:vpc/v")),
    ("aws:SourceArn", "Arn", ("arn:aws:sns:us-east-1:111111111111:t", "arn:aws:s3:::b",
     "arn:aws:cloudfront::111111111111:distribution/E:1/x", "nothing")),
    ("aws:SourceIp", "Ip", ("203.0.113.7", "10.1.2.3", "2001:db8::1", "::ffff:10.0.0.1", "10.0.0.1:80", "010.0.0.1")),
    ("s3:max-keys", "Numeric", ("9", "10", "10.0", "1e1", "-3", "ten", "+10", "010")),
    ("aws:MultiFactorAuthAge", "Numeric", ("10", "3600", "soon")),
    ("s3:signatureAge", "Numeric", ("100", "600000")),
    ("aws:CurrentTime", "Date", ("2026-01-01T00:00:00Z", "2025-12-31T23:30:00-01:00", "1767225600")),
    ("aws:TokenIssueTime", "Date", ("2026-01-01T00:00:00Z", "2026-01", "2024", "1767225600.5", "yesterday")),
    ("aws:EpochTime", "Date", ("1767225600", "1767225599")),
    ("aws:SecureTransport", "Bool", ("true", "false", "TRUE")),
    ("aws:MultiFactorAuthPresent", "Bool", ("true", "false")),
    ("aws:ViaAWSService", "Bool", ("true", "false")),
    ("acme:Blob", "Binary", ("QQ==", "QUI=", "QQ", "not base64!")),
)  # fmt: skip
LISTS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("aws:TagKeys", "String", ("Team", "team", "cost", "", "x*")),
    ("aws:CalledVia", "String", ("athena.amazonaws.com", "cloudformation.amazonaws.com")),
    ("aws:PrincipalOrgPaths", "String", ("o-1/r-1/ou-1/", "o-1/r-1/")),
    ("aws:VpceOrgPaths", "String", ("o-1/r-1/ou-1/", "o-1/r-1/", "o-1/*")),
    ("aws:ResourceOrgPaths", "String", ("o-1/r-1/ou-1/", "o-1/r-1/")),
    ("saml:mail", "String", ("ana@example.com", "ben@example.com")),
    ("events:detail-type", "String", ("one", "two")),
    ("dynamodb:LeadingKeys", "String", ("alice", "bob")),
    ("kms:GrantOperations", "String", ("Decrypt", "Encrypt", "RetireGrant")),
    ("sts:TransitiveTagKeys", "String", ("Team", "cost")),
    ("aws:PrincipalServiceNamesList", "String", ("ec2.amazonaws.com", "eu.ec2.amazonaws.com")),
    ("acme:Labels", "String", ("one", "two", "", "*")),
    ("acme:Numbers", "Numeric", ("1", "2", "30", "4.5", "2", "x")),
    ("acme:Arns", "Arn", ("arn:aws:s3:::b", "arn:aws:sns:us-east-1:111111111111:t", "arn:aws:s3:::other")),
    ("acme:Times", "Date", ("2026-01-01T00:00:00Z", "2026", "1767225600", "2025-06-30", "later")),
    ("acme:Flags", "Bool", ("true", "false", "True", "false", "maybe")),
    ("acme:Blobs", "Binary", ("QQ==", "QUI=", "QUJD")),
    ("acme:Numbers2", "Numeric", ("1", "10", "100", "")),
    ("acme:Addresses", "Ip", ("10.0.0.1", "2001:db8::1", "198.51.100.7", "10.200.0.1")),
)
Derived = tuple[str, str, tuple[str, ...], str]
# keys that AWS fills in: family, values, and the kind of caller, the service or the action that has them ("" for all)
DERIVED: tuple[Derived, ...] = (
    ("aws:PrincipalType", "String", ("User", "AssumedRole", "Account", "FederatedUser", "Anonymous"), ""),
    ("aws:userid", "String", ("anonymous", "{account}", "AIDAALICE1", "AROAAPP1:s1", "{account}:fred"), ""),
    ("aws:userid", "String", ("anonymous",), "anonymous"),
    ("aws:userid", "String", ("AROAAPP1:s1", "AROAAPP1"), "role-session"),
    ("aws:userid", "String", ("{account}:fred",), "federated-user"),
    ("aws:PrincipalOrgID", "String", ("o-1", "o-2"), ""),
    ("aws:PrincipalOrgID", "String", ("o-1",), "oai"),
    ("aws:PrincipalOrgPaths", "List", ("o-1/r-1/ou-1/", "o-1/r-1/"), "user"),
    ("aws:ResourceOrgPaths", "List", ("o-1/r-1/ou-1/", "o-1/r-1/"), ""),
    ("aws:MultiFactorAuthPresent", "Bool", ("true", "false"), "user"),
    ("aws:MultiFactorAuthPresent", "Bool", ("true", "false"), "role-session"),
    ("aws:PrincipalServiceName", "String", ("ec2.amazonaws.com", "lambda.amazonaws.com"), "service"),
    ("aws:PrincipalIsAWSService", "Bool", ("true", "false"), "anonymous"),
    ("aws:SourceVpce", "String", ("vpce-1",), ""),
    ("aws:TagKeys", "List", ("Team", "cost"), ""),
    ("aws:SecureTransport", "Bool", ("true", "false"), ""),
    ("aws:ViaAWSService", "Bool", ("true", "false"), ""),
    ("aws:CurrentTime", "Date", ("2026-01-01T00:00:00Z", "2026-01-01T00:00:01Z"), ""),
    ("aws:EpochTime", "Numeric", ("1767225600", "1767225601"), ""),
    ("aws:username", "String", ("alice", "Alice", "bob"), "user"),
    ("aws:PrincipalTag/Team", "String", ("red", "Blue", "*"), ""),
    ("aws:PrincipalTag/team", "String", ("red", "Blue", "*"), "role-session"),
    ("aws:PrincipalIsAWSService", "Bool", ("true", "false"), ""),
    ("aws:PrincipalIsAWSService", "Bool", ("true", "false"), "service"),
    ("aws:AssumedRoot", "Bool", ("true",), "root"),
    ("aws:SourceIdentity", "String", ("sid",), ""),
    ("sts:SourceIdentity", "String", ("sid",), "sts"),
    ("aws:ResourceTag/Team", "String", ("red", "blue"), "sts:AssumeRole"),
    ("aws:ResourceTag/Team", "String", ("red", "blue"), "s3"),
    ("aws:SourceIp", "Ip", ("0.0.0.0/0", "::/0", "::/0"), ""),
    ("aws:RequestedRegion", "String", ("us-east-1", "eu-west-1"), ""),
    ("aws:RequestedRegion", "String", ("us-east-1",), "iam"),
    ("aws:ResourceOrgID", "String", ("o-1", "o-2"), ""),
    ("aws:ResourceAccount", "String", ("{account}", "{owner}"), ""),
    ("aws:CalledViaFirst", "String", ("athena.amazonaws.com", "cloudformation.amazonaws.com"), ""),
    ("aws:CalledViaLast", "String", ("athena.amazonaws.com", "cloudformation.amazonaws.com"), ""),
    ("kms:CallerAccount", "String", ("{account}", "{owner}"), "kms"),
    ("s3:ResourceAccount", "String", ("{account}", "{owner}"), "s3"),
    ("s3:DataAccessPointAccount", "String", ("{account}", "{owner}"), "accesspoint"),
    ("s3:DataAccessPointArn", "String", ("arn:aws:s3:eu-west-1:{owner}:accesspoint/ap",), "accesspoint"),
    ("s3:AccessPointNetworkOrigin", "String", ("VPC", "Internet"), "accesspoint"),
)
DERIVED_OPERATORS = {
    "String": ("StringEquals", "StringEquals", "StringNotEquals", "StringEqualsIfExists", "Null"),
    "Bool": ("Bool", "BoolIfExists", "Null"),
    "Ip": ("IpAddress", "NotIpAddress", "IpAddressIfExists"),
    "List": ("ForAnyValue:StringEquals", "ForAllValues:StringEquals", "ForAnyValue:StringNotEquals", "Null"),
    "Date": ("DateEquals", "DateLessThan", "DateGreaterThanEquals"),
    "Numeric": ("NumericEquals", "NumericLessThan", "NumericGreaterThanEquals"),
}
# family → values at the edges of what is read, drawn at times on both sides
EDGES: dict[str, tuple[str, ...]] = {
    "String": ("A\u03a3", "a\u03c3", "a\u03c2", "\u0130", "i", "\u212a", "k"),
    "Numeric": ("1e0000000001", "10", "1e99999999999999999999", "10e99999999999999999998", "2e-99999999999999999999",
                "-1e99999999999999999999", "0e99999999999999999999", "0", "1e400000000", "1e399999999",
                "123456789012345678901234567890.1", "123456789012345678901234567890.2"),
    "Date": ("2026-01-01T00:00:00.00000000000000000000001Z", "2026-01-01T00:00:00Z",
             "1767225600.00000000000000000000001", "-0.5", "1969-12-31T23:59:59.5Z", "0000-12-31", "0000",
             "0001-01-01T00:00+01:00", "-62135600400", "-5"),
    "Binary": ("QUJD", "QUJD=", "QUJD==", "QUJD====", "QR==", "QQ==", "QUI=", "QUJ="),
}
OPERATORS: dict[str, tuple[str, ...]] = {
    "String": ("StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase",
               "StringLike", "StringNotLike"),
    "Numeric": tuple("Numeric" + each for each in ("Equals", "NotEquals", "LessThan", "LessThanEquals",
                                                   "GreaterThan", "GreaterThanEquals")),
    "Date": tuple("Date" + each for each in ("Equals", "NotEquals", "LessThan", "LessThanEquals",
                                             "GreaterThan", "GreaterThanEquals")),
    "Bool": ("Bool",),
    "Binary": ("BinaryEquals",),
    "Ip": ("IpAddress", "NotIpAddress"),
    "Arn": ("ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike"),
}  # fmt: skip
FAMILIES = tuple(OPERATORS)
# Families with more operators are drawn more often, so that every operator comes up as often as any other.
TYPED_FAMILIES = tuple(family for family, names in OPERATORS.items() for _ in names if family != "String")
BY_FAMILY = {
    (family, many): [row for row in rows if row[1] == family]
    for family in FAMILIES
    for many, rows in ((False, KEYS), (True, LISTS))
}
"""The keys of a family, single-valued or multi-valued."""
SAMPLES: dict[str, tuple[str, ...]] = {
    "String": ("", "*", "red", "${aws:username}", "${*}", "a,b", "${aws:username"),
    "Numeric": ("0", "10", "10.00", "1e1", "9.999", "10abc", "NaN", "-0", "+10", "1e400", ".5", "5.",
                "1", "2", "20", "35", "3600", "-4"),
    "Date": ("2026", "2026-01", "2026-01-01", "2026-01-01T00:00Z", "2026-01-01T00:00:00.0+01:00", "1767225600",
             "2026-02-30", "2026-01-01T24:00:00Z", "2026-01-01T00:00:00", "1767225600.0", "now", "-1", "2026-1-1",
             "2024-12-31", "2026-01-02T03:04:05Z", "1893456000", "2027", "1700000000"),
    "Bool": ("true", "false", "True", "FALSE", "yes", "", "0"),
    "Binary": ("QQ==", "QUI=", "QUJD", "QQ=", "", "****", "QR=="),
    "Ip": ("203.0.113.0/24", "203.0.113.7/24", "10.0.0.0/8", "0.0.0.0/0", "::/0", "::/1", "::/0", "2001:DB8::/32",
           "10.1.2.3", "010.1.2.3", "10.1.2", "10.0.0.0/33", "10.0.0.0-10.0.0.9", "fe80::1%eth0", "10.0.0.0/",
           "::1/129"),
    "Arn": ("*", "arn:*", "arn:aws:s3:::b", "arn:aws:sns:*:111111111111:*", "arn:aws:*:*:*:*", "arn:aws:sns:*",
            "ARN:aws:s3:::b", "arn:aws:iam::111111111111:role/*", "arn:aws:s3:::${aws:username}"),
}  # fmt: skip
VARIABLES = (
    "aws:username", "AWS:UserName", "aws:PrincipalTag/Team", "aws:principaltag/team", "aws:TagKeys", "s3:prefix",
    "aws:PrincipalAccount", "acme:Label", "acme:None", "aws:userid", "aws:PrincipalArn", "*", "?", "$",
)  # fmt: skip
OPTIONS: dict[str, object] = {
    "notprincipal_chain": "any", "malformed": "false-condition", "null_empty_string": "present",
    "null_with_set_operator": "constant", "strict_resource_type": True, "lambda_url_legacy": True, "d1": "peer",
    "d2": "peer", "d4": "peer", "d5": "peer", "d6": "peer", "d7": "peer", "d11": "peer", "d14": "peer", "d15": "peer",
    "d16": "peer", "d18": "peer", "d20": "peer", "d21": "peer",
}  # fmt: skip
# fmt: on
