"""In which shapes do requests come? The shape of UX §1, and what AWS itself prints.

A CloudTrail record, the output of `aws sts decode-authorization-message`, and a Lambda authorizer's
event are recognised by their fields.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from policyeval.errors import RequestError
from policyeval.language.documents import read_document
from policyeval.records import replace
from policyeval.request import Request
from policyeval.source import Path, Source

Shape = Mapping[str, Any]


def read_request(value: Any, source: Source | None = None, base: Path = ()) -> Request:
    """Read one request in any of the shapes.

    Raises RequestError at its place in the source.
    """
    try:
        return Request.from_dict(as_request(value))
    except RequestError as error:
        if source is None:
            raise
        raise RequestError.of(
            told
            if told.source is not None
            else replace(told, source=source, path=(*base, *(told.path or ())))
            for told in error.diagnostics
        ) from None


def read_requests(source: Source) -> list[Request]:
    """Read a file of requests: one, a list of them, or one a line (JSON Lines)."""
    lines = [line for line in source.text.splitlines() if line.strip()]
    if source.syntax == "json" and len(lines) > 1 and all(_is_object(line) for line in lines):
        return [
            _read_line(source.name, number, line)
            for number, line in enumerate(source.text.splitlines(), 1)
            if line.strip()
        ]
    value = read_document(source, RequestError)
    if isinstance(value, list):
        if not value:
            raise RequestError("the list of requests is empty", source=source, path=(), help="add a request")
        return [read_request(one, source, (index,)) for index, one in enumerate(value)]
    return [read_request(value, source)]


def _is_object(line: str) -> bool:
    return line.lstrip().startswith("{") and line.rstrip().endswith("}")


def _read_line(name: str, number: int, line: str) -> Request:
    source = Source(f"{name} line {number}", line, "json")
    return read_request(read_document(source, RequestError), source)


def as_request(value: Any) -> Any:
    """Turn the shapes of AWS into the shape of UX §1; leave everything else as it is."""
    if not isinstance(value, Mapping):
        return value
    return next((convert(value) for is_shape, convert in _SHAPES if is_shape(value)), value)


def _is_decoded(value: Shape) -> bool:
    return "DecodedMessage" in value or {"explicitDeny", "context"} <= value.keys()


def _from_decoded(value: Shape) -> Any:
    """`aws sts decode-authorization-message` (N-STS-11)."""
    message = value.get("DecodedMessage", value)
    if isinstance(message, str):
        try:
            message = json.loads(message)
        except ValueError:
            raise RequestError(
                "the decoded message is no JSON", path=("DecodedMessage",), help="copy it whole"
            ) from None
    context = message.get("context") or {}
    principal = context.get("principal") or {}
    return {
        "principal": principal.get("arn"),
        "action": context.get("action"),
        "resource": context.get("resource") or "*",
        "context": {
            str(item.get("key")): _values(
                [one.get("value") for one in (item.get("values") or {}).get("items") or ()]
            )
            for item in (context.get("conditions") or {}).get("items") or ()
        },
    }


def _values(values: list[Any]) -> Any:
    return values[0] if len(values) == 1 else values


def _is_method_event(value: Shape) -> bool:
    return "methodArn" in value and "principal" not in value


def _from_method_event(value: Shape) -> Any:
    """The event of a Lambda authorizer: an unsigned call of a method (N-API-2)."""
    context = value.get("requestContext") or {}
    identity = context.get("identity") or {}
    given = {"aws:SourceIp": identity.get("sourceIp"), "aws:UserAgent": identity.get("userAgent")}
    return {
        "principal": "anonymous",
        "action": "execute-api:Invoke",
        "resource": value["methodArn"],
        "context": {key: text for key, text in given.items() if text},
    }


def _is_cloudtrail(value: Shape) -> bool:
    return {"eventSource", "eventName", "userIdentity"} <= value.keys()


def _from_cloudtrail(value: Shape) -> Any:
    """A CloudTrail record; event names are those of the API, which mostly are the actions' (A-12)."""
    identity, resources = value["userIdentity"], value.get("resources") or ()
    arns = [str(one["ARN"]) for one in resources if isinstance(one, Mapping) and one.get("ARN")]
    principal: dict[str, Any] = {"arn": identity.get("arn")}
    if identity.get("type") == "AWSService":
        principal = {"service": identity.get("invokedBy")}
    issuer = (identity.get("sessionContext") or {}).get("sessionIssuer") or {}
    if issuer.get("type") == "Role":
        principal["role_arn"] = issuer.get("arn")
    mfa = ((identity.get("sessionContext") or {}).get("attributes") or {}).get("mfaAuthenticated")
    if mfa is not None:
        principal["mfa"] = str(mfa)
    given = {
        "aws:SourceIp": value.get("sourceIPAddress"),
        "aws:UserAgent": value.get("userAgent"),
        "aws:RequestedRegion": value.get("awsRegion"),
        "aws:SourceVpce": value.get("vpcEndpointId"),
    }
    return {
        "principal": principal,
        "action": f"{str(value['eventSource']).removesuffix('.amazonaws.com')}:{value['eventName']}",
        "resource": arns[0] if len(arns) == 1 else (arns or "*"),
        "time": value.get("eventTime"),
        "context": {key: text for key, text in given.items() if text},
    }


_SHAPES: tuple[tuple[Callable[[Shape], bool], Callable[[Shape], Any]], ...] = (
    (_is_decoded, _from_decoded),
    (_is_method_event, _from_method_event),
    (_is_cloudtrail, _from_cloudtrail),
)
