"""Which shape have case files? (UX §1)"""

from __future__ import annotations

from policyeval.decision import REASONS
from policyeval.render.schema.policies import policies_definitions, policy_set
from policyeval.render.schema.requests import request_definitions
from policyeval.render.schema.shapes import (
    FLAG,
    SCALAR,
    STRING,
    Schema,
    choice,
    closed,
    document,
    listed,
    one_or_list,
    ref,
)

EXPECTATIONS = ("allow", "deny", "explicit-deny", "implicit-deny", "invalid")


def cases_schema() -> Schema:
    """Describe a case file."""
    policies = {**policy_set(), "minProperties": 0}
    properties = {"about": STRING, "source": STRING, "policies": policies, "cases": listed(ref("case"))}
    definitions = {**request_definitions(), **policies_definitions(), "case": _case(policies)}
    return document("policyeval cases", closed(properties, "cases"), **definitions)


def _case(policies: Schema) -> Schema:
    properties = {
        "name": STRING,
        "id": one_or_list(SCALAR),
        "why": STRING,
        "policies": policies,
        "request": {"description": "as in the schema `request`; what is invalid may be the point of a case"},
        "expect": choice(EXPECTATIONS),
        "reason": choice(row.code for row in REASONS),
        "strict": FLAG,
    }
    return closed(properties, "name", "request", "expect")
