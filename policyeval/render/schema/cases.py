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
    or_null,
    ref,
)

EXPECTATIONS = ("allow", "deny", "explicit-deny", "implicit-deny", "invalid")
FIXED_AXES = ("principal", "action", "resource", "resource_account", "endpoint", "time")
_VARIABLES: Schema = {
    "type": "object", "description": "put in where a text says ${vars.NAME}; a variable may use those above it",
}  # fmt: skip


def cases_schema() -> Schema:
    """Describe a case file."""
    policies = or_null({"anyOf": [{"type": "string", "description": "a file of policies"}, _included()]})
    properties = {
        "about": STRING, "source": STRING, "vars": _VARIABLES, "policies": policies, "cases": listed(ref("case")),
    }  # fmt: skip
    definitions = {**request_definitions(), **policies_definitions(), "case": _case(policies)}
    return document("policyeval cases", closed(properties, "cases"), **definitions)


def _included() -> Schema:
    """Describe a policy set that may begin with the policies of other files."""
    fields = policy_set()
    files = {"description": "files of policies, relative to this one", **one_or_list(STRING)}
    return {**fields, "minProperties": 0, "properties": {"include": files, **fields["properties"]}}


def _matrix() -> Schema:
    """Describe the axes of a matrix: a value each per case."""
    values = {"type": "array", "minItems": 1}
    return {
        "type": "object", "minProperties": 1, "additionalProperties": False,
        "properties": dict.fromkeys(FIXED_AXES, values),
        "patternProperties": {r"^(context|vars)\..": values},
    }  # fmt: skip


def _case(policies: Schema) -> Schema:
    properties = {
        "name": STRING,
        "id": one_or_list(SCALAR),
        "why": STRING,
        "vars": _VARIABLES,
        "policies": policies,
        "request": {"description": "as in the schema `request`; what is invalid may be the point of a case"},
        "matrix": _matrix(),
        "expect": choice(EXPECTATIONS),
        "reason": choice(row.code for row in REASONS),
        "strict": FLAG,
        "skip": {**STRING, "description": "why the case is not run"},
        "only": {**STRING, "description": "why the other cases of the file are not run"},
    }
    return closed(properties, "name", "request", "expect")
