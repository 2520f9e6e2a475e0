"""Which files are checked, and what is found in each? One after the other, or several at a time.

And what does the baseline know already?
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any, NamedTuple

from policyeval.checks.lint import Finding, Options, lint
from policyeval.checks.selection import Selection
from policyeval.errors import UsageError
from policyeval.source import Source
from policyeval.sources.files import STANDARD_INPUT, read_source
from policyeval.sources.policy_arguments import SUFFIXES, PolicyArgument

BAR_FROM = 20
_FEW = 8


class Job(NamedTuple):
    """A file to be checked, and the type that the command line or the configuration gives it."""

    name: str
    kind: str | None = None


class Checked(NamedTuple):
    """A file and what was found in it."""

    source: Source
    kind: str | None
    findings: tuple[Finding, ...]


def jobs(arguments: Sequence[str], selection: Selection) -> list[Job]:
    """List the files that the command line names; directories are searched for policies.

    Raises UsageError for what is not there.
    """
    found: dict[Job, None] = {}
    for text in arguments:
        argument = PolicyArgument.of(text)
        for name in _files(argument.name):
            found[Job(name, argument.kind or selection.type_of(name))] = None
    return list(found)


def _files(name: str) -> Iterator[str]:
    path = Path(name)
    if name == STANDARD_INPUT or not path.is_dir():
        yield name
        return
    listed = sorted(
        one for one in path.rglob("*") if one.suffix.lower() in SUFFIXES and not _is_hidden(one, path)
    )
    policies = [str(one) for one in listed if one.is_file() and _looks_like_policy(one)]
    if not policies:
        raise UsageError(
            f"the directory `{name}` holds no policies", help=f"they end in {', '.join(SUFFIXES)}"
        )
    yield from policies


def _is_hidden(path: Path, folder: Path) -> bool:
    return any(part.startswith(".") for part in path.relative_to(folder).parts)


def _looks_like_policy(path: Path) -> bool:
    """Tell policies from the other JSON and YAML of a repository; files that are named are never left out."""
    return "Statement" in read_source(path).text


def check_all(listed: Sequence[Job], selection: Selection, workers: int, *, quiet: bool) -> list[Checked]:
    """Check every file, with a bar on the terminal when there are many."""
    options = Options(selection.codes(), selection.scp_dialect)
    work = [(job, options, selection) for job in listed]
    with _bar(len(listed), quiet=quiet) as advance:
        if workers <= 1 or len(listed) <= _FEW:
            return [_advanced(advance, check_one(one)) for one in work]
        from concurrent.futures import ProcessPoolExecutor

        size = max(1, len(work) // (workers * 8))
        with ProcessPoolExecutor(workers) as pool:
            return [_advanced(advance, one) for one in pool.map(check_one, work, chunksize=size)]


def check_one(work: tuple[Job, Options, Selection]) -> Checked:
    """Check one file."""
    job, options, selection = work
    source = read_source(job.name)
    return Checked(source, job.kind, tuple(selection.kept(lint(source, job.kind, options))))


def _advanced(advance: Callable[[], None], checked: Checked) -> Checked:
    advance()
    return checked


def _bar(total: int, *, quiet: bool) -> Any:
    """Show how far it is, on standard error, when somebody is there to look."""
    if quiet or total < BAR_FROM or sys.stderr is None or not sys.stderr.isatty():
        return nullcontext(lambda: None)
    from contextlib import contextmanager

    from rich.console import Console
    from rich.progress import Progress

    @contextmanager
    def shown() -> Iterator[Callable[[], None]]:
        with Progress(console=Console(stderr=True), transient=True) as progress:
            task = progress.add_task("checking", total=total)
            yield lambda: progress.advance(task)

    return shown()


# The baseline


def read_baseline(name: str) -> dict[str, int]:
    """Read how often a baseline knows each finding.

    Raises UsageError for a file that is none.
    """
    try:
        found: Counter[str] = Counter()
        for one in json.loads(read_source(name).text)["findings"]:
            found[str(one["fingerprint"])] += int(one["count"])
    except (ValueError, KeyError, TypeError):
        raise UsageError(f"`{name}` is no baseline", help="write one with `--write-baseline FILE`") from None
    return dict(found)
