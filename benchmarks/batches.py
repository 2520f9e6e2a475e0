"""How long does one of many decisions take?"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from itertools import count, islice
from typing import Any

from benchmarks.cases import FIVE_KEYS, OBJECT, USER, case
from benchmarks.rows import Row, missing, timed_rows
from benchmarks.timing import Effort, Task, always
from policyeval import Engine, Request

DISTINCT = 10
ROWS = 1_000_000


def consumed(results: Iterable[object]) -> None:
    """Ask for every result and keep none."""
    deque(results, maxlen=0)


def many_rows(effort: Effort) -> list[Row]:
    """Time `decide_many` per request: the same objects again, equal objects, and only different ones."""
    batch = min(10_000, effort.most)
    engine = Engine(case("5 policies with conditions").policies())
    numbers = count()
    same = [_request(number) for number in range(DISTINCT)] * (batch // DISTINCT)

    def equal(times: int) -> Iterator[list[Request]]:
        return iter([[_request(number % DISTINCT) for number in range(batch)] for _ in range(times)])

    def different(times: int) -> Iterator[list[Request]]:
        return iter([[_request(number) for number in islice(numbers, batch)] for _ in range(times)])

    def work(requests: list[Request]) -> None:
        consumed(engine.decide_many(requests))

    tasks = [
        Task("decide_many: 10 requests repeated, the same objects", work, always(same), batch),
        Task("decide_many: 10 requests repeated, equal objects", work, equal, batch, 1),
        Task("decide_many: different requests only", work, different, batch, 1),
    ]
    return timed_rows("many", tasks, [3, None, None], effort)


def _request(number: int) -> Request:
    return Request(USER, "s3:GetObject", f"{OBJECT}.{number}", FIVE_KEYS)


def table_rows(effort: Effort) -> list[Row]:
    """Time `decide_table` per row, one row in a hundred being different."""
    name = f"decide_table: {min(ROWS, effort.most * 10):,} rows, 1 % different"
    engine: Any = Engine(case("small policy").policies())
    table = _arrow_table(min(ROWS, effort.most * 10))
    if table is None or not hasattr(engine, "decide_table"):
        return [missing("table", name, "needs the extra batch", 1)]
    task = Task(name, lambda given: _finished(engine.decide_table(given)), always(table), table.num_rows, 1)
    return timed_rows("table", [task], [1], effort)


def _arrow_table(rows: int) -> Any:
    """Make a table of requests; None without pyarrow."""
    try:
        import pyarrow  # type: ignore[import-not-found,import-untyped,unused-ignore]
    except ImportError:
        return None
    different = [f"{OBJECT}.{number}" for number in range(rows // 100)]
    columns = {"principal": [USER] * rows, "action": ["s3:GetObject"] * rows, "resource": different * 100}
    return pyarrow.table(columns)


def _finished(result: Any) -> None:
    """Take the whole result, whether it is a table or comes in batches."""
    if not hasattr(result, "num_rows"):
        consumed(result)
