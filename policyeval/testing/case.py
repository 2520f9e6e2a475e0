"""What is a case, and does it hold? (UX §1)

A case is a request with policies and the expected answer; a file shares policies between its cases.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any

from policyeval.decision import Decision, Effect
from policyeval.engine import Engine
from policyeval.errors import CaseError, PolicyEvalError, RequestError
from policyeval.language.documents import JsonValue
from policyeval.policy_set import PolicySet
from policyeval.records import replace
from policyeval.request import Request
from policyeval.source import Path, Source
from policyeval.sources.costs import refuse_costly
from policyeval.sources.files import STANDARD_INPUT, read_source
from policyeval.sources.requests import read_request

if TYPE_CHECKING:
    from policyeval.explain.explanation import Explanation

EXPECTATIONS = ("allow", "deny", "explicit-deny", "implicit-deny", "invalid")

PolicyFields = Mapping[str, tuple[JsonValue, Path]]


@dataclass(frozen=True)
class Outcome:
    """What a case gave: a decision, or the error that refused the input."""

    case: Case
    decision: Decision | None
    error: PolicyEvalError | None
    now: float | None = None

    @property
    def got(self) -> str:
        """The answer in the words of `expect`; `error` when the case itself cannot be run."""
        if self.decision is not None:
            return self.decision.effect.value
        return "error" if isinstance(self.error, CaseError) else "invalid"

    @property
    def passed(self) -> bool:
        """Is the answer, and the reason where one is named, as expected?"""
        expected = self.case.expect
        effect_fits = expected == self.got or (
            expected == "deny" and self.decision is not None and self.decision.effect is not Effect.ALLOW
        )
        wanted = self.case.reason
        reason_fits = wanted is None or (self.decision is not None and self.decision.reason.code == wanted)
        return effect_fits and reason_fits

    @cached_property
    def explanation(self) -> Explanation | None:
        """Everything that led to the decision; None where there is none."""
        if self.decision is None:
            return None
        return self.case.engine(self.now).explain(self.case.read_request())

    def __str__(self) -> str:
        wanted = f"{self.case.expect} {self.case.reason or ''}".strip()
        got = self.got if self.decision is None else f"{self.got} {self.decision.reason.code}"
        detail = f"\n{self.error}" if self.error is not None else ""
        return f"{self.case.name}: expected {wanted}, got {got}{detail}"


@dataclass(frozen=True)
class Case:
    """One case of a file; policies and request are the file's values, read when the case runs.

    `policies` holds each field with the path that it stands under; `origins` names the file of those that
    are included from another one. `skip` says why the case is not to be run.
    """

    name: str
    source: Source
    path: Path
    expect: str
    request: JsonValue
    policies: PolicyFields
    ids: tuple[str, ...] = ()
    why: str = ""
    reason: str | None = None
    strict: bool = False
    skip: str | None = None
    only: str | None = None
    origins: Mapping[str, Source] = field(default_factory=dict)
    engines: dict[Any, tuple[PolicyFields, Engine]] = field(default_factory=dict, compare=False, repr=False)

    def run(self, *, now: float | None = None) -> Outcome:
        """Decide the case's request; `now` is the time of a request that tells none."""
        try:
            engine, request = self.engine(now), self.read_request()
            refuse_costly(engine.policies, request)
            decision = engine.decide(request)
        except PolicyEvalError as error:
            return Outcome(self, None, self._located(error), now)
        return Outcome(self, decision, None, now)

    def engine(self, now: float | None = None) -> Engine:
        """Give the engine of the case's policies; cases that share policies share it."""
        key = (id(self.policies), self.strict, now)
        if key not in self.engines:
            # INVARIANT: the entry keeps its policies alive, so that their id stays theirs.
            self.engines[key] = self.policies, Engine(self.policy_set(), now=now)
        return self.engines[key][1]

    def read_request(self) -> Request:
        """Read the request of the case."""
        return read_request(self.request, self.source, (*self.path, "request"))

    def policy_set(self) -> PolicySet:
        """Read the policies of the case: the file's, overridden field by field."""
        fields: dict[str, Any] = {}
        for name, (value, base) in self.policies.items():
            source = self.origins.get(name, self.source)
            read = _Reader(source, base, {name: value}).read
            part = PolicySet.from_dict({name: value}, source=source, base=base, read=read, strict=self.strict)
            fields[name] = getattr(part, name)
        return PolicySet(**fields)

    def _located(self, error: PolicyEvalError) -> PolicyEvalError:
        """Name the case in messages that know no file."""
        if all(told.source is not None for told in error.diagnostics):
            return error
        inside = ("request",) if isinstance(error, RequestError) else ()
        return type(error).of(
            replace(told, source=self.source, path=(*self.path, *inside, *(told.path or ())))
            if told.source is None
            else told
            for told in error.diagnostics
        )


@dataclass(frozen=True)
class _Reader:
    """Reads the policy files that a case names, relative to the file that names them."""

    source: Source
    base: Path
    value: JsonValue

    def read(self, name: str) -> Source:
        try:
            return read_source(beside(self.source, name), CaseError)
        except CaseError as error:
            path = (*self.base, *(_path_to(self.value, name) or ()))
            raise CaseError.of(
                replace(told, source=self.source, path=path) for told in error.diagnostics
            ) from None


def beside(source: Source, name: str) -> str:
    """Give the path of a file that is named relative to another, without detours."""
    path = os.path.normpath(FilePath(source.name).parent / name)
    return f"{os.curdir}{os.sep}{path}" if path == STANDARD_INPUT else path


def _path_to(value: JsonValue, text: str) -> Path | None:
    """Find where a text stands in a value."""
    if value == text:
        return ()
    entries = (
        value.items() if isinstance(value, dict) else enumerate(value if isinstance(value, list) else ())
    )
    for step, inner in entries:
        found = _path_to(inner, text)
        if found is not None:
            return (step, *found)
    return None
