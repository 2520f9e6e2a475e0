"""Which records of denials does a JSON text hold? CloudTrail records and decoded authorization messages.

They are found wherever they stand: `{"Records": […]}`, the output of `lookup-events`, an EventBridge event,
JSON inside the strings of JSON.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from policyeval.catalog.operations import authorized_action, is_bucket_action, service_prefix
from policyeval.decision import Effect
from policyeval.errors import RequestError, UsageError
from policyeval.language.arn import parse_arn
from policyeval.limits import DENIAL_VALUES
from policyeval.sources.cloudtrail import caller_address, forwarding_service
from policyeval.sources.requests import as_request

_DENIED = re.compile(r"AccessDenied|Unauthorized|NotAuthorized|Forbidden|AuthorizationError|not authorized")


@dataclass(frozen=True)
class Record:
    """A record: its request in the shape of UX §1 (a principal is an object), and the message in it."""

    form: str
    shape: Mapping[str, Any]
    message: str = ""
    effect: Effect | None = None
    notes: tuple[str, ...] = ()


def json_value(text: str) -> Any:
    """Read a text that is JSON, or the JSON object in it; None when there is none."""
    stripped = text.strip()
    start = 0 if stripped[:1] in ("{", "[") else stripped.find("{")
    if start < 0:
        return None
    try:
        return json.JSONDecoder().raw_decode(stripped, start)[0]
    except (ValueError, RecursionError):
        return None


def strings(value: Any) -> Iterator[str]:
    """Give every text in a value, in order; JSON in a text only by its own texts."""
    return (one for one in _values(value) if isinstance(one, str) and not _is_json(one))


def records(value: Any) -> list[Record]:
    """Read the records of denials in a value.

    Raises UsageError for records of calls that were not denied.
    """
    found = [one for one in _values(value) if isinstance(one, dict)]
    calls = [one for one in found if _is_call(one)]
    denied = [one for one in calls if _is_denied(one)]
    if calls and not denied:
        told = calls[0].get("errorCode")
        why = f"it failed with `{told}`" if told else "it has no errorCode: the call succeeded"
        help = "denied calls have an errorCode such as AccessDenied or Client.UnauthorizedOperation"
        raise UsageError(f"the CloudTrail record tells of no denial; {why}", help=help)
    return [_from_decoded(one) for one in found if _is_decoded(one)] or [_from_call(one) for one in denied]


def _values(value: Any) -> Iterator[Any]:
    """Walk a value, the JSON in its strings too.

    Raises UsageError when there are very many.
    """
    waiting, count = [value], 0
    while waiting:
        one = waiting.pop()
        count += 1
        if count > DENIAL_VALUES.most:
            raise UsageError(DENIAL_VALUES.message(count), help=DENIAL_VALUES.help)
        yield one
        if isinstance(one, dict):
            waiting.extend(reversed(one.values()))
        elif isinstance(one, list):
            waiting.extend(reversed(one))
        elif isinstance(one, str) and _is_json(one):
            waiting.append(json_value(one))


def _is_json(text: str) -> bool:
    return text.lstrip().startswith("{")


def _shape(record: Mapping[str, Any]) -> dict[str, Any]:
    try:
        return dict(as_request(record))
    except RequestError:  # a field holds something else than AWS puts there
        raise UsageError(
            "a record has fields of other kinds than AWS's", help="give it as AWS wrote it"
        ) from None


# Decoded authorization messages


def _is_decoded(value: Mapping[str, Any]) -> bool:
    return isinstance(value.get("context"), dict) and isinstance(value.get("explicitDeny"), bool)


def _from_decoded(value: dict[str, Any]) -> Record:
    shape = _shape(value)
    shape["principal"] = {"arn": _text(shape.get("principal"))}
    shape["resource"] = _text(shape.get("resource"))
    shape["action"] = _full_action(_text(shape.get("action")), shape["resource"])
    effect = Effect.EXPLICIT_DENY if value["explicitDeny"] else Effect.IMPLICIT_DENY
    return Record("decoded-message", shape, effect=effect, notes=tuple(_matched(value)))


def _full_action(action: str | None, resource: str | None) -> str | None:
    """Add the service, which some messages leave out."""
    arn = parse_arn(resource or "")
    return f"{arn.service}:{action}" if action and ":" not in action and arn else action


def _matched(value: Mapping[str, Any]) -> Iterator[str]:
    """Name the statements that denied."""
    for statement in _items(value.get("matchedStatements")):
        sid = statement.get("statementId")
        if sid and statement.get("effect") == "DENY":
            yield f"the Deny statement that matched has the Sid `{sid}`"


def _items(value: Any) -> list[dict[str, Any]]:
    items = value.get("items") if isinstance(value, dict) else None
    return [one for one in items if isinstance(one, dict)] if isinstance(items, list) else []


# CloudTrail


def _is_call(value: Mapping[str, Any]) -> bool:
    return isinstance(value.get("userIdentity"), dict) and {"eventSource", "eventName"} <= value.keys()


def _is_denied(value: Mapping[str, Any]) -> bool:
    return any(_DENIED.search(str(value.get(name) or "")) for name in ("errorCode", "errorMessage"))


def _from_call(value: dict[str, Any]) -> Record:
    shape = _shape(value)
    service = service_prefix(str(value["eventSource"])) or str(value["eventSource"]).partition(".")[0]
    shape["operation"] = str(value["eventName"])
    shape["action"] = authorized_action(service, shape["operation"])
    shape["resource"] = _resource(shape, value)
    shape["time"] = _text(shape.get("time"))
    return Record("cloudtrail", shape, str(value.get("errorMessage") or ""), notes=tuple(_hints(value)))


def _resource(shape: Mapping[str, Any], value: Mapping[str, Any]) -> str | None:
    """Choose the resource of the action among those of the record and of its parameters."""
    named = shape.get("resource")
    arns = [str(one) for one in (named if isinstance(named, list) else [named]) if one and one != "*"]
    parameters = value.get("requestParameters")
    arns += list(_parameter_arns(parameters)) if isinstance(parameters, dict) else []
    if shape["action"].startswith("s3:"):
        on_bucket = is_bucket_action(shape["action"])
        arns = [arn for arn in arns if ("/" not in arn) == on_bucket] or arns
    return arns[0] if arns else None


_PARAMETERS = (
    "roleArn",
    "keyId",
    "functionName",
    "topicArn",
    "secretId",
    "tableName",
    "policyArn",
    "resourceArn",
)


def _parameter_arns(parameters: Mapping[str, Any]) -> Iterator[str]:
    bucket, key = parameters.get("bucketName"), parameters.get("key")
    if isinstance(bucket, str):
        yield f"arn:aws:s3:::{bucket}/{key}" if isinstance(key, str) else f"arn:aws:s3:::{bucket}"
    values = (parameters.get(name) for name in _PARAMETERS)
    yield from (one for one in values if isinstance(one, str) and one.startswith("arn:"))


def _hints(record: Mapping[str, Any]) -> Iterator[str]:
    """Say which keys the record cannot tell."""
    source, service = record.get("sourceIPAddress"), forwarding_service(record)
    if source and caller_address(record) is None:
        yield f"the call came through {source}, not from an address: aws:SourceIp is not in the request"
    if service and record["userIdentity"].get("type") == "AssumedRole":
        yield (
            f"{service} is taken to have called on the role session's behalf: aws:ViaAWSService is true; in a role "
            "that the service uses for itself it were false, and aws:CalledVia absent"
        )


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
