"""How is a policy written back? The model as document values, equal to what was parsed."""

from __future__ import annotations

from policyeval.language.documents import JsonValue
from policyeval.language.model import ConditionBlock, Matcher, PrincipalMatcher, Statement, Values
from policyeval.language.parse import Document


def document_of(document: Document) -> dict[str, JsonValue]:
    """Give the document as values, elements in AWS's usual order."""
    statements: list[JsonValue] = [_statement(statement) for statement in document.statements]
    written: dict[str, JsonValue] = {}
    if document.version is not None:
        written["Version"] = document.version
    if document.id is not None:
        written["Id"] = document.id
    written["Statement"] = statements[0] if document.is_single else statements
    return written


def _statement(statement: Statement) -> dict[str, JsonValue]:
    written: dict[str, JsonValue] = {}
    if statement.sid is not None:
        written["Sid"] = statement.sid
    written["Effect"] = statement.effect.value
    if statement.principal is not None:
        written["NotPrincipal" if statement.principal.negated else "Principal"] = _principal(
            statement.principal
        )
    for element, matcher in (("Action", statement.action), ("Resource", statement.resource)):
        if matcher is not None:
            written[_name(element, matcher)] = _values(matcher.values)
    if statement.conditions is not None:
        written["Condition"] = {block.name: _block(block) for block in statement.conditions}
    return written


def _name(element: str, matcher: Matcher) -> str:
    return f"Not{element}" if matcher.negated else element


def _principal(principal: PrincipalMatcher) -> JsonValue:
    if principal.is_bare:
        return "*"
    return {kind: _values(values) for kind, values in principal.entries}


def _block(block: ConditionBlock) -> dict[str, JsonValue]:
    return {key: _values(values) for key, values in block.keys}


def _values(values: Values) -> JsonValue:
    return list(values.items) if values.is_list else values.items[0]
