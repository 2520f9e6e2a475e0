"""Take a rule out of a copy of the engine, and see how soon the differential run finds it.

`python -m tests.proof.reverted_rules --help`
"""

from __future__ import annotations

import argparse
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import policyeval

from .arguments import positive
from .records import ProofError, write_json
from .report import REVERTED, reverted_table
from .rules import REVERSIONS, Reversion
from .search import keep

ROOT = Path(__file__).parents[2]
PACKAGE = Path(policyeval.__file__).parent
NOT_COPIED = shutil.ignore_patterns("__pycache__", "*.so", "*.pyd")
LIMIT = 20_000
EXAMPLES = """examples:
  python -m tests.proof.reverted_rules                   every rule of tests/proof/rules
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
    add("--jobs", type=positive, default=1, metavar="N", help="processes at a time (default 1)")
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
            "adapt its row in tests/proof/rules"
        )
    return text.replace(reversion.old, reversion.new)


def found_after(reversion: Reversion, kept: Path) -> int | None:
    """Search with a copy of the engine that has the rule no longer; None when it is not found."""
    with tempfile.TemporaryDirectory() as name:
        copy = Path(name) / "policyeval"
        shutil.copytree(PACKAGE, copy, ignore=NOT_COPIED)
        (copy / reversion.file).write_text(reverted_text(reversion), encoding="utf-8")
        words = [sys.executable, "-m", "tests.proof.search", name, str(kept)]
        environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
        done = subprocess.run(
            words, cwd=name, env=environment, stdout=subprocess.PIPE, text=True, check=False
        )
    if done.returncode:
        raise ProofError("the search with the copied engine failed; its message is above")
    return int(done.stdout) if done.stdout.strip() else None


# ---------------------------------------------------------------- all of them


def searched(chosen: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """Revert one rule after the other, and tell."""
    rules = chosen_rules(chosen)
    for each in rules:
        reverted_text(each)
    with tempfile.TemporaryDirectory() as name:
        kept = Path(name) / "answers.jsonl"
        keep(kept, chosen.cases, chosen.seed)
        with ThreadPoolExecutor(chosen.jobs) as pool:
            for each, found in zip(rules, pool.map(lambda rule: found_after(rule, kept), rules), strict=True):
                told = "not found" if found is None else f"found by case {found:,}"
                print(f"{each.rule}: {each.what}: {told}", flush=True)
                yield {"rule": each.rule, "what": each.what, "file": each.file, "found": found}


def main(words: list[str]) -> int:
    """Revert one rule after the other; print and keep the table."""
    chosen = options(words)
    print(f"seed {chosen.seed}, up to {chosen.cases:,} cases for each rule", flush=True)
    try:
        rows = list(searched(chosen))
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
