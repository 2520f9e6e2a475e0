"""Have the policies of our own fixtures and examples only those findings that a case is about?

What is expected, and why, stands in fixtures/checks/expected/own.yaml.
"""

import json
from pathlib import Path

import pytest
import yaml

from policyeval.checks.fixing import mend
from policyeval.checks.lint import lint
from policyeval.checks.table import BY_CODE
from policyeval.source import Source, SourceMap
from policyeval.testing.reading import read_cases

ROOT = Path(__file__).parent.parent
EXPECTED = yaml.safe_load(
    (ROOT / "fixtures" / "checks" / "expected" / "own.yaml").read_text(encoding="utf-8")
)
FOLDERS = ("fixtures/decisions", "fixtures/notes", "fixtures/denials", "fixtures/explanations", "examples")
# Answers of `--format`, in which policies are quoted.
ANSWERS = "golden"


def policy_files():
    """Give the files that hold policies; decoded as the command line does."""
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in (".json", ".yaml") and ANSWERS not in path.parts:
                text = path.read_bytes().decode("utf-8", "surrogateescape")
                if "Statement" in text:
                    yield path.relative_to(ROOT).as_posix(), text


def source_of(name, text):
    """Read a file; merge keys, which case files may not have, are written out."""
    if "<<:" in text:
        return Source(name, json.dumps(yaml.safe_load(text)))
    return Source.of(name, text)


def case_name(source, finding):
    """Name the case that the policy stands in; empty for the policies that a file's cases share, and for documents."""
    if finding.base[:1] != ("cases",):
        return ""
    positions = SourceMap.of(source)
    span = positions.span(("cases", finding.base[1], "name"))
    return yaml.safe_load(source.text[span.start.offset : span.end.offset])


def allows_everything(source, finding):
    """Is the finding about a statement whose only action is `*`?"""
    path = (*finding.base, *finding.path)
    span = SourceMap.of(source).span((*path[: path.index("Resource")], "Action"))
    return source.text[span.start.offset : span.end.offset].strip("[]'\" ") == "*"


@pytest.fixture(scope="module")
def found():
    """Collect all findings: file, case, code, and whether a statement that allows `*` explains it."""
    collected = set()
    for name, text in policy_files():
        source = source_of(name, text)
        for finding in lint(source):
            plain = finding.code in EXPECTED["plain"]["codes"] and allows_everything(source, finding)
            if not plain:
                collected.add((name, case_name(source, finding), finding.code))
    return collected


def is_topic(file, code):
    return file in EXPECTED["topics"] and code in EXPECTED["topics"][file]["codes"]


def expected_cases():
    return {
        (file, case, code)
        for code, entry in EXPECTED["cases"].items()
        for file, names in entry["files"].items()
        for case in names or [""]
    }


def test_every_finding_belongs_to_a_case(found):
    others = {one for one in found if not is_topic(one[0], one[2])}

    assert sorted(others - expected_cases()) == []


def test_every_expected_finding_is_found(found):
    assert sorted(expected_cases() - found) == []


def test_every_topic_is_found(found):
    topics = {(file, code) for file, entry in EXPECTED["topics"].items() for code in entry["codes"]}

    assert sorted(topics - {(file, code) for file, _, code in found}) == []


def test_expectations_name_checks_and_say_why():
    entries = [EXPECTED["plain"], *EXPECTED["topics"].values(), *EXPECTED["cases"].values()]
    codes = {code for entry in entries for code in entry.get("codes", ())} | set(EXPECTED["cases"])

    assert codes <= set(BY_CODE)
    assert all(entry["why"] for entry in entries)


def test_many_files_are_looked_at():
    assert len(list(policy_files())) > 60


# Cases about what the mistake itself does; with the mistake mended they answer otherwise.
ABOUT_THE_MISTAKE = {
    "the effect allow in lower case",
    "the effect DENY in capitals",
    "a Sid with a blank is refused at save time",
    "an epoch is milliseconds, as peers have it",
    "stars on both sides of the colon",
}


def mended_cases():
    """Read the case files anew after `--fix`."""
    for name, text in policy_files():
        source = Source.of(str(ROOT / name), text)
        if name.startswith(("fixtures/decisions/", "fixtures/notes/")) and name.endswith(".yaml"):
            mended = mend(source, lint)
            if mended.count:
                yield from read_cases(mended.after)


def test_safe_fixes_change_no_answer_but_where_the_mistake_is_the_case():
    outcomes = [case.run() for case in mended_cases()]

    assert len(outcomes) > 500
    assert {one.case.name for one in outcomes if not one.passed} == ABOUT_THE_MISTAKE
