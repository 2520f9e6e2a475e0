"""Is each limit kept? What is as large as a limit is read, what is larger by one is refused by name."""

import json
from pathlib import Path

import pytest

from policyeval import Engine, Policy, PolicyEvalError, PolicySet, load
from policyeval.language.documents import read_document
from policyeval.limits import (
    ALIASED_CHARACTERS,
    CHECKS,
    CONTEXT_CHARACTERS,
    CONTEXT_KEYS,
    CONTEXT_VALUES,
    DENIAL_JSON,
    DENIAL_TEXT,
    DENIAL_VALUES,
    DOCUMENT_BYTES,
    INCLUDED_BYTES,
    LIMITS,
    LIST_VALUES,
    NESTING,
    NUMBER_CHARACTERS,
    OBJECT_MEMBERS,
    REQUEST_TEXT,
    STATEMENTS,
    YAML_ALIASES,
)
from policyeval.source import Source
from policyeval.sources.denials import read_denial
from policyeval.sources.files import read_source
from policyeval.sources.requests import read_requests
from tests.policies import ALICE, OBJECT

ROOT = Path(__file__).parent.parent
ALLOW = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
REQUEST = {"principal": ALICE, "action": "s3:GetObject", "resource": OBJECT}
DENIED = f"User: {ALICE} is not authorized to perform: s3:GetObject"


def document(text, syntax="json"):
    return read_document(Source(f"f.{syntax}", text, syntax))


def padded(count, text="{}"):
    return text + " " * (count - len(text))


def statements(count):
    return Policy.parse(json.dumps({"Statement": [ALLOW] * count}))


def requests(**fields):
    return read_requests(Source("r.json", json.dumps({**REQUEST, **fields}), "json"))


def context(characters):
    """Give a key of three characters values that are as long as they may be."""
    whole, rest = divmod(characters - 3, REQUEST_TEXT.most)
    return requests(context={"a:b": ["x" * REQUEST_TEXT.most] * whole + ["x" * rest]})


def record(values):
    """Make a record of CloudTrail of so many values, counted as the reader does."""
    call = {"eventSource": "s3.amazonaws.com", "eventName": "GetObject", "errorCode": "AccessDenied"}
    call |= {"userIdentity": {"arn": ALICE}, "resources": []}
    return read_denial(json.dumps({**call, "additional": [1] * (values - 8)}))


def aliases(count):
    """Repeat a list of one, so two values, with every alias."""
    return document(f"a: &a [x]\nb: [{', '.join(['*a'] * (count // 2))}{', *c' * (count % 2)}]\n".replace(
        "b:", "c: &c x\nb:"), "yaml")  # fmt: skip


# limit → a reader that reads something as large as the number that it is given
READERS = {
    DOCUMENT_BYTES: lambda size: document(padded(size, "[]")),
    NESTING: lambda size: document("[" * size + "]" * size),
    YAML_ALIASES: aliases,
    ALIASED_CHARACTERS: lambda size: document(
        f"a: &a {'x' * (size // 16)}\nc: &c x\nb: [{'*a, ' * 16}{'*c, ' * (size % 16)}]", "yaml"),
    STATEMENTS: statements,
    LIST_VALUES: lambda size: document(json.dumps([1] * size)),
    OBJECT_MEMBERS: lambda size: document(json.dumps(dict.fromkeys(map(str, range(size))))),
    NUMBER_CHARACTERS: lambda size: document("[" + "1" * size + "]"),
    CONTEXT_KEYS: lambda size: requests(context={f"a:{index}": "x" for index in range(size)}),
    CONTEXT_VALUES: lambda size: requests(context={"aws:TagKeys": ["x"] * size}),
    CONTEXT_CHARACTERS: context,
    REQUEST_TEXT: lambda size: requests(resource="arn:aws:s3:::" + "k" * (size - 13)),
    CHECKS: lambda size: requests(action=["s3:GetObject"] * (size // 2), resource=["*"] * 2,
                                  also=[{"action": "s3:GetObject"}] * (size % 2)),
    DENIAL_JSON: lambda size: read_denial(padded(size, json.dumps({"message": DENIED}))),
    DENIAL_VALUES: record,
    DENIAL_TEXT: lambda size: read_denial(padded(size, DENIED)),
}  # fmt: skip


def test_every_limit_is_tested():
    """The limit of what is named together needs files; it has tests of its own below."""
    assert {*READERS, INCLUDED_BYTES} == set(LIMITS)


@pytest.mark.parametrize("limit", READERS, ids=lambda limit: limit.name)
def test_as_much_as_the_limit_is_read(limit):
    READERS[limit](limit.most)


@pytest.mark.parametrize("limit", READERS, ids=lambda limit: limit.name)
def test_one_more_than_the_limit_is_refused_by_name(limit):
    with pytest.raises(PolicyEvalError) as refused:
        READERS[limit](limit.most + 1)

    (told,) = refused.value.diagnostics
    assert (told.message, told.help) == (limit.message(limit.most + 1), limit.help)
    assert f"{limit.most:,}" in told.message


def test_names_are_unique():
    assert len({limit.name for limit in LIMITS}) == len(LIMITS)


@pytest.mark.parametrize("limit", LIMITS, ids=lambda limit: limit.name)
def test_the_help_says_a_way_out(limit):
    assert limit.help
    assert not limit.help.endswith(".")


# Limits of files


@pytest.fixture
def naming(tmp_path):
    """Write a policy set that names one large policy several times."""
    (tmp_path / "big.json").write_text(padded(DOCUMENT_BYTES.most, json.dumps({"Statement": [ALLOW]})))

    def written(times):
        (tmp_path / "set.json").write_text(json.dumps({"identity": ["big.json"] * times}))
        return tmp_path / "set.json"

    return written


def test_files_that_are_named_together_may_be_as_large_as_the_limit(naming, monkeypatch):
    monkeypatch.setattr("policyeval.sources.files.INCLUDED_BYTES", small())

    assert isinstance(load(naming(2)), PolicySet)


def test_files_that_are_larger_together_are_refused(naming, monkeypatch):
    monkeypatch.setattr("policyeval.sources.files.INCLUDED_BYTES", small())

    with pytest.raises(
        PolicyEvalError, match="the files that are named have more than 20,971,520 bytes together"
    ):
        load(naming(3))


def small():
    """Make the limit of what is named together so small that a test need not read very much."""
    from policyeval.records import replace

    return replace(INCLUDED_BYTES, most=2 * DOCUMENT_BYTES.most)


@pytest.mark.parametrize("more", [0, 1])
def test_a_file_has_the_limit_of_a_document(tmp_path, more):
    file = tmp_path / "f.json"
    file.write_text(padded(DOCUMENT_BYTES.most + more))

    if more:
        with pytest.raises(PolicyEvalError, match="is larger than 10,485,760 bytes"):
            read_source(file)
    else:
        assert len(read_source(file).text) == DOCUMENT_BYTES.most


# Where it stands


def test_the_place_is_that_of_the_list():
    text = '{"Version": "2012-10-17",\n"Statement": [{"Action":\n["a"' + ', "a"' * LIST_VALUES.most + "]}]}"

    with pytest.raises(PolicyEvalError) as refused:
        document(text)
    assert str(refused.value).startswith("f.json:3:1: the list has 100,001 values")


def test_the_place_in_yaml_is_that_of_the_number():
    with pytest.raises(PolicyEvalError) as refused:
        document("a: [b]\nc:\n  d: " + "1" * 1001, "yaml")
    assert str(refused.value).startswith("f.yaml:3:6: a number of 1,001 characters")


def test_limits_hold_for_yaml_as_for_json():
    text = "Statement:\n" + "- {Effect: Allow, Action: a:b, Resource: '*'}\n" * (STATEMENTS.most + 1)

    with pytest.raises(PolicyEvalError, match="`Statement` has 10,001 statements"):
        Policy.parse(text)


def test_hops_and_further_checks_have_the_limits_of_a_context():
    much = {f"a:{index}": "x" for index in range(CONTEXT_KEYS.most + 1)}

    for field, one in (("via", {"role": "arn:aws:iam::111111111111:role/r", "context": much}),
                       ("also", {"action": "s3:GetObject", "context": much})):  # fmt: skip
        with pytest.raises(PolicyEvalError, match="`context` has 1,001 keys"):
            requests(**{field: [one]})


def test_a_policy_at_the_limit_is_decided():
    assert Engine(statements(STATEMENTS.most)).decide(REQUEST).allowed
