"""How is markup written so that no text of a policy ever becomes markup? Every child is escaped unless it is Markup."""

from __future__ import annotations

from html import escape

from policyeval.source import printable

_VOID = {"br", "hr", "meta"}
# Written on lines of their own, so that two pages can be compared line by line.
_BLOCKS = {
    "article",
    "details",
    "div",
    "dt",
    "figure",
    "g",
    "header",
    "li",
    "nav",
    "p",
    "section",
    "summary",
    "tr",
}


class Markup(str):
    """Text that is markup already; only `element` and `joined` make it."""

    __slots__ = ()


Child = str | None


def element(name: str, /, *children: Child, **attributes: str | None) -> Markup:
    """Write an element; `class_` stands for class, `aria_label` for aria-label, None leaves out."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{_text(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    if name in _VOID:
        return Markup(f"<{name}{written}>")
    end = "\n" if name in _BLOCKS else ""
    return Markup(f"<{name}{written}>{joined(*children)}</{name}>{end}")


def joined(*children: Child, by: str = "") -> Markup:
    """Put children one behind the other, the plain ones escaped."""
    kept = (child for child in children if child is not None)
    return Markup(by.join(child if isinstance(child, Markup) else _text(child) for child in kept))


def coded(text: str) -> Markup:
    """Show what stands in backticks as code; a backtick without its partner stays."""
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return joined(text)
    return joined(*(element("code", part) if at % 2 else part for at, part in enumerate(parts)))


def _text(value: str) -> str:
    """Escape a text; what would hide or move other text is replaced first."""
    return escape("\n".join(printable(line) for line in value.split("\n")))
