"""How do explanations read on a terminal? The lines of explain/report, coloured by rich where colours are wanted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from policyeval.render.look import Look
from policyeval.source import printable

if TYPE_CHECKING:
    from policyeval.explain.explanation import Explanation
    from policyeval.explain.report import Line

# style of a line's part → what rich calls it
_STYLES = {
    "title": "bold",
    "ok": "bold green",
    "bad": "bold red",
    "dim": "dim",
    "code": "",
    "mark": "bold red",
    "add": "green",
    "remove": "red",
    "note": "cyan",
    "help": "bold cyan",
}


def render_text(explanations: Sequence[Explanation], look: Look) -> str:
    """Write explanations as text; several have a title each, and a count at the end."""
    if len(explanations) == 1:
        return _one(explanations[0], look)
    blocks = [
        _heading(_title(explanation, number, len(explanations)), look) + _one(explanation, look)
        for number, explanation in enumerate(explanations, 1)
    ]
    return "\n".join([*blocks, _heading(_count(explanations), look)])


def _heading(text: str, look: Look) -> str:
    return colored([[(text, "title")]]) if look.color else f"{text}\n"


def print_explanation(explanation: Explanation, look: Look | None = None) -> None:
    """Print an explanation to standard output."""
    print(_one(explanation, look or Look()), end="")


def _one(explanation: Explanation, look: Look) -> str:
    if look.color:
        from policyeval.explain.report import lines

        return colored(lines(explanation, verbose=look.verbose, width=look.width))
    if explanation.allowed and not look.verbose:
        return printable(explanation.allowed_line()) + "\n"
    text = explanation.text(verbose=look.verbose, width=look.width)
    return "".join(f"{printable(line)}\n" for line in text.split("\n"))


def _title(explanation: Explanation, number: int, total: int) -> str:
    request = explanation.request
    name = request.name or f"{request.action} on {request.resource}"
    return f"request {number} of {total}: {printable(name)}"


def _count(explanations: Sequence[Explanation]) -> str:
    allowed = sum(explanation.allowed for explanation in explanations)
    return f"{len(explanations)} requests: {allowed} allowed, {len(explanations) - allowed} denied"


def styled(lines: Sequence[Line], look: Look) -> str:
    """Write styled lines, in colours where they are wanted."""
    if look.color:
        return colored(lines)
    return "".join(f"{printable(''.join(text for text, _ in line).rstrip())}\n" for line in lines)


def colored(lines: Sequence[Line]) -> str:
    """Colour with the sixteen colours that every terminal has, in the shades that its user chose."""
    from rich.console import Console
    from rich.text import Text

    console = Console(
        force_terminal=True, color_system="standard", width=1000, legacy_windows=False,
        highlight=False, markup=False, emoji=False, no_color=False,
    )  # fmt: skip
    with console.capture() as captured:
        for line in lines:
            parts = [(printable(text), _STYLES.get(style, "")) for text, style in line]
            console.print(Text.assemble(*parts), soft_wrap=True)
    return captured.get()
