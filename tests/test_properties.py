"""What holds for all policies, all callers and all requests?"""

import copy
import re

import pytest
import yaml
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from policyeval import Engine, Policy, PolicyEvalError, PolicySet, Request
from policyeval.evaluation import decide
from policyeval.layers import Run, TracedRun
from tests.policies import (
    CALLERS,
    LAYERS,
    documents,
    documents_in,
    entries,
    policy_sets,
    requests,
    statements,
)

MANY = settings(max_examples=400, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
SESSIONS = tuple(name for name in CALLERS if "session" in name and name != "root session" or "-linked" in name)


def answer(policies, request):
    """Decide; an input that is refused is an answer, too."""
    try:
        decision = Engine(PolicySet.from_dict(policies)).decide(request)
    except PolicyEvalError:
        return "invalid"
    return f"{decision.reason} {decision.layer}"


def is_allowed(policies, request):
    return Engine(PolicySet.from_dict(policies)).decide(request).allowed


def decidable(policies, request):
    """Pass over what is refused as input: a session policy of a caller who has no session (SP-3)."""
    assume(answer(policies, request) != "invalid")


def shuffled(draw, value):
    """Reorder every list and every object of a value."""
    if isinstance(value, dict):
        return {key: shuffled(draw, value[key]) for key in draw(st.permutations(sorted(value)))}
    if isinstance(value, list):
        return [shuffled(draw, one) for one in draw(st.permutations(value))]
    return value


# Every input has an answer


@MANY
@given(policy_sets(), requests())
def test_every_request_is_answered_and_always_in_the_same_way(policies, request):
    first = answer(policies, request)

    assert first == answer(copy.deepcopy(policies), copy.deepcopy(request))


@MANY
@given(policy_sets(), st.lists(requests(), min_size=1, max_size=4))
def test_answer_does_not_depend_on_the_requests_before(policies, asked):
    for request in asked:
        decidable(policies, request)
    engine = Engine(PolicySet.from_dict(policies))

    answers = [engine.decide(request).reason.code for request in asked + asked[::-1]]

    assert answers == answers[::-1]
    assert answers[0] == answer(policies, asked[0]).split()[0]


@MANY
@given(policy_sets(), requests())
def test_traces_lead_to_the_same_decision_as_closures(policies, request):
    decidable(policies, request)
    steps = list(Engine(PolicySet.from_dict(policies)).situation.steps(Request.from_dict(request)))

    fast = [decide(Run(step.check, step.attached, step.resource_check), step.rules) for step in steps]
    traced = [decide(TracedRun(step.check, step.attached, step.resource_check), step.rules) for step in steps]

    assert fast == traced


# Nothing is granted by what only limits


@MANY
@given(st.data(), policy_sets(), requests())
def test_a_deny_statement_never_widens(data, policies, request):
    decidable(policies, request)
    places = list(documents_in(policies))
    assume(places)
    before = is_allowed(policies, request)

    layer, document = data.draw(st.sampled_from(places))
    at = data.draw(st.integers(0, len(document["Statement"])))
    document["Statement"].insert(at, data.draw(statements(layer, ("Deny",))))

    assert before or not is_allowed(policies, request)


@MANY
@given(st.data(), policy_sets(), requests())
def test_a_policy_of_denies_alone_never_widens(data, policies, request):
    decidable(policies, request)
    layer = data.draw(st.sampled_from(["identity", "resource", "trust", "rcp"]))
    added = {"Version": "2012-10-17", "Statement": [data.draw(statements(layer, ("Deny",)))]}
    wider = {**policies, layer: [*policies.get(layer, []), [added] if layer == "rcp" else added]}

    assert is_allowed(policies, request) or not is_allowed(wider, request)


@MANY
@given(st.data(), policy_sets(without=("boundary",)), requests())
def test_a_boundary_never_widens(data, policies, request):
    decidable(policies, request)
    limited = {**policies, "boundary": data.draw(entries("boundary"))}

    assert is_allowed(policies, request) or not is_allowed(limited, request)


@MANY
@given(st.data(), policy_sets(without=("session",)), requests(SESSIONS))
def test_a_session_policy_never_widens_where_none_is_required(data, policies, request):
    limited = {**policies, "session": data.draw(entries("session"))}

    assert is_allowed(policies, request) or not is_allowed(limited, request)


@MANY
@given(st.data(), policy_sets(), requests())
def test_a_level_of_service_control_policies_never_widens(data, policies, request):
    decidable(policies, request)
    level = data.draw(st.lists(documents("scp"), max_size=2))
    limited = {**policies, "scp": [*policies.get("scp", []), level]}

    assert is_allowed(policies, request) or not is_allowed(limited, request)


@MANY
@given(st.data(), policy_sets(without=("endpoint",)), requests())
def test_an_endpoint_policy_never_widens(data, policies, request):
    decidable(policies, request)
    limited = {**policies, "endpoint": data.draw(entries("endpoint"))}

    assert is_allowed(policies, request) or not is_allowed(limited, request)


# Nothing is lost by what only grants


@MANY
@given(st.data(), policy_sets(), requests())
def test_an_allow_statement_never_narrows(data, policies, request):
    decidable(policies, request)
    places = [(layer, document) for layer, document in documents_in(policies) if layer != "rcp"]
    assume(places)
    before = is_allowed(policies, request)

    layer, document = data.draw(st.sampled_from(places))
    at = data.draw(st.integers(0, len(document["Statement"])))
    document["Statement"].insert(at, data.draw(statements(layer, ("Allow",))))

    assert is_allowed(policies, request) or not before


@MANY
@given(st.data(), policy_sets(), requests())
def test_a_further_identity_policy_of_allows_never_narrows(data, policies, request):
    decidable(policies, request)
    added = {"Version": "2012-10-17", "Statement": [data.draw(statements("identity", ("Allow",)))]}
    wider = {**policies, "identity": [*policies.get("identity", []), added]}

    assert is_allowed(wider, request) or not is_allowed(policies, request)


# Order and letter case


@MANY
@given(st.data(), policy_sets(), requests())
def test_order_of_statements_and_entries_never_matters(data, policies, request):
    reordered = {layer: shuffled(data.draw, listed) for layer, listed in policies.items()}

    assert answer(policies, request) == answer(reordered, request)


def recased(draw, text):
    """Change the letter case of a name, but not within its `${…}`."""
    change = draw(st.sampled_from([str.lower, str.upper, str.swapcase, str]))
    return change(text)


def with_names_recased(draw, statement):
    changed = dict(statement)
    for name in ("Action", "NotAction"):
        if name in changed:
            changed[name] = [recased(draw, action) for action in changed[name]]
    changed["Condition"] = {
        recased(draw, operator): {recased(draw, key): values for key, values in keys.items()}
        for operator, keys in statement.get("Condition", {}).items()
    }
    return changed


@MANY
@given(st.data(), policy_sets(), requests())
def test_letter_case_of_actions_operators_and_key_names_never_matters(data, policies, request):
    changed = copy.deepcopy(policies)
    for _, document in documents_in(changed):
        document["Statement"] = [with_names_recased(data.draw, one) for one in document["Statement"]]
    context = {recased(data.draw, key): value for key, value in request["context"].items()}
    asked = {**request, "action": recased(data.draw, request["action"]), "context": context}

    assert answer(policies, request) == answer(changed, asked)


@MANY
@given(st.data(), policy_sets(), requests())
def test_letter_case_of_variables_never_matters(data, policies, request):
    def recase(found):
        return found[1] + recased(data.draw, found[2])

    changed = copy.deepcopy(policies)
    for _, document in documents_in(changed):
        for statement in document["Statement"]:
            for name in ("Resource", "NotResource"):
                if name in statement:
                    statement[name] = [re.sub(r"(\$\{)([^},]+)", recase, text) for text in statement[name]]

    assume(changed != policies)
    assert answer(policies, request) == answer(changed, request)


# One document, several forms


@pytest.mark.parametrize("layer", LAYERS)
@given(st.data())
def test_rendered_policy_is_the_policy(layer, data):
    policy = Policy.parse(data.draw(documents(layer)), layer)

    assert policy == Policy.parse(policy.to_json(), layer)
    assert policy == Policy.parse(policy.to_json(indent=None), layer)


def single(value):
    """Write every list of one entry as the entry alone."""
    if isinstance(value, dict):
        return {key: single(member) for key, member in value.items()}
    if isinstance(value, list):
        return single(value[0]) if len(value) == 1 else [single(one) for one in value]
    return value


@MANY
@given(policy_sets(), requests())
def test_list_of_one_entry_is_the_entry(policies, request):
    written = {
        layer: [[single(one) for one in entry] if isinstance(entry, list) else single(entry) for entry in listed]
        for layer, listed in policies.items()
    }

    assert answer(policies, request) == answer(written, request)


@settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow])
@given(policy_sets(), requests())
def test_json_and_yaml_of_a_document_decide_the_same(policies, request):
    def parsed(write):
        return {
            layer: [
                [Policy.parse(write(one), layer) for one in entry] if isinstance(entry, list)
                else Policy.parse(write(entry), layer)
                for entry in listed
            ]
            for layer, listed in policies.items()
        }  # fmt: skip

    in_yaml = parsed(yaml.safe_dump)

    assert answer(policies, request) == answer(in_yaml, request)
