"""The named options of SEMANTICS 10."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from .errors import Invalid, require


@dataclass(frozen=True)
class Semantics:
    """Every disputed point with its default."""

    notprincipal_chain: str = "all"
    malformed: str = "fail-closed"
    null_empty_string: str = "absent"
    null_with_set_operator: str = "compose"
    strict_resource_type: bool = False
    lambda_url_legacy: bool = False
    d1: str = "default"
    d2: str = "default"
    d4: str = "default"
    d5: str = "default"
    d6: str = "default"
    d7: str = "default"
    d10: str = "default"
    d11: str = "default"
    d12: str = "default"
    d13: str = "default"
    d14: str = "default"
    d15: str = "default"
    d16: str = "default"
    d17: str = "default"
    d18: str = "default"
    d19: str = "default"
    d20: str = "default"
    d21: str = "default"


OTHER = {
    "notprincipal_chain": "any",
    "malformed": "false-condition",
    "null_empty_string": "present",
    "null_with_set_operator": "constant",
}


def read_semantics(value: Any) -> Semantics:
    """Read `semantics` of a policy set."""
    if value is None:
        return Semantics()
    require(isinstance(value, dict), "`semantics` is no mapping")
    names = {field.name for field in fields(Semantics)}
    for name, each in value.items():
        require(name in names, f"unknown option `{name}`")
        default = getattr(Semantics, name)
        if isinstance(default, bool):
            require(isinstance(each, bool), f"`{name}` is neither true nor false")
        elif each not in (default, OTHER.get(name, "peer")):
            raise Invalid(f"unknown value `{each}` of `{name}`")
    return Semantics(**value)
