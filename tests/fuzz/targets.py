"""What is fuzzed: a function of bytes for each reader of untrusted text. An error of ours is a good answer.

Everything else that leaves is a finding, and so is a wrong result: a policy that renders to another one,
an explanation that says something else than the decision.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from policyeval import Engine, Policy, PolicyEvalError, PolicySet, Request
from policyeval.checks.lint import Options, lint
from policyeval.language.arn import parse_arn
from policyeval.language.documents import read_document, write_json
from policyeval.language.policy_types import POLICY_TYPES
from policyeval.language.variables import template
from policyeval.names import parse_action, parse_resource
from policyeval.principal import parse_principal
from policyeval.render.formats import Look
from policyeval.render.why import Why, render_why, why_json
from policyeval.source import Source
from policyeval.sources.denials import read_denial
from policyeval.sources.requests import read_requests
from policyeval.testing.reading import read_cases

Target = Callable[[bytes], None]

_ANA = "arn:aws:iam::111122223333:user/ana"
_OBJECT = "arn:aws:s3:::b/home/ana/k"
_NOW = 1_790_000_000.0
_TYPES = (None, *(row.name for row in POLICY_TYPES))
_REQUESTS = (
    Request(_ANA, "s3:GetObject", _OBJECT, {"aws:PrincipalTag/team": "red", "aws:TagKeys": ["a", "b"]}),
    Request("anonymous", "sqs:SendMessage", "arn:aws:sqs:eu-west-1:111122223333:q"),
    Request("lambda.amazonaws.com", "sts:AssumeRole", "arn:aws:iam::111122223333:role/app"),
)
_POLICIES = PolicySet(
    identity=[{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "arn:*:s3:::${aws:username}*"}}],
    scp=[[{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}]],
)


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def _parts(data: bytes, count: int) -> list[str]:
    """Part the bytes at line feeds; what is missing is empty."""
    found = _text(data).split("\n", count - 1)
    return found + [""] * (count - len(found))


def document(data: bytes) -> None:
    """Read JSON and YAML, and write the value back: it must read the same."""
    for syntax in ("json", "yaml"):
        with suppress(PolicyEvalError):
            value = read_document(Source(f"f.{syntax}", _text(data), syntax))  # type: ignore[arg-type]
            assert read_document(Source("f.json", write_json(value))) == value


def policy(data: bytes) -> None:
    """Read a policy of some type, decide, and read back what it renders."""
    made = _policy(data)
    assert Policy.parse(made.to_json(), made.type.name).document == made.document
    engine = Engine(made, now=_NOW)
    for request in _REQUESTS:
        with suppress(PolicyEvalError):
            engine.decide(request)


def _policy(data: bytes) -> Policy:
    """Take type and strictness from the first two bytes, the text from the others."""
    kind, strict, text = data[:1] or b"\0", data[1:2] > b"\x7f", _text(data[2:])
    return Policy.parse(text, _TYPES[kind[0] % len(_TYPES)], strict=strict)


def explain(data: bytes) -> None:
    """Read a policy of some type and explain decisions in every form; they say what was decided."""
    engine = Engine(_policy(data), now=_NOW)
    request = _REQUESTS[len(data) % len(_REQUESTS)]
    decision = engine.decide(request)
    explanation = engine.explain(request)
    assert explanation.allowed is decision.allowed
    assert str(explanation)
    assert explanation.to_dict()
    assert explanation.to_html()


def policy_set(data: bytes) -> None:
    """Read a policy set without files, and decide."""
    value = read_document(Source.of("set", _text(data)))
    engine = Engine(PolicySet.from_dict(value), now=_NOW)  # type: ignore[arg-type]
    for request in _REQUESTS:
        engine.decide(request)


def request(data: bytes) -> None:
    """Read requests in any shape, and decide them."""
    engine = Engine(_POLICIES, now=_NOW)
    for one in read_requests(Source.of("requests", _text(data))):
        engine.decide(one)


def arn(data: bytes) -> None:
    """Read names of callers, actions and resources; match a resource against a text from elsewhere."""
    caller, action, given, pattern = _parts(data, 4)
    parse_arn(given)
    for read, text in ((parse_principal, caller), (parse_action, action), (parse_resource, given)):
        with suppress(PolicyEvalError):
            read(text)
    statement = {"Effect": "Allow", "Action": "*", "Resource": pattern}
    _asked(statement, caller or _ANA, action or "s3:GetObject", given)


def _asked(statement: dict[str, object], caller: str, action: str, resource: str, **context: object) -> None:
    engine = Engine(Policy.parse({"Version": "2012-10-17", "Statement": [statement]}), now=_NOW)
    engine.decide(Request(caller, action, resource, context))


def variables(data: bytes) -> None:
    """Split a text into variables and wildcards, and put values in."""
    text, value, given = _parts(data, 3)
    for wildcards in (True, False):
        made = template(text, variables=True, wildcards=wildcards)
        made.resolve(lambda key: value if key else None)
    statement = {"Effect": "Allow", "Action": "s3:*", "Resource": text}
    _asked(statement, _ANA, "s3:GetObject", f"arn:aws:s3:::{given}", **{"aws:PrincipalTag/team": value})


def operators(data: bytes) -> None:
    """Compare a value of a request with one of a policy, by any operator and any key."""
    operator, key, wanted, given = _parts(data, 4)
    condition = {operator: {key: wanted.split("\x1f")}}
    statement = {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": condition}
    values = given.split("\x1f")
    _asked(statement, _ANA, "s3:GetObject", _OBJECT, **{key: values[0] if len(values) == 1 else values})


def cases(data: bytes) -> None:
    """Read a case file, and run what it holds."""
    for case in read_cases(Source("cases.yaml", _text(data), "yaml"))[:20]:
        outcome = case.run(now=_NOW)
        assert outcome.got
        assert str(outcome)


def why(data: bytes) -> None:
    """Take apart what AWS printed, and say it in every form."""
    told = Why(read_denial(_text(data)))
    assert render_why(told, Look())
    assert why_json(told)


def checks(data: bytes) -> None:
    """Look for mistakes in a policy of any kind."""
    for finding in lint(Source.of("policy", _text(data)), None, Options()):
        assert finding.message


TARGETS: dict[str, Target] = {
    "arn": arn,
    "cases": cases,
    "checks": checks,
    "document": document,
    "explain": explain,
    "operators": operators,
    "policy": policy,
    "policy-set": policy_set,
    "request": request,
    "variables": variables,
    "why": why,
}


def run(target: Target, data: bytes) -> None:
    """Run a target; only what is no error of ours leaves, and every error can be told."""
    try:
        target(data)
    except PolicyEvalError as error:
        str(error)
