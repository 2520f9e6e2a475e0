"""What is wrong with text that is not YAML? The parser's words, said for people who write policies."""

from __future__ import annotations

import re
from collections.abc import Callable

from policyeval.syntax import SyntaxProblem

_NOT_ALLOWED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]")
# fmt: off
_SAID = {
    "mapping values are not allowed":  ("a `:` that makes a key where none can stand",
                                        "quote a value that holds a colon and a space; indent keys alike"),
    "did not find expected '-'":       ("this line does not continue the list above it",
                                        "indent a key like the keys of its mapping; start an item with `- `"),
    "did not find expected <document": ("text after the end of the document",
                                        "remove it; put each document into its own file"),
    "did not find expected node":      ("a value is expected here", "quote a value that starts with a bracket"),
    "found incompatible YAML":         ("a version of YAML that is not read", "remove the `%YAML` line"),
}
# fmt: on


def refuse_characters(text: str) -> None:
    """Refuse the control characters that YAML does not allow."""
    if found := _NOT_ALLOWED.search(text):
        code = ord(found[0])
        help = f"remove it, or write `\\u{code:04x}` within double quotes"
        raise SyntaxProblem(
            f"control character U+{code:04X} in the document", found.start(), found.end(), help
        )


def told_plainly(text: str, problem: SyntaxProblem) -> SyntaxProblem:
    """Say what the parser found; what this package found itself is said already."""
    if problem.help is not None:
        return problem
    for start, explain in _EXPLAINED.items():
        if problem.message.startswith(start):
            return explain(text, min(problem.start, len(text)), problem.since)
    return _said(text, min(problem.start, len(text)), problem.message)


def _open_string(text: str, at: int, since: int) -> SyntaxProblem:
    help = f"add the closing `{text[since]}`"
    return SyntaxProblem("a string without its closing quote", since, since + 1, help)


def _open_bracket(text: str, at: int, since: int) -> SyntaxProblem:
    help = f"add `,` between its values and `{']' if text[since] == '[' else '}'}` after them"
    return SyntaxProblem(f"this `{text[since]}` is not closed", since, since + 1, help)


def _no_colon(text: str, at: int, since: int) -> SyntaxProblem:
    return SyntaxProblem("a key without `:`", since, _line_end(text, since), "write `key: value`")


def _escape(text: str, at: int, since: int) -> SyntaxProblem:
    help = "for a backslash write it twice, or use single quotes"
    return SyntaxProblem(f"`{text[at : at + 2]}` is no escape of YAML", at, at + 2, help)


def _no_key(text: str, at: int, since: int) -> SyntaxProblem:
    """Tell a line that is indented wrongly from a quote within a string."""
    if text[at - 1 : at] not in ("'", '"'):
        help = "indent the keys of one mapping alike"
        return SyntaxProblem("this does not continue the mapping around it", at, at + 1, help)
    quote = "''" if text[at - 1] == "'" else '\\"'
    help = f"a quote within a string is written `{quote}`"
    return SyntaxProblem("text after the closing quote", at, _line_end(text, at), help)


def _first_character(text: str, at: int, since: int) -> SyntaxProblem:
    """A value starts with a character that means something else to YAML, as `*` does."""
    if text[at : at + 1] == "\t":
        return SyntaxProblem("a tab in the indentation", at, at + 1, "indent with spaces")
    start = at - 1 if text[at - 1 : at] in ("*", "&") else at
    end = max(_line_end(text, start), start + 1)
    help = f'put the value into quotes: `"{text[start:end]}"`'
    return SyntaxProblem(f"a value that starts with `{text[start]}`", start, end, help)


_EXPLAINED: dict[str, Callable[[str, int, int], SyntaxProblem]] = {
    "found unexpected end of stream": _open_string,
    "did not find expected ','": _open_bracket,
    "could not find expected ':'": _no_colon,
    "found unknown escape": _escape,
    "did not find expected key": _no_key,
    "found character that cannot": _first_character,
    "did not find expected alphabetic": _first_character,
}


def _said(text: str, at: int, message: str) -> SyntaxProblem:
    end = min(at + 1, len(text))
    for start, (said, help) in _SAID.items():
        if message.startswith(start):
            return SyntaxProblem(said, at, end, help)
    return SyntaxProblem(f"not YAML: {message}", at, end, "is this the right file?")


def _line_end(text: str, at: int) -> int:
    line = text[at:].split("\n", 1)[0]
    return at + len(line.split(" #", 1)[0].rstrip(" \r,]}"))
