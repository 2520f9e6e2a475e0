"""What is a case file, and does a case hold? (UX §1)

A case is a request with policies and the expected answer; a file shares policies between its cases.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from policyeval.decision import Decision, Effect
from policyeval.diagnostics import did_you_mean
from policyeval.engine import Engine
from policyeval.errors import CaseError, PolicyEvalError
from policyeval.language.documents import JsonValue, read_document
from policyeval.policy_set import PolicySet
from policyeval.source import Path as ValuePath
from policyeval.source import Source
from policyeval.sources.files import read_source, reader_beside
from policyeval.sources.requests import read_request

EXPECTATIONS = ("allow", "deny", "explicit-deny", "implicit-deny", "invalid")
_FILE_FIELDS = ("about", "source", "policies", "cases")
_CASE_FIELDS = ("name", "id", "why", "policies", "request", "expect", "reason", "strict")


@dataclass(frozen=True)
class Outcome:
    """What a case gave: a decision, or the error that refused the input."""

    case: Case
    decision: Decision | None
    error: PolicyEvalError | None

    @property
    def got(self) -> str:
        """The answer in the words of `expect`."""
        return "invalid" if self.decision is None else self.decision.effect.value

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

    def __str__(self) -> str:
        wanted = f"{self.case.expect} {self.case.reason or ''}".strip()
        got = self.got if self.decision is None else f"{self.got} {self.decision.reason.code}"
        detail = f"\n{self.error}" if self.error is not None else ""
        return f"{self.case.name}: expected {wanted}, got {got}{detail}"


@dataclass(frozen=True)
class Case:
    """One case of a file; policies and request are the file's values, read when the case runs."""

    name: str
    source: Source
    path: ValuePath
    expect: str
    request: JsonValue
    policies: Mapping[str, tuple[JsonValue, ValuePath]]
    ids: tuple[str, ...] = ()
    why: str = ""
    reason: str | None = None
    strict: bool = False

    def run(self) -> Outcome:
        """Decide the case's request."""
        try:
            decision = Engine(self.policy_set()).decide(read_request(self.request))
        except PolicyEvalError as error:
            return Outcome(self, None, error)
        return Outcome(self, decision, None)

    def policy_set(self) -> PolicySet:
        """Read the policies of the case: the file's, overridden field by field."""
        read = reader_beside(self.source.name)
        fields: dict[str, Any] = {}
        for name, (value, base) in self.policies.items():
            part = PolicySet.from_dict(
                {name: value}, source=self.source, base=base, read=read, strict=self.strict
            )
            fields[name] = getattr(part, name)
        return PolicySet(**fields)


def load_cases(name: str | Path) -> list[Case]:
    """Read the cases of a file.

    Raises CaseError with the place of what is wrong.
    """
    source = read_source(name, CaseError)
    value = read_document(source, CaseError)
    cases = value.get("cases") if isinstance(value, dict) else None
    if not isinstance(value, dict) or not isinstance(cases, list):
        raise CaseError(
            "a case file is an object with a list of `cases`", source=source, path=(), help="add `cases`"
        )
    _known(value, _FILE_FIELDS, source, ())
    shared = _policies(value, (), source)
    return [_case(one, ("cases", index), shared, source) for index, one in enumerate(cases)]


def _case(
    value: JsonValue, path: ValuePath, shared: Mapping[str, tuple[JsonValue, ValuePath]], source: Source
) -> Case:
    if not isinstance(value, dict):
        raise CaseError(
            "a case is an object", source=source, path=path, help="write {name: …, request: …, expect: …}"
        )
    _known(value, _CASE_FIELDS, source, path)
    for needed in ("name", "request", "expect"):
        if needed not in value:
            raise CaseError(f"the case has no `{needed}`", source=source, path=path, help=f"add `{needed}`")
    if value["expect"] not in EXPECTATIONS:
        raise CaseError(f"`{value['expect']}` is no expectation", source=source, path=(*path, "expect"),
                        help=f"it is one of {', '.join(EXPECTATIONS)}")  # fmt: skip
    ids = value.get("id", [])
    return Case(
        str(value["name"]), source, path, str(value["expect"]), value["request"],
        {**shared, **_policies(value, path, source)},
        tuple(str(one) for one in ids) if isinstance(ids, list) else (str(ids),),
        str(value.get("why", "")),
        None if value.get("reason") is None else str(value["reason"]),
        str(value.get("strict", "false")) == "true",
    )  # fmt: skip


def _policies(
    value: Mapping[str, JsonValue], path: ValuePath, source: Source
) -> dict[str, tuple[JsonValue, ValuePath]]:
    given = value.get("policies") or {}
    at = (*path, "policies")
    if not isinstance(given, dict):
        raise CaseError("`policies` is an object", source=source, path=at, help="write {identity: […]}")
    return {name: (entry, at) for name, entry in given.items()}


def _known(value: Mapping[str, JsonValue], known: tuple[str, ...], source: Source, path: ValuePath) -> None:
    for name in value:
        if name not in known:
            near = did_you_mean(name, known)
            help = f"did you mean `{near}`?" if near else f"the fields are {', '.join(known)}"
            raise CaseError(
                f"unknown field `{name}`", source=source, path=(*path, name), on_key=True, help=help
            )
