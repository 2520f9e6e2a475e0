"""Take a rule out of a copy of the engine, and see how soon the differential run finds it.

`python -m tests.proof.reverted_rules --help`
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import policyeval

from .arguments import positive
from .compare import disagreement
from .records import ProofError, write_json
from .report import REVERTED, reverted_table
from .rules import REVERSIONS, Reversion

ROOT = Path(__file__).parents[2]
PACKAGE = Path(policyeval.__file__).parent
NOT_COPIED = shutil.ignore_patterns("__pycache__", "*.so", "*.pyd")
LIMIT = 20_000
EXAMPLES = """examples:
  python -m tests.proof.reverted_rules                   every rule of tests/proof/rules.py
  python -m tests.proof.reverted_rules --count 10 --seed fresh
                                                         ten at random
  python -m tests.proof.reverted_rules --rules A-1 C-20  these
  python -m tests.proof.reverted_rules --out             every rule, kept for docs/proof.md

status: 0 all found, 1 one was not, 2 a wrong option, or a text to replace that the engine no longer holds.
"""


def options(words: Sequence[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.proof.reverted_rules", description=__doc__, epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False,
    )  # fmt: skip
    add = parser.add_argument
    add("--rules", nargs="+", metavar="ID", choices=[each.rule for each in REVERSIONS], help="only these")
    add("--count", type=positive, metavar="N", help="so many, chosen at random by the seed")
    add("--seed", default="1", help="which rules and which cases, or `fresh` (default 1)")
    add(
        "--cases",
        type=positive,
        default=LIMIT,
        metavar="N",
        help=f"search in so many cases (default {LIMIT:,})",
    )
    add("--out", nargs="?", type=Path, const=REVERTED, metavar="FILE", help="keep the table as JSON")
    chosen = parser.parse_args(words)
    chosen.seed = secrets.token_hex(4) if chosen.seed == "fresh" else chosen.seed
    return chosen


def chosen_rules(chosen: argparse.Namespace) -> list[Reversion]:
    """The rules that were asked for, in the order of the table."""
    rules = [each for each in REVERSIONS if chosen.rules is None or each.rule in chosen.rules]
    if chosen.count is None or chosen.count >= len(rules):
        return rules
    picked = Random(chosen.seed).sample(rules, chosen.count)
    return [each for each in rules if each in picked]


# ---------------------------------------------------------------- one rule


def reverted_text(reversion: Reversion) -> str:
    """The file without the rule; refused when the text is not there, or not once."""
    text = (PACKAGE / reversion.file).read_text(encoding="utf-8")
    count = text.count(reversion.old)
    if count != 1:
        raise ProofError(
            f"{reversion.rule}: `{reversion.old.strip()}` stands {count} times in {reversion.file}: "
            "adapt its row in tests/proof/rules.py"
        )
    return text.replace(reversion.old, reversion.new)


def found_after(reversion: Reversion, cases: int, seed: str) -> int | None:
    """Search with a copy of the engine that has the rule no longer; None when it is not found."""
    with tempfile.TemporaryDirectory() as name:
        copy = Path(name) / "policyeval"
        shutil.copytree(PACKAGE, copy, ignore=NOT_COPIED)
        (copy / reversion.file).write_text(reverted_text(reversion), encoding="utf-8")
        for line in searched(Path(name), cases, seed):
            difference = json.loads(line)
            if disagreement(difference["policies"], difference["request"]) is None:
                return int(difference["case"])  # the engine as it is agrees: the rule made the difference
    return None


def searched(folder: Path, cases: int, seed: str) -> Iterator[str]:
    """Run the search in a process whose engine is the copy."""
    words = [sys.executable, "-m", "tests.proof.search", str(folder), str(cases), seed]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    with subprocess.Popen(words, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield from process.stdout
            if process.wait():
                raise ProofError("the search with the copied engine failed; its message is above")
        finally:
            process.kill()


# ---------------------------------------------------------------- all of them


def main(words: list[str]) -> int:
    """Revert one rule after the other; print and keep the table."""
    chosen = options(words)
    rows: list[dict[str, Any]] = []
    print(f"seed {chosen.seed}, up to {chosen.cases:,} cases for each rule", flush=True)
    try:
        rules = chosen_rules(chosen)
        for each in rules:
            reverted_text(each)
        for each in rules:
            found = found_after(each, chosen.cases, chosen.seed)
            rows.append({"rule": each.rule, "what": each.what, "file": each.file, "found": found})
            print(f"{each.rule}: {'not found' if found is None else f'found by case {found:,}'}", flush=True)
    except ProofError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    today = datetime.now(UTC).date().isoformat()
    table = {"date": today, "seed": chosen.seed, "limit": chosen.cases, "rules": rows}
    print(f"\n{reverted_table(table)}")
    if chosen.out is not None:
        write_json(table, chosen.out)
    return 0 if all(row["found"] is not None for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
