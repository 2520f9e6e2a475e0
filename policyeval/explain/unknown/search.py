"""What is the decision for each combination of values of the unknown keys?

A tree: the bounds of the decision end a branch early, the real evaluation decides its leaves. What is
too large, or cannot be enumerated, stays open; it is never guessed.
"""

from __future__ import annotations

from collections.abc import Mapping

from policyeval.catalog.global_keys import Value
from policyeval.context import Context
from policyeval.decision import Decision
from policyeval.explain.notes import THROUGH_ENDPOINT
from policyeval.explain.unknown.cells import TooMany, Wanted, wanted_text
from policyeval.explain.unknown.cubes import Cube
from policyeval.explain.unknown.dimensions import Dimension, NoValue, dimension
from policyeval.explain.unknown.hidden import compared_with, hidden_keys
from policyeval.explain.unknown.material import Material, link_of, why_open
from policyeval.explain.unknown.possible import extremes
from policyeval.explain.unknown.readers import (
    REQUEST_TAG,
    TAG_KEYS,
    Reader,
    expanded,
    following,
    readers,
    steps_of,
)
from policyeval.records import Record
from policyeval.request import Request
from policyeval.steps import Situation, Step, StepKind, decided, overall

MOST_NODES = 4_000
Values = dict[str, Value | None]
Extremes = tuple[Step, Decision, Decision]
Choice = dict[int, int]  # place of a dimension → alternative

# Keys that say the same in different ways: when several are read, their values hang together.
_TOGETHER = (
    frozenset({"aws:currenttime", "aws:epochtime"}),
    frozenset({"aws:calledvia", "aws:calledviafirst", "aws:calledvialast"}),
)


class Leaf(Record):
    """Combinations with one decision; None where it is open."""

    cube: Cube
    decision: Decision | None


class Search:
    """The combinations of one request's unknown keys; `keys` is lower-case name → name."""

    def __init__(self, situation: Situation, request: Request, keys: Mapping[str, str]) -> None:
        self.situation = situation
        self.request = request.changed(context=_without(request.context, keys))
        self.keys = keys
        self.notes: list[str] = []
        self.dimensions = self._dimensions()
        self.whole: Cube = tuple((1 << len(one.alternatives)) - 1 for one in self.dimensions)
        self.leaves: list[Leaf] = []
        self.has_loose_reasons = (
            False  # was a request found to be denied at any rate, for one reason or another?
        )
        self._nodes = 0
        self._visit({})
        if not self.leaves:  # the request contradicts itself: it is decided as it stands
            self._leaf({}, overall(decided(situation.steps(self.request)))[1])

    # The values that are tried

    def _dimensions(self) -> tuple[Dimension, ...]:
        """Make the dimensions; a key with which others are compared comes before them."""
        found = self._readers()
        read = {key for reader in found for key in reader.keys}
        links = {(reader.key, link.lower()) for reader in found if (link := link_of(reader, self.unknown))}
        targets = {target for _, target in links}
        made: dict[str, Dimension] = {}
        for lower in sorted(self.keys, key=lambda lower: lower not in targets):
            texts = compared_with(lower, self.situation, self._services)
            if lower in read or texts:
                self._add_dimension(self._material(lower, found, links, texts or (), made), links, read, made)
        return tuple(made.values())

    @property
    def unknown(self) -> frozenset[str]:
        """The unknown keys in lower case, with those that follow from them."""
        return expanded(self.keys, self.request.context)

    @property
    def _services(self) -> frozenset[str]:
        return frozenset(step.check.service for step in steps_of(self.situation, self.request))

    def _readers(self) -> list[Reader]:
        """Collect the readers, also those of checks that are made only when a key is present."""
        steps = steps_of(self.situation, self.request)
        known = {_name(step) for step in steps}
        for lower in hidden_keys(self.situation, self.request, self.keys):
            more = steps_of(self.situation, self.sample({lower: "x"}))
            steps += [step for step in more if _name(step) not in known]
            known |= {_name(step) for step in more}
        return readers(steps, self.unknown)

    def _material(
        self,
        lower: str,
        found: list[Reader],
        links: set[tuple[str | None, str]],
        texts: tuple[Wanted, ...],
        made: dict[str, Dimension],
    ) -> Material:
        sources = {source for source, target in links if target == lower}
        targets = [target for source, target in links if source == lower]
        if lower == TAG_KEYS:
            names = [name.partition("/")[2] for key, name in self.keys.items() if key.startswith(REQUEST_TAG)]
            texts += tuple(map(wanted_text, names))
        return Material(
            self.keys[lower],
            tuple(reader for reader in found if lower in reader.keys),
            self.unknown,
            texts,
            tuple(cell.value for key in targets if key in made for cell in made[key].cells.cells),
            tuple(reader for reader in found if reader.key in sources),
        )

    def _add_dimension(
        self,
        material: Material,
        links: set[tuple[str | None, str]],
        read: set[str],
        made: dict[str, Dimension],
    ) -> None:
        reason = why_open(material) or _why_entangled(material, links, read, made)
        try:
            if reason is None:
                made[material.lower] = dimension(material)
        except TooMany:
            reason = f"the policies tell too many values of {material.key} apart"
        if reason is not None:
            self._note(reason)

    def _note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)

    def values(self, choice: Choice) -> Values | None:
        """Give the values of a choice; None for one that cannot occur."""
        values: Values = {}
        try:
            for place, alternative in sorted(choice.items()):
                one = self.dimensions[place]
                values[one.lower] = one.value(alternative, values)
        except NoValue:
            return None
        return values if self.can_occur(values) else None

    def can_occur(self, values: Values) -> bool:
        """K-1 and the tags of the request: some keys exclude or imply each other."""
        known = {**{name.lower(): value for name, value in self.request.context.items()}, **values}
        through = any(known.get(key) for key in THROUGH_ENDPOINT) or bool(self.request.details.endpoint)
        asks = any(key in values for key in ("aws:sourceip", *THROUGH_ENDPOINT))
        if asks and through and known.get("aws:sourceip"):
            return False
        passed = known.get(TAG_KEYS)
        if TAG_KEYS not in known or isinstance(passed, str):
            return True
        names = {name.lower() for name in passed or ()}
        tags = {
            key[len(REQUEST_TAG) :]: value for key, value in values.items() if key.startswith(REQUEST_TAG)
        }
        return all((name in names) == (value is not None) for name, value in tags.items())

    def sample(self, values: Mapping[str, Value | None]) -> Request:
        """Make a request in which some of the unknown keys have values."""
        named = {self.keys[lower]: value for lower, value in values.items()}
        return self.request.changed(context=self.request.context.merged(Context(named)))

    # The tree

    def _visit(self, choice: Choice) -> None:
        values = self.values(choice)
        if values is None:
            return
        self._nodes += 1
        request, open_keys = self.sample(values), [lower for lower in self.keys if lower not in values]
        hidden = hidden_keys(self.situation, request, open_keys) if open_keys else frozenset()
        steps = list(self.situation.steps(request))
        unknown = expanded(open_keys, self.request.context)
        found: list[Extremes] = []
        if not hidden:
            found = [(step, *extremes(step, _seen_by(step, unknown))) for step in steps]
            if all(best is worst for _, best, worst in found):
                self._leaf(choice, overall((step, worst) for step, _, worst in found)[1])
                return
        place = self._next(choice, steps, unknown, hidden)
        if place is not None and self._nodes < MOST_NODES:
            for alternative in range(len(self.dimensions[place].alternatives)):
                self._visit({**choice, place: alternative})
            return
        if place is not None:
            self._note("there are too many combinations to try all of them")
        is_certain = not hidden and _is_certain(found)
        self.has_loose_reasons = self.has_loose_reasons or is_certain
        self._leaf(choice, overall(decided(steps))[1] if is_certain else None)

    def _next(
        self, choice: Choice, steps: list[Step], unknown: frozenset[str], hidden: frozenset[str]
    ) -> int | None:
        """Choose the key to try next: what services look at, else what statements read."""
        places = {one.lower: place for place, one in enumerate(self.dimensions)}
        if hidden - set(places):
            for lower in sorted(hidden - set(places)):
                self._note(f"the service itself looks at {self.keys[lower]}")
            return None
        asked = readers([step for step in steps if step.kind is not StepKind.HOP], unknown)
        read = hidden or {key for reader in asked for key in reader.keys}
        for lower, place in places.items():
            others = following(lower, self.request.context)
            if place not in choice and others & read:
                before = self.dimensions[place].same_as
                target = places[before.lower()] if before is not None else place
                return place if target in choice else target
        return None

    def _leaf(self, choice: Choice, decision: Decision | None) -> None:
        cube = tuple(1 << choice[place] if place in choice else mask for place, mask in enumerate(self.whole))
        self.leaves.append(Leaf(cube, decision))


def _is_certain(found: list[Extremes]) -> bool:
    """Is the request allowed at any rate, or denied at any rate?"""
    best = overall((step, best) for step, best, _ in found)[1]
    return best.allowed is overall((step, worst) for step, _, worst in found)[1].allowed


def _seen_by(step: Step, unknown: frozenset[str]) -> frozenset[str]:
    """A hop has a context of its own, in which nothing is unknown."""
    return frozenset() if step.kind is StepKind.HOP else unknown


def _name(step: Step) -> tuple[str, str]:
    return step.check.action.lower, step.check.resource.text


def _why_entangled(
    material: Material, links: set[tuple[str | None, str]], read: set[str], made: Mapping[str, Dimension]
) -> str | None:
    """Say why a key cannot be tried apart from others; None when it can."""
    for together in _TOGETHER:
        if material.lower in together and len(read & together) > 1:
            return f"{', '.join(sorted(read & together))} hang together"
    targets = [target for source, target in links if source == material.lower]
    is_target = any(target == material.lower for _, target in links)
    if targets and (is_target or material.indirect or material.more or targets[0] not in made):
        return f"{material.key} is compared with {targets[0]}, and with more"
    return None


def _without(context: Context, keys: Mapping[str, str]) -> Context:
    """Leave the unknown keys out, also where the request gives them."""
    if not any(name.lower() in keys for name in context.names()):
        return context
    return Context({name: value for name, value in context.items() if name.lower() not in keys})
