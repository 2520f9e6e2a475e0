"""What is a check? A code, a type, its words, its samples, and the function that finds it: a row of the table."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import Enum
from typing import TYPE_CHECKING, Any

from policyeval.records import Record
from policyeval.source import Path, Span

if TYPE_CHECKING:
    from policyeval.checks.subject import Subject

PAGE = "https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html"


class FindingType(Enum):
    """How much a finding weighs, as AWS's policy validation ranks them; the gravest first."""

    ERROR = "ERROR"
    SECURITY_WARNING = "SECURITY_WARNING"
    WARNING = "WARNING"
    SUGGESTION = "SUGGESTION"

    @property
    def rank(self) -> int:
        """Give 0 for the gravest."""
        return list(FindingType).index(self)

    @property
    def words(self) -> str:
        """Write the type as people do."""
        return self.value.lower().replace("_", " ")


ERROR, SECURITY_WARNING = FindingType.ERROR, FindingType.SECURITY_WARNING
WARNING, SUGGESTION = FindingType.WARNING, FindingType.SUGGESTION


class Origin(Enum):
    """Whose check it is."""

    AWS = "AWS"
    AWS_LATER = "AWS, newer than the public list of 2023"
    OURS = "policyeval"


OURS, LATER = Origin.OURS, Origin.AWS_LATER


class Change(Record):
    """One edit of the document: `replace` a value, `rename` a key, `remove` a member or item, add a `member`."""

    op: str
    path: Path
    value: Any = None
    key: str | None = None


class Fix(Record):
    """What mends a finding; `safe` when the policy surely means the same, or what was surely meant."""

    title: str
    changes: tuple[Change, ...]
    safe: bool = False


class Found(Record):
    """What a check function finds: a place, what is wrong there, and the way out.

    `part` narrows the place to characters of the text that stands there; `on_key` means the key of a
    member, not its value.
    """

    path: Path
    message: str
    help: str | None = None
    part: tuple[int, int] | None = None
    on_key: bool = False
    fix: Fix | None = None
    span: Span | None = None


Sample = dict[str, Any] | str
Run = Callable[["Subject"], Iterable[Found]]


class Check(Record):
    """A row: `bad` is a policy of the type `on` in which exactly this is found, at the text `mark`.

    A sample is a statement's elements that differ from an ordinary statement's, a whole document, or
    text. `layers` are those of the policy types that the check is about; empty means all. `default`:
    is it on unless it is asked for?
    """

    code: str
    type: FindingType
    title: str
    text: str
    run: Run
    bad: Sample
    mark: str
    good: Sample
    on: str = "identity"
    layers: tuple[str, ...] = ()
    origin: Origin = Origin.AWS
    default: bool = True

    @property
    def url(self) -> str:
        """Link to AWS's words, or to ours."""
        if self.origin is Origin.OURS:
            return f"docs/checks.md#{self.code.lower()}"
        kind = "general-warning" if self.type is WARNING else self.type.value.lower().replace("_", "-")
        return f"{PAGE}#access-analyzer-reference-policy-checks-{kind}-{self.code.lower().replace('_', '-')}"

    @property
    def sentence(self) -> str:
        """Write the title as a sentence; `iam:PassRole` keeps its small letter."""
        first, _, rest = self.title.partition(" ")
        return f"{first if ':' in first else first[:1].upper() + first[1:]} {rest}."

    def applies_to(self, layer: str) -> bool:
        """Is the check about policies of this layer?"""
        return not self.layers or layer in self.layers


def check(
    code: str,
    type: FindingType,
    title: str,
    text: str,
    *,
    bad: Sample,
    mark: str,
    good: Sample,
    on: str = "identity",
    layers: tuple[str, ...] = (),
    origin: Origin = Origin.AWS,
    default: bool = True,
) -> Callable[[Run], Check]:
    """Make the row of the function below."""
    return lambda run: Check(code, type, title, text, run, bad, mark, good, on, layers, origin, default)
