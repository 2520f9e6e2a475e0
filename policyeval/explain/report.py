"""How does an explanation read in a terminal? Lines of styled text (UX §3); plain text joins them.

Styles: title ok bad dim code mark add remove note help, and "" for ordinary text.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from textwrap import wrap
from typing import TYPE_CHECKING

from policyeval.decision import Effect, Layer
from policyeval.explain.elements import ElementReport
from policyeval.explain.fixes import FileChange, Fix, nothing_helps
from policyeval.explain.reports import LayerReport, StatementReport, Verdict
from policyeval.principal import PrincipalKind
from policyeval.request_context import Check
from policyeval.source import Span, printable

if TYPE_CHECKING:
    from policyeval.explain.explanation import Explanation

Line = list[tuple[str, str]]

# Hostile patterns are long; what people write is not.
_LONGEST_NOTE, _LONGEST_LINE = 300, 2000

_NAMES = {
    Layer.RCP: "RCP", Layer.SCP: "SCP", Layer.ENDPOINT: "VPC endpoint", Layer.RESOURCE: "resource policy",
    Layer.TRUST: "trust policy", Layer.IDENTITY: "identity", Layer.BOUNDARY: "boundary",
    Layer.SESSION: "session policy",
}  # fmt: skip


def plain(explanation: Explanation, *, verbose: bool = False, width: int = 100) -> str:
    """Join the lines without styles."""
    found = lines(explanation, verbose=verbose, width=width)
    return "\n".join("".join(text for text, _ in line).rstrip() for line in found)


def lines(explanation: Explanation, *, verbose: bool = False, width: int = 100) -> list[Line]:
    """Write the explanation as styled lines."""
    if explanation.allowed and not verbose:
        return [[("ALLOWED", "ok"), (explanation.allowed_line().removeprefix("ALLOWED"), "")]]
    blocks = [
        _verdict(explanation, width),
        _who_what_where(explanation),
        _checks(explanation),
        _layers(explanation),
        _statements(explanation, width),
        _remarks(explanation, width),
        _aws(explanation, width),
    ]
    found: list[Line] = []
    for block in blocks:
        written = list(block)
        if written:
            found += ([[]] if found else []) + written
    return found


def _wrapped(text: str, width: int, start: str = "", style: str = "") -> Iterator[Line]:
    indent = " " * len(start)
    for number, part in enumerate(
        wrap(
            _clip(printable(text), _LONGEST_LINE),
            max(20, width - len(start)),
            break_long_words=False,
            break_on_hyphens=False,
        )
        or [""]
    ):
        yield [(start if number == 0 else indent, ""), (part, style)]


def _verdict(explanation: Explanation, width: int) -> Iterator[Line]:
    head, code = explanation.headline, explanation.decision.reason.code
    gap = " " * max(2, width - len(head) - len(code))
    yield [(head, "ok" if explanation.allowed else "bad"), (gap, ""), (code, "dim")]
    yield from _wrapped(explanation.message + ".", width, "  ", "title")


def _who_what_where(explanation: Explanation) -> Iterator[Line]:
    check = explanation.step.check
    yield [("  who   ", "dim"), (printable(str(check.principal)), ""), (_caller(check), "dim")]
    yield [("  what  ", "dim"), (check.action.text, "")]
    yield [("  on    ", "dim"), (printable(check.resource.text), ""), (_owner(check), "dim")]


def _caller(check: Check) -> str:
    caller = check.principal
    if caller.kind is PrincipalKind.ROLE_SESSION:
        return f"  (role/{caller.name}, account {caller.account})"
    return f"  (account {caller.account})" if caller.account else f"  ({caller.kind.value})"


def _owner(check: Check) -> str:
    if check.resource.arn is None:
        return "  (the action has no resource type)" if check.resource is not check.given_resource else ""
    if check.is_same_account:
        return "  (same account)"
    return f"  (account {check.owner})" if check.owner else "  (owner unknown)"


def _checks(explanation: Explanation) -> Iterator[Line]:
    """List the checks when there are several."""
    if len(explanation.checks) < 2:
        return
    for number, report in enumerate(explanation.checks, 1):
        check = report.step.check
        mark, style = ("✓", "ok") if report.decision.allowed else ("✗", "bad")
        here = "   ← decided here" if report is explanation.deciding_check and not explanation.allowed else ""
        name = f"{check.action.text} on {printable(check.resource.text)}"
        yield [
            (f"  {number} ", "dim"),
            (mark, style),
            (f" {name}", ""),
            (f"  {report.decision.reason.code}{here}", "dim"),
        ]


def _layers(explanation: Explanation) -> Iterator[Line]:
    denies = [one for report in explanation.layers for one in report.statements if not one.is_allow]
    applying = [one for one in denies if one.applies]
    looked_at = f"{len(denies)} Deny statement{'s' if len(denies) != 1 else ''} looked at"
    mark, words, style = ("✗", f"{len(applying)} apply", "bad") if applying else ("✓", "none", "ok")
    yield _layer_line("explicit deny", mark, words, looked_at, style, "")
    for report in explanation.layers:
        here = explanation.decision.layer_ is report.layer and not explanation.allowed
        if here and explanation.decision.reason.code == "invalid-value":
            yield _layer_line(
                _NAMES[report.layer],
                "✗",
                "closed",
                "a Deny has a malformed value",
                "bad",
                "   ← decided here",
            )
        else:
            yield _one_layer(report, "   ← decided here" if here else "")
    special = explanation.decision.layer_
    if special in (Layer.SERVICE, Layer.GRANT, Layer.S3_BPA):
        yield _layer_line(special.title, "✗", "refuses", "", "bad", "   ← decided here")


def _layer_line(name: str, mark: str, words: str, detail: str, style: str, here: str) -> Line:
    return [(f"  {name:<16} ", ""), (mark, style), (f" {words:<13} ", style), (detail, "dim"), (here, "bad")]


def _one_layer(report: LayerReport, here: str) -> Line:
    name = _NAMES[report.layer]
    if report.verdict is Verdict.NOT_PRESENT:
        return _layer_line(name, "–", "none", "", "dim", here)
    by_level = report.layer is Layer.SCP and report.verdict is not Verdict.EXPLICIT_DENY
    detail = _levels(report) if by_level else _detail(report)
    if report.verdict is Verdict.ALLOW:
        return _layer_line(name, "✓", "allows", detail, "ok", here)
    if report.verdict is Verdict.EXPLICIT_DENY:
        return _layer_line(name, "✗", "denies", detail, "bad", here)
    silent = "no opinion" if report.layer in (Layer.RESOURCE, Layer.TRUST) and not here else "not allowed"
    return _layer_line(
        name, "–" if silent == "no opinion" else "✗", silent, detail, "dim" if not here else "bad", here
    )


def _levels(report: LayerReport) -> str:
    return "  ".join(
        f"level {number} {'✓' if allows else '✗'}" for number, allows in enumerate(report.levels, 1)
    )


def _detail(report: LayerReport) -> str:
    if report.layer is Layer.RCP and report.verdict is Verdict.ALLOW:
        return "nothing denies"
    if report.applying:
        first = report.applying[0]
        return f"{first.place}  {first.label}"
    count = len(report.statements)
    return f"{count} statement{'s' if count != 1 else ''}, none applies"


def _statements(explanation: Explanation, width: int) -> Iterator[Line]:
    if explanation.decision.reason.code == "invalid-value":
        for report in explanation.deciding_statements[:1]:
            yield [("  the Deny statement whose condition cannot be judged", "title")]
            yield from _excerpt(report, width)
    elif explanation.decision.effect is Effect.EXPLICIT_DENY:
        for report in explanation.deciding_statements[:1]:
            yield [("  the Deny statement: every element matches", "title")]
            yield from _excerpt(report, width)
    elif explanation.nearest:
        report = explanation.nearest[0]
        matching = len(report.elements) - len(report.failing)
        yield [(f"  nearest statement: {matching} of {len(report.elements)} elements match", "title")]
        yield from _excerpt(report, width)
    elif explanation.allowed:
        for report in explanation.deciding_statements[:1]:
            yield [("  the statement that allows it", "title")]
            yield from _excerpt(report, width)


def _excerpt(report: StatementReport, width: int) -> Iterator[Line]:
    """Show the element lines of a statement, each with its mark."""
    shown = report.failing[0].path if report.failing else None
    span = report.span(shown)
    sid = f"  (Sid {report.sid})" if report.sid else ""
    yield [(f"   --> {report.policy.source.name}:{span.start.line}:{span.start.column}{sid}", "dim")]
    text = report.policy.source.text.split("\n")
    places = sorted(report.elements, key=lambda element: report.span(element.path).start)
    gutter = len(str(max((report.span(element.path).start.line for element in places), default=1)))
    last = 0
    for element in places:
        number = report.span(element.path).start.line
        line = text[number - 1].rstrip()
        shown_line, before, length = _window(line, report.span(element.path), width)
        if number != last or len(line) > width:
            yield [(f"  {number:>{gutter}} | ", "dim"), (shown_line, "code")]
        last = number
        yield _mark(element, before, length, gutter, width)


def _window(line: str, span: Span, width: int) -> tuple[str, int, int]:
    """Cut a long line around the marked part; tell how far in the mark begins, and its length."""
    start = span.start.column - 1
    end = span.end.column - 1 if span.end.line == span.start.line else len(line)
    first = max(0, start - width // 3) if len(line) > width else 0
    lead = "…" if first else ""
    shown = lead + printable(line[first : first + width + 1])
    before = len(lead) + len(printable(line[first:start]))
    return _clip(shown, width), before, max(1, len(printable(line[start : min(end, start + width)])))


def _clip(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"


def _mark(element: ElementReport, before: int, length: int, gutter: int, width: int) -> Line:
    sign, style = ("-", "ok") if element.matched else ("^", "bad")
    room = max(1, width - before - 2)
    note = _clip(printable(element.why), _LONGEST_NOTE)
    return [
        (f"  {' ' * gutter} | ", "dim"),
        (" " * before, ""),
        (sign * min(length, room), style),
        (f" {note}", style),
    ]


def _remarks(explanation: Explanation, width: int) -> Iterator[Line]:
    for code, text in explanation.hints:
        yield from _wrapped(f"{text} ({code})", width, "  hint: ", "help")
    if not explanation.allowed:
        yield from _fixes(explanation, width)
    others = explanation.blockers[1:]
    if others:
        names = ", ".join(
            f"the {one.layer_.title}" if one.layer_ is not Layer.SERVICE else "the service" for one in others
        )
        yield from _wrapped(f"would also be blocked by {names}", width, "  note: ", "note")
    if explanation.blocked_by_guardrails_only:
        names = " and ".join(one.layer_.title for one in explanation.blockers)
        yield from _wrapped(f"it would be allowed but for the {names}", width, "  note: ", "note")
    for missing in explanation.missing_keys:
        places = ", ".join(dict.fromkeys(one.place for one in missing.read_at))
        effect = (
            "it could change this decision"
            if missing.could_change_decision
            else "but it cannot change this decision"
        )
        yield from _wrapped(
            f"{missing.key} is not in the request; {places} reads it, {effect}", width, "  note: ", "note"
        )
    for note in explanation.notes:
        yield from _wrapped(note, width, "  note: ", "note")


def _fixes(explanation: Explanation, width: int) -> Iterator[Line]:
    """Show the narrowest fix with its diff, name the others; or say that nothing helps."""
    if explanation.decision.effect is Effect.EXPLICIT_DENY:
        yield from _wrapped("no Allow can outweigh an explicit deny", width, "  note: ", "note")
    if not explanation.fixes:
        yield from _wrapped(nothing_helps(explanation, explanation.decision), width, "  help: ", "help")
        return
    first, *others = explanation.fixes
    yield from _wrapped(
        "smallest change that allows it (checked by evaluating again: allowed)", width, "  help: ", "help"
    )
    yield from _wrapped(first.title, width, "        ", "help")
    for change in first.files:
        yield [(f"   --> {change.before.name}", "dim")]
        yield from _diff(change)
    for new in first.new_policies:
        yield [(f"   --> a new {new.layer.title}", "dim")]
        yield from ([(f"  + {line}", "add")] for line in json.dumps(new.document, indent=2).split("\n"))
    yield from _consequences(first, width)
    for other in others:
        yield from _wrapped(f"or {other.title}", width, "  help: ", "help")
        yield from _consequences(other, width)


def _diff(change: FileChange) -> Iterator[Line]:
    gutter = max((len(str(line.number)) for line in change.diff), default=1)
    for line in change.diff:
        style = "add" if line.sign == "+" else "remove"
        text = _clip(printable(line.text), _LONGEST_LINE)
        yield [(f"  {line.number:>{gutter}} {line.sign} ", style), (text, style)]


def _consequences(fix: Fix, width: int) -> Iterator[Line]:
    if fix.also_allows:
        yield from _wrapped(f"it also allows {'; '.join(fix.also_allows)}", width, "        ", "note")
    if fix.cost:
        yield from _wrapped(f"its cost: {fix.cost}", width, "        ", "note")
    if fix.owners:
        yield from _wrapped(f"to be made by {' and '.join(fix.owners)}", width, "        ", "note")


def _aws(explanation: Explanation, width: int) -> Iterator[Line]:
    if explanation.aws_message is not None:
        yield from _wrapped(explanation.aws_message, width, "  AWS would say: ", "dim")
