"""How is a file read? Bytes to a Source; every trouble is a message with a way out."""

from __future__ import annotations

import codecs
import errno
import os
import stat
import sys
from collections.abc import Callable
from pathlib import Path

from policyeval.errors import PolicyEvalError, UsageError
from policyeval.language.documents import read_document
from policyeval.language.policy import Policy
from policyeval.limits import DOCUMENT_BYTES, INCLUDED_BYTES
from policyeval.policy_set import PolicySet, is_policy_set
from policyeval.source import Source

STANDARD_INPUT = "-"
STANDARD_INPUT_NAME = "standard input"


def read_source(name: str | Path, error: type[PolicyEvalError] = UsageError) -> Source:
    """Read a file, or standard input for `-`.

    Raises the error for what is missing, no regular file, unreadable or too large.
    """
    if str(name) == STANDARD_INPUT:
        if sys.stdin is None:
            raise error("standard input is closed", help="name a file")
        return _source(STANDARD_INPUT_NAME, _standard_input(error), error)
    return _source(str(name), _content(name, error, may_be_pipe=_is_descriptor(str(name))), error)


def _standard_input(error: type[PolicyEvalError]) -> bytes:
    try:
        return sys.stdin.buffer.read(DOCUMENT_BYTES.most + 1)
    except OSError as problem:  # a directory, for example
        raise error(f"standard input cannot be read: {_reason(problem)}", help="name a file") from None


def _content(name: str | Path, error: type[PolicyEvalError], *, may_be_pipe: bool = False) -> bytes:
    path = Path(name)
    try:
        kind = _KINDS.get(stat.S_IFMT(path.stat().st_mode))
        if kind == "directory":
            raise error(f"`{name}` is a directory", help="name a file in it")
        if kind is not None and not may_be_pipe:
            help = f"name a file; what a program writes is read as standard input: `-` and `< {name}`"
            raise error(f"`{name}` is a {kind}, not a file", help=help)
        with path.open("rb") as file:
            return file.read(DOCUMENT_BYTES.most + 1)
    except FileNotFoundError:
        raise error(f"there is no file `{name}`", help=_nearby(path)) from None
    except OSError as problem:
        help = _WAYS_OUT.get(problem.errno or 0, "check the name and the disk")
        raise error(f"`{name}` cannot be read: {_reason(problem)}", help=help) from None
    except ValueError:
        raise error(f"`{str(name)!r}` is no file name", help="name a file") from None


_KINDS = {
    stat.S_IFDIR: "directory",
    stat.S_IFIFO: "pipe",
    stat.S_IFSOCK: "socket",
    stat.S_IFCHR: "device",
    stat.S_IFBLK: "device",
}
_WAYS_OUT = {
    errno.EACCES: "check its permissions",
    errno.EPERM: "check its permissions",
    errno.ELOOP: "the link leads back to itself: name the file that is meant",
    errno.ENAMETOOLONG: "name a file",
    errno.ENOTDIR: "a part of the path is a file: check the name",
}
_DESCRIPTORS = ("/dev/fd/", "/proc/self/fd/")


def _is_descriptor(name: str) -> bool:
    """Does the name stand for something that is open already, as shells write `<(command)`?"""
    return name == "/dev/stdin" or name.startswith(_DESCRIPTORS)


def _reason(problem: OSError) -> str:
    return (problem.strerror or "unknown reason").lower()


def _source(name: str, content: bytes, error: type[PolicyEvalError]) -> Source:
    if len(content) > DOCUMENT_BYTES.most:
        message = f"`{name}` is larger than {DOCUMENT_BYTES.most:,} bytes"
        raise error(message, help=DOCUMENT_BYTES.help)
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise error(f"`{name}` is UTF-16 text", help="save it as UTF-8")
    return Source.of(name, content.decode("utf-8", "surrogateescape"))


def _nearby(path: Path) -> str:
    from policyeval.diagnostics import did_you_mean

    folder = path.parent
    if not folder.is_dir():
        return f"there is no folder `{folder}` either"
    try:
        names = [entry.name for entry in folder.iterdir()]
    except OSError:  # a folder may be entered but not listed
        names = []
    near = did_you_mean(path.name, names)
    return f"did you mean `{folder / near}`?" if near else "check the spelling and the folder"


def reader_beside(name: str | Path) -> Callable[[str], Source]:
    """Make the function that reads files whose paths are relative to a file; together they have a limit."""
    folder = Path.cwd() if str(name) == STANDARD_INPUT_NAME else Path(name).parent
    left = INCLUDED_BYTES.most

    def read(relative: str) -> Source:
        nonlocal left
        found = os.path.normpath(folder / relative)
        content = _content(found, UsageError)
        left -= len(content)
        if left < 0:
            raise UsageError(INCLUDED_BYTES.message(INCLUDED_BYTES.most - left), help=INCLUDED_BYTES.help)
        return _source(found, content, UsageError)

    return read


def load(name: str | Path, type: str | None = None, *, strict: bool = False) -> Policy | PolicySet:
    """Read a policy document or a policy set from a file (UX §1).

    Raises PolicyError for what cannot be used, UsageError for a file that cannot be read.
    """
    return loaded(read_source(name), type, strict=strict)


def loaded(source: Source, type: str | None = None, *, strict: bool = False) -> Policy | PolicySet:
    """Read a policy document or a policy set from its text."""
    value = read_document(source)
    if type is None and is_policy_set(value) and isinstance(value, dict):
        return PolicySet.from_dict(value, source=source, read=reader_beside(source.name), strict=strict)
    return Policy.from_value(value, type, name=source.name, origin=source, strict=strict)
