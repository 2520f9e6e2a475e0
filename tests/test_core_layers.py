"""What do runs tell of layers, and of their statements and levels?"""

import pytest

from policyeval import Engine
from policyeval.compiler import compile_policy
from policyeval.decision import Layer
from policyeval.language.policy import Policy
from policyeval.layers import RESOURCE_LAYERS, Run, StatementRun, TracedRun
from policyeval.matching.principals import Binding
from policyeval.names import parse_action, parse_resource
from policyeval.principal import parse_principal
from policyeval.request_context import Check
from policyeval.semantics import Semantics
from policyeval.slices import Attached

ALICE = parse_principal("arn:aws:iam::111111111111:user/alice")
CHECK = Check(ALICE, parse_action("s3:GetObject"), parse_resource("arn:aws:s3:::b/k"))
RUNS = (Run, StatementRun, TracedRun)
FULL = {"Effect": "Allow", "Action": "*", "Resource": "*"}
OTHER = {"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::other/*"}
DENY = {"Effect": "Deny", "Action": "s3:GetObject", "Resource": "*"}
MALFORMED = {**DENY, "Condition": {"NumericLessThan": {"s3:max-keys": "ten"}}}


def attached(type, *levels):
    """Levels of policies, each policy given by its statements."""
    return Attached(tuple(tuple(compiled(type, *policy) for policy in level) for level in levels))


def compiled(type, *statements):
    return compile_policy(
        Policy.from_value({"Version": "2012-10-17", "Statement": list(statements)}, type), Semantics()
    )


def malformed_check():
    from policyeval.context import Context

    return Check(
        ALICE,
        parse_action("s3:GetObject"),
        parse_resource("arn:aws:s3:::b/k"),
        Context({"s3:max-keys": "10"}),
    )


@pytest.mark.parametrize("kind", RUNS)
def test_an_absent_layer_neither_denies_nor_allows(kind):
    run = kind(CHECK, {})

    assert not run.is_present(Layer.IDENTITY)
    assert run.denies(Layer.IDENTITY) is False
    assert run.allows(Layer.IDENTITY) is False
    assert run.bindings() == Binding.NONE


def test_an_absent_layer_has_no_statements_and_no_levels():
    run = TracedRun(CHECK, {})

    assert run.statements(Layer.SCP) == ()
    assert run.levels(Layer.SCP) == ()


@pytest.mark.parametrize("kind", RUNS)
def test_a_layer_without_levels_is_present_and_silent(kind):
    run = kind(CHECK, {Layer.SCP: Attached(())})

    assert run.is_present(Layer.SCP)
    assert run.denies(Layer.SCP) is False
    assert run.allows(Layer.SCP) is False


@pytest.mark.parametrize("kind", RUNS)
def test_every_level_must_allow(kind):
    every = attached("scp", [[FULL]], [[OTHER], [FULL]])
    one = attached("scp", [[FULL]], [[OTHER]])

    assert kind(CHECK, {Layer.SCP: every}).allows(Layer.SCP) is True
    assert kind(CHECK, {Layer.SCP: one}).allows(Layer.SCP) is False


def test_levels_tell_where_an_allow_is_missing():
    levels = attached("scp", [[FULL]], [[OTHER]], [[OTHER, DENY], [FULL]])
    run = TracedRun(CHECK, {Layer.SCP: levels})

    assert run.levels(Layer.SCP) == (True, False, True)


def test_statements_are_traced_whether_asked_for_or_not():
    levels = attached("scp", [[FULL]], [[OTHER, DENY]])
    run = TracedRun(CHECK, {Layer.SCP: levels})

    traced = run.statements(Layer.SCP)

    assert [one.applies for one in traced] == [True, False, True]
    assert [one.layer for one in traced] == [Layer.SCP] * 3
    assert [one.statement for one in traced] == list(levels.statements)
    assert [run.level_of(Layer.SCP, one) for one in traced] == [0, 1, 1]
    assert run.statements(Layer.SCP) == traced


def test_a_trace_is_made_once():
    run = TracedRun(CHECK, {Layer.SCP: attached("scp", [[FULL]])})

    assert run.statements(Layer.SCP)[0] is run.statements(Layer.SCP)[0]


@pytest.mark.parametrize("kind", RUNS)
def test_the_first_layer_that_a_malformed_value_hides_is_noted(kind):
    """C-18."""
    layers = {Layer.SCP: attached("scp", [[MALFORMED]]), Layer.IDENTITY: attached("identity", [[MALFORMED]])}
    run = kind(malformed_check(), layers)

    assert run.malformed_layer is None
    assert run.denies(Layer.SCP) is False
    assert run.denies(Layer.IDENTITY) is False
    assert run.malformed_layer is Layer.SCP


@pytest.mark.parametrize("kind", RUNS)
def test_a_deny_that_applies_outweighs_one_that_a_malformed_value_hides(kind):
    run = kind(malformed_check(), {Layer.SCP: attached("scp", [[MALFORMED, DENY, MALFORMED]])})

    assert run.denies(Layer.SCP) is True
    assert run.malformed_layer is None


@pytest.mark.parametrize("kind", RUNS)
def test_bindings_of_all_statements_add_up(kind):
    def named(principal):
        return {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "s3:*", "Resource": "*"}

    policy = attached("resource", [[named("111111111111"), named(str(ALICE.arn)), named("222222222222")]])

    assert kind(CHECK, {Layer.RESOURCE: policy}).bindings() == Binding.ACCOUNT | Binding.USER


def test_an_explanation_names_the_resource_based_layer_once():
    """As `trust` for role assumption, as `resource` for everything else."""
    deciding = Engine({"identity": {"Version": "2012-10-17", "Statement": FULL}})

    def named(action, resource):
        explained = deciding.explain({"principal": str(ALICE.arn), "action": action, "resource": resource})
        return {one.layer for one in explained.layers} & set(RESOURCE_LAYERS)

    assert named("s3:GetObject", "arn:aws:s3:::b/k") == {Layer.RESOURCE}
    assert named("sts:AssumeRole", "arn:aws:iam::111111111111:role/app") == {Layer.TRUST}
