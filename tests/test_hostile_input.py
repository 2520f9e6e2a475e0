"""Is every input that cannot be used refused with an error of ours, and none able to hold the engine up?"""

import copy
import time

import pytest

from policyeval import Engine, PolicyEvalError, PolicySet
from policyeval.language.variables import template
from tests.policies import ALICE, BUCKET, KEY, OBJECT, QUEUE, ROLE, SESSION, A, B

GRANTING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["*"], "Resource": ["*"]}]}
FOR_ALL = {
    "Statement": [{"Effect": "Allow", "Principal": {"AWS": ["*"]}, "Action": ["*"], "Resource": ["*"]}]
}
TRUSTING = {"Statement": [{"Effect": "Allow", "Principal": {"AWS": ["*"]}, "Action": ["sts:AssumeRole"]}]}
VERSION = {"VersionId": "v1", "IsDefaultVersion": True, "Document": GRANTING}
POLICIES = {
    "identity": [GRANTING, {"name": "n", "policy": GRANTING}, {"name": "m", "versions": [VERSION]}],
    "resource": [FOR_ALL],
    "resources": {BUCKET: [FOR_ALL], KEY: FOR_ALL},
    "boundary": GRANTING,
    "session": [GRANTING],
    "scp": {A: [[GRANTING]]},
    "endpoint": FOR_ALL,
    "trust": TRUSTING,
    "roles": {
        ROLE: {"trust": TRUSTING, "identity": [GRANTING], "boundary": GRANTING, "tags": {"team": "red"}}
    },
    "settings": {
        "s3": {
            "block_public_access": {"ignore_public_acls": True},
            "object_ownership": "ObjectWriter",
            "object_owner": B,
            "bucket_acl": [{"grantee": "AllUsers", "permission": "READ"}],
            "access_points": {f"arn:aws:s3:eu-west-1:{A}:accesspoint/ap": {"bucket": "b", "vpc": "vpc-1"}},
        },
        "kms": {
            "grants": [
                {
                    "key": KEY,
                    "grantee": ALICE,
                    "operations": ["Decrypt"],
                    "constraints": {"EncryptionContextSubset": {"k": "v"}, "SourceArn": QUEUE},
                    "retiring_principal": ALICE,
                }
            ]
        },
        "apigateway": {"authorizer": "IAM", "private": False},
    },
    "semantics": {"notprincipal_chain": "any"},
}
REQUEST = {
    "principal": {
        "arn": SESSION,
        "role_arn": ROLE,
        "unique_id": "AROAEXAMPLE",
        "tags": {"team": "red"},
        "session_tags": [{"Key": "cost", "Value": "1"}],
        "mfa": True,
        "organization": {"id": "o-1", "path": ["o-1/r-1/"], "management_account": B},
    },
    "action": ["s3:GetObject"],
    "resource": [OBJECT],
    "context": {"aws:SourceIp": "10.0.0.1", "aws:TagKeys": ["team"]},
    "resource_account": A,
    "resource_organization": {"id": "o-1", "path": "o-1/"},
    "resource_tags": {"team": "red"},
    "time": "2026-01-01",
    "via": [
        {
            "role": ROLE,
            "session_policy": GRANTING,
            "tags": {"a": "b"},
            "transitive_tags": ["a"],
            "context": {},
        }
    ],
    "also": [{"action": "kms:Decrypt", "resource": KEY, "context": {"a:b": "c"}, "resource_account": A}],
}
JUNK = [None, True, -1, 1.5, "", "x", "9" * 30, [], [None], [1], [[]], [{}], {}, {"x": 1}, "\ud800"]


def paths_in(value, at=()):
    """Walk the places in a value."""
    yield at
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, inner in steps:
        yield from paths_in(inner, (*at, step))


def with_junk(value, path, junk):
    """Put junk at a place."""
    if not path:
        return junk
    changed = copy.copy(value)
    changed[path[0]] = with_junk(value[path[0]], path[1:], junk)
    return changed


def decided_or_refused(policies, request):
    """Tell whether a decision or an error of ours comes out; any other error is raised."""
    try:
        decision = Engine(PolicySet.from_dict(policies)).decide(request)
    except PolicyEvalError as error:
        return bool(str(error))
    return decision.effect is not None


@pytest.mark.parametrize("path", list(paths_in(POLICIES)), ids=lambda path: ".".join(map(str, path)))
def test_policy_set_with_junk_anywhere_is_decided_or_refused(path):
    request = {**REQUEST, "via": []}

    assert all(decided_or_refused(with_junk(POLICIES, path, junk), request) for junk in JUNK)


@pytest.mark.parametrize("path", list(paths_in(REQUEST)), ids=lambda path: ".".join(map(str, path)))
def test_request_with_junk_anywhere_is_decided_or_refused(path):
    assert all(decided_or_refused(POLICIES, with_junk(REQUEST, path, junk)) for junk in JUNK)


def test_moment_that_no_calendar_has_is_decided_or_refused():
    before = {"DateLessThan": {"aws:CurrentTime": "2030-01-01"}}
    policy = {"Statement": {**GRANTING["Statement"][0], "Condition": before}}
    request = {"principal": ALICE, "action": "s3:GetObject", "resource": OBJECT, "time": "9" * 30}

    assert decided_or_refused({"identity": [policy]}, request)


def test_open_variable_of_many_colons_is_read_in_no_time():
    text = "${" + "a:" * 10_000
    start = time.perf_counter()

    template(text, variables=True, wildcards=True)

    assert time.perf_counter() - start < 1
