"""Every hint is given where its trap is, and not where it is not."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from policyeval.engine import Engine
from policyeval.explain.hints import HINTS

FILE = Path(__file__).parent.parent / "fixtures" / "explanations" / "hints.yaml"
CASES = yaml.safe_load(FILE.read_text(encoding="utf-8"))["cases"]


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_hint_is_given(case):
    told = dict(Engine(case["policies"]).explain(case["request"]).hints)

    assert case.get("hint") in (*told, None)
    assert case.get("not") not in told
    assert all(word in told[case["hint"]] for word in case.get("words", []))


def test_every_hint_has_a_case_and_a_counterexample():
    given = {case["hint"] for case in CASES if "hint" in case}
    absent = {case["not"] for case in CASES if "not" in case}

    assert given == absent == {hint.code for hint in HINTS}
