"""APIs, function URLs and unsigned calls: who is let in without IAM, and what an API's policy sees."""

from __future__ import annotations

from typing import Any

from .dice import Dice, Json
from .policy_sets import everything
from .statements import broad
from .vocabulary import KEY, OAI, A, B

Test = tuple[str, str, tuple[str, ...]]
API, FUNCTION = (
    "arn:aws:execute-api:us-east-1:111111111111:api",
    "arn:aws:lambda:us-east-1:111111111111:function:f",
)
PATHS = (
    "prod/GET/pets/1", "prod/POST/pets", "prod/GET/", "test/GET/alice", "test/DELETE/pets/red/2", "prod/PUT/cats",
    "test/GET/dogs", "test/PATCH/dogs/1", "prod/HEAD/cats",
)  # fmt: skip
CALLERS: tuple[Any, ...] = (
    "anonymous", "anonymous", "arn:aws:iam::111111111111:user/alice", "arn:aws:iam::111111111111:user/alice",
    {"arn": "arn:aws:sts::111111111111:assumed-role/app/s1", "organization": {"id": "o-1"}},
    {"arn": f"arn:aws:iam::{B}:user/bob", "organization": {"id": "o-1"}}, f"arn:aws:iam::{B}:user/bob",
    f"arn:aws:iam::{A}:root", f"arn:aws:iam::{B}:root", {"service": "sns.amazonaws.com"}, OAI,
)  # fmt: skip
MEMBERS = tuple(each for each in CALLERS if "assumed-role" in str(each))
ENTRIES: tuple[Any, ...] = (
    "*", "*", {"AWS": "*"}, {"AWS": A}, {"AWS": B}, {"AWS": "arn:aws:iam::111111111111:user/alice"},
    {"AWS": f"arn:aws:iam::{B}:user/bob"}, {"Service": "sns.amazonaws.com"}, {"AWS": OAI},
)  # fmt: skip
# APIGW-6: operator, key and values; those that the policy of an API sees without IAM authorization
VISIBLE: tuple[Test, ...] = (
    ("IpAddress", "aws:SourceIp", ("203.0.113.0/24", "203.0.113.7")), ("IpAddress", "aws:SourceIp", ("0.0.0.0/0",)),
    ("StringEquals", "aws:UserAgent", ("curl/8",)), ("StringEquals", "aws:Referer", ("https://example.com/",)),
    ("Bool", "aws:SecureTransport", ("true",)), ("ArnLike", "aws:SourceArn", ("arn:aws:sns:*:111111111111:*",)),
    ("DateLessThan", "aws:CurrentTime", ("2026-06-01", "2099-01-01")), ("NumericGreaterThan", "aws:EpochTime", ("1",)),
    ("StringEquals", "aws:UserAgent", ("curl/8",)), ("ArnLike", "aws:SourceArn", ("arn:aws:sns:*",)),
)  # fmt: skip
OF_PRIVATE: tuple[Test, ...] = (
    ("StringEquals", "aws:SourceVpc", ("vpc-1", "vpc-2")), ("StringEquals", "aws:SourceVpce", ("vpce-1", "vpce-2")),
)  # fmt: skip
INVISIBLE: tuple[Test, ...] = (
    ("StringEquals", "aws:PrincipalAccount", (A, "anonymous")), ("StringEquals", "aws:PrincipalOrgID", ("o-1",)),
    ("ArnLike", "aws:PrincipalArn", ("arn:aws:iam::111111111111:*",)), ("StringEquals", "aws:username", ("alice",)),
    ("StringEquals", "aws:PrincipalType", ("User", "Anonymous")), ("StringEquals", "aws:SourceAccount", (A, B)),
    ("StringEquals", "aws:userid", ("anonymous", A)), ("Bool", "aws:PrincipalIsAWSService", ("true", "false")),
    ("StringEquals", "aws:RequestedRegion", ("us-east-1",)), ("StringEquals", "aws:ResourceAccount", (A,)),
    ("Bool", "aws:ViaAWSService", ("false",)), ("StringEquals", "acme:Label", ("one",)),
)  # fmt: skip
GIVEN: tuple[Json, ...] = (
    {"aws:SourceIp": "203.0.113.7"}, {"aws:SourceIp": "203.0.113.7"}, {"aws:UserAgent": "curl/8"},
    {"aws:Referer": "https://example.com/"}, {"aws:SourceArn": "arn:aws:sns:us-east-1:111111111111:t"},
    {"aws:SourceVpc": "vpc-1"}, {"aws:SourceVpce": "vpce-1"}, {"aws:SourceAccount": A}, {"acme:Label": "one"},
    {"aws:CurrentTime": "2026-01-01T00:00:00Z"}, {"aws:SecureTransport": "false"},
)  # fmt: skip


def about_api(dice: Dice) -> tuple[Json, list[Json]]:
    """APIGW-1 to APIGW-7, LAM-1 to LAM-6, AN-1 to AN-3."""
    if dice.chance(0.55):
        return calls_of_api(dice)
    return function_calls(dice) if dice.chance(0.8) else unsigned_calls(dice)


def given(dice: Dice, rows: tuple[Json, ...], count: int) -> Json:
    """Some of the keys."""
    found: Json = {}
    for _ in range(count):
        found |= dice.pick(rows)
    return found


def callers(dice: Dice, policies: Json) -> tuple[Any, ...]:
    """Add a layer of the caller's own at times: it allows something else; SP-3: some callers have no sessions."""
    layer = dice.pick(("boundary", "scp", "scp", "session", "rcp", "endpoint", "", "", ""))
    document = everything(broad(layer) | {"Action": "ec2:*"})
    if layer == "rcp":
        document = everything(broad(layer) | {"Effect": "Deny"})
    if layer:
        policies[layer] = (
            document if layer == "boundary" else [[document]] if layer in ("scp", "rcp") else [document]
        )
    return MEMBERS if layer == "session" else CALLERS


# ---------------------------------------------------------------- APIs


def calls_of_api(dice: Dice) -> tuple[Json, list[Json]]:
    """APIGW-1 to APIGW-7: an authorizer, and a policy with one statement for each path."""
    api: Json = {"authorizer": dice.pick(("NONE", "NONE", "IAM", "COGNITO", "COGNITO", "LAMBDA", "LAMBDA"))}
    policies: Json = {"settings": {"apigateway": api | ({"private": True} if dice.chance(0.55) else {})}}
    if dice.chance(0.82):
        policies["resource"] = [api_policy(dice)]
    if dice.chance(0.6):
        effect = {"Effect": dice.pick(("Allow", "Allow", "Allow", "Deny"))}
        only = {"Resource": f"{API}/{dice.pick(('prod/*', 'test/*', '*'))}"}
        policies["identity"] = [everything(broad("identity") | effect | only)]
    able = callers(dice, policies) if dice.chance(0.6) else CALLERS
    if dice.chance(0.08):
        policies["semantics"] = {"d20": "peer"}
    return policies, [api_call(dice, able) for _ in range(12)]


def api_policy(dice: Dice) -> Json:
    """APIGW-6, APIGW-7: a path is allowed by one condition or one principal, or denied by one, or not at all."""
    statements = []
    for path in PATHS:
        if dice.chance(0.07):
            continue
        found = broad("resource") | {"Action": "execute-api:Invoke", "Resource": written(dice, path)}
        if dice.chance(0.15):
            found["Principal"] = dice.pick(ENTRIES)
        elif dice.chance(0.85):
            found["Condition"] = key_test(
                dice, dice.pick((VISIBLE, VISIBLE, VISIBLE, OF_PRIVATE, OF_PRIVATE, INVISIBLE))
            )
        if dice.chance(0.25):
            found["Effect"] = "Deny"
            statements.append(broad("resource") | {"Resource": f"{API}/{path}"})
        statements.append(found)
    return everything(*(statements or [broad("resource") | {"Action": "execute-api:ManageConnections"}]))


def key_test(dice: Dice, rows: tuple[Test, ...]) -> Json:
    """One key has a value; or is it there?"""
    operator, key, values = dice.pick(rows)
    if dice.chance(0.15):
        return {"Null": {key: dice.pick(("true", "false"))}}
    return {operator + dice.pick(("", "", "", "IfExists")): {key: dice.pick(values)}}


def written(dice: Dice, path: str) -> str:
    """APIGW-7: a path of an API, in full or short, with wildcards and variables at times."""
    if dice.chance(0.6):
        return dice.pick((API, "execute-api:")) + "/" + path
    stage, method, rest = path.split("/", 2)
    rest = dice.pick(
        (rest, rest, "*", rest[:1] + "*", rest.replace("alice", "${aws:username}"), "${aws:SourceIp}")
    )
    parts = "/".join((dice.pick((stage, stage, "*")), dice.pick((method, method, "*")), rest))
    head = dice.pick((API, "execute-api:", "execute-api:", API.replace("us-east-1", "*"), API[:-3] + "*"))
    return (
        f"{head}/{parts}" if dice.chance(0.92) else dice.pick((f"{head}/", "execute-api:/*", f"{API}*", API))
    )


def api_call(dice: Dice, able: tuple[Any, ...]) -> Json:
    """A call of a path, with some of the keys."""
    request: Json = {"principal": dice.pick(able), "action": "execute-api:Invoke"}
    request["resource"] = f"{API}/{dice.pick(PATHS)}"
    request["context"] = given(dice, GIVEN, dice.number(2, 14))
    if dice.chance(0.25):
        request["endpoint"] = "vpce-1"
    if dice.chance(0.1):
        request["time"] = "2026-01-01T00:00:00Z"
    return request


# ---------------------------------------------------------------- function URLs

NAMES = (FUNCTION, FUNCTION, FUNCTION + ":1", FUNCTION + ":live")
PATTERNS = ("*", "*", "*", FUNCTION, FUNCTION + ":*", FUNCTION + ":1", FUNCTION + "*", FUNCTION + ":l?ve")
URL: tuple[Json, ...] = (
    {"StringEquals": {"lambda:FunctionUrlAuthType": "NONE"}}, {"StringEquals": {"lambda:FunctionUrlAuthType": "NONE"}},
    {"StringEquals": {"lambda:FunctionUrlAuthType": "AWS_IAM"}}, {"Null": {"lambda:InvokedViaFunctionUrl": "true"}},
)  # fmt: skip
SECOND: tuple[Json, ...] = (
    {"Bool": {"lambda:InvokedViaFunctionUrl": "true"}}, {"Bool": {"lambda:InvokedViaFunctionUrl": "true"}},
    {"Bool": {"lambda:InvokedViaFunctionUrl": "false"}}, {"StringEquals": {"lambda:FunctionUrlAuthType": "NONE"}},
    {"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:111111111111:*"}}, {"StringEquals": {"aws:SourceAccount": A}},
    {"StringEquals": {"aws:PrincipalOrgID": "o-1"}},
)  # fmt: skip
URL_KEYS: tuple[Json, ...] = (
    {"lambda:FunctionUrlAuthType": "NONE"}, {"lambda:FunctionUrlAuthType": "NONE"}, {"aws:SourceAccount": A},
    {"lambda:FunctionUrlAuthType": "AWS_IAM"}, {"lambda:FunctionUrlAuthType": "AWS_IAM"},
    {"aws:SourceArn": "arn:aws:sns:us-east-1:111111111111:t"}, {"lambda:InvokedViaFunctionUrl": "false"},
)  # fmt: skip


def function_calls(dice: Dice) -> tuple[Json, list[Json]]:
    """LAM-1 to LAM-6: a policy with a statement for each of the two actions; LAM-3: of each alias its own."""
    policies: Json = {}
    if dice.chance(0.9):
        policies["resource"] = [function_policy(dice)]
    if dice.chance(0.45):
        policies["resources"] = {each: function_policy(dice) for each in NAMES[1:] if dice.chance(0.7)}
    if dice.chance(0.5):
        action = dice.pick(("*", "lambda:InvokeFunctionUrl", "lambda:InvokeFunction"))
        only = {"Action": action, "Resource": dice.pick(PATTERNS)}
        policies["identity"] = [everything(broad("identity") | only)]
    able = callers(dice, policies) if dice.chance(0.35) else CALLERS
    if dice.chance(0.25):
        policies["semantics"] = {"lambda_url_legacy": True}
    return policies, [function_call(dice, able) for _ in range(8)]


def function_policy(dice: Dice) -> Json:
    """LAM-5, LAM-6: mostly both of the actions are allowed to everybody, one of them with a limit."""
    allowed = []
    for action, rows in (("lambda:InvokeFunctionUrl", URL), ("lambda:InvokeFunction", SECOND)):
        found = broad("resource") | {"Action": action}
        limit: tuple[Json, ...] = (
            {"Condition": dice.pick(rows)}, {"Principal": dice.pick(ENTRIES)}, {"Resource": dice.pick(PATTERNS)},
            {"Action": "lambda:GetFunction"},
        )  # fmt: skip
        allowed.append(found | (dice.pick((*limit[:3], *limit)) if dice.chance(0.6) else {}))
    if dice.chance(0.1):
        allowed.append(broad("resource") | {"Effect": "Deny", "Condition": dice.pick(URL + SECOND)})
    return everything(*allowed)


def function_call(dice: Dice, able: tuple[Any, ...]) -> Json:
    """A call through a function URL, or of the function itself."""
    action = dice.pick(("lambda:InvokeFunctionUrl", "lambda:InvokeFunctionUrl", "lambda:InvokeFunction"))
    request: Json = {"principal": dice.pick(able), "action": action, "resource": dice.pick(NAMES)}
    request["context"] = given(dice, URL_KEYS, dice.number(1, 2))
    if action == "lambda:InvokeFunction" and dice.chance(0.7):
        request["context"]["lambda:InvokedViaFunctionUrl"] = "true"
    return request


# ---------------------------------------------------------------- unsigned calls

UNSIGNED: tuple[tuple[str, str], ...] = (
    ("s3:GetObject", "arn:aws:s3:::b/k"), ("sns:Publish", f"arn:aws:sns:us-east-1:{A}:t"),
    ("sqs:SendMessage", f"arn:aws:sqs:us-east-1:{A}:q"), ("sqs:DeleteQueue", f"arn:aws:sqs:us-east-1:{A}:q"),
    ("dynamodb:GetItem", f"arn:aws:dynamodb:us-east-1:{A}:table/T"), ("kms:Decrypt", KEY.format(account=A)),
    ("lambda:InvokeFunction", FUNCTION), ("lambda:GetFunction", FUNCTION), ("execute-api:Invoke", f"{API}/{PATHS[0]}"),
    ("sts:GetCallerIdentity", "*"), ("secretsmanager:GetSecretValue", f"arn:aws:secretsmanager:us-east-1:{A}:secret:s"),
    ("events:PutEvents", f"arn:aws:events:us-east-1:{A}:event-bus/default"),
)  # fmt: skip
ANONYMOUS: tuple[Test, ...] = (
    ("StringEquals", "aws:PrincipalType", ("Anonymous",)), ("StringEquals", "aws:PrincipalAccount", ("anonymous",)),
    ("StringEquals", "aws:userid", ("anonymous",)), ("StringNotEquals", "aws:PrincipalOrgID", ("o-1",)),
    ("ArnNotLike", "aws:PrincipalArn", ("arn:aws:iam::*",)), ("BoolIfExists", "aws:PrincipalIsAWSService", ("true",)),
)  # fmt: skip


def unsigned_calls(dice: Dice) -> tuple[Json, list[Json]]:
    """AN-1 to AN-3: calls without credentials, where everybody, or everybody but one, is allowed."""
    found = broad("resource")
    if dice.chance(0.45):
        found["Condition"] = key_test(dice, ANONYMOUS)
    elif dice.chance(0.3):
        found["NotPrincipal"] = {"AWS": found.pop("Principal") and A}
    policies: Json = {"resource": [everything(found)]}
    if dice.chance(0.6):
        policies["settings"] = {"apigateway": {"authorizer": dice.pick(("NONE", "COGNITO", "LAMBDA", "IAM"))}}
    if dice.chance(0.35):
        callers(dice, policies)
        policies.pop("session", None)
    return policies, [unsigned_call(dice) for _ in range(10)]


def unsigned_call(dice: Dice) -> Json:
    """A call by nobody, or by somebody for comparison."""
    action, resource = dice.pick(UNSIGNED)
    principal = dice.pick(("anonymous", "anonymous", "anonymous", dice.pick(CALLERS)))
    return {
        "principal": principal,
        "action": action,
        "resource": resource,
        "context": given(dice, URL_KEYS, 1),
    }
