"""How is a file read? Bytes to a Source; every trouble is a message with a way out."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

from policyeval.errors import PolicyEvalError, UsageError
from policyeval.language.documents import MAX_BYTES, read_document
from policyeval.language.policy import Policy
from policyeval.policy_set import PolicySet, is_policy_set
from policyeval.source import Source

STANDARD_INPUT = "-"
STANDARD_INPUT_NAME = "standard input"


def read_source(name: str | Path, error: type[PolicyEvalError] = UsageError) -> Source:
    """Read a file, or standard input for `-`.

    Raises the error for a file that is missing, a directory, unreadable or too large.
    """
    if str(name) == STANDARD_INPUT:
        if sys.stdin is None:
            raise error("standard input is closed", help="name a file")
        return _source(STANDARD_INPUT_NAME, sys.stdin.buffer.read(MAX_BYTES + 1), error)
    path = Path(name)
    try:
        if path.is_dir():
            raise error(f"`{name}` is a directory", help="name a file in it")
        with path.open("rb") as file:
            return _source(str(name), file.read(MAX_BYTES + 1), error)
    except FileNotFoundError:
        raise error(f"there is no file `{name}`", help=_nearby(path)) from None
    except OSError as problem:
        reason = (problem.strerror or "unknown reason").lower()
        raise error(f"`{name}` cannot be read: {reason}", help="check its permissions") from None
    except ValueError:
        raise error(f"`{str(name)!r}` is no file name", help="name a file") from None


def _source(name: str, content: bytes, error: type[PolicyEvalError]) -> Source:
    if len(content) > MAX_BYTES:
        message = f"`{name}` is larger than {MAX_BYTES:,} bytes"
        raise error(message, help="AWS stores no policy longer than 32 KB: is this the right file?")
    return Source.of(name, content.decode("utf-8", "surrogateescape"))


def _nearby(path: Path) -> str:
    from policyeval.diagnostics import did_you_mean

    folder = path.parent
    if not folder.is_dir():
        return f"there is no folder `{folder}` either"
    near = did_you_mean(path.name, [entry.name for entry in folder.iterdir()])
    return f"did you mean `{folder / near}`?" if near else "check the spelling and the folder"


def reader_beside(name: str | Path) -> Callable[[str], Source]:
    """Make the function that reads files whose paths are relative to a file."""
    folder = Path.cwd() if str(name) == STANDARD_INPUT else Path(name).parent
    return lambda relative: read_source(os.path.normpath(folder / relative))


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
