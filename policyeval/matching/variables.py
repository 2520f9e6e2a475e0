"""What is the value of a policy variable in a request? (SEMANTICS R-32, C-98)"""

from __future__ import annotations

from policyeval.catalog.services import key_type
from policyeval.language.variables import Resolve
from policyeval.request_context import Check


def resolver(check: Check) -> Resolve:
    """Make the function that a template asks for the values of its variables."""

    def value_of(key: str) -> str | None:
        lower = key.lower()
        kind = key_type(lower)
        value = None if kind is not None and kind.multi_valued else check.value(lower, key)
        return value if isinstance(value, str) else None

    return value_of
