"""Fuzz the readers of untrusted text: `python -m tests.fuzz [--target NAME]… [--seconds N] [--out FILE]`.

Each target runs in a process of its own, because libFuzzer ends it. What is found stays as a file that
`--replay` runs again; a finding that is mended becomes a case of tests/test_hostile_input.py.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from datetime import UTC, datetime
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

NAMES = (
    "arn", "cases", "checks", "document", "explain", "operators", "policy", "policy-set", "request", "variables", "why",
)  # fmt: skip
# What libFuzzer prints at the end, and the other engine after it.
COUNTED = re.compile(r"stat::number_of_executed_units: *(\d+)")


class Fuzzed(NamedTuple):
    """What came of one target: how many inputs were tried, and whether something was found."""

    target: str
    inputs: int
    found: bool


def options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser("python -m tests.fuzz", description=__doc__)
    parser.add_argument("--target", action="append", choices=NAMES, help="fuzz this one only; repeat it")
    parser.add_argument("--seconds", type=int, default=60, help="how long each target is fuzzed")
    parser.add_argument("--found", type=Path, default=Path("fuzz-found"), help="where findings are written")
    parser.add_argument(
        "--engine", choices=("atheris", "hypothesis"), help="by default atheris, if it is installed"
    )
    parser.add_argument("--replay", type=Path, help="run the input of this file, with one --target")
    parser.add_argument("--out", type=Path, help="keep the figures for docs/proof.md in this file")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


def main() -> int:
    """Fuzz each target; tell by the status whether something was found."""
    given = options()
    given.engine = given.engine or ("atheris" if find_spec("atheris") else "hypothesis")
    if given.replay is not None:
        return replay(given.target, given.replay)
    given.found.mkdir(exist_ok=True)
    if given.here:
        return fuzz(given)
    done = [process(given, name) for name in given.target or NAMES]
    if given.out is not None:
        keep(given, done)
    found = [each.target for each in done if each.found]
    print(f"found something: {', '.join(found)}; see {given.found}/" if found else "nothing was found")
    return 1 if found else 0


def process(given: argparse.Namespace, name: str) -> Fuzzed:
    """Fuzz a target in its own process, and pass on what that says."""
    print(f"== {name}: {given.seconds} s with {given.engine}", flush=True)
    words = [sys.executable, "-m", "tests.fuzz", "--here", "--target", name, "--engine", given.engine]
    words += ["--seconds", str(given.seconds), "--found", str(given.found)]
    inputs = 0
    with subprocess.Popen(words, stderr=subprocess.PIPE, text=True, errors="replace") as fuzzing:
        assert fuzzing.stderr is not None
        for line in fuzzing.stderr:
            sys.stderr.write(line)
            if counted := COUNTED.match(line):
                inputs = int(counted[1])
    if not inputs and not fuzzing.returncode:
        raise SystemExit(f"{name} was fuzzed, but nobody said with how many inputs")
    return Fuzzed(name, inputs, fuzzing.returncode != 0)


def keep(given: argparse.Namespace, done: list[Fuzzed]) -> None:
    """Write the figures."""
    from tests.proof.records import write_json

    content: dict[str, Any] = {
        "date": datetime.now(UTC).date().isoformat(),
        "engine": f"{given.engine} {version(given.engine)}",
        "seconds": given.seconds,
        "targets": [each._asdict() for each in done],
    }
    write_json(content, given.out)


def fuzz(given: argparse.Namespace) -> int:
    """Fuzz one target here."""
    from tests.fuzz import engines

    (name,) = given.target
    if given.engine == "atheris":
        engines.with_atheris(name, given.seconds, given.found)
    else:
        engines.with_hypothesis(name, given.seconds, given.found)
    return 0


def replay(names: list[str] | None, file: Path) -> int:
    """Run one input through one target; a finding raises."""
    from tests.fuzz.targets import TARGETS, run

    (name,) = names or [file.name.rpartition("-crash")[0] or file.name.partition("-")[0]]
    run(TARGETS[name], file.read_bytes())
    print(f"{name}: {file} is answered or refused")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
