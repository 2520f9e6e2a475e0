"""The command line: arguments → sources → engine → render; exit statuses as UX §2 says.

Only the module of the command that is called is imported.
"""

from __future__ import annotations

import atexit
import gc
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from types import ModuleType

from policyeval.cli.output import discard, encodable, write_standard_output
from policyeval.cli.status import ExitStatus
from policyeval.diagnostics import did_you_mean
from policyeval.errors import PolicyEvalError, UsageError

# command → what it does; each is a module of this package with `parser()` and `run(options)`
COMMANDS = {
    "check": "is a request allowed, and why?",
    "explain": "tell more about a reason, an operator or an option",
    "lint": "check policies for mistakes and risks",
    "schema": "print the JSON Schema of what is read and written",
    "test": "do the cases of case files hold?",
    "why": "what AWS printed when it denied a call: where to look",
}

_HELP = """\
usage: policyeval COMMAND [OPTION…]

Decides and explains AWS IAM policies offline.

commands:
{commands}

options:
  -h, --help  show this text, or that of a command
  --version   show the version

examples:
  policyeval check policy.json --request request.json
  policyeval explain boundary-no-allow
  policyeval check --help
"""


@contextmanager
def _collecting_seldom() -> Iterator[None]:
    """Look for garbage seldom, and not at the exit: a short run would spend a sixth of its time on that."""
    thresholds = gc.get_threshold()
    gc.set_threshold(100_000, *thresholds[1:])
    atexit.unregister(gc.freeze)
    atexit.register(gc.freeze)
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)


@_collecting_seldom()
def main(argv: Sequence[str] | None = None) -> int:
    """Run a command line and give its exit status."""
    try:
        return int(_answered(list(sys.argv[1:] if argv is None else argv)))
    except KeyboardInterrupt:
        return int(ExitStatus.INTERRUPTED)
    except Exception as problem:
        if os.environ.get("POLICYEVAL_TRACEBACK") == "1":
            _tell(_traceback_of(problem))
        _tell(_internal_error(problem))
        return int(ExitStatus.INTERNAL_ERROR)


def _answered(arguments: list[str]) -> ExitStatus:
    """Run a command line, and say what cannot be used; what goes wrong in saying so is an internal error."""
    try:
        return _run(arguments)
    except PolicyEvalError as error:
        _tell(str(error))
        return ExitStatus.BAD_INPUT


def _run(arguments: list[str]) -> ExitStatus:
    first = arguments[0] if arguments else ""
    if first in ("-h", "--help"):
        write_standard_output(help_text())
        return ExitStatus.OK
    if first == "--version":
        write_standard_output(f"policyeval {_version()}\n")
        return ExitStatus.OK
    command = _command(first, arguments)
    parser = command.parser()
    try:
        options = parser.read(arguments[1:])
    except SystemExit:  # --help has been printed
        return ExitStatus.OK
    status: ExitStatus = command.run(options)
    return status


def _command(name: str, arguments: Sequence[str]) -> ModuleType:
    """Import the module of a command.

    Raises UsageError for a name that is none.
    """
    if name in COMMANDS:
        return import_module(f"policyeval.cli.{name}")
    if not name:
        raise UsageError(
            "no command is given", help=f"the commands are {', '.join(COMMANDS)}; see `policyeval --help`"
        )
    if name.startswith("-"):
        raise UsageError(
            f"unknown option `{name}`", help="options follow the command: `policyeval check … OPTION`"
        )
    near = did_you_mean(name, COMMANDS)
    if near is None and Path(name).exists():
        raise UsageError(
            f"unknown command `{name}`", help=f"did you mean `policyeval check {' '.join(arguments)}`?"
        )
    help = f"did you mean `{near}`?" if near else f"the commands are {', '.join(COMMANDS)}"
    raise UsageError(f"unknown command `{name}`", help=help)


def help_text() -> str:
    """Write the help of the program."""
    width = max(map(len, COMMANDS))
    return _HELP.format(commands="\n".join(f"  {name:<{width}}  {about}" for name, about in COMMANDS.items()))


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("policyeval-iam")
    except PackageNotFoundError:
        return "(a checkout that is not installed)"


def _internal_error(problem: Exception) -> str:
    """Say in one line what went wrong inside, and that it is not the user's fault."""
    trace = problem.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = (
        f" in {Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace is not None else ""
    )
    detail = " ".join(_words_of(problem).split())[:200]
    what = f"{type(problem).__name__}: {detail}" if detail else type(problem).__name__
    return (
        f"policyeval: internal error{where}: {what}; nothing was decided, please report it "
        "with the policies and the request (POLICYEVAL_TRACEBACK=1 shows more)"
    )


def _traceback_of(problem: Exception) -> str:
    import traceback

    return "".join(traceback.format_exception(problem))


def _words_of(problem: Exception) -> str:
    try:
        return str(problem)
    except Exception:
        return ""


def _tell(message: str) -> None:
    """Write a message to standard error, if there is one; the exit status tells it where that is full or closed."""
    if sys.stderr is None:
        return
    try:
        print(encodable(message, sys.stderr.encoding), file=sys.stderr, flush=True)
    except (OSError, ValueError):
        discard(sys.stderr)
