"""Is there a text that two patterns both match? Patterns of policies against the ARN formats of AWS services."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from policyeval.catalog.services import arn_formats, service_resource_formats

_VARIABLE = re.compile(r"\$\{[^}]*\}|<[^>]*>")
_SEGMENT = "\x01"  # any run of characters other than `/`
_LARGEST = 40_000  # the product of the lengths beyond which two patterns are taken to meet
_RUNS = ("*", _SEGMENT)
# The variables of formats that cannot hold a slash: else a bucket's ARN would fit its objects.
_WITHOUT_SLASH = ("${BucketName}",)


@lru_cache(maxsize=65536)
def patterns_meet(one: str, other: str) -> bool:
    """Can a text match both patterns?"""
    if not _starts_meet(one, other):
        return False
    if len(one) * len(other) > _LARGEST:
        return True
    waiting, seen = [(0, 0)], set()
    while waiting:
        place = waiting.pop()
        if place in seen:
            continue
        seen.add(place)
        i, j = place
        if i == len(one) and j == len(other):
            return True
        waiting += _steps(one, other, i, j)
    return False


def _starts_meet(one: str, other: str) -> bool:
    for a, b in zip(one, other, strict=False):
        if a in "*?\x01" or b in "*?\x01":
            return True
        if a != b:
            return False
    return True


def _steps(one: str, other: str, i: int, j: int) -> list[tuple[int, int]]:
    a, b = one[i : i + 1], other[j : j + 1]
    found = []
    if a in _RUNS and a:
        found.append((i + 1, j))
        if b and not (a == _SEGMENT and b == "/"):
            found.append((i, j + 1))
    if b in _RUNS and b:
        found.append((i, j + 1))
        if a and not (b == _SEGMENT and a == "/"):
            found.append((i + 1, j))
    if a and b and a not in _RUNS and b not in _RUNS and (a == b or "?" in (a, b)):
        found.append((i + 1, j + 1))
    return found


def pattern_of_format(text: str) -> str:
    """Turn a format such as `role/${RoleNameWithPath}` into a pattern."""
    for name in _WITHOUT_SLASH:
        text = text.replace(name, _SEGMENT)
    return _VARIABLE.sub("*", text)


def pattern_of_entry(text: str) -> str:
    """Turn an entry of Resource into a pattern: a variable may become anything."""
    return _VARIABLE.sub("*", text) if "${" in text else text


@cache
def formats_of(service: str) -> tuple[tuple[str, ...], ...] | None:
    """List the full formats of a service (the one in the ARN), each in six parts; None for an unknown service."""
    formats = arn_formats().get(service)
    if formats is None:
        return None
    return tuple(parts for parts in formats if len(parts) == 6)


@lru_cache(maxsize=16384)
def formats_meeting(service: str, resource: str) -> tuple[tuple[str, ...], ...] | None:
    """List the formats of a service (the one in the ARN) that a resource part fits; None for an unknown service."""
    formats = formats_of(service)
    if formats is None:
        return None
    wanted = pattern_of_entry(resource)
    return tuple(parts for parts in formats if patterns_meet(wanted, pattern_of_format(parts[5])))


@lru_cache(maxsize=65536)
def entry_fits(text: str, format: str) -> bool:
    """Can an entry of Resource match an ARN of this format?"""
    parts, wanted = text.split(":", 5), format.split(":", 5)
    if len(parts) < 6 or len(wanted) < 6:
        return True
    return all(
        patterns_meet(pattern_of_entry(part), pattern_of_format(field))
        for part, field in zip(parts[2:], wanted[2:], strict=True)
    )


def has_resource_types(service: str) -> bool:
    """Does the data know any resource type of a service?"""
    return bool(service_resource_formats(service))
