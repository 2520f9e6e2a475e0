"""Which resources does a statement cover? (SEMANTICS §3)"""

from __future__ import annotations

import re
from collections.abc import Iterator

from policyeval.language.model import Matcher
from policyeval.language.patterns import Glob, Token, Wildcard, ascii_lower, glob
from policyeval.language.policy_types import PolicyType, ShortArn
from policyeval.language.variables import Template, template
from policyeval.matching.remembered import Remembered
from policyeval.matching.variables import resolver, values_of
from policyeval.names import ResourceName
from policyeval.plan import All, Any_, Closure, Not, Outcome, Plan, Subject, Test, always, never
from policyeval.records import Record
from policyeval.request_context import Check
from policyeval.semantics import Semantics
from policyeval.source import Path

_NO_TAIL = Glob(())
_API_SHORT_FORM = "execute-api:/"
_ENDS_TYPE = re.compile("[/:]")


class ResourcePattern(Record):
    """An entry of Resource: four globs for partition to account, and one for the resource part (R-3).

    `tail` is a Glob, or a Template while it has variables. `after_api_id`: the tail is compared with
    what follows the API's id (APIGW-7).
    """

    text: str
    segments: tuple[Glob, ...] = ()
    tail: Glob | Template = _NO_TAIL
    is_everything: bool = False
    is_never: bool = False
    after_api_id: bool = False
    covers_all_buckets: bool = True
    has_literal_type: bool = False

    def resolved(self, check: Check) -> Glob | None:
        """Put the values of the variables into the resource part; None when one has no value (R-33)."""
        if isinstance(self.tail, Glob):
            return self.tail
        tokens = self.tail.resolve(resolver(check))
        if tokens is None:
            return None
        return Glob(_with_literal_type(tokens) if self.has_literal_type else tokens)

    def matches(self, resource: ResourceName, tail: Glob) -> bool:
        """Does the entry, its variables resolved to `tail`, match the resource?"""
        if self.is_everything:
            return True
        if resource.is_any_bucket:
            return self.covers_all_buckets and self._covers_all_buckets(tail)
        if resource.head is None or not all(
            part.matches(text) for part, text in zip(self.segments, resource.head.segments, strict=True)
        ):
            return False
        part = resource.part
        if self.after_api_id:
            _, slash, part = part.partition("/")
            return bool(slash) and tail.matches(f"/{part}")
        return tail.matches(part)

    @property
    def beginning(self) -> str | None:
        """The text that the canonical form of every matching ARN begins with; None when there is none.

        A pattern that can stand for all buckets has none: it also matches what is no ARN (D-5).
        """
        if self.is_everything or self.is_never or self.after_api_id or not self._is_literal_head:
            return None
        pieces = self.tail.pieces if isinstance(self.tail, Template) else self.tail.tokens
        literal = pieces[0] if pieces and isinstance(pieces[0], str) else ""
        if not literal and self._covers_all_buckets(Glob((Wildcard.ANY_RUN,))):
            return None
        return ":".join((*(part.text for part in self.segments), literal))

    @property
    def _is_literal_head(self) -> bool:
        return all(part.is_literal for part in self.segments)

    def _covers_all_buckets(self, tail: Glob) -> bool:
        """D-5: s3:ListAllMyBuckets is also granted on `arn:aws:s3:::*`."""
        _, service, region, account = self.segments
        return tail.is_everything and service.matches("s3") and region.matches("") and account.matches("")


class ResourceReading(Record):
    """The request's resource and the entry's resource part with its variables resolved; None when they cannot be."""

    resource: ResourceName
    tail: Glob | None


class ResourceRow(Record):
    """The resource of the request against one entry of Resource or NotResource."""

    name: str = "resource"
    rule: str = "R-3"
    can_be_malformed: bool = False

    def read(self, test: Test, check: Check) -> ResourceReading:
        """Take the resource, and resolve the entry's variables."""
        return ResourceReading(check.resource, test.operand.resolved(check))

    def holds(self, test: Test, reading: ResourceReading) -> Outcome:
        """Does the entry match? An unresolved variable matches nothing (R-33)."""
        pattern: ResourcePattern = test.operand
        if pattern.is_never or reading.tail is None:
            return False
        return pattern.matches(reading.resource, reading.tail)

    def closures(self, tests: tuple[Test, ...]) -> Iterator[Closure]:
        """Group the entries: whole ARNs, beginnings, the rest (DESIGN §7)."""
        exact, beginnings, others = [], [], []
        for test in tests:
            pattern: ResourcePattern = test.operand
            beginning = pattern.beginning
            if beginning is not None and isinstance(pattern.tail, Glob) and pattern.tail.is_literal:
                exact.append(beginning)
            elif beginning is not None and isinstance(pattern.tail, Glob) and pattern.tail.prefix is not None:
                beginnings.append(beginning)
            else:
                others.append(test)
        yield from _exact(tuple(exact))
        yield from _beginning(tuple(beginnings))
        yield from map(_one, others)


def _exact(texts: tuple[str, ...]) -> Iterator[Closure]:
    if len(texts) == 1:
        (text,) = texts
        yield lambda check: check.resource.canonical == text
    elif texts:
        listed = frozenset(texts)
        yield lambda check: check.resource.canonical in listed


def _beginning(texts: tuple[str, ...]) -> Iterator[Closure]:
    start = texts[0] if len(texts) == 1 else texts
    if texts:
        yield lambda check: check.resource.canonical.startswith(start)


def _one(test: Test) -> Closure:
    pattern: ResourcePattern = test.operand
    if pattern.is_everything or pattern.is_never:
        return always if pattern.is_everything else never
    if isinstance(pattern.tail, Template):
        return _with_variables(pattern, pattern.tail)
    tail = pattern.tail
    return lambda check: pattern.matches(check.resource, tail)


def _with_variables(pattern: ResourcePattern, tail: Template) -> Closure:
    """Resolve the variables once for each set of values (R-33)."""
    variables = values_of((tail,))
    known: Remembered[tuple[str | None, ...], Glob | None] = Remembered()

    def holds(check: Check) -> Outcome:
        values = variables(check)
        resolved = known[values] if values in known else known.put(values, pattern.resolved(check))
        return resolved is not None and pattern.matches(check.resource, resolved)

    return holds


class ResolvedRow(Record):
    """Are the variables of an entry resolved? (D-4, reading `peer`)"""

    name: str = "resolved"
    rule: str = "R-22"
    can_be_malformed: bool = False

    def read(self, test: Test, check: Check) -> ResourceReading:
        """Resolve the entry's variables."""
        return RESOURCE.read(test, check)

    def holds(self, _: Test, reading: ResourceReading) -> Outcome:
        """Could all be resolved?"""
        return reading.tail is not None


RESOURCE = ResourceRow()
RESOLVED = ResolvedRow()


def resource_pattern(
    text: str, type: PolicyType, *, variables: bool, semantics: Semantics
) -> ResourcePattern:
    """Compile an entry of Resource for a policy type."""
    if text and not text.strip("*"):
        return ResourcePattern(text, is_everything=True)
    if text.startswith(_API_SHORT_FORM) and type.layer == "resource":
        return _api_short_form(text, variables)
    parts = text.split(":", 5)
    if parts[0] != "arn" or len(parts) < 2:
        return ResourcePattern(text, is_never=True)
    if len(parts) < 6 and not _is_padded(parts, type.short_arn):
        return ResourcePattern(text, is_never=True)
    parts += ["*"] * (6 - len(parts))
    segments = tuple(glob(ascii_lower(part)) for part in parts[1:5])
    tail = _tail(parts[5], variables, semantics)
    return ResourcePattern(
        text, segments, tail, covers_all_buckets=semantics.d5 == "default",
        has_literal_type=semantics.strict_resource_type == "true",
    )  # fmt: skip


def _api_short_form(text: str, variables: bool) -> ResourcePattern:
    """APIGW-7: `execute-api:/stage/METHOD/path` means that path of the API at hand."""
    segments = (glob("*"), glob("execute-api"), glob("*"), glob("*"))
    rest = text.removeprefix("execute-api:")
    tail = template(rest, variables=variables, wildcards=True)
    return ResourcePattern(text, segments, tail if tail.variables else glob(rest), after_api_id=True)


def _is_padded(parts: list[str], rule: ShortArn) -> bool:
    """R-10: is a short ARN filled up with `*`?"""
    if rule is ShortArn.PADDED_IF_WILDCARD:
        return any("*" in part for part in parts)
    if rule is ShortArn.PADDED_IF_LAST_IS_WILDCARD:
        return parts[-1].endswith("*")
    return rule is ShortArn.PADDED


def _tail(text: str, variables: bool, semantics: Semantics) -> Glob | Template:
    parsed = template(text, variables=variables, wildcards=True)
    if parsed.variables:
        return parsed
    tokens: tuple[Token, ...] = parsed.resolve(lambda _: None) or ()
    return Glob(tokens if semantics.strict_resource_type == "false" else _with_literal_type(tokens))


def _with_literal_type(tokens: tuple[Token, ...]) -> tuple[Token, ...]:
    """R-6, option: wildcards in front of the first `/` or `:` are literal; a bare `*` stays one."""
    if all(token is Wildcard.ANY_RUN for token in tokens):
        return tokens
    texts = [token if isinstance(token, str) else token.value for token in tokens]
    first = next(
        (i for i, token in enumerate(tokens) if isinstance(token, str) and _ENDS_TYPE.search(token)), None
    )
    return tuple(texts) if first is None else (*texts[:first], *tokens[first:])


def lower_resources(
    matcher: Matcher, path: Path, type: PolicyType, *, variables: bool, semantics: Semantics
) -> Plan:
    """Lower Resource (any entry) or NotResource (none of the entries, R-20)."""
    at = (*path, "NotResource" if matcher.negated else "Resource")
    entries = tuple(
        Test((*at, index), Subject.RESOURCE, RESOURCE,
             resource_pattern(text, type, variables=variables, semantics=semantics))
        for index, text in enumerate(matcher.values.items)
    )  # fmt: skip
    listed = Any_(entries, at)
    if not matcher.negated:
        return listed
    if semantics.d4 == "peer":
        resolved = tuple(Test(entry.path, entry.about, RESOLVED, entry.operand) for entry in entries)
        return All((Not(listed, at), *resolved), at)
    return Not(listed, at)
