"""Which statements did the cases put to the test? (Statement coverage)

A statement is decided by when it let a request through, or denied one. An element of it is tested when it
was once the only thing that kept the statement from applying: only then did it make a difference.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from policyeval.decision import Decision
from policyeval.explain.elements import ElementReport
from policyeval.explain.reports import StatementReport, layer_reports
from policyeval.language.model import Effect, Statement
from policyeval.language.policy import Policy
from policyeval.policy_set import PolicySet
from policyeval.records import Record
from policyeval.source import Path, SourceMap
from policyeval.testing.case import Outcome

ElementName = tuple[str, str, str]  # element, operator, key
_EVERYTHING = {"*", "*:*"}


class ElementCoverage:
    """An element, or a key under an operator: how often it was the only reason, or one of several."""

    __slots__ = ("alone", "among", "line", "name")

    def __init__(self, name: ElementName, line: int) -> None:
        self.name = name
        self.line = line
        self.alone = 0
        self.among = 0

    @property
    def label(self) -> str:
        """Its name, with operator and key for a condition."""
        element, operator, key = self.name
        return f"{operator} {key}" if key else element


class StatementCoverage:
    """A statement, and what the cases made of it."""

    __slots__ = (
        "allowed",
        "applied",
        "denied",
        "elements",
        "end",
        "file",
        "is_allow",
        "label",
        "layer",
        "line",
    )

    def __init__(self, file: str, line: int, end: int, label: str, layer: str, is_allow: bool) -> None:
        self.file = file
        self.line = line
        self.end = end
        self.label = label
        self.layer = layer
        self.is_allow = is_allow
        self.allowed = 0
        self.denied = 0
        self.applied = 0
        self.elements: dict[ElementName, ElementCoverage] = {}

    @property
    def is_decided(self) -> bool:
        """Did it ever decide?"""
        return bool(self.allowed or self.denied)

    @property
    def tested(self) -> int:
        """How many of its elements were ever the only reason?"""
        return sum(bool(one.alone) for one in self.elements.values())

    def add(self, other: StatementCoverage) -> None:
        """Add what other cases made of it."""
        self.allowed += other.allowed
        self.denied += other.denied
        self.applied += other.applied
        for name, one in other.elements.items():
            mine = self.elements.setdefault(name, ElementCoverage(name, one.line))
            mine.alone += one.alone
            mine.among += one.among


Key = tuple[str, int, str]


class Coverage:
    """The statements of all policies that cases name."""

    def __init__(self) -> None:
        self.found: dict[Key, StatementCoverage] = {}
        self.texts: dict[str, str] = {}
        self._seen: set[int] = set()
        self._kept: list[Policy] = []

    def __getstate__(self) -> dict[str, Any]:
        """Send the counts only."""
        return {"found": self.found, "texts": self.texts, "_seen": set(), "_kept": []}

    @property
    def statements(self) -> list[StatementCoverage]:
        """The statements by file and line."""
        return [self.found[key] for key in sorted(self.found)]

    def by_file(self) -> Mapping[str, list[StatementCoverage]]:
        """Group the statements by file."""
        files: dict[str, list[StatementCoverage]] = {}
        for one in self.statements:
            files.setdefault(one.file, []).append(one)
        return files

    def add(self, outcome: Outcome) -> None:
        """Count what a case did."""
        explanation = outcome.explanation
        if explanation is None:
            return
        for policy in _under_test(explanation.situation.policies, outcome):
            self._register(policy)
        for report in explanation.checks:
            for layer in layer_reports(report.run):
                for statement in layer.statements:
                    self._count(statement, report.decision)

    def merge(self, other: Coverage) -> None:
        """Add the counts of other cases."""
        for key, one in other.found.items():
            if key not in self.found:
                self.found[key] = StatementCoverage(
                    one.file, one.line, one.end, one.label, one.layer, one.is_allow
                )
            self.found[key].add(one)
        self.texts |= other.texts

    def _register(self, policy: Policy) -> None:
        """Note every statement of a policy, also those that no case reaches."""
        if id(policy) not in self._seen:
            self._seen.add(id(policy))
            self._kept.append(policy)  # INVARIANT: kept alive, so that its id stays its own
            self.texts.setdefault(policy.source.name, policy.source.text)
            for statement in policy.statements:
                self._of(policy, statement)

    def _of(self, policy: Policy, statement: Statement) -> StatementCoverage:
        span = SourceMap.of(policy.source).span((*policy.base, *statement.path))
        key = (policy.source.name, span.start.offset, policy.type.layer)
        if key not in self.found:
            label = statement.sid or f"statement {statement.index + 1}"
            made = StatementCoverage(policy.source.name, span.start.line, span.end.line, label,
                                     policy.type.layer, statement.effect is Effect.ALLOW)  # fmt: skip
            self.found[key] = made
            for name, path in testable(statement):
                line = SourceMap.of(policy.source).span((*policy.base, *path)).start.line
                made.elements[name] = ElementCoverage(name, line)
        return self.found[key]

    def _count(self, report: StatementReport, decision: Decision) -> None:
        if id(report.policy) not in self._seen:
            return  # made by the rules of a service, and in no file
        found = self._of(report.policy, report.traced.statement.statement)
        if report.applies:
            decided = decision.allowed is report.is_allow
            found.applied += not decided
            found.allowed += decided and report.is_allow
            found.denied += decided and not report.is_allow
            return
        failing = [found.elements.get(name_of(one)) for one in report.failing]
        for one in failing:
            if one is not None:
                one.among += 1
                one.alone += len(failing) == 1


def _under_test(policy_set: PolicySet, outcome: Outcome) -> list[Policy]:
    """List the policies of a case; those written into the case file only help where it names files, too."""
    found: list[Policy] = []

    def note(policy: Policy) -> Policy:
        found.append(policy)
        return policy

    policy_set.mapped(note)
    files = [policy for policy in found if policy.source.name != outcome.case.source.name]
    return files or found


def name_of(report: ElementReport) -> ElementName:
    """Name an element as coverage does."""
    return report.element, report.operator or "", report.key or ""


def testable(statement: Statement) -> Iterator[tuple[ElementName, Path]]:
    """Name the elements that can keep a statement from applying; `*` cannot."""
    if statement.principal is not None:
        name = "NotPrincipal" if statement.principal.negated else "Principal"
        texts = {text for _, values in statement.principal.entries for text in values.items}
        if statement.principal.negated or not texts & _EVERYTHING:
            yield (name, "", ""), (*statement.path, name)
    for name, matcher in (("Action", statement.action), ("Resource", statement.resource)):
        if matcher is not None and (matcher.negated or not set(matcher.values.items) & _EVERYTHING):
            written = f"Not{name}" if matcher.negated else name
            yield (written, "", ""), (*statement.path, written)
    for block in statement.conditions or ():
        for key, _ in block.keys:
            if block.operator is not None:
                yield ("Condition", block.operator.name, key), (*statement.path, "Condition", block.name, key)


class Shares(Record):
    """How much was covered: of the statements, and of their elements."""

    decided: int
    statements: int
    tested: int
    elements: int

    @classmethod
    def of(cls, found: list[StatementCoverage]) -> Shares:
        """Count."""
        return cls(
            sum(one.is_decided for one in found), len(found),
            sum(one.tested for one in found), sum(len(one.elements) for one in found),
        )  # fmt: skip

    @property
    def statement_percent(self) -> float:
        """The share of statements that decided, in percent; of none, all."""
        return 100 * self.decided / self.statements if self.statements else 100.0

    @property
    def element_percent(self) -> float:
        """The share of elements that were ever the only reason, in percent."""
        return 100 * self.tested / self.elements if self.elements else 100.0

    @property
    def words(self) -> str:
        """Say it in a sentence."""
        return (
            f"{_floor(self.statement_percent)} % of {_counted(self.statements, 'statement')} decided a case, "
            f"{_floor(self.element_percent)} % of {_counted(self.elements, 'element')} "
            "were once the only reason not to apply"
        )


def _floor(percent: float) -> int:
    """Round down: 100 % means all."""
    return int(percent)


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'s' if count != 1 else ''}"
