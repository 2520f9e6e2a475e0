"""Which shape have request files? (UX §1)"""

from __future__ import annotations

from policyeval.render.schema.shapes import (
    ACCOUNT,
    FLAG,
    SCALAR,
    STRING,
    TIME,
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


def request_schema() -> Schema:
    """Describe a request file: a request, or a list of them."""
    return document("policyeval request", one_or_list(ref("request")), **request_definitions())


def request_definitions() -> dict[str, Schema]:
    return {
        "request": {"anyOf": [_request(), *_shapes_of_aws()]},
        "principal": {"anyOf": [_short_principal(), _principal()]},
        "context": _context(),
        "tags": {
            "anyOf": [mapping(SCALAR), listed(closed({"Key": STRING, "Value": STRING}, "Key", "Value"))]
        },
        "organization": closed({"id": STRING, "path": one_or_list(STRING), "management_account": ACCOUNT}),
    }


def _request() -> Schema:
    properties = {
        "name": STRING,
        "principal": ref("principal"),
        "action": one_or_list({"type": "string", "pattern": "^[^:*?]+:[^:*?]+$"}),
        "resource": one_or_list(STRING),
        "context": ref("context"),
        "resource_account": ACCOUNT,
        "resource_organization": ref("organization"),
        "resource_tags": ref("tags"),
        "time": TIME,
        "endpoint": STRING,
        "endpoint_type": choice(("gateway", "interface")),
        "via": listed({"anyOf": [STRING, _hop()]}),
        "also": listed(_also()),
    }
    nullable = {
        name: schema if name in ("principal", "action") else or_null(schema)
        for name, schema in properties.items()
    }
    return closed(
        nullable, "principal", "action", about="who does what on which resource, under which circumstances"
    )


def _hop() -> Schema:
    properties = {
        "role": STRING,
        "session_name": STRING,
        "session_policy": {"type": "object"},
        "tags": ref("tags"),
        "transitive_tags": listed(STRING),
        "source_identity": STRING,
        "context": ref("context"),
    }
    return closed(properties, "role", about="a role that is assumed on the way")


def _also() -> Schema:
    properties = {
        "action": STRING,
        "resource": STRING,
        "context": ref("context"),
        "resource_account": ACCOUNT,
    }
    return closed(properties, "action", about="a further check that AWS makes for the same call")


def _short_principal() -> Schema:
    return {**STRING, "description": "an ARN, an account id, the name of an AWS service, or `anonymous`"}


def _principal() -> Schema:
    properties = {
        "arn": STRING,
        "service": STRING,
        "provider": STRING,
        "role_arn": STRING,
        "parent_user_arn": STRING,
        "unique_id": STRING,
        "tags": ref("tags"),
        "session_tags": ref("tags"),
        "source_identity": STRING,
        "mfa": {"enum": [*FLAG["enum"], "absent"]},
        "service_linked": FLAG,
        "session_token": FLAG,
        "assumed_root": FLAG,
        "organization": ref("organization"),
        "canonical_id": STRING,
    }
    made = closed({name: or_null(schema) for name, schema in properties.items()})
    return {**made, "oneOf": [{"required": [name]} for name in ("arn", "service", "provider")]}


def _context() -> Schema:
    value = {"anyOf": [SCALAR, listed(SCALAR), {"type": "null"}]}
    return mapping(value, "context keys; a list has several values, null says that the key is absent")


def _shapes_of_aws() -> list[Schema]:
    """Describe the shapes that are recognised by their fields, in no more detail than that."""
    record: Schema = {"required": ["eventSource", "eventName", "userIdentity"]}
    event: Schema = {"required": ["methodArn"], "not": {"required": ["principal"]}}
    decoded: Schema = {"anyOf": [{"required": ["DecodedMessage"]}, {"required": ["explicitDeny", "context"]}]}
    return [
        {"description": "a CloudTrail record", "type": "object", **record},
        {"description": "the event of a Lambda authorizer", "type": "object", **event},
        {"description": "what `aws sts decode-authorization-message` prints", "type": "object", **decoded},
    ]
