"""Which cases pin what a policy does today? Requests that outline its statements, with today's answers."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from policyeval.decision import Effect
from policyeval.engine import Engine
from policyeval.errors import UsageError
from policyeval.language.arn import parse_arn
from policyeval.language.policy import Policy
from policyeval.source import Source
from policyeval.sources.files import read_source
from policyeval.sources.policy_arguments import PolicyArgument
from policyeval.testing.case import Case
from policyeval.testing.outlining import Outline
from policyeval.testing.reading import read_cases
from policyeval.testing.samples import ACCOUNT

_ABOUT = "what {names} did when this file was generated: a change of behaviour shows up as a failure"
_TIME = "2026-01-01T12:00:00Z"
_CLOCK = ("aws:currenttime", "aws:epochtime", "aws:tokenissuetime")
_LEVELLED = ("scp", "rcp")
_ALONE = ("boundary", "session", "scp", "rcp", "endpoint")  # they grant nothing by themselves
_EVERYTHING = {
    "Version": "2012-10-17",
    "Statement": [{"Sid": "Everything", "Effect": "Allow", "Action": "*", "Resource": "*"}],
}
_NONE = {"principal": "anonymous", "action": "s3:GetObject"}

Content = dict[str, Any]


def case_file_of(policies: Sequence[str], *, beside: str | None = None, now: float | None = None) -> str:
    """Write a case file about policies; names are relative to `beside`, the file that it is written to.

    What it holds passes at once. Raises UsageError for what cannot be read.
    """
    arguments = [PolicyArgument.of(text) for text in policies]
    name = beside if beside not in (None, "-") else "policies.iamtest.yaml"
    content: Content = {
        "about": _ABOUT.format(names=", ".join(Path(one.name).name for one in arguments)),
        "policies": _named(arguments, Path(str(name)).parent),
    }
    drafts = list(_drafts(_probe(content, str(name)), [one.name for one in arguments], now))
    if not drafts:
        raise UsageError("no request could be made up for these policies", help="write cases by hand")
    content["cases"] = [
        {"name": title, **({"policies": given} if given else {}), "request": draft, "expect": "deny"}
        for title, given, draft in drafts
    ]
    cases = read_cases(_source(content, str(name)))
    content["cases"] = [_pinned(one, case, now) for one, case in zip(content["cases"], cases, strict=True)]
    return _text(content)


def _named(arguments: Sequence[PolicyArgument], folder: Path) -> Any:
    """Name the files as a case file does."""
    names = [(one.kind, Path(os.path.relpath(one.name, folder)).as_posix()) for one in arguments]
    for one in arguments:
        read_source(one.name)  # raises for a file that cannot be read, with the name as it was given
    plain = [name for kind, name in names if kind is None]
    if len(plain) == len(names) == 1:
        return plain[0]
    fields: dict[str, Any] = {"include": plain} if plain else {}
    for kind, name in names:
        if kind is not None:
            layer = kind.partition(":")[0]
            fields.setdefault(layer, []).append([name] if layer in _LEVELLED else name)
    if not plain and all(layer in _ALONE for layer in fields):
        fields["identity"] = [_EVERYTHING]
    return fields


def _probe(content: Content, name: str) -> Case:
    """Make a case of its own, to read the policies as the cases will."""
    return read_cases(
        _source({**content, "cases": [{"name": "probe", "request": _NONE, "expect": "deny"}]}, name)
    )[0]


def _drafts(probe: Case, names: Sequence[str], now: float | None) -> Iterator[tuple[str, Content, Content]]:
    """Outline every statement of the policies that are files: names, policies that it needs besides, requests."""
    policy_set = probe.policy_set()
    found: list[Policy] = []

    def note(policy: Policy) -> Policy:
        found.append(policy)
        return policy

    policy_set.mapped(note)
    policies = [policy for policy in found if policy.source.name != probe.source.name]
    clock = {"time": _time(now)} if any(_reads_clock(policy) for policy in policies) else {}
    engine, taken = Engine(policy_set, now=now), set[str]()
    for policy in policies:
        start = f"{Path(policy.name).name} " if len(policies) > 1 else ""
        for statement in policy.statements:
            label = statement.sid or f"statement {statement.index + 1}"
            given: Content = {}
            for number, (title, draft) in enumerate(Outline(engine, policy, statement).requests()):
                if number == 0:
                    given = _other_side(engine, policy, draft)
                yield _unused(f"{start}{label}: {title}", taken), given, {**draft, **clock}


def _other_side(engine: Engine, policy: Policy, draft: Content) -> Content:
    """Give the policy of the other side where only its absence denies: else no change could show up."""
    decision, layer = engine.decide(draft), policy.type.layer
    principal = draft["principal"]
    caller = parse_arn(principal.get("arn", "") if isinstance(principal, dict) else principal)
    account = caller.account if caller is not None else ACCOUNT
    if layer in ("resource", "trust") and decision.reason == "identity-no-allow":
        return {"identity": [_EVERYTHING]}
    if layer in ("resource", "trust") or decision.effect is not Effect.IMPLICIT_DENY:
        return {}
    delegation = {"Sid": "Delegation", "Effect": "Allow", "Principal": {"AWS": account}}
    statements = {
        "resource-no-allow": ("resource", {**delegation, "Action": "*", "Resource": "*"}),
        "trust-no-allow": ("trust", {**delegation, "Action": "sts:*"}),
    }
    if decision.reason.code not in statements:
        return {}
    side, statement = statements[decision.reason.code]
    return {side: {"Version": "2012-10-17", "Statement": [statement]}}


def _reads_clock(policy: Policy) -> bool:
    return any(key in policy.source.text.lower() for key in _CLOCK)


def _time(now: float | None) -> str:
    from datetime import UTC, datetime

    return _TIME if now is None else datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _unused(name: str, taken: set[str]) -> str:
    """Number a name that is taken."""
    found, number = name, 2
    while found in taken:
        found, number = f"{name} ({number})", number + 1
    taken.add(found)
    return found


def _pinned(written: dict[str, Any], case: Case, now: float | None) -> dict[str, Any]:
    """Expect what the case gives today."""
    outcome = case.run(now=now)
    pinned = {**written, "expect": outcome.got}
    if outcome.decision is not None:
        pinned["reason"] = outcome.decision.reason.code
    elif outcome.error is not None and outcome.got == "error":
        raise outcome.error
    return pinned


def _source(content: Content, name: str) -> Source:
    return Source(name, _text(content), "yaml")


def _text(content: Content) -> str:
    """Write YAML; a blank line before every case."""
    import yaml

    class Dumper(yaml.SafeDumper):
        def ignore_aliases(self, data: Any) -> bool:
            return True

    def dump(value: Any) -> str:
        return str(yaml.dump(value, Dumper=Dumper, sort_keys=False, allow_unicode=True, width=1000))

    head = {key: value for key, value in content.items() if key != "cases"}
    written = yaml.safe_dump(head, sort_keys=False, allow_unicode=True, width=1000)
    cases = [
        yaml.safe_dump([case], sort_keys=False, allow_unicode=True, width=1000) for case in content["cases"]
    ]
    return written + "cases:\n" + "\n".join(_indented(case) for case in cases)


def _indented(text: str) -> str:
    return "".join(f"  {line}\n" for line in text.splitlines())
