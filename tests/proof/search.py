"""Ask a copied engine the questions that are kept: `python -m tests.proof.search FOLDER FILE`.

Run by reverted_rules.py, in a process of its own, because its `policyeval` is another one. Prints the number of
the first case that it answers otherwise than the oracle did, or nothing.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from random import Random

import policyeval
from tests.generate import Dice

from .compare import engine_of, oracle_of
from .run import families, tasks


def keep(path: Path, cases: int, seed: str) -> None:
    """Write the cases of a run with the oracle's answers; seed and number name the same case as in a run.

    Where the engine as it is differs from the oracle, a difference would prove nothing: no answer is kept.
    """
    with path.open("w", encoding="utf-8") as file:
        for task, size, only in tasks(0, cases, seed, None):
            for policies, requests in families(Dice(Random(task)), size, only):
                engine, oracle = engine_of(policies), oracle_of(policies)
                answers = [(engine(request), oracle(request)) for request in requests]
                told = [theirs if ours == theirs else None for ours, theirs in answers]
                file.write(json.dumps([policies, requests, told]) + "\n")


def first_difference(path: Path) -> int | None:
    """Ask the engine at hand until it says something else."""
    number = 0
    with path.open(encoding="utf-8") as file:
        for line in file:
            policies, requests, told = json.loads(line)
            engine = engine_of(policies)
            for request, theirs in zip(requests, told, strict=True):
                number += 1
                if theirs is not None and list(engine(request)) != theirs:
                    return number
    return None


def main(folder: str, file: str) -> int:
    """Print what is found."""
    if not Path(policyeval.__file__).is_relative_to(folder):
        print(f"error: the engine is {policyeval.__file__}, no copy in {folder}", file=sys.stderr)
        return 2
    print(first_difference(Path(file)) or "")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
