"""How does coverage read over the source? One HTML file without scripts; every text is escaped."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from policyeval.source import printable
from policyeval.testing.coverage import Coverage, Shares, StatementCoverage
from policyeval.testing.coverage_text import decided_words

_STYLE = """\
:root { color-scheme: light dark; --ok: #d7f5dd; --bad: #fbd9d9; --part: #fdf0c8; --dim: #6a6a6a }
@media (prefers-color-scheme: dark) { :root { --ok: #12361d; --bad: #481d1d; --part: #423610; --dim: #a0a0a0 } }
body { font: 15px/1.5 system-ui, sans-serif; margin: 2em auto; max-width: 75em; padding: 0 1em }
table { border-collapse: collapse } td, th { padding: .2em .8em; text-align: left; vertical-align: top }
.source td { font: 13px/1.5 ui-monospace, monospace; padding: 0 .8em; white-space: pre-wrap }
.source td:first-child { color: var(--dim); text-align: right; user-select: none }
.source td:last-child { color: var(--dim); font-family: system-ui, sans-serif; white-space: normal }
.ok { background: var(--ok) } .bad { background: var(--bad) } .part { background: var(--part) }
@media print { body { margin: 0; max-width: none } }"""

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_LEGEND = (
    "<p><span class=ok>decided, and every element was once the only reason</span> · "
    "<span class=part>decided, but an element never made the difference</span> · "
    "<span class=bad>never decided</span></p>"
)


def render_html(coverage: Coverage) -> str:
    """Write the page: the shares, then each file with its statements coloured."""
    return "\n".join(_page(coverage)) + "\n"


def _page(coverage: Coverage) -> Iterator[str]:
    yield "<!doctype html>"
    yield '<html lang="en"><head><meta charset="utf-8"><title>Statement coverage</title>'
    yield '<meta name="viewport" content="width=device-width">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{escape(_POLICY)}">'
    yield f"<style>\n{_STYLE}\n</style></head><body>"
    yield f"<h1>Statement coverage</h1><p>{_text(Shares.of(coverage.statements).words)}</p>"
    yield _LEGEND
    for file, found in coverage.by_file().items():
        yield f"<h2>{_text(file)}</h2><p>{_text(Shares.of(found).words)}</p>"
        yield from _source(coverage.texts.get(file, ""), found)
    yield "</body></html>"


def _source(text: str, found: list[StatementCoverage]) -> Iterator[str]:
    """Show the lines that hold statements; of long files, the others are left out."""
    notes: dict[int, list[str]] = {}
    kinds: dict[int, str] = {}
    for one in found:
        notes.setdefault(one.line, []).insert(0, f"{one.label}: {decided_words(one)}")
        for element in one.elements.values():
            if not element.alone:
                notes.setdefault(element.line, []).append(f"{element.label} was never the only reason")
        kinds |= dict.fromkeys(range(one.line, one.end + 1), _kind(one))
    yield '<table class="source">'
    for number, line in enumerate(text.split("\n"), 1):
        if number in kinds or len(found) == 0 or _is_near(number, kinds):
            told = "; ".join(notes.get(number, ()))
            cells = f"<td>{number}</td><td>{_text(line)}</td><td>{_text(told)}</td>"
            yield f'<tr class="{kinds.get(number, "")}">{cells}</tr>'
    yield "</table>"


def _is_near(number: int, kinds: dict[int, str]) -> bool:
    return any(near in kinds for near in range(number - 3, number + 4))


def _kind(one: StatementCoverage) -> str:
    if not one.is_decided:
        return "bad"
    return "ok" if one.tested == len(one.elements) else "part"


def _text(value: str) -> str:
    return escape(printable(value))
