"""How does the time of matching grow with the size of hostile patterns? `python -m tests.fuzz.growth [--out FILE]`.

Each shape is measured at doubling sizes of pattern and text together; the exponent is the slope of the line
through their logarithms: 1 is as long as reading, 2 is quadratic. The aim is 1.1 at most.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from math import log
from pathlib import Path
from time import process_time

from policyeval.language.patterns import Glob, tokens_of
from policyeval.language.variables import template

SIZES = tuple(2**power for power in range(10, 16))
AIM = 1.1
ROUNDS = 5

# shape → pattern and text of a size
SHAPES: dict[str, Callable[[int], tuple[str, str]]] = {
    "stars alone": lambda size: ("*" * size, "a" * size),
    "star and letter, no end": lambda size: ("*a" * (size // 2) + "b", "a" * size),
    "star and letter, fits": lambda size: ("*a" * (size // 2), "a" * size),
    "star and two letters that nearly fit": lambda size: ("*ab" * (size // 3), "a" * size),
    "question marks": lambda size: ("?" * size, "a" * size),
    "question marks between stars": lambda size: ("*" + "?" * (size // 2) + "*b", "a" * size),
    "long piece that nearly fits everywhere": lambda size: ("*" + "a" * (size // 2) + "b*", "a" * size),
    "question mark in a long piece": lambda size: ("*" + "a" * (size // 2) + "?b*", "a" * size),
    "few letters far apart": lambda size: ("*a" + "?" * (size // 2) + "b*", "a" * size),
    "two pieces kept apart by a question mark": lambda size: (
        "*" + "a" * (size // 4) + "?" + "a" * (size // 4 - 1) + "b*", "a" * size),
    "many resources' stars": lambda size: ("arn:aws:s3:::" + "*/" * (size // 2), "arn:aws:s3:::" + "x/" * (size // 2)),
}  # fmt: skip


def seconds(pattern: str, text: str) -> float:
    """Measure splitting, compiling and matching, at its best."""
    best = float("inf")
    for _ in range(ROUNDS):
        started = process_time()
        Glob(tokens_of(pattern)).matches(text)
        template(pattern, variables=True, wildcards=True)
        best = min(best, process_time() - started)
    return best


def exponent(times: list[float]) -> float:
    """Fit the slope of log(time) over log(size) by least squares."""
    xs, ys = [log(size) for size in SIZES], [log(time) for time in times]
    x, y = sum(xs) / len(xs), sum(ys) / len(ys)
    return sum((a - x) * (b - y) for a, b in zip(xs, ys, strict=True)) / sum((a - x) ** 2 for a in xs)


def measured() -> dict[str, float]:
    """Print a line for each shape; give the exponents."""
    print(f"{'shape':<42} {f'ms at {SIZES[-1]:,}':>14} {'exponent':>9}")
    found: dict[str, float] = {}
    for name, shape in SHAPES.items():
        times = [seconds(*shape(size)) for size in SIZES]
        found[name] = exponent(times)
        print(f"{name:<42} {times[-1] * 1000:>14.2f} {found[name]:>9.2f}", flush=True)
    return found


def main(words: Sequence[str]) -> int:
    """Measure every shape; the status tells whether all of them keep to the aim."""
    parser = argparse.ArgumentParser("python -m tests.fuzz.growth", description=__doc__)
    parser.add_argument("--out", type=Path, help="keep the figures for docs/proof.md in this file")
    given, found = parser.parse_args(words), measured()
    worst = max(found.values())
    print(f"{'worst':<42} {'':>14} {worst:>9.2f}   aim: {AIM} at most")
    if given.out is not None:
        keep(found, given.out)
    return 0 if worst <= AIM else 1


def keep(found: dict[str, float], file: Path) -> None:
    """Write the figures."""
    from tests.proof.records import write_json

    shapes = [{"shape": name, "exponent": round(value, 3)} for name, value in found.items()]
    write_json({"date": datetime.now(UTC).date().isoformat(), "aim": AIM, "shapes": shapes}, file)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
