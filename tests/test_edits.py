"""An edit changes what it has to and leaves the rest of the file as it is written."""

from __future__ import annotations

import pytest

from policyeval.explain.edits import Edit, edited
from policyeval.source import Source

YAML = "Resource:\n  - a   # first\n  - b   # second\n"


@pytest.mark.parametrize(
    ("text", "edit", "count", "expected"),
    [
        ('{"R": "a"}', Edit("append", ("R",), "b"), 1, '{"R": ["a", "b"]}'),
        ('{"R": ["a"]}', Edit("append", ("R",), "b"), 1, '{"R": ["a", "b"]}'),
        ('{"R": []}', Edit("append", ("R",), "b"), 0, '{"R": ["b"]}'),
        ('{"R": [\n    "a"\n  ]}', Edit("append", ("R",), "b"), 1, '{"R": [\n    "a",\n    "b"\n  ]}'),
        (
            '{"R": [\r\n    "a"\r\n  ]}',
            Edit("append", ("R",), "b"),
            1,
            '{"R": [\r\n    "a",\r\n    "b"\r\n  ]}',
        ),
        ('{"C": {}}', Edit("member", ("C",), "v", "k"), 0, '{"C": {"k": "v"}}'),
        ('{"C": {"a": 1}}', Edit("member", ("C",), "v", "k"), 1, '{"C": {"k": "v", "a": 1}}'),
        ('{"V": "a"}', Edit("replace", ("V",), "b"), 1, '{"V": "b"}'),
    ],
)
def test_json_is_edited_in_place(text, edit, count, expected):
    assert edited(Source.of("policy.json", text), edit, count).text == expected


def test_yaml_comments_stay_with_their_items():
    after = edited(Source.of("policy.yaml", YAML), Edit("append", ("Resource",), "c"), 2)

    assert after.text == 'Resource:\n  - a   # first\n  - b   # second\n  - "c"\n'


def test_statement_is_added_in_the_indentation_of_the_file():
    text = '{"Statement": [\n    {\n        "Effect": "Allow"\n    }\n]}'

    after = edited(Source.of("policy.json", text), Edit("append", ("Statement",), {"Effect": "Deny"}), 1)

    assert after.text == (
        '{"Statement": [\n    {\n        "Effect": "Allow"\n    },\n    {\n        "Effect": "Deny"\n    }\n]}'
    )
