"""Which shape have policy files, policy sets, and their entries? (UX §1)"""

from __future__ import annotations

from collections.abc import Iterable

from policyeval.language.parse import PRINCIPAL_TYPES, VERSIONS
from policyeval.policy_set import MAX_VERSIONS
from policyeval.render.schema.requests import request_definitions
from policyeval.render.schema.shapes import (
    ACCOUNT,
    FLAG,
    SCALAR,
    STRING,
    Schema,
    choice,
    closed,
    document,
    listed,
    mapping,
    one_or_list,
    or_null,
    ref,
)
from policyeval.semantics import CHOICES
from policyeval.settings import ACL_PERMISSIONS, AUTHORIZERS, BLOCK_PUBLIC_ACCESS, OBJECT_OWNERSHIP


def policies_schema() -> Schema:
    """Describe a policy file: a policy document, or a policy set."""
    root = {"anyOf": [ref("document"), ref("policy_set")]}
    return document("policyeval policies", root, **policies_definitions(), tags=request_definitions()["tags"])


def policies_definitions() -> dict[str, Schema]:
    return {
        "document": _policy_document(),
        "policy_statement": _policy_statement(),
        "entry": _entry(),
        "entries": one_or_list(ref("entry")),
        "levels": {"anyOf": [listed(ref("entries")), ref("entry")]},
        "levels_by_account": {
            "anyOf": [ref("levels"), {"type": "object", "patternProperties": {ACCOUNT["pattern"]: ref("levels")},
                                       "additionalProperties": False}]
        },
        "role": _role(),
        "settings": _settings(),
        "policy_set": policy_set(),
    }  # fmt: skip


def _policy_document() -> Schema:
    statements = {
        "anyOf": [
            ref("policy_statement"),
            {"type": "array", "items": ref("policy_statement"), "minItems": 1},
        ]
    }
    properties = {"Version": choice(VERSIONS), "Id": STRING, "Statement": statements}
    return closed(properties, "Statement", about="an IAM policy document")


def _policy_statement() -> Schema:
    strings = one_or_list(STRING)
    principal = {"anyOf": [{"const": "*"}, closed(dict.fromkeys(PRINCIPAL_TYPES, strings))]}
    properties = {
        "Sid": STRING,
        "Effect": choice(("Allow", "Deny")),
        **dict.fromkeys(("Principal", "NotPrincipal"), principal),
        **dict.fromkeys(("Action", "NotAction", "Resource", "NotResource"), strings),
        "Condition": mapping(mapping(one_or_list(SCALAR)), "operator → condition key → one value or several"),
    }
    return closed(properties, "Effect")


def _entry() -> Schema:
    default = {**listed(_version()), "minItems": 1, "maxItems": MAX_VERSIONS}
    return {
        "anyOf": [
            {**STRING, "description": "a path, relative to this file"},
            ref("document"),
            closed({"name": STRING, "policy": {"anyOf": [STRING, ref("document")]}}, "policy"),
            closed({"name": STRING, "versions": default}, "versions"),
            {
                "type": "object",
                "required": ["policyDocument"],
                "description": "the output of a Lambda authorizer",
            },
        ]
    }


def _version() -> Schema:
    properties = {
        "VersionId": STRING,
        "IsDefaultVersion": FLAG,
        "CreateDate": SCALAR,
        "Document": {"anyOf": [STRING, ref("document")]},
    }
    return closed(properties, "Document")


def _role() -> Schema:
    entries = or_null(ref("entries"))
    return closed({"trust": entries, "identity": entries, "boundary": entries, "tags": or_null(ref("tags"))})


def _settings() -> Schema:
    grant = closed({"grantee": STRING, "permission": choice(ACL_PERMISSIONS)}, "grantee", "permission")
    s3 = {
        "block_public_access": closed(dict.fromkeys(BLOCK_PUBLIC_ACCESS, FLAG)),
        "object_ownership": choice(OBJECT_OWNERSHIP),
        "object_owner": ACCOUNT,
        "bucket_acl": listed(grant),
        "object_acl": listed(grant),
        "abac": FLAG,
        "access_points": mapping(closed({"bucket": STRING, "vpc": STRING}, "bucket")),
    }
    kms_grant = {
        "key": STRING,
        "grantee": STRING,
        "operations": one_or_list(STRING),
        "constraints": {"type": "object"},
        "retiring_principal": STRING,
    }
    return closed(
        {
            "s3": closed(s3),
            "kms": closed({"grants": listed(closed(kms_grant, "key", "grantee", "operations"))}),
            "apigateway": closed({"authorizer": choice(AUTHORIZERS), "private": FLAG}),
        }
    )


def policy_set() -> Schema:
    semantics = {name: {"enum": [*values, *_as_booleans(values)]} for name, (values, _) in CHOICES.items()}
    properties = {
        **{
            name: ref("entries")
            for name in ("identity", "resource", "boundary", "session", "endpoint", "trust")
        },
        **{name: ref("levels_by_account") for name in ("scp", "rcp")},
        "resources": mapping(ref("entries"), "resource ARN → policies"),
        "roles": mapping(ref("role"), "role ARN → its policies"),
        "settings": ref("settings"),
        "semantics": closed(semantics),
    }
    nullable = {name: or_null(schema) for name, schema in properties.items()}
    return {**closed(nullable, about="the policies of every layer"), "minProperties": 1}


def _as_booleans(values: Iterable[str]) -> list[bool]:
    return [value == "true" for value in values if value in ("true", "false")]
