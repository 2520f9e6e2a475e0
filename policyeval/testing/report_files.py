"""How do results read for other programs? JUnit for build servers, annotations and Markdown for pull requests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element, SubElement

from policyeval.render.github import workflow_command
from policyeval.render.junit import legal, xml_text
from policyeval.render.look import Look
from policyeval.render.markdown import code, fence, text
from policyeval.source import printable
from policyeval.testing.coverage import Coverage, Shares
from policyeval.testing.report import Report
from policyeval.testing.results import CaseResult, Status, count_words, counts

# JUnit


def render_junit(report: Report, _: Look) -> str:
    """Write a suite for each file. No times: the same cases give the same bytes."""
    suites = Element("testsuites", {"name": "policyeval", **_counted(report.results)})
    for file, results in report.by_file().items():
        suite = SubElement(suites, "testsuite", {"name": legal(file), **_counted(results)})
        for result in results:
            _testcase(suite, result)
    return xml_text(suites)


def _counted(results: list[CaseResult] | tuple[CaseResult, ...]) -> dict[str, str]:
    found = counts(results)
    return {
        "tests": str(len(results)), "failures": str(found[Status.FAILED]), "errors": str(found[Status.ERROR]),
        "skipped": str(found[Status.SKIPPED]),
    }  # fmt: skip


def _testcase(suite: Element, result: CaseResult) -> None:
    given = {
        "name": result.name, "classname": _class_name(result.file), "file": result.file, "line": str(result.line),
    }  # fmt: skip
    case = SubElement(suite, "testcase", {name: legal(value) for name, value in given.items()})
    if result.status is Status.SKIPPED:
        SubElement(case, "skipped", {"message": legal(result.message)})
    elif result.is_bad:
        kind = "failure" if result.status is Status.FAILED else "error"
        words = {"message": legal(result.message), "type": legal(result.got_reason or result.got or kind)}
        SubElement(case, kind, words).text = legal(result.detail)


def _class_name(file: str) -> str:
    """Write a file's name as the dotted names that build servers group by."""
    name = file.removesuffix(".json").removesuffix(".yaml").removesuffix(".yml").removesuffix(".iamtest")
    return ".".join(part for part in Path(name).parts if part not in ("/", ".", ".."))


# GitHub


def render_github(report: Report, _: Look) -> str:
    """Write an annotation for each failure at the case's line, and the counts."""
    lines = [_annotation(one) for one in report.results if one.is_bad]
    return "\n".join([*lines, printable(count_words(report.results))]) + "\n"


def _annotation(result: CaseResult) -> str:
    properties = {"file": result.file, "line": str(result.line), "title": f"{result.name}: {result.message}"}
    return workflow_command("error", properties, result.detail or result.message)


# Markdown


def render_markdown(report: Report, look: Look) -> str:
    """Write the counts, a table of the failures, and below each its explanation, folded."""
    return "\n".join(_markdown(report, look)) + "\n"


def _markdown(report: Report, look: Look) -> Iterator[str]:
    yield f"### {'❌' if report.is_bad else '✅'} {count_words(report.results)}"
    bad = [one for one in report.results if one.is_bad]
    if bad:
        yield from ("", "| case | where | expected | got |", "| --- | --- | --- | --- |")
        yield from (_row(one) for one in bad)
    for one in bad:
        yield from ("", f"<details><summary>{_html(one.name)}</summary>", "")
        yield from fence(one.detail.split("\n"))
        yield from ("", "</details>")
    for one in report.results:
        if one.status is Status.SKIPPED and look.verbose:
            yield from ("", f"* skipped: {code(one.name)}: {text(one.message)}")
    if report.coverage is not None:
        yield from ("", *_coverage(report.coverage))


def _row(result: CaseResult) -> str:
    cells = (result.name, f"{result.file}:{result.line}", result.expected_words, result.got_words)
    return f"| {' | '.join(code(cell, cell=True) for cell in cells)} |"


def _html(value: str) -> str:
    from html import escape

    return escape(printable(value.replace("\n", " ")))


def _coverage(coverage: Coverage) -> Iterator[str]:
    from policyeval.testing.coverage_text import decided_words, untested_words

    yield from ("| statement | decided | never the only reason |", "| --- | --- | --- |")
    for one in coverage.statements:
        place = code(f"{one.file}:{one.line} {one.label}", cell=True)
        never = code(untested_words(one), cell=True) if untested_words(one) else ""
        yield f"| {place} | {decided_words(one)} | {never} |"
    shares = Shares.of(coverage.statements)
    yield from ("", f"{shares.words}.")
