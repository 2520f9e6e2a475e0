"""How does each reader of the plans decide a case? All must say the same (DESIGN: one plan, several readers)."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from policyeval.engine import Engine
from policyeval.errors import PolicyEvalError
from policyeval.evaluation import decide
from policyeval.layers import StatementRun
from policyeval.request import Request
from policyeval.steps import overall
from policyeval.testing.case import Case, Outcome


def complaint(case: Case, *, every_reader: bool = True) -> str | None:
    """Say how a case fails: its expectation, or readers that disagree with the first; None when it holds."""
    try:
        engine, request = Engine(case.policy_set()), case.read_request()
        outcome = Outcome(case, engine.decide(request), None)
    except PolicyEvalError as error:
        outcome = Outcome(case, None, error)
    if not outcome.passed:
        return str(outcome)
    if outcome.decision is None or not every_reader:
        return None
    expected = outcome.decision.reason.code
    differing = {name: code for name, code in _answers(engine, request) if code != expected}
    return f"{case.name}: decided {expected}, but {differing}" if differing else None


def _answers(engine: Engine, request: Request) -> Iterator[tuple[str, str]]:
    for name, reader in _READERS.items():
        yield name, reader(engine, request)


def _again(engine: Engine, request: Request) -> str:
    return engine.decide(request).reason.code


def _one_of_many(engine: Engine, request: Request) -> str:
    first, second = engine.decide_many([request, request])
    return first.reason.code if first is second else f"{first.reason.code}, then {second.reason.code}"


def _in_full(engine: Engine, request: Request) -> str:
    return engine.situation.in_full(request).reason.code


def _by_statements(engine: Engine, request: Request) -> str:
    steps = engine.situation.steps(request)
    runs = ((step, StatementRun(step.check, step.attached, step.resource_check)) for step in steps)
    return overall((step, decide(run, step.rules)) for step, run in runs)[1].reason.code


def _traced(engine: Engine, request: Request) -> str:
    return engine.explain(request).decision.reason.code


_READERS: dict[str, Callable[[Engine, Request], str]] = {
    "the same engine, asked again": _again,
    "decide_many": _one_of_many,
    "decided in full": _in_full,
    "statement by statement": _by_statements,
    "traced": _traced,
}
