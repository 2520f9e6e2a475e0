"""Is this value a policy document, and what are its statements? (SEMANTICS 0.4, §1)

Every structural mistake is found, and all are reported together, each at its path.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from policyeval.diagnostics import Diagnostic, did_you_mean
from policyeval.errors import PolicyError
from policyeval.language.documents import JsonBoolean, JsonNumber, JsonValue
from policyeval.language.model import ConditionBlock, Effect, Matcher, PrincipalMatcher, Statement, Values
from policyeval.language.policy_types import IDENTITY, RESOURCE, TRUST, Need, PolicyType
from policyeval.operators import operator_names, parse_operator
from policyeval.source import Path, Source

VERSIONS = ("2012-10-17", "2008-10-17")
POLICY_ELEMENTS = ("Version", "Id", "Statement")
STATEMENT_ELEMENTS = (
    "Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition",
)  # fmt: skip
PRINCIPAL_TYPES = ("AWS", "Federated", "Service", "CanonicalUser")
_WILDCARD_PREFIX = re.compile(r"[^:]*[*?][^:]*:")
_ALL_ACTIONS = re.compile(r"\*+|\*:\*")

# One copy of texts that stand in thousands of policies: names of actions, keys, operators, `*`.
_SHARED: dict[str, str] = {}
_MOST_SHARED, _LONGEST_SHARED = 65_536, 128
_operator = lru_cache(maxsize=1024)(parse_operator)


class Document(NamedTuple):
    """The elements of a policy document; `is_single` when Statement is one object, not a list."""

    version: str | None
    id: str | None
    statements: tuple[Statement, ...]
    is_single: bool

    @property
    def resolves_variables(self) -> bool:
        """Are `${…}` variables (L-22)? Only under Version 2012-10-17."""
        return self.version == VERSIONS[0]


def recognised_type(value: JsonValue) -> PolicyType:
    """Tell the policy type by its content: a Principal makes it resource-based, `sts:` actions alone a trust policy."""
    statements = _statement_list(value)
    if not any("Principal" in one or "NotPrincipal" in one for one in statements):
        return IDENTITY
    trusting = all(
        "Resource" not in one and "NotResource" not in one and _is_about_sts(one) for one in statements
    )
    return TRUST if trusting else RESOURCE


def _statement_list(value: JsonValue) -> list[dict[str, JsonValue]]:
    listed = value.get("Statement") if isinstance(value, dict) else None
    return [one for one in (listed if isinstance(listed, list) else [listed]) if isinstance(one, dict)]


def _is_about_sts(statement: dict[str, JsonValue]) -> bool:
    actions = statement.get("Action")
    listed = actions if isinstance(actions, list) else [actions]
    return bool(listed) and all(
        isinstance(action, str) and action.lower().startswith("sts:") for action in listed
    )


def parse_document(value: JsonValue, type: PolicyType, source: Source, base: Path = ()) -> Document:
    """Read the statements of a policy document of a type.

    Raises PolicyError with every structural mistake (SEMANTICS 0.4).
    """
    reader = _Reader(type, source, len(base))
    document = reader.document(value, base)
    if reader.problems or document is None:
        raise PolicyError.of(reader.problems)
    return document


class _Reader:
    """Reads values into the model and collects what is wrong with them."""

    def __init__(self, type: PolicyType, source: Source, base_length: int) -> None:
        self.type = type
        self.source = source
        self.base_length = base_length
        self.problems: list[Diagnostic] = []

    def problem(self, path: Path, message: str, help: str | None = None, *, on_key: bool = False) -> None:
        self.problems.append(Diagnostic(message, source=self.source, path=path, help=help, on_key=on_key))

    def document(self, value: JsonValue, base: Path) -> Document | None:
        if not isinstance(value, dict):
            self.problem(
                base, f"a policy is an object, not {_kind(value)}", 'write {"Version": …, "Statement": […]}'
            )
            return None
        present = self._known_elements(value, POLICY_ELEMENTS, "policy", base)
        if "Statement" not in present:
            self.problem(base, "the policy has no `Statement`", "add a list of statements")
        version = self._version(value, base)
        id = self._text(value, "Id", base)
        statements, is_single = self._statements(value, base)
        return Document(version, id, statements, is_single)

    def _known_elements(
        self, value: dict[str, JsonValue], known: tuple[str, ...], where: str, path: Path
    ) -> set[str]:
        """Report unknown elements; give the elements that stand there, or were probably meant."""
        present = {name for name in value if name in known}
        for name in value:
            if name not in known:
                near = did_you_mean(name, known)
                help = f"did you mean `{near}`?" if near else f"the {where} elements are {', '.join(known)}"
                self.problem((*path, name), f"unknown {where} element `{name}`", help, on_key=True)
                present.add(near or "")
        return present

    def _version(self, value: dict[str, JsonValue], base: Path) -> str | None:
        version = self._text(value, "Version", base)
        if version is not None and version not in VERSIONS:
            self.problem((*base, "Version"), f"unknown policy version `{version}`", f"write `{VERSIONS[0]}`")
        return version

    def _text(self, value: dict[str, JsonValue], name: str, path: Path) -> str | None:
        if name not in value:
            return None
        text = value[name]
        if _is_text(text):
            return str(text)
        self.problem((*path, name), f"`{name}` is a string, not {_kind(text)}", "put it in quotes")
        return None

    def _statements(self, value: dict[str, JsonValue], base: Path) -> tuple[tuple[Statement, ...], bool]:
        path = (*base, "Statement")
        if "Statement" not in value:
            return (), False
        listed = value["Statement"]
        if isinstance(listed, dict):
            read = self._statement(listed, 0, path)
            return ((read,) if read else ()), True
        if not isinstance(listed, list) or not listed:
            what = "an empty list" if listed == [] else _kind(listed)
            self.problem(
                path, f"`Statement` is one statement or a list of them, not {what}", "add a statement"
            )
            return (), False
        read_all = [self._statement_item(one, index, path) for index, one in enumerate(listed)]
        return tuple(one for one in read_all if one is not None), False

    def _statement_item(self, value: JsonValue, index: int, path: Path) -> Statement | None:
        if isinstance(value, dict):
            return self._statement(value, index, (*path, index))
        self.problem((*path, index), f"a statement is an object, not {_kind(value)}", 'write {"Effect": …}')
        return None

    def _statement(self, value: dict[str, JsonValue], index: int, path: Path) -> Statement | None:
        present = self._known_elements(value, STATEMENT_ELEMENTS, "statement", path)
        sid = self._text(value, "Sid", path)
        effect = self._effect(value, path) if "Effect" in value else None
        if "Effect" not in present:
            self.problem(path, "the statement has no `Effect`", "add `Allow` or `Deny`")
        principal = self._principal(value, path)
        action = self._action(value, path)
        resource = self._matcher(value, "Resource", path)
        conditions = self._conditions(value, path)
        self._needed_elements(present, path)
        if effect is None:
            return None
        statement = Statement(
            index, effect, path[self.base_length :], sid, principal, action, resource, conditions
        )
        self._filters_only(statement, path)
        return statement

    def _effect(self, value: dict[str, JsonValue], path: Path) -> Effect | None:
        effect = value["Effect"]
        if effect in ("Allow", "Deny") and _is_text(effect):
            return Effect(effect)
        near = (
            did_you_mean(effect, ("Allow", "Deny")) if _is_text(effect) and isinstance(effect, str) else None
        )
        shown = f"`{effect}`" if isinstance(effect, str) else _kind(effect)
        help = f"did you mean `{near}`? letter case matters" if near else "write `Allow` or `Deny`"
        self.problem((*path, "Effect"), f"`Effect` is Allow or Deny, not {shown}", help)
        return None

    def _either(self, value: dict[str, JsonValue], element: str, path: Path) -> str | None:
        """Name the one of `Element` and `NotElement` that stands in the statement."""
        if element in value and f"Not{element}" in value:
            message = f"a statement has `{element}` or `Not{element}`, not both"
            self.problem((*path, f"Not{element}"), message, "remove one of the two", on_key=True)
        return next((name for name in (element, f"Not{element}") if name in value), None)

    def _matcher(self, value: dict[str, JsonValue], element: str, path: Path) -> Matcher | None:
        name = self._either(value, element, path)
        if name is None:
            return None
        values = self._strings(value[name], name, (*path, name))
        return Matcher(values, negated=name != element) if values else None

    def _strings(self, value: JsonValue, name: str, path: Path) -> Values | None:
        listed = value if isinstance(value, list) else [value]
        for index, item in enumerate(listed):
            if type(item) is not str and not _is_text(item):
                at = (*path, index) if isinstance(value, list) else path
                self.problem(at, f"`{name}` holds strings, not {_kind(item)}", "put it in quotes")
                return None
        return Values(_shared([str(item) for item in listed]), isinstance(value, list))

    def _action(self, value: dict[str, JsonValue], path: Path) -> Matcher | None:
        matcher = self._matcher(value, "Action", path)
        for index, action in enumerate(matcher.values.items if matcher else ()):
            if _WILDCARD_PREFIX.match(action) and not _ALL_ACTIONS.fullmatch(action):
                at = (*path, "NotAction" if matcher and matcher.negated else "Action", index)
                help = "name one service, or write `*` for all actions of all services"
                self.problem(at, f"a wildcard in the service prefix of `{action}`", help)
        return matcher

    def _principal(self, value: dict[str, JsonValue], path: Path) -> PrincipalMatcher | None:
        name = self._either(value, "Principal", path)
        if name is None:
            return None
        negated, at, written = name == "NotPrincipal", (*path, name), value[name]
        if written == "*" and _is_text(written):
            return PrincipalMatcher((("AWS", Values(("*",), is_list=False)),), negated, is_bare=True)
        if not isinstance(written, dict):
            shown = f"`{written}`" if isinstance(written, str) else _kind(written)
            help = f'write {{"AWS": "{written}"}}' if isinstance(written, str) else 'write {"AWS": …}'
            self.problem(at, f"`{name}` is `*` or an object, not {shown}", help)
            return None
        entries = [self._principal_entry(kind, principals, at) for kind, principals in written.items()]
        return PrincipalMatcher(tuple(entry for entry in entries if entry is not None), negated)

    def _principal_entry(self, kind: str, value: JsonValue, path: Path) -> tuple[str, Values] | None:
        if kind not in PRINCIPAL_TYPES:
            near = did_you_mean(kind, PRINCIPAL_TYPES)
            help = f"did you mean `{near}`?" if near else f"the types are {', '.join(PRINCIPAL_TYPES)}"
            self.problem((*path, kind), f"unknown principal type `{kind}`", help, on_key=True)
            return None
        values = self._strings(value, kind, (*path, kind))
        return (kind, values) if values else None

    def _conditions(self, value: dict[str, JsonValue], path: Path) -> tuple[ConditionBlock, ...] | None:
        if "Condition" not in value:
            return None
        written, at = value["Condition"], (*path, "Condition")
        if not isinstance(written, dict):
            self.problem(
                at, f"`Condition` is an object, not {_kind(written)}", 'write {"StringEquals": {key: value}}'
            )
            return None
        blocks = [self._block(name, keys, (*at, name)) for name, keys in written.items()]
        return tuple(block for block in blocks if block is not None)

    def _block(self, name: str, keys: JsonValue, path: Path) -> ConditionBlock | None:
        if not isinstance(keys, dict):
            self.problem(
                path, f"`{name}` holds condition keys, not {_kind(keys)}", 'write {"aws:SourceIp": value}'
            )
            return None
        operator = _operator(name)
        if operator is None and keys:
            near = did_you_mean(name, operator_names())
            help = f"did you mean `{near}`?" if near else "see `policyeval explain operators`"
            self.problem(path, f"unknown condition operator `{name}`", help, on_key=True)
            return None
        own_name, *names = _shared((name, *keys))
        read = [(key, self._condition_values(key, keys[key], (*path, key))) for key in names]
        kept = tuple([(key, values) for key, values in read if values is not None])
        return ConditionBlock(own_name, operator, kept)

    def _condition_values(self, key: str, value: JsonValue, path: Path) -> Values | None:
        listed = value if isinstance(value, list) else [value]
        for index, item in enumerate(listed):
            if not isinstance(item, str):
                at = (*path, index) if isinstance(value, list) else path
                help = "a condition value is a string, a number or a boolean"
                self.problem(at, f"`{key}` holds {_kind(item)}", help)
                return None
        items = _shared(item for item in listed if isinstance(item, str))
        return Values(items, isinstance(value, list))

    def _needed_elements(self, present: set[str], path: Path) -> None:
        """Apply the row of the policy type (1.4)."""
        type = self.type
        self._needed("Action", Need.REQUIRED, present, path)
        if type.structural:
            self._needed("Principal", type.principal, present, path)
            self._needed("Resource", type.resource, present, path)
        if not type.not_principal and "NotPrincipal" in present:
            self._forbidden("NotPrincipal", path)
        if type.deny_only and "NotAction" in present:
            self._forbidden("NotAction", path)

    def _needed(self, element: str, need: Need, present: set[str], path: Path) -> None:
        named = [name for name in (element, f"Not{element}") if name in present]
        if need is Need.REQUIRED and not named:
            help = (
                f"{self.type.article} {self.type.title} says which {element.lower()}s each statement is about"
            )
            self.problem(path, f"the statement has no `{element}`", help)
        if need is Need.FORBIDDEN:
            for name in named:
                self._forbidden(name, path)

    def _forbidden(self, element: str, path: Path) -> None:
        message = f"{self.type.article} {self.type.title} has no `{element}`"
        self.problem((*path, element), message, self._advice(element), on_key=True)

    def _advice(self, element: str) -> str:
        if element == "Principal" and self.type.layer == "identity":
            return "remove it, or give the document as a resource-based policy"
        return "remove it"

    def _filters_only(self, statement: Statement, path: Path) -> None:
        """An RCP only denies, and names everyone; RCPFullAWSAccess is the one exception (RCP-2)."""
        if not self.type.deny_only:
            return
        if statement.principal is not None and not statement.principal.is_bare:
            self.problem(
                (*path, "Principal"), "the `Principal` of a resource control policy is `*`", 'write "*"'
            )
        if statement.effect is Effect.ALLOW and not is_full_access(statement):
            self.problem((*path, "Effect"), "a resource control policy only denies", "write `Deny`")


def is_full_access(statement: Statement) -> bool:
    """Is it the statement of the AWS managed policy RCPFullAWSAccess?"""
    return (
        statement.effect is Effect.ALLOW
        and statement.action is not None
        and statement.resource is not None
        and not statement.conditions
        and not statement.action.negated
        and not statement.resource.negated
        and "*" in statement.action.values.items
        and "*" in statement.resource.values.items
    )


def _shared(texts: Iterable[str]) -> tuple[str, ...]:
    """Take the copies that other policies have; numbers and booleans know how they were written, and stay."""
    if len(_SHARED) >= _MOST_SHARED:
        _SHARED.clear()
    return tuple(
        [
            _SHARED.setdefault(text, text) if type(text) is str and len(text) <= _LONGEST_SHARED else text
            for text in texts
        ]
    )


def _is_text(value: JsonValue) -> bool:
    return isinstance(value, str) and not isinstance(value, (JsonNumber, JsonBoolean))


def _kind(value: JsonValue) -> str:
    """Name a JSON value as people do."""
    if isinstance(value, JsonNumber):
        return f"the number {value}"
    if isinstance(value, JsonBoolean):
        return f"the boolean {value}"
    if isinstance(value, str):
        return f"the string `{value}`"
    return {type(None): "null", list: "a list", dict: "an object"}[type(value)]
