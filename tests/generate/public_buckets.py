"""Public policies and public access control lists, which Block Public Access stops."""

from __future__ import annotations

from typing import Any

from .buckets import (
    GROUPS,
    Family,
    Scene,
    Statement,
    access_points,
    foreign_objects,
    listed_grants,
    network,
    policy_set,
    repairs,
    scene,
    tagged_buckets,
)
from .dice import Dice
from .requests import origin_access_identity, role_session, root, user
from .statements import broad
from .vocabulary import C

# fmt: off
FIXED = "arn:aws:iam::111111111111:role/x"
ARNS = (FIXED, FIXED, "arn:aws:iam::111111111111:role/*", "arn:aws:iam::111111111111:role/?", "arn:aws:iam::*:role/x",
        "arn:aws:s3:::*", "arn:aws:iam::111111111111:user/${aws:username}")
POINT = "arn:aws:s3:eu-west-1:111111111111:accesspoint/"
POINTS = (POINT + "p0", POINT + "p0", POINT + "*", POINT + "*", "arn:aws:s3:*:111111111111:accesspoint/p?",
          "arn:aws:s3:eu-west-1:*:accesspoint/p0", POINT + "${aws:username}")
EQUALS = ("StringEquals",) * 5 + ("StringEqualsIgnoreCase", "StringLike", "StringLike", "ForAnyValue:StringEquals")
# S3-5: operators and values that fix a key of each sort, and some that do not
SORTS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "text": ((*EQUALS, *EQUALS, "StringNotEquals", "ArnEquals", "Null"),
             (*["one"] * 24, "o*", "*", "on?", "${aws:username}", "one${aws:username}")),
    "arn": (("ArnEquals", "ArnEquals", "ArnLike", "ArnLike", "StringEquals", "StringLike", "ArnNotLike"), ARNS),
    "point": (("ArnEquals", "ArnLike", "ArnLike", "StringEquals", "StringLike", "StringLike"), POINTS),
    "network": (("IpAddress",) * 7 + ("NotIpAddress", "StringEquals"),
                ("10.0.0.0/7", "10.0.0.0/8", "10.0.0.0/8", "10.0.0.0/8", "10.0.0.0/9", "203.0.113.7", "172.16.0.0/12",
                 "2001:db8::/31", "2001:db8::/32", "2001:db8::/32", "2001:db8::/33", "2001::/16", "0.0.0.0/0")),
    "path": ((*["StringLike"] * 6, "StringEquals", "ArnLike"),
             ("o-1/r-1/", "o-1/r-1/", "o-1/*", "o-1/*", "o-1/r-?/", "o-*/x", "x-1/*", "o-1*", "o-1/${aws:username}*")),
    "flag": (("Bool",) * 6 + ("StringEquals", "Null"), ("true", "true", "True", "false")),
    "service": (("StringEquals", "StringLike", "StringLike", "ArnLike"),
                ("ec2.amazonaws.com", "*.amazonaws.com", "*.amazonaws.com", "*", "${aws:username}.amazonaws.com")),
}
KEYS_OF = {
    "text": ("aws:PrincipalOrgID", "aws:PrincipalAccount", "aws:SourceVpc", "aws:SourceVpce", "aws:SourceOwner",
             "aws:SourceAccount", "aws:userid", "s3:DataAccessPointAccount", "aws:VpceAccount", "aws:VpceOrgID",
             "s3:x-amz-server-side-encryption-aws-kms-key-id", "acme:Label", "aws:PrincipalTag/Team"),
    "arn": ("aws:PrincipalArn", "aws:SourceArn", "aws:SourceVpcArn"),
    "point": ("s3:DataAccessPointArn",) * 2,
    "network": ("aws:SourceIp",) * 4,
    "path": ("aws:PrincipalOrgPaths", "aws:VpceOrgPaths") * 3,
    "flag": ("aws:PrincipalIsAWSService",) * 5 + ("aws:SecureTransport",),
    "service": ("aws:PrincipalServiceName", "aws:PrincipalServiceNamesList"),
}
PUBLIC_KEYS = [(key, sort) for sort, keys in KEYS_OF.items() for key in keys]
PRINCIPALS: tuple[Statement, ...] = (
    {"NotPrincipal": {"AWS": C}}, {"NotPrincipal": {"AWS": "arn:aws:iam::333333333333:user/bob"}},
    {"Principal": {"Federated": "accounts.google.com"}}, {"Principal": {"AWS": C}}, {"Principal": {"AWS": [C, "*"]}},
    {"Principal": {"AWS": C, "Federated": "accounts.google.com"}}, {"Principal": {"Service": "sns.amazonaws.com"}},
    {"Principal": {"CanonicalUser": "c" * 8}}, {"Principal": "*", "Effect": "Deny", "Action": "s3:PutObject"}, {},
    {"Principal": {"AWS": "*", "Service": "sns.amazonaws.com"}},
)
WRITES = ("s3:PutObject", "s3:PutObject", "s3:PutObjectAcl", "s3:PutObjectVersionAcl", "s3:PutBucketAcl",
          "s3:CreateBucket", "s3:GetObject", "s3:DeleteObject")
CANNED = ("public-read", "public-read-write", "authenticated-read", "authenticated-read", "private",
          "bucket-owner-full-control", "Public-Read")
HEADERS = ("read", "write", "read-acp", "write-acp", "full-control", "other")
GRANTED = (f'uri="{GROUPS}AllUsers"', f'uri="{GROUPS}AuthenticatedUsers"', 'id="0a1b"',
           f'id="0a1b", uri="{GROUPS}AllUsers"')
STRANGERS = (user, user, user, role_session, role_session, root, origin_access_identity)
# fmt: on


def public_policies(dice: Dice) -> Family:
    """S3-4, S3-5: several buckets and access points, each with a few statements that may be public."""
    found, resources, points, requests = scene(dice, STRANGERS, 0), {}, {}, []
    for number in range(10):
        bucket, at_point = f"arn:aws:s3:::b{number}", dice.chance(0.3)
        place = found.point(number) if at_point else bucket
        resources[bucket] = statements(found, False) if not at_point or dice.chance(0.3) else [found.exact()]
        if at_point:
            resources[place] = statements(found, True)
            points[place] = {"bucket": f"b{number}"} | ({"vpc": "vpc-1"} if dice.chance(0.25) else {})
        requests.append(found.ask("s3:GetObject", place + ("/object/k" if at_point else "/k"), network(dice)))
        if dice.chance(0.15):
            requests[-1]["principal"] = scene(dice).principal
    block = {"restrict_public_buckets": dice.chance(0.95)}
    return policy_set(resources, {"block_public_access": block, "access_points": points}), requests


def statements(found: Scene, at_point: bool) -> list[Statement]:
    """Allow the caller by name; S3-5: the policy is public if one of the others is."""
    dice = found.dice
    others = [perhaps_public(dice, at_point) for _ in range(dice.pick((1, 2, 2, 3)))]
    return [*others, found.exact()] if dice.chance(0.5) else [found.exact(), *others]


def perhaps_public(dice: Dice, at_point: bool) -> Statement:
    """S3-5: limit a statement for everybody by a condition, or name others than everybody."""
    if dice.chance(0.1):
        found = broad("resource") | {"Action": "s3:Get*"}
        del found["Principal"]
        return found | dice.pick(PRINCIPALS)
    conditions: dict[str, dict[str, Any]] = {}
    for _ in range(dice.pick((1,) * 9 + (2,))):
        key, sort = dice.pick(PUBLIC_KEYS)
        if at_point and dice.chance(0.25):
            key, sort = "s3:DataAccessPointArn", "point"
        operator, values = limit(dice, sort)
        conditions.setdefault(operator, {})[key] = values
    return broad("resource") | {"Condition": conditions}


def limit(dice: Dice, sort: str) -> tuple[str, Any]:
    """One operator, seldom modified, and one or two values."""
    operators, values = SORTS[sort]
    operator = dice.pick(operators)
    if operator == "Null":
        return operator, "false"
    if ":" not in operator and dice.chance(0.07):
        operator = dice.pick(("ForAllValues:", "ForAllValues:", "ForAnyValue:")) + operator
    operator += "IfExists" if dice.chance(0.04) else ""
    drawn = [dice.pick(values) for _ in range(dice.pick((1,) * 7 + (2,)))]
    return operator, dice.scalar_or_list(drawn)


def public_writes(dice: Dice) -> Family:
    """S3-4: calls that write an access control list, which may be public."""
    found = scene(dice, own=0.5)
    requests = []
    for _ in range(dice.number(7, 10)):
        action = dice.pick(WRITES)
        bucket = "arn:aws:s3:::b" if "Bucket" in action else "arn:aws:s3:::b/k"
        requests.append(found.ask(action, bucket, written_list(dice)))
    switches = {"block_public_acls": dice.chance(0.9), "ignore_public_acls": dice.chance(0.5)}
    return policy_set({"arn:aws:s3:::b": [found.exact()]}, {"block_public_access": switches}), requests


def written_list(dice: Dice) -> dict[str, Any]:
    """A canned list, or grants in headers."""
    if dice.chance(0.5):
        return {"s3:x-amz-acl": dice.pick(CANNED)}
    headers = {f"s3:x-amz-grant-{dice.pick(HEADERS)}": dice.pick(GRANTED)}
    return headers | ({"s3:x-amz-acl": "private"} if dice.chance(0.2) else {})


PLANS = (
    *[public_policies] * 11, *[public_writes] * 3, *[listed_grants] * 5, *[foreign_objects] * 5, *[access_points] * 4,
    *[repairs] * 3, *[tagged_buckets] * 2,
)  # fmt: skip


def about_public_bucket(dice: Dice) -> Family:
    """S3-2 to S3-6, S3-12: let one of S3's own rules decide."""
    return dice.pick(PLANS)(dice)
