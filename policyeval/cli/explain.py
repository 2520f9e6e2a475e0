"""`policyeval explain CODE`: the long text of a reason, an operator, a check or an option."""

from __future__ import annotations

import argparse

from policyeval.cli.arguments import Parser, add_output_options
from policyeval.cli.output import destinations, write_all
from policyeval.cli.status import ExitStatus
from policyeval.render.json_text import json_text
from policyeval.render.reference import Entry, entry, overview

ABOUT = """\
Tell more about a code: a reason (boundary-no-allow), a condition operator (ForAnyValue:StringLike),
a check of `lint` (INVALID_ACTION), or a semantics option (notprincipal_chain). `reasons`, `operators`, `checks`
and `semantics` list the tables."""

EXAMPLES = """\
  policyeval explain boundary-no-allow
  policyeval explain StringNotEqualsIfExists
  policyeval explain operators
  policyeval explain reasons -f json"""

FORMATS = ("text", "json")


def parser() -> Parser:
    """Make the parser of the command."""
    made = Parser("explain", ABOUT, EXAMPLES, usage="policyeval explain [CODE…] [OPTION…]")
    made.add_argument(
        "codes", nargs="*", metavar="CODE", help="what to explain; without it, everything is listed"
    )
    add_output_options(made, FORMATS)
    return made


def run(options: argparse.Namespace) -> ExitStatus:
    """Print what is known about the codes."""
    places = destinations(options.formats, options.output, FORMATS, quiet=options.quiet)
    entries = [entry(code) for code in options.codes] or [overview()]
    write_all([(place.file, _rendered(place.format, entries)) for place in places])
    return ExitStatus.OK


def _rendered(format: str, entries: list[Entry]) -> str:
    if format == "text":
        return "\n".join(one.text for one in entries)
    return json_text(entries[0].values if len(entries) == 1 else [one.values for one in entries])
