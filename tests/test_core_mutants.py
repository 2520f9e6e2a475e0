"""Are mutants what they should be, and are the kept results about the core as it is?"""

import json

import pytest

from tests.mutation.core import ROOT, core_files
from tests.mutation.mutants import mutants_of
from tests.mutation.results import MUTATION, reasons


def changes(text):
    return [mutant.change for mutant in mutants_of("m.py", text.encode())]


def every_mutant():
    return [one for file in core_files() for one in mutants_of(file, (ROOT / file).read_bytes())]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("def f(a):\n    return a < 1", ["return a < 1 → return None", "a < 1 → (a <= 1)", "1 → 2"]),
        ("def f(a):\n    return a", ["return a → return None"]),
        ("def f(a, b):\n    if a and b:\n        g()", [
            "a and b → (a or b)", "a and b → b", "a and b → a", "g() → pass",
        ]),
        ("def f(a):\n    if a:\n        raise g", ["a → (not a)", "raise g → pass"]),
        ("def f(a):\n    return g(a, b=a)", [
            "return g(a, b=a) → return None", "g(a, b=a) → g(None, b=a)", "g(a, b=a) → g(a, b=None)",
            "g(a, b=a) → g(a)", "g(a, b=a) → g(b=a)",
        ]),
        ("def f(a):\n    return a[1:]", ["return a[1:] → return None", "a[1:] → (a[:])", "1 → 2"]),
        ("def f(a):\n    a |= g", ["a |= g → a &= g", "a |= g → a = g"]),
        ("def f(a):\n    a = None", ["a = None → a = ''"]),
        ("def f(a=True):\n    return None", ["True → False"]),
        ("f = lambda a: a", ["f = lambda a: a → f = None", "lambda a: a → (lambda a: None)"]),
        ("T = {'a', 'b'}", ["T = {'a', 'b'} → T = None", "'a' → 'XXaXX'", "'b' → 'XXbXX'"]),
        ("T = (a, b)", ["T = (a, b) → T = None", "(a, b) → ((b,))", "(a, b) → ((a,))"]),
        ("def f(a):\n    return {b for b in a if b}", [
            "return {b for b in a if b} → return None", "{b for b in a if b} → ({b for b in a})",
        ]),
        ('def f(a: "int") -> "int":\n    """Text."""\n    return f"{a + 1}"', ['return f"{a + 1}" → return None']),
        ("if TYPE_CHECKING:\n    a = 1", []),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_mutants_of_a_text(text, expected):
    assert changes(text) == expected


def test_a_mutant_changes_its_place_and_nothing_else():
    text = "def f(a):\n    # straße\n    return a < 1 or a > 7\n".encode()

    made = {one.change: one.applied(text).decode() for one in mutants_of("m.py", text)}

    assert made["7 → 8"] == "def f(a):\n    # straße\n    return a < 1 or a > 8\n"
    assert made["a < 1 → (a <= 1)"] == "def f(a):\n    # straße\n    return (a <= 1) or a > 7\n"


def test_same_changes_of_a_function_are_told_apart():
    names = [one.name for one in mutants_of("m.py", b"def f(a):\n    return g(1, a) + g(1, a)\n")]

    assert len(names) == len(set(names))
    assert "m.py f: 1 → 2" in names
    assert "m.py f: 1 → 2 #2" in names


def test_mutants_of_the_core_are_modules():
    """Some of everywhere; all would take long."""
    for mutant in every_mutant()[::25]:
        compile(mutant.applied((ROOT / mutant.file).read_bytes()), mutant.file, "exec")


def test_every_reason_is_about_a_mutant():
    assert not reasons().keys() - {one.name for one in every_mutant()}


@pytest.mark.skipif(not MUTATION.exists(), reason="not measured yet")
def test_every_survivor_that_is_kept_has_its_reason():
    kept = json.loads(MUTATION.read_text(encoding="utf-8"))

    assert [one["mutant"] for one in kept["survivors"] if not one["reason"]] == []
    assert kept["killed"] + len(kept["survivors"]) == kept["mutants"]
    assert kept["killed"] >= 0.95 * kept["mutants"]
