"""The format `markdown`, for pull requests: every text of a policy stands in code, where nothing is markup."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from policyeval.explain.flow import LAYER_NAMES, layer_detail, statements_in_question
from policyeval.explain.marks import MarkedLine, marked_lines
from policyeval.explain.reports import LayerReport, StatementReport, Verdict
from policyeval.language.documents import write_json
from policyeval.render.look import Look
from policyeval.render.wording import advice_of, element_words, name_of
from policyeval.source import printable

if TYPE_CHECKING:
    from policyeval.explain.explanation import Explanation
    from policyeval.explain.fixes import Fix

_VERDICTS = {
    Verdict.ALLOW: "✅ allows",
    Verdict.EXPLICIT_DENY: "❌ denies",
    Verdict.IMPLICIT_DENY: "⚪ does not allow",
    Verdict.NOT_PRESENT: "⚪ none",
}
_SPECIAL = re.compile(r"([\\`*_\[\]<>#|~@&])")


def render_markdown(explanations: Sequence[Explanation], look: Look) -> str:
    """Write a part for each explanation; several have a table at the top."""
    parts = [_summary(explanations)] if len(explanations) > 1 else []
    parts += ["\n".join(_explanation(one, look)) for one in explanations]
    return "\n\n".join(parts) + "\n"


def _summary(explanations: Sequence[Explanation]) -> str:
    allowed = sum(one.allowed for one in explanations)
    lines = [f"**{len(explanations)} requests: {allowed} allowed, {len(explanations) - allowed} denied**", ""]
    lines += ["| request | answer | reason |", "| --- | --- | --- |"]
    lines += [
        f"| {code(name_of(one), cell=True)} | {_sign(one)} | {code(one.decision.reason.code)} |"
        for one in explanations
    ]
    return "\n".join(lines)


def _sign(explanation: Explanation) -> str:
    return "✅ allowed" if explanation.allowed else "❌ denied"


def _explanation(explanation: Explanation, look: Look) -> Iterator[str]:
    head, _, kind = explanation.headline.partition("  ")
    yield f"### {'✅' if explanation.allowed else '❌'} {head}{f' · {kind}' if kind else ''}"
    yield ""
    yield f"{text(explanation.message)}. ({code(explanation.decision.reason.code)})"
    yield ""
    check = explanation.step.check
    yield f"* who: {code(str(check.principal))}"
    yield f"* what: {code(check.action.text)}"
    yield f"* on: {code(check.resource.text)}"
    if explanation.allowed:
        yield f"* by: {code(explanation.allowed_line().partition('  ')[2])}"
    if not explanation.allowed or look.verbose:
        yield from _details(explanation)


def _details(explanation: Explanation) -> Iterator[str]:
    yield ""
    yield "| layer | verdict | because |"
    yield "| --- | --- | --- |"
    yield from (_layer(report, explanation) for report in explanation.layers)
    yield from _statement(explanation)
    if not explanation.allowed:
        yield from _help(explanation)
    notes = [f"hint: {words}" for _, words in explanation.hints] + list(explanation.notes)
    if notes:
        yield ""
        yield from (f"* {text(note)}" for note in notes)
    if explanation.aws_message is not None:
        yield from ("", "AWS would say:", "", *fence([explanation.aws_message]))


def _layer(report: LayerReport, explanation: Explanation) -> str:
    is_deciding = not explanation.allowed and report.layer is explanation.decision.layer_
    here = " **← decided here**" if is_deciding else ""
    detail = layer_detail(report)
    because = code(detail, cell=True) if detail else ""
    return f"| {LAYER_NAMES[report.layer]} | {_VERDICTS[report.verdict]} | {because}{here} |"


def _statement(explanation: Explanation) -> Iterator[str]:
    """Show the first statement that decided, or came nearest."""
    shown = statements_in_question(explanation)
    if not shown:
        return
    first = shown[0]
    yield ""
    if explanation.nearest:
        matching = len(first.elements) - len(first.failing)
        yield f"Nearest statement, {matching} of {len(first.elements)} elements match: {code(first.place)}"
    else:
        yield f"Decided by {code(first.place)}"
    yield ""
    yield from fence(list(_lines(first)), "text")


def _lines(statement: StatementReport) -> Iterator[str]:
    lines = marked_lines(statement)
    gutter = len(str(max(line.number for line in lines)))
    for line in lines:
        if line.is_gap:
            yield f"{'⋮':>{gutter}} |"
            continue
        yield f"{line.number:>{gutter}} | {''.join(part.text for part in line.parts)}".rstrip()
        yield from (f"{'':>{gutter}} | {words}" for words in _remarks(line))


def _remarks(line: MarkedLine) -> Iterator[str]:
    for remark in line.remarks:
        sign = "✓" if remark.element.matched else "✗"
        yield f"    {sign} {element_words(remark.element)}"


def _help(explanation: Explanation) -> Iterator[str]:
    yield ""
    if not explanation.fixes:
        yield text(advice_of(explanation))
        return
    fix = explanation.fixes[0]
    yield f"Smallest change that allows it (checked by evaluating again): {text(fix.title)}"
    for key, value in fix.context:
        yield f"* in the request: {code(key)} = {code(', '.join(value) if isinstance(value, tuple) else str(value))}"
    for new in fix.new_policies:
        yield from ("", f"A new {new.layer.title}:", "", *fence(write_json(new.document).split("\n"), "json"))
    if fix.files:
        yield from ("", *fence(list(_diff(fix)), "diff"))
    if fix.also_allows:
        yield from ("", text(f"It also allows {'; '.join(fix.also_allows)}."))


def _diff(fix: Fix) -> Iterator[str]:
    """Write the changes as unified diffs are read: a sign, then the line."""
    for change in fix.files:
        yield f"--- {change.before.name}"
        yield f"+++ {change.before.name}"
        yield from (f"{line.sign}{line.text}" for line in change.diff)


def code(value: str, *, cell: bool = False) -> str:
    """Write a text as inline code; the fence is longer than any run of backticks inside."""
    shown = printable(value.replace("\n", " "))
    if cell:
        shown = shown.replace("|", "\\|")
    runs = [len(run) for run in re.findall(r"`+", shown)]
    fence_ = "`" * (max(runs, default=0) + 1)
    space = " " if runs or shown != shown.strip() or not shown else ""
    return f"{fence_}{space}{shown}{space}{fence_}"


def text(value: str) -> str:
    """Write a sentence: what stands in backticks as code, all else without any markup."""
    parts = value.split("`")
    if len(parts) % 2 == 0:
        return _plain(value)
    return "".join(code(part) if at % 2 else _plain(part) for at, part in enumerate(parts))


def _plain(value: str) -> str:
    return _SPECIAL.sub(r"\\\1", printable(value.replace("\n", " ")))


def fence(lines: Sequence[str], language: str = "text") -> Iterator[str]:
    """Write a code block whose fence is longer than any run of backticks inside."""
    shown = [printable(line) for line in lines]
    runs = [len(run) for line in shown for run in re.findall(r"`+", line)]
    ticks = "`" * max(3, max(runs, default=0) + 1)
    yield f"{ticks}{language}"
    yield from shown
    yield ticks
