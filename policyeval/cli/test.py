"""`policyeval test`: do the case files hold?"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from policyeval.cli.arguments import Parser, add_output_options
from policyeval.cli.output import Destination, destinations, uses_color, write_all
from policyeval.cli.status import ExitStatus
from policyeval.errors import UsageError
from policyeval.language.values import MALFORMED, read_date
from policyeval.render.look import Look
from policyeval.testing.coverage import Coverage, Shares
from policyeval.testing.discovery import case_files, refuse_standard_input
from policyeval.testing.formats import FORMATS
from policyeval.testing.report import Report
from policyeval.testing.running import Job, Orders, jobs_of, run_jobs

if TYPE_CHECKING:
    from policyeval.testing.results import CaseResult

ABOUT = """\
Run case files: policies, requests, and the answers that are expected.

PATH is a case file or a directory. In a directory every `*.iamtest.yaml` and `*.iamtest.json` is run,
and every other YAML or JSON file with `cases` at its top; without PATH the former below this one."""

EXAMPLES = """\
  policyeval test
  policyeval test tests/policies -k 'reports' -x
  policyeval test tests/policies -f text --junit results.xml -j 4
  policyeval test tests/policies --coverage --fail-under 90 --coverage-html coverage.html
  policyeval test --generate policy.json -o policy.iamtest.yaml
  policyeval test reports.iamtest.yaml --watch

exit status: 0 all cases hold · 1 one does not, or the coverage is too low · 2 wrong usage or bad
input, such as a mistake in a case file · 70 internal error"""

MAX_PROCESSES = 256


def parser() -> Parser:
    """Make the parser of the command."""
    made = Parser("test", ABOUT, EXAMPLES, usage="policyeval test [PATH…] [OPTION…]")
    made.add_argument("paths", nargs="*", metavar="PATH", help="case file, or a directory of them")
    running = made.add_argument_group("running")
    running.add_argument("-k", action="append", default=[], metavar="TEXT", dest="names",
                         help="only cases with this in their name, id or file; repeat it for several")  # fmt: skip
    running.add_argument("-x", action="store_true", dest="stops", help="stop at the first failure")
    running.add_argument("-j", "--jobs", type=_processes, default=1, metavar="N",
                         help="run in N processes; `auto`: one per processor")  # fmt: skip
    running.add_argument("--watch", action="store_true", help="run again whenever a file changes")
    running.add_argument("--now", type=_moment, metavar="TIME",
                         help="time of requests that tell none: 2026-11-23T12:00:00Z")  # fmt: skip
    covering = made.add_argument_group("statement coverage")
    covering.add_argument(
        "--coverage", action="store_true", help="tell which statements the cases put to the test"
    )
    covering.add_argument("--coverage-html", metavar="FILE", help="write the coverage over the source")
    covering.add_argument("--coverage-json", metavar="FILE", help="write the coverage as JSON")
    covering.add_argument("--fail-under", type=_percent, metavar="PERCENT",
                          help="fail when fewer statements decided a case")  # fmt: skip
    writing = made.add_argument_group("writing cases")
    writing.add_argument("--generate", action="append", default=[], metavar="POLICY",
                         help="write cases that pin what a policy does today; repeat it for several")  # fmt: skip
    add_output_options(made, tuple(FORMATS))
    made.add_argument("--junit", metavar="FILE", help="write JUnit XML, too: as `-f junit=FILE`")
    return made


def _processes(text: str) -> int:
    import os

    if text == "auto":
        return os.cpu_count() or 1
    if not text.isdecimal() or not 1 <= int(text) <= MAX_PROCESSES:
        raise UsageError(f"`-j` cannot be `{text}`", help=f"a number from 1 to {MAX_PROCESSES}, or `auto`")
    return int(text)


def _percent(text: str) -> float:
    try:
        found = float(text)
    except ValueError:
        found = -1.0
    if not 0 <= found <= 100:
        raise UsageError(f"`--fail-under` cannot be `{text}`", help="give a number from 0 to 100")
    return found


def _moment(text: str) -> float:
    seconds = read_date(text)
    if seconds is MALFORMED:
        help = "write `2026-11-23T12:00:00Z`, or seconds since 1970"
        raise UsageError(f"`--now` cannot be `{text}`", help=help)
    return float(seconds)


def run(options: argparse.Namespace) -> ExitStatus:
    """Run the cases, once or again and again; or write some."""
    refuse_standard_input(options.paths)
    if options.generate:
        return _generated(options)
    if not options.watch:
        return _run_once(options)
    from policyeval.cli.watching import watch

    return watch(lambda: case_files(options.paths), lambda: _run_once(options))


def _run_once(options: argparse.Namespace) -> ExitStatus:
    places = _places(options)
    orders = _orders(options)
    jobs = jobs_of(case_files(options.paths), orders)
    report = _report(jobs, options.jobs, orders)
    written = [(place.file, FORMATS[place.format](report, _look(options, place))) for place in places]
    write_all([*written, *_coverage_files(report, options)])
    return _judged(report, options)


def _places(options: argparse.Namespace) -> list[Destination]:
    formats = options.formats
    if options.junit:
        formats = [*(formats or [next(iter(FORMATS))]), f"junit={options.junit}"]
    return destinations(formats, options.output, tuple(FORMATS), quiet=options.quiet)


def _orders(options: argparse.Namespace) -> Orders:
    asks = (options.coverage, options.coverage_html, options.coverage_json, options.fail_under is not None)
    return Orders(tuple(options.names), options.now, options.stops, any(asks))


def _report(jobs: Sequence[Job], processes: int, orders: Orders) -> Report:
    from policyeval.cli.progress import Progress

    results: list[CaseResult] = []
    coverage = Coverage()
    with Progress(sum(len(job.numbers) for job in jobs)) as progress:
        for done, covered in run_jobs(jobs, processes):
            results += done
            coverage.merge(covered)
            progress.advance(len(done))
    return Report(tuple(results), coverage if orders.coverage else None)


def _look(options: argparse.Namespace, place: Destination) -> Look:
    return Look(options.verbose, uses_color(options.color, is_file=place.file is not None))


def _coverage_files(report: Report, options: argparse.Namespace) -> list[tuple[str | None, str]]:
    from policyeval.render.json_text import json_text
    from policyeval.testing.coverage_html import render_html
    from policyeval.testing.coverage_text import coverage_dict

    if report.coverage is None:
        return []
    found: list[tuple[str | None, str]] = []
    if options.coverage_html:
        found.append((options.coverage_html, render_html(report.coverage)))
    if options.coverage_json:
        found.append((options.coverage_json, json_text(coverage_dict(report.coverage))))
    return found


def _judged(report: Report, options: argparse.Namespace) -> ExitStatus:
    failed = report.is_bad
    if options.fail_under is not None and report.coverage is not None:
        shares = Shares.of(report.coverage.statements)
        if shares.statement_percent < options.fail_under:
            failed = True
            if not options.quiet:
                wanted = f"{options.fail_under:g} % of the statements must decide a case"
                print(f"{wanted}, {shares.decided} of {shares.statements} do", file=sys.stderr)
    return ExitStatus.DENIED if failed else ExitStatus.OK


def _generated(options: argparse.Namespace) -> ExitStatus:
    from policyeval.testing.generating import case_file_of

    if options.paths:
        help = f"to generate cases for it, write `--generate {options.paths[0]}`"
        raise UsageError(f"`{options.paths[0]}` is not run together with `--generate`", help=help)
    text = case_file_of(options.generate, beside=options.output, now=options.now)
    write_all([(None if options.output in (None, "-") else options.output, text)])
    return ExitStatus.OK
