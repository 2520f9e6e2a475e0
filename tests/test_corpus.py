"""Do AWS's own managed policies work: parsed, rendered, compiled, and asked about anything?"""

import json
import random
import re
from functools import cache

import pytest
from moto.iam.aws_managed_policies import aws_managed_policies_data

from policyeval import Engine, Policy, PolicySet, Request
from policyeval.principal import PrincipalKind

DOCUMENTS = {name: given["Document"] for name, given in json.loads(aws_managed_policies_data).items()}
REQUESTS_PER_POLICY = 100
ACCOUNT = "111111111111"
CALLERS = [
    f"arn:aws:iam::{ACCOUNT}:user/alice",
    {"arn": f"arn:aws:iam::{ACCOUNT}:user/division/bob", "tags": {"team": "red"}, "mfa": True},
    {
        "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/app/s1",
        "role_arn": f"arn:aws:iam::{ACCOUNT}:role/team/app",
    },
    f"arn:aws:sts::{ACCOUNT}:federated-user/fred",
    f"arn:aws:iam::{ACCOUNT}:root",
    "arn:aws:iam::222222222222:user/carol",
    "lambda.amazonaws.com",
    "anonymous",
]
FILLINGS = ["", "x", "Item", "a/b", "team:red"]
VALUES = [
    "true",
    "false",
    "10",
    "red",
    "2026-01-01T00:00:00Z",
    "10.1.2.3",
    f"arn:aws:sns:us-east-1:{ACCOUNT}:t",
    "",
]
NAME = re.compile(r"[^A-Za-z0-9_.-]")


def filled(pattern, chance, fillings):
    """Put some text in the place of wildcards and variables."""
    return re.sub(r"\$\{[^}]*\}|[*?]", lambda _: chance.choice(fillings), pattern)


def texts(statement, *names):
    listed = next((statement[name] for name in names if name in statement), [])
    return listed if isinstance(listed, list) else [listed]


def action_of(statement, chance):
    """Name an action that the statement is about, or just misses."""
    pattern = chance.choice(texts(statement, "Action", "NotAction"))
    service, _, name = pattern.partition(":")
    return f"{'s3' if '*' in service else service}:{NAME.sub('', filled(name, chance, ['Get', 'x', ''])) or 'List'}"


def resource_of(statement, chance):
    """Name a resource that the statement is about, or just misses."""
    pattern = chance.choice(texts(statement, "Resource", "NotResource"))
    parts = pattern.split(":", 5)
    if len(parts) < 6:
        return chance.choice(["*", "arn:aws:s3:::b/k", f"arn:aws:sqs:us-east-1:{ACCOUNT}:q"])
    region, account = filled(parts[3], chance, ["us-east-1"]), filled(parts[4], chance, [ACCOUNT])
    service = filled(parts[2], chance, ["s3"])
    return f"arn:{filled(parts[1], chance, ['aws'])}:{service}:{region}:{account}:{filled(parts[5], chance, FILLINGS)}"


def context_of(statement, chance):
    """Give values for the keys that the statement reads: often the ones that it asks for."""
    context = {}
    for operator, keys in statement.get("Condition", {}).items():
        for key, wanted in keys.items():
            if chance.random() < 0.8:
                known = wanted if isinstance(wanted, list) else [wanted]
                value = chance.choice(known if chance.random() < 0.7 else VALUES)
                text = filled(value if isinstance(value, str) else str(value).lower(), chance, ["x"])
                context[key] = [text] if operator.startswith("For") else text
    return context


def requests_for(document, seed):
    """Make requests that a policy is about; the same ones on every run."""
    chance = random.Random(seed)
    statements = document["Statement"] if isinstance(document["Statement"], list) else [document["Statement"]]
    for _ in range(REQUESTS_PER_POLICY):
        statement = chance.choice(statements)
        yield Request(
            chance.choice(CALLERS[:3] if chance.random() < 0.8 else CALLERS),
            action_of(statement, chance),
            resource_of(statement, chance),
            context_of(statement, chance),
            time="2026-01-01T00:00:00Z",
        )


@cache
def policy(name):
    return Policy.parse(json.dumps(DOCUMENTS[name]), "identity")


def test_there_are_many_of_them():
    assert len(DOCUMENTS) > 1_500


@pytest.mark.parametrize("name", DOCUMENTS)
def test_managed_policy_is_rendered_as_it_was(name):
    assert DOCUMENTS[name] == json.loads(policy(name).to_json())


@pytest.mark.parametrize("name", DOCUMENTS)
def test_managed_policy_answers_every_request(name):
    engine = Engine(policy(name))

    answers = [engine.decide(request) for request in requests_for(DOCUMENTS[name], name)]

    assert len(answers) == REQUESTS_PER_POLICY


@pytest.mark.parametrize("name", list(DOCUMENTS)[::8])
def test_managed_policy_as_its_own_boundary_and_service_control_policy_changes_nothing_for_a_user(name):
    alone = Engine(policy(name))
    limited = Engine(
        PolicySet(identity=[policy(name)], boundary=policy(name), scp=[[policy(name)], [policy(name)]])
    )
    asked = [one for one in requests_for(DOCUMENTS[name], name) if one.principal.kind is PrincipalKind.USER]

    answers = [limited.decide(request).allowed for request in asked]

    assert answers == [alone.decide(request).allowed for request in asked]
