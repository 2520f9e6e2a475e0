"""Do paths lead to the right places in a text, and are the places shown well?"""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policyeval.source import Position, Source, SourceMap, Span, excerpt, path_text, printable
from policyeval.syntax import Node, json_tree, yaml_tree

POLICY = """{
  "Version": "2012-10-17",
  "Statement": [
    {"Effect": "Allow", "Action": ["s3:Get*", "s3:List*"],
     "Condition": {"Bool": {"aws:SecureTransport": true}}},
    {"Effect": "Deny", "Action": "*"}
  ]
}
"""
SAME_IN_YAML = """Version: 2012-10-17
Statement:
  - Effect: Allow
    Action: [s3:Get*, "s3:List*"]
    Condition:
      Bool: {aws:SecureTransport: true}

  - Effect: Deny
    Action: '*'  # everything
"""
SOURCES = {"json": Source.of("policy.json", POLICY), "yaml": Source.of("policy.yaml", SAME_IN_YAML)}


def text_at(source, span):
    return source.text[span.start.offset : span.end.offset]


@pytest.mark.parametrize(
    ("path", "in_json", "in_yaml"),
    [
        (("Version",), '"2012-10-17"', "2012-10-17"),
        (("Statement", 0, "Action", 0), '"s3:Get*"', "s3:Get*"),
        (("Statement", 0, "Action", 1), '"s3:List*"', '"s3:List*"'),
        (("Statement", 0, "Action"), '["s3:Get*", "s3:List*"]', '[s3:Get*, "s3:List*"]'),
        (("Statement", 0, "Condition", "Bool", "aws:SecureTransport"), "true", "true"),
        (("Statement", 1), '{"Effect": "Deny", "Action": "*"}', "Effect: Deny\n    Action: '*'"),
    ],
)
def test_path_leads_to_its_value(path, in_json, in_yaml):
    found = [text_at(source, SourceMap.of(source).span(path)) for source in SOURCES.values()]

    assert found == [in_json, in_yaml]


@pytest.mark.parametrize(
    ("path", "nearest"),
    [
        (("Statement", 1, "Action", 0), ("Statement", 1, "Action")),
        (("Statement", 0, "Action", 7), ("Statement", 0, "Action")),
        (("Statement", 0, "Resource"), ("Statement", 0)),
        (("Statement", 0, "Condition", "Bool", "aws:SecureTransport", 0, "deeper"),
         ("Statement", 0, "Condition", "Bool", "aws:SecureTransport")),
        (("Statement", "Effect"), ("Statement",)),
        (("Id",), ()),
    ],
)  # fmt: skip
@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
def test_path_that_leads_too_far_gives_the_nearest_value(source, path, nearest):
    positions = SourceMap.of(source)

    assert positions.span(nearest) == positions.span(path)
    assert positions.span(nearest) == positions.key_span(path) or path[:-1] != nearest


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
def test_key_of_a_member(source):
    positions = SourceMap.of(source)
    key = ("Statement", 0, "Condition", "Bool", "aws:SecureTransport")

    assert text_at(source, positions.key_span(key)).strip('"') == "aws:SecureTransport"
    assert positions.span(("Statement", 0)) == positions.key_span(("Statement", 0))
    assert positions.span(()) == positions.key_span(())


def test_lines_and_columns_count_from_one_and_the_end_is_outside():
    span = SourceMap.of(Source.of("a.json", '{\n  "é": 1\n}')).span(("é",))

    assert Span(Position(2, 8, 9), Position(2, 9, 10)) == span


@pytest.mark.parametrize("name", ["a.json", "a.yaml"])
@pytest.mark.parametrize("text", ["", "{", "[1, ", '{"a": nope]', "[" * 5000, "\x00", "a: b: c", "{,}"])
def test_text_that_cannot_be_parsed_still_has_a_place(name, text):
    positions = SourceMap.of(Source.of(name, text))

    assert positions.span(("Statement", 0)).start.line == 1
    assert positions.duplicates() == []


def test_duplicate_members_are_found_everywhere():
    source = Source.of("a.json", '{"a": [{"b": 1, "c": 2, "b": {"d": 1, "d": 2}}], "a": 1}')
    found = [
        (path, first.start.column, again.start.column)
        for path, first, again in SourceMap.of(source).duplicates()
    ]

    assert found == [(("a", 0, "b"), 9, 25), (("a", 0, "b", "d"), 31, 39), (("a",), 2, 50)]


def test_an_alias_stands_where_it_is_written_and_what_is_in_it_at_its_anchor():
    source = Source.of("a.yaml", "a: &x {k: v}\nb: *x\n")
    positions = SourceMap.of(source)

    assert text_at(source, positions.span(("b",))) == "*x"
    assert text_at(source, positions.span(("b", "k"))) == "v"


def value_of(node: Node) -> object:
    """The value that a tree stands for; a scalar without quotes is read as JSON."""
    if node.kind == "object":
        return {key.text: value_of(member) for key, member in node.members}
    if node.kind == "list":
        return [value_of(item) for item in node.items]
    return json.loads(node.text) if node.plain else node.text


SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
)
LAYOUTS = st.fixed_dictionaries(
    {"indent": st.sampled_from([None, 0, 1, "\t"]), "ensure_ascii": st.booleans()}
)


def paths(value: object, path: tuple[str | int, ...] = ()) -> list[tuple[tuple[str | int, ...], object]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [(path, value), *(found for key, member in inner for found in paths(member, (*path, key)))]


@given(VALUES, LAYOUTS)
def test_grammar_and_json_agree_on_values(value, layout):
    assert value == value_of(json_tree(json.dumps(value, **layout)))


@given(VALUES, LAYOUTS)
def test_each_span_holds_the_text_of_its_value(value, layout):
    source = Source("a.json", json.dumps(value, **layout), "json")
    positions = SourceMap.of(source)

    for path, member in paths(value):
        assert member == json.loads(text_at(source, positions.span(path)))
        if path and isinstance(path[-1], str):
            assert path[-1] == json.loads(text_at(source, positions.key_span(path)))


PRINTABLE = st.text(
    st.characters(min_codepoint=32, max_codepoint=0x2FFF, exclude_characters="\x7f"), max_size=5
)


@given(st.recursive(PRINTABLE, lambda inner: st.lists(inner, max_size=3)))
def test_yaml_reads_json_at_the_same_places(value):
    text = json.dumps(value)

    assert json_tree(text) == yaml_tree(text)


@pytest.mark.parametrize(
    ("name", "text", "syntax"),
    [
        ("a.json", "Version: 1", "json"),
        ("a.JSON", "", "json"),
        ("a.yml", '{"a": 1}', "yaml"),
        ("-", '\ufeff \n{"a": 1}', "json"),
        ("-", "[1]", "json"),
        ("-", "Version: 1", "yaml"),
        ("policy", "", "yaml"),
    ],
)
def test_syntax_is_taken_from_the_name_then_the_text(name, text, syntax):
    assert syntax == Source.of(name, text).syntax


# What is shown


def shown(text, start, end, **options):
    source = Source("a.json", text, "json")
    return excerpt(source, source.span(start, end), **options)


def test_excerpt_marks_one_line():
    assert shown('{"a": 1}', 1, 4, label="here") == '   1 | {"a": 1}\n     |  ^^^ here'


def test_excerpt_shows_lines_around():
    text = "\n".join(str(number) * 2 for number in range(8, 13))

    assert shown(text, 6, 8, context=1) == "   2 | 99\n   3 | 1010\n     | ^^\n   4 | 1111"


def test_excerpt_of_several_lines_shows_the_first_and_the_last():
    text = '{"a": {\r\n    "b": 1,\r\n    "c": 2\r\n  }\r\n}'

    assert shown(text, 6, 38) == '   1 | {"a": {\n     |       ^\n   ...\n   4 |   }\n     |   ^'


@pytest.mark.parametrize(
    ("text", "start", "end", "marks"),
    [
        ("\tab", 1, 2, "     |     ^"),
        ("日本x", 2, 3, "     |     ^"),
        ("日本x", 0, 2, "     | ^^^^"),
        ("e\u0301x", 2, 3, "     |  ^"),
        ("ab", 2, 2, "     |   ^"),
        ("ab\r\ncd", 2, 3, "     |   ^"),
        ("", 0, 0, "     | ^"),
    ],
)
def test_caret_stands_below_its_character(text, start, end, marks):
    assert shown(text, start, end).split("\n")[1] == marks


@given(
    st.text("ab\t日\u0301 \u202e\n", max_size=400),
    st.integers(0, 400),
    st.integers(0, 400),
    st.integers(0, 2),
)
def test_every_span_can_be_shown(text, start, length, context):
    start = min(start, len(text))

    lines = shown(text, start, min(start + length, len(text)), context=context).split("\n")

    assert all(len(line) < 240 for line in lines)
    assert any("^" in line for line in lines)


def test_long_line_is_cut_around_its_span():
    line, marks = shown("x" * 5000 + "HERE" + "y" * 5000, 5000, 5004).split("\n")

    assert len(line) < 125
    assert line[marks.index("^") : marks.rindex("^") + 1] == "HERE"


def test_printable_shows_what_would_hide_text():
    assert printable("a\x1b[31m\u202eb\ud800\nc\té日") == "a\ufffd[31m\ufffdb\ufffd\ufffdc    é日"


def test_path_is_written_as_people_do():
    assert path_text(("Statement", 0, "Condition", "Bool", "aws:x")) == "Statement[0].Condition.Bool.aws:x"
    assert path_text(()) == ""
