"""In which shapes do requests come? The shape of UX §1, and what AWS itself prints.

A CloudTrail record, the output of `aws sts decode-authorization-message`, and a Lambda authorizer's
event are recognised by their fields.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from policyeval.errors import RequestError
from policyeval.language.documents import read_document
from policyeval.limits import (
    CHECKS,
    CONTEXT_CHARACTERS,
    CONTEXT_KEYS,
    CONTEXT_VALUES,
    REQUEST_TEXT,
    Limit,
)
from policyeval.records import replace
from policyeval.request import Request
from policyeval.shapes import a_list, an_object, an_object_in
from policyeval.source import Path, Source
from policyeval.sources.cloudtrail import from_cloudtrail, is_cloudtrail

Shape = Mapping[str, Any]


def read_request(value: Any, source: Source | None = None, base: Path = ()) -> Request:
    """Read one request in any of the shapes.

    Raises RequestError at its place in the source.
    """
    try:
        shape = as_request(value)
        if isinstance(shape, Mapping):
            _refuse_beyond_limits(shape)
        return Request.from_dict(shape)
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
    return [read_request(one, source, path) for one, path in single_requests(value, source)]


def single_requests(value: Any, source: Source) -> Iterator[tuple[Any, Path]]:
    """Part the value of a file into requests: one, a list of them, or a file of CloudTrail records."""
    base: Path = ()
    if isinstance(value, Mapping) and isinstance(value.get("Records"), list):
        value, base = value["Records"], ("Records",)
    if not isinstance(value, list):
        yield value, base
        return
    if not value:
        raise RequestError("the list of requests is empty", source=source, path=base, help="add a request")
    for index, one in enumerate(value):
        yield one, (*base, index)


def _is_object(line: str) -> bool:
    return line.lstrip().startswith("{") and line.rstrip().endswith("}")


def _read_line(name: str, number: int, line: str) -> Request:
    source = Source(f"{name} line {number}", line, "json")
    return read_request(read_document(source, RequestError), source)


# Limits


def _refuse_beyond_limits(shape: Shape) -> None:
    """Refuse what would take very long to decide."""
    via, also = _several(shape.get("via")), _several(shape.get("also"))
    checks = _count(shape.get("action")) * _count(shape.get("resource")) + len(via) + len(also)
    _refuse(CHECKS, checks, ("action",) if "action" in shape else ())
    _refuse_context(shape.get("context"), ("context",))
    _refuse_long_texts(shape)
    for field, listed in (("via", via), ("also", also)):
        for index, one in enumerate(listed):
            if isinstance(one, Mapping):
                _refuse_context(one.get("context"), (field, index, "context"))


def _refuse_long_texts(shape: Shape) -> None:
    """Look at every text; policies in a request (`session_policy`) have the limits of policies."""
    waiting: list[tuple[Path, Any]] = [((str(name),), value) for name, value in shape.items()]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, str):
            _refuse(REQUEST_TEXT, len(value), path)
        elif isinstance(value, list | tuple):
            waiting.extend(((*path, index), one) for index, one in enumerate(value))
        elif isinstance(value, Mapping) and path[-1] != "session_policy":
            waiting.extend(((*path, str(name)), one) for name, one in value.items())


def _several(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [] if value is None else [value]


def _count(value: Any) -> int:
    return len(value) if isinstance(value, list | tuple) else 1


def _refuse_context(context: Any, path: Path) -> None:
    if not isinstance(context, Mapping):
        return
    _refuse(CONTEXT_KEYS, len(context), path)
    characters = 0
    for name, value in context.items():
        listed = _several(value)
        _refuse(CONTEXT_VALUES, len(listed), (*path, str(name)))
        characters += len(str(name)) + sum(len(one) for one in listed if isinstance(one, str))
    _refuse(CONTEXT_CHARACTERS, characters, path)


def _refuse(limit: Limit, found: int, path: Path) -> None:
    if found > limit.most:
        raise RequestError(limit.message(found), path=path, help=limit.help)


# The shapes of AWS


def as_request(value: Any) -> Any:
    """Turn the shapes of AWS into the shape of UX §1; leave everything else as it is.

    Raises RequestError for a field that holds something else than AWS puts there.
    """
    if not isinstance(value, Mapping):
        return value
    return next((convert(value) for is_shape, convert in _SHAPES if is_shape(value)), value)


def _is_decoded(value: Shape) -> bool:
    return "DecodedMessage" in value or {"explicitDeny", "context"} <= value.keys()


def _from_decoded(value: Shape) -> Any:
    """`aws sts decode-authorization-message` (N-STS-11)."""
    message, base = _decoded_message(value)
    context = an_object_in(message, ("context",), RequestError, base)
    conditions = an_object_in(message, ("context", "conditions"), RequestError, base)
    at = (*base, "context", "conditions", "items")
    items = a_list(conditions.get("items"), at, RequestError)
    return {
        "principal": an_object_in(message, ("context", "principal"), RequestError, base).get("arn"),
        "action": context.get("action"),
        "resource": context.get("resource") or "*",
        "context": dict(_condition(item, (*at, index)) for index, item in enumerate(items)),
    }


def _decoded_message(value: Shape) -> tuple[Shape, Path]:
    """Read the message out of the text that AWS's command puts it into."""
    message, path = value.get("DecodedMessage", value), ("DecodedMessage",)
    if not isinstance(message, str):
        return an_object(message, path, RequestError), path if "DecodedMessage" in value else ()
    try:
        found = read_document(Source("decoded message", message, "json"), RequestError)
    except RequestError:
        raise RequestError("the decoded message is no JSON", path=path, help="copy it whole") from None
    return an_object(found, path, RequestError), path


def _condition(item: Any, path: Path) -> tuple[str, Any]:
    item = an_object(item, path, RequestError)
    at = (*path, "values", "items")
    listed = a_list(an_object_in(item, ("values",), RequestError, path).get("items"), at, RequestError)
    values = [an_object(one, (*at, index), RequestError).get("value") for index, one in enumerate(listed)]
    return str(item.get("key")), values[0] if len(values) == 1 else values


def _is_method_event(value: Shape) -> bool:
    return "methodArn" in value and "principal" not in value


def _from_method_event(value: Shape) -> Any:
    """The event of a Lambda authorizer: an unsigned call of a method (N-API-2)."""
    identity = an_object_in(value, ("requestContext", "identity"), RequestError)
    given = {"aws:SourceIp": identity.get("sourceIp"), "aws:UserAgent": identity.get("userAgent")}
    return {
        "principal": "anonymous",
        "action": "execute-api:Invoke",
        "resource": value["methodArn"],
        "context": {key: text for key, text in given.items() if text},
    }


def _are_events(value: Shape) -> bool:
    return isinstance(value.get("Events"), list) and "principal" not in value


def _from_events(value: Shape) -> Any:
    help = "give the records in them: `jq '[.Events[].CloudTrailEvent | fromjson]'`"
    raise RequestError("these are the events of `aws cloudtrail lookup-events`", path=("Events",), help=help)


_SHAPES: tuple[tuple[Callable[[Shape], bool], Callable[[Shape], Any]], ...] = (
    (_is_decoded, _from_decoded),
    (_is_method_event, _from_method_event),
    (is_cloudtrail, from_cloudtrail),
    (_are_events, _from_events),
)
