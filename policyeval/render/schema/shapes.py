"""The words that the schemas are written in: small functions that make JSON Schema."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

Schema = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"

STRING: Schema = {"type": "string"}
BOOLEAN: Schema = {"type": "boolean"}
INTEGER: Schema = {"type": "integer"}
SCALAR: Schema = {"type": ["string", "number", "boolean"]}
FLAG: Schema = {"enum": [True, False, "true", "false"]}
ACCOUNT: Schema = {"type": "string", "pattern": "^[0-9]{12}$"}
TIME: Schema = {"type": ["string", "number"], "description": "ISO 8601, or seconds since 1970"}


def closed(properties: Schema, *required: str, about: str = "") -> Schema:
    """Describe an object that has no other fields; `required` names those that it must have."""
    return _object(properties, required, about) | {"additionalProperties": False}


def answered(properties: Schema, *optional: str) -> Schema:
    """Describe an object of the output; later versions may add fields, they take none away."""
    return _object(properties, tuple(name for name in properties if name not in optional))


def _object(properties: Schema, required: tuple[str, ...], about: str = "") -> Schema:
    made: Schema = {"description": about} if about else {}
    made |= {"type": "object", "properties": properties}
    return made | ({"required": list(required)} if required else {})


def mapping(values: Schema, about: str = "") -> Schema:
    """Describe an object whose keys are free."""
    made: Schema = {"type": "object", "additionalProperties": values}
    return {"description": about, **made} if about else made


def listed(items: Schema) -> Schema:
    """Describe a list."""
    return {"type": "array", "items": items}


def one_or_list(items: Schema) -> Schema:
    """Describe a value that may stand alone or in a list."""
    return {"anyOf": [items, listed(items)]}


def or_null(schema: Schema) -> Schema:
    """Describe a value that may be null, as if it were left out."""
    return {"anyOf": [schema, {"type": "null"}]}


def choice(values: Iterable[str]) -> Schema:
    """Describe one of several texts."""
    return {"enum": list(values)}


def ref(name: str) -> Schema:
    """Point to a definition of the same document."""
    return {"$ref": f"#/$defs/{name}"}


def document(title: str, root: Schema, **definitions: Schema) -> Schema:
    """Make a whole schema of its root and the definitions that it points to."""
    return {"$schema": DIALECT, "title": title, **root, "$defs": definitions}
