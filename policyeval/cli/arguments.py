"""How are command lines read? argparse with messages of ours, and the options that every command has."""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NoReturn

from policyeval.cli.defaults import settle
from policyeval.cli.output import COLORS, write_standard_output
from policyeval.diagnostics import did_you_mean
from policyeval.errors import UsageError

HELP_WIDTH = 100
_NO_VALUE = r"argument (\S+/)?(\S+): expected .+"


def _formatter(prog: str) -> argparse.HelpFormatter:
    return argparse.RawDescriptionHelpFormatter(prog, max_help_position=26, width=HELP_WIDTH)


class Parser(argparse.ArgumentParser):
    """A parser whose complaints are UsageErrors with a way out; `formats` are those of the command."""

    formats: Sequence[str] = ()

    def __init__(self, command: str, about: str, examples: str, usage: str) -> None:
        super().__init__(
            prog=f"policyeval {command}",
            usage=usage,
            description=about,
            epilog=f"examples:\n{examples}",
            formatter_class=_formatter,
            allow_abbrev=False,
            add_help=False,
        )

    def error(self, message: str) -> NoReturn:
        """Raise UsageError in place of printing and leaving."""
        found = re.fullmatch(_NO_VALUE, message)
        text = f"`{found[2]}` needs a value" if found else message
        raise UsageError(text, help=f"see `{self.prog} --help`")

    def print_help(self, file: Any = None) -> None:
        """Print the help as any other result."""
        write_standard_output(self.format_help())

    def read(self, arguments: Sequence[str]) -> argparse.Namespace:
        """Read a command line, and the configuration for what it leaves open; options may stand anywhere.

        Raises UsageError, with the option that was probably meant.
        """
        read, unknown = self.parse_known_intermixed_args(arguments)
        for text in unknown:
            option = text.partition("=")[0]
            near = did_you_mean(option, self._option_string_actions) if option.startswith("-") else None
            help = f"did you mean `{near}`?" if near else f"see `{self.prog} --help`"
            kind = "option" if option.startswith("-") else "argument"
            raise UsageError(f"unknown {kind} `{option}`", help=help)
        settle(read, self.formats)
        return read


def one_of(option: str, choices: Iterable[str]) -> Callable[[str], str]:
    """Make a reader of an option's value that accepts one of the choices."""
    known = tuple(choices)

    def read(text: str) -> str:
        if text in known:
            return text
        near = did_you_mean(text, known)
        help = f"did you mean `{near}`?" if near else f"it is one of {', '.join(known)}"
        raise UsageError(f"`{option}` cannot be `{text}`", help=help)

    return read


def key_and_value(option: str, example: str) -> Callable[[str], tuple[str, str]]:
    """Make a reader of `name=value`."""

    def read(text: str) -> tuple[str, str]:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise UsageError(f"`{option} {text}` has no `=`", help=f"write `{option} {example}`")
        return name, value

    return read


def add_output_options(parser: Parser, formats: Sequence[str], *, redact: bool = False) -> None:
    """Add the options about what is printed, where, and how; None is what the configuration may fill in."""
    parser.formats = formats
    options = parser.add_argument_group("output")
    options.add_argument(
        "-f", "--format", action="append", metavar="FORMAT[=FILE]", dest="formats",
        help=f"{', '.join(formats)}; several go to files: -f text -f json=out.json",
    )  # fmt: skip
    options.add_argument("-o", "--output", metavar="FILE", help="write to a file, at once or not at all")
    options.add_argument("-q", "--quiet", action="store_true", help="print nothing; the exit status tells")
    options.add_argument("-v", "--verbose", action=argparse.BooleanOptionalAction, help="print more")
    options.add_argument(
        "--color", type=one_of("--color", COLORS), metavar="WHEN",
        help="auto, always or never; NO_COLOR and FORCE_COLOR are obeyed",
    )  # fmt: skip
    if redact:
        options.add_argument(
            "--redact", action=argparse.BooleanOptionalAction,
            help="replace account ids, names, ARNs and addresses",
        )  # fmt: skip
    options.add_argument(
        "--config", metavar="FILE",
        help="take what is not given here from [tool.policyeval] of this TOML file, else of the nearest "
        f"pyproject.toml that has it; {os.devnull} for none",
    )  # fmt: skip
    add_help_option(options)


def add_help_option(options: Any) -> None:
    """Add --help, last in its group."""
    options.add_argument("-h", "--help", action="help", help="show this text")
