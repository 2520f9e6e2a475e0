"""Does a document's text become the right values, and a bad one a message that helps?"""

import json
import os
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from policyeval.errors import CaseError, PolicyError, RequestError
from policyeval.language.documents import MAX_BYTES, JsonBoolean, JsonNumber, read_document, write_json
from policyeval.source import Source

BAD = Path(__file__).parent.parent / "fixtures" / "bad"
DOCUMENTS = sorted(path for path in BAD.iterdir() if path.suffix in {".json", ".yaml"})


def read(text, name="policy.json"):
    return read_document(Source.of(name, text))


def message(text, name="policy.json"):
    with pytest.raises(PolicyError) as caught:
        read(text, name)
    return str(caught.value)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_bad_document_gives_its_message(document):
    """Golden messages; `POLICYEVAL_UPDATE=1` writes them anew, to be read before they are kept."""
    expected = BAD / "expected" / f"{document.name}.txt"
    actual = message(document.read_bytes().decode("utf-8"), document.name) + "\n"
    if os.environ.get("POLICYEVAL_UPDATE"):
        expected.write_text(actual, encoding="utf-8")

    assert expected.read_text(encoding="utf-8") == actual


def test_every_expected_message_has_its_document():
    expected = {path.name for path in (BAD / "expected").iterdir()}

    assert expected == {f"{path.name}.txt" for path in DOCUMENTS}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_message_keeps_the_house_style(document):
    """Lower case, no full stop, a place, and a way out."""
    with pytest.raises(PolicyError) as caught:
        read(document.read_bytes().decode("utf-8"), document.name)
    (diagnostic,) = caught.value.diagnostics

    assert diagnostic.help is not None
    assert diagnostic.span is not None
    assert not diagnostic.message.endswith(".")
    assert not diagnostic.message[0].isupper() or diagnostic.message.startswith("JSON")


# Values


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{}", {}),
        ('{"a": 1.10}', {"a": "1.10"}),
        ('{"a": 1E400}', {"a": "1E400"}),
        ('{"a": 100000000000000000000000001}', {"a": "100000000000000000000000001"}),
        ('{"a": [true, false, null, "x"]}', {"a": ["true", "false", None, "x"]}),
        ('["\\ud83d\\ude00", "\\\\ud83d", "\\\\u0000"]', ["\U0001f600", "\\ud83d", "\\u0000"]),
        ("true", "true"),
        ("\t\r\n[]\r\n", []),
    ],
)
def test_json_values_keep_their_text(text, value):
    """Numbers go through no float (L-11)."""
    assert value == read(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Version: 2012-10-17", {"Version": "2012-10-17"}),
        ("a: [on, off, yes, no, y, True, NULL, 0x1F, 1_000, 012345678901, .5, 12:30]",
         {"a": ["on", "off", "yes", "no", "y", "True", "NULL", "0x1F", "1_000", "012345678901", ".5", "12:30"]}),
        ("a: [~, null, ]\nb:\nc: ''", {"a": [None, None], "b": None, "c": ""}),
        ("1: a\ntrue: b\nnull: c", {"1": "a", "true": "b", "null": "c"}),
        ("a: &x [s3:Get*]\nb: *x", {"a": ["s3:Get*"], "b": ["s3:Get*"]}),
        ("a: >-\n  one\n  two\nb: |\n  three\n", {"a": "one two", "b": "three\n"}),
        ("a: 'true'\nb: \"1\"", {"a": "true", "b": "1"}),
        ('{"a": {b: ${aws:username}}}', None),
    ],
)  # fmt: skip
def test_yaml_values_keep_their_text(text, value):
    """YAML guesses no dates, no booleans but `true` and `false`, no numbers but those of JSON."""
    if value is None:
        assert "policy.yaml:1:" in message(text, "policy.yaml")
    else:
        assert value == read(text, "policy.yaml")


@pytest.mark.parametrize(
    ("name", "text"), [("a.json", '[1, true, "1", "true"]'), ("a.yaml", "[1, true, '1', 'true']")]
)
def test_numbers_and_booleans_are_told_from_text(name, text):
    kinds = [type(value) for value in read(text, name)]

    assert kinds == [JsonNumber, JsonBoolean, str, str]


def documents(leaves: SearchStrategy[object]) -> SearchStrategy[object]:
    keys = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=5)
    return st.recursive(
        leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4)
    )


TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8)
NUMBERS = (st.integers().map(str) | st.floats(allow_nan=False, allow_infinity=False).map(json.dumps)).map(
    JsonNumber
)
BOOLEANS = st.sampled_from([JsonBoolean("true"), JsonBoolean("false")])


@given(documents(st.none() | TEXT | NUMBERS | BOOLEANS), st.sampled_from([None, 2]))
def test_written_json_reads_back(value, indent):
    again = read(write_json(value, indent), "again.json")

    assert value == again
    assert write_json(value) == write_json(again)


@given(documents(st.none() | st.booleans() | TEXT), st.sampled_from([None, 2]))
def test_json_is_written_as_the_standard_library_writes_it(value, indent):
    text = json.dumps(value, indent=indent, ensure_ascii=False)

    assert text == write_json(read(text, "a.json"), indent)


@given(
    st.text(max_size=40) | st.text("{}[]\",:'\\u0d8# \n-*&!|>tfn1", max_size=40),
    st.sampled_from(["a.json", "a.yaml", "a"]),
)
def test_any_text_gives_a_value_or_a_message(text, name):
    with suppress(PolicyError):
        read(text, name)


SMALL = """{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "N": [1.5, true]}]}"""
SMALL_YAML = """Version: "2012"\nStatement:\n  - Effect: 'Allow'\n    Action: [a, *b]\n    N: {a: b}\n"""


@pytest.mark.parametrize(("name", "text"), [("a.json", SMALL), ("a.yaml", SMALL_YAML)])
@pytest.mark.parametrize("put", ["", *"{}[]:,\"'\\#/*x0- \n\t\0\ud800\u2028"])
def test_any_one_slip_of_the_pen_gives_a_value_or_a_message(name, text, put):
    for at in range(len(text)):
        for slip in (text[:at] + put + text[at:], text[:at] + put + text[at + 1 :], text[:at] + put):
            with suppress(PolicyError):
                read(slip, name)


def test_error_is_of_the_kind_that_was_asked_for():
    for kind in (RequestError, CaseError):
        with pytest.raises(kind):
            read_document(Source.of("r.json", ""), kind)


# Bounds


@pytest.mark.parametrize("opening", ["[", '{"a":'])
@pytest.mark.parametrize("depth", [101, 990, 10_000, 1_000_000])
def test_deep_nesting_is_refused_in_bounded_time(opening, depth):
    start = time.perf_counter()

    assert "nested deeper than 100 levels" in message(opening * depth)
    assert time.perf_counter() - start < 5


def test_a_hundred_levels_are_read():
    assert read("[" * 100 + "]" * 100) == read("[" * 100 + "]" * 100, "a.yaml")


def test_large_file_is_refused_before_it_is_parsed():
    text = "{" + " " * 5 * MAX_BYTES + "nonsense"

    assert message(text) == (
        "policy.json:1:1: the document has 52,428,809 bytes, the longest that is read has 10,485,760\n"
        "   help: AWS stores no policy longer than 32 KB: is this the right file?"
    )


def test_a_syntax_error_after_a_repeated_key_comes_first():
    assert "policy.json:2:6: a value without double quotes" in message('{"a": 1, "a": 2,\n"b": x}')


def test_good_json_imports_neither_lark_nor_yaml():
    code = (
        "import sys; from policyeval.source import Source;"
        "from policyeval.language.documents import read_document;"
        "read_document(Source.of('a.json', '{\"a\": [1, true]}'));"
        "print(sorted({'lark', 'yaml', 'pydantic', 'rich', 'difflib'} & set(sys.modules)))"
    )
    root = Path(__file__).parent.parent

    assert subprocess.check_output([sys.executable, "-c", code], cwd=root, text=True) == "[]\n"
