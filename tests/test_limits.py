"""Is each limit kept? What is as large as a limit is read, what is larger by one is refused by name."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from policyeval import Engine, Policy, PolicyEvalError, PolicySet, Request, RequestError, load
from policyeval.cli import main
from policyeval.language.documents import read_document
from policyeval.limits import (
    ALIASED_CHARACTERS,
    CHECKS,
    COMPARISONS,
    CONTEXT_CHARACTERS,
    CONTEXT_KEYS,
    CONTEXT_VALUES,
    DENIAL_JSON,
    DENIAL_TEXT,
    DENIAL_VALUES,
    DOCUMENT_BYTES,
    EXPLAINED,
    INCLUDED_BYTES,
    LIMITS,
    LIST_VALUES,
    NESTING,
    NUMBER_CHARACTERS,
    OBJECT_MEMBERS,
    POLICY_CHARACTERS,
    POLICY_TEXTS,
    READ_KEYS,
    REQUEST_TEXT,
    STATEMENTS,
    UNKNOWN_KEYS,
    YAML_ALIASES,
)
from policyeval.records import replace
from policyeval.source import Source
from policyeval.sources import costs
from policyeval.sources.costs import refuse_costly, refuse_many_unknown
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


def policy_texts(count):
    """Write a policy of so many names and values; five are the names, one is the effect."""
    return Policy.parse(json.dumps({"Statement": [{**ALLOW, "Resource": ["*"] * (count - 6)}]}))


def policy_characters(count):
    """Write a policy of so many characters in its names and values, most of them in one ARN."""
    names = "".join(["Statement", "Effect", "Allow", "Action", "s3:GetObject", "Resource"])
    return Policy.parse(json.dumps({"Statement": [{**ALLOW, "Resource": "*" * (count - len(names))}]}))


def reading_keys(count):
    return PolicySet(identity=[costly(Condition=tag_conditions(count))])


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
    POLICY_TEXTS: policy_texts,
    POLICY_CHARACTERS: policy_characters,
    LIST_VALUES: lambda size: document(json.dumps([1] * size)),
    OBJECT_MEMBERS: lambda size: document(json.dumps(dict.fromkeys(map(str, range(size))))),
    NUMBER_CHARACTERS: lambda size: document("[" + "1" * size + "]"),
    CONTEXT_KEYS: lambda size: requests(context={f"a:{index}": "x" for index in range(size)}),
    CONTEXT_VALUES: lambda size: requests(context={"aws:TagKeys": ["x"] * size}),
    CONTEXT_CHARACTERS: context,
    UNKNOWN_KEYS: lambda size: refuse_many_unknown(reading_keys(size), ["all"]),
    REQUEST_TEXT: lambda size: requests(resource="arn:aws:s3:::" + "k" * (size - 13)),
    CHECKS: lambda size: requests(action=["s3:GetObject"] * (size // 2), resource=["*"] * 2,
                                  also=[{"action": "s3:GetObject"}] * (size % 2)),
    DENIAL_JSON: lambda size: read_denial(padded(size, json.dumps({"message": DENIED}))),
    DENIAL_VALUES: record,
    DENIAL_TEXT: lambda size: read_denial(padded(size, DENIED)),
}  # fmt: skip


# Limits of a request together with its policies: there are eleven names and values, two keys, six checks
PRODUCTS = {COMPARISONS: 6 * 11 * 3, EXPLAINED: 6 * 11, READ_KEYS: 2 * 11}


def test_every_limit_is_tested():
    """The limit of what is named together needs files; it has tests of its own below."""
    assert {*READERS, *PRODUCTS, INCLUDED_BYTES} == set(LIMITS)


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


# Limits of a request together with its policies


@pytest.fixture
def together():
    """Make a policy set of eleven names and values, of which one reads a key and a variable, and a request."""
    bucket = "arn:aws:s3:::${aws:username}"
    condition = {"StringLike": {"aws:TagKeys": "a*"}}
    policy = {"Statement": {**ALLOW, "Resource": bucket, "Condition": condition}}
    asked = {
        **REQUEST,
        "action": ["s3:GetObject", "s3:PutObject"],
        "context": {"aws:TagKeys": ["a", "b", "c"]},
    }
    also = [{"action": "s3:GetObject", "context": {"aws:TagKeys": ["a"]}}] * 2
    return PolicySet(identity=[policy]), {**asked, "resource": [OBJECT, f"{OBJECT}2"], "also": also}


@pytest.mark.parametrize("limit", PRODUCTS, ids=lambda limit: limit.name)
@pytest.mark.parametrize("more", [0, 1])
def test_a_request_has_limits_together_with_its_policies(limit, more, together, monkeypatch):
    policies, request = together
    name = next(name for name, value in vars(costs).items() if value is limit)
    monkeypatch.setattr(costs, name, replace(limit, most=PRODUCTS[limit] - more))

    if more:
        with pytest.raises(RequestError) as refused:
            refuse_costly(policies, Request.from_dict(request))
        assert str(PRODUCTS[limit]) in refused.value.diagnostics[0].message
    else:
        refuse_costly(policies, Request.from_dict(request))


def test_what_is_not_explained_has_the_limit_of_comparisons_alone(together, monkeypatch):
    policies, request = together
    for name in ("EXPLAINED", "READ_KEYS"):
        monkeypatch.setattr(costs, name, replace(getattr(costs, name), most=1))
    refuse_costly(policies, Request.from_dict(request), explained=False)


@pytest.mark.parametrize(
    "command",
    [["check", "p.json", "--request", "r.json"], ["check", "p.json", "--request", "r.json", "-q"],
     ["check", "p.json", "--request", "r.json", "--unknown", "all"], ["test", "c.json"],
     ["why", f"{DENIED} on resource: {OBJECT} because no identity-based policy allows the action", "p.json"]],
    ids=["check", "check -q", "check --unknown", "test", "why"],
)  # fmt: skip
def test_every_command_that_decides_keeps_them(command, tmp_path, monkeypatch, capsys):
    case = {"name": "a", "policies": {"identity": ["p.json"]}, "request": REQUEST, "expect": "allow"}
    for name, value in (("p", {"Statement": [ALLOW]}), ("r", REQUEST), ("c", {"cases": [case]})):
        (tmp_path / f"{name}.json").write_text(json.dumps(value))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(costs, "COMPARISONS", replace(COMPARISONS, most=1))

    assert main(command) != 0
    told = capsys.readouterr()
    assert "comparisons, the most that are made are 1" in told.out + told.err


# What costs most of what is within the limits

MOST_SECONDS, MOST_MEGABYTES = 20, 1024
MEASURED = """
import json, resource, sys
from policyeval.cli import main
status = main(sys.argv[1:])
used = resource.getrusage(resource.RUSAGE_SELF)
unit = 1024 * 1024 if sys.platform == "darwin" else 1024
with open("used.json", "w") as file:
    json.dump([status, used.ru_utime + used.ru_stime, used.ru_maxrss / unit], file)
"""


def costly(**elements):
    return {"Version": "2012-10-17", "Statement": [{**ALLOW, **elements}]}


def alike(count, text):
    return [text % number for number in range(count)]


def tag_conditions(count):
    return {"StringLike": {f"aws:PrincipalTag/t{number}": [f"*a*{number}"] * 3 for number in range(count)}}


STATEMENTS_AT_THE_LIMIT = {
    "Statement": [{**ALLOW, "Resource": one} for one in alike(1000, "arn:aws:s3:::b%d/*")]
}
PATTERNS = costly(Condition={"ForAllValues:StringLike": {"aws:TagKeys": alike(9900, "*a%d*")}})
TAGS = {**REQUEST, "context": {"aws:TagKeys": alike(1000, "t%d")}}
KEYS = costly(Condition=tag_conditions(1000))
LISTS = costly(Action=alike(4990, "s3:G%d*"), Resource=alike(4990, "arn:aws:s3:::b%d/*x"))
NESTED_STARS = costly(Resource=["arn:aws:s3:::" + "*a" * 30_000 + "b"] * 17)
LONG = {**REQUEST, "resource": "arn:aws:s3:::" + "a" * 65_000}
MANY = {**REQUEST, "action": ["s3:GetObject"] * 35, "resource": alike(2, "arn:aws:s3:::b/k%d")}

# name → policy, request, arguments
COSTLY = {
    "patterns and values": (PATTERNS, TAGS, ["-q"]),
    "patterns and an unknown key": (PATTERNS, REQUEST, ["--unknown", "aws:TagKeys"]),
    "keys": (KEYS, REQUEST, []),
    "unknown keys": (costly(Condition=tag_conditions(UNKNOWN_KEYS.most)), REQUEST, ["--unknown", "all"]),
    "keys, lint": (KEYS, None, []),
    "actions and resources, lint": (LISTS, None, []),
    "actions and resources": (LISTS, REQUEST, []),
    "statements": (STATEMENTS_AT_THE_LIMIT, REQUEST, ["-v", "-f", "json"]),
    "statements, HTML": (STATEMENTS_AT_THE_LIMIT, REQUEST, ["-f", "html"]),
    "statements and checks": (STATEMENTS_AT_THE_LIMIT, MANY, []),
    "long patterns": (NESTED_STARS, LONG, []),
    "long patterns, lint": (NESTED_STARS, None, []),
}


@pytest.mark.parametrize("name", COSTLY)
def test_what_is_within_the_limits_is_done_in_bounded_time_and_memory(name, tmp_path):
    pytest.importorskip("resource")
    policy, request, arguments = COSTLY[name]
    (tmp_path / "p.json").write_text(json.dumps(policy))
    (tmp_path / "r.json").write_text(json.dumps(request))
    command = (
        ["lint", "p.json"] if request is None else ["check", "p.json", "--request", "r.json", *arguments]
    )
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, *command], cwd=tmp_path, check=True, capture_output=True, timeout=600
    )
    status, seconds, megabytes = json.loads((tmp_path / "used.json").read_text())

    print(f"{name}: {seconds:.1f} s, {megabytes:.0f} MB")
    assert status in (0, 1, 3), done.stderr.decode()
    assert seconds < MOST_SECONDS
    assert megabytes < MOST_MEGABYTES


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

    with pytest.raises(PolicyEvalError, match="`Statement` has 1,001 statements"):
        Policy.parse(text)


def test_hops_and_further_checks_have_the_limits_of_a_context():
    much = {f"a:{index}": "x" for index in range(CONTEXT_KEYS.most + 1)}

    for field, one in (("via", {"role": "arn:aws:iam::111111111111:role/r", "context": much}),
                       ("also", {"action": "s3:GetObject", "context": much})):  # fmt: skip
        with pytest.raises(PolicyEvalError, match="`context` has 1,001 keys"):
            requests(**{field: [one]})


def test_a_policy_at_the_limit_is_decided():
    assert Engine(statements(STATEMENTS.most)).decide(REQUEST).allowed
