"""What does a policy say? The statement and its elements, normalised: every list is a tuple.

Texts stay as written, so that a policy can be rendered back; what is compared is lowered, split and
compiled by the layers above. Paths, not positions: a position is looked up only when it is shown.
"""

from __future__ import annotations

from enum import Enum

from policyeval.operators import ConditionOperator
from policyeval.records import Record
from policyeval.source import Path


class Effect(Enum):
    """The Effect of a statement (L-4)."""

    ALLOW = "Allow"
    DENY = "Deny"


class Values(Record):
    """A string, or a list of strings: the same in every respect (L-8) but how it is written."""

    items: tuple[str, ...]
    is_list: bool = True


class Matcher(Record):
    """Action, Resource, or their negated forms."""

    values: Values
    negated: bool = False


class PrincipalMatcher(Record):
    """Principal or NotPrincipal: lists of principals by type. `"*"` is held as `{"AWS": "*"}` (P-2)."""

    entries: tuple[tuple[str, Values], ...]
    negated: bool = False
    is_bare: bool = False


class ConditionBlock(Record):
    """An operator with its keys; `operator` is None only for an unknown one without any key (L-16)."""

    name: str
    operator: ConditionOperator | None
    keys: tuple[tuple[str, Values], ...]


class Statement(Record):
    """One statement; an element that is absent is None. `path` leads to it from the document."""

    index: int
    effect: Effect
    path: Path = ()
    sid: str | None = None
    principal: PrincipalMatcher | None = None
    action: Matcher | None = None
    resource: Matcher | None = None
    conditions: tuple[ConditionBlock, ...] | None = None
