"""Which shape have the files that are read and the answers that are written? JSON Schemas, draft 2020-12.

Names and choices come from the tables of the core where it has one, so that the schemas follow them.
"""

from __future__ import annotations

from collections.abc import Callable

from policyeval.render.schema.cases import cases_schema
from policyeval.render.schema.output import output_schema
from policyeval.render.schema.policies import policies_schema
from policyeval.render.schema.requests import request_schema
from policyeval.render.schema.shapes import Schema

SCHEMAS: dict[str, Callable[[], Schema]] = {
    "output": output_schema,
    "request": request_schema,
    "policies": policies_schema,
    "cases": cases_schema,
}
