"""In which small ways can a module be wrong? Every expression and statement, changed in one place at a time.

A mutant is a piece of text and what stands there instead; the table CHANGES says what is tried for which
node of the syntax tree. Left out is what only readers and type checkers see: docstrings, annotations,
texts with `{…}` inside, type variables, and the examples of the operator table, which are tests themselves.
"""

from __future__ import annotations

import ast
import copy
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

Changes = Iterator[ast.AST | None]

OPERATORS: dict[type[Any], type[Any]] = {
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In, ast.And: ast.Or, ast.Or: ast.And,
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.RShift: ast.LShift,
    ast.BitOr: ast.BitAnd, ast.BitAnd: ast.BitOr,
}  # fmt: skip
_NONE = ast.Constant(None)
_NEVER_CHANGED_CALLS = {"len", "isinstance"}
_LEFT_ALONE_CALLS = {"TypeVar", "Example"}


@dataclass(frozen=True)
class Mutant:
    """A place in a file, and what stands there instead.

    `occurrence` counts what is otherwise the same within a scope; `lines` are those of the whole statement.
    """

    file: str
    scope: str
    line: int
    lines: range
    start: int
    end: int
    before: str
    after: str
    occurrence: int = 0

    @property
    def name(self) -> str:
        """What stays the same while lines move: file, function, and the change."""
        again = f" #{self.occurrence + 1}" if self.occurrence else ""
        return f"{self.file} {self.scope}: {self.change}{again}"

    @property
    def change(self) -> str:
        """Before and after, in one line."""
        return f"{_one_line(self.before)} → {_one_line(self.after)}"

    def applied(self, text: bytes) -> bytes:
        """Write the mutated module."""
        return text[: self.start] + self.after.encode() + text[self.end :]


def _one_line(text: str) -> str:
    return " ".join(text.split())


def mutants_of(file: str, text: bytes) -> list[Mutant]:
    """Make every mutant of a module, in order."""
    found, seen, counts = [], set(), Counter[str]()
    for one in _Finder(file, text).found:
        if one.before == one.after or (one.start, one.end, one.after) in seen:
            continue
        seen.add((one.start, one.end, one.after))
        one = replace(one, occurrence=counts[one.name])
        counts[replace(one, occurrence=0).name] += 1
        found.append(one)
    return found


# What is tried instead of a node; None stands for leaving a statement out.


def _compare(node: ast.Compare) -> Changes:
    for index, operator in enumerate(node.ops):
        yield _with(node, "ops", index, OPERATORS[type(operator)]())


def _bool_op(node: ast.BoolOp) -> Changes:
    yield _changed(node, op=OPERATORS[type(node.op)]())
    for index in range(len(node.values)):
        rest = [value for at, value in enumerate(node.values) if at != index]
        yield rest[0] if len(rest) == 1 else _changed(node, values=rest)


def _unary_op(node: ast.UnaryOp) -> Changes:
    yield node.operand


def _bin_op(node: ast.BinOp | ast.AugAssign) -> Changes:
    if type(node.op) in OPERATORS:
        yield _changed(node, op=OPERATORS[type(node.op)]())
    if isinstance(node, ast.AugAssign):
        yield ast.Assign([node.target], node.value, lineno=0)


def _constant(node: ast.Constant) -> Changes:
    value = node.value
    if isinstance(value, bool):
        yield ast.Constant(not value)
    elif isinstance(value, (int, float)):
        yield ast.Constant(value + 1)
    elif isinstance(value, str):
        yield ast.Constant(f"XX{value}XX")


def _call(node: ast.Call) -> Changes:
    if _is_call_of(node, _NEVER_CHANGED_CALLS):
        return
    for index, argument in enumerate(node.args):
        if not isinstance(argument, (ast.Constant, ast.Starred)):
            yield _with(node, "args", index, _NONE)
    for index, keyword in enumerate(node.keywords):
        if keyword.arg is not None and not isinstance(keyword.value, ast.Constant):
            yield _with(node, "keywords", index, ast.keyword(keyword.arg, _NONE))
        yield _without(node, "keywords", index)
    if node.args:
        yield _without(node, "args", len(node.args) - 1)


def _condition(node: Any) -> Changes:
    """Of If, While and IfExp: the condition turned round, where no operator in it does that already."""
    if not isinstance(node.test, (ast.Compare, ast.BoolOp, ast.UnaryOp, ast.Constant)):
        yield _changed(node, test=ast.UnaryOp(ast.Not(), node.test))


def _comprehension(node: Any) -> Changes:
    for at, clause in enumerate(node.generators):
        for index in range(len(clause.ifs)):
            yield _with(node, "generators", at, _without(clause, "ifs", index))


def _slice(node: ast.Subscript) -> Changes:
    if isinstance(node.slice, ast.Slice):
        for side in ("lower", "upper"):
            if getattr(node.slice, side) is not None:
                yield _changed(node, slice=_changed(node.slice, **{side: None}))


def _value(node: Any) -> Changes:
    """Of Return, Assign, AnnAssign and Yield: another value."""
    if node.value is None or (isinstance(node.value, ast.Constant) and node.value.value is not None):
        return
    is_none = isinstance(node.value, ast.Constant)
    if not (is_none and isinstance(node, ast.Return)):
        yield _changed(node, value=ast.Constant("") if is_none else _NONE)


def _lambda(node: ast.Lambda) -> Changes:
    yield _changed(node, body=_NONE)


def _left_out(node: ast.stmt) -> Changes:
    if not (isinstance(node, ast.Expr) and isinstance(node.value, (ast.Constant, ast.Yield))):
        yield None


def _continue(_: ast.Continue) -> Changes:
    yield ast.Break()


def _display(node: Any) -> Changes:
    """Of the tables of a module: each row left out."""
    for index in range(len(node.elts)):
        if not isinstance(node.elts[index], ast.Constant) and not _is_call_of(
            node.elts[index], _LEFT_ALONE_CALLS
        ):
            yield _without(node, "elts", index)


def _dictionary(node: ast.Dict) -> Changes:
    for index in range(len(node.keys)):
        yield _changed(node, keys=_rest(node.keys, index), values=_rest(node.values, index))


CHANGES: dict[type[ast.AST], tuple[Callable[[Any], Changes], ...]] = {
    ast.Compare: (_compare,),
    ast.BoolOp: (_bool_op,),
    ast.UnaryOp: (_unary_op,),
    ast.BinOp: (_bin_op,),
    ast.AugAssign: (_bin_op,),
    ast.Constant: (_constant,),
    ast.Call: (_call,),
    ast.If: (_condition,),
    ast.While: (_condition,),
    ast.IfExp: (_condition,),
    ast.GeneratorExp: (_comprehension,),
    ast.ListComp: (_comprehension,),
    ast.SetComp: (_comprehension,),
    ast.DictComp: (_comprehension,),
    ast.Subscript: (_slice,),
    ast.Return: (_value,),
    ast.Assign: (_value,),
    ast.AnnAssign: (_value,),
    ast.Yield: (_value,),
    ast.Lambda: (_lambda,),
    ast.Expr: (_left_out,),
    ast.Raise: (_left_out,),
    ast.Continue: (_continue,),
}
# Only in the tables of a module, not in its functions.
TABLE_CHANGES: dict[type[ast.AST], Callable[[Any], Changes]] = {
    ast.Tuple: _display,
    ast.Set: _display,
    ast.List: _display,
    ast.Dict: _dictionary,
}


def _is_call_of(node: ast.AST | None, names: set[str]) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names


def _changed(node: Any, **fields: Any) -> Any:
    made = copy.copy(node)
    for name, value in fields.items():
        setattr(made, name, value)
    return made


def _with(node: Any, field: str, index: int, value: ast.AST) -> Any:
    entries = list(getattr(node, field))
    entries[index] = value
    return _changed(node, **{field: entries})


def _rest(entries: list[Any], index: int) -> list[Any]:
    return entries[:index] + entries[index + 1 :]


def _without(node: Any, field: str, index: int) -> Any:
    return _changed(node, **{field: _rest(getattr(node, field), index)})


# Where


class _Finder:
    """Walks a module and notes its mutants."""

    def __init__(self, file: str, text: bytes) -> None:
        self.file = file
        self.text = text
        self.found: list[Mutant] = []
        self._starts = [0]
        for line in text.splitlines(keepends=True):
            self._starts.append(self._starts[-1] + len(line))
        for statement in ast.parse(text).body:
            self._walk(statement, "", range(0))

    def _walk(self, node: ast.AST, scope: str, lines: range) -> None:
        if _is_left_alone(node):
            return
        inner = f"{scope}.{node.name}".lstrip(".") if isinstance(node, _SCOPES) else scope
        if isinstance(node, (ast.stmt, ast.match_case)):
            lines = _lines(node)
        self._note(node, scope, lines)
        for child in _children(node):
            self._walk(child, inner, lines)

    def _note(self, node: ast.AST, scope: str, lines: range) -> None:
        changes = CHANGES.get(type(node), ())
        if (
            not scope
            and type(node) in TABLE_CHANGES
            and not isinstance(getattr(node, "ctx", None), ast.Store)
        ):
            changes = (TABLE_CHANGES[type(node)],)
        for change in changes:
            for instead in change(node):
                self._add(node, instead, scope, lines)

    def _add(self, node: Any, instead: ast.AST | None, scope: str, lines: range) -> None:
        """Note a change; of a statement with a body only its head is rewritten."""
        shown: Any = node
        if isinstance(node, (ast.If, ast.While)):
            shown, instead = node.test, instead.test  # type: ignore[union-attr]
        start = self._starts[shown.lineno - 1] + shown.col_offset
        end = self._starts[shown.end_lineno - 1] + shown.end_col_offset
        before = self.text[start:end].decode()
        self.found.append(
            Mutant(self.file, scope, shown.lineno, lines, start, end, before, _written(instead))
        )


_SCOPES = (ast.FunctionDef, ast.ClassDef)


def _written(node: ast.AST | None) -> str:
    """Write a node; in parentheses where it may be a part of something bigger."""
    if node is None:
        return "pass"
    text = ast.unparse(node)
    return text if isinstance(node, (ast.stmt, ast.Call, ast.Name, ast.Constant)) else f"({text})"


def _lines(node: Any) -> range:
    """The lines of a statement; of one with a body those of its head, of a function or class all."""
    body = getattr(node, "body", None)
    if isinstance(node, _SCOPES) or not body or not isinstance(body, list):
        return range(node.lineno if hasattr(node, "lineno") else node.pattern.lineno, _end(node) + 1)
    first = node.pattern.lineno if isinstance(node, ast.match_case) else node.lineno
    return range(first, max(body[0].lineno, first + 1))


def _end(node: Any) -> int:
    return int(node.end_lineno if hasattr(node, "end_lineno") else node.body[-1].end_lineno)


def _is_left_alone(node: ast.AST) -> bool:
    if isinstance(node, (ast.JoinedStr, ast.Import, ast.ImportFrom)):
        return True
    if _is_call_of(node, _LEFT_ALONE_CALLS):
        return True
    if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
        return True
    if isinstance(node, ast.ClassDef):
        return any(isinstance(base, ast.Name) and base.id == "Protocol" for base in node.bases)
    if isinstance(node, (ast.Assign, ast.AnnAssign)) and _is_call_of(node.value, _LEFT_ALONE_CALLS):
        return True
    is_text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    return is_text or (isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__slots__")


def _children(node: ast.AST) -> Iterator[ast.AST]:
    """The parts of a node that are code: no annotations, no decorators, no targets."""
    skipped = {"annotation", "returns", "decorator_list", "targets", "target", "ctx", "type_comment"}
    for field, value in ast.iter_fields(node):
        if field in skipped and not (field == "target" and isinstance(node, ast.comprehension)):
            continue
        if isinstance(node, ast.arguments) and field not in ("defaults", "kw_defaults"):
            continue
        for child in value if isinstance(value, list) else (value,):
            if isinstance(child, ast.AST):
                yield child
