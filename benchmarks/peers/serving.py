"""The loop of the drivers in Python: load a case, answer its requests, time them.

A line of JSON comes in for each, a line goes out. What an engine can do before the request is known, and the
translation of the request, are outside the clock; the call that decides is inside.
"""

from __future__ import annotations

import gc
import json
import sys
from collections.abc import Callable
from importlib.metadata import version
from itertools import repeat
from pathlib import Path
from time import perf_counter_ns
from typing import Any

Values = dict[str, Any]
Decide = Callable[[], bool]
Prepare = Callable[[Values], Callable[[Values], Decide]]  # policies → request → the call


class Cannot(Exception):
    """The engine has no words for a case."""


def serve(package: str, prepare: Prepare) -> None:
    """Answer until the input ends."""
    out, sys.stdout = sys.stdout, sys.stderr  # what an engine prints is no answer
    print(json.dumps({"version": version(package)}), file=out, flush=True)
    calls: dict[str, Decide] = {}
    for line in sys.stdin:
        print(json.dumps(_answer(json.loads(line), prepare, calls)), file=out, flush=True)


def _answer(asked: Values, prepare: Prepare, calls: dict[str, Decide]) -> Values:
    if "load" in asked:
        return _load(asked["load"], prepare, calls)
    if "answer" in asked:
        return {"allowed": calls[asked["answer"]]()}
    return {"nanoseconds": _elapsed(calls["allowed"], asked["times"])}


def _load(path: str, prepare: Prepare, calls: dict[str, Decide]) -> Values:
    case = json.loads(Path(path).read_text(encoding="utf-8"))
    calls.clear()
    try:
        of = prepare(case["policies"])
        calls.update({name: of(case[name]) for name in ("allowed", "denied") if case[name]})
    except Cannot as error:
        return {"cannot": str(error)}
    return {"loaded": True}


def _elapsed(decide: Decide, times: int) -> int:
    gc.collect()
    gc.disable()
    start = perf_counter_ns()
    for _ in repeat(None, times):
        decide()
    taken = perf_counter_ns() - start
    gc.enable()
    return taken


def statements(policies: Values, *, conditions: bool) -> list[Values]:
    """List the identity policies' statements, for an engine that knows no other layers.

    Raises Cannot for what it does not know.
    """
    others = [layer for layer in policies if layer != "identity"]
    if others:
        raise Cannot("identity policies only")
    found = [one for document in policies["identity"] for one in listed(document["Statement"])]
    if not conditions and any("Condition" in one for one in found):
        raise Cannot("no conditions")
    return found


def listed(value: Any) -> list[Any]:
    """Make a list of what may be one."""
    return value if isinstance(value, list) else [value]
