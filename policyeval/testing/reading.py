"""What does a case file say? Its cases, with variables and matrices written out; every mistake at its place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from policyeval.decision import REASONS, Effect, reason
from policyeval.diagnostics import Diagnostic, did_you_mean
from policyeval.engine import Engine
from policyeval.errors import CaseError
from policyeval.language.documents import JsonBoolean, JsonNumber, JsonValue, read_document, write_json
from policyeval.source import Path, Source
from policyeval.testing.case import EXPECTATIONS, Case, PolicyFields
from policyeval.testing.includes import Fields, policy_fields
from policyeval.testing.matrix import AXES, Combination, combinations, is_axis
from policyeval.testing.placeholders import Substitution, uses_variables

FILE_FIELDS = ("about", "source", "vars", "policies", "cases")
CASE_FIELDS = (
    "name", "id", "why", "vars", "policies", "request", "matrix", "expect", "reason", "strict", "skip", "only",
)  # fmt: skip
_NEEDED = {
    "name": "add a sentence that says what is tested",
    "request": "add `request: {principal: …, action: …, resource: …}`",
    "expect": f"add one of {', '.join(EXPECTATIONS)}",
}
_MOST_MISTAKES = 20
_OTHERS_ARE_CHOSEN = "`only` is set on another case of the file"


def read_cases(source: Source) -> list[Case]:
    """Read the cases of a file.

    Raises CaseError with the place of everything that is wrong.
    """
    return _FileReader(source).cases()


class _FileReader:
    """Reads one file and collects what is wrong with it."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.problems: dict[tuple[str, Path | None], Diagnostic] = {}
        self.uses_variables = uses_variables(source.text)
        self.engines: dict[Any, tuple[PolicyFields, Engine]] = {}

    def cases(self) -> list[Case]:
        value = self._root()
        if isinstance(value.get("vars", {}), dict):
            variables = self._variables(value, ())
        else:
            variables = {}
            self.problem("`vars` is an object", ("vars",), 'write `vars: {account: "111122223333"}`')
        shared = self._policies(value, (), variables)
        found: list[Case] = []
        for index, one in enumerate(value["cases"]):
            found += self._case(one, ("cases", index), value, variables, shared)
        self._refuse_repeated_names(value["cases"])
        if self.problems:
            raise CaseError.of(self._told())
        return _chosen(found)

    def _told(self) -> list[Diagnostic]:
        """Give the mistakes in the order of the file, the first ones of many."""
        told = sorted(
            self.problems.values(), key=lambda one: place.start.offset if (place := one.place()) else 0
        )
        left = len(told) - _MOST_MISTAKES
        if left < 2:
            return told
        rest = Diagnostic(f"and {left} more mistakes", source=self.source, help="correct these first")
        return [*told[:_MOST_MISTAKES], rest]

    def problem(self, message: str, path: Path, help: str, *, on_key: bool = False) -> None:
        """Note a mistake; the same one at the same place counts once."""
        told = Diagnostic(message, source=self.source, path=path, on_key=on_key, help=help)
        self.problems.setdefault((message, path), told)

    def _root(self) -> dict[str, Any]:
        value = read_document(self.source, CaseError)
        if not isinstance(value, dict) or "cases" not in value:
            help = "add `cases`; `policyeval schema cases` prints the whole shape"
            raise CaseError(
                "a case file is an object with a list of `cases`", source=self.source, path=(), help=help
            )
        self._known(value, FILE_FIELDS, ())
        if not isinstance(value["cases"], list):
            help = "write `cases:` and below it `- name: …`, once per case"
            raise CaseError("`cases` is a list", source=self.source, path=("cases",), help=help)
        return value

    def _known(self, value: Mapping[str, JsonValue], known: tuple[str, ...], path: Path) -> None:
        for name in value:
            if name not in known:
                near = did_you_mean(name, known)
                help = f"did you mean `{near}`?" if near else f"the fields are {', '.join(known)}"
                self.problem(f"unknown field `{name}`", (*path, name), help, on_key=True)

    # Variables and policies

    def _variables(
        self, value: Mapping[str, JsonValue], path: Path, before: Mapping[str, JsonValue] | None = None
    ) -> dict[str, JsonValue]:
        """Read `vars`; a variable may use those above it."""
        found = dict(before or {})
        given = value.get("vars")
        for name, one in given.items() if isinstance(given, dict) else ():
            found[name] = self._filled(one, (*path, "vars", name), found)
        return found

    def _filled(self, value: JsonValue, path: Path, variables: Mapping[str, JsonValue]) -> JsonValue:
        """Put the values of variables in."""
        if not self.uses_variables:
            return value
        return Substitution(variables, self.problem).of(value, path)

    def _policies(
        self, value: Mapping[str, JsonValue], path: Path, variables: Mapping[str, JsonValue]
    ) -> Fields:
        at = (*path, "policies")
        given = self._filled(value.get("policies"), at, variables)
        try:
            return policy_fields(given, at, self.source)
        except CaseError as error:
            for told in error.diagnostics:
                self.problems.setdefault((told.message, told.path), told)
            return Fields()

    # Cases

    def _case(
        self,
        value: JsonValue,
        path: Path,
        file: Mapping[str, JsonValue],
        variables: Mapping[str, JsonValue],
        shared: Fields,
    ) -> Iterator[Case]:
        if not isinstance(value, dict):
            self.problem("a case is an object", path, "write {name: …, request: …, expect: …}")
            return
        self._known(value, CASE_FIELDS, path)
        if not self._is_complete(value, path):
            return
        for combination in self._combinations(value, path):
            own = {**self._variables(value, path, variables), **combination.variables}
            # The shared policies stay one object for the cases that change no variable: they share an engine.
            base = shared if own == variables else self._policies(file, (), own)
            fields = base.overridden(self._policies(value, path, own)) if "policies" in value else base
            yield self._one(value, path, fields, own, combination)

    def _combinations(self, value: Mapping[str, JsonValue], path: Path) -> list[Combination]:
        if "matrix" not in value:
            return [Combination()]
        matrix, at = value["matrix"], (*path, "matrix")
        if not isinstance(matrix, dict) or not matrix:
            self.problem("`matrix` is an object", at, "write {action: [s3:GetObject, s3:PutObject]}")
            return []
        if not isinstance(value["request"], dict):
            self.problem("a matrix needs a `request` that is an object", at, "write {principal: …}")
            return []
        for axis, values in matrix.items():
            if not is_axis(axis):
                near = did_you_mean(axis, AXES)
                help = f"did you mean `{near}`?" if near else f"an axis is {', '.join(AXES)}"
                self.problem(f"a matrix has no axis `{axis}`", (*at, axis), help, on_key=True)
            elif not isinstance(values, list) or not values:
                self.problem(f"`{axis}` is a list with a value per case", (*at, axis), "write [one, another]")
        return [] if self.problems else list(combinations(matrix))

    def _one(
        self,
        value: Mapping[str, JsonValue],
        path: Path,
        fields: Fields,
        variables: Mapping[str, JsonValue],
        combination: Combination,
    ) -> Case:
        request = self._filled(combination.request(value["request"]), (*path, "request"), variables)
        name, why = (
            str(self._filled(value.get(field, ""), (*path, field), variables)) for field in ("name", "why")
        )
        ids = value.get("id", [])
        return Case(
            f"{name}{combination.label}", self.source, path, str(value["expect"]), request, fields.values,
            tuple(str(one) for one in ids) if isinstance(ids, list) else (str(ids),),
            why, _text(value.get("reason")), str(value.get("strict", "false")) == "true",
            _text(value.get("skip")), _text(value.get("only")), fields.origins, self.engines,
        )  # fmt: skip

    def _is_complete(self, value: Mapping[str, JsonValue], path: Path) -> bool:
        """Check what every case has; what cannot be used further is told and left out."""
        missing = [
            name for name in _NEEDED if value.get(name) is None and not (name in value and name == "request")
        ]
        for name in missing:
            self.problem(
                f"the case has no `{name}`", (*path, "name") if "name" in value else path, _NEEDED[name]
            )
        self._check_texts(value, path)
        if "expect" not in missing:
            self._check_expectation(value, path)
        if not isinstance(value.get("vars", {}), dict):
            self.problem("`vars` is an object", (*path, "vars"), "write {name: value}")
        return not missing

    def _check_texts(self, value: Mapping[str, JsonValue], path: Path) -> None:
        if value.get("name") is not None and not _is_text(value["name"]):
            self.problem("`name` is a text", (*path, "name"), _NEEDED["name"])
        for field in ("skip", "only"):
            given = value.get(field)
            if given is not None and (not _is_text(given) or isinstance(given, JsonBoolean | JsonNumber)):
                self.problem(f"`{field}` says why", (*path, field), f"write `{field}: the reason in words`")
        if value.get("skip") is not None and value.get("only") is not None:
            self.problem("`skip` and `only` contradict each other", (*path, "only"), "keep one", on_key=True)
        if str(value.get("strict", "false")) not in ("true", "false"):
            self.problem("`strict` is true or false", (*path, "strict"), "write `strict: true`")

    def _check_expectation(self, value: Mapping[str, JsonValue], path: Path) -> None:
        expect, code = value["expect"], value.get("reason")
        if expect not in EXPECTATIONS:
            near = did_you_mean(str(expect), EXPECTATIONS)
            help = f"did you mean `{near}`?" if near else f"it is one of {', '.join(EXPECTATIONS)}"
            expect = expect if isinstance(expect, str) else write_json(expect, None)
            self.problem(f"`{expect}` is no expectation", (*path, "expect"), help)
            return
        if code is None:
            return
        row = reason(str(code))
        if row is None:
            near = did_you_mean(str(code), [one.code for one in REASONS])
            help = f"did you mean `{near}`?" if near else "`policyeval explain` lists the reasons"
            self.problem(f"`{code}` is no reason", (*path, "reason"), help)
        elif not _can_be(str(expect), row.effect):
            fitting = row.effect.value
            self.problem(f"`{code}` is never the reason of `{expect}`", (*path, "reason"),
                         f"it is a reason of `{fitting}`")  # fmt: skip

    def _refuse_repeated_names(self, cases: list[JsonValue]) -> None:
        first: dict[str, int] = {}
        for index, one in enumerate(cases):
            name = one.get("name") if isinstance(one, dict) else None
            if not isinstance(name, str):
                continue
            if first.setdefault(name, index) != index:
                help = f"say what differs from case {first[name] + 1}"
                self.problem(f"the name `{name}` stands twice", ("cases", index, "name"), help)


def _can_be(expect: str, effect: Effect) -> bool:
    return expect == effect.value or (expect == "deny" and effect is not Effect.ALLOW)


def _is_text(value: JsonValue) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _text(value: JsonValue) -> str | None:
    return None if value is None else str(value)


def _chosen(cases: list[Case]) -> list[Case]:
    """Skip the others when some cases are marked with `only`."""
    from dataclasses import replace

    if not any(case.only for case in cases):
        return cases
    return [case if case.only or case.skip else replace(case, skip=_OTHERS_ARE_CHOSEN) for case in cases]
