"""What could be left out without changing what the policy means?"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import chain, islice
from operator import itemgetter

from policyeval.checks.check import SUGGESTION, Change, Fix, Found, check
from policyeval.checks.subject import Entry, Listed, Subject
from policyeval.language.documents import JsonValue
from policyeval.language.patterns import ascii_lower, glob

Key = Callable[[str], str]
Covers = Callable[[str, str], bool]
_Wild = dict[tuple[str, str], list[tuple[int, Entry]]]
_MOST = 5000  # entries with wildcards behind these are not compared with the others
_MOST_COMPARED = 500  # entries that begin alike; an entry is not compared with more
_LONGEST_BEGINNING = 2048
_COPY = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::logs/*"}


def _redundant(listed: Listed, key: Key, covers: Covers) -> Iterator[tuple[Entry, Entry]]:
    """Pair each entry that another one covers with that one; of two that cover each other the later goes."""
    wild: _Wild = {}
    for index, entry in enumerate(listed.entries):
        if ("*" in entry.text or "?" in entry.text) and index < _MOST:
            wild.setdefault((key(entry.text), _beginning(entry.text)), []).append((index, entry))
    seen: dict[str, Entry] = {}
    for index, entry in enumerate(listed.entries):
        first = seen.setdefault(entry.text, entry)
        if first is not entry:
            yield entry, first
            continue
        group = key(entry.text)
        near = chain(_near(wild, "", entry.text), _near(wild, group, entry.text) if group else ())
        for other, wider in islice(near, _MOST_COMPARED):
            if other != index and covers(wider.text, entry.text):
                if not (covers(entry.text, wider.text) and other > index):
                    yield entry, wider
                break


def _beginning(text: str) -> str:
    """Take what stands in front of the first wildcard: what the entry covers begins with it, too."""
    return ascii_lower(re.split("[*?]", text, maxsplit=1)[0])


def _near(wild: _Wild, group: str, text: str) -> list[tuple[int, Entry]]:
    """List the entries of a group that begin as the text does, in their order."""
    lower = ascii_lower(text[:_LONGEST_BEGINNING])
    found = (wild.get((group, lower[:end]), ()) for end in range(len(lower) + 1))
    return sorted(chain.from_iterable(found), key=itemgetter(0))


def _service(action: str) -> str:
    """Group actions by service; `*` is in the group that is compared with all."""
    return ascii_lower(action.partition(":")[0]) if action.strip("*:") else ""


def _any(_: str) -> str:
    return ""


def covers_action(wider: str, narrower: str) -> bool:
    """Does a pattern match every action that another one matches?"""
    if not wider.strip("*"):
        return True
    return wider.count(":") == narrower.count(":") == 1 and _covers(ascii_lower(wider), ascii_lower(narrower))


def covers_resource(wider: str, narrower: str) -> bool:
    """Does an ARN pattern match everything that another one matches? Part by part, variables left out."""
    if not wider.strip("*"):
        return True
    if "${" in wider or "${" in narrower:
        return False
    parts, others = wider.split(":", 5), narrower.split(":", 5)
    return len(parts) == len(others) == 6 and all(map(_covers, parts, others))


def _covers(wider: str, narrower: str) -> bool:
    """Does a pattern, taken as a text, match another? With `?` against `*` it must not: `a?` does not cover `a*`."""
    if "?" in wider and "*" in narrower:
        return wider == narrower
    return glob(wider).matches(narrower)


def _entries(policy: Subject, element: str, key: Key, covers: Covers) -> Iterator[Found]:
    for statement in policy.statements:
        listed = statement.action if element == "Action" else statement.resource
        if listed is None or len(listed.entries) < 2:
            continue
        for entry, wider in _redundant(listed, key, covers):
            fix = Fix("remove it", (Change("remove", entry.path),), safe=True)
            twice = entry.text == wider.text
            message = f"`{entry.text}` stands twice" if twice else f"`{wider.text}` covers `{entry.text}`"
            yield Found(entry.path, message, "remove it", fix=fix)


@check(
    "REDUNDANT_ACTION", SUGGESTION, "an action that another entry covers",
    "The other entry matches everything that this one matches.",
    bad={"Action": ["s3:GetObject*", "s3:GetObjectAcl"]}, mark='"s3:GetObjectAcl"', good={"Action": "s3:GetObject*"},
)  # fmt: skip
def redundant_action(policy: Subject) -> Iterator[Found]:
    """A-1, A-2."""
    yield from _entries(policy, "Action", _service, covers_action)


@check(
    "REDUNDANT_RESOURCE", SUGGESTION, "a resource that another entry covers",
    "The other entry matches everything that this one matches.",
    bad={"Resource": ["arn:aws:s3:::logs/*", "arn:aws:s3:::logs/2026/*"]}, mark='"arn:aws:s3:::logs/2026/*"', good={},
)  # fmt: skip
def redundant_resource(policy: Subject) -> Iterator[Found]:
    """R-3."""
    yield from _entries(policy, "Resource", _any, covers_resource)


@check(
    "REDUNDANT_STATEMENT", SUGGESTION, "a statement that stands twice",
    "Another statement says the same; only the Sid may differ.",
    bad={"Statement": [_COPY, _COPY | {"Resource": ["arn:aws:s3:::logs/*"]}]}, mark="{", good={"Statement": [_COPY]},
)  # fmt: skip
def redundant_statement(policy: Subject) -> Iterator[Found]:
    """L-8, L-33."""
    seen: dict[object, int] = {}
    for statement in policy.statements:
        meaning = _meaning({key: value for key, value in statement.value.items() if key != "Sid"})
        first = seen.setdefault(meaning, statement.index)
        if first != statement.index:
            fix = Fix("remove it", (Change("remove", statement.path),), safe=True)
            message = f"statement {statement.index} says the same as statement {first}"
            yield Found(statement.path, message, "remove one of them", part=(0, 1), fix=fix)


def _meaning(value: JsonValue) -> object:
    """Give equal values to what means the same: order and single values do not count."""
    if isinstance(value, dict):
        return frozenset((key, _meaning(member)) for key, member in value.items())
    if isinstance(value, list):
        return frozenset(map(_item, value))
    return frozenset([_item(value)])


def _item(value: JsonValue) -> object:
    return value if isinstance(value, str) else _meaning(value) if value is not None else None
