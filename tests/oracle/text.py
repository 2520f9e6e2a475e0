"""Text: wildcards, policy variables, ARNs, and the values that conditions compare."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

Unit = tuple[str, bool]
"""One character of a pattern, and whether it is a wildcard."""
Lookup = Callable[[str], Any]

ALL_STARS = re.compile(r"\*+\Z")
_VARIABLE = re.compile(r"\$\{([^\s{}',]+)(?:, '([^']*)')?\}")
_SPECIAL = {"${*}": "*", "${?}": "?", "${$}": "$"}


def words(text: str) -> list[str]:
    """Split a list that is written as one text."""
    return text.split()


def lower_words(text: str) -> set[str]:
    """The words of a text in lower case."""
    return {word.lower() for word in words(text)}


class Number:
    """A number of a document, kept as its source text (L-11)."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return self.text


def scalar_text(value: Any) -> str | None:
    """L-11: give a JSON scalar as text; None when it is no scalar."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    if isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, Number):
        return value.text
    return None


# ---------------------------------------------------------------- patterns


def literal(text: str) -> list[Unit]:
    """R-31, C-93: a substituted value holds no wildcards."""
    return [(character, False) for character in text]


def raw(text: str) -> list[Unit]:
    """A-2, C-52: `*` and `?` are wildcards, everything else is itself."""
    return [(character, character in "*?") for character in text]


def glob(pattern: Sequence[Unit], text: str) -> bool:
    """A-2, R-3, C-52: match the whole text; `*` is any run, `?` exactly one character."""
    places = {0}
    for character, wild in pattern:
        if wild and character == "*":
            places = set(range(min(places), len(text) + 1)) if places else set()
        elif wild:
            places = {place + 1 for place in places if place < len(text)}
        else:
            places = {place + 1 for place in places if text[place : place + 1] == character}
    return len(text) in places


def plain(pattern: Sequence[Unit]) -> str:
    """C-50: the pattern's characters, wildcards taken as ordinary characters."""
    return "".join(character for character, _ in pattern)


def resolve(text: str, lookup: Lookup, variables: bool) -> list[Unit] | None:
    """C-90 to C-98, R-30 to R-34, R-48: replace the policy variables; None when one has no value."""
    if not variables:
        return raw(text)
    units: list[Unit] = []
    place = 0
    while place < len(text):
        if not text.startswith("${", place):
            units += raw(text[place])
            place += 1
            continue
        if text[place : place + 4] in _SPECIAL:
            units += literal(_SPECIAL[text[place : place + 4]])
            place += 4
            continue
        found = _VARIABLE.match(text, place)
        if found is None:
            if "}" not in text[place:]:
                units += literal("${")
                place += 2
                continue
            return None
        is_key = ":" in found[1][1:-1]  # other text is no key, and its default does not count
        value = variable_value(found[1], found[2], lookup) if is_key else None
        if value is None:
            return None
        units += literal(value)
        place = found.end()
    return units


def variable_value(key: str, default: str | None, lookup: Lookup) -> str | None:
    """R-32, R-34, C-94: the value of a single-valued key, else the default, else nothing."""
    value = lookup(key)
    if isinstance(value, str) and (value != "" or default is None):
        return value
    return default


# ---------------------------------------------------------------- ARNs


def split_arn(text: str) -> list[str] | None:
    """R-1: the six parts of an ARN; None when it is none."""
    parts = text.split(":", 5)
    return parts if len(parts) == 6 and parts[0] == "arn" else None


def same_case(arn: str) -> str:
    """R-5: the letter case of an ARN's first parts does not count."""
    parts = split_arn(arn)
    return arn if parts is None else ":".join([part.lower() for part in parts[:5]] + parts[5:])


def split_units(pattern: Sequence[Unit]) -> list[list[Unit]]:
    """C-80: split at the first five colons, after the variables were replaced."""
    parts: list[list[Unit]] = [[]]
    for unit in pattern:
        if unit[0] == ":" and len(parts) < 6:
            parts.append([])
        else:
            parts[-1].append(unit)
    return parts


def is_account(text: Any) -> bool:
    """Say whether the text is an account id."""
    return isinstance(text, str) and re.fullmatch(r"[0-9]{12}", text) is not None
