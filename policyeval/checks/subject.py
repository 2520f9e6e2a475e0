"""What do checks look at? A policy document as it was written, mistakes and all, with the path of each text.

The evaluator's model is made of valid documents only; a check has to look at invalid ones, so nothing is
refused here: what has the wrong shape is left out of the views, and the checks of the shape report it.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from policyeval.language.documents import JsonBoolean, JsonNumber, JsonValue
from policyeval.language.parse import VERSIONS
from policyeval.language.policy_types import PolicyType
from policyeval.operators import ConditionOperator, OperatorType, parse_operator
from policyeval.records import Record
from policyeval.source import Path, Source

IDENTITY_LAYERS = ("identity", "boundary", "session")
SCP_DIALECTS = ("current", "2023")


class Entry(Record):
    """A text of a list, or a single one; `kind` is the type of a principal."""

    path: Path
    text: str
    kind: str = ""


class Listed(Record):
    """Action, Resource or a negated form of them, with its texts."""

    name: str
    path: Path
    entries: tuple[Entry, ...]

    @property
    def negated(self) -> bool:
        """Is it NotAction or NotResource?"""
        return self.name.startswith("Not")

    @property
    def texts(self) -> tuple[str, ...]:
        """The texts alone."""
        return tuple(entry.text for entry in self.entries)


class Principals(Record):
    """Principal or NotPrincipal; `is_bare` for `"*"` in the place of an object."""

    name: str
    path: Path
    entries: tuple[Entry, ...]
    is_bare: bool = False

    @property
    def negated(self) -> bool:
        """Is it NotPrincipal?"""
        return self.name == "NotPrincipal"

    def of(self, kind: str) -> tuple[Entry, ...]:
        """The principals of one type."""
        return tuple(entry for entry in self.entries if entry.kind == kind)


class Condition(Record):
    """One key under one operator, with its values; `operator` is None for an unknown one."""

    name: str
    operator: ConditionOperator | None
    key: str
    lower: str
    values: tuple[Entry, ...]
    path: Path
    is_empty: bool
    alone: bool

    @property
    def base(self) -> str:
        """The operator's name without set operator and IfExists; empty for an unknown one."""
        return self.operator.row.name if self.operator is not None else ""

    @property
    def type(self) -> OperatorType | None:
        """What the operator compares; None for an unknown one."""
        return self.operator.row.type if self.operator is not None else None

    @property
    def negated(self) -> bool:
        """Does the operator hold for an absent key?"""
        return self.operator is not None and self.operator.row.negated

    @property
    def if_exists(self) -> bool:
        """Does the operator end in IfExists?"""
        return self.operator is not None and self.operator.if_exists

    @property
    def operator_path(self) -> Path:
        """Where the operator's name stands."""
        return self.path[:-1]


class StatementView:
    """One statement, as far as it has the shape of one."""

    def __init__(self, value: dict[str, JsonValue], path: Path, index: int) -> None:
        self.value = value
        self.path = path
        self.index = index
        effect = value.get("Effect")
        self.effect = effect if is_string(effect) and effect in ("Allow", "Deny") else None
        sid = value.get("Sid")
        self.sid = str(sid) if is_string(sid) else None

    def at(self, *steps: str | int) -> Path:
        """Give the path of an element of the statement."""
        return (*self.path, *steps)

    @property
    def allows(self) -> bool:
        """Is it an Allow?"""
        return self.effect == "Allow"

    @property
    def denies(self) -> bool:
        """Is it a Deny?"""
        return self.effect == "Deny"

    @cached_property
    def action(self) -> Listed | None:
        """Action or NotAction."""
        return self._listed("Action")

    @cached_property
    def resource(self) -> Listed | None:
        """Resource or NotResource."""
        return self._listed("Resource")

    @cached_property
    def principal(self) -> Principals | None:
        """Principal or NotPrincipal."""
        name = next((one for one in ("Principal", "NotPrincipal") if one in self.value), None)
        if name is None:
            return None
        value, path = self.value[name], self.at(name)
        if value == "*":
            return Principals(name, path, (Entry(path, "*", "AWS"),), is_bare=True)
        members = value.items() if isinstance(value, dict) else ()
        entries = (entry for kind, listed in members for entry in _strings(listed, (*path, kind), kind))
        return Principals(name, path, tuple(entries))

    @cached_property
    def conditions(self) -> tuple[Condition, ...]:
        """Every key under every operator."""
        return tuple(self._conditions())

    def conditions_on(self, *keys: str) -> Iterator[Condition]:
        """Walk the conditions on keys, named in lower case; `aws:principaltag/` stands for its family."""
        for condition in self.conditions:
            if condition.lower in keys or any(
                key.endswith("/") and condition.lower.startswith(key) for key in keys
            ):
                yield condition

    def _listed(self, element: str) -> Listed | None:
        name = next((one for one in (element, f"Not{element}") if one in self.value), None)
        if name is None:
            return None
        return Listed(name, self.at(name), _strings(self.value[name], self.at(name)))

    def _conditions(self) -> Iterator[Condition]:
        written = self.value.get("Condition")
        for name, keys in written.items() if isinstance(written, dict) else ():
            operator = parse_operator(name)
            alone = isinstance(keys, dict) and len(keys) == 1
            for key, value in keys.items() if isinstance(keys, dict) else ():
                path = self.at("Condition", name, key)
                entries = _entries(value, path)
                yield Condition(name, operator, key, key.lower(), entries, path, value == [], alone)


def is_string(value: JsonValue) -> bool:
    """Is the value a JSON string?"""
    return isinstance(value, str) and not isinstance(value, JsonNumber | JsonBoolean)


def _strings(value: JsonValue, path: Path, kind: str = "") -> tuple[Entry, ...]:
    """Give the texts of an element whose values are strings only."""
    return tuple(
        Entry(where, str(one), kind)
        for where, one in (
            [((*path, i), one) for i, one in enumerate(value)] if isinstance(value, list) else [(path, value)]
        )
        if is_string(one)
    )


def _entries(value: JsonValue, path: Path) -> tuple[Entry, ...]:
    """Give the values of a condition key: strings, numbers and booleans."""
    if isinstance(value, list):
        return tuple(Entry((*path, i), one) for i, one in enumerate(value) if isinstance(one, str))
    return (Entry(path, value),) if isinstance(value, str) else ()


class Subject:
    """A policy document to be checked, of a type, and where it was read."""

    def __init__(
        self,
        value: JsonValue,
        type: PolicyType,
        source: Source,
        base: Path = (),
        scp_dialect: str = SCP_DIALECTS[0],
    ) -> None:
        self.value = value
        self.type = type
        self.source = source
        self.base = base
        self.scp_dialect = scp_dialect
        self.elements: dict[str, JsonValue] = value if isinstance(value, dict) else {}
        self.statements = tuple(self._statements())

    @property
    def layer(self) -> str:
        """The layer of the policy's type."""
        return self.type.layer

    @property
    def title(self) -> str:
        """Name the kind of policy, with its article."""
        title = self.type.title
        return f"{'an' if title.startswith(('i', 'S3', 'SQS', 'SNS', 'ECR', 'A', 'E')) else 'a'} {title}"

    @property
    def is_identity(self) -> bool:
        """Is it an identity-based policy, a boundary or a session policy?"""
        return self.layer in IDENTITY_LAYERS

    @property
    def version(self) -> JsonValue:
        """The Version as written; None when there is none."""
        return self.elements.get("Version")

    @property
    def resolves_variables(self) -> bool:
        """Are variables replaced (L-22)?"""
        return self.version == VERSIONS[0]

    def _statements(self) -> Iterator[StatementView]:
        listed, path = self.elements.get("Statement"), (*self.base, "Statement")
        if isinstance(listed, dict):
            yield StatementView(listed, path, 0)
        for index, one in enumerate(listed if isinstance(listed, list) else ()):
            if isinstance(one, dict):
                yield StatementView(one, (*path, index), index)
