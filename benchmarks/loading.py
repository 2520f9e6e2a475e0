"""Load and compile the policies of a folder, and print the seconds and megabytes: run by `processes`.

`bare` loads nothing, and is what an interpreter takes. Every engine decides once, so that nothing is left
for later that a decision needs.
"""

from __future__ import annotations

import sys
from pathlib import Path
from time import perf_counter


def main(how: str, folder: str) -> None:
    """Do one of the ways, keep what it makes, and print."""
    start = perf_counter()
    kept = [] if how == "bare" else _engines(how, sorted(Path(folder).iterdir()))
    seconds = perf_counter() - start
    print(f'{{"seconds": {seconds}, "megabytes": {_megabytes()}, "engines": {len(kept)}}}')


def _engines(how: str, files: list[Path]) -> list[object]:
    from policyeval import Engine, PolicySet, Request, load

    policies = [load(file) for file in files]
    groups = [policies] if how == "together" else [[policy] for policy in policies]
    engines = [Engine(PolicySet(identity=group)) for group in groups]
    request = Request("arn:aws:iam::111122223333:user/ana", "s3:GetObject", "arn:aws:s3:::acme-logs/a.json")
    for engine in engines:
        engine.decide(request)
    return list(engines)


def _megabytes() -> float:
    """Tell the most memory that the process had; /proc has it since the interpreter started, getrusage not."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    import resource

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (1024 * 1024 if sys.platform == "darwin" else 1024)


if __name__ == "__main__":
    main(*sys.argv[1:])
