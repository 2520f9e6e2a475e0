"""What do the checks find in a text? It is read, its documents are found, and every check looks at each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from policyeval.checks.check import ERROR, SUGGESTION, WARNING, Check, FindingType, Fix, Found, Origin
from policyeval.checks.documents import Found as Document
from policyeval.checks.documents import documents_in
from policyeval.checks.subject import SCP_DIALECTS, Subject
from policyeval.checks.table import BY_CODE, CHECKS
from policyeval.errors import PolicyError
from policyeval.language.amounts import refuse_large
from policyeval.language.documents import read_document
from policyeval.records import Record
from policyeval.source import Path, Source, SourceMap, Span

SYNTAX, UNUSABLE = "JSON_SYNTAX_ERROR", "UNUSABLE_POLICY"
DEFAULT_CODES = frozenset(row.code for row in CHECKS if row.default)


class Options(Record):
    """Which checks run, and by which rules."""

    codes: frozenset[str] = DEFAULT_CODES
    scp_dialect: str = SCP_DIALECTS[0]


class Finding(Record):
    """What is told to the user: a code, its type, the words, the place in the text, and a fix if there is one.

    `path` leads from the top of the policy document, `base` from the top of the file to the document; `on_key`
    and `part` say what of the value is meant, as in Found.
    """

    code: str
    type: FindingType
    message: str
    source: Source
    path: Path
    span: Span
    base: Path = ()
    help: str | None = None
    fix: Fix | None = None
    sid: str | None = None
    policy_type: str = "identity"
    on_key: bool = False
    part: tuple[int, int] | None = None

    @property
    def check(self) -> Check:
        """The row of the table."""
        return BY_CODE[self.code]

    @property
    def file(self) -> str:
        """The name of the file."""
        return self.source.name

    @property
    def statement(self) -> int | None:
        """The index of the statement that it is about."""
        if self.path[:1] != ("Statement",):
            return None
        return self.path[1] if len(self.path) > 1 and isinstance(self.path[1], int) else 0

    @property
    def marked(self) -> str:
        """The text that it points to."""
        return self.source.text[self.span.start.offset : self.span.end.offset]


def lint(source: Source, type: str | None = None, options: Options | None = None) -> list[Finding]:
    """Run the checks over a text; `type` names the policy type, None takes it from the content."""
    chosen = options or Options()
    try:
        value = read_document(source)
    except PolicyError as error:
        return [_syntax(source, error)] if SYNTAX in chosen.codes else []
    found = [
        finding
        for document in documents_in(value, type, source.name)
        for finding in _of_document(document, source, chosen)
    ]
    return sorted(
        found, key=lambda one: (one.span.start.offset, one.type.rank, one.code, one.span.end.offset)
    )


def _of_document(document: Document, source: Source, chosen: Options) -> Iterable[Finding]:
    try:
        refuse_large(document.value, source, document.base)
    except PolicyError as error:
        return [_syntax(source, error)] if SYNTAX in chosen.codes else []
    subject = Subject(document.value, document.type, source, document.base, chosen.scp_dialect)
    return _findings(subject, chosen)


def _syntax(source: Source, error: PolicyError) -> Finding:
    told = error.diagnostics[0]
    span = told.place() or source.span(0, 0)
    return Finding(SYNTAX, ERROR, told.message, source, (), span, help=told.help)


def _findings(subject: Subject, options: Options) -> Iterator[Finding]:
    found = [
        _finding(subject, row, one)
        for row in _applying(subject, options)
        for one in row.run(subject)
    ]  # fmt: skip
    yield from _weighed(found)
    if UNUSABLE in options.codes and not any(one.type is ERROR for one in found):
        row = BY_CODE[UNUSABLE]
        yield from (_finding(subject, row, one) for one in row.run(subject))


def _weighed(found: list[Finding]) -> Iterator[Finding]:
    """Leave out what only repeats an error: of our checks, warnings of its statement and errors at its place."""
    errors = [one for one in found if one.type is ERROR and one.check.origin is not Origin.OURS]
    ours = [one for one in found if one.type is ERROR and one.check.origin is Origin.OURS]
    places = {one.path for one in errors}
    statements = {one.statement for one in (*errors, *ours)}
    for one in found:
        if one.check.origin is Origin.OURS:
            repeats = one.type in (WARNING, SUGGESTION) and one.statement in statements
            if repeats or (one.type is ERROR and one.path in places):
                continue
        yield one


def _applying(subject: Subject, options: Options) -> Iterable[Check]:
    layer = subject.layer
    return (
        row for row in CHECKS if row.code in options.codes and row.code != UNUSABLE and row.applies_to(layer)
    )


def _finding(subject: Subject, row: Check, found: Found) -> Finding:
    path = found.path[len(subject.base) :]
    return Finding(
        row.code,
        row.type,
        found.message,
        subject.source,
        path,
        place(subject.source, found),
        subject.base,
        found.help,
        found.fix,
        _sid(subject, path),
        subject.type.name,
        found.on_key,
        found.part,
    )


def _sid(subject: Subject, path: Path) -> str | None:
    index = path[1] if len(path) > 1 and isinstance(path[1], int) else 0
    return next(
        (one.sid for one in subject.statements if one.index == index and path[:1] == ("Statement",)), None
    )


def place(source: Source, found: Found) -> Span:
    """Find the smallest text that is wrong."""
    positions = SourceMap.of(source)
    span = positions.key_span(found.path) if found.on_key else positions.span(found.path)
    if found.part is None:
        return span
    start, end = span.start.offset, span.end.offset
    written = source.text[start:end]
    quote = 1 if written[:1] in ('"', "'") else 0
    if "\\" in written or ("\n" in written and quote):
        return span  # escapes: characters of the value are not those of the text
    first, last = found.part
    return source.span(start + quote + first, min(start + quote + last, end))
