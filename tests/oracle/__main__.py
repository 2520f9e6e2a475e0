"""Run case files through the oracle: `python -m tests.oracle FILE...` prints every disagreement."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import yaml

from . import Invalid, answer
from .reading import parse_text
from .text import Number


class Loader(yaml.SafeLoader):
    """YAML in which dates, `on` and `yes` stay text and numbers keep their source text."""


def unique_mapping(loader: Loader, node: yaml.MappingNode) -> dict[Any, Any]:
    """Refuse a key that stands twice."""
    loader.flatten_mapping(node)
    found: dict[Any, Any] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        key = str(key) if isinstance(key, Number) else key
        if key in found:
            raise Invalid(f"duplicate key `{key}` in line {key_node.start_mark.line + 1}")
        found[key] = loader.construct_object(value_node, deep=True)
    return found


def kept_number(loader: Loader, node: yaml.ScalarNode) -> Number:
    """Keep a number as it was written."""
    return Number(str(node.value))


def prepare_loader() -> None:
    """Teach the loader the scalars of JSON and nothing else."""
    Loader.yaml_implicit_resolvers = {}
    Loader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"null\Z|~\Z|\Z"), ["n", "~", ""])
    Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"(true|false)\Z"), list("tf"))
    number = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?\Z")
    Loader.add_implicit_resolver("!number", number, list("-0123456789"))
    Loader.add_implicit_resolver("tag:yaml.org,2002:merge", re.compile(r"<<\Z"), ["<"])
    Loader.add_constructor("!number", kept_number)
    Loader.add_constructor("tag:yaml.org,2002:map", unique_mapping)


def load(path: Path) -> Any:
    """Read a YAML or JSON file."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".json":
        return parse_text(text)
    return yaml.load(text, Loader)


def inlined(value: Any, folder: Path, key: str = "") -> Any:
    """Put the content of a file where a policy entry names one."""
    if isinstance(value, str) and key not in ("name", "settings", "semantics"):
        path = folder / value
        return load(path) if path.is_file() else value
    if isinstance(value, list):
        return [inlined(each, folder) for each in value]
    kept = (
        key in ("settings", "semantics", "tags")
        or not isinstance(value, dict)
        or {"Statement", "Version"} & set(value)
    )
    if not kept:
        return {name: inlined(each, folder, name) for name, each in value.items()}
    return value


def outcome(case: dict[str, Any], shared: dict[str, Any], folder: Path) -> tuple[str, str]:
    """Decide one case: effect and reason, or `invalid` and why."""
    policies = shared | (case.get("policies") or {})
    try:
        found = answer(inlined(policies, folder), case["request"], strict=case.get("strict") is True)
    except (Invalid, yaml.YAMLError, UnicodeError, RecursionError) as error:
        return "invalid", str(error)
    return found.effect, found.reason


def agrees(case: dict[str, Any], effect: str, reason: str) -> bool:
    """Compare with what the case expects; `deny` is either kind."""
    expected = case.get("expect")
    accepted = ("explicit-deny", "implicit-deny") if expected == "deny" else (expected,)
    return effect in accepted and (expected == "invalid" or case.get("reason") in (None, reason))


def run(path: Path) -> tuple[int, int]:
    """Run one file; give the numbers of cases and of disagreements."""
    try:
        content = load(path)
    except (Invalid, yaml.YAMLError, UnicodeError) as error:
        print(f"{path}: cannot be read: {error}")
        return 0, 1
    if not isinstance(content, dict) or "cases" not in content:
        return 0, 0
    cases = content.get("cases") or []
    wrong = 0
    for case in cases:
        effect, reason = outcome(case, content.get("policies") or {}, path.parent)
        if not agrees(case, effect, reason):
            wrong += 1
            print(f"{path}: {case.get('name')} {case.get('id')}")
            print(f"    case:   {case.get('expect')} {case.get('reason', '')}")
            print(f"    oracle: {effect} {reason}")
    return len(cases), wrong


def main(names: list[str]) -> int:
    """Run every named file, or every fixture."""
    prepare_loader()
    here = Path(__file__).resolve().parents[2]
    paths = [Path(name) for name in names] or sorted(
        path for path in (here / "fixtures").glob("**/*.yaml") if path.parent.name != "bad"
    )
    totals = [run(path) for path in paths]
    cases, wrong = sum(total[0] for total in totals), sum(total[1] for total in totals)
    print(f"{cases} cases, {wrong} disagreements")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
