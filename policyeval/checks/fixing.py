"""How are findings mended in the text? Fix by fix, from the end of the document to its start, formatting kept."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

from policyeval.checks.check import Change, Fix
from policyeval.checks.lint import Finding
from policyeval.explain.edits import Edit, edited
from policyeval.records import Record
from policyeval.source import Path, Source, SourceMap

MAX_ROUNDS = 10
Lint = Callable[[Source], Sequence[Finding]]
Place = tuple[int, int]


class Mended(Record):
    """A text before and after, and how many findings were mended."""

    before: Source
    after: Source
    count: int


def mend(source: Source, lint: Lint, *, unsafe: bool = False) -> Mended:
    """Apply fixes until nothing is left to mend: a fix may bring another finding, or take one along."""
    after, count = source, 0
    for _ in range(MAX_ROUNDS):
        chosen = _chosen([one for one in lint(after) if is_fixable(one, unsafe=unsafe)])
        mended = after
        for fix in chosen:
            for change in fix.changes:
                mended = changed(mended, change)
        if not chosen or mended == after:
            break
        after, count = mended, count + len(chosen)
    return Mended(source, after, count)


def is_fixable(finding: Finding, *, unsafe: bool) -> bool:
    """Is there a fix that may be applied?"""
    return finding.fix is not None and (unsafe or finding.fix.safe)


def _chosen(findings: Sequence[Finding]) -> list[Fix]:
    """Take one fix for each place of the text, the last place first, so that paths stay true."""
    chosen: list[Fix] = []
    taken: list[Place] = []
    for finding in sorted(findings, key=lambda one: one.span.start.offset, reverse=True):
        fix = finding.fix
        if fix is None:
            continue
        places = [_place(finding.source, change) for change in fix.changes]
        if not any(_overlap(place, other) for place in places for other in taken):
            chosen.append(fix)
            taken += places
    # A member is added in front of the others, which moves no path; it comes last all the same.
    return sorted(chosen, key=lambda fix: any(change.op == "member" for change in fix.changes))


def _place(source: Source, change: Change) -> Place:
    """Find what a change touches. Not its path: in YAML an alias leads to the same text by another one."""
    positions = SourceMap.of(source)
    start = positions.key_span(change.path).start.offset
    return (start, start) if change.op == "member" else (start, positions.span(change.path).end.offset)


def _overlap(one: Place, other: Place) -> bool:
    return one == other or (one[0] < other[1] and other[0] < one[1])


def changed(source: Source, change: Change) -> Source:
    """Apply one change to the text."""
    if change.op == "rename":
        return _renamed(source, change.path, str(change.value))
    if change.op == "remove":
        return _removed(source, change.path)
    return edited(source, Edit(change.op, change.path, change.value, change.key), 0)


def _renamed(source: Source, path: Path, name: str) -> Source:
    span = SourceMap.of(source).key_span(path)
    start, end = span.start.offset, span.end.offset
    quoted = source.text[start : start + 1] in ('"', "'") or source.syntax == "json"
    return _spliced(source, start, end, json.dumps(name, ensure_ascii=False) if quoted else name)


def _removed(source: Source, path: Path) -> Source:
    """Take a member or an item out, with its comma, or with its lines in block style."""
    positions = SourceMap.of(source)
    start, end = positions.key_span(path).start.offset, positions.span(path).end.offset
    text = source.text
    before, after = text[:start].rstrip(), text[end:]
    if source.syntax == "yaml" and not before.endswith((",", "[", "{")):
        return _without_lines(source, start, end)
    following = after.lstrip()
    if following.startswith(","):
        rest = following[1:]
        gap = len(rest) - len(rest.lstrip())
        return _spliced(source, start, end + len(after) - len(following) + 1 + gap, "")
    if before.endswith(","):
        return _spliced(source, len(before) - 1, end, "")
    return _spliced(source, len(before), end + len(after) - len(following), "")


def _without_lines(source: Source, start: int, end: int) -> Source:
    text = source.text
    first = text.rfind("\n", 0, start) + 1
    last = text.find("\n", end)
    return _spliced(source, first, len(text) if last < 0 else last + 1, "")


def _spliced(source: Source, start: int, end: int, text: str) -> Source:
    return Source(source.name, source.text[:start] + text + source.text[end:], source.syntax)
