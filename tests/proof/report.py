"""The table of figures, from the results that are kept beside this file (their shapes: results/README.md)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from tests.fixture_cases import CASES

from . import coverage
from .records import RESULTS, ProofError, Recorded, load, read_json

RUN = RESULTS / "run.json"
REVERTED = RESULTS / "reverted_rules.json"
MUTATION = RESULTS / "mutation.json"
COVERAGE = RESULTS / "coverage.json"
FUZZ = RESULTS / "fuzz.json"
GROWTH = RESULTS / "growth.json"
NOT_YET = "not yet measured"


def committed() -> Recorded | None:
    """The run whose figures are kept with the sources."""
    return load(RUN) if RUN.exists() else None


def optional(path: Path) -> Any:
    """Results that may not have been measured yet."""
    return read_json(path) if path.exists() else None


def figures(recorded: Recorded | None) -> str:
    """Everything that was measured, as Markdown."""
    reverted, mutation = optional(REVERTED), optional(MUTATION)
    tools = tool_rows(reverted, mutation, optional(COVERAGE))
    rows = [*run_rows(recorded), *tools, *hostile_rows(optional(FUZZ), optional(GROWTH))]
    blocks = [table(("Figure", "Value"), rows)]
    if reverted is not None:
        told = f"{len(reverted['rules'])} rules, and the case that found each"
        blocks.append("### Reverted rules\n\n" + folded(told, reverted_table(reverted)))
    if mutation is not None and mutation["survivors"]:
        told = f"{len(mutation['survivors'])} mutants, and why each is no error"
        blocks.append("### Mutants that survive\n\n" + folded(told, survivors_table(mutation)))
    return "\n\n".join(blocks) + "\n"


def run_rows(recorded: Recorded | None) -> list[tuple[str, str]]:
    """The differential run."""
    if recorded is None:
        return [("Differential run", NOT_YET)]
    result = recorded.result
    about = (
        f"{recorded.date}, seed `{recorded.seed}`, policyeval {recorded.package}, Python {recorded.python}"
    )
    if recorded.only:
        about += f", only {recorded.only}"
    speed = result.cases / result.seconds if result.seconds else 0
    return [
        ("Differential run", about),
        ("Cases", f"{result.cases:,}"),
        ("Cases per second", f"{speed:,.0f} on {recorded.jobs} process{'es' if recorded.jobs > 1 else ''}"),
        ("Disagreements", f"{result.disagreements:,}"),
        *(coverage_row(result.counts, goal) for goal in coverage.goals()),
        ("Cases written by hand", f"{recorded.fixtures['cases']:,}"),
        ("Rules that they show", f"{recorded.fixtures['rules']:,}"),
        ("Scenario vectors that they show", f"{recorded.fixtures['vectors']:,} of 183"),
    ]


def coverage_row(counts: coverage.Counts, goal: coverage.Goal) -> tuple[str, str]:
    """How much of a goal was reached; what was not is named."""
    gaps = coverage.missing(counts, goal)
    reached = f"{len(goal.wanted) - len(gaps)} of {len(goal.wanted)}"
    return goal.title, reached + (f"; gap: {', '.join(gaps)}" if gaps else "")


def tool_rows(reverted: Any, mutation: Any, covered: Any) -> Iterable[tuple[str, str]]:
    """What the other tools measured."""
    yield "Reverted rules found", NOT_YET if reverted is None else found_of(reverted)
    yield "Mutation score of the core", NOT_YET if mutation is None else score(mutation)
    for name in ("lines", "branches"):
        value = NOT_YET if covered is None else share(*covered[name]) + f" ({covered['date']})"
        yield f"Covered {name} of the core", value


def hostile_rows(fuzz: Any, growth: Any) -> Iterable[tuple[str, str]]:
    """What hostile input did."""
    yield "Fuzzing", NOT_YET if fuzz is None else fuzzed(fuzz)
    yield "Growth of patterns", NOT_YET if growth is None else grown(growth)


def fuzzed(fuzz: Any) -> str:
    """How many inputs were tried, and which targets they broke."""
    targets = fuzz["targets"]
    broken = [each["target"] for each in targets if each["found"]]
    what = f"{len(broken)} found" + (f": {', '.join(broken)}" if broken else "")
    inputs = sum(each["inputs"] for each in targets)
    return (
        f"{inputs:,} inputs to {len(targets)} targets, {fuzz['seconds']} s each, {what} "
        f"({fuzz['engine']}, {fuzz['date']})"
    )


def grown(growth: Any) -> str:
    """The exponent of the shape whose time grows fastest."""
    worst = max(each["exponent"] for each in growth["shapes"])
    return f"exponent {worst:.2f} at most over {len(growth['shapes'])} shapes, aim {growth['aim']} ({growth['date']})"


def found_of(reverted: Any) -> str:
    """How many reverted rules were found."""
    rules = reverted["rules"]
    found = [each["found"] for each in rules if each["found"] is not None]
    worst = f", the last after {max(found):,} cases" if found else ""
    return (
        f"{len(found)} of {len(rules)} within {reverted['limit']:,} cases{worst} "
        f"({reverted['date']}, seed `{reverted['seed']}`)"
    )


def score(mutation: Any) -> str:
    """The mutation score."""
    return (
        f"{share(mutation['killed'], mutation['mutants'])} of the mutants are killed "
        f"({mutation['tool']}, {mutation['date']})"
    )


def share(part: int, whole: int) -> str:
    """A share, rounded down: 100 % only when it is everything."""
    tenths = 1000 * part // whole if whole else 0
    return f"{tenths // 10}.{tenths % 10} %, {part:,} of {whole:,}"


def folded(title: str, text: str) -> str:
    """Show a title, and the text to those who open it."""
    return f"<details><summary>{title}</summary>\n\n{text}\n\n</details>"


def reverted_table(reverted: Any) -> str:
    """Each reverted rule, and when the run found it."""
    rows = [
        (
            each["rule"],
            each["what"],
            f"`{each['file']}`",
            f"{each['found']:,}" if each["found"] else "not found",
        )
        for each in reverted["rules"]
    ]
    return table(("Rule", "Instead", "File", "Found by case"), rows)


def survivors_table(mutation: Any) -> str:
    """Each surviving mutant, and why that is right."""
    rows = [(f"`{each['file']}`", f"`{each['mutant']}`", each["reason"]) for each in mutation["survivors"]]
    return table(("File", "Mutant", "Why it survives"), rows)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Write a Markdown table."""
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)


def found_table() -> str:
    """What the differential run found before it agreed: each stays as a case."""
    cases = [case for case in CASES if Path(case.source.name).name == "found.yaml"]
    return table(
        ("What holds now", "Rule", "Because"),
        [(case.name, ", ".join(case.ids), case.why) for case in cases],
    )


def write(recorded: Recorded | None, page: Path) -> None:
    """Bring a page up to date."""
    try:
        before = page.read_text(encoding="utf-8")
    except OSError as error:
        raise ProofError(f"cannot read `{page}`: {error.strerror}") from error
    page.write_text(filled(before, recorded), encoding="utf-8")


def filled(page: str, recorded: Recorded | None) -> str:
    """The page with its figures, and with what was found."""
    return between(between(page, "figures", figures(recorded)), "found", found_table() + "\n")


def between(page: str, name: str, text: str) -> str:
    """Replace what stands between two marks."""
    start = f"<!-- {name}: written by `python -m tests.proof --report --write docs/proof.md` -->"
    end = f"<!-- /{name} -->"
    before, first, rest = page.partition(start)
    _, last, after = rest.partition(end)
    if not first or not last:
        raise ProofError(f"the page has no place for the {name}: a line `{start}`, and behind it `{end}`")
    return f"{before}{start}\n\n{text}\n{end}{after}"
