"""How is an answer shared with strangers? An explanation in which every name, account and address is replaced.

What is decided, and why, stays; file positions are those of the text as it is shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from enum import Enum
from functools import cached_property
from typing import Any, TypeVar

from policyeval.context import Context
from policyeval.explain.elements import ElementReport
from policyeval.explain.explanation import CheckReport, Explanation
from policyeval.explain.fixes import Fix
from policyeval.explain.missing import MissingKey
from policyeval.explain.reports import LayerReport, StatementReport
from policyeval.language.policy import Policy
from policyeval.layers import StatementTrace
from policyeval.names import parse_resource
from policyeval.records import Record
from policyeval.render.hiding import Hiding
from policyeval.render.look import Look
from policyeval.request import Request
from policyeval.request_context import Check
from policyeval.source import Source
from policyeval.steps import Situation, Step

V = TypeVar("V")

# Keys whose values are names, and the kind of name.
_NAME_KEYS = {
    "aws:username": "user", "aws:sourceidentity": "user", "sts:sourceidentity": "user",
    "sts:rolesessionname": "session", "sts:externalid": "external-id", "s3:prefix": "object",
}  # fmt: skip


def redacted(explanations: Sequence[Explanation]) -> list[Explanation]:
    """Replace every name in explanations, the same one by the same placeholder in all of them."""
    hide = hiding_for(explanations)
    return [_redacted(one, hide) for one in explanations]


def render_redacted(
    render: Callable[[Sequence[Explanation], Look], str], explanations: Sequence[Explanation], look: Look
) -> str:
    """Write redacted explanations in any format; the result is searched once more for what has a known form."""
    hide = hiding_for(explanations)
    return hide.patterns(render([_redacted(one, hide) for one in explanations], look))


def hiding_for(explanations: Sequence[Explanation]) -> Hiding:
    """Collect what is to be hidden, in the order in which explanations name it."""
    return Hiding(
        (text for one in explanations for text in _texts(one)),
        (name for one in explanations for name in _names(one)),
    )


def _texts(explanation: Explanation) -> Iterator[str]:
    """Give every text that could name somebody."""
    for report in explanation.checks:
        check = report.step.check
        yield from (str(check.principal), check.principal.policy_arn or "", check.given_resource.text)
        yield from (text for _, value in check.context.items() for text in _listed(value))
        yield from (check.owner or "", check.principal.account or "")
    for policy in _policies(explanation):
        yield policy.source.name
        yield policy.source.text


def _listed(value: Any) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else (value,) if isinstance(value, str) else ()


def _policies(explanation: Explanation) -> Iterator[Policy]:
    seen: set[int] = set()
    for report in explanation.checks:
        for attached in report.step.attached.values():
            for policy in attached.policies:
                if id(policy) not in seen:
                    seen.add(id(policy))
                    yield policy


def _names(explanation: Explanation) -> Iterator[tuple[str, str]]:
    """Give the names that no form tells: those of callers, and the values of keys that hold names."""
    for report in explanation.checks:
        check = report.step.check
        caller = check.principal
        kind = "role" if caller.session_name else "user"
        given = ((kind, caller.name), ("session", caller.session_name), ("user", caller.source_identity))
        yield from ((kind, name) for kind, name in given if name)
        for key, value in check.context.items():
            yield from ((_NAME_KEYS[key.lower()], text) for text in _listed(value) if _is_name(key, text))
    for policy in _policies(explanation):
        for key, text in _condition_values(policy):
            if _is_name(key, text):
                yield _NAME_KEYS[key.lower()], text


def _condition_values(policy: Policy) -> Iterator[tuple[str, str]]:
    for statement in policy.statements:
        for block in statement.conditions or ():
            for key, values in block.keys:
                yield from ((key, text) for text in values.items)


def _is_name(key: str, text: str) -> bool:
    return key.lower() in _NAME_KEYS and bool(text.strip("*?/")) and "${" not in text


class _RedactedStatement(StatementReport, slots=False, eq=False):
    """A statement whose text, place and elements name nobody."""

    traced: StatementTrace
    check: Check
    level: int
    original: StatementReport
    shown: Policy
    hide: Hiding

    @property
    def policy(self) -> Policy:
        """The policy with its text redacted."""
        return self.shown

    @property
    def sid(self) -> str | None:
        """Its Sid."""
        return None if self.original.sid is None else self.hide(self.original.sid)

    @cached_property
    def elements(self) -> tuple[ElementReport, ...]:
        """Its elements."""
        return _hidden(self.original.elements, self.hide)


class RedactedExplanation(Explanation, slots=False, eq=False):
    """An explanation that names nobody: whatever the formats read from it has been through `hide`."""

    request: Request
    situation: Situation
    checks: tuple[CheckReport, ...]
    deciding_check: CheckReport
    original: Explanation
    hide: Hiding

    @cached_property
    def layers(self) -> tuple[LayerReport, ...]:
        """Every layer, its statements redacted."""
        return tuple(
            LayerReport(
                one.layer, one.verdict, tuple(self._twins[id(each)] for each in one.statements), one.levels
            )
            for one in self.original.layers
        )

    @cached_property
    def _twins(self) -> dict[int, StatementReport]:
        """The redacted statement of each statement."""
        policies: dict[int, Policy] = {}
        found: dict[int, StatementReport] = {}
        for one in (one for report in self.original.layers for one in report.statements):
            shown = policies.setdefault(id(one.policy), _policy(one.policy, self.hide))
            found[id(one)] = _RedactedStatement(one.traced, one.check, one.level, one, shown, self.hide)
        return found

    @cached_property
    def nearest(self) -> tuple[StatementReport, ...]:
        """The nearest statements, ranked as they were with their names."""
        return tuple(self._twins[id(one)] for one in self.original.nearest)

    @property
    def blockers(self) -> Any:
        """Everything that blocks the request."""
        return self.original.blockers

    @cached_property
    def missing_keys(self) -> tuple[MissingKey, ...]:
        """The keys that statements read and the request lacks."""
        return tuple(
            MissingKey(
                self.hide(one.key),
                tuple(self._twins[id(each)] for each in one.read_at),
                one.could_change_decision,
            )
            for one in self.original.missing_keys
        )

    @cached_property
    def fixes(self) -> tuple[Fix, ...]:
        """The fixes, as they look in the redacted files."""
        return _hidden(self.original.fixes, self.hide)

    @cached_property
    def hints(self) -> tuple[tuple[str, str], ...]:
        """The hints."""
        return tuple((code, self.hide(text)) for code, text in self.original.hints)

    @cached_property
    def notes(self) -> tuple[str, ...]:
        """The notes."""
        return _hidden(self.original.notes, self.hide)

    @property
    def message(self) -> str:
        """The decision in a sentence."""
        return self.hide(self.original.message)

    @property
    def aws_message(self) -> str | None:
        """AWS's own wording of the denial."""
        return None if self.original.aws_message is None else self.hide(self.original.aws_message)


def _redacted(explanation: Explanation, hide: Hiding) -> Explanation:
    steps = {id(report): _step(report.step, hide) for report in explanation.checks}
    checks = tuple(CheckReport(steps[id(one)], one.decision, one.run) for one in explanation.checks)
    deciding = checks[explanation.checks.index(explanation.deciding_check)]
    return RedactedExplanation(
        _request(explanation.request, hide), explanation.situation, checks, deciding, explanation, hide
    )  # fmt: skip


def _step(step: Step, hide: Hiding) -> Step:
    return Step(
        step.kind, _check(step.check, hide), step.attached, step.rules, step.resource_check, step.stage
    )


def _request(request: Request, hide: Hiding) -> Request:
    return request.changed(
        principal=_hidden(request.principal, hide),
        resources=tuple(parse_resource(hide(one.text)) for one in request.resources),
        context=_context(request.context, hide),
        name=None if request.name is None else hide(request.name),
    )


def _check(check: Check, hide: Hiding) -> Check:
    """Copy a check; an owner that was given stays one that was given."""
    shown = Check(
        _hidden(check.principal, hide), check.action, parse_resource(hide(check.given_resource.text)),
        _context(check.context, hide),
        owner_organization=_hidden(check.call.owner_organization, hide),
        resource_tags=_hidden(check.call.resource_tags, hide), time=check.time, now=check.call.now,
        endpoint=None if check.call.endpoint is None else hide(check.call.endpoint),
        endpoint_type=check.call.endpoint_type,
        boundary_attached=check.call.boundary_attached,
    )  # fmt: skip
    shown.call.owner = None if check.owner is None else hide(check.owner)
    shown.call.owner_is_guessed = check.call.owner_is_guessed
    return shown


def _context(context: Context, hide: Hiding) -> Context:
    return Context({hide(name): _hidden(value, hide) for name, value in context.items()})


def _policy(policy: Policy, hide: Hiding) -> Policy:
    """Redact the text that is shown; what is evaluated is not asked again."""
    return Policy(
        policy.document,
        policy.type,
        hide(policy.name),
        _hidden(policy.source, hide),
        _hidden(policy.base, hide),
    )


def _hidden(value: V, hide: Hiding) -> V:
    """Hide every text in a value, however deep."""
    return _walk(value, hide)  # type: ignore[no-any-return]  # of the shape that it was


def _walk(value: Any, hide: Hiding) -> Any:
    if isinstance(value, Enum):
        return value
    if isinstance(value, str):
        return hide(value)
    if isinstance(value, Source):
        return Source(hide(value.name), hide(value.text), value.syntax)
    if isinstance(value, tuple):
        return tuple(_walk(one, hide) for one in value)
    if isinstance(value, list):
        return [_walk(one, hide) for one in value]
    if isinstance(value, dict):
        return {_walk(key, hide): _walk(one, hide) for key, one in value.items()}
    if isinstance(value, Record):
        return type(value)(*(_walk(getattr(value, name), hide) for name in value._fields))
    return value
