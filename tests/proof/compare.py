"""Ask both evaluators the same and compare: effect, reason and layer; two refusals agree."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from policyeval.engine import Engine
from policyeval.errors import PolicyEvalError
from policyeval.policy_set import PolicySet
from policyeval.sources.requests import read_request
from tests.oracle.chains import answer_request
from tests.oracle.errors import Invalid
from tests.oracle.policy_sets import PolicySet as OraclePolicies
from tests.oracle.policy_sets import read_policies
from tests.oracle.requests import read_request as read_oracle_request

NOW = 1_795_500_000
"""The clock of every run."""


class Outcome(NamedTuple):
    """What one of the two says; `invalid` for a refusal, `crash` for any other exception."""

    effect: str
    reason: str = ""
    layer: str = ""

    def __str__(self) -> str:
        return " ".join(each for each in self if each)


INVALID = Outcome("invalid")


Ask = Callable[[Any], Outcome]


def engine_of(policies: dict[str, Any]) -> Ask:
    """Read a policy set once; every request is asked of the same engine."""
    try:
        engine = Engine(PolicySet.from_dict(policies), now=NOW)
    except PolicyEvalError:
        return lambda request: INVALID
    except Exception as error:  # the engine may raise nothing else: that is a finding
        crashed = crash(error)
        return lambda request: crashed
    return lambda request: asked(engine, request)


def asked(engine: Engine, request: Any) -> Outcome:
    """Ask the engine."""
    try:
        decision = engine.decide(read_request(request))
    except PolicyEvalError:
        return INVALID
    except Exception as error:  # as above
        return crash(error)
    return Outcome(decision.effect.value, decision.reason.code, decision.layer)


def crash(error: Exception) -> Outcome:
    """An exception that is no refusal."""
    return Outcome("crash", type(error).__name__, str(error)[:80])


def oracle_of(policies: dict[str, Any]) -> Ask:
    """Read a policy set once."""
    try:
        read = read_policies(policies, strict=False)
    except Invalid:
        return lambda request: INVALID
    return lambda request: answered(read, request)


def answered(read: OraclePolicies, request: Any) -> Outcome:
    """Ask the oracle."""
    try:
        answer = answer_request(read, read_oracle_request(request, str(NOW)), strict=False)
    except Invalid:
        return INVALID
    return Outcome(answer.effect, answer.reason, answer.layer)


def disagreement(policies: dict[str, Any], request: Any) -> tuple[Outcome, Outcome] | None:
    """What engine and oracle say, when it is not the same."""
    ours, theirs = engine_of(policies)(request), oracle_of(policies)(request)
    return None if ours == theirs else (ours, theirs)
