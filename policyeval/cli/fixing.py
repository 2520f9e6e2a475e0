"""`policyeval check --fix`: write the smallest change that allows the request into the policy's file."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from policyeval.cli.output import replace_file
from policyeval.errors import UsageError
from policyeval.sources.files import STANDARD_INPUT_NAME, read_source

if TYPE_CHECKING:
    from policyeval.explain.explanation import Explanation
    from policyeval.explain.fixes import FileChange, Fix


def write_fix(explanations: Sequence[Explanation], *, yes: bool) -> bool:
    """Write the first fix that only edits files; ask first, unless told `yes`. Tell whether it was written.

    Raises UsageError when there is no such fix, nobody to ask, or a file that cannot be written.
    """
    fix = _editing(explanations)
    for change in fix.files:
        _refuse_unwritable(change)
    if not yes and not _is_confirmed(fix):
        return False
    for change in fix.files:
        replace_file(Path(change.before.name), change.after.text.encode("utf-8", "surrogateescape"))
        print(f"changed {change.before.name}: {fix.title}", file=sys.stderr)
    return True


def _editing(explanations: Sequence[Explanation]) -> Fix:
    if len(explanations) != 1:
        raise UsageError("`--fix` mends one request at a time", help="give a file with a single request")
    explanation = explanations[0]
    for fix in explanation.fixes:
        if fix.files and not fix.context and not fix.new_policies:
            return fix
    raise UsageError(
        "no change of the given policies alone allows the request",
        help="the explanation says what else would: run it without `--fix`",
    )


def _refuse_unwritable(change: FileChange) -> None:
    name = change.before.name
    if name == STANDARD_INPUT_NAME:
        raise UsageError("standard input cannot be changed", help="give the policy as a file")
    if not Path(name).is_file():
        raise UsageError(f"`{name}` is no file that can be changed", help="give the policy as a file")
    if read_source(name).text != change.before.text:
        raise UsageError(f"`{name}` was changed in the meantime", help="run the command again")


def _is_confirmed(fix: Fix) -> bool:
    """Show the change and ask; without a terminal there is nobody to ask."""
    if sys.stdin is None or not sys.stdin.isatty():
        raise UsageError("`--fix` asks before it writes, and there is no terminal", help="add `--yes`")
    print(f"{fix.title}?", file=sys.stderr)
    for change in fix.files:
        print(f"--> {change.before.name}", file=sys.stderr)
        for line in change.diff:
            print(f"{line.number:>5} {line.sign} {line.text}", file=sys.stderr)
    print("write it? [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")
