"""`policyeval schema [NAME]`: the JSON Schema of what is read and written."""

from __future__ import annotations

import argparse

from policyeval.cli.arguments import Parser, add_output_options
from policyeval.cli.output import destinations, write_all
from policyeval.cli.status import ExitStatus
from policyeval.diagnostics import did_you_mean
from policyeval.errors import UsageError
from policyeval.render.json_text import json_text
from policyeval.render.schema import SCHEMAS

ABOUT = (
    "Print a JSON Schema (draft 2020-12): {names}.\nWithout NAME it is that of the output of `check -f json`."
)

EXAMPLES = """\
  policyeval schema
  policyeval schema request -o request.schema.json
  policyeval schema policies"""

FORMATS = ("json",)
DEFAULT = "output"


def parser() -> Parser:
    """Make the parser of the command."""
    about = ABOUT.format(names=", ".join(SCHEMAS))
    made = Parser("schema", about, EXAMPLES, usage="policyeval schema [NAME] [OPTION…]")
    made.add_argument("name", nargs="?", default=DEFAULT, metavar="NAME", help=f"one of {', '.join(SCHEMAS)}")
    add_output_options(made, FORMATS)
    return made


def run(options: argparse.Namespace) -> ExitStatus:
    """Print the schema."""
    places = destinations(options.formats, options.output, FORMATS, quiet=options.quiet)
    make = SCHEMAS.get(options.name)
    if make is None:
        near = did_you_mean(options.name, SCHEMAS)
        help = f"did you mean `{near}`?" if near else f"the schemas are {', '.join(SCHEMAS)}"
        raise UsageError(f"unknown schema `{options.name}`", help=help)
    write_all([(place.file, json_text(make())) for place in places])
    return ExitStatus.OK
