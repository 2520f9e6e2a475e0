"""How long does a whole process take, and how much memory? Measured from outside, beside the bare interpreter."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter_ns

from benchmarks.cases import OBJECT, USER
from benchmarks.documents import READ_LOGS, document
from benchmarks.managed import managed_policies
from benchmarks.rows import Row
from benchmarks.timing import Effort, Spread

MOST_ROUNDS = 15
BARE = ["-c", "pass"]
CHECK = ["-m", "policyeval", "check", "policy.json", "--principal", USER, "--resource", OBJECT]
COMMANDS = {
    "python -c pass": (BARE, 0, None),
    "python -c 'import policyeval'": (["-c", "import policyeval"], 0, None),
    "policyeval check, JSON policy, allowed": ([*CHECK, "--action", "s3:GetObject"], 0, 7),
    "policyeval check -f json, allowed": ([*CHECK, "--action", "s3:GetObject", "-f", "json"], 0, None),
    "policyeval check, JSON policy, denied": ([*CHECK, "--action", "s3:PutObject"], 1, None),
    "policyeval check, YAML policy set, allowed": (
        [*CHECK[:3], "set.yaml", *CHECK[4:], "--action", "s3:GetObject"],
        0,
        None,
    ),
}
YAML_SET = "identity: [policy.json]\n"
READ_TOGETHER, READ_APART = "together", "an engine each"


def start_rows(effort: Effort) -> list[Row]:
    """Time whole processes by turns, as multiples of the bare interpreter."""
    with TemporaryDirectory() as folder:
        place = Path(folder)
        (place / "policy.json").write_text(json.dumps(document(READ_LOGS), indent=2), encoding="utf-8")
        (place / "set.yaml").write_text(YAML_SET, encoding="utf-8")
        environment = process_environment(place / "cache")
        taken: dict[str, list[float]] = {name: [] for name in COMMANDS}
        for number in range(min(MOST_ROUNDS, effort.rounds) + 1):
            for name, (arguments, status, _) in COMMANDS.items():
                milliseconds = _process(arguments, status, place, environment)
                if number:  # the first one may have had to write byte code
                    taken[name].append(milliseconds)
    return [_start_row(name, taken[name], taken["python -c pass"]) for name in COMMANDS]


def _start_row(name: str, taken: list[float], bare: list[float]) -> Row:
    ratio = Spread.of(one / other for one, other in zip(taken, bare, strict=True))
    return Row("start", name, Spread.of(taken), "ms", ratio, COMMANDS[name][2], "× the bare interpreter")


def process_environment(cache: Path) -> dict[str, str]:
    """Let processes keep byte code, which this one may have been told not to, and caches of their own."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    root = str(Path(__file__).absolute().parent.parent)
    path = os.pathsep.join([root, *filter(None, [os.environ.get("PYTHONPATH")])])
    return kept | {"XDG_CACHE_HOME": str(cache), "PYTHONPATH": path, "NO_COLOR": "1"}


def _process(arguments: list[str], status: int, place: Path, environment: Mapping[str, str]) -> float:
    """Run a process to its end, in milliseconds; another exit status than the expected one is an error."""
    start = perf_counter_ns()
    done = subprocess.run([sys.executable, *arguments], cwd=place, env=environment, capture_output=True)
    taken = (perf_counter_ns() - start) / 1e6
    if done.returncode != status:
        raise RuntimeError(f"{arguments} ended with {done.returncode}: {done.stderr.decode()}")
    return taken


def memory_rows(effort: Effort) -> list[Row]:
    """Load and compile AWS's managed policies in a process of their own: the time, and the most memory."""
    rows = []
    with TemporaryDirectory() as folder:
        place = Path(folder)
        count = _write_managed(place, effort.most)
        environment = process_environment(place / "cache")
        bare = _child("bare", place, environment)["megabytes"]
        for how in (READ_TOGETHER, READ_APART):
            found = [_child(how, place, environment) for _ in range(min(3, effort.rounds))]
            name = f"{count:,} managed policies loaded and compiled, {how}"
            rows.append(_child_row(f"memory: {name}", [one["megabytes"] - bare for one in found], "MB", 60))
            rows.append(_child_row(f"time: {name}", [one["seconds"] for one in found], "s", 3))
    return rows


def _child_row(name: str, values: list[float], unit: str, target: float) -> Row:
    note = "peak above the bare interpreter" if unit == "MB" else "reading the files included"
    return Row("memory", name, Spread.of(values), unit, None, target, note)


def _write_managed(place: Path, most: int) -> int:
    documents = list(managed_policies().items())[:most]
    (place / "policies").mkdir()
    for name, one in documents:
        (place / "policies" / f"{name}.json").write_text(json.dumps(one, indent=2), encoding="utf-8")
    return len(documents)


def _child(how: str, place: Path, environment: Mapping[str, str]) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.loading", how, str(place / "policies")]
    done = subprocess.run(command, env=environment, capture_output=True, check=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found
