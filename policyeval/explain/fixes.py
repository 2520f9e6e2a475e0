"""What is the smallest change that allows the request? Each proposal is applied and evaluated again.

A fix is shown only if the whole request, evaluated against the changed policies, is allowed. When
several layers block, one change for each of them is combined. Narrow ones come first: those that
allow the fewest neighbouring requests besides the one at hand.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from policyeval.context import Context
from policyeval.decision import Decision, Effect, Layer
from policyeval.errors import PolicyEvalError
from policyeval.evaluation import decide
from policyeval.explain.candidates import (
    OWNERS,
    Candidate,
    ContextChange,
    Denial,
    NewPolicy,
    PolicyChange,
    candidates,
)
from policyeval.explain.edits import DiffLine, Edit, as_json_edits, diff, edited
from policyeval.explain.neighbours import neighbours
from policyeval.explain.reports import layer_reports, nearest
from policyeval.language.documents import read_document
from policyeval.language.policy import Policy
from policyeval.layers import TracedRun
from policyeval.policy_set import PolicySet
from policyeval.records import Record, replace
from policyeval.request import Request
from policyeval.source import Path, Source
from policyeval.steps import Situation, decided, overall

if TYPE_CHECKING:
    from policyeval.explain.explanation import Explanation

MOST_SHOWN = 3
_MOST_CHANGES = 8


class FileChange(Record, slots=False):
    """A file before and after."""

    before: Source
    after: Source
    edits: tuple[Edit, ...]

    @cached_property
    def diff(self) -> tuple[DiffLine, ...]:
        """The changed lines."""
        return diff(self.before, self.after)


class Fix(Record, slots=False):
    """A change that allows the request, checked by evaluating it again.

    `also_allows` names neighbouring requests that it allows, too; `cost` what it gives up; `owner` who
    has to make it, where that is not the caller's own account.
    """

    titles: tuple[str, ...]
    files: tuple[FileChange, ...] = ()
    new_policies: tuple[NewPolicy, ...] = ()
    context: tuple[tuple[str, Any], ...] = ()
    also_allows: tuple[str, ...] = ()
    cost: str = ""
    owners: tuple[str, ...] = ()
    rank: int = 0
    verified: bool = True

    @property
    def title(self) -> str:
        """What is changed, in a line."""
        return "; and ".join(self.titles)

    @property
    def size(self) -> tuple[int, int, int, int]:
        """How far-fetched it is, how many changes it takes, how much it opens, how many lines it changes."""
        changed = (
            sum(len(change.diff) for change in self.files) + len(self.context) + 9 * len(self.new_policies)
        )
        return self.rank, len(self.titles), len(self.also_allows), changed

    def to_dict(self) -> dict[str, Any]:
        """Give the fix as JSON-ready values (UX §4)."""
        return {
            "title": self.title,
            "file": self.files[0].before.name if self.files else None,
            "edits": [
                {"file": change.before.name} | edit
                for change in self.files
                for edit in as_json_edits(change.edits)
            ],
            "diff": [
                {"file": change.before.name, "sign": line.sign, "line": line.number, "text": line.text}
                for change in self.files
                for line in change.diff
            ],
            "new_policies": [{"layer": new.layer.value, "policy": new.document} for new in self.new_policies],
            "context": {
                key: list(value) if isinstance(value, tuple) else value for key, value in self.context
            },
            "also_allows": list(self.also_allows),
            "cost": self.cost or None,
            "owners": list(self.owners),
            "verified": self.verified,
        }


_NO_FILES: Mapping[Source, FileChange] = {}


class _Attempt(Record, slots=False):
    """Policies and request with some changes applied."""

    policies: PolicySet
    request: Request
    now: float | None
    changes: tuple[Candidate, ...] = ()
    layers: tuple[Layer, ...] = ()
    files: Mapping[Source, FileChange] = _NO_FILES

    def denial(self) -> Denial | None:
        """Evaluate again; None when the request is allowed now."""
        situation = Situation(self.policies, self.now)
        step, decision = overall(decided(situation.steps(self.request)))
        if decision.effect is Effect.ALLOW:
            return None
        run = TracedRun(step.check, step.attached, step.resource_check)
        decide(run, step.rules)
        layers = layer_reports(run)
        return Denial(step, decision, layers, nearest(decision, layers, most=5))

    def with_change(self, change: Candidate, layer: Layer) -> _Attempt:
        """Apply one more change."""
        done = replace(self, changes=(*self.changes, change), layers=(*self.layers, layer))
        if isinstance(change, ContextChange):
            return replace(done, request=_with_context(self.request, change))
        if isinstance(change, NewPolicy):
            return replace(done, policies=_with_policy(self.policies, change))
        return _with_edit(done, change)


def fixes(explanation: Explanation) -> tuple[Fix, ...]:
    """Find the changes that allow a denied request, the narrowest first."""
    if explanation.allowed:
        return ()
    start = _Attempt(explanation.situation.policies, explanation.request, explanation.situation.now)
    first = Denial(explanation.step, explanation.decision, explanation.layers, explanation.nearest)
    solutions = [attempt for attempt in _solutions(start, first) if _is_minimal(attempt, start)]
    found = [_fix(attempt, explanation) for attempt in solutions]
    return tuple(sorted(found, key=lambda fix: fix.size)[:MOST_SHOWN])


def _solutions(start: _Attempt, denial: Denial) -> Iterator[_Attempt]:
    """Try every change of the blamed layer; what still is denied goes on with the first change that helps."""
    for change in candidates(denial):
        attempt = _applied(start, change, denial)
        solved = _completed(attempt) if attempt is not None else None
        if solved is not None:
            yield solved


def _is_minimal(solution: _Attempt, start: _Attempt) -> bool:
    """Is every one of several changes needed?"""
    if len(solution.changes) < 2:
        return True
    return not any(_allows_without(index, solution, start) for index in range(len(solution.changes)))


def _allows_without(index: int, solution: _Attempt, start: _Attempt) -> bool:
    attempt = start
    for number, (change, layer) in enumerate(zip(solution.changes, solution.layers, strict=True)):
        if number != index:
            try:
                attempt = attempt.with_change(_rebased(change, attempt.policies), layer)
            except PolicyEvalError:
                return False
    return attempt.denial() is None


def _rebased(change: Candidate, policies: PolicySet) -> Candidate:
    """Let an edit be about the policy as it stands now, with or without earlier edits of its file."""
    if not isinstance(change, PolicyChange):
        return change
    wanted = (change.policy.source.name, change.policy.base, change.policy.name)
    found: list[Policy] = []

    def look(policy: Policy) -> Policy:
        if (policy.source.name, policy.base, policy.name) == wanted:
            found.append(policy)
        return policy

    policies.mapped(look)
    return replace(change, policy=found[0]) if found else change


def _applied(attempt: _Attempt, change: Candidate, denial: Denial) -> _Attempt | None:
    try:
        return attempt.with_change(change, denial.layer)
    except PolicyEvalError:
        return None


def _completed(attempt: _Attempt) -> _Attempt | None:
    """Add a change for each layer that still blocks; None when one of them cannot be changed."""
    while len(attempt.changes) <= _MOST_CHANGES:
        denial = attempt.denial()
        if denial is None:
            return attempt
        better = _next(attempt, denial)
        if better is None:
            return None
        attempt = better
    return None


def _next(attempt: _Attempt, denial: Denial) -> _Attempt | None:
    """Find the first change after which something else blocks, or nothing."""
    for change in candidates(denial):
        changed = _applied(attempt, change, denial)
        after = changed.denial() if changed is not None else None
        if changed is not None and (after is None or not _is_same(after, denial)):
            return changed
    return None


def _is_same(one: Denial, other: Denial) -> bool:
    return _blame(one) == _blame(other)


def _blame(denial: Denial) -> tuple[str, str, str, tuple[int, ...]]:
    check, applying = denial.check, denial.blamed.applying if denial.blamed else ()
    places = (
        tuple(report.index for report in applying) if denial.decision.effect is Effect.EXPLICIT_DENY else ()
    )
    return denial.decision.reason.code, check.action.lower, f"{check.principal} {check.resource.text}", places


def _fix(attempt: _Attempt, explanation: Explanation) -> Fix:
    made = _new_policies(attempt)
    context = {change.key: change.value for change in attempt.changes if isinstance(change, ContextChange)}
    return Fix(
        tuple(change.title for change in attempt.changes),
        tuple(change for change in attempt.files.values() if change.before not in made),
        tuple(made.values()),
        tuple(context.items()),
        _also_allows(attempt, explanation),
        "; ".join(change.cost for change in attempt.changes if change.cost),
        _owners(attempt, explanation),
        max(change.rank for change in attempt.changes),
    )


def _new_policies(attempt: _Attempt) -> dict[Source, NewPolicy]:
    """Give the policies that have to be made as they are after all changes, by their first text."""
    found = {}
    for change in attempt.changes:
        if isinstance(change, NewPolicy):
            first = Policy.parse(change.document, change.layer.value).source
            edits = (one.after for one in attempt.files.values() if one.before == first)
            final = next(edits, first)
            found[first] = replace(change, document=json.loads(final.text))
    return found


def _owners(attempt: _Attempt, explanation: Explanation) -> tuple[str, ...]:
    """Name those who have to make the changes that the caller's account cannot make."""
    owner, own_account = explanation.step.check.owner, explanation.step.check.is_same_account
    found = []
    for change, layer in zip(attempt.changes, attempt.layers, strict=True):
        if isinstance(change, ContextChange):
            continue
        if layer in OWNERS:
            found.append(OWNERS[layer])
        elif layer in (Layer.RESOURCE, Layer.TRUST) and owner and not own_account:
            found.append(f"account {owner}, which owns the resource")
    return tuple(dict.fromkeys(found))


def _also_allows(attempt: _Attempt, explanation: Explanation) -> tuple[str, ...]:
    """Name the neighbouring requests that become allowed together with the one at hand."""
    if all(isinstance(change, ContextChange) for change in attempt.changes):
        return ()
    before, after = explanation.situation, Situation(attempt.policies, attempt.now)
    found = []
    by_principal = bool({Layer.RESOURCE, Layer.TRUST} & set(attempt.layers))
    for name, request in neighbours(explanation.step.check, principals=by_principal):
        if _allows(after, request) and not _allows(before, request):
            found.append(name)
    return tuple(found)


def _allows(situation: Situation, request: Request) -> bool:
    try:
        return overall(decided(situation.steps(request)))[1].allowed
    except PolicyEvalError:
        return False


# Applying changes


def _with_context(request: Request, change: ContextChange) -> Request:
    """Set the key for the whole request, and where a further check or a hop has a value of its own."""
    given, lower = Context({change.key: change.value}), change.key.lower()

    def own(part: Any) -> Any:
        return replace(part, context=part.context.merged(given)) if lower in part.context else part

    details = replace(request.details, also=tuple(map(own, request.also)), via=tuple(map(own, request.via)))
    return request.changed(context=request.context.merged(given), details=details)


def _with_policy(policies: PolicySet, change: NewPolicy) -> PolicySet:
    policy = Policy.parse(change.document, change.layer.value)
    if change.layer is Layer.IDENTITY:
        return policies.replaced(identity=(*policies.identity, policy))
    if change.layer is Layer.TRUST:
        return policies.replaced(trust=(policy,))
    return policies.replaced(resources={**policies.resources, change.resource: (policy,)})


def _with_edit(attempt: _Attempt, change: PolicyChange) -> _Attempt:
    """Change the text, read it again, and put every policy that stands in it in the place of the old one."""
    source = change.policy.source
    after = edited(source, change.edit, change.count)
    value = read_document(after)
    before = attempt.files.get(source)
    made = FileChange(
        before.before if before else source, after, (*(before.edits if before else ()), change.edit)
    )
    files = {key: entry for key, entry in attempt.files.items() if key is not source} | {after: made}

    def reread(policy: Policy) -> Policy:
        if policy.source is not source and policy.source != source:
            return policy
        return Policy.from_value(
            _value_at(value, policy.base), policy.type.name, name=policy.name, origin=after, base=policy.base
        )

    return replace(attempt, policies=attempt.policies.mapped(reread), files=files)


def _value_at(value: Any, path: Path) -> Any:
    for step in path:
        value = value[step]
    return value


def nothing_helps(explanation: Explanation, decision: Decision) -> str:
    """Say why no change of a policy was found, and who could act."""
    if decision.layer_ is Layer.SERVICE:
        return "no policy can allow this: the service refuses the call"
    owner = OWNERS.get(decision.layer_)
    if owner is not None:
        return f"nothing that the caller's account allows can help: {owner} must act"
    return decision.reason.advice
