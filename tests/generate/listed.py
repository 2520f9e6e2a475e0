"""Families about actions and services that SEMANTICS lists: one family asks about many of one list."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .dice import Dice, Family, Json
from .lists import (
    ALIASES,
    BUCKET,
    BUCKET_DECIDES,
    BUCKETS,
    HELD,
    KEY_OF,
    KEYS_SHARED,
    MANAGED,
    NEVER_HELD,
    NOT_UNDER_RCPS,
    OBJECT,
    OWNER_DECIDES,
    PARTED,
    PARTITIONS,
    PERMISSIONS,
    QUEUES,
    REGIONS,
    RESERVED_ROLES,
    RESOURCE_LESS,
    ROOT_TASKS,
    TABLES,
    TEMPORARY,
    TURK,
    UNDER_RCPS,
    UNDER_SCPS,
    UNSIGNED,
    WITH_OWNER,
    WITHOUT_OWNER,
    Kept,
)
from .policy_sets import everything
from .requests import Named, anonymous, federated_user, role_session, root, service, user
from .statements import broad
from .vocabulary import ROLE, A, B, C

ASKED = 10
MEMBERS = (user, user, role_session, root)


# ---------------------------------------------------------------- parts of families


def about_listed(dice: Dice) -> Family:
    """Ask about many actions of one list; all is allowed but for what the list is about."""
    return dice.random.choices(KINDS, SHARES)[0](dice)


def caller(dice: Dice, account: str, kinds: tuple[Callable[[Dice, str], Named], ...] = MEMBERS) -> Any:
    """A caller of one of these kinds."""
    return dice.pick(kinds)(dice, account)[1]


def pack(dice: Dice, options: tuple[str, ...]) -> str | list[str]:
    """A-13: one action, or several at once: then one that is refused refuses all."""
    count = min(dice.pick((1, 1, 4, 5, 6, 6)), len(options))
    return dice.pick(options) if count == 1 else dice.random.sample(options, count)


def layers(*statements: Json, of: tuple[str, ...] = ("identity",)) -> Json:
    """Identity, resource and trust policy that allow everything; those that are named have these statements."""
    policies: Json = {each: [everything(broad(each))] for each in ("identity", "resource", "trust")}
    for each in of:
        policies[each] = [everything(*(broad(each) | extra for extra in statements or ({},)))]
    return policies


def identity(*statements: Json) -> Json:
    """Nothing but an identity policy of these statements."""
    return {"identity": layers(*statements)["identity"]}


def asked(principal: Any, action: Any, resource: str, owner: str, **more: Any) -> Json:
    """A request about a resource of the owner."""
    found = {"principal": principal, "action": action, "resource": resource.replace("{owner}", owner)}
    return found | ({} if "::aws:" in resource else {"resource_account": owner}) | more


# ---------------------------------------------------------------- families


def about_kept(dice: Dice, kept: Kept) -> Family:
    """X-9, S3-12, KMS-7, IAM-1, IAM-2: what a service refuses is answered before any Deny."""
    shut, opened, resources, strangers = kept
    takes_services = shut[0].startswith(("s3:", "sqs:"))
    denying = dice.chance(0.4 if shut[0].startswith(("kms:Put", "dynamodb:")) else 0.75)
    policies = layers({"Effect": "Deny"} if denying else {}, of=("identity", "resource"))
    requests = []
    for _ in range(ASKED):
        account = dice.pick((B, C)) if dice.chance(strangers) else A
        kinds = (*MEMBERS, service, service, anonymous) if account != A and takes_services else MEMBERS
        options = shut if denying == dice.chance(0.85) else opened
        action = pack(dice, options) if denying == (options is shut) else dice.pick(options)
        requests.append(asked(caller(dice, account, kinds), action, dice.pick(resources), A))
    return policies, requests


def about_held(dice: Dice) -> Family:
    """KMS-5: a grant that holds every operation, and others that no grant can hold."""
    account = dice.pick((A, A, B))
    key, who = KEY_OF.replace("{owner}", A), f"arn:aws:iam::{account}:user/alice"
    operations = [each.partition(":")[2] for each in HELD + NEVER_HELD]
    given = {"kms:GrantOperations": ["Decrypt"]}
    actions = [pack(dice, HELD) if dice.chance(0.8) else dice.pick(NEVER_HELD) for _ in range(ASKED)]
    grant = {"key": key, "grantee": who, "operations": operations}
    return {"settings": {"kms": {"grants": [grant]}}}, [
        asked(who, each, key, A, context=given) for each in actions
    ]


def about_rcps(dice: Dice) -> Family:
    """RCP-3, RCP-4, KMS-10: RCPs that deny everything, and what they do not reach."""
    services = [*dice.random.sample(UNDER_RCPS, 15), dice.pick(NOT_UNDER_RCPS)]
    deny = {"Effect": "Deny", "Principal": "*", "Action": [f"{each}:*" for each in (*services, "kms", "sts")]}
    policies = layers() | {"rcp": [[everything(deny | {"Resource": "*"})]]}
    more: Json = {}
    if dice.chance(0.1):
        more["resource_organization"] = {"id": "o-1", "management_account": dice.pick((A, B))}
    thing = "arn:aws:{}:eu-west-1:{{owner}}:thing/x"
    requests = [asked(caller(dice, A), f"{each}:DoThing", thing.format(each), A, **more) for each in services]
    alias = {"kms:ResourceAliases": [dice.pick(("alias/aws/s3", "alias/aws/s3", "alias/mine", "alias/awsx"))]}
    requests.append(asked(caller(dice, A), "kms:Decrypt", KEY_OF, A, context=alias))
    requests.append(asked(caller(dice, A, (root,)), "kms:RetireGrant", KEY_OF, A))
    return policies, requests


def about_owner_keys(dice: Dice) -> Family:
    """6.4: actions whose requests do not say whose the resource is."""
    key = dice.pick(("aws:ResourceAccount", "aws:ResourceOrgID", "aws:ResourceOrgPaths"))
    value = {"aws:ResourceAccount": A, "aws:ResourceOrgID": "o-1"}.get(key, "o-1/r-1/")
    equals = "ForAnyValue:StringEquals" if key.endswith("Paths") else "StringEquals"
    absent = dice.chance(0.75)
    limits: tuple[Json, ...] = ({"Condition": {"Null": {key: "true" if absent else "false"}}},)
    if dice.chance(0.4):
        limits = ({}, {"Effect": "Deny", "Condition": {equals: {key: value}}})
        limits = limits if absent else ({"Condition": {equals: {key: value}}},)
    organization = {"id": "o-1", "path": "o-1/r-1/"}
    requests = []
    for _ in range(ASKED):
        listed = dice.pick((*WITHOUT_OWNER[:2], *WITHOUT_OWNER)) if dice.chance(0.8) else WITH_OWNER[:5]
        listed = listed if absent or dice.chance(0.3) else dice.pick((WITH_OWNER[:5], WITH_OWNER[5:7]))
        service_name = listed[0].partition(":")[0]
        who: Json = {"arn": f"arn:aws:iam::{A}:user/alice"}
        given: Json = {"resource_organization": organization}
        if dice.chance(0.4):
            who, given = who | {"organization": organization}, {}
        thing = f"arn:aws:{service_name}:eu-west-1:{{owner}}:thing/x"
        requests.append(asked(who, pack(dice, listed), thing, A, **given))
    return identity(*limits), requests


def about_regions(dice: Dice) -> Family:
    """6.5: services that answer from one region, which only the partition aws has."""
    partition = dice.pick(("aws", "aws", "aws", "aws", "aws-cn", "aws-us-gov"))
    region = dice.pick(("us-east-1", "us-east-1", "us-west-2", "us-west-2", ""))
    known = bool(region) and partition == "aws"
    test = (
        {"StringEquals": {"aws:RequestedRegion": region}}
        if known
        else {"Null": {"aws:RequestedRegion": "true"}}
    )
    listed = REGIONS[region] if known or partition == "aws" else REGIONS["us-east-1"] + REGIONS["us-west-2"]
    who = f"arn:{partition}:iam::{A}:" + dice.pick(("user/alice", "role/app"))
    requests = []
    for _ in range(ASKED):
        action = pack(dice, listed) if dice.chance(0.8) else dice.pick(REGIONS[dice.pick(tuple(REGIONS))])
        name = (
            "*"
            if isinstance(action, list)
            else f"arn:{partition}:{action.partition(':')[0]}::{{owner}}:thing/x"
        )
        requests.append(asked(who, action, dice.pick(("*", name)), A))
    return identity({"Condition": test}), requests


def about_scps(dice: Dice) -> Family:
    """SCP-5, SCP-6, SCP-9: SCPs that allow or deny, and what they do not reach."""
    statement = dice.pick(({"Effect": "Deny"}, {"Action": "acme:*"}))
    policies = layers() | {"scp": [[everything(broad("scp") | statement)]]}
    requests = []
    for _ in range(ASKED):
        who = caller(dice, A, (root, root, user, role_session))
        if dice.chance(0.15):
            organization = {"id": "o-1", "management_account": dice.pick((A, B))}
            who = {
                "arn": f"arn:aws:iam::{A}:" + dice.pick(("user/alice", "root")),
                "organization": organization,
            }
        elif dice.chance(0.15):
            who = f"arn:aws:iam::{A}:role/" + dice.pick(("aws-service-role/x/app", "x/aws-service-role/app"))
        options = dice.pick((ROOT_TASKS, ROOT_TASKS, TURK, UNDER_SCPS))
        requests.append(asked(who, dice.pick(options) if dice.chance(0.6) else pack(dice, options), "*", A))
    return policies, requests


def about_foreign_objects(dice: Dice) -> Family:
    """S3-2: what the bucket's policy decides about an object of another account."""
    ownership = dice.pick(("ObjectWriter", "ObjectWriter", "BucketOwnerPreferred"))
    policies = layers() | {
        "settings": {"s3": {"object_ownership": ownership, "object_owner": dice.pick((B, C))}}
    }
    return policies, [
        asked(
            caller(dice, dice.pick((A, B, B, C)), (user, role_session, anonymous)),
            pack(dice, BUCKET_DECIDES) if dice.chance(0.7) else dice.pick(OWNER_DECIDES), OBJECT, A,
        )
        for _ in range(ASKED)
    ]  # fmt: skip


def about_acls(dice: Dice) -> Family:
    """S3-3: ACL grants and no policy of the bucket; the permission decides."""
    grantee = dice.pick(("AllUsers", "AuthenticatedUsers", "c" * 8, B))
    s3: Json = {"object_ownership": "ObjectWriter"}
    for where, permission, *_ in PERMISSIONS if dice.chance(0.6) else (dice.pick(PERMISSIONS),):
        grant = {"grantee": grantee, "permission": permission if dice.chance(0.8) else "FULL_CONTROL"}
        s3.setdefault(where, []).append(grant)
    policies = {"identity": [everything(broad("identity"))], "settings": {"s3": s3}}
    who = {"arn": f"arn:aws:iam::{B}:user/alice", "canonical_id": "c" * 8}
    requests = []
    for _, _, resource, listed in PERMISSIONS:
        principal = "anonymous" if dice.chance(0.8 if grantee == "AllUsers" else 0.15) else who
        action = list(listed) if dice.chance(0.6) else dice.pick(listed)
        requests.append(asked(principal, action, resource, A))
    return policies, requests


def about_unsigned(dice: Dice) -> Family:
    """AN-2: who answers unsigned requests."""
    policies = layers() | {"settings": {"apigateway": {"authorizer": dice.pick(("IAM", "NONE", "COGNITO"))}}}
    requests = []
    for _ in range(ASKED):
        options, resource = dice.pick((*UNSIGNED, *UNSIGNED[3:5]))
        given: Json = {}
        if options[0].startswith("lambda") and dice.chance(0.8):
            given["lambda:FunctionUrlAuthType"] = dice.pick(("NONE", "AWS_IAM"))
            given["lambda:InvokedViaFunctionUrl"] = dice.pick(("true", "true", "false"))
        requests.append(asked("anonymous", dice.pick(options), resource, A, context=given))
    return policies, requests


def about_no_resource(dice: Dice) -> Family:
    """R-21, R-40, R-47, D-5: actions without resource are asked about `*`."""
    deny = {"Effect": "Deny", "Resource": dice.pick(("arn:*:*:*:*:*", ["arn:aws:s3:::*", "arn:aws:*:*:*:*"]))}
    outside = {"Action": "*", "Effect": "Deny", "NotResource": dice.pick(("arn:aws:s3:::*", "arn:*:*:*:*:*"))}
    limits = dice.pick(((broad("identity"), deny), ({"Resource": deny["Resource"]},)))
    policies = layers(*limits)
    if dice.chance(0.4):
        policies["identity"] = [everything(broad("identity"), outside)]
    requests = []
    for action in dice.random.sample(RESOURCE_LESS, ASKED):
        thing = f"arn:aws:{action.partition(':')[0]}:eu-west-1:{{owner}}:thing/x"
        thing = dice.pick(("arn:aws:s3:::*", BUCKET)) if action.startswith("s3:") else thing
        requests.append(
            asked(caller(dice, A, (user, role_session)), action, dice.pick(("*", thing, thing)), A)
        )
    return policies | {"resource": []}, requests


def about_temporary(dice: Dice) -> Family:
    """ST-1, ST-2, PR-1: what credentials of each kind can do with STS and IAM."""
    kind = dice.pick((user, role_session, federated_user, root, root))
    who: Json = {"arn": f"arn:aws:iam::{A}:{'root' if kind is root else 'user/alice'}"}
    if kind in (role_session, federated_user):
        who = caller(dice, A, (kind,))
    elif dice.chance(0.7):
        who = who | {
            dice.pick(("session_token", "assumed_root") if kind is root else ("session_token",)): True
        }
    policies = layers(*({"Effect": "Deny"},) if dice.chance(0.3) else ())
    if kind in (role_session, federated_user) or "assumed_root" in who:
        policies["session"] = [everything(broad("session"))]
    requests = []
    for action in dice.random.sample(TEMPORARY, ASKED):
        given = (
            {"aws:MultiFactorAuthPresent": dice.pick(("true", "TRUE", "false", ""))}
            if dice.chance(0.5)
            else {}
        )
        owner = dice.pick((A, A, B)) if action == "iam:PassRole" else A
        resource = ROLE.format(account=owner) if action.startswith("iam") or "Token" not in action else "*"
        resource = f"arn:aws:sts::{A}:federated-user/fred" if "Federation" in action else resource
        requests.append(asked(who, action, resource, owner, context=given))
    return policies, requests


def about_partitions(dice: Dice) -> Family:
    """X-8, P-10: nothing crosses a partition, and a policy names its own partition's accounts."""
    theirs = dice.pick(PARTITIONS)
    entry = dice.pick(("*", A, f"arn:{theirs}:iam::{A}:root", f"arn:{theirs}:iam::{A}:user/alice"))
    policies = layers({"Principal": {"AWS": entry}}, of=("resource", "trust"))
    if dice.chance(0.4):
        policies["identity"] = [everything(broad("identity") | {"Effect": "Deny"})]
    requests = []
    for _ in range(ASKED):
        action, resource = dice.pick(PARTED)
        own = theirs if dice.chance(0.6) else dice.pick(PARTITIONS)
        who = f"arn:{own}:iam::{dice.pick((A, A, B))}:" + dice.pick(("user/alice", "role/app", "root"))
        requests.append(asked(who, action, resource.replace("{partition}", theirs), A))
    return policies, requests


ABOUT: dict[Callable[[Dice], Family], int] = {
    lambda dice: about_kept(dice, QUEUES): 7,
    lambda dice: about_kept(dice, BUCKETS): 6,
    lambda dice: about_kept(dice, TABLES): 8,
    lambda dice: about_kept(dice, KEYS_SHARED): 10,
    lambda dice: about_kept(dice, ALIASES): 4,
    lambda dice: about_kept(dice, MANAGED): 5,
    lambda dice: about_kept(dice, RESERVED_ROLES): 9,
    about_held: 7,
    about_rcps: 22,
    about_owner_keys: 10,
    about_regions: 10,
    about_scps: 7,
    about_foreign_objects: 6,
    about_acls: 9,
    about_unsigned: 8,
    about_no_resource: 5,
    about_temporary: 11,
    about_partitions: 5,
}
KINDS, SHARES = tuple(ABOUT), tuple(ABOUT.values())
