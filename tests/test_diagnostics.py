"""Does a message say where, what, and how to go on?"""

import pickle

import pytest

from policyeval.diagnostics import Diagnostic, Severity, did_you_mean
from policyeval.errors import PolicyError, PolicyEvalError, RequestError
from policyeval.source import Source

TEXT = """{
  "Statement": {
    "Condition": {
        "StringMatch": {"aws:PrincipalTag/team": "x*"}
    }
  }
}
"""
SOURCE = Source.of("policy.json", TEXT)
PATH = ("Statement", "Condition", "StringMatch")


def test_message_with_its_line_and_help():
    diagnostic = Diagnostic(
        "unknown condition operator `StringMatch`",
        SOURCE,
        PATH,
        on_key=True,
        help="did you mean `StringLike`?",
    )

    assert diagnostic.render() == (
        "policy.json:4:9: unknown condition operator `StringMatch`\n"
        '   4 |         "StringMatch": {"aws:PrincipalTag/team": "x*"}\n'
        "     |         ^^^^^^^^^^^^^\n"
        "   help: did you mean `StringLike`?"
    )


@pytest.mark.parametrize(
    ("diagnostic", "rendered"),
    [
        (Diagnostic("no such file", Source("a.json", "")), "a.json: no such file"),
        (Diagnostic("no such file"), "no such file"),
        (Diagnostic("missing", path=("Statement", 0)), "Statement[0]: missing"),
        (Diagnostic("odd", severity=Severity.WARNING), "warning: odd"),
        (Diagnostic("odd \x1b[2J"), "odd \ufffd[2J"),
    ],
)
def test_message_without_a_place_in_a_text(diagnostic, rendered):
    assert rendered == diagnostic.render()


def test_error_shows_its_diagnostics():
    error = PolicyError.of([Diagnostic("one"), Diagnostic("two", help="stop")])

    assert isinstance(error, PolicyEvalError)
    assert str(error) == "one\ntwo\n   help: stop"


def test_error_survives_pickling():
    error = RequestError("no action", source=SOURCE, path=PATH, help="add one")

    again = pickle.loads(pickle.dumps(error))

    assert (type(error), error.diagnostics) == (type(again), again.diagnostics)


ELEMENTS = ["Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Principal", "Condition"]
OPERATORS = ["StringEquals", "StringNotEquals", "StringLike", "StringNotLike", "ArnLike", "Bool", "IpAddress"]


@pytest.mark.parametrize(
    ("word", "candidates", "meant"),
    [
        ("effect", ELEMENTS, "Effect"),
        ("Resources", ELEMENTS, "Resource"),
        ("Principle", ELEMENTS, "Principal"),
        ("Actoin", ELEMENTS, "Action"),
        ("StringMatch", OPERATORS, "StringLike"),
        ("StringEqual", OPERATORS, "StringEquals"),
        ("stringlike", OPERATORS, "StringLike"),
        ("Boolean", OPERATORS, "Bool"),
        ("SourceIp", ["aws:SourceArn", "aws:SourceIp"], "aws:SourceIp"),
        ("Frobnicate", ELEMENTS, None),
        ("x", ELEMENTS, None),
        ("", ELEMENTS, None),
    ],
)
def test_the_nearest_word_is_suggested(word, candidates, meant):
    assert meant == did_you_mean(word, candidates)
