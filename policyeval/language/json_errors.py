"""What is wrong with text that is not JSON? Labels by what stands at the place where reading failed."""

from __future__ import annotations

import re
from json import JSONDecodeError

from policyeval.limits import NESTING
from policyeval.syntax import SyntaxProblem, nested_too_deep

_STRING = r'"[^"\\\x00-\x1f]*(?:\\.[^"\\\x00-\x1f]*)*"'
_BRACKETS = re.compile(rf"{_STRING}|[\[\]{{}}]")
_CONSTANTS = re.compile(rf"{_STRING}|(?P<constant>NaN|-?Infinity)")
_PAIR = "u[dD][89abAB][0-9a-fA-F]{2}\\\\u[dD][c-fC-F][0-9a-fA-F]{2}"
_ESCAPES = re.compile(rf"\\(?:{_PAIR}|(?P<lone>u[dD][89a-fA-F][0-9a-fA-F]{{2}})|(?P<nul>u0000)|.)")
_WORD = re.compile(r"[^\s,:\[\]{}\"']+")
_SPACE = " \t\r\n"
_QUOTES = {"'": "'", "\u2018": "\u2019", "\u201c": "\u201d", "\u201d": "\u201d", "`": "`"}
_WORDS = {"true": "true", "false": "false", "null": "null", "none": "null", "undefined": "null"}


def syntax_problem(text: str, problem: JSONDecodeError) -> SyntaxProblem:
    """Explain why the JSON reader stopped."""
    if problem.msg.startswith("Invalid control character"):
        return _control_character(text, problem.pos)
    if problem.msg.startswith("Unterminated string"):
        return _open_string(problem.pos, len(text))
    if problem.msg.startswith("Invalid \\"):
        return _escape(text, problem.pos)
    at = problem.pos + len(text[problem.pos :]) - len(text[problem.pos :].lstrip(_SPACE))
    return _at_token(text, at, problem.msg)


def _at_token(text: str, at: int, expected: str) -> SyntaxProblem:
    rest = text[at : at + 3]
    if rest.startswith(("//", "/*", "#")):
        return _comment(text, at)
    if expected.startswith("Extra data"):
        return _after_the_end(text, at)
    if not rest:
        return _ends_early(text)
    before = text[:at].rstrip(_SPACE)
    if expected.startswith("Illegal trailing comma") or (rest[0] in "}]" and before.endswith(",")):
        return _trailing_comma(text, at)
    if rest[0] in _QUOTES:
        return _wrong_quotes(text, at)
    if expected.startswith("Expecting ','"):
        return _no_comma(text, at, len(before))
    if expected.startswith("Expecting ':'"):
        return _no_colon(text, at, len(before))
    return _no_key(text, at) if expected.startswith("Expecting property name") else _no_value(text, at)


# Within a string


def _control_character(text: str, at: int) -> SyntaxProblem:
    if text[at] in "\r\n":
        return _open_string(_opening_quote(text, at), at)
    if text[at] == "\t":
        return SyntaxProblem("a tab within a string", at, at + 1, "write `\\t` for it, or a space")
    code = f"\\u{ord(text[at]):04x}"
    message = f"control character U+{code[2:].upper()} within a string"
    return SyntaxProblem(message, at, at + 1, f"write `{code}` for it")


def _opening_quote(text: str, at: int) -> int:
    quote = text.rfind('"', 0, at)
    while quote > 0 and _is_escaped(text, quote):
        quote = text.rfind('"', 0, quote)
    return max(quote, 0)


def _is_escaped(text: str, at: int) -> bool:
    slashes = at
    while slashes > 0 and text[slashes - 1] == "\\":
        slashes -= 1
    return (at - slashes) % 2 == 1


def _open_string(start: int, end: int) -> SyntaxProblem:
    help = 'add the closing `"`; a line break within a string is written `\\n`'
    return SyntaxProblem("a string without its closing quote", start, end, help)


def _escape(text: str, at: int) -> SyntaxProblem:
    start = at if text[at] == "\\" else text.rfind("\\", 0, at + 1)
    if text[start + 1 : start + 2] == "u":
        end = start + 2 + len(re.match("[0-9a-zA-Z]{0,4}", text[start + 2 :])[0])  # type: ignore[index]  # matches anything
        return SyntaxProblem(
            f"`{text[start:end]}` is no character", start, end, "`\\u` needs four digits 0-9 a-f"
        )
    escape = text[start : start + 2]
    help = f"for a backslash write it twice: `\\{escape}`"
    return SyntaxProblem(f"`{escape}` is no escape of JSON", start, start + 2, help)


# Between values


def _comment(text: str, at: int) -> SyntaxProblem:
    end = text.find("*/", at) + 2 if text.startswith("/*", at) else text.find("\n", at)
    end = len(text) if end <= at else end
    help = "remove it, put the words into `Sid` or `Id`, or keep the document as YAML, which has `#`"
    return SyntaxProblem("a comment, which JSON does not have", at, end, help)


def _trailing_comma(text: str, at: int) -> SyntaxProblem:
    comma = at if text[at] == "," else text.rindex(",", 0, at)
    closing = text[comma + 1 :].lstrip(_SPACE)[:1]
    return SyntaxProblem(f"a comma before the closing `{closing}`", comma, comma + 1, "remove the comma")


def _wrong_quotes(text: str, at: int) -> SyntaxProblem:
    closing = text.find(_QUOTES[text[at]], at + 1, at + 200)
    if closing < 0 or "\n" in text[at:closing]:
        return SyntaxProblem(f"a string that starts with {text[at]}", at, at + 1, 'use double quotes: `"`')
    help = f'use double quotes: `"{text[at + 1 : closing]}"`'
    return SyntaxProblem("a string without double quotes", at, closing + 1, help)


def _after_the_end(text: str, at: int) -> SyntaxProblem:
    if text[at] in "}]":
        return SyntaxProblem(
            f"`{text[at]}` closes nothing", at, at + 1, "remove it, or open the bracket before"
        )
    if text[at] in "{[":
        help = "keep one document in a file, or put several into a list `[ , ]`"
        return SyntaxProblem("a second document starts here", at, at + 1, help)
    if not text[:at].rstrip(_SPACE).endswith(("}", "]")):
        return _not_a_document(text, len(text) - len(text.lstrip(_SPACE)))
    return SyntaxProblem("text after the end of the document", at, _token_end(text, at), "remove it")


def _ends_early(text: str) -> SyntaxProblem:
    opened = _open_brackets(text, len(text))
    if not opened:
        return _not_a_document(text, 0)
    if len(opened) > NESTING.most:
        return nested_too_deep(opened[NESTING.most], opened[NESTING.most] + 1)
    at = opened[-1]
    closing = "".join("}" if text[bracket] == "{" else "]" for bracket in reversed(opened))
    return SyntaxProblem(
        f"this `{text[at]}` is not closed", at, at + 1, f"add `{closing}` at the end of the document"
    )


def _not_a_document(text: str, at: int) -> SyntaxProblem:
    help = "a JSON document starts with `{`; the name of a YAML file ends in `.yaml`"
    return SyntaxProblem("the document is not JSON", at, _token_end(text, at), help)


def _no_comma(text: str, at: int, end: int) -> SyntaxProblem:
    if text[at] in "}]":
        return _wrong_bracket(text, at)
    if text[at] == ":":
        return SyntaxProblem(
            "a `:` after a value", at, at + 1, "members with keys stand in `{ }`, values in `[ ]`"
        )
    if end == at and text[at - 1] == '"' and text[at] != '"':
        help = 'a quote within a string is written `\\"`'
        return SyntaxProblem("text after the closing quote", at, _token_end(text, at), help)
    if end == at and text[at] not in '"{[':
        return _no_string(text, _word_start(text, at))
    if text[at] in '"{[-' or text[at].isalnum():
        return SyntaxProblem("a comma is missing", end, end, "add `,` here")
    return SyntaxProblem(f"`{text[at]}` where a comma is expected", at, at + 1, "separate values with `,`")


def _no_colon(text: str, at: int, end: int) -> SyntaxProblem:
    key = text[_opening_quote(text, end - 1) : end]
    if text[at] in ",}]":
        help = f"write `{key}: value`; a list of values stands in `[ ]`"
        return SyntaxProblem(f"the key `{key[1:-1]}` has no value", end - len(key), end, help)
    if text[at] == "=":
        return SyntaxProblem("`=` after a key", at, at + 1, "write `:`")
    return SyntaxProblem(f"a `:` is missing after the key `{key[1:-1]}`", end, end, "add `:` here")


def _no_key(text: str, at: int) -> SyntaxProblem:
    if text[at] == "]":
        return _wrong_bracket(text, at)
    if text[at] == ",":
        return SyntaxProblem("a comma too many", at, at + 1, "remove it")
    if text[at] in "{[:":
        return SyntaxProblem(
            f"`{text[at]}` where a key is expected", at, at + 1, 'members are written `"key": value`'
        )
    end = _token_end(text, at)
    return SyntaxProblem("a key without double quotes", at, end, f'write `"{text[at:end]}"`')


def _no_value(text: str, at: int) -> SyntaxProblem:
    before = text[:at].rstrip(_SPACE)
    if text[at] in ",}]" and before.endswith(":"):
        end = len(before[:-1].rstrip(_SPACE))
        key = text[_opening_quote(text, end - 1) : end]
        return SyntaxProblem(
            f"the key `{key[1:-1]}` has no value", end - len(key), end, "add a value after the `:`"
        )
    if text[at] == ",":
        return SyntaxProblem("a comma too many", at, at + 1, "remove it")
    if text[at] in "}]":
        return _wrong_bracket(text, at)
    if not before:
        return _not_a_document(text, at)
    return _no_string(text, at)


def _no_string(text: str, at: int) -> SyntaxProblem:
    end = _token_end(text, at)
    word = text[at:end]
    if word.lower() in _WORDS:
        return SyntaxProblem(f"`{word}` is no value of JSON", at, end, f"write `{_WORDS[word.lower()]}`")
    return SyntaxProblem("a value without double quotes", at, end, f'write `"{word}"`')


def _wrong_bracket(text: str, at: int) -> SyntaxProblem:
    opened = _open_brackets(text, at)
    if not opened:
        return SyntaxProblem(
            f"`{text[at]}` closes nothing", at, at + 1, "remove it, or open the bracket before"
        )
    opening = text[opened[-1]]
    line = text.count("\n", 0, opened[-1]) + 1
    closing = "}" if opening == "{" else "]"
    message = f"`{text[at]}` where `{closing}` is expected, for the `{opening}` in line {line}"
    return SyntaxProblem(message, at, at + 1, f"add the missing `{closing}` before it")


# What the reader accepts and policies must not hold


def not_a_number(text: str) -> SyntaxProblem:
    """Find the first `NaN` or `Infinity`."""
    start, end = next(match.span() for match in _CONSTANTS.finditer(text) if match["constant"])
    return SyntaxProblem(
        f"`{text[start:end]}` is no number of JSON", start, end, "write a number, or quote it as text"
    )


def too_deep(text: str) -> SyntaxProblem:
    """Find the first bracket that is nested too deep."""
    depth = 0
    for match in _BRACKETS.finditer(text):
        depth += {"{": 1, "[": 1, "}": -1, "]": -1}.get(match[0], 0)
        if depth > NESTING.most:
            return nested_too_deep(match.start(), match.end())
    return nested_too_deep(0, 1)


def refuse_escapes(text: str) -> None:
    """Refuse escapes that make no character: half of a surrogate pair, and NUL."""
    for match in _ESCAPES.finditer(text):
        start, end = match.span()
        if match["lone"]:
            help = "write the character itself, or both halves of its pair"
            raise SyntaxProblem(f"`{match[0]}` is half of a character", start, end, help)
        if match["nul"]:
            raise SyntaxProblem("a NUL character in a string", start, end, "remove it: AWS stores none")


def _open_brackets(text: str, end: int) -> list[int]:
    """List the brackets that are open at a place; everything before it is well-formed."""
    opened: list[int] = []
    for match in _BRACKETS.finditer(text, 0, end):
        if match[0] in "{[":
            opened.append(match.start())
        elif match[0] in "}]":
            opened.pop()
    return opened


def _token_end(text: str, at: int) -> int:
    word = _WORD.match(text, at)
    return word.end() if word else min(at + 1, len(text))


def _word_start(text: str, at: int) -> int:
    while at > 0 and _WORD.fullmatch(text, at - 1, at):
        at -= 1
    return at
