"""Which requests does a command line ask about? The files of --request, and the options that override them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from policyeval.diagnostics import Diagnostic
from policyeval.errors import RequestError, UsageError
from policyeval.language.documents import read_document
from policyeval.names import parse_action, parse_resource
from policyeval.principal import parse_principal
from policyeval.records import replace
from policyeval.request import Request
from policyeval.source import Path, Source
from policyeval.sources.files import read_source
from policyeval.sources.requests import as_request, read_request, single_requests


class Overrides(NamedTuple):
    """What options say about every request."""

    principal: str | None = None
    actions: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    context: tuple[tuple[str, str], ...] = ()

    def checked(self) -> Overrides:
        """Refuse what no request can have, naming the option."""
        for option, read, texts in (
            ("--principal", parse_principal, (self.principal,) if self.principal is not None else ()),
            ("--action", parse_action, self.actions),
            ("--resource", parse_resource, self.resources),
        ):
            for text in texts:
                _read_option(option, read, text)
        return self

    @property
    def given_fields(self) -> dict[str, Any]:
        """The fields of a request that are given, without the context."""
        given: dict[str, Any] = {"principal": self.principal}
        given |= {"action": _one_or_list(self.actions), "resource": _one_or_list(self.resources)}
        return {name: value for name, value in given.items() if value is not None}

    @property
    def is_given(self) -> bool:
        """Does any option say something about requests?"""
        return bool(self.given_fields or self.context)

    def over(self, value: Any) -> Any:
        """Put the options over a request's fields; context keys are replaced in any letter case."""
        shape = as_request(value)
        if not isinstance(shape, Mapping) or not self.is_given:
            return value
        merged = {**shape, **self.given_fields}
        context = shape.get("context") or {}
        if self.context and isinstance(context, Mapping):
            given = _grouped(self.context)
            lower = {name.lower() for name in given}
            merged["context"] = {k: v for k, v in context.items() if str(k).lower() not in lower} | given
        return merged


class AskedRequest(NamedTuple):
    """A request, and where it was read; `source` is None when options alone make it."""

    request: Request
    source: Source | None = None
    path: Path = ()

    def located(self, error: RequestError) -> RequestError:
        """Add the request's place to an error that was found later."""
        if self.source is None:
            return error
        return RequestError.of(self._located(told) for told in error.diagnostics)

    def _located(self, told: Diagnostic) -> Diagnostic:
        if told.source is not None:
            return told
        return replace(told, source=self.source, path=(*self.path, *(told.path or ())))


def asked_requests(files: Sequence[str], overrides: Overrides) -> list[AskedRequest]:
    """Read every request before any is decided.

    Raises RequestError at the place of what is wrong, UsageError when nothing is asked.
    """
    if not files:
        if not overrides.is_given:
            help = "give `--request FILE`, or --principal, --action and --resource"
            raise UsageError("no request is given", help=help)
        return [AskedRequest(read_request(overrides.over({})))]
    return [asked for name in files for asked in _requests_in(read_source(name), overrides)]


def _requests_in(source: Source, overrides: Overrides) -> Iterator[AskedRequest]:
    numbered = [(number, line) for number, line in enumerate(source.text.split("\n")) if line.strip()]
    if source.syntax == "json" and len(numbered) > 1 and all(_is_object(line) for _, line in numbered):
        for number, line in numbered:
            yield _line_request(source, number, line, overrides)
        return
    value = read_document(source, RequestError)
    for one, path in single_requests(value, source):
        yield AskedRequest(_read(one, source, path, overrides), source, path)


def _read(value: Any, source: Source, path: Path, overrides: Overrides) -> Request:
    try:
        value = overrides.over(value)
    except RequestError:
        read_request(value, source, path)  # raises the same, at its place
        raise
    return read_request(value, source, path)


def _is_object(line: str) -> bool:
    text = line.strip()
    return text.startswith("{") and text.endswith("}")


def _line_request(file: Source, number: int, line: str, overrides: Overrides) -> AskedRequest:
    """Read a line of JSON Lines; the lines above are left empty, so that messages count as the file does."""
    source = Source(file.name, line)
    try:
        value = read_document(source, RequestError)
        return AskedRequest(_read(value, source, (), overrides), source)
    except RequestError:
        placed = Source(file.name, "\n" * number + line)
        _read(read_document(placed, RequestError), placed, (), overrides)
        raise


def _read_option(option: str, read: Any, text: str) -> None:
    try:
        read(text)
    except RequestError as error:
        told = (replace(one, source=Source(option, ""), path=None) for one in error.diagnostics)
        raise RequestError.of(told) from None


def _one_or_list(texts: tuple[str, ...]) -> str | list[str] | None:
    return (texts[0] if len(texts) == 1 else list(texts)) if texts else None


def _grouped(pairs: tuple[tuple[str, str], ...]) -> dict[str, str | list[str]]:
    """Collect the values of keys that are given several times, in any letter case."""
    names: dict[str, str] = {}
    values: dict[str, list[str]] = {}
    for name, value in pairs:
        names.setdefault(name.lower(), name)
        values.setdefault(name.lower(), []).append(value)
    return {names[lower]: found[0] if len(found) == 1 else found for lower, found in values.items()}
