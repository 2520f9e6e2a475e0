"""Which decisions are timed? Each case is data that other engines can be given as well (UX §1 shapes)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from benchmarks.documents import (
    BUCKET,
    FIVE_POLICIES,
    ORGANIZATION,
    READ_LOGS,
    SEVEN_LAYERS,
    about_other_actions,
    about_other_resources,
    document,
)
from benchmarks.managed import managed

USER, SESSION = "arn:aws:iam::111122223333:user/ana", "arn:aws:sts::111122223333:assumed-role/app/ci-42"
OBJECT = f"{BUCKET}/2026/11/a.json"
Values = dict[str, Any]

FIVE_KEYS = {
    "aws:PrincipalTag/team": "red",
    "aws:SourceIp": "10.1.2.3",
    "aws:SecureTransport": "true",
    "aws:RequestedRegion": "eu-west-1",
    "aws:MultiFactorAuthPresent": "true",
}
TWELVE_KEYS = FIVE_KEYS | {
    "aws:PrincipalOrgID": ORGANIZATION,
    "aws:ResourceOrgID": ORGANIZATION,
    "aws:SourceVpce": "vpce-0a1b2c3d",
    "aws:SourceVpc": "vpc-0f9e8d7c",
    "aws:PrincipalIsAWSService": "false",
    "s3:ExistingObjectTag/class": "internal",
    "s3:TlsVersion": "1.3",
}


@dataclass(frozen=True, slots=True)
class Case:
    """A decision to time: what AWS allows, a request beside it that AWS denies, and the issue's target."""

    name: str
    policies: Callable[[], Values]
    allowed: Values
    denied: Values | None
    target: float | None = None
    statements: int = 0  # how many there are, where the case is about that

    def inputs(self) -> Values:
        """Make the values that another process needs."""
        return {
            "name": self.name, "policies": self.policies(), "allowed": self.allowed, "denied": self.denied
        }  # fmt: skip


def request(principal: str = USER, action: str = "s3:GetObject", **context: Any) -> Values:
    """Ask for the object; the context keys' names hold colons, so they come as a mapping."""
    return {"principal": principal, "action": action, "resource": OBJECT, **context}


def identity(*documents: Values) -> Values:
    """Attach policies to the caller."""
    return {"identity": list(documents)}


def _many(make: Callable[[int], Values], count: int) -> Values:
    return identity(make(count))


READ, WRITE = request(), request(action="s3:PutObject")
CASES = [
    Case("small policy", lambda: identity(document(READ_LOGS)), READ, WRITE, 8),
    Case("AdministratorAccess", lambda: identity(managed("AdministratorAccess")), READ, None),
    Case("ReadOnlyAccess", lambda: identity(managed("ReadOnlyAccess")), READ, WRITE, 8),
    Case(
        "5 policies with conditions",
        lambda: identity(*FIVE_POLICIES),
        request(context=FIVE_KEYS),
        request(context=FIVE_KEYS | {"aws:SecureTransport": "false"}),
        20,
    ),
    Case(
        "7 layers, 12 context keys",
        lambda: dict(SEVEN_LAYERS),
        request(SESSION, resource_account="111122223333", context=TWELVE_KEYS),
        request(SESSION, resource_account="111122223333", context=TWELVE_KEYS | {"s3:TlsVersion": "1.1"}),
        60,
    ),
    *(
        Case(f"{count:,} statements, {name}", partial(_many, make, count), READ, WRITE, target, count)
        for count in (10_000, 100_000)
        for name, make, target in (
            ("other resources", about_other_resources, 25),
            ("other actions", about_other_actions, None),
        )
    ),
]


def case(name: str) -> Case:
    """Find a case by its name."""
    return next(one for one in CASES if one.name == name)
