"""Print how long things take, as medians and as multiples of a floor unit measured in the same run.

The floor unit is one look-up in a dictionary and one call of a closure with `str.startswith`: the least
that any evaluator in Python does. Absolute times depend on the machine and its load; the multiples less.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from statistics import median
from typing import Any

from policyeval.engine import Engine
from policyeval.language.policy import Policy
from policyeval.request import Request

ROUNDS = 9
USER, OBJECT = "arn:aws:iam::111122223333:user/ana", "arn:aws:s3:::acme-logs/2026/11/a.json"
READ_LOGS = {"Effect": "Allow", "Action": ["s3:Get*", "s3:List*"], "Resource": "arn:aws:s3:::acme-logs/*"}
SECURE = {
    "Effect": "Deny",
    "Action": "s3:*",
    "Resource": "*",
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}
TEAM = {"StringEquals": {"aws:PrincipalTag/team": "red"}, "IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}


def document(*statements: dict[str, Any]) -> dict[str, Any]:
    """Make a policy document."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def microseconds(work: Callable[[], object], times: int) -> list[float]:
    """Time some work, in several rounds of so many times."""
    found = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        for _ in range(times):
            work()
        found.append((time.perf_counter() - start) / times * 1e6)
    return found


def floor() -> Callable[[], object]:
    """The unit: a look-up, and a call."""
    tests = {"s3:getobject": lambda text: text.startswith("arn:aws:s3:::acme-logs/")}
    return lambda: tests["s3:getobject"](OBJECT)


def managed_policies() -> dict[str, Any]:
    """AWS's managed policies, as moto ships them; none when it is not installed."""
    try:
        from moto.iam.aws_managed_policies import aws_managed_policies_data
    except ImportError:
        return {}
    found: dict[str, Any] = json.loads(aws_managed_policies_data)
    return found


def cases() -> list[tuple[str, Callable[[], object], int]]:
    """Everything that is timed: a name, the work, how often per round."""
    request = Request(USER, "s3:GetObject", OBJECT)
    tagged = Request(
        {"arn": USER, "tags": {"team": "red"}}, "s3:GetObject", OBJECT, {"aws:SourceIp": "10.1.2.3"}
    )
    small = Engine({"identity": document(READ_LOGS)})
    five = Engine({"identity": [document(READ_LOGS | {"Condition": TEAM}, SECURE) for _ in range(5)]})
    many = [READ_LOGS | {"Resource": f"arn:aws:s3:::b{number}/*"} for number in range(10_000)]
    wide = Engine(
        {"identity": document(*({**one, "Action": f"ec2:Act{i}"} for i, one in enumerate(many)), READ_LOGS)}
    )
    hostile = Engine({"identity": document(READ_LOGS | {"Resource": "arn:aws:s3:::" + "*a" * 20 + "b"})})
    long_key = Request(USER, "s3:GetObject", "arn:aws:s3:::" + "a" * 1000)
    text = json.dumps(document(READ_LOGS, SECURE))
    timed: list[tuple[str, Callable[[], object], int]] = [
        ("decide, small policy", lambda: small.decide(request), 2000),
        ("decide, five policies with conditions", lambda: five.decide(tagged), 1000),
        ("decide, 10,000 statements about other actions", lambda: wide.decide(request), 2000),
        ("decide, pattern of 20 stars, 1,000 characters", lambda: hostile.decide(long_key), 1000),
        ("make a request", lambda: Request(USER, "s3:GetObject", OBJECT), 2000),
        ("parse a policy", lambda: Policy.parse(text), 500),
        ("explain, small policy", lambda: str(small.explain(request)), 100),
    ]
    policies = managed_policies()
    if policies:
        whole = Engine({"identity": policies["ReadOnlyAccess"]["Document"]})
        denied = Request(USER, "s3:PutObject", OBJECT)
        timed += [
            ("decide, ReadOnlyAccess", lambda: whole.decide(request), 2000),
            ("explain a denial, ReadOnlyAccess", lambda: str(whole.explain(denied)), 3),
        ]
    return timed


def start(arguments: list[str]) -> float:
    """Time a whole process, in seconds: the median of several."""
    found = []
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    for _ in range(ROUNDS + 1):
        begin = time.perf_counter()
        subprocess.run([sys.executable, *arguments], check=False, stdout=subprocess.DEVNULL, env=environment)
        found.append(time.perf_counter() - begin)
    return median(found[1:])  # the first run may have to compile


def main() -> None:
    """Print the table."""
    unit = median(microseconds(floor(), 100_000))
    print(f"floor unit {unit:.3f} µs\n")
    print(f"{'what':<50}{'median µs':>12}{'spread':>18}{'floor units':>14}")
    for name, work, times in cases():
        work()
        found = microseconds(work, times)
        spread = f"{min(found):.1f}–{max(found):.1f}"
        print(f"{name:<50}{median(found):>12.1f}{spread:>18}{median(found) / unit:>14.0f}")
    bare = start(["-c", "pass"])
    check = ["-m", "policyeval", "check", "examples/first/policy.json", "--principal", USER]
    check += ["--action", "s3:ListBucket", "--resource", "arn:aws:s3:::acme-reports"]
    print(f"\n`policyeval check`, allowed, whole process: {start(check) / bare:.1f} × `python -c pass`")


if __name__ == "__main__":
    main()
