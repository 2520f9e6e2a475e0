"""Which policies does a command line name? From POLICY arguments and layer options to one policy set (UX §2).

An argument is a policy document, whose kind is recognised by its content or named as `boundary:FILE`,
or a policy set. What contradicts is refused: a principal has one boundary, a resource one policy.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from policyeval.diagnostics import did_you_mean
from policyeval.errors import PolicyError, UsageError
from policyeval.language.policy import Policy
from policyeval.language.policy_types import POLICY_TYPES, PolicyType, policy_type
from policyeval.policy_set import FIELDS, Levels, Policies, PolicySet, is_policy_set
from policyeval.records import replace
from policyeval.semantics import Semantics
from policyeval.source import Source
from policyeval.sources.files import STANDARD_INPUT, loaded, read_source

TYPE_NAMES = tuple(row.name for row in POLICY_TYPES)
SUFFIXES = (".json", ".yaml", ".yml")
_LEVELLED = ("scp", "rcp")
_SEVERAL = ("identity", "session")
_ONE_POLICY = {
    "boundary": "a principal has one permissions boundary",
    "endpoint": "a VPC endpoint has one policy",
    "trust": "a role has one trust policy",
}


class PolicyArgument(NamedTuple):
    """A file or directory that the command line names; `kind` is None where the content tells it."""

    name: str
    kind: str | None = None

    @classmethod
    def of(cls, text: str) -> PolicyArgument:
        """Read a POLICY argument: `FILE`, or `KIND:FILE`.

        Raises UsageError for a kind that is none, unless a file has that very name.
        """
        kind = next(
            (name for name in sorted(TYPE_NAMES, key=len, reverse=True) if text.startswith(f"{name}:")), None
        )
        name = text if kind is None else text[len(kind) + 1 :]
        head, colon, rest = name.partition(":")
        if colon and len(head) > 1 and not Path(name).exists() and Path(rest).exists():
            unknown = head if kind is None else f"{kind}:{head}"
            near = did_you_mean(unknown, TYPE_NAMES)
            help = f"did you mean `{near}:{rest}`?" if near else f"the kinds are {', '.join(TYPE_NAMES)}"
            raise UsageError(f"unknown policy kind `{unknown}`", help=help)
        return cls(name, kind)


class _Collected:
    """What was read so far: policies and levels by layer, and the fields of policy sets."""

    def __init__(self) -> None:
        self.policies: dict[str, list[Policy]] = {}
        self.levels: dict[str, list[Policies]] = {}
        self.sets: dict[str, tuple[str, Any]] = {}


def read_policies(
    arguments: Iterable[PolicyArgument], semantics: Mapping[str, str] | None = None
) -> PolicySet:
    """Read everything that the command line names into one policy set.

    Raises PolicyError or UsageError for what cannot be read and for policies that contradict each other.
    """
    collected = _Collected()
    for argument in arguments:
        _collect(argument, collected)
    _refuse_contradictions(collected)
    fields = {name: value for name, (_, value) in collected.sets.items()}
    for layer, policies in collected.policies.items():
        fields[layer] = (*(fields.get(layer) or ()), *policies)
    fields |= {layer: tuple(levels) for layer, levels in collected.levels.items()}
    policy_set = PolicySet(**fields)
    return (
        replace(policy_set, semantics=_chosen(policy_set.semantics, semantics)) if semantics else policy_set
    )


def _chosen(before: Semantics, options: Mapping[str, str]) -> Semantics:
    return Semantics.from_dict({**before.to_dict(), **options})


def _collect(argument: PolicyArgument, collected: _Collected) -> None:
    kind = argument.kind
    if kind in _LEVELLED:
        collected.levels.setdefault(kind, []).extend(_levels(argument.name, kind))
        return
    source = read_source(argument.name)
    read = loaded(source, kind) if kind is None else _of_kind(source, kind)
    if isinstance(read, Policy):
        collected.policies.setdefault(read.type.layer, []).append(read)
        return
    empty = PolicySet()
    for name in FIELDS:
        value = getattr(read, name)
        if value != getattr(empty, name):
            _add_field(collected, name, value, source)


def _add_field(collected: _Collected, name: str, value: Any, source: Source) -> None:
    """Add a policy set's field; a second set may only add to the lists that AWS has several of."""
    if name not in collected.sets:
        collected.sets[name] = (source.name, value)
        return
    before, already = collected.sets[name]
    if name not in _SEVERAL:
        raise _contradiction(
            f"`{before}` and `{source.name}` both give `{name}`", source, "keep one of the two"
        )
    collected.sets[name] = (before, (*already, *value))


def _of_kind(source: Source, kind: str) -> Policy:
    from policyeval.language.documents import read_document

    value = read_document(source)
    if is_policy_set(value):
        message = f"a policy set, where {_article(policy_type(kind).title)} is expected"
        raise _contradiction(message, source, f"give it as it is: `{source.name}`")
    return Policy.from_value(value, kind, name=source.name, origin=source)


# Levels of an organization


def _levels(name: str, kind: str) -> Levels:
    """Read the levels that a file or a directory stands for, root first."""
    path = Path(name)
    if name == STANDARD_INPUT or not path.is_dir():
        return ((_of_kind(read_source(name), kind),),)
    return tuple(_level(entry, kind) for entry in _entries(path, kind))


def _level(path: Path, kind: str) -> Policies:
    if not path.is_dir():
        return (_of_kind(read_source(path), kind),)
    entries = _entries(path, kind)
    for entry in entries:
        if entry.is_dir():
            help = "a directory holds levels, a directory in it the policies of one level"
            raise UsageError(f"`{entry}` is a directory in the level `{path}`", help=help)
    return tuple(_of_kind(read_source(entry), kind) for entry in entries)


def _entries(folder: Path, kind: str) -> list[Path]:
    """List a directory in name order, hidden entries left out; nothing else is skipped."""
    try:
        entries = sorted(
            (entry for entry in folder.iterdir() if not entry.name.startswith(".")), key=lambda e: e.name
        )
    except OSError as problem:
        reason = (problem.strerror or "unknown reason").lower()
        raise UsageError(f"`{folder}` cannot be read: {reason}", help="check its permissions") from None
    if not entries:
        help = "every level has at least one policy: put FullAWSAccess there, or remove the directory"
        raise UsageError(f"the directory `{folder}` holds no {policy_type(kind).title}", help=help)
    for entry in entries:
        if not entry.is_dir() and entry.suffix.lower() not in SUFFIXES:
            help = f"policy files end in {', '.join(SUFFIXES)}; move it elsewhere"
            raise UsageError(f"`{entry}` is no policy file", help=help)
    return entries


# Contradictions


def _refuse_contradictions(collected: _Collected) -> None:
    for layer, rule in _ONE_POLICY.items():
        _refuse_second(layer, rule, collected)
    for layer in _LEVELLED:
        if layer in collected.levels and layer in collected.sets:
            title = f"{policy_type(layer).title} levels"
            policy = collected.levels[layer][0][0]
            message = f"`{collected.sets[layer][0]}` gives the {title} already"
            raise _contradiction(message, policy.source, "keep one of the two")
    _refuse_two_resources(collected)


def _refuse_second(layer: str, rule: str, collected: _Collected) -> None:
    policies = collected.policies.get(layer, [])
    names = [name for name, _ in [collected.sets.get(layer, ("", None))] if name]
    names += [policy.name for policy in policies]
    if policies and len(names) > 1:
        raise _contradiction(
            f"`{names[0]}` and `{names[1]}` contradict: {rule}", policies[-1].source, "keep one of the two"
        )


def _refuse_two_resources(collected: _Collected) -> None:
    """A request is about one resource, which has one policy; a Glacier vault has two (access and lock)."""
    documents = list(_about_resources(collected))
    if len(documents) < 2 or all(title == policy_type("resource:vault").title for _, title, _ in documents):
        return
    first, first_title, _ = documents[0]
    second, title, source = next((one for one in documents[1:] if one[1] != first_title), documents[1])
    both = f"`{first}` and `{second}` both are {_plural(title)}"
    differ = f"`{first}` is {_article(first_title)}, `{second}` {_article(title)}"
    message = f"{both if first_title == title else differ}, but a request is about one resource"
    help = "keep the one of the request's resource, or give a policy set with `resources: {ARN: FILE}`"
    if "trust" in collected.policies:
        help = "keep the one of the request's resource, or give a policy set with `resource` and `trust`"
    raise _contradiction(message, source, help)


def _about_resources(collected: _Collected) -> Iterator[tuple[str, str, Source | None]]:
    """Give name, title and text of each document about the resource; those of policy sets have no text."""
    if "resource" in collected.sets:
        name, policies = collected.sets["resource"]
        yield name, resource_kind(policies[0]).title if policies else policy_type("resource").title, None
    for layer in ("resource", "trust"):
        for policy in collected.policies.get(layer, []):
            yield policy.name, resource_kind(policy).title, policy.source


def resource_kind(policy: Policy) -> PolicyType:
    """Tell more exactly what a resource-based policy is, from the services of its actions."""
    if policy.type.name != "resource":
        return policy.type
    named = [one.action for one in policy.statements if one.action is not None and not one.action.negated]
    services = {action.partition(":")[0].lower() for matcher in named for action in matcher.values.items}
    rows = [row for row in POLICY_TYPES if services and services <= set(row.services)]
    return rows[0] if rows else policy.type


def _plural(title: str) -> str:
    return f"{title.removesuffix('y')}ies"


def _article(title: str) -> str:
    return (
        f"{'an' if title.startswith(('a', 'e', 'i', 'o', 'u', 'S3', 'SQS', 'SNS', 'ECR')) else 'a'} {title}"
    )


def _contradiction(message: str, source: Source | None, help: str) -> PolicyError:
    return PolicyError(message, source=source, span=source.span(0, 0) if source else None, help=help)
