"""Print the disagreements of a copied engine, a line each: `python -m tests.proof.search FOLDER CASES SEED`.

Run by reverted_rules.py, in a process of its own, because its `policyeval` is another one.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from random import Random

import policyeval
from tests.generate import Dice

from .run import answers, tasks


def main(folder: str, cases: str, seed: str) -> int:
    """Ask both, and tell every case on which they differ; seed and number name the same case as in a run."""
    if not Path(policyeval.__file__).is_relative_to(folder):
        print(f"error: the engine is {policyeval.__file__}, no copy in {folder}", file=sys.stderr)
        return 2
    number = 0
    for task, size, only in tasks(0, int(cases), seed, None):
        for policies, request, ours, theirs in answers(Dice(Random(task)), size, only):
            number += 1
            if ours != theirs:
                found = {"case": number, "policies": policies, "request": request}
                print(json.dumps(found), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
