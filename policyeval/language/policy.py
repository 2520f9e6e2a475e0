"""What is a policy document? Text or values in, a frozen `Policy` out, and back to JSON."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from policyeval.errors import PolicyError
from policyeval.language.amounts import refuse_large
from policyeval.language.documents import JsonBoolean, JsonNumber, JsonValue, read_document, write_json
from policyeval.language.model import Statement
from policyeval.language.parse import Document, parse_document, recognised_type
from policyeval.language.policy_types import PolicyType, policy_type
from policyeval.language.rendering import document_of
from policyeval.limits import NESTING
from policyeval.records import Record, replace
from policyeval.source import Path, Source


class Policy(Record, slots=False, uncompared=("origin", "base")):
    """A policy document, its type, and where it was read.

    `base` is the path of the document inside its source: a policy may stand inside a policy set.
    """

    document: Document
    type: PolicyType
    name: str = "policy"
    origin: Source | None = None
    base: Path = ()

    @classmethod
    def parse(
        cls, text: str | bytes | Mapping[str, Any], type: str | None = None, strict: bool = False
    ) -> Policy:
        """Read a policy from JSON or YAML text, or from its values.

        `type` names the policy type; None takes it from the content. `strict` also refuses what AWS
        refuses to store (SEMANTICS 0.4). Raises PolicyError.
        """
        if isinstance(text, Mapping):
            return cls.from_value(as_json(text), type, strict=strict)
        if isinstance(text, bytes):
            text = text.decode("utf-8", "surrogateescape")
        if not isinstance(text, str):
            raise PolicyError(
                "a policy is text or an object", help="give JSON, YAML, or the document's values"
            )
        return cls.from_source(Source.of("policy", text), type, strict=strict)

    @classmethod
    def from_source(cls, source: Source, type: str | None = None, *, strict: bool = False) -> Policy:
        """Read a policy that is a whole file."""
        return cls.from_value(read_document(source), type, name=source.name, origin=source, strict=strict)

    @classmethod
    def from_value(
        cls,
        value: JsonValue,
        type: str | None = None,
        *,
        name: str = "policy",
        origin: Source | None = None,
        base: Path = (),
        strict: bool = False,
    ) -> Policy:
        """Read a policy from the value of a document, or of a part of one."""
        row = policy_type(type) if type is not None else recognised_type(value)
        if origin is not None:
            refuse_large(value, origin, base)
        shown = origin or Source(name, write_json(value))
        policy = cls(parse_document(value, row, shown, base), row, name, origin, base)
        if strict:
            from policyeval.language.saving import refuse_unsavable

            refuse_unsavable(policy.statements, row, shown, base)
        return policy

    @property
    def statements(self) -> tuple[Statement, ...]:
        """The statements in their order."""
        return self.document.statements

    @cached_property
    def source(self) -> Source:
        """The text that positions refer to: the file, or the rendered document when there is none."""
        return self.origin or Source(self.name, self.to_json())

    def as_type(self, type: str) -> Policy:
        """Read the same document as another policy type.

        Raises PolicyError when that type forbids what the document holds.
        """
        if type in (self.type.name, self.type.layer):
            return self
        again = Policy.from_value(
            document_of(self.document), type, name=self.name, origin=self.origin, base=self.base
        )
        return replace(again, origin=self.origin)

    def to_json(self, indent: int | None = 2) -> str:
        """Render the policy as JSON text."""
        return write_json(document_of(self.document), indent)


def as_json(value: Any, depth: int = 0) -> JsonValue:
    """Turn Python values into document values: numbers and booleans become their JSON text (L-11).

    Raises PolicyError for values that are nested too deep, or within themselves.
    """
    if depth > NESTING.most:
        raise PolicyError(NESTING.message(depth), help=NESTING.help)
    if isinstance(value, Mapping):
        return {str(key): as_json(member, depth + 1) for key, member in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        listed = sorted(value) if isinstance(value, (set, frozenset)) else value
        return [as_json(item, depth + 1) for item in listed]
    if isinstance(value, bool):
        return JsonBoolean("true" if value else "false")
    if isinstance(value, (int, float)):
        return JsonNumber(repr(value))
    return value if value is None or isinstance(value, str) else str(value)
