"""What limits never widens, and what grants never narrows: for all policies, callers and requests."""

import copy

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from policyeval import Engine, PolicySet, Request
from policyeval.evaluation import decide
from policyeval.layers import Run, TracedRun
from policyeval.principal import PrincipalKind
from tests.policies import ALLOW_ALL, CALLERS, CONDITION_BLOCKS, LAYERS, OBJECT, ROLE, requests, situations
from tests.worlds import LARGE, NOW, answer, at_least, documents_in, never_widens, omit, worlds

SESSIONS = ("role session", "role session with tags", "any session of a role", "service-linked role")
MEMBERS = ("user", "user with tags", "role session", "role session with tags", "federated user")


def document_of(*statements):
    return {"Version": "2012-10-17", "Statement": list(statements)}


EVERYTHING = {
    "identity": document_of(ALLOW_ALL),
    "resource": document_of({**ALLOW_ALL, "Principal": "*"}),
    "trust": document_of({"Effect": "Allow", "Principal": "*", "Action": ["*"]}),
}


def granted(policies, layers=("identity",)):
    """Let the policies of some layers allow everything, so that what limits comes to decide."""
    return {**policies, **{layer: [*policies.get(layer, []), EVERYTHING[layer]] for layer in layers}}


def opened(world):
    """Grant the call by every layer that can grant."""
    return world._replace(policies=granted(world.policies, EVERYTHING))


def open_worlds(**limits):
    """Give worlds as they are, and more often open ones, in which what only limits decides."""
    return st.one_of(worlds(**limits), *[worlds(**limits).map(opened)] * 2)


def with_statement(draw, world, effect, layers=LAYERS):
    """Insert a statement somewhere in the policies of some layer."""
    changed = copy.deepcopy(world.policies)
    places = [(layer, document) for layer, document in documents_in(changed) if layer in layers]
    assume(places)
    layer, document = draw(st.sampled_from(places))
    at = draw(st.integers(0, len(document["Statement"])))
    document["Statement"].insert(at, world.statement(layer, effect))
    return changed


def with_policy(world, layer, document):
    """Add a policy to a layer; one that would take the place of another (UX §1) is no example."""
    takes_place = {"identity": "roles", "trust": "resource"}.get(layer)
    assume(layer in world.policies or takes_place not in world.policies)
    return {**world.policies, layer: [*world.policies.get(layer, []), document]}


def with_level(policies, layer, level):
    """Add a level of organization policies, to every account that has levels of its own."""
    levels = policies.get(layer, [])
    if isinstance(levels, dict):
        return {**policies, layer: {account: [*own, level] for account, own in levels.items()}}
    return {**policies, layer: [*levels, level]}


@LARGE
@given(worlds())
def test_every_request_is_answered_and_always_in_the_same_way(world):
    policies, request = copy.deepcopy(world[:2])

    assert answer(policies, request) == answer(*world[:2]) != "invalid"


@LARGE
@given(situations(callers=SESSIONS), st.lists(requests(SESSIONS), max_size=3))
def test_answer_does_not_depend_on_the_requests_before(situation, others):
    policies, request = situation
    engine = Engine(PolicySet.from_dict(policies))

    alone = engine.decide(request)
    after_others = [engine.decide(one) for one in [*others, request]][-1]

    assert alone == after_others


@LARGE
@given(worlds())
def test_traces_lead_to_the_same_decision_as_closures(world):
    engine = Engine(PolicySet.from_dict(world.policies), now=NOW)
    steps = list(engine.situation.steps(Request.from_dict(world.request)))

    fast = [decide(Run(step.check, step.attached, step.resource_check), step.rules) for step in steps]
    traced = [decide(TracedRun(step.check, step.attached, step.resource_check), step.rules) for step in steps]

    assert fast == traced


# Nothing is granted by what only limits


@at_least(2)
@LARGE
@given(st.data(), open_worlds())
def test_a_deny_statement_never_widens(data, world):
    limited = with_statement(data.draw, world, "Deny")

    never_widens(world.policies, limited, world.request)


@at_least(2)
@LARGE
@given(open_worlds(), st.sampled_from(["identity", "resource", "rcp"]))
def test_a_policy_of_denies_alone_never_widens(world, layer):
    assumes_role = "assumerole" in str(world.request["action"]).lower()
    layer = "trust" if assumes_role and layer == "resource" else layer
    added = document_of(world.statement(layer, "Deny"))
    is_level = layer == "rcp"
    limited = with_level(world.policies, layer, [added]) if is_level else with_policy(world, layer, added)

    never_widens(world.policies, limited, world.request)


def members(*without):
    """Give callers that can have a boundary."""
    return worlds(callers=MEMBERS, suits=lambda caller: caller.has_identity_policies, without=without)


@at_least(4)
@LARGE
@given(members("boundary", "resource", "scp") | members("boundary"), st.booleans())
def test_a_boundary_never_widens(world, is_short):
    """PB-1, for callers that can have one and are granted the call, more often than not by identity-based policies."""
    limit = document_of(world.statement("boundary", "Allow")) if is_short else world.document("boundary")
    policies = granted(world.policies)

    never_widens(policies, {**policies, "boundary": limit}, world.request)


def is_role_session(caller):
    return caller.kind is PrincipalKind.ROLE_SESSION


@at_least(4)
@LARGE
@given(
    worlds(callers=SESSIONS, suits=is_role_session, without=("session", "resource", "scp"))
    | worlds(callers=SESSIONS, suits=is_role_session, without=("session",)),
    st.booleans(),
)
def test_a_session_policy_never_widens_where_none_is_required(world, is_short):
    """SP-1."""
    limit = document_of(world.statement("session", "Allow")) if is_short else world.document("session")
    policies = granted(world.policies)

    never_widens(policies, {**policies, "session": [limit]}, world.request)


@at_least(4)
@LARGE
@given(st.integers(0, 5), open_worlds())
def test_a_level_of_service_control_policies_never_widens(number, world):
    level = [world.document("scp")] if number else []

    never_widens(world.policies, with_level(world.policies, "scp", level), world.request)


@at_least(4)
@LARGE
@given(open_worlds())
def test_a_level_of_resource_control_policies_never_widens(world):
    level = [world.document("rcp")]

    never_widens(world.policies, with_level(world.policies, "rcp", level), world.request)


@at_least(4)
@LARGE
@given(open_worlds(without=("endpoint",)))
def test_an_endpoint_policy_never_widens(world):
    limit = world.document("endpoint")

    never_widens(world.policies, {**world.policies, "endpoint": [limit]}, world.request)


# Nothing is lost by what only grants


def without_restriction(policies):
    """Turn RestrictPublicBuckets off: with it, what grants may make a policy public (S3-4)."""
    s3 = policies.get("settings", {}).get("s3", {})
    if "block_public_access" not in s3:
        return policies
    blocked = omit(s3["block_public_access"], "restrict_public_buckets")
    return {**policies, "settings": {"s3": {**s3, "block_public_access": blocked}}}


def unrestricted(world):
    return world._replace(policies=without_restriction(world.policies))


def silent_in(world, layer):
    """Let one layer say nothing, and leave the decision to it: what it limits is granted, and there is nothing else."""
    silence = {**EVERYTHING.get(layer, EVERYTHING["identity"])["Statement"][0], "Action": ["example:Nothing"]}
    principal = {"Principal": "*"} if layer == "endpoint" else {}
    document = document_of(silence | principal)
    rest = omit(world.policies, *LAYERS, "roles")
    if layer not in ("identity", "resource"):
        rest = granted(rest, ("identity",) if layer in ("boundary", "session", "trust") else EVERYTHING)
    return world._replace(policies={**rest, layer: [[document]] if layer == "scp" else [document]})


ALLOWING = [name for name in LAYERS if name != "rcp"]


@at_least(2)
@LARGE
@given(st.data(), worlds().map(unrestricted), st.sampled_from([None, *ALLOWING]))
def test_an_allow_statement_never_narrows(data, world, silent):
    before = world if silent is None else silent_in(world, silent)
    wider = with_statement(data.draw, before, "Allow", ALLOWING if silent is None else (silent,))

    never_widens(wider, before.policies, world.request)


@at_least(5)
@LARGE
@given(
    worlds().map(unrestricted),
    st.sampled_from(["identity", "resource", "trust"]),
    st.booleans(),
    st.booleans(),
)
def test_a_further_policy_of_allows_never_narrows(world, layer, is_bare, is_broad):
    """Also of the first policy, in a world without any."""
    before = world._replace(policies=omit(world.policies, *LAYERS, "roles")) if is_bare else world
    policy = EVERYTHING[layer] if is_broad else document_of(world.statement(layer, "Allow"))
    wider = with_policy(before, layer, policy)

    never_widens(wider, before.policies, world.request)


def conditional(statement):
    """Tell whether a statement allows something under a condition that has keys."""
    return statement["Effect"] == "Allow" and any(statement.get("Condition", {}).values())


def with_less(draw, condition):
    """Take one operator or one key out of a condition."""
    operator = draw(st.sampled_from(sorted(condition)))
    rest = omit(condition, operator)
    key = draw(st.sampled_from([None, *sorted(condition[operator])]))
    return rest if key is None else rest | {operator: omit(condition[operator], key)}


def drop_a_condition(draw, policies, request, layers=ALLOWING):
    """Take a part of a condition of an Allow away: nothing is lost."""
    freer = copy.deepcopy(policies)
    found = [document for layer, document in documents_in(freer) if layer in layers]
    statements = [one for document in found for one in document["Statement"] if conditional(one)]
    assume(statements)
    chosen = draw(st.sampled_from(statements))
    chosen["Condition"] = with_less(draw, chosen["Condition"])

    never_widens(freer, policies, request)


@LARGE
@given(st.data(), worlds().map(unrestricted))
def test_an_allow_statement_without_one_of_its_conditions_never_narrows(data, world):
    """With RestrictPublicBuckets on it may: without the condition the policy may be public."""
    drop_a_condition(data.draw, world.policies, world.request)


@pytest.mark.parametrize("layer", ALLOWING)
@at_least(12)
@LARGE
@given(st.data(), worlds().map(unrestricted))
def test_an_allow_statement_that_decides_never_narrows_without_one_of_its_conditions(layer, data, world):
    """A call that the layer bears on; everything is allowed but for the conditions of one statement."""
    policies = silent_in(world, layer).policies
    condition = world.statement(layer, "Allow").get("Condition") or data.draw(
        st.sampled_from(CONDITION_BLOCKS)
    )
    for _, document in documents_in({layer: policies[layer]}):
        document["Statement"][0] |= {"Action": ["*"], "Condition": condition}
    action, resource = ("sts:AssumeRole", ROLE) if layer == "trust" else ("s3:GetObject", OBJECT)
    caller = data.draw(st.sampled_from(SESSIONS if layer == "session" else MEMBERS[:4]))
    request = omit(world.request, "also", "via", "resource_account")
    request |= {"principal": CALLERS[caller], "action": action, "resource": resource}

    drop_a_condition(data.draw, policies, request, (layer,))
