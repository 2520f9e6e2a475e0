"""Which requests outline a statement? One inside, and one dimension at a time those just outside.

Candidates are tried against the statement's own trace, so that what is called inside is inside.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice, product
from typing import Any

from policyeval.catalog.services import action_names, resource_formats
from policyeval.engine import Engine
from policyeval.errors import PolicyEvalError
from policyeval.explain.reports import StatementReport, layer_reports
from policyeval.language.arn import parse_arn
from policyeval.language.model import Statement
from policyeval.language.patterns import ascii_lower, glob
from policyeval.language.policy import Policy
from policyeval.records import Record
from policyeval.testing.samples import (
    ACCOUNT,
    OTHER,
    PRINCIPALS_OUTSIDE,
    ROLE,
    USER,
    condition_values,
    principal_inside,
    resource_of_format,
    resources_inside,
    resources_outside,
)

_TRIES = 60
_ACTIONS_ANYWHERE = (
    "s3:GetObject", "s3:ListBucket", "ec2:DescribeInstances", "sqs:SendMessage", "dynamodb:GetItem", "kms:Decrypt",
    "iam:ListUsers", "lambda:InvokeFunction", "sts:AssumeRole",
)  # fmt: skip

Draft = dict[str, Any]


class Outline(Record, slots=False):
    """Finds requests for one statement of a policy."""

    engine: Engine
    policy: Policy
    statement: Statement

    def requests(self) -> Iterator[tuple[str, Draft]]:
        """Name and give the requests; the first is inside where one could be found."""
        inside = self._inside()
        if inside is None:
            return
        yield "inside", inside
        varied = (self._actions(inside), self._resources(inside), self._principals(inside))
        for name, candidates in zip(
            ("another action", "another resource", "another caller"), varied, strict=True
        ):
            found = self._first_outside(candidates, name.split()[1])
            if found is not None:
                yield name, found
        yield from self._conditions(inside)

    # Inside

    def _inside(self) -> Draft | None:
        """Try combinations of actions, resources and callers; failing all, give the nearest."""
        nearest: tuple[int, Draft] | None = None
        for draft in islice(self._drafts(), _TRIES):
            report = self.report(draft)
            if report is None:
                continue
            draft = self._with_conditions(draft, report)
            report = self.report(draft)
            if report is not None and report.applies:
                return draft
            missing = len(report.failing) if report is not None else 99
            if nearest is None or missing < nearest[0]:
                nearest = missing, draft
        return nearest[1] if nearest is not None else None

    def _drafts(self) -> Iterator[Draft]:
        for principal, (action, resource) in product(self._callers()[:2], self._familiar()):
            yield self._draft(principal, action, resource, {})
        for principal, action in product(self._callers(), islice(self._actions_inside(), 12)):
            context: dict[str, Any] = {}
            for resource in islice(self._resources_inside(action, context), 6):
                yield self._draft(principal, action, resource, dict(context))

    def _familiar(self) -> list[tuple[str, str]]:
        """Give what the policy's other statements are about: a wildcard is best filled with that."""
        found = []
        for other in self.policy.statements:
            action, resource = other.action, other.resource
            if (
                other is self.statement
                or action is None
                or resource is None
                or action.negated
                or resource.negated
            ):
                continue
            actions = [
                one for text in action.values.items for one in islice(_actions_of(text, self.policy), 1)
            ]
            resources = [
                one for text in resource.values.items for one in islice(resources_inside(text, {}), 1)
            ]
            found += list(product(actions[:3], resources[:2]))
        return [(action, resource) for action, resource in found if self._has_wildcards()]

    def _has_wildcards(self) -> bool:
        matchers = (self.statement.action, self.statement.resource)
        return any(one is None or one.negated or "*" in "".join(one.values.items) for one in matchers)

    def _draft(self, principal: Any, action: str, resource: str, context: dict[str, Any]) -> Draft:
        """Make a request; the owner of a resource that does not say it is the caller's account."""
        draft: Draft = {"principal": principal, "action": action, "resource": resource}
        arn = parse_arn(resource)
        if arn is not None and not arn.account:
            caller = parse_arn(
                principal["arn"] if isinstance(principal, dict) and "arn" in principal else str(principal)
            )
            draft["resource_account"] = caller.account if caller is not None and caller.account else ACCOUNT
        return draft | ({"context": context} if context else {})

    def _callers(self) -> list[Any]:
        matcher = self.statement.principal
        if matcher is None or matcher.negated:
            session = {"arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/example/example", "role_arn": ROLE}
            return [session, USER] if self.policy.type.layer == "session" else [USER, session]
        named = [(kind, text) for kind, values in matcher.entries for text in values.items]
        return [principal_inside(kind, text) for kind, text in named][:4] or [USER]

    def _actions_inside(self) -> Iterator[str]:
        matcher = self.statement.action
        patterns = matcher.values.items if matcher is not None else ()
        if matcher is not None and matcher.negated:
            services = [text.partition(":")[0] for text in patterns if ":" in text]
            siblings = [f"{one}:{name}" for one in services for name in action_names(ascii_lower(one))]
            everything = [*_ACTIONS_ANYWHERE, *siblings]
            yield from (one for one in everything if not _covered(one, patterns))
            return
        for pattern in self._by_fit(patterns):
            yield from islice(_actions_of(pattern, self.policy), 6)

    def _by_fit(self, patterns: tuple[str, ...]) -> list[str]:
        """Put the entries first whose service the resources are of."""
        resources = self.statement.resource.values.items if self.statement.resource is not None else ()
        services = {text.split(":")[2] for text in resources if text.count(":") >= 5}
        return sorted(patterns, key=lambda text: text.partition(":")[0].lower() not in services)

    def _resources_inside(self, action: str, context: dict[str, Any]) -> Iterator[str]:
        service, _, name = ascii_lower(action).partition(":")
        formats = sorted(resource_formats(service, name), key=len)
        if self.policy.type.layer == "trust":
            yield ROLE
        matcher = self.statement.resource
        if matcher is None or matcher.negated or "*" in matcher.values.items:
            yield from (
                resource_of_format(text, OTHER if matcher and matcher.negated else "example")
                for text in formats
            )
            if not formats:
                yield "*"
            return
        for text in matcher.values.items:
            yield from resources_inside(text, context)

    def _with_conditions(self, draft: Draft, report: StatementReport) -> Draft:
        """Give each condition that fails a value with which it holds."""
        found = draft
        for block in self.statement.conditions or ():
            for key, values in block.keys:
                if block.operator is None or self._holds(found, block.operator.name, key):
                    continue
                context = dict(found.get("context", {}))
                inside, _ = condition_values(block.operator, values.items, context)
                tried = [{**found, "context": {**context, key: value}} for value in inside]
                found = next((one for one in tried if self._holds(one, block.operator.name, key)), found)
        return found

    def _holds(self, draft: Draft, operator: str, key: str) -> bool:
        report = self.report(draft)
        return report is not None and all(
            one.matched for one in report.elements if (one.operator, one.key) == (operator, key)
        )

    # Outside

    def _actions(self, inside: Draft) -> Iterator[Draft]:
        service, _, name = inside["action"].partition(":")
        siblings = sorted(action_names(ascii_lower(service)), key=lambda one: -_common_start(one, name))
        matcher = self.statement.action
        excluded = matcher.values.items if matcher is not None and matcher.negated else ()
        for text in excluded:
            yield from ({**inside, "action": one} for one in _actions_of(text, self.policy))
        for action in [*(f"{service}:{one}" for one in siblings), *_ACTIONS_ANYWHERE]:
            yield {**inside, "action": action}

    def _resources(self, inside: Draft) -> Iterator[Draft]:
        matcher = self.statement.resource
        excluded = matcher.values.items if matcher is not None and matcher.negated else ()
        named = [one for text in excluded for one in resources_inside(text, {})]
        yield from ({**inside, "resource": text} for text in (*named, *resources_outside(inside["resource"])))

    def _principals(self, inside: Draft) -> Iterator[Draft]:
        matcher = self.statement.principal
        if matcher is None:
            return
        entries = [(kind, text) for kind, values in matcher.entries for text in values.items]
        named = [principal_inside(kind, text) for kind, text in entries] if matcher.negated else []
        yield from ({**inside, "principal": one} for one in (*named, *PRINCIPALS_OUTSIDE))

    def _first_outside(self, drafts: Iterator[Draft], dimension: str) -> Draft | None:
        """Find the first request that only this dimension keeps outside; of many only so many are tried."""
        ends = {"action": "Action", "resource": "Resource", "caller": "Principal"}[dimension]
        for draft in islice(drafts, 400):
            failing = self._failing(draft)
            if len(failing) == 1 and failing[0].endswith(ends):
                return draft
        return None

    def _failing(self, draft: Draft) -> list[str]:
        report = self.report(draft)
        return [] if report is None else [one.key or one.element for one in report.failing]

    def _conditions(self, inside: Draft) -> Iterator[tuple[str, Draft]]:
        for block in self.statement.conditions or ():
            for key, values in block.keys:
                if block.operator is None:
                    continue
                context = dict(inside.get("context", {}))
                _, outside = condition_values(block.operator, values.items, dict(context))
                tried = [
                    {**inside, "context": {**context, key: value}} for value in outside if value is not None
                ]
                found = next((one for one in tried if key in self._failing(one)), None)
                if found is not None:
                    yield f"{key} is {_shown(found['context'][key])} ({block.operator.name})", found
                yield f"{key} is absent", {**inside, "context": {**context, key: None}}

    def report(self, draft: Draft) -> StatementReport | None:
        """Trace the statement for a request; None when the request is refused or never reaches it."""
        try:
            explanation = self.engine.explain(draft)
        except PolicyEvalError:
            return None
        run = explanation.checks[0].run
        reports = (one for layer in layer_reports(run) for one in layer.statements)
        return next((one for one in reports if one.traced.statement.statement is self.statement), None)


def _covered(action: str, patterns: tuple[str, ...]) -> bool:
    return any(glob(ascii_lower(text)).matches(ascii_lower(action)) for text in patterns)


def _actions_of(pattern: str, policy: Policy) -> Iterator[str]:
    """List the actions that an entry of Action covers, as AWS writes them."""
    service, colon, _ = pattern.partition(":")
    if not colon or "*" in service or "?" in service:
        services = policy.type.services
        known = [f"{one}:{name}" for one in services for name in action_names(one)]
        yield from (one for one in (*_ACTIONS_ANYWHERE, *known) if _covered(one, (pattern,)))
        return
    names = [f"{service}:{name}" for name in action_names(ascii_lower(service))]
    known = [one for one in _ACTIONS_ANYWHERE if ascii_lower(one).startswith(f"{ascii_lower(service)}:")]
    yield from dict.fromkeys(one for one in (*known, *names) if _covered(one, (pattern,)))
    if not names and "*" not in pattern and "?" not in pattern:
        yield pattern


def _common_start(one: str, other: str) -> int:
    return next(
        (i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )


def _shown(value: Any) -> str:
    return ", ".join(value) if isinstance(value, list) else str(value)
