"""Where do results go? Standard output and files, each written at once or not at all."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple, TextIO

from policyeval.diagnostics import did_you_mean
from policyeval.errors import UsageError

STANDARD_OUTPUT = "-"
COLORS = ("auto", "always", "never")


class Destination(NamedTuple):
    """A format, and the file that it goes to; None is standard output."""

    format: str
    file: str | None = None


def destinations(
    formats: Sequence[str] | None, output: str | None, known: Sequence[str], *, quiet: bool = False
) -> list[Destination]:
    """Read `-f FORMAT[=FILE]` and `-o FILE`; with `quiet` nothing goes to standard output.

    Raises UsageError for an unknown format and for two results in one place.
    """
    read = [_destination(text, known) for text in formats or known[:1]]
    output = None if output == STANDARD_OUTPUT else output
    if output is not None and all(one.file is not None for one in read):
        raise UsageError(
            f"nothing is left for `-o {output}`", help="every format names its own file: leave out `-o`"
        )
    placed = [Destination(one.format, one.file or output) for one in read]
    for index, one in enumerate(placed):
        for other in placed[:index]:
            if one.file == other.file:
                where = f"`{one.file}`" if one.file else "standard output"
                help = f"write one to a file of its own: `-f {one.format}=FILE`"
                raise UsageError(f"`{other.format}` and `{one.format}` both go to {where}", help=help)
    return [one for one in placed if one.file is not None or not quiet]


def _destination(text: str, known: Sequence[str]) -> Destination:
    name, _, file = text.partition("=")
    if name not in known:
        near = did_you_mean(name, known)
        help = f"did you mean `{near}`?" if near else f"the formats are {', '.join(known)}"
        raise UsageError(f"unknown format `{name}`", help=help)
    if text.endswith("="):
        raise UsageError(f"no file is named in `-f {text}`", help=f"write `-f {name}=FILE`")
    return Destination(name, None if file in ("", STANDARD_OUTPUT) else file)


def environment_wants_color() -> bool | None:
    """Tell what NO_COLOR and FORCE_COLOR say; None when they are not set."""
    if os.environ.get("NO_COLOR"):
        return False
    return True if os.environ.get("FORCE_COLOR", "0") not in ("", "0") else None


def uses_color(when: str, *, is_file: bool = False) -> bool:
    """Tell whether to colour: --color first, then NO_COLOR and FORCE_COLOR, else on terminals only."""
    if when != "auto":
        return when == "always"
    if is_file:
        return False
    wanted = environment_wants_color()
    if wanted is not None:
        return wanted
    return sys.stdout is not None and sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


def write_all(results: Iterable[tuple[str | None, str]]) -> None:
    """Write every result to its file, then what goes to standard output.

    Raises UsageError for what cannot be written.
    """
    to_print = []
    for file, text in results:
        if file is None:
            to_print.append(text)
        else:
            _write_file(file, text)
    for text in to_print:
        write_standard_output(text)


def write_standard_output(text: str) -> None:
    """Print a text; a reader that has gone away, as `head` does, is no error."""
    if sys.stdout is None:
        raise UsageError(
            "standard output is closed", help="give `-o FILE`, or `-q` for the exit status alone"
        )
    try:
        sys.stdout.write(encodable(text, sys.stdout.encoding))
        sys.stdout.flush()
    except BrokenPipeError:
        discard(sys.stdout)
    except OSError as problem:
        discard(sys.stdout)
        raise UsageError(
            f"standard output cannot be written: {_why(problem)}", help="give `-o FILE`"
        ) from None


def discard(stream: TextIO) -> None:
    """Send what is still buffered nowhere, so that the interpreter does not complain when it ends."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


_PLAIN = str.maketrans({"✓": "+", "✗": "x", "–": "-", "—": "-", "·": "-", "←": "<-", "→": "->", "…": "..."})


def encodable(text: str, encoding: str | None) -> str:
    """Replace what the encoding of the terminal lacks: our own signs by similar ones, the rest by `?`."""
    encoding = encoding or "utf-8"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return text.translate(_PLAIN).encode(encoding, "replace").decode(encoding)
    return text


def _write_file(name: str, text: str) -> None:
    path = Path(name).resolve()
    content = encodable(text, "utf-8").encode()
    try:
        if path.exists() and not path.is_file():  # a device or a pipe cannot be replaced
            path.write_bytes(content)
        else:
            replace_file(path, content)
    except OSError as problem:
        help = "name a file in a directory that exists and that you may write to"
        raise UsageError(f"`{name}` cannot be written: {_why(problem)}", help=help) from None


def replace_file(path: Path, content: bytes) -> None:
    """Write beside the file, then put the new one in its place: readers see the old or the new one, whole."""
    mode = path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask()
    new = path.with_name(f".{path.name[:100]}.{os.urandom(8).hex()}.tmp")
    try:
        with new.open("xb") as file:  # refuses a file or link that is there already: it could lead elsewhere
            file.write(content)
        new.chmod(mode)
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _why(problem: OSError) -> str:
    return (problem.strerror or "unknown reason").lower()
