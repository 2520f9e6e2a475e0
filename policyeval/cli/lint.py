"""`policyeval lint`: what is wrong, risky or superfluous in policies?"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from policyeval.catalog.services import data_version
from policyeval.checks.fixing import Mended, mend
from policyeval.checks.lint import Options, lint
from policyeval.checks.selection import FAIL_LEVELS, Selection, baseline_of, beyond_baseline
from policyeval.checks.subject import SCP_DIALECTS
from policyeval.cli.arguments import Parser, add_output_options, one_of
from policyeval.cli.lint_files import Checked, check_all, jobs, read_baseline
from policyeval.cli.output import destinations, replace_file, uses_color, write_all
from policyeval.cli.status import ExitStatus
from policyeval.errors import UsageError
from policyeval.records import replace
from policyeval.render.findings import Linted, plural
from policyeval.render.findings_formats import FINDING_FORMATS
from policyeval.render.json_text import json_text
from policyeval.render.look import Look
from policyeval.sources.files import STANDARD_INPUT_NAME, read_source

ABOUT = """\
Check policies for mistakes, risks and what is superfluous: all checks of AWS's policy validation, offline,
and some that AWS lacks. `policyeval explain CODE` tells more about a finding.

FILE is a policy document, a policy set, or a directory that is searched for policies. The kind of a document
is recognised by its content, or named: scp:FILE, trust:FILE, resource:bucket:FILE. `-` is standard input."""

EXAMPLES = """\
  policyeval lint policy.json
  policyeval lint policies/ scp:organization/ --fail-level warning
  policyeval lint policy.json --fix --diff
  policyeval lint policies/ --write-baseline known.json
  policyeval lint policies/ --baseline known.json -f github -f sarif=lint.sarif

exit status: 0 no findings at or above --fail-level · 1 findings · 2 wrong usage or an unreadable file ·
70 internal error"""


def parser() -> Parser:
    """Make the parser of the command."""
    made = Parser("lint", ABOUT, EXAMPLES, usage="policyeval lint FILE… [OPTION…]")
    made.add_argument(
        "files", nargs="*", metavar="FILE", help="policy document, KIND:FILE, policy set, or directory"
    )
    chosen = made.add_argument_group("checks")
    for option, help in (
        (
            "--select",
            "run these checks only: codes, patterns such as RCP_*, types such as ERROR, AWS, POLICYEVAL, ALL",
        ),
        ("--extend-select", "run these as well"),
        ("--ignore", "leave these out"),
    ):
        chosen.add_argument(option, action="append", default=[], metavar="CODE", help=help)
    chosen.add_argument("--scp-dialect", type=one_of("--scp-dialect", SCP_DIALECTS), metavar="DIALECT",
                        help=f"the rules for SCPs: {' or '.join(SCP_DIALECTS)}")  # fmt: skip
    chosen.add_argument("--fail-level", type=one_of("--fail-level", FAIL_LEVELS), metavar="LEVEL",
                        help=f"fail from this type on: {', '.join(FAIL_LEVELS)}; all fail by default")  # fmt: skip
    chosen.add_argument("--baseline", metavar="FILE", help="leave out the findings that this file knows")
    chosen.add_argument("--write-baseline", metavar="FILE", help="write today's findings to a baseline")
    fixes = made.add_argument_group("fixes")
    fixes.add_argument(
        "--fix", action="store_true", help="mend what surely means the same, or was surely meant"
    )
    fixes.add_argument("--unsafe-fixes", action="store_true", help="also mend what was probably meant")
    fixes.add_argument("--diff", action="store_true", help="show what would be mended, and change nothing")
    made.add_argument(
        "-j", "--jobs", type=_workers, default=1, metavar="N", help="processes; 0 for one a core"
    )
    add_output_options(made, tuple(FINDING_FORMATS))
    return made


def _workers(text: str) -> int:
    if not text.isdecimal():
        raise UsageError(f"`--jobs` cannot be `{text}`", help="write a number")
    return int(text) or os.cpu_count() or 1


def run(options: argparse.Namespace) -> ExitStatus:
    """Check the files, mend them when that is asked for, and write what is left."""
    places = destinations(options.formats, options.output, tuple(FINDING_FORMATS), quiet=options.quiet)
    if not options.files:
        raise UsageError("no file is given", help="name a policy file: `policyeval lint policy.json`")
    selection = _selection(options)
    listed = jobs(options.files, selection)
    checked = check_all(listed, selection, options.jobs, quiet=options.quiet)
    if options.fix or options.unsafe_fixes or options.diff:
        mended = [_mended(one, selection, unsafe=options.unsafe_fixes) for one in checked]
        if options.diff:
            return _shown(mended)
        checked = _written(mended, checked, selection)
    if options.write_baseline:
        return _baseline(options.write_baseline, checked)
    linted = _linted(checked, selection)
    write_all(
        [
            (place.file, FINDING_FORMATS[place.format](linted, Look(options.verbose, uses_color(
                options.color, is_file=place.file is not None))))
            for place in places
        ]
    )  # fmt: skip
    return ExitStatus.DENIED if any(map(selection.fails, linted.findings)) else ExitStatus.OK


def _selection(options: argparse.Namespace) -> Selection:
    """Join configuration and command line; the command line has the last word."""
    found = _configured(options)
    split = {name: tuple(code for text in getattr(options, name) for code in text.split(","))
             for name in ("select", "extend_select", "ignore")}  # fmt: skip
    return replace(
        found,
        select=split["select"] or found.select,
        extend_select=(*found.extend_select, *split["extend_select"]),
        ignore=(*found.ignore, *split["ignore"]),
        scp_dialect=options.scp_dialect or found.scp_dialect,
        fail_level=options.fail_level or found.fail_level,
        baseline=options.baseline or found.baseline,
    )


def _configured(options: argparse.Namespace) -> Selection:
    if options.configuration is None:
        return Selection()
    from policyeval.cli.lint_settings import read_selection

    return read_selection(options.configuration)


def _linted(checked: Sequence[Checked], selection: Selection) -> Linted:
    found = [finding for one in checked for finding in one.findings]
    new = beyond_baseline(found, read_baseline(selection.baseline)) if selection.baseline else found
    return Linted(
        tuple(new), tuple(one.source.name for one in checked), data_version(), len(found) - len(new)
    )


def _baseline(name: str, checked: Sequence[Checked]) -> ExitStatus:
    found = [finding for one in checked for finding in one.findings]
    write_all([(name, json_text(baseline_of(found)))])
    print(f"wrote {plural(len(found), 'finding')} to {name}", file=sys.stderr)
    return ExitStatus.OK


# Fixes


def _mended(checked: Checked, selection: Selection, *, unsafe: bool) -> Mended:
    options = Options(selection.codes(), selection.scp_dialect)
    return mend(
        checked.source,
        lambda source: list(selection.kept(lint(source, checked.kind, options))),
        unsafe=unsafe,
    )


def _shown(mended: Sequence[Mended]) -> ExitStatus:
    """Print the changes as a unified diff."""
    from difflib import unified_diff

    text = ""
    for one in mended:
        before, after = (side.text.splitlines(keepends=True) for side in (one.before, one.after))
        for line in unified_diff(before, after, one.before.name, one.before.name):
            text += line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
    write_all([(None, text)])
    return ExitStatus.DENIED if text else ExitStatus.OK


def _written(mended: Sequence[Mended], checked: Sequence[Checked], selection: Selection) -> list[Checked]:
    """Write what was mended, then tell what is left."""
    changed = [one for one in mended if one.after.text != one.before.text]
    for one in changed:
        _refuse_unwritable(one)
    for one in changed:
        replace_file(Path(one.before.name).resolve(), one.after.text.encode("utf-8", "surrogateescape"))
        print(f"changed {one.before.name}: {plural(one.count, 'finding')} mended", file=sys.stderr)
    options = Options(selection.codes(), selection.scp_dialect)
    return [
        Checked(one.after, before.kind, tuple(selection.kept(lint(one.after, before.kind, options))))
        if one in changed else before
        for one, before in zip(mended, checked, strict=True)
    ]  # fmt: skip


def _refuse_unwritable(mended: Mended) -> None:
    name = mended.before.name
    if name == STANDARD_INPUT_NAME:
        raise UsageError(
            "standard input cannot be changed", help="give the policy as a file, or add `--diff`"
        )
    if read_source(name).text != mended.before.text:
        raise UsageError(f"`{name}` was changed in the meantime", help="run the command again")
