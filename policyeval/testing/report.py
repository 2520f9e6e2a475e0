"""What is told of a run of cases, and how does it read on a terminal?"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from policyeval.records import Record
from policyeval.render.look import Look
from policyeval.source import printable
from policyeval.testing.coverage import Coverage
from policyeval.testing.results import CaseResult, Status, count_words


class Report(Record, eq=False):
    """The results of a run in the order of the files, and the coverage where it was asked for."""

    results: tuple[CaseResult, ...]
    coverage: Coverage | None = None

    @property
    def is_bad(self) -> bool:
        """Is there a failure or an error?"""
        return any(result.is_bad for result in self.results)

    def by_file(self) -> dict[str, list[CaseResult]]:
        """Group the results by file."""
        files: dict[str, list[CaseResult]] = {}
        for result in self.results:
            files.setdefault(result.file, []).append(result)
        return files


_SIGNS = {Status.PASSED: "✓", Status.FAILED: "✗", Status.ERROR: "✗", Status.SKIPPED: "–"}
_STYLES = {
    Status.PASSED: "green",
    Status.FAILED: "bold red",
    Status.ERROR: "bold red",
    Status.SKIPPED: "yellow",
}


def render_text(report: Report, look: Look) -> str:
    """Write the failures with their explanations, a line for each file, and the counts."""
    paint = _painter(look.color)
    blocks = ["\n".join(_failure(one, paint)) for one in report.results if one.is_bad]
    blocks.append("\n".join(_files(report, look, paint)))
    if report.coverage is not None:
        from policyeval.testing.coverage_text import coverage_lines

        blocks.append("\n".join(coverage_lines(report.coverage, verbose=look.verbose)))
    blocks.append(paint(count_words(report.results), "bold red" if report.is_bad else "bold green"))
    return "\n\n".join(blocks) + "\n"


Painter = Callable[[str, str], str]


def _painter(color: bool) -> Painter:
    if not color:
        return lambda text, _: text
    from rich.color import ColorSystem
    from rich.style import Style

    def paint(text: str, style: str) -> str:
        return Style.parse(style).render(text, color_system=ColorSystem.STANDARD)

    return paint


def _failure(result: CaseResult, paint: Painter) -> Iterator[str]:
    yield paint(f"✗ {printable(result.name)}", "bold red")
    yield f"   --> {printable(result.file)}:{result.line}:{result.column}"
    if result.why:
        yield f"  why       {printable(result.why)}"
    yield f"  expected  {paint(printable(result.expected_words), 'green')}"
    yield f"  got       {paint(printable(result.got_words), 'red')}"
    if result.detail:
        yield ""
        yield from (f"  {printable(line)}".rstrip() for line in result.detail.split("\n"))


def _files(report: Report, look: Look, paint: Painter) -> Iterator[str]:
    files = report.by_file()
    width = max((len(printable(name)) for name in files), default=0)
    for name, results in files.items():
        yield f"{printable(name):<{width}}  {count_words(results)}"
        for one in results:
            if look.verbose or one.status is Status.SKIPPED:
                note = f": {printable(one.message)}" if one.status is Status.SKIPPED else ""
                yield f"  {paint(_SIGNS[one.status], _STYLES[one.status])} {printable(one.name)}{note}"
