"""What can a case file say, and what is told of its mistakes?"""

import json
from pathlib import Path

import pytest

from policyeval import CaseError, load_cases
from policyeval.render.schema.cases import FIXED_AXES
from policyeval.testing.matrix import AXES

MISTAKES = Path(__file__).parent / "mistakes"
ANA = "arn:aws:iam::111122223333:user/ana"
READ = {
    "Version": "2012-10-17",
    "Statement": [
        {"Sid": "Read", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::logs/*"}
    ],
}
OTHER = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "ec2:*", "Resource": "*"}]}
REQUEST = {"principal": ANA, "action": "s3:GetObject", "resource": "arn:aws:s3:::logs/a"}
CASE = {"name": "ana reads", "request": REQUEST, "expect": "allow"}


@pytest.fixture
def write(tmp_path):
    """Write a case file beside policies, and read it."""
    (tmp_path / "read.json").write_text(json.dumps(READ))
    (tmp_path / "set.yaml").write_text("identity: [read.json]\nboundary: read.json\n")

    def load(content):
        file = tmp_path / "cases.iamtest.json"
        file.write_text(content if isinstance(content, str) else json.dumps(content))
        return load_cases(file)

    return load


def results(cases):
    return {case.name: case.run().got for case in cases}


# Variables


def test_variables_stand_in_any_text_and_take_values_of_any_kind(write):
    cases = write(
        {
            "vars": {
                "account": "111122223333",
                "ana": "arn:aws:iam::${vars.account}:user/ana",
                "policies": [READ],
            },
            "policies": {"identity": "${vars.policies}"},
            "cases": [
                {**CASE, "name": "in ${vars.account}", "request": {**REQUEST, "principal": "${vars.ana}"}}
            ],
        }
    )

    assert results(cases) == {"in 111122223333": "allow"}


def test_keys_of_objects_take_variables(write):
    bucket = {**READ, "Statement": [{**READ["Statement"][0], "Principal": {"AWS": ANA}}]}
    cases = write(
        {
            "vars": {"bucket": "arn:aws:s3:::logs"},
            "policies": {"resources": {"${vars.bucket}": bucket}},
            "cases": [CASE],
        }
    )

    assert results(cases) == {"ana reads": "allow"}


def test_a_case_overrides_variables_also_of_the_shared_policies(write):
    policy = json.loads(json.dumps(READ).replace("logs", "${vars.bucket}"))
    cases = write(
        {
            "vars": {"bucket": "logs"},
            "policies": {"identity": [policy]},
            "cases": [CASE, {**CASE, "name": "another bucket", "vars": {"bucket": "data"}}],
        }
    )

    assert results(cases) == {"ana reads": "allow", "another bucket": "implicit-deny"}


def test_policy_variables_stay_what_they_are(write):
    policy = json.loads(json.dumps(READ).replace("logs/*", "logs/${aws:username}"))
    request = {**REQUEST, "resource": "arn:aws:s3:::logs/ana"}
    cases = write(
        {"vars": {"unused": "x"}, "policies": {"identity": [policy]}, "cases": [{**CASE, "request": request}]}
    )

    assert results(cases) == {"ana reads": "allow"}


# Matrix


def test_a_matrix_runs_every_combination(write):
    case = {
        **CASE,
        "matrix": {"action": ["s3:GetObject", "s3:PutObject"], "context.aws:SourceIp": ["10.0.0.1", None]},
        "expect": "deny",
    }
    cases = write({"policies": {"identity": [READ]}, "cases": [case]})

    assert results(cases) == {
        "ana reads [s3:GetObject, 10.0.0.1]": "allow",
        "ana reads [s3:GetObject, absent]": "allow",
        "ana reads [s3:PutObject, 10.0.0.1]": "implicit-deny",
        "ana reads [s3:PutObject, absent]": "implicit-deny",
    }
    assert cases[0].request["context"] == {"aws:SourceIp": "10.0.0.1"}


def test_a_matrix_sets_variables(write):
    case = {
        **CASE,
        "matrix": {"vars.key": ["a", "b"]},
        "request": {**REQUEST, "resource": "arn:aws:s3:::logs/${vars.key}"},
    }
    cases = write({"policies": {"identity": [READ]}, "cases": [case]})

    assert [case.request["resource"] for case in cases] == ["arn:aws:s3:::logs/a", "arn:aws:s3:::logs/b"]


def test_the_schema_knows_the_axes():
    assert AXES[: len(FIXED_AXES)] == FIXED_AXES


# Policies of other files


@pytest.mark.parametrize(
    ("policies", "answer"),
    [
        ("read.json", "allow"),
        ("set.yaml", "allow"),
        ({"include": "set.yaml"}, "allow"),
        ({"include": ["set.yaml"], "boundary": OTHER}, "implicit-deny"),
        ({"identity": ["read.json"]}, "allow"),
        (None, "implicit-deny"),
    ],
)
def test_policies_are_those_of_files_relative_to_the_case_file(write, policies, answer):
    assert results(write({"policies": policies, "cases": [CASE]})) == {"ana reads": answer}


def test_two_documents_stand_side_by_side(write, tmp_path):
    (tmp_path / "put.json").write_text(json.dumps(READ).replace("Get", "Put"))
    case = {**CASE, "matrix": {"action": ["s3:GetObject", "s3:PutObject"]}}
    cases = write({"policies": {"include": ["read.json", "put.json"]}, "cases": [case]})

    assert set(results(cases).values()) == {"allow"}


def test_cases_that_share_policies_share_an_engine(write):
    first, second, other = write(
        {
            "policies": {"identity": [READ]},
            "cases": [CASE, {**CASE, "name": "again"}, {**CASE, "name": "own", "policies": {"identity": []}}],
        }
    )

    assert first.engine() is second.engine()
    assert first.engine() is not other.engine()


def test_a_policy_file_that_is_missing_is_no_invalid_input(write):
    """Else a misspelt name would make every case pass that expects `invalid`."""
    (case,) = write({"policies": {"identity": ["reed.json"]}, "cases": [{**CASE, "expect": "invalid"}]})

    outcome = case.run()

    assert (outcome.got, outcome.passed) == ("error", False)
    assert "did you mean" in str(outcome.error)
    assert outcome.error.diagnostics[0].path == ("policies", "identity", 0)


def test_a_request_that_is_refused_is_told_at_its_place(write):
    (case,) = write(
        {"policies": {"identity": [READ]}, "cases": [{**CASE, "request": {**REQUEST, "action": "s3"}}]}
    )

    outcome = case.run()

    assert outcome.got == "invalid"
    assert "cases.iamtest.json:1:" in str(outcome.error)


# Skip and only


def test_skip_and_only_choose_cases(write):
    skipped = {**CASE, "name": "skipped", "skip": "waits for the bucket"}
    chosen = {**CASE, "name": "chosen", "only": "looking into it"}

    assert [case.skip for case in write({"cases": [CASE, skipped]})] == [None, "waits for the bucket"]
    assert [bool(case.skip) for case in write({"cases": [CASE, skipped, chosen]})] == [True, True, False]


# Mistakes


def changed(**fields):
    return {"cases": [{**CASE, **fields}]}


@pytest.mark.parametrize(
    ("content", "message", "help"),
    [
        ([], "a case file is an object with a list of `cases`", "add `cases`"),
        ({"cases": {}}, "`cases` is a list", "write `cases:`"),
        ({"cases": [1]}, "a case is an object", "write {name"),
        ({"casses": [], "cases": []}, "unknown field `casses`", "did you mean `cases`?"),
        (changed(expected="allow"), "unknown field `expected`", "did you mean `expect`?"),
        ({"cases": [{"name": "n", "expect": "allow"}]}, "the case has no `request`", "add `request"),
        (changed(name=None), "the case has no `name`", "add a sentence"),
        (changed(name=" "), "`name` is a text", "add a sentence"),
        (changed(expect="alow"), "`alow` is no expectation", "did you mean `allow`?"),
        (changed(expect={"a": 1}), '`{"a": 1}` is no expectation', "it is one of"),
        (changed(reason="identity-no-alow"), "`identity-no-alow` is no reason", "did you mean `identity-no-allow`?"),
        (changed(reason="identity-no-allow"), "`identity-no-allow` is never the reason of `allow`", "implicit-deny"),
        (changed(expect="invalid", reason="allowed"), "`allowed` is never the reason of `invalid`", "`allow`"),
        (changed(skip=True), "`skip` says why", "write `skip: the reason"),
        (changed(only=""), "`only` says why", "write `only: the reason"),
        (changed(skip="a", only="b"), "`skip` and `only` contradict each other", "keep one"),
        (changed(strict="maybe"), "`strict` is true or false", "write `strict: true`"),
        ({"cases": [CASE, CASE]}, "the name `ana reads` stands twice", "say what differs from case 1"),
        ({"vars": [], **changed()}, "`vars` is an object", "write `vars:"),
        (changed(vars=[]), "`vars` is an object", "write {name: value}"),
        (changed(name="${vars.x}"), "the variable `x` is not defined", "defined: none is"),
        ({"vars": {"ana": "x"}, **changed(name="${vars.anna}")}, "the variable `anna` is not defined", "`${vars.ana}`"),
        ({"vars": {"a": []}, **changed(name="x ${vars.a}")}, "`a` is no text and stands inside one", "only a text"),
        (changed(matrix=[]), "`matrix` is an object", "write {action"),
        (changed(matrix={"actoin": ["s3:GetObject"]}), "a matrix has no axis `actoin`", "did you mean `action`?"),
        (changed(matrix={"action": "s3:GetObject"}), "`action` is a list with a value per case", "write [one"),
        (changed(matrix={"action": ["s3:A"]}, request="x"), "a matrix needs a `request` that is an object", "write {"),
        (changed(policies=[READ]), "`policies` is an object or the name of a file", "write {identity"),
        (changed(policies={"identitty": []}), "unknown policy set field `identitty`", "did you mean `identity`?"),
        (changed(policies={"include": 1, "scp": []}), "there is no file", "check the spelling"),
        (changed(policies={"include": [[]]}), "`include` is the name of a file, or a list of names", "write `include"),
        (changed(policies="reed.json"), "there is no file", "did you mean"),
        ("{", "", ""),
        ("cases: [", "", ""),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_place_and_a_way_out(write, content, message, help):
    with pytest.raises(CaseError) as raised:
        write(content)

    (told,) = raised.value.diagnostics
    assert message in told.message
    assert help in (told.help or "")
    assert told.location().startswith(str(told.source.name))


def test_all_mistakes_of_a_file_are_told_at_once_in_its_order():
    with pytest.raises(CaseError) as raised:
        load_cases(MISTAKES / "several.iamtest.yaml")

    places = [
        told.location().rpartition("mistakes/several.iamtest.yaml:")[2] for told in raised.value.diagnostics
    ]
    assert places == ["2:12", "5:26", "6:13", "8:11"]


def test_of_very_many_mistakes_the_first_are_told(write):
    cases = [{**CASE, "name": f"case {number}", "expect": "x"} for number in range(100)]

    with pytest.raises(CaseError) as raised:
        write({"cases": cases})

    assert len(raised.value.diagnostics) == 21
    assert "and 80 more mistakes" in raised.value.diagnostics[-1].message
