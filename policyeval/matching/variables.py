"""What is the value of a policy variable in a request? (SEMANTICS R-32, C-98)"""

from __future__ import annotations

from collections.abc import Callable

from policyeval.catalog.services import key_type
from policyeval.language.variables import Resolve, Template
from policyeval.request_context import Check


def resolver(check: Check) -> Resolve:
    """Make the function that a template asks for the values of its variables."""

    def value_of(key: str) -> str | None:
        lower = key.lower()
        kind = key_type(lower)
        value = None if kind is not None and kind.multi_valued else check.value(lower, key)
        return value if isinstance(value, str) else None

    return value_of


def values_of(templates: tuple[Template, ...]) -> Callable[[Check], tuple[str | None, ...]]:
    """Make the function that reads all variables of some templates: what these resolve to depends on nothing else."""
    keys = dict.fromkeys(variable.key for one in templates for variable in one.variables if variable.key)
    names = tuple(keys)

    def read(check: Check) -> tuple[str | None, ...]:
        value_of = resolver(check)
        return tuple([value_of(name) for name in names])

    return read
