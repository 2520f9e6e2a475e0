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
    """Write the first fix into its files; ask first, unless told `yes`. Tell whether it was written.

    Raises UsageError when the first fix is none of files, nobody can be asked, or a file cannot be written.
    """
    fix = _editing(explanations)
    for change in fix.files:
        _refuse_unwritable(change)
    if not yes and not _is_confirmed(fix):
        return False
    for change in fix.files:
        target = Path(change.before.name).resolve()
        replace_file(target, change.after.text.encode("utf-8", "surrogateescape"))
        print(f"changed {change.before.name}: {fix.title}", file=sys.stderr)
    print("the request is allowed now (checked by evaluating again)", file=sys.stderr)
    return True


def _editing(explanations: Sequence[Explanation]) -> Fix:
    if len(explanations) != 1:
        raise UsageError("`--fix` mends one request at a time", help="give a file with a single request")
    fixes = explanations[0].fixes
    if fixes and fixes[0].files and not fixes[0].context and not fixes[0].new_policies:
        return fixes[0]
    if fixes:
        message = f"the smallest change is not one of the given files: {fixes[0].title}"
        raise UsageError(message, help="the explanation lists the others: run it without `--fix`")
    help = "the explanation says who could act: run it without `--fix`"
    raise UsageError("no change of the given policies allows the request", help=help)


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
