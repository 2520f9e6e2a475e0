"""Small worlds for property tests: policies of every layer, callers of every kind, requests that often match."""

from functools import cache

from hypothesis import strategies as st

from policyeval.principal import read_principal

A, B = "111111111111", "222222222222"
ALICE = f"arn:aws:iam::{A}:user/alice"
ROLE = f"arn:aws:iam::{A}:role/team/app"
SESSION = f"arn:aws:sts::{A}:assumed-role/app/s1"
FEDERATED = f"arn:aws:sts::{A}:federated-user/fred"
PROVIDER = f"arn:aws:iam::{A}:saml-provider/idp"
ORIGIN_IDENTITY = "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E123"
OBJECT, BUCKET = "arn:aws:s3:::b/k", "arn:aws:s3:::b"
QUEUE = f"arn:aws:sqs:us-east-1:{A}:q"
KEY = f"arn:aws:kms:us-east-1:{A}:key/1"
FUNCTION = f"arn:aws:lambda:us-east-1:{A}:function:f"
TEAM = {"team": "red"}


# Requests

CALLERS = {
    "user": ALICE,
    "user with tags": {"arn": ALICE, "tags": TEAM, "mfa": True},
    "user of another account": f"arn:aws:iam::{B}:user/bob",
    "role session": {"arn": SESSION, "role_arn": ROLE},
    "role session with tags": {"arn": SESSION, "role_arn": ROLE, "session_tags": TEAM},
    "any session of a role": ROLE,
    "role session of another account": f"arn:aws:sts::{B}:assumed-role/other/s",
    "federated user": {"arn": FEDERATED, "parent_user_arn": ALICE},
    "root user": f"arn:aws:iam::{A}:root",
    "root user of another account": B,
    "root session": {"arn": f"arn:aws:iam::{A}:root", "assumed_root": True},
    "member of an organization": {"arn": ALICE, "organization": {"id": "o-1", "path": "o-1/r-1/ou-1/"}},
    "management account": {"arn": ALICE, "organization": {"id": "o-1", "management_account": A}},
    "service-linked role": {
        "arn": f"arn:aws:sts::{A}:assumed-role/slr/s",
        "role_arn": f"arn:aws:iam::{A}:role/aws-service-role/x.amazonaws.com/slr",
    },
    "service": "sns.amazonaws.com",
    "origin access identity": ORIGIN_IDENTITY,
    "saml identity": PROVIDER,
    "web identity": {"provider": "accounts.google.com"},
    "anonymous": "anonymous",
}
TARGETS = [
    ("s3:GetObject", OBJECT),
    ("s3:GetObject", f"{OBJECT}/alice/x"),
    ("s3:PutObject", OBJECT),
    ("s3:ListBucket", BUCKET),
    ("s3:ListAllMyBuckets", "*"),
    ("s3:PutBucketPolicy", BUCKET),
    ("sqs:SendMessage", QUEUE),
    ("sqs:DeleteQueue", QUEUE),
    ("kms:Decrypt", KEY),
    ("kms:RetireGrant", KEY),
    ("lambda:InvokeFunction", FUNCTION),
    ("lambda:InvokeFunctionUrl", FUNCTION),
    ("ec2:DescribeInstances", "*"),
    ("iam:PassRole", ROLE),
    ("execute-api:Invoke", f"arn:aws:execute-api:us-east-1:{A}:api/dev/GET/x"),
    ("sts:AssumeRole", ROLE),
    ("sts:AssumeRoleWithSAML", ROLE),
    ("sts:AssumeRoleWithWebIdentity", ROLE),
    ("sts:GetCallerIdentity", "*"),
    ("sts:GetSessionToken", "*"),
]
# A few values of each key; most conditions below are about these.
CONTEXT_VALUES = {
    "aws:SourceIp": ["10.0.0.1", "203.0.113.9", "2001:db8::1", "nowhere"],
    "aws:TagKeys": [[], ["team"], ["team", "cost"], [""]],
    "aws:ResourceTag/team": ["red", "blue", "", "*"],
    "aws:PrincipalTag/team": ["red", "*", ""],
    "aws:MultiFactorAuthAge": ["10", "1e3", "soon"],
    "aws:MultiFactorAuthPresent": ["true", "false"],
    "aws:SecureTransport": ["true", "false"],
    "aws:SourceArn": [QUEUE, "arn:aws:sns:us-east-1:111111111111:t", "no arn"],
    "aws:CalledVia": [["athena.amazonaws.com"], []],
    "example:Unknown": ["red", ["red", "blue"], "10"],
}


CONTEXTS = st.dictionaries(st.sampled_from(sorted(CONTEXT_VALUES)), st.integers(0, 3), max_size=5).map(
    lambda chosen: {
        name: CONTEXT_VALUES[name][index % len(CONTEXT_VALUES[name])] for name, index in chosen.items()
    }
)


@st.composite
def requests(draw, callers=tuple(CALLERS)):
    """Ask for one action on one resource."""
    action, resource = draw(st.sampled_from(TARGETS))
    request = {
        "principal": CALLERS[draw(st.sampled_from(callers))],
        "action": action,
        "resource": resource,
        "context": draw(CONTEXTS),
        "time": "2026-01-01T00:00:00Z",
    }
    if ":s3:::" in resource and draw(st.booleans()):
        request["resource_account"] = A
    return request


# Statements

ACTION_PATTERNS = [
    "*", "s3:*", "s3:Get*", "S3:GETOBJECT", "s3:?utObject", "s3:List*", "sqs:*", "sqs:SendMessage", "kms:*", "lambda:*",
    "ec2:Describe*", "iam:*", "execute-api:Invoke", "sts:*", "sts:AssumeRole", "sts:AssumeRoleWith*", "s3:", "nothing",
]  # fmt: skip
RESOURCE_PATTERNS = [
    "*", "arn:aws:s3:::b/*", "arn:aws:s3:::b*", "arn:aws:s3:::*", "arn:aws:s3:::b/?", "arn:aws:s3:::x/*",
    "arn:aws:s3:::b/k/${aws:username}/*", "arn:aws:s3:::b/${aws:PrincipalTag/team, 'k'}",
    "arn:aws:sqs:*:*:q", "arn:aws:sqs", f"arn:aws:kms:*:{A}:key/*",
    "arn:aws:lambda:*:*:function:f*", "arn:aws:iam::*:role/*", "arn:aws:execute-api:*:*:*/*/GET/*", "no arn",
]  # fmt: skip
PRINCIPALS = [
    ("AWS", "*"), ("AWS", A), ("AWS", f"arn:aws:iam::{A}:root"), ("AWS", B), ("AWS", ALICE), ("AWS", ROLE),
    ("AWS", SESSION), ("AWS", FEDERATED), ("AWS", f"arn:aws:iam::{B}:user/bob"), ("AWS", ORIGIN_IDENTITY),
    ("AWS", "AIDAEXAMPLE"), ("Service", "sns.amazonaws.com"), ("Service", "*"), ("Federated", PROVIDER),
    ("Federated", "accounts.google.com"),
]  # fmt: skip
CONDITIONS = [
    ("StringEquals", "aws:ResourceTag/team", ["red", "${aws:PrincipalTag/team}"]),
    ("StringNotEquals", "aws:ResourceTag/team", ["blue", "${aws:PrincipalTag/team}"]),
    ("StringLike", "aws:PrincipalArn", [f"arn:aws:iam::{A}:*", "*role/team/*"]),
    ("StringNotLikeIfExists", "aws:PrincipalOrgID", ["o-*"]),
    ("StringEqualsIgnoreCase", "aws:PrincipalTag/team", ["RED", "Blue"]),
    ("ArnLike", "aws:SourceArn", ["*", f"arn:aws:sqs:*:{A}:*"]),
    ("ArnNotEquals", "aws:SourceArn", [QUEUE, "no arn"]),
    ("IpAddress", "aws:SourceIp", ["10.0.0.0/8", "2001:DB8::/32", "nonsense"]),
    ("NotIpAddress", "aws:SourceIp", ["10.0.0.0/8", "nonsense"]),
    ("NumericLessThan", "aws:MultiFactorAuthAge", ["60", "1e9", "soon"]),
    ("NumericNotEqualsIfExists", "aws:MultiFactorAuthAge", ["10"]),
    ("DateLessThan", "aws:CurrentTime", ["2030-01-01", "1767225599", "someday"]),
    ("Bool", "aws:SecureTransport", ["true", "false", "yes"]),
    ("BoolIfExists", "aws:MultiFactorAuthPresent", ["true", "false"]),
    ("Null", "aws:TagKeys", ["true", "false"]),
    ("ForAllValues:StringEquals", "aws:TagKeys", ["team", "cost"]),
    ("ForAnyValue:StringLike", "aws:TagKeys", ["t*"]),
    ("ForAnyValue:StringNotEquals", "aws:CalledVia", ["athena.amazonaws.com"]),
    ("StringEquals", "aws:CalledVia", ["athena.amazonaws.com"]),
    ("StringNotEquals", "example:Unknown", ["red"]),
]
CONDITION_BLOCKS = [
    {operator: {key: chosen}}
    for operator, key, values in CONDITIONS
    for chosen in [[value] for value in values] + ([values] if len(values) > 1 else [])
]
PRINCIPAL_ELEMENTS = [
    "*",
    *({kind: [text]} for kind, text in PRINCIPALS),
    {"AWS": [ALICE, ROLE]},
    {"AWS": [ALICE, A]},
    {"AWS": [SESSION, ROLE, f"arn:aws:iam::{A}:root"], "Service": ["sns.amazonaws.com"]},
    {"AWS": [A, B], "Federated": [PROVIDER]},
]


@cache
def action_lists(action):
    """List what Action may hold: half of it covers the action."""
    service = action.partition(":")[0]
    fitting = ["*", f"{service}:*", action, f"{service}:{action.partition(':')[2][:3]}*"]
    return [[one] for one in fitting * 4 + ACTION_PATTERNS] + [
        ["s3:Put*", action],
        ["sqs:*", "s3:*", "kms:*"],
    ]


@cache
def resource_lists(resource):
    """List what Resource may hold: half of it covers the resource."""
    fitting = ["*", resource, resource[:-1] + "*", "*"]
    return [[one] for one in fitting * 4 + RESOURCE_PATTERNS] + [[OBJECT, resource], [BUCKET, QUEUE]]


ONE_IN = {number: st.sampled_from([False] * (number - 1) + [True]) for number in (2, 3, 4, 6)}


@st.composite
def statements(draw, layer, request, effects=("Allow", "Deny")):
    """Give a statement that the policies of a layer may hold; many are about the request."""
    effect = draw(st.sampled_from(effects))
    statement = {"Effect": effect}
    if layer in ("resource", "trust", "endpoint"):
        negated = effect == "Deny" and layer != "trust" and draw(ONE_IN[4])
        statement["NotPrincipal" if negated else "Principal"] = draw(st.sampled_from(PRINCIPAL_ELEMENTS))
    if layer == "rcp":
        statement["Principal"] = "*"
    negated = layer != "rcp" and draw(ONE_IN[6])
    statement["NotAction" if negated else "Action"] = draw(st.sampled_from(action_lists(request["action"])))
    if layer != "trust":
        negated = draw(ONE_IN[6])
        listed = draw(st.sampled_from(resource_lists(request["resource"])))
        statement["NotResource" if negated else "Resource"] = listed
    condition = {}
    while draw(ONE_IN[2] if effect == "Deny" and not condition else ONE_IN[3]):
        condition = {**condition, **draw(st.sampled_from(CONDITION_BLOCKS))}
    return {**statement, "Condition": condition} if condition else statement


VERSIONS = ["2012-10-17", "2012-10-17", "2012-10-17", "2008-10-17"]
ALLOW_ALL = {"Effect": "Allow", "Action": ["*"], "Resource": ["*"]}


@st.composite
def documents(draw, layer, request):
    """Give a policy document of a layer; what only limits often starts by allowing everything."""
    effects = ("Deny",) if layer == "rcp" else ("Allow", "Allow", "Deny")
    listed = draw(st.lists(statements(layer, request, effects), min_size=1, max_size=2))
    if layer in ("identity", "boundary", "session", "scp", "endpoint") and draw(ONE_IN[2]):
        listed = [{**ALLOW_ALL, "Principal": "*"} if layer == "endpoint" else ALLOW_ALL, *listed]
    return {"Version": draw(st.sampled_from(VERSIONS)), "Statement": listed}


# Policy sets

LAYERS = ("identity", "resource", "trust", "boundary", "session", "scp", "rcp", "endpoint")
COMMON, RARE = ("identity", "resource", "trust"), ("boundary", "session", "scp", "rcp", "endpoint")


@st.composite
def situations(draw, *, callers=tuple(CALLERS), without=()):
    """Give a policy set and a request: most often with identity, resource and trust policies, sometimes others."""
    request = draw(requests(callers))
    refused = () if may_have_session_policy(request) else ("session",)
    present = [name for name in COMMON if not draw(ONE_IN[4])] + [name for name in RARE if draw(ONE_IN[6])]
    policies = {name: draw(entries(name, request)) for name in present if name not in (*without, *refused)}
    return policies, request


def may_have_session_policy(request):
    """Tell whether a session policy is accepted for the caller: a user has no session that could carry it (SP-3)."""
    caller = read_principal(request["principal"])
    return caller.session_policy_is_possible or caller.account is None


def entries(layer, request):
    """Give what stands in a policy set under the name of a layer."""
    document = documents(layer, request)
    if layer in ("scp", "rcp"):
        return st.lists(st.lists(document, min_size=1, max_size=2), min_size=1, max_size=2)
    return st.lists(document, min_size=1, max_size=2 if layer in ("identity", "session") else 1)
