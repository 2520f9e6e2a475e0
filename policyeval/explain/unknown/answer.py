"""What can be said of a request some of whose keys are unknown? One answer, or a condition for each (UX §3)."""

from __future__ import annotations

import time as clock
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice, product
from typing import Any

from policyeval.catalog.global_keys import Value
from policyeval.context import Context
from policyeval.decision import Decision, Effect
from policyeval.explain.report import Line
from policyeval.explain.unknown.cubes import Cube, cover, meets
from policyeval.explain.unknown.readers import unknown_keys
from policyeval.explain.unknown.search import Search
from policyeval.explain.unknown.words import condition, describe, keys_in
from policyeval.explain.wording import headline
from policyeval.records import Record
from policyeval.request import Request
from policyeval.steps import Situation, decided, overall

UNDECIDED = "undecided"
_MOST_SAMPLES = 2_000


class Branch(Record):
    """A condition on the unknown keys and what is decided under it; `sample` is a context that was evaluated.

    Without a decision the branch could not be looked into.
    """

    decision: Decision | None
    conditions: str
    cubes: tuple[Cube, ...]
    sample: tuple[tuple[str, Value | None], ...]
    verified: bool

    @property
    def effect(self) -> str:
        """The effect of the decision, or `undecided`."""
        return self.decision.effect.value if self.decision is not None else UNDECIDED

    @property
    def reason(self) -> str | None:
        """The code of the reason."""
        return self.decision.reason.code if self.decision is not None else None

    @property
    def layer(self) -> str | None:
        """The name of the layer that decides."""
        return self.decision.layer if self.decision is not None else None


class UnknownAnswer(Record, eq=False):
    """The answer to a request with unknown keys: a decision, or branches of which the last is the rest."""

    request: Request
    decided: Decision | None
    branches: tuple[Branch, ...]
    keys: tuple[str, ...]
    notes: tuple[str, ...]
    search: Search

    @property
    def effect(self) -> str:
        """The effect of the decision, or `undecided`."""
        return self.decided.effect.value if self.decided is not None else UNDECIDED

    def branch_for(self, context: Mapping[str, Any]) -> Branch:
        """Find the branch for values of the unknown keys, absent where not given.

        Raises LookupError for a value that a key never has, and for values that exclude each other.
        """
        given = Context(context)
        values = {one.lower: _value(given, one.lower) for one in self.search.dimensions}
        if not self.search.can_occur(values):
            raise LookupError("these values exclude each other")
        cube = []
        for one in self.search.dimensions:
            other = values.get(one.same_as.lower()) if one.same_as is not None else None
            cube.append(1 << one.alternative_of(values[one.lower], other))
        leaf = next(leaf for leaf in self.search.leaves if meets(leaf.cube, tuple(cube)))
        return next(one for one in self.branches if one.decision is leaf.decision)

    def to_dict(self) -> dict[str, Any]:
        """Give the answer as JSON-ready values."""
        decision = self.decided
        return {
            "decision": self.effect,
            "allowed": decision.allowed if decision is not None else None,
            "reason": decision.reason.code if decision is not None else None,
            "layer": decision.layer if decision is not None else None,
            "message": self.message,
            "keys": list(self.keys),
            "branches": [_branch(one) for one in self.branches],
            "notes": list(self.notes),
        }

    @property
    def headline(self) -> str:
        """Verdict, and the keys that it needs or that do not matter."""
        keys = ", ".join(self.keys)
        if self.decided is None:
            return f"UNDECIDED  needs {keys}"
        return f"{headline(self.decided)}" + (
            f"  whatever {keys} {'is' if len(self.keys) == 1 else 'are'}" if keys else ""
        )

    @property
    def message(self) -> str:
        """The branches in a sentence."""
        if self.decided is not None:
            return self.headline
        parts = [f"{_verb(one)} if {one.conditions}" for one in self.branches[:-1]]
        return "; ".join([*parts, f"{_verb(self.branches[-1])} otherwise"])

    def lines(self, width: int = 100) -> list[Line]:
        """Write the answer as styled lines."""
        from policyeval.explain.unknown.report import lines

        return lines(self, width)

    def text(self, width: int = 100) -> str:
        """Write the answer as plain text."""
        return "\n".join("".join(text for text, _ in line).rstrip() for line in self.lines(width))


def _value(context: Context, lower: str) -> Value | None:
    found = context.get(lower)
    is_value = isinstance(found, str) or (isinstance(found, tuple) and any(found))
    return found if is_value else None  # type: ignore[return-value]  # NOT_GIVEN is absent, too


def _verb(branch: Branch) -> str:
    if branch.decision is None:
        return UNDECIDED
    return "allowed" if branch.decision.allowed else "denied"


def _branch(branch: Branch) -> dict[str, Any]:
    context = {key: list(value) if isinstance(value, tuple) else value for key, value in branch.sample}
    return {
        "decision": branch.effect,
        "reason": branch.reason,
        "layer": branch.layer,
        "conditions": branch.conditions,
        "sample": context,
        "verified": branch.verified,
    }


def answer_unknown(situation: Situation, request: Request, keys: Iterable[str]) -> UnknownAnswer:
    """Decide a request for every value that the unknown keys may have; `all` stands for every missing key."""
    if situation.now is None:  # one time for all that is looked into
        situation = Situation(situation.policies, clock.time())
    named = unknown_keys(situation, request, keys)
    search = Search(situation, request, named)
    branches = tuple(_branches(search))
    notes = tuple(_notes(search, branches))
    outcomes = {one.decision.allowed if one.decision is not None else None for one in branches}
    if len(outcomes) == 1 and None not in outcomes:
        return UnknownAnswer(request, branches[0].decision, branches, tuple(named.values()), notes, search)
    needed = keys_in([cube for one in branches for cube in one.cubes], search.dimensions)
    listed = tuple(key for key in named.values() if key in needed) or tuple(named.values())
    return UnknownAnswer(request, None, branches, listed, notes, search)


def _notes(search: Search, branches: Sequence[Branch]) -> Iterator[str]:
    """Say why something is open."""
    if search.has_loose_reasons and any(
        not one.decision.allowed for one in branches if one.decision is not None
    ):
        yield "a denial may have another reason than the one that is shown"
    if search.has_loose_reasons or any(one.decision is None for one in branches):
        yield from search.notes


def _branches(search: Search) -> Iterator[Branch]:
    """Make a branch for each decision: what is allowed first, explicit denies, what is left."""
    decisions = sorted(dict.fromkeys(leaf.decision for leaf in search.leaves), key=_order)
    for decision in decisions:
        inside = [leaf.cube for leaf in search.leaves if leaf.decision is decision]
        outside = [leaf.cube for leaf in search.leaves if leaf.decision is not decision]
        cubes = cover(
            inside, outside, search.whole, lambda place, mask: len(describe(search.dimensions[place], mask))
        )
        sample, verified = _confirmed(search, decision, cubes, inside)
        yield Branch(decision, condition(cubes, search.dimensions), tuple(cubes), sample, verified)


_ORDER = {Effect.ALLOW: 0, Effect.EXPLICIT_DENY: 1, Effect.IMPLICIT_DENY: 2}


def _order(decision: Decision | None) -> int:
    return _ORDER[decision.effect] if decision is not None else 3


def _confirmed(
    search: Search, decision: Decision | None, cubes: Sequence[Cube], inside: Sequence[Cube]
) -> tuple[tuple[tuple[str, Value | None], ...], bool]:
    """Evaluate a sample request from every cube; show the first."""
    samples = [sample for cube in cubes if (sample := _sample(search, cube, inside)) is not None]
    if decision is None or not samples:
        return (), False
    named = tuple((search.keys[lower], value) for lower, value in samples[0].items())
    is_so = all(_decision(search, sample) is decision for sample in samples)
    return named, is_so and len(samples) == len(cubes)


def _sample(search: Search, cube: Cube, inside: Sequence[Cube]) -> dict[str, Value | None] | None:
    """Find a combination of a cube that can occur and was found to be so."""
    for other in inside:
        if not meets(cube, other):
            continue
        masks = [a & b for a, b in zip(cube, other, strict=True)]
        places = [[index for index in range(mask.bit_length()) if mask >> index & 1] for mask in masks]
        for choice in islice(product(*places), _MOST_SAMPLES):
            values = search.values(dict(enumerate(choice)))
            if values is not None:
                return values
    return None


def _decision(search: Search, values: dict[str, Value | None]) -> Decision:
    return overall(decided(search.situation.steps(search.sample(values))))[1]
