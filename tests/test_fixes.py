"""A fix that is shown does what it promises: applied to the files, it allows the request."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings

from policyeval.context import Context
from policyeval.engine import Engine
from policyeval.errors import PolicyEvalError
from policyeval.explain.explanation import Explanation
from policyeval.explain.fixes import Fix
from policyeval.language.documents import read_document
from policyeval.language.policy import Policy
from policyeval.policy_set import PolicySet
from policyeval.records import replace
from policyeval.request import Request
from policyeval.sources.requests import read_request
from tests import strategies
from tests.generate import Dice
from tests.generate.one_statement import about_one_statement
from tests.generate.policy_sets import policy_set
from tests.generate.requests import also, hop, situation
from tests.strategies import scenarios
from tests.worlds import at_least, decisive

FEW = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
SOME = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


def explained(policies: dict[str, Any], request: dict[str, Any]) -> Explanation | None:
    """Explain a generated request; None when the input is refused."""
    try:
        return Engine(PolicySet.from_dict(policies), now=1_700_000_000).explain(read_request(request))
    except PolicyEvalError:
        return None


def applied(fix: Fix, explanation: Explanation) -> tuple[PolicySet, Request]:
    """Apply a fix as a user would: replace the files, add the new policies, change the call."""
    after = {change.before: change.after for change in fix.files}

    def changed(policy: Policy) -> Policy:
        source = after.get(policy.source)
        if source is None:
            return policy
        value: Any = read_document(source)
        for step in policy.base:
            value = value[step]
        return Policy.from_value(value, policy.type.name, name=policy.name, origin=source, base=policy.base)

    policies = explanation.situation.policies.mapped(changed)
    for new in fix.new_policies:
        made = Policy.parse(new.document, new.layer.value)
        if new.layer.value == "identity":
            policies = policies.replaced(identity=(*policies.identity, made))
        elif new.layer.value == "trust":
            policies = policies.replaced(trust=(made,))
        else:
            policies = policies.replaced(resources={**policies.resources, new.resource: (made,)})
    return policies, called_with(fix, explanation.request)


def called_with(fix: Fix, request: Request) -> Request:
    """Give the keys of a fix to the whole request, and to every part of it that has values of its own for them."""

    def changed(part: Any) -> Any:
        own = Context({key: value for key, value in fix.context if key.lower() in part.context})
        return replace(part, context=part.context.merged(own))

    details = replace(
        request.details, also=tuple(map(changed, request.also)), via=tuple(map(changed, request.via))
    )
    return request.changed(context=request.context.merged(Context(dict(fix.context))), details=details)


def every_fix_allows(explanation: Explanation | None) -> None:
    """Apply every fix and decide again; an example without any is not decisive."""
    fixes = explanation.fixes if explanation is not None else ()
    for fix in fixes:
        policies, request = applied(fix, explanation)
        assert Engine(policies, now=1_700_000_000).decide(request).allowed, fix.title
    decisive(bool(fixes))


@at_least(12)
@SOME
@given(scenarios())
def test_every_fix_allows_the_request(scenario):
    every_fix_allows(explained(*scenario))


def several_checks(dice: Dice) -> tuple[dict[str, Any], dict[str, Any]]:
    """Make a request with further checks or roles on the way, in a world where most else is allowed."""
    found = situation(dice)
    if dice.chance(0.5):
        found.request["also"] = [also(dice, found.owner) for _ in range(dice.few())]
    else:
        found.request["via"] = [hop(dice) for _ in range(dice.few())]
    policies = about_one_statement(found) if dice.chance(0.5) else policy_set(found, None)
    return policies, found.request


@at_least(4)
@FEW
@given(strategies.dice.map(several_checks))
def test_every_fix_allows_a_request_of_several_checks(scenario):
    """R-41, ST-5: the checks of `also` and of the roles in `via`."""
    every_fix_allows(explained(*scenario))


@SOME
@given(scenarios())
def test_an_explanation_decides_as_the_engine_does(scenario):
    explanation = explained(*scenario)
    if explanation is None:
        return
    engine = Engine(explanation.situation.policies, now=1_700_000_000)

    assert explanation.decision == engine.decide(explanation.request)


@SOME
@given(scenarios())
def test_an_explanation_can_be_told_in_every_form(scenario):
    explanation = explained(*scenario)
    if explanation is None:
        return

    assert explanation.text(verbose=True).startswith(("ALLOWED", "DENIED"))
    assert explanation.to_dict()["decision"] == explanation.decision.effect.value


@SOME
@given(scenarios())
def test_only_a_denied_request_has_fixes_and_blockers(scenario):
    explanation = explained(*scenario)
    if explanation is None or not explanation.allowed:
        return

    assert explanation.fixes == ()
    assert explanation.blockers == ()
