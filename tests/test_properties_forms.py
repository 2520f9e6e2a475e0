"""One document in several forms, and what is told of a decision: both are about the same answer."""

import json

import pytest
import yaml
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from policyeval import Engine, Policy, PolicyEvalError, PolicySet
from tests import strategies
from tests.generate.vocabulary import KEYS, LISTS
from tests.policies import CONTEXT_VALUES, LAYERS, documents, situations
from tests.test_fixes import applied
from tests.worlds import LARGE, NOW, at_least, decide_alike, decisive, keys_read, mapped, worlds

SOME = settings(LARGE, max_examples=40)
REQUEST = {"action": "s3:GetObject", "resource": "arn:aws:s3:::b/k"}


def engine_for(policies):
    return Engine(PolicySet.from_dict(policies), now=NOW)


# One document, several forms


@pytest.mark.parametrize("layer", LAYERS)
@given(st.data())
def test_rendered_policy_is_the_policy(layer, data):
    policy = Policy.parse(data.draw(documents(layer, REQUEST)), layer)

    assert policy == Policy.parse(policy.to_json(), layer)
    assert policy == Policy.parse(policy.to_json(indent=None), layer)


@pytest.mark.parametrize("layer", LAYERS)
@given(st.data())
def test_rendered_policy_of_any_shape_is_the_policy(layer, data):
    """Texts, lists, missing elements: whatever the general generator writes."""
    try:
        policy = Policy.parse(data.draw(strategies.documents(layer)), layer)
    except PolicyEvalError:
        assume(False)

    in_yaml = yaml.safe_dump(json.loads(policy.to_json()), sort_keys=False)

    assert policy == Policy.parse(policy.to_json(), layer) == Policy.parse(in_yaml, layer)


def single(value):
    """Write every list of one entry as the entry alone."""
    if isinstance(value, dict):
        return {key: single(member) for key, member in value.items()}
    if isinstance(value, list):
        return single(value[0]) if len(value) == 1 else [single(one) for one in value]
    return value


@at_least(10)
@LARGE
@given(worlds())
def test_list_of_one_entry_is_the_entry(world):
    decide_alike(world, mapped(lambda document, _: single(document), world.policies))


@at_least(10)
@LARGE
@given(worlds())
def test_json_and_yaml_of_a_document_decide_the_same(world):
    in_json = mapped(
        lambda document, layer: Policy.parse(Policy.parse(document, layer).to_json(), layer), world.policies
    )
    in_yaml = mapped(lambda document, layer: Policy.parse(yaml.safe_dump(document), layer), world.policies)

    decide_alike(world, in_json)
    decide_alike(world, in_yaml)


# What is told is what is decided


@SOME
@given(worlds())
def test_an_explanation_is_of_the_decision(world):
    engine = engine_for(world.policies)
    explanation = engine.explain(world.request)
    told = explanation.to_dict()

    assert explanation.decision is engine.decide(world.request)
    assert (told["reason"], told["layer"]) == (explanation.decision.reason.code, explanation.decision.layer)


@at_least(4)
@SOME
@given(situations())
def test_a_fix_does_what_it_promises(situation):
    policies, request = situation
    explanation = Engine(PolicySet.from_dict(policies)).explain(request)

    for fix in explanation.fixes:
        changed, asked = applied(fix, explanation)
        assert Engine(changed).decide(asked).allowed, fix.title
    decisive(bool(explanation.fixes))


VALUES = {
    **{key.lower(): [*options] for key, _, options in KEYS},
    **{key.lower(): [[one] for one in options] + [[*options[:2]]] for key, _, options in LISTS},
    **{key.lower(): values for key, values in CONTEXT_VALUES.items()},
}


@at_least(6)
@LARGE
@given(st.data(), worlds())
def test_what_is_said_of_unknown_keys_holds_for_every_value(data, world):
    read = sorted(keys_read(world.policies) & set(VALUES))
    assume(read)
    keys = data.draw(st.lists(st.sampled_from(read), min_size=1, max_size=2, unique=True))
    engine = engine_for(world.policies)
    told = engine.explain_unknown(world.request, keys)
    for _ in range(3):
        values = {key: data.draw(st.sampled_from([None, *VALUES[key]])) for key in keys}
        holds_for(told, values, engine.decide(completed(world.request, values)))


def completed(request, values):
    given_values = {key: one for key, one in request.get("context", {}).items() if key.lower() not in values}
    return {**request, "context": {**given_values, **values}}


def holds_for(told, values, decision):
    try:
        branch = told.branch_for(values)
    except LookupError:  # values that AWS never gives; tests/test_unknown.py looks at what is left out
        return
    assert told.decided is None or told.decided.allowed == decision.allowed
    assert branch.decision is None or branch.decision.allowed == decision.allowed
    assert branch.decision is None or told.search.has_loose_reasons or branch.decision is decision
    decisive(len(told.branches) > 1 and branch.decision is not None)
