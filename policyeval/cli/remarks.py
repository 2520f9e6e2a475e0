"""Which readings did the configuration choose? They can change an answer, so that the answer says so.

A remark stands among the notes of an answer; where a format shows none, it goes to standard error.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from policyeval.records import replace
from policyeval.source import printable

if TYPE_CHECKING:
    from policyeval.cli.output import Destination
    from policyeval.explain.explanation import Explanation
    from policyeval.explain.unknown import UnknownAnswer

_SHOW_NOTES: tuple[str, ...] = ("json", "jsonl", "html")
_SHOW_NOTES_OF_DENIALS = ("text", "markdown")  # and of everything with --verbose


def remarked(explanation: Explanation, remarks: Sequence[str]) -> Explanation:
    """Put remarks among the notes of an explanation; its own notes are worked out for that."""
    if not remarks:
        return explanation
    found = replace(explanation)
    vars(found)["notes"] = (*explanation.notes, *remarks)  # where the cached property keeps them
    return found


def remarked_answer(answer: UnknownAnswer, remarks: Sequence[str]) -> UnknownAnswer:
    """Put remarks among the notes of an answer with unknown keys."""
    return replace(answer, notes=(*answer.notes, *remarks))


def tell_hidden_remarks(
    options: argparse.Namespace, places: Sequence[Destination], explanations: Sequence[Explanation]
) -> None:
    """Write remarks to standard error where a result does not show them."""
    with_notes = _SHOW_NOTES
    if options.verbose or not any(one.allowed for one in explanations):
        with_notes += _SHOW_NOTES_OF_DENIALS
    if options.quiet or all(place.format in with_notes for place in places):
        return
    for remark in options.remarks:
        print(f"note: {printable(remark)}", file=sys.stderr)
