"""Other shapes that are taken as a request (UX 1): a decoded authorization message, an authorizer's event."""

from __future__ import annotations

from typing import Any

from .errors import Invalid
from .reading import parse_text


def shaped(value: dict[str, Any]) -> dict[str, Any]:
    """Turn the output of `aws sts decode-authorization-message` or an authorizer's event into a request."""
    if "methodArn" in value:
        return {"principal": "anonymous", "action": "execute-api:Invoke", "resource": value["methodArn"]}
    if set(value) == {"DecodedMessage"}:
        message = value["DecodedMessage"]
        value = parse_text(message) if isinstance(message, str) else message
    if not isinstance(value, dict):
        raise Invalid("a request is no mapping")
    if "explicitDeny" not in value or not isinstance(value.get("context"), dict):
        return value
    return from_message(value["context"])


def from_message(message: dict[str, Any]) -> dict[str, Any]:
    """Take principal, action, resource and conditions from the message."""
    try:
        principal = {"arn": message["principal"]["arn"]}
        if "id" in message["principal"]:
            principal["unique_id"] = message["principal"]["id"]
        context: dict[str, Any] = {}
        for item in (message.get("conditions") or {}).get("items") or []:
            values = [each["value"] for each in item["values"]["items"]]
            context[item["key"]] = values[0] if len(values) == 1 else values
        return {
            "principal": principal,
            "action": message["action"],
            "resource": message["resource"],
            "context": context,
        }
    except (KeyError, TypeError) as error:
        raise Invalid("an authorization message that cannot be read") from error
