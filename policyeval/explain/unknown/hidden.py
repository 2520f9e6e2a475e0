"""Which unknown keys does AWS look at without any condition? Services have rules of their own about some keys.

Nobody lists them: the steps of a request and the services' rules are run once with a context that
notes what is looked up, and with statements that look at nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from policyeval.authorizers.s3 import PUBLIC_ACLS
from policyeval.catalog.global_keys import Value
from policyeval.compiler import CompiledStatement, binding_of
from policyeval.context import Context, _NotGiven
from policyeval.decision import Layer
from policyeval.evaluation import decide
from policyeval.explain.unknown.cells import Wanted, wanted_glob, wanted_text
from policyeval.explain.unknown.readers import steps_of
from policyeval.language.patterns import glob
from policyeval.layers import StatementRun
from policyeval.matching.principals import Binding
from policyeval.plan import Outcome, trace
from policyeval.request import Request
from policyeval.settings import Settings
from policyeval.steps import Situation, Step

EVERY_KEY = "*"
_ENCRYPTION_CONTEXT = "kms:encryptioncontext:"


class WatchedContext(Context):
    """A context that notes the names of the keys that are looked up."""

    __slots__ = ("seen",)

    @classmethod
    def of(cls, context: Context, seen: set[str]) -> WatchedContext:
        """Watch a context."""
        made = cls()
        made._values, made._names, made._variants = context._values, context._names, context._variants
        made.plain = {}  # whatever is looked up goes through `get`
        made.seen = seen
        return made

    seen: set[str]

    def get(self, lower: str, written: str | None = None) -> Value | _NotGiven | None:
        """Look a key up, and note it."""
        self.seen.add(lower)
        return super().get(lower, written)

    def tag_keys(self, prefix: str) -> tuple[str, ...] | None:
        """Name the tags of a family, and note the family."""
        self.seen.add(prefix)
        return super().tag_keys(prefix)

    def items(self) -> Iterable[tuple[str, Value | None]]:
        """Give all keys, and note that."""
        self.seen.add(EVERY_KEY)
        return super().items()

    def merged(self, other: Context) -> Context:
        """Make a context that is watched, too."""
        return WatchedContext.of(super().merged(other), self.seen)


class _BlindRun(StatementRun):
    """A run whose statements look at the caller only; all of them apply, or none does."""

    __slots__ = ("_applying",)

    def __init__(self, step: Step, *, applying: bool) -> None:
        super().__init__(step.check, step.attached, step.resource_check)
        self._applying = applying

    def _applies(self, layer: Layer, statement: CompiledStatement) -> Outcome:
        trace(statement.principal, self.seen_by(layer))
        return self._applying and statement.is_allow

    def _binding(self, statement: CompiledStatement) -> Binding:
        found = Binding.NONE
        for way in statement.ways_to_name:
            trace(way, self.resource_check)
            found |= binding_of(way)
        return found if self._applying else Binding.NONE


def hidden_keys(situation: Situation, request: Request, unknown: Iterable[str]) -> frozenset[str]:
    """Name the unknown keys that are looked at besides by conditions and variables."""
    seen: set[str] = set()
    watched = request.changed(context=WatchedContext.of(request.context, seen))
    services = set()
    for step in steps_of(situation, watched):
        services.add(step.check.service)
        for applying in (True, False):
            decide(_BlindRun(step, applying=applying), step.rules)
    return frozenset(lower for lower in unknown if _is_seen(lower, seen, services))


def _is_seen(lower: str, seen: set[str], services: set[str]) -> bool:
    if lower in seen or any(name.endswith("/") and lower.startswith(name) for name in seen):
        return True
    return EVERY_KEY in seen and (lower.startswith(_ENCRYPTION_CONTEXT) or services != {"kms"})


_PRESENCE = (
    "aws:requesttag/", "aws:tagkeys", "sts:transitivetagkeys", "sts:requestcontextproviders", "sts:sourceidentity",
)  # fmt: skip


def compared_with(lower: str, situation: Situation, services: frozenset[str]) -> tuple[Wanted, ...] | None:
    """Name the texts that services compare a key with; None when that is not known."""
    settings = situation.policies.settings
    if lower.startswith(_PRESENCE):
        return (wanted_text(""),) if "sts" in services else ()  # only whether there is anything
    if lower == "aws:multifactorauthpresent":
        return (wanted_text("true", any_case=True),)
    if lower == "s3:x-amz-acl":
        return tuple(map(wanted_text, PUBLIC_ACLS))
    if lower == "aws:sourcevpc":
        return tuple(wanted_text(point.vpc) for point in settings.s3.access_points if point.vpc)
    if lower == "kms:resourcealiases":
        return (wanted_glob(glob("alias/aws/*")),)
    if lower == "kms:grantoperations":
        held = [operation for grant in settings.kms_grants for operation in grant.operations]
        return tuple(wanted_text(operation, any_case=True) for operation in held)
    if lower == "aws:sourcearn" or lower.startswith(_ENCRYPTION_CONTEXT):
        return tuple(_constraints(lower, settings))
    return None


def _constraints(lower: str, settings: Settings) -> Iterator[Wanted]:
    for kind, wanted in (pair for grant in settings.kms_grants for pair in grant.constraints):
        if kind == "SourceArn" and lower == "aws:sourcearn":
            yield wanted_text(str(wanted))
        elif isinstance(wanted, dict):
            name = lower.removeprefix(_ENCRYPTION_CONTEXT)
            yield from (wanted_text(str(text)) for key, text in wanted.items() if key.lower() == name)
