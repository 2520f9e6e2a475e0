"""How does a decision's time grow with what is given? Tables, and the exponent of the curve through them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from benchmarks.cases import FIVE_KEYS, READ, SESSION, TWELVE_KEYS, USER, request
from benchmarks.documents import (
    BUCKET,
    READ_LOGS,
    SEVEN_LAYERS,
    about_other_actions,
    about_other_resources,
    allow,
    document,
)
from benchmarks.rows import Row, exponent, timed_rows
from benchmarks.timing import Effort, Spread, Task, always
from policyeval import Engine, Request


@dataclass(frozen=True, slots=True)
class Point:
    """A size, and a decision about something of that size."""

    size: int
    label: str
    policies: dict[str, Any]
    request: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Series:
    """Decisions that differ in one thing only."""

    name: str
    points: Callable[[int], Iterable[Point]]  # up to a size
    target: float | None = None


def growth_rows(effort: Effort) -> list[Row]:
    """Time every series; a row for each point, and one for the exponent."""
    return [row for one in SERIES for row in _series_rows(one, effort)]


def _series_rows(series: Series, effort: Effort) -> list[Row]:
    points = list(series.points(effort.most))
    tasks = [
        Task(
            f"{series.name}: {one.label}", Engine(one.policies).decide, always(Request.from_dict(one.request))
        )
        for one in points
    ]
    rows = timed_rows("growth", tasks, [None] * len(tasks), effort)
    return [*rows, _exponent_row(series, [one.size for one in points], rows)]


def _exponent_row(series: Series, sizes: list[int], rows: list[Row]) -> Row:
    """Tell the larger of two exponents: of all points, and of the larger half, where fixed costs hide less."""
    times = [row.multiple.middle for row in rows if row.multiple]
    half = len(sizes) // 2
    whole, upper = exponent(sizes, times), exponent(sizes[half:], times[half:])
    note = f"all points {whole:.2f}, the larger ones {upper:.2f}"
    spread = Spread.of([max(whole, upper)])
    return Row("growth", f"{series.name}: exponent", spread, "", None, series.target, note)


def _sizes(most: int) -> list[int]:
    return [size for size in (10, 100, 1_000, 10_000, 100_000) if size <= most]


def _other_resources(most: int) -> Iterable[Point]:
    for size in _sizes(most):
        yield Point(size, f"{size:,}", {"identity": about_other_resources(size)}, READ)


def _other_actions(most: int) -> Iterable[Point]:
    for size in _sizes(most):
        yield Point(size, f"{size:,}", {"identity": about_other_actions(size)}, READ)


def _any_resource(most: int) -> Iterable[Point]:
    """Every statement is about the action and the resource, and its condition fails: no index can help."""
    for size in _sizes(min(most, 1_000)):
        failing = [
            allow("s3:Get*", f"{BUCKET}/*", StringEquals={"aws:PrincipalTag/team": f"t{i}"})
            for i in range(size)
        ]
        yield Point(size, f"{size:,}", {"identity": document(*failing)}, request(context=FIVE_KEYS))  # fmt: skip


def _values(operator: str, key: str, value: Callable[[int], str]) -> Callable[[int], Iterable[Point]]:
    """Lists of values of which none fits, so that all may have to be looked at."""

    def points(most: int) -> Iterable[Point]:
        for size in _sizes(min(most, 10_000)):
            values = {key: [value(index) for index in range(size)]}
            policies = {"identity": document(allow("s3:Get*", f"{BUCKET}/*", **{operator: values}))}
            yield Point(size, f"{size:,}", policies, request(context=FIVE_KEYS))

    return points


def _hostile(stars: Callable[[int], str], text: Callable[[int], str]) -> Callable[[int], Iterable[Point]]:
    """Patterns and texts that make a matcher try and fail; the size is stars × length."""

    def points(most: int) -> Iterable[Point]:
        for count, length in ((5, 100), (10, 200), (20, 400), (40, 800), (80, 1_000), (240, 1_000)):
            about = READ_LOGS | {"Resource": f"{BUCKET}/{stars(count)}"}
            asked = {**READ, "resource": f"{BUCKET}/{text(length)}"}
            yield Point(count * length, f"{count} × {length:,}", {"identity": document(about)}, asked)

    return points


def _layers(most: int) -> Iterable[Point]:
    for size in range(1, len(SEVEN_LAYERS) + 1):
        policies = dict(list(SEVEN_LAYERS.items())[:size])
        asked = request(SESSION, resource_account=USER.split(":")[4], context=TWELVE_KEYS)
        yield Point(size, f"{size} ({list(policies)[-1]})", policies, asked)


SERIES = [
    Series("statements about other resources", _other_resources, 0.15),
    Series("statements about other actions", _other_actions, 0.15),
    Series("statements that all apply, conditions failing", _any_resource),
    Series("hostile pattern `*a…*b*`, stars × length", _hostile(lambda n: "*a" * n + "*b*", lambda n: "a" * n), 1.1),
    Series(
        "hostile pattern `*ab…*cb*`, stars × length",
        _hostile(lambda n: "*ab" * n + "*cb*", lambda n: "ab" * (n // 2)),
        1.1,
    ),
    Series("hostile pattern `*?a…b?*`, stars × length", _hostile(lambda n: "*?a" * n + "b?*", lambda n: "a" * n), 1.1),
    Series("values, StringEquals", _values("StringEquals", "aws:PrincipalTag/team", lambda n: f"team-{n}")),
    Series("values, StringLike", _values("StringLike", "aws:PrincipalTag/team", lambda n: f"team-{n}-*")),
    Series("values, IpAddress", _values("IpAddress", "aws:SourceIp", lambda n: f"172.{n >> 8 & 255}.{n & 255}.0/28")),
    Series("layers, 12 context keys", _layers),
]  # fmt: skip
