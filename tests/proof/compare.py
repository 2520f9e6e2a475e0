"""Ask both evaluators the same and compare: effect, reason and layer; two refusals agree."""

from __future__ import annotations

from typing import Any, NamedTuple

from policyeval.engine import Engine
from policyeval.errors import PolicyEvalError
from policyeval.policy_set import PolicySet
from policyeval.sources.requests import read_request

from tests import oracle

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


def engine_outcome(policies: dict[str, Any], request: Any) -> Outcome:
    """Ask the engine."""
    try:
        decision = Engine(PolicySet.from_dict(policies), now=NOW).decide(read_request(request))
    except PolicyEvalError:
        return INVALID
    except Exception as error:  # the engine may raise nothing else: that is a finding
        return Outcome("crash", type(error).__name__, str(error)[:80])
    return Outcome(decision.effect.value, decision.reason.code, decision.layer)


def oracle_outcome(policies: dict[str, Any], request: Any) -> Outcome:
    """Ask the oracle."""
    try:
        answer = oracle.answer(policies, request, str(NOW))
    except oracle.Invalid:
        return INVALID
    return Outcome(answer.effect, answer.reason, answer.layer)




def disagreement(policies: dict[str, Any], request: Any) -> tuple[Outcome, Outcome] | None:
    """What engine and oracle say, when it is not the same."""
    ours, theirs = engine_outcome(policies, request), oracle_outcome(policies, request)
    return None if ours == theirs else (ours, theirs)
