"""Is a document read into the policy that it is, refused where it is none, and written back as it was?"""

import json
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policyeval import Policy, PolicyError, UsageError
from policyeval.language import parse
from policyeval.language.model import Effect, Values
from policyeval.language.policy_types import POLICY_TYPES, Need

ALLOW = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
FOR_ALL = {**ALLOW, "Principal": "*"}
TRUSTING = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
DENYING = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"}
# A statement that each kind of policy takes.
FITTING = {
    "identity": ALLOW, "boundary": ALLOW, "session": ALLOW, "scp": ALLOW, "rcp": DENYING, "endpoint": FOR_ALL,
    "trust": TRUSTING, "resource": FOR_ALL,
}  # fmt: skip


def document(*statements, version="2012-10-17"):
    return {"Version": version, "Statement": list(statements)}


def changed(statement, **elements):
    return {name: value for name, value in {**statement, **elements}.items() if value is not ...}


def problems(value, type=None, strict=False):
    """Tell what is wrong: the place and the message of each diagnostic."""
    with pytest.raises(PolicyError) as raised:
        Policy.parse(value, type, strict)
    return [(told.path, told.message) for told in raised.value.diagnostics]


# Reading


def test_text_bytes_values_and_yaml_give_the_same_policy():
    value = document(ALLOW)
    text = json.dumps(value)
    in_yaml = "Version: 2012-10-17\nStatement:\n- {Effect: Allow, Action: s3:*, Resource: '*'}\n"

    policies = [Policy.parse(one) for one in (value, text, text.encode(), in_yaml)]

    assert policies == policies[:1] * 4


def test_statement_is_held_with_its_path_and_its_elements():
    conditional = changed(ALLOW, Sid="S", Condition={"Bool": {"aws:SecureTransport": True}})
    first, second = Policy.parse(document(ALLOW, conditional)).statements

    assert (first.path, first.effect, first.sid) == (("Statement", 0), Effect.ALLOW, None)
    assert (second.path, second.sid) == (("Statement", 1), "S")
    assert (("aws:SecureTransport", Values(("true",), is_list=False)),) == second.conditions[0].keys


def test_single_statement_needs_no_list():
    one, listed = Policy.parse({"Statement": ALLOW}), Policy.parse({"Statement": [ALLOW]})

    assert one.statements[0].action == listed.statements[0].action
    assert isinstance(json.loads(one.to_json())["Statement"], dict)


def test_numbers_keep_their_text():
    numbers = "[1.0, 1e3, -0, 12345678901234567890123]"
    policy = Policy.parse(
        json.dumps(document(changed(ALLOW, Condition={"Bool": {"k": "?"}}))).replace('"?"', numbers)
    )

    assert tuple(numbers[1:-1].split(", ")) == policy.statements[0].conditions[0].keys[0][1].items
    assert numbers in policy.to_json(indent=None)


# Types


@pytest.mark.parametrize(
    ("statements", "type"),
    [
        ([ALLOW], "identity"),
        ([TRUSTING], "trust"),
        ([TRUSTING, changed(TRUSTING, Action=["sts:TagSession", "STS:SetSourceIdentity"])], "trust"),
        ([FOR_ALL], "resource"),
        ([changed(FOR_ALL, NotPrincipal="*", Principal=..., Effect="Deny")], "resource"),
        ([changed(TRUSTING, Resource="*")], "resource"),
        ([changed(TRUSTING, Action=["sts:AssumeRole", "s3:GetObject"])], "resource"),
        ([changed(TRUSTING, Action="s3:GetObject")], "resource"),
        ([ALLOW, FOR_ALL], "resource"),
    ],
)
def test_type_is_taken_from_the_content(statements, type):
    assert type == Policy.parse(document(*statements)).type.name


@pytest.mark.parametrize("row", POLICY_TYPES, ids=lambda row: row.name)
def test_type_can_be_named(row):
    policy = Policy.parse(document(FITTING[row.layer]), row.name, strict=True)

    assert (row.name, row.layer) == (policy.type.name, policy.type.layer)


def test_unknown_type_is_refused():
    with pytest.raises(UsageError, match="unknown policy type `bucket`"):
        Policy.parse(document(ALLOW), "bucket")


@pytest.mark.parametrize("row", [row for row in POLICY_TYPES if row.structural], ids=lambda row: row.name)
@pytest.mark.parametrize("element", ["Principal", "Resource"])
def test_type_refuses_what_it_forbids_and_misses_what_it_requires(element, row):
    need = row.principal if element == "Principal" else row.resource
    contrary = ... if need is Need.REQUIRED else "*"
    statement = changed(FITTING[row.layer], **{element: contrary})

    found = problems(document(statement), row.name)

    path = ("Statement", 0) if need is Need.REQUIRED else ("Statement", 0, element)
    what = "the statement" if need is Need.REQUIRED else row.title
    assert [(path, True)] == [(at, message.endswith(f"{what} has no `{element}`")) for at, message in found]


def test_policy_can_be_read_as_another_type():
    policy = Policy.parse(document(ALLOW))

    assert policy.as_type("scp") == Policy.parse(document(ALLOW), "scp")
    assert policy.as_type("identity") is policy


def test_policy_that_another_type_forbids_is_not_read_as_it():
    with pytest.raises(PolicyError, match="a service control policy has no `Principal`"):
        Policy.parse(document(FOR_ALL)).as_type("scp")


# Structural mistakes


@pytest.mark.parametrize(
    ("value", "path", "message"),
    [
        ([ALLOW], (), "a policy is an object, not a list"),
        ({}, (), "the policy has no `Statement`"),
        (
            {"Statement": []},
            ("Statement",),
            "`Statement` is one statement or a list of them, not an empty list",
        ),
        (
            {"Statement": "x"},
            ("Statement",),
            "`Statement` is one statement or a list of them, not the string `x`",
        ),
        ({"Statement": None}, ("Statement",), "`Statement` is one statement or a list of them, not null"),
        ({"Statement": ["x"]}, ("Statement", 0), "a statement is an object, not the string `x`"),
        ({"Statement": ALLOW, "statement": 1}, ("statement",), "unknown policy element `statement`"),
        ({"Statement": ALLOW, "Version": "2020-01-01"}, ("Version",), "unknown policy version `2020-01-01`"),
        ({"Statement": ALLOW, "Version": None}, ("Version",), "`Version` is a string, not null"),
        ({"Statement": ALLOW, "Id": 1}, ("Id",), "`Id` is a string, not the number 1"),
    ],
)
def test_document_that_is_no_policy(value, path, message):
    text = json.dumps(value)

    assert (path, message) in problems(text)


@pytest.mark.parametrize(
    ("elements", "where", "message"),
    [
        ({"effect": "Allow"}, ("effect",), "unknown statement element `effect`"),
        ({"Resources": "*"}, ("Resources",), "unknown statement element `Resources`"),
        ({"Effect": ...}, (), "the statement has no `Effect`"),
        ({"Effect": "allow"}, ("Effect",), "`Effect` is Allow or Deny, not `allow`"),
        ({"Effect": True}, ("Effect",), "`Effect` is Allow or Deny, not `true`"),
        ({"Effect": ["Allow"]}, ("Effect",), "`Effect` is Allow or Deny, not a list"),
        ({"Action": ...}, (), "the statement has no `Action`"),
        ({"NotAction": "x:y"}, ("NotAction",), "a statement has `Action` or `NotAction`, not both"),
        ({"NotResource": "*"}, ("NotResource",), "a statement has `Resource` or `NotResource`, not both"),
        ({"Action": 1}, ("Action",), "`Action` holds strings, not the number 1"),
        ({"Action": ["a:b", None]}, ("Action", 1), "`Action` holds strings, not null"),
        ({"Action": "s*:x"}, ("Action", 0), "a wildcard in the service prefix of `s*:x`"),
        ({"Resource": [["*"]]}, ("Resource", 0), "`Resource` holds strings, not a list"),
        ({"Sid": None}, ("Sid",), "`Sid` is a string, not null"),
        ({"Condition": []}, ("Condition",), "`Condition` is an object, not a list"),
        (
            {"Condition": {"Bool": "x"}},
            ("Condition", "Bool"),
            "`Bool` holds condition keys, not the string `x`",
        ),
        ({"Condition": {"Bool": {"k": None}}}, ("Condition", "Bool", "k"), "`k` holds null"),
        ({"Condition": {"Bool": {"k": ["x", {}]}}}, ("Condition", "Bool", "k", 1), "`k` holds an object"),
        ({"Condition": {"Bol": {"k": "x"}}}, ("Condition", "Bol"), "unknown condition operator `Bol`"),
    ],
)
def test_statement_that_cannot_be_read(elements, where, message):
    found = problems(document(changed(ALLOW, **elements)), "identity")

    assert [(("Statement", 0, *where), message)] == found


@pytest.mark.parametrize(
    ("principal", "where", "message"),
    [
        (
            "arn:aws:iam::111111111111:root",
            (),
            "`Principal` is `*` or an object, not `arn:aws:iam::111111111111:root`",
        ),
        (["*"], (), "`Principal` is `*` or an object, not a list"),
        ({"aws": "*"}, ("aws",), "unknown principal type `aws`"),
        ({"AWS": None}, ("AWS",), "`AWS` holds strings, not null"),
        ({"AWS": ["1", 2]}, ("AWS", 1), "`AWS` holds strings, not the number 2"),
    ],
)
def test_principal_that_cannot_be_read(principal, where, message):
    found = problems(document(changed(FOR_ALL, Principal=principal)), "resource")

    assert [(("Statement", 0, "Principal", *where), message)] == found


def test_all_mistakes_are_told_together():
    found = problems(document(changed(ALLOW, Effect="allow"), ALLOW, changed(ALLOW, Action=..., Sid=1)))

    assert [path for path, _ in found] == [
        ("Statement", 0, "Effect"),
        ("Statement", 2, "Sid"),
        ("Statement", 2),
    ]


@pytest.mark.parametrize(
    "value", ["", "{", "null", "[]", "1", '"x"', '{"Statement": {}, "Statement": {}}', "\ufeff{}", "\x00"]
)
def test_text_that_is_no_policy(value):
    with pytest.raises(PolicyError):
        Policy.parse(value)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=5)
    | st.sampled_from(["Allow", "Deny", "*", "s3:*"]),
    lambda values: (
        st.lists(values, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["Version", "Statement", "Effect", "Action", "Resource", "Principal", "Condition", "AWS"]
            ),
            values,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(JSON, st.sampled_from([None, *(row.name for row in POLICY_TYPES)]), st.booleans())
def test_any_document_is_a_policy_or_refused(value, type, strict):
    try:
        policy = Policy.parse(json.dumps(value), type, strict)
    except PolicyError:
        return

    assert policy == Policy.parse(policy.to_json(), policy.type.name)


@given(st.binary(max_size=40) | st.text('{}[]",:\\u0041ntf \n-#&*!', max_size=30).map(str.encode))
def test_any_bytes_are_a_policy_or_refused(content):
    with pytest.raises(PolicyError):
        Policy.parse(content)


# What AWS refuses to store


@pytest.mark.parametrize(
    ("elements", "where"),
    [
        ({"Sid": "no blanks"}, ("Sid",)),
        ({"Action": "GetObject"}, ("Action", 0)),
        ({"Action": "s3:Get:Object"}, ("Action", 0)),
        ({"Action": []}, ("Action",)),
        ({"Resource": []}, ("Resource",)),
        ({"Resource": "bucket"}, ("Resource", 0)),
        ({"Resource": "arn:aws"}, ("Resource", 0)),
        ({"Resource": "arn:aws::x:y:z:r"}, ("Resource", 0)),
        ({"Resource": "arn:aws-moon:s3:::b"}, ("Resource", 0)),
        ({"Resource": "arn:aws:s3::b"}, ("Resource", 0)),
        ({"Resource": ["*", "arn:aws:s3:us-east-1::b"]}, ("Resource", 1)),
        ({"Resource": "arn:aws:iam::111111111111:alice"}, ("Resource", 0)),
        ({"Resource": "arn:aws:s3:::\u0416"}, ("Resource", 0)),
        ({"Condition": {"NumericEquals": {"k": ["1", "one"]}}}, ("Condition", "NumericEquals", "k", 1)),
        ({"Condition": {"Bool": {"aws:SecureTransport": "true", "AWS:securetransport": "true"}}},
         ("Condition", "Bool", "AWS:securetransport")),
    ],
)  # fmt: skip
def test_strict_refuses_what_is_lenient_otherwise(elements, where):
    statement = changed(ALLOW, **elements)

    assert Policy.parse(document(statement)).statements
    assert [("Statement", 0, *where)] == [path for path, _ in problems(document(statement), strict=True)]


@pytest.mark.parametrize(
    ("elements", "where"),
    [
        ({"Principal": ...}, ()),
        ({"Principal": {"AWS": "arn:aws:iam::111111111111:role/*"}}, ("Principal", "AWS", 0)),
        ({"Principal": {"AWS": "arn:aws:iam::111111111111:group/g"}}, ("Principal", "AWS", 0)),
        ({"Principal": {"AWS": "alice"}}, ("Principal", "AWS", 0)),
        ({"Principal": ..., "NotPrincipal": {"AWS": "*"}}, ("NotPrincipal",)),
    ],
)
def test_strict_refuses_principals_that_name_nobody(elements, where):
    statement = changed(FOR_ALL, **elements)

    assert Policy.parse(document(statement), "resource").statements
    assert [("Statement", 0, *where)] == [
        path for path, _ in problems(document(statement), "resource", strict=True)
    ]


def test_sids_are_unique_in_what_iam_stores():
    twice = document(changed(ALLOW, Sid="a"), changed(ALLOW, Sid="a"))

    assert [path for path, _ in problems(twice, strict=True)] == [("Statement", 1, "Sid")]


# Writing


@pytest.mark.parametrize(
    "value",
    [
        document(ALLOW),
        {"Statement": ALLOW},
        {"Version": "2008-10-17", "Id": "id", "Statement": [changed(FOR_ALL, Sid="")]},
        document(changed(ALLOW, Action=["s3:*"], NotResource=["a", "b"], Resource=...)),
        document(changed(ALLOW, Action=[], Condition={})),
        document(changed(ALLOW, Condition={"NoSuchOperator": {}, "StringEquals": {"k": [], "K": "x"}})),
        document(changed(FOR_ALL, Principal={"AWS": "*", "Service": ["a.amazonaws.com"], "Federated": []})),
        document(changed(FOR_ALL, Principal={})),
        document(changed(FOR_ALL, Principal=..., NotPrincipal="*", Effect="Deny")),
        document(changed(ALLOW, Condition={"bool": {"k": [True, "false", 1, 2.5]}})),
        document(changed(ALLOW, Sid="\u00e9 \" \\ \n")),
    ],
)  # fmt: skip
def test_policy_is_written_as_it_was_read(value):
    assert value == json.loads(Policy.parse(value).to_json())


def test_policy_can_be_written_in_one_line():
    assert json.dumps(document(ALLOW)) == Policy.parse(document(ALLOW)).to_json(indent=None)


def test_policies_are_equal_when_they_say_the_same():
    policy = Policy.parse(document(ALLOW))

    assert policy == Policy.parse(json.dumps(document(ALLOW), indent=7))
    assert policy != Policy.parse(document(changed(ALLOW, Effect="Deny")))
    assert policy == pickle.loads(pickle.dumps(policy))


# Texts that many policies have


def condition_on(value):
    """Write a policy with a condition whose key has this value, given as JSON."""
    written = json.dumps(document(changed(ALLOW, Condition={"NumericEquals": {"s3:max-keys": 0}})))
    return written.replace(": 0", f": {value}")


@pytest.mark.parametrize(
    ("first", "second"), [('"5"', "5"), ("5", '"5"'), ('"true"', "true"), ("true", '"true"')]
)
def test_a_text_and_a_number_that_look_alike_stay_apart(first, second):
    """Policies share the copies of their texts, but a number is written back as one."""
    written = [Policy.parse(condition_on(value)).to_json() for value in (first, second)]

    assert [f": {first}" in written[0], f": {second}" in written[1]] == [True, True]


def test_policies_share_their_texts():
    one, other = (Policy.parse(json.dumps(document({**ALLOW, "Sid": sid}))) for sid in "AB")

    assert one.statements[0].action.values.items[0] is other.statements[0].action.values.items[0]


def test_shared_texts_are_bounded(monkeypatch):
    monkeypatch.setattr(parse, "_SHARED", {})
    monkeypatch.setattr(parse, "_MOST_SHARED", 3)
    for number in range(20):
        actions = [f"s3:Action{number}", "s3:" + "x" * 500]
        policy = Policy.parse(document({**ALLOW, "Action": actions}))

        assert policy.statements[0].action.values.items == tuple(actions)
    assert 1 <= len(parse._SHARED) <= 4


def test_values_within_themselves_are_refused():
    statement = {"Effect": "Allow", "Action": "s3:*"}
    statement["Resource"] = [statement]

    with pytest.raises(PolicyError, match="nested deeper than 100 levels"):
        Policy.parse({"Version": "2012-10-17", "Statement": statement})
