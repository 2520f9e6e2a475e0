"""How do findings read on a terminal? As compilers write: place, weight, words, the line with a caret, the way out."""

from __future__ import annotations

from collections.abc import Iterator

from policyeval.checks.check import FindingType
from policyeval.checks.lint import Finding
from policyeval.render.findings import Linted, summary
from policyeval.render.look import Look
from policyeval.source import excerpt, printable

_STYLES = {
    FindingType.ERROR: "bold red",
    FindingType.SECURITY_WARNING: "bold magenta",
    FindingType.WARNING: "bold yellow",
    FindingType.SUGGESTION: "bold cyan",
}
Part = tuple[str, str]


def render_findings_text(linted: Linted, look: Look) -> str:
    """Write every finding, then a line that sums up."""
    lines = [line for finding in linted.findings for line in _finding(finding, look)]
    lines.append([(summary(linted), "bold")])
    if look.color:
        return _colored(lines)
    return "".join("".join(text for text, _ in line) + "\n" for line in lines)


def _finding(finding: Finding, look: Look) -> Iterator[list[Part]]:
    start = finding.span.start
    place = f"{printable(finding.file)}:{start.line}:{start.column}: "
    yield [
        (place, "bold"),
        (f"{finding.type.words}: ", _STYLES[finding.type]),
        (printable(finding.message), ""),
        (f" ({finding.code})", "dim"),
    ]
    if finding.span.end.offset > 0:
        for line in excerpt(finding.source, finding.span).split("\n"):
            yield [(line, "red" if line.strip(" |^.").strip() == "" and "^" in line else "")]
    if finding.help is not None:
        yield [("   help: ", "bold cyan"), (printable(finding.help), "")]
    if look.verbose:
        yield [("   why:  ", "bold cyan"), (finding.check.text, "")]
        yield [("   see:  ", "bold cyan"), (finding.check.url, "dim")]


def _colored(lines: list[list[Part]]) -> str:
    from rich.console import Console
    from rich.text import Text

    console = Console(
        force_terminal=True, color_system="standard", width=1000, legacy_windows=False,
        highlight=False, markup=False, emoji=False, no_color=False,
    )  # fmt: skip
    with console.capture() as captured:
        for line in lines:
            console.print(Text.assemble(*line), soft_wrap=True)
    return captured.get()
