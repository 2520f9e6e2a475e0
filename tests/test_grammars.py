"""Do the normative grammars say what the fast readers do?"""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from lark.exceptions import UnexpectedInput

from policyeval.grammars import parser, read_grammar
from policyeval.language.arn import parse_arn
from policyeval.language.patterns import Wildcard
from policyeval.language.variables import Variable, template


def pieces_by_grammar(text):
    """Read a text with the grammar, in the form that `template` gives: neighbouring text is joined."""
    pieces = []
    for node in parser("text").parse(text).children:
        piece = PIECE[node.data]("".join(node.children))
        if isinstance(piece, str) and pieces and isinstance(pieces[-1], str):
            pieces[-1] += piece
        else:
            pieces.append(piece)
    return tuple(pieces)


def variable(written):
    key, _, default = written[2:-1].partition(",")
    return Variable(written, key, default.strip().strip("'") if default else None)


PIECE = {
    "text": str,
    "literal": lambda written: written[2],
    "wildcard": Wildcard,
    "variable": variable,
    "unresolved": lambda written: Variable(written, None),
}


@given(st.text("ab:/*?$${{}}, '", max_size=20))
@example("a*b?${*}c${aws:username}d${aws:PrincipalTag/team, 'no ne}'}x$${")
@example("${}${ a}${aws:x, 'a'b'}${?}${$}${${aws:username}}$*${aws:x,'d'}${aws:x,''}")
def test_text_grammar_and_template_agree(text):
    assert template(text, variables=True, wildcards=True).pieces == pieces_by_grammar(text)


@given(st.lists(st.text("a:/*", max_size=4), min_size=1, max_size=9).map(":".join))
@example("aws:s3:::logs/2026:x")
def test_arn_grammar_and_reader_agree(rest):
    tree = parser("arn").parse(f"arn:{rest}")
    segments = ["".join(node.children) for node in tree.children[1:]]
    arn = parse_arn(f"arn:{rest}")

    if arn is None:
        assert segments == rest.split(":")
    else:
        assert segments == [arn.partition, arn.service, arn.region, arn.account, arn.resource]


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("StringLike", {"BASE": "StringLike"}),
        ("ForAllValues:StringEquals", {"SET": "ForAllValues", "BASE": "StringEquals"}),
        ("foranyvalue:arnlikeifexists", {"SET": "foranyvalue", "BASE": "arnlike", "IF_EXISTS": "ifexists"}),
        ("NullIfExists", {"BASE": "Null", "IF_EXISTS": "IfExists"}),
    ],
)
def test_operator_name_has_up_to_three_parts(name, parts):
    assert parts == {token.type: str(token) for token in parser("operator").parse(name).children}


@pytest.mark.parametrize("name", ["", "ForAllValues:", "Each:StringLike", "Date-Equals", "String Like"])
def test_operator_name_of_another_form_is_refused(name):
    with pytest.raises(UnexpectedInput):
        parser("operator").parse(name)


@pytest.mark.parametrize("name", ["document", "text", "arn", "operator"])
def test_grammar_says_what_it_describes(name):
    assert read_grammar(name).startswith("// ")
