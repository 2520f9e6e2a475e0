"""Buckets in S3's own ways: access control lists, owners of objects, access points, repairs, tags."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .dice import Dice, Family
from .policy_sets import everything
from .requests import anonymous, origin_access_identity, role_session, root, service, user
from .statements import broad
from .vocabulary import A, B, C

Statement = dict[str, Any]

# fmt: off
GROUPS = "http://acs.amazonaws.com/groups/global/"
PUBLIC = (GROUPS + "AllUsers", GROUPS + "AuthenticatedUsers")
PERMISSIONS = ("READ", "WRITE", "READ_ACP", "WRITE_ACP")
OF_BUCKETS = ("s3:ListBucket", "s3:ListBucketVersions", "s3:ListBucketMultipartUploads", "s3:GetBucketAcl",
              "s3:PutBucketAcl")
OF_OBJECTS = ("s3:PutObject", "s3:DeleteObject", "s3:GetObject", "s3:GetObjectVersion", "s3:GetObjectAcl",
              "s3:GetObjectVersionAcl", "s3:PutObjectAcl", "s3:PutObjectVersionAcl")
OWNED = ("s3:GetObject", "s3:GetObjectVersion", "s3:PutObjectAcl", "s3:GetObjectTagging", "s3:PutObject",
         "s3:DeleteObject", "s3:DeleteObjectVersion", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts",
         "s3:ReplicateObject", "s3:ReplicateDelete")
REPAIRS = ("s3:GetBucketPolicy", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy")
TAGGING = ("s3:PutBucketTagging", "s3:DeleteBucketTagging", "s3:GetBucketTagging", "s3:TagResource", "s3:ListBucket")
# fmt: on


@dataclass
class Scene:
    """A caller, whose account mostly is not the bucket's, and the bucket's owner."""

    dice: Dice
    principal: Any
    name: tuple[str, str]
    account: str
    owner: str

    def ask(self, action: str, resource: str, context: dict[str, Any] | None = None) -> dict[str, Any]:
        """Make a request."""
        found = {"principal": self.principal, "action": action, "resource": resource}
        return found | {"resource_account": self.owner} | ({"context": context} if context else {})

    def point(self, number: int) -> str:
        """Name an access point."""
        return f"arn:aws:s3:eu-west-1:{self.owner}:accesspoint/p{number}"

    def exact(self) -> Statement:
        """Allow the caller alone."""
        kind, entry = self.name
        return broad("resource") | {"Principal": {kind: entry}}


CALLERS = (user, user, user, user, user, role_session, role_session, root, service, service, anonymous,
           origin_access_identity)  # fmt: skip


def scene(dice: Dice, callers: Sequence[Any] = CALLERS, own: float = 0.1) -> Scene:
    """Draw a caller; the bucket is of the caller's own account with a probability."""
    account, other = dice.pick(((A, B), (B, A), (B, C)))
    _, principal, names, _ = dice.pick(callers)(dice, account)
    name = names[0] if names else ("AWS", f"arn:aws:iam::{account}:user/bob")
    return Scene(dice, principal, name, account, account if dice.chance(own) else other)


def policy_set(resources: dict[str, list[Statement]], s3: dict[str, Any]) -> dict[str, Any]:
    """Allow the callers everything, so that the bucket's side decides."""
    documents = {arn: [everything(*statements)] for arn, statements in resources.items()}
    return {"identity": [everything(broad("identity"))], "resources": documents, "settings": {"s3": s3}}


def network(dice: Dice) -> dict[str, Any]:
    """Mostly the VPC that access points are confined to; seldom a key of S3-6 that the request gives itself."""
    vpc = dice.pick(("vpc-1", "vpc-1", "vpc-1", "vpc-2", None))
    given = {"s3:DataAccessPointAccount": C} if dice.chance(0.25) else {}
    return given | ({"aws:SourceVpc": vpc} if vpc else {})


def listed_grants(dice: Dice) -> Family:
    """S3-3, S3-4: no policy grants, one or two entries of access control lists do."""
    found = scene(dice, (user, user, user, role_session, root, anonymous, anonymous, origin_access_identity))
    if isinstance(found.principal, dict) and dice.chance(0.5):
        found.principal["canonical_id"] = "0a1b"
    s3: dict[str, Any] = {"object_ownership": ownership(dice, 0.15)}
    for name in ("bucket_acl", "object_acl"):
        s3[name] = [{"grantee": entry(found), "permission": each} for each in permissions(dice)]
    switches = ("ignore_public_acls", "restrict_public_buckets")
    s3["block_public_access"] = {each: True for each in switches if dice.chance(0.35)}
    s3["access_points"] = {found.point(0): {"bucket": "b"}}
    resources = {found.point(0): [found.exact()]} if dice.chance(0.4) else {}
    actions = dice.random.sample(OF_BUCKETS, 3) + dice.random.sample(OF_OBJECTS, 6)
    requests = [found.ask(each, "arn:aws:s3:::b" + "/k" * (each in OF_OBJECTS)) for each in actions]
    by_point = dice.pick(("s3:GetObject", "s3:PutObject", "s3:PutObject"))
    return policy_set(resources, s3), [*requests, found.ask(by_point, found.point(0) + "/object/k")]


def permissions(dice: Dice) -> list[str]:
    """S3-3: full control, or a few of the others."""
    few = dice.random.sample(PERMISSIONS, dice.pick((0, 1, 2, 3, 3)))
    return ["FULL_CONTROL"] if dice.chance(0.2) else few


def ownership(dice: Dice, enforced: float) -> str:
    """S3-1: access control lists count, unless the bucket's owner owns everything."""
    return (
        "BucketOwnerEnforced"
        if dice.chance(enforced)
        else dice.pick(("ObjectWriter", "BucketOwnerPreferred"))
    )


def entry(found: Scene) -> str:
    """S3-3: whom an entry is for; mostly the caller is among them."""
    dice = found.dice
    if found.principal == "anonymous":
        return dice.pick(("AllUsers", "AuthenticatedUsers", *PUBLIC))
    canonical = found.principal.get("canonical_id") if isinstance(found.principal, dict) else None
    own = canonical or found.account
    return dice.pick((own, own, own, "AllUsers", "AuthenticatedUsers", *PUBLIC, C, found.account))


def foreign_objects(dice: Dice) -> Family:
    """S3-2: the bucket's policy allows, or denies, and the object has an owner of its own."""
    found = scene(dice, (user, user, role_session, root, service), own=0.1)
    s3: dict[str, Any] = {"object_ownership": ownership(dice, 0.2)}
    s3["object_owner"] = dice.pick((found.account, found.account, C, C, C, found.owner))
    if dice.chance(0.3):
        s3["object_acl"] = [{"grantee": entry(found), "permission": dice.pick(("READ", "FULL_CONTROL"))}]
    grants = dice.pick(([broad("resource")], [broad("resource")], [broad("resource")], [found.exact()], []))
    deny = broad("resource") | {"Effect": "Deny", "Action": dice.pick(OWNED)}
    statements = grants + ([deny] if dice.chance(0.2) or not grants else [])
    requests = [found.ask(each, "arn:aws:s3:::b/k") for each in dice.random.sample(OWNED, 9)]
    requests.append(found.ask("s3:ListBucket", "arn:aws:s3:::b"))
    return policy_set({"arn:aws:s3:::b": statements}, s3), requests


def access_points(dice: Dice) -> Family:
    """S3-6: access points whose own policies, buckets or networks decide."""
    found, resources, points, requests = scene(dice, (user, user, role_session), own=0.4), {}, {}, []
    for number in range(dice.number(5, 7)):
        point, bucket = found.point(number), f"arn:aws:s3:::b{number}"
        points[point] = {"bucket": f"b{number}"} | ({"vpc": "vpc-1"} if dice.chance(0.5) else {})
        statements = dice.pick(([found.exact()], [broad("resource")], [broad("resource")], []))
        if statements:
            resources[point] = statements
        if dice.chance(0.9):
            resources[bucket] = [behind(found, point, bucket)]
        place = dice.pick((point + "/object/k", point + "/object/k", point))
        action = "s3:GetObject" if place != point else "s3:ListBucket"
        requests.append(found.ask(action, place, network(dice)))
    requests += [found.ask("s3:GetObject", f"arn:aws:s3:::b{number}/k") for number in range(2)]
    policies = policy_set(resources, {"access_points": points})
    if dice.chance(0.4):
        own = dice.pick(("arn:aws:s3:*:*:accesspoint/*", "arn:aws:s3:::b*"))
        policies["identity"] = [everything(broad("identity") | {"Resource": own})]
    return policies, requests


def behind(found: Scene, point: str, bucket: str) -> Statement:
    """S3-6: the bucket's statement: for everybody, or for what comes through an access point."""
    dice = found.dice
    limits: tuple[Statement, ...] = (
        {
            "Condition": {
                "StringEquals": {"s3:DataAccessPointAccount": dice.pick((found.owner, found.owner, C))}
            }
        },
        {
            "Condition": {
                "ArnLike": {"s3:DataAccessPointArn": dice.pick((point, point[:-1] + "*", point + "x"))}
            }
        },
        {
            "Condition": {
                "StringEquals": {"s3:AccessPointNetworkOrigin": dice.pick(("VPC", "VPC", "Internet"))}
            }
        },
        {"Condition": {"StringEquals": {"aws:RequestedRegion": dice.pick(("eu-west-1", "us-east-1"))}}},
        {"Condition": {"StringEquals": {"s3:ResourceAccount": dice.pick((found.owner, found.owner, C))}}},
        {"Resource": dice.pick((bucket, bucket + "/*", bucket + "/k", point + "/*"))},
    )
    denies = dice.chance(0.15)
    return broad("resource") | dice.pick(limits) | ({"Effect": "Deny"} if denies else {})


def repairs(dice: Dice) -> Family:
    """S3-12: who may read, put and delete a bucket's policy, whatever that policy says."""
    deny = broad("resource") | {"Effect": "Deny"}
    statements = dice.pick(
        ([deny], [deny], [deny, broad("resource")], [broad("resource")], [broad("resource")])
    )
    policies = policy_set({"arn:aws:s3:::b": statements}, {})
    if dice.chance(0.3):
        layer = dice.pick(("scp", "rcp", "endpoint"))
        refusing = everything(broad(layer), broad(layer) | {"Effect": "Deny", "Action": dice.pick(REPAIRS)})
        policies[layer] = [refusing] if layer == "endpoint" else [[refusing]]
    callers = ((root,), (root,), (root,), (user,), (role_session,), (service,), (anonymous,))
    actions = [*REPAIRS, *REPAIRS, *REPAIRS, "s3:PutBucketAcl"]
    return policies, [scene(dice, dice.pick(callers), 0.7).ask(each, "arn:aws:s3:::b") for each in actions]


def tagged_buckets(dice: Dice) -> Family:
    """Section 11, 6.4: with ABAC a bucket's tags count, and are put by other actions."""
    found = scene(dice, (user, role_session), own=0.8)
    policies = policy_set({"arn:aws:s3:::b": [found.exact()]}, {"abac": dice.chance(0.7)})
    test = {dice.pick(("StringEquals", "StringNotEquals")): {"aws:ResourceTag/Team": "red"}}
    effect = {"Effect": dice.pick(("Allow", "Deny")), "Condition": test}
    layer = dice.pick(("identity", "boundary"))
    document = everything(broad(layer) | effect, broad(layer) | {"Action": "s3:*Bucket*"})
    policies[layer] = document if layer == "boundary" else [document]
    requests = [found.ask(each, "arn:aws:s3:::b") for each in (*TAGGING, "s3:GetObject")]
    return policies, [each | {"resource_tags": {"Team": dice.pick(("red", "blue"))}} for each in requests]
