"""What holds for all policies, all callers and all requests?"""

import copy
import json
import re

import pytest
import yaml
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from policyeval import Engine, Policy, PolicyEvalError, PolicySet, Request
from policyeval.evaluation import decide
from policyeval.layers import Run, TracedRun
from tests import strategies
from tests.policies import (
    ALICE,
    ALLOW_ALL,
    CONDITION_BLOCKS,
    CONTEXT_VALUES,
    LAYERS,
    documents,
    documents_in,
    entries,
    may_have_session_policy,
    requests,
    situations,
    statements,
)
from tests.test_fixes import applied

LARGE = settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
SOME = settings(LARGE, max_examples=40)
SESSIONS = ("role session", "role session with tags", "any session of a role", "service-linked role")
REQUEST = {"action": "s3:GetObject", "resource": "arn:aws:s3:::b/k"}


def answer(policies, request):
    """Decide; an input that is refused is an answer, too."""
    try:
        decision = Engine(PolicySet.from_dict(policies)).decide(request)
    except PolicyEvalError:
        return "invalid"
    return f"{decision.reason} {decision.layer}"


def is_allowed(policies, request):
    return Engine(PolicySet.from_dict(policies)).decide(request).allowed


def with_statement(draw, policies, request, effect, layers=LAYERS):
    """Insert a statement somewhere in the policies of some layer."""
    wider = copy.deepcopy(policies)
    places = [(layer, document) for layer, document in documents_in(wider) if layer in layers]
    assume(places)
    layer, document = draw(st.sampled_from(places))
    at = draw(st.integers(0, len(document["Statement"])))
    document["Statement"].insert(at, draw(statements(layer, request, (effect,))))
    return wider


def shuffled(draw, value):
    """Reorder every list and every object of a value."""
    if isinstance(value, dict):
        return {key: shuffled(draw, value[key]) for key in draw(st.permutations(sorted(value)))}
    if isinstance(value, list):
        return [shuffled(draw, one) for one in draw(st.permutations(value))]
    return value


# Every input has an answer


@LARGE
@given(situations())
def test_every_request_is_answered_and_always_in_the_same_way(situation):
    policies, request = situation

    assert answer(*copy.deepcopy(situation)) == answer(policies, request) != "invalid"


@LARGE
@given(situations(callers=SESSIONS), st.lists(requests(SESSIONS), max_size=3))
def test_answer_does_not_depend_on_the_requests_before(situation, others):
    policies, request = situation
    engine = Engine(PolicySet.from_dict(policies))

    alone = engine.decide(request)
    after_others = [engine.decide(one) for one in [*others, request]][-1]

    assert alone == after_others


@LARGE
@given(situations())
def test_traces_lead_to_the_same_decision_as_closures(situation):
    policies, request = situation
    steps = list(Engine(PolicySet.from_dict(policies)).situation.steps(Request.from_dict(request)))

    fast = [decide(Run(step.check, step.attached, step.resource_check), step.rules) for step in steps]
    traced = [decide(TracedRun(step.check, step.attached, step.resource_check), step.rules) for step in steps]

    assert fast == traced


# Nothing is granted by what only limits


@LARGE
@given(st.data(), situations())
def test_a_deny_statement_never_widens(data, situation):
    policies, request = situation
    limited = with_statement(data.draw, policies, request, "Deny")

    assert is_allowed(policies, request) or not is_allowed(limited, request)


@LARGE
@given(st.data(), situations(), st.sampled_from(["identity", "resource", "trust", "rcp"]))
def test_a_policy_of_denies_alone_never_widens(data, situation, layer):
    policies, request = situation
    added = {"Version": "2012-10-17", "Statement": [data.draw(statements(layer, request, ("Deny",)))]}
    limited = {**policies, layer: [*policies.get(layer, []), [added] if layer == "rcp" else added]}

    assert is_allowed(policies, request) or not is_allowed(limited, request)


@LARGE
@given(st.data(), situations(without=("boundary",)))
def test_a_boundary_never_widens(data, situation):
    policies, request = situation
    limited = {**policies, "boundary": data.draw(entries("boundary", request))}

    assert is_allowed(policies, request) or not is_allowed(limited, request)


@LARGE
@given(st.data(), situations(callers=SESSIONS, without=("session",)))
def test_a_session_policy_never_widens_where_none_is_required(data, situation):
    policies, request = situation
    limited = {**policies, "session": data.draw(entries("session", request))}

    assert is_allowed(policies, request) or not is_allowed(limited, request)


@LARGE
@given(st.data(), situations())
def test_a_level_of_service_control_policies_never_widens(data, situation):
    policies, request = situation
    level = data.draw(st.lists(documents("scp", request), max_size=2))
    limited = {**policies, "scp": [*policies.get("scp", []), level]}

    assert is_allowed(policies, request) or not is_allowed(limited, request)


@LARGE
@given(st.data(), situations())
def test_a_level_of_resource_control_policies_never_widens(data, situation):
    policies, request = situation
    level = data.draw(st.lists(documents("rcp", request), max_size=2))
    limited = {**policies, "rcp": [*policies.get("rcp", []), level]}

    assert is_allowed(policies, request) or not is_allowed(limited, request)


@LARGE
@given(st.data(), situations(without=("endpoint",)))
def test_an_endpoint_policy_never_widens(data, situation):
    policies, request = situation
    limited = {**policies, "endpoint": data.draw(entries("endpoint", request))}

    assert is_allowed(policies, request) or not is_allowed(limited, request)


# Nothing is lost by what only grants


@LARGE
@given(st.data(), situations())
def test_an_allow_statement_never_narrows(data, situation):
    policies, request = situation
    layers = [layer for layer in LAYERS if layer != "rcp"]
    wider = with_statement(data.draw, policies, request, "Allow", layers)

    assert is_allowed(wider, request) or not is_allowed(policies, request)


@LARGE
@given(st.data(), situations(), st.sampled_from(["identity", "resource", "trust"]))
def test_a_further_policy_of_allows_never_narrows(data, situation, layer):
    policies, request = situation
    added = {"Version": "2012-10-17", "Statement": [data.draw(statements(layer, request, ("Allow",)))]}
    wider = {**policies, layer: [*policies.get(layer, []), added]}

    assert is_allowed(wider, request) or not is_allowed(policies, request)


@LARGE
@given(st.data(), situations())
def test_an_allow_statement_without_one_of_its_conditions_never_narrows(data, situation):
    """With RestrictPublicBuckets on it may: without the condition the policy may be public."""
    policies, request = situation
    layer = data.draw(st.sampled_from(["identity", "boundary", "endpoint"]))
    operator, keys = next(iter(data.draw(st.sampled_from(CONDITION_BLOCKS)).items()))
    grant = {**ALLOW_ALL, "Principal": "*"} if layer == "endpoint" else ALLOW_ALL
    conditional = {"Statement": [{**grant, "Condition": {operator: keys}}], "Version": "2012-10-17"}
    free = {"Statement": [grant], "Version": "2012-10-17"}

    assert is_allowed({**policies, layer: [free]}, request) or not is_allowed(
        {**policies, layer: [conditional]}, request
    )


# Order, repetition and letter case


@LARGE
@given(st.data(), situations())
def test_order_of_statements_and_entries_never_matters(data, situation):
    policies, request = situation
    reordered = {layer: shuffled(data.draw, listed) for layer, listed in policies.items()}

    assert answer(policies, request) == answer(reordered, request)


def repeated(draw, value):
    """Give some entries of every list twice; the levels of SCPs and RCPs are entries, too."""
    if isinstance(value, dict):
        return {key: repeated(draw, member) for key, member in value.items()}
    if isinstance(value, list):
        listed = [repeated(draw, one) for one in value]
        return [*listed, *(copy.deepcopy(draw(st.sampled_from(listed))) for _ in range(len(listed) and 1))]
    return value


@LARGE
@given(st.data(), situations())
def test_repetition_of_statements_policies_and_entries_never_matters(data, situation):
    policies, request = situation
    boundary = mapped(
        lambda document, _: repeated(data.draw, document), {"boundary": policies.get("boundary", [])}
    )
    again = repeated(data.draw, policies) | (boundary if "boundary" in policies else {})

    assert answer(policies, request) == answer(again, request)


@LARGE
@given(st.data(), situations())
def test_two_policies_in_one_are_the_two_policies(data, situation):
    """Of one layer, one level and one Version."""
    policies, request = situation
    layer = data.draw(st.sampled_from([name for name in LAYERS if name != "boundary"]))
    one, other = data.draw(documents(layer, request)), data.draw(documents(layer, request))
    other = {**other, "Version": one["Version"]}
    assume(layer != "session" or may_have_session_policy(request))
    merged = {**one, "Statement": one["Statement"] + other["Statement"]}
    apart, together = ([[one, other]], [[merged]]) if layer in ("scp", "rcp") else ([one, other], [merged])

    assert answer({**policies, layer: apart}, request) == answer({**policies, layer: together}, request)


RECASED = st.sampled_from([str.lower, str.upper, str.swapcase])


def with_names_recased(change, statement):
    actions = {
        name: [change(action) for action in statement[name]]
        for name in ("Action", "NotAction")
        if name in statement
    }
    conditions = {
        change(operator): {change(key): values for key, values in keys.items()}
        for operator, keys in statement.get("Condition", {}).items()
    }
    return {**statement, **actions, "Condition": conditions}


@LARGE
@given(situations(), RECASED, RECASED)
def test_letter_case_of_actions_operators_and_key_names_never_matters(situation, change, change_asked):
    policies, request = situation
    changed = copy.deepcopy(policies)
    for _, document in documents_in(changed):
        document["Statement"] = [with_names_recased(change, one) for one in document["Statement"]]
    context = {change_asked(key): value for key, value in request["context"].items()}
    asked = {**request, "action": change_asked(request["action"]), "context": context}

    assert answer(policies, request) == answer(changed, asked)


@LARGE
@given(situations(callers=("service",)), RECASED)
def test_letter_case_of_service_names_never_matters(situation, change):
    policies, request = situation
    changed = copy.deepcopy(policies)
    for _, document in documents_in(changed):
        for statement in document["Statement"]:
            named = statement.get("Principal") or statement.get("NotPrincipal")
            if isinstance(named, dict) and "Service" in named:
                named["Service"] = [change(text) for text in named["Service"]]

    assert answer(policies, request) == answer(changed, request)


CASED = st.text(alphabet="aBcD-1", min_size=1, max_size=6).filter(lambda text: text != text.swapcase())


@pytest.mark.parametrize("operator", ["StringEquals", "StringLike", "ForAnyValue:StringEquals"])
@given(CASED)
def test_letter_case_of_values_matters(operator, text):
    def decided(wanted):
        statement = {**ALLOW_ALL, "Condition": {operator: {"example:Key": wanted}}}
        request = {**REQUEST, "principal": ALICE, "context": {"example:Key": text}}
        return is_allowed({"identity": {"Version": "2012-10-17", "Statement": [statement]}}, request)

    assert (decided(text), decided(text.swapcase())) == (True, False)


@given(CASED)
def test_letter_case_of_resources_matters(text):
    def decided(named):
        statement = {**ALLOW_ALL, "Resource": f"arn:aws:s3:::b/{named}"}
        request = {**REQUEST, "principal": ALICE, "resource": f"arn:aws:s3:::b/{text}"}
        return is_allowed({"identity": {"Version": "2012-10-17", "Statement": [statement]}}, request)

    assert (decided(text), decided(text.swapcase())) == (True, False)


@LARGE
@given(situations(), RECASED)
def test_letter_case_of_variables_never_matters(situation, change):
    policies, request = situation
    written = yaml.safe_dump(policies, width=1_000)
    changed = re.sub(r"(\$\{)([^},]+)", lambda found: found[1] + change(found[2]), written)

    assert answer(policies, request) == answer(yaml.safe_load(changed), request)


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


def mapped(change, policies):
    """Change every document of a policy set."""

    def of_entry(entry, layer):
        return [change(one, layer) for one in entry] if isinstance(entry, list) else change(entry, layer)

    return {layer: [of_entry(entry, layer) for entry in listed] for layer, listed in policies.items()}


@LARGE
@given(situations())
def test_list_of_one_entry_is_the_entry(situation):
    policies, request = situation
    written = mapped(lambda document, _: single(document), policies)

    assert answer(policies, request) == answer(written, request)


@LARGE
@given(situations())
def test_json_and_yaml_of_a_document_decide_the_same(situation):
    policies, request = situation
    in_json = mapped(
        lambda document, layer: Policy.parse(Policy.parse(document, layer).to_json(), layer), policies
    )
    in_yaml = mapped(lambda document, layer: Policy.parse(yaml.safe_dump(document), layer), policies)

    assert answer(in_json, request) == answer(in_yaml, request)


# What is told is what is decided


@SOME
@given(situations())
def test_an_explanation_is_of_the_decision(situation):
    policies, request = situation
    engine = Engine(PolicySet.from_dict(policies))
    explanation = engine.explain(request)
    told = explanation.to_dict()

    assert explanation.decision is engine.decide(request)
    assert (told["reason"], told["layer"]) == (explanation.decision.reason.code, explanation.decision.layer)


@SOME
@given(situations())
def test_a_fix_does_what_it_promises(situation):
    policies, request = situation
    explanation = Engine(PolicySet.from_dict(policies)).explain(request)

    for fix in explanation.fixes:
        changed, asked = applied(fix, explanation)
        assert Engine(changed).decide(asked).allowed, fix.title


@LARGE
@given(
    st.data(),
    situations(),
    st.lists(st.sampled_from(sorted(CONTEXT_VALUES)), min_size=1, max_size=2, unique=True),
)
def test_what_is_said_of_unknown_keys_holds_for_every_value(data, situation, keys):
    policies, request = situation
    engine = Engine(PolicySet.from_dict(policies))
    told = engine.explain_unknown(request, keys)
    given_context = {key: value for key, value in request["context"].items() if key not in keys}
    values = {key: data.draw(st.sampled_from([None, *CONTEXT_VALUES[key]])) for key in keys}
    decision = engine.decide({**request, "context": {**given_context, **values}})

    assert told.decided is None or told.decided.allowed == decision.allowed
    assert decision.effect.value in {one.effect for one in told.branches} | {"undecided"} & {told.effect}
