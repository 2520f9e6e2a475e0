"""A fix that is shown does what it promises: applied to the files, it allows the request."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings

from policyeval.engine import Engine
from policyeval.errors import PolicyEvalError
from policyeval.explain.explanation import Explanation
from policyeval.explain.fixes import Fix
from policyeval.language.documents import read_document
from policyeval.language.policy import Policy
from policyeval.policy_set import PolicySet
from policyeval.request import Request
from policyeval.sources.requests import read_request
from tests.strategies import scenarios

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
    request = explanation.request
    given = type(request.context)(dict(fix.context))
    return policies, request.changed(context=request.context.merged(given))


@SOME
@given(scenarios())
def test_every_fix_allows_the_request(scenario):
    explanation = explained(*scenario)
    plain = explanation is not None and not explanation.request.also and not explanation.request.via
    fixes = explanation.fixes if explanation is not None and plain else ()

    for fix in fixes:
        policies, request = applied(fix, explanation)
        assert Engine(policies, now=1_700_000_000).decide(request).allowed, fix.title


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
