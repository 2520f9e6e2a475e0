"""Are the answers in every format what people have read and found good? `python -m tests.golden` writes them anew."""

import pytest

from tests.golden import GOLDEN, cases, explanations, golden_files

FILES = dict(golden_files())


def test_there_is_a_denial_for_every_reason():
    """Thirty denials over all layers."""
    reasons = {one.decision.reason.code for one in explanations()}

    assert len(cases()) >= 30
    assert len(reasons) >= 17


def test_every_case_is_decided_as_it_says():
    assert [case.reason for case in cases()] == [one.decision.reason.code for one in explanations()]


@pytest.mark.parametrize("name", FILES)
def test_the_answer_is_the_one_that_was_read(name):
    assert (GOLDEN / name).read_text(encoding="utf-8") == FILES[name]


def test_no_golden_file_is_left_over():
    assert sorted(path.name for path in GOLDEN.iterdir()) == sorted(FILES)
