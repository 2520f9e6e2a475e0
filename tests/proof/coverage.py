"""What a run reached: counted inside the oracle, so that only what was really evaluated counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any, NamedTuple

from policyeval.decision import REASONS
from tests.generate.vocabulary import OPTIONS
from tests.oracle import chains, conditions, flow, statements
from tests.oracle.documents import BASES, split_operator

Counts = Counter[tuple[str, str]]
"""Kind of coverage and what was reached → how often."""

CALLERS = (
    "user", "role-session", "federated-user", "root", "service", "anonymous", "saml", "web-identity", "oai",
    "assumed-root", "session-token", "service-linked",
)  # fmt: skip
LAYERS = ("identity", "resource", "trust", "boundary", "session", "scp", "rcp", "endpoint")
STATES = ("allow", "deny", "implicit", "absent")
PREFIXES = ("", "ForAllValues:", "ForAnyValue:")
ELEMENTS = ("Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition")
OUTCOMES = ("true", "false")


def watch(counts: Counts) -> None:
    """Count what the oracle evaluates from now on, in this process."""

    def note(kind: str, what: str) -> None:
        counts[kind, what] += 1

    def note_all(kind: str, found: Iterable[str]) -> None:
        counts.update((kind, what) for what in found)

    wrap(statements, "principal_part", lambda args, found: note("element", principal(args, found)))
    wrap(statements, "action_part", lambda args, found: note("element", element(args[0], "Action", found)))
    wrap(
        statements, "resource_part", lambda args, found: note("element", element(args[0], "Resource", found))
    )
    wrap(statements, "condition_part", lambda args, found: note("element", f"Condition {found}"))
    wrap(statements, "applies", lambda args, found: note("effect", f"{args[0]['Effect']} {found[0]}"))
    wrap(conditions, "one_test", lambda args, found: note("operator", f"{operator(args[0])} {found}"))
    wrap(flow, "all_layers", lambda args, found: note_all("layer", states(found)))
    wrap(chains, "decide", lambda args, found: note_all("caller", kinds(args[0].caller)))


def wrap(module: Any, name: str, note: Callable[[Any, Any], Any]) -> None:
    """Put a counter around a function of the oracle."""
    inner = getattr(module, name)

    def counted(*args: Any) -> Any:
        found = inner(*args)
        note(args, found)
        return found

    setattr(module, name, counted)


def element(statement: dict[str, Any], name: str, found: Any) -> str:
    """The element as it is written, or that there is none, and whether it matched."""
    written = name if name in statement else f"Not{name}" if f"Not{name}" in statement else f"no {name}"
    return f"{written} {'true' if found else 'false'}"


def principal(args: Any, found: Any) -> str:
    """As above; policies of the caller have no such element."""
    statement, kind = args[0], args[1]
    return element(statement, "Principal", found) if kind in ("resource", "trust", "endpoint") else "none"


@lru_cache(maxsize=4096)
def operator(written: str) -> str:
    """The canonical name with its modifiers."""
    quantifier, base, if_exists = split_operator(written)
    prefix = {"all": PREFIXES[1], "any": PREFIXES[2]}.get(quantifier or "", "")
    return f"{prefix}{base}{'IfExists' if if_exists else ''}"


def states(layers: Any) -> Iterable[str]:
    """What every layer said."""
    return [f"{name} {verdict.state}" for name, verdict in layers.items()]


def kinds(caller: Any) -> Iterable[str]:
    """The kinds of a caller."""
    yield "oai" if caller.is_oai else caller.kind
    if caller.assumed_root:
        yield "assumed-root"
    if caller.session_token:
        yield "session-token"
    if caller.is_service_linked:
        yield "service-linked"


# ---------------------------------------------------------------- what a run has to reach


class Goal(NamedTuple):
    """One kind of coverage, what it is called, and everything that belongs to it."""

    kind: str
    title: str
    wanted: tuple[str, ...]


def goals() -> tuple[Goal, ...]:
    """Everything that a run has to reach."""
    names = [
        f"{prefix}{base}{suffix}"
        for base in BASES.values()
        for prefix in PREFIXES
        for suffix in ("", "IfExists")
        if not (base == "Null" and suffix)  # C-43: there is no NullIfExists
    ]
    elements = [*both(ELEMENTS), "Condition malformed", "no Principal false", "no Resource true"]
    layers = [f"{layer} {state}" for layer in LAYERS for state in STATES]
    layers.remove("rcp implicit")  # RCP-2: RCPFullAWSAccess always allows
    effects = [*both(("Allow", "Deny")), "Deny malformed"]
    return (
        Goal("operator", "Operators × set prefix × IfExists, both outcomes", tuple(both(names))),
        Goal("element", "Statement elements, both outcomes", tuple(elements)),
        Goal("effect", "Effects, applying or not", tuple(effects)),
        Goal("layer", "Layers × what they say", tuple(layers)),
        Goal("caller", "Kinds of callers", CALLERS),
        Goal("reason", "Reasons", tuple(row.code for row in REASONS)),
        Goal("option", "Options for disputed points", tuple(OPTIONS)),
    )


def both(names: Iterable[str]) -> list[str]:
    """Every name with both outcomes."""
    return [f"{name} {outcome}" for name in names for outcome in OUTCOMES]


def missing(counts: Counts, goal: Goal) -> list[str]:
    """What of a goal was not reached."""
    return [what for what in goal.wanted if not counts[goal.kind, what]]
