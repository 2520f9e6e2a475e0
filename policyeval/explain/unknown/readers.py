"""What reads an unknown key? The conditions, variables and service rules that a request's steps ask."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from policyeval.authorizers.kms import KmsRules
from policyeval.authorizers.s3 import S3Rules
from policyeval.context import NOT_GIVEN, Context
from policyeval.explain.missing import keys_of
from policyeval.explain.unknown.possible import May, possible, reads
from policyeval.layers import is_role_assumption
from policyeval.matching.conditions import Requirement
from policyeval.plan import Test, tests_of
from policyeval.records import Record
from policyeval.request import Check, Request
from policyeval.steps import Situation, Step, StepKind

ALL = "all"

# What the caller's kind determines: when these are absent, they are known to be.
_CERTAIN = {
    "aws:principalarn", "aws:principalaccount", "aws:principaltype", "aws:principalisawsservice",
    "aws:principalservicename", "aws:username", "aws:assumedroot", "kms:calleraccount", "s3:resourceaccount",
}  # fmt: skip

# key → keys that follow from it when the request does not give them
_FOLLOWING = {
    "aws:calledvia": ("aws:calledviafirst", "aws:calledvialast"),
    "aws:currenttime": ("aws:epochtime",),
    "aws:epochtime": ("aws:currenttime",),
}
REQUEST_TAG, TAG_KEYS = "aws:requesttag/", "aws:tagkeys"


class Reader(Record, eq=False):
    """A test that reads an unknown key, and the check that it is asked of."""

    test: Test
    check: Check

    @property
    def requirement(self) -> Requirement | None:
        """What a condition asks of its key; None for resources."""
        return self.test.operand if isinstance(self.test.operand, Requirement) else None

    @property
    def keys(self) -> frozenset[str]:
        """The keys that the test reads, in lower case."""
        return frozenset(key.lower() for key in keys_of(self.test))

    @property
    def key(self) -> str | None:
        """The key that a condition is about."""
        return self.requirement.lower if self.requirement is not None else None


class ServiceRead(Record):
    """A key that a service's own rules look at, and the texts that they compare it with."""

    key: str
    texts: tuple[str, ...] = ()
    is_prefix: bool = False

    def concerns(self, lower: str) -> bool:
        """Is the key meant?"""
        return lower.startswith(self.key) if self.is_prefix else lower == self.key


def following(lower: str, context: Context) -> frozenset[str]:
    """Name the keys that become unknown with a key, itself among them."""
    names = [*_FOLLOWING.get(lower, ()), *([TAG_KEYS] if lower.startswith(REQUEST_TAG) else [])]
    return frozenset({lower, *(name for name in names if context.get(name) is NOT_GIVEN)})


def expanded(unknown: Iterable[str], context: Context) -> frozenset[str]:
    """Name everything that is unknown with some keys."""
    return frozenset(name for lower in unknown for name in following(lower, context))


def steps_of(situation: Situation, request: Request) -> list[Step]:
    """Give the steps that see the request's context; a hop has a context of its own."""
    return [step for step in situation.steps(request) if step.kind is not StepKind.HOP]


def unknown_keys(situation: Situation, request: Request, named: Iterable[str]) -> dict[str, str]:
    """Collect the unknown keys, lower-case name → name; `all` stands for what is read and not given."""
    listed = list(dict.fromkeys(named))
    found = {name.lower(): name for name in listed if name.lower() != ALL}
    if len(found) < len({name.lower() for name in listed}):
        for step in steps_of(situation, request):
            found |= {lower: key for lower, key in _missing(step) if lower not in found}
    for step in steps_of(situation, request):
        found |= {key.lower(): key for test, _ in _tests(step) for key in keys_of(test) if key.lower() in found}
    return found


def _missing(step: Step) -> Iterator[tuple[str, str]]:
    for test, check in _tests(step):
        for key in keys_of(test):
            lower = key.lower()
            is_given = check.context.get(lower) is not NOT_GIVEN or check.value(lower, key) is not None
            if not is_given and lower not in _CERTAIN:
                yield lower, key


def _tests(step: Step) -> Iterator[tuple[Test, Check]]:
    """Walk the tests of every statement about the action, each with the check as its layer sees it."""
    run_check = step.resource_check or step.check
    for layer, attached in step.attached.items():
        check = run_check if layer.value in ("resource", "trust") else step.check
        for statement in attached.statements:
            if statement.covers_action(step.check):
                yield from ((test, check) for test in tests_of(statement.without_action))


def readers(steps: Iterable[Step], unknown: frozenset[str]) -> list[Reader]:
    """Collect the tests of unknown keys in the statements that may and may not apply."""
    found: list[Reader] = []
    is_unknown = reads(unknown)
    for step in steps:
        for layer, attached in step.attached.items():
            is_resource = layer.value in ("resource", "trust")
            check = (step.resource_check or step.check) if is_resource else step.check
            for statement in attached.statements:
                if not statement.covers_action(step.check):
                    continue
                plan = statement.without_action
                if possible(plan, check, is_unknown) in (May.HOLD, May.FAIL, May.BE_MALFORMED):
                    continue
                found += [Reader(test, check) for test in tests_of(plan) if is_unknown(test)]
    return found


def service_reads(steps: Iterable[Step], situation: Situation) -> tuple[ServiceRead, ...]:
    """Name the keys that the rules of the services at hand look at without a condition."""
    return tuple(dict.fromkeys(read for step in steps for read in _service_reads(step, situation)))


def _service_reads(step: Step, situation: Situation) -> Iterator[ServiceRead]:
    check, rules = step.check, step.rules
    if check.principal.is_service:
        yield ServiceRead("aws:principalservicenameslist")
    if check.service == "iam" and check.principal.session_token:
        yield ServiceRead("aws:multifactorauthpresent", ("true",))
    if isinstance(rules, S3Rules):
        yield ServiceRead("s3:x-amz-acl", CANNED_PUBLIC_ACLS)
        points = tuple(point.vpc for point in situation.policies.settings.s3.access_points if point.vpc)
        yield from [ServiceRead("aws:sourcevpc", points)] if points else []
    if isinstance(rules, KmsRules):
        yield from _kms_reads(rules)
    if is_role_assumption(check):
        yield ServiceRead(REQUEST_TAG, is_prefix=True)
        for key in (TAG_KEYS, "sts:transitivetagkeys", "sts:requestcontextproviders", "sts:sourceidentity"):
            yield ServiceRead(key)


def _kms_reads(rules: KmsRules) -> Iterator[ServiceRead]:
    yield ServiceRead("kms:resourcealiases", ("alias/aws/*",))
    for grant in rules.grants:
        yield ServiceRead("kms:grantoperations", grant.operations)
        for kind, wanted in grant.constraints:
            if kind == "SourceArn":
                yield ServiceRead("aws:sourcearn", (str(wanted),))
            elif isinstance(wanted, dict):
                for key, text in wanted.items():
                    yield ServiceRead(f"kms:encryptioncontext:{key}".lower(), (str(text),))
    if rules.grants:
        yield ServiceRead("kms:encryptioncontext:", is_prefix=True)


CANNED_PUBLIC_ACLS = ("public-read", "public-read-write", "authenticated-read")
