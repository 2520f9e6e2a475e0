"""How does an answer with unknown keys read in a terminal? Lines of styled text, as explain/report makes them."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import wrap
from typing import TYPE_CHECKING

from policyeval.explain.report import Line
from policyeval.source import printable

if TYPE_CHECKING:
    from policyeval.explain.unknown.answer import Branch, UnknownAnswer

_START = 13


def lines(answer: UnknownAnswer, width: int) -> list[Line]:
    """Write the headline, what is asked, the branches and the notes."""
    is_allowed = answer.decided is not None and answer.decided.allowed
    style = "mark" if answer.decided is None else "ok" if is_allowed else "bad"
    found: list[Line] = [[(printable(answer.headline), style)]]
    if answer.decided is None:
        found += [[], *_asked(answer), [], *_branches(answer, width)]
    elif len(answer.branches) > 1:
        found += [[], *_branches(answer, width)]
    remarks = list(_remarks(answer, width))
    return found + ([[], *remarks] if remarks else [])


def _asked(answer: UnknownAnswer) -> Iterator[Line]:
    request = answer.request
    yield [("  who   ", "dim"), (printable(str(request.principal)), "")]
    yield [("  what  ", "dim"), (", ".join(action.text for action in request.actions), "")]
    yield [("  on    ", "dim"), (printable(", ".join(resource.text for resource in request.resources)), "")]


def _branches(answer: UnknownAnswer, width: int) -> Iterator[Line]:
    for branch in answer.branches:
        is_rest = branch is answer.branches[-1] and len(answer.branches) > 1
        condition = f"if {branch.conditions}" if branch.conditions else "in every case"
        yield from _one_branch(branch, "otherwise" if is_rest else condition, width)


def _one_branch(branch: Branch, words: str, width: int) -> Iterator[Line]:
    allowed = branch.decision is not None and branch.decision.allowed
    name, style = ("allowed", "ok") if allowed else ("denied", "bad")
    if branch.decision is None:
        name, style = "undecided", "mark"
    for number, part in enumerate(wrap(printable(words), width - _START, break_long_words=False)):
        start = f"  {name:<{_START - 2}}" if number == 0 else " " * _START
        yield [(start, style), (part, "")]
    if branch.decision is not None and not allowed:
        code = branch.decision.reason.code
        yield [(" " * _START, ""), (f"{branch.decision.layer_.title}, {code}", "dim")]


def _remarks(answer: UnknownAnswer, width: int) -> Iterator[Line]:
    if answer.decided is None and all(branch.verified for branch in answer.branches):
        yield [("  note: ", ""), ("each branch was checked by evaluating a sample request", "note")]
    for note in answer.notes:
        parts = wrap(printable(note), width - 8, break_long_words=False)
        yield from (
            [("  note: " if number == 0 else " " * 8, ""), (part, "note")]
            for number, part in enumerate(parts)
        )
