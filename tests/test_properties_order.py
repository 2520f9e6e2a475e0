"""Order, repetition and letter case: what may be written in several ways decides the same."""

import copy
import json
import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.policies import ALICE, ALLOW_ALL, LAYERS, may_have_session_policy
from tests.worlds import LARGE, at_least, decide_alike, documents_in, is_allowed, mapped, worlds

REQUEST = {"action": "s3:GetObject", "resource": "arn:aws:s3:::b/k"}


def shuffled(draw, value):
    """Reorder every list and every object of a value."""
    if isinstance(value, dict):
        return {key: shuffled(draw, value[key]) for key in draw(st.permutations(sorted(value)))}
    if isinstance(value, list):
        return [shuffled(draw, one) for one in draw(st.permutations(value))]
    return value


@at_least(10)
@LARGE
@given(st.data(), worlds())
def test_order_of_statements_and_entries_never_matters(data, world):
    decide_alike(world, shuffled(data.draw, world.policies))


def repeated(draw, value):
    """Give some entries of every list twice; the levels of SCPs and RCPs are entries, too."""
    if isinstance(value, dict):
        return {key: repeated(draw, member) for key, member in value.items()}
    if isinstance(value, list):
        listed = [repeated(draw, one) for one in value]
        return [*listed, *(copy.deepcopy(draw(st.sampled_from(listed))) for _ in range(len(listed) and 1))]
    return value


@at_least(10)
@LARGE
@given(st.data(), worlds())
def test_repetition_of_statements_policies_and_entries_never_matters(data, world):
    """A principal has one boundary: only what stands in it is repeated."""
    again = repeated(data.draw, world.policies)
    if "boundary" in again:
        again["boundary"] = again["boundary"][:1]

    decide_alike(world, again)


@at_least(10)
@LARGE
@given(worlds(), st.sampled_from([name for name in LAYERS if name != "boundary"]))
def test_two_policies_in_one_are_the_two_policies(world, layer):
    """Of one layer, one level and one Version."""
    assume(layer != "session" or may_have_session_policy(world.request))
    one, other = ({"Version": "2012-10-17", **world.document(layer)} for _ in range(2))
    merged = {**one, "Statement": one["Statement"] + other["Statement"]}
    other["Version"] = one["Version"]
    apart, together = ([[one, other]], [[merged]]) if layer in ("scp", "rcp") else ([one, other], [merged])

    decide_alike(
        world._replace(policies={**world.policies, layer: apart}), {**world.policies, layer: together}
    )


# Letter case

RECASED = st.sampled_from([str.lower, str.upper, str.swapcase])


def with_keys_recased(change, value):
    """Write the keys of an object in another case; keys that become one are no example (L-10)."""
    changed = {change(key): member for key, member in value.items()}
    assume(len({key.lower() for key in value}) == len(value))
    return changed


def with_names_recased(change, statement):
    actions = {
        name: [change(action) for action in statement[name]]
        for name in ("Action", "NotAction")
        if name in statement
    }
    conditions = {
        operator: with_keys_recased(change, keys) for operator, keys in statement.get("Condition", {}).items()
    }
    return {**statement, **actions, "Condition": with_keys_recased(change, conditions)}


def asked_with(change, part):
    """Write the actions and key names of a request, or of a part of it, in another case."""
    given_keys = {"context": with_keys_recased(change, part["context"])} if "context" in part else {}
    further = {"also": [asked_with(change, one) for one in part["also"]]} if "also" in part else {}
    action = part["action"]
    asked = [change(one) for one in action] if isinstance(action, list) else change(action)
    return {**part, "action": asked, **given_keys, **further}


@at_least(10)
@LARGE
@given(worlds(), RECASED, RECASED)
def test_letter_case_of_actions_operators_and_key_names_never_matters(world, change, change_asked):
    changed = copy.deepcopy(world.policies)
    for _, document in documents_in(changed):
        document["Statement"] = [with_names_recased(change, one) for one in document["Statement"]]

    decide_alike(world, changed, asked_with(change_asked, world.request))


@at_least(10)
@LARGE
@given(
    worlds(callers=("service",), suits=lambda caller: caller.is_service),
    st.sampled_from(["Allow", "Allow", "Deny"]),
    RECASED,
    RECASED,
)
def test_letter_case_of_service_names_never_matters(world, effect, change, change_asked):
    """P-12: in policies, which name the caller, and in the request."""
    caller = world.request["principal"]
    name = caller["service"] if isinstance(caller, dict) else caller

    def naming(spelled):
        policies = mapped(lambda document, _: services_recased(spelled, document), world.policies)
        statement = {"Effect": effect, "Principal": {"Service": [spelled(name)]}, "Action": ["*"]}
        for layer, element in (("resource", {"Resource": ["*"]}), ("trust", {})):
            own = {"Version": "2012-10-17", "Statement": [statement | element]}
            policies = {**policies, layer: [*policies.get(layer, []), own]}
        return policies

    asked = {**world.request, "principal": {"service": change_asked(name)}}
    decide_alike(world._replace(policies=naming(str)), naming(change), asked)


def services_recased(change, document):
    """Write the services that a policy names in another case."""
    changed = copy.deepcopy(document)
    for statement in changed["Statement"]:
        named = statement.get("Principal") or statement.get("NotPrincipal")
        if isinstance(named, dict) and "Service" in named:
            named["Service"] = [change(text) for text in named["Service"]]
    return changed


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


VARIABLE = re.compile(r"(\$\{)([\w:/-]+)(?=[,}])")


def with_variables_recased(change, document):
    """Write the names of variables in another case; under the old Version they are plain text (L-22)."""
    if document.get("Version") != "2012-10-17":
        return document
    return json.loads(VARIABLE.sub(lambda found: found[1] + change(found[2]), json.dumps(document)))


@at_least(2)
@LARGE
@given(worlds(), RECASED)
def test_letter_case_of_variables_never_matters(world, change):
    assume(VARIABLE.search(json.dumps(world.policies)))

    decide_alike(world, mapped(lambda document, _: with_variables_recased(change, document), world.policies))
