"""Grouped action entries cover exactly what the plan of the same entries covers."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from policyeval.language.model import Matcher, Values
from policyeval.matching.actions import action_set, lower_actions
from policyeval.names import ANY_RESOURCE, parse_action
from policyeval.plan import closure
from policyeval.principal import parse_principal
from policyeval.request_context import Check

ENTRIES = st.lists(
    st.sampled_from(
        ["s3:GetObject", "S3:getobject", "s3:Get*", "s3:*", "*", "**", "*:*", "s3:*Object", "s3:G?tObject", "ec2:*",
         "s3:", "s3:GetObject ", "s3:GetObject,PutObject", "GetObject", "a:b:c", "s3*", "", "s3:${aws:username}"]
    )
    | st.text("s3:GetO*?", max_size=8),
    max_size=5,
)  # fmt: skip
ACTIONS = st.sampled_from(["s3:GetObject", "s3:PutObject", "S3:GETOBJECT", "ec2:RunInstances", "s3:G"])


@given(ENTRIES, st.booleans(), ACTIONS)
def test_grouped_entries_agree_with_the_plan(entries, negated, action):
    matcher = Matcher(Values(tuple(entries)), negated)
    caller = parse_principal("arn:aws:iam::111111111111:user/alice")
    check = Check(caller, parse_action(action), ANY_RESOURCE)

    expected = closure(lower_actions(matcher, ()))(check)

    assert action_set(matcher).covers(check.action.lower) is expected
