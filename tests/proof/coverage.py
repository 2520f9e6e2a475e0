"""What a run reached: counted inside the oracle, so that only what was really evaluated counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from policyeval.decision import REASONS
from tests.oracle import chains, conditions, statements
from tests.oracle.documents import BASES, split_operator

Counts = Counter[tuple[str, ...]]
PARTS = ("principal_part", "action_part", "resource_part", "condition_part")
KINDS = ("user", "role-session", "federated-user", "root", "service", "anonymous", "saml", "web-identity")
KINDS_OF_CALLERS = (*KINDS, "oai", "assumed-root", "session-token", "service-linked")
SETS = ("", "ForAllValues:", "ForAnyValue:")


def watch(counts: Counts) -> None:
    """Count the outcomes of statement elements, operators and caller kinds from now on."""
    for name in PARTS:
        wrap(statements, name, element_counter(counts, name))
    wrap(conditions, "one_test", lambda args, found: counts.update([("operator", operator(args[0]), found)]))
    wrap(
        chains,
        "decide",
        lambda args, found: counts.update(("caller", kind) for kind in kinds(args[0].caller)),
    )


def element_counter(counts: Counts, part: str) -> Callable[[Any, Any], None]:
    """Count the outcomes of one part of statements."""
    return lambda args, found: counts.update([("element", part, outcome(found))])


def wrap(module: Any, name: str, note: Callable[[Any, Any], None]) -> None:
    """Put a counter around a function of the oracle."""
    inner = getattr(module, name)

    def counted(*args: Any) -> Any:
        found = inner(*args)
        note(args, found)
        return found

    setattr(module, name, counted)


def outcome(found: Any) -> str:
    """Element results are bools, sets of bindings or words."""
    return found if isinstance(found, str) else "true" if found else "false"


def operator(written: str) -> str:
    """The canonical name with its modifiers."""
    quantifier, base, if_exists = split_operator(written)
    prefix = {"all": SETS[1], "any": SETS[2]}.get(quantifier or "", "")
    return f"{prefix}{base}{'IfExists' if if_exists else ''}"


def kinds(caller: Any) -> Iterable[str]:
    """The kinds of a caller."""
    yield "oai" if caller.is_oai else caller.kind
    if caller.assumed_root:
        yield "assumed-root"
    if caller.session_token:
        yield "session-token"
    if caller.is_service_linked:
        yield "service-linked"


# ---------------------------------------------------------------- report


def wanted() -> dict[str, list[tuple[str, ...]]]:
    """Everything that a run has to reach."""
    names = [
        f"{prefix}{base}{suffix}"
        for base in BASES.values()
        for prefix in SETS
        for suffix in ("", "IfExists")
        if not (base == "Null" and suffix)
    ]
    elements = [("element", part, each) for part in PARTS for each in ("true", "false")]
    return {
        "operator × modifier, both outcomes": [
            ("operator", name, each) for name in names for each in ("true", "false")
        ],
        "statement element, both outcomes": [*elements, ("element", "condition_part", "malformed")],
        "caller": [("caller", kind) for kind in KINDS_OF_CALLERS],
        "reason": [("reason", row.code) for row in REASONS],
    }


def report(counts: Counts) -> Iterable[str]:
    """One line for each kind of coverage, with what was not reached."""
    for title, rows in wanted().items():
        missing = [" ".join(row[1:]) for row in rows if not counts[row]]
        line = f"{title}: {len(rows) - len(missing)} of {len(rows)}"
        yield line + (f"; not reached: {', '.join(missing)}" if missing else "")
