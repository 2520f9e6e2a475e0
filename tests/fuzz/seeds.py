"""Where does fuzzing start? Inputs that are understood, and the words that inputs are made of."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

FIXTURES = Path(__file__).parents[2] / "fixtures"
LONGEST = 16 * 1024

_POLICY = (
    '{"Version": "2012-10-17", "Id": "x", "Statement": [{"Sid": "A", "Effect": "Allow", "Action": ["s3:Get*"], '
    '"Resource": "arn:aws:s3:::b/home/${aws:username}/*", "Condition": {"ForAnyValue:StringLikeIfExists": '
    '{"aws:TagKeys": ["a*", "?"]}, "Bool": {"aws:SecureTransport": true}}}]}'
)
_RESOURCE_POLICY = (
    '{"Statement": {"Effect": "Deny", "NotPrincipal": {"AWS": ["111122223333", "*"], "Service": "lambda.amazonaws.com"}'
    ', "NotAction": "sqs:*", "NotResource": "arn:aws:sqs:*:*:q?"}}'
)
_YAML = (
    "Version: '2012-10-17'\nStatement:\n- &s {Effect: Allow, Action: 's3:*', Resource: '*'}\n- *s\n"
    "- Effect: Deny\n  Action: &a [s3:GetObject]\n  Resource: >-\n    arn:aws:s3:::b/*\n# end\n"
)
_REQUEST = {
    "principal": {"arn": "arn:aws:sts::111122223333:assumed-role/app/s", "tags": {"team": "red"}, "mfa": True},
    "action": ["s3:GetObject"], "resource": "arn:aws:s3:::b/k", "time": "2026-01-01T00:00:00Z",
    "context": {"aws:SourceIp": "10.0.0.1", "aws:TagKeys": ["a"], "aws:CurrentTime": None},
    "via": ["arn:aws:iam::111122223333:role/app"], "also": [{"action": "kms:Decrypt", "resource": "*"}],
}  # fmt: skip
_RECORD = {
    "eventSource": "s3.amazonaws.com", "eventName": "GetObject", "eventTime": "2026-01-01T00:00:00Z",
    "userIdentity": {"type": "AssumedRole", "arn": "arn:aws:sts::111122223333:assumed-role/app/s",
                     "sessionContext": {"sessionIssuer": {"type": "Role",
                                                              "arn": "arn:aws:iam::111122223333:role/app"},
                                        "attributes": {"mfaAuthenticated": "false"}}},
    "resources": [{"ARN": "arn:aws:s3:::b/k"}], "errorCode": "AccessDenied", "sourceIPAddress": "10.0.0.1",
    "requestParameters": {"bucketName": "b", "key": "k"},
}  # fmt: skip
_DECODED = {
    "allowed": False, "explicitDeny": True, "matchedStatements": {"items": [{"statementId": "A", "effect": "DENY"}]},
    "context": {"principal": {"arn": "arn:aws:iam::111122223333:user/ana"}, "action": "ec2:RunInstances",
                "resource": "arn:aws:ec2:eu-west-1:111122223333:instance/*",
                "conditions": {"items": [{"key": "aws:Region", "values": {"items": [{"value": "eu-west-1"}]}}]}},
}  # fmt: skip
_TRUST = {"Statement": {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}}
_SET = {
    "identity": [{"name": "n", "policy": json.loads(_POLICY)}], "scp": {"111122223333": [[json.loads(_POLICY)]]},
    "resources": {"arn:aws:s3:::b": json.loads(_RESOURCE_POLICY)},
    "roles": {"arn:aws:iam::111122223333:role/app": {"trust": _TRUST, "tags": {"a": "b"}}},
    "settings": {"s3": {"object_ownership": "ObjectWriter"}}, "semantics": {"notprincipal_chain": "any"},
}  # fmt: skip
_OPERATORS = (  # operator, key, the policy's values, the request's
    "StringEquals\naws:PrincipalTag/a\n${aws:username}\nana",
    "ForAllValues:StringNotLike\naws:TagKeys\n*a?\x1fb\nab\x1fc",
    "NumericLessThanIfExists\ns3:max-keys\n1e3\n-0.5",
    "DateGreaterThan\naws:CurrentTime\n2026-01-01T00:00:00+01:00\n1790000000",
    "Bool\naws:SecureTransport\ntrue\nFALSE", "BinaryEquals\na:b\nQUJD\nQUJD", "Null\na:b\ntrue\n",
    "NotIpAddress\naws:SourceIp\n10.0.0.0/8\x1f2001:db8::/32\n::ffff:10.0.0.1",
    "ForAnyValue:ArnLike\naws:SourceArn\narn:*:s3:::b*\narn:aws:s3:::bb",
)  # fmt: skip

_POLICIES = tuple(f"{kind}\xff{text}" for kind in "\0\1\2" for text in (_POLICY, _RESOURCE_POLICY, _YAML))
_GIVEN: dict[str, tuple[str, ...]] = {
    "arn": ("arn:aws:iam::111122223333:role/a/b\ns3:GetObject\narn:aws:s3:::b/k\narn:aws:s3:::b/*",
            "lambda.amazonaws.com\nsqs:SendMessage\narn:aws:sqs:eu-west-1:111122223333:q\n*:?"),
    "checks": (_POLICY, _RESOURCE_POLICY, _YAML),
    "document": (_POLICY, _YAML, '[1e5, -0.0, "\\ud83d\\ude00", true, null, {}]', "a: 'b''c'\n\"d\\x41\": |\n  e\n"),
    "operators": _OPERATORS,
    "explain": _POLICIES,
    "policy": _POLICIES,
    "policy-set": (json.dumps(_SET),),
    "request": tuple(map(json.dumps, (_REQUEST, [_REQUEST], _RECORD, {"Records": [_RECORD]}, _DECODED,
                                      {"DecodedMessage": json.dumps(_DECODED)},
                                      {"methodArn": "arn:aws:execute-api:eu-west-1:111122223333:a/b/GET/c"}))),
    "variables": ("b/${aws:username}/${*}${?}${$}*\nred\nb/ana/*?$x",
                  "b/${aws:PrincipalTag/team, 'blue'}/?*\n\nb/blue/xy"),
    "why": tuple(map(json.dumps, (_RECORD, {"Records": [_RECORD]}, _DECODED))),
}  # fmt: skip


def seeds(name: str) -> Iterator[bytes]:
    """Give the inputs that a target starts with."""
    for text in _GIVEN.get(name, ()):
        yield text.encode("latin-1" if name in ("explain", "policy") else "utf-8")
    if name in ("cases", "why"):
        for file in sorted((FIXTURES / {"cases": "decisions", "why": "denials"}[name]).glob("*.yaml")):
            yield from _parts(name, file.read_text(encoding="utf-8"))


def _parts(name: str, text: str) -> Iterator[bytes]:
    """Take the texts of denials one by one, and the beginnings of case files up to a whole case."""
    if name == "why":
        import yaml

        yield from (case["text"].encode() for case in yaml.safe_load(text)["cases"])
    else:
        yield text[: max(text.rfind("\n  - name:", 0, LONGEST // 2), 0) or LONGEST].encode()[:LONGEST]


WORDS = (
    *("Version", "2012-10-17", "2008-10-17", "Statement", "Sid", "Effect", "Allow", "Deny", "Principal"),
    "NotPrincipal",
    *("Action", "NotAction", "Resource", "NotResource", "Condition", "AWS", "Service", "Federated", "CanonicalUser"),
    *("StringEquals", "StringLike", "Numeric", "Date", "Bool", "Binary", "IpAddress", "Arn", "Null", "IfExists"),
    *("ForAllValues:", "ForAnyValue:", "aws:username", "aws:PrincipalTag/", "aws:TagKeys", "aws:SourceIp"),
    *("${", "${*}"),
    *("arn:aws:s3:::", "arn:aws:iam::111122223333:", "sts:AssumeRole", "s3:GetObject", "execute-api:/"),
    *(":root", "*", "?"),
    *("principal", "action", "resource", "context", "via", "also", "time", "identity", "boundary"),
    *("session", "scp", "rcp"),
    *("trust", "roles", "settings", "semantics", "matrix", "vars", "include", "cases", "expect", "reason"),
    "policies",
    *("userIdentity", "eventName", "errorCode", "DecodedMessage", "explicitDeny", "is not authorized to perform: "),
    *("on resource: ", "because no ", "with an explicit deny in ", "Encoded authorization failure message: "),
    *("\\ud800", "\\u0000", "&a ", "*a", "<<", "!!", "---", "- ", ": ", "| ", "%YAML", "\x1f", "\xff\xfe"),
    "9e999999999",
    *("0001-01-01T00:00:00Z", "9999-12-31", "::ffff:1.2.3.4", "/33", "[[[[", "{{{{", "1e9", "-0", "NaN", "Infinity"),
)  # fmt: skip
