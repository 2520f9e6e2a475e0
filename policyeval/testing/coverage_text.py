"""How does coverage read? A table for people, JSON for programs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from policyeval.source import printable
from policyeval.testing.coverage import Coverage, Shares, StatementCoverage


def coverage_lines(coverage: Coverage, *, verbose: bool = False) -> Iterator[str]:
    """Write a table of the statements of each file; with `verbose` with the counts of every element."""
    statements = coverage.statements
    label = max([len("statement"), *(len(printable(one.label)) for one in statements)])
    decided = max([len("decided"), *(len(decided_words(one)) for one in statements)])
    yield f"{'line':>6}  {'statement':<{label}}  {'decided':<{decided}}  never the only reason"
    for file, found in coverage.by_file().items():
        yield printable(file)
        for one in found:
            cells = f"{one.line:>6}  {printable(one.label):<{label}}  {decided_words(one):<{decided}}"
            yield f"{cells}  {printable(untested_words(one))}".rstrip()
            if verbose:
                yield from _elements(one)
    yield Shares.of(statements).words


def _elements(one: StatementCoverage) -> Iterator[str]:
    for element in one.elements.values():
        words = f"the only reason {element.alone}×, one of several {element.among - element.alone}×"
        yield f"          {printable(element.label)}: {words}"


def decided_words(one: StatementCoverage) -> str:
    """Say what the statement decided."""
    words = []
    if one.allowed:
        words.append(f"allowed {one.allowed}")
    if one.denied:
        words.append(f"denied {one.denied}")
    if words:
        return ", ".join(words)
    return "never, though it applied" if one.applied else "never"


def untested_words(one: StatementCoverage) -> str:
    """Name the elements that never made the difference."""
    return ", ".join(element.label for element in one.elements.values() if not element.alone)


def coverage_dict(coverage: Coverage) -> dict[str, Any]:
    """Give coverage as JSON-ready values."""
    statements = coverage.statements
    shares = Shares.of(statements)
    return {
        "statements": {"total": shares.statements, "decided": shares.decided,
                       "percent": round(shares.statement_percent, 1)},
        "elements": {"total": shares.elements, "tested": shares.tested,
                     "percent": round(shares.element_percent, 1)},
        "files": [
            {"file": file, "statements": [_statement(one) for one in found]}
            for file, found in coverage.by_file().items()
        ],
    }  # fmt: skip


def _statement(one: StatementCoverage) -> dict[str, Any]:
    return {
        "line": one.line, "end_line": one.end, "label": one.label, "layer": one.layer,
        "effect": "Allow" if one.is_allow else "Deny", "allowed": one.allowed, "denied": one.denied,
        "applied_without_deciding": one.applied,
        "elements": [
            {"element": element.name[0], "operator": element.name[1] or None, "key": element.name[2] or None,
             "line": element.line, "only_reason": element.alone, "one_of_several": element.among - element.alone}
            for element in one.elements.values()
        ],
    }  # fmt: skip
