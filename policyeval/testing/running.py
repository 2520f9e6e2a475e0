"""How are many cases run? One after the other, or in several processes; the results come in the files' order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache

from policyeval.errors import UsageError
from policyeval.records import Record
from policyeval.testing.cases import Case, load_cases
from policyeval.testing.coverage import Coverage
from policyeval.testing.results import WIDTH, CaseResult, result_of, skipped

_CHUNK = 40


class Orders(Record):
    """What is wanted of a run: which cases by a part of their names, when, and what else."""

    names: tuple[str, ...] = ()
    now: float | None = None
    stops_at_first: bool = False
    coverage: bool = False
    width: int = WIDTH


class Job(Record):
    """Some cases of a file, by their numbers."""

    file: str
    numbers: tuple[int, ...]
    orders: Orders


Done = tuple[tuple[CaseResult, ...], Coverage]


def jobs_of(files: Sequence[str], orders: Orders) -> list[Job]:
    """Divide the cases of files into jobs.

    Raises CaseError for what is wrong in a file, UsageError when no case is chosen.
    """
    forget_cases()
    found: list[Job] = []
    for file in files:
        numbers = [number for number, case in enumerate(_cases(file)) if _is_chosen(case, orders.names)]
        found += [
            Job(file, tuple(numbers[start : start + _CHUNK]), orders)
            for start in range(0, len(numbers), _CHUNK)
        ]
    if not found:
        raise UsageError("there are no cases to run", help=_how_to_choose(files, orders))
    return found


def _how_to_choose(files: Sequence[str], orders: Orders) -> str:
    from policyeval.diagnostics import did_you_mean

    if not orders.names:
        return "the case files are empty: add cases"
    near = did_you_mean(orders.names[0], [case.name for file in files for case in _cases(file)])
    return f"did you mean `-k '{near}'`?" if near else "`-k` names a part of a case's name, id or file"


def _is_chosen(case: Case, names: Sequence[str]) -> bool:
    told = "\n".join((case.name, case.source.name, *case.ids)).lower()
    return not names or any(name.lower() in told for name in names)


def run_jobs(jobs: Sequence[Job], processes: int = 1) -> Iterator[Done]:
    """Run jobs; the results come in the order of the jobs, however many processes there are."""
    done = map(run_job, jobs) if processes < 2 else _in_processes(jobs, processes)
    for results, coverage in done:
        yield results, coverage
        if jobs[0].orders.stops_at_first and any(result.is_bad for result in results):
            return


def _in_processes(jobs: Sequence[Job], processes: int) -> Iterator[Done]:
    from concurrent.futures import ProcessPoolExecutor

    with ProcessPoolExecutor(min(processes, len(jobs))) as pool:
        try:
            yield from pool.map(run_job, jobs)
        finally:
            pool.shutdown(cancel_futures=True)


def run_job(job: Job) -> Done:
    """Run the cases of a job."""
    cases, orders, coverage = _cases(job.file), job.orders, Coverage()
    results: list[CaseResult] = []
    for number in job.numbers:
        results.append(_run(cases[number], orders, coverage))
        if orders.stops_at_first and results[-1].is_bad:
            break
    return tuple(results), coverage


def _run(case: Case, orders: Orders, coverage: Coverage) -> CaseResult:
    if case.skip is not None:
        return skipped(case)
    outcome = case.run(now=orders.now)
    if orders.coverage:
        coverage.add(outcome)
    return result_of(outcome, width=orders.width)


def forget_cases() -> None:
    """Read case files and policies anew from now on."""
    _cases.cache_clear()


@cache
def _cases(file: str) -> list[Case]:
    """Load the cases of a file once in each process; they keep their engines."""
    return load_cases(file)
