"""How does `--watch` work? Look at the files' times, run again when one has changed, until interrupted."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from policyeval.cli.output import write_standard_output
from policyeval.cli.status import ExitStatus
from policyeval.errors import PolicyEvalError
from policyeval.language.documents import JsonValue, read_document
from policyeval.sources.files import read_source

_INTERVAL = 0.3
_CLEAR = "\x1b[2J\x1b[H"

Stamps = dict[str, tuple[int, int]]


def watch(
    files: Callable[[], list[str]], run: Callable[[], ExitStatus], *, interval: float = _INTERVAL
) -> ExitStatus:
    """Run whenever a case file, or a file that one names, has changed; the last status counts."""
    status = ExitStatus.OK
    try:
        while True:
            before = _stamps(files)
            status = _told(run)
            while _stamps(files) == before:
                time.sleep(interval)
    except KeyboardInterrupt:
        return status


def _told(run: Callable[[], ExitStatus]) -> ExitStatus:
    """Run; a mistake in a file is told, and may be corrected in a moment."""
    if sys.stdout is not None and sys.stdout.isatty():
        write_standard_output(_CLEAR)
    try:
        status = run()
    except PolicyEvalError as error:
        print(error, file=sys.stderr)
        status = ExitStatus.BAD_INPUT
    print("waiting for a change; stop with Ctrl-C", file=sys.stderr)
    return status


def _stamps(files: Callable[[], list[str]]) -> Stamps:
    try:
        names = files()
    except PolicyEvalError:
        return {}
    return dict(_stamp(name) for name in dict.fromkeys(watched(names)))


def _stamp(name: str) -> tuple[str, tuple[int, int]]:
    try:
        found = Path(name).stat()
    except OSError:
        return name, (0, 0)
    return name, (found.st_mtime_ns, found.st_size)


def watched(case_files: Iterable[str]) -> Iterator[str]:
    """Name the files that matter: case files, what they name, and what those name."""
    waiting, seen = list(case_files), set[str]()
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            yield name
            waiting += _named_in(name)


def _named_in(name: str) -> list[str]:
    try:
        value = read_document(read_source(name))
    except PolicyEvalError:
        return []
    folder = Path(name).parent
    return [str(folder / text) for text in _texts(value) if _is_file(folder, text)]


def _is_file(folder: Path, text: str) -> bool:
    return text.endswith((".json", ".yaml", ".yml")) and "\n" not in text and (folder / text).is_file()


def _texts(value: JsonValue) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _texts(inner)
