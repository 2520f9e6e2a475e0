"""Built grammars in the user's cache directory: building one takes ten times as long as reading it back.

A file holds plain JSON behind its digest, never code. Whatever is wrong with it, or with the directory, means
that the grammar is built again: a cache is no reason to fail.
"""

from __future__ import annotations

import contextlib
import json
import os
import stat
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

OFF = "POLICYEVAL_NO_CACHE"
_FORMAT = 1
_MAX_BYTES = 4 * 1024 * 1024

Parts = dict[str, Any]


def cache_file(grammar: str, *built_from: object) -> Path | None:
    """Name the file of a grammar built from these facts; None when there is nowhere to keep it.

    Every fact is part of the name: another grammar text, Lark or Python has a file of its own.
    """
    base = None if os.environ.get(OFF) else _user_caches()
    if base is None:
        return None
    facts = repr((_FORMAT, sys.version_info[:3], sys.implementation.name, *built_from))
    version = sha256(facts.encode("utf-8", "surrogatepass")).hexdigest()[:32]
    return base / "policyeval" / "grammars" / f"{grammar}-{version}.json"


def _user_caches() -> Path | None:
    """Find the directory where the platform keeps a user's caches."""
    name = "LOCALAPPDATA" if os.name == "nt" else "XDG_CACHE_HOME"
    given = Path(os.environ.get(name, ""))
    if given.is_absolute():
        return given
    try:
        home = Path.home()
    except RuntimeError:  # neither HOME nor an account
        return None
    if os.name == "nt" or not home.is_absolute():
        return None
    return home / ("Library/Caches" if sys.platform == "darwin" else ".cache")


def read_parts(file: Path) -> Parts | None:
    """Read what was kept; None for a file that is missing, damaged, or that someone else could have written."""
    try:
        found = file.lstat()
        if not stat.S_ISREG(found.st_mode) or found.st_size > _MAX_BYTES or not _is_private(found):
            return None
        digest, _, body = file.read_bytes().partition(b"\n")
        if digest != digest_of(body):
            return None
        parts: Parts = json.loads(body, object_hook=_numbered)
    except (OSError, ValueError, RecursionError):
        return None
    return parts


def write_parts(file: Path, parts: Parts) -> None:
    """Keep what a grammar was built into, whole or not at all, readable by the user alone."""
    with contextlib.suppress(OSError, TypeError, ValueError):
        body = json.dumps(parts, separators=(",", ":")).encode()
        nearest = next(folder for folder in file.parents if folder.is_dir())
        if _is_own(nearest.stat()):  # under sudo, root would leave files behind that the user cannot replace
            file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _write_whole(file, digest_of(body) + b"\n" + body)


def _write_whole(file: Path, content: bytes) -> None:
    """Write beside the file, then put the new one in its place: of two processes at once, one wins."""
    from tempfile import mkstemp

    handle, name = mkstemp(dir=file.parent)
    try:
        with os.fdopen(handle, "wb") as opened:
            opened.write(content)
        Path(name).replace(file)
    except BaseException:
        Path(name).unlink()
        raise


def _is_own(status: os.stat_result) -> bool:
    return os.name == "nt" or status.st_uid == os.geteuid()


def _is_private(status: os.stat_result) -> bool:
    """Can nobody else have written it? On Windows the directory sees to that."""
    return os.name == "nt" or (_is_own(status) and not status.st_mode & (stat.S_IWGRP | stat.S_IWOTH))


def digest_of(body: bytes) -> bytes:
    """Make the first line of a file from the rest of it."""
    return sha256(body).hexdigest().encode()


def _numbered(members: dict[str, Any]) -> dict[Any, Any]:
    """Turn the keys of an object back into numbers, which JSON has written as text."""
    if members and all(key.isdecimal() for key in members):
        return {int(key): member for key, member in members.items()}
    return members
