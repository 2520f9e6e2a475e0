"""Which checks are there? The rows of all modules, each once, those of AWS first."""

from __future__ import annotations

from collections.abc import Iterator
from types import ModuleType

from policyeval.checks import (
    actions,
    document,
    keys,
    lockout,
    operators,
    organizations,
    pass_role,
    principals,
    reach,
    redundancy,
    resources,
    secrets,
    statements,
    tags,
    trust,
    unusable,
    values,
    variables,
)
from policyeval.checks.check import Check, Origin

_MODULES = (
    document, statements, actions, resources, principals, operators, keys, tags, values, variables, trust,
    organizations, pass_role, redundancy, reach, lockout, secrets, unusable,
)  # fmt: skip


def _rows(module: ModuleType) -> Iterator[Check]:
    for value in vars(module).values():
        if isinstance(value, Check):
            yield value
        elif isinstance(value, tuple):
            yield from (one for one in value if isinstance(one, Check))


_ORIGINS = list(Origin)
CHECKS: tuple[Check, ...] = tuple(
    sorted(
        (row for module in _MODULES for row in _rows(module)),
        key=lambda row: (_ORIGINS.index(row.origin), row.type.rank),
    )
)
BY_CODE = {row.code: row for row in CHECKS}
