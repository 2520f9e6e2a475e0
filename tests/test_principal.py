"""Who calls? Is every way to name a caller read as what it is, and every other text refused?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policyeval import Principal, RequestError
from policyeval.principal import PrincipalKind, parse_principal, read_principal

A = "111111111111"
USER = f"arn:aws:iam::{A}:user/division/alice"
ROLE = f"arn:aws:iam::{A}:role/team/app"
SESSION = f"arn:aws:sts::{A}:assumed-role/app/s1"
SAML = f"arn:aws:iam::{A}:saml-provider/idp"


# Short forms


@pytest.mark.parametrize(
    ("text", "kind", "account", "name"),
    [
        (USER, PrincipalKind.USER, A, "alice"),
        (f"arn:aws:iam::{A}:root", PrincipalKind.ROOT, A, None),
        (A, PrincipalKind.ROOT, A, None),
        (SESSION, PrincipalKind.ROLE_SESSION, A, "app"),
        (ROLE, PrincipalKind.ROLE_SESSION, A, "app"),
        (f"arn:aws:sts::{A}:federated-user/fred", PrincipalKind.FEDERATED_USER, A, "fred"),
        ("lambda.amazonaws.com", PrincipalKind.SERVICE, None, None),
        ("s3.us-east-1.amazonaws.com", PrincipalKind.SERVICE, None, None),
        ("ec2.amazonaws.com.cn", PrincipalKind.SERVICE, None, None),
        (SAML, PrincipalKind.SAML, None, None),
        (f"arn:aws:iam::{A}:oidc-provider/example.com/path", PrincipalKind.WEB_IDENTITY, None, None),
        ("anonymous", PrincipalKind.ANONYMOUS, None, None),
        (
            "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1",
            PrincipalKind.USER,
            "cloudfront",
            "CloudFront Origin Access Identity E1",
        ),
    ],
)
def test_kind_of_caller_is_told_from_a_text(text, kind, account, name):
    principal = parse_principal(text)

    assert (kind, account, name) == (principal.kind, principal.account, principal.name)


@pytest.mark.parametrize(
    "text",
    [
        "", "*", "alice", "Anonymous", "11111111111", "arn:aws:s3:::b", f"arn:aws:iam::{A}:group/g",
        f"arn:aws:iam::{A}:user", f"arn:aws:iam::{A}:user/", "arn:aws:iam::1:user/alice", "arn:aws:iam::*:user/alice",
        f"arn:aws:iam:{A}:user/alice", f"arn:aws:sts::{A}:assumed-role/app", f"arn:aws:sts::{A}:assumed-role/app/",
        "accounts.google.com", "amazonaws.com/x", "\u0661" * 12,
    ],
)  # fmt: skip
def test_text_that_names_no_caller_is_refused(text):
    with pytest.raises(RequestError) as raised:
        parse_principal(text)

    assert raised.value.diagnostics[0].path == ("principal",)


@given(st.text() | st.text("arn:aws:iam::1/*user0", max_size=40))
def test_any_text_is_a_caller_or_refused(text):
    try:
        principal = parse_principal(text)
    except RequestError:
        return

    assert str(principal) == text or principal.is_root or principal.is_unknown_session


@pytest.mark.parametrize("partition", ["aws", "aws-cn", "aws-us-gov"])
def test_partition_is_the_one_of_the_arn(partition):
    assert partition == parse_principal(USER.replace("aws", partition)).partition


# What follows from it


@pytest.mark.parametrize(
    ("given_principal", "arn"),
    [
        (USER, USER),
        (A, f"arn:aws:iam::{A}:root"),
        (SESSION, f"arn:aws:iam::{A}:role/app"),
        ({"arn": SESSION, "role_arn": ROLE}, ROLE),
        (ROLE, ROLE),
        (f"arn:aws:sts::{A}:federated-user/fred", f"arn:aws:sts::{A}:federated-user/fred"),
        ("lambda.amazonaws.com", None),
        (SAML, None),
        ("anonymous", None),
    ],
)
def test_arn_that_policies_see(given_principal, arn):
    assert arn == read_principal(given_principal).policy_arn


@pytest.mark.parametrize(
    ("given_principal", "user_id"),
    [
        (A, A),
        ({"arn": USER, "unique_id": "AIDAX"}, "AIDAX"),
        (USER, None),
        ({"arn": SESSION, "unique_id": "AROAX"}, "AROAX:s1"),
        ({"arn": SESSION, "unique_id": "AROAX:s1"}, "AROAX:s1"),
        (f"arn:aws:sts::{A}:federated-user/fred", f"{A}:fred"),
        ("anonymous", "anonymous"),
    ],
)
def test_unique_id_that_policies_see(given_principal, user_id):
    assert user_id == read_principal(given_principal).user_id


@pytest.mark.parametrize(
    ("given_principal", "possible"),
    [
        (USER, False),
        (A, False),
        ({"arn": A, "assumed_root": True}, True),
        (SESSION, True),
        (f"arn:aws:sts::{A}:federated-user/fred", True),
        ("anonymous", False),
    ],
)
def test_credentials_that_can_carry_a_session_policy(given_principal, possible):
    assert possible == read_principal(given_principal).session_policy_is_possible


def test_service_linked_role_is_told_by_its_path():
    role = f"arn:aws:iam::{A}:role/aws-service-role/x.amazonaws.com/app"

    found = [
        read_principal(one).is_service_linked_role
        for one in (role, {"arn": SESSION, "role_arn": role}, SESSION)
    ]

    assert found == [True, True, False]


def test_session_tag_replaces_a_tag_of_any_letter_case():
    principal = read_principal(
        {"arn": SESSION, "tags": {"Team": "red", "cost": "1"}, "session_tags": {"team": "blue", "Only": "x"}}
    )

    assert principal.all_tags == {"cost": "1", "team": "blue", "Only": "x"}


# Objects


def test_object_gives_every_detail():
    principal = read_principal(
        {
            "arn": SESSION,
            "role_arn": ROLE,
            "unique_id": "AROAX",
            "tags": [{"Key": "team", "Value": "red"}],
            "session_tags": {"cost": 1},
            "source_identity": "alice",
            "mfa": "true",
            "organization": {"id": "o-1", "path": "o-1/r-1/", "management_account": "999999999999"},
            "canonical_id": "abc",
        }
    )

    assert (principal.role_arn, principal.tags, principal.session_tags) == (
        ROLE,
        (("team", "red"),),
        (("cost", "1"),),
    )
    assert (principal.mfa, principal.source_identity, principal.canonical_id) == (True, "alice", "abc")
    assert principal.organization.paths == ("o-1/r-1/",)


@pytest.mark.parametrize(("written", "mfa"), [(True, True), ("false", False), (None, None), ("absent", None)])
def test_mfa_is_true_false_or_absent(written, mfa):
    assert mfa is read_principal({"arn": USER, "mfa": written}).mfa


def test_provider_is_named_by_arn_or_by_host():
    found = [read_principal({"provider": name}) for name in (SAML, "accounts.google.com")]

    assert [one.kind for one in found] == [PrincipalKind.SAML, PrincipalKind.WEB_IDENTITY]


def test_principal_is_taken_as_it_is():
    principal = Principal(PrincipalKind.ANONYMOUS)

    assert principal is read_principal(principal)


@pytest.mark.parametrize(
    ("value", "path"),
    [
        (None, ("principal",)),
        ([USER], ("principal",)),
        ({}, ("principal",)),
        ({"arn": USER, "service": "x.amazonaws.com"}, ("principal",)),
        ({"arn": USER, "role": ROLE}, ("principal", "role")),
        ({"arn": USER, "role_arn": ROLE}, ("principal", "role_arn")),
        ({"arn": SESSION, "role_arn": USER}, ("principal", "role_arn")),
        ({"arn": SESSION, "role_arn": ROLE.replace("app", "other")}, ("principal", "role_arn")),
        ({"arn": SESSION, "role_arn": ROLE.replace(A, "222222222222")}, ("principal", "role_arn")),
        ({"arn": SESSION, "unique_id": 1}, ("principal", "unique_id")),
        ({"arn": SESSION, "mfa": "perhaps"}, ("principal", "mfa")),
        ({"arn": SESSION, "tags": "red"}, ("principal", "tags")),
        ({"arn": SESSION, "organization": "o-1"}, ("principal", "organization")),
        ({"arn": SESSION, "organization": {"name": "o-1"}}, ("principal", "organization", "name")),
    ],
)
def test_object_that_names_no_caller_is_refused(value, path):
    with pytest.raises(RequestError) as raised:
        read_principal(value)

    assert raised.value.diagnostics[0].path == path


def test_misspelt_field_comes_with_the_nearest_one():
    with pytest.raises(RequestError) as raised:
        read_principal({"arn": SESSION, "role_ARN": ROLE})

    assert raised.value.diagnostics[0].help == "did you mean `role_arn`?"
