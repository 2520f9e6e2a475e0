"""Which shape have the answers that are written? (UX §4)"""

from __future__ import annotations

from policyeval.catalog.global_keys import Origin
from policyeval.decision import REASONS, Effect, Layer
from policyeval.explain.reports import Verdict
from policyeval.principal import PrincipalKind
from policyeval.render.schema.shapes import (
    BOOLEAN,
    INTEGER,
    STRING,
    Schema,
    answered,
    choice,
    document,
    listed,
    mapping,
    or_null,
    ref,
)
from policyeval.steps import StepKind

PATH = listed({"type": ["string", "integer"]})


def output_schema() -> Schema:
    """Describe what `check -f json` writes: an answer, or an array of them."""
    return document(
        "policyeval output",
        {"anyOf": [ref("answer"), ref("undecided"), listed({"anyOf": [ref("answer"), ref("undecided")]})]},
        answer=_whole_answer(), undecided=_undecided(), branch=_branch(), request=_answered_request(),
        check=_check(), layer=_layer(), statement=_statement(),
        element=_element(), fix=_fix(), span=_span(), position=_position(),
        effect=choice(one.value for one in Effect), reason=choice(row.code for row in REASONS),
        layer_name=choice(one.value for one in Layer),
    )  # fmt: skip


def _undecided() -> Schema:
    """Describe the answer to `check --unknown`; it may turn out to be decided all the same."""
    return answered(
        {
            "decision": choice([*(one.value for one in Effect), "undecided"]),
            "allowed": or_null(BOOLEAN),
            "reason": or_null(ref("reason")),
            "layer": or_null(ref("layer_name")),
            "message": STRING,
            "keys": listed(STRING),
            "branches": listed(ref("branch")),
            "notes": listed(STRING),
        }
    )


def _branch() -> Schema:
    return answered(
        {
            "decision": ref("effect"),
            "reason": ref("reason"),
            "layer": ref("layer_name"),
            "conditions": STRING,
            "sample": mapping(or_null({"type": ["string", "array"], "items": STRING})),
            "verified": BOOLEAN,
        }
    )


def _whole_answer() -> Schema:
    return answered(
        {
            "decision": ref("effect"),
            "allowed": BOOLEAN,
            "reason": ref("reason"),
            "layer": ref("layer_name"),
            "message": STRING,
            "advice": STRING,
            "aws_message": or_null(STRING),
            "page": STRING,
            "request": ref("request"),
            "checks": listed(ref("check")),
            "layers": listed(ref("layer")),
            "deciding": listed(ref("statement")),
            "nearest": listed(ref("statement")),
            "blockers": listed(
                answered({"layer": ref("layer_name"), "reason": ref("reason"), "decision": ref("effect")})
            ),
            "blocked_by_guardrails_only": BOOLEAN,
            "fixes": listed(ref("fix")),
            "missing_keys": listed(
                answered({"key": STRING, "read_at": listed(STRING), "could_change_decision": BOOLEAN})
            ),
            "hints": listed(answered({"code": STRING, "text": STRING})),
            "notes": listed(STRING),
            "data_version": STRING,
        }
    )


def _fix() -> Schema:
    """Describe a change that allows the request, checked by evaluating again."""
    edit = {
        "file": STRING,
        "op": choice(("append", "member", "replace")),
        "path": PATH,
        "value": {},
        "key": STRING,
    }
    line = {"file": STRING, "sign": choice("+-"), "line": INTEGER, "text": STRING}
    return answered(
        {
            "title": STRING,
            "file": or_null(STRING),
            "edits": listed(answered(edit, "key")),
            "diff": listed(answered(line)),
            "new_policies": listed(answered({"layer": ref("layer_name"), "policy": {"type": "object"}})),
            "context": mapping({"type": ["string", "array", "null"]}),
            "also_allows": listed(STRING),
            "cost": or_null(STRING),
            "owners": listed(STRING),
            "verified": BOOLEAN,
        }
    )


def _answered_request() -> Schema:
    value = answered(
        {
            "value": {"type": ["string", "array"], "items": STRING},
            "origin": choice(one.value for one in Origin),
        }
    )
    return answered(
        {
            "name": or_null(STRING),
            "principal": STRING,
            "principal_type": choice(one.value for one in PrincipalKind),
            "action": STRING,
            "resource": STRING,
            "account": or_null(STRING),
            "resource_account": or_null(STRING),
            "same_account": BOOLEAN,
            "context": mapping(value, "every context key with its value, and where the value comes from"),
        }
    )


def _check() -> Schema:
    return answered(
        {
            "kind": choice(one.value for one in StepKind),
            "principal": STRING,
            "action": STRING,
            "resource": STRING,
            "decision": ref("effect"),
            "reason": ref("reason"),
            "layer": ref("layer_name"),
            "message": STRING,
        }
    )


def _layer() -> Schema:
    return answered(
        {
            "layer": ref("layer_name"),
            "verdict": choice(one.value for one in Verdict),
            "levels": listed(answered({"level": INTEGER, "allows": BOOLEAN})),
            "statements": listed(ref("statement")),
        }
    )


def _statement() -> Schema:
    return answered(
        {
            "layer": ref("layer_name"),
            "policy": STRING,
            "file": STRING,
            "sid": or_null(STRING),
            "index": INTEGER,
            "level": INTEGER,
            "effect": choice(("Allow", "Deny")),
            "matched": BOOLEAN,
            "span": ref("span"),
            "elements": listed(ref("element")),
        }
    )


def _element() -> Schema:
    return answered(
        {
            "element": STRING,
            "matched": BOOLEAN,
            "path": PATH,
            "span": ref("span"),
            "required": STRING,
            "resolved": or_null(STRING),
            "entries": INTEGER,
            "actual": STRING,
            "why": STRING,
            "rule": STRING,
            "key": STRING,
            "operator": STRING,
        },
        "key",
        "operator",
    )


def _span() -> Schema:
    return answered({"start": ref("position"), "end": ref("position")})


def _position() -> Schema:
    return answered({"line": INTEGER, "column": INTEGER, "offset": INTEGER})
