"""The syntax tree of a document: which key and value stands where, for JSON and for YAML alike."""

from __future__ import annotations

import re
from collections.abc import Iterator
from json import loads
from typing import TYPE_CHECKING, Any

from policyeval.grammars import parser
from policyeval.limits import ALIASED_CHARACTERS, NESTING, YAML_ALIASES, Limit

if TYPE_CHECKING:
    from policyeval.source import Path, Source

_NO_CHARACTER = re.compile("[\0\ud800-\udfff]")


class Node:
    """A value in a document: a scalar's text, or an object's members, or a list's items.

    `kind` is "scalar", "object" or "list"; `plain` scalars are written without quotes.
    """

    __slots__ = ("end", "items", "kind", "members", "plain", "start", "text")

    def __init__(
        self,
        start: int,
        end: int,
        kind: str,
        text: str = "",
        plain: bool = False,
        members: list[tuple[Node, Node]] | None = None,
        items: list[Node] | None = None,
    ) -> None:
        self.start = start
        self.end = end
        self.kind = kind
        self.text = text
        self.plain = plain
        self.members = [] if members is None else members
        self.items = [] if items is None else items

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Node) and all(
            getattr(self, name) == getattr(other, name) for name in Node.__slots__
        )

    __hash__ = None  # type: ignore[assignment]  # nodes are compared, never collected

    def step(self, step: str | int) -> tuple[Node | None, Node] | None:
        """Go one step down a path: to a member with its key, or to an item."""
        if isinstance(step, int):
            return (None, self.items[step]) if 0 <= step < len(self.items) else None
        return next(((key, member) for key, member in self.members if key.text == step), None)


class SyntaxProblem(Exception):
    """A document cannot be parsed; the offsets say where, and since where the parser was waiting."""

    def __init__(
        self,
        message: str,
        start: int,
        end: int | None = None,
        help: str | None = None,
        since: int | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.start = start
        self.end = start + 1 if end is None else end
        self.help = help
        self.since = start if since is None else since


def nested_too_deep(start: int, end: int) -> SyntaxProblem:
    """Refuse a document that is nested too deep, in JSON and in YAML alike."""
    return beyond(NESTING, start, end, NESTING.most + 1)


def beyond(limit: Limit, start: int, end: int, found: int) -> SyntaxProblem:
    """Refuse what is larger than a limit."""
    return SyntaxProblem(limit.message(found), start, end, limit.help)


def syntax_tree(source: Source) -> Node:
    """Parse a document for its positions."""
    return json_tree(source.text) if source.syntax == "json" else yaml_tree(source.text)


def duplicate_keys(root: Node) -> list[tuple[Path, Node, Node]]:
    """List the members whose key stands twice in one object: path, first key, repeated key."""
    found: list[tuple[Path, Node, Node]] = []
    waiting: list[tuple[Path, Node]] = [((), root)]
    while waiting:
        path, node = waiting.pop()
        seen: dict[str, Node] = {}
        for key, member in node.members:
            first = seen.setdefault(key.text, key)
            if first is not key:
                found.append(((*path, key.text), first, key))
            if member.kind != "scalar":
                waiting.append(((*path, key.text), member))
        waiting.extend(
            ((*path, index), item) for index, item in enumerate(node.items) if item.kind != "scalar"
        )
    return sorted(found, key=lambda duplicate: duplicate[2].start)


# JSON: the grammar gives the tree


def json_tree(text: str) -> Node:
    """Parse JSON with the document grammar."""
    from lark.exceptions import UnexpectedInput

    built: Any
    try:
        built = parser("document", builder=_JSON_BUILDER).parse(text)
    except UnexpectedInput as problem:
        raise _json_problem(problem, len(text)) from None
    return built  # type: ignore[no-any-return]  # what `start` of the builder gives


def _json_problem(problem: Any, length: int) -> SyntaxProblem:
    at = problem.pos_in_stream
    return SyntaxProblem("not JSON", length if at is None or at < 0 else at)


class _JsonBuilder:
    """Make nodes while the text is parsed: a method for each rule of the grammar, given the rule's parts."""

    def start(self, parts: list[Any]) -> Node:
        return parts[0]  # type: ignore[no-any-return]  # the rule has one part, a node

    def object(self, parts: list[Any]) -> Node:
        members = [part for part in parts if type(part) is tuple]
        return Node(parts[0].start_pos, parts[-1].end_pos, "object", members=members)

    def member(self, parts: list[Any]) -> tuple[Node, Node]:
        return self.string(parts), parts[1]

    def array(self, parts: list[Any]) -> Node:
        items = [part for part in parts if type(part) is Node]
        return Node(parts[0].start_pos, parts[-1].end_pos, "list", items=items)

    def string(self, parts: list[Any]) -> Node:
        return Node(parts[0].start_pos, parts[0].end_pos, "scalar", loads(parts[0]))

    def number(self, parts: list[Any]) -> Node:
        return Node(parts[0].start_pos, parts[0].end_pos, "scalar", str(parts[0]), plain=True)

    boolean = null = number


_JSON_BUILDER = _JsonBuilder()


# YAML: the parser's events give the tree. Events, because composing recurses without a bound


def yaml_tree(text: str) -> Node:
    """Parse one YAML document made of mappings, sequences and scalars."""
    import yaml

    try:
        return _YamlReader(text).document()
    except yaml.MarkedYAMLError as problem:
        raise _yaml_problem(problem) from None
    except yaml.reader.ReaderError as unreadable:
        raise SyntaxProblem(str(unreadable.reason), 0) from None


def _yaml_problem(problem: Any) -> SyntaxProblem:
    at = (problem.problem_mark or problem.context_mark).index
    since = problem.context_mark.index if problem.context_mark else at
    return SyntaxProblem(problem.problem or "not YAML", at, since=since)


class _YamlReader:
    """Build nodes from parser events, refusing what a policy document has no use for."""

    def __init__(self, text: str) -> None:
        import yaml

        self._yaml = yaml
        loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        self._events: Iterator[Any] = iter(yaml.parse(text, Loader=loader))
        self._anchors: dict[str, Node] = {}
        self._aliased = self._aliased_characters = 0
        self._closed = 0  # where the list or mapping that was read last ends

    def document(self) -> Node:
        """Read the only document of the stream."""
        next(self._events)
        if isinstance(next(self._events), self._yaml.StreamEndEvent):
            raise SyntaxProblem("the document is empty", 0, 0, "is this the right file?")
        root = self._node(next(self._events), 1)
        next(self._events)
        after: Any = next(self._events)
        if not isinstance(after, self._yaml.StreamEndEvent):
            at = after.start_mark.index
            help = "put each document into its own file"
            raise SyntaxProblem("a second document starts here", at, at + 3, help)
        return root

    def _node(self, event: Any, depth: int) -> Node:
        start, end = event.start_mark.index, event.end_mark.index
        if depth > NESTING.most:
            raise nested_too_deep(start, end)
        if isinstance(event, self._yaml.AliasEvent):
            return self._alias(str(event.anchor), start, end, depth)
        if event.tag is not None:
            raise SyntaxProblem(
                f"tag `{_short_tag(event.tag)}` is not read", start, end, _tag_help(event.tag)
            )
        node = self._value(event, start, end, depth)
        if event.anchor is not None:
            self._anchors[event.anchor] = node
        return node

    def _value(self, event: Any, start: int, end: int, depth: int) -> Node:
        if isinstance(event, self._yaml.ScalarEvent):
            if _NO_CHARACTER.search(event.value):
                raise SyntaxProblem(
                    "an escape that is no character", start, end, "remove it: AWS stores none"
                )
            return Node(start, end, "scalar", event.value, plain=not event.style)
        if isinstance(event, self._yaml.SequenceStartEvent):
            items = [self._node(item, depth + 1) for item in self._until(self._yaml.SequenceEndEvent)]
            return Node(start, self._end(event, items), "list", items=items)
        keys = self._until(self._yaml.MappingEndEvent)
        members = [(self._key(key, depth + 1), self._node(next(self._events), depth + 1)) for key in keys]
        return Node(start, self._end(event, [member for _, member in members]), "object", members=members)

    def _until(self, end: type[Any]) -> Iterator[Any]:
        for event in self._events:
            if isinstance(event, end):
                self._closed = event.end_mark.index
                return
            yield event

    def _end(self, opening: Any, inner: list[Node]) -> int:
        """Find where a list or mapping ends; one in block style ends with its last value, not at the next key."""
        return inner[-1].end if inner and not opening.flow_style else self._closed

    def _key(self, event: Any, depth: int) -> Node:
        key = self._node(event, depth)
        if key.kind != "scalar":
            raise SyntaxProblem("a key that is not text", key.start, key.end, "write the key as text")
        if key.plain and key.text == "<<":
            raise SyntaxProblem("merge keys `<<` are not read", key.start, key.end, "write the members out")
        return key

    def _alias(self, name: str, start: int, end: int, depth: int) -> Node:
        if name not in self._anchors:
            help = f'to mean the text, put it into quotes: `"*{name}"`'
            raise SyntaxProblem(f"alias `*{name}` names no anchor before it", start, end, help)
        anchor = self._anchors[name]
        size, height, characters = _extent(anchor)
        self._aliased += size
        self._aliased_characters += characters
        if self._aliased > YAML_ALIASES.most:
            raise beyond(YAML_ALIASES, start, end, self._aliased)
        if self._aliased_characters > ALIASED_CHARACTERS.most:
            raise beyond(ALIASED_CHARACTERS, start, end, self._aliased_characters)
        if depth + height > NESTING.most:
            raise nested_too_deep(start, end)
        return Node(start, end, anchor.kind, anchor.text, anchor.plain, anchor.members, anchor.items)


def _extent(node: Node) -> tuple[int, int, int]:
    """Count the values below, the levels below, and the characters of the texts."""
    size, height, characters = 1, 0, len(node.text)
    inner = [*node.items, *(one for pair in node.members for one in pair)]
    for below, deep, long in map(_extent, inner):
        size, height, characters = size + below, max(height, deep + 1), characters + long
    return size, height, characters


def _short_tag(tag: str) -> str:
    return tag.replace("tag:yaml.org,2002:", "!!")


def _tag_help(tag: str) -> str:
    if tag.startswith("tag:yaml.org,2002:"):
        return "leave the tag out; quote what is to stay text"
    return "CloudFormation functions are not resolved here; write the resolved value"
