"""Read policy documents: JSON text, and the entries of a policy set (UX 1)."""

from __future__ import annotations

import json
from typing import Any

from .documents import Document, check_structure
from .errors import Invalid
from .saving import check_save
from .text import Number


def parse_text(text: str) -> Any:
    """Read JSON, refusing duplicate keys (L-9) and keeping numbers as written (L-11)."""
    try:
        return json.loads(
            text,
            object_pairs_hook=unique_keys,
            parse_float=Number,
            parse_int=Number,
            parse_constant=refuse_constant,
        )
    except (ValueError, RecursionError) as error:
        raise Invalid(f"not JSON: {error}") from error


def unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """L-9: a key may stand only once in an object."""
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise Invalid(f"duplicate key `{key}`")
        found[key] = value
    return found


def refuse_constant(text: str) -> Any:
    """JSON knows no NaN and no Infinity."""
    raise Invalid(f"not JSON: `{text}`")


def read(entry: Any, kind: str, strict: bool) -> Document:
    """UX 1: take a document, `{name, policy}` or `{name, versions}`, and check it."""
    body = entry
    if (
        isinstance(body, dict)
        and "Statement" not in body
        and set(body) <= {"name", "policy"}
        and "policy" in body
    ):
        body = body["policy"]
    elif isinstance(body, dict) and "versions" in body and set(body) <= {"name", "versions"}:
        body = default_version(body["versions"])
    if isinstance(body, str):
        body = parse_text(body)
    document = Document(kind, body)
    check_structure(document)
    if strict:
        check_save(document)
    return document


def default_version(versions: Any) -> Any:
    """UX 1: of several versions the default one counts."""
    if not isinstance(versions, list):
        raise Invalid("`versions` is not a list")
    if len(versions) > 5:
        raise Invalid("IAM keeps five versions of a policy at most")
    chosen = [each for each in versions if isinstance(each, dict) and each.get("IsDefaultVersion") is True]
    if len(chosen) != 1 or "Document" not in chosen[0]:
        raise Invalid("no single default version")
    return chosen[0]["Document"]
