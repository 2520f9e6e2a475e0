"""Write what the documents take from the code: the pages of the tables, and the output of the commands shown.

`python -m docs.generate` brings the files up to date; tests/test_docs.py fails when one is not.
"""

from __future__ import annotations

import io
import json
import os
import re
import shlex
from collections.abc import Callable, Iterable, Iterator
from contextlib import chdir, redirect_stderr, redirect_stdout
from pathlib import Path

from policyeval.catalog.global_keys import GLOBAL_KEYS, GlobalKey, Origin
from policyeval.checks.check import Check, FindingType, Sample
from policyeval.checks.check import Origin as Whose
from policyeval.checks.table import CHECKS
from policyeval.cli import main
from policyeval.cli.status import ExitStatus
from policyeval.decision import REASONS, Effect, Reason
from policyeval.explain.hints import HINTS, Hint
from policyeval.limits import LIMITS, Limit
from policyeval.operators import OPERATORS, Example, Operator
from policyeval.semantics import CHOICES, Semantics

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"

_SIGN = (
    "<!-- written by docs/generate.py from {source}: change that, then run `python -m docs.generate` -->\n"
)
_RULES = (
    "A rule's id, such as {example}, stands as `id` at the cases that show the rule: "
    "`grep -rn {example} fixtures/decisions`."
)


def page(title: str, source: str, *blocks: str) -> str:
    """Join the blocks of a page under its title."""
    return "\n\n".join([f"# {title}", _SIGN.format(source=source).rstrip(), *blocks]) + "\n"


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """Write a Markdown table; a bar inside a cell is escaped."""
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)


def code(text: str) -> str:
    """Mark a text as code; an empty one is said to be empty."""
    return f"`{text}`" if text else "empty"


def yes(holds: bool) -> str:
    return "yes" if holds else ""


# Reasons


def reasons() -> str:
    """Write docs/reasons.md."""
    listed = ((f"[`{row.code}`](#{row.code})", sentence_of(row)) for row in REASONS)
    return page(
        "Reasons",
        "`policyeval/decision.py`",
        "Every decision has one reason. When several things block a check, the one that stands first in this "
        "list is named, and the others are said to block it as well. "
        "`policyeval explain REASON` prints the same.",
        table(("reason", "what it says"), listed),
        *map(one_reason, REASONS),
    )


def one_reason(row: Reason) -> str:
    facts = [f"- decision: `{row.effect.value}`", f"- layer: {row.layer.title} (`{row.layer.value}`)"]
    if row.effect is not Effect.ALLOW:
        facts.append(f"- what to do: {row.advice}")
    if row.aws:
        facts.append(
            f"- AWS says: *… is not authorized to perform: ACTION … {row.aws.format(action='ACTION')}*"
        )
    facts.append(f"- AWS's page: <{row.page}>")
    return "\n".join([f"## {row.code}", f"{sentence_of(row)}. {row.text}", "", *facts])


def sentence_of(row: Reason) -> str:
    return row.sentence.replace("{action}", "the action")


# Hints


def hints() -> str:
    """Write docs/hints.md."""
    return page(
        "Hints",
        "`policyeval/explain/hints.py`",
        "An explained denial ends with hints when it looks like one of these well-known traps. A hint never "
        "changes an answer. `policyeval explain HINT` prints the same.",
        *map(one_hint, HINTS),
    )


def one_hint(row: Hint) -> str:
    return f"## {row.code}\n**{row.title[0].upper()}{row.title[1:]}.** {row.text}"


# Operators


def operators() -> str:
    """Write docs/operators.md."""
    return page(
        "Condition operators",
        "`policyeval/operators.py`",
        "What is the same for all of them: of several values in the policy one must match, and with a negated "
        "operator none may; a key that the request lacks makes a condition false, and a negated one true "
        "(`Null` asks just that). "
        "Every operator but `Null` can end in `IfExists`: the condition also holds when the key is absent. "
        "Every operator can begin with `ForAllValues:`, which also holds for a key without values, or "
        "`ForAnyValue:`, which does not; keys with several values need one of them. "
        "Names are read in any letter case.",
        "*Variables*: are `${…}` replaced in the policy's value? *Malformed*: can a value be no number, date, "
        "address …? See `malformed` in [semantics-options.md](semantics-options.md). "
        + _RULES.format(example="C-50"),
        table(
            (
                "operator",
                "holds when the key's value …",
                "negated",
                "wildcards",
                "variables",
                "malformed",
                "rule",
            ),
            map(operator_row, OPERATORS),
        ),
        "## Examples",
        table(
            ("operator", "policy", "request", "holds"),
            (row for one in OPERATORS for row in example_rows(one)),
        ),
    )


def operator_row(row: Operator) -> tuple[str, ...]:
    marks = (row.negated, row.wildcards, row.variables, row.can_be_malformed)
    return (f"`{row.name}`", f"{row.title} …", *map(yes, marks), row.rule)


def example_rows(row: Operator) -> Iterator[tuple[str, ...]]:
    for example in row.examples:
        yield (f"`{row.name}`", code(example.policy), requested(example), "yes" if example.holds else "no")


def requested(example: Example) -> str:
    return "the key is absent" if example.request is None else code(example.request)


# Options


def options() -> str:
    """Write docs/semantics-options.md."""
    return page(
        "Options for disputed points",
        "`policyeval/semantics.py`",
        "Where AWS's documents are silent or contradict each other, we chose a reading, and the other one is an "
        "option. No other switch changes a decision. Choose one with `--semantics NAME=VALUE`, for a project in "
        "[`[tool.policyeval.semantics]`](configuration.md), in a policy set with `semantics: {NAME: VALUE}`, or with "
        "`Semantics(NAME=VALUE)`.",
        "The value `peer` is what another evaluator was seen to do; it is there to compare answers. "
        + _RULES.format(example="P-22"),
        table(("option", "values", "default", "rule: what it decides"), map(option_row, CHOICES)),
    )


def option_row(name: str) -> tuple[str, ...]:
    values, about = CHOICES[name]
    return (f"`{name}`", ", ".join(map(code, values)), code(getattr(Semantics(), name)), about)


# Global keys


def global_keys() -> str:
    """Write docs/global-keys.md."""
    return page(
        "Global condition keys",
        "`policyeval/catalog/global_keys.py`",
        "A key that the request's `context` gives is taken as it is; `null` there makes it absent. Of the others "
        "some follow from the request, and some have a default: the clock's time, or the value that an ordinary "
        "HTTPS request has. The rest are absent, and an answer names those that could change it. "
        "Names are read in any letter case.",
        table(
            ("key", "type", "several values", "AWS sends it with", "if not given"),
            map(global_key_row, GLOBAL_KEYS),
        ),
    )


def global_key_row(row: GlobalKey) -> tuple[str, ...]:
    name = f"`{row.name}…`" if row.is_tag_family else f"`{row.name}`"
    return (name, row.type.name, yes(row.type.multi_valued), row.present, when_not_given(row))


_FROM_TAGS = ("aws:PrincipalTag/", "aws:ResourceTag/")  # Check._derive looks these up itself


def when_not_given(row: GlobalKey) -> str:
    if row.name in _FROM_TAGS:
        return "derived from the tags"
    if row.derive is None:
        return "absent"
    return "default" if row.origin is Origin.DEFAULT else "derived"


# Checks


def checks() -> str:
    """Write docs/checks.md."""
    listed = (
        (f"[`{row.code}`](#{row.code.lower()})", row.type.words, ORIGINS[row.origin], row.title)
        for row in CHECKS
    )
    grave = ", ".join(f"{sum(row.type is type for row in CHECKS)} {type.words}s" for type in FindingType)
    return page(
        "Checks",
        "`policyeval/checks/`",
        f"What `policyeval lint` looks for: {len(CHECKS)} checks, {grave}. How to use it, mend findings and choose "
        "checks is told in [lint.md](lint.md). `policyeval explain CODE` prints what is said here.",
        "*AWS*: a check of AWS's policy validation, under its issue code and type. *AWS, later*: one that AWS added "
        "since the public list of 2023, or a rule of AWS's documents; the codes of these are ours. *ours*: one that "
        "AWS lacks.",
        table(("code", "type", "whose", "what it finds"), listed),
        *map(one_check, CHECKS),
    )


ORIGINS = {Whose.AWS: "AWS", Whose.AWS_LATER: "AWS, later", Whose.OURS: "ours"}


def one_check(row: Check) -> str:
    about = f"{row.sentence} {row.text}"
    facts = [f"- type: {row.type.words}", f"- wrong: {sample(row.bad)}", f"- right: {sample(row.good)}"]
    if row.layers:
        facts.append(f"- policy types: {', '.join(row.layers)}")
    if not row.default:
        facts.append(f"- runs only when it is asked for: `--extend-select {row.code}`")
    if row.origin is Whose.AWS:
        facts.append(f"- AWS's page: <{row.url}>")
    return "\n".join([f"## {row.code}", about, "", *facts])


def sample(value: Sample) -> str:
    """Show what differs from an ordinary statement."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return f"`{text if len(text) <= 240 else text[:239] + '…'}`" if value else "an ordinary statement"


# Limits


def limits() -> str:
    """Write docs/limits.md."""
    return page(
        "Limits",
        "`policyeval/limits.py`",
        "Policies and requests are untrusted input: these limits bound the time and the memory that one policy to "
        "lint, or one request to decide and explain, can cost; many of them cost as much as they are, one after the "
        "other. What is larger is refused, with the name of what is too large and exit status 2, before anything is "
        "decided; nothing is ever cut off and decided in part. AWS's own sizes are far below: "
        "whoever meets a limit has most often named the wrong file.",
        table(("limit", "most", "what is counted", "why so much"), map(limit_row, LIMITS)),
        "The limits hold for what is read: files, standard input, and text given to `Policy.parse`. Values that a "
        "program makes itself (`PolicySet(…)`, `Request(…)`) are its own. `comparisons`, `explained-texts` and "
        "`read-keys` are about a request together with its policies: the commands `check`, `why` and `test` keep them; "
        "a program that gives what strangers wrote to an `Engine` bounds that product itself.",
        "## Files",
        "A policy, a request or a case file is a regular file, or standard input (`-`). A directory, a pipe, a "
        "device and a socket are refused rather than waited for; `<(command)`, which shells write as "
        "`/dev/fd/63`, is read like standard input where the command line names it.",
    )


def limit_row(row: Limit) -> tuple[str, ...]:
    return (f"`{row.name}`", f"{row.most:,}", row.counts, row.why)


PAGES: dict[Path, Callable[[], str]] = {
    DOCS / "reasons.md": reasons,
    DOCS / "hints.md": hints,
    DOCS / "operators.md": operators,
    DOCS / "semantics-options.md": options,
    DOCS / "global-keys.md": global_keys,
    DOCS / "checks.md": checks,
    DOCS / "limits.md": limits,
}


# The output of commands

_CONSOLE = re.compile(r"^```console\n\$ (?P<command>[^\n]*)\n.*?^```$", re.MULTILINE | re.DOTALL)


def hand_written() -> list[Path]:
    """List the documents whose text is ours, and in which commands may be shown."""
    found = [ROOT / "README.md", *DOCS.rglob("*.md"), *(ROOT / "examples").rglob("*.md")]
    return sorted(set(found) - set(PAGES))


def with_outputs(text: str) -> str:
    """Put what each command prints below it, in the fenced blocks that are marked `console`."""
    return _CONSOLE.sub(lambda block: shown(block["command"]), text)


def shown(command: str) -> str:
    return f"```console\n$ {command}\n{output_of(command)}```"


def output_of(command: str) -> str:
    """Run a `policyeval` command in the checkout and give what it prints, messages included."""
    program, *arguments = shlex.split(command)
    if program != "policyeval":
        raise ValueError(f"a document shows `{command}`, which is no policyeval command")
    printed = io.StringIO()
    with chdir(ROOT), redirect_stdout(printed), redirect_stderr(printed):
        status = main(arguments)
    if status == ExitStatus.INTERNAL_ERROR:
        raise RuntimeError(f"{command}: {printed.getvalue()}")
    return printed.getvalue()


def documents() -> Iterator[tuple[Path, str]]:
    """Give every document with the text that it should have."""
    for path, write in PAGES.items():
        yield path, write()
    for path in hand_written():
        yield path, with_outputs(path.read_text(encoding="utf-8"))


if __name__ == "__main__":
    os.environ["NO_COLOR"] = "1"
    for path, text in documents():
        path.write_text(text, encoding="utf-8")
