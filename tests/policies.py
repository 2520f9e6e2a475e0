"""Small worlds for property tests: policies of every layer, callers of every kind, requests that often match."""

from hypothesis import strategies as st

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


@st.composite
def contexts(draw):
    """Give some of the keys, with values that conditions are about."""
    names = draw(st.lists(st.sampled_from(sorted(CONTEXT_VALUES)), max_size=5, unique=True))
    return {name: draw(st.sampled_from(CONTEXT_VALUES[name])) for name in names}


@st.composite
def requests(draw, callers=tuple(CALLERS)):
    """Ask for one action on one resource."""
    action, resource = draw(st.sampled_from(TARGETS))
    request = {
        "principal": CALLERS[draw(st.sampled_from(callers))],
        "action": action,
        "resource": resource,
        "context": draw(contexts()),
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
    "*", "arn:aws:s3:::b/*", "arn:aws:s3:::b*", "arn:aws:s3:::*", "arn:aws:s3:::b/?", "arn:aws:s3:::b/k/${aws:username}/*",
    "arn:aws:s3:::b/${aws:PrincipalTag/team, 'k'}", "arn:aws:sqs:*:*:q", "arn:aws:sqs", f"arn:aws:kms:*:{A}:key/*",
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
FEW_CONDITIONS = st.lists(st.sampled_from(CONDITIONS), max_size=2) | st.just([])


@st.composite
def conditions(draw):
    """Give up to two conditions, with some of their values."""
    blocks = {}
    for operator, key, values in draw(FEW_CONDITIONS):
        chosen = draw(st.lists(st.sampled_from(values), min_size=1, max_size=2, unique=True))
        blocks.setdefault(operator, {})[key] = chosen
    return blocks


@st.composite
def principals(draw):
    """Give a Principal: `*`, or lists by type."""
    named = draw(st.lists(st.sampled_from(PRINCIPALS), min_size=1, max_size=3, unique=True))
    if draw(st.integers(0, 3)) == 0:
        return "*"
    return {kind: [text for other, text in named if other == kind] for kind, _ in named}


def lists_of(values):
    """Give one or two of the values, the widest one (the first) most often."""
    return st.just(values[:1]) | st.lists(st.sampled_from(values), min_size=1, max_size=2, unique=True)


@st.composite
def statements(draw, layer, effects=("Allow", "Deny")):
    """Give a statement that the policies of a layer may hold."""
    effect = draw(st.sampled_from(effects))
    statement = {"Effect": effect}
    if layer in ("resource", "trust", "endpoint"):
        negated = effect == "Deny" and layer != "trust" and draw(st.integers(0, 4)) == 0
        statement["NotPrincipal" if negated else "Principal"] = draw(principals())
    if layer == "rcp":
        statement["Principal"] = "*"
    negated = layer != "rcp" and draw(st.integers(0, 5)) == 0
    statement["NotAction" if negated else "Action"] = draw(lists_of(ACTION_PATTERNS))
    if layer != "trust":
        negated = draw(st.integers(0, 5)) == 0
        statement["NotResource" if negated else "Resource"] = draw(lists_of(RESOURCE_PATTERNS))
    condition = draw(conditions())
    if condition:
        statement["Condition"] = condition
    return statement


@st.composite
def documents(draw, layer, *, min_size=1):
    """Give a policy document of a layer."""
    effects = ("Deny",) if layer == "rcp" else ("Allow", "Allow", "Deny")
    listed = draw(st.lists(statements(layer, effects), min_size=min_size, max_size=3))
    version = draw(st.sampled_from(["2012-10-17"] * 3 + ["2008-10-17"]))
    return {"Version": version, "Statement": listed}


# Policy sets

LAYERS = ("identity", "resource", "trust", "boundary", "session", "scp", "rcp", "endpoint")
NO_SESSION_POLICY = ("user", "root user")  # SP-3: an input error


@st.composite
def policy_sets(draw, *, without=()):
    """Give policies in some of the layers; identity, resource and trust most often."""
    common = [name for name in ("identity", "resource", "trust") if draw(st.integers(0, 3))]
    others = [name for name in ("boundary", "session", "scp", "rcp", "endpoint") if not draw(st.integers(0, 2))]
    return {name: draw(entries(name)) for name in common + others if name not in without}


def entries(layer):
    """Give what stands in a policy set under the name of a layer."""
    if layer in ("scp", "rcp"):
        return st.lists(st.lists(documents(layer), min_size=1, max_size=2), min_size=1, max_size=2)
    most = 1 if layer in ("boundary", "trust", "resource", "endpoint") else 2
    return st.lists(documents(layer), min_size=1, max_size=most)


def documents_in(policies):
    """Walk the documents of a policy set, with their layers."""
    for layer, listed in policies.items():
        if layer in LAYERS:
            for entry in listed:
                for document in entry if isinstance(entry, list) else [entry]:
                    yield layer, document
