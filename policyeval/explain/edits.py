"""How is a document changed as it is written? Small edits of the text that keep formatting and comments.

An edit names a path and a value; where it goes in the text is looked up in the positions of the
document. JSON is written, which is YAML as well.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import Any

from policyeval.records import Record
from policyeval.source import Path, Source, SourceMap


class Edit(Record):
    """Add a value to the list or object at a path, or put it in the place of what stands there.

    `op` is `append` (to a list; a single value becomes a list), `member` (a key of an object) or `replace`.
    """

    op: str
    path: Path
    value: Any
    key: str | None = None


class DiffLine(Record):
    """A changed line: its number in the old text (`-`) or the new one (`+`)."""

    sign: str
    number: int
    text: str


def edited(source: Source, edit: Edit, count: int) -> Source:
    """Apply an edit; `count` is how many items or members stand at the path now."""
    if edit.op == "replace":
        start, end = _offsets(source, edit.path)
        return _spliced(source, start, end, json.dumps(edit.value, ensure_ascii=False))
    if edit.op == "member":
        return _with_member(source, edit)
    return _appended(source, edit, count)


def diff(old: Source, new: Source) -> tuple[DiffLine, ...]:
    """List the changed lines."""
    before, after = old.text.splitlines(), new.text.splitlines()
    found: list[DiffLine] = []
    for tag, i, j, k, m in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag != "equal":
            found += [DiffLine("-", n + 1, before[n]) for n in range(i, j)]
            found += [DiffLine("+", n + 1, after[n]) for n in range(k, m)]
    return tuple(found)


def _offsets(source: Source, path: Path) -> tuple[int, int]:
    span = SourceMap.of(source).span(path)
    start, end = span.start.offset, span.end.offset
    return start, start + len(source.text[start:end].rstrip())


def _spliced(source: Source, start: int, end: int, text: str) -> Source:
    """Put a text in the place of another, with the line ends of the file."""
    if "\r\n" in source.text:
        text = text.replace("\r\n", "\n").replace("\n", "\r\n")
    return Source(source.name, source.text[:start] + text + source.text[end:], source.syntax)


def _appended(source: Source, edit: Edit, count: int) -> Source:
    start, end = _offsets(source, edit.path)
    written = source.text[start:end]
    is_flow_list, is_block_list = (
        written.startswith("["),
        written.startswith("- ") and source.syntax == "yaml",
    )
    if not is_flow_list and not is_block_list:
        return _as_list(source, start, end, edit.value)
    if count == 0:
        return _spliced(source, start, end, f"[{_flow(edit.value)}]")
    item, last = _offsets(source, (*edit.path, count - 1))
    if is_block_list:
        dash, end_of_line = _indent(source.text, start), source.text.find("\n", last)
        at = len(source.text) if end_of_line < 0 else end_of_line  # behind a comment on the item's line
        at -= source.text[:at].endswith("\r")
        return _spliced(source, at, at, f"\n{dash}- {_flow(edit.value)}")
    return _spliced(source, last, last, _after(source.text, start, item, edit.value))


def _as_list(source: Source, start: int, end: int, value: Any) -> Source:
    """Turn a single value into a list of two."""
    written = source.text[start:end]
    if source.syntax == "yaml" and not written.startswith(('"', "{")):
        if "\n" in written or written.startswith("'"):
            indent = _indent(source.text, start)
            body = "\n".join(f"  {line}" if line.strip() else line for line in written.split("\n"))
            return _spliced(source, start, end, f"{body.strip()}\n{indent}- {_flow(value)}")
        written = json.dumps(written, ensure_ascii=False)
    if "\n" not in written:
        return _spliced(source, start, end, f"[{written}, {_flow(value)}]")
    indent = _indent(source.text, start)
    body = written.replace("\n", "\n  ")
    added = _block(value, indent + "  ")
    return _spliced(source, start, end, f"[\n{indent}  {body},\n{indent}  {added}\n{indent}]")


def _after(text: str, list_start: int, item: int, value: Any) -> str:
    """Write a further item behind the last one, in the way of the list: on the line, or on a line of its own."""
    if "\n" not in text[list_start:item]:
        return f", {_flow(value)}"
    indent = _indent(text, item)
    is_spread = isinstance(value, dict) and "\n" in text[item : text.find("}", item)]
    block = _block(value, indent, _step(text, item, indent)) if is_spread else _flow(value)
    return f",\n{indent}{block}"


def _with_member(source: Source, edit: Edit) -> Source:
    """Add a member in front of the first one of an object, or fill an empty one."""
    start, end = _offsets(source, edit.path)
    written, member = source.text[start:end], f"{json.dumps(edit.key)}: {_flow(edit.value)}"
    if source.syntax == "yaml" and not written.startswith("{"):
        return _spliced(source, start, start, f"{member}\n{_indent(source.text, start)}")
    found = re.match(r"\{(\s*)", written)
    gap = found[1] if found else ""
    if written[len(gap) + 1 : len(gap) + 2] == "}":
        return _spliced(source, start, end, f"{{{member}}}")
    return _spliced(source, start + 1, start + 1, f"{gap}{member},{'' if gap else ' '}")


def _indent(text: str, at: int) -> str:
    """Give the white space under which a text at this place continues."""
    line = text[text.rfind("\n", 0, at) + 1 : at]
    lead = line[: len(line) - len(line.lstrip())]
    return lead + " " * (len(line) - len(lead)) if line.strip() in ("-", "") else lead


def _flow(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _block(value: Any, indent: str, step: str = "  ") -> str:
    return json.dumps(value, ensure_ascii=False, indent=step).replace("\n", f"\n{indent}")


def _step(text: str, item: int, indent: str) -> str:
    """Tell by how much the file indents: the first member of the item against the item itself."""
    found = re.compile(r"\{[ \t]*\r?\n([ \t]+)").match(text, item)
    inner = found[1] if found else ""
    return inner.removeprefix(indent) if inner.startswith(indent) and inner != indent else "  "


def as_json_edits(edits: Sequence[Edit]) -> list[dict[str, Any]]:
    """Give edits as JSON-ready values."""
    return [
        {"op": edit.op, "path": list(edit.path), "value": edit.value}
        | ({"key": edit.key} if edit.key else {})
        for edit in edits
    ]
